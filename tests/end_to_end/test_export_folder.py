"""An export that is there already, and whatever else is in its folder: what was changed is made again, what is of others stays."""

import json
import os
import re
import shutil

import pytest

from test_export import PIDS, RECIPE, export, make, make_archive, nnunet, rows_of, run

NAME = "Dataset042_Livers"


@pytest.fixture(scope="module")
def livers(nicohort, tmp_path_factory):
    """Not to be changed: `copied` is."""
    return make(nicohort, tmp_path_factory.mktemp("livers"))


@pytest.fixture
def copied(livers, tmp_path):
    shutil.copytree(livers.parent, tmp_path / "mine")
    return tmp_path / "mine/grouped"


def flip_byte(file):
    with open(file, "r+b") as stream:
        stream.seek(100)
        byte = stream.read(1)
        stream.seek(100)
        stream.write(bytes([byte[0] ^ 1]))


def test_a_label_that_was_changed_through_its_hard_link(nicohort, copied, tmp_path):
    nnunet(nicohort, copied, tmp_path / "raw", "--link", "hard")
    label = tmp_path / "raw" / NAME / "labelsTr/001_a.nii.gz"
    right = label.read_bytes()
    flip_byte(label)
    told = nnunet(nicohort, copied, tmp_path / "raw", "--link", "hard", status=2).stderr
    assert "001_a/001_a_mask.nii.gz: is not as it was written" in told
    run(nicohort, copied.parent)  # writes the dataset's file again, beside the exported one
    said = nnunet(nicohort, copied, tmp_path / "raw", "--link", "hard").stdout
    assert "24 images, of which 2 were written: 2 hard links." in said  # the volume was written with the mask
    assert "1 file was missing or had been changed in the export, and was made again." in said
    assert label.read_bytes() == right and os.path.samefile(label, copied / "001_a/001_a_mask.nii.gz")
    assert "is up to date" in nnunet(nicohort, copied, tmp_path / "raw", "--link", "hard").stdout


@pytest.mark.parametrize("damage", [flip_byte, lambda file: os.truncate(file, 50), os.unlink, lambda file: file.write_bytes(b"other")])
def test_a_copy_that_was_damaged(nicohort, livers, tmp_path, damage):
    nnunet(nicohort, livers, tmp_path / "raw", "--link", "copy")
    file = tmp_path / "raw" / NAME / "imagesTr/002_a_0000.nii.gz"
    damage(file)
    said = nnunet(nicohort, livers, tmp_path / "raw", "--link", "copy").stdout
    assert "of which 1 was written: 1 copy." in said and "1 file was missing or had been changed" in said
    assert file.read_bytes() == (livers / "002_a/002_a_volume.nii.gz").read_bytes()


def test_a_relabelled_mask_and_an_index_that_were_edited(nicohort, livers, tmp_path):
    options = ("--ignore_label", "liver", "--relabel")
    folder = tmp_path / "raw" / NAME
    assert "12 relabelled masks" in nnunet(nicohort, livers, tmp_path / "raw", *options).stdout
    files = [folder / "labelsTr/001_a.nii.gz", folder / "dataset.json"]
    before = [file.read_bytes() for file in files]
    flip_byte(files[0])
    files[1].write_text("{}")
    said = nnunet(nicohort, livers, tmp_path / "raw", *options).stdout
    assert "of which 1 was written: 1 relabelled mask." in said and "2 files were missing or had been changed" in said
    assert [file.read_bytes() for file in files] == before


def test_symbolic_links_into_another_dataset(nicohort, livers, copied, tmp_path):
    """As after the dataset was copied to another disk, or when somebody has turned a link."""
    nnunet(nicohort, livers, tmp_path / "raw", "--link", "symlink")
    said = nnunet(nicohort, copied, tmp_path / "raw", "--link", "symlink").stdout
    file = tmp_path / "raw" / NAME / "imagesTr/001_a_0000.nii.gz"
    assert "24 symbolic links" in said and os.path.realpath(file) == str((copied / "001_a/001_a_volume.nii.gz").resolve())
    file.unlink()
    file.symlink_to(copied / "002_a/002_a_volume.nii.gz")
    assert "1 file was missing or had been changed" in nnunet(nicohort, copied, tmp_path / "raw", "--link", "symlink").stdout
    assert os.path.realpath(file) == str((copied / "001_a/001_a_volume.nii.gz").resolve())


