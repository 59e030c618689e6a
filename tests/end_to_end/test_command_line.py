"""SPEC 2 and 4: the options, one by one, and what the tables and names allow."""

import json
import re
import shutil

import nibabel
import numpy as np
import openpyxl
import pandas
import pytest
import yaml

import reference
import small_archive
import tutorial

ROUTINES = [check.__name__ for check in tutorial.CHECKS]


@pytest.fixture(scope="module")
def demo(nicohort, tmp_path_factory):
    """The tutorial as far as 03, then 04, in a folder with a blank and Chinese in its name."""
    root = tmp_path_factory.mktemp("食管癌 cohort 2025")
    nicohort("demo", root, "--patients", 12, "--size", 32, 32, 16)
    nicohort("gen_archive_manifest", "--root_dir", root / "archive", "--output_manifest_file", root / "archive.xlsx")
    nicohort("confirm_pairs", "--root_dir", root / "archive", "--output_dir", root / "grouped", "--archive_manifest", root / "archive.xlsx")
    nicohort("extract_binary_masks", "--root_dir", root / "grouped", "--label_explanation", root / "descriptor/label_map.yaml")
    nicohort("gen_dataset_manifest", "--root_dir", root / "grouped", "--output_manifest_file", root / "dataset.xlsx")
    return root


@pytest.fixture
def dataset(demo, tmp_path):
    """A copy of the dataset that a test may change."""
    shutil.copytree(demo / "grouped", tmp_path / "grouped")
    return tmp_path / "grouped"


def samples_of(demo):
    manifest = reference.archive_manifest(demo / "archive")
    labels = reference.read_labels(demo / "descriptor/label_map.yaml")
    samples = reference.confirm_pairs(demo / "archive", manifest)
    return {ID: reference.extract_binary_masks(sample, labels) for ID, sample in samples.items()}


def masks_of(dataset):
    return {path.relative_to(dataset).as_posix(): path for path in dataset.rglob("*_mask*.nii.gz")}


# Help, progress, names

@pytest.mark.parametrize("name", ROUTINES + ["demo"])
def test_help_has_a_worked_example(nicohort, name):
    done = nicohort(name, "--help")
    assert re.search(rf"Example:\s+nicohort {name} ", done.stdout)
    for option in re.findall(r" (--\w+)", done.stdout.split("Example:")[1]):
        assert option in done.stdout.split("Example:")[0]
    for option in ("--jobs", "--quiet", "--help"):
        assert option in done.stdout
    assert not done.stderr


def test_the_examples_of_help_are_the_tutorials_and_run(nicohort, tmp_path):
    nicohort("demo", tmp_path / "root_dir", "--patients", 12, "--size", 32, 32, 16)
    examples = [re.search(r"Example:\s+nicohort (.+)", nicohort(name, "--help").stdout)[1] for name in ROUTINES]
    for example in examples:
        nicohort(*example.split(), cwd=tmp_path)
    assert len(list((tmp_path / "root_dir/grouped/splits/split01_TJ").iterdir())) == 2


def test_help_and_version_of_the_program(nicohort):
    helped = nicohort("--help").stdout
    assert all(name in helped for name in ROUTINES)
    assert re.search(r"\d+\.\d+\.\d+", nicohort("--version").stdout)


@pytest.mark.parametrize("name", ["mask_thresholding", "small_connected_region_detect"])
def test_quiet_says_nothing_on_stderr(nicohort, demo, tmp_path, name):
    output = ["--output_dir", tmp_path] if name == "mask_thresholding" else ["--output_manifest", tmp_path / "r.xlsx"]
    assert nicohort(name, "--root_dir", demo / "grouped", *output, "--quiet").stderr == ""


def test_blanks_and_chinese_in_paths(demo):
    tutorial.assert_same_table(demo / "archive.xlsx", "Manifest", reference.archive_manifest(demo / "archive"))
    tutorial.assert_same_table(demo / "dataset.xlsx", "Manifest", reference.dataset_manifest(samples_of(demo).values()))


