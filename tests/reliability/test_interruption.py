"""Stopped at any moment, by whatever, a command is started again and leaves what it would have left undisturbed."""

import io
import itertools
import json
import random
import re
import shutil
import signal
import time
import zipfile

import openpyxl
import pytest

import stages
from long_form import LONG
from stages import COMMANDS, assert_no_sample_is_mixed, below, contents, differences, each, fault, is_left, leftovers, staged

KILLS = 1000 if LONG else 8
CHANGING = ["confirm_pairs", "mask_thresholding", "extract_binary_masks", "morphological_open_on_slice_small_region", "run"]
SIGNALS = {signal.SIGINT: 130, signal.SIGTERM: 143}


def kill_by_time(nicohort, stage, folder, dice):
    """Gives whether the command was alive."""
    running = nicohort.start([*stage.words, "--quiet"], folder)
    time.sleep(dice.uniform(0, stage.seconds))
    running.kill()
    running.communicate()
    return running.returncode == -signal.SIGKILL


def kill_at_a_call(nicohort, stage, folder, dice):
    call, skip = dice.choice(["open", "write", "fsync", "rename", "mkdir"]), int(dice.expovariate(0.05))
    running = nicohort.start([*stage.words, "--quiet"], folder, fault(call, "signal 9", skip=skip))
    running.communicate()
    return running.returncode == -signal.SIGKILL


def is_list_of_checksums(content):
    return re.fullmatch(rb"(\\?[0-9a-f]{64}  [^\n]+\n)*", content) is not None


def is_json(content):
    return isinstance(json.loads(content), dict)


def sheets_of(workbook):
    with zipfile.ZipFile(io.BytesIO(workbook)) as package:
        assert package.testzip() is None
    return [(sheet.title, list(sheet.values)) for sheet in openpyxl.load_workbook(io.BytesIO(workbook))]


# Of the whole dataset: they grow with each table. How they may be meanwhile; the last command's list of what it has to do is
# none of what stays.
GROWING = {"SHA256SUMS": is_list_of_checksums, "dataset.json": is_json, "unfinished.json": is_json}


def is_whole(stage, name, content):
    """As it was before or as it is to be. The splits come into run's manifest one by one."""
    if content in (stage.contents_before.get(name), stage.after.get(name)):
        return True
    if name == "grouped/dataset_manifest.xlsx" and stage.words[0] == "run":
        found = sheets_of(content)
        return found == sheets_of(stage.after[name])[:len(found)]
    folder, _, file = name.rpartition("/")
    if folder.endswith(".nicohort/progress"):
        return is_json(content)
    return folder.endswith(".nicohort") and file in GROWING and GROWING[file](content)


def assert_every_file_is_whole(stage, folder):
    assert [name for name, content in contents(folder).items() if not is_left(name) and not is_whole(stage, name, content)] == []


def recover(nicohort, folder):
    """By the next command, one that only reads: what was decided is completed, what was not is dropped by the next that writes."""
    if (folder / "grouped/.nicohort").is_dir():
        running = nicohort.start(["verify", "--root_dir", "grouped", "--problems_file", "../verify.csv"], folder)
        running.communicate()
        assert running.returncode in (0, 1, 2), running.returncode


def assert_samples_are_whole(nicohort, stage, folder):
    recover(nicohort, folder)
    assert_no_sample_is_mixed(folder / "grouped", below(stage.contents_before, "grouped"), below(stage.after, "grouped"))


def test_killed_at_random_moments(nicohort, small, tmp_path, capsys):
    dice = random.Random(20251031)
    alive = 0
    for i in range(KILLS):
        stage = small[COMMANDS[i % len(COMMANDS)]]
        folder = tmp_path / "work"
        shutil.copytree(stage.before, folder)
        kill = dice.choice([kill_by_time, kill_at_a_call])
        is_killed = kill(nicohort, stage, folder, dice)
        alive += is_killed
        assert_every_file_is_whole(stage, folder)
        assert_samples_are_whole(nicohort, stage, folder)
        if is_killed:
            nicohort(stage.words, folder)  # nothing is done twice: the records would show it
        assert differences(folder, stage.after) == [], stage.words
        assert not leftovers(folder)
        shutil.rmtree(folder)
    with capsys.disabled():
        print(f"\n{KILLS} kills, {alive} while the command was alive")
    assert alive > KILLS / 2


