"""SPEC 2 and 4: names of files and patients as they come: blanks, quotes, Chinese, bytes that are no text, links."""

import csv
import os
import shutil
import unicodedata

import openpyxl
import pytest

import small_archive
from small_archive import column, image_path, save_image

ROOTS = ["with blanks ", 'quotes \' and "', "食管癌", "🫁 lungs", "$(touch x); *", "-dash"]
PIDS = ["0012", "王 小明", "a b  c", "it's", '"quoted"', "é", "🫁", "=1+1", "#NAME?", "true", "a: b", "%41", "-1"]


def first_two(nicohort, root, status=(0, 0)):
    manifest = root / "descriptor/archive_manifest.xlsx"
    return (nicohort("01_gen_archive_manifest", "--root_dir", root / "archive", "--output_manifest_file", manifest, status=status[0]),
            nicohort("02_confirm_pairs", "--root_dir", root / "archive", "--output_dir", root / "grouped",
                     "--archive_manifest", manifest, status=status[1]))


def problems(file):
    with open(file, encoding="utf-8", newline="") as lines:
        return {row["subject"]: row["problem"] for row in csv.DictReader(lines)}


def archive_problems(root):
    return problems(root / "descriptor/archive_manifest.xlsx.problems.csv")


def written(root):
    return sorted(path.name for path in (root / "grouped").glob("[!.]*/*/*"))


def ids(pids):
    return sorted(f"TJ_{pid}_{phase}" for pid in pids for phase in ("pre", "post"))


@pytest.mark.parametrize("name", ROOTS)
def test_roots(nicohort, tmp_path, name):
    root = small_archive.make(tmp_path / name, ["0012"])
    first_two(nicohort, root)
    shutil.rmtree(root / "grouped")
    nicohort("run", f"--root_dir={root}", status=1)  # the splits have too few patients
    assert written(root)[:2] == ids(["0012"])


def test_root_that_is_not_utf8(nicohort, tmp_path):
    root = os.fsencode(tmp_path) + b"/\xe9"
    os.mkdir(root)
    small_archive.make(os.fsdecode(root), ["0012"])
    done = nicohort("01_gen_archive_manifest", "--root_dir", "archive", "--output_manifest_file", "m.xlsx", cwd=root)
    assert "4 image files found; 4 images of 1 patient " in done.stdout


def test_pids(nicohort, tmp_path):
    small_archive.make(tmp_path, PIDS)
    first_two(nicohort, tmp_path)
    assert sorted(set(column(tmp_path / "descriptor/archive_manifest.xlsx", "pid"))) == sorted(PIDS)
    assert set(column(tmp_path / "descriptor/archive_manifest.xlsx", "Age")) == {61}
    assert written(tmp_path) == ids(PIDS)
    for pid in PIDS:
        assert (tmp_path / f"grouped/TJ/pre/TJ_{pid}_pre/TJ_{pid}_pre_mask.nii.gz").is_file()
    shutil.rmtree(tmp_path / "grouped")
    nicohort("run", "--root_dir", tmp_path, status=1)
    assert set(column(tmp_path / "grouped/dataset_manifest.xlsx", "pid")) == set(PIDS)


@pytest.mark.parametrize("command", ["routines", "run"])
@pytest.mark.parametrize("bad", [b"TJ_\xe9.nii.gz", b"TJ_\xff\xfe.nii", b"\xc0\x80.nii.gz", b"TJ_\xed\xa0\x80.NII.GZ"])
def test_a_name_that_is_not_utf8_is_a_problem_of_its_own(nicohort, tmp_path, command, bad):
    small_archive.make(tmp_path, ["1"])
    shutil.copy(image_path(tmp_path, "1"), os.path.join(os.fsencode(image_path(tmp_path, "1").parent), bad))
    if command == "routines":
        done, _ = first_two(nicohort, tmp_path, (1, 0))
        said = archive_problems(tmp_path)
    else:
        done = nicohort("run", "--root_dir", tmp_path, status=1)
        said = problems(tmp_path / "run.problems.csv")
    [subject] = [subject for subject, what in said.items() if "not UTF-8" in what]
    assert "\\x" in subject and subject in done.stderr
    assert [path for path in written(tmp_path) if path.startswith("TJ_")] == ids(["1"])


