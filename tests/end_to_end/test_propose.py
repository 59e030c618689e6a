"""`nicohort recipe` proposes recipes that nicohort accepts and that match the images there are."""

import json
import pathlib
import re
import shutil
import subprocess

import nibabel
import numpy as np
import pytest
import yaml

from small_archive import AFFINE, save

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


def propose(nicohort, folder, status=0):
    """The recipe as YAML, and what was said. The folder stays as it was."""
    before = listing(folder)
    done = nicohort("recipe", folder, status=status)
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
    assert recipe["volume"] == "scans/{pid}_{phase_dir}.nii.gz"
    assert recipe["mask"] == "scans/{pid}_{phase_dir}_roi.nii.gz"
    assert set(recipe["parts"]["phase"]) == {"pre", "post"}


def test_sites_with_the_same_identifiers(nicohort, tmp_path):
    for site in "ABC":
        for pid in range(1, 8):
            touch(tmp_path, f"centre{site}/{pid:02}/ct.nii.gz", f"centre{site}/{pid:02}/seg.nii.gz")
    recipe, done = propose(nicohort, tmp_path)
    assert unmatched(done) == 0
    assert recipe["parts"] == {"site": {"A": "A", "B": "B", "C": "C"}, "pid": "[0-9]{2}"}
    assert recipe["id"] == "{site}_{pid}"


@pytest.mark.parametrize("masked", [("Klinikum Nord", "St_Elsewhere"), ("St_Elsewhere",)], ids=len)
def test_short_forms_can_be_renamed_as_the_proposal_says(nicohort, tmp_path, masked):
    """In every part: the folders of sites and visits, and a column of the table that has the names of visits."""
    lines = ["case,centre,visit,age"]
    for site, pids in (("Klinikum Nord", ("001", "004")), ("St_Elsewhere", ("002", "003"))):
        for pid in pids:
            for visit in ("baseline", "followup"):
                save(tmp_path, f"{site}/{pid}/{visit}/ct.nii.gz")
                if site in masked:
                    save(tmp_path, f"{site}/{pid}/{visit}/seg.nii.gz", "m3d")
                lines.append(f"{pid},{site},{visit},{50 + len(lines)}")
    (tmp_path / "archive/patients.csv").write_text("\n".join(lines) + "\n")
    recipe, done = propose(nicohort, tmp_path / "archive")
    maps = {part: values for part, values in recipe["parts"].items() if isinstance(values, dict)}
    assert set(maps) == {"site", "phase"} and recipe["metadata"][0]["key"] == {"case": "{pid}", "visit": "{phase_dir}"}
    for part, values in maps.items():
        where = ", and in `no_mask`" if part in recipe.get("no_mask", {}) else ""
        assert f"`{part}` is a guess; rename the part and its short forms (before the colons{where}) as you like" in done.stdout
        recipe["parts"][part] = {f"New{i}": name for i, name in enumerate(values.values())}
        if where:
            recipe["no_mask"][part] = [f"New{list(values).index(name)}" for name in recipe["no_mask"][part]]
    assert ("no_mask" in recipe) == (len(masked) == 1)
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(recipe))
    told = nicohort("run", "--root_dir", tmp_path, "--recipe", tmp_path / "recipe.yaml", "--dry_run")
    assert "Would process 8 samples" in told.stdout and "problem" not in told.stderr


def test_short_forms_that_files_have_are_not_to_be_renamed(nicohort, tmp_path):
    for site, short, pids in (("north hospital", "NH", range(10, 16)), ("south", "SO", range(16, 20))):
        for pid in pids:
            touch(tmp_path, f"{site}/images/{short}_{pid}.nii.gz", f"{site}/masks/{short}_{pid}.nii.gz")
    recipe, done = propose(nicohort, tmp_path)
    assert recipe["volume"] == "{site_dir}/images/{site}_{pid}.nii.gz"
    assert recipe["parts"]["site"] == {"NH": "north hospital", "SO": "south"}
    assert "rename the part as you like, but not its short forms" in done.stdout


