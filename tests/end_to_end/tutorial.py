"""The tutorial's commands on any archive, and checks of all they write against reference.py.

execute() keeps a copy of the dataset after every routine that changes it, so that each can be checked by itself.
"""

import gzip
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import nibabel
import numpy as np
import yaml

import reference


@dataclass(frozen=True)
class Split:
    name: str
    sites: tuple
    test_ratio: float
    val_ratio: float
    subsets: tuple  # of tuples
    seed: int = 0
    stratify_by: str = None


TUTORIAL_SPLITS = (
    Split("split01_TJ", ("TJ",), 0.4, 0.2, (("train", "val"), ("train",), ("val",), ("test",))),
    Split("split02_SYTH", ("SYTH",), 1.0, 0.0, (("test",),)),
    Split("split03_XY", ("XY",), 1.0, 0.0, (("test",),)),
)


@dataclass
class Tutorial:
    """What the tutorial is run with, then (from run()) what it said and wrote and what it should have written."""
    root: Path
    recipe: dict = field(default_factory=lambda: reference.ESO_RECIPE)
    recipe_file: Path = None
    thresh: tuple = (-140.0, 1000.0)
    region_volume: float = 300.0
    kernel: tuple = (2, 2)
    halfedge: int = 3
    area: float = 10.0
    splits: tuple = TUTORIAL_SPLITS
    options: tuple = ()  # for every command
    unlisted: frozenset = frozenset()  # images that gen_archive_manifest leaves out
    unpaired: frozenset = frozenset()  # images whose sample confirm_pairs leaves out
    status: dict = field(default_factory=dict)  # of the routines that find problems
    done: dict = field(default_factory=dict)  # step -> finished process
    samples: dict = field(default_factory=dict)  # step -> {ID: reference.Sample}

    def stage(self, step):
        """The dataset as it was after a step."""
        return self.root / "stages" / step


def run(nicohort, t):
    """Runs every command and reckons what it should have written; gives t."""
    execute(nicohort, t)
    return expect(t)


def execute(nicohort, t):

    def step(name, *arguments, label=None, changes_dataset=False):
        t.done[label or name] = nicohort(name, *arguments, *t.options, status=t.status.get(label or name, 0), cwd=t.root)
        if changes_dataset:
            shutil.copytree(t.root / "grouped", t.stage(label or name))

    recipe = ["--recipe", t.recipe_file] if t.recipe_file else []
    step("gen_archive_manifest", "--root_dir", "archive", "--output_manifest_file", "descriptor/archive_manifest.xlsx", *recipe)
    step("confirm_pairs", "--root_dir", "archive", "--output_dir", "grouped", "--archive_manifest",
         "descriptor/archive_manifest.xlsx", *recipe, changes_dataset=True)
    for name in ("mask_thresholding", "morphological_open_on_slice_small_region"):
        t.status.setdefault(name, None)  # the checks below say which problems there should be
    step("mask_thresholding", "--root_dir", "grouped", "--thresh", *t.thresh, "--output_dir", "grouped", changes_dataset=True)
    step("extract_binary_masks", "--root_dir", "grouped", "--label_explanation", "descriptor/label_map.yaml",
         changes_dataset=True)
    step("small_connected_region_detect", "--root_dir", "grouped", "--region_volume_thresh", t.region_volume,
         "--output_manifest", "descriptor/regions.xlsx")
    step("morphological_open_on_slice_small_region", "--root_dir", "grouped", "--output_dir", "grouped", "--kernel_size",
         *t.kernel, "--filter_halfedge", t.halfedge, "--region_area_thresh", t.area, "--thresh", *t.thresh,
         changes_dataset=True)
    step("small_connected_region_detect", "--root_dir", "grouped", "--region_volume_thresh", t.region_volume,
         "--output_manifest", "descriptor/regions_after.xlsx", label="small_connected_region_detect again")
    step("gen_dataset_manifest", "--root_dir", "grouped", "--output_manifest_file", "grouped/dataset_manifest.xlsx")
    for split in t.splits:
        stratify = ["--stratify_by", split.stratify_by] if split.stratify_by else []
        step("make_split", "--manifest_file", "grouped/dataset_manifest.xlsx", "--split_name", split.name, "--site",
             *split.sites, "--test_ratio", split.test_ratio, "--val_ratio", split.val_ratio, "--random_seed", split.seed,
             *stratify, label=f"make_split {split.name}")
    for split in t.splits:
        subsets = [word for group in split.subsets for word in ("--subsets", *group)]
        step("extract_split_index_manifest", "--manifest_file", "grouped/dataset_manifest.xlsx", "--split_name", split.name,
             "--output_index_manifest_dir", f"grouped/splits/{split.name}", *subsets, label=f"extract {split.name}")


