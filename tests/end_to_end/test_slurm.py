"""A real Slurm: the script that `nicohort slurm` prints, on two nodes; the result is that of one run alone."""

import os
import pathlib
import shutil
import subprocess

import pytest

import cluster
from long_form import LONG
from tutorial import contents


@pytest.fixture(scope="module")
def slurm(tmp_path_factory):
    if why := cluster.missing():
        pytest.skip(why)
    with cluster.Cluster(tmp_path_factory.mktemp("slurm")) as running:
        yield running


@pytest.fixture(scope="module")
def archive(nicohort, tmp_path_factory):
    root = tmp_path_factory.mktemp("archive") / "it's the root"
    nicohort("demo", root, "--patients", 12, "--size", 32, 32, 16)
    volume = sorted((root / "archive").rglob("images/*.nii.gz"))[0]
    volume.write_bytes(b"")  # a shard with a problem has not failed
    return root


@pytest.fixture(scope="module")
def plain(nicohort, archive, tmp_path_factory):
    root = tmp_path_factory.mktemp("plain") / archive.name
    shutil.copytree(archive, root)
    nicohort("run", "--root_dir", root, status=1)
    return contents(root)


@pytest.fixture
def root(archive, tmp_path):
    return shutil.copytree(archive, tmp_path / archive.name)


def job_script(nicohort, root, tasks):
    done = nicohort("slurm", "--root_dir", root, "--tasks", tasks, "--", "--comment=it's two words", "--time=5", "--export=NONE")
    assert f"{tasks} tasks are too many" in done.stderr and "--tasks 1 is enough" in done.stderr
    script = root.parent / "job.sh"
    script.write_text(done.stdout, encoding="utf-8")
    return script


def submit(slurm, script, *indices):
    """The numbers of the array and of the last job."""
    said = slurm("sh", script, *indices, cwd=script.parent).stdout.split()
    return said[said.index("as") + 2], said[-1].rstrip(".")


def test_the_script_names_the_file_that_the_path_found(root, tmp_path):
    """A job may have another PATH."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/nicohort").symlink_to(pathlib.Path(os.environ["NICOHORT_BUILD"]).resolve() / "nicohort")
    done = subprocess.run(["nicohort", "slurm", "--root_dir", root, "--tasks", "2"], check=True, capture_output=True, encoding="utf-8",
                          env=os.environ | {"PATH": f"/nowhere:{tmp_path}/bin:{os.environ['PATH']}"})
    assert done.stdout.count(f"{tmp_path}/bin/nicohort run --root_dir") == 2


def test_the_tasks_on_both_nodes_and_the_last_job_leave_the_bytes_of_one_run(nicohort, slurm, root, plain):
    array, last = submit(slurm, job_script(nicohort, root, 8))
    jobs = slurm.wait_for([*(f"{array}_{task}" for task in range(1, 9)), last])
    assert {state for name, (state, node) in jobs.items() if name != last} == {"COMPLETED"}
    assert {node for name, (state, node) in jobs.items() if name != last} == {"node1", "node2"}
    log = (root.parent / f"slurm-{last}.out").read_text()
    assert slurm.exit_status(last) == 1 and "1 unusable, 0 running, 0 missing" in log and "run.problems.csv" in log
    assert contents(root) == plain


@pytest.mark.skipif(not LONG, reason="in the long form (NICOHORT_LONG=1)")
def test_a_task_that_is_killed_is_named_and_submitted_again(nicohort, slurm, root, plain):
    script = job_script(nicohort, root, 3)
    text = script.read_text()
    program = text.split(" status --root_dir")[0].split()[-1]
    weak = root.parent / "nicohort-that-dies-once"
    weak.write_text(f"""#!/bin/sh
        if [ "${{SLURM_ARRAY_TASK_ID:-}}" = 2 ] && mkdir "{weak}.died" 2>/dev/null; then
          {program} "$@" &
          while ! ls {str(root).replace(" ", "?").replace("'", "?")}/grouped/.nicohort/staging/*/* >/dev/null 2>&1; do :; done
          kill -9 $! $$
        fi
        exec {program} "$@"
        """)
    weak.chmod(0o755)
    script.write_text(text.replace(program, str(weak)))
    array, last = submit(slurm, script)
    jobs = slurm.wait_for([f"{array}_1", f"{array}_2", f"{array}_3", last])
    assert jobs[f"{array}_1"][0] == jobs[f"{array}_3"][0] == "COMPLETED" and jobs[f"{array}_2"][0] == "FAILED"
    log = pathlib.Path(root.parent / f"slurm-{last}.out").read_text()
    assert slurm.exit_status(last) == 3 and "Tasks to submit again: --array=2\n" in log
    assert not (root / "grouped/dataset_manifest.xlsx").exists()
    told = nicohort("status", "--root_dir", root, "--tasks", 3, status=1)
    indices = told.stdout.split("--array=")[1].split()[0]
    array, last = submit(slurm, script, indices)
    slurm.wait_for([f"{array}_2", last])
    assert slurm.exit_status(last) == 1
    assert contents(root) == plain
