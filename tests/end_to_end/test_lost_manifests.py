"""What is in the place of a dataset's manifest, or of its splits, is not lost, and nobody moves without a word."""

import os
import zipfile

import openpyxl
import pytest

import small_archive
from test_edited_manifests import make_split, sides

RECIPE = """\
volume: "{pid}_ct.nii.gz"
mask: "{pid}_seg.nii.gz"
labels: {0: Bg, 1: tumour}
splits:
  - {name: s, test_ratio: 0.25, val_ratio: 0.2, subsets: [[train], [test]]}
  - {name: official, leave_out: pid}
"""
KEPT = RECIPE.replace("0.2, ", "0.2, keep_sides: true, ")


@pytest.fixture
def dataset(nicohort, tmp_path):
    for pid in range(8):
        small_archive.save(tmp_path, f"P{pid}_ct.nii.gz")
        small_archive.save(tmp_path, f"P{pid}_seg.nii.gz", "m3d")
    run(nicohort, tmp_path, RECIPE)
    return tmp_path / "grouped"


def run(nicohort, root, recipe, *options, status=0):
    (root / "recipe.yaml").write_text(recipe)
    return nicohort("run", "--root_dir", root, "--recipe", root / "recipe.yaml", *options, status=status)


def add_patient(root, pid):
    for ending, kind in (("ct", "v3d"), ("seg", "m3d")):
        small_archive.save(root, f"{pid}_{ending}.nii.gz", kind)


@pytest.mark.parametrize("recipe", [RECIPE, KEPT], ids=["drawn", "kept"])
@pytest.mark.parametrize("content", [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), b"PK\x03\x04 damaged"],
                         ids=["with a password", "damaged"])
def test_a_manifest_that_cannot_be_read_is_not_replaced(nicohort, dataset, recipe, content):
    manifest = dataset / "dataset_manifest.xlsx"
    manifest.write_bytes(content)
    add_patient(dataset.parent, "P8")
    for command in (["run", "--root_dir", dataset.parent, "--recipe", dataset.parent / "recipe.yaml"],
                    ["run", "--root_dir", dataset.parent, "--recipe", dataset.parent / "recipe.yaml", "--dry_run"],
                    ["gen_dataset_manifest", "--root_dir", dataset, "--output_manifest_file", manifest]):
        (dataset.parent / "recipe.yaml").write_text(recipe)
        told = nicohort(*command, status=2).stderr
        assert "dataset_manifest.xlsx: " in told and "Its other worksheets would be lost, so it is not replaced" in told
        assert manifest.read_bytes() == content and not (dataset / "P8").exists()


@pytest.mark.parametrize("options", [[], ["--dry_run"], ["--shard", "1/2"]])
def test_what_is_in_the_way_of_other_tables_is_found_before_anything_is_made(nicohort, dataset, options):
    root = dataset.parent
    steps = "steps: [{list_small: {smaller_than: 5 voxels, output: notes.xlsx}}]\n"
    run(nicohort, root, RECIPE + steps)
    add_patient(root, "P8")
    for name, content, said in (("archive_manifest.xlsx", b"PK damaged", "Its other worksheets would be lost"),
                                ("notes.xlsx", (dataset / "dataset_manifest.xlsx").read_bytes(), "is not a list of small regions")):
        before = (root / "descriptor" / name).read_bytes()
        (root / "descriptor" / name).write_bytes(content)
        assert said in run(nicohort, root, RECIPE + steps, *options, status=2).stderr
        assert (root / "descriptor" / name).read_bytes() == content and not (dataset / "P8").exists()
        (root / "descriptor" / name).write_bytes(before)
    run(nicohort, root, RECIPE + steps)


@pytest.mark.skipif(os.getuid() == 0, reason="root reads every file")
def test_a_manifest_that_may_not_be_read_is_not_replaced(nicohort, dataset):
    (dataset / "dataset_manifest.xlsx").chmod(0)
    add_patient(dataset.parent, "P8")
    assert nicohort("run", "--root_dir", dataset.parent, "--recipe", dataset.parent / "recipe.yaml", status=None).returncode in (2, 3)
    assert not (dataset / "P8").exists()
    (dataset / "dataset_manifest.xlsx").chmod(0o644)
    run(nicohort, dataset.parent, RECIPE)


@pytest.mark.parametrize("content", [b"", b"text"])
def test_a_file_that_is_no_workbook_has_nothing_to_lose(nicohort, dataset, content):
    (dataset / "dataset_manifest.xlsx").write_bytes(content)
    run(nicohort, dataset.parent, RECIPE)
    assert sides(dataset / "dataset_manifest.xlsx").keys() == {f"P{pid}" for pid in range(8)}


def test_a_manifest_that_is_a_link_is_found_before_anything_is_made(nicohort, dataset):
    manifest = dataset / "dataset_manifest.xlsx"
    manifest.rename(dataset.parent / "elsewhere.xlsx")
    manifest.symlink_to("../elsewhere.xlsx")
    add_patient(dataset.parent, "P8")
    assert "is a symbolic link" in run(nicohort, dataset.parent, RECIPE, status=2).stderr
    assert not (dataset / "P8").exists()


def remove_sheet(manifest):
    book = openpyxl.load_workbook(manifest)
    del book["s"]
    book.save(manifest)


GONE = pytest.mark.parametrize("lose", [remove_sheet, lambda manifest: manifest.unlink()], ids=["the worksheet", "the workbook"])


