"""Disks that fill up, fail or refuse, files that go away while they are read: said by name, and nothing old is harmed."""

import errno
import os
import resource
import shutil
import subprocess

import pytest

from long_form import LONG
from stages import COMMANDS, contents, differences, each, fault, leftovers, staged
from test_interruption import assert_every_file_is_whole, assert_samples_are_whole

OUTPUT = ".nicohort-"  # every output but a sample's is written under such a name
STAGED = "/.nicohort/staging/"  # a sample's
CHANGING = ["confirm_pairs", "mask_thresholding", "extract_binary_masks", "morphological_open_on_slice_small_region", "run"]
USUAL_OUTPUT_FAULTS = [("open", errno.EACCES), ("write", errno.ENOSPC), ("fsync", errno.EIO), ("rename", errno.EACCES)]
OUTPUT_FAULTS = [*USUAL_OUTPUT_FAULTS, ("open", errno.EROFS), ("write", errno.EDQUOT), ("write", errno.EIO)]
CHANGED_CALLS = [("read", "short"), ("write", "short"), ("read", f"error {errno.EINTR}"), ("write", f"error {errno.EINTR}")]
IMAGE_FAULTS = [("read", f"error {errno.EIO}"), ("open", f"error {errno.EACCES}"), ("open", "remove"), ("read", "truncate")]
IMAGE_COMMANDS = ["gen_archive_manifest", "confirm_pairs", "mask_thresholding", "extract_binary_masks",
                  "small_connected_region_detect", "morphological_open_on_slice_small_region", "run"]


def assert_nothing_is_harmed(nicohort, stage, folder):
    """Nothing staged is left; each file is as before or as it is to be, and each sample as a whole."""
    assert not staged(folder)
    assert_every_file_is_whole(stage, folder)
    assert_samples_are_whole(nicohort, stage, folder)


def assert_recovers(nicohort, stage, folder, status=3):
    """What was done is not done again: the records would show it."""
    if status != 0:
        nicohort(stage.words, folder)
    assert differences(folder, stage.after) == [] and not leftovers(folder)


def output_of(name):
    return STAGED if name in CHANGING else OUTPUT


@pytest.mark.parametrize("name, case", each(COMMANDS, OUTPUT_FAULTS, ["run"], USUAL_OUTPUT_FAULTS[1:2]),
                         ids=lambda of: of if isinstance(of, str) else f"{of[0]}-{errno.errorcode[of[1]]}")
def test_output_fails(nicohort, small, begin, name, case):
    stage, (call, code) = small[name], case
    folder = begin(stage)
    said = nicohort(stage.words, folder, 3, fault(call, f"error {code}", "" if call == "rename" else output_of(name)))
    assert os.strerror(code) in said and "run the same command again" in said
    assert any(place in said for place in ("grouped", "descriptor")) and OUTPUT not in said
    assert_nothing_is_harmed(nicohort, stage, folder)
    assert_recovers(nicohort, stage, folder)


@pytest.mark.parametrize("skip", [3, 20] if LONG else [20])
@pytest.mark.parametrize("name", CHANGING)
def test_a_disk_that_fills_up_in_the_middle_of_the_samples(nicohort, small, begin, name, skip):
    stage = small[name]
    folder = begin(stage)
    nicohort(stage.words, folder, 3, fault("write", f"error {errno.ENOSPC}", STAGED, skip))
    assert_nothing_is_harmed(nicohort, stage, folder)
    assert_recovers(nicohort, stage, folder)


@pytest.mark.parametrize("name", CHANGING)
def test_a_sample_whose_move_is_refused_is_completed_later(nicohort, small, begin, name):
    stage = small[name]
    folder = begin(stage)
    said = nicohort([*stage.words, "--jobs", "1"], folder, 3, fault("rename", f"error {errno.EACCES}", "SYTH_189001245_post/", times=1))
    assert "Permission denied" in said and "run the same command again" in said
    assert_nothing_is_harmed(nicohort, stage, folder)
    assert_recovers(nicohort, stage, folder)


@pytest.mark.parametrize("name, case", each(COMMANDS, CHANGED_CALLS, ["run"], [("write", "short")]), ids=str)
def test_short_and_interrupted_calls_change_nothing(nicohort, small, begin, name, case):
    stage, (call, do) = small[name], case
    folder = begin(stage)
    nicohort(stage.words, folder, 0, fault(call, do, folder, times=30 if "error" in do else 0))
    assert differences(folder, stage.after) == []


