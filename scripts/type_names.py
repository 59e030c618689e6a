#!/usr/bin/python3
"""Finds types of src/ that are defined twice under one name.

Where both are in namespace nicohort, the program has one destructor for the two, without a word of compiler or linker.
"""

import collections
import pathlib
import re
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[1] / "src"
DEFINITION = re.compile(r"(?:struct|class|enum class|enum) (\w+)(?: final)?(?: : [^{;]*)? \{")  # not of A::B


def names_of(file):
    """Of its types outside of anonymous namespaces."""
    is_hidden = False
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if line in ("namespace {", "}  // namespace"):
            is_hidden = line == "namespace {"
        elif (found := DEFINITION.match(line)) and not is_hidden:
            yield found[1], f"{file.relative_to(SOURCE.parent)}:{number}"


def main():
    places = collections.defaultdict(list)
    for file in sorted(SOURCE.rglob("*.[ch]pp")):
        for name, place in names_of(file):
            places[name].append(place)
    if not places:
        sys.exit(f"{SOURCE}: no types were found")
    twice = {name: of_name for name, of_name in places.items() if len(of_name) > 1}
    for name, of_name in twice.items():
        print(f"{name} is defined at {' and '.join(of_name)}; give one another name")
    sys.exit(1 if twice else 0)


if __name__ == "__main__":
    main()
