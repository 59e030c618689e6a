"""Writes a dataset manifest of ESO-2025.10.31 of any size, as nicohort would, for measurements of splits.

usage: large_manifest.py ROWS COLUMNS FILE    (10 columns or more; two rows a patient)
"""

import itertools
import sys
import zipfile

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
PARTS = {
    "[Content_Types].xml": f"""<Types xmlns="{PACKAGE}/content-types">\
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>\
<Default Extension="xml" ContentType="application/xml"/>\
<Override PartName="/xl/workbook.xml" ContentType="{TYPES}.sheet.main+xml"/>\
<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{TYPES}.worksheet+xml"/></Types>""",
    "_rels/.rels": f"""<Relationships xmlns="{PACKAGE}/relationships">\
<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>""",
    "xl/workbook.xml": f"""<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>\
<sheet name="Manifest" sheetId="1" r:id="rId1"/></sheets></workbook>""",
    "xl/_rels/workbook.xml.rels": f"""<Relationships xmlns="{PACKAGE}/relationships">\
<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>""",
}
DIAGNOSES = "adenocarcinoma", "squamous cell carcinoma", "not known"


def letters(column):
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def row_xml(number, names, values):
    cells = (f'<c r="{name}{number}" t="inlineStr"><is><t xml:space="preserve">{value}</t></is></c>' if isinstance(value, str)
             else f'<c r="{name}{number}"><v>{value}</v></c>' for name, value in zip(names, values))
    return f'<row r="{number}">{"".join(cells)}</row>'.encode()


def rows(count, columns):
    more = range(columns - 10)
    yield ["ID", "site", "phase", "pid", "valid_labels", "info", "volume", "mask", "szx", "spz", *(f"attribute_{i}" for i in more)]
    for i in range(count):
        pid, phase = f"{i // 2:07}", ("pre", "post")[i % 2]
        ID = f"TJ_{pid}_{phase}"
        begin = f"TJ/{phase}/{ID}/{ID}"
        yield [ID, "TJ", phase, pid, "00_Bg,01_EsoROI", f"{begin}_info.yaml", f"{begin}_volume.nii.gz", f"{begin}_mask.nii.gz", 512, i % 50 / 10,
               *(i * 7919 % (9973 + j) if j % 2 else DIAGNOSES[i * (j + 1) % 3] for j in more)]


def main(count, columns, file):
    names = [letters(column) for column in range(columns)]
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in PARTS.items():
            book.writestr(name, content)
        with book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(f'<worksheet xmlns="{MAIN}"><sheetData>'.encode())
            for number, values in zip(itertools.count(1), rows(count, columns)):
                sheet.write(row_xml(number, names, values))
            sheet.write(b"</sheetData></worksheet>")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
