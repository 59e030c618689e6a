"""The archives of ../shared/archives, with the recipes there, come out as `expected` there says."""

import hashlib
import json
import pathlib
import shutil
import subprocess

import nibabel
import numpy as np
import openpyxl
import pytest

from long_form import LONG

SHARED = pathlib.Path(__file__).resolve().parents[3] / "shared" / "archives"
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="no ../shared/archives")

RECIPES = {"ESO": "eso", "ACDC": "acdc", "NME": "nme", "AMOS22": "amos", "VerSe": "verse", "Duke": "duke", "MSD": "msd", "KiTS": "kits",
           "BraTS": "brats", "nnUNet": "nnunet", "BIDS": "bids", "MSD4D": "msd4d", "TotalSeg": "totalseg"}


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    made = {}

    def of(name, seed):
        if (name, seed) not in made:
            out = tmp_path_factory.mktemp(f"{name}_{seed}")
            maker = "MSD" if name == "MSD4D" else name  # which makes both
            subprocess.run(["/usr/bin/python3", "-B", SHARED / "make_archives.py", out, maker, "--seed", str(seed)], check=True,
                           capture_output=True)
            folder = out / name
            made[name, seed] = folder / "archive" if (folder / "archive").is_dir() else folder
        return made[name, seed]

    return of


def run(nicohort, archives, tmp_path, name, seed=0):
    tmp_path.mkdir(exist_ok=True)
    done = nicohort("run", "--root_dir", tmp_path, "--archive", archives(name, seed), "--recipe", SHARED / f"recipes/{RECIPES[name]}.yaml",
                    status=None)
    problems = [line for line in done.stderr.splitlines() if line.startswith("problem: ")]
    # Of so few patients of ESO a side can be left without any.
    assert done.returncode == (1 if problems else 0), done.stderr
    assert all("split01_TJ" in problem for problem in problems) if name == "ESO" else not problems, done.stderr
    assert "No problems." in nicohort("verify", "--root_dir", tmp_path / "grouped").stdout


def rows(sheet):
    header, *lines = sheet.values
    return {str(line[header.index("ID")]): dict(zip(header, line)) for line in lines}


def sides(sheet):
    """The first column says them."""
    return {sample: text(next(iter(row.values()))) for sample, row in rows(sheet).items()}


def text(cell):
    return "" if cell is None else str(cell)


@pytest.mark.parametrize("name", RECIPES)
def test_it_comes_out_as_expected(nicohort, archives, tmp_path, name):
    run(nicohort, archives, tmp_path, name)
    expected = json.loads((SHARED / f"expected/{name}.json").read_text(encoding="utf-8"))
    workbook = openpyxl.load_workbook(tmp_path / "grouped/dataset_manifest.xlsx")
    manifest = rows(workbook["Manifest"])
    assert sorted(manifest) == sorted(expected["columns"])
    for sample, cells in expected["columns"].items():
        assert {column: text(manifest[sample].get(column)) for column in cells} == cells, sample
    assert {split: sides(workbook[split]) for split in expected["splits"]} == expected["splits"]
    for sample, images in expected["samples"].items():
        for image, wanted in images["volumes"].items():
            path, = (tmp_path / "grouped").rglob(f"{sample}_{image}.nii.gz")
            found = nibabel.load(path)
            voxels = np.asanyarray(found.dataobj).astype("<f4").ravel(order="F")
            assert hashlib.sha256(voxels.tobytes()).hexdigest() == wanted["sha256"], path
            assert list(found.shape) == wanted["shape"], path
            assert np.round(found.affine[:3], 5).tolist() == wanted["affine"], path
        masks = images["masks"]
        there = {path.name.removeprefix(f"{sample}_").removesuffix(".nii.gz"): path
                 for path in (tmp_path / "grouped").rglob(f"{sample}_mask*.nii.gz")}
        assert sorted(there) == sorted(masks), sample
        for image, sha in masks.items():
            voxels = np.asanyarray(nibabel.load(there[image]).dataobj).astype("u1").ravel(order="F")
            assert hashlib.sha256(voxels.tobytes()).hexdigest() == sha, there[image]


@pytest.mark.parametrize("name, recipe", [("ACDC", "acdc"), ("AMOS22", "amos22"), ("VerSe", "verse"),
                                          ("NME", "nme-seg-2025.8.25"), ("Duke", "duke-breast-fgt-2025.4.10")])
def test_a_built_in_recipe_gives_the_same(nicohort, archives, tmp_path, name, recipe):
    run(nicohort, archives, tmp_path / "shared", name)
    (tmp_path / "built_in").mkdir()
    nicohort("run", "--root_dir", tmp_path / "built_in", "--archive", archives(name, 0), "--recipe", recipe)
    images = sorted(path.relative_to(tmp_path / "shared") for path in (tmp_path / "shared/grouped").rglob("*.nii.gz"))
    assert len(images) > 10
    for path in images:
        assert (tmp_path / "built_in" / path).read_bytes() == (tmp_path / "shared" / path).read_bytes(), path
    books = [openpyxl.load_workbook(tmp_path / root / "grouped/dataset_manifest.xlsx") for root in ("shared", "built_in")]
    assert books[0].sheetnames == books[1].sheetnames
    for sheet in books[0].sheetnames:
        assert list(books[0][sheet].values) == list(books[1][sheet].values)


