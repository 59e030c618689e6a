"""SPEC 4, routines 05 and 06: what somebody did to a manifest in Excel is found before patients end on two sides, or anything is lost."""

import itertools
import random
import zipfile

import openpyxl
import pytest

import reference
import small_archive

FILES = {"info": "_info.yaml", "volume": "_volume.nii.gz", "mask": "_mask.nii.gz"}


def save(path, patients, columns=None, edit=None):
    """A dataset manifest of ESO-2025.10.31 with more columns of patients, {name: value by number}."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Manifest"
    columns = columns or {}
    sheet.append(["ID", "site", "phase", "pid", *FILES, *columns])
    for i, phase in itertools.product(range(patients), ("pre", "post")):
        ID = f"TJ_{i:04}_{phase}"
        sheet.append([ID, "TJ", phase, f"{i:04}", *(f"TJ/{phase}/{ID}/{ID}{end}" for end in FILES.values()),
                      *(value(i) for value in columns.values())])
    if edit:
        edit(sheet)
    book.save(path)
    return path


def place(sheet, name):
    return next(cell.column for row in sheet.iter_rows(max_row=5) for cell in row if cell.value == name)


def make_split(nicohort, manifest, *options, split="s", status=0):
    return nicohort("make_split", "--manifest_file", manifest, "--split_name", split, *options, status=status)


def sides(manifest, key="pid", split="s"):
    table = reference.read_table(manifest, split)
    return dict(zip(reference.column(table, key), reference.column(table, split)))


def edit(path, name, change):
    book = openpyxl.load_workbook(path)
    change(book[name])
    book.save(path)


def merge_pids(sheet):
    pid = place(sheet, "pid")
    for row in range(2, sheet.max_row, 2):
        sheet.merge_cells(start_row=row, end_row=row + 1, start_column=pid, end_column=pid)


def numbers_among_texts(sheet):
    cell = sheet.cell(5, place(sheet, "pid"))
    cell.value = int(cell.value)


def trailing_blank(sheet):
    sheet.cell(5, place(sheet, "pid")).value += " "


def sort_column(name):
    def sort(sheet):
        cells = [sheet.cell(row, place(sheet, name)) for row in range(2, sheet.max_row + 1)]
        for cell, value in zip(cells, sorted((cell.value for cell in cells), reverse=True)):
            cell.value = value
    return sort


def blank_rows(sheet):
    sheet.insert_rows(3)
    sheet.insert_rows(1, 2)  # the header is in row 3, the third sample in row 7
    sheet.cell(7, place(sheet, "pid")).value = None


def twice(sheet):
    sheet.append([cell.value for cell in sheet[3]])


def backslashes(sheet):
    for name in FILES:
        for row in range(2, sheet.max_row + 1):
            cell = sheet.cell(row, place(sheet, name))
            cell.value = cell.value.replace("/", "\\")


EDITS = [
    (merge_pids, "rows 3, 5, 7, 9, 11, 13: no pid."),
    (numbers_among_texts, "row 5: the ID is `TJ_0001_post`, but site, phase, pid make it `TJ_1_post`"),
    (trailing_blank, "row 5: the ID is `TJ_0001_post`, but site, phase, pid make it `TJ_0001 _post`"),
    (sort_column("pid"), "row 2: the ID is `TJ_0000_pre`, but site, phase, pid make it `TJ_0005_pre`"),
    (sort_column("ID"), "; and 7 more rows."),
    (sort_column("volume"), "row 2: `volume` is a file of another sample, TJ/pre/TJ_0005_pre/"),
    (blank_rows, "row 7: no pid."),
    (twice, "row 14: the ID `TJ_0000_post` of row 3."),
    (backslashes, "rows 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13: backslashes in paths, where a manifest has `/`"),
]


@pytest.mark.parametrize("change, said", EDITS, ids=[said[:30] for _, said in EDITS])
def test_rows_that_cannot_be_right_are_named_by_their_numbers_in_the_sheet(nicohort, tmp_path, change, said):
    manifest = save(tmp_path / "m.xlsx", 6, edit=change)
    before = manifest.read_bytes()
    done = make_split(nicohort, manifest, status=2)
    assert f"{manifest}: " in done.stderr and said in done.stderr
    assert manifest.read_bytes() == before


def extract(nicohort, manifest, *subsets, status=0):
    return nicohort("extract_split_index_manifest", "--manifest_file", manifest, "--split_name", "s", "--output_index_manifest_dir",
                    manifest.parent / "splits", *(word for subset in subsets for word in ("--subsets", subset)), status=status)


@pytest.mark.parametrize("change, said", [
    (merge_pids, ": no pid."), (sort_column("pid"), "row 2: the ID is"), (twice, "row 14: the ID `TJ_0000_post` of row 3."),
    (lambda sheet: setattr(sheet.cell(4, 1), "value", None), "row 4: no subset."),
], ids=["merged", "sorted", "twice", "no subset"])
def test_rows_of_a_split_that_cannot_be_right_are_not_extracted(nicohort, tmp_path, change, said):
    manifest = save(tmp_path / "m.xlsx", 6)
    make_split(nicohort, manifest, "--val_ratio", 0.3)
    edit(manifest, "s", change)
    done = extract(nicohort, manifest, "train", status=2)
    assert f"{manifest}, worksheet s: " in done.stderr and said in done.stderr
    assert not (tmp_path / "splits").exists()


def test_patients_whom_an_edit_put_into_two_subsets_are_a_problem_of_extracting_both(nicohort, tmp_path):
    manifest = save(tmp_path / "m.xlsx", 6)
    make_split(nicohort, manifest, "--val_ratio", 0.3)
    pid = next(pid for pid, side in sides(manifest).items() if side == "train")
    row = 2 + 2 * int(pid)
    edit(manifest, "s", lambda sheet: setattr(sheet.cell(row, 1), "value", "test"))
    done = extract(nicohort, manifest, "train", "test", status=1)
    assert f"problem: s: patient TJ_{pid} is in train and test; " in done.stderr
    assert len(reference.column(reference.read_table(tmp_path / "splits/s_test.xlsx"), "ID")) == 5
    assert (tmp_path / "splits/extract_split_index_manifest.problems.csv").is_file()
    assert "problem" not in extract(nicohort, manifest, "train").stderr, "nobody is in it twice"


def test_a_split_of_other_samples_than_the_recipes_is_extracted_unchecked_with_a_warning(nicohort, tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "s"
    for row in (["s", "ID"], ["train", "1"], ["test", "1"]):
        sheet.append(row)
    book.save(tmp_path / "m.xlsx")
    done = extract(nicohort, tmp_path / "m.xlsx", "train", "test")
    assert "warning: The rows of s were not checked: they have no site, phase, pid, " in done.stderr and "--recipe" in done.stderr
    assert reference.read_table(tmp_path / "splits/s_train.xlsx") == (["s", "ID"], [["train", "1"]])


def save_split(path, *subsets):
    book = openpyxl.Workbook()
    book.active.title = "s"
    for row in (["s", "ID"], *([subset, str(place)] for place, subset in enumerate(subsets))):
        book.active.append(row)
    book.save(path)
    return path


@pytest.mark.parametrize("groups, said", [
    ((["a", "b"], ["a_b"]), "a, b and a_b would both be written to s_a_b.xlsx; "),
    ((["b"], ["a/b"], ["a_b"]), "a/b and a_b would both be written to s_a_b.xlsx; "),
    ((["A"], ["a"]), "A and a would both be written to s_a.xlsx on a disk that ignores case; "),
])
def test_subsets_that_would_be_one_file_are_not_extracted(nicohort, tmp_path, groups, said):
    manifest = save_split(tmp_path / "m.xlsx", "a", "A", "b", "a_b", "a/b")
    words = [word for group in groups for word in ("--subsets", *group)]
    done = nicohort("extract_split_index_manifest", "--manifest_file", manifest, "--split_name", "s", "--output_index_manifest_dir",
                    tmp_path / "splits", *words, status=2)
    assert "nicohort: --subsets: " + said in done.stderr and not (tmp_path / "splits").exists()


def test_an_index_manifest_does_not_replace_the_manifest(nicohort, tmp_path):
    (tmp_path / "splits").mkdir()
    manifest = save_split(tmp_path / "splits/s_b.xlsx", "a", "b")
    before = manifest.read_bytes()
    (tmp_path / "m.xlsx").symlink_to(manifest)
    for name in (manifest, tmp_path / "m.xlsx"):
        done = nicohort("extract_split_index_manifest", "--manifest_file", name, "--split_name", "s", "--output_index_manifest_dir",
                        tmp_path / "splits", "--subsets", "a", "--subsets", "b", status=2)
        assert f"--subsets b: {manifest} is the manifest itself; give another --output_index_manifest_dir" in done.stderr
        assert manifest.read_bytes() == before and not (tmp_path / "splits/s_a.xlsx").exists()


@pytest.fixture(scope="module")
def cohort(nicohort, tmp_path_factory):
    """A dataset of three patients with a split."""
    root = tmp_path_factory.mktemp("cohort")
    (root / "archive").mkdir()
    small_archive.save_pairs(root, ["01", "02", "03"])
    small_archive.save_metadata(root, ["01", "02", "03"])
    (root / "recipe.yaml").write_text("""\
