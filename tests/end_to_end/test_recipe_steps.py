"""What a recipe does not name is not done to the masks; what it names is done as the tutorial's commands do it."""

import json

import nibabel
import numpy as np
import openpyxl
import pytest
import yaml

import reference
import tutorial
from test_report import data_of

LABELS = {0: "Bg", 1: "liver", 2: "vessel", 7: "node"}
RECIPE = {
    "volume": "{site_dir}/{phase_dir}/mr/{pid}.nii.gz", "mask": "{site_dir}/{phase_dir}/organs/{pid}.nii.gz",
    "parts": {"site": {"N": "north"}, "phase": {"t0": "first"}, "pid": "[0-9]{4}"},
    "id": "{site}_{pid}_{phase}", "folder": "{site}/{phase}",
    "metadata": [{"file": "{site_dir}.xlsx", "key": {"PID": "{pid}"}}],
}
WINDOW, OTHER_WINDOW = [100, 600], [200, 500]
CLEAN = {"kernel_size": [2, 3], "smaller_than": "5 mm2"}


@pytest.fixture
def mri(tmp_path):
    """Values as MRI has them, most out of any window of HU, and masks of many small pieces."""
    random = np.random.default_rng(11)
    for pid in ("0001", "0002"):
        volume = random.integers(0, 2500, (20, 18, 6)).astype(np.int16)
        mask = np.kron(random.choice([0, 1, 2, 7], (5, 6, 6)), np.ones((4, 3, 1)))
        mask = np.where(random.random(mask.shape) < 0.1, random.choice([0, 1, 2, 7], mask.shape), mask).astype(np.uint8)
        for kind, values in (("mr", volume), ("organs", mask)):
            path = tmp_path / f"archive/north/first/{kind}/{pid}.nii.gz"
            path.parent.mkdir(parents=True, exist_ok=True)
            nibabel.save(nibabel.Nifti1Image(values, np.diag([-0.9, 0.9, 4.0, 1.0])), path)
    book = openpyxl.Workbook()
    for row in (["PID", "Age"], ["0001", 61], ["0002", 62]):
        book.active.append(row)
    book.save(tmp_path / "archive/north.xlsx")
    return tmp_path


def run(nicohort, root, steps=None, status=0, labels=LABELS):
    recipe = RECIPE | ({} if labels is None else {"labels": labels}) | ({} if steps is None else {"steps": steps})
    (root / "recipe.yaml").write_text(yaml.safe_dump(recipe, sort_keys=False))
    done = nicohort("run", "--root_dir", root, "--recipe", root / "recipe.yaml", status=None)
    told = [line for line in done.stderr.splitlines() if line.startswith("problem: ") and "voxels of" not in line]
    # These narrow windows leave little of the masks, which is told.
    assert done.returncode == status or (done.returncode, status, told) == (1, 0, []), done.stderr
    return done


def drawn(root):
    manifest = reference.archive_manifest(root / "archive", RECIPE)
    samples = reference.confirm_pairs(root / "archive", manifest, RECIPE)
    assert all(np.unique(sample.mask).tolist() == list(LABELS) for sample in samples.values())
    return samples


def expected(root, window=None, denoise=None):
    samples = drawn(root)
    if window:
        samples = {ID: reference.mask_thresholding(sample, *window)[0] for ID, sample in samples.items()}
    samples = {ID: reference.extract_binary_masks(sample, list(LABELS.items())) for ID, sample in samples.items()}
    if denoise:
        samples = {ID: reference.open_on_slices(sample, **denoise) for ID, sample in samples.items()}
    return samples


def assert_made(root, samples):
    wanted = tutorial.assert_same_images(root / "grouped", samples)
    assert {path.relative_to(root / "grouped").as_posix() for path in (root / "grouped").rglob("*.nii.gz")} == wanted


