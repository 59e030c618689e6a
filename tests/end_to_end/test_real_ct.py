"""SPEC 4 on real CT with organ masks and on a brain atlas of 116 labels: many labels in one mask, noise, no phantom.

The CT is not part of the project: NICOHORT_REAL_DATA names its folder. The atlas is Debian's package mricron-data.
"""

import os
import pathlib
import shutil

import nibabel
import numpy as np
import openpyxl
import pytest
import yaml

import reference
import tutorial
from long_form import LONG

CT = pathlib.Path(os.environ.get("NICOHORT_REAL_DATA", ""))
ATLAS = pathlib.Path("/usr/share/mricron/templates")
CT_FILES = ("ct_thorax_abdomen_3mm", "ct_thorax_abdomen_3mm_labels", "ct_aorta_1p5mm", "ct_aorta_1p5mm_aorta",
            "ct_aorta_1p5mm_false_lumen")
needs_ct = pytest.mark.skipif(not os.environ.get("NICOHORT_REAL_DATA") or not all((CT / f"{name}.nii.gz").is_file() for name in CT_FILES),
                              reason="NICOHORT_REAL_DATA does not name the folder of the real CT")
needs_atlas = pytest.mark.skipif(not LONG or not all((ATLAS / f"{name}.nii.gz").is_file() for name in ("ch2", "aal")),
                                 reason=f"in the long form (NICOHORT_LONG=1), with ch2.nii.gz and aal.nii.gz in {ATLAS} (package mricron-data)")


def place(root, site, phase, kind, pid):
    recipe = reference.ESO_RECIPE
    parts, folder = recipe["parts"], {"v3d": "images", "m3d": "masks"}[kind]
    path = root / "archive" / parts["site"][site] / parts["phase"][phase] / folder / f"{site}_{pid}.nii.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def save_metadata(root, patients):
    for site, folder in reference.ESO_RECIPE["parts"]["site"].items():
        book = openpyxl.Workbook()
        book.active.append(["PID", "Age"])
        for pid in sorted(pid for at, pid in patients if at == site):
            book.active.append([pid, 61])
        book.save(root / "archive" / f"data_meta_{folder}.xlsx")


def save_labels(root, labels):
    (root / "descriptor").mkdir()
    (root / "descriptor/label_map.yaml").write_text(yaml.safe_dump({"short_form_index_map": labels}), encoding="utf-8")


@pytest.fixture(scope="module")
def ct(nicohort, tmp_path_factory):
    """The abdomen with its 62 labels at TJ, parts of it at SYTH; two parts of the aorta, with two labels, at XY."""
    root = tmp_path_factory.mktemp("ct")
    shutil.copy(CT / "ct_thorax_abdomen_3mm.nii.gz", place(root, "TJ", "pre", "v3d", "001"))
    scan = nibabel.load(CT / "ct_thorax_abdomen_3mm.nii.gz")  # 1 HU more for post: the same scan twice is a problem
    nibabel.save(nibabel.Nifti1Image(np.asanyarray(scan.dataobj) + np.int16(1), scan.affine, scan.header), place(root, "TJ", "post", "v3d", "001"))
    shutil.copy(CT / "ct_thorax_abdomen_3mm_labels.nii.gz", place(root, "TJ", "pre", "m3d", "001"))
    labels = nibabel.load(CT / "ct_thorax_abdomen_3mm_labels.nii.gz")
    values = np.asanyarray(labels.dataobj)
    odd_slices = values * (np.arange(values.shape[2]) % 2).astype(values.dtype)
    nibabel.save(nibabel.Nifti1Image(odd_slices.astype(np.float32), labels.affine), place(root, "TJ", "post", "m3d", "001"))
    aorta, lumen = (nibabel.load(CT / f"ct_aorta_1p5mm_{name}.nii.gz") for name in ("aorta", "false_lumen"))
    both = np.where(np.asanyarray(lumen.dataobj) > 0, 2, np.asanyarray(aorta.dataobj)).astype(np.int16)
    for phase, part in (("pre", np.s_[:, :, 40:80]), ("post", np.s_[:, :, 80:120])):
        nibabel.save(nibabel.load(CT / "ct_aorta_1p5mm.nii.gz").slicer[part], place(root, "XY", phase, "v3d", "0100"))
        nibabel.save(nibabel.Nifti1Image(both, aorta.affine).slicer[part], place(root, "XY", phase, "m3d", "0100"))
    for phase, part in (("pre", np.s_[10:90, 5:95, 30:80]), ("post", np.s_[20:111, 0:101, 60:112])):
        volume = nibabel.load(CT / "ct_thorax_abdomen_3mm.nii.gz").slicer[part]
        nibabel.save(volume, place(root, "SYTH", phase, "v3d", "7"))
        nibabel.save(labels.slicer[part], place(root, "SYTH", phase, "m3d", "7"))
    save_metadata(root, [("TJ", "001"), ("XY", "0100"), ("SYTH", "7")])
    save_labels(root, {int(value): "Bg" if value == 0 else f"organ {value}" for value in np.unique(values)} | {1: "Aorta", 2: "Lumen/false"})
    splits = (tutorial.Split("all", ("TJ", "SYTH", "XY"), 0.34, 0.5, (("test",), ("train", "val"))),)
    return tutorial.run(nicohort, tutorial.Tutorial(root, thresh=(-140.0, 1000.0), kernel=(2, 3), area=120.0, region_volume=600.0, splits=splits))


