"""After whatever happened before, the next command neither trusts what is not so nor shuts the user out."""

import gzip
import os
import pathlib
import shutil
import signal

import nibabel
import numpy as np
import pandas
import pytest

from long_form import LONG
from stages import below, contents, differences, fault, is_left, leftovers, records
from test_two_at_once import let_go, start_and_hold

DYING = -signal.SIGKILL
THRESHOLD = ["mask_thresholding", "--root_dir", "grouped", "--output_dir", "grouped", "--jobs", "1", "--thresh"]
EXTRACT = ["extract_binary_masks", "--root_dir", "grouped", "--label_explanation"]
MANIFEST = ["gen_dataset_manifest", "--root_dir", "grouped", "--output_manifest_file", "grouped/dataset_manifest.xlsx"]
# Where the sample after `skip` others is decided, and none of its files is in place.
def dying(skip):
    return fault("rename", "signal 9", "/.nicohort/commit/", skip=skip)


# Where the sample of this name is decided and some of its files are in place.
def dying_within(sample, skip=1):
    return fault("rename", "signal 9", f"/{sample}/", skip=skip)


CONFIRM = ["confirm_pairs", "--root_dir", "archive", "--output_dir", "grouped", "--archive_manifest"]
VERIFY = ["verify", "--root_dir", "grouped"]


def of_one_sample(folder):
    """Its folder, and its files in the archive."""
    sample = sorted((folder / "grouped/XY/pre").iterdir())[0]
    pid = sample.name.split("_")[1]
    return sample, sorted(path for path in (folder / "archive/xiangyang").rglob("*.nii.gz") if pid in path.name)


def test_run_leaves_no_mask_and_no_sample_of_single_commands_that_is_gone(nicohort, small, begin):
    folder = begin(small["gen_dataset_manifest"])
    sample, images = of_one_sample(folder)
    [mask] = [path for path in images if "pre-therapy/masks" in path.as_posix()]
    mask.unlink()
    gone = sorted((folder / "archive/tongji/pre-therapy/images").iterdir())[0].name
    for path in (folder / "archive/tongji").rglob(gone):
        path.unlink()
    nicohort(["run", "--root_dir", "."], folder, 1)
    assert not list(sample.glob("*_mask*")) and list(sample.glob("*_volume*"))
    assert not list((folder / "grouped").rglob(f"{gone.removesuffix('.nii.gz')}_*"))  # told: end_to_end/test_gone.py


@pytest.mark.parametrize("skip", range(3))
def test_a_record_that_another_run_removes_meanwhile_is_of_no_sample(nicohort, small, begin, skip):
    folder = begin(small["gen_dataset_manifest"])
    sample, images = of_one_sample(folder)
    for path in images:
        path.unlink()
    for path in sample.parent.parent.rglob(f"{sample.name.removesuffix('_pre')}_*"):
        shutil.rmtree(path, ignore_errors=True)
    nicohort(["run", "--root_dir", ".", "--allow_removal"], folder, 1,
             fault("stat", "remove", f".nicohort/{sample.name}.json", skip, times=1))
    assert sample.name not in str(list((folder / "grouped").rglob("*")))


def test_run_makes_a_sample_anew_whose_record_is_of_files_that_never_were(nicohort, small, begin):
    stage = small["run"]
    folder = begin(stage)
    nicohort(stage.words, folder)
    nicohort([*THRESHOLD, "30", "60"], folder, DYING, dying_within("SYTH_189001245_post", 0))
    nicohort(stage.words, folder)
    assert differences(folder, stage.after) == []


def test_images_of_an_unchanged_archive_are_not_opened(nicohort, small, begin):
    folder = begin(small["run"])
    opened = fault("open", "signal 9", ".nii.gz")
    nicohort(["run", "--root_dir", "."], folder, DYING, opened)
    nicohort(["run", "--root_dir", "."], folder)
    nicohort(["run", "--root_dir", "."], folder, 0, opened)


def test_a_window_without_bounds_goes_on(nicohort, small, begin):
    stage = small["mask_thresholding"]
    folder, undisturbed = begin(stage), begin(stage)
    nicohort([*THRESHOLD, "-140", "inf"], undisturbed)
    nicohort([*THRESHOLD, "-140", "inf"], folder, DYING, dying(3))
    nicohort([*THRESHOLD, "-140", "inf"], folder)
    assert differences(folder, contents(undisturbed)) == []


