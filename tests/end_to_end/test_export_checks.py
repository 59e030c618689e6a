"""The checks of exported folders find nothing in good ones, and each violation in a folder that has just that one."""

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


def save(path, made=None, mtime=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    content = (image() if made is None else made).to_bytes()
    path.write_bytes(gzip.compress(content, 1, mtime=mtime) if path.name.endswith(".gz") else content)


def save_text(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def edit(path, **changes):
    """Sets top-level keys of a JSON or YAML file; None takes one away."""
    data = yaml.safe_load(path.read_text()) | changes
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


# nnU-Net

NNUNET = "nnUNet_raw/Dataset011_Small"
SPLITS = f"nnUNet_preprocessed/{NNUNET[11:]}/splits_final.json"
REGIONS = {"background": 0, "whole": [1, 2, 3], "core": [2, 3], "enhancing": 3}


def make_nnunet(root):
    folder = root / NNUNET
    for case in "abc":
        for channel in range(2):
            save(folder / f"imagesTr/{case}_{channel:04}.nii.gz")
        save(folder / f"labelsTr/{case}.nii.gz", image(mask(1, 2)))
    for channel in range(2):
        save(folder / f"imagesTs/t_{channel:04}.nii.gz")
    save(folder / "labelsTs/t.nii.gz", image(mask(1)))
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
], ids=["plain", "listed", "regions", "other order", "ignore", "regions and ignore", "sheared", "no tests", "float mask"])
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
    "ITK's reader": (both(shear, change("dataset.json", overwrite_image_reader_writer="SimpleITKIO")), "not orthonormal"),
    "no background": (change("dataset.json", labels={"Bg": 0, "liver": 1, "tumour": 2}), "no \"background\": 0"),
    "background a region": (change("dataset.json", labels={"background": [0], "liver": 1, "tumour": 2}), "no \"background\": 0"),
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
    "listed wrong": (both(list_files, swap("dataset.json", "\"label\": \"elsewhere/masks/a.nii.gz\"", "\"mask\": \"x.nii.gz\"")),
                     "dataset: a: is not", "numTraining", "fold [01]: a in"),
    "listed by an unset variable": (both(list_files, swap("dataset.json", "$NNUNET_TEST_FOLDER", "$NNUNET_NO_FOLDER")),
                                    "not set", "c_0000.nii.gz: is missing"),
    "listed with another ending": (both(list_files, move("elsewhere/a_0000.nii.gz", "elsewhere/a_0000.mha"),
                                        swap("dataset.json", "a_0000.nii.gz", "a_0000.mha")), "does not end in", "cannot be read"),
    "listed count": (both(list_files, change("dataset.json", numTraining=2)), "numTraining is 2"),
}


@pytest.mark.parametrize("spoil, patterns", [(spoil, patterns) for spoil, *patterns in NNUNET_BAD.values()], ids=NNUNET_BAD)
def test_nnunet_finds(tmp_path, spoil, patterns):
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
def test_nnunet_finds_in_splits_final(tmp_path, text, pattern):
    folder = make_nnunet(tmp_path)
    save_text(tmp_path / SPLITS, text)
    check_finds(export_checks.nnunet(folder, tmp_path / SPLITS), pattern)


def test_splits_final_lies_where_nnunet_looks(tmp_path):
    folder = make_nnunet(tmp_path)
    other = (tmp_path / SPLITS).rename(tmp_path / "splits_final.json")
    check_finds(export_checks.nnunet(folder, other), "nnU-Net looks for nnUNet_preprocessed/Dataset011_Small/splits_final.json")


# MONAI

def make_monai(folder):
    items = []
    for number, case in enumerate("abcd"):
        for channel in range(2):
            save(folder / f"{case}{channel}.nii.gz")
        save(folder / f"{case}_mask.nii.gz", image(mask(1, 2)))
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
    change("auto3dseg.yaml", class_names=[{"name": "liver", "index": [1, 2]}, {"name": "tumour", "index": [2]}], multigpu=True),
    both(*(item(number, image=f"{case}0.nii.gz") for number, case in enumerate("abc")),
         change("datalist.json", testing=None, test=["d0.nii.gz"], numTest=1)),
], ids=["folds", "validation", "absolute", "class_names with index", "test of paths"])
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
def test_monai_finds(tmp_path, spoil, patterns):
    folder = make_monai(tmp_path)
    spoil(folder)
    check_finds(export_checks.monai(folder), *patterns)


# Decathlon

def make_msd(root):
    folder = root / "Task11_Small"
    for case in "ab":
        save(folder / f"imagesTr/{case}.nii.gz")
        save(folder / f"labelsTr/{case}.nii.gz", image(mask(1)))
    save(folder / "imagesTs/t.nii.gz")
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
def test_msd_finds(tmp_path, spoil, patterns):
    folder = make_msd(tmp_path)
    spoil(folder)
    check_finds(export_checks.msd(folder if folder.exists() else next(tmp_path.iterdir())), *patterns)
