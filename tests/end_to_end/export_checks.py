"""What each export format demands, checked from the format's own rules on an exported folder.

    nnunet(folder, splits_final=None)   nnU-Net v2, a DatasetXXX_Name folder of nnUNet_raw
    monai(folder)                       datalist.json and auto3dseg.yaml
    msd(folder)                         a TaskXX_Name folder of the Medical Segmentation Decathlon
    bids(folder)                        a raw BIDS dataset and the derivatives in it
    flat_csv(file)                      one CSV of samples
    patients_apart(patient_of, ...)     no patient on both sides of a split

Each lists all violations as texts, and nothing where all is well. Nothing here knows how nicohort writes the files. The rules were
read in November 2026 from

    nnU-Net     MIC-DKFZ/nnUNet 0e49508: documentation/, nnunetv2/experiment_planning/verify_dataset_integrity.py, utilities/, imageio/
    MONAI       Project-MONAI/MONAI d388d1c: monai/data/decathlon_datalist.py, apps/auto3dseg/, auto3dseg/, data/image_reader.py
    Auto3DSeg   Project-MONAI/research-contributions: auto3dseg/algorithm_templates/segresnet/scripts/algo.py
    BIDS        bids-standard/bids-specification 4523097 (1.11.2-dev): src/schema/, src/*.md; bids-standard/bids-validator 01b59f6
    ITK         Modules/IO/NIFTI/src/itkNiftiImageIO.cxx (5.3 and later)
"""

import collections
import csv
import gzip
import itertools
import json
import os
import pathlib
import re

import nibabel
import numpy as np
import yaml


# Files

class Unreadable(Exception):
    pass


def read_text(path):
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Unreadable("is not UTF-8") from error


def read_json(path):
    """JSON as the standard has it: no key twice (Python would keep the last), no NaN, no byte order mark."""

    def unique(pairs):
        twice = [key for key, count in collections.Counter(key for key, _ in pairs).items() if count > 1]
        if twice:
            raise Unreadable(f"has the key {twice[0]!r} twice")
        return dict(pairs)

    def no_constant(name):
        raise Unreadable(f"has {name}, which is not JSON")

    try:
        return json.loads(read_text(path), object_pairs_hook=unique, parse_constant=no_constant)
    except ValueError as error:
        raise Unreadable(f"is not JSON: {error}") from error


def json_object(path, name, said):
    """The object in a JSON file; None, and said, where there is none."""
    try:
        value = read_json(path)
    except Unreadable as error:
        said.append(f"{name}: {error}")
        return None
    if not isinstance(value, dict):
        said.append(f"{name}: is not a JSON object")
        return None
    return value


def is_int(value):
    return isinstance(value, int) and not isinstance(value, bool)


def is_text(value):
    return isinstance(value, str) and value.strip() != ""


def twice(values):
    return [value for value, count in collections.Counter(values).items() if count > 1]


def list_of(data, key):
    """The list of a key, none where it is missing or something else."""
    return data[key] if isinstance(data.get(key), list) else []


def files_in(folder):
    return sorted(path for path in folder.iterdir() if not path.is_dir()) if folder.is_dir() else []


# Images

def load(path, name, said):
    """The image, with the values of its voxels as .voxels; None, and said, where it cannot be read."""
    if not path.is_file():
        said.append(f"{name}: is missing")
        return None
    try:
        image = nibabel.load(path)
        image.voxels = np.asanyarray(image.dataobj)
    except Exception as error:  # whatever nibabel and gzip have for damaged files
        said.append(f"{name}: cannot be read: {error}")
        return None
    return image


def has_nan(image):
    return image.voxels.dtype.kind == "f" and bool(np.isnan(image.voxels).any())


def same_grid(image, other, name, what, said):
    """Equal shape, spacing and affine; `what` says which file `other` is."""
    if image.shape[:3] != other.shape[:3]:
        said.append(f"{name}: has the shape {image.shape[:3]}, but {what} {other.shape[:3]}")
    elif not np.allclose(image.header.get_zooms()[:3], other.header.get_zooms()[:3]):
        said.append(f"{name}: has the spacing {image.header.get_zooms()[:3]}, but {what} {other.header.get_zooms()[:3]}")
    elif not np.allclose(image.affine, other.affine, atol=1e-4):
        said.append(f"{name}: lies elsewhere than {what}: their affines differ")


def check_labels(image, name, expected, said):
    """A mask holds integers of `expected` and no NaN."""
    if has_nan(image):
        said.append(f"{name}: has NaN voxels")
        return
    odd = sorted(set(np.unique(image.voxels).tolist()) - set(expected))
    if odd:
        said.append(f"{name}: has the labels {odd[:5]}, which dataset.json does not name")


def check_itk(image, name, said):
    """ITK opens the file and sees the same place as nibabel.

    SetImageIOOrientationFromNIfTI takes the sform where its direction columns are orthonormal (R R' is the identity up to 1e-4), else
    the qform if its code is not 0, else it throws "ITK only supports orthonormal direction cosines". Where it takes the qform of a
    sheared sform, it reads another geometry without a word, which counts as a violation here too.
    """
    header = image.header
    if int(header["sform_code"]) == 0:
        return  # the qform is a rotation by construction; with neither code ITK takes the identity
    sform = image.get_sform()
    rotation = sform[:3, :3] / np.linalg.norm(sform[:3, :3], axis=0)
    orthonormal = np.allclose(rotation @ rotation.T, np.eye(3), rtol=0, atol=1e-4)
    if int(header["qform_code"]) == 0:
        if not orthonormal:
            said.append(f"{name}: has directions that are not orthonormal and no qform: ITK cannot open it")
        return
    if not orthonormal:
        said.append(f"{name}: has directions that are not orthonormal: ITK reads the qform instead, nibabel the sform")
        return
    corners = np.array([[*corner, 1] for corner in itertools.product(*((0, size - 1) for size in image.shape[:3]))])
    apart = np.linalg.norm((corners @ (sform - image.get_qform()).T)[:, :3], axis=1).max()
    if apart > 0.5 * min(header.get_zooms()[:3]) and int(header["sform_code"]) != 1:
        said.append(f"{name}: has a qform {apart:.3g} mm apart from its sform: ITK reads the one, nibabel the other")


# nnU-Net v2

NIBABEL_READERS = {"NibabelIO", "NibabelIOWithReorient"}
ITK_READERS = {"SimpleITKIO", "SimpleITKIOWithReorient"}


def check_nnunet_labels(data, said):
    """All values that a segmentation may have, ignore included.

    LabelManager (utilities/label_handling/label_handling.py), verify_dataset_integrity, documentation/region_based_training.md and
    ignore_label.md. Regions are overwritten in the order of regions_class_order: the i-th region, in the order of the file, paints its
    i-th number. So a voxel of label v becomes the number of the last region that has v, which must be v itself.
    """
    labels = data.get("labels")
    if not isinstance(labels, dict) or not labels:
        said.append("dataset.json: labels is not an object of names")
        return set()
    values = {}
    for name, value in labels.items():
        listed = value if isinstance(value, list) else [value]
        if not listed or not all(is_int(number) and number >= 0 for number in listed):
            said.append(f"dataset.json: the label {name!r} is {json.dumps(value)}, not a number from 0 or a list of such")
            continue
        if twice(listed):
            said.append(f"dataset.json: the label {name!r} lists {twice(listed)[0]} twice")
        values[name] = listed
    if labels.get("background") != 0 or not is_int(labels.get("background")):
        said.append("dataset.json: labels has no \"background\": 0")

    ignore = labels.get("ignore")
    numbers = sorted({number for name, listed in values.items() if name != "ignore" for number in listed})
    if numbers and numbers != list(range(numbers[-1] + 1)):
        said.append(f"dataset.json: labels are not consecutive from 0: {numbers}")
    if ignore is not None:
        if not is_int(ignore):
            said.append(f"dataset.json: ignore is {json.dumps(ignore)}, not one number")
        elif not numbers or ignore != numbers[-1] + 1:
            said.append(f"dataset.json: ignore is {ignore}, not the highest label plus 1")

    order = data.get("regions_class_order")
    regions = {name: listed for name, listed in values.items() if name != "ignore" and set(listed) != {0}}
    if not any(len(listed) > 1 for listed in regions.values()):
        if order is not None:
            said.append("dataset.json: regions_class_order without a label of several numbers: nnU-Net would train no regions")
        for number in twice(listed[0] for name, listed in values.items() if name != "ignore"):
            said.append(f"dataset.json: two labels are {number}")
    elif not isinstance(order, list) or not all(map(is_int, order)):
        said.append("dataset.json: labels of several numbers need regions_class_order, a list of one number a region")
    elif len(order) != len(regions):
        said.append(f"dataset.json: regions_class_order has {len(order)} numbers for {len(regions)} regions")
    else:
        for name, listed in regions.items():
            if 0 in listed:
                said.append(f"dataset.json: the region {name!r} has the background in it")
        for one, other in itertools.combinations(regions, 2):
            if set(regions[one]) == set(regions[other]):
                said.append(f"dataset.json: the regions {one!r} and {other!r} are the same")
        for number in numbers[1:]:
            painted = [paint for paint, listed in zip(order, regions.values()) if number in listed]
            if painted[-1:] != [number]:
                become = painted[-1] if painted else 0
                said.append(f"dataset.json: regions_class_order turns label {number} into {become}")
        if set(order) - set(numbers):
            said.append(f"dataset.json: regions_class_order has {sorted(set(order) - set(numbers))}, which are no labels")
    return set(numbers) | ({ignore} if is_int(ignore) else set())