def test_a_mistyped_command_that_has_done_nothing_stands_in_nobodys_way(nicohort, small, begin):
    stage = small["mask_thresholding"]
    folder = begin(stage)
    nicohort([*THRESHOLD, "0", "1"], folder, 130, fault("read", "signal 2", "_volume.nii.gz", times=1))
    nicohort(stage.words, folder)
    assert differences(folder, stage.after) == []


def test_a_stopped_command_that_has_done_nothing_does_not_wake_up_later(nicohort, small, begin):
    folder = begin(small["mask_thresholding"])
    nicohort([*THRESHOLD, "0", "1"], folder, 130, fault("read", "signal 2", "_volume.nii.gz", times=1))
    for name in list(small)[3:-1]:
        nicohort(small[name].words, folder)
    nicohort(VERIFY, folder)


def test_a_half_done_dataset_is_not_split(nicohort, small, begin):
    stage = small["make_split"]
    folder = begin(stage)
    nicohort([*THRESHOLD, "30", "60"], folder, DYING, dying(3))
    for name in ["make_split", "extract_split_index_manifest"]:
        assert "mask_thresholding was interrupted" in nicohort(small[name].words, folder, 2)


def test_verify_is_content_when_its_advice_was_followed(nicohort, small, begin):
    folder = begin(small["make_split"])
    (folder / "labels.yaml").write_text("short_form_index_map: {0: Bg, 1: Tumor}")
    nicohort([*EXTRACT, "labels.yaml"], folder)
    assert not list((folder / "grouped").rglob("*_EsoROI.nii.gz"))
    nicohort(MANIFEST, folder)
    nicohort(VERIFY, folder)
    sample, _ = of_one_sample(folder)
    shutil.rmtree(sample)
    assert f"delete .nicohort/{sample.name}.json and write the manifest again" in nicohort(VERIFY, folder, 1)
    (folder / f"grouped/.nicohort/{sample.name}.json").unlink()
    nicohort(MANIFEST, folder)
    nicohort(VERIFY, folder)
    (folder / "grouped/.nicohort/SHA256SUMS").unlink()
    nicohort(VERIFY, folder)  # the list can be made again from the records
    nicohort(MANIFEST, folder)
    assert (folder / "grouped/.nicohort/SHA256SUMS").exists()


@pytest.mark.parametrize("ending", ["volume.nii.gz", "info.yaml"])
def test_verify_does_not_wait_for_a_pipe(nicohort, small, begin, ending):
    folder = begin(small["make_split"])
    [file] = of_one_sample(folder)[0].glob(f"*_{ending}")
    file.unlink()
    os.mkfifo(file)
    assert f"_{ending}: " in nicohort(VERIFY, folder, 1)


@pytest.mark.parametrize("link", [".nicohort", ".nicohort/staging", ".nicohort/commit", "extract_binary_masks.problems.csv"])
def test_nothing_outside_is_written_through_a_link_of_the_dataset(nicohort, small, begin, tmp_path, link):
    folder = begin(small["extract_binary_masks"])
    place, outside = folder / "grouped" / link, tmp_path / "outside"
    if place.is_dir():
        place.rename(outside)
    else:
        outside.write_text("precious")
        place.unlink(missing_ok=True)
    place.symlink_to(outside)
    before = sorted(outside.rglob("*")) if outside.is_dir() else outside.read_bytes()
    (folder / "labels.yaml").write_text("short_form_index_map: {0: Bg}")  # label 1 is a problem
    said = nicohort([*EXTRACT, "labels.yaml"], folder, 1 if link.endswith(".csv") else 3)
    assert link.endswith(".csv") or "link" in said
    assert (sorted(outside.rglob("*")) if outside.is_dir() else outside.read_bytes()) == before


def test_a_record_of_another_name_leads_nowhere(nicohort, small, begin):
    stage = small["run"]
    folder = begin(stage)
    nicohort(stage.words, folder)
    [record, *_] = sorted((folder / "grouped/.nicohort").glob("*.json"))
    record.write_text(record.read_text().replace(f'"id": "{record.stem}"', '"id": "../../evil"'))
    nicohort([*stage.words, "--again"], folder)
    assert differences(folder, stage.after) == []


