"""Volumes and masks that show nothing, and steps that leave too little of a mask, are problems; the samples are kept."""

import json
import shutil

import nibabel
import numpy as np
import pytest

from small_archive import AFFINE
from test_run import results, results_of_commands

RECIPE = """volume: "{pid}_ct.nii.gz"
mask: "{pid}_seg.nii.gz"
labels: {0: Bg, 1: tumour, 2: node}
"""
STEPS = """steps:
  - relabel: {3: tumour}
  - threshold: [-140, 1000]
  - remove_small: {smaller_than: 3 voxels}
"""
SIZE = (8, 7, 3)


def ct(low=-100, high=100):
    return np.random.default_rng(1).integers(low, high, SIZE).astype(np.float32)


def mask(value=1):
    voxels = np.zeros(SIZE, np.uint8)
    voxels[2:6, 2:5, :] = value
    return voxels


def partly(outside):
    """A CT in which so many of the mask's 36 voxels are outside the window."""
    values = ct()
    inside = values[2:6, 2:5, :].reshape(-1)
    inside[:outside] = 2000
    values[2:6, 2:5, :] = inside.reshape(4, 3, 3)
    return values


def with_node(voxels, value=2):
    drawn = mask()
    drawn[0, 0, :voxels] = value
    return drawn


def save(root, name, values):
    (root / "archive").mkdir(exist_ok=True)
    # No two scans are the same.
    if name.endswith("ct") and len(np.unique(values[np.isfinite(values)])) > 1:
        values[7, 6, 2] = len(name) + sum(map(ord, name)) / 1000
    nibabel.save(nibabel.Nifti1Image(values, AFFINE), root / f"archive/{name}.nii.gz")


def one_nan(values):
    values[3, 3, 1] = np.nan
    return values


SAMPLES = {  # the CT, the mask, what is said of which
    "good": (ct(), with_node(3), None),
    "zero": (ct() * 0, mask(), "zero_ct.nii.gz: has the value 0 in all voxels; "),
    "blank": (one_nan(ct() * 0 - 3), mask(), "blank_ct.nii.gz: has the value -3 in all voxels that have a finite one; "),
    "nan": (ct() * np.nan, mask(), "nan_ct.nii.gz: has no value that is a finite number in float32; "),
    "shifted": (ct() + 1200, mask(), "shifted: lost 36 of the 36 voxels of its mask, where the volume is outside [-140, 1000]; "),
    "half": (partly(18), mask(), None),
    "most": (partly(19), mask(), "most: lost 19 of the 36 voxels of its mask, where the volume is outside [-140, 1000]; "),
    "gone": (partly(34), mask(), ["gone: has no voxels of tumour any more: the steps removed all 36; ",  # two of them as small
                                  "gone: lost 34 of the 36 voxels of its mask, where the volume is outside [-140, 1000]; "]),
    "empty": (ct(), mask(0), "empty_seg.nii.gz: is an empty mask: "),
    "lost": (ct(), with_node(2), "lost: has no voxels of node any more: the steps removed all 2; "),
    "renamed": (ct(), mask(3), None),
    "unnamed": (ct(), with_node(2, value=7), "unnamed: had 2 voxels of value 7, which is not in the label map; the steps removed them: "),
}


def make(root, samples=SAMPLES):
    for name, (volume, drawn, _) in samples.items():
        save(root, f"{name}_ct", volume.copy())
        save(root, f"{name}_seg", drawn)
    (root / "descriptor").mkdir()
    (root / "descriptor/label_map.yaml").write_text("short_form_index_map: {0: Bg, 1: tumour, 2: node}\n")
    (root / "recipe.yaml").write_text(RECIPE + STEPS)


def problems(done):
    return sorted(line.removeprefix("problem: ") for line in done.stderr.splitlines() if line.startswith("problem: "))


def run(nicohort, root, *options, status=1):
    return nicohort("run", "--root_dir", ".", "--recipe", "recipe.yaml", *options, cwd=root, status=status)


def test_each_is_told_once_and_again_in_later_runs(nicohort, tmp_path):
    make(tmp_path)
    first = run(nicohort, tmp_path)
    expected = sorted(text for _, _, said in SAMPLES.values() for text in ([said] if isinstance(said, str) else said or []))
    told = problems(first)
    assert [line[:len(text)] for line, text in zip(told, expected)] == expected and len(told) == len(expected), told
    assert f"{len(SAMPLES)} samples processed" in first.stdout
    assert "The volumes of 2 samples have voxels that are NaN, infinite or too large for float32, which training cannot use: blank, nan; export the volumes again" in first.stderr
    for name in SAMPLES:
        assert (tmp_path / f"grouped/{name}/{name}_mask.nii.gz").exists()
    kinds = {line.split(",")[1] for line in (tmp_path / "run.problems.csv").read_text().splitlines()[1:]}
    assert kinds == {"image content"}
    assert problems(run(nicohort, tmp_path)) == told
    save(tmp_path, "more_ct", ct())
    save(tmp_path, "more_seg", mask())
    again = run(nicohort, tmp_path)
    assert f"1 sample processed, {len(SAMPLES)} unchanged" in again.stdout and problems(again) == told
    assert problems(run(nicohort, tmp_path, "--again")) == told


