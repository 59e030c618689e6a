"""SPEC 5: metadata of every format, derived columns, conditions on columns, `choose`, parts that a path leaves out."""

import json
import shutil

import openpyxl
import pytest
import yaml

from small_archive import save

HEART = """
volume: "{subset_dir}/patient{pid}/patient{pid}_frame{frame}.nii.gz"
mask: "{subset_dir}/patient{pid}/patient{pid}_frame{frame}_gt.nii.gz"
parts: {subset: {train: training, test: testing}, pid: "[0-9]{3}", frame: "[0-9]{2}"}
id: "patient{pid}_frame{frame}"
metadata:
  - file: "{subset_dir}/patient{pid}/Info.cfg"
    format: "key: value"
    columns: {group: Group, ED: ED, ES: ES}
columns:
  phase: {from: frame, values: {ED: "{ED}", ES: "{ES}"}, otherwise: UND}
labels: {0: Bg, 1: LV}
"""
BREAST = """
volume: {file: "Images/{pid}/{any}.nii.gz", choose: "{primary_image}"}
mask: "Masks/{pid}/Segmentation_{pid}.nii.gz"
parts: {pid: "Breast_[0-9]{3}|P[A-Z2-7]{10}"}
id: "{pid}"
metadata: {file: dataset.json, rows: {subset: [train, val, test]}, key: {sample: "{pid}"}}
labels: {0: Bg, 1: BR}
"""
BRAIN = """
volume: "sub-{pid}[/ses-{ses}]/sub-{pid}[_ses-{ses}]_T1w.nii.gz"
mask: "derivatives/sub-{pid}[/ses-{ses}]/sub-{pid}[_ses-{ses}]_dseg.nii.gz"
parts: {pid: "[A-Za-z0-9]+", ses: "[0-9]+"}
id: "sub-{pid}[_ses-{ses}]"
metadata: {file: participants.tsv, key: {participant_id: "sub-{pid}"}}
labels: {0: Bg, 1: lesion}
"""


def write(root, name, text):
    path = root / "archive" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def run(nicohort, root, recipe, *options, status=0):
    (root / "recipe.yaml").write_text(recipe, encoding="utf-8")
    return nicohort("run", "--root_dir", root, "--recipe", root / "recipe.yaml", *options, status=status)


def rows(root, *columns):
    """{ID: the cells of these columns} of the dataset manifest."""
    header, *lines = openpyxl.load_workbook(root / "grouped/dataset_manifest.xlsx")["Manifest"].values
    return {line[0]: [line[header.index(column)] for column in columns] for line in lines}


def problems(done):
    return [line.removeprefix("problem: ") for line in done.stderr.splitlines() if line.startswith("problem: ")]


@pytest.fixture
def heart(tmp_path):
    for subset, pid, group, ed, es in (("training", "001", "DCM", 1, 5), ("training", "002", "HCM", 2, 4), ("testing", "101", "NOR", 1, 3)):
        for frame in (ed, es):
            stem = f"{subset}/patient{pid}/patient{pid}_frame{frame:02}"
            save(tmp_path, f"{stem}.nii.gz")
            save(tmp_path, f"{stem}_gt.nii.gz", "m3d")
        write(tmp_path, f"{subset}/patient{pid}/Info.cfg", f"ED: {ed}\nES: {es}\nGroup: {group}\nHeight: 160.0\n")
    return tmp_path


