#!/usr/bin/python3
"""Writes the seeds of the fuzz targets: make_corpus.py FOLDER makes FOLDER/{target}/ with small files."""

import datetime
import gzip
import hashlib
import io
import json
import pathlib
import sys
import zipfile

import nibabel
import numpy as np
import openpyxl
import xlsxwriter
import yaml

PROJECT = pathlib.Path(__file__).resolve().parent.parent
ROWS = [["PID", "Age", "seen", "remark", "pCR"], ["0012", 61, "2024-03-01", "=1+1", True], ["王 三", 1.5e-7, None, "a\nb", False]]


def nifti_seeds():
    affine = np.diag([-0.8, 0.8, 5.0, 1.0])
    random = np.random.default_rng(0)
    for kind in (nibabel.Nifti1Image, nibabel.Nifti2Image):
        for dtype in ("u1", "i1", "<i2", ">i2", "u2", "i4", "u4", "f4", ">f8", "i8", "u8"):
            header = kind.header_class(endianness=">" if dtype[0] == ">" else "<")
            image = kind(random.integers(0, 3, (3, 4, 2)).astype(np.dtype(dtype).newbyteorder("=")), affine, header, dtype=dtype)
            name = f"{kind.__name__}_{dtype.strip('<>')}{'_swapped' if dtype[0] == '>' else ''}"
            yield f"{name}.nii", image.to_bytes()
            yield f"{name}.nii.gz", gzip.compress(image.to_bytes(), mtime=0)
    image = nibabel.Nifti1Image(np.ones((3, 4, 2), np.int16), affine)
    image.header.set_slope_inter(0.5, -1)
    image.header.set_sform(None, 0)
    image.header.set_qform(affine, 1)
    whole = image.to_bytes()
    yield "scaled_qform.nii", whole
    yield "two_members.nii.gz", gzip.compress(whole[:360], mtime=0) + gzip.compress(whole[360:], mtime=0) + bytes(8)
    yield "cut.nii.gz", gzip.compress(whole, mtime=0)[:-6]


def voxels_seeds():
    random = np.random.default_rng(0)
    noise = random.normal(-800, 30, 3000).astype("<i2").tobytes()
    for name, kinds, voxels in (("whole", 0b01_11_01, noise), ("odd", 0b00_10_01, random.random(500, np.float32).tobytes()),
                                ("mask", 0b11_01_01, np.repeat(random.integers(0, 3, 60).astype("u1"), 50).tobytes()),
                                ("whole_and_odd", 0b00_10_11, noise), ("other", 0b00_00_01, noise)):
        yield name, bytes([16, kinds, 40]) + voxels


def xlsx_seeds():
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    book.create_sheet("second").append(["a"])
    out = io.BytesIO()
    book.save(out)
    yield "openpyxl.xlsx", out.getvalue()
    for strings in (False, True):
        out = io.BytesIO()
        writer = xlsxwriter.Workbook(out, {"in_memory": True, "constant_memory": strings})
        sheet = writer.add_worksheet("Manifest")
        for number, row in enumerate(ROWS):
            sheet.write_row(number, 0, row)
        sheet.write_datetime(3, 2, datetime.datetime(2024, 3, 1), writer.add_format({"num_format": "yyyy-mm-dd"}))
        writer.close()
        yield f"xlsxwriter_{strings}.xlsx", out.getvalue()
    stored = io.BytesIO()  # not compressed, so that single bytes can be changed
    with zipfile.ZipFile(out) as source, zipfile.ZipFile(stored, "w") as target:
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name), source.read(name))
    yield "stored.xlsx", stored.getvalue()


def xlsx_parts_seeds():
    for name, content in xlsx_seeds():
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            sheet = book.read("xl/worksheets/sheet1.xml")
            strings = book.read("xl/sharedStrings.xml") if "xl/sharedStrings.xml" in book.namelist() else b"<sst/>"
            workbook = b'<workbook><sheets><sheet name="S" sheetId="1" r:id="r1" xmlns:r="r"/></sheets></workbook>'
            yield name, b"\n====\n".join([workbook, sheet, strings, book.read("xl/styles.xml")])
    yield "places", b"\n====\n".join([
        b'<workbook><workbookPr date1904="1"/><sheets><sheet name="S" sheetId="1" r:id="r1" xmlns:r="r"/></sheets></workbook>',
        b'<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c t="inlineStr"><is><r><t>b</t></r><rPh><t>x</t></rPh></is></c>'
        b'</row><row r="3"><c r="XFD3" t="d"><v>2024-03-01T12:30:00</v></c><c t="e"><v>#N/A</v></c><c t="str"><f>1+1</f><v>_x0041_</v></c>'
        b'<c s="1"><v>45352.5</v></c></row></sheetData></worksheet>',
        b"<sst><si><t>PID</t></si></sst>",
        b'<styleSheet><numFmts><numFmt numFmtId="164" formatCode="[$-409]d/m/yy h:mm"/></numFmts><cellXfs><xf/><xf numFmtId="164"/></cellXfs></styleSheet>'])


