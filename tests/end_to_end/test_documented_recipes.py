"""Every recipe in docs/recipes.md does what is said there; those for one's own data on the folders that are drawn there."""

import json
import pathlib
import re

import nibabel
import numpy as np
import openpyxl
import pytest

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs/recipes.md"
PIDS = [f"{number:03d}" for number in range(12, 24)]


def example(heading):
    """The recipe below the heading, and the lines of the folder that is drawn there."""
    text = DOCUMENT.read_text(encoding="utf-8").split(f"### {heading}\n")[1].split("\n#")[0]
    drawn, recipe = re.search(r"```\n(received/.*?)```.*?```yaml\n(.*?)```", text, re.S).groups()
    return recipe, [line.split()[0] for line in drawn.splitlines()[1:] if line.strip() != "…"]


def save(path, seed, is_mask, values=(0, 1), volumes=()):
    random = np.random.default_rng(seed)
    voxels = np.zeros((12, 10, 4, *volumes), np.uint8 if is_mask else np.int16)
    if is_mask:
        for value in values[1:]:
            voxels[2 * value:2 * value + 2, 2:7, 1:3] = value
    else:
        voxels[:] = random.integers(-100, 400, voxels.shape)
    path.parent.mkdir(parents=True, exist_ok=True)
    nibabel.save(nibabel.Nifti1Image(voxels, np.diag([-1.0, 1.0, 3.0, 1.0])), path)


def save_pair(volume, mask, seed, values=(0, 1)):
    save(volume, seed, False)
    save(mask, seed, True, values)


def save_workbook(path, rows, sheet="Sheet"):
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def a_folder_for_each_patient(folder):
    for number in range(1, 11):
        save(folder / f"P{number:02d}/ct.nii.gz", number, False)
        save(folder / f"P{number:02d}/tumour.nii.gz", number, True)


def one_hospital(folder):
    for pid in PIDS:
        for scan in "12" if int(pid) % 3 == 0 else "1":
            save(folder / f"images/{pid}_scan{scan}.nii.gz", int(pid + scan), False)
            save(folder / f"masks/{pid}_scan{scan}_seg.nii.gz", 0, True)
    lines = [f"{int(pid)},{50 + int(pid)},{'FM'[int(pid) % 2]},{'yes' if pid == '013' else 'no'}" for pid in PIDS]
    (folder / "patients.csv").write_text("\n".join(["Number,Age,Sex,Exclude", *lines, ""]))


def an_nnunet_folder(folder):
    for case in ("hip_001", "hip_002", "hip_003", "hip_009"):
        subset = "Ts" if case == "hip_009" else "Tr"
        for channel in (0, 1):
            save(folder / f"Dataset042_Hippo/images{subset}/{case}_{channel:04d}.nii.gz", int(case[-1]) * 10 + channel, False)
        if subset == "Tr":
            save(folder / f"Dataset042_Hippo/labelsTr/{case}.nii.gz", 0, True, (0, 1, 2))
    (folder / "Dataset042_Hippo/splits_final.json").write_text(json.dumps([{"train": ["hip_001", "hip_002"], "val": ["hip_003"]}]))


def two_hospitals(folder):
    for number in range(1, 6):
        save_pair(folder / f"A/{number:04d}/ct.nii.gz", folder / f"A/{number:04d}/seg.nii.gz", number)
        save_pair(folder / f"B/images/BE-{number:03d}_CT.nii.gz", folder / f"B/labels/BE-{number:03d}_label.nii.gz", 10 + number)


