"""SPEC 2 and 4: whatever is wrong with one file is said once, with a remedy, and harms no other sample."""

import csv
import pathlib
import re
import shutil

import pytest

import reference
import tutorial

ARCHIVE, PAIRS, LABELS = "gen_archive_manifest", "confirm_pairs", "extract_binary_masks"
CLEANING = "morphological_open_on_slice_small_region"  # says what became of a value that is no label
ANY = "gen_archive_manifest or confirm_pairs"
# What `demo --faults` says it planted -> the routine that must find it, words its message must have, and its kind.
EXPECTED = {
    "gzip stream cut off in the middle": (ARCHIVE, "truncated", "unreadable file"),
    "compressed bytes overwritten in the middle": (ANY, "damaged|corrupt", "unreadable file"),  # 01 sees it if it reads as far as that
    "gzip checksum wrong": (PAIRS, "checksum", "unreadable file"),  # headers show nothing: 02 reads it whole, as 01 does with --verify
    "gzip length field wrong": (ARCHIVE, "length", "unreadable file"),
    "not an image: text with the name of one": (ARCHIVE, "not a NIfTI image", "unreadable file"),
    "empty file": (ARCHIVE, "empty", "unreadable file"),
    "last slice missing: the header asks for more bytes than there are": (ARCHIVE, "truncated.*51552.*48352", "unreadable file"),
    "a slice too many: the header asks for fewer bytes than there are": (ARCHIVE, "51552.*54752", "unreadable file"),
    "negative size": (ARCHIVE, "size of -40", "unreadable file"),
    "impossibly large size (32767 in each direction)": (ARCHIVE, "32767", "unreadable file"),
    "size 0": (ARCHIVE, "size of 0", "unreadable file"),
    "spacing 0": (ARCHIVE, "spacing of 0", "geometry"),
    "spacing not a number": (ARCHIVE, "spacing of nan", "geometry"),
    "affine not a number": (ARCHIVE, "affine.*not finite", "geometry"),
    "affine singular: two axes point the same way": (ARCHIVE, "affine.*singular", "geometry"),
    "two volumes in one file": (ARCHIVE, "more than one volume", "unreadable file"),
    "colour image (RGB24)": (ARCHIVE, "RGB", "unreadable file"),
    "complex image (complex64)": (ARCHIVE, "complex64", "unreadable file"),
    "header of a two-file image (.hdr/.img) without its second file": (ARCHIVE, r"\.hdr", "unreadable file"),
    "mask has a slice fewer than the volume": (PAIRS, "40.40.15.*40.40.16", "geometry"),
    "mask lies 5 voxels beside the volume": (PAIRS, r"\b(5|4\.9\d*|5\.0\d*) voxels", "geometry"),
    "mask value 1.5": (PAIRS, r"value 1\.5", "mask value"),
    "mask value 300": (PAIRS, "value 300", "mask value"),
    "mask value -1": (PAIRS, "value -1", "mask value"),
    "mask value not a number": (PAIRS, "value nan", "mask value"),
    "mask value 7, which the label map does not have": (LABELS, "value 7", "unmapped label"),
    "name does not fit the pattern": (ARCHIVE, "pattern", "layout"),
    "name begins with another site's letters": (ARCHIVE, "pattern", "layout"),
    "same sample twice: .nii beside .nii.gz": (ARCHIVE, "same", "duplicate scan"),
    "patient has no post-therapy sample": (ARCHIVE, "post", "incomplete"),
    "volume without mask": (ARCHIVE, "mask", "incomplete"),
    "mask without volume": (ARCHIVE, "volume", "incomplete"),
    "images without metadata": (ARCHIVE, "no metadata", "metadata"),
    "metadata without images": (ARCHIVE, "PID 04.* no images", "metadata"),
    "key twice in the sheet": (ARCHIVE, "more than once", "metadata"),
    "key lost its leading zeros": (ARCHIVE, "leading zeros", "metadata"),
}
CSV = {ARCHIVE: "descriptor/archive_manifest.xlsx.problems.csv",
       PAIRS: "stages/confirm_pairs/confirm_pairs.problems.csv",
       LABELS: "stages/extract_binary_masks/extract_binary_masks.problems.csv"}