@pytest.mark.parametrize("names, masks, volume, mask", [
    (("t1", "T1"), ("lesion", "lesion"), "[T1][t1]", "lesion"),
    (("ct", "ct"), ("seg", "Seg"), "ct", "[Seg][seg]"),
    (("ct", "mr"), ("seg", "seg"), "[ct][mr]", "seg"),
    (("ct", "mr"), ("ct_seg", "mr_seg"), "[ct][mr]", "[ct][mr]_seg"),
    (("x", "y"), ("seg", "seg"), "[x][y]", "seg"),
    (("scanA", "scanB"), ("seg", "seg"), "scan{site_dir}", "seg"),
])
def test_another_name_of_files_in_each_hospital_is_no_short_form(nicohort, tmp_path, names, masks, volume, mask):
    for i, (site, name, of_mask) in enumerate(zip("AB", names, masks)):
        for pid in range(10 + i, 20, 2):
            for phase in ("baseline", "fu1"):
                for file in (name, of_mask):
                    save(tmp_path, f"Hosp{site}/{pid}/{phase}/{file}.nii.gz", "v3d" if file == name else "m3d")
    recipe, done = propose(nicohort, tmp_path / "archive")
    assert recipe["volume"] == f"Hosp{{site_dir}}/{{pid}}/{{phase_dir}}/{volume}.nii.gz"
    assert recipe["mask"] == f"Hosp{{site_dir}}/{{pid}}/{{phase_dir}}/{mask}.nii.gz"
    assert recipe["parts"]["site"] == {"A": "A", "B": "B"}
    (tmp_path / "recipe.yaml").write_text(done.stdout)
    told = nicohort("run", "--root_dir", tmp_path, "--recipe", tmp_path / "recipe.yaml", "--dry_run")
    assert "Would process 20 samples" in told.stdout and "problem" not in told.stderr


def test_images_tr_that_are_called_otherwise(nicohort, tmp_path):
    for pid in ("CHUM-001", "CHUM-002", "MDA-001"):
        touch(tmp_path, f"imagesTr/{pid}__CT.nii.gz", f"imagesTr/{pid}__PT.nii.gz", f"labelsTr/{pid}.nii.gz")
    recipe, done = propose(nicohort, tmp_path)
    assert unmatched(done) == 0
    assert recipe["volume"] == {"CT": "imagesTr/{site_dir}-{pid}__CT.nii.gz", "PT": "imagesTr/{site_dir}-{pid}__PT.nii.gz"}
    assert recipe["mask"] == "labelsTr/{site_dir}-{pid}.nii.gz"
    assert recipe["id"] == "{site}_{pid}"


def test_only_one_subset_has_masks(nicohort, tmp_path):
    for pid in range(10):
        touch(tmp_path, f"{'train' if pid < 5 else 'test'}/img/case{pid}.nii.gz")
    touch(tmp_path, *(f"train/gt/case{pid}.nii.gz" for pid in range(5)))
    recipe, done = propose(nicohort, tmp_path)
    assert unmatched(done) == 0
    assert recipe["no_mask"] == {"subset": ["test"]}
    assert recipe["mask"] == "{subset_dir}/gt/{pid}.nii.gz"


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
    assert "no such folder" in nicohort("recipe", tmp_path / "none", status=2).stderr
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


def image(path, *shape, inside=None, value=1, kind=np.uint8, affine=np.diag([1, 1, 3, 1])):
    """A volume, or a mask of what lies inside, a range along x."""
    path.parent.mkdir(parents=True, exist_ok=True)
    values = np.arange(np.prod(shape), dtype=np.int16).reshape(shape)
    if inside:
        values = np.zeros(shape, kind)
        values[slice(*inside), 1:4] = value
    nibabel.save(nibabel.Nifti1Image(values, affine), path)


def test_a_4d_volume_has_channels(nicohort, tmp_path):
    for pid in ("p1", "p2", "p3"):
        image(tmp_path / f"{pid}/cine.nii.gz", 6, 5, 3, 4)
        image(tmp_path / f"{pid}/cine_seg.nii.gz", 6, 5, 3, inside=(1, 3))
    recipe, done = propose(nicohort, tmp_path)
    assert recipe["volume"] == {"file": "{pid}/cine.nii.gz", "channels": ["c0", "c1", "c2", "c3"]}
    assert "c0, c1 ... are their channels, to be renamed" in done.stdout
    image(tmp_path / "p3/cine.nii.gz", 6, 5, 3)
    assert "p1/cine.nii.gz has 4 volumes, but p3/cine.nii.gz has 1" in propose(nicohort, tmp_path)[1].stdout


