"""SPEC 7: a dataset in the form that training frameworks read, checked by the rules of each format."""

import csv
import json
import os
import re
import shutil

import nibabel
import numpy as np
import openpyxl
import pytest
import yaml

import export_checks
from small_archive import AFFINE
from test_shared_archives import RECIPES, SHARED, archives  # noqa: F401

SPLITS = [{"name": "s", "test_ratio": 0.25, "val_ratio": 0.34}, {"name": "cv", "test_ratio": 0.25, "folds": 3}]
RECIPE = {"name": "Livers", "volume": "{pid}_{scan}_ct.nii.gz", "mask": "{pid}_{scan}_seg.nii.gz",
          "parts": {"pid": "[0-9]+", "scan": "[ab]"}, "intensity": {"unit": "HU", "window": [-100, 200]},
          "labels": {0: "Bg", 1: "liver", 2: "tumour"}, "metadata": {"file": "patients.csv", "key": {"PID": "{pid}"}}, "splits": SPLITS}
PIDS = [f"{number:03d}" for number in range(1, 9)]


def save(path, values):
    path.parent.mkdir(parents=True, exist_ok=True)
    nibabel.save(nibabel.Nifti1Image(values, AFFINE), path)


def volume(seed, size=(8, 7, 3)):
    return np.random.default_rng(seed).integers(-200, 300, size).astype(np.int16)


def mask(values=(1, 2), size=(8, 7, 3)):
    labels = np.zeros(size, np.uint8)
    for place, value in enumerate(values):
        labels[2 * place:2 * place + 2, 1:4] = value
    return labels


def make_archive(root, pids=PIDS, values=(1, 2)):
    for pid in pids:
        for scan in "ab" if int(pid) % 2 else "a":
            save(root / f"archive/{pid}_{scan}_ct.nii.gz", volume(int(pid) * 2 + (scan == "b")))
            save(root / f"archive/{pid}_{scan}_seg.nii.gz", mask(values))
    (root / "archive/patients.csv").write_text("PID,Sex\n" + "".join(f'"{pid}",{"FM"[int(pid) % 2]}\n' for pid in pids))


def make(nicohort, root, recipe=RECIPE, pids=PIDS, values=(1, 2)):
    make_archive(root, pids, values)
    run(nicohort, root, recipe)
    return root / "grouped"


def run(nicohort, root, recipe=RECIPE):
    (root / "recipe.yaml").write_text(yaml.safe_dump(recipe, sort_keys=False))
    nicohort("run", "--root_dir", root, "--recipe", root / "recipe.yaml")


@pytest.fixture
def livers(nicohort, tmp_path):
    return make(nicohort, tmp_path)


def export(nicohort, grouped, kind, output, *options, status=0):
    return nicohort("export", "--root_dir", grouped, "--format", kind, "--output", output, *options, status=status)


def nnunet(nicohort, grouped, output, *options, **more):
    return export(nicohort, grouped, "nnunet", output, "--dataset_id", "42", *options, **more)


def rows_of(grouped, sheet):
    header, *rows = openpyxl.load_workbook(grouped / "dataset_manifest.xlsx")[sheet].values
    return [dict(zip(header, row)) for row in rows]