# Tables

def as_text(cell):
    if hasattr(cell, "strftime"):
        return cell.strftime("%Y-%m-%d")
    return cell if isinstance(cell, str) else reference.json_number(cell)


def assert_same_csv(path, expected):
    assert not path.read_bytes().startswith(b"\xef\xbb\xbf")
    columns, rows = reference.read_table(path)
    assert columns == expected[0] and len(rows) == len(expected[1])
    for row, wanted in zip(rows, expected[1]):
        for name, text, cell in zip(columns, row, wanted):
            if name in ("diff_trans_f_norm", "volume_mm3", "x", "y", "z", "x_mm", "y_mm", "z_mm") and text:
                assert float(text) == pytest.approx(cell, rel=1e-14, abs=1e-12)
            else:
                assert text == as_text(cell), name


def test_csv_manifests(nicohort, demo, tmp_path):
    nicohort("gen_archive_manifest", "--root_dir", demo / "archive", "--output_manifest_file", tmp_path / "archive.csv")
    assert_same_csv(tmp_path / "archive.csv", reference.archive_manifest(demo / "archive"))
    nicohort("gen_dataset_manifest", "--root_dir", demo / "grouped", "--output_manifest_file", tmp_path / "dataset.csv")
    assert_same_csv(tmp_path / "dataset.csv", reference.dataset_manifest(samples_of(demo).values()))


def test_csv_regions_are_the_sheet_by_sample(nicohort, demo, tmp_path):
    nicohort("small_connected_region_detect", "--root_dir", demo / "grouped", "--output_manifest", tmp_path / "r.csv",
             "--region_volume_thresh", 5000)
    sheet, regions = reference.small_connected_region_detect(samples_of(demo).values(), 5000)
    assert regions[1]
    assert_same_csv(tmp_path / "r.csv", sheet)


def test_confirm_pairs_from_a_csv_manifest(nicohort, demo, tmp_path):
    """pids are text there, too, with their leading zeros."""
    nicohort("gen_archive_manifest", "--root_dir", demo / "archive", "--output_manifest_file", tmp_path / "archive.csv")
    nicohort("confirm_pairs", "--root_dir", demo / "archive", "--output_dir", tmp_path / "grouped", "--archive_manifest", tmp_path / "archive.csv")
    for path in (tmp_path / "grouped").rglob("*_info.yaml"):
        info = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert type(info["pid"]) is str and info["ID"] == f"{info['site']}_{info['pid']}_{info['phase']}"
    assert len(list((tmp_path / "grouped").rglob("*.nii.gz"))) == 2 * 2 * 12


def test_sheet_name(nicohort, demo, tmp_path):
    nicohort("gen_archive_manifest", "--root_dir", demo / "archive", "--output_manifest_file", tmp_path / "a.xlsx", "--sheet_name", "影像 1")
    assert openpyxl.load_workbook(tmp_path / "a.xlsx").sheetnames == ["影像 1"]
    nicohort("gen_dataset_manifest", "--root_dir", demo / "grouped", "--output_manifest_file", tmp_path / "d.xlsx", "--sheet_name", "All of it")
    assert openpyxl.load_workbook(tmp_path / "d.xlsx").sheetnames == ["All of it"]
    nicohort("make_split", "--manifest_file", tmp_path / "d.xlsx", "--sheet_name", "All of it", "--split_name", "s", "--site", "TJ")
    tutorial.assert_same_table(tmp_path / "d.xlsx", "s", reference.make_split(reference.read_table(tmp_path / "d.xlsx", "All of it"), "s", ["TJ"]))
    nicohort("make_split", "--manifest_file", tmp_path / "d.xlsx", "--split_name", "t", "--site", "TJ", status=2)


