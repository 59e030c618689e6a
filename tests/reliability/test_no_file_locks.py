"""SPEC 8: where the file system has no locks (Lustre without flock, some NFS) everything works, one at a time, and this is told."""

import errno
import fcntl
import signal
import time

import pytest

from stages import COMMANDS, differences, each, fault, leftovers
from test_two_at_once import STOP, let_go

CODES = [errno.ENOSYS, errno.ENOLCK, errno.EBADF]
WORKS_ON_A_DATASET = [name for name in COMMANDS if name != "gen_archive_manifest"]


def no_locks(code=errno.ENOSYS):
    return fault("flock", f"error {code}")


def start_and_hold(nicohort, words, folder):
    """A command without file locks that stands still, alive, once it has its lease on the dataset."""
    running = nicohort.start(words, folder, no_locks())
    deadline = time.monotonic() + 20
    while not [lease for lease in folder.glob("grouped/.nicohort/lease/*") if lease.stat().st_size > 0]:
        assert running.poll() is None and time.monotonic() < deadline
    running.send_signal(STOP)
    return running


@pytest.mark.parametrize("name, code", each(COMMANDS, CODES, ["run"], [errno.ENOSYS]))
def test_everything_works_and_is_told(nicohort, small, begin, name, code):
    stage = small[name]
    folder = begin(stage)
    said = nicohort(stage.words, folder, fault=no_locks(code))
    assert differences(folder, stage.after) == [] and not leftovers(folder)
    assert name not in WORKS_ON_A_DATASET or "warning" in said and "has no file locks" in said
    assert not [*folder.rglob("lease/*")]


@pytest.mark.parametrize("name", ["run", "mask_thresholding", "make_split"])
def test_the_second_is_refused_by_name(nicohort, small, begin, name):
    first_stage, stage = small["run"], small[name]
    folder = begin(stage)
    first = start_and_hold(nicohort, first_stage.words, folder)
    said = nicohort(stage.words, folder, 3, fault=no_locks())
    assert "another nicohort" in said and f"process {first.pid} on " in said
    assert let_go(first) == 0


@pytest.mark.parametrize("name", ["run", "mask_thresholding"])
def test_of_a_dead_one_nothing_is_waited_for(nicohort, small, begin, name):
    stage = small[name]
    folder = begin(stage)
    first = start_and_hold(nicohort, stage.words, folder)
    first.kill()
    first.communicate()
    nicohort(stage.words, folder, fault=no_locks())
    assert differences(folder, stage.after) == [] and not [*folder.rglob("lease/*")]


def test_killed_while_it_writes_it_goes_on(nicohort, small, begin):
    """What the killed command had brought to the disk is taken over, and nothing is left."""
    stage = small["morphological_open_on_slice_small_region"]
    folder = begin(stage)
    first = start_and_hold(nicohort, stage.words, folder)
    first.send_signal(signal.SIGCONT)
    while not [path for path in leftovers(folder) if path.name.endswith(".nii.gz")]:
        assert first.poll() is None
    first.kill()
    first.communicate()
    nicohort(stage.words, folder, fault=no_locks())
    assert differences(folder, stage.after) == [] and not leftovers(folder)


def test_shards_at_once(nicohort, small, begin):
    stage = small["run"]
    folder = begin(stage)
    shards = [nicohort.start([*stage.words, "--shard", f"{index}/4"], folder, no_locks()) for index in (1, 2, 3, 4, 3)]
    for shard in shards:
        said = shard.communicate(timeout=60)
        assert shard.returncode in (0, 1), said
    nicohort(stage.words, folder, fault=no_locks())
    assert differences(folder, stage.after) == [] and not leftovers(folder) and not [*folder.rglob("lease/*")]


def test_a_lock_that_somebody_has_is_still_one(nicohort, small, begin):
    stage = small["mask_thresholding"]
    folder = begin(stage)
    with open(folder / "grouped/.nicohort/lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "another nicohort" in nicohort(stage.words, folder, 3)
    nicohort(stage.words, folder)
    assert differences(folder, stage.after) == []
