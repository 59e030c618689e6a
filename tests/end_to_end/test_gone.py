"""What a dataset has that its archive no longer has, or has under another ID."""

import csv
import json
import pathlib
import re
import shutil

import pytest
import yaml

import small_archive
from long_form import LONG
from test_run import change as change_image
from tutorial import contents

RECIPE = pathlib.Path(__file__).parents[2] / "recipes/eso-2025.10.31.yaml"


@pytest.fixture(scope="module")
def archive(nicohort, tmp_path_factory):
    root = tmp_path_factory.mktemp("archive")
    nicohort("demo", root, "--patients", 12, "--size", 32, 32, 16)
    return root


@pytest.fixture
def root(archive, tmp_path):
    shutil.copytree(archive, tmp_path / "root")
    return tmp_path / "root"


def run(nicohort, root, *options, status=0):
    return nicohort("run", "--root_dir", root, *options, status=status)


def single_commands(nicohort, root, *recipe, status=0):
    nicohort("gen_archive_manifest", "--root_dir", "archive", "--output_manifest_file", "descriptor/archive_manifest.xlsx",
             *recipe, cwd=root)
    return nicohort("confirm_pairs", "--root_dir", "archive", "--output_dir", "grouped", "--archive_manifest",
                    "descriptor/archive_manifest.xlsx", *recipe, cwd=root, status=status)


MADE_BY = pytest.mark.parametrize("make", [run, single_commands], ids=["run", "single commands"])


def recipe_with(root, old, new):
    text = RECIPE.read_text()
    assert old in text
    (root.parent / "recipe.yaml").write_text(text.replace(old, new))
    return "--recipe", root.parent / "recipe.yaml"


def folders(root):
    return sorted(path.relative_to(root / "grouped").as_posix() for path in (root / "grouped").glob("*/*/*")
                  if path.is_dir() and "splits" not in path.parts)


def records(root):
    return sorted(path.stem for path in (root / "grouped/.nicohort").glob("*.json"))


def removed(done):
    return sorted(re.findall(r"^(\S+) removed: ", done.stdout, re.MULTILINE))


# Another recipe for the same archive

UNCHANGED = ("name: ESO", "name: ESO")
OTHER_ID = ('id: "{site}_{pid}_{phase}"', 'id: "{phase}-{site}-{pid}"')
OTHER_SITE = ("XY: xiangyang", "XIANG: xiangyang")
OTHER_PHASE = ("pre: pre-therapy", "before: pre-therapy")
SWAPPED_PHASES = ("{pre: pre-therapy, post: post-therapy}", "{pre: post-therapy, post: pre-therapy}")


def with_other_recipe(root, change):
    """Sites and phases are in the names of folders alone, so that they can be called otherwise."""
    options = recipe_with(root, *change)
    text = options[1].read_text().replace("/{site}_{pid}.nii.gz", "/{pid}.nii.gz").replace('pid: "[^_/]+"', 'pid: "[A-Z]+_[0-9]+"')
    recipe = yaml.safe_load(text)
    del recipe["metadata"]
    del recipe["splits"]
    options[1].write_text(yaml.safe_dump(recipe, sort_keys=False))
    return options


OTHER_RECIPES = {"id": OTHER_ID, "swapped": SWAPPED_PHASES} | ({"site": OTHER_SITE, "phase": OTHER_PHASE} if LONG else {})


@pytest.mark.parametrize("change", OTHER_RECIPES.values(), ids=OTHER_RECIPES)
@MADE_BY
def test_another_recipe_leaves_each_image_in_one_sample(nicohort, root, make, change):
    before = with_other_recipe(root, UNCHANGED)
    make(nicohort, root, *before)
    earlier = set(folders(root))
    shutil.copytree(root / "archive", root.parent / "fresh/archive")
    options = with_other_recipe(root, change)
    done = run(nicohort, root, *options)
    run(nicohort, root.parent / "fresh", *options)
    assert folders(root) == folders(root.parent / "fresh") and len(folders(root)) == 24
    assert contents(root / "grouped") == contents(root.parent / "fresh/grouped")
    assert records(root) == records(root.parent / "fresh")
    assert contents(root / "report/thumbnails").keys() == contents(root.parent / "fresh/report/thumbnails").keys()
    if change != SWAPPED_PHASES:
        assert removed(done) == sorted(path.split("/")[-1] for path in earlier - set(folders(root))) != []
    manifest = root / "again.xlsx"
    nicohort("gen_dataset_manifest", "--root_dir", root / "grouped", "--output_manifest_file", manifest)
    assert len(small_archive.column(manifest, "ID")) == 24
    nicohort("verify", "--root_dir", root / "grouped")


