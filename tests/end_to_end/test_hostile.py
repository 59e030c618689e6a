"""SPEC 2 and 3: files that are made to harm. They are named as what they are, in little memory and time."""

import gzip
import io
import os
import pathlib
import re
import resource
import struct
import subprocess
import time
import zipfile
import zlib

import nibabel
import numpy as np
import pytest

import small_archive
from long_form import LONG
from small_archive import image_path

UNBOUNDED = resource.RLIM_INFINITY
MEMORY = UNBOUNDED if os.environ.get("NICOHORT_UNBOUNDED_MEMORY") else 600 << 20  # address space of the program
SECONDS = 60


@pytest.fixture
def bounded():
    """nicohort(...) with little memory: gives the finished process, after it ended by itself with a status of its own."""
    program = pathlib.Path(os.environ["NICOHORT_BUILD"]).resolve() / "nicohort"

    def run(*arguments, status):
        begun = time.monotonic()
        done = subprocess.run([program, *map(str, arguments), "--jobs", "1"], capture_output=True, encoding="utf-8", timeout=SECONDS,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)))
        assert done.returncode == status, f"{done.returncode} after {time.monotonic() - begun:.1f} s\n{done.stdout}{done.stderr}"
        return done

    return run


def scan(bounded, root, *more, status=1):
    return bounded("01_gen_archive_manifest", "--root_dir", root / "archive", "--output_manifest_file",
                   root / "descriptor/archive_manifest.xlsx", *more, status=status)


def pair(bounded, root, status=1):
    return bounded("02_confirm_pairs", "--root_dir", root / "archive", "--output_dir", root / "grouped",
                   "--archive_manifest", root / "descriptor/archive_manifest.xlsx", status=status)


def said_of(done, path):
    [problem] = [line for line in done.stderr.splitlines() if line.startswith(f"problem: {path}: ")]
    return problem


# Compressed data

def gzip_of_zeros(start, zeros):
    """A gzip file of `start` and then so many zeros, made without the zeros in memory."""
    press = zlib.compressobj(1, zlib.DEFLATED, 31)
    pieces = [press.compress(start)]
    for at in range(0, zeros, 1 << 20):
        pieces.append(press.compress(bytes(min(1 << 20, zeros - at))))
    return b"".join([*pieces, press.flush()])


def nifti_start(size, dtype=np.uint8, vox_offset=352):
    header = nibabel.Nifti1Header()
    header.set_data_dtype(dtype)
    header["dim"] = [3, *size, 1, 1, 1, 1]
    header["pixdim"] = 1
    header["vox_offset"] = vox_offset
    header["magic"] = b"n+1"
    return header.binaryblock + bytes(4)


@pytest.fixture(scope="session")
def gzip_bomb():
    """2 GB of zeros behind the header of a small image."""
    return gzip_of_zeros(nifti_start((8, 7, 3), np.int16), 2 << 30)


@pytest.mark.parametrize("kind", ["v3d", "m3d"])
@pytest.mark.parametrize("verify", [[], ["--verify"]] if LONG else [["--verify"]])
def test_gzip_that_goes_on_and_on(bounded, gzip_bomb, tmp_path, kind, verify):
    small_archive.make(tmp_path, ["1", "2"])
    path = image_path(tmp_path, "2", kind)
    scan(bounded, tmp_path, status=0)
    path.write_bytes(gzip_bomb)
    relative = path.relative_to(tmp_path / "archive")
    assert "requires 688 bytes, the file has at least" in said_of(pair(bounded, tmp_path), relative)
    assert "requires 688 bytes, the file has at least" in said_of(scan(bounded, tmp_path, *verify), relative)


HUGE = [(32767, 32767, 32767), (1, 32767, 32767), (32767, 32767, 900), (32767, 1, 32767)]


@pytest.mark.parametrize("size", HUGE if LONG else HUGE[:2])
@pytest.mark.parametrize("kind", ["v3d", "m3d"])
def test_huge_sizes_in_a_header(bounded, tmp_path, size, kind):
    small_archive.make(tmp_path, ["1", "2"])
    path = image_path(tmp_path, "2", kind)
    path.write_bytes(gzip.compress(nifti_start(size) + bytes(1000)))
    assert re.search("impossible|truncated", said_of(scan(bounded, tmp_path), path.relative_to(tmp_path / "archive")))