def test_a_file_a_patient_and_a_derived_column(nicohort, heart):
    done = run(nicohort, heart, HEART)
    assert problems(done) == []
    assert rows(heart, "subset", "frame", "group", "ED", "phase") == {
        "patient001_frame01": ["train", "01", "DCM", 1, "ED"], "patient001_frame05": ["train", "05", "DCM", 1, "ES"],
        "patient002_frame02": ["train", "02", "HCM", 2, "ED"], "patient002_frame04": ["train", "04", "HCM", 2, "ES"],
        "patient101_frame01": ["test", "01", "NOR", 1, "ED"], "patient101_frame03": ["test", "03", "NOR", 1, "ES"]}
    info = yaml.safe_load((heart / "grouped/patient002_frame04/patient002_frame04_info.yaml").read_text())
    assert list(info.items()) == [("ID", "patient002_frame04"), ("subset", "train"), ("pid", "002"), ("frame", "04"), ("group", "HCM"),
                                  ("ED", 2), ("ES", 4), ("phase", "ES")]
    nicohort("verify", "--root_dir", heart / "grouped")
    assert "Nothing has changed" in run(nicohort, heart, HEART).stdout
    write(heart, "training/patient002/Info.cfg", "ED: 4\nES: 2\nGroup: HCM\n")
    run(nicohort, heart, HEART)
    assert rows(heart, "phase")["patient002_frame04"] == ["ED"]


def test_where_of_a_derived_column(nicohort, heart):
    done = run(nicohort, heart, HEART + "where: {phase: ED, group: [DCM, NOR]}\n")
    assert set(rows(heart)) == {"patient001_frame01", "patient101_frame01"}
    assert "4 samples left out by the recipe's `where`." in done.stdout
    assert problems(done) == []


@pytest.mark.parametrize("wanted, count", [('""', 2), ('["", DCM]', 4)])
def test_where_of_an_empty_cell(nicohort, heart, wanted, count):
    for pid in ("002", "101"):
        folder = "training" if pid < "100" else "testing"
        write(heart, f"{folder}/patient{pid}/Info.cfg", "ED: 2\nES: 4\n" if pid == "002" else "ED: 1\nES: 3\nGroup: NOR\n")
    run(nicohort, heart, HEART + f"where: {{group: {wanted}}}\nsplits: [{{name: s, where: {{group: \"\"}}, test_ratio: 0}}]\n", status=None)
    assert len(rows(heart)) == count and {cells[0] for cells in rows(heart, "group").values()} == {None, *(["DCM"] if count == 4 else [])}


def test_where_of_an_empty_cell_that_there_is_not(nicohort, heart):
    done = run(nicohort, heart, HEART + "splits: [{name: s, where: {group: \"\"}}]\n", status=2)
    assert "`where` group (empty): the manifest has no such group; it has DCM" in done.stderr


def test_ids_are_told_apart_after_where(nicohort, heart):
    recipe = HEART.replace('id: "patient{pid}_frame{frame}"', 'id: "patient{pid}"')
    done = run(nicohort, heart, recipe, status=2)
    assert "recipe.yaml, line 5: the samples `test 101 01` and `test 101 03` would both have the identifier `patient101`" in done.stderr
    run(nicohort, heart, recipe + "where: {phase: ES}\n")
    assert set(rows(heart)) == {"patient001", "patient002", "patient101"}


def test_no_mask_by_a_column(nicohort, heart):
    for frame in ("01", "03"):
        (heart / f"archive/testing/patient101/patient101_frame{frame}_gt.nii.gz").unlink()
    assert len(problems(run(nicohort, heart, HEART, status=1))) == 2
    run(nicohort, heart, HEART + "no_mask: {group: NOR}\n")


@pytest.mark.parametrize("more, said", [
    ("where: {phse: ED}\n", "there is no column `phse`; did you mean `phase`?"), ("where: {phase: early}\n", "none of the 6 samples"),
    ("splits: [{name: s, where: {groop: DCM}}]\n", "there is no column `groop`"),
])
def test_a_condition_that_cannot_be_meant(nicohort, heart, more, said):
    done = run(nicohort, heart, HEART + more, status=2)
    assert said in done.stderr and "recipe.yaml" in done.stderr
    assert not (heart / "grouped").exists() and not (heart / "descriptor").exists()