WHOLE_SAMPLE = {"volume without mask", "mask without volume"}  # said of the sample's ID
WHOLE_PATIENT = {"patient has no post-therapy sample", "images without metadata"}  # said of {site}_{pid}
KEPT_BY_PAIRS = {"mask lies 5 voxels beside the volume"}
REMEDY = r"\b(add|change|convert|copy|check|correct|draw|export|move|remove|rename|repair|resample|split|store)\b"


def subject_of(path, damage):
    path = path.removeprefix("archive/")
    name = re.search(r"/((?P<site>\w+?)_(?P<pid>[^_/.]+))\.nii", path)
    if damage in WHOLE_SAMPLE:
        return f"{name[1]}_{'pre' if 'pre-therapy' in path else 'post'}"
    if damage in WHOLE_PATIENT:
        return name[1]
    if damage == "mask value 7, which the label map does not have":
        ID = f"{name[1]}_pre"
        return f"{name['site']}/pre/{ID}/{ID}_mask.nii.gz"
    return path


@pytest.fixture(scope="module")
def planted(nicohort, tmp_path_factory):
    """(root folder, [(path below root, damage)])"""
    root = tmp_path_factory.mktemp("faults")
    done = nicohort("demo", root, "--patients", 18, "--size", 40, 40, 16, "--faults")
    return root, re.findall(r"^planted: (.+?\.(?:nii\.gz|nii|xlsx)): (.+)$", done.stdout + done.stderr, re.MULTILINE)


@pytest.fixture(scope="module")
def faulty(nicohort, planted):
    root, damages = planted
    seen_early = nicohort("gen_archive_manifest", "--root_dir", root / "archive", "--output_manifest_file",
                          root / "descriptor/archive_manifest.xlsx", status=1).stderr
    found_by = {ARCHIVE: set(), PAIRS: set(), LABELS: set()}
    for path, damage in damages:
        routine, path = EXPECTED[damage][0], path.removeprefix("archive/")
        if routine == ANY:
            routine = ARCHIVE if path in seen_early else PAIRS
        found_by[routine].add(path)
    kept = {path.removeprefix("archive/") for path, damage in damages if damage in KEPT_BY_PAIRS}
    listed = {path.removeprefix("archive/") for path, damage in damages if damage in WHOLE_SAMPLE | WHOLE_PATIENT}
    return tutorial.run(nicohort, tutorial.Tutorial(
        root, unlisted=frozenset(found_by[ARCHIVE] - listed), unpaired=frozenset(found_by[PAIRS] - kept),
        status={ARCHIVE: 1, PAIRS: 1, LABELS: 1, CLEANING: 1}))


def problems(stderr):
    return re.findall(r"^problem: (.+?): (.+)$", stderr, re.MULTILINE)


def test_demo_plants_each_damage_once(planted):
    assert sorted(damage for _, damage in planted[1]) == sorted(EXPECTED)


@pytest.mark.parametrize("check", tutorial.CHECKS, ids=tutorial.check_name)
def test_the_other_samples_are_as_ever(faulty, check):
    check(faulty)


@pytest.mark.parametrize("damage", EXPECTED)
def test_damage_is_named_once_with_a_remedy(faulty, planted, damage):
    routine, words, _ = EXPECTED[damage]
    [path] = [path for path, what in planted[1] if what == damage]
    subject = subject_of(path, damage)
    said = [(step, problem) for step, done in faulty.done.items() for named, problem in problems(done.stderr)
            if named == subject and re.search(words, problem)]
    assert len(said) == 1, said
    assert said[0][0] in routine
    assert re.search(REMEDY, said[0][1]), said
    if subject.endswith((".nii.gz", ".nii")):  # of a file nothing else is said, in no routine
        assert [named for done in faulty.done.values() for named, _ in problems(done.stderr)].count(subject) == 1


