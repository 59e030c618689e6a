"""The fingerprint of a dataset for training: what the records have of it is what numpy finds in all voxels of the images."""

import json
import shutil

import nibabel
import numpy as np
import pytest

import export_checks
from small_archive import AFFINE
from test_export import export, nnunet, rows_of, run
from test_run import results, results_of_commands

SIZE = (30, 11, 6)
RECIPE = {"name": "Heads", "volume": {name: f"{{pid}}_{name}.nii.gz" for name in ("T1", "T2")}, "mask": "{pid}_seg.nii.gz",
          "parts": {"pid": "[0-9]+"}, "labels": {0: "Bg", 1: "tumour", 2: "oedema"}, "splits": [{"name": "s", "test_ratio": 0.3, "val_ratio": 0.3}]}
PIDS = [f"{number:03}" for number in range(1, 7)]


def save(root, name, values, affine=AFFINE):
    (root / "archive").mkdir(exist_ok=True)
    nibabel.save(nibabel.Nifti1Image(values, affine), root / "archive" / name)


def volume(pid, channel, dtype=np.int16):
    """With borders of 0 that differ between samples and channels."""
    values = np.random.default_rng([int(pid), channel]).normal(50 * channel, 100, SIZE).astype(dtype)
    values[:int(pid)], values[:, :channel], values[:, :, -1:] = 0, 0, 0
    return values


def mask(pid):
    """One with a small hole, one with a hole that no gap in a row is as wide as, one at the border."""
    labels = np.zeros(SIZE, np.uint8)
    labels[9:29, 3:4 + int(pid)], labels[12:16, 3] = 1, 2
    if int(pid) == 2:
        labels[12, 4, 1:3] = 0
    if int(pid) == 3:
        labels[1:29, 1:9] = 1
        labels[4:26, 3:5] = 0
    if int(pid) == 4:
        labels[0:3, 9:11] = 1
        labels[0, 10] = 0
    return labels


def make(root, pids=PIDS, dtype=np.int16):
    for pid in pids:
        for channel, name in enumerate(RECIPE["volume"], 1):
            save(root, f"{pid}_{name}.nii.gz", volume(pid, channel, dtype))
        save(root, f"{pid}_seg.nii.gz", mask(pid))


def record_of(root, ID):
    return json.loads((root / f"grouped/.nicohort/{ID}.json").read_text())


def values_within(root, ID, channel):
    voxels, labels = (np.asarray(nibabel.load(root / f"grouped/{ID}/{ID}_{kind}.nii.gz").dataobj) for kind in (f"volume_{channel}", "mask"))
    return voxels[labels > 0].astype(float)


def check_record(root, ID):
    record = record_of(root, ID)
    assert len(record["mask"]["foreground"]) == 2
    for channel, found in zip(RECIPE["volume"], record["mask"]["foreground"]):
        values = values_within(root, ID, channel)
        assert found["voxels"] == len(values) > 0
        assert found["mean"] == pytest.approx(values.mean()) and found["sd"] == pytest.approx(values.std())
        tail = [0, .01, .02, .05, .1, .2, .5]
        ranks = [*tail, *range(1, 100), *(100 - rank for rank in reversed(tail))]
        assert np.allclose(found["quantiles"], np.percentile(values, ranks), rtol=0, atol=1e-5 * np.ptp(values))
        assert (found["quantiles"][0], found["quantiles"][-1]) == (values.min(), values.max())
    nonzero = np.argwhere(np.any([np.asarray(nibabel.load(root / f"grouped/{ID}/{ID}_volume_{name}.nii.gz").dataobj) for name in RECIPE["volume"]], axis=0))
    assert record["volume"]["nonzero"] == [nonzero.min(axis=0).tolist(), (nonzero.max(axis=0) + 1).tolist()]


STEPS = [{"threshold": [-80, 220]}, {"fill_holes": {"smaller_than": "60 voxels", "with": "tumour"}}, {"remove_small": {"smaller_than": "4 voxels"}}]


