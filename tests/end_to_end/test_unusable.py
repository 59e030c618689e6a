"""What the problem of a sample that cannot be made says of the dataset: it is left out, or stays as it was made before."""

import csv
import shutil

import nibabel
import numpy as np
import pytest

import small_archive
from small_archive import AFFINE, column
from test_channels import mask_values, save, values_of
from test_report import data_of

RECIPE = """
volume: {T1: "{pid}/{any}_T1.nii.gz", T2: "{pid}/{any}_T2.nii.gz"}
mask: "{pid}/seg{any}.nii.gz"
parts: {pid: "[a-z0-9_]+"}
labels: {0: Bg, 1: ROI}
"""
KEPT = "; the dataset keeps the sample as it was made before"
LEFT_OUT = "; the sample is left out"


def no_t2(folder):
    (folder / "a_T2.nii.gz").unlink()


def no_volume(folder):
    for path in folder.glob("*_T?.nii.gz"):
        path.unlink()


def two_volumes(folder):
    shutil.copy(folder / "a_T1.nii.gz", folder / "b_T1.nii.gz")


def not_a_volume(folder):
    (folder / "a_T2.nii.gz").write_bytes(b"nothing")


def cut_volume(folder):
    content = (folder / "a_T1.nii.gz").read_bytes()
    (folder / "a_T1.nii.gz").write_bytes(content[:-40] + content[-8:])


def mask_of_another_size(folder):
    nibabel.save(nibabel.Nifti1Image(np.ones((8, 7, 4), np.uint8), AFFINE), folder / "seg.nii.gz")


def mask_of_fractions(folder):
    nibabel.save(nibabel.Nifti1Image(np.full((8, 7, 3), 0.5, np.float32), AFFINE), folder / "seg.nii.gz")


def two_masks(folder):
    shutil.copy(folder / "seg.nii.gz", folder / "seg_2.nii.gz")


def not_a_mask(folder):
    (folder / "seg.nii.gz").write_bytes(b"nothing")


WITHOUT_VOLUME = [no_t2, no_volume, two_volumes, not_a_volume, cut_volume, mask_of_another_size, mask_of_fractions]
WITHOUT_MASK = [two_masks, not_a_mask]  # the volume alone is a sample
FAULTS = WITHOUT_VOLUME + WITHOUT_MASK


@pytest.fixture
def root(tmp_path):
    for i, pid in enumerate([fault.__name__ for fault in FAULTS] + ["good"]):
        save(tmp_path, f"{pid}/a_T1.nii.gz", values_of(i, 1))
        save(tmp_path, f"{pid}/a_T2.nii.gz", values_of(i, 2))
        save(tmp_path, f"{pid}/seg.nii.gz", mask_values())
    (tmp_path / "r.yaml").write_text(RECIPE)
    return tmp_path


def problems(nicohort, root, *options):
    """The texts of the problems, by sample."""
    done = nicohort("run", "--root_dir", root, "--recipe", root / "r.yaml", *options, status=1)
    if "--dry_run" in options:
        lines = [line.removeprefix("problem: ").split(": ", 1) for line in done.stderr.splitlines() if line.startswith("problem: ")]
    else:
        with open(root / "run.problems.csv", encoding="utf-8") as file:
            lines = [(line["subject"], line["problem"]) for line in csv.DictReader(file)]
    told = {}
    for subject, what in lines:
        told.setdefault(subject.partition("/")[0], []).append(what)
    return told


def damage(root):
    for fault in FAULTS:
        fault(root / "archive" / fault.__name__)


def test_of_a_sample_that_was_never_made(nicohort, root):
    damage(root)
    for _ in range(2):
        told = problems(nicohort, root)
        assert set(told) == {fault.__name__ for fault in FAULTS}
        for fault in WITHOUT_VOLUME:
            assert [what.endswith(LEFT_OUT) for what in told[fault.__name__]] == [True], told[fault.__name__]
        for fault in WITHOUT_MASK:
            assert LEFT_OUT not in told[fault.__name__][0] and KEPT not in told[fault.__name__][0]
        assert sorted(column(root / "grouped/dataset_manifest.xlsx", "ID")) == sorted(["good"] + [fault.__name__ for fault in WITHOUT_MASK])