@pytest.mark.parametrize("steps, effect", [
    (None, {}),
    ([], {}),
    ([{"threshold": WINDOW}], {"window": WINDOW}),
    ([{"clean_slices": CLEAN}], {"denoise": {"kernel": (2, 3), "area_threshold": 5, "thresh": None}}),
    ([{"threshold": WINDOW}, {"clean_slices": CLEAN | {"filter_halfedge": 1, "empty_label": "background"}}],
     {"denoise": {"kernel": (2, 3), "area_threshold": 5, "thresh": WINDOW, "halfedge": 1, "empty_label": "background"}}),
    ([{"threshold": WINDOW}, {"threshold": OTHER_WINDOW}, {"clean_slices": CLEAN}],
     {"window": WINDOW, "denoise": {"kernel": (2, 3), "area_threshold": 5, "thresh": OTHER_WINDOW}}),
], ids=["no key", "nothing", "threshold", "clean", "threshold and clean", "two windows"])
def test_only_what_is_named_is_done(nicohort, mri, steps, effect):
    run(nicohort, mri, steps)
    assert_made(mri, expected(mri, **effect))
    assert not list((mri / "descriptor").glob("small_connected_region*"))
    nicohort("verify", "--root_dir", mri / "grouped")


def test_steps_are_done_in_their_order(nicohort, mri):
    """A threshold behind the cleaning looks at the volume again, also where the cleaning filled holes."""
    run(nicohort, mri, [{"clean_slices": CLEAN}, {"threshold": WINDOW}])
    cleaned = expected(mri, denoise={"kernel": (2, 3), "area_threshold": 5, "thresh": None})
    dropped = {ID: reference.mask_thresholding(sample, *WINDOW)[0] for ID, sample in cleaned.items()}
    samples = {ID: reference.extract_binary_masks(sample, list(LABELS.items())) for ID, sample in dropped.items()}
    assert_made(mri, samples)
    other = expected(mri, denoise={"kernel": (2, 3), "area_threshold": 5, "thresh": WINDOW})
    assert any((samples[ID].mask != other[ID].mask).any() for ID in samples)


def test_labels_may_be_the_datasets_own(nicohort, mri):
    (mri / "descriptor").mkdir()
    (mri / "descriptor/label_map.yaml").write_text(yaml.safe_dump({"short_form_index_map": LABELS}))
    run(nicohort, mri, labels=None)
    assert_made(mri, expected(mri))


CLEANED = {"denoise": {"kernel": (2, 3), "area_threshold": 5, "thresh": None}}


@pytest.mark.parametrize("steps, table, threshold, effect", [
    ([{"list_small": "40 mm3"}], "small_connected_region_40_manifest.xlsx", 40.0, {}),
    ([{"list_small": {"smaller_than": "40 mm3", "output": "mine.xlsx"}}, {"clean_slices": CLEAN}], "mine.xlsx", 40.0, {}),
    ([{"clean_slices": CLEAN}, {"list_small": "20 mm3"}], "small_connected_region_20_after_modification_manifest.xlsx", 20.0, CLEANED),
])
def test_regions_are_listed_where_they_are_named(nicohort, mri, steps, table, threshold, effect):
    run(nicohort, mri, steps)
    assert {path.name for path in (mri / "descriptor").iterdir()} == {"archive_manifest.xlsx", table}
    sheet, regions = reference.small_connected_region_detect(list(expected(mri, **effect).values()), threshold)
    assert regions[1]
    tutorial.assert_same_table(mri / "descriptor" / table, f"Small Connected Regions {threshold}", sheet)
    tutorial.assert_same_table(mri / "descriptor" / table, "Regions", regions)


@pytest.mark.parametrize("again", ["run", "report"])
def test_the_report_says_what_was_not_looked_for(nicohort, mri, again):
    run(nicohort, mri)
    if again == "report":
        nicohort("report", "--root_dir", mri, "--recipe", mri / "recipe.yaml")
    data = data_of(mri / "report")
    assert data["thresholds"] == {"window": None, "small_regions_before": None, "small_regions_after": None}
    for sample in data["samples"]:
        assert sample["cleaning"] == {"thresholded": 0, "removed": 0, "filled": 0, "relabelled": 0,
                                      "small_regions_before": None, "small_regions_after": None}


@pytest.mark.parametrize("key", ["kernel_size", "smaller_than"])
def test_cleaning_without_a_size_is_refused(nicohort, mri, key):
    clean = {name: value for name, value in CLEAN.items() if name != key}
    done = run(nicohort, mri, [{"clean_slices": clean}], status=2)
    assert "recipe.yaml, line " in done.stderr and f"`clean_slices` needs `{key}`" in done.stderr
    assert not (mri / "grouped").exists()


