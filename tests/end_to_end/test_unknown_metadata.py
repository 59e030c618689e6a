"""Samples of which a row of the metadata is missing, or cannot be read: what is not known of them fulfils no `where`."""

import shutil

import openpyxl
import pytest

from small_archive import save

PATIENTS = [f"P{number:02}" for number in range(12)]
WITHDRAWN = ["P03", "P05"]
PATTERNS = """
volume: "{pid}_ct.nii.gz"
mask: "{pid}_seg.nii.gz"
labels: {0: bg, 1: lesion}
metadata: {file: patients.csv, key: {id: "{pid}"}}
"""
EMPTY = 'where: {status: ""}\n'
OTHERWISE = "columns: {consent: {from: status, values: {no: [withdrawn]}, otherwise: yes}}\nwhere: {consent: yes}\n"
AT_SITES = """
volume: "{site_dir}/{pid}_ct.nii.gz"
mask: "{site_dir}/{pid}_seg.nii.gz"
parts: {site: {A: A, B: B}}
labels: {0: bg, 1: lesion}
metadata: {file: "{site_dir}.csv", key: {id: "{pid}"}}
"""
WHERE = pytest.mark.parametrize("where", [EMPTY, OTHERWISE], ids=["empty", "otherwise"])


def save_patient(root, stem):
    save(root, f"{stem}_ct.nii.gz")
    save(root, f"{stem}_seg.nii.gz", "m3d")


def write_table(root, patients, name="patients.csv"):
    rows = [f"{patient},{'withdrawn' if patient in WITHDRAWN else ''}\n" for patient in patients]
    (root / "archive" / name).write_text("id,status\n" + "".join(rows))


def damage(root, name="patients.csv"):
    with open(root / "archive" / name, "ab") as table:
        table.write("Köln,\n".encode("latin-1"))


def run(nicohort, root, recipe, *options, status=0):
    (root / "recipe.yaml").write_text(recipe)
    return nicohort("run", "--root_dir", root, "--recipe", root / "recipe.yaml", *options, status=status)


def sheet(root, column, name="Manifest"):
    header, *rows = openpyxl.load_workbook(root / "grouped/dataset_manifest.xlsx")[name].values
    return [row[header.index(column)] for row in rows]


@pytest.fixture
def patients(tmp_path):
    for patient in PATIENTS:
        save_patient(tmp_path, patient)
    write_table(tmp_path, PATIENTS)
    return tmp_path


@pytest.fixture
def sites(tmp_path):
    for site in "AB":
        for patient in PATIENTS[:6]:
            save_patient(tmp_path, f"{site}/{patient}")
        write_table(tmp_path, PATIENTS[:6], f"{site}.csv")
    return tmp_path


@WHERE
def test_a_table_that_cannot_be_read_lets_nobody_in(nicohort, patients, where):
    root = patients
    wanted = [patient for patient in PATIENTS if patient not in WITHDRAWN]
    run(nicohort, root, PATTERNS + where)
    assert sheet(root, "ID") == wanted
    damage(root)
    for options in (["--dry_run"], []):
        done = run(nicohort, root, PATTERNS + where, *options, status=1)
        assert "2 samples left out, because the recipe's `where` needs metadata that they do not have" in done.stderr
        assert "left out by the recipe's `where`" not in done.stdout
    assert sheet(root, "ID") == wanted and not (root / "grouped/P03").exists()
    write_table(root, PATIENTS)
    assert "10 unchanged" in run(nicohort, root, PATTERNS + where).stdout


@WHERE
def test_a_site_without_its_table_lets_nobody_in(nicohort, sites, where):
    root = sites
    run(nicohort, root, AT_SITES + where)
    before = sheet(root, "ID")
    assert len(before) == 8
    (root / "archive/B.csv").unlink()
    save_patient(root, "B/P09")
    done = run(nicohort, root, AT_SITES + where, status=1)
    assert "3 samples left out, because" in done.stderr and "2 samples left out by the recipe's `where`" in done.stdout
    assert sheet(root, "ID") == before
    shutil.rmtree(root / "grouped")
    assert "7 samples left out, because" in run(nicohort, root, AT_SITES + where, status=1).stderr
    assert sheet(root, "ID") == [ID for ID in before if ID.startswith("A_")]


