"""Commands that change masks, of what is beside these masks: other datasets, files that are gone, tables of the same name."""

import json
import pathlib
import shutil

import nibabel
import numpy as np
import openpyxl
import pytest

import small_archive

RECIPE = """\
volume: "{pid}.nii.gz"
mask: "{pid}_seg.nii.gz"
id: "{pid}"
labels: {0: Bg, 1: tumour}
splits: [{name: all, test_ratio: 0, val_ratio: 0, require_mask: true}]
"""
INTO = ["mask_thresholding", "--thresh", 0, 100, "--root_dir"]


def make(nicohort, root, change=lambda values, affine: None):
    """A dataset of two samples. change: of the archive's images."""
    for pid in ("P1", "P2"):
        small_archive.save(root, f"{pid}.nii.gz")
        small_archive.save(root, f"{pid}_seg.nii.gz", "m3d")
        for path in (root / "archive").glob(f"{pid}*.nii.gz"):
            image = nibabel.load(path)
            values, affine = np.array(image.dataobj), image.affine.copy()
            if not path.name.endswith("_seg.nii.gz"):
                values[0, :4, 0] = [int(pid[1:]), 0, 0, 0]  # in any folder the same
            change(values, affine)
            nibabel.save(nibabel.Nifti1Image(values, affine), path)
    (root / "recipe.yaml").write_text(RECIPE, encoding="utf-8")
    nicohort("run", "--root_dir", root, "--recipe", root / "recipe.yaml")
    return root / "grouped"


@pytest.fixture
def grouped(nicohort, tmp_path):
    return make(nicohort, tmp_path)


def records(grouped):
    return {path.stem: json.loads(path.read_text()) for path in sorted((grouped / ".nicohort").glob("P*.json"))}


def images(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.nii.gz"))}


def problems(done):
    return [line.removeprefix("problem: ") for line in done.stderr.splitlines() if line.startswith("problem: ")]


# Another output folder

def other_values(values, affine):
    values[0, 0, 0] += values[0, 0, 0] != 0  # of volumes


def other_spacing(values, affine):
    affine[2, 2] = 7


@pytest.mark.parametrize("change, said", [(other_values, "voxel values"), (other_spacing, "affine, spacing")])
@pytest.mark.parametrize("is_recorded", [True, False])
def test_a_mask_is_not_put_beside_another_scan(nicohort, grouped, tmp_path, change, said, is_recorded):
    other = make(nicohort, tmp_path / "other", change)
    if not is_recorded:
        shutil.rmtree(other / ".nicohort")
    before, masks = records(other), images(other)
    done = nicohort(*INTO, grouped, "--output_dir", other, status=1)
    assert sorted(problems(done)) == [f"{ID}: has a volume in {other} that differs in {said}, to which its mask in {grouped} may not belong; "
                                      "give another --output_dir" for ID in ("P1", "P2")]
    assert images(other) == masks and records(other) == before


def test_a_mask_is_put_beside_the_same_scan_however_it_is_stored(nicohort, grouped, tmp_path):
    """The record there goes on saying how."""
    root = tmp_path / "other"
    shutil.copytree(tmp_path / "archive", root / "archive")
    (root / "recipe.yaml").write_text(RECIPE + "volume_type: source\n", encoding="utf-8")
    nicohort("run", "--root_dir", root, "--recipe", root / "recipe.yaml")
    volumes = {ID: record["volume"] for ID, record in records(root / "grouped").items()}
    assert all(volume["has_source_type"] for volume in volumes.values())
    for _ in range(2):
        nicohort(*INTO, grouped, "--output_dir", root / "grouped")
        assert {ID: record["volume"] for ID, record in records(root / "grouped").items()} == volumes
    nicohort("gen_dataset_manifest", "--root_dir", root / "grouped", "--output_manifest_file", root / "m.xlsx")
    assert small_archive.column(root / "m.xlsx", "vol_dtype") == ["int16"] * 2


def test_a_folder_of_masks_alone_follows_its_dataset(nicohort, grouped, tmp_path):
    nicohort(*INTO, grouped, "--output_dir", tmp_path / "masks")
    make(nicohort, tmp_path, other_values)
    nicohort(*INTO, grouped, "--output_dir", tmp_path / "masks")
    assert {ID: record["volume"] for ID, record in records(tmp_path / "masks").items()} == {
        ID: record["volume"] for ID, record in records(grouped).items()}


# Masks that are gone

COMMANDS = [
    ["mask_thresholding", "--output_dir", "grouped"], ["mask_thresholding", "--output_dir", "other"],
    ["morphological_open_on_slice_small_region", "--output_dir", "grouped", "--region_area_thresh", 1],
    ["small_connected_region_detect", "--output_manifest", "r.xlsx"],
    ["extract_binary_masks", "--label_explanation", "labels.yaml"],
    ["extract_binary_masks", "--label_explanation", "labels.yaml", "--skip_existing"],
    ["apply_step", "keep_largest: {of: tumour}"],
    ["gen_dataset_manifest", "--output_manifest_file", "m.xlsx"]]


def told_of(nicohort, root, words):
    (root / "labels.yaml").write_text("short_form_index_map: {0: Bg, 1: tumour}")
    return problems(nicohort(words[0], "--root_dir", "grouped", *words[1:], cwd=root, status=None))


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: "-".join(map(str, words[:3])))
def test_a_mask_on_record_that_is_gone_is_told(nicohort, grouped, tmp_path, words):
    (grouped / "P1/P1_mask.nii.gz").unlink()
    assert told_of(nicohort, tmp_path, words) == [
        "P1/P1_mask.nii.gz: is missing; restore it from a backup, or make the sample again from the archive"]


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: "-".join(map(str, words[:3])))
def test_a_sample_that_never_had_a_mask_is_no_problem(nicohort, tmp_path, words):
    small_archive.save(tmp_path, "P2_seg.nii.gz", "m3d")
    make(nicohort, tmp_path)
    (tmp_path / "archive/P1_seg.nii.gz").unlink()
    nicohort("run", "--root_dir", tmp_path, "--recipe", tmp_path / "recipe.yaml", "--allow_removal", status=1)
    assert told_of(nicohort, tmp_path, words) == []