@pytest.mark.parametrize("name", CHANGING)
def test_killed_again_and_again_in_the_same_folder(nicohort, small, begin, name):
    """Also while it recovers."""
    dice = random.Random(7)
    stage = small[name]
    folder = begin(stage)
    for _ in range(10 if LONG else 3):
        kill_at_a_call(nicohort, stage, folder, dice)
    assert_samples_are_whole(nicohort, stage, folder)
    nicohort(stage.words, folder)
    assert differences(folder, stage.after) == [] and not leftovers(folder)


@pytest.mark.parametrize("name, number", each(COMMANDS if LONG else ["make_split", *CHANGING], SIGNALS, ["run"], [signal.SIGINT]))
def test_a_signal_while_a_file_is_written(nicohort, small, begin, name, number):
    """The signal comes when an output is opened, of a command that writes samples that of a sample."""
    stage = small[name]
    folder = begin(stage)
    path = "_mask" if name in CHANGING else ".nicohort-"
    call = "write" if name in CHANGING else "open"
    said = nicohort(stage.words, folder, SIGNALS[number], fault(call, f"signal {int(number)}", path, times=1))
    assert "Run the same command again" in said
    assert not leftovers(folder)
    assert_every_file_is_whole(stage, folder)
    nicohort(stage.words, folder)
    assert differences(folder, stage.after) == []


@pytest.mark.parametrize("name", ["gen_archive_manifest", "confirm_pairs", "mask_thresholding", "extract_binary_masks",
                                  "small_connected_region_detect", "morphological_open_on_slice_small_region", "run"]
                         if LONG else ["gen_archive_manifest", "mask_thresholding", "run"])
def test_a_signal_while_an_image_is_read(nicohort, small, begin, name):
    stage = small[name]
    folder = begin(stage)
    said = nicohort(stage.words, folder, 130, fault("read", "signal 2", ".nii.gz", skip=9, times=1))
    assert "Run the same command again" in said and not leftovers(folder)
    nicohort(stage.words, folder)
    assert differences(folder, stage.after) == []


# Killed when its fourth sample is decided: three are done, one is decided, most are not begun.
DECIDED = fault("rename", "signal 9", "/.nicohort/commit/", skip=3)


@pytest.mark.parametrize("name", CHANGING)
def test_nobody_takes_what_a_stopped_command_left_for_a_dataset(nicohort, small, begin, name):
    """The other commands refuse it and write nothing, verify and report tell it, the same command goes on."""
    stage = small[name]
    folder = begin(stage)
    nicohort([*stage.words, "--jobs", "1"], folder, -signal.SIGKILL, DECIDED)
    recover(nicohort, folder)
    left = {path: content for path, content in contents(folder).items() if not is_left(path)}
    for other in COMMANDS:
        words = small[other].words
        if "grouped" in words and other not in (name, "confirm_pairs") or "grouped/dataset_manifest.xlsx" in words:
            if not (folder / "grouped/dataset_manifest.xlsx").exists() and "--manifest_file" in words:
                continue
            assert f"{name} was interrupted" in nicohort(words, folder, 2), other
    assert {path: content for path, content in contents(folder).items() if not is_left(path)} == left
    assert f"problem: {name}: was interrupted" in nicohort(["verify", "--root_dir", "grouped"], folder, 1)
    assert f"problem: {name}: was interrupted" in nicohort(["report", "--root_dir", "."], folder, 1)
    shutil.rmtree(folder / "report")
    (folder / "grouped/verify.problems.csv").unlink()
    nicohort(stage.words, folder)
    assert differences(folder, stage.after) == [] and not leftovers(folder)