def test_a_step_that_the_recipe_no_longer_names_is_undone(nicohort, mri):
    run(nicohort, mri, [{"threshold": WINDOW}, {"clean_slices": CLEAN}])
    run(nicohort, mri)
    assert_made(mri, expected(mri))


def labels_in(root, pid):
    return np.unique(nibabel.load(root / f"grouped/N/t0/N_{pid}_t0/N_{pid}_t0_mask.nii.gz").dataobj).tolist()


def test_a_step_for_some_samples(nicohort, mri):
    steps = [{"relabel": {7: "liver"}, "where": {"Age": 61}}, {"list_small": {"smaller_than": "3 voxels", "of": "vessel"}}]
    run(nicohort, mri, steps)
    assert labels_in(mri, "0001") == [0, 1, 2] and labels_in(mri, "0002") == [0, 1, 2, 7]
    records = [json.loads((mri / f"grouped/.nicohort/N_{pid}_t0.json").read_text()) for pid in ("0001", "0002")]
    assert [step.get("spared", False) for record in records for step in record["steps"]] == [False, False, True, False]
    table = mri / "descriptor/small_connected_region_3_manifest.xlsx"
    assert [row[:2] for row in openpyxl.load_workbook(table).worksheets[0].iter_rows(max_row=1, values_only=True)] == [("ID", "mask_02_vessel")]
    verified = nicohort("verify", "--root_dir", mri / "grouped").stdout
    assert "No problems." in verified and "same steps" not in verified
    # The other one's metadata change: the step is for it now, and for the first no longer.
    book = openpyxl.load_workbook(mri / "archive/north.xlsx")
    book.active["B2"], book.active["B3"] = 62, 61
    book.save(mri / "archive/north.xlsx")
    assert "2 samples processed, 0 unchanged" in run(nicohort, mri, steps).stdout
    assert labels_in(mri, "0001") == [0, 1, 2, 7] and labels_in(mri, "0002") == [0, 1, 2]
    assert "Nothing has changed" in run(nicohort, mri, steps).stdout


def test_a_step_for_samples_with_a_column_that_is_not_there(nicohort, mri):
    told = run(nicohort, mri, [{"relabel": {7: "liver"}, "where": {"Agee": 61}}], status=2).stderr
    assert "recipe" in told and "line" in told and "`where`: there is no column `Agee`; did you mean `Age`?" in told
    assert not (mri / "grouped").exists()


def test_a_step_for_nobody_is_told(nicohort, mri):
    told = run(nicohort, mri, [{"relabel": {7: "liver"}, "where": {"Age": 99}}]).stderr
    assert "the step relabel was applied to no sample: no sample fulfils its `where`; check the condition" in told