def nnunet_channels(folder, part, ending, channels, said):
    """case -> its files in the order of the channels, of imagesTr or imagesTs.

    utilities/utils.py: a case is the name without ending and 5 more characters; its channels are the files {case}_dddd{ending}.
    documentation/dataset_format.md: all channels, in the same order, every time.
    """
    cases = collections.defaultdict(dict)
    for path in files_in(folder / part):
        match = re.fullmatch(r"(.+)_(\d{4})" + re.escape(ending), path.name, re.DOTALL)
        if match is None:
            said.append(f"{part}/{path.name}: is not named CASE_CCCC{ending} with a channel of four digits")
        else:
            cases[match[1]][int(match[2])] = path
    for case, files in sorted(cases.items()):
        if sorted(files) != list(range(channels)):
            said.append(f"{part}/{case}: has the channels {sorted(files)}, not the {channels} of channel_names")
    return {case: [files[channel] for channel in sorted(files)] for case, files in sorted(cases.items())}


def nnunet_listed(folder, dataset, ending, said):
    """case -> (images, label) of the `dataset` key; $NAME is the environment's, other paths are relative to the folder."""
    if not isinstance(dataset, dict):
        said.append("dataset.json: dataset is not an object of cases")
        return {}

    def resolve(text):
        expanded = os.path.expandvars(text)
        if "$" in expanded:
            said.append(f"dataset.json: {text}: names an environment variable that is not set")
        if not expanded.endswith(ending):
            said.append(f"dataset.json: {text}: does not end in {ending}")
        return folder / expanded

    cases = {}
    for case, files in dataset.items():
        images, label = (files.get("images"), files.get("label")) if isinstance(files, dict) else (None, None)
        if not isinstance(images, list) or not images or not all(map(is_text, images)) or not is_text(label):
            said.append(f"dataset.json: dataset: {case}: is not {{\"images\": [paths], \"label\": path}}")
            continue
        if not case or "/" in case:
            said.append(f"dataset.json: dataset: {case!r}: cannot be a file's name, which nnU-Net makes of it")
        cases[case] = ([resolve(image) for image in images], resolve(label))
    return cases


def check_nnunet_case(name, paths, label_path, channels, labels, itk, said):
    """check_cases and verify_labels of verify_dataset_integrity, and what the readers in imageio/ refuse."""
    if len(paths) != channels:
        said.append(f"{name}: has {len(paths)} images for {channels} channels")
    first = None
    for path in [*paths, *([label_path] if label_path else [])]:
        file = f"{name}: {path.name}"
        image = load(path, file, said)
        if image is None:
            continue
        if image.ndim != 3:
            said.append(f"{file}: has {image.ndim} dimensions, not 3")
            continue
        if image.voxels.dtype.kind not in "iufb":
            said.append(f"{file}: has voxels that are not numbers: {image.voxels.dtype}")
            continue
        if itk:
            check_itk(image, file, said)
        if path == label_path:
            check_labels(image, file, labels, said)
        elif has_nan(image):
            said.append(f"{file}: has NaN voxels")
        if first is None:
            first = image
        else:
            same_grid(image, first, file, "its first channel", said)


def nnunet(folder, splits_final=None):
    """nnU-Net v2: `folder` is nnUNet_raw/DatasetXXX_Name, `splits_final` the splits_final.json for it, if there is one.

    documentation/dataset_format.md and reference/dataset-format.md (names, keys), utilities/dataset_name_id_conversion.py (the
    number), verify_dataset_integrity (all of its checks, its warnings on affines included), imageio/reader_writer_registry.py
    (file_ending decides the reader). Stricter than nnU-Net where it loses data without a word: files in the folders that it does
    not read, case names that differ only in case, a case in training and test.
    """
    folder, said = pathlib.Path(folder), []
    match = re.fullmatch(r"Dataset(\d{3})_(.+)", folder.name)
    if match is None:
        said.append(f"{folder.name}: is not named DatasetXXX_Name with a number of three digits")
    else:
        if int(match[1]) <= 10:
            said.append(f"{folder.name}: numbers 001 to 010 are the Decathlon's, 000 is none")
        for other in folder.resolve().parent.glob(f"Dataset{match[1]}*"):
            if other.is_dir() and other.name != folder.name:
                said.append(f"{folder.name}: {other.name} has the same number")

    data = json_object(folder / "dataset.json", "dataset.json", said)
    if data is None:
        return said
    for key in ("channel_names", "labels", "numTraining", "file_ending"):
        if key not in data:
            said.append(f"dataset.json: has no {key}")
    names = data.get("channel_names")
    if not isinstance(names, dict) or list(names) != [str(channel) for channel in range(len(names))] or not names or \
            not all(map(is_text, names.values())):
        said.append("dataset.json: channel_names is not {\"0\": name, \"1\": name, ...}")
    channels = len(names) if isinstance(names, dict) else 0
    ending = data.get("file_ending")
    reader = data.get("overwrite_image_reader_writer", "None")
    if ending not in (".nii.gz", ".nii"):
        said.append(f"dataset.json: file_ending is {json.dumps(ending)}, not .nii.gz or .nii")
        return said
    reader = reader if isinstance(reader, str) else json.dumps(reader)
    if reader not in NIBABEL_READERS | ITK_READERS | {"None"}:
        said.append(f"dataset.json: overwrite_image_reader_writer is {reader}, which nnU-Net does not have")
    if reader in ITK_READERS and ending == ".nii":
        said.append(f"dataset.json: {reader} reads no .nii")
    itk = reader not in NIBABEL_READERS and ending == ".nii.gz"  # .nii without an override is NibabelIO's
    labels = check_nnunet_labels(data, said)

    if "dataset" in data:
        cases = nnunet_listed(folder, data["dataset"], ending, said)
    else:
        for part in ("imagesTr", "labelsTr"):
            if not (folder / part).is_dir():
                said.append(f"{part}: is missing")
        images = nnunet_channels(folder, "imagesTr", ending, channels, said)
        masks = {path.name[:-len(ending)] if path.name.endswith(ending) else path.name: path for path in files_in(folder / "labelsTr")}
        for case in sorted(set(masks) - set(images)):
            said.append(f"labelsTr/{masks[case].name}: belongs to no case of imagesTr")
        cases = {case: (files, folder / "labelsTr" / (case + ending)) for case, files in images.items()}
    if not cases:
        said.append("no training case")
    if data.get("numTraining") != len(cases) or not is_int(data.get("numTraining")):
        said.append(f"dataset.json: numTraining is {json.dumps(data.get('numTraining'))}, but there are {len(cases)} training cases")
    tests = nnunet_channels(folder, "imagesTs", ending, channels, said)
    for path in files_in(folder / "labelsTs"):
        if not path.name.endswith(ending) or path.name[:-len(ending)] not in tests:
            said.append(f"labelsTs/{path.name}: belongs to no case of imagesTs")
    for case in sorted(set(cases) & set(tests)):
        said.append(f"{case}: is a training case and a test case")
    for case in twice(case.casefold() for case in cases):
        said.append(f"{case}: two cases differ only in upper and lower case")

    for case, (files, label) in cases.items():
        check_nnunet_case(case, files, label, channels, labels, itk, said)
    for case, files in tests.items():
        label = folder / "labelsTs" / (case + ending)
        check_nnunet_case(f"imagesTs: {case}", files, label if label.exists() else None, channels, labels, itk, said)
    if splits_final is not None:
        check_splits_final(pathlib.Path(splits_final), folder.name, set(cases), said)
    fingerprint = folder.resolve().parent / "nnUNet_preprocessed" / folder.name / "dataset_fingerprint.json"
    if fingerprint.exists():
        check_fingerprint(fingerprint, [cases[case] for case in sorted(cases)], reader.endswith("WithReorient"), said)
    return said


INTENSITIES = ("max", "mean", "median", "min", "percentile_00_5", "percentile_99_5", "std")