@pytest.mark.parametrize("damage", EXPECTED)
def test_damage_has_its_kind(faulty, planted, damage):
    _, words, kind = EXPECTED[damage]
    [path] = [path for path, what in planted[1] if what == damage]
    rows = [row for file in CSV.values() for row in csv.DictReader(open(faulty.root / file, encoding="utf-8", newline=""))]
    assert [row["kind"] for row in rows if row["subject"] == subject_of(path, damage) and re.search(words, row["problem"])] == [kind]


def test_a_sample_without_its_partner_is_named_in_both_routines(faulty):
    """01 says which volumes are missing, and not again which are damaged; 02 says which masks it could not write."""
    said_by_01 = problems(faulty.done[ARCHIVE].stderr)
    missing = {subject for subject, problem in said_by_01 if "has a mask but no volume" in problem}
    damaged = {re.sub(r".*/(pre|post)-therapy/images/(\w+)\.nii(\.gz)?", r"\2_\1", subject)
               for subject, problem in said_by_01 if "/images/" in subject and "left out" not in problem}
    assert missing and not missing & damaged
    lonely = missing | damaged
    said = problems(faulty.done[PAIRS].stderr)
    without = [re.sub(r".*/(pre|post)-therapy/masks/(\w+)\.nii\.gz", r"\2_\1", subject)
               for subject, problem in said if "without a volume" in problem]
    assert sorted(without) == sorted(lonely) and len(lonely) > 15


@pytest.mark.parametrize("step", CSV)
def test_problems_csv_says_what_stderr_says(faulty, step):
    with open(faulty.root / CSV[step], encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))
    assert rows[0] == ["subject", "kind", "problem"]
    said = problems(faulty.done[step].stderr)
    assert sorted((subject, problem) for subject, _, problem in rows[1:]) == sorted(said)
    assert re.search(rf"\b{len(said)} problem", faulty.done[step].stdout)


def test_routines_without_problems_write_no_csv(faulty):
    names = {path.name for path in (faulty.root / "grouped").rglob("*.problems.csv")}
    assert names == {f"{name}.problems.csv" for name in ("confirm_pairs", "extract_binary_masks", CLEANING)}
    assert {path.name for path in (faulty.root / "descriptor").glob("*.csv")} == {"archive_manifest.xlsx.problems.csv"}


def test_a_good_run_removes_the_older_csv(faulty, nicohort, tmp_path):
    root = tmp_path / "root"
    shutil.copytree(faulty.root / "descriptor", root / "descriptor")
    shutil.copytree(faulty.stage(LABELS), root / "grouped")
    shutil.copytree(faulty.root / "archive", root / "archive")

    labels = root / "descriptor/label_map.yaml"
    labels.write_text("short_form_index_map: {0: Bg, 1: EsoROI, 7: Node}\n")
    nicohort("extract_binary_masks", "--root_dir", root / "grouped", "--label_explanation", labels)
    assert not (root / "grouped/extract_binary_masks.problems.csv").exists()
    assert (root / "grouped/confirm_pairs.problems.csv").exists()  # another routine's

    good = tmp_path / "good"
    nicohort("demo", good, "--patients", 3, "--size", 32, 32, 16)
    manifest = root / "descriptor/archive_manifest.xlsx"
    nicohort("gen_archive_manifest", "--root_dir", good / "archive", "--output_manifest_file", manifest)
    assert not (root / "descriptor/archive_manifest.xlsx.problems.csv").exists()
    for folder in ("TJ", "SYTH", "XY", ".nicohort"):  # samples that the manifest lacks are problems
        shutil.rmtree(root / "grouped" / folder)
    nicohort("confirm_pairs", "--root_dir", good / "archive", "--output_dir", root / "grouped", "--archive_manifest", manifest)
    assert not (root / "grouped/confirm_pairs.problems.csv").exists()


def test_verify_finds_a_wrong_checksum_in_the_archive(planted, nicohort, tmp_path):
    root, damages = planted
    [path] = [path for path, damage in damages if damage == "gzip checksum wrong"]
    manifest = tmp_path / "manifest.csv"
    done = nicohort("gen_archive_manifest", "--root_dir", root / "archive", "--output_manifest_file", manifest, "--verify",
                    status=1)
    assert [subject for subject, problem in problems(done.stderr) if "checksum" in problem].count(path.removeprefix("archive/")) == 1
    assert path.removeprefix("archive/") not in reference.column(reference.read_table(manifest), "file_path")


