"""`nicohort run`: what the tutorial's commands leave behind, in one pass; resumed, never done twice."""

import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import time
import zlib

import nibabel
import numpy as np
import openpyxl
import pandas
import pytest
import yaml

import reference
import small_archive
from long_form import LONG
from tutorial import assert_same_table, contents

TUTORIAL = """
gen_archive_manifest --root_dir archive --output_manifest_file descriptor/archive_manifest.xlsx
confirm_pairs --root_dir archive --output_dir grouped --archive_manifest descriptor/archive_manifest.xlsx
mask_thresholding --root_dir grouped --thresh -140.0 1000.0 --output_dir grouped
extract_binary_masks --root_dir grouped --label_explanation descriptor/label_map.yaml
small_connected_region_detect --root_dir grouped --region_volume_thresh 300.0 --output_manifest descriptor/small_connected_region_300_manifest.xlsx
morphological_open_on_slice_small_region --root_dir grouped --output_dir grouped --kernel_size 2 2 --filter_halfedge 3 --region_area_thresh 10
small_connected_region_detect --root_dir grouped --region_volume_thresh 300.0 --output_manifest descriptor/small_connected_region_300_after_modification_manifest.xlsx
gen_dataset_manifest --root_dir grouped --output_manifest_file grouped/dataset_manifest.xlsx
make_split --manifest_file grouped/dataset_manifest.xlsx --split_name split01_TJ --site TJ --test_ratio 0.4 --val_ratio 0.2 --random_seed 0
make_split --manifest_file grouped/dataset_manifest.xlsx --split_name split02_SYTH --site SYTH --test_ratio 1.0 --val_ratio 0.0
make_split --manifest_file grouped/dataset_manifest.xlsx --split_name split03_XY --site XY --test_ratio 1.0 --val_ratio 0.0
extract_split_index_manifest --manifest_file grouped/dataset_manifest.xlsx --split_name split01_TJ --output_index_manifest_dir grouped/splits/split01_TJ --subsets train val --subsets train --subsets val --subsets test
extract_split_index_manifest --manifest_file grouped/dataset_manifest.xlsx --split_name split02_SYTH --output_index_manifest_dir grouped/splits/split02_SYTH --subsets test
extract_split_index_manifest --manifest_file grouped/dataset_manifest.xlsx --split_name split03_XY --output_index_manifest_dir grouped/splits/split03_XY --subsets test
"""


def run_commands(nicohort, root, statuses):
    for line in TUTORIAL.strip().splitlines():
        command = line.split()
        nicohort(*command, cwd=root, status=statuses.get(command[0], 0))


# What these say of problems is in run.problems.csv, if they are done by run.
OF_SINGLE_COMMANDS = {f"grouped/{command}.problems.csv" for command in (
    "confirm_pairs", "mask_thresholding", "extract_binary_masks", "morphological_open_on_slice_small_region")}


def results(root):
    """What the tutorial leaves behind, records included; the run's own list of problems and the report are beside it."""
    return {f"{folder}/{name}": content for folder in ("descriptor", "grouped") for name, content in contents(root / folder).items()}


def results_of_commands(root):
    return {name: content for name, content in results(root).items() if name not in OF_SINGLE_COMMANDS}


def assert_same_results(root, expected):
    ours = results(root)
    assert ours.keys() == expected.keys()
    assert [name for name in ours if ours[name] != expected[name]] == []


@pytest.fixture(scope="module")
def archive(nicohort, tmp_path_factory):
    root = tmp_path_factory.mktemp("archive")
    nicohort("demo", root, "--patients", 12, "--size", 64, 64, 16)
    return root


@pytest.fixture(scope="module")
def expected(nicohort, archive, tmp_path_factory):
    root = tmp_path_factory.mktemp("commands")
    shutil.copytree(archive, root, dirs_exist_ok=True)
    run_commands(nicohort, root, {})
    return results(root)