def check_fingerprint(path, cases, reorients, said):
    """DatasetFingerprintExtractor.run, for cases of (images, label) in the order of their names, but with all voxels of each case in
    place of random ones: mean, standard deviation, least and highest value have to agree, percentiles nearly."""
    name = path.name
    data = json_object(path, name, said)
    if data is None:
        return
    missing = {"spacings", "shapes_after_crop", "foreground_intensity_properties_per_channel", "median_relative_size_after_cropping"} - set(data)
    if missing:
        said.append(f"{name}: has no {', '.join(sorted(missing))}")
        return
    spacings, shapes, shares, values = [], [], [], collections.defaultdict(list)
    for images, label in cases:
        loaded = [load(image, f"{name}: {image.name}", []) for image in [*images, label]]
        if not all(image is not None and image.ndim == 3 for image in loaded):
            return  # said elsewhere
        if len({image.shape for image in loaded}) > 1:
            return
        *volumes, mask = [image.voxels for image in loaded]
        for channel, volume in enumerate(volumes):
            values[str(channel)].append(volume[mask > 0].astype(float))
        nonzero = np.argwhere(np.any([volume != 0 for volume in volumes], axis=0))
        shape = nonzero.max(axis=0) - nonzero.min(axis=0) + 1 if len(nonzero) else np.array(volumes[0].shape)
        shares.append(np.prod(shape / volumes[0].shape))
        axes = np.argsort(nibabel.orientations.io_orientation(loaded[0].affine)[:, 0])[::-1] if reorients else [2, 1, 0]
        shapes.append([int(shape[axis]) for axis in axes])
        spacings.append([float(loaded[0].header.get_zooms()[axis]) for axis in axes])
    if data["shapes_after_crop"] != shapes:
        said.append(f"{name}: shapes_after_crop is {data['shapes_after_crop']}, not {shapes}")
    if np.shape(data["spacings"]) != np.shape(spacings) or not np.allclose(data["spacings"], spacings):
        said.append(f"{name}: spacings is {data['spacings']}, not {spacings}")
    if not np.isclose(data["median_relative_size_after_cropping"], np.median(shares)):
        said.append(f"{name}: median_relative_size_after_cropping is {data['median_relative_size_after_cropping']}, not {np.median(shares)}")
    found = data["foreground_intensity_properties_per_channel"]
    if list(found) != list(values):
        said.append(f"{name}: has the channels {list(found)}, not {list(values)}")
        return
    for channel, of_cases in values.items():
        check_intensities(found[channel], [one for one in of_cases if len(one)], f"{name}: channel {channel}", said)


def check_intensities(found, cases, name, said):
    if sorted(found) != sorted(INTENSITIES) or not all(isinstance(value, (int, float)) for value in found.values()):
        said.append(f"{name}: does not have the numbers {', '.join(INTENSITIES)}")
        return
    mean = np.mean([case.mean() for case in cases])
    for key, value in (("mean", mean), ("std", np.sqrt(np.mean([case.var() + (case.mean() - mean) ** 2 for case in cases]))),
                       ("min", min(map(np.min, cases))), ("max", max(map(np.max, cases)))):
        if not np.isclose(found[key], value):
            said.append(f"{name}: {key} is {found[key]}, not {value}")
    values = np.concatenate(cases)
    order = np.argsort(values)
    shares = np.cumsum(np.concatenate([np.full(len(case), 1 / len(case) / len(cases)) for case in cases])[order])
    near = max(0.005, 1 / min(map(len, cases)))  # a voxel more or less
    for key, share in (("percentile_00_5", 0.005), ("median", 0.5), ("percentile_99_5", 0.995)):
        low, high = (values[order][min(np.searchsorted(shares, share + apart), len(values) - 1)] for apart in (-near, near))
        low, high = values[values < low].max(initial=values.min()), values[values > high].min(initial=values.max())  # between two is anything
        if not low <= found[key] <= high:
            said.append(f"{name}: {key} is {found[key]}, not from {low} to {high}")


def check_splits_final(path, dataset, cases, said):
    """documentation/manual_data_splits.md and nnUNetTrainer.do_split: [{"train": [cases], "val": [cases]}, ...] in
    nnUNet_preprocessed/DatasetXXX_Name (or, newer, in the raw folder, from where ExperimentPlanner copies it)."""
    if path.name != "splits_final.json" or path.resolve().parent.name != dataset:
        said.append(f"{path.name}: nnU-Net looks for nnUNet_preprocessed/{dataset}/splits_final.json")
    try:
        folds = read_json(path)
    except Unreadable as error:
        said.append(f"splits_final.json: {error}")
        return
    if not isinstance(folds, list) or not folds:
        said.append("splits_final.json: is not a list of folds")
        return
    seen = {}
    for number, fold in enumerate(folds):
        name = f"splits_final.json: fold {number}"
        sides = [fold.get(side) for side in ("train", "val")] if isinstance(fold, dict) else [None]
        if not all(isinstance(side, list) and all(map(is_text, side)) for side in sides):
            said.append(f"{name}: is not {{\"train\": [cases], \"val\": [cases]}}")
            continue
        train, val = sides
        for side, members in (("train", train), ("val", val)):
            if not members:
                said.append(f"{name}: {side} is empty")
            for case in twice(members):
                said.append(f"{name}: {case} is in {side} twice")
            for case in sorted(set(members) - cases):
                said.append(f"{name}: {case} in {side} is no training case")
        for case in sorted(set(train) & set(val)):
            said.append(f"{name}: {case} is in train and in val")
        for case in sorted(set(val)):
            if case in seen:
                said.append(f"{name}: {case} is in val of fold {seen[case]} too")
            seen.setdefault(case, number)


def nnunet_folds(splits_final):
    """(train, val) of each fold, for patients_apart."""
    return [(fold["train"], fold["val"]) for fold in read_json(pathlib.Path(splits_final))]


# MONAI

def check_label_names(labels, where, said):
    """{"0": name, "1": name, ...} as in the Decathlon's dataset.json; its numbers."""
    if not isinstance(labels, dict) or not labels or not all(map(is_text, labels.values())):
        said.append(f"{where}: labels is not {{\"0\": name, \"1\": name, ...}}")
        return set()
    if list(labels) != [str(number) for number in range(len(labels))]:
        said.append(f"{where}: labels are not numbered from \"0\" on: {list(labels)}")
    for name in twice(labels.values()):
        said.append(f"{where}: two labels are named {name!r}")
    return {int(number) for number in labels if re.fullmatch(r"\d+", number)}


def monai_items(data, key, folder, said):
    """The dictionaries of one list of the datalist; of "test" the Decathlon's bare paths too."""
    items = data.get(key, [])
    if not isinstance(items, list):
        said.append(f"datalist.json: {key}: is not a list")
        return []
    if key in data and not items and key == "test":
        said.append("datalist.json: test: is empty, which load_decathlon_datalist cannot read: leave it out")
    if key == "test" and items and not isinstance(items[0], dict):
        items = [{"image": item} for item in items]
    found = []
    for number, item in enumerate(items):
        name = f"datalist.json: {key}[{number}]"
        if not isinstance(item, dict):
            said.append(f"{name}: is not an object")
            continue
        image, label, labelled = item.get("image"), item.get("label"), key in ("training", "validation")
        if not is_text(image) and not (isinstance(image, list) and image and all(map(is_text, image))):
            said.append(f"{name}: image is not a path or a list of paths")
        elif not is_text(label) and (labelled or "label" in item):
            said.append(f"{name}: label is not a path")
        else:
            found.append((name, item))
        for field, value in item.items():
            if isinstance(value, list) and not all(isinstance(part, str) for part in value):
                said.append(f"{name}: {field} lists what is not text, which datafold_read takes for paths")
            elif field not in ("image", "label") and is_text(value) and (folder / value).exists():
                said.append(f"{name}: {field} {value!r} names a file, so that load_decathlon_datalist makes a path of it")
    return found


def check_monai_folds(data, items, said):
    """AutoRunner.inspect_datalist_folds and datafold_read, where `fold == k` is the validation of fold k."""
    folds = [item["fold"] for _, item in items if "fold" in item]
    validation = list_of(data, "validation")
    if not all(is_int(fold) and fold >= 0 for fold in folds):
        said.append("datalist.json: training: a fold is not a number from 0")
    elif folds:
        if sorted(set(folds)) != list(range(max(folds) + 1)):
            said.append(f"datalist.json: training: the folds are not 0 to n - 1: {sorted(set(folds))}")
        if len(folds) < len(items):
            said.append(f"datalist.json: training: {len(items) - len(folds)} items have no fold, the others have")
        elif len(set(folds)) == 1:
            said.append("datalist.json: training: all items are of one fold, whose training set is empty")
        if validation:
            said.append("datalist.json: validation: is not read by AutoRunner where training has folds")
    elif not validation and len(items) < 5:
        said.append(f"datalist.json: training: {len(items)} items without folds, too few for the 5 that AutoRunner draws")