def state(folder):
    return {path.relative_to(folder): (path.lstat().st_ino, path.lstat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}


def test_nnunet(nicohort, livers, tmp_path):
    said = nnunet(nicohort, livers, tmp_path / "raw", "--split", "s").stdout
    folder, folds = tmp_path / "raw/Dataset042_Livers", tmp_path / "raw/nnUNet_preprocessed/Dataset042_Livers/splits_final.json"
    assert export_checks.nnunet(folder, folds) == []
    about = json.loads((folder / "dataset.json").read_text())
    assert about["channel_names"] == {"0": "CT"} and about["labels"] == {"background": 0, "liver": 1, "tumour": 2}
    sides = {row["ID"]: row["s"] for row in rows_of(livers, "s")}
    fold, = json.loads(folds.read_text())
    assert fold == {side: sorted(ID for ID, of in sides.items() if of == side) for side in ("train", "val")}
    for ID, side in sides.items():
        subset = "Ts" if side == "test" else "Tr"
        assert (folder / f"images{subset}/{ID}_0000.nii.gz").read_bytes() == (livers / ID / f"{ID}_volume.nii.gz").read_bytes()
        assert (folder / f"labels{subset}/{ID}.nii.gz").read_bytes() == (livers / ID / f"{ID}_mask.nii.gz").read_bytes()
    assert f"{2 * len(sides)} images: " in said and "link" in said
    assert f"Its folds are in {folds}" in said and f"export nnUNet_raw={tmp_path / 'raw'}" in said
    assert "No problems" in nicohort("verify", "--root_dir", livers).stdout


def test_folds_keep_patients_together(nicohort, livers, tmp_path):
    nnunet(nicohort, livers, tmp_path / "raw", "--split", "cv")
    file = tmp_path / "raw/nnUNet_preprocessed/Dataset042_Livers/splits_final.json"
    assert export_checks.nnunet(tmp_path / "raw/Dataset042_Livers", file) == []
    folds = export_checks.nnunet_folds(file)
    patient_of = {row["ID"]: row["pid"] for row in rows_of(livers, "cv")}
    training, test = ([row["ID"] for row in rows_of(livers, "cv") if (row["cv"] == "test") == is_test] for is_test in (False, True))
    assert len(folds) == 3 and test and export_checks.patients_apart(patient_of, folds, training, test) == []
    export(nicohort, livers, "monai", tmp_path / "monai", "--split", "cv")
    assert export_checks.monai(tmp_path / "monai") == []
    listed = json.loads((tmp_path / "monai/datalist.json").read_text())
    assert {case["ID"]: case["fold"] for case in listed["training"]} == {
        row["ID"]: row["cv"] for row in rows_of(livers, "cv") if row["cv"] != "test"}
    assert [case["ID"] for case in listed["test"]] == test


def test_without_a_split_folds_by_case_are_told(nicohort, livers, tmp_path):
    told = nnunet(nicohort, livers, tmp_path / "raw").stderr
    assert "nnU-Net will draw its folds by case, and a patient with several scans can be in training and validation" in told
    assert export_checks.nnunet(tmp_path / "raw/Dataset042_Livers") == []
    assert [path.name for path in (tmp_path / "raw/nnUNet_preprocessed/Dataset042_Livers").iterdir()] == ["dataset_fingerprint.json"]


def test_again_it_does_nothing_and_then_only_what_has_changed(nicohort, livers, tmp_path):
    folder = tmp_path / "raw/Dataset042_Livers"
    nnunet(nicohort, livers, tmp_path / "raw", "--split", "cv")
    before = state(tmp_path / "raw")
    assert "is up to date" in nnunet(nicohort, livers, tmp_path / "raw", "--split", "cv").stdout
    assert state(tmp_path / "raw") == before
    make_archive(tmp_path, [*PIDS, "010"])
    run(nicohort, tmp_path)
    said = nnunet(nicohort, livers, tmp_path / "raw", "--split", "cv").stdout
    after = state(tmp_path / "raw")
    side, = (str(row["cv"]) for row in rows_of(livers, "cv") if row["pid"] == "010")
    moved = {path for path in before if path not in after}  # of patients between training and test
    assert all(after[path] == before[path] for path in before if path in after and path.suffix == ".gz")
    assert any("010_a" in path.name for path in after) and ("removed" in said) == bool(moved), side
    assert export_checks.nnunet(folder, tmp_path / "raw/nnUNet_preprocessed/Dataset042_Livers/splits_final.json") == []


def test_what_is_missing_is_put_back(nicohort, livers, tmp_path):
    nnunet(nicohort, livers, tmp_path / "raw", "--split", "s")
    folder = tmp_path / "raw/Dataset042_Livers"
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    next(iter(sorted(folder.glob("imagesTr/*")))).unlink()
    (folder / "dataset.json").unlink()
    nnunet(nicohort, livers, tmp_path / "raw", "--split", "s")
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("link, is_right", [
    ("hard", lambda file, source: file.stat().st_ino == source.stat().st_ino and not file.is_symlink()),
    ("symlink", lambda file, source: file.is_symlink() and os.path.samefile(file, source)),
    ("copy", lambda file, source: file.stat().st_ino != source.stat().st_ino and not file.is_symlink()),
])
def test_links(nicohort, livers, tmp_path, link, is_right):
    nnunet(nicohort, livers, tmp_path / "raw", "--link", "symlink" if link == "copy" else "copy")  # and then the other kind
    nnunet(nicohort, livers, tmp_path / "raw", "--link", link)
    folder = tmp_path / "raw/Dataset042_Livers"
    for file in folder.glob("imagesTr/*"):
        ID = file.name[:5]
        assert is_right(file, livers / ID / f"{ID}_volume.nii.gz")
    assert export_checks.nnunet(folder) == []
    assert (livers / "001_a/001_a_volume.nii.gz").is_file() and not (livers / "001_a/001_a_volume.nii.gz").is_symlink()


def test_the_dataset_survives_what_is_exported_over_links(nicohort, livers, tmp_path):
    """A mask with new numbers does not go through a link into the dataset."""
    recipe = {**RECIPE, "labels": {0: "Bg", 1: "liver", 3: "tumour"}}
    shutil.rmtree(tmp_path / "archive")
    make_archive(tmp_path, values=(1, 3))
    run(nicohort, tmp_path, recipe)
    export(nicohort, livers, "bids", tmp_path / "out")
    told = nnunet(nicohort, livers, tmp_path / "raw", status=2).stderr
    assert "labels: the labels are 1, 3, but have to be 1 to 2; --relabel writes masks with new numbers" in told
    assert not (tmp_path / "raw").exists()
    nnunet(nicohort, livers, tmp_path / "raw", "--relabel")
    folder = tmp_path / "raw/Dataset042_Livers"
    assert export_checks.nnunet(folder) == []
    for file in folder.glob("labelsTr/*"):
        drawn, given = (np.asarray(nibabel.load(path).dataobj) for path in (livers / file.name[:5] / f"{file.name[:5]}_mask.nii.gz", file))
        assert set(np.unique(drawn)) == {0, 1, 3} and (given == np.where(drawn == 3, 2, drawn)).all()
    assert "No problems" in nicohort("verify", "--root_dir", livers).stdout


def test_a_label_to_be_ignored(nicohort, livers, tmp_path):
    nnunet(nicohort, livers, tmp_path / "raw", "--ignore_label", "tumour")
    folder = tmp_path / "raw/Dataset042_Livers"
    assert json.loads((folder / "dataset.json").read_text())["labels"] == {"background": 0, "liver": 1, "ignore": 2}
    assert export_checks.nnunet(folder) == []


def test_zero_copy(nicohort, livers, tmp_path):
    nnunet(nicohort, livers, tmp_path / "raw", "--split", "s", "--zero_copy")
    folder = tmp_path / "raw/Dataset042_Livers"
    assert export_checks.nnunet(folder, tmp_path / "raw/nnUNet_preprocessed/Dataset042_Livers/splits_final.json") == []
    assert not list(folder.rglob("*.nii.gz"))
    cases = json.loads((folder / "dataset.json").read_text())["dataset"]
    assert set(cases) == {row["ID"] for row in rows_of(livers, "s") if row["s"] != "test"}


def test_monai(nicohort, livers, tmp_path):
    export(nicohort, livers, "monai", tmp_path / "out", "--split", "s")
    assert export_checks.monai(tmp_path / "out") == []
    folds, training, test = export_checks.monai_sets(tmp_path / "out")
    assert training and test
    assert yaml.safe_load((tmp_path / "out/auto3dseg.yaml").read_text())["class_names"] == ["liver", "tumour"]
    shutil.move(tmp_path / "out", tmp_path / "elsewhere")
    assert export_checks.monai(tmp_path / "elsewhere") == []


def test_msd(nicohort, livers, tmp_path):
    told = export(nicohort, livers, "msd", tmp_path / "out", "--split", "s", "--dataset_id", "7")
    assert "has no validation subset" in told.stderr and "masks of test samples left out" in told.stdout
    assert export_checks.msd(tmp_path / "out/Task07_Livers") == []


def test_bids(nicohort, livers, tmp_path):
    export(nicohort, livers, "bids", tmp_path / "out", "--split", "s")
    assert export_checks.bids(tmp_path / "out") == []
    assert (tmp_path / "out/sub-001/ses-b/ct/sub-001_ses-b_ct.nii.gz").read_bytes() == (livers / "001_b/001_b_volume.nii.gz").read_bytes()
    with open(tmp_path / "out/participants.tsv", encoding="utf-8", newline="") as file:
        participants = list(csv.DictReader(file, delimiter="\t"))
    assert [(row["participant_id"], row["patient"], row["Sex"]) for row in participants] == [
        (f"sub-{pid}", pid, "FM"[int(pid) % 2]) for pid in PIDS]
    about = json.loads((tmp_path / "out/participants.json").read_text())
    assert about["s"]["Description"] == "Subset of the split s" and about["Sex"]["Description"] == "Sex, from the archive"
    assert json.loads((tmp_path / "out/sub-001/sub-001_sessions.json").read_text()) == {"scan": {"Description": "scan, from the archive"}}
    assert all("Manual" not in path.read_text() for path in tmp_path.glob("out/derivatives/nicohort/**/*.json"))


@pytest.fixture(scope="module")
def nameless(nicohort, tmp_path_factory):
    """Volumes of which the recipe does not say what they are."""
    root = tmp_path_factory.mktemp("nameless")
    return make(nicohort, root, {key: value for key, value in RECIPE.items() if key != "intensity"})


@pytest.mark.parametrize("suffix, file", [("T1w", "anat/sub-002_ses-a_T1w"), ("T2starw", "anat/sub-002_ses-a_T2starw"),
                                          ("T1rho", "anat/sub-002_ses-a_T1rho"), ("ct", "ct/sub-002_ses-a_ct"), ("pet", "pet/sub-002_ses-a_pet")])
def test_bids_suffix(nicohort, nameless, tmp_path, suffix, file):
    told = export(nicohort, nameless, "bids", tmp_path / "out", "--bids_suffix", suffix).stderr
    assert export_checks.bids(tmp_path / "out") == [] and (tmp_path / f"out/sub-002/ses-a/{file}.nii.gz").is_file()
    assert (f"write it into {tmp_path / 'out/pet.json'}, which nicohort will not touch" in told) == (suffix == "pet")


def test_what_others_put_into_a_bids_dataset_stays(nicohort, nameless, tmp_path):
    export(nicohort, nameless, "bids", tmp_path / "out", "--bids_suffix", "pet")
    (tmp_path / "out/pet.json").write_text('{"TracerName": "FDG"}')
    (tmp_path / "out/derivatives/other").mkdir()
    (tmp_path / "out/derivatives/other/result.txt").write_text("1")
    again = export(nicohort, nameless, "bids", tmp_path / "out", "--bids_suffix", "pet")
    assert "is up to date" in again.stdout and again.stderr == "" and "FDG" in (tmp_path / "out/pet.json").read_text()


@pytest.mark.parametrize("suffix", ["foo", "T1w/..", "t1w", "bold"])
def test_suffixes_that_bids_has_not(nicohort, nameless, tmp_path, suffix):
    told = export(nicohort, nameless, "bids", tmp_path / "out", "--bids_suffix", suffix, status=2).stderr
    assert f"--bids_suffix {suffix}: BIDS has no such suffix; " in told and not (tmp_path / "out").exists()


def test_a_suffix_of_no_use(nicohort, livers, tmp_path):
    told = export(nicohort, livers, "bids", tmp_path / "out", "--bids_suffix", "T1w", status=2).stderr
    assert "--bids_suffix T1w: is of no use here, where the volumes are in HU, that is CT" in told


def test_bids_has_a_session_for_a_scan_without_a_name(nicohort, tmp_path):
    """As others have sessions, whose tables say what is known of each scan."""
    for seed, name in enumerate(("001_a", "001_b", "002")):
        save(tmp_path / f"archive/{name}_ct.nii.gz", volume(seed))
        save(tmp_path / f"archive/{name}_seg.nii.gz", mask())
    recipe = {**RECIPE, "volume": "{pid}[_{scan}]_ct.nii.gz", "mask": "{pid}[_{scan}]_seg.nii.gz"}
    run(nicohort, tmp_path, {key: value for key, value in recipe.items() if key not in ("metadata", "splits")})
    export(nicohort, tmp_path / "grouped", "bids", tmp_path / "out")
    assert export_checks.bids(tmp_path / "out") == []
    assert (tmp_path / "out/sub-002/sub-002_sessions.tsv").read_text() == "session_id\tscan\nses-1\tn/a\n"


def test_csv(nicohort, livers, tmp_path):
    export(nicohort, livers, "csv", tmp_path / "out", "--split", "s")
    rows = {}
    for file in (tmp_path / "out").glob("*.csv"):
        assert export_checks.flat_csv(file) == []
        with open(file, encoding="utf-8", newline="") as text:
            for row in csv.DictReader(text):
                rows[row["ID"]] = row
                assert file.name == f"s_{row['s']}.csv"
                assert os.path.samefile(tmp_path / "out" / row["mask"], livers / row["ID"] / f"{row['ID']}_mask.nii.gz")
    assert {ID: (row["s"], row["pid"], row["Sex"]) for ID, row in rows.items()} == {
        row["ID"]: (row["s"], row["pid"], row["Sex"]) for row in rows_of(livers, "s")}
    export(nicohort, livers, "csv", tmp_path / "absolute", "--absolute_paths")
    with open(tmp_path / "absolute/samples.csv", encoding="utf-8", newline="") as text:
        assert {row["volume"] for row in csv.DictReader(text)} == {str(path) for path in livers.rglob("*_volume.nii.gz")}


def test_all_findings_at_once_and_nothing_is_written(nicohort, livers, tmp_path):
    with open(livers / "002_a/002_a_volume.nii.gz", "ab") as file:
        file.write(b"more")
    (livers / "004_a/004_a_info.yaml").write_text("ID: 004_a\n")
    told = nnunet(nicohort, livers, tmp_path / "raw", "--ignore_label", "livr", status=2).stderr
    assert "002_a/002_a_volume.nii.gz: is not as it was written" in told
    assert "004_a/004_a_info.yaml" in told and "did you mean `liver`?" in told
    table = tmp_path / "raw.problems.csv"
    assert f"nothing was exported: correct the 3 problems, which {table} lists" in told and not (tmp_path / "raw").exists()
    with open(table, encoding="utf-8", newline="") as text:
        assert [row["subject"] for row in csv.DictReader(text)] == ["002_a/002_a_volume.nii.gz", "004_a/004_a_info.yaml", "labels"]
    assert [problem["subject"] for problem in json.loads(nnunet(
        nicohort, livers, tmp_path / "raw", "--ignore_label", "livr", "--json", status=2).stdout)["problems"]][-1] == "labels"


def test_a_patient_in_two_subsets(nicohort, livers, tmp_path):
    book = openpyxl.load_workbook(livers / "dataset_manifest.xlsx")
    sheet = book["s"]
    header = [cell.value for cell in sheet[1]]
    row = next(row for row in sheet.iter_rows(min_row=2) if row[header.index("ID")].value == "001_b")
    side = row[header.index("s")].value
    row[header.index("s")].value = "test" if side != "test" else "train"
    book.save(livers / "dataset_manifest.xlsx")
    told = nnunet(nicohort, livers, tmp_path / "raw", "--split", "s", status=2).stderr
    assert "(001_b)" in re.search("problem: 001: is in (.*) of the split s; put all samples of the patient into one subset", told)[1]
    assert not (tmp_path / "raw").exists()


def test_one_scan_of_two_patients(nicohort, tmp_path):
    make_archive(tmp_path)
    save(tmp_path / "archive/004_a_ct.nii.gz", volume(4))  # patient 002's
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(RECIPE, sort_keys=False))
    nicohort("run", "--root_dir", tmp_path, "--recipe", tmp_path / "recipe.yaml", status=1)
    told = nnunet(nicohort, tmp_path / "grouped", tmp_path / "raw", status=2).stderr
    assert "002_a: has the same voxel values as 004_a" in told