def test_nobody_changes_what_another_command_reads(nicohort, small, begin):
    opening = small["morphological_open_on_slice_small_region"].words
    folder = begin(small["morphological_open_on_slice_small_region"])
    first = start_and_hold(nicohort, [*opening[:3], "--output_dir", "out"], folder, "read", ".nii.gz")
    for words in [[*THRESHOLD, "0", "1"], small["confirm_pairs"].words]:
        assert f"process {first.pid} on " in nicohort(words, folder, 3)
    assert let_go(first) == 0


@pytest.mark.parametrize("name", ["make_split", "extract_split_index_manifest"])
def test_nobody_splits_what_another_command_changes(nicohort, small, begin, name):
    folder = begin(small[name])
    first = start_and_hold(nicohort, [*THRESHOLD, "0", "1"], folder, "read", ".nii.gz")
    assert f"process {first.pid} on " in nicohort(small[name].words, folder, 3)
    assert let_go(first) == 1  # of masks that lose all their voxels


def test_one_confirm_pairs_at_a_time(nicohort, small, begin):
    stage = small["confirm_pairs"]
    folder = begin(stage)
    first = start_and_hold(nicohort, stage.words, folder)
    assert f"process {first.pid} on " in nicohort(stage.words, folder, 3)
    assert let_go(first) == 0
    assert differences(folder, stage.after) == []


def images_of(files):
    return {name: content for name, content in files.items() if name.endswith(".nii.gz")}


def site_manifest(folder, site, name):
    """The rows of one site in an archive manifest of their own."""
    manifest = pandas.read_excel(folder / "descriptor/archive_manifest.xlsx", dtype=str)
    manifest[manifest.site == site].to_csv(folder / name, index=False)
    return [*CONFIRM, name]


def test_what_is_stopped_in_a_new_folder_is_owed(nicohort, small, begin):
    """Samples that are not there yet are not done."""
    folder = begin(small["make_split"])
    opening = ["morphological_open_on_slice_small_region", "--root_dir", "grouped", "--output_dir", "out", "--jobs", "1"]
    nicohort([*opening, "--kernel_size", "9", "9"], folder, DYING, dying(4))
    for words in ([*opening, "--kernel_size", "2", "2", "--skip_existing"],
                  ["small_connected_region_detect", "--root_dir", "out", "--output_manifest", "r.xlsx"]):
        assert "was interrupted" in nicohort(words, folder, 2)
    nicohort([*opening, "--kernel_size", "9", "9"], folder)
    assert len(list((folder / "out").rglob("*_mask.nii.gz"))) == 24


def test_a_step_into_a_copy_of_the_dataset_takes_nothing_from_it(nicohort, small, begin):
    folder = begin(small["make_split"])
    shutil.copytree(folder / "grouped", folder / "copy")
    for name, others in [("mask_thresholding", "*_mask_*"), ("morphological_open_on_slice_small_region", "*_volume*")]:
        nicohort([name, "--root_dir", "grouped", "--output_dir", "copy"], folder)
        assert len(list((folder / "copy").rglob(others))) == len(list((folder / "grouped").rglob(others))) > 0
    names = [{name for name in contents(folder / of) if not name.endswith(".problems.csv")} for of in ("copy", "grouped")]
    assert names[0] == names[1]
    nicohort(["gen_dataset_manifest", "--root_dir", "copy", "--output_manifest_file", "copy/dataset_manifest.xlsx"], folder)
    nicohort(["verify", "--root_dir", "copy"], folder)


def test_what_is_stopped_in_another_folder_is_not_mixed_with_other_work(nicohort, small, begin):
    folder = begin(small["make_split"])
    opening = ["morphological_open_on_slice_small_region", "--root_dir", "grouped", "--output_dir", "out", "--jobs", "1"]
    nicohort([*opening, "--kernel_size", "2", "2"], folder)
    undisturbed = contents(folder)
    nicohort([*opening, "--kernel_size", "9", "9"], folder, DYING, dying(4))
    nicohort([*opening, "--kernel_size", "2", "2", "--skip_existing"], folder, 2)
    nicohort(["mask_thresholding", "--root_dir", "out", "--output_dir", "out2"], folder, 2)
    assert "was interrupted" in nicohort([*opening, "--kernel_size", "2", "2"], folder, 2)
    nicohort([*opening, "--kernel_size", "9", "9"], folder)
    nicohort([*opening, "--kernel_size", "2", "2"], folder)
    assert differences(folder, undisturbed) == []
    expected = begin(small["make_split"])
    nicohort([*opening, "--kernel_size", "9", "9"], expected)
    nicohort([*opening, "--kernel_size", "9", "9"], folder, DYING, dying(4))
    nicohort([*opening, "--kernel_size", "9", "9", "--skip_existing"], folder)
    assert differences(folder, contents(expected)) == []


