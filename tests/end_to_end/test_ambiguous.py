"""SPEC 4, routine 01: where several files match one image, nobody is left to guess which of them was used."""

import csv

import openpyxl

from small_archive import save

RECIPE = """
volume: "{pid}/{any}_ct.nii.gz"
mask: "{pid}/tumour_{reader}.nii.gz"
parts: {pid: "[0-9]+", reader: "[A-Z]+"}
labels: {0: Bg, 1: tumour}
"""
LABELS = """
volume: "{pid}/ct.nii.gz"
mask: {file: "{pid}/{any}/{label}.nii.gz", overlap: last}
parts: {pid: "[0-9]+"}
labels: {0: Bg, 1: liver, 2: cyst}
"""


def make(root, recipe, *names):
    (root / "recipe.yaml").write_text(recipe, encoding="utf-8")
    for name in names:
        save(root, name, "v3d" if "ct" in name else "m3d")


def run(nicohort, root, *options, status=0):
    return nicohort("run", "--root_dir", root, "--recipe", root / "recipe.yaml", *options, status=status)


def problems(root):
    with open(root / "run.problems.csv", encoding="utf-8") as file:
        return [(line["subject"], line["kind"], line["problem"]) for line in csv.DictReader(file)]


def images(root):
    """{path: type} of the archive manifest."""
    header, *rows = openpyxl.load_workbook(root / "descriptor/archive_manifest.xlsx").active.values
    return {row[0]: row[header.index("type")] for row in rows}


def test_none_of_the_files_is_used_and_one_problem_names_them(nicohort, tmp_path):
    make(tmp_path, RECIPE, "1/a_ct.nii.gz", "1/tumour_A.nii.gz", "1/tumour_B.nii.gz", "2/a_ct.nii.gz", "2/tumour_A.nii.gz",
         *(f"3/{name}_ct.nii.gz" for name in "abcde"), "3/tumour_A.nii.gz")
    for options in (["--dry_run"], []):
        done = run(nicohort, tmp_path, *options, status=1)
        assert done.stderr.count("problem: ") == 2, done.stderr
    assert images(tmp_path) == {"1/a_ct.nii.gz": "v3d", "2/a_ct.nii.gz": "v3d", "2/tumour_A.nii.gz": "m3d", "3/tumour_A.nii.gz": "m3d"}
    (one, kind, masks), (three, _, volumes) = problems(tmp_path)
    assert (one, three, kind) == ("1", "3", "duplicate scan")
    assert masks.startswith("2 files match its mask: 1/tumour_A.nii.gz, 1/tumour_B.nii.gz; none of them is used: ")
    assert volumes.startswith("5 files match its volume: 3/a_ct.nii.gz, 3/b_ct.nii.gz, 3/c_ct.nii.gz and 2 more; none of them is used: ")
    assert "`choose`" in volumes and "`choose`" not in masks and "`{any}`" in masks and "pattern narrower" in masks
    assert (tmp_path / "grouped/2/2_mask.nii.gz").exists() and not (tmp_path / "grouped/1/1_mask.nii.gz").exists()
    assert not (tmp_path / "grouped/3").exists()


def test_a_sample_that_becomes_ambiguous_stays_as_it_was(nicohort, tmp_path):
    make(tmp_path, RECIPE, *(f"{pid}/{name}" for pid in (1, 2) for name in ("a_ct.nii.gz", "tumour_A.nii.gz")))
    run(nicohort, tmp_path)
    save(tmp_path, "1/b_ct.nii.gz")
    before = (tmp_path / "grouped/1/1_volume.nii.gz").read_bytes()
    done = run(nicohort, tmp_path, status=1)
    assert done.stderr.count("problem: ") == 1, done.stderr
    assert (tmp_path / "grouped/1/1_volume.nii.gz").read_bytes() == before
    save(tmp_path, "2/tumour_B.nii.gz", "m3d")
    done = run(nicohort, tmp_path, status=1)
    assert done.stderr.count("problem: ") == 2, done.stderr
    assert (tmp_path / "grouped/2/2_mask.nii.gz").exists()


def test_a_volume_and_a_mask_are_one_problem_of_their_sample(nicohort, tmp_path):
    make(tmp_path, RECIPE, "1/a_ct.nii.gz", "1/b_ct.nii.gz", "1/tumour_A.nii.gz", "1/tumour_B.nii.gz", "2/a_ct.nii.gz", "2/tumour_A.nii.gz")
    run(nicohort, tmp_path, status=1)
    (subject, _, what), = problems(tmp_path)
    assert subject == "1" and "2 files match its volume: " in what and "2 files match its mask: " in what


def test_a_copy_without_compression_is_left_out_and_the_other_used(nicohort, tmp_path):
    make(tmp_path, RECIPE, "1/a_ct.nii.gz", "1/a_ct.nii", "1/tumour_A.nii.gz")
    run(nicohort, tmp_path, status=1)
    assert problems(tmp_path) == [("1/a_ct.nii", "duplicate scan",
                                   "is a second file of the same image as 1/a_ct.nii.gz; left out: remove one of them")]
    assert "1/a_ct.nii.gz" in images(tmp_path)


def test_a_label_with_two_files_leaves_no_half_a_mask(nicohort, tmp_path):
    make(tmp_path, LABELS, "1/ct.nii.gz", "1/A/liver.nii.gz", "1/A/cyst.nii.gz", "1/B/cyst.nii.gz")
    run(nicohort, tmp_path, status=1)
    (subject, _, what), = problems(tmp_path)
    assert subject == "1" and "2 files match its mask (cyst): 1/A/cyst.nii.gz, 1/B/cyst.nii.gz; none" in what
    assert list(images(tmp_path)) == ["1/ct.nii.gz"]