def test_a_sample_for_training_without_a_mask(nicohort, tmp_path):
    make_archive(tmp_path)
    (tmp_path / "archive/002_a_seg.nii.gz").unlink()
    recipe = {**RECIPE, "no_mask": {"pid": "002"}, "splits": [{"name": "s", "test_ratio": 0, "val_ratio": 0.5}]}
    run(nicohort, tmp_path, recipe)
    told = nnunet(nicohort, tmp_path / "grouped", tmp_path / "raw", "--split", "s", status=2).stderr
    assert "002_a: is in the subset " in told and "but has no mask" in told
    nnunet(nicohort, tmp_path / "grouped", tmp_path / "raw")  # without a split it is a test case
    assert [path.name for path in (tmp_path / "raw/Dataset042_Livers/imagesTs").iterdir()] == ["002_a_0000.nii.gz"]


def test_folders_that_are_something_else(nicohort, livers, tmp_path):
    export(nicohort, livers, "monai", tmp_path / "out")
    assert "is another export (monai)" in export(nicohort, livers, "bids", tmp_path / "out", status=2).stderr
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.docx").write_text("three years")
    told = export(nicohort, livers, "csv", tmp_path / "mine", status=2).stderr
    assert "mine is not empty, and no export of nicohort: it has thesis.docx; choose another folder" in told
    assert "thesis.docx: is not a folder" in export(nicohort, livers, "csv", tmp_path / "mine/thesis.docx", status=2).stderr
    (tmp_path / "raw/Dataset042_Other").mkdir(parents=True)
    assert "the number 42 is taken by Dataset042_Other" in nnunet(nicohort, livers, tmp_path / "raw", status=2).stderr