def check_monai_images(name, item, root, said):
    """What LoadImaged and DataAnalyzer need of one item: (number of channels, label values) or None.

    image_reader.py: channels in several files have one shape and one affine. EnsureSameShaped resizes a label of another shape
    without a word if it is at most 5 voxels off; DataAnalyzer leaves others out.
    """
    paths = item["image"] if isinstance(item["image"], list) else [item["image"]]
    images = [load(root / path, f"{name}: {path}", said) for path in paths]
    for path, image in zip(paths, images):
        if image is not None and has_nan(image):
            said.append(f"{name}: {path}: has NaN voxels")
    first = images[0]
    if first is None:
        return None
    for path, image in zip(paths[1:], images[1:]):
        if image is not None:
            same_grid(image, first, f"{name}: {path}", "its first channel", said)
    if first.ndim > 3 and len(paths) > 1:
        said.append(f"{name}: several files of which one has {first.ndim} dimensions")
    found = set()
    if "label" in item:
        label = load(root / item["label"], f"{name}: {item['label']}", said)
        if label is None:
            return None
        same_grid(label, first, f"{name}: {item['label']}", "its image", said)
        found = set(np.unique(label.voxels).tolist())
        if label.ndim != 3:
            said.append(f"{name}: {item['label']}: has {label.ndim} dimensions, not 3")
        if not all(float(value).is_integer() for value in found):
            said.append(f"{name}: {item['label']}: has voxels that are no whole numbers")
    return (first.shape[3] if first.ndim > 3 else len(paths)), found


def monai(folder):
    """MONAI: `folder` has datalist.json, read by load_decathlon_datalist (paths relative to the file), and auto3dseg.yaml, the input
    of Auto3DSeg's AutoRunner and DataAnalyzer (paths relative to its dataroot).

    Labels must be 0 to n - 1 over the training set, since algo.py of the templates counts them for the number of classes.
    """
    folder, said = pathlib.Path(folder), []
    data = json_object(folder / "datalist.json", "datalist.json", said)
    settings = check_auto3dseg(folder, data or {}, said)
    if data is None:
        return said
    if not list_of(data, "training"):
        said.append("datalist.json: training: is missing or empty")
    if "test" in data and data["test"] == data.get("testing"):  # Auto3DSeg looks for the one, others for the other
        del data["testing"]
    lists = {key: monai_items(data, key, folder, said) for key in ("training", "validation", "test", "testing")}
    check_monai_folds(data, lists["training"], said)

    files = collections.defaultdict(list)
    channels, values = {}, collections.defaultdict(set)
    for key, items in lists.items():
        for name, item in items:
            for path in item["image"] if isinstance(item["image"], list) else [item["image"]]:
                files[os.path.normpath(folder / path)].append(name)
            found = check_monai_images(name, item, folder, said)
            if found is not None:
                channels[name] = found[0]
                values[key] |= found[1]
    for path, names in files.items():
        if len(names) > 1:
            said.append(f"{names[1]}: its image {os.path.basename(path)} is that of {names[0]} too")
    if len(set(channels.values())) > 1:
        said.append(f"datalist.json: the items have different numbers of channels: {sorted(set(channels.values()))}")
    trained = values["training"] | values["validation"]
    if trained and trained != set(range(len(trained))):
        said.append(f"datalist.json: the labels in the files are not 0 to n - 1: {sorted(trained)[:10]}")

    if "labels" in data:
        odd = set().union(*values.values()) - check_label_names(data["labels"], "datalist.json", said)
        if odd:
            said.append(f"datalist.json: labels does not name {sorted(odd)}, which the files have")
    if (folder / "dataset_fingerprint.json").exists():
        cases = sorted([*lists["training"], *lists["validation"]], key=lambda named: named[1].get("ID", ""))
        check_fingerprint(folder / "dataset_fingerprint.json",
                          [([folder / path for path in ([item["image"]] if is_text(item["image"]) else item["image"])], folder / item["label"])
                           for _, item in cases], False, said)
    for count, keys in (("numTraining", ["training"]), ("numTest", ["test", "testing"])):
        number = sum(len(list_of(data, key)) for key in keys)
        if count in data and data[count] != number:
            said.append(f"datalist.json: {count} is {data[count]}, but there are {number}")
    if settings is not None and is_text(settings.get("dataroot")):
        root = folder / settings["dataroot"]
        for name, item in itertools.chain(*lists.values()):
            for path in [*(item["image"] if isinstance(item["image"], list) else [item["image"]]),
                         *([item["label"]] if "label" in item else [])]:
                if not (root / path).is_file():
                    said.append(f"{name}: {path}: is missing below the dataroot of auto3dseg.yaml")
    return said


def check_auto3dseg(folder, data, said):
    """AutoRunner.__init__: datalist, dataroot and modality are required and datalist must exist (relative: to where it is started, taken
    for the folder here). algo.py: the modality has "ct" or "mr" in it; class_names are texts, one a foreground label (as the
    metrics are), or {name, index: [labels]}."""
    try:
        settings = yaml.safe_load(read_text(folder / "auto3dseg.yaml"))
    except (Unreadable, yaml.YAMLError) as error:
        said.append(f"auto3dseg.yaml: {error}")
        return None
    if not isinstance(settings, dict):
        said.append("auto3dseg.yaml: is not a mapping")
        return None
    for key in ("modality", "datalist", "dataroot"):
        if not is_text(settings.get(key)):
            said.append(f"auto3dseg.yaml: {key}: is missing or no text")
    if is_text(settings.get("modality")) and not re.search("ct|mr", settings["modality"].lower()):
        said.append(f"auto3dseg.yaml: modality: {settings['modality']} is neither CT nor MRI")
    if is_text(settings.get("datalist")):
        datalist = folder / settings["datalist"]
        if not datalist.is_file() or not datalist.samefile(folder / "datalist.json"):
            said.append(f"auto3dseg.yaml: datalist: {settings['datalist']} is not datalist.json")
    if is_text(settings.get("dataroot")) and not (folder / settings["dataroot"]).is_dir():
        said.append(f"auto3dseg.yaml: dataroot: {settings['dataroot']} is no folder")
    if not isinstance(settings.get("multigpu", False), bool):
        said.append("auto3dseg.yaml: multigpu: is not true or false")

    classes = settings.get("class_names")
    labels = len(data["labels"]) if isinstance(data.get("labels"), dict) else None
    if classes is None:
        return settings
    if isinstance(classes, list) and classes and all(map(is_text, classes)):
        if twice(classes):
            said.append(f"auto3dseg.yaml: class_names: {twice(classes)[0]} is named twice")
        if labels is not None and len(classes) != labels - 1:
            said.append(f"auto3dseg.yaml: class_names: {len(classes)} names for {labels - 1} labels besides the background")
    elif isinstance(classes, list) and classes and all(
            isinstance(one, dict) and is_text(one.get("name")) and isinstance(one.get("index"), list) and one["index"]
            and all(map(is_int, one["index"])) for one in classes):
        for one in classes:
            if labels is not None and not set(one["index"]) <= set(range(labels)):
                said.append(f"auto3dseg.yaml: class_names: {one['name']} has an index that is no label")
    else:
        said.append("auto3dseg.yaml: class_names: is not a list of names, nor of {name, index: [labels]}")
    return settings


def monai_sets(folder):
    """(folds, training, test) of the labels' paths, for patients_apart: a case is the path of its image (the first of several)."""
    data = read_json(pathlib.Path(folder) / "datalist.json")

    def images(items):
        paths = [item["image"] if isinstance(item, dict) else item for item in items]
        return [path[0] if isinstance(path, list) else path for path in paths]

    training = data.get("training", [])
    numbers = sorted({item["fold"] for item in training if "fold" in item})
    folds = [(images(item for item in training if item.get("fold") != number),
              images(item for item in training if item.get("fold") == number)) for number in numbers]
    if data.get("validation"):
        folds.append((images(training), images(data["validation"])))
    test = images([*data.get("test", []), *data.get("testing", [])])
    return folds, images([*training, *data.get("validation", [])]), test


# Medical Segmentation Decathlon

