"""--json: everything that a command says, as one object on stdout."""

import csv
import json
import pathlib

import jsonschema
import pytest

SCHEMA = json.loads((pathlib.Path(__file__).parents[2] / "docs/json-output.schema.json").read_text())


@pytest.fixture
def said(nicohort):
    """said(words..., status=0) gives the object that the command prints."""

    def run(*words, status=0):
        done = nicohort(*words, "--json", status=status)
        summary = json.loads(done.stdout)
        jsonschema.validate(summary, SCHEMA)
        assert summary["status"] == done.returncode
        assert summary["command"] == words[0]
        told = {line for line in done.stderr.splitlines() if line.startswith("problem: ")}
        listed = {f"problem: {each['subject']}: {each['problem']}" for each in summary["problems"]}
        many = [line for line in told if " in all, such as " in line]  # of which not all are printed
        assert told - set(many) <= listed if many else told == listed
        return summary, done.stderr

    return run


@pytest.fixture(scope="module")
def faulty(nicohort, tmp_path_factory):
    root = tmp_path_factory.mktemp("json") / "root"
    nicohort("demo", root, "--patients", 6, "--size", 32, 32, 16, "--faults")
    return root


def files_below(folder):
    """Those that are not nicohort's own, with their state."""
    return {str(path): (path.lstat().st_ino, path.lstat().st_mtime_ns) for path in folder.rglob("*")
            if path.is_file() and not any(part.startswith(".nicohort") for part in path.parts)}


def test_the_problems_are_the_rows_of_the_csv_and_the_files_are_those_that_changed(said, nicohort, faulty):
    def check(*words, status=0, below=faulty):
        before = files_below(below)
        summary, _ = said(*words, status=status)
        after = files_below(below)
        assert set(summary["files"]) == {file for file, state in after.items() if before.get(file) != state}
        return summary

    summary = check("run", "--root_dir", faulty, status=1)
    with open(faulty / "run.problems.csv", newline="") as file:
        assert summary["problems"] == list(csv.DictReader(file)) != []
    assert any(line.endswith("run.problems.csv") for line in summary["summary"])
    manifest = faulty / "grouped/dataset_manifest.xlsx"
    check("mask_thresholding", "--root_dir", faulty / "grouped", "--output_dir", faulty / "grouped", "--thresh", -100, 100, status=1)
    split = check("make_split", "--manifest_file", manifest, "--split_name", "s", "--test_ratio", 0.3)
    assert split["problems"] == [] and str(manifest) in split["files"]
    check("extract_split_index_manifest", "--manifest_file", manifest, "--split_name", "s", "--output_index_manifest_dir",
          faulty / "index", "--subsets", "train", "--format", "jsonl")
    check("export", "--root_dir", faulty / "grouped", "--format", "csv", "--output", faulty / "table")
    check("verify", "--root_dir", faulty / "grouped", status=1)


def test_a_dry_run_and_every_other_command_have_the_problems_that_they_print(nicohort, said, faulty, tmp_path):
    archive, grouped, table = faulty / "archive", tmp_path / "grouped", tmp_path / "archive.xlsx"
    manifest = grouped / "dataset_manifest.xlsx"
    label_map = tmp_path / "label_map.yaml"
    label_map.write_text("short_form_index_map: {0: Bg}\n")  # the masks have another label
    mask = ("--root_dir", grouped, "--output_dir", grouped)
    lines = [
        ("demo", tmp_path / "demo", "--patients", 3, "--size", 32, 32, 16), ("recipe", archive), ("recipes",), ("completion", "bash"),
        ("run", "--root_dir", faulty, "--dry_run"), ("run", "--root_dir", faulty, "--shard", "1/1"), ("run", "--root_dir", faulty),
        ("status", "--root_dir", faulty), ("report", "--root_dir", faulty, "--output", tmp_path / "report"), ("doctor", "--root_dir", tmp_path),
        ("slurm", "--root_dir", faulty, "--tasks", 2),
        ("gen_archive_manifest", "--root_dir", archive, "--output_manifest_file", table),
        ("confirm_pairs", "--root_dir", archive, "--output_dir", grouped, "--archive_manifest", table),
        ("mask_thresholding", *mask, "--thresh", -100, 100), ("extract_binary_masks", "--root_dir", grouped, "--label_explanation", label_map),
        ("apply_step", "--root_dir", grouped, "remove_small: {smaller_than: 1 voxels}"),
        ("small_connected_region_detect", "--root_dir", grouped, "--output_manifest", tmp_path / "small.xlsx"),
        ("morphological_open_on_slice_small_region", *mask),
        ("gen_dataset_manifest", "--root_dir", grouped, "--output_manifest_file", manifest, "--keep_going"),
        ("make_split", "--manifest_file", manifest, "--split_name", "s", "--val_ratio", 0.01),
        ("extract_split_index_manifest", "--manifest_file", manifest, "--split_name", "s", "--output_index_manifest_dir", tmp_path, "--subsets", "train"),
        ("verify", "--root_dir", grouped), ("export", "--root_dir", grouped, "--format", "nnunet", "--output", tmp_path / "out", "--split", "s"),
    ]
    counts = {}
    for words in lines:
        if words[0] == "gen_dataset_manifest":
            next(grouped.rglob("*_volume.nii.gz")).unlink()
        summary, stderr = said(*words, status=None)
        counts[words[0]] = len(summary["problems"])
        assert summary["status"] in ((0,) if not summary["problems"] else (1, 2)), (words, summary, stderr)
    listed = nicohort("--help").stdout.partition("Subcommands:")[2]
    assert set(counts) | {"view"} == {line.split()[0].rstrip(",") for line in listed.splitlines() if line[2:3].strip()}
    assert {name for name, count in counts.items() if count} == {
        "run", "gen_archive_manifest", "confirm_pairs", "mask_thresholding", "extract_binary_masks", "morphological_open_on_slice_small_region",
        "gen_dataset_manifest", "make_split", "verify", "export"}


def test_a_dry_run_ends_with_the_number_of_problems(nicohort, faulty):
    done = nicohort("run", "--root_dir", faulty, "--dry_run", status=1)
    assert done.stdout.splitlines()[-1] == f"{done.stderr.count('problem: ')} problems."
    assert "lists them" not in done.stderr


def test_a_command_that_prints_its_result_has_it_as_output(said, nicohort):
    assert said("recipes", "acdc")[0]["output"] == nicohort("recipes", "acdc").stdout


@pytest.mark.parametrize("words", [
    ("run", "--root_dir", "/nowhere"), ("run", "--rot_dir", "/nowhere"), ("run",), ("verify", "--root_dir", "/nowhere", "--jobs", "x"),
], ids=["input", "option", "missing option", "value"])
def test_an_error_is_in_the_object_and_on_stderr(said, words):
    summary, stderr = said(*words, status=2)
    assert summary["error"] and stderr == f"nicohort: {summary['error']}\n"
    assert summary["problems"] == summary["files"] == []


def test_an_unknown_command(nicohort):
    assert json.loads(nicohort("rum", "--json", status=2).stdout)["error"].startswith("rum: no such command")


def test_a_report_that_lists_problems_does_not_say_that_there_are_none(nicohort, faulty, tmp_path):
    nicohort("run", "--root_dir", faulty, status=1)
    done = nicohort("report", "--root_dir", faulty, "--output", tmp_path / "report")
    assert done.stdout.splitlines()[-1] == "No problems other than those that the report lists."