def test_a_column_that_only_the_file_could_have(nicohort, heart):
    recipe = HEART.replace("    columns: {group: Group, ED: ED, ES: ES}\n", "") + "where: {Weight: 60}\n"
    done = run(nicohort, heart, recipe, status=2)
    assert "line 12: `where`: there is no column `Weight`; did you mean `Height`?" in done.stderr
    assert not (heart / "grouped").exists()


def test_files_of_patients_that_are_missing_or_wrong(nicohort, heart):
    (heart / "archive/training/patient001/Info.cfg").unlink()
    write(heart, "training/patient002/Info.cfg", "ED: 2\nES: 4\n")
    write(heart, "testing/patient101/Info.cfg", "ED 1\n")
    told = problems(run(nicohort, heart, HEART, status=1))
    assert len(told) == 3
    assert any(line.startswith("001: training/patient001/Info.cfg: ") and "there is no such file" in line for line in told)
    assert any("002: training/patient002/Info.cfg: has no column `Group`" in line for line in told)
    assert any("101: testing/patient101/Info.cfg: line 1 is not `key: value`" in line for line in told)
    assert rows(heart, "group", "phase")["patient001_frame01"] == [None, "UND"]


@pytest.fixture
def breast(tmp_path):
    subsets = {"train": [], "val": [], "test": []}
    for subset, pid in (("train", "Breast_002"), ("train", "Breast_005"), ("test", "Breast_012")):
        for name in ("pre", "post_1"):
            save(tmp_path, f"Images/{pid}/{pid}_{name}.nii.gz")
        save(tmp_path, f"Masks/{pid}/Segmentation_{pid}.nii.gz", "m3d")
        subsets[subset].append({"sample": pid, "primary_image": f"Images/{pid}/{pid}_post_1.nii.gz", "more": {"a": 1}})
    write(tmp_path, "dataset.json", json.dumps(subsets))
    return tmp_path


def test_choose(nicohort, breast):
    done = run(nicohort, breast, BREAST)
    assert problems(done) == []
    assert "3 volumes left out by the recipe's `choose`." in done.stdout and "dataset.json: lists and maps were left out: `more`" in done.stdout
    assert rows(breast, "subset") == {"Breast_002": ["train"], "Breast_005": ["train"], "Breast_012": ["test"]}
    header, *lines = openpyxl.load_workbook(breast / "descriptor/archive_manifest.xlsx").active.values
    assert {line[0] for line in lines if line[header.index("type")] == "v3d"} == {
        f"Images/{pid}/{pid}_post_1.nii.gz" for pid in ("Breast_002", "Breast_005", "Breast_012")}
    nicohort("verify", "--root_dir", breast / "grouped")


def test_choose_names_no_volume(nicohort, breast):
    table = json.loads((breast / "archive/dataset.json").read_text())
    table["train"][0]["primary_image"] = "Images/Breast_005/Breast_005_pre.nii.gz"  # another patient's
    del table["test"][0]["primary_image"]
    write(breast, "dataset.json", json.dumps(table))
    told = problems(run(nicohort, breast, BREAST, status=1))
    assert len(told) == 2, "a mask without a volume is the same cause"
    assert told[0].startswith("Breast_002: has 2 volumes, but none is `Images/Breast_005/Breast_005_pre.nii.gz`")
    assert told[1].startswith("Breast_012: has 2 volumes, but no value for `choose: \"{primary_image}\"`, which says which of them to use")
    assert set(rows(breast)) == {"Breast_005"}


def test_a_header_that_was_cut_at_other_separators_is_shown(nicohort, tmp_path):
    save(tmp_path, "P1_ct.nii.gz")
    write(tmp_path, "a.csv", "Patient;PSA, ng/ml;Height, cm;Age, years, rounded\nP1;1;2;3\n")
    done = run(nicohort, tmp_path, 'volume: "{pid}_ct.nii.gz"\nmetadata: {file: a.csv, key: {Patient: "{pid}"}}\n', status=2)
    assert "a.csv has no key column `Patient` in row 1 (it has `Patient;PSA`, ` ng/ml;Height`, ` cm;Age`, ` years`, ` rounded`)" in done.stderr


