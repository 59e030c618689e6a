"""The checks of exported folders find nothing in good ones, and each violation in a folder that has just that one."""

import functools
import gzip
import json
import os
import re

import nibabel
import numpy as np
import pytest
import yaml

import export_checks

SHAPE = (4, 3, 2)
AFFINE = np.diag([-0.8, 0.8, 5.0, 1.0])
SHEARED = AFFINE + np.array([[0, 0.3, 0, 0]] + [[0] * 4] * 3)


def image(values=None, affine=AFFINE, qform=True, units="mm", dtype=np.int16):
    made = nibabel.Nifti1Image(np.zeros(SHAPE, dtype) if values is None else values, affine)
    made.header.set_xyzt_units(units if units else 0)
    made.set_sform(affine, 2)
    made.set_qform(affine, 2 if qform else 0, strip_shears=True)
    return made


def mask(*labels, dtype=np.uint8):
    values = np.zeros(SHAPE, dtype)
    values.flat[:len(labels)] = labels
    return values


def image_with_qform(affine, sform_code=2):
    made = image()
    made.set_qform(affine, 2)
    made.header["sform_code"] = sform_code
    return made


def save(path, made=None, mtime=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    content = (image() if made is None else made).to_bytes()
    path.write_bytes(gzip.compress(content, 1, mtime=mtime) if path.name.endswith(".gz") else content)


@functools.lru_cache(maxsize=None)
def plain(*labels):
    """What save() writes of a plain volume, or of a mask with these labels: made once, for all the good folders."""
    return gzip.compress((image(mask(*labels)) if labels else image()).to_bytes(), 1, mtime=0)


def save_plain(path, *labels):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(plain(*labels))


def save_text(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def edit(path, **changes):
    """Sets top-level keys of a JSON or YAML file; None takes one away."""
    data = (json.loads if path.suffix == ".json" else yaml.safe_load)(path.read_text()) | changes
    data = {key: value for key, value in data.items() if value is not None}
    save_text(path, json.dumps(data) if path.suffix == ".json" else yaml.safe_dump(data))


def replace(path, old, new):
    text = path.read_text()
    assert old in text
    save_text(path, text.replace(old, new))


def write(name, text):
    return lambda folder: save_text(folder / name, text)


def change(name, **changes):
    return lambda folder: edit(folder / name, **changes)


def swap(name, old, new):
    return lambda folder: replace(folder / name, old, new)


def put(name, *arguments, mtime=0, **options):
    return lambda folder: save(folder / name, image(*arguments, **options), mtime)


def drop(name):
    return lambda folder: (folder / name).unlink()


def move(name, other):
    def spoil(folder):
        (folder / other).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).rename(folder / other)
    return spoil


def both(*spoils):
    return lambda folder: [spoil(folder) for spoil in spoils]


def check_finds(found, *patterns):
    """Each pattern is found, and nothing else is."""
    for pattern in patterns:
        assert any(re.search(pattern, text) for text in found), (pattern, found)
    assert [text for text in found if not any(re.search(pattern, text) for pattern in patterns)] == []


@functools.lru_cache(maxsize=None)
def read(content):
    return nibabel.Nifti1Image.from_bytes(content)


@pytest.fixture
def quick(monkeypatch):
    """Reads each image once, since nearly all are the same few, and nibabel takes most of the time of these tests."""

    def load(path):
        content = path.read_bytes()
        return read(gzip.decompress(content) if path.name.endswith(".gz") else content)
    monkeypatch.setattr(nibabel, "load", load)


# nnU-Net

NNUNET = "nnUNet_raw/Dataset011_Small"
SPLITS = f"nnUNet_preprocessed/{NNUNET[11:]}/splits_final.json"
REGIONS = {"background": 0, "whole": [1, 2, 3], "core": [2, 3], "enhancing": 3}


def make_nnunet(root):
    folder = root / NNUNET
    for case in "abc":
        for channel in range(2):
            save_plain(folder / f"imagesTr/{case}_{channel:04}.nii.gz")
        save_plain(folder / f"labelsTr/{case}.nii.gz", 1, 2)
    for channel in range(2):
        save_plain(folder / f"imagesTs/t_{channel:04}.nii.gz")
    save_plain(folder / "labelsTs/t.nii.gz", 1)
    save_text(folder / "dataset.json", json.dumps({
        "channel_names": {"0": "CT", "1": "PET"}, "labels": {"background": 0, "liver": 1, "tumour": 2}, "numTraining": 3,
        "file_ending": ".nii.gz"}))
    save_text(root / SPLITS, json.dumps([{"train": ["b", "c"], "val": ["a"]}, {"train": ["a", "b"], "val": ["c"]}]))
    return folder


def list_files(folder):
    """The dataset key in place of imagesTr and labelsTr."""
    cases = {case: {"images": [f"elsewhere/{case}_{channel:04}.nii.gz" for channel in range(2)], "label": f"elsewhere/masks/{case}.nii.gz"}
             for case in "abc"}
    (folder / "imagesTr").rename(folder / "elsewhere")
    (folder / "labelsTr").rename(folder / "elsewhere/masks")
    cases["b"]["label"] = str(folder / cases["b"]["label"])
    cases["c"]["images"][0] = "$NNUNET_TEST_FOLDER/elsewhere/c_0000.nii.gz"
    os.environ["NNUNET_TEST_FOLDER"] = str(folder)
    edit(folder / "dataset.json", dataset=cases)


def shear(folder, **options):
    for path in (*folder.glob("images*/*"), *folder.glob("labels*/*")):
        values = np.asanyarray(nibabel.load(path).dataobj)
        save(path, image(values, SHEARED, **options))


@pytest.mark.parametrize("alter", [
    lambda folder: None,
    list_files,
    change("dataset.json", labels=REGIONS, regions_class_order=[1, 2, 3]),
    change("dataset.json", labels={"background": 0, "whole": [1, 2, 3], "core": [2, 3], "cyst": [2]}, regions_class_order=[1, 3, 2]),
    change("dataset.json", labels={"background": 0, "liver": 1, "ignore": 2}),
    change("dataset.json", labels=REGIONS | {"ignore": 4}, regions_class_order=[1, 2, 3]),
    both(shear, change("dataset.json", overwrite_image_reader_writer="NibabelIOWithReorient")),
    both(drop("imagesTs/t_0000.nii.gz"), drop("imagesTs/t_0001.nii.gz"), drop("labelsTs/t.nii.gz")),
    put("labelsTr/a.nii.gz", mask(1, 2, dtype=np.float32)),
    lambda folder: save(folder / "imagesTr/a_0000.nii.gz", image_with_qform(AFFINE, sform_code=0)),
], ids=["plain", "listed", "regions", "other order", "ignore", "regions and ignore", "sheared", "no tests", "float mask", "qform"])
def test_nnunet_finds_nothing_in_good_folders(tmp_path, alter):
    folder = make_nnunet(tmp_path)
    alter(folder)
    assert export_checks.nnunet(folder, tmp_path / SPLITS) == []


NNUNET_BAD = {
    "Decathlon's number": (lambda folder: folder.rename(folder.with_name("Dataset004_Small")), "001 to 010"),
    "two digits": (lambda folder: folder.rename(folder.with_name("Dataset12_Small")), "three digits"),
    "number taken": (lambda folder: folder.with_name("Dataset011_Other").mkdir(), "Dataset011_Other has the same number"),
    "no dataset.json": (drop("dataset.json"), "dataset.json: cannot be read"),
    "no JSON": (write("dataset.json", "{"), "is not JSON"),
    "key twice": (swap("dataset.json", '"liver"', '"tumour"'), "'tumour' twice"),
    "no labels": (change("dataset.json", labels=None), "has no labels", "labels is not an object", "the labels .*does not name"),
    "no channel_names": (change("dataset.json", channel_names=None), "has no channel_names", "channel_names is not",
                         "not the 0 of", "for 0 channels"),
    "channels out of order": (change("dataset.json", channel_names={"1": "PET", "0": "CT"}), "channel_names is not"),
    "wrong numTraining": (change("dataset.json", numTraining=4), "numTraining is 4"),
    "no file_ending": (change("dataset.json", file_ending=None), "has no file_ending", "file_ending is null"),
    "unknown reader": (change("dataset.json", overwrite_image_reader_writer="NiftiIO"), "which nnU-Net does not have"),
    "no imagesTr": (move("imagesTr", "gone"), "imagesTr: is missing", "no training case", "numTraining", "belongs to no case", "is no training"),
    "no labelsTr": (move("labelsTr", "gone"), "labelsTr: is missing", "[abc].nii.gz: is missing"),
    "no label": (drop("labelsTr/a.nii.gz"), "a.nii.gz: is missing"),
    "label without images": (put("labelsTr/d.nii.gz", mask(1)), "labelsTr/d.nii.gz: belongs to no case"),
    "label without test": (put("labelsTs/d.nii.gz", mask(1)), "labelsTs/d.nii.gz: belongs to no case"),
    "channel missing": (drop("imagesTr/a_0001.nii.gz"), r"has the channels \[0\]", "1 images for 2"),
    "channel missing in a test": (drop("imagesTs/t_0000.nii.gz"), r"imagesTs/t: has the channels \[1\]", "1 images for 2"),
    "three digits of channel": (move("imagesTr/a_0001.nii.gz", "imagesTr/a_001.nii.gz"), "four digits", r"channels \[0\]", "1 images for 2"),
    "other file": (write("imagesTr/Thumbs.db", "x"), "is not named CASE_CCCC"),
    "case in training and test": (both(*(move(f"imagesTs/t_000{n}.nii.gz", f"imagesTs/a_000{n}.nii.gz") for n in range(2)),
                                       move("labelsTs/t.nii.gz", "labelsTs/a.nii.gz")), "a: is a training case and a test case"),
    "cases that differ in case": (both(*(put(f"imagesTr/A_000{n}.nii.gz") for n in range(2)), put("labelsTr/A.nii.gz", mask(1)),
                                       change("dataset.json", numTraining=4)), "differ only in upper"),
    "damaged": (write("imagesTr/a_0000.nii.gz", "no gzip"), "a_0000.nii.gz: cannot be read"),
    "four dimensions": (put("imagesTr/a_0000.nii.gz", np.zeros((*SHAPE, 2), np.int16)), "has 4 dimensions"),
    "complex": (put("imagesTr/a_0000.nii.gz", np.zeros(SHAPE, np.complex64)), "not numbers"),
    "NaN": (put("imagesTr/a_0000.nii.gz", np.full(SHAPE, np.nan, np.float32)), "has NaN"),
    "NaN in mask": (put("labelsTr/a.nii.gz", np.full(SHAPE, np.nan, np.float32)), "has NaN"),
    "label not named": (put("labelsTr/a.nii.gz", mask(3)), r"labels \[3\], which"),
    "half a label": (put("labelsTr/a.nii.gz", mask(0.5, dtype=np.float32)), r"labels \[0.5\], which"),
    "label of a test": (put("labelsTs/t.nii.gz", mask(9)), r"imagesTs: t: .*labels \[9\]"),
    "shape": (put("labelsTr/a.nii.gz", np.zeros((4, 3, 3), np.uint8)), "shape"),
    "spacing": (put("labelsTr/a.nii.gz", mask(1), np.diag([-0.8, 0.8, 4.0, 1])), "spacing"),
    "place": (put("labelsTr/a.nii.gz", mask(1), np.diag([0.8, 0.8, 5.0, 1])), "lies elsewhere"),
    "place of a channel": (put("imagesTr/a_0001.nii.gz", None, np.diag([0.8, 0.8, 5.0, 1])), "a_0001.nii.gz: lies elsewhere"),
    "sheared": (shear, "not orthonormal: ITK reads the qform"),
    "sheared without qform": (lambda folder: shear(folder, qform=False), "ITK cannot open it"),
    "qform elsewhere": (lambda folder: save(folder / "imagesTr/a_0000.nii.gz", image_with_qform(AFFINE + 9 * np.eye(4, k=3))),
                        "a qform 9 mm apart from its sform"),
    "ITK and .nii": (change("dataset.json", overwrite_image_reader_writer="SimpleITKIO", file_ending=".nii"), "SimpleITKIO reads no .nii",
                     "is not named CASE_CCCC", "belongs to no case", "no training case", "numTraining", "is no training case"),
    "ITK's reader": (both(shear, change("dataset.json", overwrite_image_reader_writer="SimpleITKIO")), "not orthonormal"),
    "no background": (change("dataset.json", labels={"Bg": 0, "liver": 1, "tumour": 2}), "no \"background\": 0"),
    "background a region": (change("dataset.json", labels={"background": [0], "liver": 1, "tumour": 2}), "no \"background\": 0"),
    "label twice in a region": (change("dataset.json", labels=REGIONS | {"core": [2, 3, 3]}, regions_class_order=[1, 2, 3]), "lists 3 twice"),
    "hole": (change("dataset.json", labels={"background": 0, "liver": 1, "tumour": 2, "cyst": 4}), "not consecutive"),
    "label as text": (change("dataset.json", labels={"background": 0, "liver": 1, "tumour": 2, "cyst": "3"}), "'cyst' is \"3\""),
    "two names for a label": (change("dataset.json", labels={"background": 0, "liver": 1, "tumour": 2, "cyst": 2}), "two labels are 2"),
    "ignore in the middle": (change("dataset.json", labels={"background": 0, "liver": 1, "ignore": 2, "cyst": 3}),
                             "ignore is 2, not the highest", "not consecutive"),
    "ignore a region": (change("dataset.json", labels={"background": 0, "liver": 1, "tumour": 2, "ignore": [3]}), "not one number"),
    "regions without order": (change("dataset.json", labels=REGIONS), "need regions_class_order"),
    "order too short": (change("dataset.json", labels=REGIONS, regions_class_order=[1, 2]), "2 numbers for 3 regions"),
    "order with ignore": (change("dataset.json", labels=REGIONS | {"ignore": 4}, regions_class_order=[1, 2, 3, 4]), "4 numbers for 3 regions"),
    "order without regions": (change("dataset.json", regions_class_order=[1, 2]), "without a label of several"),
    "keys sorted": (change("dataset.json", labels=dict(sorted(REGIONS.items())), regions_class_order=[1, 2, 3]), "turns label"),
    "region not decodable": (change("dataset.json", labels={"background": 0, "whole": [1, 2]}, regions_class_order=[1]),
                             "turns label 2 into 1"),
    "region overwritten": (change("dataset.json", labels={"background": 0, "tumour": 2, "whole": [1, 2]}, regions_class_order=[2, 1]),
                           "turns label 2 into 1"),
    "equal regions": (change("dataset.json", labels=REGIONS | {"rim": [3, 2]}, regions_class_order=[1, 2, 3, 2]),
                      "'core' and 'rim' are the same", "turns label 3 into 2"),
    "background in a region": (change("dataset.json", labels={"background": 0, "all": [0, 1, 2], "tumour": 2}, regions_class_order=[1, 2]),
                               "the background in it"),
    "order names no label": (change("dataset.json", labels={"background": 0, "whole": [1, 2], "tumour": 2}, regions_class_order=[7, 2]),
                             "turns label 1 into 7", r"\[7\], which are no labels"),
    "listed file missing": (both(list_files, drop("elsewhere/a_0000.nii.gz")), "a_0000.nii.gz: is missing"),
    "listed in a list": (change("dataset.json", dataset=[]), "dataset is not an object", "no training case", "numTraining", "is no training"),
    "listed with a slash": (both(list_files, swap("dataset.json", '"a": {', '"x/a": {')), "'x/a': cannot be a file's name", "a in .* no training"),
    "listed wrong": (both(list_files, swap("dataset.json", "\"label\": \"elsewhere/masks/a.nii.gz\"", "\"mask\": \"x.nii.gz\"")),
                     "dataset: a: is not", "numTraining", "fold [01]: a in"),
    "listed by an unset variable": (both(list_files, swap("dataset.json", "$NNUNET_TEST_FOLDER", "$NNUNET_NO_FOLDER")),
                                    "not set", "c_0000.nii.gz: is missing"),
    "listed with another ending": (both(list_files, move("elsewhere/a_0000.nii.gz", "elsewhere/a_0000.mha"),
                                        swap("dataset.json", "a_0000.nii.gz", "a_0000.mha")), "does not end in", "cannot be read"),
    "listed count": (both(list_files, change("dataset.json", numTraining=2)), "numTraining is 2"),
}


@pytest.mark.parametrize("spoil, patterns", [(spoil, patterns) for spoil, *patterns in NNUNET_BAD.values()], ids=NNUNET_BAD)
def test_nnunet_finds(tmp_path, quick, spoil, patterns):
    folder = make_nnunet(tmp_path)
    spoil(folder)
    if not folder.exists():  # renamed
        folder = next((tmp_path / "nnUNet_raw").iterdir())
        check_finds(export_checks.nnunet(folder), *patterns)
        return
    check_finds(export_checks.nnunet(folder, tmp_path / SPLITS), *patterns)


SPLITS_BAD = {
    "no JSON": ("[", "is not JSON"),
    "no folds": ("[]", "not a list of folds"),
    "no val": ('[{"train": ["a"]}]', "fold 0: is not"),
    "empty val": ('[{"train": ["a"], "val": []}]', "val is empty"),
    "empty train": ('[{"train": [], "val": ["a"]}]', "train is empty"),
    "unknown case": ('[{"train": ["a"], "val": ["d"]}]', "d in val is no training case"),
    "test case": ('[{"train": ["a", "t"], "val": ["b"]}]', "t in train is no training case"),
    "case twice": ('[{"train": ["a", "a"], "val": ["b"]}]', "a is in train twice"),
    "case on both sides": ('[{"train": ["a", "b"], "val": ["b"]}]', "b is in train and in val"),
    "case in two vals": ('[{"train": ["a"], "val": ["b"]}, {"train": ["c"], "val": ["b", "a"]}]', "fold 1: b is in val of fold 0"),
}


@pytest.mark.parametrize("text, pattern", SPLITS_BAD.values(), ids=SPLITS_BAD)
def test_nnunet_finds_in_splits_final(tmp_path, quick, text, pattern):
    folder = make_nnunet(tmp_path)
    save_text(tmp_path / SPLITS, text)
    check_finds(export_checks.nnunet(folder, tmp_path / SPLITS), pattern)


FINGERPRINT = "nnUNet_preprocessed/Dataset011_Small/dataset_fingerprint.json"


def fingerprint(folder):
    """That of make_nnunet with values in its images, as nnU-Net's extractor finds it but for what is random."""
    images = [np.random.default_rng(channel).integers(1, 99, SHAPE).astype(np.int16) for channel in range(2)]
    label = mask(1, 2, 2, 0, 1)
    for channel, values in enumerate(images):
        values[:, -1] = 0
        for case in "abc":
            save(folder / f"imagesTr/{case}_{channel:04}.nii.gz", image(values))
            save(folder / f"labelsTr/{case}.nii.gz", image(label, dtype=np.uint8))
    nonzero = np.argwhere(np.any([volume != 0 for volume in images], axis=0))
    shape = nonzero.max(axis=0) - nonzero.min(axis=0) + 1
    intensities = {}
    for channel, volume in enumerate(images):
        values = volume[label > 0].astype(float)
        low, median, high = np.percentile(values, [0.5, 50, 99.5])
        intensities[str(channel)] = {"max": values.max(), "mean": values.mean(), "median": median, "min": values.min(),
                                     "percentile_00_5": low, "percentile_99_5": high, "std": values.std()}
    zooms = nibabel.load(folder / "imagesTr/a_0000.nii.gz").header.get_zooms()
    return {"foreground_intensity_properties_per_channel": intensities,
            "median_relative_size_after_cropping": float(np.prod(shape / SHAPE)),
            "shapes_after_crop": [shape[::-1].tolist()] * 3, "spacings": [[float(zoom) for zoom in zooms[::-1]]] * 3}


def intensity(**changes):
    def spoil(data):
        data["foreground_intensity_properties_per_channel"]["1"].update(changes)
    return spoil


FINGERPRINTS_BAD = {
    "no spacings": (lambda data: data.pop("spacings"), "has no spacings"),
    "axes": (lambda data: data.update(spacings=[spacing[::-1] for spacing in data["spacings"]]), "spacings is"),
    "a case less": (lambda data: data["shapes_after_crop"].pop(), "shapes_after_crop is"),
    "share": (lambda data: data.update(median_relative_size_after_cropping=0.25), "median_relative_size_after_cropping is 0.25"),
    "channels": (lambda data: data["foreground_intensity_properties_per_channel"].pop("1"), r"has the channels \['0'\], not \['0', '1'\]"),
    "mean": (intensity(mean=-7.5), "channel 1: mean is -7.5"),
    "std": (intensity(std=0.001), "channel 1: std is 0.001"),
    "percentile": (intensity(percentile_99_5=1e9), "channel 1: percentile_99_5 is 1000000000.0"),
    "other key": (intensity(sd=3), "channel 1: does not have the numbers max, mean, median"),
}


@pytest.mark.parametrize("spoil, pattern", FINGERPRINTS_BAD.values(), ids=FINGERPRINTS_BAD)
def test_nnunet_finds_in_the_fingerprint(tmp_path, quick, spoil, pattern):
    folder = make_nnunet(tmp_path)
    inside = folder.parent / FINGERPRINT
    data = fingerprint(folder)
    save_text(inside, json.dumps(data))
    assert export_checks.nnunet(folder) == []
    spoil(data)
    save_text(inside, json.dumps(data))
    check_finds(export_checks.nnunet(folder), pattern)


def test_splits_final_lies_where_nnunet_looks(tmp_path):
    folder = make_nnunet(tmp_path)
    other = (tmp_path / SPLITS).rename(tmp_path / "splits_final.json")
    check_finds(export_checks.nnunet(folder, other), "nnU-Net looks for nnUNet_preprocessed/Dataset011_Small/splits_final.json")


# MONAI

def make_monai(folder):
    items = []
    for number, case in enumerate("abcd"):
        for channel in range(2):
            save_plain(folder / f"{case}{channel}.nii.gz")
        save_plain(folder / f"{case}_mask.nii.gz", 1, 2)
        items.append({"image": [f"{case}0.nii.gz", f"{case}1.nii.gz"], "label": f"{case}_mask.nii.gz", "fold": number % 2, "patient": case})
    test = {key: value for key, value in items.pop().items() if key != "fold"}
    save_text(folder / "datalist.json", json.dumps({
        "labels": {"0": "background", "1": "liver", "2": "tumour"}, "numTraining": 3, "numTest": 1, "training": items, "testing": [test]}))
    save_text(folder / "auto3dseg.yaml", yaml.safe_dump({
        "modality": "CT", "datalist": "datalist.json", "dataroot": ".", "class_names": ["liver", "tumour"]}))
    return folder


def item(number, **changes):
    """Changes one item of training."""

    def spoil(folder):
        data = json.loads((folder / "datalist.json").read_text())
        data["training"][number] = {key: value for key, value in (data["training"][number] | changes).items() if value is not None}
        save_text(folder / "datalist.json", json.dumps(data))
    return spoil


def one_validation(folder):
    data = json.loads((folder / "datalist.json").read_text())
    for one in data["training"]:
        del one["fold"]
    edit(folder / "datalist.json", training=data["training"][:2], validation=data["training"][2:], numTraining=2)


@pytest.mark.parametrize("alter", [
    lambda folder: None,
    one_validation,
    lambda folder: edit(folder / "auto3dseg.yaml", datalist=str(folder / "datalist.json"), dataroot=str(folder)),
    change("auto3dseg.yaml", class_names=None),
    change("auto3dseg.yaml", class_names=[{"name": "liver", "index": [1, 2]}, {"name": "tumour", "index": [2]}], multigpu=True),
    both(*(item(number, image=f"{case}0.nii.gz") for number, case in enumerate("abc")),
         change("datalist.json", testing=None, test=["d0.nii.gz"], numTest=1)),
], ids=["folds", "validation", "absolute", "no class_names", "class_names with index", "test of paths"])
def test_monai_finds_nothing_in_good_folders(tmp_path, alter):
    folder = make_monai(tmp_path)
    alter(folder)
    assert export_checks.monai(folder) == []


MONAI_BAD = {
    "no datalist": (drop("datalist.json"), "datalist.json: cannot be read", "datalist.json is not datalist.json"),
    "NaN in JSON": (swap("datalist.json", '"numTest": 1', '"numTest": NaN'), "has NaN, which is not JSON"),
    "no training": (change("datalist.json", training=[], numTraining=0), "training: is missing or empty", "too few"),
    "no objects": (change("datalist.json", testing=["d0.nii.gz"]), r"testing\[0\]: is not an object"),
    "empty test": (change("datalist.json", testing=None, test=[], numTest=0), "test: is empty"),
    "test is no list": (change("datalist.json", testing=None, test={}, numTest=0), "test: is not a list"),
    "no image": (item(0, image=None), "image is not a path"),
    "no label": (item(0, label=None), "label is not a path"),
    "label is a list": (item(0, label=["a_mask.nii.gz"]), "label is not a path"),
    "numbers in a list": (item(0, size=[4, 3, 2]), "size lists what is not text"),
    "text that is a file": (item(0, patient="a0.nii.gz"), "'a0.nii.gz' names a file"),
    "fold as text": (item(0, fold="0"), "a fold is not a number"),
    "hole in folds": (item(1, fold=2), r"not 0 to n - 1: \[0, 2\]"),
    "fold missing": (item(0, fold=None), "1 items have no fold"),
    "one fold": (item(1, fold=0), "whose training set is empty"),
    "folds and validation": (lambda folder: edit(folder / "datalist.json", validation=json.loads(
        (folder / "datalist.json").read_text())["testing"], testing=None, numTest=0), "not read by AutoRunner"),
    "no folds": (both(*(item(number, fold=None) for number in range(3))), "3 items without folds"),
    "image missing": (drop("a0.nii.gz"), "a0.nii.gz: is missing", "a0.nii.gz: is missing below the dataroot"),
    "label missing": (drop("a_mask.nii.gz"), "a_mask.nii.gz: is missing", "below the dataroot"),
    "label cannot be read": (write("a_mask.nii.gz", "x"), "cannot be read"),
    "image twice": (item(1, image=["a0.nii.gz", "b1.nii.gz"]), "a0.nii.gz is that of"),
    "channels": (item(0, image="a0.nii.gz"), r"different numbers of channels: \[1, 2\]"),
    "channels elsewhere": (put("a1.nii.gz", None, np.diag([0.8, 0.8, 5.0, 1])), "a1.nii.gz: lies elsewhere than its first channel"),
    "channels of four dimensions": (put("a0.nii.gz", np.zeros((*SHAPE, 3), np.int16)), "one has 4 dimensions", "different numbers"),
    "label's shape": (put("a_mask.nii.gz", np.zeros((4, 3, 3), np.uint8)), "has the shape"),
    "label elsewhere": (put("a_mask.nii.gz", mask(1), np.diag([0.8, 0.8, 5.0, 1])), "lies elsewhere than its image"),
    "label's dimensions": (put("a_mask.nii.gz", np.zeros((*SHAPE, 2), np.uint8)), "has 4 dimensions"),
    "half a label": (put("a_mask.nii.gz", mask(0.5, dtype=np.float32)), "no whole numbers", "not 0 to n - 1", "does not name"),
    "NaN": (put("a0.nii.gz", np.full(SHAPE, np.nan, np.float32)), "has NaN"),
    "hole in labels": (both(*(put(f"{case}_mask.nii.gz", mask(1, 3)) for case in "abcd")), r"not 0 to n - 1: \[0, 1, 3\]", "does not name"),
    "labels wrong": (change("datalist.json", labels={"background": 0}), "labels is not", "does not name", "2 names for 0"),
    "labels not from 0": (change("datalist.json", labels={"1": "liver", "2": "tumour", "0": "background"}), "not numbered from"),
    "labels of one name": (change("datalist.json", labels={"0": "background", "1": "liver", "2": "liver"}), "two labels are named"),
    "numTraining": (change("datalist.json", numTraining=2), "numTraining is 2"),
    "numTest": (change("datalist.json", numTest=2), "numTest is 2"),
    "no settings": (drop("auto3dseg.yaml"), "auto3dseg.yaml: cannot be read"),
    "no YAML": (write("auto3dseg.yaml", "{"), "auto3dseg.yaml: "),
    "no mapping": (write("auto3dseg.yaml", "- CT"), "is not a mapping"),
    "no modality": (change("auto3dseg.yaml", modality=None), "modality: is missing"),
    "other modality": (change("auto3dseg.yaml", modality="PET"), "neither CT nor MRI"),
    "other datalist": (change("auto3dseg.yaml", datalist="list.json"), "is not datalist.json"),
    "other dataroot": (lambda folder: (edit(folder / "auto3dseg.yaml", dataroot="below"), (folder / "below").mkdir()), "below the dataroot"),
    "no dataroot": (change("auto3dseg.yaml", dataroot="gone"), "is no folder", "below the dataroot"),
    "multigpu": (change("auto3dseg.yaml", multigpu="yes"), "multigpu"),
    "class_names": (change("auto3dseg.yaml", class_names="liver"), "is not a list of names"),
    "class_names with background": (change("auto3dseg.yaml", class_names=["background", "liver", "tumour"]), "3 names for 2 labels"),
    "class_names twice": (change("auto3dseg.yaml", class_names=["liver", "liver"]), "named twice"),
    "class_names of no label": (change("auto3dseg.yaml", class_names=[{"name": "liver", "index": [3]}]), "no label"),
}


@pytest.mark.parametrize("spoil, patterns", [(spoil, patterns) for spoil, *patterns in MONAI_BAD.values()], ids=MONAI_BAD)
def test_monai_finds(tmp_path, quick, spoil, patterns):
    folder = make_monai(tmp_path)
    spoil(folder)
    check_finds(export_checks.monai(folder), *patterns)


# Decathlon

def make_msd(root):
    folder = root / "Task11_Small"
    for case in "ab":
        save_plain(folder / f"imagesTr/{case}.nii.gz")
        save_plain(folder / f"labelsTr/{case}.nii.gz", 1)
    save_plain(folder / "imagesTs/t.nii.gz")
    save_text(folder / "dataset.json", json.dumps({
        "name": "Small", "description": "", "reference": "", "licence": "", "release": "1.0", "tensorImageSize": "3D",
        "modality": {"0": "CT"}, "labels": {"0": "background", "1": "liver"}, "numTraining": 2, "numTest": 1,
        "training": [{"image": f"./imagesTr/{case}.nii.gz", "label": f"./labelsTr/{case}.nii.gz"} for case in "ab"],
        "test": ["./imagesTs/t.nii.gz"]}))
    return folder


def two_channels(folder):
    edit(folder / "dataset.json", modality={"0": "CT", "1": "PET"}, tensorImageSize="4D")
    for path in folder.glob("images*/*"):
        save(path, image(np.zeros((*SHAPE, 2), np.int16)))


@pytest.mark.parametrize("alter", [lambda folder: None, two_channels,
                                   both(drop("imagesTs/t.nii.gz"), change("dataset.json", test=[], numTest=0))])
def test_msd_finds_nothing_in_good_folders(tmp_path, alter):
    folder = make_msd(tmp_path)
    alter(folder)
    assert export_checks.msd(folder) == []


MSD_BAD = {
    "no dataset.json": (drop("dataset.json"), "dataset.json: cannot be read"),
    "training of paths": (change("dataset.json", training=["./imagesTr/a.nii.gz", "./imagesTr/b.nii.gz"]), r"training\[.\]: is not {",
                          "is not in dataset.json"),
    "two underscores": (lambda folder: folder.rename(folder.with_name("Task11_Very_Small")), "one underscore"),
    "no imagesTs": (both(move("imagesTs", "gone"), change("dataset.json", test=[], numTest=0)), "imagesTs: is missing"),
    "hidden file": (write("labelsTr/._a.nii.gz", "x"), "is passed over", "is not in dataset.json"),
    "other ending": (put("labelsTr/c.nii"), "is passed over", "is not in dataset.json"),
    "not listed": (put("imagesTr/c.nii.gz"), "imagesTr/c.nii.gz: is not in dataset.json"),
    "no release": (change("dataset.json", release=None), "release is missing"),
    "no tensorImageSize": (change("dataset.json", tensorImageSize=None), "tensorImageSize is missing"),
    "tensorImageSize": (change("dataset.json", tensorImageSize="4D"), "make 3D"),
    "labels of nnU-Net": (change("dataset.json", labels={"background": 0, "liver": 1}), "labels is not", "which dataset.json does not name"),
    "no background": (change("dataset.json", labels={"0": "Bg", "1": "liver"}), "not \"background\""),
    "no modality": (change("dataset.json", modality=None), "modality is not"),
    "channels": (change("dataset.json", modality={"0": "CT", "1": "PET"}, tensorImageSize="4D"), "for 2 channels"),
    "no test": (change("dataset.json", test=None), "test is not a list", "numTest", "imagesTs/t.nii.gz: is not in"),
    "numTraining": (change("dataset.json", numTraining=3), "numTraining is 3"),
    "numTest": (change("dataset.json", numTest=0), "numTest is 0"),
    "path out of place": (swap("dataset.json", "./imagesTr/a", "./images/a"), "is not ./imagesTr/FILE", "imagesTr/a.nii.gz: is not in"),
    "test in objects": (change("dataset.json", test=[{"image": "./imagesTs/t.nii.gz"}]), "is not ./imagesTs/FILE", "is not in"),
    "other names": (both(move("labelsTr/a.nii.gz", "labelsTr/a_seg.nii.gz"), swap("dataset.json", "labelsTr/a.", "labelsTr/a_seg.")),
                    "different names"),
    "listed twice": (swap("dataset.json", "Tr/b.", "Tr/a."), "listed twice", "is not in dataset.json"),
    "training and test": (both(move("imagesTs/t.nii.gz", "imagesTs/a.nii.gz"), swap("dataset.json", "Ts/t.", "Ts/a.")),
                          "training case and a test case"),
    "missing": (drop("imagesTr/a.nii.gz"), "imagesTr/a.nii.gz: is missing"),
    "label": (put("labelsTr/a.nii.gz", mask(2)), r"labels \[2\]"),
    "label's dimensions": (put("labelsTr/a.nii.gz", np.zeros((*SHAPE, 2), np.uint8)), "has 4 dimensions"),
    "NaN": (put("imagesTr/a.nii.gz", np.full(SHAPE, np.nan, np.float32)), "has NaN"),
    "spacing": (put("labelsTr/a.nii.gz", mask(1), np.diag([-0.8, 0.8, 4, 1])), "spacing"),
    "sheared": (shear, "not orthonormal"),
}


@pytest.mark.parametrize("spoil, patterns", [(spoil, patterns) for spoil, *patterns in MSD_BAD.values()], ids=MSD_BAD)
def test_msd_finds(tmp_path, quick, spoil, patterns):
    folder = make_msd(tmp_path)
    spoil(folder)
    check_finds(export_checks.msd(folder if folder.exists() else next(tmp_path.iterdir())), *patterns)


# BIDS

SUB = "sub-01/ses-pre"
PARTICIPANTS, T1W = "participants.tsv", "sub-02/anat/sub-02_T1w.nii.gz"
DERIVED = "derivatives/nicohort"
CT = f"{SUB}/ct/sub-01_ses-pre_ct.nii.gz"
DSEG = f"{DERIVED}/{SUB}/anat/sub-01_ses-pre_dseg.nii.gz"
MASK = f"{DERIVED}/{SUB}/anat/sub-01_ses-pre_label-liver_mask.nii.gz"


def make_bids(folder):
    """CT of one session and T1w without sessions; masks of both."""
    save_text(folder / "dataset_description.json", json.dumps({
        "Name": "Small", "BIDSVersion": "1.10.0", "DatasetType": "raw", "Authors": ["A", "B"]}))
    save_text(folder / "participants.tsv", "participant_id\tage\tsex\tsite\nsub-01\t61\tF\tTJ\nsub-02\tn/a\tM\tXY\n")
    save_text(folder / "participants.json", json.dumps({"age": {"Units": "year"}, "site": {"Levels": {"TJ": "Tongji", "XY": "Xiangyang"}}}))
    save_text(folder / "README", "A small dataset. " * 10)
    save_text(folder / ".bidsignore", "# CT has no datatype yet\n**/ct\n")
    save_plain(folder / CT)
    save_text(folder / (CT[:-7] + ".json"), json.dumps({"Modality": "CT"}))
    save_text(folder / "sub-01/sub-01_sessions.tsv", "session_id\tphase\nses-pre\tpre\n")
    save_text(folder / "sub-01/sub-01_sessions.json", json.dumps({"phase": {"Description": "before or after therapy"}}))
    save_plain(folder / "sub-02/anat/sub-02_T1w.nii.gz")
    save_text(folder / DERIVED / "dataset_description.json", json.dumps({
        "Name": "Masks", "BIDSVersion": "1.10.0", "DatasetType": "derivative", "GeneratedBy": [{"Name": "nicohort", "Version": "1"}],
        "DatasetLinks": {"raw": "../..", "web": "https://example.org/bids"}}))
    save_text(folder / DERIVED / "dseg.tsv", "index\tname\tabbreviation\tcolor\n0\tbackground\tBg\t#000000\n1\tliver\tL\tn/a\n")
    save_plain(folder / DSEG, 1)
    save_text(folder / (DSEG[:-7] + ".json"), json.dumps({"Manual": True, "Sources": [f"bids:raw:{CT}", "bids:web:sub-01/x.nii.gz"]}))
    save_plain(folder / MASK, 1)
    save_text(folder / (MASK[:-7] + ".json"), json.dumps({"Type": "Lesion", "Sources": [f"bids::{DSEG[len(DERIVED) + 1:]}"]}))
    return folder


def rename_anat(folder):
    """Masks of CT in a folder ct, which the derived dataset ignores too."""
    move(f"{DERIVED}/{SUB}/anat", f"{DERIVED}/{SUB}/ct")(folder)
    replace(folder / f"{DERIVED}/{SUB}/ct/{MASK.split('/')[-1][:-7]}.json", "/anat/", "/ct/")


@pytest.mark.parametrize("alter", [
    lambda folder: None,
    both(rename_anat, write(f"{DERIVED}/.bidsignore", "sub-*/**/ct\n")),
    both(write(PARTICIPANTS, "participant_id\nsub-01\nsub-02\n"), drop("participants.json")),
    both(drop("sub-01/sub-01_sessions.json"), write("sessions.json", '{"phase": {}}')),
    both(drop(f"{DERIVED}/dseg.tsv"), write(DSEG[:-7] + ".tsv", "index\tname\n1\tliver\n")),
    write("sub-01/ses-pre/sub-01_ses-pre_scans.tsv", "filename\tacq_time\nct/sub-01_ses-pre_ct.nii.gz\tn/a\n"),
], ids=["plain", "masks in ct", "no columns", "sidecar of all sessions", "dseg.tsv beside its image", "scans"])
def test_bids_finds_nothing_in_good_folders(tmp_path, alter):
    folder = make_bids(tmp_path)
    alter(folder)
    assert export_checks.bids(folder) == []


def rename_all(old, new):
    """Everywhere below the raw dataset and in texts."""

    def spoil(folder):
        for path in sorted(folder.rglob("*"), reverse=True):
            if path.is_file() and path.suffix in (".tsv", ".json"):
                save_text(path, path.read_text().replace(old, new))
            if old in path.name:
                path.rename(path.with_name(path.name.replace(old, new)))
    return spoil


TSV_ROW = "sub-02\tn/a\tM\tXY\n"
BIDS_BAD = {
    "no description": (drop("dataset_description.json"), "dataset_description.json: cannot be read", "leads to ../.."),
    "no Name": (change("dataset_description.json", Name=" "), "has no Name"),
    "version": (change("dataset_description.json", BIDSVersion="1.11.2-dev"), "no released version"),
    "counts as derivative": (change("dataset_description.json", DatasetType=None, GeneratedBy=[{"Name": "nicohort"}]), "counts as 'derivative'"),
    "Authors": (change("dataset_description.json", Authors="A"), "Authors is not a list"),
    "Authors and CITATION.cff": (write("CITATION.cff", "cff-version: 1.2.0"), "Authors beside CITATION.cff"),
    "small README": (write("README", "Small"), "no more than 150"),
    "two READMEs": (write("README.md", "x" * 200), "more than once"),
    "empty file": (write("CHANGES", ""), "CHANGES: is empty"),
    "empty .bidsignore": (write(".bidsignore", ""), ".bidsignore: is empty", "sub-01/ses-pre/ct: is no folder", "ct is no datatype"),
    "slash in .bidsignore": (write(".bidsignore", "ct/\n"), "sub-01/ses-pre/ct: is no folder of BIDS"),
    "files in .bidsignore": (write(".bidsignore", "*_ct.*\n"), "sub-01/ses-pre/ct: is no folder of BIDS"),
    "folder in .bidsignore, but not": (write(".bidsignore", "ct\n!ct\n"), "sub-01/ses-pre/ct: is no folder", "ct is no datatype"),
    "other file": (write("manifest.csv", "x"), "manifest.csv: is no file of BIDS"),
    "other folder": (write("grouped/x.csv", "x"), "grouped: is no folder of BIDS", "grouped/x.csv: is no file of BIDS"),
    "sidecar of what is ignored": (write("ct.json", "{}"), "ct.json: is no file of BIDS", "ct.json: describes no file"),
    "broken link": (lambda folder: (folder / "CHANGES").symlink_to("gone"), "leads nowhere"),
    "subject with _": (rename_all("sub-02", "sub-0_2"), "sub-0_2: is not sub-", "'2' is no entity", "not in the folder", "'sub-0_2' is not",
                       "2.*does not belong"),
    "no subjects": (lambda folder: [(folder / "sub-01").rename(folder / "01"), (folder / "sub-02").rename(folder / "02")], "no folder sub-",
                    "has no folder", "is no folder of BIDS", "is no file of BIDS", "is no file of the dataset"),
    "subject without a row": (put("sub-03/anat/sub-03_T1w.nii.gz"), "sub-03 has no row"),
    "subjects that differ in case": (both(put("sub-A/anat/sub-A_T1w.nii.gz"), put("sub-a/anat/sub-a_T1w.nii.gz")),
                                     "sub-a: two names differ only", "has no row"),
    "no images": (both(drop(T1W), write("sub-02/sub-02_scans.tsv", "filename\n")), "sub-02: has no image"),
    "session beside images": (put("sub-01/anat/sub-01_T1w.nii.gz"), "images outside of them"),
    "empty session": (write("sub-01/ses-post/sub-01_ses-post_scans.tsv", "filename\n"), "ses-post: has no image", "has the sessions"),
    "other subject in the name": (move(T1W, "sub-02/anat/sub-03_T1w.nii.gz"), "not in the folder that its name says"),
    "no session in the name": (move(CT, f"{SUB}/ct/sub-01_ct.nii.gz"), "not in the folder that its name says", "is no file of the dataset",
                               "describes no file"),
    "no datatype": (move(T1W, "sub-02/sub-02_T1w.nii.gz"), "not in the folder", "sub-02 is no datatype"),
    "order of entities": (move(T1W, "sub-02/anat/sub-02_run-1_acq-a_T1w.nii.gz"), "not in order"),
    "entity twice": (move(T1W, "sub-02/anat/sub-02_acq-a_acq-b_T1w.nii.gz"), "there twice"),
    "entity unknown": (move(T1W, "sub-02/anat/sub-02_site-TJ_T1w.nii.gz"), "'site' is no entity", r"\['site'\] does not belong"),
    "entity of others": (move(T1W, "sub-02/anat/sub-02_desc-a_T1w.nii.gz"), r"\['desc'\] does not belong to T1w"),
    "run no number": (move(T1W, "sub-02/anat/sub-02_run-a_T1w.nii.gz"), "run-a is not alphanumeric"),
    "no label": (move(T1W, "sub-02/anat/sub-02_acq-_T1w.nii.gz"), "acq- is not alphanumeric"),
    "suffix": (move(T1W, "sub-02/anat/sub-02_ct.nii.gz"), "ct is no suffix of anat"),
    "suffix with a sign": (move(T1W, "sub-02/anat/sub-02_T1-w.nii.gz"), "has no suffix", "no suffix of anat"),
    "extension": (move(T1W, "sub-02/anat/sub-02_T1w.nrrd"), "no extension of T1w", "has no image"),
    "datatype without rules": (move(T1W, "sub-02/perf/sub-02_asl.nii.gz"), "know no rules for perf"),
    "PET without a sidecar": (move(T1W, "sub-02/pet/sub-02_pet.nii.gz"), "PET needs a sidecar"),
    "suffix of PET": (move(T1W, "sub-02/pet/sub-02_T1w.nii.gz"), "T1w is no suffix of pet"),
    "with and without .gz": (put(T1W[:-3]), "is there without .gz too"),
    "JSON without its file": (write("sub-02/anat/sub-02_T2w.json", "{}"), "describes no file"),
    "JSON is a list": (write("sub-02/anat/sub-02_T1w.json", "[]"), "is not a JSON object"),
    "two inherited": (both(write("sub-02/anat/sub-02_acq-a_T1w.json", "{}"), write("sub-02/anat/sub-02_run-1_T1w.json", "{}"),
                           move(T1W, "sub-02/anat/sub-02_acq-a_run-1_T1w.nii.gz")), "both sub-02_acq-a_T1w.json and"),
    "gzip time": (put(T1W, mtime=1), "a time in its gzip header"),
    "gzip name": (lambda folder: (folder / T1W).write_bytes(b"\x1f\x8b\x08\x08" + bytes(6) + b"name\0" + plain()[10:]), "a file name in its"),
    "gzip comment": (lambda folder: (folder / T1W).write_bytes(b"\x1f\x8b\x08\x10" + bytes(6) + b"name\0" + plain()[10:]), "a comment in its"),
    "no gzip": (lambda folder: (folder / T1W).write_bytes(gzip.decompress(plain())), "is not gzip", "cannot be read"),
    "gzip time of what is ignored": (put(CT, mtime=1), "sub-01_ses-pre_ct.nii.gz: has a time"),
    "no unit": (put(T1W, units=None), "has no unit"),
    "no unit of time": (put(T1W, np.zeros((*SHAPE, 2), np.int16)), "has no unit"),
    "no code": (lambda folder: save(folder / T1W, nibabel.Nifti1Image(np.zeros(SHAPE, np.int16), None)), "neither sform_code", "has no unit"),
    "empty": (put(T1W, np.zeros((4, 0, 2), np.int16)), "an empty dimension"),
    "no size": (lambda folder: (folder / T1W).write_bytes(gzip.compress(
        gzip.decompress(plain())[:80] + bytes(4) + gzip.decompress(plain())[84:], mtime=0)), "size 0 or less", "pixdim that contradicts"),
    "pixdim": (lambda folder: (folder / T1W).write_bytes(gzip.compress(
        gzip.decompress(plain())[:80] + np.float32(2).tobytes() + gzip.decompress(plain())[84:], mtime=0)), "pixdim that contradicts"),
    "no participants": (both(drop(PARTICIPANTS), drop("participants.json")), "participants.tsv: is missing"),
    "no row": (swap(PARTICIPANTS, TSV_ROW, ""), "sub-02 has no row"),
    "two rows": (swap(PARTICIPANTS, TSV_ROW, TSV_ROW * 2), "sub-02 has two rows"),
    "no folder": (swap(PARTICIPANTS, TSV_ROW, TSV_ROW + TSV_ROW.replace("02", "03")), "sub-03 has no folder"),
    "no sub-": (swap(PARTICIPANTS, "sub-02", "02"), "'02' is not", "sub-02 has no row", "02 has no folder"),
    "not first": (swap(PARTICIPANTS, "participant_id\tage", "age\tparticipant_id"), "is not the first", "has no row", "has no folder", "is not"),
    "empty cell": (swap(PARTICIPANTS, "n/a", ""), "an empty cell", "'' is not what"),
    "NaN": (swap(PARTICIPANTS, "n/a", "nan"), "not written n/a", "'nan' is not what"),
    "short row": (swap(PARTICIPANTS, "\tXY", ""), "row of another length"),
    "two columns of a name": (swap(PARTICIPANTS, "sex", "age"), "two of one name"),
    "empty line": (swap(PARTICIPANTS, "XY\n", "XY\n\n"), "an empty line"),
    "carriage returns": (lambda folder: (folder / PARTICIPANTS).write_bytes(
        (folder / PARTICIPANTS).read_bytes().replace(b"\n", b"\r\n")), "carriage returns"),
    "no UTF-8": (lambda folder: (folder / PARTICIPANTS).write_bytes(b"participant_id\n\xff"), "is not UTF-8"),
    "no sidecar": (drop("participants.json"), "site: is not described"),
    "described by a text": (change("participants.json", site="the hospital"), "not by an object"),
    "Levels is a list": (change("participants.json", site={"Levels": ["TJ", "XY"]}), "Levels is not an object"),
    "level": (swap(PARTICIPANTS, "XY", "SYTH"), "site: 'SYTH' is not what"),
    "sex": (swap(PARTICIPANTS, "F", "1"), "sex: '1' is not what"),
    "age as text": (swap(PARTICIPANTS, "61", "61Y"), "age: '61Y' is not what"),
    "age over 89": (swap(PARTICIPANTS, "61", "93"), "age: 93 is over 89"),
    "age over the default": (both(swap(PARTICIPANTS, "61", "93"), change("participants.json", age=None)), "age: 93 is out of range"),
    "unit of age": (change("participants.json", age={"Units": "a"}), "Units is 'a'"),
    "described, no column": (change("participants.json", stage={"Levels": {"1": "one"}}), "describes stage"),
    "other session": (swap("sub-01/sub-01_sessions.tsv", "ses-pre", "ses-post"), r"the sessions \['ses-post'\]"),
    "session without ses-": (swap("sub-01/sub-01_sessions.tsv", "ses-pre", "pre"), "'pre' is not", "the sessions"),
    "column of participants": (both(swap("sub-01/sub-01_sessions.tsv", "phase", "site"), write("sub-01/sub-01_sessions.json", '{"site": {}}')),
                               "site is a column of participants.tsv too"),
    "scan": (write("sub-02/sub-02_scans.tsv", "filename\nanat/sub-02_T2w.nii.gz\n"), "T2w.nii.gz is no file"),
    "derived without description": (drop(f"{DERIVED}/dataset_description.json"), "derivatives/nicohort: dataset_description.json: cannot",
                                    "DatasetLinks does not name raw", "does not name web"),
    "derived as raw": (change(f"{DERIVED}/dataset_description.json", DatasetType="raw"), "counts as 'raw'"),
    "no GeneratedBy": (change(f"{DERIVED}/dataset_description.json", GeneratedBy=None), "has no GeneratedBy"),
    "GeneratedBy": (change(f"{DERIVED}/dataset_description.json", GeneratedBy={"Name": "nicohort"}), "GeneratedBy is not a list"),
    "pipeline": (change(f"{DERIVED}/dataset_description.json", GeneratedBy=[{"Name": "other"}]), "does not have the name of GeneratedBy"),
    "file in derivatives": (write("derivatives/README", "x" * 200), "is no folder of a derived dataset"),
    "empty link": (change(f"{DERIVED}/dataset_description.json", DatasetLinks={"": "..", "raw": "../..", "web": "https://x"}), "an empty name"),
    "link to no dataset": (change(f"{DERIVED}/dataset_description.json", DatasetLinks={"raw": "..", "web": "https://x"}), "which is no BIDS dataset"),
    "raw source in the derived": (swap(f"{DSEG[:-7]}.json", "bids:raw:", "bids::"), "is no file of the dataset"),
    "unknown link": (swap(f"{DSEG[:-7]}.json", "bids:raw:", "bids:source:"), "does not name source"),
    "absolute URI": (swap(f"{DSEG[:-7]}.json", "bids:raw:", "bids:raw:/"), r"is not bids:\[dataset\]:path"),
    "Sources is a text": (change(f"{DSEG[:-7]}.json", Sources=f"bids:raw:{CT}"), "Sources is not a list"),
    "Sources no URI": (change(f"{DSEG[:-7]}.json", Sources=[CT]), "is no BIDS URI"),
    "RawSources": (change(f"{DSEG[:-7]}.json", RawSources=[CT]), "RawSources is deprecated"),
    "Manual": (change(f"{DSEG[:-7]}.json", Manual="yes"), "Manual is not"),
    "Type": (change(f"{MASK[:-7]}.json", Type="Tumour"), "Type is 'Tumour'"),
    "mask of labels": (put(MASK, mask(1, 2)), "other values than 0 and 1"),
    "label without a row": (put(DSEG, mask(1, 2)), r"labels \[2\], which dseg.tsv does not name"),
    "no dseg.tsv": (drop(f"{DERIVED}/dseg.tsv"), "has no dseg.tsv"),
    "no index": (swap(f"{DERIVED}/dseg.tsv", "index", "label"), "has no column index"),
    "no name": (swap(f"{DERIVED}/dseg.tsv", "name", "label"), "has no column name"),
    "index twice": (swap(f"{DERIVED}/dseg.tsv", "0\tb", "1\tb"), "index: 1 has two rows"),
    "name twice": (swap(f"{DERIVED}/dseg.tsv", "background", "liver"), "name: liver has two rows"),
    "index no integer": (swap(f"{DERIVED}/dseg.tsv", "0\tb", "0.5\tb"), "'0.5' is not an integer"),
    "color": (swap(f"{DERIVED}/dseg.tsv", "#000000", "black"), "'black' is not hexadecimal"),
    "other grid": (put(DSEG, np.zeros((4, 3, 3), np.uint8)), "but its source", "but its source"),
    "space": (both(move(MASK, MASK.replace("label", "space-mine_label")),
                   move(MASK[:-7] + ".json", MASK[:-7].replace("label", "space-mine_label") + ".json")), "space-mine needs SpatialReference"),
    "res": (both(move(MASK, MASK.replace("label", "res-1mm_label")),
                 move(MASK[:-7] + ".json", MASK[:-7].replace("label", "res-1mm_label") + ".json")), "res-1mm needs Resolution"),
    "derived image": (put(f"{DERIVED}/{SUB}/anat/sub-01_ses-pre_desc-clean_T1w.nii.gz"), "SkullStripped is not"),
    "entity of dseg": (both(move(DSEG, DSEG.replace("dseg", "label-liver_dseg")), drop(f"{DSEG[:-7]}.json")), r"\['label'\] does not belong to dseg",
                       "is no file of the dataset"),
    "masks in ct": (rename_anat, "ses-pre/ct: is no folder of BIDS", "ct is no datatype"),
}


@pytest.mark.parametrize("spoil, patterns", [(spoil, patterns) for spoil, *patterns in BIDS_BAD.values()], ids=BIDS_BAD)
def test_bids_finds(tmp_path, quick, spoil, patterns):
    folder = make_bids(tmp_path)
    spoil(folder)
    check_finds(export_checks.bids(folder), *patterns)


@pytest.mark.parametrize("pattern, path, ignored", [
    ("ct", "sub-1/ses-1/ct", True),
    ("ct/", "sub-1/ses-1/ct", False),
    ("ct/", "sub-1/ses-1/ct/x.nii.gz", True),
    ("*_ct.nii.gz", "sub-1/ct/sub-1_ct.nii.gz", True),
    ("/ct", "sub-1/ct", False),
    ("sub-*/ct", "sub-1/ct", True),
    ("sub-*/ct", "sub-1/ses-1/ct", False),
    ("sub-*/**/ct", "sub-1/ses-1/ct", True),
    ("sub-*/**/ct", "sub-1/ct", True),
    ("**/ct", "ct", True),
    ("sub-?/**", "sub-1/ct/x", True),
    ("# ct", "# ct", False),
    ("x[12]", "x2", True),
])
def test_bidsignore_is_gitignore(pattern, path, ignored):
    assert export_checks.Ignored([pattern])(path) is ignored


# CSV

def make_csv(folder):
    save_plain(folder / "data/a.nii.gz")
    save_plain(folder / "data/b.nii.gz")
    save_plain(folder / "data/a_mask.nii.gz", 1)
    save_text(folder / "lists/train.csv", f"ID,volume,mask,note\n0012,../data/a.nii.gz,../data/a_mask.nii.gz,\"a, b\"\n"
                                          f"0013,{folder}/data/b.nii.gz,,\n")
    return folder / "lists/train.csv"


def test_flat_csv_finds_nothing_in_a_good_file(tmp_path):
    assert export_checks.flat_csv(make_csv(tmp_path)) == []


CSV_BAD = {
    "missing": (lambda file: file.unlink(), "cannot be read"),
    "mark": (lambda file: file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes()), "byte order mark"),
    "Latin 1": (lambda file: file.write_bytes(b"ID\n\xe4"), "is not UTF-8"),
    "no header": (lambda file: save_text(file, ""), "no CSV with a header"),
    "open quote": (lambda file: replace(file, 'b"', "b"), "no CSV with a header"),
    "two columns of a name": (lambda file: replace(file, "note", "ID"), "two of one name"),
    "short row": (lambda file: replace(file, ',,', ','), "row 3 has 3 cells"),
    "no rows": (lambda file: save_text(file, "ID,volume\n"), "has no rows"),
    "no paths": (lambda file: save_text(file, "ID\n0012\n"), "no column of paths"),
    "no file": (lambda file: replace(file, "../data/a.nii", "data/a.nii"), "data/a.nii.gz: is no file"),
    "no path": (lambda file: replace(file, "a_mask.nii.gz,", "a_mask.nii.gz,\"x\",") or replace(file, "mask,", "mask,more,") or
                replace(file, "gz,,", "gz,none,,"), "mask: none: is no file"),
    "path twice": (lambda file: replace(file, "/data/b.nii", "/data/a.nii") or replace(file, "../", f"{file.parent.parent}/"), "has two rows"),
    "missing to pandas": (lambda file: replace(file, "0013", "NA"), "pandas reads 'NA' as missing"),
}