OPENING = ["morphological_open_on_slice_small_region", "--root_dir", "grouped", "--output_dir", "grouped", "--jobs", "1",
           "--kernel_size", "3", "3", "--region_area_thresh", "300", "--no_thresh"]


@pytest.fixture(scope="module")
def noisy_masks(nicohort, small, tmp_path_factory):
    """A folder whose masks are others each time that they are opened."""
    base = tmp_path_factory.mktemp("noisy") / "work"
    shutil.copytree(small["extract_binary_masks"].before, base)
    random = np.random.default_rng(0)
    for file in (base / "grouped").rglob("*_mask.nii.gz"):
        image = nibabel.load(file)
        speckled = (np.asanyarray(image.dataobj) > 0) ^ (random.random(image.shape) < 0.3)
        nibabel.save(nibabel.Nifti1Image(speckled.astype(np.uint8), image.affine, image.header), file)
    nicohort([*EXTRACT, "descriptor/label_map.yaml"], base)
    return base


@pytest.fixture
def noisy(noisy_masks, tmp_path):
    """noisy() gives a new copy of that folder."""
    def copy():
        folder = tmp_path / f"{len(list(tmp_path.iterdir()))}" / "work"
        shutil.copytree(noisy_masks, folder)
        return folder
    return copy


@pytest.fixture(scope="module")
def opened(nicohort, noisy_masks, tmp_path_factory):
    """The contents of that folder when it has been opened undisturbed."""
    folder = tmp_path_factory.mktemp("opened") / "work"
    shutil.copytree(noisy_masks, folder)
    nicohort(OPENING, folder)
    return contents(folder)


def test_opening_noise_twice_is_not_opening_it_once(nicohort, noisy, opened):
    folder = noisy()
    nicohort(OPENING, folder)
    assert differences(folder, opened) == []
    nicohort(OPENING, folder)
    assert differences(folder, opened) == []  # it knows that it is done
    nicohort([*OPENING, "--again"], folder)
    assert images_of(contents(folder)) != images_of(opened)


@pytest.mark.parametrize("do", ["error 28", "signal 9", *(["error 5", "error 13"] if LONG else [])])
@pytest.mark.parametrize("at", range(5) if LONG else [0, 2, 4])
def test_a_rename_that_fails_is_made_up_for(nicohort, noisy, opened, do, at):
    """Each of a sample's: the decision, its masks, the record."""
    folder = noisy()
    nicohort(OPENING, folder, DYING if do == "signal 9" else 3, fault("rename", do, "SYTH_189001245_post", skip=at, times=1))
    nicohort(OPENING, folder)
    assert differences(folder, opened) == [] and not leftovers(folder)


@pytest.mark.parametrize("at", ["SHA256SUMS", "unfinished.old"])
def test_killed_at_its_last_word_nothing_is_done_twice(nicohort, noisy, opened, at):
    folder = noisy()
    nicohort(OPENING, folder, DYING, fault("rename", "signal 9", at))
    nicohort(OPENING, folder)
    assert differences(folder, opened) == [] and not leftovers(folder)


def test_what_was_done_is_not_opened_again(nicohort, noisy, opened):
    """Only the samples that a stopped command had not done are read."""
    folder = noisy()
    nicohort(OPENING, folder, DYING, dying(5))
    done = {name for name, record in records(folder / "grouped").items() if any(step["name"] == "clean_slices" for step in record["steps"])}
    assert len(done) == 5
    times = {path: path.stat().st_mtime_ns for name in done for path in (folder / "grouped").glob(f"*/*/{name}/*")}
    nicohort(OPENING, folder)
    assert times == {path: path.stat().st_mtime_ns for path in times}
    assert differences(folder, opened) == []