def test_metadata_that_lost_leading_zeros_are_reported_not_matched(nicohort, demo, tmp_path):
    """As Excel does: 0012007941 becomes the number 12007941."""
    root = tmp_path / "archive"
    shutil.copytree(demo / "archive", root)
    path = root / "data_meta_tongji.xlsx"
    book = openpyxl.load_workbook(path)
    lost = []
    for cell in book.active["A"][1:]:
        if str(cell.value).startswith("0"):
            lost.append(cell.value)
            cell.value = int(cell.value)
    book.save(path)
    done = nicohort("gen_archive_manifest", "--root_dir", root, "--output_manifest_file", tmp_path / "m.xlsx", status=1)
    said = re.findall("^problem: data_meta_tongji.xlsx: .*leading zeros.*", done.stderr, re.MULTILINE)
    assert len(lost) >= 2 and len(said) == len(lost)
    assert all(sum(pid in line for line in said) == 1 for pid in lost)
    table = reference.read_table(tmp_path / "m.xlsx")
    assert {age == "" for age, pid in zip(reference.column(table, "Age"), reference.column(table, "pid")) if pid in lost} == {True}
    tutorial.assert_same_table(tmp_path / "m.xlsx", "Manifest", reference.archive_manifest(root))


def test_the_manifest_does_not_take_the_place_of_the_metadata(nicohort, demo, tmp_path):
    shutil.copytree(demo / "archive", tmp_path / "archive")
    workbook = tmp_path / "archive/data_meta_tongji.xlsx"
    before = workbook.read_bytes()
    done = nicohort("gen_archive_manifest", "--root_dir", tmp_path / "archive", "--output_manifest_file", workbook, status=2)
    assert "is a metadata workbook of the archive" in done.stderr and workbook.read_bytes() == before


def test_a_manifest_that_lost_leading_zeros_gives_no_patient_another_name(nicohort, demo, tmp_path):
    manifest = tmp_path / "manifest.csv"
    nicohort("gen_archive_manifest", "--root_dir", demo / "archive", "--output_manifest_file", manifest)
    pandas.read_csv(manifest).to_csv(manifest, index=False)
    done = nicohort("confirm_pairs", "--root_dir", demo / "archive", "--output_dir", tmp_path / "grouped", "--archive_manifest", manifest, status=1)
    assert "drops leading zeros" in done.stderr
    archived = {path.name.removesuffix(".nii.gz") for path in (demo / "archive").rglob("images/*.nii.gz")}
    written = {path.name.removesuffix("_volume.nii.gz").rsplit("_", 1)[0] for path in (tmp_path / "grouped").rglob("*_volume.nii.gz")}
    assert written and written < archived


def test_a_label_with_another_name_now(nicohort, dataset, tmp_path):
    labels = tmp_path / "labels.yaml"
    labels.write_text("short_form_index_map: {0: Bg, 1: Tumor}")
    edited = next(dataset.rglob("*_mask_01_EsoROI.nii.gz"))
    edited.write_bytes(b"corrected")
    nicohort("extract_binary_masks", "--root_dir", dataset, "--label_explanation", labels)
    assert not list(dataset.rglob("*_mask_01_EsoROI.nii.gz")) and len(list(dataset.rglob("*_mask_01_Tumor.nii.gz"))) == 24
    [kept] = (dataset.parent / "descriptor/replaced").iterdir()
    assert kept.name.startswith(edited.name) and kept.read_bytes() == b"corrected"


def test_regions_are_listed_again_when_the_labels_have_changed(nicohort, dataset, tmp_path):
    for labels in ("{0: Bg, 1: EsoROI}", "{1: Eso, 2: Node}"):
        (tmp_path / "labels.yaml").write_text(f"short_form_index_map: {labels}")
        nicohort("extract_binary_masks", "--root_dir", dataset, "--label_explanation", tmp_path / "labels.yaml")
        nicohort("small_connected_region_detect", "--root_dir", dataset, "--output_manifest", tmp_path / "r.xlsx")
    assert reference.read_table(tmp_path / "r.xlsx")[0] == ["ID", "mask_01_Eso", "mask_02_Node"]


