"""`nicohort doctor` on disks on which system calls fail."""

import errno
import json
import os
import re
import resource

import pytest

from stages import fault


def doctor(nicohort, folder, status=0, fault=None, **options):
    """What it says on stdout and stderr; and nothing of it may be left."""
    running = nicohort.start(["doctor", "--root_dir", folder], folder, fault, **options)
    out, err = running.communicate(timeout=60)
    assert running.returncode == status, out + err
    assert list(folder.iterdir()) == []
    return out, err


def test_of_a_good_disk(nicohort, tmp_path):
    out, err = doctor(nicohort, tmp_path)
    rows = {line[:16].strip(): line[16:] for line in out.splitlines()}
    assert list(rows) == ["nicohort", "cores", "memory", "open files", "folder", "free space", "renaming", "writing a file",
                          "file locks", "links", "file names"]
    assert re.match(r"\d+\.\d+\.\d+ with voxel encoder 1, ISA-L \d.*, zlib 1.*, libpng 1.*, OpenSSL 3", rows["nicohort"])
    assert rows["cores"].split(",")[0] == str(len(os.sched_getaffinity(0)))
    assert rows["folder"].startswith(f"{tmp_path} (")
    assert "symbolic links" in rows["links"] and "problem" not in err


def test_as_json(nicohort, tmp_path):
    running = nicohort.start(["doctor", "--root_dir", tmp_path, "--json"], tmp_path, fault("rename", "error 5", ".nicohort-doctor-"))
    said = json.loads(running.communicate(timeout=60)[0])
    assert said["output"].startswith("nicohort ") and said["files"] == [] and said["status"] == 1
    assert [problem["subject"] for problem in said["problems"]] == ["writing"]


@pytest.mark.parametrize("code", [errno.ENOSYS, errno.ENOLCK])
def test_without_file_locks_it_warns(nicohort, tmp_path, code):
    out, err = doctor(nicohort, tmp_path, 0, fault("flock", f"error {code}"))
    assert f"do not work ({os.strerror(code)})" in out
    assert re.search(r"(?m)^warning: file locks: .*lease files.*Lustre: `flock`", err)


@pytest.mark.parametrize("call, code", [("mkdir", errno.EACCES), ("open", errno.ENOSPC), ("write", errno.EDQUOT), ("fsync", errno.EIO),
                                        ("rename", errno.EIO)])
def test_where_nothing_can_be_written_it_ends_with_1(nicohort, tmp_path, call, code):
    out, err = doctor(nicohort, tmp_path, 1, fault(call, f"error {code}", ".tmp" if call == "open" else ".nicohort-doctor-"))
    assert re.search(rf"(?m)^problem: (writing|renaming): .*{os.strerror(code)}", err)


def test_with_few_open_files(nicohort, tmp_path):
    _, err = doctor(nicohort, tmp_path, 1, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)))
    assert re.search("(?m)^problem: open files: at most 64; .*ulimit", err)


def test_a_folder_that_is_not_there(nicohort, tmp_path):
    running = nicohort.start(["doctor", "--root_dir", tmp_path / "none"], tmp_path)
    assert "--root_dir" in running.communicate(timeout=60)[1] and running.returncode == 2