@pytest.mark.parametrize("volumes, names", [(2, ["CT", "PET"]), (3, ["c0", "c1", "c2"]), (1, None)])
def test_the_channels_of_dataset_json_are_compared_with_the_images(nicohort, tmp_path, volumes, names):
    for i in (1, 2):
        image(tmp_path / f"imagesTr/x{i}.nii.gz", 6, 5, 3, *([volumes] if volumes > 1 else []))
        image(tmp_path / f"labelsTr/x{i}.nii.gz", 6, 5, 3, inside=(1, 3))
    (tmp_path / "dataset.json").write_text('{"modality": {"0": "CT", "1": "PET"}, "labels": {"0": "background", "1": "x"}}')
    recipe, done = propose(nicohort, tmp_path)
    assert recipe["volume"] == ({"file": "imagesTr/{pid}.nii.gz", "channels": names} if names else "imagesTr/{pid}.nii.gz")
    assert ("dataset.json names 2 channels (CT, PET)" in done.stdout) == (volumes != 2)


def test_the_mask_of_one_reader_is_used(nicohort, tmp_path):
    for pid in ("case1", "case2"):
        image(tmp_path / f"data/{pid}.nii.gz", 8, 7, 3)
        for reader, inside in (("AB", (2, 6)), ("CD", (2, 5)), ("EF", (3, 6))):
            image(tmp_path / f"masks/{pid}_{reader}.nii.gz", 8, 7, 3, inside=inside)
    recipe, done = propose(nicohort, tmp_path)
    assert recipe["mask"] == "masks/{pid}_AB.nii.gz"
    assert unmatched(done) == 0 and "`AB` is used, the others are not" in done.stdout
    for pid in ("case1", "case2"):  # a mask of several labels is none of a label
        image(tmp_path / f"masks/{pid}_CD.nii.gz", 8, 7, 3, inside=(0, 3), value=[[1], [2], [3]])
    assert propose(nicohort, tmp_path)[0]["mask"] == "masks/{pid}_CD.nii.gz"


def test_names_of_labels_are_whole(nicohort, tmp_path):
    for pid in ("pat_1", "pat_2"):
        image(tmp_path / f"{pid}/CT.nii.gz", 8, 7, 3)
        for i, label in enumerate(("kidney_left", "kidney_right", "lung_left", "lung_right")):
            image(tmp_path / f"{pid}/masks/{label}.nii.gz", 8, 7, 3, inside=(i, i + 1))
    recipe, _ = propose(nicohort, tmp_path)
    assert recipe["mask"] == {"file": "{pid}/masks/{label}.nii.gz", "overlap": "error"}
    assert recipe["labels"] == {0: "background", 1: "kidney_left", 2: "kidney_right", 3: "lung_left", 4: "lung_right"}
    assert recipe["intensity"] == {"unit": "HU"}


@pytest.mark.parametrize("called", ["softmax", "seg_prob"])
def test_probability_maps_are_neither_volumes_nor_masks(nicohort, tmp_path, called):
    for pid in (10, 11):
        image(tmp_path / f"{pid}/t2.nii.gz", 8, 7, 3)
        image(tmp_path / f"{pid}/seg.nii.gz", 8, 7, 3, inside=(1, 3))
        image(tmp_path / f"{pid}/{called}.nii.gz", 8, 7, 3, inside=(1, 3), value=0.3, kind=np.float32)
    recipe, done = propose(nicohort, tmp_path)
    assert (recipe["volume"], recipe["mask"]) == ("{pid}/t2.nii.gz", "{pid}/seg.nii.gz")
    assert unmatched(done) == 0 and "probability maps" in done.stdout


def test_volumes_on_different_grids_are_no_channels(nicohort, tmp_path):
    for pid in ("s1", "s2"):
        image(tmp_path / f"fine/{pid}.nii.gz", 8, 7, 6)
        image(tmp_path / f"raw/{pid}.nii.gz", 8, 7, 3)
        image(tmp_path / f"seg/{pid}.nii.gz", 8, 7, 3, inside=(1, 3))
    recipe, done = propose(nicohort, tmp_path)
    assert (recipe["volume"], recipe["mask"]) == ("raw/{pid}.nii.gz", "seg/{pid}.nii.gz")
    assert unmatched(done) == 0 and "`raw` is used, the others are not" in done.stdout
    for pid in ("s1", "s2"):
        image(tmp_path / f"fine/{pid}.nii.gz", 8, 7, 3)
    assert list(propose(nicohort, tmp_path)[0]["volume"]) == ["fine", "raw"]


