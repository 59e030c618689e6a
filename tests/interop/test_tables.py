"""SPEC 2 (Tables) and 4 (make_split) against openpyxl, pandas and XlsxWriter, both ways."""

import datetime
import json
import math
import os
import re
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.table import Table as ExcelTable

from long_form import LONG

PROBE = Path(os.environ["NICOHORT_BUILD"]) / "tests" / "table_probe"

DAY = datetime.datetime(2024, 2, 29)
MOMENT = datetime.datetime(2024, 2, 29, 9, 8, 7)
COLUMNS = ["pid", "count", "value", "flag", "day", "moment", "note"]
ROWS = [["0012", 189003440, 0.30000000000000004, True, DAY, MOMENT, "=1+1"],
        ["12", -7, 1e-7, False, DAY, MOMENT, " 肿瘤 <&> \"é\" 😀\nline "],
        ["TRUE", 0, 1.5, True, DAY, MOMENT, None],
        ["2024-02-29", 3, 2.25, False, DAY, MOMENT, "http://example.org"]]


def run(command, path, *more, stdin=None):
    return subprocess.run([PROBE, command, str(path), *more], input=stdin, capture_output=True, text=True)


def read(path, sheet=""):
    answer = run("read", path, sheet)
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def names(path):
    return json.loads(run("names", path).stdout)


def to_json(cell):
    if isinstance(cell, datetime.datetime):
        return {"date": str(cell.date()) if cell.time() == datetime.time() else str(cell)}
    return cell


def table(columns=COLUMNS, rows=ROWS):
    return {"columns": columns, "rows": [[to_json(cell) for cell in row] for row in rows]}


def same(found, expected):
    """Equal, and of the same type: Python takes True for 1."""
    assert found == expected
    for row, wanted in zip(found["rows"], expected["rows"]):
        for a, b in zip(row, wanted):
            assert isinstance(a, bool) == isinstance(b, bool), (a, b)


def write(path, sheets):
    answer = run("write", path, stdin=json.dumps([{"name": n, "table": t} for n, t in sheets]))
    assert answer.returncode == 0, answer.stderr


def put(path, name, content):
    answer = run("put", path, stdin=json.dumps({"name": name, "table": content}))
    assert answer.returncode == 0, answer.stderr


def parts(path):
    with zipfile.ZipFile(path) as package:
        assert package.testzip() is None
        listed = package.namelist()
        assert len(listed) == len(set(listed))
        return {name: package.read(name) for name in listed}


# What they write, we read.

def write_openpyxl(path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(COLUMNS)
    for row in ROWS:
        sheet.append(row)
    for row in sheet.iter_rows(min_row=2, min_col=7, max_col=7):
        if row[0].value is not None:
            row[0].data_type = "s"  # else openpyxl makes a formula of =1+1
    book.save(path)


def write_pandas_openpyxl(path):
    frame = pd.DataFrame(ROWS, columns=COLUMNS)
    frame["note"] = frame["note"].str.replace("=1+1", "'=1+1", regex=False)  # else it makes a formula of it
    frame.to_excel(path, index=False, engine="openpyxl")


def write_pandas_xlsxwriter(path):
    with pd.ExcelWriter(path, engine="xlsxwriter",
                        engine_kwargs={"options": {"strings_to_formulas": False}}) as writer:
        pd.DataFrame(ROWS, columns=COLUMNS).to_excel(writer, index=False)


def write_xlsxwriter(path, **options):
    book = xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd hh:mm:ss",
                                      "strings_to_formulas": False, **options})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, COLUMNS)
    for number, row in enumerate(ROWS, 1):
        sheet.write_row(number, 0, row)
    book.close()


def write_xlsxwriter_inline_1904(path):
    write_xlsxwriter(path, constant_memory=True, date_1904=True)


@pytest.mark.parametrize("writer", [write_openpyxl, write_pandas_openpyxl, write_pandas_xlsxwriter,
                                    write_xlsxwriter, write_xlsxwriter_inline_1904])