@pytest.fixture
def root(archive, tmp_path):
    shutil.copytree(archive, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
def finished(nicohort, root):
    nicohort("run", "--root_dir", root)
    return root


def processed(done):
    return int(re.search(r"^(\d+) samples? processed", done.stdout, re.MULTILINE)[1])


def an_image(root, kind="images"):
    return sorted(root.glob(f"archive/tongji/pre-therapy/{kind}/*.nii.gz"))[0]


def change(path):
    image = nibabel.load(path)
    values = np.asanyarray(image.dataobj).copy()
    values[1, 1, 1] += 1
    nibabel.save(nibabel.Nifti1Image(values, image.affine, image.header), path)


@pytest.mark.parametrize("jobs", [1, 2] if LONG else [2])
def test_leaves_what_the_commands_leave(nicohort, root, expected, jobs):
    nicohort("run", "--root_dir", root, "--jobs", jobs)
    assert_same_results(root, expected)


def test_leaves_what_the_commands_leave_of_a_damaged_archive(nicohort, tmp_path):
    """The problems files of the tables, too."""
    nicohort("demo", tmp_path / "commands", "--patients", 12, "--size", 48, 48, 16, "--faults")
    shutil.copytree(tmp_path / "commands", tmp_path / "run")
    run_commands(nicohort, tmp_path / "commands", {"gen_archive_manifest": 1, "confirm_pairs": 1, "mask_thresholding": None,
                                                   "extract_binary_masks": 1, "morphological_open_on_slice_small_region": 1})
    nicohort("run", "--root_dir", tmp_path / "run", status=1)
    assert_same_results(tmp_path / "run", results_of_commands(tmp_path / "commands"))
    assert len((tmp_path / "run/run.problems.csv").read_text().splitlines()) > 36


SPLIT = {"test_ratio": 0.5, "val_ratio": 0.4, "random_seed": 3, "stratify_by": "Sex"}  # none as by default


def test_splits_are_made_with_the_values_of_the_recipe(nicohort, root):
    recipe = yaml.safe_load((pathlib.Path(__file__).parents[2] / "recipes/eso-2025.10.31.yaml").read_text(encoding="utf-8"))
    recipe["splits"] = [SPLIT | {"name": "own", "where": {"site": ["TJ", "XY"]}, "subsets": [["test", "val"]]}]
    (root / "recipe.yaml").write_text(yaml.safe_dump(recipe, sort_keys=False), encoding="utf-8")
    nicohort("run", "--root_dir", root, "--recipe", root / "recipe.yaml", status=None)
    manifest = reference.read_table(root / "grouped/dataset_manifest.xlsx", "Manifest")

    def split(**values):
        values = SPLIT | values
        return reference.make_split(manifest, "own", ("TJ", "XY"), values["test_ratio"], values["val_ratio"], values["random_seed"],
                                    values["stratify_by"])

    columns, rows = split()
    assert_same_table(root / "grouped/dataset_manifest.xlsx", "own", (columns, rows))
    assert_same_table(root / "grouped/splits/own/own_test_val.xlsx", "own", (columns, [row for row in rows if row[0] != "train"]))
    for other in ({"test_ratio": 0.4}, {"val_ratio": 0.2}, {"random_seed": 0}, {"stratify_by": None}):
        assert split(**other)[1] != rows, "would not be noticed"


def test_where_nothing_has_changed_nothing_is_written(nicohort, finished):
    """Nor read: reliability/test_going_on.py."""
    before = {path: path.stat().st_mtime_ns for path in finished.rglob("*") if path.is_file()}
    done = nicohort("run", "--root_dir", finished)
    assert "Nothing has changed" in done.stdout
    after = {path: path.stat().st_mtime_ns for path in finished.rglob("*") if path.is_file()}
    assert {path: time for path, time in after.items() if ".nicohort" not in path.parts} == \
           {path: time for path, time in before.items() if ".nicohort" not in path.parts}


def test_a_mask_that_was_changed_in_place_and_got_its_time_again(nicohort, root):
    packed = an_image(root, "masks")
    mask = packed.with_suffix("")
    nibabel.save(nibabel.load(packed), mask)
    packed.unlink()
    nicohort("run", "--root_dir", root)
    before = mask.stat()
    with open(mask, "r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"\x01")
    os.utime(mask, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (mask.stat().st_size, mask.stat().st_ino, mask.stat().st_mtime_ns) == (before.st_size, before.st_ino, before.st_mtime_ns)
    assert processed(nicohort("run", "--root_dir", root, status=None)) == 1
    assert "Nothing has changed" in nicohort("run", "--root_dir", root, status=None).stdout


def test_a_file_with_another_time_only_is_recognised(nicohort, finished, expected):
    an_image(finished).touch()
    assert processed(nicohort("run", "--root_dir", finished)) == 0
    assert_same_results(finished, expected)


@pytest.mark.parametrize("kind", ["images", "masks"])
def test_one_changed_file_redoes_one_sample(nicohort, finished, kind):
    change(an_image(finished, kind))
    assert processed(nicohort("run", "--root_dir", finished)) == 1
    shutil.copytree(finished / "archive", finished / "fresh/archive")
    nicohort("run", "--root_dir", finished / "fresh")
    assert_same_results(finished, {k: v for k, v in results(finished / "fresh").items()} |
                        {"descriptor/label_map.yaml": (finished / "descriptor/label_map.yaml").read_bytes()})


def test_one_removed_and_added_sample(nicohort, finished, expected):
    volume, mask = an_image(finished), an_image(finished, "masks")
    kept = volume.read_bytes(), mask.read_bytes()
    volume.unlink(), mask.unlink()
    ID = volume.name.removesuffix(".nii.gz") + "_pre"
    assert processed(nicohort("run", "--root_dir", finished, status=1)) == 0  # a phase is missing now
    assert not (finished / "grouped/TJ/pre" / ID).exists()
    assert ID not in [row[0] for row in reference.read_table(finished / "grouped/dataset_manifest.xlsx", "Manifest")[1]]
    volume.write_bytes(kept[0]), mask.write_bytes(kept[1])
    assert processed(nicohort("run", "--root_dir", finished)) == 1
    assert_same_results(finished, expected)


def test_changed_metadata_change_info_files_and_manifests_only(nicohort, finished):
    import openpyxl
    file = finished / "archive/data_meta_tongji.xlsx"
    book = openpyxl.load_workbook(file)
    sheet = book.active
    age = [cell.value for cell in sheet[1]].index("Age") + 1
    sheet.cell(2, age).value = 101
    book.save(file)
    images = {path: path.stat().st_mtime_ns for path in finished.rglob("grouped/*/*/*/*.nii.gz")}
    assert processed(nicohort("run", "--root_dir", finished)) == 2
    assert images == {path: path.stat().st_mtime_ns for path in images}
    infos = [yaml.safe_load(path.read_text()) for path in finished.glob("grouped/TJ/*/*/*_info.yaml")]
    assert sum(info["Age"] == 101 for info in infos) == 2
    manifest = reference.read_table(finished / "grouped/dataset_manifest.xlsx", "Manifest")
    assert reference.column(manifest, "Age").count(101) == 2


def recipe_with(tmp_path, **changes):
    text = (pathlib.Path(__file__).parents[2] / "recipes/eso-2025.10.31.yaml").read_text()
    recipe = yaml.safe_load(text)
    recipe.update(changes)
    file = tmp_path / "recipe.yaml"
    file.write_text(yaml.safe_dump(recipe, sort_keys=False))
    return file


def test_a_changed_parameter_redoes_what_depends_on_it(nicohort, finished, expected, tmp_path):
    splits = [{"name": "s", "where": {"site": ["TJ", "XY"]}, "test_ratio": 0.5, "val_ratio": 0.0, "subsets": [["test"]]}]
    done = nicohort("run", "--root_dir", finished, "--recipe", recipe_with(tmp_path, splits=splits))
    assert processed(done) == 0
    assert (finished / "grouped/splits/s/s_test.xlsx").exists()
    done = nicohort("run", "--root_dir", finished, "--recipe", recipe_with(tmp_path, steps=[{"threshold": [-50, 500]}]))
    assert processed(done) == 24
    shutil.rmtree(finished / "grouped/splits/s")
    assert processed(nicohort("run", "--root_dir", finished)) == 24
    # The split stays in the manifest, since somebody may work with it.
    manifest = finished / "grouped/dataset_manifest.xlsx"
    book = openpyxl.load_workbook(manifest)
    assert "s" in book.sheetnames
    (finished / "expected.xlsx").write_bytes(expected["grouped/dataset_manifest.xlsx"])
    for name in pandas.ExcelFile(finished / "expected.xlsx").sheet_names:
        pandas.testing.assert_frame_equal(pandas.read_excel(manifest, name), pandas.read_excel(finished / "expected.xlsx", name))
    ours = results(finished)
    assert ours.keys() == expected.keys()
    with_checksums = {"grouped/dataset_manifest.xlsx", "grouped/.nicohort/dataset.json", "grouped/.nicohort/SHA256SUMS"}
    assert {name for name in ours if ours[name] != expected[name]} == with_checksums


def test_again_and_dry_run(nicohort, finished, expected):
    before = contents(finished)
    change(an_image(finished))
    (finished / "grouped/XY").rename(finished / "gone")
    done = nicohort("run", "--root_dir", finished, "--dry_run")
    assert "would process TJ_" in done.stdout and "changed" in done.stdout and "is missing" in done.stdout
    assert not (finished / "grouped/XY").exists()
    (finished / "gone").rename(finished / "grouped/XY")
    an_image(finished).write_bytes(before[an_image(finished).relative_to(finished).as_posix()])
    assert processed(nicohort("run", "--root_dir", finished, "--again")) == 24
    assert_same_results(finished, expected)


def test_a_missing_or_changed_output_is_made_again(nicohort, finished, expected):
    masks = sorted(finished.glob("grouped/TJ/*/*/*_mask.nii.gz"))
    masks[0].unlink()
    masks[1].write_bytes(b"something else")
    (finished / "descriptor/archive_manifest.xlsx").unlink()
    next(finished.glob("grouped/XY/*/*/*_info.yaml")).unlink()
    done = nicohort("run", "--root_dir", finished)
    assert processed(done) == 3
    [kept] = (finished / "descriptor/replaced").rglob("*")
    assert kept.read_bytes() == b"something else" and kept.name in done.stdout + done.stderr
    shutil.rmtree(finished / "descriptor/replaced")
    assert_same_results(finished, expected)


def test_killed_at_any_moment_it_goes_on(nicohort, root, expected):
    program = os.path.join(os.environ["NICOHORT_BUILD"], "nicohort")
    dice = random.Random(0)
    for _ in range(12):
        running = subprocess.Popen([pathlib.Path(os.environ["NICOHORT_BUILD"]) / "nicohort", "run", "--root_dir", root, "--quiet"], stdout=subprocess.DEVNULL)
        time.sleep(dice.uniform(0.0, 0.25))
        running.send_signal(signal.SIGKILL)
        running.wait()
    nicohort("run", "--root_dir", root)
    assert_same_results(root, expected)
    nicohort("run", "--root_dir", root)
    assert not [path for path in root.rglob("*.tmp")]


def test_a_record_that_is_damaged_is_made_again(nicohort, finished, expected):
    records = sorted((finished / "grouped/.nicohort").glob("TJ_*.json"))
    text = records[0].read_bytes()
    records[0].write_bytes(text[: len(text) // 2])
    records[1].write_bytes(b"")
    assert processed(nicohort("run", "--root_dir", finished)) == 2
    assert not (finished / "descriptor/replaced").exists(), "its files are as they are to be, so nothing is lost"
    assert_same_results(finished, expected)


def test_a_cache_that_is_damaged_or_gone_costs_nothing_but_time(nicohort, finished, expected):
    cache = finished / "grouped/.nicohort/cache"
    files = list(cache.iterdir())
    assert files
    for file in files:
        text = file.read_bytes()
        file.write_bytes(text[: len(text) // 2] + b'\xff{"')
    assert processed(nicohort("run", "--root_dir", finished)) == 0
    assert_same_results(finished, expected)
    shutil.rmtree(cache)
    assert processed(nicohort("run", "--root_dir", finished)) == 0
    assert_same_results(finished, expected)


def test_a_second_run_at_the_same_time_is_refused(nicohort, finished):
    import fcntl
    an_image(finished).touch()
    before = results(finished)
    with open(finished / "grouped/.nicohort/lock", "r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        refused = nicohort("run", "--root_dir", finished, status=3)
    assert "another nicohort process is using" in refused.stderr
    assert results(finished) == before
    nicohort("run", "--root_dir", finished)


def test_compression_changes_sizes_but_no_voxel(nicohort, archive, tmp_path):
    sizes = {}
    for compression in ("fast", "balanced", "small"):
        root = tmp_path / compression
        shutil.copytree(archive, root)
        nicohort("run", "--root_dir", root, "--compression", compression)
        volumes = sorted(root.glob("grouped/TJ/pre/*/*_volume.nii.gz"))
        for path in root.glob("grouped/*/*/*/*.nii.gz"):
            press = zlib.decompressobj(31)
            press.decompress(path.read_bytes())
            assert press.eof and not press.unused_data, f"{path}: browsers take one gzip member only"
        sizes[compression] = sum(path.stat().st_size for path in volumes)
        values = np.asanyarray(nibabel.load(volumes[0]).dataobj)
        first = values if compression == "fast" else first
        record = json.loads(next((root / "grouped/.nicohort").glob("TJ_*.json")).read_text())
        codec = {"fast": r"ISA-L 2\.[\d.]+", "balanced": r"voxel encoder 1, ISA-L 2\.[\d.]+", "small": r"zlib 1\.[\d.]+"}
        assert re.fullmatch(codec[compression], record["codec"])
        assert np.array_equal(values, first)
    assert sizes["fast"] > sizes["balanced"] > sizes["small"]


def test_bad_recipe_or_root(nicohort, root, tmp_path):
    nicohort("run", "--root_dir", tmp_path / "nowhere", status=2)
    bad = nicohort("run", "--root_dir", root, "--recipe", recipe_with(tmp_path, steps=[{"clean_slices": {"kernel": 3}}]), status=2)
    assert "`kernel` is not a parameter of `clean_slices`" in bad.stderr
    other = tmp_path / "other.yaml"
    other.write_text("volume: '{site}/{phase}/v/{pid}.nii.gz'\nparts: {site: {A: a}, phase: {b: b}}\n")
    assert "matches" in nicohort("run", "--root_dir", root, "--recipe", other, status=2).stderr
    assert sorted(path.name for path in root.iterdir()) == ["archive", "descriptor", "other.yaml", "recipe.yaml"]


def test_a_split_that_the_archive_cannot_have_is_a_problem(nicohort, root):
    shutil.rmtree(root / "archive/xiangyang")
    (root / "archive/data_meta_xiangyang.xlsx").unlink()
    done = nicohort("run", "--root_dir", root, status=1)
    assert "problem: split03_XY: " in done.stderr
    assert (root / "grouped/splits/split01_TJ/split01_TJ_train.xlsx").exists()


def test_a_renamed_label_leaves_no_mask_of_the_old_name(nicohort, finished):
    (finished / "descriptor/label_map.yaml").write_text("short_form_index_map: {0: Bg, 1: Tumour}\n")
    nicohort("run", "--root_dir", finished)
    assert not list(finished.glob("grouped/*/*/*/*EsoROI*"))
    assert len(list(finished.glob("grouped/*/*/*/*mask_01_Tumour.nii.gz"))) == 24


def test_a_worksheet_of_ones_own_stays(nicohort, finished):
    manifest = finished / "grouped/dataset_manifest.xlsx"
    nicohort("make_split", "--manifest_file", manifest, "--split_name", "mine", "--site", "TJ")
    table = reference.read_table(manifest, "mine")
    change(an_image(finished))
    nicohort("run", "--root_dir", finished)
    assert reference.read_table(manifest, "mine") == table
    nicohort("gen_dataset_manifest", "--root_dir", finished / "grouped", "--output_manifest_file", manifest)
    assert reference.read_table(manifest, "mine") == table


def test_an_info_file_edited_by_hand_is_kept_aside(nicohort, finished, expected):
    info = next(finished.glob("grouped/XY/*/*/*_info.yaml"))
    info.write_text(info.read_text() + "seen: 'by me'\n")
    edited = info.read_bytes()
    done = nicohort("run", "--root_dir", finished)
    [kept] = (finished / "descriptor/replaced").iterdir()
    assert kept.read_bytes() == edited and kept.name in done.stdout
    shutil.rmtree(finished / "descriptor/replaced")
    assert_same_results(finished, expected)


def test_an_unchanged_run_still_has_its_problems_file(nicohort, finished):
    an_image(finished, "masks").unlink()
    first = nicohort("run", "--root_dir", finished, status=1)
    (finished / "run.problems.csv").unlink()
    again = nicohort("run", "--root_dir", finished, status=1)
    assert len((finished / "run.problems.csv").read_text().splitlines()) > 1
    said = [{line for line in done.stderr.splitlines() if line.startswith("problem: ")} for done in (first, again)]
    assert said[0] and said[0] == said[1]


def test_a_reader_who_goes_away_does_not_stop_the_run_halfway(archive, tmp_path):
    """nicohort run | head -1"""
    shutil.copytree(archive, tmp_path / "root")
    running = subprocess.Popen([pathlib.Path(os.environ["NICOHORT_BUILD"]) / "nicohort", "run", "--root_dir", tmp_path / "root"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    running.stdout.close()
    running.stderr.close()
    assert running.wait() == 0
    assert list((tmp_path / "root/grouped/splits").rglob("*.xlsx")) and (tmp_path / "root/report/index.html").exists()


def test_a_dataset_is_no_root(nicohort, archive, tmp_path):
    shutil.copytree(archive, tmp_path / "root")
    nicohort("run", "--root_dir", tmp_path / "root")
    done = nicohort("run", "--root_dir", tmp_path / "root/grouped", "--archive", archive / "archive", status=2)
    assert f"{tmp_path}/root/grouped: is a dataset; --root_dir is the folder that contains it" in done.stderr
    assert not (tmp_path / "root/grouped/grouped").exists()


@pytest.mark.parametrize("dry", [[], ["--dry_run"], ["--shard", "1/2"]])
def test_nothing_is_written_into_the_archive(nicohort, archive, tmp_path, dry):
    shutil.copytree(archive / "archive", tmp_path / "archive")
    (tmp_path / "archive/new").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "archive/new")
    before = contents(tmp_path)
    for root in ("archive", "archive/new", "link"):
        done = nicohort("run", "--root_dir", tmp_path / root, "--archive", tmp_path / "archive", *dry, status=2)
        assert f"--root_dir {tmp_path / root}: is in the archive {tmp_path / 'archive'}, which nicohort only reads" in done.stderr
    assert contents(tmp_path) == before


@pytest.mark.parametrize("output, pattern, what", [
    ("archive", "{pid}/{pid}", "in place of an image"),
    ("link/b", "b/{pid}/{pid}", "in place of an image"),
    ("archive/b", "[b/]{pid}/{pid}", "taken for an image"),
    ("archive/b", "{pid}", None),
])
def test_confirm_pairs_replaces_no_image_of_the_archive(nicohort, tmp_path, output, pattern, what):
    """Below the archive it may write what is none of its images."""
    folder = pattern.replace("[b/]", "").replace("{pid}", "P1")
    small_archive.save(tmp_path, f"{folder}_volume.nii.gz")
    small_archive.save(tmp_path, f"{folder}_mask.nii.gz", "m3d")
    (tmp_path / "link").symlink_to(tmp_path / "archive")
    (tmp_path / "recipe.yaml").write_text(f'volume: "{pattern}_volume.nii.gz"\nmask: "{pattern}_mask.nii.gz"\nparts: {{pid: "P[0-9]"}}\n')
    nicohort("gen_archive_manifest", "--root_dir", tmp_path / "archive", "--output_manifest_file", tmp_path / "m.xlsx", "--recipe",
             tmp_path / "recipe.yaml")
    before = contents(tmp_path)
    done = nicohort("confirm_pairs", "--root_dir", tmp_path / "archive", "--output_dir", tmp_path / output, "--archive_manifest",
                    tmp_path / "m.xlsx", "--recipe", tmp_path / "recipe.yaml", status=2 if what else 0)
    if what:
        assert f"--output_dir {tmp_path / output}: {tmp_path / output}/P1/P1_mask.nii.gz would be {what} of the archive" in done.stderr
        assert contents(tmp_path) == before
    else:
        assert {path: content for path, content in contents(tmp_path).items() if path in before} == before