def test_a_dry_run_names_what_another_recipe_takes_out(nicohort, root):
    run(nicohort, root)
    before = contents(root)
    done = run(nicohort, root, *recipe_with(root, *OTHER_ID), "--dry_run")
    ID = folders(root)[0].split("/")[-1]
    site, pid, phase = ID.split("_")
    assert f"would remove {ID}: its images now belong to {phase}-{site}-{pid}" in done.stdout
    assert contents(root) == before


def test_a_sample_that_cannot_be_made_anew_keeps_no_files_of_another(nicohort, root):
    """Its earlier files are now another sample's images."""
    run(nicohort, root)
    image = sorted((root / "archive/tongji/post-therapy/images").iterdir())[0]
    image.write_bytes(image.read_bytes()[:-20])
    ID = image.name.removesuffix(".nii.gz")
    run(nicohort, root, *recipe_with(root, *SWAPPED_PHASES), status=1)
    assert not (root / f"grouped/TJ/pre/{ID}_pre").exists()
    assert (root / f"grouped/TJ/post/{ID}_post").exists()


@pytest.mark.parametrize("change, is_left", [
    (OTHER_ID, lambda path: True),
    (OTHER_SITE, lambda path: path.startswith("XY/")),
    (OTHER_PHASE, lambda path: "/pre/" in path),
], ids=["id", "site", "phase"])
def test_confirm_pairs_tells_what_another_recipe_left(nicohort, root, change, is_left):
    single_commands(nicohort, root, *with_other_recipe(root, UNCHANGED))
    earlier = folders(root)
    single_commands(nicohort, root, *with_other_recipe(root, change), status=1)
    with open(root / "grouped/confirm_pairs.problems.csv", newline="") as file:
        told = [row["subject"] for row in csv.DictReader(file)
                if row["problem"].startswith("is in the dataset, but cannot be made again from this archive")]
    assert sorted(told) == sorted(path.split("/")[-1] for path in earlier if is_left(path)) != []


@MADE_BY
def test_another_archive_may_have_images_of_the_same_names(nicohort, root, make):
    other = root.parent / "other"
    shutil.copytree(root, other)
    for image in (other / "archive").glob("tongji/*/*/*.nii.gz"):
        change_image(image)
    for site in ("xiangyang", "shiyan-taihe"):
        shutil.rmtree(other / "archive" / site)
    single_commands(nicohort, other, *with_other_recipe(root, ("TJ: tongji", "ELSEWHERE: tongji")))
    shutil.copytree(other / "grouped", root / "grouped")
    left = folders(root)
    # The report of run cannot show the masks as drawn of the other archive.
    done = make(nicohort, root, *with_other_recipe(root, UNCHANGED), status=1 if make is run else 0)
    assert "cannot be made again" not in done.stderr
    assert done.stderr.count("is not the file from which the sample was made") == (len(left) if make is run else 0)
    assert set(left) < set(folders(root)) and left


def test_a_site_that_the_recipe_no_longer_names_is_told(nicohort, root):
    run(nicohort, root)
    recipe = yaml.safe_load(RECIPE.read_text())
    del recipe["parts"]["site"]["XY"]
    recipe["splits"] = recipe["splits"][:1]
    (root.parent / "recipe.yaml").write_text(yaml.safe_dump(recipe, sort_keys=False))
    done = run(nicohort, root, "--recipe", root.parent / "recipe.yaml", status=1)
    left = [path for path in folders(root) if path.startswith("XY/")]
    for path in left:
        assert f"problem: {path.split('/')[-1]}: is in the dataset, but cannot be made again from this archive" in done.stderr
    assert len(left) == 4