def test_reads_what_they_write(tmp_path, writer):
    path = tmp_path / "t.xlsx"
    writer(path)
    expected = table()
    for row in expected["rows"]:
        for i, cell in enumerate(row):
            if isinstance(cell, float):  # XlsxWriter keeps 16 digits
                row[i] = pytest.approx(cell, rel=1e-15)
            if writer is write_pandas_openpyxl and cell == "=1+1":
                row[i] = "'=1+1"
    found = read(path)
    assert found == expected
    for row in found["rows"]:
        assert [type(cell) for cell in row[:4]] == [str, float, float, bool]


def test_reads_rich_text_formulas_errors_and_1904(tmp_path):
    path = tmp_path / "t.xlsx"
    book = xlsxwriter.Workbook(path, {"date_1904": True})
    sheet = book.add_worksheet("Data")
    bold = book.add_format({"bold": True})
    sheet.write_row(0, 0, ["rich", "number", "text", "truth", "error", "date", "time", "control"])
    sheet.write_rich_string(1, 0, "a ", bold, "b", " c")
    sheet.write_formula(1, 1, "=1+1", None, 2)
    sheet.write_formula(1, 2, '="00"&"12"', None, "0012")
    sheet.write_formula(1, 3, "=1=1", None, True)
    sheet.write_formula(1, 4, "=NA()", None, "#N/A")
    sheet.write_datetime(1, 5, MOMENT, book.add_format({"num_format": "d mmm yyyy"}))
    sheet.write_number(1, 6, 1.5, book.add_format({"num_format": "[h]:mm"}))
    sheet.write_string(1, 7, "a\x01b _x0041_")
    book.close()
    same(read(path, "Data"), {
        "columns": ["rich", "number", "text", "truth", "error", "date", "time", "control"],
        "rows": [["a b c", 2, "0012", True, None, {"date": str(MOMENT)}, {"time": "36:00:00"}, "a\x01b _x0041_"]]})


def test_every_day_around_the_leap_bug_as_openpyxl(tmp_path):
    path = tmp_path / "t.xlsx"
    days = [datetime.datetime(1900, 1, 1) + datetime.timedelta(n) for n in [0, 1, 30, 57, 58, 59, 60, 61, 400]]
    book = openpyxl.Workbook()
    book.active.append(["day"])
    for day in days:
        book.active.append([day])
    book.save(path)
    assert read(path) == table(["day"], [[day] for day in days])


def test_header_names_as_pandas(tmp_path):
    path = tmp_path / "t.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["a", "a", None, "a.1", "b", 7, None])
    book.active.append([1, 2, 3, 4, 5, 6, None])
    book.save(path)
    ours = read(path)["columns"]
    assert ours == [str(name) for name in pd.read_excel(path).columns[:6]]
    assert ours[2] == "Unnamed: 2"


def test_csv_as_pandas(tmp_path):
    path = tmp_path / "t.csv"
    frame = pd.DataFrame({"pid": ["0012", "a,b", 'say "x"', "two\nlines"], "value": [1.5, -2, 1e-7, 189003440.0]})
    frame.to_csv(path, index=False)
    found = read(path)
    assert found["columns"] == list(frame.columns)
    assert [row[0] for row in found["rows"]] == list(frame["pid"])
    assert [row[1] for row in found["rows"][:3]] == [1.5, "-2.0", 1e-7]  # -2.0 is not how -2 is written


# What we write, they read.

def plain(cell):
    return None if cell is None or (isinstance(cell, float) and math.isnan(cell)) else cell


def test_openpyxl_reads_ours_with_the_same_types(tmp_path):
    path = tmp_path / "t.xlsx"
    write(path, [("Manifest", table()), ("Second one", table(["x"], [[1]]))])
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Manifest", "Second one"]
    sheet = book["Manifest"]
    found = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert found == [COLUMNS] + ROWS
    for row in sheet.iter_rows(min_row=2):
        assert [cell.data_type for cell in row[:6]] == ["s", "n", "n", "b", "d", "d"]
        assert row[6].data_type in ("s", "n")  # never f
    assert all(cell.font.b for cell in sheet[1])
    assert not any(cell.font.b for cell in sheet[2])
    assert sheet.freeze_panes == "A2"
    assert sheet["E2"].number_format.replace("\\", "") == "yyyy-mm-dd"
    assert sheet["F2"].number_format.replace("\\", "") == "yyyy-mm-dd hh:mm:ss"
    assert 8 <= sheet.column_dimensions["A"].width <= 60
    assert book.properties.created == datetime.datetime(2000, 1, 1)
    assert book.properties.creator in (None, "", "openpyxl")  # openpyxl's own default where there is none