def expect(t):
    manifest = reference.archive_manifest(t.root / "archive", t.recipe, t.unlisted)
    samples = reference.confirm_pairs(t.root / "archive", manifest, t.recipe, t.unpaired)
    t.samples["confirm_pairs"] = samples
    masked = {ID: sample for ID, sample in samples.items() if sample.mask is not None}
    masked = {ID: reference.mask_thresholding(sample, *t.thresh)[0] for ID, sample in masked.items()}
    t.samples["mask_thresholding"] = samples | masked
    labels = reference.read_labels(t.root / "descriptor/label_map.yaml")
    masked = {ID: reference.extract_binary_masks(sample, labels) for ID, sample in masked.items()}
    t.samples["extract_binary_masks"] = samples | masked
    masked = {ID: reference.open_on_slices(sample, t.kernel, t.halfedge, t.area, t.thresh) for ID, sample in masked.items()}
    t.samples["morphological_open_on_slice_small_region"] = samples | masked
    return t


# Comparing

# In grouped/.nicohort: who is at work, and what is known of files that have not changed. No part of the result.
NOT_RESULTS = {"cache", "lock", "lease", "staging", "commit"}


def is_result(path):
    """Whether a path is part of what is compared."""
    parts = path.parts
    return not any(folder == ".nicohort" and name in NOT_RESULTS for folder, name in zip(parts, parts[1:]))


def contents(folder):
    """{path below the folder: bytes} of the results."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*")
            if is_result(path) and path.is_file()}


def assert_same_table(path, sheet, expected):
    """Every cell: text as text, numbers as numbers to the last digits, dates as dates, empty as empty."""
    columns, rows = reference.read_table(path, sheet)
    assert columns == expected[0]
    assert len(rows) == len(expected[1])
    for number, (row, want) in enumerate(zip(rows, expected[1])):
        for name, cell, wanted in zip(columns, row, want):
            assert same_cell(cell, wanted), f"{path.name}, {sheet}, row {number + 2}, {name}: {cell!r} is not {wanted!r}"


def same_cell(cell, wanted):
    if isinstance(cell, str) or isinstance(wanted, str):
        return type(cell) is type(wanted) and cell == wanted
    if isinstance(wanted, float):
        return abs(cell - wanted) <= 1e-14 * abs(wanted) + 1e-12
    return cell == wanted


def assert_same_image(path, values, volume):
    """Voxels, and the header that SPEC 3 asks for; `volume` gives the geometry."""
    raw = gzip.decompress(path.read_bytes())
    header = nibabel.Nifti1Header(raw[:348])
    assert bytes(header["magic"]).rstrip(b"\0") == b"n+1" and header["vox_offset"] == 352 and raw[348:352] == bytes(4)
    assert header.endianness == "<" and header["sizeof_hdr"] == 348
    assert header["dim"].tolist() == [3, *values.shape, 1, 1, 1, 1]
    assert header.get_data_dtype() == values.dtype and header["bitpix"] == 8 * values.dtype.itemsize
    assert header.get_xyzt_units()[0] == "mm"
    assert (header["scl_slope"], header["scl_inter"]) == (1, 0)
    assert tuple(header["pixdim"][1:4]) == volume.spacing
    assert (header["sform_code"], header["qform_code"]) == (volume.sform_code, volume.qform_code)
    assert np.array_equal(header.get_sform(), volume.affine)
    rotation = volume.affine.copy()  # the nearest, if there is shear
    lengths = np.linalg.norm(rotation[:3, :3], axis=0)
    left, _, right = np.linalg.svd(rotation[:3, :3] / lengths)
    rotation[:3, :3] = left @ right * lengths
    np.testing.assert_allclose(header.get_qform(), rotation, atol=2e-4)
    for free_text in ("descrip", "aux_file", "intent_name", "db_name", "data_type"):
        assert not bytes(header[free_text]).strip(b"\0"), f"{path.name}: {free_text}"
    assert raw[352:] == values.tobytes(order="F"), f"{path.name}: other voxels"


def assert_same_images(folder, samples):
    """Gives the images' paths below the dataset."""
    paths = set()
    for ID, sample in samples.items():
        images = {"volume": sample.volume.values}
        if sample.mask is not None:
            images["mask"] = sample.mask
        for label, binary in (sample.binary or {}).items():
            images[reference.mask_column(label)] = binary.astype(np.uint8)
        for name, values in images.items():
            path = f"{sample.folder}/{ID}_{name}.nii.gz"
            assert_same_image(folder / path, values, sample.volume)
            paths.add(path)
    return paths


def assert_same_dataset(folder, samples, step):
    """Exactly the files of these samples, each with the expected content."""
    written = {path.relative_to(folder).as_posix() for path in folder.rglob("*")
               if path.is_file() and ".nicohort" not in path.parts}
    wanted = assert_same_images(folder, samples)
    for ID, sample in samples.items():
        start = f"{sample.folder}/{ID}"
        wanted.add(f"{start}_info.yaml")
        info = yaml.safe_load((folder / f"{start}_info.yaml").read_text(encoding="utf-8"))
        assert list(info.items()) == list(sample.info.items()), step
        assert [type(value) for value in info.values()] == [type(value) for value in sample.info.values()], ID
    assert {path for path in written if not path.endswith(".problems.csv")} == wanted


