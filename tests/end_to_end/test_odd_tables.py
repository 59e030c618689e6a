"""SPEC 4 (01) and 5: tables as people make them, whose oddities are told with the place, and never guessed at."""

import datetime
import json
import unicodedata

import openpyxl
import openpyxl.utils
import pandas as pd
import pytest
import xlsxwriter
import yaml

from small_archive import image_path, make, save, save_image, save_label_map, save_pairs

NAME = "data_meta_tongji.xlsx"


def problems(done):
    return [line.removeprefix("problem: ") for line in done.stderr.splitlines() if line.startswith("problem: ")]


def warnings(done):
    return [line for line in done.stderr.splitlines() if line.startswith("warning: ")]


def write(root, *sheets, **cells):
    """A workbook of (title, rows), with more cells by their names in the first."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    for place, value in cells.items():
        book.worksheets[0][place] = value
    book.save(root / "archive" / NAME)
    return book


@pytest.fixture
def archive(tmp_path):
    save_pairs(tmp_path, ["0012", "0013"])
    save_label_map(tmp_path)
    return tmp_path


ROWS = [["0012", 61], ["0013", 62]]


def scan(nicohort, root, status=1):
    return nicohort("gen_archive_manifest", "--root_dir", root / "archive", "--output_manifest_file", root / "manifest.xlsx",
                    status=status)


def ages(root):
    frame = pd.read_excel(root / "manifest.xlsx", dtype={"pid": str})
    return dict(zip(frame["pid"], frame["Age"] if "Age" in frame else [None] * len(frame)))


# The header.

@pytest.mark.parametrize("header, difference", [
    ("PID ", "spaces"), ("PID\u00a0", "spaces"), ("\ufeffPID", "invisible characters"), ("pid", "upper and lower case"),
    ("ＰＩＤ", "full-width characters")])
def test_a_header_that_looks_like_the_key_is_named_and_not_used(nicohort, archive, header, difference):
    write(archive, ("Data", [[header, "Age"], *ROWS]))
    assert problems(scan(nicohort, archive)) == [
        f"{NAME}: has no key column `PID` in row 1 of the worksheet Data (it has `{header}`, which differs only by {difference}); "
        "its images get no metadata"]
    assert set(ages(archive).values()) == {None}


def test_another_worksheet_that_has_the_key_is_named(nicohort, archive):
    write(archive, ("README", [["Made by", "Zhang"]]), ("Data", [["PID", "Age"], *ROWS]), ("Old", [["pid"], ["0012"]]))
    assert problems(scan(nicohort, archive)) == [
        f"{NAME}: has no key column `PID` in row 1 of the worksheet README, but the worksheets Data, Old (as `pid`) have it: name it with `sheet` in "
        "the recipe, or make it the first; its images get no metadata"]
    book = openpyxl.load_workbook(archive / "archive" / NAME)
    book["README"].sheet_state = "hidden"
    book.active = 1
    book.save(archive / "archive" / NAME)
    assert "of the hidden worksheet README, but" in problems(scan(nicohort, archive))[0]


def test_a_worksheet_without_cells_is_called_so(nicohort, archive):
    write(archive, ("Empty", []), ("Data", [["PID", "Age"], *ROWS]))
    assert problems(scan(nicohort, archive)) == [
        f"{NAME}: has no cell in the worksheet Empty, and so has no key column `PID`, but the worksheet Data has it: name it with `sheet` in "
        "the recipe, or make it the first; its images get no metadata"]


@pytest.mark.parametrize("above", [[["Patients of Tongji", None]], [["Export", "2024"], [None, None], ["Patient", None]]])
def test_a_header_that_is_not_the_first_row_is_named(nicohort, archive, above):
    write(archive, ("Data", [*above, ["PID", "Age"], *ROWS]))
    assert f"in row 1 of the worksheet Data, but row {len(above) + 1} has `PID`: the first row with a cell must be the header" in problems(
        scan(nicohort, archive))[0]


def test_rows_are_counted_as_the_worksheet_counts_them(nicohort, archive):
    write(archive, ("Data", [[], ["PID", "Age"], [], [], ["0012", 61], [], [None, 5], ["0013", 62], ["7", 3], ["0012", 1]]))
    assert problems(scan(nicohort, archive)) == [
        f"{NAME}: row 7 of the worksheet Data has no PID; fill it in",
        f"{NAME}: PID 0012 occurs more than once, in rows 5 and 10 of the worksheet Data; the first row was used: remove the others",
        f"{NAME}: row 9 of the worksheet Data: PID 7 has no images; add them or remove the row"]
    assert ages(archive) == {"0012": 61, "0013": 62}


def test_columns_without_a_header_are_told(nicohort, archive):
    """As a header of two rows leaves them, whose cells are merged."""
    write(archive, ("Data", [["PID", "Age", "Blood", None, None], [None, None, "Hb", "CRP", "Ca"], ["0012", 61, 1, 2], ["0013", 62]]))
    done = scan(nicohort, archive)
    assert warnings(done) == [f"warning: {NAME}: row 1 of the worksheet Data has no header for the columns D, E, which are not empty; in "
                              "the manifest: `Unnamed: 3`, `Unnamed: 4`."]
    assert problems(done) == [f"{NAME}: row 2 of the worksheet Data has no PID; fill it in"]
    assert list(openpyxl.load_workbook(archive / "manifest.xlsx").active.values)[0][-4:] == ("Age", "Blood", "Unnamed: 3", "Unnamed: 4")


def test_a_second_column_that_looks_like_the_key_is_told(nicohort, archive):
    write(archive, ("Data", [["PID", "Age", "P-ID"], *ROWS]))
    assert warnings(scan(nicohort, archive, status=0)) == [
        f"warning: {NAME}: there is a column `P-ID` beside the key column `PID`; the names differ only by dashes."]


# Identifiers.

@pytest.mark.parametrize("pid, in_table, difference", [
    ("0012", "12", "leading zeros"), ("0012", " 0012", "spaces"), ("0012", "'0012", "quotes"), ("0012", "００１２", "full-width characters"),
    ("0012", "0012.0", "a `.0`"), ("A-12", "A12", "dashes"), ("A12", "a12", "upper and lower case"),
    ("Mül7", unicodedata.normalize("NFD", "Mül7"), "Unicode form"), (unicodedata.normalize("NFD", "Mül7"), "Mül7", "Unicode form")])
def test_an_identifier_that_nearly_matches_is_named_and_not_matched(nicohort, tmp_path, pid, in_table, difference):
    save_pairs(tmp_path, [pid, "7"])
    write(tmp_path, ("Data", [["PID", "Age"], ["7", 60], [in_table, 61]]))
    told = problems(scan(nicohort, tmp_path))
    assert len(told) == 1
    assert told[0].startswith(f"{NAME}: row 3 of the worksheet Data: PID {in_table} differs from {pid}, which has images, only by "
                              f"{difference}; no metadata were used for TJ_{pid}: ")
    assert "remove" not in told[0]
    found = ages(tmp_path)
    assert found.pop("7") == 60 and all(pd.isna(age) for age in found.values())


def test_an_identifier_near_one_that_has_a_row(nicohort, archive):
    write(archive, ("Data", [["PID", "Age"], *ROWS, ["12", 5]]))
    assert problems(scan(nicohort, archive)) == [
        f"{NAME}: row 4 of the worksheet Data: PID 12 has no images, but 0012, which has, differs from it only by leading zeros; correct "
        "the row if it is of the same patient"]
    assert ages(archive) == {"0012": 61, "0013": 62}


def test_two_phases_whose_identifiers_nearly_match(nicohort, tmp_path):
    save_pairs(tmp_path, ["7"])
    for kind in ("v3d", "m3d"):
        save_image(image_path(tmp_path, "0012007941", kind, "pre"), kind)
        save_image(image_path(tmp_path, "12007941", kind, "post"), kind)
    write(tmp_path, ("Data", [["PID", "Age"], ["7", 60], ["0012007941", 61]]))
    assert sorted(problems(scan(nicohort, tmp_path))) == [
        "TJ_0012007941: has no images of phase `post`, but TJ_12007941 has, whose name differs only by leading zeros; if they are one "
        "patient, give the images one identifier",
        f"TJ_12007941: has images but no metadata; row 3 of the worksheet Data in {NAME} has PID 0012007941, which differs from 12007941 "
        "only by leading zeros: give the images the same identifier if they are of one patient, or add the row"]


def test_a_mask_whose_name_nearly_is_the_volumes(nicohort, tmp_path):
    make(tmp_path, ["7"])
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text("volume: \"ct/{pid}.nii.gz\"\nmask: \"masks/{pid}.nii.gz\"\n")
    save(tmp_path, "ct/0012.nii.gz")
    save(tmp_path, "masks/12.nii.gz", "m3d")
    save(tmp_path, "ct/P1.nii.gz")
    done = nicohort("gen_archive_manifest", "--root_dir", tmp_path / "archive", "--output_manifest_file", tmp_path / "manifest.xlsx",
                    "--recipe", recipe, status=1)
    told = [line for line in problems(done) if not line.startswith("tongji")]
    assert told == ["12: has a mask but no volume, and 0012 a volume but no mask, and their names differ only by leading zeros; if they "
                    "are one sample, give the images one identifier",
                    "P1: has a volume but no mask; the volume was kept: add the mask"]


LONG_PID = "420101199001011234"


def test_a_number_of_more_than_15_digits_is_no_identifier(nicohort, tmp_path):
    save_pairs(tmp_path, [LONG_PID, "7"])
    write(tmp_path, ("Data", [["PID", "Age"], ["7", 60], [4.20101199001011e17, 61]]))
    told = problems(scan(nicohort, tmp_path))
    assert told == [f"{NAME}: row 3 of the worksheet Data: PID is a number of more than 15 digits, such as 4.20101199001011E+17, of which "
                    f"the last are lost; no metadata were used for TJ_{LONG_PID}: store the column as text and enter the identifiers "
                    "again"]


def test_an_identifier_of_16_digits_in_a_number_cell_is_not_believed(nicohort, tmp_path):
    save_pairs(tmp_path, ["1234567890123450", "7"])
    write(tmp_path, ("Data", [["PID", "Age"], ["7", 60], [1234567890123450, 61]]))
    assert len(told := problems(scan(nicohort, tmp_path))) == 1 and "more than 15 digits" in told[0]
    write(tmp_path, ("Data", [["PID", "Age"], ["7", 60], ["1234567890123450", 61]]))
    assert problems(scan(nicohort, tmp_path, status=0)) == []


RATIOS = ("--test_ratio", "0.25", "--val_ratio", "0.34")  # of four patients, one and one
RECIPE = """
volume: "ct/{pid}.nii.gz"
mask: "masks/{pid}.nii.gz"
labels: {0: Bg, 1: tumour}
metadata: {file: patients.csv, key: {PID: "{pid}"}}
"""


@pytest.fixture
def plain(tmp_path):
    for pid in (LONG_PID, "A", "B", "C"):
        save(tmp_path, f"ct/{pid}.nii.gz")
        save(tmp_path, f"masks/{pid}.nii.gz", "m3d")
    return tmp_path


def run(nicohort, root, recipe=RECIPE, status=0, *more):
    (root / "recipe.yaml").write_text(recipe)
    return nicohort("run", "--root_dir", root, "--recipe", root / "recipe.yaml", *more, status=status)


def put_csv(root, text):
    (root / "archive/patients.csv").write_text(text, encoding="utf-8")


def test_an_identifier_that_excel_has_shortened_in_a_csv(nicohort, plain):
    put_csv(plain, "PID,Age\nA,60\nB,61\nC,62\n4.20101E+17,63\n")
    told = problems(run(nicohort, plain, status=1))
    assert len(told) == 1 and told[0].startswith("patients.csv: row 5: PID is a number of more than 15 digits, such as 4.20101E+17")
    assert f"no metadata were used for {LONG_PID}" in told[0]


# Cells without a value.

def test_formulas_and_errors_count_as_empty_and_are_one_problem(nicohort, archive):
    write(archive, ("Data", [["PID", "Age", "pCR"], *ROWS]), B2="=60+1", C2="#DIV/0!", C3="#N/A")
    assert problems(scan(nicohort, archive)) == [
        f"{NAME}: has 1 formula without a value, the first in B2, and 2 cells with an error, the first in C2 (#DIV/0!), which count as "
        "empty; open the workbook in Excel or LibreOffice, correct the errors and save it"]
    found = pd.read_excel(archive / "manifest.xlsx", keep_default_na=False, dtype=str)
    assert set(found["pCR"]) == {""} and set(found["Age"]) == {"", "62"}


def test_the_zero_that_xlsxwriter_writes_for_a_formula_is_no_value(nicohort, archive):
    book = xlsxwriter.Workbook(archive / "archive" / NAME)
    sheet = book.add_worksheet("Data")
    for row, cells in enumerate([["PID", "Age"], ["0012", None], ["0013", 62]]):
        sheet.write_row(row, 0, cells)
    sheet.write_formula("B2", "=60+1")
    sheet.write_formula("B3", "=60+2", None, 62)
    book.close()
    told = problems(scan(nicohort, archive))
    assert len(told) == 1 and "has 1 formula without a value, the first in B2" in told[0]
    found = ages(archive)
    assert pd.isna(found["0012"]) and found["0013"] == 62


def test_errors_in_manifests_and_splits_are_told(nicohort, plain):
    put_csv(plain, f"PID,pCR\nA,1\nB,0\nC,1\n{LONG_PID},0\n")
    run(nicohort, plain)
    manifest = plain / "grouped/dataset_manifest.xlsx"
    book = openpyxl.load_workbook(manifest)
    sheet = book.active
    column = [cell.value for cell in sheet[1]].index("pCR") + 1
    sheet.cell(2, column).value = "#N/A"
    sheet.cell(3, column).value = "=1"
    book.save(manifest)
    told = problems(nicohort("make_split", "--manifest_file", manifest, "--split_name", "s", *RATIOS, "--stratify_by", "pCR", status=1))
    letter = openpyxl.utils.get_column_letter(column)
    assert len(told) == 1
    assert f"has 1 formula without a value, the first in {letter}3, and 1 cell with an error, the first in {letter}2 (#N/A)" in told[0]
    assert set(pd.read_excel(manifest, sheet_name="s", keep_default_na=False, dtype=str)["pCR"]) == {"", "0", "1"}
    book = openpyxl.load_workbook(manifest)
    book["s"].cell(2, column + 1).value = "#REF!"
    book.save(manifest)
    subsets = {row[0] for row in list(book["s"].values)[1:]}
    done = nicohort("extract_split_index_manifest", "--manifest_file", manifest, "--split_name", "s", "--output_index_manifest_dir",
                    plain / "splits", "--subsets", *sorted(subsets), status=1)
    assert "the worksheet s has 1 cell with an error" in problems(done)[0]


# Long headers, times.

OF_SITE = RECIPE.replace("ct/", "{site}/ct/").replace("masks/", "{site}/masks/").replace("patients.csv", '"data_meta_{site}.xlsx"')
OF_SITE += "parts: {site: {tongji: tongji}}\n"


@pytest.fixture
def two(tmp_path):
    for pid in ("0012", "0013"):
        save(tmp_path, f"tongji/ct/{pid}.nii.gz")
        save(tmp_path, f"tongji/masks/{pid}.nii.gz", "m3d")
    return tmp_path


@pytest.mark.parametrize("header", ["x" * 1100, "病" * 368, "a\nb" * 600, "x" * 32767], ids=["ascii", "chinese", "lines", "longest"])
def test_any_header_that_excel_allows(nicohort, two, header):
    write(two, ("Data", [["PID", header], *ROWS]))
    for _ in range(2):
        run(nicohort, two, OF_SITE)
    info = yaml.safe_load(next((two / "grouped").rglob("tongji_0012_info.yaml")).read_text())
    assert (header in info, info.get(header)) == (True, 61)
    nicohort("gen_dataset_manifest", "--root_dir", two / "grouped", "--output_manifest_file", two / "again.xlsx")
    assert pd.read_excel(two / "again.xlsx").iloc[:, -1].tolist() == [61, 62]


def test_two_headers_as_long_as_excel_allows(nicohort, two):
    write(two, ("Data", [["PID", "x" * 32767, "x" * 32767], ["0012", 1, 2], ["0013", 3, 4]]))
    run(nicohort, two, OF_SITE, 1)
    *_, one, other = list(openpyxl.load_workbook(two / "grouped/dataset_manifest.xlsx").active.values)[1]
    assert (one, other) == (1, 2)


def test_an_info_file_that_cannot_be_read_is_the_problem_of_its_sample(nicohort, two):
    write(two, ("Data", [["PID", "Age"], *ROWS]))
    run(nicohort, two, OF_SITE)
    info = next((two / "grouped").rglob("tongji_0012_info.yaml"))
    info.write_text("{")
    done = nicohort("gen_dataset_manifest", "--root_dir", two / "grouped", "--output_manifest_file", two / "again.xlsx", "--keep_going",
                    status=1)
    assert [line.split(":")[0] for line in problems(done)] == ["tongji_0012/tongji_0012_info.yaml"]
    assert len(pd.read_excel(two / "again.xlsx")) == 1
    run(nicohort, two, OF_SITE)
    assert len(pd.read_excel(two / "grouped/dataset_manifest.xlsx")) == 2


def test_dates_and_times_of_every_format_survive(nicohort, two):
    archive = two
    moment, time, long = datetime.datetime(2024, 3, 1, 8, 30), datetime.time(8, 30), datetime.timedelta(hours=30, minutes=15)
    write(archive, ("Data", [["PID", "moment", "time", "shown as day", "long"], ["0012", moment, time, time, long], ["0013"]]))
    book = openpyxl.load_workbook(archive / "archive" / NAME)
    for column, shown in zip("BCDE", ["yyyy-mm-dd", "hh:mm", "yyyy-mm-dd", "[h]:mm"]):
        book.active[f"{column}2"].number_format = shown
    book.save(archive / "archive" / NAME)
    run(nicohort, archive, OF_SITE)
    found = list(openpyxl.load_workbook(archive / "descriptor/archive_manifest.xlsx").active.values)[1][-4:]
    assert found == (moment, datetime.timedelta(hours=8, minutes=30), datetime.timedelta(hours=8, minutes=30), long)
    info = yaml.safe_load(next((archive / "grouped").rglob("tongji_0012_info.yaml")).read_text())
    assert [info[name] for name in ("moment", "time", "shown as day", "long")] == [
        "2024-03-01 08:30:00", "08:30:00", "08:30:00", "30:15:00"]


def test_a_split_keeps_times_that_the_workbook_shows_as_days(nicohort, plain):
    put_csv(plain, f"PID,pCR\nA,1\nB,0\nC,1\n{LONG_PID},0\n")
    run(nicohort, plain)
    frame = pd.read_excel(plain / "grouped/dataset_manifest.xlsx", dtype={"pid": str})
    book = openpyxl.Workbook()
    book.active.title = "Manifest"
    book.active.append([*frame.columns, "moment", "time"])
    for row in frame.itertuples(index=False):
        book.active.append([*(None if pd.isna(cell) else cell for cell in row), datetime.datetime(2024, 3, 1, 8, 30), datetime.time(8, 30)])
    for row in book.active.iter_rows(min_row=2):
        row[-2].number_format = row[-1].number_format = "yyyy-mm-dd"
    manifest = plain / "grouped/other.xlsx"
    book.save(manifest)
    nicohort("make_split", "--manifest_file", manifest, "--split_name", "s", *RATIOS)
    sheet = openpyxl.load_workbook(manifest)["s"]
    assert [row[-2:] for row in list(sheet.values)[1:]] == [(datetime.datetime(2024, 3, 1, 8, 30), datetime.time(8, 30))] * 4


# Values of several kinds.

def test_oddities_are_told_for_columns_that_are_used(nicohort, plain):
    put_csv(plain, f"PID,pCR,Sex,sex,Age\nA,1,M,,\"63,5\"\nB,\"1\",m,,58\nC,TRUE,F,,60\n{LONG_PID},0,F,,61\n")
    assert warnings(run(nicohort, plain)) == [], "none is used"
    manifest = plain / "grouped/dataset_manifest.xlsx"
    done = nicohort("make_split", "--manifest_file", manifest, "--split_name", "s", *RATIOS, "--stratify_by", "pCR", "--where", "Age",
                    "58", "60", "61", "63,5")
    assert warnings(done) == [
        "warning: s: The column `Age` has a decimal comma once, such as `63,5`: these cells are text, not numbers; write a decimal point.",
        "warning: s: The column `pCR` has values that may mean the same but are written differently: `1` (once), `1` as text (once), "
        "`TRUE` (once)."]
    done = run(nicohort, plain, RECIPE + "where: {Sex: [M, m, F]}\n")
    assert warnings(done) == [
        "warning: There is a column `sex` beside the column `Sex` that is used; the names differ only by upper and lower case.",
        "warning: The column `Sex` has values that may mean the same but are written differently: `M` (once), `m` (once)."]


# Many rows, and none.

def test_rows_that_are_filled_down_are_one_problem(nicohort, archive):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Data"
    for row in [["PID", "Age", "site"], *ROWS]:
        sheet.append(row)
    for row in range(4, 5001):
        sheet.cell(row, 4).value = "TJ"
        sheet.cell(row, 1).style = "Input"
    for row in range(5001, 5200):
        sheet.cell(row, 1).value = " "
    book.save(archive / "archive" / NAME)
    done = scan(nicohort, archive)
    assert [line for line in problems(done) if "rows" in line] == [
        f"{NAME}: 5196 rows have no PID: rows 4 to 5199 of the worksheet Data; fill it in, or delete these rows"]
    assert ages(archive) == {"0012": 61, "0013": 62}


@pytest.mark.parametrize("harm", ["damaged", "gone", "no key"])
def test_metadata_that_cannot_be_read_any_more_are_kept(nicohort, two, harm):
    root = two
    write(root, ("Data", [["PID", "Sex", "Age", "Seen"], ["0012", "F", 61, datetime.datetime(2024, 3, 1)], ["0013", None, 62, None]]))
    run(nicohort, root, OF_SITE)
    infos = {path: path.read_bytes() for path in (root / "grouped").rglob("*_info.yaml")}
    manifest = (root / "grouped/dataset_manifest.xlsx").read_bytes()
    table = root / "archive" / NAME
    if harm == "damaged":
        table.write_bytes(table.read_bytes()[:500])
    elif harm == "gone":
        table.unlink()
    else:
        write(root, ("Data", [["Patient", "Sex"], ["0012", "M"]]))
    done = run(nicohort, root, OF_SITE, 1)
    assert [line.endswith("its images keep the metadata that the dataset has of them") for line in problems(done)] == [True]
    assert {path: path.read_bytes() for path in infos} == infos
    assert (root / "grouped/dataset_manifest.xlsx").read_bytes() == manifest
    for folder, kind in (("ct", "v3d"), ("masks", "m3d")):  # a new patient changes nothing for the others
        save(root, f"tongji/{folder}/0099.nii.gz", kind)
    run(nicohort, root, OF_SITE, 1)
    assert {path: path.read_bytes() for path in infos} == infos
    write(root, ("Data", [["PID", "Sex", "Age"], ["0012", "F", 62], ["0013", "M", 5], ["0099", "M", 6]]))
    run(nicohort, root, OF_SITE)
    info = yaml.safe_load(next(path for path in infos if "0012" in path.name).read_text())
    assert info["Age"] == 62 and "Seen" not in info


TABLES = """
volume: "tongji/ct/{{pid}}.nii.gz"
mask: "tongji/masks/{{pid}}.nii.gz"
labels: {{0: Bg, 1: tumour}}
metadata:
  - {{file: {}, key: {{PID: "{{pid}}"}}}}
  - {{file: {}, key: {{PID: "{{pid}}"}}}}