def test_a_folder_that_is_not_utf8(nicohort, tmp_path):
    small_archive.make(tmp_path, ["1"])
    folder = os.fsencode(tmp_path) + b"/archive/caf\xe9"
    os.mkdir(folder)
    shutil.copy(image_path(tmp_path, "1"), folder + b"/TJ_9.nii.gz")
    first_two(nicohort, tmp_path, (1, 0))
    assert "not UTF-8" in archive_problems(tmp_path)["caf\\xe9/TJ_9.nii.gz"]


@pytest.mark.parametrize("command", ["routines", "run"])
def test_names_as_long_as_a_file_system_takes(nicohort, tmp_path, command):
    """The archive's name has 255 bytes; the dataset would need longer ones. A file that is replaced gets 9 bytes more."""
    long = "x" * (255 - len("TJ_.nii.gz"))
    fits = "y" * (246 - len("TJ__post_mask_01_EsoROI.nii.gz"))
    small_archive.make(tmp_path, ["1", long, fits])
    if command == "routines":
        _, done = first_two(nicohort, tmp_path, (0, 1))
        assert set(problems(tmp_path / "grouped/confirm_pairs.problems.csv")) == set(ids([long]))
    else:
        done = nicohort("run", "--root_dir", tmp_path, status=1)
    assert done.stderr.count("bytes, but only 246 are possible; shorten") == 2
    assert [path for path in written(tmp_path) if "TJ_" in path] == ids(["1", fits])
    assert list(tmp_path.rglob(".nicohort-*")) == []


def test_capital_endings(nicohort, tmp_path):
    small_archive.make(tmp_path, ["1"])
    path = image_path(tmp_path, "1")
    path.rename(path.with_name("TJ_1.NII.GZ"))
    first_two(nicohort, tmp_path)
    assert "tongji/pre-therapy/images/TJ_1.NII.GZ" in column(tmp_path / "descriptor/archive_manifest.xlsx", "file_path")
    assert written(tmp_path) == ids(["1"])


@pytest.mark.parametrize("name", ["._TJ_1.nii.gz", ".TJ_1.nii.gz", ".nii.gz", ".git/annex/TJ_1.nii.gz", ".DS_Store"])
def test_hidden_files_and_folders_are_only_counted(nicohort, tmp_path, name):
    """macOS leaves `._` files beside every file on foreign disks, git-annex all images in a hidden folder."""
    small_archive.make(tmp_path, ["1"])
    path = image_path(tmp_path, "1").parent / name
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(image_path(tmp_path, "1"), path)
    done, _ = first_two(nicohort, tmp_path)
    assert "Hidden files and folders that were not read: 1." in done.stdout
    assert written(tmp_path) == ids(["1"])


@pytest.mark.parametrize("name", ["TJ_.nii.gz", "TJ_1.nii.gz.nii.gz ", "TJ_1 .nii.gz.part"])
def test_other_files(nicohort, tmp_path, name):
    """What could be an image is named."""
    small_archive.make(tmp_path, ["1"])
    (image_path(tmp_path, "1").parent / name).write_bytes(b"no image")
    first_two(nicohort, tmp_path, (1, 0))
    assert archive_problems(tmp_path).keys() == {f"tongji/pre-therapy/images/{name}"}
    assert written(tmp_path) == ids(["1"])


def test_newlines_and_escapes_in_names(nicohort, tmp_path):
    small_archive.make(tmp_path, ["1"])
    name = "TJ\n\x1b[31m_1.nii.gz"
    shutil.copy(image_path(tmp_path, "1"), image_path(tmp_path, "1").parent / name)
    done, _ = first_two(nicohort, tmp_path, (1, 0))
    assert "\x1b" not in done.stderr
    assert sum("TJ?" in line for line in done.stderr.splitlines()) == 1
    assert f"tongji/pre-therapy/images/{name}" in archive_problems(tmp_path)


