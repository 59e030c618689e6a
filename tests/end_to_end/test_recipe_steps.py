"""What a recipe does not name is not done to the masks; what it names is done as the tutorial's commands do it."""

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
    "sites": {"N": "north"}, "phases": {"t0": "first"}, "types": {"v3d": "mr", "m3d": "organs"},
    "image": "{site_dir}/{phase_dir}/{type_dir}/{pid}.nii.gz", "pid": "[0-9]{4}", "id": "{site}_{pid}_{phase}",
    "metadata": {"file": "{site_dir}.xlsx", "key": "PID"},
}
WINDOW, OTHER_WINDOW = [100, 600], [200, 500]
DENOISE = {"kernel_size": [2, 3], "region_area_thresh": 5}


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


def run(nicohort, root, pipeline, status=0):
    recipe = RECIPE if pipeline is None else RECIPE | {"pipeline": pipeline}
    (root / "recipe.yaml").write_text(yaml.safe_dump(recipe, sort_keys=False))
    return nicohort("run", "--root_dir", root, "--recipe", root / "recipe.yaml", status=status)


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


@pytest.mark.parametrize("pipeline, steps", [
    ({}, {}),
    ({"threshold": None, "denoise": None, "small_regions": None}, {}),
    ({"threshold": WINDOW}, {"window": WINDOW}),
    ({"denoise": DENOISE}, {"denoise": {"kernel": (2, 3), "area_threshold": 5, "thresh": None}}),
    ({"denoise": DENOISE | {"threshold": None, "filter_halfedge": None, "empty_label": None}},
     {"denoise": {"kernel": (2, 3), "area_threshold": 5, "thresh": None}}),
    ({"denoise": DENOISE | {"threshold": WINDOW, "filter_halfedge": 1, "empty_label": "background"}},
     {"denoise": {"kernel": (2, 3), "area_threshold": 5, "thresh": WINDOW, "halfedge": 1, "empty_label": "background"}}),
    ({"threshold": WINDOW, "denoise": DENOISE | {"threshold": OTHER_WINDOW}},
     {"window": WINDOW, "denoise": {"kernel": (2, 3), "area_threshold": 5, "thresh": OTHER_WINDOW}}),
], ids=["nothing", "null", "threshold", "denoise", "denoise with null", "denoise with threshold", "two windows"])
def test_only_what_is_named_is_done(nicohort, mri, pipeline, steps):
    done = run(nicohort, mri, {"label_map": LABELS} | pipeline)
    assert_made(mri, expected(mri, **steps))
    assert "No problems." in done.stdout + done.stderr
    assert not list((mri / "descriptor").glob("small_connected_region*"))
    nicohort("verify", "--root_dir", mri / "grouped")


def test_a_recipe_without_a_pipeline_changes_no_voxel(nicohort, mri):
    (mri / "descriptor").mkdir()
    (mri / "descriptor/label_map.yaml").write_text(yaml.safe_dump({"short_form_index_map": LABELS}))
    run(nicohort, mri, None)
    assert_made(mri, expected(mri))


@pytest.mark.parametrize("named, tables", [
    ({"small_regions": 40}, ["small_connected_region_40_manifest.xlsx"]),
    ({"small_regions_after": 20}, ["small_connected_region_20_after_modification_manifest.xlsx"]),
])
def test_regions_are_listed_where_they_are_named(nicohort, mri, named, tables):
    run(nicohort, mri, {"label_map": LABELS} | named)
    assert sorted(path.name for path in (mri / "descriptor").glob("small_connected_region*")) == tables
    sheet, _ = reference.small_connected_region_detect(list(expected(mri).values()), float(*named.values()))
    assert reference.read_table(mri / "descriptor" / tables[0])[1] == sheet[1]


@pytest.mark.parametrize("again", ["run", "report"])
def test_the_report_says_what_was_not_looked_for(nicohort, mri, again):
    run(nicohort, mri, {"label_map": LABELS})
    if again == "report":
        nicohort("report", "--root_dir", mri, "--recipe", mri / "recipe.yaml")
    data = data_of(mri / "report")
    assert data["thresholds"] == {"window": None, "region_mm3": None, "region_after_mm3": None}
    for sample in data["samples"]:
        assert sample["cleaning"] == {"thresholded": 0, "removed": 0, "filled": 0, "relabelled": 0,
                                      "small_regions_before": None, "small_regions_after": None}


@pytest.mark.parametrize("key", ["kernel_size", "region_area_thresh"])
def test_denoising_without_a_size_is_refused(nicohort, mri, key):
    denoise = {name: value for name, value in DENOISE.items() if name != key}
    done = run(nicohort, mri, {"label_map": LABELS, "denoise": denoise}, status=2)
    assert "recipe.yaml" in done.stderr and f"denoise.{key} is missing" in done.stderr
    assert not (mri / "grouped").exists()


def test_a_step_that_the_recipe_no_longer_names_is_undone(nicohort, mri):
    run(nicohort, mri, {"label_map": LABELS, "threshold": WINDOW, "denoise": DENOISE})
    run(nicohort, mri, {"label_map": LABELS})
    assert_made(mri, expected(mri))