@pytest.mark.parametrize("steps", [[], STEPS[:1], STEPS[1:2], STEPS], ids=["as drawn", "removed", "added", "both"])
def test_the_records_are_of_all_voxels_of_small_masks(nicohort, tmp_path, steps):
    make(tmp_path)
    run(nicohort, tmp_path, RECIPE | {"steps": steps})
    for pid in PIDS:
        check_record(tmp_path, pid)
    drawn = [np.count_nonzero(mask(pid)) for pid in PIDS]
    now = [record_of(tmp_path, pid)["mask"]["foreground"][0]["voxels"] for pid in PIDS]
    if len(steps) == 1 and "fill_holes" in steps[0]:
        assert now[1] > drawn[1] and now[2] > drawn[2] and now[3] > drawn[3], "the holes were filled"


def test_commands_leave_the_same_records_where_they_add_and_remove_voxels(nicohort, tmp_path):
    roots = [tmp_path / name for name in ("run", "commands")]
    roots[0].mkdir()
    make(roots[0])
    (roots[0] / "label_map.yaml").write_text("short_form_index_map: {0: Bg, 1: tumour, 2: oedema}\n")
    shutil.copytree(roots[0], roots[1])
    recipe = {key: value for key, value in RECIPE.items() if key != "splits"}
    run(nicohort, roots[0], recipe | {"steps": STEPS})
    (roots[1] / "recipe.yaml").write_bytes((roots[0] / "recipe.yaml").read_bytes())
    for line in (
            "gen_archive_manifest --root_dir archive --output_manifest_file descriptor/archive_manifest.xlsx --recipe recipe.yaml",
            "confirm_pairs --root_dir archive --output_dir grouped --archive_manifest descriptor/archive_manifest.xlsx --recipe recipe.yaml",
            "mask_thresholding --root_dir grouped --output_dir grouped --thresh -80 220",
            "extract_binary_masks --root_dir grouped --label_explanation label_map.yaml"):
        nicohort(*line.split(), cwd=roots[1])
    for step in ("fill_holes: {smaller_than: 60 voxels, with: tumour}", "remove_small: {smaller_than: 4 voxels}"):
        nicohort("apply_step", "--root_dir", "grouped", step, cwd=roots[1])
    nicohort(*"gen_dataset_manifest --root_dir grouped --output_manifest_file grouped/dataset_manifest.xlsx".split(), cwd=roots[1])
    ours, theirs = results(roots[0]), results_of_commands(roots[1])
    assert [name for name in ours | theirs if ours.get(name) != theirs.get(name)] == []


def test_a_mask_drawn_anew_is_looked_at_by_the_next_command(nicohort, tmp_path):
    make(tmp_path, PIDS[:1])
    run(nicohort, tmp_path, {key: value for key, value in RECIPE.items() if key != "splits"})
    labels = mask("001")
    labels[20:, 8:] = 1
    nibabel.save(nibabel.Nifti1Image(labels, AFFINE), tmp_path / "grouped/001/001_mask.nii.gz")
    nicohort(*"mask_thresholding --root_dir grouped --output_dir grouped --thresh -9999 9999".split(), cwd=tmp_path)
    check_record(tmp_path, "001")


def test_a_channel_that_was_turned_is_looked_at_as_it_is_written(nicohort, tmp_path):
    make(tmp_path)
    turned = np.diag([-1.0, 1, 1, 1]) @ AFFINE
    turned[:3, 3] = (AFFINE @ [SIZE[0] - 1, 0, 0, 1])[:3]
    save(tmp_path, "002_T2.nii.gz", volume("002", 2)[::-1], turned)
    run(nicohort, tmp_path, RECIPE | {"steps": STEPS})
    assert "turned_from" in record_of(tmp_path, "002")["inputs"][1]
    check_record(tmp_path, "002")