def test_channels_of_bids_are_on_the_grid_of_the_mask(nicohort, tmp_path):
    for sub in ("sub-1", "sub-2"):
        image(tmp_path / f"{sub}/anat/{sub}_T1w.nii.gz", 8, 7, 6)
        image(tmp_path / f"{sub}/anat/{sub}_FLAIR.nii.gz", 8, 7, 3)
        image(tmp_path / f"derivatives/d/{sub}/anat/{sub}_label-lesion_mask.nii.gz", 8, 7, 3, inside=(1, 3))
    recipe, done = propose(nicohort, tmp_path)
    assert recipe["volume"] == "sub-{pid}/anat/sub-{pid}_FLAIR.nii.gz"
    assert "anat/T1w (on another grid" in done.stdout


def test_a_date_is_no_patient(nicohort, tmp_path):
    """Else a patient could be in two subsets of a split."""
    for i, pid in enumerate(("K-1041", "K-1077", "K-1102")):
        for day in range(1 + i % 2):
            touch(tmp_path, *(f"{pid}/2019-0{i + 1}-1{day}/thorax{end}.nii.gz" for end in ("", "_seg")))
    recipe, done = propose(nicohort, tmp_path)
    assert recipe["volume"] == "{pid}/{date}/thorax.nii.gz"
    assert recipe["parts"] == {"date": "[0-9]{4}[-][0-9]{2}[-][0-9]{2}", "pid": "K-[0-9]{4}"}
    assert recipe["id"] == "{pid}_{date}"


def test_names_that_dcm2niix_gives(nicohort, tmp_path):
    for i in range(1, 5):
        scans = f"SUBJ0{i}/SUBJ0{i}_T2_TSE_AX_2020010{i}103015_{i}", f"SUBJ0{i}/SUBJ0{i}_DWI_b1000_2020010{i}113015_{i + 3}"
        touch(tmp_path, *(f"nifti/{scan}.nii.gz" for scan in scans), f"masks/{scans[0]}_mask.nii.gz")
    recipe, done = propose(nicohort, tmp_path)
    assert unmatched(done) == 0
    assert recipe["parts"]["scan"] == {"DWI_b1000": "DWI_b1000", "T2_TSE_AX": "T2_TSE_AX"}
    assert recipe["no_mask"] == {"scan": ["DWI_b1000"]} and "`no_mask` says that this is right" in done.stdout


def test_left_and_right_are_scans_of_a_patient(nicohort, tmp_path):
    for pid in ("P001", "P002"):
        touch(tmp_path, *(f"{pid}/{eye}/{name}.nii.gz" for eye in ("OD", "OS") for name in ("oct", "layers_label")))
    recipe, done = propose(nicohort, tmp_path)
    assert recipe["volume"] == "{pid}/{scan_dir}/oct.nii.gz" and recipe["id"] == "{pid}_{scan}"
    assert "in several `scan` is taken for the same patient" in done.stdout


def test_batches_are_no_patients(nicohort, tmp_path):
    for pid in range(1, 6):
        touch(tmp_path, *(f"batch{batch}/img_{pid}{end}.nii.gz" for batch in (1, 2) for end in ("", "_seg")))
    recipe, done = propose(nicohort, tmp_path)
    assert recipe["volume"] == "batch{site}/{pid}.nii.gz"
    assert "5 identifiers in more than one `site`, taken for different patients" in done.stdout


def test_one_mask_that_is_called_otherwise_is_told(nicohort, tmp_path):
    for pid in range(1, 7):
        touch(tmp_path, f"Pat{pid:03}/Pat{pid:03}.nii.gz", f"Pat{pid:03}/Pat{pid:03}{'_Mask' if pid != 3 else '-mask final'}.nii.gz")
    recipe, done = propose(nicohort, tmp_path)
    assert (recipe["volume"], recipe["mask"]) == ("{pid}/{pid}.nii.gz", "{pid}/{pid}_Mask.nii.gz")
    assert unmatched(done) == 1 and "Pat003-mask final.nii.gz" in done.stdout