@pytest.mark.parametrize("flags", [[], ["--skip_existing"], ["--again"]])
def test_a_stopped_command_does_not_go_on_with_other_options(nicohort, small, begin, flags):
    stage = small["morphological_open_on_slice_small_region"]
    folder = begin(stage)
    nicohort([*stage.words, "--jobs", "1"], folder, -signal.SIGKILL, DECIDED)
    recover(nicohort, folder)
    left = {name: content for name, content in contents(folder).items() if not is_left(name)}
    said = nicohort([*stage.words[:5], "--kernel_size", "7", "7", *flags], folder, 2)
    assert "morphological_open_on_slice_small_region was interrupted" in said and "with the same options" in said
    assert {name: content for name, content in contents(folder).items() if not is_left(name)} == left
    nicohort(stage.words, folder)
    assert differences(folder, stage.after) == [] and not leftovers(folder)


@pytest.fixture(scope="module")
def large(nicohort, tmp_path_factory):
    return stages.make(nicohort, tmp_path_factory.mktemp("large"), (128, 128, 40), until="confirm_pairs")


@pytest.mark.parametrize("name, number", itertools.product(["confirm_pairs", "run"], SIGNALS) if LONG else [("run", signal.SIGTERM)])
def test_a_signal_at_work_ends_it_at_once(nicohort, large, begin, name, number):
    stage = large[name]
    folder = begin(stage)
    running = nicohort.start([*stage.words, "--jobs", 1, "--compression", "small"], folder)
    time.sleep(0.2)
    assert running.poll() is None, "ended before it was interrupted: make the archive larger"
    running.send_signal(number)
    _, said = running.communicate(timeout=10)  # well under a second on a machine that is not busy
    assert running.returncode == SIGNALS[number] and "Run the same command again" in said
    assert not leftovers(folder)
    nicohort(stage.words, folder)
    assert differences(folder, stage.after) == []


def test_what_a_killed_command_staged_is_dropped_by_any_that_writes(nicohort, small, begin):
    stage = small["extract_binary_masks"]
    folder = begin(stage)
    nicohort(stage.words, folder, -signal.SIGKILL, fault("fsync", "signal 9", "_mask_01_EsoROI.nii.gz"))
    assert [path for path in staged(folder) if path.name.endswith(".nii.gz")]
    nicohort(small["confirm_pairs"].words, folder)
    assert not leftovers(folder)


DEMO = ["--patients", "3", "--size", "32", "32", "16", "--faults"]


@pytest.fixture(scope="module")
def demo(nicohort, tmp_path_factory):
    """What an undisturbed demo makes."""
    folder = tmp_path_factory.mktemp("demo")
    nicohort(["demo", ".", *DEMO], folder)
    return contents(folder)


@pytest.mark.parametrize("call, skip", [("open", 0), ("rename", 1), ("write", 9), ("rename", 36)] if LONG else [("write", 9)])
def test_a_killed_demo_is_started_again(nicohort, demo, tmp_path, call, skip):
    assert len(demo) > 36
    (tmp_path / "notes.txt").write_text("mine")
    for _ in range(2):
        dying = fault(call, "signal 9", ".nicohort-" if call == "open" else "", skip)
        nicohort(["demo", ".", *DEMO, "--jobs", "1"], tmp_path, -signal.SIGKILL, dying)
    nicohort(["demo", ".", *DEMO], tmp_path)
    assert differences(tmp_path, demo | {"notes.txt": b"mine"}) == []


def test_a_demo_takes_over_nothing_but_its_own(nicohort, tmp_path):
    nicohort(["demo", ".", *DEMO], tmp_path, -signal.SIGKILL, fault("rename", "signal 9", skip=5))
    before = contents(tmp_path)
    assert "unfinished demo" in nicohort(["demo", ".", *DEMO, "--seed", "1"], tmp_path, 2)
    assert contents(tmp_path) == before
    for name in ["archive/mine.txt", "descriptor/label_map.yaml", "faults.csv"]:
        folder = tmp_path / name.replace("/", "_")
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text("mine")
        assert "is there already" in nicohort(["demo", ".", *DEMO], folder, 2)
        assert contents(folder) == {name: b"mine"}