def msd(folder):
    """The Decathlon's dataset.json, as load_decathlon_properties (monai/apps/datasets.py: DecathlonDataset) and load_decathlon_datalist
    read it, in a folder that nnUNetv2_convert_MSD_dataset takes (dataset_conversion/convert_MSD_dataset.py): TaskXX_Name split at one
    underscore, imagesTr, imagesTs and labelsTr, labels int -> name, which it turns round, and one file a case, 4-D for channels.
    """
    folder, said = pathlib.Path(folder), []
    if re.fullmatch(r"Task\d+_[^_]+", folder.name) is None:
        said.append(f"{folder.name}: is not named TaskXX_Name with one underscore")
    files = {}
    for part in ("imagesTr", "imagesTs", "labelsTr"):
        if not (folder / part).is_dir():
            said.append(f"{part}: is missing")
        for path in files_in(folder / part):
            if not path.name.endswith(".nii.gz") or path.name[0] in "._":
                said.append(f"{part}/{path.name}: is passed over: it does not end in .nii.gz, or starts with . or _")
        files[part] = {f"{part}/{path.name}" for path in files_in(folder / part)}

    data = json_object(folder / "dataset.json", "dataset.json", said)
    if data is None:
        return said
    for key in ("name", "description", "reference", "licence", "release", "tensorImageSize"):
        if not isinstance(data.get(key), str):
            said.append(f"dataset.json: {key} is missing or no text")
    labels = check_label_names(data.get("labels"), "dataset.json", said)
    if labels and data["labels"].get("0") != "background":
        said.append(f"dataset.json: label 0 is {data['labels'].get('0')!r}, not \"background\", which nnU-Net demands")
    modality = data.get("modality")
    if not isinstance(modality, dict) or not modality or list(modality) != [str(number) for number in range(len(modality))] or \
            not all(map(is_text, modality.values())):
        said.append("dataset.json: modality is not {\"0\": name, ...}")
    channels = len(modality) if isinstance(modality, dict) else 1
    size = "4D" if channels > 1 else "3D"
    if data.get("tensorImageSize") not in (size, None):
        said.append(f"dataset.json: tensorImageSize is {data['tensorImageSize']!r}, but {channels} channels make {size}")

    listed = collections.defaultdict(list)

    def listed_file(text, part, where):
        match = re.fullmatch(rf"(?:\./)?({part}/[^/]+)", text) if is_text(text) else None
        if match is None:
            said.append(f"dataset.json: {where}: {json.dumps(text)} is not ./{part}/FILE")
            return None
        listed[part].append(match[1])
        return match[1]

    cases = []
    for key in ("training", "test"):
        if not isinstance(data.get(key), list):
            said.append(f"dataset.json: {key} is not a list")
    for number, item in enumerate(list_of(data, "training")):
        where = f"training[{number}]"
        if not isinstance(item, dict):
            said.append(f"dataset.json: {where}: is not {{\"image\": path, \"label\": path}}")
            continue
        image, label = listed_file(item.get("image"), "imagesTr", where), listed_file(item.get("label"), "labelsTr", where)
        if image and label and image.split("/")[1] != label.split("/")[1]:
            said.append(f"dataset.json: {where}: image and label have different names, by which nnU-Net pairs them")
        cases.append((image, label))
    for number, item in enumerate(list_of(data, "test")):
        cases.append((listed_file(item, "imagesTs", f"test[{number}]"), None))
    for count, key in (("numTraining", "training"), ("numTest", "test")):
        if data.get(count) != len(list_of(data, key)) or not is_int(data.get(count)):
            said.append(f"dataset.json: {count} is {json.dumps(data.get(count))}, but {key} has {len(list_of(data, key))}")
    for part, present in files.items():
        for name in twice(listed[part]):
            said.append(f"dataset.json: {name} is listed twice")
        for name in sorted(present - set(listed[part])):
            said.append(f"{name}: is not in dataset.json")
    for name in sorted({path.split("/")[1] for path in listed["imagesTr"]} & {path.split("/")[1] for path in listed["imagesTs"]}):
        said.append(f"{name}: is a training case and a test case")

    for image_name, label_name in cases:
        image = load(folder / image_name, image_name, said) if image_name else None
        label = load(folder / label_name, label_name, said) if label_name else None
        if image is not None:
            shape = image.shape[3:] if channels > 1 else image.shape[3:] or (1,)
            if shape != (channels,):
                said.append(f"{image_name}: has the shape {image.shape} for {channels} channels")
            if has_nan(image):
                said.append(f"{image_name}: has NaN voxels")
            check_itk(image, image_name, said)
        if label is not None:
            if label.ndim != 3:
                said.append(f"{label_name}: has {label.ndim} dimensions, not 3")
            check_labels(label, label_name, labels, said)
            check_itk(label, label_name, said)
            if image is not None:
                same_grid(label, image, label_name, "its image", said)
    return said


# BIDS

BIDS_VERSIONS = ("1.0.0 1.0.1 1.0.2 1.1.0 1.1.1 1.1.2 1.2.0 1.2.1 1.2.2 1.3.0 1.4.0 1.4.1 1.5.0 1.6.0 1.7.0 1.8.0 1.9.0 1.10.0 "
                 "1.10.1 1.11.0 1.11.1").split()  # schema/meta/versions.yaml
ENTITIES = ("sub tpl ses cohort sample task tracksys acq nuc voi ce trc stain rec dir run mod echo flip inv mt part proc hemi space "
            "split recording chunk atlas seg scale res den label desc").split()  # schema/rules/entities.yaml: their order in a name
NUMBERED = {"run", "echo", "flip", "inv", "split", "chunk"}  # of the format index, the others label (schema/objects/formats.yaml)
DATATYPES = {"anat", "beh", "dwi", "eeg", "emg", "fmap", "func", "ieeg", "meg", "micr", "motion", "mrs", "perf", "pet", "phenotype",
             "nirs"}  # schema/objects/datatypes.yaml: no ct
ANAT = {"T1w", "T2w", "PDw", "T2starw", "FLAIR", "inplaneT1", "inplaneT2", "PDT2", "angio", "T1map", "T2map", "T2starmap", "R1map",
        "R2map", "R2starmap", "PDmap", "MTRmap", "MTsat", "UNIT1", "T1rho", "MWFmap", "MTVmap", "Chimap", "S0map", "M0map"}
ANAT_ENTITIES = {"sub", "ses", "acq", "run", "ce", "rec", "chunk", "task", "echo", "part"}  # rules/files/raw/anat.yaml
DERIVED_ENTITIES = {"": {"desc", "space", "res"}, "dseg": {"desc", "space", "res", "atlas", "seg", "scale"},
                    "probseg": {"desc", "space", "res", "atlas", "seg", "scale", "label"},
                    "mask": {"desc", "space", "res", "label"}}  # meta/templates.yaml
STANDARD_SPACES = {"ICBM452AirSpace", "ICBM452Warp5Space", "IXI549Space", "fsaverage", "fsaverageSym", "fsLR", "MNIColin27", "MNI152Lin",
                   "MNI152NLin2009aSym", "MNI152NLin2009bSym", "MNI152NLin2009cSym", "MNI152NLin2009aAsym", "MNI152NLin2009bAsym",
                   "MNI152NLin2009cAsym", "MNI152NLin6Sym", "MNI152NLin6Asym", "MNI305", "NIHPD", "OASIS30AntsOASISAnts",
                   "OASIS30Atropos", "Talairach", "UNCInfant"}
ROOT_FILES = re.compile(r"dataset_description\.json|(README|LICENSE)(\.md|\.rst|\.txt)?|CHANGES|CITATION\.cff|genetic_info\.json"
                        r"|(participants|samples)\.(tsv|json)")  # rules/files/common/
ROOT_FOLDERS = {"code", "derivatives", "docs", "logs", "sourcedata", "stimuli", "phenotype"}  # rules/directories.yaml
NUMBER = r" *[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)? *"
COLUMN_DEFINITIONS = {  # schema/objects/columns.yaml, which a sidecar may replace
    "age": {"Format": "number", "Units": "year", "Maximum": 89},
    "sex": {"Levels": dict.fromkeys("F FEMALE Female f female M MALE Male m male O OTHER Other o other".split())},
    "handedness": {"Levels": dict.fromkeys("left l L LEFT Left right r R RIGHT Right ambidextrous a A AMBIDEXTROUS "
                                           "Ambidextrous".split())},
    **dict.fromkeys("species strain strain_rrid acq_time pathology HED".split(), {}),
}


class Ignored:
    """The patterns of .bidsignore, which are gitignore's.

    Validator, src/files/ignore.ts: a folder is asked about by its path without a slash at the end, so "ct/" ignores what is in the
    folder, but not the folder itself, which is then NOT_INCLUDED if no datatype has its name.
    """

    def __init__(self, lines):
        self.rules = []
        for line in lines:
            line = line.rstrip()
            if not line or line.startswith("#"):
                continue
            wanted, pattern = not line.startswith("!"), line.lstrip("!")
            anchored, folder = "/" in pattern.rstrip("/"), pattern.endswith("/")
            parts = []
            for part in re.split(r"(\*\*/|/\*\*$|\*|\?|\[[^]]*\])", pattern.strip("/")):
                parts.append({"**/": "(?:.*/)?", "/**": "/.*", "*": "[^/]*", "?": "[^/]"}.get(
                    part, part if part.startswith("[") else re.escape(part)))
            self.rules.append((wanted, re.compile(("" if anchored else "(?:.*/)?") + "".join(parts) + ("/" if folder else "/?"))))

    def __call__(self, path):
        parts = path.split("/")
        for length in range(1, len(parts) + 1):
            asked = "/".join(parts[:length]) + ("/" if length < len(parts) else "")
            ignored = False
            for wanted, pattern in self.rules:
                if pattern.fullmatch(asked):
                    ignored = wanted
            if ignored:
                return True
        return False