def test_groups_are_cut_with_the_binary_masks(nicohort, mri):
    groups = {"both parts": ["liver", "vessel"], "all": ["liver", "vessel", "node"]}
    recipe = RECIPE | {"labels": LABELS, "groups": groups}
    (mri / "recipe.yaml").write_text(yaml.safe_dump(recipe, sort_keys=False))
    nicohort("run", "--root_dir", mri, "--recipe", mri / "recipe.yaml")
    header, *rows = openpyxl.load_workbook(mri / "grouped/dataset_manifest.xlsx")["Manifest"].values
    masks = [column for column in header if column.startswith("mask_0") or column.startswith("mask_a") or column.startswith("mask_b")]
    names = ["mask_00_Bg", "mask_01_liver", "mask_02_vessel", "mask_07_node", "mask_both_parts", "mask_all"]
    assert masks == names + [f"{name}_existence" for name in names]
    for row in rows:
        cells = dict(zip(header, row))
        drawn_mask = np.asarray(nibabel.load(mri / "grouped" / cells["mask"]).dataobj)
        for name, values in (("mask_both_parts", [1, 2]), ("mask_all", [1, 2, 7])):
            assert cells[f"{name}_existence"] == 1
            assert np.array_equal(np.asarray(nibabel.load(mri / "grouped" / cells[name]).dataobj), np.isin(drawn_mask, values))
        assert cells["valid_labels"] == "00_Bg,01_liver,02_vessel,07_node"
    assert "No problems." in nicohort("verify", "--root_dir", mri / "grouped").stdout
    # The single commands make and list the same.
    book = mri / "manifest.xlsx"
    nicohort("gen_archive_manifest", "--root_dir", mri / "archive", "--output_manifest_file", book, "--recipe", mri / "recipe.yaml")
    nicohort("confirm_pairs", "--root_dir", mri / "archive", "--output_dir", mri / "single", "--archive_manifest", book, "--recipe",
             mri / "recipe.yaml")
    (mri / "label_map.yaml").write_text(yaml.safe_dump({"short_form_index_map": LABELS}))
    nicohort("extract_binary_masks", "--root_dir", mri / "single", "--label_explanation", mri / "label_map.yaml")
    for path in (mri / "grouped").rglob("*.nii.gz"):
        assert (mri / "single" / path.relative_to(mri / "grouped")).read_bytes() == path.read_bytes()
    nicohort("gen_dataset_manifest", "--root_dir", mri / "single", "--output_manifest_file", mri / "single/dataset_manifest.xlsx")
    single = list(openpyxl.load_workbook(mri / "single/dataset_manifest.xlsx")["Manifest"].values)
    assert single == [header, *rows]
    again = nicohort("extract_binary_masks", "--root_dir", mri / "single", "--label_explanation", mri / "label_map.yaml").stdout
    assert "0 of 2 samples processed" in again
    # A mask of a group that somebody has drawn on is told, and made again.
    edited = mri / "grouped" / cells["mask_all"]
    image = nibabel.load(edited)
    values = np.asarray(image.dataobj).copy()
    values[0, 0, 0] ^= 1
    nibabel.save(nibabel.Nifti1Image(values, image.affine, image.header), edited)
    told = nicohort("verify", "--root_dir", mri / "grouped", status=1).stderr
    assert "differs from the labels of the group of the multi-label mask in 1 voxel" in told
    assert "1 sample processed, 1 unchanged" in nicohort("run", "--root_dir", mri, "--recipe", mri / "recipe.yaml").stdout
    assert "No problems." in nicohort("verify", "--root_dir", mri / "grouped").stdout


@pytest.mark.parametrize("change, message", [
    ({"labels": LABELS | {7: "node existence"}}, "`labels` calls label 7 `node_existence`"),
    ({"volume": {"T1_existence": RECIPE["volume"]}}, "`volume` has a channel `T1_existence`"),
])
def test_names_that_would_end_as_other_columns_do(nicohort, mri, change, message):
    (mri / "recipe.yaml").write_text(yaml.safe_dump(RECIPE | {"labels": LABELS} | change, sort_keys=False))
    told = nicohort("run", "--root_dir", mri, "--recipe", mri / "recipe.yaml", status=2).stderr
    assert message + ", but manifests use names that end in `_existence` for other columns; rename it" in told
    assert not (mri / "grouped").exists()


@pytest.mark.parametrize("name, is_possible", [("node_existence", False), ("existence_of_node", True)])
def test_a_label_map_has_such_names_neither(nicohort, mri, name, is_possible):
    run(nicohort, mri)
    (mri / "map.yaml").write_text(yaml.safe_dump({"short_form_index_map": LABELS | {7: name}}))
    done = nicohort("extract_binary_masks", "--root_dir", mri / "grouped", "--label_explanation", mri / "map.yaml", status=None)
    assert ("`node_existence`, but manifests use names that end in `_existence`" in done.stderr) != is_possible and (done.returncode == 2) != is_possible
    assert any(mri.glob(f"grouped/**/*_mask_07_{name}.nii.gz")) == is_possible


@pytest.mark.parametrize("groups, message", [
    ({"masses": ["liver", "livre"]}, "the group `masses` names `livre`, which is not among the labels; did you mean `liver`?"),
    ({"masses": ["Bg"]}, "names `Bg`, which is the background"),
    ({"01_x": ["liver"]}, "`groups` has the name `01_x`"),
    ({"existence": ["liver"]}, "`groups` has the name `existence`"),
    ({"masses": []}, "the group `masses` has no labels"),
    (["liver"], "`groups` is not a map"),
])
def test_groups_that_cannot_be(nicohort, mri, groups, message):
    (mri / "recipe.yaml").write_text(yaml.safe_dump(RECIPE | {"labels": LABELS, "groups": groups}, sort_keys=False))
    told = nicohort("run", "--root_dir", mri, "--recipe", mri / "recipe.yaml", status=2).stderr
    assert message in told and ", line " in told
    assert not (mri / "grouped").exists()
