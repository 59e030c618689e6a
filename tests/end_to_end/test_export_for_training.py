"""What an export says to who trains: which subset is for what, what a channel is, which labels there are. Nothing is guessed in silence."""

import csv
import json
import shutil

import nibabel
import numpy as np
import openpyxl
import pytest
import yaml

import export_checks
from test_export import PIDS, RECIPE, export, make_archive, mask, nnunet, rows_of, run, save, volume

OFFICIAL = {**RECIPE, "splits": [
    {"name": "official", "by": "Set"},
    {"name": "named", "by": "Set", "values": {"train": ["Training"], "val": ["Validation"], "test": ["Test"]}},
    {"name": "sites", "leave_out": "Site"}, {"name": "cv", "folds": 3}, {"name": "s", "test_ratio": 0.25, "val_ratio": 0.34}]}


@pytest.fixture(scope="module")
def official(nicohort, tmp_path_factory):
    """An archive that says itself what is for training, and where each patient comes from."""
    root = tmp_path_factory.mktemp("official")
    make_archive(root)
    (root / "archive/patients.csv").write_text("PID,Set,Site\n" + "".join(
        f'"{pid}",{("Training", "Validation", "Test", "Training")[int(pid) % 4]},{"AB"[int(pid) % 2]}\n' for pid in PIDS))
    run(nicohort, root, OFFICIAL)
    return root / "grouped"


@pytest.mark.parametrize("kind, options", [("nnunet", ("--dataset_id", "42")), ("monai", ()), ("msd", ("--dataset_id", "42"))])
def test_subsets_of_other_names_are_no_folds(nicohort, official, tmp_path, kind, options):
    told = export(nicohort, official, kind, tmp_path / "out", "--split", "official", *options, status=2).stderr
    assert "--split official: has the subsets Test, Training, Validation; training needs train, val and test" in told
    assert "`values: {test: [Test], train: [Training], val: [Validation]}`" in told and not (tmp_path / "out").exists()
    export(nicohort, official, kind, tmp_path / "out", "--split", "named", *options)


def test_names_of_subsets_are_no_matter_to_tables(nicohort, official, tmp_path):
    said = export(nicohort, official, "csv", tmp_path / "out", "--split", "official").stdout
    assert {path.name for path in (tmp_path / "out").glob("*.csv")} == {f"official_{name}.csv" for name in ("Test", "Training", "Validation")}
    assert "are official_Test.csv, official_Training.csv, official_Validation.csv." in said
    export(nicohort, official, "bids", tmp_path / "bids", "--split", "official")
    assert export_checks.bids(tmp_path / "bids") == []


def test_what_a_split_left_out_in_turn_is_a_fold(nicohort, official, tmp_path):
    said = nnunet(nicohort, official, tmp_path / "raw", "--split", "sites").stdout
    assert "Split sites: A (fold 0): 4 samples of 4 patients, B (fold 1): 8 samples of 4 patients." in said
    folds = export_checks.nnunet_folds(tmp_path / "raw/nnUNet_preprocessed/Dataset042_Livers/splits_final.json")
    sites = {row["ID"]: row["sites"] for row in rows_of(official, "sites")}
    assert [{sites[ID] for ID in validation} for training, validation in folds] == [{"A"}, {"B"}]


def edited(official, tmp_path, sheet, change):
    book = openpyxl.load_workbook(official / "dataset_manifest.xlsx")
    change(book[sheet])
    book.save(tmp_path / "manifest.xlsx")
    return tmp_path / "manifest.xlsx"


def test_folds_by_hand_are_numbers(nicohort, official, tmp_path):
    """Not known to be folds in a manifest elsewhere, except by their names."""
    manifest = edited(official, tmp_path, "cv", lambda sheet: None)
    export(nicohort, official, "monai", tmp_path / "out", "--split", "cv", "--manifest_file", manifest)
    assert {case["fold"] for case in json.loads((tmp_path / "out/datalist.json").read_text())["training"]} == {0, 1, 2}
    told = export(nicohort, official, "monai", tmp_path / "out", "--split", "sites", "--manifest_file", manifest, status=2).stderr
    assert "has the subsets A, B; training needs train, val and test, or the folds 0, 1, … and test" in told and "values: {train: [A], test: [B]}" in told


