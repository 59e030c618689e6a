"""SPEC 5: what `run --dry_run` shows who writes a recipe."""

import re

import nibabel
import numpy as np
import pytest

from small_archive import save

RECIPE = """
volume: "images{subset_dir}/{pid}_{scan}.nii.gz"
mask: "labels{subset_dir}/{pid}_{scan}.nii.gz"
parts: {subset: {train: Tr, test: Ts}, pid: "p[0-9]+", scan: "[0-9]"}
id: "{pid}-{scan}"
patient: "{pid}"
ignore: ["spare/*"]
no_mask: {subset: test}
metadata: {file: patients.csv, key: {PID: "{pid}"}}
labels: {0: Bg, 1: tumour}
splits:
  - {name: standard, by: subset}
  - {name: with_val, by: subset, divide: {side: train, val_ratio: 0.34}, require_mask: true}
  - {name: later, where: {mask_01_tumour_existence: 1}, test_ratio: 0.5, val_ratio: 0}
"""


@pytest.fixture
def root(tmp_path):
    for pid in ("p1", "p2", "p3"):
        for scan in (1, 2):
            save(tmp_path, f"imagesTr/{pid}_{scan}.nii.gz")
            save(tmp_path, f"labelsTr/{pid}_{scan}.nii.gz", "m3d")
    save(tmp_path, "imagesTs/p4_1.nii.gz")
    (tmp_path / "archive/patients.csv").write_text("PID,age\n" + "".join(f"p{i},60\n" for i in range(1, 5)), encoding="utf-8")
    (tmp_path / "recipe.yaml").write_text(RECIPE, encoding="utf-8")
    return tmp_path


def dry_run(nicohort, root, status=0):
    before = {path for path in root.rglob("*")}
    done = nicohort("run", "--root_dir", root, "--recipe", root / "recipe.yaml", "--dry_run", status=status)
    assert {path for path in root.rglob("*")} == before
    return done


def test_it_shows_files_with_their_parts_and_what_splits_would_hold(nicohort, root):
    lines = dry_run(nicohort, root).stdout.splitlines()
    volumes = lines.index("The volume pattern `images{subset_dir}/{pid}_{scan}.nii.gz` matches 7 files:")
    assert lines[volumes + 1:volumes + 5] == [
        "  imagesTr/p1_1.nii.gz: subset train, pid p1, scan 1", "  imagesTr/p1_2.nii.gz: subset train, pid p1, scan 2",
        "  imagesTr/p2_1.nii.gz: subset train, pid p2, scan 1", "  and 4 more"]
    assert "The mask pattern `labels{subset_dir}/{pid}_{scan}.nii.gz` matches 6 files:" in lines
    assert "The split standard would have train 6 samples of 3 patients; test 1 sample of 1 patient." in lines
    with_val, = (line for line in lines if line.startswith("The split with_val would have "))
    assert with_val == ("The split with_val would have train 4 samples of 2 patients; val 2 samples of 1 patient; "
                        "test 1 sample of 1 patient, before require_mask.")
    assert "The split later uses the column `mask_01_tumour_existence`, whose values are known only after the samples are made." in lines
    assert lines[-2:] == ["Would process 7 samples, 0 unchanged, and write the manifests. Nothing was written.", "No problems."]


def test_the_run_has_the_sides_that_it_said(nicohort, root):
    said, = (line for line in dry_run(nicohort, root).stdout.splitlines() if line.startswith("The split standard"))
    done = nicohort("run", "--root_dir", root, "--recipe", root / "recipe.yaml")
    assert "4 patients divided in worksheet standard" in done.stdout and ": train: 3, test: 1." in done.stdout, done.stdout
    assert "train 6 samples of 3 patients; test 1 sample of 1 patient" in said


def test_files_that_match_no_pattern_by_kind(nicohort, root):
    for i in range(1, 5):
        save(root, f"imagesTr/scout_{i}.nii.gz")
    save(root, "imagesTr/odd.nii.gz")
    save(root, "spare/p1_1.nii.gz")
    done = dry_run(nicohort, root, status=1)
    lines = done.stdout.splitlines()
    at = lines.index("5 files matched by no pattern:")
    assert lines[at + 1:at + 3] == ["  4 such as imagesTr/scout_1.nii.gz", "  imagesTr/odd.nii.gz"]
    at = lines.index("1 file left out by `ignore`:")
    assert lines[at + 1] == "  spare/p1_1.nii.gz"


def test_a_row_of_metadata_without_images_and_a_split_that_cannot_be(nicohort, root):
    with open(root / "archive/patients.csv", "a", encoding="utf-8") as table:
        table.write("p9,70\n")
    text = (root / "recipe.yaml").read_text(encoding="utf-8")
    (root / "recipe.yaml").write_text(text.replace("{name: standard, by: subset}", "{name: standard, where: {age: 61}}"), encoding="utf-8")
    done = dry_run(nicohort, root, status=2)
    assert "PID p9 has no images" in done.stderr
    assert "line 12: `where` age 61: the manifest has no such age; it has 60. Nothing was written." in done.stderr
    assert "Would process" not in done.stdout