def test_an_export_that_names_files_of_others(nicohort, livers, tmp_path):
    export(nicohort, livers, "csv", tmp_path / "out")
    (tmp_path / "precious").write_text("data")
    own = tmp_path / "out/.nicohort_export.jsonl"
    about, *lines = own.read_text().splitlines()
    about = json.loads(about)
    about["files"] += 1
    own.write_text("\n".join([json.dumps(about), *lines, '{"file": "../precious"}', ""]))
    assert "names files outside of its folder" in export(nicohort, livers, "csv", tmp_path / "out", status=2).stderr
    assert (tmp_path / "precious").exists()


def test_usage(nicohort, livers, tmp_path):
    out = tmp_path / "out"
    for kind, words in [("bids", ["--relabel"]), ("csv", ["--zero_copy"]), ("monai", ["--ignore_label", "liver"]), ("csv", ["--dataset_id", "4"]),
                        ("nnunet", ["--absolute_paths"]), ("msd", ["--bids_suffix", "T1w"])]:
        assert f"{words[0]} is for --format " in export(nicohort, livers, kind, out, *words, status=2).stderr
    assert "needs --dataset_id" in export(nicohort, livers, "nnunet", out, status=2).stderr
    assert "needs --dataset_id, a number from 1 to 99" in export(nicohort, livers, "msd", out, "--dataset_id", "100", status=2).stderr
    assert "--dataset_name a/b" in nnunet(nicohort, livers, out, "--dataset_name", "a/b", status=2).stderr
    told = nnunet(nicohort, livers, out, "--split", "t", status=2).stderr
    assert "t" in told and "cv" in told  # which worksheets there are
    assert not out.exists()