def test_a_row_of_a_split_that_is_of_another_patient(nicohort, official, tmp_path):
    def change(sheet):
        header = [cell.value for cell in sheet[1]]
        sheet.cell(3, header.index("pid") + 1).value = "008"
    manifest = edited(official, tmp_path, "s", change)
    told = nnunet(nicohort, official, tmp_path / "raw", "--split", "s", "--manifest_file", manifest, status=2).stderr
    assert "worksheet s: row 3: the ID is `001_b`, but pid, scan make it `008_b`" in told


def test_an_empty_subset(nicohort, official, tmp_path):
    manifest = edited(official, tmp_path, "cv", lambda sheet: setattr(sheet.cell(2, 1), "value", None))
    told = nnunet(nicohort, official, tmp_path / "raw", "--split", "cv", "--manifest_file", manifest, status=2).stderr
    assert told.splitlines()[0] == "problem: 001_a: has no subset in the split cv; fill it in" and "1 problem" not in told
    assert "is in 0 and  of" not in told


def test_worksheets_that_are_no_split(nicohort, official, tmp_path):
    assert "--split CV: " in (told := nnunet(nicohort, official, tmp_path / "raw", "--split", "CV", status=2).stderr) and "did you mean cv?" in told
    sheet = openpyxl.load_workbook(official / "dataset_manifest.xlsx").sheetnames[0]
    assert f"--split {sheet}: this worksheet of " in (told := nnunet(nicohort, official, tmp_path / "raw", "--split", sheet, status=2).stderr)
    assert "is not a split" in told


def test_problems_come_in_the_order_of_samples(nicohort, official, tmp_path):
    shutil.copytree(official, tmp_path / "grouped")
    names = sorted(path.name for path in tmp_path.glob("grouped/0*"))
    for name in names:
        (tmp_path / f"grouped/{name}/{name}_mask.nii.gz").unlink()
    told = nnunet(nicohort, tmp_path / "grouped", tmp_path / "raw", status=2).stderr
    assert told.splitlines() == [*(
        f"problem: {name}/{name}_mask.nii.gz: is missing; restore it from a backup, or make the sample again with nicohort run" for name in names),
        f"nicohort: nothing was exported: correct the {len(names)} problems, which {tmp_path / 'raw.problems.csv'} lists"]
    nnunet(nicohort, official, tmp_path / "raw")
    assert not (tmp_path / "raw.problems.csv").exists()


def test_tables_name_only_files_that_are_there(nicohort, official, tmp_path):
    shutil.copytree(official, tmp_path / "grouped")
    (tmp_path / "grouped/001_a/001_a_mask_01_liver.nii.gz").unlink()
    assert "001_a_mask_01_liver.nii.gz: is missing" in export(nicohort, tmp_path / "grouped", "csv", tmp_path / "out", status=2).stderr
    nnunet(nicohort, tmp_path / "grouped", tmp_path / "raw")  # which has no use for it


@pytest.mark.parametrize("column, texts", [("patient", ["ward 1", "ward 2"]), ("pid", [])])
def test_tables_have_the_patient_whatever_the_archive_calls_so(nicohort, tmp_path, column, texts):
    recipe = {**PLAIN, "metadata": {"file": "wards.csv", "key": {"PID": "{pid}"}}}
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive/wards.csv").write_text(f"PID,{'patient' if texts else 'Ward'}\na,ward 1\nb,ward 2\n")
    export(nicohort, small(nicohort, tmp_path, recipe), "csv", tmp_path / "out")
    with open(tmp_path / "out/samples.csv", encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(text))
    assert [row["patient"] for row in rows] == ["a", "b"] and list(rows[0])[:2] == ["ID", "patient"]
    assert [row[f"{column}.1"] for row in rows if texts] == texts