@pytest.mark.parametrize("table, said", [
    (None, "dataset.json is not in the archive"), ({"train": [], "val": []}, "dataset.json has no `test`, which `rows` of the recipe names"),
    ({"train": [{"pid": "x"}], "val": [], "test": []}, "dataset.json has no key column `sample`"),
    ({"train": [], "val": [], "test": []}, "dataset.json is empty, and so has no key column `sample`"),
])
def test_the_one_table_is_not_as_the_recipe_says(nicohort, breast, table, said):
    if table is None:
        (breast / "archive/dataset.json").unlink()
    else:
        write(breast, "dataset.json", json.dumps(table))
    assert said in run(nicohort, breast, BREAST, status=2).stderr
    assert not (breast / "grouped").exists()


def test_a_damaged_table_loses_no_image(nicohort, breast):
    write(breast, "dataset.json", "{")
    recipe = BREAST.replace('{file: "Images/{pid}/{any}.nii.gz", choose: "{primary_image}"}', '"Images/{pid}/{pid}_pre.nii.gz"')
    done = run(nicohort, breast, recipe + 'ignore: ["*post*"]\n', status=1)
    assert ["dataset.json: is not JSON from byte " in line for line in problems(done)] == [True]
    assert len(rows(breast)) == 3


@pytest.fixture
def brain(tmp_path):
    for pid, ses in (("01", "1"), ("01", "2"), ("02", "")):
        for folder, ending, kind in (("", "T1w", "v3d"), ("derivatives/", "dseg", "m3d")):
            stem = f"{folder}sub-{pid}/ses-{ses}/sub-{pid}_ses-{ses}" if ses else f"{folder}sub-{pid}/sub-{pid}"
            save(tmp_path, f"{stem}_{ending}.nii.gz", kind)
    write(tmp_path, "participants.tsv", "participant_id\tage\tsex\nsub-01\t34\tM\nsub-02\tn/a\tF\n")
    return tmp_path


def test_a_part_that_a_path_leaves_out(nicohort, brain):
    assert problems(run(nicohort, brain, BRAIN)) == []
    assert rows(brain, "pid", "ses", "age", "sex") == {
        "sub-01_ses-1": ["01", "1", 34, "M"], "sub-01_ses-2": ["01", "2", 34, "M"], "sub-02": ["02", None, None, "F"]}
    assert yaml.safe_load((brain / "grouped/sub-02/sub-02_info.yaml").read_text())["ses"] is None
    nicohort("verify", "--root_dir", brain / "grouped")
    before = (brain / "grouped/dataset_manifest.xlsx").read_bytes()
    nicohort("gen_dataset_manifest", "--root_dir", brain / "grouped", "--output_manifest_file", brain / "grouped/dataset_manifest.xlsx")
    assert (brain / "grouped/dataset_manifest.xlsx").read_bytes() == before


def test_complete_and_a_part_that_is_left_out(nicohort, brain):
    recipe = BRAIN.replace('ses: "[0-9]+"', 'ses: {1: "1", 2: "2"}') + "complete: [ses]\n"
    assert [line.split(":")[0] for line in problems(run(nicohort, brain, recipe, status=1))] == ["02", "02"]
    assert len(rows(brain)) == 3
    shutil.rmtree(brain / "grouped")
    done = run(nicohort, brain, recipe + "where: {ses: 1}\n")
    assert problems(done) == [], "what is not wanted is there all the same"
    assert set(rows(brain)) == {"sub-01_ses-1"}


def run_with_pseudonyms(nicohort, root, recipe):
    """All that it says and writes, as text."""
    (root / "key").write_text("correct horse battery staple\n")
    done = run(nicohort, root, recipe, "--pseudonymize", root / "key", status=None)
    assert done.returncode in (0, 1), done.stderr
    texts = [path.read_text() for folder in ("grouped", "descriptor", ".") for path in (root / folder).rglob("*")
             if path.suffix in (".yaml", ".csv", ".json") and "archive" not in path.parts]
    return done.stdout + done.stderr + "".join(texts)