def test_a_folder_named_with_a_slash_at_its_end(nicohort, dataset):
    edited = sorted(dataset.rglob("*_mask.nii.gz"))[0]
    image = nibabel.load(edited)
    nibabel.save(nibabel.Nifti1Image(np.ones(image.shape, np.uint8), image.affine, image.header), edited)
    nicohort("mask_thresholding", "--root_dir", f"{dataset}/", "--output_dir", f"{dataset}/", "--thresh", 0, 1, status=1)
    [kept] = (dataset.parent / "descriptor/replaced").iterdir()
    assert kept.name.startswith(edited.name) and not (dataset / "descriptor").exists()


def test_missing_key_column_is_reported(nicohort, demo, tmp_path):
    root = tmp_path / "archive"
    shutil.copytree(demo / "archive", root)
    book = openpyxl.load_workbook(root / "data_meta_tongji.xlsx")
    book.active["A1"].value = "Patient"
    book.save(root / "data_meta_tongji.xlsx")
    done = nicohort("gen_archive_manifest", "--root_dir", root, "--output_manifest_file", tmp_path / "m.xlsx", status=1)
    assert re.search(r"problem: data_meta_tongji\.xlsx: .*PID", done.stderr)
    assert len(reference.read_table(tmp_path / "m.xlsx")[1]) == 4 * 12


def test_text_of_any_kind_reaches_the_info_files(nicohort, tmp_path):
    """PyYAML takes some characters for the end of a line. A formula without a value is reported, not silently empty."""
    root = small_archive.make(tmp_path / "root_dir", ["1"])
    text = "a\u2028b\u2029 c\u0085d\ufeffe 'f' \"g\"\\\n"
    book = openpyxl.load_workbook(root / "archive/data_meta_tongji.xlsx")
    for column, values in {"C": ["Note", text], "D": ["Sum", "=1+1"]}.items():
        for row, value in enumerate(values, 1):
            book.active[f"{column}{row}"].value = value
    book.save(root / "archive/data_meta_tongji.xlsx")
    done = nicohort("gen_archive_manifest", "--root_dir", root / "archive", "--output_manifest_file", root / "m.xlsx", status=1)
    [problem] = re.findall("^problem: .*", done.stderr, re.MULTILINE)
    assert "data_meta_tongji.xlsx: has 1 formula without a value, the first in D2" in problem
    nicohort("confirm_pairs", "--root_dir", root / "archive", "--output_dir", root / "grouped", "--archive_manifest", root / "m.xlsx")
    info = yaml.safe_load((root / "grouped/TJ/pre/TJ_1_pre/TJ_1_pre_info.yaml").read_text(encoding="utf-8"))
    assert info["Note"] == text and info["Sum"] is None
    nicohort("extract_binary_masks", "--root_dir", root / "grouped", "--label_explanation", root / "descriptor/label_map.yaml")
    nicohort("gen_dataset_manifest", "--root_dir", root / "grouped", "--output_manifest_file", root / "d.xlsx")
    assert small_archive.column(root / "d.xlsx", "Note") == [text] * 2


# Masks

@pytest.mark.parametrize("thresh", [(-1000, -100), (-140.5, -20), (0, 1e9)])
def test_negative_and_real_thresholds(nicohort, demo, tmp_path, thresh):
    done = nicohort("mask_thresholding", "--root_dir", demo / "grouped", "--output_dir", tmp_path, "--thresh", *thresh,
                    status=1)  # of masks that lose more than half
    total = 0
    for ID, sample in samples_of(demo).items():
        expected, count = reference.mask_thresholding(sample, *thresh)
        total += count
        assert (f"{ID}: {count} voxel" in done.stdout) == (count > 0)
        tutorial.assert_same_image(tmp_path / sample.folder / f"{ID}_mask.nii.gz", expected.mask, sample.volume)
    assert total > 0


