"""SPEC 2, Determinism and Safety: the same input gives the same bytes; a routine may write where it reads."""

import shutil

import nibabel
import numpy as np
import pytest

import tutorial
from tutorial import contents


@pytest.fixture(scope="module")
def archive(nicohort, tmp_path_factory):
    root = tmp_path_factory.mktemp("archive")
    nicohort("demo", root, "--patients", 12, "--size", 36, 36, 16)
    return root


@pytest.fixture(scope="module")
def one_job(nicohort, archive, tmp_path_factory):
    return execute(nicohort, archive, tmp_path_factory.mktemp("one_job"), "--jobs", 1)


def execute(nicohort, archive, root, *options):
    shutil.copytree(archive, root, dirs_exist_ok=True)
    tutorial.execute(nicohort, tutorial.Tutorial(root, options=options))
    return root


def assert_same_files(folder, other):
    ours, theirs = contents(folder), contents(other)
    assert ours.keys() == theirs.keys() and ours
    assert [name for name in ours if ours[name] != theirs[name]] == []


def test_jobs_do_not_change_a_byte(nicohort, archive, one_job, tmp_path):
    assert_same_files(execute(nicohort, archive, tmp_path, "--jobs", 2), one_job)


def test_a_run_with_jobs_does_not_change_a_byte(nicohort, archive, tmp_path):
    """What the commands do as well, in one program: short enough for ThreadSanitizer."""
    roots = [tmp_path / str(jobs) for jobs in (1, 3)]
    for root, jobs in zip(roots, (1, 3)):
        shutil.copytree(archive, root)
        nicohort("run", "--root_dir", root, "--jobs", jobs)
    assert_same_files(*roots)


def test_time_zone_and_language_do_not_change_a_byte(nicohort, archive, one_job, tmp_path, monkeypatch):
    for name, value in {"TZ": "Asia/Shanghai", "LC_ALL": "C", "LANG": "zh_CN.UTF-8"}.items():
        monkeypatch.setenv(name, value)
    assert_same_files(execute(nicohort, archive, tmp_path), one_job)


def test_a_second_run_over_the_first_does_not_change_a_byte(nicohort, archive, one_job, tmp_path):
    root = execute(nicohort, archive, tmp_path)
    shutil.rmtree(root / "stages")
    tutorial.execute(nicohort, tutorial.Tutorial(root))
    for folder in ("descriptor", "grouped"):
        assert_same_files(root / folder, one_job / folder)


def test_demo_makes_the_same_archive_again(nicohort, archive, tmp_path):
    nicohort("demo", tmp_path, "--patients", 12, "--size", 36, 36, 16, "--jobs", 1)
    assert_same_files(tmp_path, archive)


@pytest.mark.parametrize("name, before, after", [
    ("mask_thresholding", "confirm_pairs", "mask_thresholding"),
    ("morphological_open_on_slice_small_region", "extract_binary_masks", "morphological_open_on_slice_small_region"),
])
def test_into_another_folder_every_mask_is_written_the_same(nicohort, one_job, tmp_path, name, before, after):
    """In place, where the tutorial writes, and elsewhere; nothing but masks goes elsewhere."""
    options = ["--kernel_size", 2, 2] if name.startswith("morph") else []
    source, kept = one_job / "stages" / before, contents(one_job / "stages" / before)
    nicohort(name, "--root_dir", source, "--output_dir", tmp_path, *options)
    expected = {file: content for file, content in contents(one_job / "stages" / after).items() if "_mask" in file}
    assert {file: content for file, content in contents(tmp_path).items() if not file.startswith(".nicohort/")} == expected
    assert contents(source) == kept


def test_confirm_pairs_into_the_archive_itself(nicohort, archive, one_job, tmp_path):
    shutil.copytree(archive / "archive", tmp_path / "archive")
    root = tmp_path / "archive"
    nicohort("confirm_pairs", "--root_dir", root, "--output_dir", root, "--archive_manifest", one_job / "descriptor/archive_manifest.xlsx")
    expected = contents(archive / "archive") | contents(one_job / "stages/confirm_pairs")
    assert contents(root) == expected


def test_no_temporary_file_is_left(one_job):
    suffixes = (".nii.gz", ".xlsx", ".yaml")
    assert all(path.name.endswith(suffixes) and not path.name.startswith(".") for path in one_job.rglob("*")
               if path.is_file() and ".nicohort" not in path.parts)
    own = one_job / "grouped/.nicohort"
    assert {path.name for path in own.iterdir() if path.suffix != ".json"} == {"SHA256SUMS", "recipe.yaml", *tutorial.NOT_RESULTS}
    assert not [path for folder in ("staging", "commit", "lease") for path in (own / folder).iterdir()]


LARGE_RECIPE = """volume: {file: "{pid}_scan.nii.gz", channels: [CT, PET]}
mask: "{pid}_seg.nii.gz"
labels: {0: Bg, 1: ROI}
steps: [{threshold: [-600, 1200]}]
"""


@pytest.mark.parametrize("kind, in_file, volume_type", [("int16", 1, "float32"), ("float32", 1, "float32"), ("int16", 2, "source")])
def test_jobs_that_have_no_sample_do_not_change_a_byte(nicohort, tmp_path, kind, in_file, volume_type):
    """One sample of several pieces, as whole numbers, as fractions and as a 4-D image: threads share its work."""
    values = np.random.default_rng(1).integers(-1000, 1000, (120, 110, 50, in_file)).astype(kind)
    if kind == "float32":
        values[:, :, 20:] += 0.25
    mask = np.zeros(values.shape[:3], "u1")
    mask[20:60, 20:60, 10:40] = 1
    recipe = LARGE_RECIPE if in_file == 2 else LARGE_RECIPE.replace('{file: "{pid}_scan.nii.gz", channels: [CT, PET]}', '"{pid}_scan.nii.gz"')
    for jobs in (1, 2):
        root = tmp_path / str(jobs)
        (root / "archive").mkdir(parents=True)
        nibabel.save(nibabel.Nifti1Image(values.squeeze(), np.eye(4)), root / "archive/7_scan.nii.gz")
        nibabel.save(nibabel.Nifti1Image(mask, np.eye(4)), root / "archive/7_seg.nii.gz")
        (root / "r.yaml").write_text(recipe + f"volume_type: {volume_type}\n")
        nicohort("run", "--root_dir", root, "--recipe", root / "r.yaml", "--jobs", jobs)
    for folder in ("descriptor", "grouped"):
        assert_same_files(tmp_path / "1" / folder, tmp_path / "2" / folder)