def test_a_mask_that_was_removed_after_a_stop_makes_no_other_sample_be_opened_twice(nicohort, noisy, opened):
    folder = noisy()
    nicohort(OPENING, folder, DYING, dying(5))
    [first, *_] = sorted(name for name, record in records(folder / "grouped").items() if record["steps"])
    [gone] = (folder / "grouped").rglob(f"{first}_mask_00_Bg.nii.gz")
    gone.unlink()
    assert f"{gone.name}: is missing" in nicohort(OPENING, folder, 1)
    expected = dict(opened)
    del expected[gone.relative_to(folder).as_posix()]
    assert images_of(contents(folder)) == images_of(expected)


@pytest.mark.parametrize("command", ["same", "verify"])
def test_a_mask_that_was_edited_between_the_stop_and_the_recovery_is_told_and_left(nicohort, noisy, command):
    """The sample is decided; this mask is not in place yet."""
    folder = noisy()
    nicohort(OPENING, folder, DYING, dying_within("SYTH_189001245_post", 0))
    [edited] = (folder / "grouped").glob("*/*/*/SYTH_189001245_post_mask_01_EsoROI.nii.gz")
    edited.write_bytes(edited.read_bytes() + b"mine")
    before = edited.read_bytes()
    words = VERIFY if command == "verify" else OPENING
    running = nicohort.start(words, folder)
    out, err = running.communicate()
    assert running.returncode in (0, 1), out + err
    assert edited.name in out + err and "was edited" in out + err
    kept = [edited, *(folder / "descriptor").glob("replaced/*_mask_01_EsoROI*")]
    assert before in [path.read_bytes() for path in kept]


def test_masks_that_are_to_go_are_there_until_the_sample_has_changed(nicohort, noisy, small):
    """At each rename of one sample it is, once recovered, with these masks or without, and its record says so."""
    undisturbed = noisy()
    words = [*small["confirm_pairs"].words, "--jobs", "1", "--again"]
    nicohort(words, undisturbed)
    for at in range(7):
        folder = noisy()
        nicohort(words, folder, DYING, fault("rename", "signal 9", "SYTH_189001245_post", skip=at))
        running = nicohort.start(VERIFY, folder)
        running.communicate()
        sample = folder / "grouped/SYTH/post/SYTH_189001245_post"
        files = {path.name for path in sample.iterdir() if not path.name.endswith(".tmp")}
        assert files == records(folder / "grouped")[sample.name]["files"].keys(), at
        assert len(list(sample.glob("*_mask_0*"))) == (2 if at == 0 else 0)
        nicohort(words, folder)
        assert differences(folder, contents(undisturbed) | {"grouped/verify.problems.csv": (folder / "grouped/verify.problems.csv").read_bytes()}) == []


def test_a_label_whose_mask_is_lost_is_not_merged_away(nicohort, noisy):
    folder = noisy()
    lost = sorted((folder / "grouped/SYTH").rglob("*_mask_01_EsoROI.nii.gz"))[0]
    mask = lost.with_name(lost.name.replace("_mask_01_EsoROI", "_mask"))
    lost.unlink()
    before = mask.read_bytes()
    assert f"{lost.name}: is missing; run extract_binary_masks again" in nicohort(OPENING, folder, 1)
    assert mask.read_bytes() == before


@pytest.mark.parametrize("name", ["confirm_pairs", "run"])
def test_one_that_was_stopped_before_its_first_sample_stands_in_nobodys_way(nicohort, small, begin, name):
    folder = begin(small["make_split"])
    nicohort([*small[name].words, "--jobs", "1", "--again"], folder, 130, fault("open", "signal 2", "/staging/", skip=2, times=1))
    assert (folder / "grouped/.nicohort/unfinished.json").exists()
    nicohort(OPENING, folder)
    nicohort(MANIFEST, folder)
    nicohort(VERIFY, folder)


def compress_again(folder):
    """Other files of the same images."""
    for image in (folder / "archive").rglob("*.nii.gz"):
        image.write_bytes(gzip.compress(gzip.decompress(image.read_bytes()), 1, mtime=1))


