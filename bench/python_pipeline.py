"""The tutorial's steps with nibabel, scipy and pandas: what `nicohort` is compared with.

usage: python_pipeline.py ROOT    (ROOT/archive and ROOT/descriptor/label_map.yaml -> ROOT/grouped, ROOT/descriptor)

Each step reads its input from the disk and writes its output there, as separate scripts do, one image after another.
"""

import json
import math
import sys
from pathlib import Path

import nibabel
import numpy as np
import pandas
import yaml
from scipy import ndimage

SITES = {"TJ": "tongji", "SYTH": "shiyan-taihe", "XY": "xiangyang"}
PHASES = {"pre": "pre-therapy", "post": "post-therapy"}
TYPES = {"v3d": "images", "m3d": "masks"}
HU = (-140.0, 1000.0)
SPLITS = {  # name: (site, test ratio, val ratio, subsets)
    "split01_TJ": ("TJ", 0.4, 0.2, [["train", "val"], ["train"], ["val"], ["test"]]),
    "split02_SYTH": ("SYTH", 1.0, 0.0, [["test"]]),
    "split03_XY": ("XY", 1.0, 0.0, [["test"]]),
}


def load(path):
    """The image and its values indexed [z, y, x]: so they are contiguous, and scipy is two to four times faster"""
    image = nibabel.load(path)
    return image, np.asanyarray(image.dataobj).T


def save(path, values, like):
    image = nibabel.Nifti1Image(values.T, like.affine)
    image.header.set_xyzt_units("mm")
    nibabel.save(image, path)


def geometry(image):
    to = "".join(nibabel.aff2axcodes(image.affine))
    return {
        **dict(zip(("szx", "szy", "szz"), image.shape)),
        **dict(zip(("spx", "spy", "spz"), map(float, image.header.get_zooms()))),
        "orientation_from": to.translate(str.maketrans("LRPAIS", "RLAPSI")),
        "orientation_to": to,
    }


def gen_archive_manifest(archive, output):
    rows, affines, metadata = [], {}, []
    for site, site_dir in SITES.items():
        table = pandas.read_excel(archive / f"data_meta_{site_dir}.xlsx", dtype={"PID": str})
        metadata.append(table.rename(columns={"PID": "pid"}).assign(site=site))
        for phase, phase_dir in PHASES.items():
            for kind, folder in TYPES.items():
                for path in (archive / site_dir / phase_dir / folder).glob("*.nii.gz"):
                    image = nibabel.load(path)
                    pid = path.name[len(site) + 1:-len(".nii.gz")]
                    affines[site, phase, pid, kind] = image.affine
                    rows.append({"file_path": path.relative_to(archive).as_posix(), "site": site, "phase": phase,
                                 "pid": pid, "type": kind, **geometry(image),
                                 "dtype": image.get_data_dtype().name, "transform": json.dumps(image.affine.tolist())})
    for row in rows:
        key = row["site"], row["phase"], row["pid"]
        if row["type"] == "m3d" and (*key, "v3d") in affines:
            row["diff_trans_f_norm"] = np.linalg.norm(affines[(*key, "m3d")] - affines[(*key, "v3d")])
    images = pandas.DataFrame(rows).sort_values(["site", "phase", "pid", "type"])
    manifest = images.merge(pandas.concat(metadata), on=["site", "pid"], how="left")
    manifest.to_excel(output, sheet_name="Manifest", index=False)


def confirm_pairs(archive, grouped, manifest_file):
    manifest = pandas.read_excel(manifest_file, dtype={"pid": str})
    attributes = manifest.columns[manifest.columns.get_loc("diff_trans_f_norm") + 1:]
    for (site, phase, pid), files in manifest.groupby(["site", "phase", "pid"]):
        ID = f"{site}_{pid}_{phase}"
        folder = grouped / site / phase / ID
        folder.mkdir(parents=True, exist_ok=True)
        files = files.set_index("type")
        volume = nibabel.load(archive / files.loc["v3d", "file_path"])
        mask, labels = load(archive / files.loc["m3d", "file_path"])
        save(folder / f"{ID}_volume.nii.gz", volume.get_fdata(dtype=np.float32).T, volume)
        save(folder / f"{ID}_mask.nii.gz", labels.astype(np.uint8), volume)
        info = {"ID": ID, "site": site, "phase": phase, "pid": pid, "subset": f"{site}/{phase}"}
        for name, value in files.loc["v3d", attributes].items():
            info[name] = None if pandas.isna(value) else getattr(value, "item", lambda: str(value))()
        (folder / f"{ID}_info.yaml").write_text(yaml.safe_dump(info, sort_keys=False, allow_unicode=True))


