"""Prints a table of the time and the memory that commands take for many tiny samples.

usage: many_samples.py BUILD FOLDER COUNT...    (BUILD: the build folder; FOLDER: new or empty; COUNT: samples, such as 1000 10000)

Each sample is a CT of 8×8×4 voxels and its mask, so that what counts is the work on files, records and tables. Each command
is run once, in a fresh process.
"""

import gzip
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nibabel
import numpy as np

RECIPE = """volume: "{site}/{pid}_{phase}_ct.nii.gz"
mask: "{site}/{pid}_{phase}_seg.nii.gz"
parts: {phase: {pre: pre, post: post}}
id: "{site}_{pid}_{phase}"
intensity: {unit: HU}
labels: {0: Bg, 1: tumour}
steps: [{threshold: [-140, 1000]}, {remove_small: 2 voxels}]
splits: [{name: first, test_ratio: 0.2, val_ratio: 0.2, subsets: [[train], [val], [test]]}]
"""
SHAPE = 8, 8, 4


def image_bytes(kind):
    """The bytes of an image before its voxels."""
    image = nibabel.Nifti1Image(np.zeros(SHAPE, kind), np.diag([0.8, 0.8, 2, 1]))
    return image.to_bytes()[:352]


def make_archive(root, count):
    random = np.random.default_rng(1)
    heads = image_bytes(np.int16), image_bytes(np.uint8)
    mask = np.zeros(SHAPE, np.uint8)
    mask[2:6, 2:6, 1:3] = 1
    for i in range(count):
        folder = root / f"archive/S{i // 2 % 40:02}"
        folder.mkdir(parents=True, exist_ok=True)
        stem = f"{i // 2:07}_{('pre', 'post')[i % 2]}"
        voxels = random.integers(0, 200, SHAPE, np.int16)
        for ending, head, values in zip(("ct", "seg"), heads, (voxels, mask)):
            (folder / f"{stem}_{ending}.nii.gz").write_bytes(gzip.compress(head + values.tobytes("F"), 1))
    (root / "recipe.yaml").write_text(RECIPE)


def measure(command):
    """Seconds, and the maximum resident set size in MB."""
    note = Path("time.txt")
    begin = time.perf_counter()
    done = subprocess.run(["/usr/bin/time", "-q", "-f", "%M", "-o", note, *map(str, command)], capture_output=True, text=True)
    taken = time.perf_counter() - begin
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: {done.returncode}\n{done.stderr}")
    return taken, int(note.read_text()) * 1024 / 1e6


def commands(nicohort, root):
    grouped, manifest = root / "grouped", root / "grouped/dataset_manifest.xlsx"
    yield "`run`", [nicohort, "run", "--root_dir", root, "--recipe", root / "recipe.yaml", "--quiet"]
    yield "`run`, nothing changed", [nicohort, "run", "--root_dir", root, "--recipe", root / "recipe.yaml", "--quiet"]
    yield "`run --dry_run`", [nicohort, "run", "--root_dir", root, "--recipe", root / "recipe.yaml", "--dry_run"]
    yield "`verify`", [nicohort, "verify", "--root_dir", grouped, "--quiet"]
    yield "`report`", [nicohort, "report", "--root_dir", root, "--quiet"]
    yield "`gen_dataset_manifest`", [nicohort, "gen_dataset_manifest", "--root_dir", grouped, "--output_manifest_file", root / "m.xlsx", "--quiet"]
    yield "`make_split`", [nicohort, "make_split", "--manifest_file", manifest, "--split_name", "second", "--folds", 5, "--quiet"]
    yield "`export --format nnunet`", [nicohort, "export", "--root_dir", grouped, "--format", "nnunet", "--split", "second", "--dataset_id", 1,
                                       "--dataset_name", "Many", "--output", root / "raw", "--quiet"]


def main(build, folder, counts):
    folder.mkdir(parents=True, exist_ok=True)
    table = {}
    for count in counts:
        root = folder / str(count)
        make_archive(root, count)
        for name, command in commands(build / "nicohort", root):
            table.setdefault(name, []).append(measure(command))
        shutil.rmtree(root)
    print("| command |" + "".join(f" {count:,}: s | MB |" for count in counts) + " kB a sample |")
    print("|---|" + "---:|---:|" * len(counts) + "---:|")
    for name, runs in table.items():
        growth = (runs[-1][1] - runs[0][1]) * 1000 / max(counts[-1] - counts[0], 1)
        print(f"| {name} |" + "".join(f" {taken:.1f} | {memory:.0f} |" for taken, memory in runs) + f" {growth:.1f} |")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve(), [int(count) for count in sys.argv[3:]])