def csv_seeds():
    yield "comma.csv", 'PID,Age,"a ""b"""\n0012,61,TRUE\n"12",1e300,2024-03-01\n'.encode()
    yield "semicolon.csv", "\ufeffPID;Alter\r\n王 三;1,5\r\n".encode()
    yield "tab.csv", b"a\tb\n1\t2\n"
    yield "sep.csv", b'sep=|\na|a||a\n1|"x\ny"|3|4\n'
    yield "date_time.csv", b"t\n2024-03-01 12:30:00\n0.1\n-0\n1e5\nnan\n"


def recipe_seeds():
    for recipe in sorted((PROJECT / "recipes").glob("*.yaml")):
        yield recipe.name, recipe.read_bytes()
    yield "other.yaml", yaml.safe_dump({
        "name": "other", "volume": "{phase_dir}/[{site}-]{pid}[_{scan}]/{any}.nii.gz", "mask": "{phase_dir}/{pid}[_{scan}].nii.gz",
        "parts": {"phase": {"t0": "0 base", "t1": ""}, "pid": "[A-Z]{2}[0-9]{3}", "scan": "[0-9]*?"},
        "id": "{pid}[-{scan}]", "folder": "{phase}/x", "patient": "{pid}", "ignore": ["*.txt", "a?[bc]"], "complete": ["phase"],
        "no_mask": {"phase": ["t1"]}, "where": {"pid": "AB001"},
        "metadata": [{"file": "tables/{phase_dir}.xlsx", "key": {"Case": "{pid}", "scan": "[v{scan}]"}, "sheet": "patients"}],
        "labels": {1: "liver"}, "intensity": {"unit": "HU", "window": [-160, 240]},
        "steps": [{"threshold": [-140, 1000]}, {"list_small": "25 voxels"},
                  {"clean_slices": {"kernel_size": [2, 2], "smaller_than": "10 mm2", "empty_label": "background"}}],
        "splits": [{"name": "s", "where": {"phase": "t0"}, "test_ratio": 0.4, "subsets": [["train", "val"]]}]}, sort_keys=False).encode()


def label_map_seeds():
    yield "plain.yaml", b"short_form_index_map: {0: Bg, 1: EsoROI}\n"
    yield "block.yaml", "short_form_index_map:\n  0: 'no'\n  17: left lung/upper\n  255: \"肿瘤\"\n".encode()
    yield "alias.yaml", b"a: &a {0: x}\nshort_form_index_map: *a\n"


def info_seeds():
    info = {"ID": "TJ_0012_pre", "site": "TJ", "phase": "pre", "pid": "0012", "subset": "TJ/pre", "Age": 61, "x": 1.5e-7,
            "seen": "2024-03-01", "no": None, "pCR": True, "remark": "a: b\n# c", "名": "王"}
    yield "block.yaml", yaml.safe_dump(info, allow_unicode=True, sort_keys=False).encode()
    yield "flow.yaml", yaml.safe_dump(info, default_flow_style=True, sort_keys=False).encode()


ID = "TJ_0012_pre"
FILES = {f"{ID}_{kind}": hashlib.sha256(b"new").hexdigest() for kind in ("volume.nii.gz", "mask.nii.gz", "mask_01_EsoROI.nii.gz", "info.yaml")}


