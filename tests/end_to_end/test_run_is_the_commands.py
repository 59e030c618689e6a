"""A property: whatever the recipe, `run` leaves what the single commands leave, byte for byte, records included."""

import random
import shutil

import nibabel
import numpy as np
import pytest
import yaml

import small_archive
from test_run import results, results_of_commands

RECIPE = {
    "volume": "{site_dir}/{phase_dir}/images/{site}_{pid}.nii.gz",
    "mask": "{site_dir}/{phase_dir}/masks/{site}_{pid}.nii.gz",
    "parts": {"site": {"TJ": "tongji"}, "phase": {"pre": "pre-therapy", "post": "post-therapy"}},
    "id": "{site}_{pid}_{phase}", "folder": "{site}/{phase}",
    "metadata": [{"file": "data_meta_tongji.xlsx", "key": {"PID": "{pid}"}}],
}


def make_archive(root, dice):
    """Masks of many small pieces, some values of which no label map has; a volume without a mask."""
    pids = ["0001", "0002"]
    small_archive.make(root, pids)
    noise = np.random.default_rng(dice.randrange(2**32))
    values = dice.choice([[0, 1, 2], [0, 1, 2, 5], [1, 2], [0, 3]])
    for path in sorted((root / "archive").rglob("*.nii.gz")):
        if path.parent.name == "images":
            voxels = noise.normal(0, 150, (14, 11, 4)).astype(np.int16)
        else:
            voxels = np.kron(noise.choice(values, (7, 11, 4)), np.ones((2, 1, 1))).astype(np.uint8)
        nibabel.save(nibabel.Nifti1Image(voxels, small_archive.AFFINE), path)
    if dice.random() < 0.3:
        small_archive.image_path(root, "0002", "m3d").unlink()


def window(dice):
    return sorted(dice.sample([-1000, -200.5, -100, -20, 0, 50, 120, 400, 1000], 2))


def threshold(dice):
    lowest, highest = window(dice)
    return {"threshold": [lowest, highest]}, \
        f"mask_thresholding --root_dir grouped --output_dir grouped --thresh {lowest} {highest}"


def clean_slices(dice):
    kernel, halfedge, area = [dice.randint(1, 4), dice.randint(1, 4)], dice.randint(0, 3), dice.choice([1, 3.5, 10])
    empty = dice.choice(["neighbourhood", "background"])
    step = {"kernel_size": kernel, "smaller_than": f"{area} mm2", "filter_halfedge": halfedge, "empty_label": empty}
    return {"clean_slices": step}, (
        f"morphological_open_on_slice_small_region --root_dir grouped --output_dir grouped --kernel_size {kernel[0]} {kernel[1]} "
        f"--filter_halfedge {halfedge} --region_area_thresh {area} --empty_label {empty} --no_thresh")


def list_small(dice):
    size = dice.choice([3, 20.5, 300])
    table = f"regions_{size}.xlsx"
    return {"list_small": {"smaller_than": f"{size} mm3", "output": table}}, (
        f"small_connected_region_detect --root_dir grouped --region_volume_thresh {size} --output_manifest descriptor/{table}")


def random_work(dice):
    """(steps of a recipe, the commands that do them): binary masks have to be there before they are cleaned or listed.

    No step is there twice: a command that was done does nothing when it is given again, and a recipe may not say it twice.
    """
    steps = [threshold(dice) for _ in range(dice.randint(0, 2))]
    extract = ("extract_binary_masks --root_dir grouped --label_explanation descriptor/label_map.yaml",)
    after = [dice.choice([threshold, clean_slices, list_small])(dice) for _ in range(dice.randint(0, 4))]
    steps = [work for i, work in enumerate(steps) if work not in steps[:i]]
    after = [work for i, work in enumerate(after) if work not in steps + after[:i]]
    return [step for step, _ in steps + after], [*(command for _, command in steps), *extract, *(command for _, command in after)]


@pytest.mark.parametrize("seed", range(12))
def test_run_is_the_commands(nicohort, tmp_path, seed):
    dice = random.Random(seed)
    make_archive(tmp_path / "run", dice)
    labels = dice.choice([{0: "Bg", 1: "tumour", 2: "node"}, {1: "tumour"}, {1: "tumour", 2: "node"}, {0: "Bg", 1: "a", 2: "b", 5: "c"}])
    steps, commands = random_work(dice)
    (tmp_path / "run/descriptor/label_map.yaml").write_text(yaml.safe_dump({"short_form_index_map": labels}))
    (tmp_path / "run/recipe.yaml").write_text(yaml.safe_dump(RECIPE | {"steps": steps}, sort_keys=False))
    shutil.copytree(tmp_path / "run", tmp_path / "commands")
    done = nicohort("run", "--root_dir", ".", "--recipe", "recipe.yaml", cwd=tmp_path / "run", status=None)
    assert done.returncode in (0, 1), done.stderr
    for line in (
            "gen_archive_manifest --root_dir archive --output_manifest_file descriptor/archive_manifest.xlsx --recipe recipe.yaml",
            "confirm_pairs --root_dir archive --output_dir grouped --archive_manifest descriptor/archive_manifest.xlsx --recipe recipe.yaml",
            *commands, "gen_dataset_manifest --root_dir grouped --output_manifest_file grouped/dataset_manifest.xlsx"):
        command = nicohort(*line.split(), cwd=tmp_path / "commands", status=None)
        assert command.returncode in (0, 1), f"{line}\n{command.stderr}"
    ours, theirs = results(tmp_path / "run"), results_of_commands(tmp_path / "commands")
    assert ours.keys() == theirs.keys(), (steps, labels)
    assert [name for name in ours if ours[name] != theirs[name]] == [], (steps, labels)