volume: "{site_dir}/{phase_dir}/images/{site}_{pid}.nii.gz"
mask: "{site_dir}/{phase_dir}/masks/{site}_{pid}.nii.gz"
parts: {site: {TJ: tongji}, phase: {pre: pre-therapy, post: post-therapy}}
id: "{site}_{pid}_{phase}"
labels: {0: Bg, 1: EsoROI}
metadata: [{file: "data_meta_{site_dir}.xlsx", key: {PID: "{pid}"}}]
splits: [{name: s, test_ratio: 0.34, val_ratio: 0}]
""", encoding="utf-8")
    nicohort("run", "--root_dir", root, "--recipe", root / "recipe.yaml")
    return root


def run(nicohort, root, *options, status=0):
    return nicohort("run", "--root_dir", root, "--recipe", root / "recipe.yaml", *options, status=status)


@pytest.mark.parametrize("change", ["subset", "subset and pid", "twice"])
def test_verify_names_the_patient_whom_an_edit_put_into_two_subsets(nicohort, cohort, tmp_path, change):
    """Whose a sample is, its files say; a worksheet can be edited."""
    manifest = tmp_path / "dataset_manifest.xlsx"
    manifest.write_bytes((cohort / "grouped/dataset_manifest.xlsx").read_bytes())

    def leak(sheet):
        side = "train" if sheet.cell(3, 1).value == "test" else "test"
        if change == "twice":
            sheet.append([cell.value for cell in sheet[3]])
            sheet.cell(sheet.max_row, 1).value = side
        else:
            sheet.cell(3, 1).value = side
        if change == "subset and pid":
            sheet.cell(3, place(sheet, "pid")).value = "77"

    edit(manifest, "s", leak)
    done = nicohort("verify", "--root_dir", cohort / "grouped", "--manifest_file", manifest, "--problems_file", tmp_path / "p.csv", status=1)
    assert f"problem: {manifest}, worksheet s: has the patient TJ_01 in train and test; " in done.stderr


def test_a_split_whose_header_was_edited_is_not_taken_for_a_sheet_of_the_users(nicohort, cohort):
    manifest = cohort / "grouped/dataset_manifest.xlsx"
    before = manifest.read_bytes()
    edit(manifest, "s", lambda sheet: setattr(sheet.cell(1, 1), "value", "subset of s"))
    done = nicohort("verify", "--root_dir", cohort / "grouped", status=1)
    manifest.write_bytes(before)
    assert "worksheet s: does not have the column s first; make the split again" in done.stderr


def test_a_patient_who_is_another_in_the_records_is_not_split(nicohort, tmp_path):
    """Where the ID does not say whose a sample is, only the records know it."""
    for pid, scan in (("A", 1), ("A", 2), ("B", 3)):
        for kind, end in (("v3d", ""), ("m3d", "_m")):
            small_archive.save(tmp_path, f"{pid}/{scan}{end}.nii.gz", kind)
    (tmp_path / "recipe.yaml").write_text("""\