@pytest.mark.parametrize("spoil, pattern", CSV_BAD.values(), ids=CSV_BAD)
def test_flat_csv_finds(tmp_path, spoil, pattern):
    file = make_csv(tmp_path)
    spoil(file)
    check_finds(export_checks.flat_csv(file), pattern)


def test_pandas_misses_what_flat_csv_says_it_does(tmp_path):
    pandas = pytest.importorskip("pandas")
    cells = sorted(export_checks.PANDAS_MISSING - {""})
    save_text(tmp_path / "x.csv", "\n".join(["ID", *cells, "0012", "None"]))
    assert pandas.read_csv(tmp_path / "x.csv", dtype=str).ID.isna().tolist() == [True] * len(cells) + [False] * 2


# Patients

PATIENTS = {"a1": "a", "a2": "a", "b1": "b", "c1": "c", "t1": "t"}


@pytest.mark.parametrize("sides, said", [
    ({"folds": [(["a1", "a2"], ["b1"]), (["b1"], ["a1", "a2"])], "training": ["a1", "a2", "b1"], "test": ["t1"]}, []),
    ({"folds": [(["a1", "b1"], ["a2"])]}, ["fold 0: patient a is in train and in val"]),
    ({"folds": [(["b1"], ["c1"]), (["a1"], ["a2"])]}, ["fold 1: patient a is in train and in val"]),
    ({"training": ["a1", "b1"], "test": ["a2"]}, ["split: patient a is in training and in test"]),
    ({"folds": [(["b1"], ["a1"])], "test": ["a2"]}, ["fold 0: patient a is in train or val and in test"]),
    ({"training": ["x"], "test": ["t1"]}, ["split: x has no patient"]),
])
def test_patients_apart(sides, said):
    assert export_checks.patients_apart(PATIENTS, **sides) == said