def test_the_mask_that_people_drew_is_preferred(nicohort, tmp_path):
    for pid in ("A1", "A2"):
        image(tmp_path / f"images/{pid}.nii.gz", 8, 7, 3)
        image(tmp_path / f"auto_seg/{pid}.nii.gz", 8, 7, 3, inside=(1, 4))
        image(tmp_path / f"true_seg/{pid}.nii.gz", 8, 7, 3, inside=(1, 5))
    assert propose(nicohort, tmp_path)[0]["mask"] == "true_seg/{pid}.nii.gz"


def test_a_channel_that_looks_like_a_mask_is_told(nicohort, tmp_path):
    for pid in ("A1", "A2"):
        image(tmp_path / f"{pid}/t1.nii.gz", 8, 7, 3)
        image(tmp_path / f"{pid}/brain.nii.gz", 8, 7, 3, inside=(1, 7))
        image(tmp_path / f"{pid}/seg.nii.gz", 8, 7, 3, inside=(1, 5))
    recipe, done = propose(nicohort, tmp_path)
    assert "`brain` looks like a mask" in done.stdout and "`t1` looks" not in done.stdout


def test_channel_numbers_without_labels(nicohort, tmp_path):
    touch(tmp_path, *(f"imagesTr/c{i}_000{channel}.nii.gz" for i in (1, 2) for channel in (0, 1)))
    assert list(propose(nicohort, tmp_path)[0]["volume"]) == ["channel_0000", "channel_0001"]


def test_the_column_of_a_table_that_is_called_so(nicohort, tmp_path):
    """Not the number of the row, which is among the identifiers, too."""
    touch(tmp_path, *(f"{pid:04}{end}.nii.gz" for pid in (1, 2, 3) for end in ("", "_seg")))
    (tmp_path / "t.csv").write_text("row,patient,age\n1,3,50\n2,1,51\n3,2,52\n")
    recipe, done = propose(nicohort, tmp_path)
    assert recipe["metadata"] == [{"file": "t.csv", "key": {"patient": "{pid}"}, "match": "number"}]
    assert "`row` has the identifiers, too" in done.stdout


def test_many_files(nicohort, tmp_path):
    for pid in range(2500):
        touch(tmp_path, *(f"site{pid % 3}/case_{pid:05}/case_{pid:05}_{kind}.nii.gz" for kind in ("t1", "t2", "flair", "seg")))
    recipe, done = propose(nicohort, tmp_path)
    assert unmatched(done) == 0
    assert "2500 samples" in done.stderr
    assert list(recipe["volume"]) == ["flair", "t1", "t2"]


@pytest.mark.parametrize("name", ["{pid}_{channel}.nii.gz", "{pid}/{channel}.nii.gz", "scans/{pid}_ax_{channel}_raw.nii.gz"])
@pytest.mark.parametrize("channels", [("T1", "T2"), ("T1w", "T2w"), ("b50", "b800"), ("T1post", "T1pre"), ("FLAIR", "T1w")], ids="-".join)
def test_channels_are_called_by_the_whole_word(nicohort, tmp_path, channels, name):
    for pid in ("P001", "P002", "P003"):
        touch(tmp_path, *(name.format(pid=pid, channel=channel) for channel in (*channels, "seg")))
    recipe, done = propose(nicohort, tmp_path)
    assert recipe["volume"] == {channel: name.format(pid="{pid}", channel=channel) for channel in channels}
    assert unmatched(done) == 0 and f"The volumes {', '.join(channels)} of a patient" in done.stdout


@pytest.mark.parametrize("name, channels", [
    ("{pid}/CT_{phase}", ["CT_art", "CT_ven"]), ("{pid}/{phase}_ct", ["ct_art", "ct_ven"]), ("{pid}/{pid}-CT-{phase}", ["CT_art", "CT_ven"])])
def test_phases_of_ct_are_channels_of_ct_also_for_nnunet(nicohort, tmp_path, name, channels):
    for pid in ("UKE_0007", "UKE_0012"):
        for phase in ("art", "ven"):
            save(tmp_path, name.format(pid=pid, phase=phase) + ".nii.gz")
        save(tmp_path, f"{pid}/labels.nii.gz", "m3d")
    recipe, done = propose(nicohort, tmp_path / "archive")
    assert recipe["volume"] == {channel: name.format(pid="{pid}", phase=phase) + ".nii.gz" for channel, phase in zip(channels, ("art", "ven"))}
    assert recipe["intensity"] == {"unit": "HU"}
    assert f"The volumes {', '.join(channels)} of a patient are taken for channels" in done.stdout
    (tmp_path / "recipe.yaml").write_text(done.stdout + "labels: {0: background, 1: a, 2: b, 3: c, 4: d, 5: e}\n")
    nicohort("run", "--root_dir", tmp_path, "--recipe", tmp_path / "recipe.yaml")
    nicohort("export", "--root_dir", tmp_path / "grouped", "--format", "nnunet", "--dataset_id", 7, "--dataset_name", "X", "--output", tmp_path / "raw")
    assert json.loads((tmp_path / "raw/Dataset007_X/dataset.json").read_text())["channel_names"] == {"0": "CT", "1": "CT"}