def test_exports_have_it_of_the_samples_for_training(nicohort, tmp_path):
    make(tmp_path)
    run(nicohort, tmp_path, RECIPE | {"steps": STEPS})
    nnunet(nicohort, tmp_path / "grouped", tmp_path / "raw", "--split", "s")
    export(nicohort, tmp_path / "grouped", "monai", tmp_path / "monai", "--split", "s")
    assert export_checks.nnunet(tmp_path / "raw/Dataset042_Heads") == [] and export_checks.monai(tmp_path / "monai") == []
    file = tmp_path / "raw/nnUNet_preprocessed/Dataset042_Heads/dataset_fingerprint.json"
    assert file.read_bytes() == (tmp_path / "monai/dataset_fingerprint.json").read_bytes()
    training = [row["ID"] for row in rows_of(tmp_path / "grouped", "s") if row["s"] != "test"]
    found = json.loads(file.read_text())
    assert 1 < len(training) < len(PIDS) and found["spacings"] == [pytest.approx([5, .8, .8])] * len(training)
    crops = [np.diff(record_of(tmp_path, ID)["volume"]["nonzero"], axis=0)[0] for ID in training]
    assert found["shapes_after_crop"] == [crop[::-1].tolist() for crop in crops]
    assert found["median_relative_size_after_cropping"] == pytest.approx(np.median([np.prod(crop / SIZE) for crop in crops]))
    for number, channel in enumerate(RECIPE["volume"]):
        samples = [values_within(tmp_path, ID, channel) for ID in training]
        check_intensities(found["foreground_intensity_properties_per_channel"][str(number)], samples)


def check_intensities(found, samples):
    """As nnU-Net has them of equally many voxels of each sample, drawn with replacement: here of infinitely many."""
    mean = np.mean([values.mean() for values in samples])
    assert found["mean"] == pytest.approx(mean)
    assert found["std"] == pytest.approx(np.sqrt(np.mean([values.var() + (values.mean() - mean) ** 2 for values in samples])))
    assert found["min"] == min(map(np.min, samples)) and found["max"] == max(map(np.max, samples))
    values = np.concatenate(samples)
    order = np.argsort(values)
    share = np.cumsum(np.concatenate([np.full(len(one), 1 / len(one) / len(samples)) for one in samples])[order])
    for key, rank in (("percentile_00_5", .005), ("median", .5), ("percentile_99_5", .995)):
        low, high = (values[order][min(np.searchsorted(share, rank + apart), len(values) - 1)] for apart in (-0.004, 0.004))
        assert low - 1 <= found[key] <= high + 1, key


def test_of_one_sample_the_percentiles_are_those_of_numpy(nicohort, tmp_path):
    make(tmp_path, PIDS[:1])
    run(nicohort, tmp_path, {key: value for key, value in RECIPE.items() if key != "splits"})
    nnunet(nicohort, tmp_path / "grouped", tmp_path / "raw")
    found = json.loads((tmp_path / "raw/nnUNet_preprocessed/Dataset042_Heads/dataset_fingerprint.json").read_text())
    for number, channel in enumerate(RECIPE["volume"]):
        of_channel = found["foreground_intensity_properties_per_channel"][str(number)]
        values = values_within(tmp_path, "001", channel)
        assert [of_channel[key] for key in ("percentile_00_5", "median", "percentile_99_5")] == \
            pytest.approx(np.percentile(values, [0.5, 50, 99.5]), abs=1e-5 * np.ptp(values))