def test_pandas_reads_ours_with_the_same_types(tmp_path):
    path = tmp_path / "t.xlsx"
    write(path, [("Manifest", table())])
    frame = pd.read_excel(path, sheet_name="Manifest", dtype={"pid": str})
    assert [str(kind) for kind in frame.dtypes] == [
        "object", "int64", "float64", "bool", "datetime64[ns]", "datetime64[ns]", "object"]
    assert [[plain(cell) for cell in row] for row in frame.astype(object).values.tolist()] == ROWS


def test_pandas_reads_our_csv(tmp_path):
    path = tmp_path / "t.csv"
    write(path, [("Manifest", table())])
    frame = pd.read_csv(path, dtype={"pid": str}, parse_dates=["day", "moment"],
                        float_precision="round_trip")
    found = [[plain(cell) for cell in row] for row in frame.astype(object).values.tolist()]
    assert found == ROWS
    same(read(path), table())


def test_pandas_reads_thousands_of_samples_of_ours(tmp_path):
    samples = 10000 if LONG else 1000
    path = tmp_path / "t.xlsx"
    rows = [[f"TJ_{n:05d}_pre"] + [n * 0.1 + i for i in range(22)] + [f"text {n % 7} {i}" for i in range(22)]
            for n in range(samples)]
    content = table([f"c{i}" for i in range(45)], rows)
    write(path, [("Manifest", content)])
    same(read(path), content)
    frame = pd.read_excel(path)
    assert frame.shape == (samples, 45) and frame["c1"].tolist() == [row[1] for row in rows]


def test_formulas_that_nobody_has_calculated_are_counted(tmp_path):
    """openpyxl writes formulas without values; a spreadsheet program adds them when it saves."""
    path = tmp_path / "t.xlsx"
    book = openpyxl.Workbook()
    for row in [["PID", "n", "m"], ["a", 1, "=B2+1"], ["b", "=B2", "=1+1"]]:
        book.active.append(row)
    book.save(path)
    assert json.loads(run("without_value", path).stdout).startswith("has 3 formulas without a value, the first in C2, which count as empty")


def test_times_and_durations_as_openpyxl(tmp_path):
    path = tmp_path / "t.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["a"])
    shown = ["yyyy-mm-dd", "hh:mm", "h:mm AM/PM", "mm:ss", "[h]:mm:ss", "yyyy-mm-dd hh:mm", "0.00"]
    for value in (0.3541666666666667, 1.2604166666666667, 45352.354166666664, 0, 59.5):
        for form in shown:
            book.active.append([value])
            book.active.cell(book.active.max_row, 1).number_format = form
    book.save(path)

    def expected(cell):
        if isinstance(cell, datetime.datetime):
            return to_json(cell)
        if isinstance(cell, datetime.time):
            return {"time": str(cell)}
        if isinstance(cell, datetime.timedelta):
            hours, rest = divmod(round(cell.total_seconds()), 3600)
            return {"time": f"{hours:02}:{rest // 60:02}:{rest % 60:02}"}
        return cell

    theirs = [row[0] for row in list(openpyxl.load_workbook(path).active.values)[1:]]
    assert [row[0] for row in read(path)["rows"]] == [expected(cell) for cell in theirs]
    again = tmp_path / "again.xlsx"
    write(again, [("S", read(path))])
    assert read(again) == read(path)


# A sheet put into what others wrote: all else keeps its bytes.