BRATS = {"name": "BraTS", "volume": {name: f"{{pid}}/{name}.nii.gz" for name in ("flair", "t1", "t1ce", "t2")}, "mask": "{pid}/seg.nii.gz",
         "labels": {0: "background", 1: "NCR", 2: "ED", 3: "ET"}, "groups": {"whole": ["NCR", "ED", "ET"], "core": ["NCR", "ET"], "enhancing": ["ET"]},
         "splits": [{"name": "cv", "test_ratio": 0.2, "folds": 2}]}


def test_channels_and_overlapping_groups(nicohort, tmp_path):
    for pid in range(5):
        for place, name in enumerate(BRATS["volume"]):
            save(tmp_path / f"archive/{pid}/{name}.nii.gz", volume(10 * pid + place))
        save(tmp_path / f"archive/{pid}/seg.nii.gz", mask((1, 2, 3)))
    run(nicohort, tmp_path, BRATS)
    grouped = tmp_path / "grouped"
    nnunet(nicohort, grouped, tmp_path / "raw", "--split", "cv")
    folder = tmp_path / "raw/Dataset042_BraTS"
    assert export_checks.nnunet(folder, tmp_path / "raw/nnUNet_preprocessed/Dataset042_BraTS/splits_final.json") == []
    about = json.loads((folder / "dataset.json").read_text())
    assert list(about["labels"].items()) == [("background", 0), ("whole", [1, 2, 3]), ("core", [1, 3]), ("enhancing", 3)]
    assert about["regions_class_order"] == [2, 1, 3] and list(about["channel_names"].values()) == list(BRATS["volume"])
    export(nicohort, grouped, "monai", tmp_path / "monai", "--split", "cv")
    assert export_checks.monai(tmp_path / "monai") == []
    export(nicohort, grouped, "bids", tmp_path / "bids")
    assert export_checks.bids(tmp_path / "bids") == []
    export(nicohort, grouped, "msd", tmp_path / "msd", "--dataset_id", "1")
    assert export_checks.msd(tmp_path / "msd/Task01_BraTS") == []
    for pid in range(5):
        joined = nibabel.load(tmp_path / f"msd/Task01_BraTS/imagesTr/{pid}.nii.gz")
        assert (joined.affine == nibabel.load(grouped / f"{pid}/{pid}_volume_t1.nii.gz").affine).all()
        for place, name in enumerate(BRATS["volume"]):
            assert (np.asarray(joined.dataobj)[..., place] == np.asarray(nibabel.load(grouped / f"{pid}/{pid}_volume_{name}.nii.gz").dataobj)).all()