@pytest.mark.parametrize("why", ["images", "--again"])
def test_a_run_that_was_stopped_while_it_made_samples_again_is_not_finished(nicohort, small, begin, why):
    """Also where it is stopped once more before it has made another one."""
    stage = small["run"]
    folder, undisturbed = begin(stage), begin(stage)
    options = [] if why == "images" else ["--again"]
    for place in (folder, undisturbed):
        nicohort(stage.words, place)
        if why == "images":
            compress_again(place)
    nicohort([*stage.words, *options], undisturbed)
    nicohort([*stage.words, *options, "--jobs", "1"], folder, DYING, dying(3))
    for skip in (None, 0):
        if skip is not None:
            nicohort([*stage.words, *options, "--jobs", "1"], folder, DYING, fault("open", "signal 9", "/staging/", skip=3))
        for words in (MANIFEST, ["export", "--root_dir", "grouped", "--output", "out", "--format", "csv"], [*THRESHOLD, "0", "1"]):
            assert "run was interrupted, with" in nicohort(words, folder, 2)
        assert "was interrupted, or is still running" in nicohort(VERIFY, folder, 1)
        (folder / "grouped/verify.problems.csv").unlink()
        nicohort(["status", "--root_dir", "."], folder, 1)
    nicohort([*stage.words, *options], folder)
    nicohort(["status", "--root_dir", "."], folder)
    assert differences(folder, contents(undisturbed)) == []


def test_confirm_pairs_for_another_manifest_does_not_forget_the_samples_of_an_interrupted_one(nicohort, small, begin):
    stage = small["confirm_pairs"]
    folder, undisturbed = begin(stage), begin(stage)
    nicohort(stage.words, undisturbed)
    manifest = folder / stage.words[stage.words.index("--archive_manifest") + 1]
    rows = pandas.read_excel(manifest, dtype=str)
    rows[rows["site"] == "XY"].to_excel(folder / "xy.xlsx", sheet_name="Manifest", index=False)
    nicohort([*stage.words, "--jobs", "1"], folder, DYING, dying(3))
    said = nicohort([*CONFIRM, "xy.xlsx"], folder)
    assert "confirm_pairs was interrupted before, and " in said and "for example SYTH_" in said
    for words in (MANIFEST, [*THRESHOLD, "0", "1"]):
        assert "confirm_pairs was interrupted, with" in nicohort(words, folder, 2)
    assert "was interrupted before" not in nicohort(stage.words, folder)
    (folder / "xy.xlsx").unlink()
    assert differences(folder, contents(undisturbed)) == []


def test_a_step_for_another_site_does_not_forget_the_samples_of_an_interrupted_one(nicohort, small, begin):
    folder = begin(small["mask_thresholding"])
    def words(site):
        return ["apply_step", "--root_dir", "grouped", "--jobs", "1", f"{{threshold: [-1000, 3000], where: {{site: {site}}}}}"]

    nicohort(words("TJ"), folder, DYING, dying(1))
    assert "apply_step was interrupted before, and " in nicohort(words("XY"), folder)
    assert "apply_step was interrupted, with" in nicohort(MANIFEST, folder, 2)
    nicohort(words("TJ"), folder)
    nicohort(MANIFEST, folder)


def test_a_site_that_left_the_archive_is_owed_by_nobody(nicohort, small, begin):
    folder = begin(small["confirm_pairs"])
    nicohort([*small["confirm_pairs"].words, "--jobs", "1"], folder, DYING, dying(3))
    shutil.rmtree(folder / "archive/xiangyang")
    (folder / "archive/data_meta_xiangyang.xlsx").unlink()
    nicohort(small["gen_archive_manifest"].words, folder)
    nicohort(small["confirm_pairs"].words, folder)
    nicohort(small["mask_thresholding"].words, folder)


def test_a_refused_command_makes_no_folder(nicohort, small, begin):
    folder = begin(small["mask_thresholding"])
    nicohort([*THRESHOLD, "30", "60"], folder, DYING, dying(4))
    nicohort(["mask_thresholding", "--root_dir", "grouped", "--output_dir", "new"], folder, 2)
    assert not (folder / "new").exists()


def test_run_ends_what_was_stopped_also_where_an_image_cannot_be_used(nicohort, small, begin):
    folder = begin(small["morphological_open_on_slice_small_region"])
    _, images = of_one_sample(folder)
    images[0].write_bytes(images[0].read_bytes()[:-20])  # the header can be read
    opening = ["morphological_open_on_slice_small_region", "--root_dir", "grouped", "--output_dir", "grouped"]
    nicohort([*opening, "--kernel_size", "2", "2"], folder, 130, fault("read", "signal 2", "_mask.nii.gz", times=1))
    nicohort(small["run"].words, folder, 1)
    nicohort([*THRESHOLD, "0", "50"], folder, DYING, dying(3))
    nicohort(small["run"].words, folder, 1)
    assert "was interrupted" not in nicohort(VERIFY, folder)
    nicohort(MANIFEST, folder)


