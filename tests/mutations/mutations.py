"""The mutations of mutations.txt."""

import dataclasses
import pathlib

PROJECT = pathlib.Path(__file__).resolve().parents[2]


@dataclasses.dataclass
class Mutation:
    """What is wrong then, and the words of the line that begins with `by`."""
    name: str
    file: str
    old: str
    new: str
    test: list

    def applied(self, text):
        """The text of the file with the mistake in it. Raises ValueError if it cannot be made."""
        if (times := text.count(self.old)) != 1:
            raise ValueError(f"{self.file} has the text {times} times, not once:\n{self.old}")
        return text.replace(self.old, self.new)


def read_mutations():
    text = (pathlib.Path(__file__).parent / "mutations.txt").read_text(encoding="utf-8")
    blocks = [block.splitlines() for block in text.strip().split("\n\n")]
    return [mutation_of(block) for block in blocks if not block[0].startswith("#")]


def mutation_of(lines):
    def behind(sign):
        return [line[len(sign):].removeprefix(" ") for line in lines[1:] if line.split(" ")[0] == sign]

    (file,), (test,) = behind("in"), behind("by")
    mutation = Mutation(lines[0], file, "\n".join(behind("-")), "\n".join(behind("+")), test.split())
    if len(behind("-")) + len(behind("+")) + 3 != len(lines) or not mutation.old:
        raise ValueError(f"mutations.txt: `{lines[0]}` has a line that is none of `in`, `-`, `+` and `by`")
    return mutation