@pytest.fixture(scope="module")
def dataset(nicohort, tmp_path_factory):
    """A small dataset, extracted; tests may change a copy."""
    root = tmp_path_factory.mktemp("small")
    nicohort("demo", root, "--patients", 3, "--size", 32, 32, 16)
    nicohort("gen_archive_manifest", "--root_dir", root / "archive", "--output_manifest_file", root / "archive.xlsx")
    nicohort("confirm_pairs", "--root_dir", root / "archive", "--output_dir", root / "grouped", "--archive_manifest", root / "archive.xlsx")
    nicohort("extract_binary_masks", "--root_dir", root / "grouped", "--label_explanation", root / "descriptor/label_map.yaml")
    nicohort("gen_dataset_manifest", "--root_dir", root / "grouped", "--output_manifest_file", root / "dataset.xlsx")
    return root


NOWHERE = pathlib.Path()


def commands(root, out):
    """A good line of every subcommand, as {option: value}, that reads below root and writes below out."""
    return {
        "gen_archive_manifest": {"--root_dir": root / "archive", "--output_manifest_file": out / "a.xlsx"},
        "confirm_pairs": {"--root_dir": root / "archive", "--output_dir": out / "d", "--archive_manifest": root / "archive.xlsx"},
        "mask_thresholding": {"--root_dir": root / "grouped", "--output_dir": out / "d"},
        "extract_binary_masks": {"--root_dir": root / "grouped", "--label_explanation": root / "descriptor/label_map.yaml"},
        "small_connected_region_detect": {"--root_dir": root / "grouped", "--output_manifest": out / "r.xlsx"},
        "morphological_open_on_slice_small_region": {"--root_dir": root / "grouped", "--output_dir": out / "d"},
        "gen_dataset_manifest": {"--root_dir": root / "grouped", "--output_manifest_file": out / "m.xlsx"},
        "make_split": {"--manifest_file": root / "dataset.xlsx", "--split_name": "s", "--site": "TJ", "--test_ratio": 1, "--val_ratio": 0},
        "extract_split_index_manifest": {"--manifest_file": root / "dataset.xlsx", "--split_name": "Manifest",
                                         "--output_index_manifest_dir": out / "s", "--subsets": "train"},
    }


INPUTS = [(name, option) for name, options in commands(NOWHERE, NOWHERE).items()
          for option in options if option in ("--root_dir", "--archive_manifest", "--label_explanation", "--manifest_file")]


def words_of(name, options):
    return [name, *(word for option, value in options.items() for word in (option, value))]