def test_of_a_sample_that_was_made_before(nicohort, root):
    nicohort("run", "--root_dir", root, "--recipe", root / "r.yaml")
    before = {path: path.read_bytes() for path in (root / "grouped").rglob("*.nii.gz")}
    damage(root)
    from_scan = problems(nicohort, root, "--dry_run")
    told = problems(nicohort, root)
    for fault in FAULTS:
        assert [what.endswith(KEPT) for what in told[fault.__name__]] == [True], told[fault.__name__]
    assert {name: told[name] for name in from_scan} == from_scan
    assert set(from_scan) >= {"no_t2", "no_volume", "two_volumes", "not_a_volume", "two_masks", "not_a_mask"}
    assert {path: path.read_bytes() for path in (root / "grouped").rglob("*.nii.gz")} == before
    assert len(column(root / "grouped/dataset_manifest.xlsx", "ID")) == len(FAULTS) + 1


def test_of_what_no_dataset_is_known_for(nicohort, root):
    damage(root)
    nicohort("gen_archive_manifest", "--root_dir", root / "archive", "--recipe", root / "r.yaml", "--output_manifest_file", root / "m.csv", status=1)
    told = (root / "m.csv.problems.csv").read_text(encoding="utf-8")
    assert "has no volume of the channel T2: add it\n" in told and LEFT_OUT not in told and KEPT not in told


def test_the_report_has_each_problem_once(nicohort, tmp_path):
    """The list beside the archive manifest, as gen_archive_manifest writes it, says nothing of the dataset."""
    root = small_archive.make(tmp_path, ["0012", "0013"])
    nicohort("run", "--root_dir", root, status=None)
    small_archive.image_path(root, "0012", "v3d").write_bytes(b"nothing")
    nicohort("run", "--root_dir", root, status=1)
    problems = [problem["what"] for problem in data_of(root / "report")["problems"] if "0012" in problem["subject"]]
    assert len([what for what in problems if what.endswith(KEPT)]) == 1
    assert not [what for what in problems if what + KEPT in problems]


def test_masks_of_another_reader_replace_those_of_the_first(nicohort, tmp_path):
    """Where the second drew none, the first one's is none of theirs."""
    for pid in ("P1", "P2"):
        small_archive.save(tmp_path, f"{pid}_ct.nii.gz")
        small_archive.save(tmp_path, f"{pid}_reader1.nii.gz", "m3d")
    small_archive.save(tmp_path, "P1_reader2.nii.gz", "m3d")

    def run(mask, status=0):
        (tmp_path / "recipe.yaml").write_text(f'volume: "{{pid}}_ct.nii.gz"\n{mask}labels: {{0: Bg, 1: tumour}}\nignore: ["*"]\n')
        return nicohort("run", "--root_dir", tmp_path, "--recipe", tmp_path / "recipe.yaml", status=status)

    run('mask: "{pid}_reader1.nii.gz"\n')
    (tmp_path / "archive/P2_reader1.nii.gz").write_bytes(b"damaged")  # is another case: it is of this reader
    assert "P2_reader1.nii.gz: " in run('mask: "{pid}_reader1.nii.gz"\n', status=1).stderr
    assert (tmp_path / "grouped/P2/P2_mask.nii.gz").exists()
    told = run('mask: "{pid}_reader2.nii.gz"\n', status=1).stderr
    assert "problem: P2: has a volume but no mask" in told and "reader1" not in told
    assert (tmp_path / "grouped/P1/P1_mask.nii.gz").exists() and not (tmp_path / "grouped/P2/P2_mask.nii.gz").exists()
    nicohort("verify", "--root_dir", tmp_path / "grouped", status=None)
    run("")
    assert not list((tmp_path / "grouped").glob("*/*_mask*"))