def test_empty_folders_and_a_folder_with_the_name_of_an_image(nicohort, tmp_path):
    small_archive.make(tmp_path, ["1"])
    (tmp_path / "archive/xiangyang/pre-therapy/images").mkdir(parents=True)
    (tmp_path / "archive/empty").mkdir()
    image_path(tmp_path, "2").mkdir()
    first_two(nicohort, tmp_path, (1, 0))
    assert "not a regular file" in archive_problems(tmp_path)["tongji/pre-therapy/images/TJ_2.nii.gz"]
    assert written(tmp_path) == ids(["1"])


@pytest.mark.parametrize("command", ["routines", "run"])
def test_loops_of_symbolic_links_end(nicohort, tmp_path, command):
    small_archive.make(tmp_path, ["1"])
    archive = tmp_path / "archive"
    (archive / "up").symlink_to("..")
    (archive / "tongji/again").symlink_to(archive)
    (archive / "itself").symlink_to("itself")
    (archive / "a.nii.gz").symlink_to("b.nii.gz")
    (archive / "b.nii.gz").symlink_to("a.nii.gz")
    image_path(tmp_path, "2").symlink_to(image_path(tmp_path, "2"))
    if command == "routines":
        first_two(nicohort, tmp_path, (1, 0))
        said = archive_problems(tmp_path)
        assert "not followed" in said["up"] and "not followed" in said["tongji/again"]
    else:
        nicohort("run", "--root_dir", tmp_path, status=1)
        said = problems(tmp_path / "run.problems.csv")
    assert "symbolic links" in said["tongji/pre-therapy/images/TJ_2.nii.gz"]
    assert [path for path in written(tmp_path) if "TJ_" in path] == ids(["1"])


def outside(tmp_path, kind):
    """A good image that is none of the archive's."""
    path = tmp_path / f"outside-{kind}.nii.gz"
    save_image(path, kind)
    return path


@pytest.mark.parametrize("command", ["routines", "run"])
@pytest.mark.parametrize("kind", ["v3d", "m3d"])
def test_links_out_of_the_archive_are_problems(nicohort, tmp_path, command, kind):
    small_archive.make(tmp_path, ["1", "2"])
    link = image_path(tmp_path, "2", kind)
    link.unlink()
    link.symlink_to(outside(tmp_path, kind))
    if command == "routines":
        done, _ = first_two(nicohort, tmp_path, (1, int(kind == "v3d")))
    else:
        done = nicohort("run", "--root_dir", tmp_path, status=1)
    assert f"{link.relative_to(tmp_path / 'archive')}: leads out of the archive" in done.stderr
    assert (tmp_path / "grouped/TJ/pre/TJ_2_pre").exists() == (kind == "m3d")
    assert not (tmp_path / "grouped/TJ/pre/TJ_2_pre/TJ_2_pre_mask.nii.gz").exists()


@pytest.mark.parametrize("how", ["file", "folder", "dots", "absolute"])
@pytest.mark.parametrize("kind", ["v3d", "m3d"])
def test_a_manifest_cannot_point_out_of_the_archive(nicohort, tmp_path, how, kind):
    """Routine 02 by itself: the manifest may come from elsewhere."""
    root = small_archive.make(tmp_path, ["1", "2"])
    first_two(nicohort, root)
    shutil.rmtree(root / "grouped")
    target = outside(tmp_path, kind)
    os.utime(target, ns=(0, target.stat().st_mtime_ns))
    (root / "archive/elsewhere").symlink_to(tmp_path)
    (root / "archive/link.nii.gz").symlink_to(target)
    path = {"file": "link.nii.gz", "folder": f"elsewhere/{target.name}", "dots": f"tongji/../../{target.name}",
            "absolute": str(target)}[how]
    manifest = root / "descriptor/archive_manifest.xlsx"
    book = openpyxl.load_workbook(manifest)
    [cell] = [row[0] for row in book.active.iter_rows()
              if [cell.value for cell in row[1:5]] == ["TJ", "pre", "2", kind]]
    cell.value = path
    book.save(manifest)
    done = nicohort("02_confirm_pairs", "--root_dir", root / "archive", "--output_dir", root / "grouped",
                    "--archive_manifest", manifest, status=1)
    assert f"problem: {path}: " in done.stderr
    assert target.stat().st_atime_ns == 0  # never opened and read
    assert not (root / "grouped/TJ/pre/TJ_2_pre/TJ_2_pre_mask.nii.gz").exists()
    assert set(written(root)) >= set(ids(["1"]) + ["TJ_2_post"])