def test_a_threshold_that_had_been_done_corrects_nothing(nicohort, demo, tmp_path):
    shutil.copytree(demo / "grouped", tmp_path / "grouped")
    words = ["mask_thresholding", "--root_dir", tmp_path / "grouped", "--thresh", 0, 100]
    assert "corrected" in nicohort(*words, "--output_dir", tmp_path / "grouped", status=1).stdout
    done = nicohort(*words, "--output_dir", tmp_path / "elsewhere")
    assert "corrected" not in done.stdout and "0 of" in done.stdout


@pytest.mark.parametrize("options, parameters", [
    (["--empty_label", "background", "--no_thresh"], {"empty_label": "background", "thresh": None}),
    (["--empty_label", "neighbourhood", "--thresh", -50, 60], {"thresh": (-50.0, 60.0)}),
    (["--kernel_size", 1, 4, "--filter_halfedge", 0], {"kernel": (1, 4), "halfedge": 0}),
    (["--region_area_thresh", 1e6, "--kernel_size", 2, 3], {"area_threshold": 1e6, "kernel": (2, 3)}),
    (["--region_area_thresh", 0], {"area_threshold": 0.0}),
    ([], {}),
])
def test_options_of_opening(nicohort, demo, tmp_path, options, parameters):
    if "--region_area_thresh" not in options:
        options, parameters = options + ["--region_area_thresh", 300], parameters | {"area_threshold": 300.0}
    nicohort("morphological_open_on_slice_small_region", "--root_dir", demo / "grouped", "--output_dir", tmp_path, *options,
             status=None)  # 1 where a label is lost
    for ID, sample in samples_of(demo).items():
        expected = reference.open_on_slices(sample, **parameters)
        tutorial.assert_same_image(tmp_path / sample.folder / f"{ID}_mask.nii.gz", expected.mask, sample.volume)
        for label, binary in expected.binary.items():
            tutorial.assert_same_image(tmp_path / sample.folder / f"{ID}_{reference.mask_column(label)}.nii.gz",
                                       binary.astype(np.uint8), sample.volume)


@pytest.mark.parametrize("name, options", [
    ("extract_binary_masks", ["--label_explanation", "descriptor/label_map.yaml"]),
    ("morphological_open_on_slice_small_region", ["--output_dir", "grouped"]),
])
def test_skip_existing_leaves_complete_samples_alone(nicohort, demo, dataset, name, options):
    shutil.copytree(demo / "descriptor", dataset.parent / "descriptor")
    masks = masks_of(dataset)
    sample = next(path for path in sorted(masks.values()) if path.name.endswith("_mask.nii.gz")).parent
    if name == "extract_binary_masks":
        next(sample.glob("*_01_EsoROI.nii.gz")).unlink()  # this one is not complete
        redone = {path for path in masks.values() if path.parent == sample and "_mask" in path.name}
    else:
        redone = set()
    before = {path: path.stat().st_mtime_ns for path in masks.values() if path.exists()}
    done = nicohort(name, "--root_dir", "grouped", *options, "--skip_existing", cwd=dataset.parent)
    after = {path: path.stat().st_mtime_ns for path in masks.values()}
    assert {path for path in after if after[path] != before.get(path)} == redone
    assert f"{24 - bool(redone)} skipped" in done.stdout
    assert (dataset / next(iter(masks))).exists()


def test_a_cell_too_long_for_excel_says_how_many_are_left_out(nicohort, tmp_path):
    folder = tmp_path / "grouped/TJ/pre/TJ_1_pre"
    folder.mkdir(parents=True)
    mask = np.zeros((90, 90, 6), np.uint8)
    mask[::2, ::2, ::2] = 1
    (folder / "TJ_1_pre_info.yaml").write_text("{ID: TJ_1_pre, site: TJ, phase: pre, pid: '1', subset: TJ/pre}\n")
    for name, values in (("volume", mask.astype(np.float32)), ("mask", mask), ("mask_01_Dots", mask)):
        nibabel.save(nibabel.Nifti1Image(values, np.diag([0.8, 0.8, 2.5, 1])), folder / f"TJ_1_pre_{name}.nii.gz")
    nicohort("small_connected_region_detect", "--root_dir", tmp_path / "grouped", "--output_manifest", tmp_path / "r.xlsx")
    [[_, cell]] = reference.read_table(tmp_path / "r.xlsx", "Small Connected Regions 300.0")[1]
    regions = [f"({x},{y},{z},1.60)" for x in range(0, 90, 2) for y in range(0, 90, 2) for z in range(0, 6, 2)]
    kept, left_out = re.fullmatch(r"(.*); … \(\+(\d+) more\)", cell).groups()
    assert 32_700 < len(cell) <= 32_767
    assert kept.split("; ") == regions[:len(regions) - int(left_out)]
    assert len(reference.read_table(tmp_path / "r.xlsx", "Regions")[1]) == len(regions)


