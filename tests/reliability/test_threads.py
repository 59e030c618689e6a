"""--jobs is the limit of a whole command, and a system without threads is told by name."""

import errno
import os

import nibabel
import numpy as np
import pytest

from stages import COMMANDS, differences, fault

TBB, OWN = "libtbb", "libstdc++"  # the libraries that begin threads
OF_LEASE = 1  # the one that says that a dataset is in use
NO_MORE = f"error {errno.EAGAIN}"
has_two_cores = pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="needs two cores")


@pytest.mark.parametrize("library, skip", [(TBB, 0), (OWN, OF_LEASE)])
@pytest.mark.parametrize("name", COMMANDS)
def test_one_job_takes_one_thread(nicohort, small, begin, name, library, skip):
    """Threads that are begun in spite of it fail."""
    stage = small[name]
    folder = begin(stage)
    nicohort([*stage.words, "--jobs", "1", "--quiet"], folder, 0, fault("thread", NO_MORE, library, skip))
    assert differences(folder, stage.after) == []


@has_two_cores
def test_without_more_threads_several_jobs_end_with_the_reason(nicohort, small, begin):
    """So that the test above would notice threads."""
    folder = begin(small["run"])
    assert "pthread_create has failed" in nicohort([*small["run"].words, "--jobs", "2", "--quiet"], folder, 3, fault("thread", NO_MORE, TBB))


RECIPE = 'volume: "{pid}_scan.nii.gz"\nmask: "{pid}_seg.nii.gz"\nlabels: {0: Bg, 1: ROI}\n'


@has_two_cores
def test_without_more_threads_a_sample_that_uses_several_is_to_use_one(nicohort, tmp_path):
    (tmp_path / "archive").mkdir()
    (tmp_path / "r.yaml").write_text(RECIPE)
    for name in ("scan", "seg"):
        voxels = np.arange(504, dtype="i2").reshape(9, 8, 7) // (1 if name == "scan" else 252)
        nibabel.save(nibabel.Nifti1Image(voxels, np.eye(4)), tmp_path / f"archive/7_{name}.nii.gz")
    run = ["run", "--root_dir", ".", "--recipe", "r.yaml", "--quiet", "--jobs"]
    said = nicohort([*run, "2"], tmp_path, 3, fault("thread", NO_MORE, OWN, OF_LEASE))
    assert "cannot start a thread" in said and "use --jobs 1" in said
    nicohort([*run, "1"], tmp_path, 0, fault("thread", NO_MORE, OWN, OF_LEASE))