# A disk that is not there

def take_away(root, patients, site="tongji", phase="*"):
    """The images of so many patients; gives the IDs."""
    images = sorted((root / "archive" / site).glob(f"{phase}/images/*"))
    names = sorted({image.name for image in images})[:patients]
    gone = [path for path in (root / "archive" / site).glob(f"{phase}/*/*") if path.name in names]
    for path in gone:
        path.unlink()
    phases = sorted({path.parts[-3].removesuffix("-therapy") for path in gone})
    return sorted(f"{name.removesuffix('.nii.gz')}_{phase}" for name in names for phase in phases)


def of_site(root, site):
    return sorted(path.split("/")[-1] for path in folders(root) if path.startswith(f"{site}/"))


def unmount(root, site="xiangyang", keep_folder=False):
    (root / "archive" / site).rename(root.parent / site)
    if keep_folder:
        (root / "archive" / site).mkdir()


@pytest.mark.parametrize("keep_folder", [False, True], ids=["gone", "empty"])
@MADE_BY
def test_a_missing_disk_stops_the_run_before_it_writes(nicohort, root, make, keep_folder):
    make(nicohort, root)
    samples = of_site(root, "XY")
    unmount(root, keep_folder=keep_folder)
    before = contents(root)
    for options in ([], ["--again"], ["--dry_run"]):
        done = run(nicohort, root, *options, status=2)
        assert "4 of the dataset's 24 samples" in done.stderr and "all of XY/post" in done.stderr and "--allow_removal" in done.stderr
        now = contents(root)
        assert now == before
    assert all(f"would remove {ID}: no longer in the archive" in done.stdout for ID in samples)


def test_a_disk_that_is_back_costs_nothing(nicohort, root):
    run(nicohort, root)
    before = contents(root)
    unmount(root)
    run(nicohort, root, status=2)
    (root.parent / "xiangyang").rename(root / "archive/xiangyang")
    done = run(nicohort, root)
    assert "Nothing has changed" in done.stdout or "0 samples processed" in done.stdout
    assert contents(root) == before


@MADE_BY
def test_allow_removal_takes_out_all_that_is_gone(nicohort, root, make):
    make(nicohort, root)
    samples = of_site(root, "XY")
    unmount(root)
    done = run(nicohort, root, "--allow_removal", status=1)  # metadata without images, a split without its site
    assert removed(done) == samples and len(samples) == 4
    assert not (root / "grouped/XY").exists() and not [ID for ID in records(root) if ID.startswith("XY_")]
    assert not list((root / "report/thumbnails").glob("XY_*"))
    assert len(small_archive.column(root / "grouped/dataset_manifest.xlsx", "ID")) == 20
    assert removed(run(nicohort, root, status=1)) == []
    told = nicohort("verify", "--root_dir", root / "grouped", status=None).stderr
    assert all("split03_XY" in line for line in told.splitlines() if line.startswith("problem: "))  # which has no sample left


@pytest.mark.parametrize("patients, status", [(1, 1), (2, 2)])
@MADE_BY
def test_a_tenth_may_go(nicohort, root, make, patients, status):
    """Two of 24 samples; four are more than a tenth."""
    make(nicohort, root)
    gone = take_away(root, patients)
    before = folders(root)
    done = run(nicohort, root, status=status)
    assert removed(done) == (gone if status == 1 else [])
    assert len(before) - len(folders(root)) == (len(gone) if status == 1 else 0)
    run(nicohort, root, "--allow_removal", status=1)
    assert len(before) - len(folders(root)) == len(gone) == 2 * patients


def test_all_of_a_folder_is_too_much_though_less_than_a_tenth(nicohort, root):
    run(nicohort, root)
    assert len(of_site(root, "XY")) == 4
    gone = take_away(root, 9, "xiangyang", "pre-therapy")
    assert len(gone) == 2
    done = run(nicohort, root, status=2)
    assert "2 of the dataset's 24 samples" in done.stderr and "all of XY/pre;" in done.stderr
    assert removed(run(nicohort, root, "--allow_removal", status=1)) == gone