def test_options_that_would_be_passed_over(nicohort, official, tmp_path):
    for kind, words, what in [("csv", ["--link", "copy"], "--link is of no use with --format csv"),
                              ("monai", ["--zero_copy", "--link", "hard"], "--link is of no use with --zero_copy"),
                              ("csv", ["--dataset_name", "x"], "--dataset_name is for --format "),
                              ("monai", ["--zero_copy", "--relabel"], "--zero_copy and --relabel exclude each other")]:
        assert what in export(nicohort, official, kind, tmp_path / "out", *words, status=2).stderr
    export(nicohort, official, "monai", tmp_path / "out", "--dataset_name", "Given")
    assert json.loads((tmp_path / "out/datalist.json").read_text())["name"] == "Given"


def small(nicohort, root, recipe, values=(1, 2, 3)):
    """Two patients; a channel each in a file of its name."""
    channels = recipe["volume"] if isinstance(recipe["volume"], dict) else {"volume": recipe["volume"]}
    for pid in "ab":
        for place, name in enumerate(channels):
            save(root / f"archive/{pid}/{name}.nii.gz", volume(ord(pid) * 10 + place))
        save(root / f"archive/{pid}/seg.nii.gz", mask(values))
    run(nicohort, root, recipe)
    return root / "grouped"


PLAIN = {"name": "Plain", "volume": "{pid}/volume.nii.gz", "mask": "{pid}/seg.nii.gz", "labels": {1: "edema", 2: "core", 3: "enh"}}


@pytest.mark.parametrize("more, warned", [
    ({}, "below -100 under the mask; if they are CT, add `intensity: {unit: HU}` to the recipe"),
    ({"intensity": {"unit": "HU"}}, None), ({"intensity": {"unit": "SUV"}}, None)])
def test_volumes_that_look_like_ct(nicohort, tmp_path, more, warned):
    grouped = small(nicohort, tmp_path, {**PLAIN, **more})
    for kind, options in (("nnunet", ("--dataset_id", "42")), ("monai", ()), ("msd", ("--dataset_id", "42"))):
        told = export(nicohort, grouped, kind, tmp_path / kind, *options).stderr
        assert (warned in told) if warned else told == ""
    is_ct = more == {"intensity": {"unit": "HU"}}
    assert json.loads((tmp_path / "nnunet/Dataset042_Plain/dataset.json").read_text())["channel_names"] == {"0": "CT" if is_ct else "volume"}
    assert yaml.safe_load((tmp_path / "monai/auto3dseg.yaml").read_text())["modality"] == ("CT" if is_ct else "MRI")


@pytest.mark.parametrize("names, given, modality, warns", [
    (("PET", "ct"), ["PET", "CT"], "MRI", False), (("CT_arterial", "CT_venous"), ["CT", "CT"], "CT", False), (("a", "b"), ["a", "b"], "MRI", True)])
def test_of_several_channels_the_name_says_which_is_ct(nicohort, tmp_path, names, given, modality, warns):
    recipe = {**PLAIN, "volume": {name: f"{{pid}}/{name}.nii.gz" for name in names}, "intensity": {"unit": "HU"}}
    grouped = small(nicohort, tmp_path, recipe)
    told = nnunet(nicohort, grouped, tmp_path / "raw").stderr
    assert list(json.loads((tmp_path / "raw/Dataset042_Plain/dataset.json").read_text())["channel_names"].values()) == given
    assert ("none of their channels is called CT" in told) == warns
    export(nicohort, grouped, "monai", tmp_path / "out")
    assert yaml.safe_load((tmp_path / "out/auto3dseg.yaml").read_text())["modality"] == modality


CROSSING = {"left": ["edema", "core"], "right": ["core", "enh"]}


@pytest.mark.parametrize("groups, warned, order", [
    (CROSSING, "the groups left and right overlap, but neither contains the other, so that enh and core cannot be told apart", [1, 2]),
    ({**CROSSING, "both": ["core"]}, None, [1, 3, 2]), ({"whole": ["edema", "core", "enh"], "tc": ["core", "enh"], "en": ["enh"]}, None, [1, 2, 3])])