@WHERE
def test_who_has_no_row_is_not_let_in(nicohort, patients, where):
    """An empty cell is a value."""
    root = patients
    write_table(root, [patient for patient in PATIENTS if patient not in ("P03", "P07")])
    done = run(nicohort, root, PATTERNS + where, status=1)
    assert "P07: has images but no metadata" in done.stderr
    assert "2 samples left out, because the recipe's `where`" in done.stderr and "1 sample left out by the recipe's `where`" in done.stdout
    assert sheet(root, "ID") == [patient for patient in PATIENTS if patient not in ("P03", "P05", "P07")]


def test_a_file_without_the_column_lets_nobody_in(nicohort, sites):
    root = sites
    named = AT_SITES.replace("key:", "columns: {status: status}, key:")
    table = root / "archive/B.csv"
    table.write_text(table.read_text().replace("status", "state"))
    done = run(nicohort, root, named + EMPTY, status=1)
    assert "B.csv: has no column `status`" in done.stderr and "6 samples left out, because" in done.stderr
    assert sheet(root, "site") == ["A"] * 4


def test_a_recipe_for_which_nobody_is_known(nicohort, patients):
    root = patients
    write_table(root, ["X1", "X2"])
    done = run(nicohort, root, PATTERNS + EMPTY, status=2)
    assert "none of the 12 samples in the archive fulfils `where`" in done.stderr
    assert "or the metadata tables: 12 have no row there that can be read" in done.stderr


def test_lists_that_need_not_name_every_sample(nicohort, patients):
    root = patients
    (root / "archive/lists.json").write_text('{"withdrawn": ["P03", "P05"], "other": ["P01"]}')
    lists = PATTERNS.replace("file: patients.csv", "file: lists.json, rows: {status: [withdrawn]}")
    for where in (EMPTY, OTHERWISE):
        done = run(nicohort, root, lists + where, status=None)
        assert "left out, because" not in done.stderr
        assert sheet(root, "ID") == [patient for patient in PATIENTS if patient not in WITHDRAWN]


def test_another_table_without_a_row_leaves_nobody_out(nicohort, patients):
    root = patients
    (root / "archive/ages.csv").write_text("id,age\nP01,60\n")
    two = PATTERNS.replace('{file: patients.csv, key: {id: "{pid}"}}',
                           '[{file: patients.csv, key: {id: "{pid}"}}, {file: ages.csv, key: {id: "{pid}"}}]')
    done = run(nicohort, root, two + EMPTY, status=1)
    assert "P02: has images but no metadata" in done.stderr and "left out, because" not in done.stderr
    assert len(sheet(root, "ID")) == 10


def test_a_derived_column_that_compares_with_what_is_not_known(nicohort, patients):
    """Whether the frame is the end of the systole, nobody knows."""
    root = patients
    table = root / "archive/patients.csv"
    table.write_text("id,end\n" + "".join(f"{patient},P01\n" for patient in PATIENTS[:-1]))
    recipe = PATTERNS + 'columns: {phase: {from: pid, values: {ES: "{end}"}, otherwise: other}}\nwhere: {phase: other}\n'
    done = run(nicohort, root, recipe, status=1)
    assert "1 sample left out, because the recipe's `where` needs metadata that it does not have" in done.stderr
    assert sheet(root, "ID") == [patient for patient in PATIENTS[:-1] if patient != "P01"]


def test_a_split_by_a_derived_column_does_not_take_in_who_has_no_row(nicohort, patients):
    root = patients
    table = root / "archive/patients.csv"
    table.write_text("id,set\n" + "".join(f"{patient},{'test' if patient < 'P04' else ''}\n" for patient in PATIENTS[1:]))
    by = "columns: {part: {from: set, values: {test: test}, otherwise: train}}\nsplits: [{name: s, by: part}]\n"
    done = run(nicohort, root, PATTERNS + by, status=1)
    assert sheet(root, "ID", "s") == PATIENTS[1:] and sheet(root, "s", "s") == ["test"] * 3 + ["train"] * 8
    assert "s: P00 has no value in `part`" in done.stderr
