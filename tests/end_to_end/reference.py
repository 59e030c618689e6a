"""SPEC 3 and 4 in plain numpy, scipy, nibabel and openpyxl: what every routine must give.

Written from SPEC's words alone and made to be read, not to be fast: every image is a dense array indexed [x, y, z].
A table is (columns, rows); an empty cell is ''.
"""

import csv
import datetime
import json
import math
import re
from dataclasses import dataclass, replace

import nibabel
import numpy as np
import openpyxl
import yaml
from scipy import ndimage

ESO_RECIPE = {
    "volume": "{site_dir}/{phase_dir}/images/{site}_{pid}.nii.gz",
    "mask": "{site_dir}/{phase_dir}/masks/{site}_{pid}.nii.gz",
    "parts": {
        "site": {"TJ": "tongji", "SYTH": "shiyan-taihe", "XY": "xiangyang"},
        "phase": {"pre": "pre-therapy", "post": "post-therapy"},
        "pid": "[^_/]+",
    },
    "id": "{site}_{pid}_{phase}",
    "folder": "{site}/{phase}",
    "metadata": [{"file": "data_meta_{site_dir}.xlsx", "key": {"PID": "{pid}"}}],
}
IMAGE_COLUMNS = ("file_path site phase pid type szx szy szz spx spy spz orientation_from orientation_to dtype transform "
                 "diff_trans_f_norm").split()
CORE_ATTRIBUTES = ("ID", "site", "phase", "pid", "subset")


# Tables

def read_table(path, sheet=0):
    """The cells as they are typed in the file; in CSV everything is text."""
    if str(path).endswith(".csv"):
        with open(path, encoding="utf-8", newline="") as file:
            columns, *rows = csv.reader(file)
        return columns, rows
    book = openpyxl.load_workbook(path)
    cells = (book.worksheets[sheet] if isinstance(sheet, int) else book[sheet]).iter_rows(values_only=True)
    columns, *rows = (["" if cell is None else cell for cell in row] for row in cells)
    return columns, rows


def column(table, name):
    columns, rows = table
    return [row[columns.index(name)] for row in rows]


# NIfTI (SPEC 3)

@dataclass(frozen=True)
class Image:
    values: np.ndarray
    affine: np.ndarray
    spacing: tuple  # mm, the float32 values of pixdim
    sform_code: int
    qform_code: int
    dtype: str


def read_image(path):
    file = nibabel.load(path)
    header = file.header
    values, slope, inter = file.dataobj.get_unscaled(), file.dataobj.slope, file.dataobj.inter
    if (slope, inter) != (1, 0):
        values = values.astype(np.float64) * np.float64(slope) + np.float64(inter)
    return Image(values.reshape(values.shape[:3]), file.affine, tuple(float(s) for s in header["pixdim"][1:4]),
                 int(header["sform_code"]), int(header["qform_code"]), header.get_data_dtype().name)


def shortest(value):
    """The float64 of the fewest decimal digits that give the float32 back."""
    return float(str(np.float32(value)))


def orientation(affine):
    """(from, to)"""
    to = "".join(nibabel.aff2axcodes(affine))
    start = "".join({"L": "R", "R": "L", "P": "A", "A": "P", "I": "S", "S": "I"}[letter] for letter in to)
    for direction in affine[:3, :3].T:
        main = np.argmax(np.abs(direction))
        if np.linalg.norm(np.delete(direction, main)) > 1e-4 * np.linalg.norm(direction):
            return f"Oblique(closest to {start})", f"Oblique(closest to {to})"
    return start, to


def json_number(value):
    text = repr(float(value) + 0.0)  # -0.0 + 0.0 is 0.0
    return text[:-2] if text.endswith(".0") else text


def transform(affine):
    return "[" + ",".join("[" + ",".join(map(json_number, row)) + "]" for row in affine) + "]"


def geometry_cells(image):
    """szx ... orientation_to"""
    return [*image.values.shape, *map(shortest, image.spacing), *orientation(image.affine)]


# 01 gen_archive_manifest