def bids_name(name):
    """(entities in order, suffix, extension), as src/schema/entities.ts of the validator takes a file's name apart."""
    stem, dot, extension = name.partition(".")
    *parts, suffix = stem.split("_")
    return [tuple(part.partition("-")[::2]) for part in parts], suffix, dot + extension


def check_table(path, name, said):
    """(columns, rows) of a TSV file (common-principles.md: Tabular files; src/files/tsv.ts); None, and said, where it is none."""
    try:
        text = read_text(path)
    except Unreadable as error:
        said.append(f"{name}: {error}")
        return None
    if "\r" in text or text.startswith("\ufeff"):
        said.append(f"{name}: has carriage returns or a byte order mark")
    lines = text.replace("\r", "").split("\n")
    if lines and lines[-1] == "":
        lines.pop()
    if not lines or not all(lines):
        said.append(f"{name}: has an empty line")
        return None
    columns, *rows = (line.split("\t") for line in lines)
    if twice(columns) or not all(map(str.strip, columns)):
        said.append(f"{name}: has a column without a name, or two of one name: {columns}")
        return None
    if any(len(row) != len(columns) for row in rows):
        said.append(f"{name}: has a row of another length than the header's {len(columns)}")
        return None
    for column, values in zip(columns, zip(*rows)):
        if not all(value.strip() for value in values):
            said.append(f"{name}: {column}: has an empty cell, where n/a belongs")
        if any(re.fullmatch(r"\s*(NA|na|nan|NaN|N/A)\s*", value) for value in values):
            said.append(f"{name}: {column}: has a missing value that is not written n/a")
    return columns, rows


def check_columns(table, sidecar, name, first, pattern, said, required_sidecar=True):
    """First column, its values, and the others' by what the sidecar says of them (src/schema/tables.ts). The validator warns of columns
    that no sidecar describes; here that is a violation."""
    columns, rows = table
    if columns[0] != first:
        said.append(f"{name}: {first}: is not the first column")
    if first in columns:
        ids = [row[columns.index(first)] for row in rows]
        for value in twice(ids):
            said.append(f"{name}: {first}: {value} has two rows")
        for value in ids:
            if re.fullmatch(pattern, value) is None:
                said.append(f"{name}: {first}: {value!r} is not {pattern}")
    for index, column in enumerate(columns):
        if column == first:
            continue
        definition = sidecar.get(column, COLUMN_DEFINITIONS.get(column))
        if definition is None:
            if required_sidecar:
                said.append(f"{name}: {column}: is not described in the sidecar")
            continue
        if not isinstance(definition, dict):
            said.append(f"{name}: {column}: is described by {json.dumps(definition)}, not by an object")
            continue
        levels, kind = definition.get("Levels"), definition.get("Format", "number" if "Units" in definition else "string")
        if levels is not None and not isinstance(levels, dict):
            said.append(f"{name}: {column}: Levels is not an object")
            levels = None
        if column == "age" and definition.get("Units", "year") not in ("year", "month", "week", "day", "hour", "minute", "second"):
            said.append(f"{name}: age: Units is {definition['Units']!r}")
        for value in (row[index] for row in rows):
            matched = {"number": re.fullmatch(NUMBER, value), "integer": re.fullmatch(r" *[+-]?\d+ *", value)}.get(kind, True)
            if value == "n/a":
                continue
            if not matched or (levels is not None and value not in levels):
                said.append(f"{name}: {column}: {value!r} is not what its description allows")
            elif kind in ("number", "integer") and not (
                    definition.get("Minimum", -np.inf) <= float(value) <= definition.get("Maximum", np.inf)):
                said.append(f"{name}: {column}: {value} is out of range")
            elif column == "age" and definition.get("Units", "year") == "year" and re.fullmatch(NUMBER, value) and float(value) > 89:
                said.append(f"{name}: age: {value} is over 89, which tells who it is")
    for column in sidecar:
        if column not in columns and isinstance(sidecar[column], dict) and "Levels" in sidecar[column]:
            said.append(f"{name}: the sidecar describes {column}, which is no column")


def check_gzip(path, name, said):
    """rules/checks/privacy.yaml: no time, file name or comment in the header."""
    head = path.read_bytes()[:10]
    if head[:2] != b"\x1f\x8b" or len(head) < 10:
        said.append(f"{name}: is not gzip")
        return
    if head[4:8] != bytes(4):
        said.append(f"{name}: has a time in its gzip header")
    if head[3] & 0x08:
        said.append(f"{name}: has a file name in its gzip header")
    if head[3] & 0x10:
        said.append(f"{name}: has a comment in its gzip header")


def check_bids_nifti(path, name, said):
    """rules/checks/nifti.yaml. Stricter: pixdim agrees with the affine."""
    if path.name.endswith(".gz") and path.with_name(path.name[:-3]).exists():
        said.append(f"{name}: is there without .gz too")
    image = load(path, name, said)
    if image is None:
        return None
    with (gzip.open if path.name.endswith(".gz") else open)(path, "rb") as file:
        header = type(image.header).from_fileobj(file, check=False)  # as it is: nibabel mends sizes of 0
    dimensions = int(header["dim"][0])
    space, time = header.get_xyzt_units()
    if space == "unknown" or (dimensions >= 4 and time == "unknown"):
        said.append(f"{name}: has no unit in its header")
    if min(header["dim"][1:dimensions + 1]) < 1:
        said.append(f"{name}: has an empty dimension")
    if not (np.asarray(header["pixdim"][1:dimensions + 1]) > 0).all():
        said.append(f"{name}: has voxels of size 0 or less")
    if int(header["sform_code"]) == 0 and int(header["qform_code"]) == 0:
        said.append(f"{name}: has neither sform_code nor qform_code")
    elif not np.allclose(header.get_zooms()[:3], np.linalg.norm(image.affine[:3, :3], axis=0)[:dimensions], rtol=1e-3):
        said.append(f"{name}: has a pixdim that contradicts its affine")
    return image


def check_description(data, folder, derivative, said):
    """rules/json/dataset.yaml, modality-agnostic-files/dataset-description.md, objects/metadata.yaml."""
    name = "dataset_description.json"
    if not is_text(data.get("Name")):
        said.append(f"{name}: has no Name")
    if data.get("BIDSVersion") not in BIDS_VERSIONS:
        said.append(f"{name}: BIDSVersion {data.get('BIDSVersion')!r} is no released version")
    kind = data.get("DatasetType", "derivative" if "GeneratedBy" in data else "raw")
    if kind != ("derivative" if derivative else "raw"):
        said.append(f"{name}: DatasetType is or counts as {kind!r}")
    made_by = data.get("GeneratedBy")
    if made_by is None:
        if derivative:
            said.append(f"{name}: has no GeneratedBy")
    elif not isinstance(made_by, list) or not made_by or not all(isinstance(one, dict) and is_text(one.get("Name")) for one in made_by):
        said.append(f"{name}: GeneratedBy is not a list of objects with a Name")
    elif derivative and made_by[0]["Name"] not in folder.name:
        said.append(f"{name}: the folder {folder.name} does not have the name of GeneratedBy, {made_by[0]['Name']}, in it")
    for key, kinds in (("License", str), ("Authors", list), ("Keywords", list), ("Acknowledgements", str), ("HowToAcknowledge", str),
                       ("Funding", list), ("ReferencesAndLinks", list), ("DatasetDOI", str), ("SourceDatasets", list),
                       ("DatasetLinks", dict)):
        if key in data and not isinstance(data[key], kinds):
            said.append(f"{name}: {key} is not a {kinds.__name__}")
    links = data.get("DatasetLinks")
    if isinstance(links, dict) and ("" in links or not all(map(is_text, links.values()))):
        said.append(f"{name}: DatasetLinks has an empty name or a target that is no text")
    if (folder / "CITATION.cff").exists() and "Authors" in data:
        said.append(f"{name}: has Authors beside CITATION.cff")


def texts_in(value):
    if isinstance(value, dict):
        return [text for part in value.values() for text in texts_in(part)]
    if isinstance(value, list):
        return [text for part in value for text in texts_in(part)]
    return [value] if isinstance(value, str) else []


def resolve_uri(uri, folder, links, name, said):
    """The file of bids:[dataset]:path (common-principles.md: BIDS URI); None for other places, and, said, where there is none."""
    match = re.fullmatch(r"bids:([^:]*):(?!/)(.+)", uri)
    if match is None:
        said.append(f"{name}: {uri}: is not bids:[dataset]:path")
        return None
    root = folder
    if match[1]:
        if not is_text(links.get(match[1])):
            said.append(f"{name}: {uri}: DatasetLinks does not name {match[1]}")
            return None
        scheme, colon, rest = links[match[1]].partition(":")
        if colon and scheme != "file":
            return None
        root = pathlib.Path(rest.removeprefix("//")) if colon else folder / links[match[1]]
        if not (root / "dataset_description.json").is_file():
            said.append(f"{name}: {uri}: DatasetLinks leads to {links[match[1]]}, which is no BIDS dataset")
            return None
    target = root / match[2]
    if not target.exists():
        said.append(f"{name}: {uri}: is no file of the dataset")
        return None
    return target


