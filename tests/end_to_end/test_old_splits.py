"""A run that makes other splits than the one before leaves no list of patients that is no longer true, or says so."""

import os
import shutil
import zipfile

import openpyxl
import pandas
import pytest

import small_archive

RECIPE = """\
volume: "{pid}.nii.gz"
mask: "{pid}_seg.nii.gz"
parts: {pid: "[0-9]{3}"}
labels: {0: Bg, 1: liver}
splits:
  - {name: %s, test_ratio: 0.2, val_ratio: %s, random_seed: %d, subsets: %s}
"""
PIDS = [f"{i:03}" for i in range(1, 14)]
EACH = "[[train], [val], [test]]"


def run(nicohort, root, name="split01", val=0.25, seed=42, subsets=EACH, status=0, options=()):
    (root / "recipe.yaml").write_text(RECIPE % (name, val, seed, subsets))
    return nicohort("run", "--root_dir", root, "--recipe", root / "recipe.yaml", *options, status=status)


@pytest.fixture
def root(nicohort, tmp_path):
    """With a dataset, its split and three index manifests."""
    (tmp_path / "archive").mkdir()
    for pid in PIDS:
        small_archive.save_image(tmp_path / f"archive/{pid}.nii.gz")
        small_archive.save_image(tmp_path / f"archive/{pid}_seg.nii.gz", "m3d")
    run(nicohort, tmp_path)
    return tmp_path


def index_manifests(root, split="split01"):
    return sorted(path.name.removeprefix(f"{split}_") for path in (root / f"grouped/splits/{split}").iterdir())


def ids(path):
    return set(pandas.read_excel(path, dtype=str)["ID"])


def verify(nicohort, root, status=0):
    return nicohort("verify", "--root_dir", root / "grouped", status=status)


def test_an_index_manifest_that_the_recipe_makes_no_longer_is_removed(nicohort, root):
    old = ids(root / "grouped/splits/split01/split01_train.xlsx")
    done = run(nicohort, root, seed=5, subsets="[[train, val], [test]]")
    assert old & ids(root / "grouped/splits/split01/split01_test.xlsx"), "the draw is to be another one"
    assert index_manifests(root) == ["test.xlsx", "train_val.xlsx"]
    for name in ("train", "val"):
        assert f"split01_{name}.xlsx was removed: it no longer had the rows of the split split01" in done.stdout
    verify(nicohort, root)
    assert "split01_train.xlsx" not in (root / "grouped/.nicohort/SHA256SUMS").read_text()


def test_one_that_is_still_right_stays(nicohort, root):
    nicohort("extract_split_index_manifest", "--manifest_file", root / "grouped/dataset_manifest.xlsx", "--split_name", "split01",
             "--output_index_manifest_dir", root / "grouped/splits/split01", "--subsets", "train", "val", "--format", "csv")
    small_archive.save_image(root / "archive/020_seg.nii.gz", "m3d")  # a mask of nobody: the run is not the same
    run(nicohort, root, status=1)
    assert index_manifests(root) == ["test.xlsx", "train.xlsx", "train_val.csv", "val.xlsx"]


def test_one_that_was_edited_or_is_elsewhere_is_a_problem_and_stays(nicohort, root):
    edited, elsewhere = root / "grouped/splits/split01/split01_train.xlsx", root / "grouped/splits/split01_train.xlsx"
    book = openpyxl.load_workbook(edited)
    book["split01"]["A1"].comment = openpyxl.comments.Comment("mine", "me")
    book.save(edited)
    nicohort("extract_split_index_manifest", "--manifest_file", root / "grouped/dataset_manifest.xlsx", "--split_name", "split01",
             "--output_index_manifest_dir", root / "grouped/splits", "--subsets", "train")
    done = run(nicohort, root, seed=5, subsets="[[test]]", status=1)
    for file in (edited, elsewhere):
        assert f"{file}: does not have the rows of train in split01" in done.stderr and file.exists()
    assert index_manifests(root) == ["test.xlsx", "train.xlsx"]