# The recipes here have the parts site, phase and pid, and one table of metadata for each site.

PATTERNS = {"v3d": "volume", "m3d": "mask"}


def image_pattern(recipe, site, phase, kind):
    parts = recipe["parts"]
    fields = {"site": site, "site_dir": parts["site"][site], "phase": phase, "phase_dir": parts["phase"][phase]}
    text = re.escape(recipe[PATTERNS[kind]]).replace(r"\{", "{").replace(r"\}", "}")
    return text.format(pid=f"(?P<pid>{parts['pid']})", **{name: re.escape(value) for name, value in fields.items()})


def find_images(root, recipe, left_out=()):
    """(site, phase, pid, type) -> path below root"""
    found = {}
    paths = [path.relative_to(root).as_posix() for path in root.rglob("*.nii.gz")]
    for site in recipe["parts"]["site"]:
        for phase in recipe["parts"]["phase"]:
            for kind in PATTERNS:
                pattern = image_pattern(recipe, site, phase, kind)
                for path in paths:
                    if path not in left_out and (match := re.fullmatch(pattern, path)):
                        found[site, phase, match["pid"], kind] = path
    return found


def read_metadata(root, recipe):
    """(columns, {(site, pid): {column: value}}), the first row of a key that occurs twice"""
    columns, records = [], {}
    [table] = recipe["metadata"]
    [key_column] = table["key"]
    for site, folder in recipe["parts"]["site"].items():
        path = root / table["file"].format(site=site, site_dir=folder)
        names, rows = read_table(path, table.get("sheet", 0))
        key = names.index(key_column)
        columns += [name for i, name in enumerate(names) if i != key and name not in columns]
        for row in rows:
            records.setdefault((site, str(row[key])), dict(zip(names, row)))
    return columns, records


def archive_manifest(root, recipe=ESO_RECIPE, left_out=()):
    """left_out: paths below root that are known to be damaged."""
    images = find_images(root, recipe, left_out)
    metadata_columns, records = read_metadata(root, recipe)
    rows = []
    for site, phase, pid, kind in sorted(images, key=lambda key: (*key[:3], key[3] != "v3d")):
        path = images[site, phase, pid, kind]
        image = read_image(root / path)
        volume = images.get((site, phase, pid, "v3d"))
        distance = ""
        if kind == "m3d" and volume:
            distance = float(np.linalg.norm(image.affine - nibabel.load(root / volume).affine))
        record = records.get((site, pid), {})
        rows.append([path, site, phase, pid, kind, *geometry_cells(image), image.dtype, transform(image.affine), distance,
                     *(record.get(name, "") for name in metadata_columns)])
    return IMAGE_COLUMNS + metadata_columns, rows


# 02 confirm_pairs

@dataclass(frozen=True)
class Sample:
    info: dict
    volume: Image
    mask: np.ndarray = None  # uint8; None: the sample has none
    binary: dict = None  # (index, name) -> bool array

    @property
    def id(self):
        return self.info["ID"]

    @property
    def folder(self):
        return f"{self.info['subset']}/{self.id}"


def confirm_pairs(root, manifest, recipe=ESO_RECIPE, left_out=()):
    """Samples by ID, sorted; left_out: paths whose samples are known to be unusable."""
    columns, rows = manifest
    files = {}
    for row in rows:
        cells = dict(zip(columns, row))
        files.setdefault((cells["site"], cells["phase"], cells["pid"]), {})[cells["type"]] = cells
    samples = {}
    for (site, phase, pid), pair in files.items():
        if "v3d" not in pair or any(cells["file_path"] in left_out for cells in pair.values()):
            continue
        cells = pair["v3d"]
        ID = recipe["id"].format(site=site, phase=phase, pid=pid)
        info = dict(zip(CORE_ATTRIBUTES, (ID, site, phase, pid, f"{site}/{phase}")))
        info |= {name: yaml_value(cells[name]) for name in columns if name not in IMAGE_COLUMNS}
        volume = written_volume(read_image(root / cells["file_path"]))
        mask = None
        if "m3d" in pair:
            values = read_image(root / pair["m3d"]["file_path"]).values
            mask = values.astype(np.uint8)
            assert np.array_equal(mask, values) and mask.shape == volume.values.shape
        samples[ID] = Sample(info, volume, mask)
    return dict(sorted(samples.items()))