@pytest.fixture(scope="module")
def atlas(nicohort, tmp_path_factory):
    """Every seventh slice, so that the dense reference stays quick; labels above 116 of the map are absent."""
    root = tmp_path_factory.mktemp("atlas")
    for phase, first in (("pre", 0), ("post", 3)):
        for kind, name in (("v3d", "ch2"), ("m3d", "aal")):
            image = nibabel.load(ATLAS / f"{name}.nii.gz").slicer[:, :, first::7]
            nibabel.save(image, place(root, "TJ", phase, kind, "000"))
    save_metadata(root, [("TJ", "000")])
    save_labels(root, {label: f"area_{label}" for label in range(118)})
    splits = (tutorial.Split("all", ("TJ",), 1.0, 0.0, (("test",),)),)
    return tutorial.run(nicohort, tutorial.Tutorial(root, thresh=(30.0, 200.0), kernel=(2, 2), area=25.0, splits=splits))


@needs_ct
@pytest.mark.parametrize("check", tutorial.CHECKS, ids=tutorial.check_name)
def test_ct(ct, check):
    check(ct)


@needs_ct
def test_ct_has_many_labels(ct):
    samples = ct.samples["morphological_open_on_slice_small_region"]
    assert sum(binary.any() for binary in samples["TJ_001_pre"].binary.values()) > 55
    assert all((sample.mask != ct.samples["mask_thresholding"][ID].mask).any() for ID, sample in samples.items())


@needs_ct
def test_ct_with_a_mask_file_for_each_label(nicohort, tmp_path):
    """As TotalSegmentator writes them: the very same files as of one mask with all labels, binary masks included."""
    drawn = nibabel.load(CT / "ct_thorax_abdomen_3mm_labels.nii.gz")
    values = np.asanyarray(drawn.dataobj)
    labels = {int(value): f"organ {value}" for value in np.unique(values) if value != 0}
    masks = {"one": '"{pid}/labels.nii.gz"', "each": '{file: "{pid}/segmentations/{label}.nii.gz", overlap: error}'}
    for name, mask in masks.items():
        folder = tmp_path / name / "archive/s0001"
        folder.mkdir(parents=True)
        shutil.copy(CT / "ct_thorax_abdomen_3mm.nii.gz", folder / "ct.nii.gz")
        (tmp_path / name / "recipe.yaml").write_text(
            f'volume: "{{pid}}/ct.nii.gz"\nmask: {mask}\n' + yaml.safe_dump({"labels": {0: "Bg"} | labels}), encoding="utf-8")
    shutil.copy(CT / "ct_thorax_abdomen_3mm_labels.nii.gz", tmp_path / "one/archive/s0001/labels.nii.gz")
    (tmp_path / "each/archive/s0001/segmentations").mkdir()
    for value, label in labels.items():
        mask = nibabel.Nifti1Image((values == value).astype(np.uint8), drawn.affine)
        nibabel.save(mask, tmp_path / f"each/archive/s0001/segmentations/{label}.nii.gz")
    written = {}
    for name in masks:
        nicohort("run", "--root_dir", tmp_path / name, "--recipe", tmp_path / name / "recipe.yaml")
        grouped = tmp_path / name / "grouped"
        written[name] = {path.name: path.read_bytes() for path in grouped.rglob("*") if path.suffix in (".gz", ".xlsx")}
    assert len(written["each"]) > 60
    assert written["each"] == written["one"]
    combined = nibabel.load(tmp_path / "each/grouped/s0001/s0001_mask.nii.gz")
    assert (np.asanyarray(combined.dataobj) == values).all()


@needs_atlas
@pytest.mark.parametrize("check", tutorial.CHECKS, ids=tutorial.check_name)
def test_atlas(atlas, check):
    check(atlas)


@needs_atlas
def test_atlas_has_many_labels(atlas):
    samples = atlas.samples["morphological_open_on_slice_small_region"]
    assert sum(binary.any() for binary in samples["TJ_000_pre"].binary.values()) > 100
    assert all((sample.mask != atlas.samples["mask_thresholding"][ID].mask).any() for ID, sample in samples.items())
