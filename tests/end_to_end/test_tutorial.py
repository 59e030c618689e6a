"""SPEC 4: every command of the tutorial on a demonstration archive, cell by cell and voxel by voxel."""

import re
import shutil
import zipfile

import numpy as np
import pandas
import pytest

import reference
import tutorial


@pytest.fixture(scope="module")
def demo(nicohort, tmp_path_factory):
    root = tmp_path_factory.mktemp("demo")
    nicohort("demo", root, "--patients", 12, "--size", 128, 128, 16)
    return tutorial.run(nicohort, tutorial.Tutorial(root))


@pytest.fixture(scope="module")
def demo_with_large_voxels(nicohort, tmp_path_factory):
    """Another seed, an odd and unequal kernel, a threshold that cuts into tissue, all sites in one stratified split."""
    root = tmp_path_factory.mktemp("demo_with_large_voxels")
    nicohort("demo", root, "--patients", 18, "--size", 64, 64, 16, "--seed", 7)
    split = tutorial.Split("all sites", ("XY", "TJ", "SYTH"), 0.3, 0.25, (("test",), ("val", "train")), 12345,
                           "Pathological Complete Response (pCR)")
    return tutorial.run(nicohort, tutorial.Tutorial(root, thresh=(-20.0, 60.5), region_volume=1000.5, kernel=(3, 1),
                                                    halfedge=1, area=90.0, splits=(split,)))


@pytest.mark.parametrize("check", tutorial.CHECKS, ids=tutorial.check_name)
def test_as_in_the_tutorial(demo, check):
    check(demo)


@pytest.mark.parametrize("check", tutorial.CHECKS, ids=tutorial.check_name)
def test_with_other_options(demo_with_large_voxels, check):
    check(demo_with_large_voxels)


@pytest.mark.parametrize("archive", ["demo", "demo_with_large_voxels"])
def test_every_routine_had_something_to_do(archive, request):
    """A check of a routine that changes nothing would show little."""
    t = request.getfixturevalue(archive)
    steps = ["confirm_pairs", "mask_thresholding", "morphological_open_on_slice_small_region"]
    for before, after in zip(steps, steps[1:]):
        pairs = zip(t.samples[before].values(), t.samples[after].values())
        assert any((a.mask != b.mask).any() for a, b in pairs), after
    samples = t.samples["extract_binary_masks"].values()
    _, (_, regions) = reference.small_connected_region_detect(samples, t.region_volume)
    assert {region[1] for region in regions} >= {1}
    for split in t.splits:
        sides = set(reference.column(tutorial.expected_split(t, split), split.name))
        assert sides == {side for subsets in split.subsets for side in subsets}


def test_says_what_was_done_and_that_all_is_well(demo):
    for step, done in demo.done.items():
        assert done.stdout.strip(), step
        assert "problem: " not in done.stderr, step
        assert re.search(r"(?i)no problems", done.stdout), step
    assert not list(demo.root.rglob("*.problems.csv"))


def test_tree_is_the_tutorials(demo):
    sites = {path.name for path in (demo.root / "grouped").iterdir() if path.is_dir() and path.name != ".nicohort"}
    assert sites == {"SYTH", "TJ", "XY", "splits"}
    for ID, sample in demo.samples["confirm_pairs"].items():
        folder = demo.root / "grouped" / sample.info["site"] / sample.info["phase"] / ID
        names = ["info.yaml", "mask.nii.gz", "mask_00_Bg.nii.gz", "mask_01_EsoROI.nii.gz", "volume.nii.gz"]
        assert sorted(path.name for path in folder.iterdir()) == [f"{ID}_{name}" for name in names]
    splits = {path.relative_to(demo.root / "grouped/splits").as_posix() for path in demo.root.glob("grouped/splits/*/*")}
    assert splits == {*(f"split01_TJ/split01_TJ_{name}.xlsx" for name in ("train_val", "train", "val", "test")),
                      "split02_SYTH/split02_SYTH_test.xlsx", "split03_XY/split03_XY_test.xlsx"}


def test_patient_identifiers_keep_their_leading_zeros(demo):
    """In pandas, as users read them."""
    for path, sheet in (("descriptor/archive_manifest.xlsx", "Manifest"), ("grouped/dataset_manifest.xlsx", "split01_TJ")):
        pids = pandas.read_excel(demo.root / path, sheet_name=sheet, dtype=object)["pid"]
        assert all(type(pid) is str for pid in pids) and any(pid.startswith("00") for pid in pids)