@pytest.fixture(scope="module")
def others(nicohort, tmp_path_factory):
    """Other patients."""
    recipe = {key: value for key, value in RECIPE.items() if key != "splits"}
    return make(nicohort, tmp_path_factory.mktemp("others"), recipe, ["101", "103"])


@pytest.mark.parametrize("kind, options", [("nnunet", ("--dataset_id", "42")), ("csv", ()), ("monai", ("--zero_copy",))])
def test_another_dataset_does_not_replace_an_export(nicohort, livers, others, tmp_path, kind, options):
    export(nicohort, livers, kind, tmp_path / "out", *options)
    files = {path: path.read_bytes() for path in tmp_path.joinpath("out").rglob("*") if path.is_file()}
    told = export(nicohort, others, kind, tmp_path / "out", *options, status=2).stderr
    assert "is an export of another dataset: none of its 12 samples is in this one; choose another folder" in told
    assert {path: path.read_bytes() for path in tmp_path.joinpath("out").rglob("*") if path.is_file()} == files


def test_files_of_others_are_not_taken_for_images(nicohort, livers, tmp_path):
    nnunet(nicohort, livers, tmp_path / "raw")
    folder = tmp_path / "raw" / NAME
    shutil.copy(folder / "imagesTr/001_a_0000.nii.gz", folder / "imagesTr/zz_0000.nii.gz")
    (folder / "notes.txt").write_text("mine")
    (folder / ".DS_Store").write_text("of a file manager")
    told = nnunet(nicohort, livers, tmp_path / "raw", status=2).stderr
    assert "has files that nicohort did not export: imagesTr/zz_0000.nii.gz, notes.txt; move them away" in told and ".DS" not in told
    (folder / "notes.txt").unlink()
    (folder / "imagesTr/zz_0000.nii.gz").unlink()
    assert "is up to date" in nnunet(nicohort, livers, tmp_path / "raw").stdout


def test_what_auto3dseg_writes_is_no_obstacle(nicohort, livers, tmp_path):
    export(nicohort, livers, "monai", tmp_path / "out")
    (tmp_path / "out/work_dir/segresnet_0").mkdir(parents=True)
    (tmp_path / "out/work_dir/segresnet_0/model.pt").write_text("weights")
    (tmp_path / "out/datastats.yaml").write_text("{}")
    assert "is up to date" in export(nicohort, livers, "monai", tmp_path / "out").stdout


def test_nothing_is_written_through_a_link_to_a_folder(nicohort, livers, tmp_path):
    nnunet(nicohort, livers, tmp_path / "raw", "--link", "copy")
    folder = tmp_path / "raw" / NAME
    (folder / "labelsTr").rename(tmp_path / "elsewhere")
    (folder / "labelsTr").symlink_to(tmp_path / "elsewhere")
    before = {path.name: path.read_bytes() for path in (tmp_path / "elsewhere").iterdir()}
    told = nnunet(nicohort, livers, tmp_path / "raw", "--link", "copy", "--ignore_label", "tumour", "--relabel", status=2).stderr
    assert "has a file that nicohort did not export: labelsTr" in told
    assert {path.name: path.read_bytes() for path in (tmp_path / "elsewhere").iterdir()} == before


@pytest.mark.parametrize("place, why", [
    ("mine/grouped/export", "is in the dataset"), ("mine/grouped", "is in the dataset"), ("mine/grouped/001_a", "is in the dataset"),
    ("mine/archive/export", "is in the archive"), ("link/export", "is in the dataset"), ("other/grouped/x/y", "is in the dataset")])
def test_exports_are_outside_of_datasets_and_archives(nicohort, copied, tmp_path, place, why):
    (tmp_path / "link").symlink_to(copied)
    (tmp_path / "other/grouped/.nicohort").mkdir(parents=True)
    before = {path for path in tmp_path.rglob("*")}
    for kind, options in (("csv", ()), ("nnunet", ("--dataset_id", "1"))):
        told = export(nicohort, copied, kind, tmp_path / place, *options, status=2).stderr
        assert f"--output {tmp_path / place}: {why} {tmp_path}" in told and "choose another folder" in told
    assert {path for path in tmp_path.rglob("*")} == before


