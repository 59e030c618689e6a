"""Masks that a dataset has, and its archive no longer has."""

import pytest

from small_archive import save
from tutorial import contents

PATIENTS = [f"P{number:02}" for number in range(12)]
PATTERNS = 'volume: "images/{pid}.nii.gz"\nmask: "masks/{pid}.nii.gz"\nlabels: {0: bg, 1: lesion}\n'
SPLIT = "splits: [{name: s, test_ratio: 0.5, val_ratio: 0, require_mask: true, keep_sides: true}]\n"
LABELS = """
volume: "images/{pid}.nii.gz"
mask: {file: "{label}/{pid}.nii.gz", overlap: last}
labels: {0: bg, 1: liver, 2: tumour}
"""
SITES = """
volume: "{site}/images/{pid}.nii.gz"
mask: "{site}/masks/{pid}.nii.gz"
id: "{site}_{pid}"
folder: "{site}"
labels: {0: bg, 1: lesion}
"""


def make(root, *kinds, patients=PATIENTS, above=""):
    for patient in patients:
        for kind in ("images", *kinds):
            save(root, f"{above}{kind}/{patient}.nii.gz", "v3d" if kind == "images" else "m3d")
    return root


def run(nicohort, root, recipe, *options, status=0):
    (root / "recipe.yaml").write_text(recipe)
    return nicohort("run", "--root_dir", root, "--recipe", root / "recipe.yaml", *options, status=status)


def masks(root):
    return sorted(path.name.removesuffix("_mask.nii.gz") for path in (root / "grouped").rglob("*_mask.nii.gz"))


def remove_masks(root, patients):
    for patient in patients:
        (root / f"archive/masks/{patient}.nii.gz").unlink()


@pytest.mark.parametrize("keep_folder", [True, False], ids=["empty", "gone"])
def test_a_missing_disk_of_masks_stops_the_run_before_it_writes(nicohort, tmp_path, keep_folder):
    root = make(tmp_path, "masks")
    run(nicohort, root, PATTERNS + SPLIT)
    (root / "archive/masks").rename(root / "disk")
    if keep_folder:
        (root / "archive/masks").mkdir()
    before = contents(root)
    for options in ([], ["--again"], ["--dry_run"], ["--shard", "1/2"]):
        done = run(nicohort, root, PATTERNS + SPLIT, *options, status=2)
        assert "of the dataset's 12 samples with a mask, 12 have mask files that are no longer in the archive; nothing was written, " \
               "because a disk may be missing" in done.stderr and "--allow_removal" in done.stderr
        assert contents(root) == before
    if keep_folder:
        (root / "archive/masks").rmdir()
    (root / "disk").rename(root / "archive/masks")
    done = run(nicohort, root, PATTERNS + SPLIT)
    assert "Nothing has changed" in done.stdout or "0 samples processed" in done.stdout


def test_a_tenth_of_the_masks_may_go(nicohort, tmp_path):
    root = make(tmp_path, "masks")
    run(nicohort, root, PATTERNS)
    remove_masks(root, PATIENTS[:1])
    done = run(nicohort, root, PATTERNS, status=1)
    assert masks(root) == PATIENTS[1:] and "warning: 1 sample has lost a mask" in done.stderr
    remove_masks(root, PATIENTS[1:3])
    done = run(nicohort, root, PATTERNS, status=2)
    assert "of the dataset's 11 samples with a mask, 2 have mask files" in done.stderr and masks(root) == PATIENTS[1:]
    done = run(nicohort, root, PATTERNS, "--allow_removal", status=1)
    assert masks(root) == PATIENTS[3:] and "warning: 2 samples have lost a mask" in done.stderr
    assert "lost a mask" not in run(nicohort, root, PATTERNS, status=1).stderr


def test_all_masks_of_a_folder_are_too_many_though_less_than_a_tenth(nicohort, tmp_path):
    root = make(tmp_path, "masks", above="A/")
    make(root, "masks", patients=PATIENTS[:1], above="B/")
    run(nicohort, root, SITES)
    (root / "archive/B/masks/P00.nii.gz").unlink()
    done = run(nicohort, root, SITES, status=2)
    assert "of the dataset's 13 samples with a mask, 1 has a mask file that is no longer in the archive, including all of B;" in done.stderr
    assert "B_P00" in masks(root)


@pytest.mark.parametrize("options", [[], ["--shard", "1/1"]], ids=["run", "shard"])
def test_a_missing_disk_of_one_label(nicohort, tmp_path, options):
    root = make(tmp_path, "liver", "tumour")
    (root / "archive/tumour/P00.nii.gz").unlink()  # who has none
    run(nicohort, root, LABELS)
    (root / "archive/tumour").rename(root / "disk")
    before = contents(root)
    done = run(nicohort, root, LABELS, *options, status=2)
    assert "of the dataset's 12 samples with a mask, 11 have mask files that are no longer in the archive" in done.stderr
    assert contents(root) == before
    (root / "disk").rename(root / "archive/tumour")
    (root / "archive/tumour/P01.nii.gz").unlink()
    assert "warning: 1 sample has lost a mask, or a part of it" in run(nicohort, root, LABELS).stderr


@pytest.mark.parametrize("recipe", [
    PATTERNS + "no_mask: {pid: [" + ", ".join(PATIENTS[:6]) + "]}\n",
    PATTERNS.replace("masks/", "{pid}/"),
    PATTERNS.replace('mask: "masks/{pid}.nii.gz"\n', ""),
], ids=["no_mask", "another pattern", "no pattern"])
def test_masks_that_the_recipe_does_not_want_are_not_missed(nicohort, tmp_path, recipe):
    root = make(tmp_path, "masks")
    run(nicohort, root, PATTERNS)
    remove_masks(root, PATIENTS[:6])
    if "no_mask" not in recipe:
        (root / "archive/masks").rename(root / "archive/other")
    assert "--allow_removal" not in run(nicohort, root, recipe, status=None).stderr
    assert masks(root) == (PATIENTS[6:] if "no_mask" in recipe else [])


def test_damaged_masks_are_not_gone(nicohort, tmp_path):
    root = make(tmp_path, "masks")
    run(nicohort, root, PATTERNS)
    for patient in PATIENTS[:6]:
        (root / f"archive/masks/{patient}.nii.gz").write_bytes(b"damaged")
    assert "P00.nii.gz" in run(nicohort, root, PATTERNS, status=1).stderr and masks(root) == PATIENTS


def test_confirm_pairs_warns_of_masks_that_are_lost(nicohort, tmp_path):
    root = make(tmp_path, "masks")
    (root / "recipe.yaml").write_text(PATTERNS)

    def single_commands():
        nicohort("gen_archive_manifest", "--root_dir", root / "archive", "--output_manifest_file", root / "a.xlsx",
                 "--recipe", root / "recipe.yaml", status=None)
        return nicohort("confirm_pairs", "--root_dir", root / "archive", "--output_dir", root / "grouped",
                        "--archive_manifest", root / "a.xlsx", "--recipe", root / "recipe.yaml").stderr

    assert single_commands() == ""
    remove_masks(root, PATIENTS[:5])
    assert "warning: 5 samples have lost a mask" in single_commands() and masks(root) == PATIENTS[5:]
    assert "lost a mask" not in single_commands()
