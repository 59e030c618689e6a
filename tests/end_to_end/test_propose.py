"""`nicohort recipe` proposes recipes that nicohort accepts and that match the images there are."""

import json
import pathlib
import re
import shutil
import subprocess

import pytest
import yaml

from small_archive import save

SHARED = pathlib.Path(__file__).resolve().parents[3] / "shared" / "archives"
shared = pytest.mark.skipif(not SHARED.is_dir(), reason="no ../shared/archives")


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    out = tmp_path_factory.mktemp("archives")
    subprocess.run(["/usr/bin/python3", "-B", SHARED / "make_archives.py", out], check=True, capture_output=True)
    (out / "MSD4D/archive/Task01_BrainTumour/dataset.json").write_text(json.dumps({  # as the real one has it
        "modality": {"0": "FLAIR", "1": "T1w", "2": "t1gd", "3": "T2w"},
        "labels": {"0": "background", "1": "edema", "2": "non-enhancing tumor", "3": "enhancing tumour"}}))
    (out / "BIDS/archive/derivatives/lesions/dseg.tsv").write_text("index\tname\n0\tBg\n1\tlesion\n2\tother\n")
    return out


def touch(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def listing(root):
    return {path.relative_to(root): path.stat().st_mtime_ns for path in root.rglob("*")}


def propose(nicohort, folder):
    """The recipe as YAML, and what was said. The folder stays as it was."""
    before = listing(folder)
    done = nicohort("recipe", folder)
    assert listing(folder) == before
    return yaml.safe_load(done.stdout), done


def unmatched(done):
    return int(re.search(r"(\d+) image files? matched by no pattern", done.stderr)[1])


def run(nicohort, root, archive, recipe):
    root.mkdir()
    done = nicohort("run", "--root_dir", root, "--archive", archive, "--recipe", recipe, status=None)
    problems = [line for line in done.stderr.splitlines() if line.startswith("problem: ")]
    assert not problems, problems
    return {path.name: path.read_bytes() for path in (root / "grouped").rglob("*.nii.gz")}


@shared
@pytest.mark.parametrize("name, recipe, part", [("nnUNet", "nnunet", "Dataset042_Hippo"), ("MSD", "msd", "Task09_Spleen"),
                                                ("MSD4D", "msd4d", "Task01_BrainTumour"), ("BIDS", "bids", "."),
                                                ("TotalSeg", "totalseg", ".")])
def test_it_gives_the_images_of_the_shared_recipe(nicohort, archives, tmp_path, name, recipe, part):
    expected = run(nicohort, tmp_path / "expected", archives / name / "archive", SHARED / f"recipes/{recipe}.yaml")
    if name == "TotalSeg":  # whose labels have other numbers there, and one more group
        expected = {re.sub(r"_mask_\d\d_", "_mask_", file): content for file, content in expected.items()
                    if not file.endswith(("_mask.nii.gz", "_mask_kidneys.nii.gz"))}
    assert len(expected) > 5
    for i, folder in enumerate({archives / name / "archive", archives / name / "archive" / part}):
        proposed = tmp_path / f"{i}.yaml"
        recipe, done = propose(nicohort, folder)
        assert unmatched(done) == 0
        proposed.write_text(done.stdout, encoding="utf-8")
        found = run(nicohort, tmp_path / str(i), folder, proposed)
        if name == "TotalSeg":
            found = {re.sub(r"_mask_\d\d_", "_mask_", file): content for file, content in found.items() if not file.endswith("_mask.nii.gz")}
        assert sorted(found) == sorted(expected)
        for file in expected:
            assert found[file] == expected[file], file


@shared
@pytest.mark.parametrize("name, samples, metadata", [
    ("ACDC", 14, []), ("AMOS22", 7, ["labeled_data_meta_0000_0599.csv"]), ("BraTS", 3, []), ("KiTS", 4, ["kits.json"]), ("NME", 10, []),
    ("ESO", 18, ["data_meta_{site_dir}.xlsx"]), ("VerSe", 8, None), ("Duke", 4, ["dataset.json"])])
def test_the_patterns_match_all_images(nicohort, archives, name, samples, metadata):
    recipe, done = propose(nicohort, archives / name / "archive")
    assert unmatched(done) == 0
    assert f", {samples} samples." in done.stderr
    assert "mask" in recipe
    if metadata is not None:
        assert [table["file"] for table in recipe.get("metadata", [])] == metadata


@shared
def test_parts_of_known_archives(nicohort, archives):
    eso, _ = propose(nicohort, archives / "ESO/archive")
    assert eso["parts"]["site"] == {"TJ": "tongji", "SYTH": "shiyan-taihe", "XY": "xiangyang"}
    assert eso["id"] == "{site}_{pid}_{phase}"
    brats, _ = propose(nicohort, archives / "BraTS/archive")
    assert list(brats["volume"]) == ["flair", "t1", "t1ce", "t2"]
    assert brats["parts"] == {"pid": "BraTS2021_[0-9]{5}"}
    acdc, _ = propose(nicohort, archives / "ACDC/archive")
    assert acdc["parts"]["subset"] == {"train": "training", "test": "testing"}
    assert acdc["ignore"] == ["*_4d.nii*"]
    amos, _ = propose(nicohort, archives / "AMOS22/archive")
    assert amos["no_mask"] == {"subset": ["test"]}
    assert amos["metadata"][0]["match"] == "number"


def test_a_folder_for_each_patient(nicohort, tmp_path):
    for pid in ("P001", "P002", "P010"):
        touch(tmp_path, f"{pid}/scan.nii.gz", f"{pid}/tumour_mask.nii.gz")
    (tmp_path / "patients.csv").write_text("name,PatID\na,P001\nb,P002\nc,P010\n")
    recipe, done = propose(nicohort, tmp_path)
    assert unmatched(done) == 0
    assert (recipe["volume"], recipe["mask"]) == ("{pid}/scan.nii.gz", "{pid}/tumour_mask.nii.gz")
    assert recipe["parts"] == {"pid": "P[0-9]{3}"}
    assert recipe["metadata"] == [{"file": "patients.csv", "key": {"PatID": "{pid}"}}]


def test_one_centre_without_phases(nicohort, tmp_path):
    for pid in ("0012", "0013", "0100"):
        touch(tmp_path, f"images/TJ_{pid}.nii.gz", f"masks/TJ_{pid}.nii.gz")
    (tmp_path / "meta.csv").write_text('PID,Age\n"0012",50\n"0013",51\n"0100",52\n')
    recipe, done = propose(nicohort, tmp_path)
    assert unmatched(done) == 0
    assert recipe["volume"] == "images/TJ_{pid}.nii.gz"
    assert recipe["mask"] == "masks/TJ_{pid}.nii.gz"
    assert recipe["id"] == "TJ_{pid}"
    assert recipe["metadata"] == [{"file": "meta.csv", "key": {"PID": "{pid}"}}]


def test_phases_in_the_names_of_files(nicohort, tmp_path):
    for pid in range(1, 15):
        for phase in ("pre", "post"):
            touch(tmp_path, f"scans/AB{pid:03}_{phase}.nii.gz", f"scans/AB{pid:03}_{phase}_roi.nii.gz")
    recipe, done = propose(nicohort, tmp_path)
    assert unmatched(done) == 0
    assert recipe["volume"] == "scans/{pid}_{phase}.nii.gz"
    assert recipe["mask"] == "scans/{pid}_{phase}_roi.nii.gz"
    assert set(recipe["parts"]["phase"]) == {"pre", "post"}


def test_sites_with_the_same_identifiers(nicohort, tmp_path):
    for site in "ABC":
        for pid in range(1, 8):
            touch(tmp_path, f"centre{site}/{pid:02}/ct.nii.gz", f"centre{site}/{pid:02}/seg.nii.gz")
    recipe, done = propose(nicohort, tmp_path)
    assert unmatched(done) == 0
    assert recipe["parts"] == {"site": {"A": "A", "B": "B", "C": "C"}, "pid": "[0-9]{2}"}
    assert recipe["id"] == "{site}_{pid}"


def test_images_tr_that_are_called_otherwise(nicohort, tmp_path):
    for pid in ("CHUM-001", "CHUM-002", "MDA-001"):
        touch(tmp_path, f"imagesTr/{pid}__CT.nii.gz", f"imagesTr/{pid}__PT.nii.gz", f"labelsTr/{pid}.nii.gz")
    recipe, done = propose(nicohort, tmp_path)
    assert unmatched(done) == 0
    assert recipe["volume"] == {"CT": "imagesTr/{site}-{pid}__CT.nii.gz", "PT": "imagesTr/{site}-{pid}__PT.nii.gz"}
    assert recipe["mask"] == "labelsTr/{site}-{pid}.nii.gz"
    assert recipe["id"] == "{site}_{pid}"


def test_only_one_subset_has_masks(nicohort, tmp_path):
    for pid in range(10):
        touch(tmp_path, f"{'train' if pid < 5 else 'test'}/img/case{pid}.nii.gz")
    touch(tmp_path, *(f"train/gt/case{pid}.nii.gz" for pid in range(5)))
    recipe, done = propose(nicohort, tmp_path)
    assert unmatched(done) == 0
    assert recipe["no_mask"] == {"subset": ["test"]}
    assert recipe["mask"] == "{subset}/gt/{pid}.nii.gz"


def test_volumes_without_masks(nicohort, tmp_path):
    touch(tmp_path, *(f"{name}.nii.gz" for name in ("anna", "bert", "carl")))
    recipe, done = propose(nicohort, tmp_path)
    assert unmatched(done) == 0
    assert recipe["volume"] == "{pid}.nii.gz" and "mask" not in recipe
    assert "all are taken for volumes" in done.stderr


def nnunet(root, dataset):
    touch(root, *(f"{folder}/c_{i}{end}.nii.gz" for i in (1, 2) for folder, end in (("imagesTr", "_0000"), ("labelsTr", ""))))
    (root / "dataset.json").write_text(dataset if isinstance(dataset, str) else json.dumps(dataset))


def test_regions_of_nnunet_become_groups(nicohort, tmp_path):
    nnunet(tmp_path, {"channel_names": {"0": "CT"}, "labels": {"background": 0, "whole tumour": [1, 2, 3], "core": [2, 3], "enhancing": 3,
                                                               "1st": [1, 2]}, "file_ending": ".nii.gz"})
    recipe, done = propose(nicohort, tmp_path)
    assert recipe["volume"] == "imagesTr/{pid}_0000.nii.gz"
    assert recipe["labels"] == {0: "background", 1: "label_1", 2: "label_2", 3: "enhancing"}
    assert recipe["groups"] == {"whole tumour": ["label_1", "label_2", "enhancing"], "core": ["label_2", "enhancing"]}
    assert "`1st`" in done.stdout and "`1st`" in done.stderr
    assert recipe["intensity"] == {"unit": "HU"}


@pytest.mark.parametrize("dataset", ["{", "[]", "null", '{"labels": 3, "channel_names": []}', '{"labels": {"a": {}, "b": [[1]], "c": 1e99}}',
                                     '{"labels": {"a": 9999999999999}}', '{"labels": {"0": "", "1": "x"}, "name": ""}', "\xff" * 10, "[" * 10000])
def test_a_damaged_dataset_json(nicohort, tmp_path, dataset):
    nnunet(tmp_path, dataset)
    recipe, done = propose(nicohort, tmp_path)
    assert unmatched(done) == 0
    assert recipe["mask"] == "labelsTr/{pid}.nii.gz"


def test_nothing_to_find(nicohort, tmp_path):
    done = nicohort("recipe", tmp_path, status=2)
    assert "has no image; looked for files that end in .nii.gz or .nii" in done.stderr and not done.stdout
    touch(tmp_path, ".hidden/a.nii.gz", "a.dcm")
    nicohort("recipe", tmp_path, status=2)
    assert "is not a folder" in nicohort("recipe", tmp_path / "a.dcm", status=2).stderr
    assert "is not a folder" in nicohort("recipe", tmp_path / "none", status=2).stderr
    (tmp_path / "dataset.json").write_text('{"file_ending": ".png"}')
    assert ".png" in nicohort("recipe", tmp_path, status=2).stderr


def test_names_with_special_characters(nicohort, tmp_path):
    folder = tmp_path / 'a: "b" #[{x}] & *y\n!'
    for pid in range(1, 4):
        touch(folder, f"it's: {{{pid}}}/[- x] #{pid}: 'ct'.nii.gz", f"it's: {{{pid}}}/[- x] #{pid}: 'mask'.nii.gz", f"yes/{pid}\n.nii.gz")
    (folder / "t: #.csv").write_text("id,x\n1,2\n2,3\n3,4\n")
    recipe, done = propose(nicohort, folder)
    assert recipe["name"] == folder.name
    assert unmatched(done) == 3


def test_names_of_parts_with_special_characters(nicohort, tmp_path):
    for site in ("no", "#1 [x]", "ö: {y}", "'z'"):
        for pid in range(10, 20):
            touch(tmp_path, f"{site}/images/{pid}.nii.gz", f"{site}/masks/{pid}.nii.gz")
    recipe, done = propose(nicohort, tmp_path)
    assert unmatched(done) == 0
    part, = set(recipe["parts"]) - {"pid"}
    assert sorted(recipe["parts"][part].values()) == sorted(("no", "#1 [x]", "ö: {y}", "'z'"))


def test_the_proposal_is_run(nicohort, tmp_path):
    """From a folder that holds the archive."""
    for pid in ("A1", "A2"):
        save(tmp_path, f"{pid}/ct.nii.gz")
        save(tmp_path, f"{pid}/seg.nii.gz", "m3d")
    (tmp_path / "descriptor").mkdir()
    recipe, done = propose(nicohort, tmp_path)
    assert recipe["volume"] == "{pid}/ct.nii.gz"
    (tmp_path / "recipe.yaml").write_text(done.stdout)
    nicohort("run", "--root_dir", tmp_path, "--recipe", tmp_path / "recipe.yaml")
    assert sorted(path.name for path in (tmp_path / "grouped").rglob("*_mask.nii.gz")) == ["A1_mask.nii.gz", "A2_mask.nii.gz"]


def test_many_files(nicohort, tmp_path):
    for pid in range(2500):
        touch(tmp_path, *(f"site{pid % 3}/case_{pid:05}/case_{pid:05}_{kind}.nii.gz" for kind in ("t1", "t2", "flair", "seg")))
    recipe, done = propose(nicohort, tmp_path)
    assert unmatched(done) == 0
    assert "2500 samples" in done.stderr
    assert list(recipe["volume"]) == ["flair", "t1", "t2"]


def test_quiet(nicohort, tmp_path):
    touch(tmp_path, "a1.nii", "a2.nii")
    done = nicohort("recipe", "--quiet", tmp_path)
    assert done.stdout and not done.stderr
    shutil.rmtree(tmp_path)