def rich_openpyxl(path):
    book = openpyxl.Workbook()
    first = book.active
    first.title = "Manifest"
    for row in [["ID", "n"], ["a", 1], ["b", 2], ["c", 3]]:
        first.append(row)
    first["A1"].font = Font(bold=True, color="FF0000")
    first["B2"].fill = PatternFill("solid", fgColor="FFFF00")
    first["A2"].comment = Comment("look here", "reader")
    first.column_dimensions["A"].width = 33
    second = book.create_sheet("Split")
    for row in [["ID", "n"], ["a", 1], ["b", "=1+1"], ["c", datetime.datetime(2024, 2, 29)]]:
        second.append(row)
    second["A3"].comment = Comment("this one too", "reader")
    second.add_table(ExcelTable(displayName="T1", ref="A1:B4"))
    third = book.create_sheet("Figures")
    third.append(["x", 3])
    chart = BarChart()
    chart.add_data(Reference(first, min_col=2, min_row=1, max_row=4), titles_from_data=True)
    third.add_chart(chart, "D2")
    fourth = BarChart()
    fourth.add_data(Reference(second, min_col=2, min_row=1, max_row=4))
    second.add_chart(fourth, "F2")
    book.create_named_range("everything", second, "$A$1:$B$4")
    book.save(path)


def rich_xlsxwriter(path):
    book = xlsxwriter.Workbook(path)
    first = book.add_worksheet("Manifest")
    first.write_row(0, 0, ["ID", "n"])
    first.write_row(1, 0, ["a", 1])
    first.write_comment("A2", "look here")
    first.set_column(0, 0, 33)
    second = book.add_worksheet("Split")
    second.write_row(0, 0, ["ID", "n"])
    second.write_formula("B2", "=1+1", None, 2)
    second.write_comment("A2", "this one too")
    second.add_table("D1:E3", {"columns": [{"header": "p"}, {"header": "q"}]})
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=Manifest!$B$2:$B$2"})
    book.add_worksheet("Figures").insert_chart("D2", chart)
    own = book.add_chart({"type": "column"})
    own.add_series({"values": "=Split!$B$2:$B$2"})
    second.insert_chart("G2", own)
    book.define_name("everything", "=Split!$A$1:$B$2")
    book.close()


def rich_pandas(path):
    with pd.ExcelWriter(path, engine="openpyxl") as writer:
        for name in ["Manifest", "Split", "Figures"]:
            pd.DataFrame(ROWS, columns=COLUMNS).to_excel(writer, sheet_name=name, index=False)


RICH = [rich_openpyxl, rich_xlsxwriter, rich_pandas]
LISTS = {"[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"}
NEW = table(["split", "pid", "day"], [["train", "0012", DAY], ["test", "=1+1", None]])


def taken_out(text, pattern):
    """The text without the one place of the pattern."""
    rest, count = re.subn(pattern, b"", text)
    assert count == 1, (count, pattern)
    return rest


@pytest.mark.parametrize("maker", RICH)
def test_adding_a_sheet_keeps_all_other_bytes(tmp_path, maker):
    path = tmp_path / "t.xlsx"
    maker(path)
    before = parts(path)
    with zipfile.ZipFile(path) as package:
        stored = [(entry.filename, entry.date_time, entry.compress_size) for entry in package.infolist()
                  if entry.filename not in LISTS]
    put(path, "split 0", NEW)
    after = parts(path)
    [added] = set(after) - set(before)
    assert re.fullmatch(r"xl/worksheets/sheet\d+\.xml", added)
    assert {name for name in before if before[name] != after.get(name)} == LISTS
    assert list(after)[:len(before)] == list(before)
    with zipfile.ZipFile(path) as package:
        assert stored == [(entry.filename, entry.date_time, entry.compress_size) for entry in package.infolist()
                          if entry.filename in before and entry.filename not in LISTS]
    element = taken_out(after["xl/workbook.xml"], rb'<sheet [^>]*name="split 0"[^>]*/>')
    assert element == before["xl/workbook.xml"]
    assert taken_out(after["[Content_Types].xml"],
                     b'<Override PartName="/%s"[^>]*/>' % added.encode()) == before["[Content_Types].xml"]
    assert taken_out(after["xl/_rels/workbook.xml.rels"], b'<Relationship Id="[^"]*" Type="[^"]*" Target="%s"/>'
                     % added.removeprefix("xl/").encode()) == before["xl/_rels/workbook.xml.rels"]

    assert names(path) == ["Manifest", "Split", "Figures", "split 0"]
    expected = json.loads(json.dumps(NEW))
    if maker is rich_xlsxwriter:  # a workbook without a style for dates
        expected["rows"][0][2] = "2024-02-29"
    same(read(path, "SPLIT 0"), expected)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Manifest", "Split", "Figures", "split 0"]
    assert [cell.value for cell in book["split 0"]["B"]] == ["pid", "0012", "=1+1"]
    if maker is not rich_pandas:
        assert book["Manifest"]["A2"].comment.text.strip() == "look here"
        assert book["Manifest"].column_dimensions["A"].width == pytest.approx(33, abs=1)
        assert len(book["Figures"]._charts) == 1
    frame = pd.read_excel(path, sheet_name="split 0", dtype=str)
    assert frame["split"].tolist() == ["train", "test"]

    once = path.read_bytes()
    put(path, "split 0", NEW)
    assert path.read_bytes() == once
    put(path, "split 0", table(["split"], [["val"]]))
    put(path, "split 0", NEW)
    assert path.read_bytes() == once


