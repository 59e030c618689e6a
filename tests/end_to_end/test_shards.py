"""SPEC 8: the shards of a run, and the plain run after them, leave the bytes of one run alone, whatever becomes of the shards."""

import gzip
import hashlib
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import time

import nibabel
import numpy as np
import pytest

from long_form import LONG
from tutorial import contents

RECIPES = pathlib.Path(__file__).resolve().parents[2] / "recipes"
PROGRAM = pathlib.Path(os.environ["NICOHORT_BUILD"]).resolve() / "nicohort"


def shard_of(sample, count):
    return int(hashlib.sha256(sample.encode()).hexdigest()[:16], 16) % count + 1


@pytest.fixture(scope="module")
def archive(nicohort, tmp_path_factory):
    """With problems of folders, of headers, of voxels, of partners and of metadata."""
    root = tmp_path_factory.mktemp("archive") / "root"
    nicohort("demo", root, "--patients", 15, "--size", 32, 32, 16)
    volumes = sorted((root / "archive").rglob("images/*.nii.gz"))
    volumes[0].write_bytes(volumes[0].read_bytes()[:1000])
    volumes[1].write_bytes(b"")
    volumes[2].rename(volumes[2].with_name("unknown.nii.gz"))
    volumes[3].unlink()
    masks = [volume.parent.parent / "masks" / volume.name for volume in volumes]
    for mask in masks[4:6]:
        mask.unlink()
    for mask in masks[6:12]:
        image = nibabel.load(mask)
        voxels = np.asanyarray(image.dataobj).copy()
        voxels[3:9, 3:9, 4:9] = 7
        nibabel.save(nibabel.Nifti1Image(voxels, image.affine, image.header), mask)
    return root


@pytest.fixture(scope="module")
def plain(nicohort, archive, tmp_path_factory):
    """What one run alone leaves, and what it says."""
    root = tmp_path_factory.mktemp("plain") / "root"  # the report has the folder's name
    shutil.copytree(archive, root)
    done = nicohort("run", "--root_dir", root, status=1)
    return contents(root), problems(done)


@pytest.fixture
def root(archive, tmp_path):
    return shutil.copytree(archive, tmp_path / "root")


def problems(done):
    return sorted(line for line in done.stderr.splitlines() if line.startswith("problem: "))