def inherited(path, extension, folder, name, said):
    """Files with metadata for `path`, nearest first (src/files/inheritance.ts): same suffix, no entity that `path` does not have."""
    entities, suffix, _ = bids_name(path.name)
    found = []
    for place in itertools.takewhile(lambda place: place != folder.parent, path.parents):
        candidates = []
        for file in files_in(place):
            other, other_suffix, other_extension = bids_name(file.name)
            if other_extension == extension and other_suffix == suffix and set(other) <= set(entities):
                candidates.append(file)
        exact = [file for file in candidates if set(bids_name(file.name)[0]) == set(entities)]
        if len(candidates) > 1 and not exact:
            said.append(f"{name}: both {candidates[0].name} and {candidates[1].name} describe it")
        found += exact or candidates[:1]
    return found


def check_bids_place(relative, derivative, ignored, said):
    """The name of a file below sub-*: entities known, in order, each once, with labels; in the folder that they say; a suffix and
    entities that the schema has for the datatype (filenameValidate.ts, rules/files/). What has no rule must be in .bidsignore."""
    *folders, file = relative.split("/")
    entities, suffix, extension = bids_name(file)
    keys = [key for key, _ in entities]
    for key, label in entities:
        if key not in ENTITIES:
            said.append(f"{relative}: {key!r} is no entity")
        elif re.fullmatch("[0-9]+" if key in NUMBERED else "[0-9a-zA-Z+]+", label) is None:
            said.append(f"{relative}: {key}-{label} is not alphanumeric (run and the like: a number)")
    known = [ENTITIES.index(key) for key in keys if key in ENTITIES]
    if known != sorted(set(known)):
        said.append(f"{relative}: the entities are not in order, or one is there twice")
    if re.fullmatch(r"[a-zA-Z0-9]+", suffix) is None:
        said.append(f"{relative}: has no suffix")

    values = dict(entities)
    places = [f"{key}-{values[key]}" for key in ("sub", "ses") if key in values]
    table = suffix in ("sessions", "scans") and extension in (".tsv", ".json")
    if folders[:len(places)] != places or len(folders) != len(places) + (0 if table else 1) or "sub" not in values:
        said.append(f"{relative}: lies in {'/'.join(folders)}, not in the folder that its name says")
    if table or ignored:
        return
    datatype, base = folders[-1], ANAT_ENTITIES
    if datatype not in DATATYPES:
        said.append(f"{relative}: {datatype} is no datatype, and .bidsignore does not name the file")
    elif datatype == "pet":
        if suffix != "pet" and not (derivative and suffix in DERIVED_ENTITIES):
            said.append(f"{relative}: {suffix} is no suffix of pet")
    elif datatype != "anat":
        said.append(f"{relative}: these checks know no rules for {datatype}")
    else:
        kind = suffix if derivative and suffix in DERIVED_ENTITIES else ""
        if not kind and suffix not in ANAT:
            said.append(f"{relative}: {suffix} is no suffix of anat")
        allowed = base | (DERIVED_ENTITIES[kind] if derivative else set())
        if set(keys) - allowed:
            said.append(f"{relative}: {sorted(set(keys) - allowed)} does not belong to {suffix}")
        if extension not in {".nii.gz", ".nii", ".json"} | ({".tsv"} if kind == "dseg" else set()):
            said.append(f"{relative}: {extension} is no extension of {suffix}")


def check_derived_image(path, image, sidecar, folder, links, name, said):
    """derivatives/imaging.md, rules/sidecars/derivatives/common_derivatives.yaml, rules/tabular_data/derivatives/."""
    entities, suffix, _ = bids_name(path.name)
    values = dict(entities)
    sources = sidecar.get("Sources", [])
    if not isinstance(sources, list) or not all(map(is_text, sources)):
        said.append(f"{name}: Sources is not a list of BIDS URIs")
        sources = []
    if "RawSources" in sidecar:
        said.append(f"{name}: RawSources is deprecated: use Sources")
    if values.get("space", "MNI305") not in STANDARD_SPACES and "SpatialReference" not in sidecar:
        said.append(f"{name}: space-{values['space']} needs SpatialReference")
    if "res" in values and "Resolution" not in sidecar:
        said.append(f"{name}: res-{values['res']} needs Resolution")
    if not isinstance(sidecar.get("Manual", False), bool):
        said.append(f"{name}: Manual is not true or false")
    if suffix not in ("dseg", "probseg", "mask") and path.parent.name in ("anat", "pet") and not isinstance(
            sidecar.get("SkullStripped"), bool):
        said.append(f"{name}: SkullStripped is not true or false")
    if suffix == "mask":
        if sidecar.get("Type", "ROI") not in ("Brain", "Lesion", "Face", "ROI"):
            said.append(f"{name}: Type is {sidecar['Type']!r}")
        if not set(np.unique(image.voxels).tolist()) <= {0, 1}:
            said.append(f"{name}: a mask has other values than 0 and 1")
    for source in sources:
        if not source.startswith("bids:"):
            said.append(f"{name}: Sources: {source} is no BIDS URI")
            continue
        target = resolve_uri(source, folder, links, name, [])
        if target is not None and target.name.endswith((".nii", ".nii.gz")) and "space" not in values and "res" not in values:
            raw = load(target, f"{name}: {source}", said)
            if raw is not None:
                same_grid(image, raw, name, "its source", said)
    if suffix == "dseg":
        tables = inherited(path, ".tsv", folder, name, said)
        table = check_table(tables[0], name, []) if tables else None
        if table is None:
            said.append(f"{name}: has no dseg.tsv that names its labels")
        elif "index" in table[0]:
            indices = {row[table[0].index("index")].strip() for row in table[1]}
            odd = [value for value in np.unique(image.voxels).tolist()
                   if value != 0 and not (float(value).is_integer() and str(int(value)) in indices)]
            if odd:
                said.append(f"{name}: has the labels {odd[:5]}, which {tables[0].name} does not name")


def check_bids_dataset(folder, derivative, said):
    """One dataset, raw or derived, without the derivatives in it. Texts have paths relative to it."""
    description = json_object(folder / "dataset_description.json", "dataset_description.json", said)
    check_description(description or {}, folder, derivative, said) if description is not None else None
    links = (description or {}).get("DatasetLinks", {})
    links = links if isinstance(links, dict) else {}
    ignore_file = folder / ".bidsignore"
    ignored = Ignored(ignore_file.read_text(encoding="utf-8").split("\n") if ignore_file.exists() else [])
    if ignore_file.exists() and not ignore_file.stat().st_size:
        said.append(".bidsignore: is empty")

    paths = []

    def walk(place, inside):
        entries = sorted(entry for entry in place.iterdir() if not entry.name.startswith("."))
        for name in twice(entry.name.casefold() for entry in entries):
            said.append(f"{inside}{name}: two names differ only in upper and lower case")
        for entry in entries:
            relative = inside + entry.name
            if not entry.exists():
                said.append(f"{relative}: is a link that leads nowhere")
            elif not entry.is_dir():
                paths.append((entry, relative))
            elif not (inside == "" and entry.name in ROOT_FOLDERS):
                kind, depth = entry.name.split("-")[0], inside.count("/")
                wanted = kind == "sub" if depth == 0 else kind == "ses" and depth == 1 or entry.name in DATATYPES
                if not wanted and not ignored(relative):
                    said.append(f"{relative}: is no folder of BIDS, and .bidsignore does not name it (without a slash at the end)")
                if depth == 0 and kind == "sub" and re.fullmatch("sub-[0-9a-zA-Z+]+", entry.name) is None:
                    said.append(f"{relative}: is not sub- and letters and digits")
                walk(entry, relative + "/")

    walk(folder, "")
    images = [relative for _, relative in paths if relative.endswith((".nii", ".nii.gz"))]
    subjects = sorted({relative.split("/")[0] for _, relative in paths if relative.startswith("sub-") and "/" in relative} |
                      {entry.name for entry in folder.glob("sub-*") if entry.is_dir()})
    if not subjects:
        said.append("no folder sub-*")
    for subject in subjects:
        folders = {entry.name.startswith("ses-") for entry in (folder / subject).iterdir() if entry.is_dir()}
        if len(folders) > 1:
            said.append(f"{subject}: has sessions and images outside of them")
        if not any(image.startswith(subject + "/") for image in images):
            said.append(f"{subject}: has no image")
        for session in (folder / subject).glob("ses-*"):
            if not any(image.startswith(f"{subject}/{session.name}/") for image in images):
                said.append(f"{subject}/{session.name}: has no image")

    for path, relative in paths:
        out = ignored(relative)
        if path.stat().st_size == 0:
            said.append(f"{relative}: is empty")
            continue
        entities, suffix, extension = bids_name(path.name)
        if "/" in relative:
            if relative.startswith("sub-"):
                check_bids_place(relative, derivative, out, said)
            elif not out:
                said.append(f"{relative}: is no file of BIDS, and .bidsignore does not name it")
        elif not out and ROOT_FILES.fullmatch(path.name) is None and not (
                suffix in ANAT | {"sessions", "scans"} | (set(DERIVED_ENTITIES) - {""} if derivative else set())
                and extension in (".json", ".tsv") and not {"sub", "ses"} & {key for key, _ in entities}):
            said.append(f"{relative}: is no file of BIDS, and .bidsignore does not name it")
        if path.name.endswith(".gz"):
            check_gzip(path, relative, said)
        if extension == ".json":
            data = json_object(path, relative, said)
            for text in texts_in(data):
                if text.startswith("bids:"):
                    resolve_uri(text, folder, links, relative, said)
            if path.name not in ("dataset_description.json", "genetic_info.json"):
                below = [(other, name) for other, name in paths
                         if not name.endswith(".json") and name.startswith(relative[:len(relative) - len(path.name)])]
                if not any(bids_name(other.name)[1] == suffix and set(entities) <= set(bids_name(other.name)[0])
                           and (out or not ignored(name)) for other, name in below):
                    said.append(f"{relative}: describes no file (of those that .bidsignore leaves)")
        elif extension in (".nii", ".nii.gz"):
            image = check_bids_nifti(path, relative, said)
            sidecar = {}
            for file in inherited(path, ".json", folder, relative, said):
                sidecar = {**(json_object(file, relative, []) or {}), **sidecar}
            if suffix == "pet" and not derivative and not inherited(path, ".json", folder, relative, said):
                said.append(f"{relative}: PET needs a sidecar")
            if image is not None and derivative:
                check_derived_image(path, image, sidecar, folder, links, relative, said)
        elif extension == ".tsv":
            check_bids_table(path, relative, suffix, folder, subjects, said)
    readmes = [path for path, relative in paths if re.fullmatch(r"README(\.md|\.rst|\.txt)?", relative)]
    if len(readmes) > 1:
        said.append("README: is there more than once")
    if readmes and readmes[0].stat().st_size <= 150:
        said.append("README: has no more than 150 bytes, which the validator calls very small")