@pytest.mark.parametrize("heading, make, samples, sides", [
    ("A folder for each patient", a_folder_for_each_patient, 10, {"split01": {"train", "val", "test"}}),
    ("One hospital, with a table of patients", one_hospital, 15, {"split01": {"train", "test"}, "cv": {0, 1, 2}}),
    ("Two hospitals with different layouts", two_hospitals, 10, {"other_hospital": {"A", "B"}}),
    ("An nnU-Net folder", an_nnunet_folder, 4, {"fold_0": {"train", "val"}, "standard": {"train", "test"}}),
], ids=lambda of: of if isinstance(of, str) else "")
def test_own_data(nicohort, tmp_path, heading, make, samples, sides):
    recipe, drawn = example(heading)
    archive, work = tmp_path / "received", tmp_path / "work"
    make(archive)
    assert len(drawn) > 2 and all((archive / name).is_file() for name in drawn)
    (tmp_path / "my.yaml").write_text(recipe, encoding="utf-8")
    work.mkdir()
    words = ["run", "--root_dir", work, "--archive", archive, "--recipe", tmp_path / "my.yaml"]
    told = nicohort(*words, "--dry_run").stdout
    assert "matched by no pattern" not in told and not list(work.iterdir())
    assert "No problems." in nicohort(*words).stdout
    assert "No problems." in nicohort("verify", "--root_dir", work / "grouped").stdout
    book = openpyxl.load_workbook(work / "grouped/dataset_manifest.xlsx")
    assert book["Manifest"].max_row == 1 + samples
    for split, wanted in sides.items():
        header, *rows = book[split].values
        assert {row[0] for row in rows} == wanted
        if "pid" in header:  # each patient is on one side
            patients = {(row[header.index("pid")], row[0]) for row in rows}
            assert len(patients) == len({pid for pid, side in patients})
    assert (work / "report/index.html").is_file()


def reference_recipes():
    """The whole recipes in the rest of the page, by the heading and their place below it."""
    found = {}
    for heading, section in re.findall(r"^## ([^\n]*)\n(.*?)(?=^## |\Z)", DOCUMENT.read_text(encoding="utf-8"), re.S | re.M):
        recipes = [text for text in re.findall(r"```yaml\n(.*?)```", section, re.S) if re.search("^volume:", text, re.M)]
        if heading != "Your own data in five minutes":
            found |= {f"{heading} {number}": recipe for number, recipe in enumerate(recipes, 1)}
    return found


def ran(nicohort, folder, example, status=0):
    """The manifest's rows, as maps, after `run` with the recipe of this example; and the folder of the dataset."""
    (folder / "my.yaml").write_text(reference_recipes()[example], encoding="utf-8")
    words = ["run", "--root_dir", folder, "--archive", folder / "received", "--recipe", folder / "my.yaml"]
    done = nicohort(*words, "--dry_run", status=status)
    assert not (folder / "grouped").exists() and "matched by no pattern" not in done.stdout
    assert nicohort(*words, status=status).returncode == status
    nicohort("verify", "--root_dir", folder / "grouped")
    return rows_of(folder / "grouped/dataset_manifest.xlsx", "Manifest"), folder / "grouped"


def rows_of(workbook, sheet):
    header, *rows = openpyxl.load_workbook(workbook)[sheet].values
    return [dict(zip(header, row)) for row in rows]


def voxels(path):
    return np.asarray(nibabel.load(path).dataobj)


def test_every_recipe_is_run():
    tested = set(re.findall(r'"([A-Z][a-z ]+ [0-9])"', pathlib.Path(__file__).read_text(encoding="utf-8")))
    assert set(reference_recipes()) == tested


def test_smallest(nicohort, tmp_path):
    save(tmp_path / "received/case1.nii.gz", 1, False)
    rows, grouped = ran(nicohort, tmp_path, "Where recipe and archive are 1")
    assert [row["ID"] for row in rows] == ["case1"] and (grouped / "case1/case1_volume.nii.gz").is_file()


def test_sessions_and_masks_among_the_derivatives(nicohort, tmp_path):
    received = tmp_path / "received"
    for seed, folder in enumerate(("sub-01/ses-a", "sub-01/ses-b", "sub-02")):
        name = folder.replace("/", "_")
        save_pair(received / folder / "anat" / f"{name}_T1w.nii.gz",
                  received / "derivatives/lesions" / folder / "anat" / f"{name}_label-lesion_dseg.nii.gz", seed)
    (received / "participants.tsv").write_text("participant_id\tage\nsub-01\t34\nsub-02\tn/a\n")
    rows, grouped = ran(nicohort, tmp_path, "Paths 1")
    assert [(row["ID"], row["ses"], row["age"]) for row in rows] == [
        ("sub-01_ses-a", "a", 34), ("sub-01_ses-b", "b", 34), ("sub-02", None, None)]