def test_folds_are_read_for_patients_apart(tmp_path):
    make_nnunet(tmp_path / "nnunet")
    assert export_checks.nnunet_folds(tmp_path / "nnunet" / SPLITS) == [(["b", "c"], ["a"]), (["a", "b"], ["c"])]
    folder = make_monai(tmp_path / "monai")
    assert export_checks.monai_sets(folder) == ([(["b0.nii.gz"], ["a0.nii.gz", "c0.nii.gz"]), (["a0.nii.gz", "c0.nii.gz"], ["b0.nii.gz"])],
                                                ["a0.nii.gz", "b0.nii.gz", "c0.nii.gz"], ["d0.nii.gz"])
    one_validation(folder)
    assert export_checks.monai_sets(folder)[0] == [(["a0.nii.gz", "b0.nii.gz"], ["c0.nii.gz"])]


@pytest.mark.parametrize("make, check, name", [
    (make_nnunet, export_checks.nnunet, "dataset.json"),
    (make_monai, export_checks.monai, "datalist.json"),
    (make_monai, export_checks.monai, "auto3dseg.yaml"),
    (make_msd, export_checks.msd, "dataset.json"),
    (make_bids, export_checks.bids, "dataset_description.json"),
], ids=["nnunet", "monai", "auto3dseg", "msd", "bids"])
def test_a_value_of_a_wrong_kind_is_a_violation(tmp_path, quick, make, check, name):
    folder = make(tmp_path)
    text = (folder / name).read_text()
    for key in yaml.safe_load(text):
        if key not in ("patient", "Version"):  # free text
            edit(folder / name, **{key: 1.5})
            assert check(folder), key
            save_text(folder / name, text)