# The dataset's manifest

def shift(path):
    image = nibabel.load(path)
    affine = image.affine.copy()
    affine[0, 3] += 1
    nibabel.save(nibabel.Nifti1Image(np.asanyarray(image.dataobj), affine), path)


def test_inconsistent_samples_stop_the_manifest_unless_keep_going(nicohort, demo, dataset, tmp_path):
    bad = sorted(samples_of(demo))[3:5]
    first, second = (next(dataset.rglob(f"{ID}_mask_01_EsoROI.nii.gz")) for ID in bad)
    shift(first)
    image = nibabel.load(second)
    nibabel.save(nibabel.Nifti1Image(np.asanyarray(image.dataobj).astype(np.int16), image.affine), second)
    manifest = tmp_path / "m.xlsx"
    command = ["gen_dataset_manifest", "--root_dir", dataset, "--output_manifest_file", manifest]

    done = nicohort(*command, status=1)
    assert not manifest.exists()
    assert sorted(re.findall(r"^problem: (\w+): ", done.stderr, re.MULTILINE)) == bad
    assert len(reference.read_table(tmp_path / "m.xlsx.problems.csv")[1]) == 2

    manifest.write_text("older")
    nicohort(*command, status=1)
    assert manifest.read_text() == "older"

    nicohort(*command, "--keep_going", status=1)
    good = [sample for ID, sample in samples_of(demo).items() if ID not in bad]
    tutorial.assert_same_table(manifest, "Manifest", reference.dataset_manifest(good))


def test_existence_is_empty_without_a_file_and_0_in_an_empty_mask(nicohort, demo, dataset, tmp_path):
    samples = samples_of(demo)
    ID, other = sorted(samples)[:2]
    next(dataset.rglob(f"{ID}_mask_01_EsoROI.nii.gz")).unlink()
    samples[ID].binary.pop((1, "EsoROI"))
    samples[other].binary[1, "EsoROI"][:] = False
    tumour = next(dataset.rglob(f"{other}_mask_01_EsoROI.nii.gz"))
    empty = nibabel.load(tumour)
    nibabel.save(nibabel.Nifti1Image(np.zeros(empty.shape, np.uint8), empty.affine, empty.header), tumour)
    nicohort("gen_dataset_manifest", "--root_dir", dataset, "--output_manifest_file", tmp_path / "m.xlsx")
    tutorial.assert_same_table(tmp_path / "m.xlsx", "Manifest", reference.dataset_manifest(samples.values()))
    existence = reference.column(reference.read_table(tmp_path / "m.xlsx"), "mask_01_EsoROI_existence")
    assert existence[:3] == ["", 0, 1]


# Splits

@pytest.fixture
def manifest(demo, tmp_path):
    shutil.copy(demo / "dataset.xlsx", tmp_path / "dataset.xlsx")
    return tmp_path / "dataset.xlsx"


PCR = "Pathological Complete Response (pCR)"