def test_one_of_five(nicohort, tmp_path):
    """The rule holds for small datasets, too."""
    pids = [f"000{number}" for number in range(5)]
    root = small_archive.make(tmp_path, pids)
    run(nicohort, root, status=1)  # the other sites have no metadata
    for path in (root / "archive/tongji").glob(f"*/*/TJ_{pids[0]}.nii.gz"):
        path.unlink()
    assert "2 of the dataset's 10 samples" in run(nicohort, root, status=2).stderr
    assert len(removed(run(nicohort, root, "--allow_removal", status=1))) == 2


def test_what_was_taken_out_by_hand_is_missed_by_nobody(nicohort, root):
    run(nicohort, root)
    unmount(root)
    shutil.rmtree(root / "grouped/XY")
    for record in (root / "grouped/.nicohort").glob("XY_*.json"):
        record.unlink()
    assert removed(run(nicohort, root, status=1)) == []


def test_a_sample_that_was_not_made_from_the_archive_is_told_and_left(nicohort, root):
    run(nicohort, root)
    sample = sorted((root / "grouped/TJ/pre").iterdir())[0]
    own = sample.with_name("TJ_own_pre")
    own.mkdir()
    for path in sample.iterdir():
        if path.name.endswith(("_volume.nii.gz", "_mask.nii.gz", "_info.yaml")):
            (own / path.name.replace(sample.name, own.name)).write_bytes(path.read_bytes().replace(sample.name.encode(), own.name.encode()))
    nicohort("extract_binary_masks", "--root_dir", root / "grouped", "--label_explanation", root / "descriptor/label_map.yaml", status=None)
    before = contents(own)
    done = run(nicohort, root, status=1)
    assert removed(done) == [] and f"problem: {own.name}: " in done.stderr
    assert contents(own) == before != {}


def test_files_without_a_record_are_told_and_left(nicohort, root):
    run(nicohort, root)
    gone = take_away(root, 1)
    sample = root / f"grouped/TJ/pre/{gone[0].rsplit('_', 1)[0]}_pre"
    (root / f"grouped/.nicohort/{sample.name}.json").unlink()
    before = contents(sample)
    done = run(nicohort, root, status=1)
    assert removed(done) == [ID for ID in gone if ID != sample.name]
    assert f"problem: {sample.name}: has files in the dataset, but no record" in done.stderr
    assert contents(sample) == before != {}


def test_a_mask_that_was_corrected_by_hand_is_kept_when_its_patient_leaves(nicohort, root):
    run(nicohort, root)
    gone = take_away(root, 1)[0]
    [mask] = (root / "grouped").rglob(f"{gone}_mask.nii.gz")
    mask.write_bytes(b"corrected")
    assert gone in removed(run(nicohort, root, status=1))
    [kept] = (root / "descriptor/replaced").iterdir()
    assert kept.name.startswith(mask.name) and kept.read_bytes() == b"corrected"


def test_nothing_is_removed_through_a_link_out_of_the_dataset(nicohort, root):
    run(nicohort, root)
    [gone] = [ID for ID in take_away(root, 1) if ID.endswith("_pre")]
    outside = root.parent / "outside"
    (root / f"grouped/TJ/pre/{gone}").rename(outside)
    (root / f"grouped/TJ/pre/{gone}").symlink_to(outside)
    before = contents(outside)
    assert f"problem: TJ/pre/{gone}: is a symbolic link, which can lead out of the dataset" in run(nicohort, root, status=1).stderr
    assert contents(outside) == before != {}


