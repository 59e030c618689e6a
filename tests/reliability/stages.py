"""Every command that writes, with what there is before and after it."""

import dataclasses
import functools
import json
import os
import pathlib
import shutil
import subprocess
import time

from long_form import LONG

TUTORIAL = """
gen_archive_manifest --root_dir archive --output_manifest_file descriptor/archive_manifest.xlsx
confirm_pairs --root_dir archive --output_dir grouped --archive_manifest descriptor/archive_manifest.xlsx
mask_thresholding --root_dir grouped --thresh -140.0 1000.0 --output_dir grouped
extract_binary_masks --root_dir grouped --label_explanation descriptor/label_map.yaml
small_connected_region_detect --root_dir grouped --output_manifest descriptor/regions.xlsx
morphological_open_on_slice_small_region --root_dir grouped --output_dir grouped --kernel_size 2 2 --region_area_thresh 1000
gen_dataset_manifest --root_dir grouped --output_manifest_file grouped/dataset_manifest.xlsx
make_split --manifest_file grouped/dataset_manifest.xlsx --split_name split01_TJ --site TJ
extract_split_index_manifest --manifest_file grouped/dataset_manifest.xlsx --split_name split01_TJ --output_index_manifest_dir grouped/splits --subsets train val --subsets test
""".strip().splitlines()
COMMANDS = [*(line.split()[0] for line in TUTORIAL), "run"]


def each(names, cases, thorough, usual):
    """Pairs of a command and a case. The short form has all cases of the `thorough` commands, of others the `usual` ones."""
    return [(name, case) for name in names for case in cases if LONG or name in thorough or case in usual]


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
        """Runs to the end, expects the status, gives stderr. That cleaning takes some of these tiny masks whole is as it should be."""
        running = self.start(words, folder, fault, **options)
        out, err = running.communicate(timeout=60)
        told = [line for line in err.splitlines() if line.startswith("problem: ")]
        takes_masks = bool(told) and all("has no voxels of Eso" in line for line in told)
        assert running.returncode == (1 if status == 0 and takes_masks else status), f"{' '.join(words)}: {running.returncode}\n{out}{err}"
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

    @functools.cached_property
    def contents_before(self):
        return contents(self.before)


NO_RESULT = {"cache", "lock", "lease"}  # of the dataset's own folder: who is at work, and what is derived


def is_result(path):
    parts = path.parts
    return ".nicohort" not in parts or not NO_RESULT & set(parts[parts.index(".nicohort") + 1:][:1])


def contents(folder):
    """All files, also what a stopped command left; not caches and locks."""
    paths = ((path, path.relative_to(folder)) for path in sorted(folder.rglob("*")))
    return {name.as_posix(): path.read_bytes() for path, name in paths if is_result(name) and path.is_file()}


def is_left(name):
    """Whether only a command at work has a file of this name."""
    return name.endswith(".tmp") or "/.nicohort/staging/" in f"/{name}" or "/.nicohort/commit/" in f"/{name}"


def leftovers(folder):
    """Temporary and staged files and the folders of tokens."""
    # os.walk() also goes through folders that a command is just removing.
    paths = [pathlib.Path(place) / name for place, folders, files in os.walk(folder) for name in folders + files]
    return [path for path in paths if is_left(path.relative_to(folder).as_posix())]


def staged(folder):
    """What is not decided, nor ever will be: nobody but a living command has it."""
    return [path for path in leftovers(folder) if "commit" not in path.parts]


def differences(folder, expected):
    ours = contents(folder)
    return sorted(name for name in ours.keys() | expected.keys() if ours.get(name) != expected.get(name))


def records(folder):
    """{ID: record} of a dataset."""
    own = folder / ".nicohort"
    return {path.stem: json.loads(path.read_text()) for path in own.glob("*.json")
            if path.name not in ("dataset.json", "unfinished.json")}


def assert_no_sample_is_mixed(dataset, *states):
    """Each sample, its files and its record, is wholly as in one of the states (contents of datasets), or in none of them."""
    found = contents(dataset)
    before_after = [{sample: of_sample(state, sample) for sample in samples_of(state)} for state in states]
    for sample in samples_of(found).union(*before_after):
        assert of_sample(found, sample) in [state.get(sample, {}) for state in before_after], sample


def samples_of(files):
    return {pathlib.PurePath(name).stem for name in files
            if name.startswith(".nicohort/") and name.endswith(".json") and name.count("/") == 1} - {"dataset", "unfinished"}


def of_sample(files, sample):
    return {name: content for name, content in files.items()
            if name == f".nicohort/{sample}.json" or f"/{sample}/" in name and not name.startswith(".nicohort/")}


def below(files, folder):
    """Of contents() those in a folder, by their names there."""
    return {name.removeprefix(f"{folder}/"): content for name, content in files.items() if name.startswith(f"{folder}/")}


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