def samples(grouped):
    return sorted(path.parent for path in grouped.glob("*/*/*/*_info.yaml"))


def outside(volume):
    return ~((volume >= HU[0]) & (volume <= HU[1]))


def mask_thresholding(grouped):
    for folder in samples(grouped):
        path = folder / f"{folder.name}_mask.nii.gz"
        image, mask = load(path)
        _, volume = load(folder / f"{folder.name}_volume.nii.gz")
        wrong = (mask > 0) & outside(volume)
        print(f"{folder.name}: {np.count_nonzero(wrong)} voxels corrected")
        save(path, np.where(wrong, 0, mask).astype(np.uint8), image)


def save_binary_masks(folder, mask, image, names):
    for index, name in names.items():
        save(folder / f"{folder.name}_mask_{index:02d}_{name}.nii.gz", (mask == index).astype(np.uint8), image)


def extract_binary_masks(grouped, names):
    for folder in samples(grouped):
        image, mask = load(folder / f"{folder.name}_mask.nii.gz")
        save_binary_masks(folder, mask, image, names)


def small_regions(mask, spacing, threshold):
    """[(voxels, volume, mean voxel index)] of the 26-connected regions below the threshold, in mm³"""
    components, _ = ndimage.label(mask, np.ones((3, 3, 3)))
    sizes = np.bincount(components.ravel())
    volumes = sizes * np.prod(spacing)
    boxes = ndimage.find_objects(components)
    regions = []
    for i in np.flatnonzero(volumes[1:] < threshold) + 1:
        box = boxes[i - 1]
        centre = np.argwhere(components[box] == i).mean(axis=0) + [axis.start for axis in box]
        regions.append((sizes[i], volumes[i], centre[::-1]))
    return regions


def small_connected_region_detect(grouped, names, threshold, output):
    rows, regions = [], []
    for folder in samples(grouped):
        row = {"ID": folder.name}
        for index, name in names.items():
            image, mask = load(folder / f"{folder.name}_mask_{index:02d}_{name}.nii.gz")
            found = small_regions(mask, image.header.get_zooms(), threshold)
            row[f"mask_{index:02d}_{name}"] = "; ".join(
                "({:.0f},{:.0f},{:.0f},{:.2f})".format(*centre, volume) for _, volume, centre in found)
            regions += [[folder.name, index, voxels, volume, *centre] for voxels, volume, centre in found]
        rows.append(row)
    with pandas.ExcelWriter(output) as book:
        pandas.DataFrame(rows).to_excel(book, sheet_name=f"Small Connected Regions {threshold}", index=False)
        columns = ["ID", "label", "voxels", "volume_mm3", "x", "y", "z"]
        pandas.DataFrame(regions, columns=columns).to_excel(book, sheet_name="Regions", index=False)


def open_small_regions(mask, pixel_area, threshold, kernel):
    """Opens the 8-connected regions of each slice that are below the threshold, in mm²: all slices in one call"""
    in_slice = np.zeros((3, 3, 3))
    in_slice[1] = 1
    components, _ = ndimage.label(mask, in_slice)
    is_small = np.bincount(components.ravel()) * pixel_area < threshold
    is_small[0] = False
    small = is_small[components]
    return (mask & ~small) | ndimage.binary_opening(small, np.ones((1, kernel[1], kernel[0])))


def merge(masks, halfedge):
    """One label a voxel; where several masks claim it, or none, the one with most voxels in the window around it"""
    claims = sum(mask.astype(np.uint8) for mask in masks)
    merged = np.argmax(masks, axis=0).astype(np.uint8)
    window = np.ones(2 * halfedge + 1, int)
    unclear = claims != 1
    for z in np.flatnonzero(unclear.any(axis=(1, 2))):
        slices = np.array([mask[z] for mask in masks])
        votes = slices.astype(int)
        for axis in (1, 2):
            votes = ndimage.convolve1d(votes, window, axis=axis, mode="constant")
        votes[(claims[z] > 0) & ~slices] = -1
        merged[z] = np.where(unclear[z], votes.argmax(axis=0), merged[z])
    return merged


def morphological_open_on_slice_small_region(grouped, names, kernel, halfedge, threshold):
    for folder in samples(grouped):
        image, volume = load(folder / f"{folder.name}_volume.nii.gz")
        masks = [load(folder / f"{folder.name}_mask_{i:02d}_{name}.nii.gz")[1] > 0 for i, name in names.items()]
        dropped = np.any(masks[1:], axis=0) & outside(volume)
        masks = [masks[0] | dropped] + [mask & ~dropped for mask in masks[1:]]
        pixel_area = float(np.prod(image.header.get_zooms()[:2]))
        mask = merge([open_small_regions(mask, pixel_area, threshold, kernel) for mask in masks], halfedge)
        save(folder / f"{folder.name}_mask.nii.gz", mask, image)
        save_binary_masks(folder, mask, image, names)


