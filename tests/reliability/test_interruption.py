"""Stopped at any moment, by whatever, a command is started again and leaves what it would have left undisturbed."""

import os
import random
import shutil
import signal
import time

import pytest

import stages
from stages import COMMANDS, contents, differences, fault, leftovers

KILLS = 1000 if os.environ.get("NICOHORT_LONG") else 100
NOTED = ["confirm_pairs", "mask_thresholding", "extract_binary_masks", "morphological_open_on_slice_small_region", "run"]
SIGNALS = {signal.SIGINT: 130, signal.SIGTERM: 143}


def kill_by_time(nicohort, stage, folder, dice):
    """Gives whether the command was alive."""
    running = nicohort.start([*stage.words, "--quiet"], folder)
    time.sleep(dice.uniform(0, stage.seconds))
    running.kill()
    running.communicate()
    return running.returncode == -signal.SIGKILL


def kill_at_a_call(nicohort, stage, folder, dice):
    call, skip = dice.choice(["open", "write", "fsync", "rename"]), int(dice.expovariate(0.2))
    running = nicohort.start([*stage.words, "--quiet"], folder, fault(call, "signal 9", skip=skip))
    running.communicate()
    return running.returncode == -signal.SIGKILL


def assert_every_file_is_whole(stage, folder):
    """Each is as it was before or as it is to be. `run` adds the splits to its manifest one by one, and tables come into
    the list of checksums one by one."""
    if stage.words[0] == "run":
        return
    before = contents(stage.before)
    found = {name: content for name, content in contents(folder).items() if not name.endswith((".tmp", "/SHA256SUMS"))}
    assert [name for name, content in found.items() if content not in (before.get(name), stage.after.get(name))] == []


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
        # Killed after its last act, a command had finished; a step that is done a second time is on record twice.
        if is_killed and differences(folder, stage.after):
            nicohort(stage.words, folder)
        assert differences(folder, stage.after) == [], stage.words
        assert not leftovers(folder)
        shutil.rmtree(folder)
    with capsys.disabled():
        print(f"\n{KILLS} kills, {alive} while the command was alive")
    assert alive > KILLS / 2


def test_killed_again_and_again_in_the_same_folder(nicohort, small, begin):
    dice = random.Random(7)
    stage = small["run"]
    folder = begin(stage)
    for _ in range(10):
        kill_at_a_call(nicohort, stage, folder, dice)
    nicohort(stage.words, folder)
    assert differences(folder, stage.after) == [] and not leftovers(folder)