def test_groups_that_cross(nicohort, tmp_path, groups, warned, order):
    grouped = small(nicohort, tmp_path, {**PLAIN, "intensity": {"unit": "HU"}, "groups": groups})
    told = nnunet(nicohort, grouped, tmp_path / "raw").stderr
    about = json.loads((tmp_path / "raw/Dataset042_Plain/dataset.json").read_text())
    assert about["regions_class_order"] == order
    if warned:
        assert warned in told and "such as `both: [core]`" in told
        return
    assert told == ""
    # Painted in this order, the regions of a mask give the mask again.
    drawn = np.asarray(nibabel.load(grouped / "a/a_mask.nii.gz").dataobj)
    painted = np.zeros_like(drawn)
    for (name, labels), value in zip(list(about["labels"].items())[1:], order):
        painted[np.isin(drawn, labels)] = value
    assert (painted == drawn).all()


def test_groups_that_do_not_overlap_are_told(nicohort, tmp_path):
    grouped = small(nicohort, tmp_path, {**PLAIN, "groups": {"whole": ["edema", "core"]}})
    assert "only groups that overlap become regions" in nnunet(nicohort, grouped, tmp_path / "raw").stdout


def test_a_label_that_nnunet_would_ignore_by_its_name(nicohort, tmp_path):
    grouped = small(nicohort, tmp_path, {**PLAIN, "labels": {1: "edema", 2: "ignore", 3: "enh"}})
    told = nnunet(nicohort, grouped, tmp_path / "raw", status=2).stderr
    assert "nnU-Net does not use voxels of a label `ignore` in training; give --ignore_label ignore if that is meant, else rename it" in told
    told = nnunet(nicohort, grouped, tmp_path / "raw", "--ignore_label", "enh", status=2).stderr
    assert "another label than `enh` is called `ignore`" in told
    nnunet(nicohort, grouped, tmp_path / "raw", "--ignore_label", "ignore", "--relabel")
    assert export_checks.nnunet(tmp_path / "raw/Dataset042_Plain") == []
    export(nicohort, grouped, "monai", tmp_path / "out")  # to which it is a label as others


@pytest.mark.parametrize("kind", ["nnunet", "monai"])
def test_without_a_split_no_patient_is_trained_with_and_tested_on(nicohort, tmp_path, kind):
    make_archive(tmp_path)
    (tmp_path / "archive/003_b_seg.nii.gz").unlink()  # of two scans
    (tmp_path / "archive/002_a_seg.nii.gz").unlink()  # the only one
    recipe = {**RECIPE, "splits": []}
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(recipe, sort_keys=False))
    nicohort("run", "--root_dir", tmp_path, "--recipe", tmp_path / "recipe.yaml", status=1)
    done = export(nicohort, tmp_path / "grouped", kind, tmp_path / "out", *(["--dataset_id", "42"] if kind == "nnunet" else []))
    assert "1 sample left out: it has no mask, and other samples of the patient are for training: 003_b." in done.stdout
    exported = {path.name[:5] for path in (tmp_path / "out").rglob("imagesTs/*.nii.gz")}
    assert exported == {"002_a"} and not list((tmp_path / "out").rglob("003_b*"))


def test_samples_that_were_rejected_are_not_exported_in_silence(nicohort, official, tmp_path):
    root = tmp_path / "copy"
    shutil.copytree(official, root / "grouped")
    (root / "descriptor").mkdir()
    book = openpyxl.Workbook()
    book.active.title = "Review"
    for row in (["ID", "verdict"], ["001_a", "reject"], ["001_b", "accept"], ["002_a", "reject"]):
        book.active.append(row)
    book.save(root / "descriptor/review.xlsx")
    for kind, options in (("nnunet", ["--dataset_id", "42"]), ("csv", [])):
        told = export(nicohort, root / "grouped", kind, tmp_path / kind, "--split", "named", *options).stderr
        assert "warning: 2 samples are exported though rejected in " in told and ": 001_a, 002_a; a split with exclude_rejected" in told
    book.active.append(["003_a", "perhaps"])
    book.save(root / "descriptor/review.xlsx")
    assert "it is not known whether" in export(nicohort, root / "grouped", "csv", tmp_path / "csv", "--split", "named").stderr
    book.active.title = "Verdicts"
    book.save(root / "descriptor/review.xlsx")
    assert "it is not known whether" in export(nicohort, root / "grouped", "csv", tmp_path / "csv", "--split", "named").stderr