def written_volume(image):
    affine = image.affine.astype(np.float32).astype(np.float64)  # the srow fields of the header
    columns = image.affine[:3, :3]
    spacing = tuple(float(np.float32(length)) for length in np.sqrt((columns**2).sum(axis=0)))
    return replace(image, values=image.values.astype(np.float32), affine=affine, spacing=spacing, dtype="float32",
                   sform_code=image.sform_code or 2, qform_code=image.qform_code or 2)


def yaml_value(cell):
    if isinstance(cell, str) and cell == "":
        return None
    return cell.strftime("%Y-%m-%d") if isinstance(cell, (datetime.date, datetime.datetime)) else cell


# mask_thresholding

def outside(volume, low, high):
    with np.errstate(invalid="ignore"):
        return ~((volume >= low) & (volume <= high))  # NaN is outside


def mask_thresholding(sample, low=-140.0, high=1000.0):
    """(the sample, the count of its corrected voxels)"""
    dropped = (sample.mask > 0) & outside(sample.volume.values, low, high)
    return replace(sample, mask=np.where(dropped, 0, sample.mask).astype(np.uint8)), int(dropped.sum())


# 03 extract_binary_masks

def read_labels(path):
    """[(index, name)], names as they are in file names"""
    names = yaml.safe_load(open(path, encoding="utf-8"))["short_form_index_map"]
    return [(index, re.sub(r"[\s/\\]", "_", str(name))) for index, name in sorted(names.items())]


def extract_binary_masks(sample, labels):
    return replace(sample, binary={(index, name): sample.mask == index for index, name in labels})


def mask_column(label):
    return f"mask_{label[0]:02d}_{label[1]}"


# small_connected_region_detect

def small_regions(binary, spacing, threshold):
    """[(voxels, volume, mean voxel index)] in the order of their first voxels, x slowest, z fastest"""
    if not binary.any():
        return []
    components, count = ndimage.label(binary, np.ones((3, 3, 3)))  # numbers them in just this order
    where = np.nonzero(components)
    numbers = components[where]
    sizes = np.bincount(numbers, minlength=count + 1)
    sums = np.array([np.bincount(numbers, weights=axis, minlength=count + 1) for axis in where])  # of whole numbers: exact
    volumes = sizes * (spacing[0] * spacing[1] * spacing[2])
    return [(int(sizes[i]), volumes[i], sums[:, i] / sizes[i]) for i in range(1, count + 1) if volumes[i] < threshold]


def small_connected_region_detect(samples, threshold):
    """(the sheet 'Small Connected Regions ...', the sheet 'Regions')"""
    labels = sorted({label for sample in samples for label in sample.binary})
    cells, regions = [], []
    for sample in sorted(samples, key=lambda sample: sample.id):
        row = [sample.id]
        for label in labels:
            found = small_regions(sample.binary[label], sample.volume.spacing, threshold)
            row.append(region_cell([f"({x:.0f},{y:.0f},{z:.0f},{volume:.2f})" for _, volume, (x, y, z) in found]))
            for voxels, volume, centre in found:
                world = sample.volume.affine @ [*centre, 1]
                regions.append([sample.id, label[0], voxels, volume, *centre, *world[:3]])
        cells.append(row)
    return ((["ID", *map(mask_column, labels)], cells),
            ("ID label voxels volume_mm3 x y z x_mm y_mm z_mm".split(), regions))


def region_cell(texts, limit=32767):
    """All regions, or as many as leave room for saying how many more there are."""
    if len("; ".join(texts)) <= limit:
        return "; ".join(texts)
    for kept in range(len(texts) - 1, -1, -1):
        cell = "; ".join(texts[:kept]) + f"; … (+{len(texts) - kept} more)"
        if len(cell) <= limit:
            return cell