@pytest.mark.parametrize("name, mask", [("{pid}/{pid}_{modality}", "{pid}/{pid}_mask"), ("{pid}/{modality}_scan", "{pid}/mask")])
def test_ct_and_mr_in_one_archive_are_not_in_hu(nicohort, tmp_path, name, mask):
    for pid, modality in (("001", "ct"), ("002", "ct"), ("003", "mr"), ("004", "mr")):
        touch(tmp_path, name.format(pid=pid, modality=modality) + ".nii.gz", mask.format(pid=pid) + ".nii.gz")
    recipe, _ = propose(nicohort, tmp_path)
    assert recipe["parts"]["modality"] == {"ct": "ct", "mr": "mr"} and "patient" not in recipe
    assert "intensity" not in recipe


def test_patients_called_pt_have_no_pet(nicohort, tmp_path):
    for pid in ("pt_001", "pt_002"):
        touch(tmp_path, *(f"{pid}/{pid}_{end}.nii.gz" for end in ("art", "ven", "seg")))
    assert list(propose(nicohort, tmp_path)[0]["volume"]) == ["art", "ven"]


def test_letters_around_a_channel_that_has_a_name(nicohort, tmp_path):
    for pid in ("P001", "P002"):
        touch(tmp_path, f"imgCT/{pid}.nii.gz", f"imgPET/{pid}.nii.gz", f"seg/{pid}.nii.gz")
    assert propose(nicohort, tmp_path)[0]["volume"] == {"CT": "imgCT/{pid}.nii.gz", "PET": "imgPET/{pid}.nii.gz"}


@pytest.mark.parametrize("channels", [("T1", "T2"), ("FLAIR", "T1w"), ("b50", "b800")], ids="-".join)
@pytest.mark.parametrize("visits, masked", [("1", "1"), ("12", "12"), ("12", "1"), ("12", "2")])
def test_the_number_of_a_visit_is_none_of_a_channel(nicohort, tmp_path, channels, visits, masked):
    """Volumes T1 and T2 of visits v1 and v2: the mask of v1 says nothing of T1."""
    pids = [f"MR{pid:03}" for pid in range(1, 8)]
    for pid in pids:
        for visit in visits:
            for channel in channels:
                save(tmp_path, f"{pid}_v{visit}_{channel}.nii.gz")
            if visit in masked:
                save(tmp_path, f"labels/{pid}_v{visit}_roi.nii.gz", "m3d")
    recipe, done = propose(nicohort, tmp_path / "archive")
    visit = "v{scan}" if len(visits) > 1 else f"v{visits}"
    assert recipe["volume"] == {channel: f"{{pid}}_{visit}_{channel}.nii.gz" for channel in channels}
    assert recipe["mask"] == f"labels/{{pid}}_{visit}_roi.nii.gz"
    (tmp_path / "recipe.yaml").write_text(done.stdout)
    told = nicohort("run", "--root_dir", tmp_path, "--recipe", tmp_path / "recipe.yaml", "--dry_run", status=None).stdout
    assert f"Would process {len(pids) * len(visits)} samples" in told


def two_hospitals(root, masks_of_a=("seg",)):
    """Five patients each; masks that do not overlap."""
    for pid in range(1, 6):
        for folder in (f"A/{pid:04}/ct", f"B/images/BE-{pid:03}_CT"):
            save(root, folder + ".nii.gz")
        for i, mask in enumerate(masks_of_a):
            image(root / f"archive/A/{pid:04}/{mask}.nii.gz", 8, 7, 3, inside=(i, i + 1), affine=AFFINE)
        save(root, f"B/labels/BE-{pid:03}_label.nii.gz", "m3d")
    return root / "archive"