def test_a_subset_without_rows_leaves_no_old_lists(nicohort, root):
    before = {name: ids(root / f"grouped/splits/split01/split01_{name}.xlsx") for name in ("train", "val", "test")}
    done = run(nicohort, root, val=0.01, seed=3, status=1)
    assert "split01 has no rows of this subset" in done.stderr and "no index manifest was written" in done.stderr
    sheet = pandas.read_excel(root / "grouped/dataset_manifest.xlsx", "split01", dtype=str)
    now = {name: set(sheet[sheet["split01"] == name]["ID"]) for name in before}
    assert index_manifests(root) == [f"{name}.xlsx" for name in ("test", "train", "val") if before[name] == now[name]]
    assert now["train"] != before["train"]
    verify(nicohort, root)


def test_a_split_that_the_recipe_has_no_longer_is_told_when_it_is_out_of_date(nicohort, root):
    assert "split01" not in run(nicohort, root, name="split02").stderr  # it is still true
    assert index_manifests(root) == ["test.xlsx", "train.xlsx", "val.xlsx"]
    gone = sorted(ids(root / "grouped/splits/split01/split01_train.xlsx"))[0]
    for path in (root / "archive").glob(f"{gone}*"):
        path.unlink()
    done = run(nicohort, root, name="split02", options=["--allow_removal"], status=1)
    assert f"problem: split01: was not made by this run, and 1 of its 13 rows is not in the manifest as it is now, that of {gone};" in done.stderr
    assert "split01" in run(nicohort, root, name="split02", status=1).stderr, "also when nothing has changed since"
    assert index_manifests(root) == ["test.xlsx", "train.xlsx", "val.xlsx"]
    shutil.rmtree(root / "grouped/splits/split01")
    book = openpyxl.load_workbook(root / "grouped/dataset_manifest.xlsx")
    del book["split01"]
    book.save(root / "grouped/dataset_manifest.xlsx")
    assert "split01" not in run(nicohort, root, name="split02").stderr, "what the message asks for has been done"


def test_make_split_names_the_index_manifests_of_the_split_before(nicohort, root):
    options = ["--manifest_file", root / "grouped/dataset_manifest.xlsx", "--split_name", "split01", "--test_ratio", 0.2, "--val_ratio", 0.25]
    assert "warning" not in nicohort("make_split", *options, "--random_seed", 42).stderr
    told = nicohort("make_split", *options, "--random_seed", 5).stderr
    for name in ("train", "val", "test"):
        assert f"warning: {root}/grouped/splits/split01/split01_{name}.xlsx: does not have the rows of {name} in split01" in told


def test_a_worksheet_that_cannot_be_read_is_a_problem_and_the_run_goes_on(nicohort, root):
    manifest = root / "grouped/dataset_manifest.xlsx"
    book = openpyxl.load_workbook(manifest)
    book.create_sheet("Notes").append(["Notes", 12345])
    book.save(manifest)
    whole = zipfile.ZipFile(manifest)
    with zipfile.ZipFile(root / "spoilt.xlsx", "w") as spoilt:
        for name in whole.namelist():
            spoilt.writestr(name, whole.read(name).replace(b"<v>12345</v>", b"<v>3,5</v>"))
    (root / "spoilt.xlsx").rename(manifest)
    for path in (root / "archive").glob("001*"):
        path.unlink()
    done = run(nicohort, root, status=1)
    assert f"{manifest}, worksheet Notes: row 1, column 2: \"3,5\" is not a number" in done.stderr
    assert "001" not in ids(manifest) and len(ids(manifest)) == 12


def test_nothing_is_removed_through_a_link(nicohort, root):
    outside = root / "outside"
    (root / "grouped/splits").rename(outside)
    os.symlink("../outside", root / "grouped/splits")
    assert "split01_train.xlsx: does not have the rows of train" in run(nicohort, root, seed=5, subsets="[[test]]", status=1).stderr
    assert (outside / "split01/split01_train.xlsx").exists()


def test_a_dataset_that_has_lost_all_its_samples_says_that_its_splits_are_old(nicohort, root):
    for image in (root / "archive").iterdir():
        image.unlink()
    (root / "archive/099.nii.gz").write_bytes(b"no image")
    done = run(nicohort, root, options=["--allow_removal"], status=1)
    assert "dataset_manifest.xlsx: has no samples, so no split was made" in done.stderr
    assert "problem: split01: was not made by this run, and 13 of its 13 rows are not in the manifest as it is now, for example" in done.stderr