def test_samples_that_move_to_another_subset_are_told(nicohort, copied, tmp_path):
    """More patients are drawn again: who was in test can be in train."""
    def subsets():
        return {case["ID"]: key for key in ("training", "validation", "test") for case in json.loads((tmp_path / "out/datalist.json").read_text())[key]}
    export(nicohort, copied, "monai", tmp_path / "out", "--split", "s")
    before = subsets()
    make_archive(copied.parent, [*PIDS, "010", "012"])
    run(nicohort, copied.parent)
    told = export(nicohort, copied, "monai", tmp_path / "out", "--split", "s").stderr
    moved = [ID for ID, subset in subsets().items() if before.get(ID, subset) != subset]
    assert moved and f"{len(moved)} samples are in another subset of the split s than in the export before" in told
    assert len(re.findall(f"({'|'.join(moved)}) from (train|val|test) to (train|val|test)", told)) >= 3 and "keep_sides" in told
    assert "another subset" not in export(nicohort, copied, "monai", tmp_path / "out", "--split", "s").stderr


@pytest.mark.parametrize("kind", ["monai", "csv"])
def test_samples_that_another_split_puts_into_test_are_told(nicohort, copied, tmp_path, kind):
    """s has train, val and test, cv folds and test: train and fold 1 are no move."""
    run(nicohort, copied.parent, {**RECIPE, "splits": [RECIPE["splits"][0], {**RECIPE["splits"][1], "random_seed": 3}]})
    in_test = {split: {row["ID"] for row in rows_of(copied, split) if row[split] == "test"} for split in ("s", "cv")}
    assert in_test["s"] != in_test["cv"]
    assert "another subset" not in export(nicohort, copied, kind, tmp_path / "out", "--split", "s").stderr
    told = export(nicohort, copied, kind, tmp_path / "out", "--split", "cv").stderr
    moved = in_test["s"] ^ in_test["cv"]
    assert f"{len(moved)} samples are in another subset than in the export before, which was of the split s (" in told
    assert set(re.findall(r"(\w+) from (?:train|val|test) to (?:test|\d)", told)) == moved
    assert re.search(f"[(]({'|'.join(in_test['cv'] - in_test['s'])}) from (train|val) to test", told), "those in test now come first"
    assert "Export each split into a folder of its own" in told and "keep_sides" not in told
    assert "another subset" not in export(nicohort, copied, kind, tmp_path / "out", "--split", "cv").stderr


def test_with_keep_sides_nobody_moves(nicohort, copied, tmp_path):
    recipe = {**RECIPE, "splits": [{**RECIPE["splits"][0], "keep_sides": True}]}
    export(nicohort, copied, "monai", tmp_path / "out", "--split", "s")
    make_archive(copied.parent, [*PIDS, "010", "012"])
    run(nicohort, copied.parent, recipe)
    assert "another subset" not in export(nicohort, copied, "monai", tmp_path / "out", "--split", "s").stderr


def test_folders_of_removed_samples_are_removed(nicohort, copied, tmp_path):
    export(nicohort, copied, "bids", tmp_path / "out")
    for file in copied.parent.glob("archive/002_*"):
        file.unlink()
    (copied.parent / "archive/patients.csv").write_text("PID,Sex\n" + "".join(f'"{pid}",F\n' for pid in PIDS if pid != "002"))
    run(nicohort, copied.parent)
    assert "removed" in export(nicohort, copied, "bids", tmp_path / "out").stdout
    assert not [path for path in tmp_path.joinpath("out").rglob("*") if "002" in path.name]


def test_an_export_that_cannot_be_written(nicohort, livers, tmp_path):
    if os.geteuid() == 0:
        place = "/proc/nicohort"  # where not even root makes folders
    else:
        (tmp_path / "closed").mkdir(mode=0o500)
        place = tmp_path / "closed/out"
    told = export(nicohort, livers, "csv", place, status=3).stderr
    assert f"cannot make the folder {place}: " in told and "run the same command again" in told


def test_hard_links_to_another_disk_say_why_there_are_none(nicohort, livers, tmp_path):
    other = "/dev/shm" if os.stat(livers).st_dev != os.stat("/dev/shm").st_dev else "/var/tmp"
    if os.stat(other).st_dev == os.stat(livers).st_dev:
        pytest.skip("there is one disk only")
    place = tmp_path.joinpath(other, f"nicohort-{os.getpid()}")
    try:
        told = nnunet(nicohort, livers, place, "--link", "hard", status=2).stderr
        assert "cannot be a hard link of" in told and "the export is on another disk than the dataset" in told
    finally:
        shutil.rmtree(place, ignore_errors=True)
