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
        assert summary["status"] == status
        assert summary["command"] == words[0]
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