@pytest.mark.parametrize("maker", RICH)
def test_replacing_a_sheet_takes_its_own_parts_and_no_others(tmp_path, maker):
    path = tmp_path / "t.xlsx"
    maker(path)
    before = parts(path)
    put(path, "Split", NEW)
    after = parts(path)
    assert set(after) <= set(before)
    changed = {name for name in after if before[name] != after[name]}
    assert changed <= {"xl/worksheets/sheet2.xml", "[Content_Types].xml"}
    assert after["xl/workbook.xml"] == before["xl/workbook.xml"]
    gone = set(before) - set(after)
    if maker is rich_pandas:
        assert gone == set() and changed == {"xl/worksheets/sheet2.xml"}
    else:
        assert "xl/worksheets/_rels/sheet2.xml.rels" in gone
        kinds = [kind for kind in ("table", "comment", "chart", "drawing") if any(kind in name for name in gone)]
        assert kinds == ["table", "comment", "chart", "drawing"]
        for name in gone:
            assert b'"/%s"' % name.encode() not in after["[Content_Types].xml"]
    assert names(path) == ["Manifest", "Split", "Figures"]
    assert read(path, "Split")["columns"] == NEW["columns"]
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Manifest", "Split", "Figures"]
    assert [cell.value for cell in book["Split"]["A"]] == ["split", "train", "test"]
    assert len(book["Split"].tables) == 0 and len(book["Split"]._charts) == 0
    if maker is not rich_pandas:
        assert book["Manifest"]["A2"].comment.text.strip() == "look here"
        assert len(book["Figures"]._charts) == 1
        assert "everything" in book.defined_names

    once = path.read_bytes()
    put(path, "Split", NEW)
    assert path.read_bytes() == once


def test_calculation_chain_goes_with_formulas_only(tmp_path):
    path = tmp_path / "t.xlsx"
    rich_openpyxl(path)
    content = parts(path)
    content["xl/calcChain.xml"] = b'<calcChain xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><c r="B3" i="2"/></calcChain>'
    content["[Content_Types].xml"] = content["[Content_Types].xml"].replace(
        b"</Types>", b'<Override PartName="/xl/calcChain.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"/></Types>')
    content["xl/_rels/workbook.xml.rels"] = content["xl/_rels/workbook.xml.rels"].replace(
        b"</Relationships>", b'<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain" Target="calcChain.xml"/></Relationships>')
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in content.items():
            package.writestr(name, data)
    put(path, "Manifest", NEW)
    assert "xl/calcChain.xml" in parts(path)
    put(path, "Split", NEW)
    after = parts(path)
    assert "xl/calcChain.xml" not in after
    assert not any(b"calcChain" in after[name] for name in LISTS)


def test_damaged_workbook_stays_as_it_is(tmp_path):
    path = tmp_path / "t.xlsx"
    rich_openpyxl(path)
    path.write_bytes(path.read_bytes()[:-100])
    before = path.read_bytes()
    answer = run("put", path, stdin=json.dumps({"name": "x", "table": NEW}))
    assert answer.returncode == 1 and "damaged" in answer.stderr
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["t.xlsx"]
