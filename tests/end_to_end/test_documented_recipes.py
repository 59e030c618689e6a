"""The recipes for one's own data in docs/recipes.md do what is said there, on the folders that are drawn there."""

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


def save(path, seed, is_mask, values=(0, 1)):
    random = np.random.default_rng(seed)
    voxels = np.zeros((12, 10, 4), np.uint8 if is_mask else np.int16)
    if is_mask:
        for value in values[1:]:
            voxels[2 * value:2 * value + 2, 2:7, 1:3] = value
    else:
        voxels[:] = random.integers(-100, 400, voxels.shape)
    path.parent.mkdir(parents=True, exist_ok=True)
    nibabel.save(nibabel.Nifti1Image(voxels, np.diag([-1.0, 1.0, 3.0, 1.0])), path)


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


@pytest.mark.parametrize("heading, make, samples, sides", [
    ("A folder for each patient", a_folder_for_each_patient, 10, {"split01": {"train", "val", "test"}}),
    ("One hospital, with a table of patients", one_hospital, 15, {"split01": {"train", "test"}, "cv": {0, 1, 2}}),
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