@pytest.mark.parametrize("name, case", each(IMAGE_COMMANDS, IMAGE_FAULTS, ["run"], IMAGE_FAULTS[:1]), ids=str)
def test_an_image_that_cannot_be_read_is_a_problem_of_that_image(nicohort, small, begin, name, case):
    stage, (call, do) = small[name], case
    folder = begin(stage)
    here = "archive" if "archive" in stage.words else "grouped"
    here = "archive" if name == "run" else here
    image = sorted((folder / here).rglob("masks/XY*.nii.gz" if here == "archive" else "*_mask.nii.gz"))[0]
    said = nicohort(stage.words, folder, 1, fault(call, do, image.name if here == "grouped" else f"masks/{image.name}"))
    assert "problem: " in said and image.name in said
    assert not leftovers(folder)
    patient = "_".join(image.name.split(".")[0].split("_")[:2])
    assert [path for path in differences(folder, stage.after) if path.endswith(".nii.gz") and patient not in path] == []


def test_a_file_that_is_replaced_while_it_is_read_is_a_changed_file_to_the_next_run(nicohort, small, begin):
    stage = small["run"]
    folder, fresh = begin(stage), begin(stage)
    image, other = sorted((folder / "archive/xiangyang/pre-therapy/images").iterdir())[:2]
    shutil.copyfile(other, f"{image}.next")
    replaced = nicohort.start(stage.words, folder, fault("read", "replace", image.relative_to(folder), skip=1, times=1))
    said = replaced.communicate()
    assert replaced.returncode in (0, 1), (replaced.returncode, said)
    assert image.read_bytes() == other.read_bytes()
    again = nicohort.start(stage.words, folder).communicate()
    shutil.copyfile(other, fresh / image.relative_to(folder))
    nicohort.start(stage.words, fresh).communicate()
    assert differences(folder, contents(fresh)) == [], again


@pytest.mark.parametrize("call, do", [("read", f"error {errno.EIO}"), ("open", f"error {errno.EACCES}")])
def test_a_passing_fault_harms_no_finished_sample_and_is_looked_at_again(nicohort, small, begin, call, do):
    """Neither the volume nor the mask can be read for once, their files being as ever: earlier files stay, the next run has them."""
    stage = small["run"]
    folder = begin(stage)
    nicohort(stage.words, folder)
    image = sorted((folder / "archive/xiangyang/pre-therapy/images").iterdir())[0]
    ID = f"{image.name.removesuffix('.nii.gz')}_pre"
    kept = contents(folder / "grouped/XY/pre" / ID)
    said = nicohort([*stage.words, "--again"], folder, 1, fault(call, do, f"pre-therapy/images/{image.name}"))
    assert image.name in said
    nicohort([*stage.words, "--again"], folder, 1, fault(call, do, f"{image.name}"))
    assert contents(folder / "grouped/XY/pre" / ID) == kept
    assert_recovers(nicohort, stage, folder)


def test_a_folder_that_cannot_be_listed_for_once(nicohort, small, begin):
    """Its samples do not count as removed; no command goes on as if they were not there."""
    stage = small["run"]
    folder = begin(stage)
    nicohort(stage.words, folder)
    said = nicohort([*stage.words, "--again"], folder, 1, fault("open", f"error {errno.EACCES}", "xiangyang"))
    assert "xiangyang" in said
    kept = {name for name in stage.after if name.startswith("grouped/XY")}
    assert kept <= contents(folder).keys()
    assert_recovers(nicohort, stage, folder)
    stage = small["gen_dataset_manifest"]
    folder = begin(stage)
    said = nicohort(stage.words, folder, 3, fault("open", f"error {errno.EACCES}", "XY"))
    assert "Permission denied" in said and "grouped" in said
    assert contents(folder) == stage.contents_before


@pytest.mark.parametrize("limit", [8, 12, 16, 32] if LONG else [8])
@pytest.mark.parametrize("name", ["confirm_pairs", "morphological_open_on_slice_small_region", "run"])
def test_too_few_open_files(nicohort, small, begin, name, limit):
    """Eight are too few for each of them; how many are enough depends on the number of cores."""
    stage = small[name]
    folder = begin(stage)
    running = nicohort.start(stage.words, folder, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)))
    out, said = running.communicate()
    if running.returncode == 3 or limit == 8:
        assert running.returncode == 3 and "Too many open files" in said, f"{running.returncode}{out}{said}"
        assert_nothing_is_harmed(nicohort, stage, folder)
        assert_recovers(nicohort, stage, folder)
    else:
        assert differences(folder, stage.after) == [] and not leftovers(folder), f"{running.returncode}{out}{said}"