def test_binary_masks_that_are_gone_are_told_and_made_again(nicohort, grouped, tmp_path):
    before = images(grouped)
    for mask in grouped.glob("P1/P1_mask_*.nii.gz"):
        mask.unlink()
    manifest = ["gen_dataset_manifest", "--output_manifest_file", "m.xlsx"]
    done = nicohort(manifest[0], "--root_dir", "grouped", *manifest[1:], cwd=tmp_path)
    assert ("warning: 2 binary masks are missing, so the existence of their labels in the manifest is empty: P1/P1_mask_00_Bg.nii.gz, "
            "P1/P1_mask_01_tumour.nii.gz; make them again with extract_binary_masks") in done.stderr
    assert small_archive.column(tmp_path / "m.xlsx", "mask_01_tumour") == [None, "P2/P2_mask_01_tumour.nii.gz"]
    assert told_of(nicohort, tmp_path, ["extract_binary_masks", "--label_explanation", "labels.yaml"]) == []
    assert "warning" not in nicohort(manifest[0], "--root_dir", "grouped", *manifest[1:], cwd=tmp_path).stderr
    assert images(grouped) == before


def test_a_sample_whose_mask_is_gone_is_not_trained_with_until_run_has_made_it_again(nicohort, grouped, tmp_path):
    before, manifest = images(grouped), grouped / "dataset_manifest.xlsx"
    (grouped / "P1/P1_mask.nii.gz").unlink()
    nicohort("gen_dataset_manifest", "--root_dir", grouped, "--output_manifest_file", manifest, status=1)
    split = ["make_split", "--manifest_file", manifest, "--split_name", "s", "--test_ratio", 0, "--val_ratio", 0]
    assert "Without a mask, or with an empty one: 1 sample in train." in nicohort(*split).stdout
    assert "1 sample left out: no mask, or an empty one." in nicohort(*split, "--require_mask").stdout
    rows = list(openpyxl.load_workbook(manifest)["s"].values)
    assert [row[:2] for row in rows] == [("s", "ID"), ("train", "P2")]
    nicohort("run", "--root_dir", tmp_path, "--recipe", tmp_path / "recipe.yaml")
    assert images(grouped) == before and small_archive.column(manifest, "mask") == [f"{ID}/{ID}_mask.nii.gz" for ID in ("P1", "P2")]


# The table of small regions

def save_notes(path):
    """In a list of regions, or alone."""
    book = openpyxl.load_workbook(path) if path.exists() else openpyxl.Workbook()
    book.create_sheet("Notes")
    book.save(path)


@pytest.mark.parametrize("name, other", [
    ("grouped/dataset_manifest.xlsx", None), ("notes.xlsx", save_notes), ("r.xlsx", save_notes),
    ("r.xlsx", lambda path: path.write_bytes(path.read_bytes()[:-100])), ("mine.csv", lambda path: path.write_text("ID,Age\nP1,61\n")),
    ("r.csv", lambda path: path.with_name("r.regions.csv").write_text("region,city\n1,Wuhan\n"))])
def test_the_list_of_regions_replaces_nothing_but_itself(nicohort, grouped, tmp_path, name, other):
    words = ["small_connected_region_detect", "--root_dir", grouped, "--output_manifest"]
    table = tmp_path / name
    if name.startswith("r."):
        for threshold in (300, 20):
            nicohort(*words, table, "--region_volume_thresh", threshold)
    if other:
        other(table)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert "is there, and is not a list of small regions" in nicohort(*words, table, status=2).stderr
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert {path for path in before | after if before.get(path) != after.get(path)} == set()


@pytest.mark.parametrize("content", ["", "older"])
def test_a_file_without_worksheets_is_replaced_by_the_list(nicohort, grouped, tmp_path, content):
    (tmp_path / "r.xlsx").write_text(content)
    nicohort("small_connected_region_detect", "--root_dir", grouped, "--output_manifest", tmp_path / "r.xlsx")
    assert openpyxl.load_workbook(tmp_path / "r.xlsx").sheetnames == ["Small Connected Regions 300.0", "Regions"]