def test_gzip_headers_carry_no_time_and_no_name(demo):
    for path in demo.stage("confirm_pairs").rglob("*.nii.gz"):
        assert path.read_bytes()[:8] == bytes([0x1F, 0x8B, 8, 0, 0, 0, 0, 0])


def test_make_split_leaves_the_rest_of_the_workbook_alone(demo, nicohort, tmp_path):
    """Byte for byte, in a workbook that has styles, widths, a comment and a second sheet of its own."""
    import openpyxl
    from openpyxl.comments import Comment
    from openpyxl.styles import Font

    file = tmp_path / "manifest.xlsx"
    shutil.copy(demo.root / "grouped/dataset_manifest.xlsx", file)
    book = openpyxl.load_workbook(file)
    sheet = book["Manifest"]
    sheet["A1"].font = Font(bold=True, color="FF0000")
    sheet["B2"].comment = Comment("looked at twice", "reader")
    sheet.column_dimensions["A"].width = 44
    book.create_sheet("notes")["A1"] = "=1+1"
    book.save(file)

    before = parts(file)
    options = ["--manifest_file", file, "--site", "TJ"]
    nicohort("make_split", *options, "--split_name", "extra")
    after = parts(file)
    known_to_change = {"[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "docProps/app.xml"}
    assert len([name for name in before if name not in known_to_change]) > 8
    for name, content in before.items():
        assert name in known_to_change or after[name] == content, name
    assert len(set(after) - set(before)) == 1
    names = openpyxl.load_workbook(file).sheetnames
    assert names == book.sheetnames + ["extra"]

    nicohort("make_split", *options, "--split_name", "extra", "--random_seed", 5)  # replaced, not added
    assert openpyxl.load_workbook(file).sheetnames == names
    again = parts(file)
    assert all(again[name] == content for name, content in before.items() if name not in known_to_change)
    tutorial.assert_same_table(file, "extra", reference.make_split(reference.read_table(file, "Manifest"), "extra", ["TJ"], seed=5))


def parts(workbook):
    with zipfile.ZipFile(workbook) as package:
        return {name: package.read(name) for name in package.namelist()}


def test_the_tutorials_numbered_names_are_the_same_commands(demo, nicohort, tmp_path):
    """01_gen_archive_manifest and the like; the volume and mask outputs of 02 and 03 were compared above."""
    archive, manifest = demo.root / "archive", tmp_path / "m.xlsx"
    nicohort("01_gen_archive_manifest", "--root_dir", archive, "--output_manifest_file", manifest)
    assert manifest.read_bytes() == (demo.root / "descriptor/archive_manifest.xlsx").read_bytes()
    dataset = tmp_path / "grouped"
    nicohort("02_confirm_pairs", "--root_dir", archive, "--output_dir", dataset, "--archive_manifest", manifest)
    nicohort("03_extract_binary_masks", "--root_dir", dataset, "--label_explanation", demo.root / "descriptor/label_map.yaml")
    index = tmp_path / "dataset.xlsx"
    nicohort("04_gen_dataset_manifest", "--root_dir", dataset, "--output_manifest_file", index)
    nicohort("05_make_split", "--manifest_file", index, "--split_name", "s", "--site", "TJ")
    nicohort("06_extract_split_index_manifest", "--manifest_file", index, "--split_name", "s",
             "--output_index_manifest_dir", tmp_path / "splits", "--subsets", "train", "test")
    assert (tmp_path / "splits/s_train_test.xlsx").is_file()


def test_opening_in_the_reference_is_scipys():
    """For odd kernels the plain definition in reference.py is scipy.ndimage.binary_opening."""
    from scipy import ndimage
    mask = ndimage.gaussian_filter(np.random.default_rng(0).random((40, 30, 3)), (1, 1, 0)) > 0.5
    for kernel in ((3, 3), (5, 1), (1, 3), (7, 5)):
        opened = ndimage.binary_opening(mask, np.ones((*kernel, 1)))
        assert np.array_equal(reference.opening(mask, kernel), opened) and opened.any()