def test_a_mask_of_empty_rows(bounded, tmp_path):
    """A megabyte of gzip with 2^30 rows of one voxel, none of them set, and a volume to match."""
    small_archive.make(tmp_path, ["1", "2"])
    bomb = gzip_of_zeros(nifti_start((1, 32767, 32767)), 32767 * 32767)
    for kind in ("v3d", "m3d"):
        image_path(tmp_path, "2", kind).write_bytes(bomb)
    assert "has no orientation" in said_of(scan(bounded, tmp_path), "tongji/pre-therapy/images/TJ_2.nii.gz")
    assert "rows" in said_of(pair(bounded, tmp_path), "tongji/pre-therapy/masks/TJ_2.nii.gz")


def test_voxels_that_begin_far_behind(bounded, tmp_path):
    small_archive.make(tmp_path, ["1", "2"])
    path = image_path(tmp_path, "2")
    path.write_bytes(gzip.compress(nifti_start((8, 7, 3), vox_offset=2.0 ** 39)))
    assert "truncated" in said_of(scan(bounded, tmp_path), path.relative_to(tmp_path / "archive"))


# Workbooks

WORKBOOK = "xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels", \
    "[Content_Types].xml"
SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'


def with_part(path, part, pieces):
    """Replaces a part of the workbook, or adds it."""
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        for name, content in parts.items():
            if name != part:
                book.writestr(name, content)
        with book.open(part, "w", force_zip64=True) as stream:
            for piece in pieces:
                stream.write(piece)


def endless(begin, piece):
    """More than any part may have."""
    yield begin
    for _ in range((600 << 20) // len(piece)):
        yield piece


BOMBS = {
    "zeros": (b"", bytes(1 << 20)),
    "blanks": (b"<worksheet>", b" " * (1 << 20)),
    "text": (b'<worksheet><sheetData><row><c t="inlineStr"><is><t>', b"a" * (1 << 20)),
    "shared text": (b"<sst><si><t>", b"a" * (1 << 20)),
    "comment": (b"<worksheet><!-- ", b"a" * (1 << 20)),
    "attribute": (b'<worksheet a="', b"a" * (1 << 20)),
    "attributes": (b"<worksheet ", b"".join(b'a%d="" ' % i for i in range(1 << 17))),
    "depth": (b"", b"<a>" * (1 << 18)),
    "name": (b"<", b"a" * (1 << 20)),
}


@pytest.mark.parametrize("bomb, part", [(bomb, WORKBOOK[1]) for bomb in BOMBS] + [("zeros", part) for part in WORKBOOK] +
                         [("shared text", WORKBOOK[2]), ("blanks", WORKBOOK[0]), ("depth", WORKBOOK[3]), ("text", WORKBOOK[4])]
                         if LONG else [("shared text", WORKBOOK[2]), ("depth", WORKBOOK[1]), *(("zeros", part) for part in WORKBOOK[:4])])
def test_a_part_that_unpacks_without_end(bounded, tmp_path, bomb, part):
    small_archive.make(tmp_path, ["1"])
    with_part(tmp_path / "archive/data_meta_tongji.xlsx", part, endless(*BOMBS[bomb]))
    if part == "[Content_Types].xml":  # only a workbook that is edited needs it
        done = bounded("05_make_split", "--manifest_file", tmp_path / "archive/data_meta_tongji.xlsx", "--split_name", "s", "--site", "TJ",
                       status=2)
        assert done.stderr.startswith("nicohort: ")
    else:
        assert said_of(scan(bounded, tmp_path), "data_meta_tongji.xlsx")


def test_a_zip_that_lies_about_the_length_of_a_part(bounded, tmp_path):
    small_archive.make(tmp_path, ["1"])
    path = tmp_path / "archive/data_meta_tongji.xlsx"
    content = bytearray(path.read_bytes())
    at = content.index(b"PK\x01\x02")
    while at >= 0:  # every entry of the directory
        struct.pack_into("<I", content, at + 24, 0x7FFFFFFF)
        at = content.find(b"PK\x01\x02", at + 4)
    path.write_bytes(content)
    scan(bounded, tmp_path, status=0)  # the compressed data say where they end, and the checksum is right
    assert set(small_archive.column(tmp_path / "descriptor/archive_manifest.xlsx", "Age")) == {61}


LAUGHS = '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij")) + "]>"


@pytest.mark.parametrize("part", WORKBOOK[:5] if LONG else WORKBOOK[1:2])
@pytest.mark.parametrize("text", [LAUGHS + "<a>&j;</a>", '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
                                  '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'], ids=["laughs", "dtd", "entity"])
def test_document_types_are_refused(bounded, tmp_path, part, text):
    small_archive.make(tmp_path, ["1"])
    with_part(tmp_path / "archive/data_meta_tongji.xlsx", part, [text.encode()])
    problem = said_of(scan(bounded, tmp_path), "data_meta_tongji.xlsx")
    assert "document type declaration" in problem and "root:" not in problem


@pytest.mark.parametrize("cells", ['<row r="1048577"><c><v>1</v></c></row>', '<row r="1"><c r="XFE1"><v>1</v></c></row>',
                                   '<row r="4294967297"><c><v>1</v></c></row>', '<row><c r="A99999999999999999999"><v>1</v></c></row>',
                                   '<row r="1">' + "<c><v>1</v></c>" * 16385 + "</row>", "<row/>" * 1048577],
                         ids=["row", "column", "row beyond 32 bits", "place", "wide", "long"])
def test_sheets_beyond_excels_limits(bounded, tmp_path, cells):
    small_archive.make(tmp_path, ["1"])
    with_part(tmp_path / "archive/data_meta_tongji.xlsx", "xl/worksheets/sheet1.xml", [SHEET.format(cells).encode()])
    assert "16,384 columns" in said_of(scan(bounded, tmp_path), "data_meta_tongji.xlsx")


def test_a_cell_in_each_corner_is_no_table_of_all_between(bounded, tmp_path):
    small_archive.make(tmp_path, ["1"])
    cells = '<row r="1"><c r="A1" t="str"><v>PID</v></c><c r="XFD1" t="str"><v>Age</v></c></row>' \
            '<row r="1048576"><c r="A1048576" t="str"><v>1</v></c><c r="XFD1048576"><v>61</v></c></row>'
    with_part(tmp_path / "archive/data_meta_tongji.xlsx", "xl/worksheets/sheet1.xml", [SHEET.format(cells).encode()])
    scan(bounded, tmp_path, status=0)
    assert set(small_archive.column(tmp_path / "descriptor/archive_manifest.xlsx", "Age")) == {61}


# YAML

YAML_LAUGHS = "a: &a [ha]\n" + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]\n" for a, b in zip("abcdefghi", "bcdefghij"))
YAMLS = {
    "laughs": YAML_LAUGHS + "short_form_index_map: {0: *j}\n",
    "self": "short_form_index_map: &a {0: *a}\n",
    "deep lists": "short_form_index_map: " + "[" * 100_000,
    "deep maps": "short_form_index_map: " + "{a: " * 100_000,
    "deep block": "".join(" " * i + "a:\n" for i in range(1200)),
    "dashes": "- " * 100_000,
    "questions": "? " * 100_000,
    "megabytes": "short_form_index_map: {0: '" + "a" * (5 << 20) + "'}\n",
    "many labels": "short_form_index_map:\n" + "".join(f"  {i}: a\n" for i in range(60_000)),
    "binary": "\x00\x01\x02\xff\xfe",
    "empty": "",
}
FEW_YAMLS = ["laughs", "self", "deep maps", "megabytes", "binary", "empty"]  # all files of YAML are read in the same way