def test_channels_and_ids_that_make_one_name(nicohort, tmp_path):
    recipe = {"volume": {"c": "{pid}/1.nii.gz", "b_c": "{pid}/2.nii.gz"}, "mask": "{pid}/m.nii.gz", "labels": {0: "Bg", 1: "ROI"},
              "parts": {"pid": "[a-z_]+"}}
    for place, pid in enumerate(("a", "a_b")):
        for channel in (1, 2):
            save(tmp_path / f"archive/{pid}/{channel}.nii.gz", volume(10 * place + channel))
        save(tmp_path / f"archive/{pid}/m.nii.gz", mask((1,)))
    run(nicohort, tmp_path, recipe)
    out = tmp_path / "out"
    told = export(nicohort, tmp_path / "grouped", "monai", out, status=2).stderr
    assert ("a_b: a_b/a_b_volume_c.nii.gz would be imagesTr/a_b_c.nii.gz in the export, and a/a_volume_b_c.nii.gz would be the same; "
            "rename one of the channels") in told and told.count("problem: ") == 1 and not out.exists()
    export(nicohort, tmp_path / "grouped", "monai", out, "--zero_copy")
    nnunet(nicohort, tmp_path / "grouped", tmp_path / "raw", "--dataset_name", "Odd")


def test_channels_whose_files_only_case_tells_apart(nicohort, tmp_path):
    recipe = {"volume": {"T1": "{pid}/1.nii.gz", "t1": "{pid}/2.nii.gz"}, "mask": "{pid}/m.nii.gz", "labels": {0: "Bg", 1: "ROI"}}
    for channel in (1, 2):
        save(tmp_path / f"archive/x/{channel}.nii.gz", volume(channel))
    save(tmp_path / "archive/x/m.nii.gz", mask((1,)))
    run(nicohort, tmp_path, recipe)
    told = export(nicohort, tmp_path / "grouped", "monai", tmp_path / "out", status=2).stderr
    assert ("x: x/x_volume_t1.nii.gz would be imagesTr/x_t1.nii.gz in the export, and x/x_volume_T1.nii.gz would be imagesTr/x_T1.nii.gz, "
            "which some file systems treat as the same; ") in told and not (tmp_path / "out").exists()