# morphological_open_on_slice_small_region

def small_slice_regions(binary, pixel_area, threshold):
    small = np.zeros_like(binary)
    for z in np.flatnonzero(binary.any(axis=(0, 1))):
        components, count = ndimage.label(binary[:, :, z], np.ones((3, 3)))
        sizes = np.bincount(components.ravel(), minlength=count + 1)
        is_small = sizes * pixel_area < threshold
        is_small[0] = False
        small[:, :, z] = is_small[components]
    return small


def opening(binary, kernel):
    """Every place of the rectangle that lies wholly in the mask, painted; each slice by itself."""
    kx, ky = kernel
    nx, ny, _ = binary.shape
    opened = np.zeros_like(binary)
    if kx > nx or ky > ny or not binary.any():
        return opened
    fits = np.ones((nx - kx + 1, ny - ky + 1, binary.shape[2]), bool)
    offsets = [(i, j) for i in range(kx) for j in range(ky)]
    for i, j in offsets:
        fits &= binary[i:i + fits.shape[0], j:j + fits.shape[1]]
    for i, j in offsets:
        opened[i:i + fits.shape[0], j:j + fits.shape[1]] |= fits
    return opened


def window_count(slice_, halfedge):
    """Voxels of the mask in the window around each voxel of a slice, clipped at the border."""
    total = slice_.astype(np.int32)
    for axis in (0, 1):
        size = total.shape[axis]
        upto = np.insert(np.cumsum(total, axis=axis, dtype=np.int32), 0, 0, axis=axis)
        last = np.minimum(np.arange(size) + halfedge + 1, size)
        first = np.maximum(np.arange(size) - halfedge, 0)
        total = np.take(upto, last, axis=axis) - np.take(upto, first, axis=axis)
    return total


def merge(masks, halfedge, empty_label):
    """masks: {index: bool array}. One claim wins; several or none are decided by the window."""
    merged = np.zeros(next(iter(masks.values())).shape, np.uint8)
    present = {index: mask.any(axis=(0, 1)) for index, mask in masks.items()}  # in which slices
    for z in range(merged.shape[2]):
        slices = {index: masks[index][:, :, z] for index in sorted(masks) if present[index][z]}
        best = np.zeros(merged.shape[:2], np.int32)
        nobody = ~np.any([best > 0, *slices.values()], axis=0)
        for index, mask in slices.items():  # a later label must have more, so the lowest wins a tie
            count = window_count(mask, halfedge)
            candidate = mask | nobody if empty_label == "neighbourhood" else mask
            better = candidate & (count > best)
            merged[better, z] = index
            best[better] = count[better]
    return merged


def open_on_slices(sample, kernel=(5, 5), halfedge=3, area_threshold=10.0, thresh=(-140.0, 1000.0),
                   empty_label="neighbourhood"):
    masks = dict(sample.binary)
    if thresh is not None:
        out = outside(sample.volume.values, *thresh)
        background = [label for label in masks if label[0] == 0]
        for label in masks:
            if label[0] > 0:
                dropped = masks[label] & out
                masks[label] = masks[label] & ~dropped
                for zero in background:
                    masks[zero] = masks[zero] | dropped
    pixel_area = sample.volume.spacing[0] * sample.volume.spacing[1]
    new = {}
    for label, binary in masks.items():
        small = small_slice_regions(binary, pixel_area, area_threshold)
        new[label[0]] = (binary & ~small) | (small & opening(binary, kernel))
    merged = merge(new, halfedge, empty_label)
    return extract_binary_masks(replace(sample, mask=merged), list(masks))


# 04 gen_dataset_manifest

