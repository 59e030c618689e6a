"""SPEC 4, routine 05, on datasets of other recipes: what run and make_split write is what verify expects."""

import json
import pathlib

import numpy
import openpyxl
import pytest

import reference
import small_archive

RECIPE = """\
volume: "{subset_dir}/{pid}_{scan}.nii.gz"
mask: "{subset_dir}/{pid}_{scan}_seg.nii.gz"
parts:
  subset: {train: Tr, test: Ts}
  pid: "[0-9]{3}"
  scan: "[0-9]"
id: "{pid}-{scan}"
labels: {0: Bg, 1: liver}
splits:
  - {name: standard, by: subset}
  - {name: divided, by: subset, divide: {side: train, val_ratio: 0.5, random_seed: 3}, subsets: [[train], [val, test]]}
  - {name: folds, where: {subset: train}, folds: 3, subsets: [[0], [1, 2]]}
  - {name: scans, leave_out: scan, where: {scan: 1}, subsets: [[1]]}
  - name: mixed
    parts:
      - {where: {subset: train}, test_ratio: 0.5, val_ratio: 0}
      - {where: {subset: test}, by: subset}
"""
TRAIN, TEST = [f"{i:03}" for i in range(1, 7)], ["101", "102"]


def add(root, subset, pid):
    folder = pathlib.Path(root) / "archive" / subset
    folder.mkdir(parents=True, exist_ok=True)
    for scan in "12":
        small_archive.save_image(folder / f"{pid}_{scan}.nii.gz")
        small_archive.save_image(folder / f"{pid}_{scan}_seg.nii.gz", "m3d")


def make(root):
    for subset, pids in (("Tr", TRAIN), ("Ts", TEST)):
        for pid in pids:
            add(root, subset, pid)
    (root / "recipe.yaml").write_text(RECIPE, encoding="utf-8")
    return root


def run(nicohort, root, status=0):
    return nicohort("run", "--root_dir", root, "--recipe", root / "recipe.yaml", status=status)


def verify(nicohort, root):
    return nicohort("verify", "--root_dir", root / "grouped")


def sides(root, split, key="ID"):
    table = reference.read_table(root / "grouped/dataset_manifest.xlsx", split)
    return dict(zip(reference.column(table, key), reference.column(table, split)))


@pytest.fixture(scope="module")
def made(nicohort, tmp_path_factory):
    root = make(tmp_path_factory.mktemp("splits"))
    run(nicohort, root)
    return root


def test_run_makes_them_and_verify_finds_nothing(nicohort, made):
    root = made
    verify(nicohort, root)
    assert sides(root, "standard") == {f"{pid}-{scan}": "train" if pid in TRAIN else "test" for pid in TRAIN + TEST for scan in "12"}
    assert set(sides(root, "scans").values()) == {"1"} and len(sides(root, "scans")) == 8
    for split, values in ("divided", ["test", "train", "val"]), ("folds", [0, 1, 2]), ("mixed", ["test", "train"]):
        found = sides(root, split)
        assert sorted(set(found.values()), key=str) == values
        assert all(found[f"{ID[:3]}-1"] == found[f"{ID[:3]}-2"] for ID in found), "several scans of a patient stay together"
    assert [list(sides(root, "divided").values()).count(side) for side in ("train", "val", "test")] == [6, 6, 4]
    assert [list(sides(root, "folds").values()).count(fold) for fold in (0, 1, 2)] == [4, 4, 4]
    names = {path.name for path in (root / "grouped/splits").glob("*/*")}
    assert names == {"divided_train.xlsx", "divided_val_test.xlsx", "folds_0.xlsx", "folds_1_2.xlsx", "scans_1.xlsx"}


def test_verify_says_which_column_divides_a_patient(nicohort, tmp_path):
    add(make(tmp_path), "Ts", "001")
    for scan in "12":  # one sample, one folder
        (tmp_path / "archive/Ts" / f"001_{scan}.nii.gz").rename(tmp_path / "archive/Ts" / f"001_{int(scan) + 2}.nii.gz")
        (tmp_path / "archive/Ts" / f"001_{scan}_seg.nii.gz").rename(tmp_path / "archive/Ts" / f"001_{int(scan) + 2}_seg.nii.gz")
    done = run(nicohort, tmp_path, status=1)
    assert "standard: patient 001 is in train and test, by the column `subset`; " in done.stderr
    done = nicohort("verify", "--root_dir", tmp_path / "grouped", status=1)
    assert "has the patient 001 in train and test; correct the column `subset`, which says the subsets, or draw them instead" in done.stderr
    assert "make the split again" not in done.stderr