def test_a_table_says_which_volume(nicohort, tmp_path):
    received = tmp_path / "received"
    for seed, name in enumerate(("01/t1.nii.gz", "01/t2.nii.gz", "02/t1.nii.gz")):
        save(received / "Images" / name, seed, False)
    (received / "dataset.json").write_text(json.dumps({
        "train": [{"sample": "01", "primary_image": "Images/01/t2.nii.gz"}],
        "val": [{"sample": "02", "primary_image": "Images/02/t1.nii.gz"}], "test": []}))
    rows, grouped = ran(nicohort, tmp_path, "Paths 2")
    assert [(row["ID"], row["subset"]) for row in rows] == [("01", "train"), ("02", "val")]
    assert (voxels(grouped / rows[0]["volume"]) == voxels(received / "Images/01/t2.nii.gz")).all()


def test_a_file_for_each_channel(nicohort, tmp_path):
    received = tmp_path / "received"
    for seed, channel in enumerate(("flair", "t1")):
        save(received / f"07/07_{channel}.nii.gz", seed, False)
    save(received / "07/07_seg.nii.gz", 0, True)
    rows, grouped = ran(nicohort, tmp_path, "Channels 1")
    for channel in ("flair", "t1"):
        assert (voxels(grouped / rows[0][f"volume_{channel}"]) == voxels(received / f"07/07_{channel}.nii.gz")).all()


def test_channels_of_a_file(nicohort, tmp_path):
    received = tmp_path / "received"
    save(received / "imagesTr/BRATS_1.nii.gz", 1, False, volumes=(4,))
    save(received / "labelsTr/BRATS_1.nii.gz", 0, True)
    rows, grouped = ran(nicohort, tmp_path, "Channels 2")
    for number, channel in enumerate(("FLAIR", "T1w", "t1gd", "T2w")):
        assert (voxels(grouped / rows[0][f"volume_{channel}"]) == voxels(received / "imagesTr/BRATS_1.nii.gz")[..., number]).all()


def test_a_mask_file_for_each_label(nicohort, tmp_path):
    received = tmp_path / "received"
    save(received / "s1/ct.nii.gz", 1, False)
    names = ("liver", "spleen", "kidney_left")
    for number, name in enumerate(names, 1):
        save(received / f"s1/segmentations/{name}.nii.gz", 0, True, (0, number))
    rows, grouped = ran(nicohort, tmp_path, "A mask file for each label 1")
    mask = voxels(grouped / rows[0]["mask"])
    for number, name in enumerate(names, 1):
        assert ((mask == number) == (voxels(received / f"s1/segmentations/{name}.nii.gz") > 0)).all()


def test_three_kinds_of_tables(nicohort, tmp_path):
    received = tmp_path / "received"
    for seed, name in enumerate(("verse004_ct", "verse005_split-1_ct", "verse005_split-2_ct")):
        pid = name[:8]
        save(received / "training" / pid / f"{name}.nii.gz", seed, False)
        (received / "training" / pid / "Info.cfg").write_text("Group: NOR\nHeight: 181\nWeight: 80.5\n")
    save_workbook(received / "subjects.xlsx", [
        ("subject", "split", "sex", "age"), ("verse004", None, "F", 50), ("verse005", "split1", "M", 70), ("verse005", "split2", None, None)])
    (received / "splits_final.json").write_text(json.dumps([{"train": ["verse004"], "val": ["verse005"]}]))
    rows, grouped = ran(nicohort, tmp_path, "Metadata 1")
    assert [(row["pid"], row["scan"], row["group"], row["weight"], row["sex"], row["age"], row["fold0"]) for row in rows] == [
        ("verse004", None, "NOR", 80.5, "F", 50, "train"), ("verse005", "1", "NOR", 80.5, "M", 70, "val"),
        ("verse005", "2", "NOR", 80.5, "M", 70, "val")]