def test_too_few_open_files_are_no_fault_of_an_image(nicohort, small, begin):
    stage = small["run"]
    folder = begin(stage)
    image = sorted((folder / "archive").rglob("masks/XY*.nii.gz"))[0]
    said = nicohort(stage.words, folder, 3, fault("open", f"error {errno.EMFILE}", f"masks/{image.name}"))
    assert "Too many open files" in said
    assert_nothing_is_harmed(nicohort, stage, folder)
    assert_recovers(nicohort, stage, folder)


@pytest.mark.parametrize("skip", [0, 3, 10, 30, 60] if LONG else [10])
@pytest.mark.parametrize("name", ["confirm_pairs", "extract_binary_masks", "run"])
def test_out_of_memory(nicohort, small, begin, name, skip):
    stage = small[name]
    folder = begin(stage)
    running = nicohort.start(stage.words, folder, fault("malloc", f"error {errno.ENOMEM}", skip=skip))
    out, said = running.communicate()
    assert running.returncode == 3 and "out of memory" in said, f"{running.returncode}{out}{said}"
    assert_nothing_is_harmed(nicohort, stage, folder)
    assert_recovers(nicohort, stage, folder)


@pytest.mark.parametrize("skip", range(0, 30, 1 if LONG else 15))
def test_out_of_memory_in_a_workbook(nicohort, small, begin, skip):
    """Wherever it happens, in zip, deflate or XML, the workbook does not count as damaged."""
    stage = small["make_split"]
    folder = begin(stage)
    running = nicohort.start(stage.words, folder, fault("malloc", f"error {errno.ENOMEM}", skip=skip))
    out, said = running.communicate()
    assert running.returncode == 3 and "out of memory" in said, f"{running.returncode}{out}{said}"
    assert_nothing_is_harmed(nicohort, stage, folder)
    assert_recovers(nicohort, stage, folder, running.returncode)


def test_a_full_disk(nicohort, small, begin, tmp_path):
    """A real one of 1 MiB, in a mount namespace of its own."""
    stage = small["run"]
    folder = begin(stage)
    script = 'mount -t tmpfs -o size=1m tmpfs grouped && { "$0" run --root_dir .; status=$?; find grouped -name "*.tmp" -o -path "*/staging/*"; exit $status; }'
    (folder / "grouped").mkdir()
    done = subprocess.run(["unshare", "-m", "sh", "-c", script, nicohort.path], cwd=folder, capture_output=True, encoding="utf-8")
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"no mount namespace here: {done.stderr}")
    assert done.returncode == 3 and "No space left on device" in done.stderr and "grouped" in done.stderr
    assert ".tmp" not in done.stdout and "staging/" not in done.stdout
    assert_recovers(nicohort, stage, folder)


# What shared disks do. Any of them is survived, or ends with status 3 that names it; the same command then goes on.
SHARED = [
    *(("rename", f"done {code}", path, skip) for code in (errno.ENOENT, errno.EEXIST) for path, skip in (("", 0), ("/commit/", 3), (".json", 2), ("_mask", 4))),
    ("flock", f"error {errno.ENOLCK}", "", 0), ("flock", f"error {errno.ESTALE}", "", 0),
    *(("open", f"error {errno.ESTALE}", path, 0) for path in (".nicohort/lock", "/lease/", "unfinished.json", "_pre.json", "dataset.json", "/staging/", "/cache/")),
    *(("stat", f"error {code}", path, 1) for code in (errno.ESTALE, errno.ENOENT) for path in (".json", "_mask.nii.gz", "/commit/", "grouped/TJ")),
]


@pytest.mark.parametrize("call, do, path, skip", SHARED if LONG else SHARED[::3], ids=str)
def test_a_shared_disk(nicohort, small, begin, call, do, path, skip):
    """A shard, then the run that finishes it, each with the fault; at last without."""
    stage = small["run"]
    folder = begin(stage)
    for words, times in (([*stage.words, "--shard", "1/1"], 2), (stage.words, 2)):
        running = nicohort.start([*words, "--jobs", "1"], folder, fault(call, do, path, skip, times))
        out, said = running.communicate(timeout=60)
        assert running.returncode in (0, 1, 3), f"{words}: {running.returncode}\n{out}{said}"
        if running.returncode == 3:
            assert os.strerror(int(do.split()[1])) in said or "grouped" in said, said
        assert not staged(folder)
    nicohort(stage.words, folder)
    assert differences(folder, stage.after) == [] and not leftovers(folder)