def test_each_sample_that_a_column_puts_nowhere_is_in_the_table(nicohort, tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Manifest"
    for row in [["ID", "pid", "set"], *([f"P{i:02}", f"P{i:02}", "train" if i < 3 else None] for i in range(25))]:
        book.active.append(row)
    book.save(tmp_path / "m.xlsx")
    (tmp_path / "recipe.yaml").write_text('volume: "{pid}.nii.gz"')
    done = nicohort("make_split", "--manifest_file", tmp_path / "m.xlsx", "--recipe", tmp_path / "recipe.yaml", "--split_name", "s",
                    "--by", "set", status=1)
    assert f"problem: split: 22 in all, such as s; {tmp_path / 'm.xlsx.problems.csv'} lists them" in done.stderr
    rows = (tmp_path / "m.xlsx.problems.csv").read_text().splitlines()[1:]
    assert rows == [f's,split,"P{i:02} has no value in `set`, which gives the subset, and was left out; fill it in"' for i in range(3, 25)]


def test_the_draw_is_numpys(made):
    root = made
    generator = numpy.random.RandomState(3)
    pids = list(TRAIN)
    generator.shuffle(pids)
    assert {ID[:3] for ID, side in sides(root, "divided").items() if side == "val"} == set(pids[:3])
    pids = list(TRAIN)
    numpy.random.RandomState(0).shuffle(pids)
    assert {ID[:3]: fold for ID, fold in sides(root, "folds").items()} == {pid: i % 3 for i, pid in enumerate(pids)}


def test_the_command_does_the_same_as_the_recipe(nicohort, made, tmp_path):
    """The dataset has the recipe; what the command line says is what a recipe's split says."""
    root = made
    manifest = root / "grouped/dataset_manifest.xlsx"
    plans = json.loads((root / "grouped/.nicohort/dataset.json").read_text())["splits"]
    before = {split: sides(root, split) for split in ("divided", "folds", "scans")}
    for split, options in (("divided", ["--by", "subset", "--divide", "train", "--val_ratio", 0.5, "--random_seed", 3]),
                           ("folds", ["--where", "subset", "train", "--folds", 3]),
                           ("scans", ["--where", "scan", 1, "--leave_out", "scan"])):
        said = nicohort("make_split", "--manifest_file", manifest, "--split_name", split, *options).stdout
        assert "0 move, 0 are gone; 0 are new" in said
        assert sides(root, split) == before[split]
    assert json.loads((root / "grouped/.nicohort/dataset.json").read_text())["splits"] == plans
    verify(nicohort, root)


@pytest.mark.parametrize("options", [
    ["--folds", 2, "--test_ratio", 0.25], ["--stratify_by", "subset", "mask_01_liver_existence"], ["--by", "subset"], ["--require_mask"],
    ["--where", "subset", "train", "--where", "scan", "1", "2", "--val_ratio", 0], ["--keep_sides"],
])
def test_verify_is_clean_on_every_split(nicohort, made, options):
    root = made
    manifest = root / "grouped/dataset_manifest.xlsx"
    nicohort("make_split", "--manifest_file", manifest, "--split_name", "s", *options)
    verify(nicohort, root)


@pytest.mark.parametrize("wanted", [[""], ["A"], ["A", ""], ["", "B"]])
def test_an_empty_word_is_an_empty_cell(nicohort, made, tmp_path, wanted):
    """Also before another condition."""
    manifest = tmp_path / "m.xlsx"
    manifest.write_bytes((made / "grouped/dataset_manifest.xlsx").read_bytes())
    book = openpyxl.load_workbook(manifest)
    sheet = book["Manifest"]
    column = sheet.max_column + 1
    sheet.cell(1, column).value = "centre"
    ids = [cell.value for cell in sheet["A"][1:]]
    centres = {"001": "A", "003": "B"}
    for i, ID in enumerate(ids):
        sheet.cell(i + 2, column).value = centres.get(ID[:3])
    book.save(manifest)
    nicohort("make_split", "--manifest_file", manifest, "--split_name", "s", "--where", "centre", *wanted, "--where", "scan", "1",
             "--test_ratio", 0, "--val_ratio", 0, "--recipe", made / "recipe.yaml")
    table = reference.read_table(manifest, "s")
    assert reference.column(table, "ID") == [ID for ID in ids if ID.endswith("-1") and centres.get(ID[:3], "") in wanted]


@pytest.mark.parametrize("options, said", [
    (["--folds", 1], "should be from 2"), (["--divide", "train"], "`--divide` needs `--by`"),
    (["--by", "subset", "--test_ratio", 0.5], "`--test_ratio` cannot be used with `--by`"),
    (["--by", "subset", "--leave_out", "pid"], "both give the subset"), (["--by", "subsets"], "did you mean `subset`?"),
    (["--where", "subset"], "give the column and one or more values"), (["--where", "subset", "Tr"], "no such subset; it has test, train"),
    (["--leave_out", "pid", "--keep_sides"], "`--keep_sides` cannot be used with `--leave_out`"), (["--recipe", "eso-2025.10.31"], "another recipe"),
])
def test_a_bad_command_line_is_status_2(nicohort, made, options, said):
    root = made
    before = (root / "grouped/dataset_manifest.xlsx").read_bytes()
    done = nicohort("make_split", "--manifest_file", root / "grouped/dataset_manifest.xlsx", "--split_name", "bad", *options, status=2)
    assert said in done.stderr
    assert (root / "grouped/dataset_manifest.xlsx").read_bytes() == before


def test_a_manifest_without_its_dataset_is_read_by_a_recipe(nicohort, made, tmp_path):
    root = made
    manifest = tmp_path / "m.xlsx"
    manifest.write_bytes((root / "grouped/dataset_manifest.xlsx").read_bytes())
    command = ["make_split", "--manifest_file", manifest, "--split_name", "alone", "--folds", 3, "--where", "subset", "train"]
    done = nicohort(*command, status=2)
    assert "does not have the columns site, phase" in done.stderr and "--recipe" in done.stderr
    nicohort(*command, "--recipe", root / "recipe.yaml")
    table = reference.read_table(manifest, "alone")
    assert dict(zip(reference.column(table, "ID"), reference.column(table, "alone"))) == sides(root, "folds")


def test_a_row_of_another_sample_is_not_believed(nicohort, made, tmp_path):
    root = made
    manifest = tmp_path / "m.xlsx"
    manifest.write_bytes((root / "grouped/dataset_manifest.xlsx").read_bytes())
    book = openpyxl.load_workbook(manifest)
    sheet = book["Manifest"]
    columns = [cell.value for cell in sheet[1]]
    sheet.cell(3, columns.index("mask") + 1).value = sheet.cell(2, columns.index("mask") + 1).value
    sheet.cell(4, columns.index("pid") + 1).value = None
    book.save(manifest)
    before = manifest.read_bytes()
    done = nicohort("make_split", "--manifest_file", manifest, "--split_name", "s", "--recipe", root / "recipe.yaml", status=2)
    assert "row 3: `mask` is a file of another sample" in done.stderr and "row 4: no pid" in done.stderr
    assert manifest.read_bytes() == before


def test_new_patients_come_and_nobody_moves(nicohort, tmp_path):
    root = make(tmp_path)
    split = "splits: [{name: kept, keep_sides: true, test_ratio: 0.5, val_ratio: 0}]\n"
    (root / "recipe.yaml").write_text(RECIPE.split("splits:")[0] + split, encoding="utf-8")
    run(nicohort, root)
    before = sides(root, "kept")
    assert list(before.values()).count("test") == 8
    for pid in ("000", "050"):
        add(root, "Tr", pid)
    done = run(nicohort, root)
    assert "8 stay in their subset, 0 move, 0 are gone; 2 are new." in done.stdout
    after = sides(root, "kept")
    assert {ID: after[ID] for ID in before} == before
    assert list(after.values()).count("test") == 10, "five of ten patients"
    verify(nicohort, root)


def test_without_samples_it_is_said_once_that_no_split_was_made(nicohort, tmp_path):
    (tmp_path / "archive/Tr").mkdir(parents=True)
    for end in ("", "_seg"):
        (tmp_path / f"archive/Tr/001_1{end}.nii.gz").write_text("no image")
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    told = nicohort("run", "--root_dir", tmp_path, "--recipe", tmp_path / "recipe.yaml", status=1).stderr
    manifest = tmp_path / "grouped/dataset_manifest.xlsx"
    assert told.count("has no samples") == 1 and f"problem: {manifest}: has no samples, so no split was made" in told
    assert "does not have the column" not in told
    again = nicohort("make_split", "--manifest_file", manifest, "--split_name", "s", "--recipe", tmp_path / "recipe.yaml", status=2).stderr
    assert f"{manifest}: has no samples" in again and "does not have the column" not in again
