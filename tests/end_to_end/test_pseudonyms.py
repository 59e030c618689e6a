"""Pseudonyms: no patient identifier in anything that is written or said; the same data behind other names."""

import base64
import csv
import gzip
import hmac
import os
import re
import shutil
import stat
import zipfile

import openpyxl
import pytest

import small_archive
from test_run import TUTORIAL, results, results_of_commands

KEY = b"correct horse battery staple"
STATUSES = {"gen_archive_manifest": 1, "confirm_pairs": 1, "mask_thresholding": 1, "extract_binary_masks": 1, "morphological_open_on_slice_small_region": 1}
WITH_KEY = ("--pseudonymize", "../key")


def pseudonym(site, pid, key=KEY):
    return "P" + base64.b32encode(hmac.digest(key, site.encode() + b"\0" + pid.encode(), "sha256")).decode()[:10]


def read_map(file):
    with open(file, encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def name_patients_in_cells(workbook):
    """Two more columns, one of text and one of numbers, with the identifier of the row."""
    book = openpyxl.load_workbook(workbook)
    sheet = book.active
    key = [cell.value for cell in sheet[1]].index("PID")
    width = sheet.max_column
    for row, cells in enumerate(sheet.iter_rows(values_only=True), 1):
        pid = str(cells[key])
        sheet.cell(row, width + 1, "Scan" if row == 1 else f"CT of {pid}, seen")
        sheet.cell(row, width + 2, "Number" if row == 1 else int(pid))
    book.save(workbook)


@pytest.fixture(scope="module")
def folder(nicohort, tmp_path_factory):
    """A damaged archive and what becomes of it: plain, and with pseudonyms by the routines and by run."""
    folder = tmp_path_factory.mktemp("pseudonyms")
    (folder / "key").write_bytes(KEY + b"\n")
    nicohort("demo", folder / "plain", "--patients", 12, "--size", 32, 32, 16, "--faults")
    (folder / "plain/faults.csv").unlink()  # says what is wrong with whose images
    name_patients_in_cells(folder / "plain/archive/data_meta_tongji.xlsx")
    for other in ("steps", "run"):
        shutil.copytree(folder / "plain", folder / other)
    done = [nicohort("run", "--root_dir", ".", cwd=folder / "plain", status=1)]
    write_said(folder / "plain", done)
    done = [nicohort("run", "--root_dir", ".", *WITH_KEY, "--pseudonym_map", "../map.csv", cwd=folder / "run", status=1)]
    write_said(folder / "run", done)
    done = []
    for line in TUTORIAL.strip().splitlines():
        command = line.split()
        options = WITH_KEY if command[0] in ("gen_archive_manifest", "confirm_pairs") else ()
        done.append(nicohort(*command, *options, cwd=folder / "steps", status=STATUSES.get(command[0], 0)))
    write_said(folder / "steps", done)
    return folder


def write_said(root, done):
    (root / "said.txt").write_text("".join(one.stdout + one.stderr for one in done), encoding="utf-8")


@pytest.fixture(scope="module")
def patients(folder):
    """(site, pid): pseudonym"""
    return {(row["site"], row["original"]): row["presented"] for row in read_map(folder / "map.csv") if row["kind"] == "patient"}


def texts(root):
    """Everything below the root but the input: (where, bytes)."""
    for path in sorted(root.rglob("*")):
        where = path.relative_to(root).as_posix()
        if where.startswith("archive"):
            continue
        yield "name", where.encode()
        if path.name.endswith(".nii.gz"):
            yield "image", gzip.decompress(path.read_bytes())[:352]
        elif path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as package:
                yield from ((path.suffix, package.read(part)) for part in package.namelist())
        elif path.is_file():
            yield path.suffix, path.read_bytes()


def leaks(root, patients):
    """In what kinds of files an identifier stands as a word of its own, with or without its leading zeros."""
    pids = {form for _, pid in patients for form in (pid, pid.lstrip("0"))}
    word = re.compile(rb"(?<![0-9A-Za-z])(?:" + "|".join(map(re.escape, sorted(pids))).encode() + rb")(?![0-9A-Za-z])")
    return {kind for kind, text in texts(root) if word.search(text)}


def test_no_identifier_is_left(folder, patients):
    assert min(len(pid) for _, pid in patients) >= 6  # none is there by chance
    assert leaks(folder / "plain", patients) == {"name", ".xlsx", ".yaml", ".csv", ".json", ".js", "", ".txt"}
    assert leaks(folder / "run", patients) == set()
    assert leaks(folder / "steps", patients) == set()


def test_routines_and_run_write_the_same_bytes(folder):
    run, steps = results(folder / "run"), results_of_commands(folder / "steps")
    assert run.keys() == steps.keys()
    assert [name for name in run if run[name] != steps[name]] == []


def test_pseudonyms_are_keyed_hashes(folder, patients):
    assert len(patients) > 36
    assert patients == {(site, pid): pseudonym(site, pid) for site, pid in patients}
    assert {len(name) for name in patients.values()} == {11}


def test_the_mapping_joins_the_two_datasets(folder, patients):
    """Every file of the plain dataset is there under its other name; images with the same bytes."""
    found = 0
    for path in (folder / "plain/grouped").glob("*/*/*/*"):
        if path.parent.parent.parent.parent.name == "splits":
            continue
        site, phase, ID = path.parent.relative_to(folder / "plain/grouped").parts
        pid = ID.removeprefix(f"{site}_").removesuffix(f"_{phase}")
        other = ID.replace(pid, patients[site, pid])
        twin = folder / "run/grouped" / site / phase / other / path.name.replace(ID, other)
        expected = path.read_bytes()
        if path.suffix == ".yaml":
            name = patients[site, pid].encode()
            expected = expected.replace(f"'{pid}'".encode(), name).replace(pid.encode(), name)
            expected = re.sub(rb"(?m)^Number: [0-9]+$", b"Number: " + name, expected)
        assert twin.read_bytes() == expected, path.name
        found += 1
    assert found == len([path for path in (folder / "run/grouped").glob("[STX]*/*/*/*")]) > 300


def test_both_have_the_same_problems(folder):
    """In another order and under other names."""
    counts = [len(list(csv.reader(open(folder / root / "run.problems.csv", encoding="utf-8", newline="")))) for root in ("plain", "run")]
    assert counts[0] == counts[1] > 36


def test_unrecognised_names_are_opaque_and_in_the_mapping(folder):
    files = {row["presented"]: row["original"] for row in read_map(folder / "map.csv") if row["kind"] == "file"}
    said = (folder / "run/said.txt").read_text(encoding="utf-8")
    assert len(files) == 2
    for presented, original in files.items():
        assert (folder / "run/archive" / original).is_file()
        assert presented == f"{os.path.dirname(original)}/(unrecognised {pseudonym('', original)})"
        assert f"problem: {presented}: does not match " in said


@pytest.fixture
def root(tmp_path):
    """A small archive without faults, of two patients."""
    (tmp_path / "key").write_bytes(KEY)
    (tmp_path / "other").write_bytes(KEY[::-1])
    return small_archive.make(tmp_path / "root", ["0012345678", "0012345679"])


def scan(nicohort, root, *options, status=0):
    return nicohort("gen_archive_manifest", "--root_dir", "archive", "--output_manifest_file", "descriptor/archive_manifest.xlsx",
                    *options, cwd=root, status=status)


def confirm(nicohort, root, *options, status=0):
    return nicohort("confirm_pairs", "--root_dir", "archive", "--output_dir", "grouped", "--archive_manifest",
                    "descriptor/archive_manifest.xlsx", *options, cwd=root, status=status)


def run(nicohort, root, *options, status=1):  # the splits have too few patients
    return nicohort("run", "--root_dir", root, *options, status=status)


def pids(root):
    return set(small_archive.column(root / "descriptor/archive_manifest.xlsx", "pid"))


def test_another_key_gives_other_names(nicohort, root):
    scan(nicohort, root, "--pseudonymize", "../key")
    first = pids(root)
    scan(nicohort, root, "--pseudonymize", "../other")
    assert len(first) == len(pids(root)) == 2 and not first & pids(root)
    assert pids(root) == {pseudonym("TJ", pid, KEY[::-1]) for pid in ("0012345678", "0012345679")}


def test_confirm_pairs_needs_the_key_of_the_manifest(nicohort, root):
    scan(nicohort, root, "--pseudonymize", "../key")
    assert "give --pseudonymize the key" in confirm(nicohort, root, status=2).stderr
    assert "none of its images is in archive with the key" in confirm(nicohort, root, "--pseudonymize", "../other", status=2).stderr
    scan(nicohort, root)
    done = confirm(nicohort, root, "--pseudonymize", "../key", status=2)
    assert "has patients without a pseudonym" in done.stderr and "00123" not in done.stderr
    assert not list((root / "grouped").glob("*/*/*"))


def test_confirm_pairs_puts_no_pseudonyms_beside_originals(nicohort, root):
    for options, others, said in [((), WITH_KEY, "were made without pseudonyms"), (WITH_KEY, (), "were made with the pseudonyms of a key")]:
        scan(nicohort, root, *options)
        confirm(nicohort, root, *options)
        before = results(root)
        scan(nicohort, root, *others)
        done = confirm(nicohort, root, *others, status=2)
        if options:  # the archive has the names that it always had
            assert "00123" in str(pids(root))
        else:
            assert "00123" not in done.stderr
        assert said in done.stderr
        scan(nicohort, root, *options)
        assert results(root) == before
        shutil.rmtree(root / "grouped")


def test_names_in_one_root_do_not_mix(nicohort, root):
    key, other = ("--pseudonymize", root.parent / "key"), ("--pseudonymize", root.parent / "other")
    run(nicohort, root, *key)
    before = results(root)
    for wrong in ((), other):
        assert "with the pseudonyms of a key" in run(nicohort, root, *wrong, status=2).stderr
        assert "with the pseudonyms of a key" in run(nicohort, root, *wrong, "--dry_run", status=2).stderr
    assert results(root) == before
    assert "Nothing has changed" in run(nicohort, root, *key).stdout

    shutil.rmtree(root / "grouped")
    (root / "descriptor/archive_manifest.xlsx").unlink()
    run(nicohort, root)
    before = results(root)
    assert "without pseudonyms" in run(nicohort, root, *key, status=2).stderr
    assert results(root) == before


def test_files_that_the_recipe_ignores_are_ignored_with_pseudonyms_too(nicohort, root):
    builtin = nicohort("recipes", "eso-2025.10.31").stdout
    (root / "recipe.yaml").write_text(builtin + '\nignore: ["*FLAIR*"]\n')
    small_archive.save_image(root / "archive/tongji/pre-therapy/images/0012345678 FLAIR.nii.gz")
    (root / "archive/tongji/pre-therapy/images/0012345678 FLAIR.mha").write_bytes(b"x")
    small_archive.save_image(root / "archive/tongji/pre-therapy/images/0012345678 T2.nii.gz")
    options = ("--recipe", root / "recipe.yaml", "--pseudonymize", root.parent / "key")
    tried = run(nicohort, root, *options, "--dry_run")
    assert "1 file left out by `ignore`" in tried.stdout and "1 file matched by no pattern" in tried.stdout
    done = run(nicohort, root, *options)
    assert done.stderr.count("problem: tongji/pre-therapy/images/(unrecognised P") == 1 and "0012345678" not in done.stderr


def test_a_run_goes_on_with_pseudonyms(nicohort, root):
    key = ("--pseudonymize", root.parent / "key")
    run(nicohort, root, *key)
    for path in (root / "archive").rglob("*.nii.gz"):
        os.utime(path)
    assert "0 samples processed, 4 unchanged" in run(nicohort, root, *key).stdout
    small_archive.save_image(small_archive.image_path(root, "0012345678", ending=".nii"))
    gone = small_archive.image_path(root, "0012345678", ending=".nii.gz")
    gone.unlink()
    name = pseudonym("TJ", "0012345678")
    planned = run(nicohort, root, *key, "--dry_run", status=1).stdout
    assert f"would process TJ_{name}_pre: the names of images have changed" in planned
    for path in (root / "archive").rglob("TJ_0012345678.nii*"):
        path.unlink()
    assert f"would remove TJ_{name}_pre" in run(nicohort, root, *key, "--dry_run", status=2).stdout
    run(nicohort, root, *key, "--allow_removal")
    assert {path.name for path in (root / "grouped").glob("TJ/*/*")} == \
        {f"TJ_{pseudonym('TJ', '0012345679')}_{phase}" for phase in ("pre", "post")}


def test_the_mapping_is_the_owners_alone(nicohort, root):
    """Also where an older file was open to all, and where nothing else is to do."""
    options = ("--pseudonymize", root.parent / "key", "--pseudonym_map", root / "map.xlsx")
    run(nicohort, root, *options)
    assert stat.S_IMODE((root / "map.xlsx").stat().st_mode) == 0o600
    before = (root / "map.xlsx").read_bytes()
    (root / "map.xlsx").write_text("older")
    (root / "map.xlsx").chmod(0o644)
    assert "0 samples processed" in run(nicohort, root, *options).stdout
    assert stat.S_IMODE((root / "map.xlsx").stat().st_mode) == 0o600
    assert (root / "map.xlsx").read_bytes() == before
    assert list(openpyxl.load_workbook(root / "map.xlsx").active.values) == [
        ("kind", "site", "original", "presented"),
        *(("patient", "TJ", pid, pseudonym("TJ", pid)) for pid in ("0012345678", "0012345679"))]


@pytest.mark.parametrize("name", ["patients.csv", "patients.xlsx", "map.xlsx"])
def test_the_mapping_replaces_no_other_table(nicohort, root, name):
    book = openpyxl.Workbook()
    book.active.append(["kind", "site", "original", "presented"] if name == "map.xlsx" else ["patient", "age"])
    if name == "map.xlsx":
        book.create_sheet("Notes").append(["mine"])
    book.save(root / name) if name.endswith("xlsx") else (root / name).write_text("patient,age\n1,61\n")
    before = (root / name).read_bytes()
    options = ("--pseudonymize", root.parent / "key", "--pseudonym_map", root / name)
    for command in scan, run:
        assert f"{name}: is there, and is not a table of identifiers and pseudonyms" in command(nicohort, root, *options, status=2).stderr
    assert (root / name).read_bytes() == before and not (root / "grouped").exists()


@pytest.mark.parametrize("options, why", [
    (("--pseudonymize", "short"), "has 15 bytes, but needs at least 16; make one with: openssl rand -hex 32"),
    (("--pseudonymize", "missing"), "missing: cannot be opened"),
    (("--pseudonym_map", "map.csv"), "--pseudonym_map requires --pseudonymize"),
    (("--pseudonymize", "../key", "--recipe", "digits.yaml"), "`pid`"),
])
def test_what_cannot_be_is_refused_before_anything_is_written(nicohort, root, options, why):
    (root / "short").write_bytes(b"0123456789abcde\n")
    (root / "digits.yaml").write_text("""
volume: "{site_dir}/{phase_dir}/images/{site}_{pid}.nii.gz"
mask: "{site_dir}/{phase_dir}/masks/{site}_{pid}.nii.gz"
parts: {site: {TJ: tongji}, phase: {pre: pre-therapy, post: post-therapy}, pid: "[0-9]+"}
""")
    done = scan(nicohort, root, *options, status=2)
    assert why in done.stderr and "00123" not in done.stderr
    assert not (root / "descriptor/archive_manifest.xlsx").exists() and not (root / "map.csv").exists()
    before = sorted(root.rglob("*"))
    assert why in nicohort("run", "--root_dir", ".", *options, cwd=root, status=2).stderr
    assert sorted(root.rglob("*")) == before


def test_run_without_the_key_refuses_what_commands_made_with_one(nicohort, root):
    scan(nicohort, root, "--pseudonymize", "../key")
    confirm(nicohort, root, "--pseudonymize", "../key", status=None)
    assert "with the pseudonyms of a key" in run(nicohort, root, status=2).stderr


SITES = """volume: "{site}/{pid}_ct.nii.gz"
mask: "{site}/{pid}_seg.nii.gz"
parts: {pid: "[A-Z0-9]+"}
labels: {0: bg, 1: lesion}
"""


def make_sites(root, pids, recipe, sites="AB"):
    """Each patient at each site."""
    for site in sites:
        for pid in pids:
            small_archive.save(root, f"{site}/{pid}_ct.nii.gz")
            small_archive.save(root, f"{site}/{pid}_seg.nii.gz", "m3d")
    (root / "recipe.yaml").write_text(SITES + recipe)
    (root / "key").write_bytes(KEY)
    return "--recipe", root / "recipe.yaml"


def rows_of(workbook, sheet):
    rows = list(openpyxl.load_workbook(workbook)[sheet].values)
    return [dict(zip(rows[0], row)) for row in rows[1:]]


def test_a_patient_of_several_sites_has_one_pseudonym(nicohort, tmp_path):
    """Where the recipe's `patient` has no site: both scans are in the same subset, as without pseudonyms."""
    patients = [f"PAT0000{i}" for i in range(1, 10)]
    recipe = make_sites(tmp_path, patients, """
patient: "{pid}"
metadata: {file: table.csv, key: {Patient: "{pid}"}}
splits: [{name: half, test_ratio: 0.5, val_ratio: 0}]
""")
    (tmp_path / "archive/table.csv").write_text("Patient,Sex\n" + "".join(f"{pid},{'FM'[i % 2]}\n" for i, pid in enumerate(patients)))
    key = ("--pseudonymize", tmp_path / "key", "--pseudonym_map", tmp_path / "map.csv")
    done = run(nicohort, tmp_path, *recipe, *key, status=0)
    assert "9 patients divided" in done.stdout
    rows = rows_of(tmp_path / "grouped/dataset_manifest.xlsx", "half")
    assert len(rows) == 18
    assert {len({row[key] for row in rows if row["pid"] == pseudonym("", pid)}) for key in ("Sex", "half") for pid in patients} == {1}
    assert {(row["site"], row["original"], row["presented"]) for row in read_map(tmp_path / "map.csv")} == \
        {("", pid, pseudonym("", pid)) for pid in patients}
    nicohort("verify", "--root_dir", tmp_path / "grouped")

    samples = {path.parent.name for path in (tmp_path / "grouped").glob("P*/*.yaml")}
    shutil.rmtree(tmp_path / "grouped")
    for command in (scan, confirm):
        command(nicohort, tmp_path, *recipe, *key[:2])
    assert {path.parent.name for path in (tmp_path / "grouped").glob("P*/*.yaml")} == samples
    assert len(samples) == 18


@pytest.mark.parametrize("recipe, said", [
    ("where: {pid: [PAT00003]}", "line 5: `where` has values for `pid`"),
    ("no_mask: {pid: PAT00003}", "line 5: `no_mask` has values for `pid`"),
    ("columns: {consent: {from: pid, values: {withdrawn: PAT00003}, otherwise: given}}", "line 5: `consent` has values for `pid`"),
    ("columns: {first: {from: site, values: {yes: '{pid}'}}}", "line 5: `first` has values for `pid`"),
    ("steps:\n  - keep_largest: {of: foreground}\n    where: {pid: '12'}", "line 7: `where` has values for `pid`"),
    ("splits: [{name: s, by: pid, values: {test: PAT00003}}]", "line 5: `values` has values for `pid`"),
    ("splits: [{name: s, test_ratio: 0.5, where: {ID: A_PAT00003}}]", "line 5: `where` has values for `ID`"),
    ("metadata: {file: t.csv, key: {who: '{pid}'}, columns: {id: who}}\nwhere: {id: '12'}", "line 6: `where` has values for `id`"),
    ("metadata: {file: t.csv, key: {who: '{pid}'}, columns: {name: name}}\nwhere: {name: [mueller, meier]}", "line 6: contains the identifier"),
    ("ignore: ['A/PAT00003*.nii']", "line 5: contains the identifier"),
    ("# 12345678 has moved, and so has\n# PAT00003, but not PAT00005", "lines 5, 6: contains the identifier"),
    ("# pat00003 has withdrawn", "line 5: contains the identifier"),
])
def test_a_recipe_that_names_patients_is_refused(nicohort, tmp_path, recipe, said):
    """Its values would be compared with pseudonyms, and the dataset keeps a copy of it."""
    options = make_sites(tmp_path, ["PAT00003", "PAT00004", "0012345678", "mueller", "12"], recipe + "\n", sites="A")
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(recipe.read_text().replace("[A-Z0-9]", "[A-Za-z0-9]"))
    before = sorted(tmp_path.rglob("*"))
    key = ("--pseudonymize", tmp_path / "key")
    for command in (("run", "--root_dir", tmp_path), ("run", "--root_dir", tmp_path, "--dry_run"), ("slurm", "--tasks", 2, "--root_dir", tmp_path),
                    ("gen_archive_manifest", "--root_dir", tmp_path / "archive", "--output_manifest_file", tmp_path / "m.xlsx")):
        done = nicohort(*command, *options, *key, status=2)
        assert f"recipe.yaml, {said}" in done.stderr
        assert "metadata table" in done.stderr and "PAT" not in done.stderr.replace(str(tmp_path), "")
        assert sorted(tmp_path.rglob("*")) == before


def test_a_map_of_identifiers_is_refused(nicohort, tmp_path):
    options = make_sites(tmp_path, ["1"], "")
    (tmp_path / "recipe.yaml").write_text(SITES.replace('"[A-Z0-9]+"', "{one: '1'}"))
    done = run(nicohort, tmp_path, *options, "--pseudonymize", tmp_path / "key", status=2)
    assert "line 3: `parts` lists the identifiers of patients in a map of `pid`" in done.stderr


def test_values_of_a_table_and_pseudonyms_are_as_good_as_identifiers(nicohort, tmp_path):
    """And neither short identifiers nor parts of words are looked for in the recipe."""
    key = ("--pseudonymize", tmp_path / "key")
    withdrawn, excluded = pseudonym("", "PAT00003"), pseudonym("", "PAT00005")
    recipe = make_sites(tmp_path, ["PAT00001", "PAT00003", "PAT00004", "PAT00005", "12"], f"""
patient: "{{pid}}"
metadata: {{file: t.csv, key: {{who: "{{pid}}"}}}}
columns: {{kept: {{from: pid, values: {{no: {excluded}}}, otherwise: "yes"}}}}
where: {{consent: given, kept: "yes"}}  # 12 months; PAT000012
""", sites="A")
    (tmp_path / "archive/t.csv").write_text("who,consent\n" + "".join(
        f"{pid},{'withdrawn' if pid == 'PAT00003' else 'given'}\n" for pid in ["PAT00001", "PAT00003", "PAT00004", "PAT00005", "12"]))
    run(nicohort, tmp_path, *recipe, *key, status=0)
    found = set(small_archive.column(tmp_path / "descriptor/archive_manifest.xlsx", "pid"))
    assert found == {pseudonym("", pid) for pid in ("PAT00001", "PAT00004", "12")}


def test_confirm_pairs_refuses_a_recipe_that_names_patients(nicohort, tmp_path):
    key = ("--pseudonymize", tmp_path / "key")
    recipe = make_sites(tmp_path, ["PAT00003", "PAT00004"], "")
    scan(nicohort, tmp_path, *recipe, *key)
    with open(tmp_path / "recipe.yaml", "a", encoding="utf-8") as file:
        file.write("# PAT00003\n")
    assert "line 5: contains the identifier" in confirm(nicohort, tmp_path, *recipe, *key, status=2).stderr
    assert not (tmp_path / "grouped").exists()


# Identifiers in other places of the path

def run_with_key(nicohort, root, recipe, status):
    (root / "key").write_bytes(KEY + b"\n")
    (root / "recipe.yaml").write_text(recipe + "\nlabels: {0: Bg, 1: tumour}\n")
    return nicohort("run", "--root_dir", root, "--recipe", root / "recipe.yaml", "--pseudonymize", root / "key", status=status)


@pytest.mark.parametrize("name, others", [
    ("scanOAS30001", "scan912OAS3000"), ("oas30001", "x"), ("pre_OAS30001_OAS30001", "x"), ("0012345-a", "x"), ("12345", "x"), ("7011_pat7011", "170112")])
def test_the_identifier_in_what_is_any_is_replaced(nicohort, tmp_path, name, others):
    pid = next(pid for pid in ("OAS30001", "0012345", "7011") if pid.lower().lstrip("0") in name.lower())
    for folder, any_name in (pid, name), ("other", others):
        small_archive.save(tmp_path, f"{folder}/{any_name}_ct.nii.gz")
        small_archive.save(tmp_path, f"{folder}/{any_name}_seg.nii.gz", "m3d")
    done = run_with_key(nicohort, tmp_path, 'volume: "{pid}/{any}_ct.nii.gz"\nmask: "{pid}/{any}_seg.nii.gz"', 0)
    shutil.rmtree(tmp_path / "archive")
    sought = pid.lstrip("0").lower().encode()
    said = ("output", (done.stdout + done.stderr).replace(str(tmp_path), "").encode())
    for place, text in [*texts(tmp_path), said]:
        assert sought not in text.replace(b"170112", b"").lower(), place
    paths = small_archive.column(tmp_path / "descriptor/archive_manifest.xlsx", "file_path")
    assert f"{pseudonym('', 'other')}/{others}_ct.nii.gz" in paths, "what is no identifier stays"


@pytest.mark.parametrize("names, recipe, said", [
    (["OAS30001/OAS30001_MR_d0129/ct", "OAS30001/OAS30001_MR_d0129/seg"],
     'parts: {session: "[^/]+"}\nvolume: "{pid}/{session}/ct.nii.gz"\nmask: "{pid}/{session}/seg.nii.gz"', "the part `session`"),
    (["OAS30001/MRoas30001/ct", "OAS30001/MRoas30001/seg"],
     'parts: {session: "[^/]+"}\nvolume: "{pid}/{session}/ct.nii.gz"\nmask: "{pid}/{session}/seg.nii.gz"', "the part `session`"),
    (["OAS30001/ct", "OAS30001/masks/OAS30001_tumour"],
     'volume: "{pid}/ct.nii.gz"\nmask: {file: "{pid}/masks/{label}.nii.gz", overlap: error}', "the label of a mask file")])
def test_another_part_that_has_the_identifier_is_refused(nicohort, tmp_path, names, recipe, said):
    for name in names:
        small_archive.save(tmp_path, f"{name}.nii.gz", "v3d" if name.endswith("ct") else "m3d")
    told = run_with_key(nicohort, tmp_path, recipe, 2).stderr
    assert f"with --pseudonymize, {said} must not contain the identifier of a patient" in told and "oas30001" not in told.lower()
    assert not (tmp_path / "grouped").exists()


def test_a_short_identifier_may_be_in_another_part(nicohort, tmp_path):
    for kind in "ct", "seg":
        small_archive.save(tmp_path, f"1/visit1_{kind}.nii.gz", "v3d" if kind == "ct" else "m3d")
    run_with_key(nicohort, tmp_path, 'parts: {visit: "[a-z0-9]+"}\nvolume: "{pid}/{visit}_ct.nii.gz"\nmask: "{pid}/{visit}_seg.nii.gz"', 0)
    assert (tmp_path / f"grouped/visit1_{pseudonym('', '1')}").is_dir()


def test_a_digit_is_no_identifier_without_its_zeros(nicohort, tmp_path):
    for kind in "ct", "seg":
        small_archive.save(tmp_path, f"0001/T1_{kind}.nii.gz", "v3d" if kind == "ct" else "m3d")
    run_with_key(nicohort, tmp_path, 'volume: "{pid}/{any}_ct.nii.gz"\nmask: "{pid}/{any}_seg.nii.gz"', 0)
    assert f"{pseudonym('', '0001')}/T1_ct.nii.gz" in small_archive.column(tmp_path / "descriptor/archive_manifest.xlsx", "file_path")


def test_a_table_without_a_header_shows_no_identifier(nicohort, tmp_path):
    for kind in "ct", "seg":
        small_archive.save(tmp_path, f"OAS30001_{kind}.nii.gz", "v3d" if kind == "ct" else "m3d")
    (tmp_path / "archive/m.csv").write_text("OAS30001,50\nOAS30002,51\n")
    told = run_with_key(nicohort, tmp_path, 'volume: "{pid}_ct.nii.gz"\nmask: "{pid}_seg.nii.gz"\nmetadata: {file: m.csv, key: {id: "{pid}"}}', None).stderr
    assert "has no key column `id`" in told and "OAS3000" not in told