# The checks, one a routine: parametrize a test with CHECKS

def gen_archive_manifest(t):
    assert_same_table(t.root / "descriptor/archive_manifest.xlsx", "Manifest",
                      reference.archive_manifest(t.root / "archive", t.recipe, t.unlisted))


def confirm_pairs(t):
    assert_same_dataset(t.stage("confirm_pairs"), t.samples["confirm_pairs"], "confirm_pairs")


def told_of(t, command, sentence):
    """The subjects of such problems."""
    file = t.root / f"grouped/{command}.problems.csv"
    problems = reference.read_table(file) if file.exists() else None
    return {subject for subject, what in zip(*(reference.column(problems, name) for name in ("subject", "problem")))
            if re.match(sentence, what)} if problems else set()


def lost_most(t):
    """The samples of whose masks thresholding removes more than half."""
    return {ID for ID, sample in t.samples["confirm_pairs"].items() if sample.mask is not None
            and 2 * reference.mask_thresholding(sample, *t.thresh)[1] > np.count_nonzero(sample.mask)}


def lost_labels(t):
    """The samples that have no voxel left of a label, whose cause was not told."""
    lost = set()
    for ID, sample in t.samples["morphological_open_on_slice_small_region"].items():
        if sample.mask is None:
            continue
        before, after = (set(np.unique(mask[mask > 0])) for mask in (t.samples["confirm_pairs"][ID].mask, sample.mask))
        named = {index for index, _ in reference.read_labels(t.root / "descriptor/label_map.yaml")}
        if (before & named) - after and (after or ID not in lost_most(t)):
            lost.add(ID)
    return lost


def mask_thresholding(t):
    done = t.done["mask_thresholding"]
    assert told_of(t, "mask_thresholding", r"lost \d+ of the \d+ voxels") == lost_most(t) and done.returncode == int("problem: " in done.stderr)
    assert_same_dataset(t.stage("mask_thresholding"), t.samples["mask_thresholding"], "mask_thresholding")
    said = t.done["mask_thresholding"].stdout
    for ID, sample in t.samples["confirm_pairs"].items():
        if sample.mask is not None:
            count = reference.mask_thresholding(sample, *t.thresh)[1]
            assert (f"{ID}: {count} voxel" in said) if count else (f"{ID}: " not in said)


def extract_binary_masks(t):
    assert_same_dataset(t.stage("extract_binary_masks"), t.samples["extract_binary_masks"], "extract_binary_masks")


def check_regions(t, step, file):
    samples = [sample for sample in t.samples[step].values() if sample.binary]
    sheet, regions = reference.small_connected_region_detect(samples, t.region_volume)
    assert_same_table(t.root / file, f"Small Connected Regions {t.region_volume}", sheet)
    assert_same_table(t.root / file, "Regions", regions)


def small_connected_region_detect(t):
    check_regions(t, "extract_binary_masks", "descriptor/regions.xlsx")
    check_regions(t, "morphological_open_on_slice_small_region", "descriptor/regions_after.xlsx")


def morphological_open_on_slice_small_region(t):
    step = "morphological_open_on_slice_small_region"
    told = [told_of(t, name, "has no voxels of ") for name in ("mask_thresholding", step)]
    assert told[0] | told[1] == lost_labels(t)
    assert_same_dataset(t.stage(step), t.samples[step], step)


def gen_dataset_manifest(t):
    samples = t.samples["morphological_open_on_slice_small_region"].values()
    assert_same_table(t.root / "grouped/dataset_manifest.xlsx", "Manifest", reference.dataset_manifest(samples))


def make_split(t):
    for split in t.splits:
        assert_same_table(t.root / "grouped/dataset_manifest.xlsx", split.name, expected_split(t, split))


def expected_split(t, split):
    manifest = reference.dataset_manifest(t.samples["morphological_open_on_slice_small_region"].values())
    return reference.make_split(manifest, split.name, split.sites, split.test_ratio, split.val_ratio, split.seed,
                                split.stratify_by)


def extract_split_index_manifest(t):
    for split in t.splits:
        folder = t.root / "grouped/splits" / split.name
        names = {subsets: f"{split.name}_{'_'.join(subsets)}.xlsx" for subsets in split.subsets}
        assert {path.name for path in folder.iterdir()} == set(names.values())
        for subsets, name in names.items():
            assert_same_table(folder / name, split.name, reference.index_manifest(expected_split(t, split), subsets))


CHECKS = (gen_archive_manifest, confirm_pairs, mask_thresholding, extract_binary_masks, small_connected_region_detect,
          morphological_open_on_slice_small_region, gen_dataset_manifest, make_split, extract_split_index_manifest)


def check_name(check):
    return check.__name__