def test_a_pattern_that_matches_nothing(nicohort, root):
    text = (root / "recipe.yaml").read_text(encoding="utf-8")
    (root / "recipe.yaml").write_text(text.replace("labels{subset_dir}/", "segmentations{subset_dir}/"), encoding="utf-8")
    done = dry_run(nicohort, root, status=1)
    assert "The mask pattern `segmentations{subset_dir}/{pid}_{scan}.nii.gz` matches 0 files." in done.stdout


def test_a_patient_and_a_sample_that_a_split_would_have_twice(nicohort, root):
    save(root, "imagesTs/p1_3.nii.gz")
    text = (root / "recipe.yaml").read_text(encoding="utf-8")
    parts = "{name: twice, parts: [{where: {pid: [p1, p2]}, by: subset}, {where: {pid: [p2, p3]}, by: subset}]}"
    (root / "recipe.yaml").write_text(text.replace("splits:\n", f"splits:\n  - {parts}\n"), encoding="utf-8")
    done = dry_run(nicohort, root, status=1)
    assert "standard: patient p1 is in train and test, by the column `subset`; " in done.stderr
    assert "line 12: `parts`: p2-1 is in two of them" in done.stderr


@pytest.mark.parametrize("split, said, status", [  # 2: no sample is made for a misspelt split
    ("{name: age, by: subset}", "`name` age: the manifest has a column of that name; choose another", 2),
    ("{name: info, by: subset}", "`name` info: the manifest has a column of that name; choose another", 2),
    ("{name: standard, by: subset, subsets: [[train], [val]]}", "`subsets` val: standard has no rows of this subset, only of test, train", 1),
    ("{name: standard, by: subset, divide: val}", "`divide` val: `subset` has no such subset; it has test, train", 2),
    ("{name: standard, where: {scan: 3}}", "`where` scan 3: the manifest has no such scan; it has 1, 2", 2),
    ("{name: standard, by: scan, values: {train: [1], test: [3]}}", "`values` of test has `3`, which is in no row of `scan`: it has 1, 2", 2),
    ("{name: standard, by: subset, values: {val: [Va]}}", "`values`: `Va` is not a short form of `subset`; it can be train, test", 2),
    ("{name: standard, stratify_by: scan}", "`stratify_by` scan: p1 has two values, 1 and 2", 1),
])
def test_what_the_run_refuses_of_a_split_is_told_before_by_its_line(nicohort, root, split, said, status):
    text = (root / "recipe.yaml").read_text(encoding="utf-8")
    (root / "recipe.yaml").write_text(text.replace("{name: standard, by: subset}", split), encoding="utf-8")
    before = dry_run(nicohort, root, status=status).stderr
    assert "recipe.yaml, line 12: " + said in before
    done = nicohort("run", "--root_dir", root, "--recipe", root / "recipe.yaml", status=status)
    assert "recipe.yaml, line 12: " + said in done.stderr and "--s" not in done.stderr
    assert (root / "grouped").exists() == (status == 1)


def test_it_counts_as_the_run_does_also_of_samples_that_cannot_be_made(nicohort, root):
    """One was made before and its mask has another size now; one never had a volume that can be used."""
    recipe = (root / "recipe.yaml").read_text(encoding="utf-8")
    (root / "recipe.yaml").write_text(recipe.partition("splits:")[0] + "splits: [{name: standard, by: subset}]\n", encoding="utf-8")
    save(root, "labelsTr/p5_1.nii.gz", "m3d")  # and no volume
    volume = root / "archive/imagesTr/p1_1.nii.gz"
    content = volume.read_bytes()
    volume.write_bytes(content[:-40] + content[-8:])
    options = ("--root_dir", root, "--recipe", root / "recipe.yaml")
    assert "6 samples processed, 0 unchanged, 2 cannot be made." in nicohort("run", *options, status=1).stdout
    done = dry_run(nicohort, root, status=1)
    assert "Would process 0 samples, 6 unchanged, 2 cannot be made, and write the manifests." in done.stdout and "would process" not in done.stdout
    assert "The split standard would have train 5 samples of 3 patients; test 1 sample of 1 patient." in done.stdout
    done = nicohort("run", *options, status=1)
    assert "0 samples processed, 6 unchanged, 2 cannot be made." in done.stdout and ": train: 3, test: 1." in done.stdout
    volume.write_bytes(content)
    assert "would process p1-1: it could not be used before\n" in dry_run(nicohort, root, status=1).stdout
    assert "1 sample processed, 6 unchanged, 1 cannot be made." in nicohort("run", *options, status=1).stdout
    (root / "archive/imagesTr/p2_1.nii.gz").unlink()  # what the dataset has of it stays
    done = dry_run(nicohort, root, status=1)
    assert "Would process 0 samples, 6 unchanged, 2 cannot be made" in done.stdout
    assert "The split standard would have train 6 samples of 3 patients" in done.stdout
    assert "7 samples in the manifest" in nicohort("run", *options, status=1).stdout