def test_run_does_anew_what_another_command_has_only_recorded(nicohort, small, begin):
    """One that corrects nothing writes records alone."""
    stage = small["run"]
    folder = begin(stage)
    nicohort(stage.words, folder)
    nicohort([*THRESHOLD, "-140", "1000"], folder, DYING, dying(3))
    nicohort(stage.words, folder)
    assert differences(folder, stage.after) == []


@pytest.mark.parametrize("name", ["run", "confirm_pairs"])
def test_a_mask_that_can_no_longer_be_read_costs_the_dataset_nothing(nicohort, small, begin, name):
    stage = small[name]
    folder = begin(stage)
    nicohort(stage.words, folder)
    sample, images = of_one_sample(folder)
    [mask] = [path for path in images if "pre-therapy/masks" in path.as_posix()]
    mask.write_bytes(mask.read_bytes()[:100])
    masks = {path: path.read_bytes() for path in sample.glob("*_mask*")}
    nicohort(small["gen_archive_manifest"].words, folder, 1)
    said = {"run": "is in the dataset, but cannot be made again from this archive", "confirm_pairs": "is in the archive, but cannot be used"}[name]
    assert said in nicohort(stage.words, folder, 1)
    assert {path: path.read_bytes() for path in sample.glob("*_mask*")} == masks != {}
    mask.unlink()
    assert "has a volume but no mask" in nicohort(small["gen_archive_manifest"].words, folder, 1)
    nicohort(stage.words, folder, 1 if name == "run" else 0)
    assert not list(sample.glob("*_mask*"))


def test_run_is_content_when_its_advice_was_followed(nicohort, small, begin):
    folder = begin(small["make_split"])
    gone = sorted((folder / "archive/tongji/pre-therapy/images").iterdir())[0].name
    for path in (folder / "archive/tongji").rglob(gone):
        path.write_bytes(b"damaged")
    said = nicohort(small["run"].words, folder, 1)
    assert "again, or remove " in said
    for line in said.splitlines():
        if "again, or remove " in line:
            place, record = line.split("again, or remove ")[1].split(" and ")
            shutil.rmtree(folder / "grouped" / place)
            (folder / "grouped" / record).unlink()
    assert "is in the dataset, but cannot be made again from this archive" not in nicohort(small["run"].words, folder, 1)
    nicohort(VERIFY, folder)


def test_a_run_with_another_recipe_goes_on(nicohort, small, begin):
    """No image is in two samples afterwards, and none in no sample."""
    folder = begin(small["run"])
    nicohort(small["run"].words, folder)
    recipe = (pathlib.Path(__file__).parents[2] / "recipes/eso-2025.10.31.yaml").read_text()
    (folder / "recipe.yaml").write_text(recipe.replace('id: "{site}_{pid}_{phase}"', 'id: "{phase}-{site}-{pid}"'))
    words = [*small["run"].words, "--recipe", "recipe.yaml"]
    nicohort([*words, "--jobs", "1"], folder, DYING, dying(3))
    said = nicohort(words, folder)
    assert "was interrupted" not in said
    names = sorted(path.name for path in (folder / "grouped").glob("*/*/*") if path.is_dir() and "splits" not in path.parts)
    assert names == sorted("-".join([phase, site, pid]) for site, pid, phase in (
        path.parent.name.split("_") for path in map(pathlib.Path, small["run"].after) if path.name.endswith("_volume.nii.gz")))
    nicohort(VERIFY, folder)


def test_a_patient_whose_identifier_looks_like_a_pseudonym(nicohort, small, begin):
    folder = begin(small["run"])
    image = sorted((folder / "archive/tongji/pre-therapy/images").iterdir())[0].name
    for path in (folder / "archive/tongji").rglob(image):
        path.rename(path.with_name("TJ_P2345672345.nii.gz"))
    for name in ["run", "run", "gen_archive_manifest", "confirm_pairs"]:
        words = small[name].words
        nicohort([*words, "--again"] if name == "run" else words, folder, 1 if name != "confirm_pairs" else 0)


