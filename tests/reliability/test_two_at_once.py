"""Two at once in the same place: one is refused clearly, and nothing is lost or mixed."""

import re
import signal
import time

import pytest

from long_form import LONG
from stages import contents, differences, fault, leftovers

STOP = int(signal.SIGSTOP)
CHANGING = ["confirm_pairs", "mask_thresholding", "extract_binary_masks", "morphological_open_on_slice_small_region"]



def start_and_hold(nicohort, words, folder, call="open", path="grouped/.nicohort/staging"):
    """A command that stands still, alive, where it has just come to a file: if not told otherwise, to its first change."""
    running = nicohort.start(words, folder, fault(call, f"signal {STOP}", path, times=1))
    deadline = time.monotonic() + 20
    while open(f"/proc/{running.pid}/stat").read().rsplit(")", 1)[1].split()[0] != "T":
        assert running.poll() is None and time.monotonic() < deadline
        time.sleep(0.005)
    return running


def let_go(running):
    running.send_signal(signal.SIGCONT)
    running.communicate()
    return running.returncode


def test_a_second_run_is_refused_and_told_by_whom(nicohort, small, begin):
    stage = small["run"]
    folder = begin(stage)
    first = start_and_hold(nicohort, stage.words, folder)
    said = nicohort(stage.words, folder, 3)
    assert re.search(rf"process {first.pid} on \S+ since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d", said)
    assert let_go(first) == 0
    assert differences(folder, stage.after) == []


def test_a_sample_of_which_another_shard_has_not_written_the_record_yet(nicohort, small, begin):
    """Its files are not the ones that there were, and nobody is to be told so."""
    stage = small["run"]
    folder = begin(stage)
    words = [*stage.words, "--shard", "1/1", "--jobs", "1"]
    second = start_and_hold(nicohort, words, folder, "fsync", "_volume.nii.gz")
    [sample] = {path.name for path in folder.glob("grouped/.nicohort/staging/*/*")}
    first = start_and_hold(nicohort, words, folder, "rename", f"grouped/.nicohort/{sample}.json")
    second.send_signal(signal.SIGCONT)
    time.sleep(0.5)
    assert second.poll() is None
    assert let_go(first) == 0
    _, told = second.communicate()
    assert second.returncode == 0 and "was changed" not in told
    nicohort(stage.words, folder)
    assert differences(folder, stage.after) == [] and not leftovers(folder)


def test_a_killed_run_does_not_block_the_next(nicohort, small, begin):
    stage = small["run"]
    folder = begin(stage)
    first = start_and_hold(nicohort, stage.words, folder)
    first.kill()
    first.communicate()
    nicohort(stage.words, folder)
    assert differences(folder, stage.after) == [] and not leftovers(folder)


@pytest.mark.parametrize("name", [*CHANGING, "small_connected_region_detect", "gen_dataset_manifest"] if LONG else ["confirm_pairs", "mask_thresholding", "gen_dataset_manifest"])
def test_a_run_and_a_command_in_one_dataset(nicohort, small, begin, name):
    run, command = small["run"], small[name]
    folder = begin(command)
    first = start_and_hold(nicohort, run.words, folder)
    before = contents(folder)
    said = nicohort(command.words, folder, 3)
    assert f"another nicohort process is using grouped: process {first.pid} on " in said
    assert contents(folder) == before
    assert let_go(first) == 0
    here = ["write", ".nicohort-"] if name == "gen_dataset_manifest" else []
    command_first = start_and_hold(nicohort, command.words, folder, *here)
    assert f"process {command_first.pid} on " in nicohort([*run.words, "--again"], folder, 3)
    let_go(command_first)
    nicohort([*run.words, "--again"], folder)
    assert not leftovers(folder)


@pytest.mark.parametrize("name", ["gen_archive_manifest", "small_connected_region_detect", "gen_dataset_manifest"])
def test_two_commands_that_write_the_same_file(nicohort, small, begin, name):
    stage = small[name]
    folder = begin(stage)
    first = start_and_hold(nicohort, stage.words, folder, "write", ".nicohort-")
    said = nicohort(stage.words, folder, 3)
    assert "another nicohort process is" in said and (stage.words[-1] in said or f"process {first.pid} on " in said)
    assert let_go(first) == 0
    assert differences(folder, stage.after) == [] and not leftovers(folder)


def test_of_two_splits_of_one_workbook_at_once_none_is_lost(nicohort, small, begin):
    import openpyxl
    stage = small["make_split"]
    folder = begin(stage)
    first = start_and_hold(nicohort, stage.words, folder, "write", ".nicohort-")
    other = [*stage.words[:3], "--split_name", "other", "--site", "TJ"]
    assert "another nicohort process is using" in nicohort(other, folder, 3)
    assert let_go(first) == 0
    nicohort(other, folder)
    assert openpyxl.load_workbook(folder / "grouped/dataset_manifest.xlsx").sheetnames == ["Manifest", "split01_TJ", "other"]


def test_many_splits_of_one_workbook_at_once(nicohort, small, begin):
    """Those that end well are all there."""
    import openpyxl
    folder = begin(small["make_split"])
    names = [f"split{i}" for i in range(8)]
    running = {name: nicohort.start([*small["make_split"].words[:3], "--split_name", name, "--site", "TJ"], folder) for name in names}
    done = [name for name, process in running.items() if process.communicate() and process.returncode == 0]
    assert {process.returncode for process in running.values()} <= {0, 3} and done
    assert set(openpyxl.load_workbook(folder / "grouped/dataset_manifest.xlsx").sheetnames) == {"Manifest", *done}