def test_links_that_stay_in_the_archive_are_fine(nicohort, tmp_path):
    root = small_archive.make(tmp_path / "real", ["1"])
    path = image_path(root, "1")
    path.rename(root / "archive/store")
    path.symlink_to("../../../store")
    (tmp_path / "linked").symlink_to(root)
    first_two(nicohort, tmp_path / "linked")
    assert written(root) == ids(["1"])


def test_metadata_that_lie_outside_are_not_taken(nicohort, tmp_path):
    small_archive.make(tmp_path, ["1"])
    workbook = tmp_path / "archive/data_meta_tongji.xlsx"
    workbook.rename(tmp_path / "secret.xlsx")
    workbook.symlink_to(tmp_path / "secret.xlsx")
    first_two(nicohort, tmp_path, (1, 0))
    assert "leads out of the archive" in archive_problems(tmp_path)["data_meta_tongji.xlsx"]


SPELLINGS = """volume: "{site}/{pid}_{phase}_ct.nii.gz"
mask: "{site}/{pid}_{phase}_seg.nii.gz"
parts: {pid: "[^/_]+"}
"""


def spell(nicohort, root, pids, recipe=SPELLINGS, options=()):
    """What is warned of identifiers of patients, a site and an identifier each."""
    for pid in pids:
        small_archive.save(root, f"{pid}_t0_ct.nii.gz")
        small_archive.save(root, f"{pid}_t0_seg.nii.gz", "m3d")
    (root / "recipe.yaml").write_text(recipe, encoding="utf-8")
    done = nicohort("gen_archive_manifest", "--root_dir", root / "archive", "--output_manifest_file", root / "m.xlsx",
                    "--recipe", root / "recipe.yaml", *options)
    return [line for line in done.stderr.splitlines() if "count as two patients" in line]


@pytest.mark.parametrize("one, other, difference", [
    ("P001", "p001", "upper and lower case"), ("P001", "P-001", "dashes"), ("P001", "P 001", "spaces"),
    ("Köln1", unicodedata.normalize("NFD", "Köln1"), "Unicode form"), ("P001", "Ｐ００１", "full-width characters"),
    ("01-02", "01 02", "spaces and dashes")])
def test_an_identifier_that_is_spelled_in_two_ways_is_warned_of(nicohort, tmp_path, one, other, difference):
    said = spell(nicohort, tmp_path, [f"A/{one}", f"A/{other}", "A/Q7"])
    assert len(said) == 1 and f"differ only by {difference};" in said[0]
    assert all(f"A_{name} " in said[0] for name in (one, other))


def test_many_are_one_warning_and_runs_have_it_too(nicohort, tmp_path):
    said = spell(nicohort, tmp_path, [f"A/{letter}{number}" for letter in "pP" for number in range(5)])
    assert len(said) == 1 and "A_P0 and A_p0 count as two patients" in said[0] and "(and 4 more pairs like these)" in said[0]
    done = nicohort("run", "--root_dir", tmp_path, "--recipe", tmp_path / "recipe.yaml")
    assert said[0] in done.stderr
    (tmp_path / "key").write_text("a key of at least 16 bytes")
    hidden = spell(nicohort, tmp_path, [], options=("--pseudonymize", tmp_path / "key"))
    assert len(hidden) == 1 and "p0" not in hidden[0] and "(and 4 more pairs like these)" in hidden[0]


@pytest.mark.parametrize("pids, recipe", [
    (["A/P1", "A/P01", "A/P10"], ""), (["A/1-12", "A/11-2", "A/112"], ""), (["A/Muller", "A/Müller"], ""),
    (["A/P1", "B/p1"], ""), (["A/P1", "A/p1"], "id: '{site}-{pid}-{phase}'\npatient: '{site}'\n")])
def test_other_identifiers_are_other_patients(nicohort, tmp_path, pids, recipe):
    assert spell(nicohort, tmp_path, pids, SPELLINGS + recipe) == []


