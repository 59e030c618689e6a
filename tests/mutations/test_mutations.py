"""Every mutation can still be made, and its test is there; whether it is noticed `./dev mutate` says."""

import pytest

from mutations import PROJECT, read_mutations

MUTATIONS = read_mutations()


@pytest.mark.parametrize("mutation", MUTATIONS, ids=[mutation.name for mutation in MUTATIONS])
def test_can_be_made(mutation):
    text = (PROJECT / mutation.file).read_text(encoding="utf-8")
    assert mutation.applied(text) != text
    where, *names = mutation.test
    if where.endswith("_test"):
        [name] = names
        tests = "".join(file.read_text(encoding="utf-8") for file in (PROJECT / "tests" / where.removesuffix("_test")).glob("*_test.cpp"))
        assert all(part in tests for part in name.replace("*", "").split(".")), f"{where} has no test {name}"
    else:
        file, _, name = where.partition("::")
        assert f"def {name.partition('[')[0]}(" in (PROJECT / file).read_text(encoding="utf-8")


def test_names_differ():
    assert len({mutation.name for mutation in MUTATIONS}) == len(MUTATIONS)