def check_bids_table(path, relative, suffix, folder, subjects, said):
    """rules/tabular_data/modality_agnostic.yaml and derivatives/common_derivatives.yaml, modality-agnostic-files/data-summary-files.md."""
    table = check_table(path, relative, said)
    if table is None:
        return
    columns, rows = table
    sidecar = {}
    for file in inherited(path, ".json", folder, relative, said):
        sidecar = {**(json_object(file, relative, []) or {}), **sidecar}

    def column(name):
        return [row[columns.index(name)] for row in rows] if name in columns else []

    if relative == "participants.tsv":
        check_columns(table, sidecar, relative, "participant_id", "sub-[0-9a-zA-Z+]+", said)
        for subject in sorted(set(subjects) - set(column("participant_id"))):
            said.append(f"participants.tsv: {subject} has no row")
        for subject in sorted(set(column("participant_id")) - set(subjects)):
            said.append(f"participants.tsv: {subject} has no folder")
    elif suffix == "sessions":
        check_columns(table, sidecar, relative, "session_id", "ses-[0-9a-zA-Z+]+", said)
        folders = {entry.name for entry in path.parent.glob("ses-*")}
        if set(column("session_id")) != folders:
            said.append(f"{relative}: has the sessions {sorted(set(column('session_id')))}, but the folders are {sorted(folders)}")
        participants = check_table(folder / "participants.tsv", "", []) if (folder / "participants.tsv").exists() else None
        for name in sorted(set(columns) & set(participants[0] if participants else [])):
            said.append(f"{relative}: {name} is a column of participants.tsv too")
    elif suffix == "scans":
        check_columns(table, sidecar, relative, "filename", "(?!/)(?!sub-)[0-9a-zA-Z+/_.-]+", said)
        for file in column("filename"):
            if not (path.parent / file).exists():
                said.append(f"{relative}: {file} is no file")
    elif suffix == "dseg":
        for name in ("index", "name"):
            if name not in columns:
                said.append(f"{relative}: has no column {name}")
            for value in twice(column(name)):
                said.append(f"{relative}: {name}: {value} has two rows")
        for value in column("index") + [value for value in column("mapping") if value != "n/a"]:
            if re.fullmatch(r" *[+-]?\d+ *", value) is None:
                said.append(f"{relative}: {value!r} is not an integer")
        for value in column("color"):
            if value != "n/a" and re.fullmatch("#[0-9a-fA-F]{6}", value) is None:
                said.append(f"{relative}: color: {value!r} is not hexadecimal")


def bids(folder):
    """BIDS: `folder` is a raw dataset with participants.tsv; each folder in its derivatives/ is a dataset of its own.

    A violation is what the validator calls an error, and of its warnings: units, pixdim and codes of NIfTI, time and name in gzip
    headers, an unknown BIDSVersion, columns that no sidecar describes, a README too small. What it only recommends (README, License,
    Authors, the same sessions for all) is left. CT is no datatype of BIDS: its folders and files must be in .bidsignore, but are
    checked all the same.
    """
    folder, said = pathlib.Path(folder), []
    check_bids_dataset(folder, False, said)
    if not (folder / "participants.tsv").is_file():
        said.append("participants.tsv: is missing")
    for place in sorted(folder.glob("derivatives/*")):
        found = []
        if place.is_dir():
            check_bids_dataset(place, True, found)
        else:
            found.append("is no folder of a derived dataset")
        said += [f"derivatives/{place.name}: {text}" for text in found]
    return said


# CSV

PANDAS_MISSING = {"", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA", "NULL",
                  "NaN", "n/a", "nan", "null"}  # pandas.read_csv: na_values


def flat_csv(file):
    """One CSV of samples, as csv and pandas.read_csv(file, dtype=str) read it; paths are absolute or relative to the file.

    Columns of paths are those in which some cell ends in .nii or .nii.gz; their cells name files or are empty. The first column is
    the samples' name: it has no value that pandas takes for a missing one.
    """
    file, said = pathlib.Path(file), []
    try:
        text = read_text(file)
    except Unreadable as error:
        return [f"{file.name}: {error}"]
    if text.startswith("\ufeff"):
        said.append(f"{file.name}: has a byte order mark, which becomes part of the first column's name")
    try:
        columns, *rows = csv.reader(text.splitlines(keepends=True), strict=True)
    except (csv.Error, ValueError) as error:
        return [*said, f"{file.name}: is no CSV with a header: {error}"]
    if twice(columns) or not all(columns):
        said.append(f"{file.name}: has a column without a name, or two of one name: {columns}")
    for number, row in enumerate(rows, 2):
        if len(row) != len(columns):
            said.append(f"{file.name}: row {number} has {len(row)} cells for {len(columns)} columns")
    rows = [row for row in rows if len(row) == len(columns)]
    if not rows:
        said.append(f"{file.name}: has no rows")
    places = {name: index for index, name in enumerate(columns) if any(row[index].endswith((".nii", ".nii.gz")) for row in rows)}
    if rows and not places:
        said.append(f"{file.name}: has no column of paths")
    for name, index in places.items():
        for path in (row[index] for row in rows):
            if path and not (file.parent / path).is_file():
                said.append(f"{file.name}: {name}: {path}: is no file")
        for path in twice(row[index] for row in rows if row[index]):
            said.append(f"{file.name}: {name}: {path}: has two rows")
    for value in sorted({row[0] for row in rows} & PANDAS_MISSING):
        said.append(f"{file.name}: {columns[0]}: pandas reads {value!r} as missing")
    return said


# Patients

def patients_apart(patient_of, folds=(), training=(), test=()):
    """No patient in train and val of a fold, nor in training and test.

    `patient_of` maps case -> patient; `folds` is a list of (train, val), each a list of cases; `training` and `test` are lists of cases.
    """
    said = []

    def patients(cases, where):
        unknown = sorted(set(cases) - set(patient_of))
        said.extend(f"{where}: {case} has no patient" for case in unknown)
        return {patient_of[case] for case in cases if case in patient_of}

    def apart(one, other, where, names):
        for patient in sorted(patients(one, where) & patients(other, where)):
            said.append(f"{where}: patient {patient} is in {names[0]} and in {names[1]}")

    for number, (train, val) in enumerate(folds):
        apart(train, val, f"fold {number}", ("train", "val"))
    apart(training, test, "split", ("training", "test"))
    for number, (train, val) in enumerate(folds):
        apart([*train, *val], test, f"fold {number}", ("train or val", "test"))
    return said