def test_a_relabelling_that_spares_a_sample_leaves_it_told_once(nicohort, tmp_path):
    make(tmp_path, {"shifted": SAMPLES["shifted"]})
    (tmp_path / "recipe.yaml").write_text(RECIPE + "steps: [{threshold: [-140, 1000]}, {relabel: {3: tumour}, where: {pid: other}}]\n")
    told = problems(run(nicohort, tmp_path))
    assert len(told) == 1 and told[0].startswith(SAMPLES["shifted"][2])


def test_the_single_commands_tell_the_same_and_leave_the_same_records(nicohort, tmp_path_factory):
    roots = [tmp_path_factory.mktemp(name) for name in ("run", "commands")]
    make(roots[0])
    shutil.copytree(roots[0], roots[1], dirs_exist_ok=True)
    told = problems(run(nicohort, roots[0]))
    by_commands = []
    for line in (
            "gen_archive_manifest --root_dir archive --output_manifest_file descriptor/archive_manifest.xlsx --recipe recipe.yaml",
            "confirm_pairs --root_dir archive --output_dir grouped --archive_manifest descriptor/archive_manifest.xlsx --recipe recipe.yaml",
            "extract_binary_masks --root_dir grouped --label_explanation descriptor/label_map.yaml"):
        by_commands += problems(nicohort(*line.split(), cwd=roots[1], status=None))
    by_commands += problems(nicohort("apply_step", "--root_dir", "grouped", "relabel: {3: tumour}", cwd=roots[1], status=None))
    by_commands += problems(nicohort(*"mask_thresholding --root_dir grouped --output_dir grouped".split(), cwd=roots[1], status=None))
    by_commands += problems(nicohort("apply_step", "--root_dir", "grouped", "remove_small: {smaller_than: 3 voxels}", cwd=roots[1], status=None))
    nicohort(*"gen_dataset_manifest --root_dir grouped --output_manifest_file grouped/dataset_manifest.xlsx".split(), cwd=roots[1])
    # The value 3 has no label until it is relabelled; 7 has none, which is told when the labels are extracted, too.
    assert sorted(line for line in by_commands if "of value 3" not in line and "has 2 voxels of value 7" not in line) == told
    ours, theirs = results(roots[0]), results_of_commands(roots[1])
    assert [name for name in ours | theirs if ours.get(name) != theirs.get(name) and not name.endswith(".problems.csv")] == []
    assert problems(nicohort(*"mask_thresholding --root_dir grouped --output_dir grouped".split(), cwd=roots[1], status=1)) == told


def test_a_mask_drawn_anew_in_the_dataset_is_what_later_steps_are_compared_with(nicohort, tmp_path):
    make(tmp_path, {"lost": SAMPLES["lost"]})
    run(nicohort, tmp_path)
    path = tmp_path / "grouped/lost/lost_mask.nii.gz"
    nibabel.save(nibabel.Nifti1Image(mask(), AFFINE), path)
    record = tmp_path / "grouped/.nicohort/lost.json"
    assert json.loads(record.read_text())["mask_problems"] != []
    done = nicohort("extract_binary_masks", "--root_dir", "grouped", "--label_explanation", "descriptor/label_map.yaml", cwd=tmp_path)
    assert problems(done) == [] == json.loads(record.read_text())["mask_problems"]


@pytest.mark.parametrize("in_one", [True, False])
def test_each_channel_is_looked_at(nicohort, tmp_path, in_one):
    constant = np.full(SIZE, 7, np.float32)
    if in_one:
        save(tmp_path, "1", np.stack([ct(), constant], axis=3))
        volume = 'volume: {file: "{pid}.nii.gz", channels: [T1, T2]}\n'
    else:
        save(tmp_path, "1_T1", ct())
        save(tmp_path, "1_T2", constant)
        volume = 'volume: {T1: "{pid}_T1.nii.gz", T2: "{pid}_T2.nii.gz"}\n'
    (tmp_path / "recipe.yaml").write_text(volume + 'parts: {pid: "[0-9]+"}\n')
    told, = problems(run(nicohort, tmp_path))
    assert told.startswith("1.nii.gz: channel T2 has the value 7 in all voxels; " if in_one else "1_T2.nii.gz: has the value 7 in all voxels; ")


def test_of_masks_with_a_file_for_each_label_only_all_empty_ones_are_a_problem(nicohort, tmp_path):
    for pid, voxels in {"1": mask(), "2": mask(0)}.items():
        save(tmp_path, f"{pid}_ct", ct())
        save(tmp_path, f"{pid}_seg_tumour", voxels)
        save(tmp_path, f"{pid}_seg_node", mask(0))
    (tmp_path / "recipe.yaml").write_text('volume: "{pid}_ct.nii.gz"\nmask: {file: "{pid}_seg_{label}.nii.gz"}\n'
                                          "labels: {0: Bg, 1: tumour, 2: node}\n")
    told, = problems(run(nicohort, tmp_path))
    assert told.startswith("2: has only empty mask files: ")