@pytest.mark.parametrize("stratify_by", [None, PCR, "Sex", "cT Stage"])
@pytest.mark.parametrize("sites, test, val, seed", [
    (["TJ"], 0.4, 0.2, 0), (["TJ", "XY", "SYTH"], 0.3, 0.35, 4294967295), (["XY", "TJ"], 0.0, 0.5, 1), (["SYTH", "TJ"], 0.5, 1.0, 2),
])
def test_splits_are_numpys_shuffle(nicohort, manifest, sites, test, val, seed, stratify_by):
    stratify = ["--stratify_by", stratify_by] if stratify_by else []
    nicohort("make_split", "--manifest_file", manifest, "--split_name", "the split", "--site", *sites, "--test_ratio", test,
             "--val_ratio", val, "--random_seed", seed, *stratify)
    expected = reference.make_split(reference.read_table(manifest, "Manifest"), "the split", sites, test, val, seed, stratify_by)
    tutorial.assert_same_table(manifest, "the split", expected)
    rows = list(zip(*(reference.column(expected, name) for name in ("site", "pid", "the split"))))
    assert len(set(rows)) == len({row[:2] for row in rows})  # a patient is never on two sides


def test_a_side_that_got_nobody_is_a_problem(nicohort, manifest):
    done = nicohort("make_split", "--manifest_file", manifest, "--split_name", "s", "--site", "XY", "--test_ratio", 0.1, "--val_ratio", 0.1, status=1)
    assert re.search("(?m)^problem: s: .*(test|val)", done.stderr)
    problems = reference.read_table(manifest.with_name(f"{manifest.name}.problems.csv"))
    assert set(zip(reference.column(problems, "subject"), reference.column(problems, "kind"))) == {("s", "split")}
    assert set(reference.column(reference.read_table(manifest, "s"), "s")) == {"train"}


def test_stratifying_by_what_differs_within_a_patient_is_status_2(nicohort, manifest):
    before = manifest.read_bytes()
    done = nicohort("make_split", "--manifest_file", manifest, "--split_name", "s", "--site", "TJ", "--stratify_by", "phase", status=2)
    assert "two values" in done.stderr and manifest.read_bytes() == before


def test_repeated_subsets_and_a_subset_that_is_not_there(nicohort, manifest, tmp_path):
    nicohort("make_split", "--manifest_file", manifest, "--split_name", "s", "--site", "TJ")
    command = ["extract_split_index_manifest", "--manifest_file", manifest, "--split_name", "s", "--output_index_manifest_dir", tmp_path / "out"]
    done = nicohort(*command, "--subsets", "train", "--subsets", "test", "holdout", status=2)
    assert "holdout" in done.stderr and all(side in done.stderr for side in ("train", "val", "test"))
    assert not (tmp_path / "out").exists()

    nicohort(*command, "--subsets", "test", "train", "--subsets", "val", "--subsets", "train", "val", "test")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"s_test_train.xlsx", "s_val.xlsx", "s_train_val_test.xlsx"}
    split = reference.read_table(manifest, "s")
    tutorial.assert_same_table(tmp_path / "out/s_test_train.xlsx", "s", reference.index_manifest(split, ["test", "train"]))
    tutorial.assert_same_table(tmp_path / "out/s_train_val_test.xlsx", "s", split)


def test_transform_is_json_of_the_affine(demo):
    table = reference.read_table(demo / "archive.xlsx")
    for path, text in zip(reference.column(table, "file_path"), reference.column(table, "transform")):
        assert np.array_equal(json.loads(text), nibabel.load(demo / "archive" / path).affine)
        assert not re.search(r"-0[,\]]", text)


def test_commands_by_the_tutorials_folder_and_unknown_ones(nicohort):
    assert "mask_thresholding" in nicohort("utils/mask_thresholding", "--help").stdout
    assert "gen_archive_manifes: no such command" in nicohort("gen_archive_manifes", status=2).stderr
    assert "subcommand" in nicohort(status=2).stderr.lower()


def test_standard_output_that_cannot_be_written(nicohort, tmp_path):
    import os
    import subprocess
    program = os.path.join(os.environ["NICOHORT_BUILD"], "nicohort")
    with open("/dev/full", "w") as full:
        done = subprocess.run([program, "demo", tmp_path, "--size", "16", "16", "16"], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 3 and "standard output" in done.stderr