def test_what_stays_without_a_record_or_the_archive_is_told_by_all(nicohort, root):
    """By `run`, before it by --dry_run, and by confirm_pairs: once each."""
    run(nicohort, root)
    damaged, unrecorded = [path.split("/")[-1] for path in folders(root)[:2]]
    take = [image for ID in (damaged, unrecorded) for image in json.loads((root / f"grouped/.nicohort/{ID}.json").read_text())["inputs"]]
    for image in take:
        (root / "archive" / image["path"]).unlink()
    (root / f"grouped/.nicohort/{damaged}.json").write_text("{")
    (root / f"grouped/.nicohort/{unrecorded}.json").unlink()
    before = contents(root)
    dry = run(nicohort, root, "--dry_run", "--allow_removal", status=1)
    assert contents(root) == before
    manifest = root / "descriptor/archive_manifest.xlsx"
    nicohort("gen_archive_manifest", "--root_dir", root / "archive", "--output_manifest_file", manifest, status=None)
    pairs = nicohort("confirm_pairs", "--root_dir", root / "archive", "--output_dir", root / "grouped", "--archive_manifest", manifest,
                     status=1)
    for done in (dry, pairs, run(nicohort, root, "--allow_removal", status=1)):
        assert done.stderr.count(f"problem: {damaged}: its record .nicohort/{damaged}.json is not the record") == 1
        assert done.stderr.count(f".nicohort/{damaged}.json") == 1
        assert done.stderr.count(f"problem: {unrecorded}: has files in the dataset, but no record") == 1


# Samples that `where` leaves out.

PATIENTS = """\
volume: "{pid}_ct.nii.gz"
mask: "{pid}_seg.nii.gz"
metadata: {file: patients.csv, key: {Number: "{pid}"}}
labels: {0: Bg, 1: tumour}
splits: [{name: s, test_ratio: 0.25, val_ratio: 0.2}]
"""


@pytest.fixture
def patients(tmp_path):
    (tmp_path / "archive").mkdir()
    for number in range(12):
        small_archive.save_image(tmp_path / f"archive/P{number:02}_ct.nii.gz")
        small_archive.save_image(tmp_path / f"archive/P{number:02}_seg.nii.gz", "m3d")
    exclude(tmp_path)
    return tmp_path


def exclude(root, values={}):
    lines = [f"P{number:02},{values.get(number, 'no')}" for number in range(12)]
    (root / "archive/patients.csv").write_text("\n".join(["Number,Exclude", *lines, ""]))


def run_patients(nicohort, root, more, *options, status=0):
    (root / "recipe.yaml").write_text(PATIENTS + more)
    return run(nicohort, root, "--recipe", root / "recipe.yaml", *options, status=status)


WANTED = "where: {Exclude: 'no'}\n"


def test_who_is_excluded_later_leaves_the_dataset(nicohort, patients):
    root = patients
    run_patients(nicohort, root, WANTED)
    exclude(root, {3: "yes"})
    dry = run_patients(nicohort, root, WANTED, "--dry_run")
    assert "would remove P03: left out by the recipe's `where`" in dry.stdout
    done = run_patients(nicohort, root, WANTED)
    assert "P03 removed: left out by the recipe's `where`." in done.stdout
    assert "P03" not in records(root) and not (root / "grouped/P03").exists()
    assert "P03" not in small_archive.column(root / "grouped/dataset_manifest.xlsx", "ID")
    now = contents(root / "grouped")
    shutil.rmtree(root / "grouped")
    run_patients(nicohort, root, WANTED)
    assert contents(root / "grouped") == now


@pytest.mark.parametrize("value", ["", None])
def test_who_is_no_longer_known_is_not_excluded(nicohort, patients, value):
    """The row or its cell may be lost: what was made stays, and this is a problem."""
    root = patients
    run_patients(nicohort, root, WANTED)
    exclude(root, {3: value})
    if value is None:
        table = root / "archive/patients.csv"
        table.write_text(table.read_text().replace("P03,None\n", ""))
    done = run_patients(nicohort, root, WANTED, status=1)
    assert "problem: P03: is in the dataset, but cannot be made again" in done.stderr
    assert (root / "grouped/P03").is_dir()


def test_a_new_where_takes_out_what_it_leaves_out(nicohort, patients):
    root = patients
    exclude(root, {number: "yes" for number in range(5)})
    run_patients(nicohort, root, "")
    done = run_patients(nicohort, root, WANTED)
    assert removed(done) == [f"P{number:02}" for number in range(5)]
    assert len(small_archive.column(root / "grouped/dataset_manifest.xlsx", "ID")) == 7