def test_channels_of_one_name_in_bids(nicohort, tmp_path):
    names = ("t1", "t1n", "T1w", "T2")
    for pid in "12":
        for seed, name in enumerate(names):
            save(tmp_path / f"archive/{pid}/{name}.nii.gz", volume(10 * int(pid) + seed))
        save(tmp_path / f"archive/{pid}/m.nii.gz", mask((1,)))
    run(nicohort, tmp_path, {"volume": {name: f"{{pid}}/{name}.nii.gz" for name in names}, "mask": "{pid}/m.nii.gz", "labels": {0: "Bg", 1: "ROI"}})
    told = export(nicohort, tmp_path / "grouped", "bids", tmp_path / "out", status=2).stderr
    assert [line.split(";")[0] for line in told.splitlines() if line.startswith("problem: ")] == [
        "problem: t1n: would be T1w in BIDS, as the channel t1 is", "problem: T1w: would be T1w in BIDS, as the channel t1 is"]
    assert not (tmp_path / "out").exists()


SUBSETS = ["a", "b", "a_b", "a/b"]


@pytest.fixture(scope="module")
def subsets(nicohort, tmp_path_factory):
    """A split by a column, and columns of the names that a table of BIDS has of itself."""
    root = tmp_path_factory.mktemp("subsets")
    for place, subset in enumerate(SUBSETS):
        save(root / f"archive/P{place}.nii.gz", volume(place))
        save(root / f"archive/P{place}_m.nii.gz", mask((1,)))
    (root / "archive/meta.csv").write_text("PID,group,patient,participant_id,patient.1\n" + "".join(
        f"P{place},{subset},other {place},x{place},y{place}\n" for place, subset in enumerate(SUBSETS)))
    run(nicohort, root, {"volume": "{pid}.nii.gz", "mask": "{pid}_m.nii.gz", "parts": {"pid": "P[0-9]"}, "labels": {0: "Bg", 1: "ROI"},
                         "metadata": {"file": "meta.csv", "key": {"PID": "{pid}"}}, "splits": [{"name": "s", "by": "group"}]})
    return root / "grouped"