def test_a_disk_that_is_full_at_the_record_costs_no_mask(nicohort, small, begin):
    folder = begin(small["make_split"])
    before = contents(folder)
    nicohort([*small["confirm_pairs"].words, "--jobs", "1"], folder, 3, fault("write", "error 28", "/record.json"))
    after = contents(folder)
    assert after.pop("grouped/.nicohort/unfinished.json") and after.pop("grouped/.nicohort/progress/1-1.json")
    assert after == before
    nicohort([*small["confirm_pairs"].words, "--jobs", "1"], folder)


def test_a_dataset_without_records_is_told_what_helps(nicohort, small, begin):
    folder = begin(small["make_split"])
    listed = (folder / "grouped/.nicohort/SHA256SUMS").read_text()
    for record in (folder / "grouped/.nicohort").glob("*.json"):
        record.unlink()
    nicohort(MANIFEST, folder)
    assert len((folder / "grouped/.nicohort/SHA256SUMS").read_text().splitlines()) == len(listed.splitlines())
    shutil.rmtree(folder / "grouped/.nicohort")
    assert "make the dataset again with confirm_pairs or run" in nicohort(VERIFY, folder, 1)


def test_verify_replaces_no_device(nicohort, small, begin):
    assert "does not end in .xlsx or .csv" in nicohort([*VERIFY, "--problems_file", "/dev/null"], begin(small["make_split"]), 2)


def test_a_folder_above_the_dataset_is_not_taken_for_it(nicohort, small, begin):
    folder = begin(small["make_split"])
    before = contents(folder)
    for words in [["mask_thresholding", "--root_dir", ".", "--output_dir", "."], ["verify", "--root_dir", "."],
                  ["gen_dataset_manifest", "--root_dir", ".", "--output_manifest_file", "m.xlsx"]]:
        assert "./grouped" in nicohort(words, folder, 2)
    assert contents(folder) == before


def test_a_part_of_the_dataset_is_not_taken_for_it(nicohort, small, begin):
    folder = begin(small["make_split"])
    before = contents(folder)
    said = nicohort(["mask_thresholding", "--root_dir", "grouped/XY", "--output_dir", "grouped/XY"], folder, 2)
    assert f"the dataset is {folder}/grouped;" in said
    said = nicohort(["mask_thresholding", "--root_dir", "grouped", "--output_dir", "grouped/cleaned"], folder, 2)
    assert "is inside the dataset" in said
    assert contents(folder) == before and not (folder / "grouped/cleaned").exists()


def test_masks_under_another_name_are_not_lost(nicohort, small, begin):
    folder = begin(small["morphological_open_on_slice_small_region"])
    (folder / "labels.yaml").write_text("short_form_index_map: {0: Bg, 1: Eso}")
    nicohort([*EXTRACT, "labels.yaml"], folder)
    nicohort(OPENING, folder)
    assert {path.name.split("_mask_")[1] for path in (folder / "grouped").rglob("*_mask_*")} == {"00_Bg.nii.gz", "01_Eso.nii.gz"}


def test_a_sample_that_cannot_be_made_anew_keeps_its_record(nicohort, small, begin, tmp_path):
    folder = begin(small["make_split"])
    sample, _ = of_one_sample(folder)
    [mask] = sample.glob("*_mask_00_Bg.nii.gz")
    mask.rename(tmp_path / "elsewhere")
    mask.symlink_to(tmp_path / "elsewhere")
    record = folder / f"grouped/.nicohort/{sample.name}.json"
    before = record.read_bytes()
    assert "is a link" in nicohort([*small["confirm_pairs"].words, "--compression", "small"], folder, 1)
    assert record.read_bytes() == before and (tmp_path / "elsewhere").exists()


def test_the_manifest_is_not_written_without_a_word_of_a_sample_that_is_gone(nicohort, small, begin):
    folder = begin(small["gen_dataset_manifest"])
    sample, _ = of_one_sample(folder)
    shutil.rmtree(sample)
    assert f"{sample.name}: has a record, but no files" in nicohort(MANIFEST, folder, 1)


def test_verify_waits_for_nobody_and_looks_at_nothing_half_done(nicohort, small, begin):
    folder = begin(small["make_split"])
    first = start_and_hold(nicohort, small["run"].words, folder)
    assert f"process {first.pid} on " in nicohort(VERIFY, folder, 3)
    assert let_go(first) == 0