def dataset_manifest(samples):
    samples = sorted(samples, key=lambda sample: sample.id)
    labels = sorted({label for sample in samples for label in sample.binary or ()})
    attributes = list(dict.fromkeys(name for sample in samples for name in sample.info if name not in CORE_ATTRIBUTES))
    columns = ["ID", "site", "phase", "pid", "valid_labels", "info", "volume", "mask"]
    columns += [mask_column(label) for label in labels] + [mask_column(label) + "_existence" for label in labels]
    columns += "szx szy szz spx spy spz orientation_from orientation_to vol_dtype mask_dtype transform".split() + attributes
    rows = []
    for sample in samples:
        binary = sample.binary or {}
        start = f"{sample.folder}/{sample.id}_"
        valid = ",".join(f"{label[0]:02d}_{label[1]}" for label in labels if label in binary and binary[label].any())
        row = [sample.id, sample.info["site"], sample.info["phase"], sample.info["pid"], valid, start + "info.yaml",
               start + "volume.nii.gz", start + "mask.nii.gz" if sample.mask is not None else ""]
        row += [start + mask_column(label) + ".nii.gz" if label in binary else "" for label in labels]
        row += [int(binary[label].any()) if label in binary else "" for label in labels]
        row += [*geometry_cells(sample.volume), "float32", "uint8" if sample.mask is not None else "",
                transform(sample.volume.affine)]
        values = [sample.info.get(name) for name in attributes]
        rows.append(row + ["" if value is None else value for value in values])
    return columns, rows


# 05 make_split

def cut(groups, test_count, val_count):
    """groups in shuffled order -> {group: side}"""
    sides = ["test"] * test_count + ["val"] * val_count
    return dict(zip(groups, sides + ["train"] * (len(groups) - len(sides))))


def share(count, ratio):
    return math.floor(count * ratio + 1e-9)


def largest_remainder(sizes, ratio, generator):
    """Whole shares that add up to the share of all; who gets one more of those that tie is drawn."""
    shares = [share(size, ratio) for size in sizes]
    remainders = [round(size * ratio - got, 9) for size, got in zip(sizes, shares)]
    left = share(sum(sizes), ratio) - sum(shares)
    for remainder in sorted(set(remainders), reverse=True):
        tied = [i for i in range(len(sizes)) if remainders[i] == remainder]
        if len(tied) > left > 0:
            generator.shuffle(tied)
        for i in tied[:left]:
            shares[i] += 1
        left -= min(left, len(tied))
    return shares


def text(cell):
    return "" if cell is None else f"{cell:g}" if isinstance(cell, float) else str(cell)


def shuffled_strata(patients, strata_of, sides, generator):
    """Patients, sorted, by stratum; two or more strata with fewer of them than there are sides are one, the last."""
    strata = {}
    for patient in sorted(patients):
        strata.setdefault(strata_of[patient], []).append(patient)
    small = [stratum for stratum, members in strata.items() if len(members) < sides]
    pooled = sorted(patient for stratum in small for patient in strata.pop(stratum)) if len(small) > 1 else []
    groups = [strata[stratum] for stratum in sorted(strata)] + ([pooled] if pooled else [])
    for members in groups:
        generator.shuffle(members)
    return groups


def make_split(manifest, name, sites, test_ratio=0.4, val_ratio=0.2, seed=0, stratify_by=None):
    columns, rows = manifest
    rows = [row for row in rows if row[columns.index("site")] in sites]
    group_of = lambda row: (row[columns.index("site")], row[columns.index("pid")])
    stratum_of = {group_of(row): text(row[columns.index(stratify_by)]).encode() if stratify_by else b"" for row in rows}
    sides = sum(ratio > 0 for ratio in (test_ratio, (1 - test_ratio) * val_ratio, (1 - test_ratio) * (1 - val_ratio)))
    generator = np.random.RandomState(seed)
    strata = shuffled_strata(stratum_of, stratum_of, sides, generator)
    tests = largest_remainder([len(stratum) for stratum in strata], test_ratio, generator)
    vals = largest_remainder([len(stratum) - test for stratum, test in zip(strata, tests)], val_ratio, generator)
    side = {}
    for groups, test, val in zip(strata, tests, vals):
        side |= cut(groups, test, val)
    return [name, *columns], [[side[group_of(row)], *row] for row in rows]


# 06 extract_split_index_manifest

def index_manifest(split, subsets):
    columns, rows = split
    return columns, [row for row in rows if row[0] in subsets]