def files_below(folder):
    return {path: path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


@pytest.mark.parametrize("name, option", INPUTS)
def test_missing_input_is_status_2_and_writes_nothing(dataset, nicohort, tmp_path, name, option):
    before = files_below(dataset)
    out = tmp_path / "out"
    options = commands(dataset, out)[name] | {option: tmp_path / "absent/there.xlsx"}
    done = nicohort(*words_of(name, options), status=2)
    assert "there.xlsx" in done.stderr and not done.stdout
    assert not out.exists() and files_below(dataset) == before and not (tmp_path / "absent").exists()


@pytest.mark.parametrize("name", [name for name, option in INPUTS if option == "--root_dir"])
def test_a_folder_without_anything_is_missing_input(nicohort, dataset, tmp_path, name):
    """The wrong folder, not an empty result."""
    (tmp_path / "empty").mkdir()
    out = tmp_path / "out"
    done = nicohort(*words_of(name, commands(dataset, out)[name] | {"--root_dir": tmp_path / "empty"}), status=2)
    assert "empty" in done.stderr
    assert not out.exists()


@pytest.mark.parametrize("name, option", [("gen_archive_manifest", "--output_manifest_file"),
                                          ("small_connected_region_detect", "--output_manifest"),
                                          ("gen_dataset_manifest", "--output_manifest_file")])
def test_an_output_that_cannot_be_is_said_before_the_work(dataset, nicohort, tmp_path, name, option):
    (tmp_path / "folder.xlsx").mkdir()
    for output, why in {"folder.xlsx": "is a folder", "table.txt": "does not end in .xlsx or .csv", "table": "does not end in .xlsx"}.items():
        done = nicohort(*words_of(name, commands(dataset, tmp_path)[name] | {option: tmp_path / output}), status=2)
        assert output in done.stderr and why in done.stderr and option in done.stderr and "problem" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["folder.xlsx"]
    nicohort(*words_of(name, commands(dataset, tmp_path)[name] | {option: tmp_path / "TABLE.XLSX"}))


@pytest.mark.parametrize("name, extra", [
    ("gen_archive_manifest", ["--no_such_option"]),
    ("gen_archive_manifest", ["--jobs", "0"]),
    ("gen_archive_manifest", ["--jobs", "many"]),
    ("gen_archive_manifest", ["--sheet_name", "a/b"]),
    ("gen_archive_manifest", ["--sheet_name", "x" * 32]),
    ("gen_archive_manifest", ["--recipe", "absent.yaml"]),
    ("mask_thresholding", ["--thresh", "10"]),
    ("mask_thresholding", ["--thresh", "low", "high"]),
    ("mask_thresholding", ["--thresh", "1000", "-140"]),
    ("small_connected_region_detect", ["--region_volume_thresh", "-1"]),
    ("small_connected_region_detect", ["--region_volume_thresh", "nan"]),
    ("morphological_open_on_slice_small_region", ["--kernel_size", "0", "5"]),
    ("morphological_open_on_slice_small_region", ["--kernel_size", "5"]),
    ("morphological_open_on_slice_small_region", ["--filter_halfedge", "-1"]),
    ("morphological_open_on_slice_small_region", ["--empty_label", "nearest"]),
    ("morphological_open_on_slice_small_region", ["--no_thresh", "--thresh", "0", "1"]),
    ("make_split", ["--test_ratio", "1.5"]),
    ("make_split", ["--test_ratio", "-0.1"]),
    ("make_split", ["--val_ratio", "nan"]),
    ("make_split", ["--site", "PARIS"]),
    ("make_split", ["--random_seed", "-1"]),
    ("make_split", ["--split_name", "a[b]"]),
    ("make_split", ["--split_name", "Manifest"]),
    ("make_split", ["--stratify_by", "no such column"]),
    ("make_split", ["--sheet_name", "absent"]),
    ("extract_split_index_manifest", ["--split_name", "absent"]),
    ("extract_split_index_manifest", ["--subsets", "nobody"]),
    ("extract_split_index_manifest", ["--subsets", ""]),
])
def test_bad_options_are_status_2_and_write_nothing(dataset, nicohort, tmp_path, name, extra):
    before = files_below(dataset)
    out = tmp_path / "out"
    options = {option: value for option, value in commands(dataset, out)[name].items() if option not in extra}
    done = nicohort(*words_of(name, options), *extra, status=2)
    assert done.stderr.strip() and not done.stdout
    assert not out.exists() and files_below(dataset) == before


@pytest.mark.parametrize("name", commands(NOWHERE, NOWHERE))
def test_missing_options_are_named(nicohort, name):
    assert "--" in nicohort(name, status=2).stderr


def test_no_or_unknown_subcommand_is_status_2(nicohort):
    nicohort(status=2)
    nicohort("07_train_a_network", status=2)


@pytest.mark.parametrize("name", [name for name, options in commands(NOWHERE, NOWHERE).items()
                                  if any(option.startswith("--output") for option in options)])
def test_a_file_in_the_place_of_the_output_folder_is_status_3(dataset, nicohort, tmp_path, name):
    if name == "extract_split_index_manifest":
        nicohort(*words_of("make_split", commands(dataset, tmp_path)["make_split"]))
    (tmp_path / "out").write_text("in the way")
    options = commands(dataset, tmp_path / "out")[name]
    if name == "extract_split_index_manifest":
        options |= {"--split_name": "s", "--subsets": "test"}
    done = nicohort(*words_of(name, options), status=3)
    assert str(tmp_path / "out") in done.stderr
    assert (tmp_path / "out").read_text() == "in the way"