def test_a_table_that_excludes_many_stops_the_run(nicohort, patients):
    """One hospital may have exported another word."""
    root = patients
    run_patients(nicohort, root, WANTED)
    exclude(root, {number: "No!" for number in range(5)})
    before = contents(root / "grouped")
    done = run_patients(nicohort, root, WANTED, status=2)
    assert "5 of the dataset's 12 samples no longer fulfil the recipe's `where`; nothing was written" in done.stderr
    assert contents(root / "grouped") == before
    assert len(removed(run_patients(nicohort, root, WANTED, "--allow_removal"))) == 5


# Samples whose images have other names now, and cannot be used.

@pytest.mark.parametrize("again", [[], ["--again"]])
def test_images_that_were_replaced_by_damaged_ones_stop_the_run(nicohort, patients, again):
    root = patients
    run_patients(nicohort, root, "")
    for number in range(3):  # exported again, without compression
        (root / f"archive/P{number:02}_ct.nii").write_bytes(b"damaged")
        small_archive.save_image(root / f"archive/P{number:02}_seg.nii", "m3d")
        for kind in ("ct", "seg"):
            (root / f"archive/P{number:02}_{kind}.nii.gz").unlink()
    before = contents(root / "grouped")
    done = run_patients(nicohort, root, "", *again, status=2)
    assert "3 of the dataset's 12 samples have other images now, which cannot be used; nothing was written" in done.stderr
    assert contents(root / "grouped") == before
    run_patients(nicohort, root, "", "--allow_removal", status=1)
    assert len(small_archive.column(root / "grouped/dataset_manifest.xlsx", "ID")) == 9


# Another ID and another mask at once.

def test_a_sample_that_has_another_id_and_a_corrected_mask_is_there_once(nicohort, patients):
    root = patients
    run_patients(nicohort, root, "")
    mask = root / "archive/P03_seg.nii.gz"
    change_image(mask)
    done = run_patients(nicohort, root, 'id: "X{pid}"\n')
    assert removed(done) == [f"P{number:02}" for number in range(12)]
    assert [ID for ID in records(root) if ID != "dataset"] == [f"XP{number:02}" for number in range(12)]


def test_masks_of_another_archive_alone_do_not_make_its_samples_gone(nicohort, patients):
    """Of the same names, and some masks are alike."""
    root = patients
    run_patients(nicohort, root, "")
    other = root / "other"
    shutil.copytree(root / "archive", other)
    for volume in other.glob("*_ct.nii.gz"):
        change_image(volume)
    done = run_patients(nicohort, root, 'id: "X{pid}"\n', "--archive", other, status=1)
    assert removed(done) == [] and len([ID for ID in records(root) if ID != "dataset"]) == 24


# `where` that changes, further.

def test_shards_with_a_new_where_agree_with_the_first(nicohort, patients):
    root = patients
    exclude(root, {number: "yes" for number in range(5)})
    run_patients(nicohort, root, "")
    for shard in ("1/2", "2/2"):
        run_patients(nicohort, root, WANTED, "--shard", shard)
    done = run_patients(nicohort, root, WANTED)
    assert len(removed(done)) == 5 and len(small_archive.column(root / "grouped/dataset_manifest.xlsx", "ID")) == 7


def test_who_is_excluded_goes_also_if_the_mask_was_corrected(nicohort, patients):
    root = patients
    run_patients(nicohort, root, WANTED)
    exclude(root, {3: "yes"})
    change_image(root / "archive/P03_seg.nii.gz")
    assert removed(run_patients(nicohort, root, WANTED)) == ["P03"]


def test_a_derived_column_of_a_lost_cell_excludes_nobody(nicohort, patients):
    root = patients
    derived = "columns: {included: {from: Exclude, values: {yes: ['no']}, otherwise: 'no'}}\nwhere: {included: 'yes'}\n"
    run_patients(nicohort, root, derived)
    exclude(root, {3: "", 4: "yes"})
    done = run_patients(nicohort, root, derived, status=1)
    assert removed(done) == ["P04"] and (root / "grouped/P03").is_dir()