@pytest.mark.parametrize("number, status", SIGNALS.items(), ids=["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_signal_while_a_file_is_written(nicohort, small, begin, name, number, status):
    """The signal comes when the first output is opened; a command that writes samples opens its note before."""
    stage = small[name]
    folder = begin(stage)
    said = nicohort(stage.words, folder, status,
                    fault("open", f"signal {int(number)}", ".nicohort-", skip=int(name in NOTED), times=1))
    assert "Start the same command again" in said
    assert not leftovers(folder)
    assert_every_file_is_whole(stage, folder)
    nicohort(stage.words, folder)
    assert differences(folder, stage.after) == []


@pytest.mark.parametrize("name", ["gen_archive_manifest", "confirm_pairs", "mask_thresholding", "extract_binary_masks",
                                  "small_connected_region_detect", "morphological_open_on_slice_small_region", "run"])
def test_a_signal_while_an_image_is_read(nicohort, small, begin, name):
    stage = small[name]
    folder = begin(stage)
    said = nicohort(stage.words, folder, 130, fault("read", "signal 2", ".nii.gz", skip=9, times=1))
    assert "Start the same command again" in said and not leftovers(folder)
    nicohort(stage.words, folder)
    assert differences(folder, stage.after) == []


@pytest.mark.parametrize("name", NOTED)
def test_nobody_takes_what_a_stopped_command_left_for_a_dataset(nicohort, small, begin, name):
    """The other commands refuse it and write nothing, verify and report tell it, the same command goes on."""
    stage = small[name]
    folder = begin(stage)
    nicohort([*stage.words, "--jobs", "1"], folder, -signal.SIGKILL, fault("rename", "signal 9", "_mask", skip=6))
    left = contents(folder)
    for other in COMMANDS:
        if "grouped" in small[other].words and other not in (name, "confirm_pairs"):
            assert f"{name} was stopped here" in nicohort(small[other].words, folder, 2), other
    assert contents(folder) == left
    assert f"problem: {name}: was stopped" in nicohort(["verify", "--root_dir", "grouped"], folder, 1)
    assert f"problem: {name}: was stopped" in nicohort(["report", "--root_dir", "."], folder, 1)
    shutil.rmtree(folder / "report")
    (folder / "grouped/verify.problems.csv").unlink()
    nicohort(stage.words, folder)
    assert differences(folder, stage.after) == []


@pytest.mark.parametrize("flags", [[], ["--skip_existing"]])
def test_a_stopped_command_does_not_go_on_with_other_options(nicohort, small, begin, flags):
    stage = small["morphological_open_on_slice_small_region"]
    folder = begin(stage)
    nicohort([*stage.words, "--jobs", "1"], folder, -signal.SIGKILL, fault("rename", "signal 9", "_mask", skip=6))
    left = contents(folder)
    said = nicohort([*stage.words[:5], "--kernel_size", "7", "7", *flags], folder, 2)
    assert "other options" in said and '"kernel_size":[2,2]' in said
    assert contents(folder) == left
    nicohort([*stage.words, *flags], folder)
    assert differences(folder, stage.after) == []


@pytest.fixture(scope="module")
def large(nicohort, tmp_path_factory):
    return stages.make(nicohort, tmp_path_factory.mktemp("large"), (128, 128, 40), until="confirm_pairs")


@pytest.mark.parametrize("number, status", SIGNALS.items(), ids=["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("name", ["confirm_pairs", "run"])
def test_a_signal_at_work_ends_it_at_once(nicohort, large, begin, name, number, status):
    stage = large[name]
    folder = begin(stage)
    running = nicohort.start([*stage.words, "--jobs", 1, "--compression", "small"], folder)
    time.sleep(0.2)
    assert running.poll() is None, "ended before it was interrupted: make the archive larger"
    running.send_signal(number)
    _, said = running.communicate(timeout=10)  # well under a second on a machine that is not busy
    assert running.returncode == status and "Start the same command again" in said
    assert not leftovers(folder)
    nicohort(stage.words, folder)
    assert differences(folder, stage.after) == []


def test_what_a_killed_command_left_of_a_sample_since_removed_is_swept(nicohort, small, begin):
    """The rerun does not write that file again."""
    stage = small["extract_binary_masks"]
    folder = begin(stage)
    nicohort(stage.words, folder, -signal.SIGKILL, fault("fsync", "signal 9", "/XY/"))
    [left, *_] = leftovers(folder)
    shutil.copytree(left.parent, folder / "kept")
    for path in left.parent.iterdir():
        if path != left:
            path.unlink()
    nicohort(stage.words, folder)
    assert not leftovers(folder / "grouped")


def test_a_living_command_s_temporary_file_is_not_swept(nicohort, small, begin):
    import fcntl
    stage = small["extract_binary_masks"]
    folder = begin(stage)
    living = folder / "grouped/.nicohort-0123456789abcdef.tmp"
    with open(living, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        nicohort(stage.words, folder)
        assert living.exists()
    nicohort(stage.words, folder)
    assert not living.exists()


DEMO = ["--patients", "3", "--size", "32", "32", "16", "--faults"]


@pytest.fixture(scope="module")
def demo(nicohort, tmp_path_factory):
    """What an undisturbed demo makes."""
    folder = tmp_path_factory.mktemp("demo")
    nicohort(["demo", ".", *DEMO], folder)
    return contents(folder)


@pytest.mark.parametrize("call, skip", [("open", 0), ("rename", 1), ("write", 9), ("rename", 36)])
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