"""


def test_a_cleared_value_is_not_brought_back_by_another_table_that_is_damaged(nicohort, two):
    recipe = TABLES.format("stages.json", "patients.csv")
    (two / "archive/stages.json").write_text(json.dumps([{"PID": pid, "stage": "II"} for pid in ("0012", "0013")]))
    put_csv(two, "PID,dose\n0012,10\n0013,5\n")
    run(nicohort, two, recipe)
    put_csv(two, "PID,dose\n0012,\n0013,5\n")
    (two / "archive/stages.json").write_text("[{")
    assert len(problems(run(nicohort, two, recipe, 1))) == 1
    info = yaml.safe_load((two / "grouped/0012/0012_info.yaml").read_text())
    assert (info["dose"], info["stage"]) == (None, "II")


def test_a_column_of_two_tables_is_told_and_the_first_counts(nicohort, two):
    recipe = TABLES.format("patients.csv", "later.csv")
    put_csv(two, "PID,age,Sex\n0012,61,F\n0013,62,\n")
    (two / "archive/later.csv").write_text("PID,age,Sex\n0012,61.0,F\n0013,64,M\n")
    done = run(nicohort, two, recipe, 1)
    assert problems(done) == ["later.csv: its column `age` is also in patients.csv, with another value for 0013; the value of the first table in "
                              "the recipe was used: correct the tables, or rename one of the columns with `columns` in the recipe"]
    info = yaml.safe_load((two / "grouped/0013/0013_info.yaml").read_text())
    assert (info["age"], info["Sex"]) == (62, "M")


def test_samples_stay_where_their_condition_cannot_be_read(nicohort, plain):
    put_csv(plain, f"PID,group\nA,x\nB,y\nC,x\n{LONG_PID},y\n")
    recipe = RECIPE.replace("patients.csv", "patients.json") + "where: {group: x}\n"
    (plain / "archive/patients.json").write_text(json.dumps([{"PID": pid, "group": "x"} for pid in ("A", "B", "C", LONG_PID)]))
    run(nicohort, plain, recipe)
    (plain / "archive/patients.json").write_text("[{")
    done = run(nicohort, plain, recipe, 1)
    assert len(problems(done)) == 1 and "keep the metadata" in problems(done)[0]
    assert len(list((plain / "grouped").glob("*/*_info.yaml"))) == 4