def test_identifiers_of_several_sites_are_compared_where_the_patient_has_no_site(nicohort, tmp_path):
    said = spell(nicohort, tmp_path, ["A/P1", "B/p1"], SPELLINGS + "patient: '{pid}'\n")
    assert len(said) == 1 and "P1 and p1 count as two patients" in said[0]


# A table that says who the patient is

def told_of_tables(nicohort, root, rows, column="patient", recipe=""):
    """What is warned of a table with the columns case and column. rows: site, case, what the column has."""
    for site, case, _ in rows:
        small_archive.save(root, f"{site}/{case}_ct.nii.gz")
        small_archive.save(root, f"{site}/{case}_seg.nii.gz", "m3d")
    (root / "archive/cases.csv").write_text("".join(",".join(row) + "\n" for row in [("site", "case", column), *rows]))
    (root / "recipe.yaml").write_text('volume: "{site}/{pid}_ct.nii.gz"\nmask: "{site}/{pid}_seg.nii.gz"\nlabels: {0: Bg, 1: tumour}\n'
                                      'metadata: {file: cases.csv, key: {site: "{site}", case: "{pid}"}}\n' + recipe)
    done = nicohort("run", "--root_dir", root, "--recipe", root / "recipe.yaml", "--dry_run", status=None)
    return [line for line in done.stderr.splitlines() if "for several patients of the recipe" in line]


@pytest.mark.parametrize("column", ["patient", "Subject ID", "participant_id", "PatientNumber", "patient-no"])
def test_a_table_that_calls_several_cases_one_patient_is_warned_of(nicohort, tmp_path, column):
    told = told_of_tables(nicohort, tmp_path, [("A", "c1", "P7"), ("A", "c2", "P7"), ("A", "c3", "P8"), ("B", "c4", "P9"),
                                               ("B", "c5", "P9"), ("B", "c6", "")], column)
    assert len(told) == 1 and f"The column `{column}` has" in told[0] and "P7 for A_c1, A_c2 (and 1 more value like this)." in told[0]


@pytest.mark.parametrize("rows, column, recipe", [
    ([("A", "c1", "P7"), ("A", "c2", "P8")], "patient", ""),                    # each case is another
    ([("A", "c1", "1"), ("B", "c2", "1")], "patient", ""),                      # as each site counts its own
    ([("A", "c1", "P7"), ("A", "c2", "P7")], "scanner", ""),                    # something else
    ([("A", "c1", "P7"), ("A", "c2", "P7")], "patient", 'patient: "{site}"\n'),  # as the recipe has it
    ([("A", f"c{i}", "control") for i in range(12)], "subject", "")])           # not who it is
def test_other_tables_are_not_warned_of(nicohort, tmp_path, rows, column, recipe):
    assert told_of_tables(nicohort, tmp_path, rows, column, recipe) == []


@pytest.mark.parametrize("folder, said", [
    (unicodedata.normalize("NFD", "Köln"), "in it differs only by Unicode form from `Köln` in the recipe"),
    ("köln", "`köln` in it differs only by upper and lower case from `Köln` in the recipe"),
    ("Köln2", None)])
def test_a_folder_that_is_almost_that_of_a_short_form_is_told(nicohort, tmp_path, folder, said):
    recipe = SPELLINGS.replace("{site}/", "{site_dir}/Bilder/").replace("parts: {", "parts: {site: {K: Köln, B: Bonn}, ")
    small_archive.save(tmp_path, "Bonn/Bilder/P1_t0_ct.nii.gz")
    small_archive.save(tmp_path, f"{folder}/Bilder/P2_t0_ct.nii.gz")
    small_archive.save(tmp_path, "Bonn/bilder/P3_t0_ct.nii.gz")
    (tmp_path / "recipe.yaml").write_text(recipe, encoding="utf-8")
    done = nicohort("gen_archive_manifest", "--root_dir", tmp_path / "archive", "--output_manifest_file", tmp_path / "m.xlsx",
                    "--recipe", tmp_path / "recipe.yaml", status=1)
    of_folder, = (line for line in done.stderr.splitlines() if "P2_t0_ct.nii.gz: does not match" in line)
    assert said in of_folder if said else "differs" not in of_folder
    assert "`/bilder/` in it differs only by upper and lower case from `/Bilder/` in the recipe" in done.stderr