def gen_dataset_manifest(grouped, names, output):
    rows = []
    for folder in samples(grouped):
        below, ID = folder.relative_to(grouped).as_posix(), folder.name
        info = yaml.safe_load((folder / f"{ID}_info.yaml").read_text())
        volume = nibabel.load(folder / f"{ID}_volume.nii.gz")
        mask = nibabel.load(folder / f"{ID}_mask.nii.gz")
        columns = [f"mask_{index:02d}_{name}" for index, name in names.items()]
        binary = {column: load(folder / f"{ID}_{column}.nii.gz") for column in columns}
        for image in [mask, *(image for image, _ in binary.values())]:
            if image.shape != volume.shape or not np.allclose(image.affine, volume.affine):
                raise ValueError(f"{ID}: geometry of its images differs")
        exists = {column: int(values.any()) for column, (_, values) in binary.items()}
        rows.append({**{key: info.pop(key) for key in ("ID", "site", "phase", "pid")},
                     "valid_labels": ",".join(column[5:] for column in columns if exists[column]),
                     **{kind: f"{below}/{ID}_{kind}.nii.gz" for kind in ("volume", "mask", *columns)},
                     **{f"{column}_existence": exists[column] for column in columns}, **geometry(volume),
                     "vol_dtype": volume.get_data_dtype().name, "mask_dtype": mask.get_data_dtype().name,
                     "transform": json.dumps(volume.affine.tolist()), **info})
    pandas.DataFrame(rows).to_excel(output, sheet_name="Manifest", index=False)


def make_split(manifest_file, name, site, test_ratio, val_ratio, seed=0):
    manifest = pandas.read_excel(manifest_file, sheet_name="Manifest", dtype={"pid": str})
    manifest = manifest[manifest["site"] == site]
    patients = sorted(manifest["pid"].unique())
    np.random.RandomState(seed).shuffle(patients)
    tests = math.floor(len(patients) * test_ratio + 1e-9)
    vals = math.floor((len(patients) - tests) * val_ratio + 1e-9)
    sides = ["test"] * tests + ["val"] * vals + ["train"] * (len(patients) - tests - vals)
    manifest.insert(0, name, manifest["pid"].map(dict(zip(patients, sides))))
    with pandas.ExcelWriter(manifest_file, engine="openpyxl", mode="a", if_sheet_exists="replace") as book:
        manifest.to_excel(book, sheet_name=name, index=False)


def extract_split_index_manifest(manifest_file, name, output_dir, subsets):
    split = pandas.read_excel(manifest_file, sheet_name=name, dtype={"pid": str})
    missing = {side for sides in subsets for side in sides} - set(split[name])
    if missing:
        print(f"{name}: nobody is in {', '.join(sorted(missing))}; nothing written")
        return
    output_dir.mkdir(parents=True, exist_ok=True)
    for sides in subsets:
        rows = split[split[name].isin(sides)]
        rows.to_excel(output_dir / f"{name}_{'_'.join(sides)}.xlsx", sheet_name=name, index=False)


def main(root):
    archive, grouped, descriptor = root / "archive", root / "grouped", root / "descriptor"
    names = yaml.safe_load((descriptor / "label_map.yaml").read_text())["short_form_index_map"]
    gen_archive_manifest(archive, descriptor / "archive_manifest.xlsx")
    confirm_pairs(archive, grouped, descriptor / "archive_manifest.xlsx")
    mask_thresholding(grouped)
    extract_binary_masks(grouped, names)
    small_connected_region_detect(grouped, names, 300.0, descriptor / "small_connected_region_300_manifest.xlsx")
    morphological_open_on_slice_small_region(grouped, names, (2, 2), 3, 10.0)
    small_connected_region_detect(grouped, names, 300.0,
                                  descriptor / "small_connected_region_300_after_modification_manifest.xlsx")
    manifest = grouped / "dataset_manifest.xlsx"
    gen_dataset_manifest(grouped, names, manifest)
    for name, (site, test_ratio, val_ratio, subsets) in SPLITS.items():
        make_split(manifest, name, site, test_ratio, val_ratio)
        extract_split_index_manifest(manifest, name, grouped / "splits" / name, subsets)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