def test_two_hospitals_with_a_layout_each(nicohort, tmp_path):
    recipe, done = propose(nicohort, two_hospitals(tmp_path))
    assert unmatched(done) == 0 and "no_mask" not in recipe
    assert recipe["volume"] == "{site_dir}/[images/]{pid}[/ct][_CT].nii.gz"
    assert recipe["mask"] == "{site_dir}/[labels/]{pid}[/seg][_label].nii.gz"
    assert "The folders A, B have layouts of their own" in done.stdout
    (tmp_path / "recipe.yaml").write_text(done.stdout)
    nicohort("run", "--root_dir", tmp_path, "--recipe", tmp_path / "recipe.yaml")
    assert len(list((tmp_path / "grouped").rglob("*_volume.nii.gz"))) == 10
    assert len(list((tmp_path / "grouped").rglob("*_mask.nii.gz"))) == 10


@pytest.mark.parametrize("above", ["", "data/2024"])
def test_the_patterns_of_two_hospitals_that_cannot_be_joined(nicohort, tmp_path, above):
    """A file for each label in the one, masks of several labels in the other: the first has a recipe, the second is told."""
    archive = two_hospitals(tmp_path, ("seg_kidney", "seg_liver", "seg_spleen"))
    if above:
        (archive / above).mkdir(parents=True)
        for folder in "AB":
            (archive / folder).rename(archive / above / folder)
    recipe, done = propose(nicohort, archive, status=1)
    folder = f"{above}/" if above else ""
    assert recipe["volume"] == folder + "A/{pid}/ct.nii.gz"
    assert list(recipe["labels"].values()) == ["background", "kidney", "liver", "spleen"]
    assert "no_mask" not in recipe and unmatched(done) == 10
    problem = f"{folder}B/labels/BE-001_label.nii.gz: is one of 5 images that are called masks and match no pattern"
    assert f"problem: {problem}" in done.stderr and "probably has more than one layout" in done.stderr
    assert "probably has more than one layout" in done.stdout


def test_a_site_whose_masks_match_no_pattern_is_not_without_masks(nicohort, tmp_path):
    """They lie in folders of many depths, so that their folder has no layout of its own."""
    for pid in range(10, 20):
        touch(tmp_path, f"A/images/{pid}.nii.gz", f"A/masks/{pid}.nii.gz", f"B/images/{pid + 50}.nii.gz")
    recipe, done = propose(nicohort, tmp_path)
    assert recipe["no_mask"] == {"site": ["B"]}
    touch(tmp_path, *(f"B/masks{'/x' * (pid - 58)}/{pid}.nii.gz" for pid in range(60, 70)))
    recipe, done = propose(nicohort, tmp_path, status=1)
    assert recipe["mask"] == "{site_dir}/masks/{pid}.nii.gz" and "no_mask" not in recipe
    assert "B/masks/x/x/60.nii.gz: is one of 10 images that are called masks and match no pattern" in done.stderr


@pytest.mark.parametrize("number", [1, 5])
def test_a_proposal_in_which_no_volume_has_a_mask_has_problems(nicohort, tmp_path, number):
    touch(tmp_path, *(f"vol/P{pid}/x.nii.gz" for pid in range(10, 16)), *(f"segs/Q{pid}/y.nii.gz" for pid in range(70, 70 + number)))
    recipe, done = propose(nicohort, tmp_path, status=1)
    assert "problem: segs/Q70/y.nii.gz: is " in done.stderr and "# segs/Q70/y.nii.gz is " in done.stdout


def test_a_proposal_that_gives_no_sample_has_problems(nicohort, tmp_path):
    """Of two volumes of each patient, whose mask says nothing of which."""
    for pid in range(10, 14):
        touch(tmp_path, *(f"P{pid}/P{pid}{end}.nii.gz" for end in ("", "_late", "_seg")))
    recipe, done = propose(nicohort, tmp_path, status=1)
    told = "P10/P10.nii.gz{} is a volume of no sample that could be used, and so are all others"
    assert told.format(":") in done.stderr and told.format("") in done.stdout
    assert nicohort("recipe", "--json", tmp_path, status=1).stdout.count('"kind": "layout"') == 1


def test_quiet(nicohort, tmp_path):
    touch(tmp_path, "a1.nii", "a2.nii")
    done = nicohort("recipe", "--quiet", tmp_path)
    assert done.stdout and not done.stderr
    shutil.rmtree(tmp_path)