def test_with_keep_sides_it_says_that_only_new_patients_are_drawn(nicohort, root):
    recipe = (root / "recipe.yaml").read_text(encoding="utf-8")
    split = "splits: [{name: kept, keep_sides: true, test_ratio: 0.5, val_ratio: 0}]\n"
    (root / "recipe.yaml").write_text(recipe.partition("splits:")[0] + split, encoding="utf-8")
    assert re.search(r"^The split kept would have train \d samples? of 2 patients; test \d samples? of 2 patients\.$",
                     dry_run(nicohort, root).stdout, re.MULTILINE)
    nicohort("run", "--root_dir", root, "--recipe", root / "recipe.yaml")
    said = dry_run(nicohort, root).stdout
    assert "The split kept has keep_sides: the patients in its worksheet keep their subset, and only new ones are drawn." in said
    assert "kept would have" not in said


def test_a_sample_that_could_not_be_used_is_named_and_may_be_usable_by_another_recipe(nicohort, root):
    mask = root / "archive/labelsTr/p2_1.nii.gz"
    image = nibabel.load(mask)
    nibabel.save(nibabel.Nifti1Image(np.full(image.shape, 1000, np.int16), image.affine), mask)
    told = nicohort("run", "--root_dir", root, "--recipe", root / "recipe.yaml", status=1).stderr
    [problem] = [line for line in told.splitlines() if "labelsTr/p2_1.nii.gz" in line]
    done = dry_run(nicohort, root, status=1)
    assert problem in done.stderr.splitlines() and "1 cannot be made" in done.stdout
    with open(root / "recipe.yaml", "a", encoding="utf-8") as file:
        file.write("# another\n")
    assert "would process p2-1: it could not be used before" in dry_run(nicohort, root, status=None).stdout


def change(image, values):
    old = nibabel.load(image)
    nibabel.save(nibabel.Nifti1Image(values(np.asanyarray(old.dataobj)), old.affine), image)


def test_images_of_another_size_than_the_volume_are_told_before_any_run(nicohort, root):
    def problems(done):
        return [line for line in done.stderr.splitlines() if line.startswith("problem: ")]

    change(root / "archive/labelsTr/p2_1.nii.gz", lambda voxels: voxels[:, :, :-1])
    mask = root / "archive/labelsTr/p1_1.nii.gz"  # its axes are in another order, which is no other size
    nibabel.save(nibabel.load(mask).as_reoriented([[2, 1], [0, -1], [1, 1]]), mask)
    assert nibabel.load(mask).shape != nibabel.load(root / "archive/imagesTr/p1_1.nii.gz").shape
    before = dry_run(nicohort, root, status=1)
    assert "Would process 6 samples, 0 unchanged, 1 cannot be made" in before.stdout and "would process p2-1" not in before.stdout
    assert "The split standard would have train 5 samples" in before.stdout
    run = nicohort("run", "--root_dir", root, "--recipe", root / "recipe.yaml", status=1)
    assert problems(before) == problems(run) and "labelsTr/p2_1.nii.gz" in problems(before)[0]
    assert len(problems(before)) == 1 and "the sample is left out" in problems(before)[0]
    assert problems(dry_run(nicohort, root, status=1)) == problems(before)
    change(root / "archive/labelsTr/p3_1.nii.gz", lambda voxels: voxels[:-1])
    told = problems(dry_run(nicohort, root, status=1))
    assert len(told) == 2 and "the dataset keeps the sample as it was made before" in told[1]


def test_channels_of_another_size_are_told_before_any_run(nicohort, tmp_path):
    for name in ("p1_T1", "p1_T2", "p2_T1", "p2_T2"):
        save(tmp_path, f"{name}.nii.gz")
    change(tmp_path / "archive/p2_T2.nii.gz", lambda voxels: voxels[1:])
    (tmp_path / "recipe.yaml").write_text('volume: {T1: "{pid}_T1.nii.gz", T2: "{pid}_T2.nii.gz"}\n', encoding="utf-8")
    done = dry_run(nicohort, tmp_path, status=1)
    assert "p2_T2.nii.gz: the channel has 7×7×3 voxels, but the first channel has 8×7×3" in done.stderr
    assert "Would process 1 sample, 0 unchanged, 1 cannot be made" in done.stdout


def test_what_the_dataset_keeps_is_in_splits(nicohort, root):
    """A volume that is damaged now, beside a good mask, and a sample of which nothing can be read."""
    command = ["run", "--root_dir", root, "--recipe", root / "recipe.yaml"]
    nicohort(*command)
    (root / "archive/imagesTr/p1_1.nii.gz").write_bytes(b"damaged")
    (root / "archive/imagesTs/p4_1.nii.gz").write_bytes(b"damaged")
    said = dry_run(nicohort, root, status=1).stdout
    assert "The split standard would have train 6 samples of 3 patients." in said
    assert "The dataset keeps 1 sample that cannot be made from this archive; splits would have it, too." in said
    assert "7 samples in the manifest" in nicohort(*command, status=1).stdout