def test_of_sheared_images_it_has_the_axes_of_the_reader_that_nnunet_is_told_to_use(nicohort, tmp_path):
    affine = AFFINE.copy()
    affine[:3, :3] = affine[:3, [2, 0, 1]]  # the first axis of the file is the third of the body
    affine[1, 1] = 0.3
    for channel, name in enumerate(RECIPE["volume"], 1):
        save(tmp_path, f"001_{name}.nii.gz", volume("001", channel), affine)
    save(tmp_path, "001_seg.nii.gz", mask("001"), affine)
    run(nicohort, tmp_path, {key: value for key, value in RECIPE.items() if key != "splits"})
    nnunet(nicohort, tmp_path / "grouped", tmp_path / "raw")
    assert json.loads((tmp_path / "raw/Dataset042_Heads/dataset.json").read_text())["overwrite_image_reader_writer"] == "NibabelIOWithReorient"
    assert export_checks.nnunet(tmp_path / "raw/Dataset042_Heads") == []


def test_volumes_with_nan_are_for_no_training(nicohort, tmp_path):
    make(tmp_path, dtype=np.float32)
    for pid, channel, spoilt in (("002", 1, [np.nan]), ("005", 2, [np.nan, np.inf, -np.inf])):
        values = volume(pid, channel, np.float32)
        values[20, 5, :len(spoilt)] = spoilt
        save(tmp_path, f"{pid}_T{channel}.nii.gz", values)
    run(nicohort, tmp_path, RECIPE)
    grouped = tmp_path / "grouped"
    found = record_of(tmp_path, "005")["volume"]["channels"]
    assert "not_finite" not in found[0] and found[1]["not_finite"] == 3
    for kind, options in (("nnunet", ["--dataset_id", "42"]), ("monai", []), ("msd", ["--dataset_id", "42"])):
        told = export(nicohort, grouped, kind, tmp_path / kind, *options, status=2).stderr
        assert "002: has 1 voxel in its volume that is NaN, infinite or too large for float32" in told and "005: has 3 voxels in its volume that are NaN, infinite or too large for float32" in told
        assert "correct the 2 problems" in told and not (tmp_path / kind).exists()
    for kind in ("csv", "bids"):
        told = export(nicohort, grouped, kind, tmp_path / kind).stderr
        assert "warning: 005: has 3 voxels in its volume that are NaN, infinite or too large for float32; replace them before training" in told


def test_samples_of_an_earlier_version_have_no_fingerprint_until_they_are_made_again(nicohort, tmp_path):
    make(tmp_path)
    run(nicohort, tmp_path, RECIPE)
    nnunet(nicohort, tmp_path / "grouped", tmp_path / "raw")
    file = tmp_path / "raw/nnUNet_preprocessed/Dataset042_Heads/dataset_fingerprint.json"
    made = file.read_bytes()
    for pid in PIDS[:2]:
        record = record_of(tmp_path, pid)
        del record["mask"]["foreground"], record["volume"]["nonzero"]
        (tmp_path / f"grouped/.nicohort/{pid}.json").write_text(json.dumps(record))
    told = nnunet(nicohort, tmp_path / "grouped", tmp_path / "raw").stderr
    assert "dataset_fingerprint.json is not written: 2 samples were made by an earlier version" in told and not file.exists()
    nicohort("run", "--root_dir", tmp_path, "--recipe", tmp_path / "recipe.yaml", "--again")
    nnunet(nicohort, tmp_path / "grouped", tmp_path / "raw")
    assert file.read_bytes() == made


def test_masks_without_a_voxel_have_none(nicohort, tmp_path):
    make(tmp_path, PIDS[:2])
    for pid in PIDS[:2]:
        save(tmp_path, f"{pid}_seg.nii.gz", mask(pid) * 0)
    (tmp_path / "recipe.yaml").write_text(json.dumps({key: value for key, value in RECIPE.items() if key != "splits"}))
    nicohort("run", "--root_dir", tmp_path, "--recipe", tmp_path / "recipe.yaml", status=1)
    told = nnunet(nicohort, tmp_path / "grouped", tmp_path / "raw").stderr
    assert "dataset_fingerprint.json is not written: no mask for training has a voxel" in told
    assert not (tmp_path / "raw/nnUNet_preprocessed").exists()
