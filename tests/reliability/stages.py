"""Every command that writes, with what there is before and after it."""

import dataclasses
import os
import pathlib
import shutil
import subprocess
import time

TUTORIAL = """
gen_archive_manifest --root_dir archive --output_manifest_file descriptor/archive_manifest.xlsx
confirm_pairs --root_dir archive --output_dir grouped --archive_manifest descriptor/archive_manifest.xlsx
mask_thresholding --root_dir grouped --thresh -140.0 1000.0 --output_dir grouped
extract_binary_masks --root_dir grouped --label_explanation descriptor/label_map.yaml
small_connected_region_detect --root_dir grouped --output_manifest descriptor/regions.xlsx
morphological_open_on_slice_small_region --root_dir grouped --output_dir grouped --kernel_size 2 2
gen_dataset_manifest --root_dir grouped --output_manifest_file grouped/dataset_manifest.xlsx
make_split --manifest_file grouped/dataset_manifest.xlsx --split_name split01_TJ --site TJ
extract_split_index_manifest --manifest_file grouped/dataset_manifest.xlsx --split_name split01_TJ --output_index_manifest_dir grouped/splits --subsets train val --subsets test
""".strip().splitlines()
COMMANDS = [*(line.split()[0] for line in TUTORIAL), "run"]


@dataclasses.dataclass
class Program:
    path: pathlib.Path
    injection: pathlib.Path

    def start(self, words, folder, fault=None, **options):
        """The running program. fault: what `fault()` gives."""
        environment = os.environ | ({"LD_PRELOAD": str(self.injection)} | fault if fault else {})
        return subprocess.Popen([self.path, *map(str, words)], cwd=folder, env=environment, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, encoding="utf-8", **options)

    def __call__(self, words, folder, status=0, fault=None, **options):
        """Runs to the end, expects the status, gives stderr."""
        running = self.start(words, folder, fault, **options)
        out, err = running.communicate(timeout=60)
        assert running.returncode == status, f"{' '.join(words)}: {running.returncode}\n{out}{err}"
        return err


def fault(call, do, path="", skip=0, times=0):
    """For Program: of `call` on a file with `path` in its name, `skip` go well, then `times` (0: all) go wrong (inject.cpp)."""
    return {"INJECT_CALL": call, "INJECT_DO": do, "INJECT_PATH": str(path), "INJECT_SKIP": str(skip), "INJECT_TIMES": str(times)}


@dataclasses.dataclass
class Stage:
    words: list
    before: pathlib.Path
    after: dict
    seconds: float


def contents(folder):
    """All files but the run's own state, which has times in it, and the notes of steps under way (differences)."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*"))
            if path.is_file() and path.parent != folder / ".nicohort" and path.parent.name != "unfinished"}


def leftovers(folder):
    return [path for path in folder.rglob("*.tmp")]


def differences(folder, expected):
    ours, notes = contents(folder), [path.as_posix() for path in folder.rglob("unfinished/*")]
    return sorted([name for name in ours.keys() | expected.keys() if ours.get(name) != expected.get(name)] + notes)


def make(nicohort, root, size, until=COMMANDS[-2], patients=12):
    """Of every command up to `until`, and of run."""
    work = root / "work"
    work.mkdir(parents=True)
    stages = {}

    def add(words, folder, before):
        shutil.copytree(folder, before)
        start = time.monotonic()
        nicohort(words, folder)
        seconds, after = time.monotonic() - start, contents(folder)
        stages[words[0]] = Stage(words, before, after, seconds)

    nicohort(["demo", ".", "--patients", str(patients), "--size", *map(str, size)], work)
    run_work = root / "for run" / work.name  # the report has the folder's name
    shutil.copytree(work, run_work)
    for line in TUTORIAL:
        add(line.split(), work, root / line.split()[0])
        if line.startswith(until):
            break
    add(["run", "--root_dir", "."], run_work, root / "run")
    return stages