@pytest.mark.parametrize("name, recipe", [("BraTS", "brats2021"), ("BIDS", "bids"), ("MSD", "msd-task09-spleen"),
                                          ("MSD4D", "msd-task01-brain-tumour")])
def test_a_built_in_recipe_with_other_splits_gives_the_same(nicohort, archives, tmp_path, name, recipe):
    run(nicohort, archives, tmp_path / "shared", name)
    (tmp_path / "built_in").mkdir()
    told = nicohort("run", "--root_dir", tmp_path / "built_in", "--archive", archives(name, 0), "--recipe", recipe, status=None).stderr
    assert all("split01" in line for line in told.splitlines() if line.startswith("problem: ")), told  # of so few patients
    images = [sorted(path.relative_to(tmp_path / root) for path in (tmp_path / root / "grouped").rglob("*.nii.gz")) for root in ("shared", "built_in")]
    assert images[0] == images[1]
    for path in images[0]:
        assert (tmp_path / "built_in" / path).read_bytes() == (tmp_path / "shared" / path).read_bytes(), path
    tables = [list(openpyxl.load_workbook(tmp_path / root / "grouped/dataset_manifest.xlsx")["Manifest"].values) for root in ("shared", "built_in")]
    assert tables[0] == tables[1]


def test_the_built_in_recipe_of_totalsegmentator(nicohort, archives, tmp_path):
    """Its labels are all that the data set has, most of which this archive lacks."""
    told = nicohort("run", "--root_dir", tmp_path, "--archive", archives("TotalSeg", 0), "--recipe", "totalsegmentator").stdout
    assert "Labels without a mask file, which are empty in these samples: adrenal_gland_left (3 samples, such as s0000), " in told
    assert ", and 108 more labels." in told
    manifest = rows(openpyxl.load_workbook(tmp_path / "grouped/dataset_manifest.xlsx")["Manifest"])
    assert {row["valid_labels"] for row in manifest.values()} == {"00_background,01_spleen,02_kidney_right,03_kidney_left,05_liver"}
    mask, liver = (np.asanyarray(nibabel.load(tmp_path / f"grouped/s0001/s0001_mask{name}.nii.gz").dataobj) for name in ("", "_05_liver"))
    drawn = np.asanyarray(nibabel.load(archives("TotalSeg", 0) / "s0001/segmentations/liver.nii.gz").dataobj)
    assert ((mask == 5) == (drawn > 0)).all() and (liver == (drawn > 0)).all()


def test_the_built_in_recipe_of_an_nnunet_dataset(nicohort, archives, tmp_path):
    folder = tmp_path / "archive/Dataset004_Hippocampus"
    for path in (archives("nnUNet", 0) / "Dataset042_Hippo").rglob("*.nii.gz"):
        if not path.name.endswith("_0001.nii.gz"):
            target = folder / path.parent.name / path.name.replace("hip_", "hippocampus_")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    nicohort("run", "--root_dir", tmp_path, "--recipe", "nnunet-hippocampus")
    manifest = rows(openpyxl.load_workbook(tmp_path / "grouped/dataset_manifest.xlsx")["Manifest"])
    assert {ID: (row["subset"], row["mask"] is None) for ID, row in manifest.items()} == {
        "hippocampus_001": ("train", False), "hippocampus_002": ("train", False), "hippocampus_003": ("train", False),
        "hippocampus_009": ("test", True)}


def test_the_built_in_recipe_of_kits23(nicohort, archives, tmp_path):
    """Which has a mask of each case, and its table another name."""
    shutil.copytree(archives("KiTS", 0), tmp_path / "archive")
    shutil.rmtree(tmp_path / "archive/case_00210")
    (tmp_path / "archive/kits.json").rename(tmp_path / "archive/kits23.json")
    cases = [case for case in json.loads((tmp_path / "archive/kits23.json").read_text()) if case["case_id"] != "case_00210"]
    (tmp_path / "archive/kits23.json").write_text(json.dumps(cases))
    (tmp_path / "archive/case_00000/instances").mkdir()
    shutil.copy(tmp_path / "archive/case_00000/segmentation.nii.gz", tmp_path / "archive/case_00000/instances/kidney_instance-1_annotation-1.nii.gz")
    told = nicohort("run", "--root_dir", tmp_path, "--recipe", "kits23", status=1).stderr
    assert all("split01" in line for line in told.splitlines() if line.startswith("problem: "))  # of three patients
    manifest = rows(openpyxl.load_workbook(tmp_path / "grouped/dataset_manifest.xlsx")["Manifest"])
    assert sorted(manifest) == sorted(case["case_id"] for case in cases)
    assert all(row["mask_masses"] and row["age"] for row in manifest.values())


@pytest.mark.parametrize("name", RECIPES if LONG else ["ESO", "TotalSeg"])
def test_no_problem_whatever_the_voxels(nicohort, archives, tmp_path, name):
    run(nicohort, archives, tmp_path, name, seed=7)