volume: "{pid}/{scan}.nii.gz"
mask: "{pid}/{scan}_m.nii.gz"
id: "{scan}"
parts: {scan: "[0-9]"}
""", encoding="utf-8")
    run(nicohort, tmp_path)
    manifest = tmp_path / "grouped/dataset_manifest.xlsx"
    edit(manifest, "Manifest", sort_column("pid"))
    done = make_split(nicohort, manifest, status=2)
    assert "rows 2, 4" not in done.stderr
    assert "row 2: the patient of 1 is `B`, but `A` in the sample's record; row 4: the patient of 3 is `A`, but `B`" in done.stderr


def parts(workbook):
    with zipfile.ZipFile(workbook) as package:
        return {name: package.read(name) for name in package.namelist()}


@pytest.mark.parametrize("file", ["descriptor/archive_manifest.xlsx", "grouped/dataset_manifest.xlsx"])
def test_a_worksheet_of_ones_own_in_a_manifest_survives(nicohort, cohort, tmp_path, file):
    manifest = cohort / file
    plain = manifest.read_bytes()
    book = openpyxl.load_workbook(manifest)
    notes = book.create_sheet("Notes", 0)
    notes["A1"], notes["B2"] = "=1+1", "ask Wuhan"
    notes.column_dimensions["A"].width = 44
    book.save(manifest)
    [part] = [name for name, content in parts(manifest).items() if b"=1+1" in content or b"<f>1+1</f>" in content]
    kept = parts(manifest)[part]
    run(nicohort, cohort, "--again")
    assert parts(manifest)[part] == kept
    assert openpyxl.load_workbook(manifest).sheetnames[0] == "Notes"
    if file.startswith("descriptor"):  # alone, into the same workbook; and who reads the manifest finds it
        nicohort("gen_archive_manifest", "--root_dir", cohort / "archive", "--output_manifest_file", manifest, "--recipe", cohort / "recipe.yaml")
        assert parts(manifest)[part] == kept
        nicohort("confirm_pairs", "--root_dir", cohort / "archive", "--archive_manifest", manifest, "--output_dir", tmp_path / "grouped",
                 "--recipe", cohort / "recipe.yaml")
    else:
        nicohort("gen_dataset_manifest", "--root_dir", cohort / "grouped", "--output_manifest_file", manifest)
        assert parts(manifest)[part] == kept
    manifest.write_bytes(plain)
    run(nicohort, cohort, "--again")
    assert manifest.read_bytes() == plain


def test_backslashes_in_the_archive_manifest_are_named(nicohort, cohort, tmp_path):
    manifest = tmp_path / "m.xlsx"
    manifest.write_bytes((cohort / "descriptor/archive_manifest.xlsx").read_bytes())

    def change(sheet):
        for row in range(2, sheet.max_row + 1):
            sheet.cell(row, 1).value = sheet.cell(row, 1).value.replace("/", "\\")

    edit(manifest, "Manifest", change)
    done = nicohort("confirm_pairs", "--root_dir", cohort / "archive", "--archive_manifest", manifest, "--output_dir", tmp_path / "grouped",
                    "--recipe", cohort / "recipe.yaml", status=2)
    assert "m.xlsx, row 2: the path tongji\\" in done.stderr and "backslashes" in done.stderr and "--root_dir" not in done.stderr
    assert not (tmp_path / "grouped").exists()


ONE_ID = """\
volume: "{phase}/{pid}_volume.nii.gz"
mask: "{phase}/{pid}_mask.nii.gz"
"""


def test_two_samples_of_one_id_are_not_paired(nicohort, tmp_path):
    """The manifest was made with a recipe that tells them apart; another one is given to confirm_pairs."""
    small_archive.save(tmp_path, "pre/P001_volume.nii.gz")
    small_archive.save(tmp_path, "post/P001_mask.nii.gz", "m3d")
    (tmp_path / "apart.yaml").write_text(ONE_ID)
    (tmp_path / "one.yaml").write_text(ONE_ID + 'id: "{pid}"\n')
    manifest = tmp_path / "m.xlsx"
    nicohort("gen_archive_manifest", "--root_dir", tmp_path / "archive", "--output_manifest_file", manifest, "--recipe",
             tmp_path / "apart.yaml", status=1)
    done = nicohort("confirm_pairs", "--root_dir", tmp_path / "archive", "--archive_manifest", manifest, "--output_dir", tmp_path / "grouped",
                    "--recipe", tmp_path / "one.yaml", status=2)
    assert "the samples `post P001` and `pre P001` would both have the identifier `P001`" in done.stderr
    assert not (tmp_path / "grouped").exists()


def test_what_rows_of_one_sample_say_otherwise_is_told(nicohort, cohort, tmp_path):
    manifest = tmp_path / "m.xlsx"
    manifest.write_bytes((cohort / "descriptor/archive_manifest.xlsx").read_bytes())

    def change(sheet):
        age = place(sheet, "Age")
        sheet.cell(3, age).value = sheet.cell(2, age).value + 1

    edit(manifest, "Manifest", change)
    done = nicohort("confirm_pairs", "--root_dir", cohort / "archive", "--archive_manifest", manifest, "--output_dir", tmp_path / "grouped",
                    "--recipe", cohort / "recipe.yaml", status=1)
    [problem] = [line for line in done.stderr.splitlines() if line.startswith("problem: ")]
    assert problem.endswith(f": its rows in {manifest} have different values of `Age`; the first was used: give them the same value")


def test_a_worksheet_of_the_splits_name_that_is_no_split_is_not_replaced_without_a_word(nicohort, tmp_path):
    manifest = save(tmp_path / "m.xlsx", 6)
    book = openpyxl.load_workbook(manifest)
    book.create_sheet("s")["A1"] = "my notes"
    book.save(manifest)
    assert "warning: The worksheet s of " in make_split(nicohort, manifest, "--val_ratio", 0).stderr
    assert "warning" not in make_split(nicohort, manifest, "--val_ratio", 0).stderr


STRATA = {
    "ages of 40 patients": (40, {"Age": lambda i: 30 + i}, ["Age"], {}),
    "30 surgeons of two patients": (60, {"Surgeon": lambda i: f"S{i // 2:02}"}, ["Surgeon"], {}),
    "as many, on two sides": (60, {"Surgeon": lambda i: f"S{i // 2:02}"}, ["Surgeon"], {"val_ratio": 0}),
    "large, small and empty ones": (53, {"Stage": lambda i: ("I", "I", "II", "II", "III", None, f"rare{i % 3}" if i > 40 else "I")[i % 7]},
                                    ["Stage"], {"test_ratio": 0.35, "val_ratio": 0.3}),
    "one small one": (21, {"Stage": lambda i: "IV" if i == 7 else f"{i % 2}"}, ["Stage"], {}),
}


@pytest.mark.parametrize("seed", [0, 7])
@pytest.mark.parametrize("case", STRATA)
def test_strata_of_any_size_are_drawn_as_numpy_draws_them(nicohort, tmp_path, case, seed):
    patients, columns, by, ratios = STRATA[case]
    manifest = save(tmp_path / "m.xlsx", patients, columns)
    make_split(nicohort, manifest, "--stratify_by", *by, "--random_seed", seed, *(word for name, value in ratios.items() for word in (f"--{name}", value)))
    expected = reference.make_split(reference.read_table(manifest), "s", ["TJ"], seed=seed, stratify_by=by[0], **ratios)
    assert reference.read_table(manifest, "s") == expected
    drawn = list(sides(manifest).values())
    assert drawn.count("test") == int(patients * ratios.get("test_ratio", 0.4) + 1e-9)


def test_the_test_subset_of_a_split_by_age_is_not_the_youngest(nicohort, tmp_path):
    manifest = save(tmp_path / "m.xlsx", 40, {"Age": lambda i: 30 + i})
    tests = []
    for seed in range(4):
        said = make_split(nicohort, manifest, "--stratify_by", "Age", "--random_seed", seed).stdout
        assert "Strata with fewer patients than the 3 subsets were combined into one: 30, 31, 32, 33, 34, 35, 36, 37, 38, 39 and 30 more." in said
        tests.append({int(pid) for pid, side in sides(manifest).items() if side == "test"})
    assert all(12 < sum(ages) / 16 < 27 for ages in tests), "of 0 to 39, the youngest would make 7.5"
    assert all(one != other for one, other in itertools.combinations(tests, 2))


def test_what_new_patients_change_is_told_and_keep_sides_moves_nobody(nicohort, tmp_path):
    manifest = save(tmp_path / "m.xlsx", 16)
    assert "as it was" not in make_split(nicohort, manifest).stdout
    before = sides(manifest)
    old = openpyxl.load_workbook(manifest)["s"]
    kept = tmp_path / "kept.xlsx"
    for file in (manifest, kept):
        save(file, 20)
        book = openpyxl.load_workbook(file)
        sheet = book.create_sheet("s")
        for row in old.iter_rows(values_only=True):
            sheet.append(row)
        book.save(file)
    said = make_split(nicohort, manifest).stdout
    moved = sum(side != sides(manifest)[pid] for pid, side in before.items())
    assert moved > 0 and f"{16 - moved} stay in their subset, {moved} move (TJ_" in said and "0 are gone; 4 are new." in said
    said = make_split(nicohort, kept, "--keep_sides").stdout
    assert "16 stay in their subset, 0 move, 0 are gone; 4 are new." in said
    after = sides(kept)
    assert {pid: after[pid] for pid in before} == before
    assert [list(after.values()).count(side) for side in ("test", "val", "train")] == [8, 2, 10], "as the shares of 20 patients are"
    again = kept.read_bytes()
    make_split(nicohort, kept, "--keep_sides", "--random_seed", 5)
    assert kept.read_bytes() == again


def test_keep_sides_brings_the_shares_as_near_as_new_patients_can(nicohort, tmp_path):
    """Whatever sides the old ones have, no other draw of the new ones comes nearer."""
    generator = random.Random(1)
    manifest = tmp_path / "m.xlsx"
    for _ in range(5):
        old = {f"{i:04}": generator.choice(["train", "val", "test"]) for i in range(generator.randint(1, 12))}
        patients = len(old) + generator.randint(0, 8)
        save(manifest, patients)
        book = openpyxl.load_workbook(manifest)
        sheet = book.create_sheet("s")
        columns = [cell.value for cell in book["Manifest"][1]]
        sheet.append(["s", *columns])
        for row in book["Manifest"].iter_rows(min_row=2, values_only=True):
            if row[3] in old:
                sheet.append([old[row[3]], *row])
        book.save(manifest)
        make_split(nicohort, manifest, "--keep_sides", status=None)
        after = sides(manifest)
        assert {pid: after[pid] for pid in old} == old
        test = int(patients * 0.4 + 1e-9)
        has = list(old.values()).count("test")
        assert list(after.values()).count("test") == min(max(has, test), has + patients - len(old))


def test_a_subset_that_keep_sides_leaves_empty_is_blamed_on_it(nicohort, tmp_path):
    manifest = save(tmp_path / "m.xlsx", 16)
    make_split(nicohort, manifest, "--val_ratio", 0)
    said = make_split(nicohort, manifest, "--val_ratio", 0.6, "--keep_sides", status=1).stderr
    assert ("no patient is in val: with --keep_sides 16 of the 16 patients keep their subset, and too few are new; "
            "make the split once without --keep_sides") in said
    make_split(nicohort, manifest, "--val_ratio", 0.6)
    few = save(tmp_path / "few.xlsx", 2)
    said = make_split(nicohort, few, "--keep_sides", status=1).stderr
    assert "there are too few patients for this ratio" in said and "keep_sides" not in said