@pytest.mark.parametrize("name", YAMLS)
def test_label_maps(bounded, tmp_path, name):
    root = small_archive.make(tmp_path, ["1"])
    scan(bounded, root, status=0)
    pair(bounded, root, status=0)
    (root / "label_map.yaml").write_text(YAMLS[name], encoding="latin-1")
    done = bounded("03_extract_binary_masks", "--root_dir", root / "grouped", "--label_explanation", root / "label_map.yaml", status=2)
    assert "label_map.yaml" in done.stderr and len(done.stderr) < 2000


@pytest.mark.parametrize("name", YAMLS if LONG else FEW_YAMLS)
def test_recipes(bounded, tmp_path, name):
    root = small_archive.make(tmp_path, ["1"])
    (root / "recipe.yaml").write_text(YAMLS[name], encoding="latin-1")
    for command in (["01_gen_archive_manifest", "--root_dir", root / "archive", "--output_manifest_file", root / "m.xlsx"],
                    ["run", "--root_dir", root]):
        assert "recipe.yaml" in bounded(*command, "--recipe", root / "recipe.yaml", status=2).stderr


@pytest.mark.parametrize("name", YAMLS if LONG else FEW_YAMLS)
def test_info_files(bounded, tmp_path, name):
    root = small_archive.make(tmp_path, ["1"])
    scan(bounded, root, status=0)
    pair(bounded, root, status=0)
    (root / "grouped/TJ/pre/TJ_1_pre/TJ_1_pre_info.yaml").write_text(YAMLS[name], encoding="latin-1")
    done = bounded("04_gen_dataset_manifest", "--root_dir", root / "grouped", "--output_manifest_file", root / "m.xlsx", status=1)
    assert "TJ_1_pre_info.yaml" in done.stderr
    assert small_archive.column(root / "m.xlsx", "ID") == ["TJ_1_post"]