def test_derived_columns(nicohort, tmp_path):
    received = tmp_path / "received"
    for frame in ("01", "08", "12"):
        save(received / f"patient001/patient001_frame{frame}.nii.gz", int(frame), False)
    (received / "patient001/Info.cfg").write_text("ED: 1\nES: 12\nSex: female\n")
    rows, grouped = ran(nicohort, tmp_path, "Derived columns 1")
    assert [(row["frame"], row["phase"], row["sex"]) for row in rows] == [("01", "ED", "F"), ("08", "UND", "F"), ("12", "ES", "F")]


def test_steps_with_a_condition(nicohort, tmp_path):
    received = tmp_path / "received"
    for seed, pid in enumerate(("01", "02")):
        save_pair(received / f"{pid}_ct.nii.gz", received / f"{pid}_seg.nii.gz", seed)
    (received / "patients.csv").write_text('PID,sex\n"01",F\n"02",M\n')
    rows, grouped = ran(nicohort, tmp_path, "Steps 1")
    assert [set(np.unique(voxels(grouped / row["mask"]))) for row in rows] == [{0, 2}, {0, 1}]


def test_all_kinds_of_splits(nicohort, tmp_path):
    received, sexes = tmp_path / "received", {}
    for number in range(30):
        name, subset = f"{'ABC'[number % 3]}_{number:02d}", "Ts" if number >= 24 else "Tr"
        save(received / subset / f"{name}.nii.gz", number, False)
        sexes[f"{number:02d}"] = "FM"[number // 3 % 2]
    (received / "patients.csv").write_text("\n".join(["PID,sex", *(f'"{pid}",{sex}' for pid, sex in sexes.items()), ""]))
    rows, grouped = ran(nicohort, tmp_path, "Splits 1")
    sides = {split: [row[split] for row in rows_of(grouped / "dataset_manifest.xlsx", split)]
             for split in ("standard", "with_val", "five_folds", "other_hospital", "mixed")}
    assert {side: sides["standard"].count(side) for side in set(sides["standard"])} == {"train": 24, "test": 6}
    assert {side: sides["with_val"].count(side) for side in set(sides["with_val"])} == {"train": 20, "val": 4, "test": 6}
    assert sorted(sides["five_folds"].count(fold) for fold in range(5)) == [4, 5, 5, 5, 5]
    assert {side: sides["other_hospital"].count(side) for side in "ABC"} == {"A": 10, "B": 10, "C": 10}
    mixed = rows_of(grouped / "dataset_manifest.xlsx", "mixed")
    assert sum(row["site"] != "A" and row["mixed"] == "test" for row in mixed) == 6
    assert all((row["mixed"] == "test") == (row["subset"] == "test") for row in mixed if row["site"] == "A")
    assert list(tmp_path.rglob("five_folds_0.xlsx")) and list(tmp_path.rglob("five_folds_1_2_3_4.xlsx"))


def test_second_example(nicohort, tmp_path):
    received = tmp_path / "received"
    for seed, phase in enumerate(("baseline", "week 6", "week 12", "surgery")):
        for number in range(10):
            pid, site = (f"AB{number:04d}", "north") if number < 8 else (f"CD{number:04d}", "south")
            folder = received / phase / site / pid
            save_pair(folder / f"scan-{pid}_ct.nii.gz", folder / f"scan-{pid}_seg.nii.gz", 10 * seed + number, (0, 1, 2))
    save_workbook(received / "tables/N.xlsx", [("Patient ID", "Age"), *((f"AB{number:04d}", 61) for number in range(8))], "clinical")
    save_workbook(received / "tables/S.xlsx", [("Patient ID", "Age"), *((f"CD{number:04d}", 70) for number in range(8, 10))], "clinical")
    rows, grouped = ran(nicohort, tmp_path, "A second example 1")
    assert len(rows) == 40 and (grouped / "N/t0/N_AB0002_t0/N_AB0002_t0_volume.nii.gz").is_file()
    assert {row["ID"]: row["Age"] for row in rows}["S_CD0009_t3"] == 70