def record(**changes):
    intensity = {"voxels": 9, "not_finite": 0} | {name: 41.5 for name in ("mean", "sd", "min", "max", "p5", "p25", "median", "p75", "p95")}
    region = {"voxels": 2, "volume": 1.5, "centre": [1.0, 2.0, 3.5], "centre_mm": [-1.0, 2.0, 3e-7]}
    return {
        "id": ID, "folder": f"TJ/pre/{ID}", "parts": [["site", "TJ"], ["phase", "pre"], ["pid", "0012"]], "compression": "balanced", "codec": "ISA-L 2.30.0",
        "inputs": [{"path": "tongji/pre-therapy/images/TJ_0012.nii.gz", "sha256": "0" * 64, "type": "v3d"},
                   {"path": "tongji/pre-therapy/masks/TJ_0012.nii.gz", "sha256": "1" * 64, "type": "m3d", "label": 1}], "overlap": "last",
        "problems": [{"subject": "王.nii", "kind": "geometry", "what": "lies beside it"}],
        "steps": [{"name": "threshold", "parameters": {"window": [-140.0, "inf"]}, "version": 1, "counts": {"removed": 7}},
                  {"name": "list_small", "parameters": {"smaller_than": "300 mm3"}, "version": 1, "counts": {},
                   "problems": [{"kind": "mask value", "what": "x"}], "regions": [{"label": 1, "regions": [region]}]}],
        "labels": {"0": "Bg", "1": "EsoROI"}, "unmapped": [], "files": FILES,
        "volume": {"size": [3, 4, 2], "spacing": [0.8, 0.8, 5.0], "affine": [0.8, 0, 0, 0, 0, 0.8, 0, 0, 0, 0, 5.0, 0, 0, 0, 0, 1],
                   "qform_code": 1, "sform_code": 2, "datatype": 16, "has_source_type": False,
                   "channels": [{"name": "", "value_hash": "ab"}]},
        "mask": {"voxels": [[1, 9]], "intensity": intensity}} | changes


def record_seeds():
    yield "whole.json", json.dumps(record(), ensure_ascii=False).encode()
    yield "not_written.json", json.dumps(record(folder="", files={}, steps=[])).encode()
    yield "other_folder.json", json.dumps(record(folder=f"../{ID}")).encode()


def cache_seeds():
    header = {"size": [3, 4, 2], "spacing": [4605380978949069210] * 3, "spacing_is_float": True, "affine": [4607182418800017408] * 16,
              "qform_code": 1, "sform_code": 2, "type": 4, "swapped": False, "slope": 0, "inter": 0, "data_offset": 352,
              "channels": 1}
    key, other = "718ceefa443b7f16b3a0644f20fd46af", "ac81a91fb8e50b327e7451a86ede4679"  # of archive/a.nii.gz and b.nii.gz
    known = {"key": key, "state": [10, 1000, 2000], "inode": 7, "sha256": "ab" * 32, "header": header}
    yield "lines.jsonl", "\n".join(map(json.dumps, [known, known | {"key": other}, {"note": "run", "text": "王\n"}])).encode()
    yield "cut.jsonl", json.dumps(known).encode()[:-9]


def commit_seeds():
    old = f"{ID}_mask.nii.gz"  # is there, from the first second of 1970

    def pending(record_text, names, **changes):
        plan = {"id": ID, "leaves": False, "folder": f"TJ/pre/{ID}", "old_folder": "", "inputs": {"archive/a": [1, 2]},
                "added": {name: [3, 0] if name == old else [-1, 0] for name in names}, "removed": {}} | changes
        return "\n====\n".join([json.dumps(plan), record_text, "\n".join(names)]).encode()

    yield "added", pending(json.dumps(record()), list(FILES))
    yield "leaves", pending("", [], leaves=True, folder="", old_folder=f"TJ/pre/{ID}", removed={old: [3, 0]})
    yield "moved", pending(json.dumps(record(folder=f"TJ/{ID}")), list(FILES), folder=f"TJ/{ID}", old_folder=f"TJ/pre/{ID}",
                           added={name: [-1, 0] for name in FILES}, removed={old: [3, 0]})
    yield "of_another", pending(json.dumps(record()), list(FILES), old_folder=f"TJ/pre/{ID}", removed={"../TJ_0013_pre/TJ_0013_pre_mask.nii.gz": [3, 0]})
    yield "no_plan", b"\n====\n" + json.dumps(record()).encode() + b"\n====\n" + old.encode()


def main(folder):
    seeds = {"nifti": nifti_seeds, "voxels": voxels_seeds, "xlsx": xlsx_seeds, "xlsx_parts": xlsx_parts_seeds, "csv": csv_seeds,
             "recipe": recipe_seeds, "label_map": label_map_seeds, "info": info_seeds, "record": record_seeds, "cache": cache_seeds,
             "commit": commit_seeds}
    for target, make in seeds.items():
        (folder / target).mkdir(parents=True, exist_ok=True)
        for name, content in make():
            (folder / target / name).write_bytes(content)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