def start(root, index, count, *options):
    return subprocess.Popen([PROGRAM, "run", "--root_dir", root, "--shard", f"{index}/{count}", "--jobs", "1", *options],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")


def end(running):
    running.stdout, running.stderr = running.communicate()
    assert running.returncode in (0, 1), running.stderr
    return running


def ids_of_records(root):
    return {path.stem for path in (root / "grouped/.nicohort").glob("*.json")} - {"dataset", "unfinished"}


def assert_ends_as(nicohort, root, plain, status=1):
    done = nicohort("run", "--root_dir", root, status=status)
    ours = contents(root)
    assert sorted(name for name in ours.keys() | plain[0].keys() if ours.get(name) != plain[0].get(name)) == []
    assert not (root / "grouped/.nicohort/unfinished.json").exists()
    return done


@pytest.mark.parametrize("count", [1, 3, 8])
def test_shards_in_any_order_and_a_plain_run_leave_the_bytes_of_one_run(nicohort, root, plain, count):
    order = random.Random(count).sample(range(1, count + 1), count)
    done_before = set()
    for index in order:
        end(start(root, index, count))
        new = ids_of_records(root) - done_before
        assert new and {shard_of(sample, count) for sample in new} == {index}
        done_before |= new
    for table in ("grouped/dataset_manifest.xlsx", "descriptor/archive_manifest.xlsx", "report/index.html", "run.problems.csv"):
        assert not (root / table).exists()
    done = assert_ends_as(nicohort, root, plain)
    records = [json.loads((root / f"grouped/.nicohort/{sample}.json").read_text()) for sample in done_before]
    unusable = sum(not record["files"] for record in records)
    assert unusable > 0 and f"\n0 samples processed, {len(records) - unusable} unchanged, {unusable} cannot be made.\n" in done.stdout


def test_shards_at_once_read_every_header_once_and_tell_every_problem_once(nicohort, root, plain):
    shards = [end(shard) for shard in [start(root, index, 8) for index in range(1, 9)]]
    told = sorted(line for shard in shards for line in problems(shard))
    of_tables = [line for line in plain[1] if line not in told]
    assert [line for line in told if line not in plain[1]] == [] and len(told) == len(set(told))
    assert all("same scan" in line or "split" in line for line in of_tables), of_tables
    assert {shard.returncode for shard in shards if not problems(shard)} <= {0}
    assert {shard.returncode for shard in shards if problems(shard)} == {1}
    headers = [line for path in (root / "grouped/.nicohort/cache").iterdir() for line in path.read_text().splitlines()
               if '"header"' in line and '"sha256"' not in line]
    keys = [json.loads(line)["key"] for line in headers]
    assert len(keys) == len(set(keys))
    assert_ends_as(nicohort, root, plain)


@pytest.mark.parametrize("seed", range(8 if LONG else 2))
def test_shards_that_are_killed_started_twice_and_numbered_anew(nicohort, root, plain, seed):
    rng = random.Random(seed)
    running = [start(root, index, 3) for index in (1, 2, 3, 2)]  # the second twice
    time.sleep(rng.uniform(0.05, 0.5))
    victim = rng.choice(running)
    victim.send_signal(signal.SIGKILL)
    for shard in running:
        shard.stdout, shard.stderr = shard.communicate()
        assert shard.returncode in (0, 1, -signal.SIGKILL), shard.stderr
        assert "was changed while" not in shard.stderr
    again = [start(root, index, 5) for index in (2, 5)]
    for shard in again:
        end(shard)
    assert_ends_as(nicohort, root, plain)


def test_pseudonyms_and_an_archive_elsewhere(nicohort, archive, tmp_path):
    (tmp_path / "key").write_text("a secret of more than thirty-two letters")
    def options(root):
        root.mkdir(parents=True)
        shutil.copytree(archive / "descriptor", root / "descriptor")
        return ["--root_dir", root, "--archive", tmp_path / "link", "--pseudonymize", tmp_path / "key"]

    (tmp_path / "link").symlink_to(archive / "archive")
    plain, root = tmp_path / "plain/root", tmp_path / "shards/root"
    nicohort("run", *options(plain), status=1)
    given = options(root)
    for shard in [subprocess.Popen([PROGRAM, "run", *given, "--shard", f"{index}/3"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   encoding="utf-8") for index in (1, 2, 3)]:
        end(shard)
    nicohort("run", *given, status=1)
    assert contents(root) == contents(plain)


def test_verify_tells_that_shards_are_at_work(nicohort, root):
    first = start(root, 1, 2)
    while not ids_of_records(root):
        assert first.poll() is None
    first.send_signal(signal.SIGSTOP)
    said = nicohort("verify", "--root_dir", root / "grouped", status=None)
    first.send_signal(signal.SIGCONT)
    end(first)
    assert "run" in said.stdout + said.stderr and said.returncode in (1, 3), said.stdout + said.stderr


def test_status_tells_what_is_done_running_and_missing(nicohort, root, plain):
    def status(*options, status=1):
        return nicohort("status", "--root_dir", root, *options, status=status).stdout

    assert "No sample is known yet" in status() and "--array=1-3\n" in status("--tasks", 3)
    end(start(root, 2, 3))
    done = len(ids_of_records(root))
    samples = int(status().split()[0])
    assert samples > done and f"{samples - done} missing." in status() and "--array=1,3\n" in status("--tasks", 3)
    running = start(root, 1, 3)
    while not [lease for lease in (root / "grouped/.nicohort/lease").iterdir() if lease.stat().st_size > 0]:
        assert running.poll() is None
    running.send_signal(signal.SIGSTOP)
    told = status("--tasks", 3)
    assert f"process {running.pid} on " in told and "(shard 1/3)" in told and "--array=3\n" in told and " 0 running" not in told
    running.kill()
    running.communicate()
    assert "--array=1,3\n" in status("--tasks", 3) and " 0 running" in status()
    for index in (1, 3):
        end(start(root, index, 3))
    told = status("--tasks", 3, status=0)
    unusable = sum(not json.loads((root / f"grouped/.nicohort/{sample}.json").read_text())["files"] for sample in ids_of_records(root))
    assert f"{samples} samples: {samples - unusable} done, {unusable} unusable, 0 running, 0 missing." in told
    assert "to finish, run nicohort run with the same options" in told and "--array" not in told
    assert_ends_as(nicohort, root, plain)
    assert "to finish" not in status("--tasks", 3, status=0)
    (root / f"grouped/.nicohort/{sorted(ids_of_records(root))[0]}.json").unlink()
    assert " 1 missing." in status(), "by the archive manifest"
    assert "did you mean" in nicohort("status", "--root_dir", root / "grouped", status=2).stderr


def test_shards_do_only_what_is_left(nicohort, root):
    end(start(root, 2, 3))
    again = end(start(root, 2, 3))
    kept = sum(bool(json.loads((root / f"grouped/.nicohort/{sample}.json").read_text())["files"]) for sample in ids_of_records(root))
    assert f"0 samples processed, {kept} unchanged, " in again.stdout


def test_shards_with_other_parameters_are_refused_by_name(nicohort, root, plain, tmp_path):
    other = tmp_path / "other.yaml"
    other.write_text((RECIPES / "eso-2025.10.31.yaml").read_text() + "no_mask: {phase: post}\n")
    first = start(root, 1, 2)
    while not ids_of_records(root):  # the others are let in by then
        assert first.poll() is None
    first.send_signal(signal.SIGSTOP)
    for option, value in (("--compression", "fast"), ("--volume_type", "source"), ("--recipe", other)):
        for shard in ("1/2", "2/2"):
            refused = nicohort("run", "--root_dir", root, "--shard", shard, option, value, status=3)
            assert f": process {first.pid} on " in refused.stderr
            assert "(shard 1/2), run with other options or another recipe; wait" in refused.stderr
    assert "(shard 1/2)" in nicohort("run", "--root_dir", root, status=3).stderr
    first.send_signal(signal.SIGCONT)
    end(first)
    assert_ends_as(nicohort, root, plain)


def test_what_a_shard_is_not_given(nicohort, root):
    for word in ("0/3", "4/3", "x/3", "3"):
        assert word in nicohort("run", "--root_dir", root, "--shard", word, status=2).stderr
    assert "SLURM_ARRAY_TASK_ID is not set" in nicohort("run", "--root_dir", root, "--shard", "slurm/3", status=2).stderr
    for other in ("--again", "--dry_run"):
        assert other in nicohort("run", "--root_dir", root, "--shard", "1/3", other, status=2).stderr
    assert not (root / "grouped").exists()


def test_samples_that_are_gone_stay_until_the_plain_run(nicohort, root):
    nicohort("run", "--root_dir", root, status=1)
    folder = root / "archive/xiangyang/pre-therapy"
    gone = next(image for image in sorted((folder / "images").glob("XY_*.nii.gz")) if (folder / "masks" / image.name).exists())
    sample = f"{gone.name.removesuffix('.nii.gz')}_pre"
    for kind in ("images", "masks"):
        (gone.parent.parent / kind / gone.name).unlink()
    for index in (1, 2):
        end(start(root, index, 2))
    assert (root / f"grouped/.nicohort/{sample}.json").exists()
    nicohort("run", "--root_dir", root, status=1)
    assert not (root / f"grouped/.nicohort/{sample}.json").exists()


def test_a_missing_disk_stops_a_shard_before_it_writes(nicohort, root):
    nicohort("run", "--root_dir", root, status=1)
    before = contents(root)
    shutil.move(root / "archive/xiangyang/post-therapy", root.parent / "disk")
    said = nicohort("run", "--root_dir", root, status=2).stderr
    refused = nicohort("run", "--root_dir", root, "--shard", "1/2", status=2).stderr
    [error] = [line for line in said.splitlines() if "a disk may be missing" in line]
    assert error in refused.splitlines() and "problem: " not in refused
    assert {name: data for name, data in before.items() if "/post-therapy/" not in name or "xiangyang" not in name} == contents(root)
    assert not (root / "grouped/.nicohort/unfinished.json").exists()
    assert "not in the archive" not in nicohort("status", "--root_dir", root, status=0).stdout
    nicohort("run", "--root_dir", root, "--shard", "1/2", "--allow_removal", status=None)
    told = nicohort("status", "--root_dir", root, status=1).stdout  # the other shard has not looked at its samples
    assert "In the dataset, but not in the archive as the last run found it: XY_" in told


def test_a_disk_that_is_missing_on_one_machine_stops_the_shard_there(nicohort, root, tmp_path):
    def sites():
        records = [json.loads((root / f"grouped/.nicohort/{sample}.json").read_text()) for sample in ids_of_records(root)]
        return {record["folder"].split("/")[0] for record in records if record["files"]}

    first = start(root, 1, 2)
    while not sites():
        assert first.poll() is None
    first.send_signal(signal.SIGSTOP)
    missing = {"SYTH": "shiyan-taihe", "TJ": "tongji", "XY": "xiangyang"}[sites().pop()]
    shutil.copytree(root / "archive", tmp_path / "archive", ignore=shutil.ignore_patterns(missing))
    made = ids_of_records(root)
    refused = nicohort("run", "--root_dir", root, "--shard", "2/2", "--archive", tmp_path / "archive", status=2)
    assert "a disk may be missing" in refused.stderr and ids_of_records(root) == made
    first.send_signal(signal.SIGCONT)
    end(first)


def test_a_shard_with_other_options_says_what_becomes_of_the_samples_that_are_there(nicohort, root):
    first = end(start(root, 1, 2))
    kept = sum(bool(json.loads((root / f"grouped/.nicohort/{sample}.json").read_text())["files"]) for sample in ids_of_records(root))
    other = end(start(root, 2, 2, "--compression", "fast"))
    said = f"{kept} samples were made with other options or another recipe and will be made again"
    assert said in other.stderr and kept > 1
    again = end(start(root, 2, 2, "--compression", "fast"))
    assert "made again" not in first.stderr + again.stderr
    nicohort("run", "--root_dir", root, "--compression", "fast", status=1)  # by which nothing is unfinished
    assert "with other options" in end(start(root, 2, 2)).stderr


def test_a_sample_that_is_kept_as_it_was_keeps_no_last_job_from_the_tables(nicohort, root, tmp_path):
    """Its mask cannot be read any more when the steps change: it has the old ones."""
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text((RECIPES / "eso-2025.10.31.yaml").read_text())
    nicohort("run", "--root_dir", root, "--recipe", recipe, status=1)
    recipe.write_text(recipe.read_text().replace("threshold: [-140, 1000]", "threshold: [-141, 1000]"))
    mask = sorted((root / "archive/xiangyang/post-therapy/masks").glob("XY_*.nii.gz"))[-1]
    mask.write_bytes(mask.read_bytes()[:-20])
    sample = mask.name.removesuffix(".nii.gz") + "_post"
    for order in ((1, 2), (2,)):
        for index in order:
            end(start(root, index, 2, "--recipe", recipe))
        status = nicohort("status", "--root_dir", root, "--tasks", 2, status=0 if index == 2 else 1).stdout
        assert "0 missing" in status and "to finish, run nicohort run" in status
    thresholds = {path.stem: json.loads(path.read_text())["steps"][0]["parameters"]["window"][0]
                  for path in (root / "grouped/.nicohort").glob("*_*.json") if '"threshold"' in path.read_text()}
    assert [kept for kept, low in thresholds.items() if low == -140] == [sample] and len(thresholds) > 5
    nicohort("run", "--root_dir", root, "--recipe", recipe, status=1)
    assert "to finish" not in nicohort("status", "--root_dir", root, status=0).stdout


def test_shards_of_which_one_has_not_made_its_samples_again_are_not_finished(nicohort, root):
    nicohort("run", "--root_dir", root, status=1)
    for image in (root / "archive").rglob("*.nii.gz"):
        if image.stat().st_size > 1000:
            image.write_bytes(gzip.compress(gzip.decompress(image.read_bytes()), 1, mtime=1))
    end(start(root, 1, 2))
    assert "--array=2\n" in nicohort("status", "--root_dir", root, "--tasks", 2, status=1).stdout
    refused = nicohort("export", "--root_dir", root / "grouped", "--output", root / "out", "--format", "csv", status=2)
    assert "run was interrupted, with" in refused.stderr
    end(start(root, 2, 2))
    assert "--array" not in nicohort("status", "--root_dir", root, "--tasks", 2, status=0).stdout


def test_problems_of_a_report_of_unfinished_shards_go_with_the_next_run(nicohort, root, plain):
    end(start(root, 1, 2))
    nicohort("report", "--root_dir", root, status=1)
    assert (root / "report/report.problems.csv").exists()
    end(start(root, 2, 2))
    assert_ends_as(nicohort, root, plain)