def test_subsets_that_would_be_one_table(nicohort, subsets, tmp_path):
    told = export(nicohort, subsets, "csv", tmp_path / "out", "--split", "s", status=2).stderr
    assert "problem: s: its subsets a/b and a_b would both be written to s_a_b.csv; rename one of them" in told
    assert not (tmp_path / "out").exists()


def test_columns_of_the_archive_do_not_replace_those_of_an_export(nicohort, subsets, tmp_path):
    export(nicohort, subsets, "bids", tmp_path / "out", "--bids_suffix", "T1w", "--split", "s")
    assert export_checks.bids(tmp_path / "out") == []
    header, *rows = [line.split("\t") for line in (tmp_path / "out/participants.tsv").read_text().splitlines()]
    assert header == ["participant_id", "patient", "pid", "s", "group", "patient_2", "participant_id_2", "patient.1"]
    assert rows == [[f"sub-P{place}", f"P{place}", f"P{place}", subset, subset, f"other {place}", f"x{place}", f"y{place}"]
                    for place, subset in enumerate(SUBSETS)]
    assert json.loads((tmp_path / "out/participants.json").read_text())["patient_2"] == {"Description": "patient, from the archive"}
    export(nicohort, subsets, "csv", tmp_path / "csv")
    with open(tmp_path / "csv/samples.csv", encoding="utf-8", newline="") as text:
        assert [(row["patient"], row["patient.1"], row["patient.2"]) for row in csv.DictReader(text)] == [
            (f"P{place}", f"y{place}", f"other {place}") for place in range(len(SUBSETS))]


def test_a_part_that_is_the_patient_is_one_column(nicohort, tmp_path):
    save(tmp_path / "archive/1.nii.gz", volume(1))
    save(tmp_path / "archive/1_m.nii.gz", mask((1,)))
    run(nicohort, tmp_path, {"volume": "{patient}.nii.gz", "mask": "{patient}_m.nii.gz", "patient": "{patient}", "id": "{patient}",
                             "parts": {"patient": "[0-9]"}, "labels": {0: "Bg", 1: "ROI"}})
    export(nicohort, tmp_path / "grouped", "bids", tmp_path / "out", "--bids_suffix", "T1w")
    assert (tmp_path / "out/participants.tsv").read_text() == "participant_id\tpatient\nsub-1\t1\n"


@pytest.mark.skipif(not SHARED.is_dir(), reason="no ../shared/archives")
@pytest.mark.parametrize("archive, split", [("ACDC", "split02_t5v5s"), ("TotalSeg", "standard"), ("nnUNet", "standard")])
def test_shared_archives(nicohort, archives, tmp_path, archive, split):  # noqa: F811
    recipe = SHARED / f"recipes/{RECIPES[archive]}.yaml"
    nicohort("run", "--root_dir", tmp_path, "--archive", archives(archive, 0), "--recipe", recipe)
    nnunet(nicohort, tmp_path / "grouped", tmp_path / "raw", "--split", split, "--dataset_name", archive)
    folds = tmp_path / f"raw/nnUNet_preprocessed/Dataset042_{archive}/splits_final.json"
    assert export_checks.nnunet(tmp_path / f"raw/Dataset042_{archive}", folds if folds.exists() else None) == []
    about = yaml.safe_load(recipe.read_text())
    is_known = about.get("intensity", {}).get("unit") == "HU" or isinstance(about["volume"], dict)
    export(nicohort, tmp_path / "grouped", "bids", tmp_path / "bids", *(() if is_known else ("--bids_suffix", "T1w")))
    assert export_checks.bids(tmp_path / "bids") == []
