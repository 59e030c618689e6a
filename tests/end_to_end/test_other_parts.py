"""An archive without phases, of subsets and visits, that has its sites in a table: what depends on the parts goes by the recipe."""

import pathlib

import pytest

import small_archive
from test_report import data_of

RECIPE = """
volume: "{subset_dir}/images/{pid}_{visit}.nii.gz"
mask: "{subset_dir}/labels/{pid}_{visit}.nii.gz"
parts: {subset: {train: Tr, test: Ts}, pid: "[0-9]+", visit: "[a-z]"}
id: "{pid}-{visit}"
patient: "P{pid}"
metadata: [{file: clinics.csv, key: {number: "{pid}"}}]
labels: {0: Bg, 1: ROI}
"""
SAMPLES = [("Tr", "0012", "a"), ("Tr", "0012", "b"), ("Tr", "0013", "a"), ("Ts", "0014", "b")]


def images(root, sample):
    folder, pid, visit = sample
    return {kind: root / "archive" / folder / name / f"{pid}_{visit}.nii.gz" for kind, name in (("v3d", "images"), ("m3d", "labels"))}


@pytest.fixture
def archive(tmp_path):
    for sample in SAMPLES:
        for kind, path in images(tmp_path, sample).items():
            path.parent.mkdir(parents=True, exist_ok=True)
            small_archive.save_image(path, kind)
    (tmp_path / "archive/clinics.csv").write_text("number,site\n0012,West\n0013,Ost\n0014,West\n")
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    return tmp_path


def confirm(nicohort, root, status=0):
    manifest = root / "archive_manifest.xlsx"
    nicohort("gen_archive_manifest", "--root_dir", root / "archive", "--output_manifest_file", manifest, "--recipe", root / "recipe.yaml",
             status=status)
    return nicohort("confirm_pairs", "--root_dir", root / "archive", "--output_dir", root / "grouped", "--archive_manifest", manifest,
                    "--recipe", root / "recipe.yaml", status=status)


def test_the_report_shows_all_parts_and_the_patient(archive, nicohort):
    nicohort("run", "--root_dir", archive, "--recipe", archive / "recipe.yaml")
    data = data_of(archive / "report")
    assert data["parts"] == [{"name": "subset", "choices": ["train", "test"]}, {"name": "pid", "choices": None},
                             {"name": "visit", "choices": ["a", "b"]}]
    assert (data["sites"], data["phases"], data["unit"]) == (["Ost", "West"], [], None)
    assert [(sample["id"], sample["patient"], *sample["parts"].values(), sample["attributes"]["site"]) for sample in data["samples"]] == [
        ("0012-a", "P0012", "train", "0012", "a", "West"), ("0012-b", "P0012", "train", "0012", "b", "West"),
        ("0013-a", "P0013", "train", "0013", "a", "Ost"), ("0014-b", "P0014", "test", "0014", "b", "West")]


def test_a_manifest_of_one_subset_says_nothing_of_the_others(archive, nicohort):
    confirm(nicohort, archive)
    for sample in (SAMPLES[2], SAMPLES[3]):
        for path in images(archive, sample).values():
            pathlib.Path.unlink(path)
    told = confirm(nicohort, archive, status=1).stderr
    assert "0013-a" in told and "0014-b" not in told
