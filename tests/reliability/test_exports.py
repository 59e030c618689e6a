"""An export that is stopped, or whose own list cannot be read: the next one goes on, and says no more than what is so."""

import errno

import pytest

from stages import contents, fault, leftovers

EXPORT = ["export", "--root_dir", "grouped", "--format", "monai", "--link", "copy", "--jobs", "1", "--output"]


@pytest.fixture
def dataset(nicohort, tmp_path):
    """The folder with a dataset in grouped/."""
    nicohort(["demo", ".", "--patients", "12", "--size", "48", "48", "16"], tmp_path)
    nicohort(["run", "--root_dir", "."], tmp_path)
    return tmp_path


def export(nicohort, folder, output, status=0, fault=None):
    """What it says on both streams."""
    running = nicohort.start([*EXPORT, output], folder, fault)
    said = "".join(running.communicate(timeout=60))
    assert running.returncode == status, said
    return said


@pytest.mark.parametrize("call, do, status", [("fsync", "signal 9", -9), ("write", f"error {errno.ENOSPC}", 3)])
@pytest.mark.parametrize("skip", [3, 20])
def test_the_next_export_does_not_call_an_interrupted_one_damaged(nicohort, dataset, call, do, status, skip):
    export(nicohort, dataset, "first")
    whole = contents(dataset / "first").keys()
    export(nicohort, dataset, "out", status, fault(call, do, "/out/", skip))
    assert "datalist.json" not in contents(dataset / "out")
    said = export(nicohort, dataset, "out")
    assert "48 images" in said and "missing" not in said and "damaged" not in said, said
    assert contents(dataset / "out").keys() == whole and not leftovers(dataset)
    assert "is up to date" in export(nicohort, dataset, "out")


def test_a_list_that_cannot_be_read_for_once_is_not_called_damaged(nicohort, dataset):
    export(nicohort, dataset, "out")
    before = contents(dataset / "out")
    said = export(nicohort, dataset, "out", 3, fault("read", f"error {errno.EIO}", "out/.nicohort_export.jsonl"))
    assert ".nicohort_export.jsonl" in said and "Input/output error" in said and "damaged" not in said
    assert contents(dataset / "out") == before
    assert "is up to date" in export(nicohort, dataset, "out")