@GONE
def test_a_split_whose_worksheet_is_gone_is_drawn_anew_not_in_silence(nicohort, dataset, lose):
    lose(dataset / "dataset_manifest.xlsx")
    add_patient(dataset.parent, "P8")
    warnings = [line for line in run(nicohort, dataset.parent, RECIPE).stderr.splitlines() if line.startswith("warning: ")]
    assert len(warnings) == 1 and warnings[0].startswith("warning: The worksheet s of ") and "drawn anew" in warnings[0]
    assert len(sides(dataset / "dataset_manifest.xlsx")) == 9


@GONE
def test_sides_that_are_to_be_kept_are_not_drawn_anew(nicohort, dataset, lose):
    run(nicohort, dataset.parent, KEPT)
    lose(dataset / "dataset_manifest.xlsx")
    add_patient(dataset.parent, "P8")
    for option in ([], ["--dry_run"]):
        told = run(nicohort, dataset.parent, KEPT, *option, status=2).stderr
        assert "line 5: " in told and "the worksheet s is gone, whose subsets keep_sides is to keep" in told
    assert not (dataset / "P8").exists()
    run(nicohort, dataset.parent, RECIPE)
    run(nicohort, dataset.parent, KEPT)


def test_who_comes_back_keeps_the_subset(nicohort, dataset):
    root, manifest = dataset.parent, dataset / "dataset_manifest.xlsx"
    run(nicohort, root, KEPT)
    before = sides(manifest)
    away = [f"P{pid}" for pid in range(0, 8, 2)]
    for recipe in KEPT + f"where: {{pid: [{', '.join(sorted(set(before) - set(away)))}]}}\n", KEPT + "where: {pid: [P1, P3]}\n":
        run(nicohort, root, recipe, "--allow_removal", status=None)
        assert set(sides(manifest)) < set(before)
    done = run(nicohort, root, KEPT)
    assert sides(manifest) == before
    assert "2 stay in their subset, 0 move, 0 are gone; 6 are new, of whom 6 had a subset before and keep it." in done.stdout
    assert "absent" not in (dataset / ".nicohort/dataset.json").read_text()
    nicohort("verify", "--root_dir", dataset)
    run(nicohort, root, RECIPE + "where: {pid: [P1, P3, P5]}\n", "--allow_removal", status=None)
    assert "absent" not in (dataset / ".nicohort/dataset.json").read_text(), "all are drawn anew"


def test_make_split_knows_the_worksheet_that_is_gone(nicohort, dataset):
    remove_sheet(dataset / "dataset_manifest.xlsx")
    told = make_split(nicohort, dataset / "dataset_manifest.xlsx", "--keep_sides", status=2).stderr
    assert "the worksheet s is gone, whose subsets --keep_sides is to keep" in told
    assert "drawn anew" in make_split(nicohort, dataset / "dataset_manifest.xlsx").stderr
    assert "drawn anew" not in make_split(nicohort, dataset / "dataset_manifest.xlsx").stderr


def damage_a_cell(manifest):
    """In the worksheet of the split, as some programs write numbers."""
    with zipfile.ZipFile(manifest) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    names = openpyxl.load_workbook(manifest).sheetnames
    part = f"xl/worksheets/sheet{names.index('s') + 1}.xml"
    assert b"<v>" in parts[part]
    parts[part] = parts[part].replace(b"<v>", b"<v>x", 1)
    with zipfile.ZipFile(manifest, "w") as book:
        for name, data in parts.items():
            book.writestr(name, data)


def test_a_worksheet_that_cannot_be_read_is_made_again(nicohort, dataset):
    before = sides(dataset / "dataset_manifest.xlsx")
    damage_a_cell(dataset / "dataset_manifest.xlsx")
    done = run(nicohort, dataset.parent, RECIPE)
    assert "The worksheet s of " in done.stderr and "could not be read as a split" in done.stderr
    assert sides(dataset / "dataset_manifest.xlsx") == before


def test_a_worksheet_that_cannot_be_read_keeps_nobody(nicohort, dataset):
    damage_a_cell(dataset / "dataset_manifest.xlsx")
    done = run(nicohort, dataset.parent, KEPT, status=1)
    assert "problem: s: recipe " in done.stderr and ", worksheet s: " in done.stderr
    assert (dataset.parent / "report/index.html").exists()
    nicohort("verify", "--root_dir", dataset, status=1)


def test_problems_that_somebody_stored_in_another_encoding_are_replaced(nicohort, dataset):
    file = dataset / "dataset_manifest.xlsx.problems.csv"
    file.write_bytes("subject,kind,problem\nx,other,gr\xf6\xdfer\n".encode("latin-1"))
    make_split(nicohort, dataset / "dataset_manifest.xlsx")
    assert not file.exists()


def test_index_manifests_are_not_written_through_a_link(nicohort, dataset):
    outside = dataset.parent / "outside"
    outside.mkdir()
    (dataset / "splits").rename(dataset / "moved")
    (dataset / "splits").symlink_to("../outside")
    done = run(nicohort, dataset.parent, RECIPE, "--again", status=1)
    assert "splits/s: leads out of the dataset by a symbolic link" in done.stderr
    nicohort("extract_split_index_manifest", "--manifest_file", dataset / "dataset_manifest.xlsx", "--split_name", "s",
             "--output_index_manifest_dir", dataset / "splits/s", "--subsets", "train", status=2)
    assert list(outside.iterdir()) == []