def test_pseudonyms_in_keys_with_more_around_them(nicohort, brain):
    write(brain, "participants.tsv", "participant_id\tage\tsex\nsub-01\t34\tM\nsub-02\tn/a\tF\nsub-03\t1\tF\n")
    written = run_with_pseudonyms(nicohort, brain, BRAIN)
    assert "has no images" in written
    assert [word for word in ("sub-01", "sub-02", "sub-03") if word in written] == []
    assert sorted(rows(brain, "age").values(), key=str) == [[34], [34], [None]]


def test_pseudonyms_in_paths_that_a_column_names(nicohort, breast):
    written = run_with_pseudonyms(nicohort, breast, BREAST)
    assert [word for word in ("Breast_002", "Breast_005", "Breast_012") if word in written] == []
    chosen = rows(breast, "primary_image")
    assert len(chosen) == 3
    assert all(path == f"Images/{pid}/{pid}_post_1.nii.gz" for pid, [path] in chosen.items())


def test_a_mask_that_should_not_be_there(nicohort, heart):
    recipe = HEART + "no_mask: {group: NOR}\n"
    done = run(nicohort, heart, recipe, status=1)
    path = "testing/patient101/patient101_frame0{}_gt.nii.gz"
    assert problems(done) == [
        f"patient101_frame0{frame}: should have no mask, as `no_mask` of the recipe says, but has {path.format(frame)}, which was used: "
        "remove it, or correct `no_mask` or the metadata" for frame in (1, 3)]
    assert (heart / "grouped/patient101_frame01/patient101_frame01_mask.nii.gz").exists()


def test_a_sample_in_two_lists(nicohort, tmp_path):
    for pid in ("p1", "p2"):
        save(tmp_path, f"{pid}_ct.nii.gz")
        save(tmp_path, f"{pid}_m.nii.gz", "m3d")
    write(tmp_path, "folds.json", json.dumps({"train": ["p1", "p2", "p2"], "val": ["p1"]}))
    recipe = """
volume: "{pid}_ct.nii.gz"
mask: "{pid}_m.nii.gz"
metadata: {file: folds.json, rows: {fold0: [train, val]}, key: {id: "{pid}"}}
labels: {0: Bg, 1: tumour}
"""
    done = run(nicohort, tmp_path, recipe, status=1)
    assert problems(done) == [
        "folds.json: id p2 occurs more than once; the first row was used: remove the others",
        "folds.json: id p1 is in two of the lists of `rows`, train and val; the row in train was used: remove it from one of them"]
    assert rows(tmp_path, "fold0") == {"p1": ["train"], "p2": ["train"]}


def test_metadata_that_are_links_out_of_the_archive(nicohort, heart):
    (heart / "archive").rename(heart / "elsewhere")
    (heart / "linked").mkdir()
    for name in ("training", "testing"):
        (heart / "linked" / name).symlink_to(heart / "elsewhere" / name)
    config = heart / "elsewhere/training/patient001/Info.cfg"
    config.rename(heart / "Info.cfg")
    config.symlink_to(heart / "Info.cfg")
    done = run(nicohort, heart, HEART, "--archive", heart / "linked")
    assert problems(done) == []
    assert rows(heart, "group")["patient001_frame01"] == ["DCM"]
    done = run(nicohort, heart, HEART.replace("{subset_dir}/patient{pid}/Info.cfg", "../elsewhere/{subset_dir}/patient{pid}/Info.cfg"),
               "--archive", heart / "linked", "--again", status=None)
    assert done.returncode != 0, "a recipe names nothing outside of the archive"


TABLE = """
volume: "{pid}_ct.nii.gz"
mask: "{pid}_m.nii.gz"
parts: {pid: "[0-9]{3}"}
metadata: {file: Patients.csv, key: {Case: "KEY"}}
labels: {0: Bg, 1: tumour}
"""


