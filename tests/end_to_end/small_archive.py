"""A tiny archive, image by image, for tests that need odd ones."""

import os
import pathlib
import zlib

import nibabel
import numpy as np
import openpyxl
import xlsxwriter

FOLDERS = {"TJ": "tongji", "SYTH": "shiyan-taihe", "XY": "xiangyang", "pre": "pre-therapy", "post": "post-therapy",
           "v3d": "images", "m3d": "masks"}
AFFINE = np.diag([-0.8, 0.8, 5.0, 1.0])


def image_path(root, pid, kind="v3d", phase="pre", ending=".nii.gz"):
    path = pathlib.Path(root) / "archive" / FOLDERS["TJ"] / FOLDERS[phase] / FOLDERS[kind] / f"TJ_{pid}{ending}"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def save_image(path, kind="v3d"):
    values = np.zeros((8, 7, 3), np.int16)
    values[2:6, 2:5, :] = 40 if kind == "v3d" else 1
    if kind == "v3d":  # no two scans are the same: the names of their folders, with one that is random, draw four bytes
        values[0, :4, 0] = list(zlib.crc32(os.fsencode("/".join(pathlib.Path(path).parts[-4:]))).to_bytes(4, "little"))
    nibabel.save(nibabel.Nifti1Image(values, AFFINE), path)


def save(root, name, kind="v3d"):
    """An image at any path below the archive, for other layouts."""
    path = pathlib.Path(root) / "archive" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    save_image(path, kind)


def save_pairs(root, pids):
    """Volume and mask of both phases, so that nothing is missing."""
    for pid in pids:
        for phase in ("pre", "post"):
            for kind in ("v3d", "m3d"):
                save_image(image_path(root, pid, kind, phase), kind)


def save_metadata(root, pids):
    book = xlsxwriter.Workbook(str(pathlib.Path(root) / "archive/data_meta_tongji.xlsx"))  # has shared strings
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["PID", "Age"])
    for row, pid in enumerate(pids, 1):
        sheet.write_string(row, 0, pid)
        sheet.write_number(row, 1, 61)
    book.close()


def save_label_map(root):
    folder = pathlib.Path(root) / "descriptor"
    folder.mkdir(exist_ok=True)
    (folder / "label_map.yaml").write_text("short_form_index_map: {0: Bg, 1: EsoROI}\n", encoding="utf-8")


def make(root, pids):
    save_pairs(root, pids)
    save_metadata(root, pids)
    save_label_map(root)
    return pathlib.Path(root)


def column(workbook, name):
    rows = list(openpyxl.load_workbook(workbook).active.values)
    return [row[rows[0].index(name)] for row in rows[1:]]