@pytest.fixture
def table(tmp_path):
    for pid in ("001", "002", "003"):
        save(tmp_path, f"{pid}_ct.nii.gz")
        save(tmp_path, f"{pid}_m.nii.gz", "m3d")
    write(tmp_path, "Patients.csv", "Case,age\nL-001,61\nL-002,62\nL-003,63\n")
    return tmp_path


def test_a_key_that_matches_nothing_is_one_problem(nicohort, table):
    done = run(nicohort, table, TABLE.replace("KEY", "{pid}"), status=1)
    assert problems(done) == ["Patients.csv: none of its 3 rows matches an image: it has Case L-001 in row 2, and the images 001; correct the "
                              "`key` of the recipe's table"]


def test_a_key_that_differs_by_zeros_is_one_problem_and_matches_as_a_number(nicohort, table):
    write(table, "Patients.csv", "Case,age\n1,61\n2,62\n3,63\n")
    done = run(nicohort, table, TABLE.replace("KEY", "{pid}"), status=1)
    assert len(problems(done)) == 1 and "or write `match: number` in the recipe's table" in done.stderr
    assert problems(run(nicohort, table, TABLE.replace('{Case: "KEY"}', '{Case: "{pid}"}, match: number'))) == []


def test_a_number_that_two_patients_have_is_told(nicohort, table):
    for kind in ("ct", "m"):
        save(table, f"01_{kind}.nii.gz", "v3d" if kind == "ct" else "m3d")
    write(table, "Patients.csv", "Case,age\n1,61\n2,62\n3,63\n")
    recipe = TABLE.replace('{Case: "KEY"}', '{Case: "{pid}"}, match: number').replace("{3}", "{2,3}")
    done = run(nicohort, table, recipe, status=1)
    assert problems(done) == ["Patients.csv: row 2: matches Case 001 and Case 01, which are the same number, and all got its values: give the "
                              "images the same identifier if they are of one patient, otherwise write the identifiers in the table as the "
                              "images have them and remove `match: number` from the recipe's table"]
    wanted = run(nicohort, table, recipe + 'where: {pid: ["001", "002", "003"]}\n', status=None)
    assert "same number" not in wanted.stderr


def test_one_key_that_differs_by_zeros_has_the_same_remedy(nicohort, table):
    write(table, "Patients.csv", "Case,age\n1,61\n002,62\n003,63\n")
    done = run(nicohort, table, TABLE.replace("KEY", "{pid}"), status=1)
    assert len(problems(done)) == 1
    assert "row 2: Case 1 differs from 001, which has images, only by leading zeros" in done.stderr and "or write `match: number`" in done.stderr


def test_a_table_that_is_called_something_else(nicohort, table):
    done = run(nicohort, table, TABLE.replace("KEY", "L-{pid}").replace("Patients.csv", "patient.csv"), status=2)
    assert "patient.csv is not in the archive (did you mean `Patients.csv`?)" in done.stderr


@pytest.mark.parametrize("patients, remedy", [
    (["A/001", "B/001"], 'or, if they are of different patients, tell them apart by another column, such as `key: {Centre: "{site}", Patient: "{pid}"}`'),
    (["A/001", "A/002"], "")])
def test_a_number_of_two_centres_needs_another_column_in_the_key(nicohort, tmp_path, patients, remedy):
    for patient in patients:
        save(tmp_path, f"{patient}_ct.nii.gz")
    write(tmp_path, "table.csv", "Patient,Age\n001,50\n002,60\n001,70\n")
    done = run(nicohort, tmp_path, """
volume: "{site}/{pid}_ct.nii.gz"
metadata: {file: table.csv, key: {Patient: "{pid}"}}
""", status=1)
    said, = (line for line in problems(done) if "occurs more than once" in line)
    assert said.endswith("the first row was used: remove the others" + (", " + remedy if remedy else ""))
