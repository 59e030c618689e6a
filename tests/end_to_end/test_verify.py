"""`nicohort verify`, checksums, records and scans that come twice."""

import gzip
import hashlib
import json
import pathlib
import shutil
import subprocess

import nibabel
import numpy as np
import openpyxl
import pandas
import pytest

from test_run import run_commands


@pytest.fixture(scope="module")
def made(nicohort, tmp_path_factory):
    """A dataset as the commands leave it."""
    root = tmp_path_factory.mktemp("made")
    nicohort("demo", root, "--patients", 12, "--size", 64, 64, 16)
    run_commands(nicohort, root, {})
    return root


@pytest.fixture
def root(made, tmp_path):
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
def verify(nicohort, root):
    """verify(status) gives the problems, as (subject, problem)."""

    def run(status=1):
        done = nicohort("verify", "--root_dir", root / "grouped", status=status)
        file = root / "grouped/verify.problems.csv"
        assert file.exists() == (status == 1)
        problems = list(pandas.read_csv(file)[["subject", "problem"]].itertuples(index=False, name=None)) if status == 1 else []
        printed = {line.removeprefix("problem: ") for line in done.stderr.splitlines() if line.startswith("problem: ")}
        assert len(problems) > 20 or printed == {f"{subject}: {what}" for subject, what in problems}
        return problems

    return run


def a_file(root, ending, site="TJ"):
    return sorted((root / "grouped" / site).rglob(f"*{ending}"))[0]


def rewrite(path, change):
    """Changes an image's voxels in place."""
    image = nibabel.load(path)
    values = np.asanyarray(image.dataobj).copy()
    change(values)
    nibabel.save(nibabel.Nifti1Image(values, image.affine, image.header), path)


def record_of(image, root):
    return json.loads((root / f"grouped/.nicohort/{image.parent.name}.json").read_text())


def test_a_fresh_dataset_is_whole(verify):
    assert verify(0) == []


def test_also_one_that_run_made_and_one_moved_elsewhere(nicohort, made, tmp_path):
    for folder in ("archive", "descriptor"):
        shutil.copytree(made / folder, tmp_path / folder)
    nicohort("run", "--root_dir", tmp_path)
    (tmp_path / "grouped").rename(tmp_path / "moved")
    assert "24 samples, 3 splits and 6 index manifests checked" in nicohort("verify", "--root_dir", tmp_path / "moved").stdout


def test_the_checksums_are_those_that_sha256sum_reads(root):
    done = subprocess.run(["sha256sum", "-c", "--quiet", "--strict", ".nicohort/SHA256SUMS"], cwd=root / "grouped", capture_output=True)
    assert done.returncode == 0, done
    listed = {line.split("  ")[1] for line in (root / "grouped/.nicohort/SHA256SUMS").read_text().splitlines()}
    assert listed == {path.relative_to(root / "grouped").as_posix() for path in (root / "grouped").rglob("*")
                      if path.is_file() and ".nicohort" not in path.parts}


def test_the_record_says_where_a_sample_comes_from_and_what_was_done(nicohort, root):
    """The counts against numpy. The phantoms' voxels are large here: only a large threshold makes regions small."""
    nicohort("morphological_open_on_slice_small_region", "--root_dir", root / "grouped", "--output_dir", root / "cleaned",
             "--kernel_size", 3, 3, "--region_area_thresh", 400, status=1)  # as small masks lose all their voxels
    info = pandas.read_excel(root / "grouped/dataset_manifest.xlsx", dtype={"pid": str})
    archive = pandas.read_excel(root / "descriptor/archive_manifest.xlsx", dtype={"pid": str})
    thresholded = changed = 0
    for _, row in info.iterrows():
        record = json.loads((root / f"cleaned/.nicohort/{row.ID}.json").read_text())
        inputs = archive[(archive.site == row.site) & (archive.phase == row.phase) & (archive.pid == row.pid)].file_path
        assert {entry["path"]: entry["sha256"] for entry in record["inputs"]} == \
               {path: hashlib.sha256((root / "archive" / path).read_bytes()).hexdigest() for path in inputs}
        assert [step["name"] for step in record["steps"]] == \
               ["threshold", "list_small", "clean_slices", "list_small", "threshold", "clean_slices"]
        threshold, clean = record["steps"][0], record["steps"][-1]
        assert clean["parameters"]["kernel_size"] == [3, 3] and threshold["parameters"] == {"window": [-140, 1000]}
        volume = nibabel.load(root / "grouped" / row.volume).get_fdata(dtype=np.float32)
        drawn = np.asanyarray(nibabel.load(root / "archive" / inputs[inputs.str.contains("/masks/")].iloc[0]).dataobj) > 0
        kept = drawn & (volume >= -140) & (volume <= 1000)
        before, cleaned = (np.asanyarray(nibabel.load(root / folder / row["mask"]).dataobj) > 0 for folder in ("grouped", "cleaned"))
        assert threshold["counts"] == {"removed": (drawn & ~kept).sum()}
        removed, filled = (before & ~cleaned).sum(), (cleaned & ~before).sum()
        assert clean["counts"] == {"removed": removed, "filled": filled, "relabelled": 0,
                                   "lost 01_EsoROI": removed, "gained 01_EsoROI": filled}
        thresholded, changed = thresholded + (drawn & ~kept).sum(), changed + (before != cleaned).sum()
    assert thresholded > 0 and changed > 0


def test_another_folder_for_the_masks_has_its_own_record(nicohort, root):
    nicohort("mask_thresholding", "--root_dir", root / "grouped", "--thresh", 0, 100, "--output_dir", root / "masks",
             status=1)
    mask = sorted((root / "masks").rglob("*.nii.gz"))[0]
    record = json.loads((root / f"masks/.nicohort/{mask.parent.name}.json").read_text())
    assert record["steps"][-1]["name"] == "threshold" and record["steps"][-1]["parameters"] == {"window": [0, 100]}
    assert record["files"] == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in mask.parent.iterdir()}


@pytest.mark.parametrize("ending", ["_volume.nii.gz", "_mask.nii.gz", "_mask_01_EsoROI.nii.gz", "_info.yaml"])
def test_a_missing_file(root, verify, ending):
    file = a_file(root, ending)
    file.unlink()
    assert any(subject == file.relative_to(root / "grouped").as_posix() and "is missing" in what for subject, what in verify())


@pytest.mark.parametrize("ending", ["_volume.nii.gz", "_mask.nii.gz", "_mask_00_Bg.nii.gz", "_info.yaml"])
def test_one_changed_bit(root, verify, ending):
    file = a_file(root, ending)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert file.relative_to(root / "grouped").as_posix() in [subject for subject, _ in verify()]


def test_another_compression_of_the_same_voxels_is_told_from_damage(root, verify):
    file = a_file(root, "_volume.nii.gz")
    file.write_bytes(gzip.compress(gzip.decompress(file.read_bytes()), 9))
    [(subject, what)] = verify()
    assert subject == file.relative_to(root / "grouped").as_posix() and "but not its voxel values" in what


def test_a_sample_that_is_gone_or_was_added(root, verify):
    folder = a_file(root, "_volume.nii.gz").parent
    shutil.move(folder, root / folder.name)
    found = dict(verify())
    assert "has a record, but no files" in found[folder.name]
    assert f"lists {folder.name}" in " ".join(found.values())
    shutil.move(root / folder.name, folder)
    (folder / f"{folder.name}_mask_07_New.nii.gz").write_bytes((folder / f"{folder.name}_mask_01_EsoROI.nii.gz").read_bytes())
    assert any("not in the sample's record" in what for _, what in verify())


def without_records(root):
    """So that only what the files say of each other is left to find."""
    shutil.rmtree(root / "grouped/.nicohort")


@pytest.mark.parametrize("ending, change, word", [
    ("_mask_01_EsoROI.nii.gz", lambda values: values.__setitem__((0, 0, 0), 1 - values[0, 0, 0]), "differs from label 1"),
    ("_mask_01_EsoROI.nii.gz", lambda values: values.__setitem__((0, 0, 0), 2), "other than 0 and 1"),
    ("_mask.nii.gz", lambda values: values.__setitem__((0, 0, 0), 9), "without a binary mask"),
])
def test_masks_that_do_not_add_up(root, verify, ending, change, word):
    without_records(root)
    rewrite(a_file(root, ending), change)
    assert any(word in what for _, what in verify())


def test_an_image_with_another_geometry(root, verify):
    without_records(root)
    file = a_file(root, "_mask_01_EsoROI.nii.gz")
    image = nibabel.load(file)
    nibabel.save(nibabel.Nifti1Image(np.asanyarray(image.dataobj), image.affine + np.diag([1, 0, 0, 0]), image.header), file)
    assert any("affine" in what for subject, what in verify() if subject == file.relative_to(root / "grouped").as_posix())


def edit(file, sheet, change):
    book = openpyxl.load_workbook(file)
    change(book[sheet])
    book.save(file)


def column(sheet, name):
    return [cell.value for cell in sheet[1]].index(name) + 1


@pytest.mark.parametrize("name, value, word", [("szx", 7, "szx is `7`, but should be `64`"), ("valid_labels", "01_EsoROI", "valid_labels"),
                                               ("pid", "1", "pid"), ("mask_01_EsoROI_existence", 0, "existence"),
                                               ("volume", "../elsewhere.nii.gz", "volume")])
def test_a_manifest_that_says_otherwise(root, verify, name, value, word):
    file = root / "grouped/dataset_manifest.xlsx"
    edit(file, "Manifest", lambda sheet: sheet.cell(2, column(sheet, name)).__setattr__("value", value))
    found = [what for _, what in verify()]
    assert any("has changed since it was written" in what for what in found)
    assert any("differs for" in what and word in what for what in found)


def test_a_patient_on_two_sides(root, verify):
    def swap(sheet):
        sheet.cell(2, 1).value = "test" if sheet.cell(2, 1).value != "test" else "train"

    edit(root / "grouped/dataset_manifest.xlsx", "split01_TJ", swap)
    found = [what for _, what in verify()]
    assert any("has the patient" in what for what in found)
    assert any("does not have the rows of" in what for what in found)


def test_a_patient_who_was_put_on_another_side(root, verify):
    def move(sheet):
        side, site, pid = [sheet.cell(2, column).value for column in (1, 3, 5)]
        assert (sheet.cell(1, 3).value, sheet.cell(1, 5).value) == ("site", "pid")
        for row in sheet.iter_rows(min_row=2):
            if (row[2].value, row[4].value) == (site, pid):
                row[0].value = "train" if side == "test" else "test"

    edit(root / "grouped/dataset_manifest.xlsx", "split01_TJ", move)
    assert any("does not have the subsets" in what for _, what in verify())


def test_a_split_that_lost_a_row(root, verify):
    edit(root / "grouped/dataset_manifest.xlsx", "split01_TJ", lambda sheet: sheet.delete_rows(3))
    assert any("does not list TJ_" in what for _, what in verify())


def test_a_bad_row_of_the_manifest_hides_no_row_that_a_split_lost(root, verify):
    file = root / "grouped/dataset_manifest.xlsx"
    manifest = pandas.read_excel(file, dtype=str)
    bad, other = [manifest.index[manifest["pid"].str.startswith("0") == has_zero][-1] for has_zero in (True, False)]

    def as_number(sheet):
        for row in (bad, other):
            cell = sheet.cell(row + 2, column(sheet, "pid"))
            cell.value = int(cell.value)

    lost = []
    edit(file, "Manifest", as_number)
    edit(file, "split01_TJ", lambda sheet: (lost.append(sheet.cell(3, 2).value), sheet.delete_rows(3)))
    found = [what for _, what in verify()]
    assert any(f"the ID is `{manifest['ID'][bad]}`" in what and ". Correct these rows, or write the manifest again" in what for what in found)
    assert any(f"does not list {lost[0]}, which should be in it" in what for what in found)
    assert not any("Nothing was written" in what for what in found)
    pid = manifest["pid"][other]
    assert any(f"differs for {manifest['ID'][other]} from its files: pid is the number `{pid}`, but should be the text `{pid}`" in what for what in found)


def test_who_was_rejected_by_another_review_is_not_missed(nicohort, root, verify):
    manifest, review = root / "grouped/dataset_manifest.xlsx", root / "second opinion.xlsx"
    rejected = pandas.read_excel(manifest, dtype=str).query("site == 'TJ'")["ID"].iloc[0]
    pandas.DataFrame({"ID": [rejected], "verdict": ["reject"]}).to_excel(review, sheet_name="Review", index=False)
    nicohort("make_split", "--manifest_file", manifest, "--split_name", "reviewed", "--site", "TJ", "--exclude_rejected",
             review)
    assert [what for _, what in verify() if "should be in it" in what] == [f"does not list {rejected}, which should be in it; make the split again"]
    nicohort("verify", "--root_dir", root / "grouped", "--review_file", review)
    assert "no such file" in nicohort("verify", "--root_dir", root / "grouped", "--review_file", root / "none.xlsx",
                                      status=1).stderr


@pytest.mark.parametrize("has_mask", [True, False])
def test_a_sample_that_a_run_could_not_use_again(nicohort, root, verify, has_mask):
    """Nothing is deleted for a volume that is damaged today, and what was made of it before is in the manifest. The damage is the
    one problem; that the dataset keeps the sample is told."""
    images = sorted((root / "archive").rglob("images/*.nii.gz"))
    volume = next(path for path in images if (path.parents[1] / "masks" / path.name).exists())
    if not has_mask:
        (volume.parents[1] / "masks" / volume.name).unlink()
    nicohort("run", "--root_dir", root, status=None)
    volume.write_bytes(volume.read_bytes()[:200])
    done = nicohort("run", "--root_dir", root, status=1)
    name = volume.relative_to(root / "archive").as_posix()
    ID = volume.name.removesuffix(".nii.gz") + ("_pre" if "pre-therapy" in name else "_post")
    [said] = [line for line in done.stderr.splitlines() if line.startswith("problem: ") and (ID in line or volume.name in line)]
    assert said.startswith(f"problem: {name}: ")
    assert f"warning: {ID}: is in the dataset, but cannot be made again from this archive" in done.stderr
    assert ID in list(pandas.read_excel(root / "grouped/dataset_manifest.xlsx").ID)
    assert verify(status=0) == []


def test_a_changed_index_manifest(root, verify):
    file = sorted((root / "grouped/splits").rglob("*_train.xlsx"))[0]
    edit(file, "split01_TJ", lambda sheet: sheet.delete_rows(2))
    found = dict(verify())
    assert any("does not have the rows of train" in what for what in found.values())


@pytest.mark.parametrize("form", ["csv", "jsonl"])
@pytest.mark.parametrize("paths", [[], ["--absolute_paths"]], ids=["relative", "absolute"])
def test_index_manifests_of_other_formats(nicohort, root, verify, form, paths):
    grouped = root / "grouped"
    nicohort("extract_split_index_manifest", "--manifest_file", grouped / "dataset_manifest.xlsx", "--split_name", "split01_TJ",
             "--output_index_manifest_dir", grouped / "splits/more", "--subsets", "train", "val", "--format", form, *paths)
    file = grouped / f"splits/more/split01_TJ_train_val.{form}"
    expected = pandas.read_excel(grouped / "splits/split01_TJ/split01_TJ_train_val.xlsx", dtype=str, keep_default_na=False)
    if form == "csv":
        found = pandas.read_csv(file, dtype=str, keep_default_na=False)
    else:
        rows = [json.loads(line) for line in file.read_text().splitlines()]
        assert all(isinstance(row["pid"], str) and isinstance(row["szx"], int) for row in rows)
        assert [row["spx"] for row in rows] == list(expected.spx.astype(float))
        found = pandas.DataFrame(rows)
    assert list(found.columns) == list(expected.columns) and list(found.ID) == list(expected.ID) and list(found.pid) == list(expected.pid)
    assert {"info", "volume", "mask", "mask_01_EsoROI"} <= set(expected.columns)
    for name in ("info", "volume", "mask", "mask_00_Bg", "mask_01_EsoROI"):
        assert list(found[name]) == [f"{grouped}/{path}" if paths else path for path in expected[name]]
    assert verify(0) == []
    text = file.read_text()
    file.write_text(text[text.index("\n", 1) + 1:] if form == "jsonl" else text.replace("TJ", "XY", 1))
    assert any(where == str(file) and "extract_split_index_manifest" in what for where, what in verify())


@pytest.mark.parametrize("change, said", [
    (lambda volume: volume["channels"][0].update(value_hash="0" * 32), "voxel values"),
    (lambda volume: volume.update(spacing=[2, 2, 2]), "spacing"),
])
def test_a_record_of_another_volume(root, verify, change, said):
    """The files are as recorded."""
    volume = a_file(root, "_volume.nii.gz")
    record = root / f"grouped/.nicohort/{volume.parent.name}.json"
    content = json.loads(record.read_text())
    change(content["volume"])
    record.write_text(json.dumps(content))
    (root / "grouped/.nicohort/SHA256SUMS").unlink()
    assert (f".nicohort/{record.name}", f"describes a volume that differs from {volume.name} in {said}; make the sample again from the "
            "archive") in verify()


def stop(root):
    """As a mask_thresholding leaves it that was killed behind its first sample."""
    records = sorted((root / "grouped/.nicohort").glob("*_p*.json"))
    ids = [path.stem for path in records]
    steps = [{"name": "threshold", "parameters": '{"window":[0.0,1.0]}', "version": 1}]
    done = json.loads(records[0].read_text())
    done["steps"].append({"name": "threshold", "parameters": {"window": [0.0, 1.0]}, "version": 1, "counts": {"removed": 0}})
    records[0].write_text(json.dumps(done))
    (root / "grouped/.nicohort/unfinished.json").write_text(json.dumps(
        {"command": "mask_thresholding", "from_archive": False, "is_elsewhere": False, "steps": steps, "compression": "balanced", "ids": ids}))


def test_a_stopped_command_is_told(root, verify):
    stop(root)
    assert any(what.startswith("was interrupted, or is still running") for who, what in verify() if who == "mask_thresholding")


def test_a_run_that_was_stopped_before_its_tables_is_told(root, verify):
    (root / "grouped/.nicohort/unfinished.json").write_text(json.dumps(
        {"command": "run", "from_archive": True, "is_elsewhere": False, "steps": [], "compression": "balanced", "ids": []}))
    [what] = [what for who, what in verify() if who == "run"]
    assert what.startswith("has processed all samples, but was interrupted before it had written the manifests")


def copy_of_a_scan(root, change=lambda image: image):
    """Gives one patient's scan to another; nothing but its name tells."""
    volumes = sorted((root / "archive/tongji/pre-therapy/images").glob("*.nii.gz"))
    image = change(nibabel.load(volumes[0]))
    values = np.asanyarray(image.dataobj).copy()
    volumes[1].unlink()
    nibabel.save(nibabel.Nifti1Image(values, image.affine, image.header), volumes[1])
    return [volume.name.removesuffix(".nii.gz") + "_pre" for volume in volumes[:2]]


def another_header(image):
    header = image.header.copy()
    header["descrip"] = b"near-copy"
    header.set_data_dtype(np.float64)
    return nibabel.Nifti1Image(np.asanyarray(image.dataobj).astype(np.float64), image.affine + np.diag([0, 0, 0.25, 0]), header)


@pytest.mark.parametrize("change", [lambda image: image, another_header], ids=["copy", "near-copy with another header and type"])
def test_the_same_scan_under_two_patients(nicohort, root, tmp_path_factory, change):
    for folder in ("grouped", ".nicohort"):
        shutil.rmtree(root / folder, ignore_errors=True)
    first, second = copy_of_a_scan(root, change)
    run_root = tmp_path_factory.mktemp("run")
    shutil.copytree(root, run_root, dirs_exist_ok=True)
    nicohort("gen_archive_manifest", "--root_dir", "archive", "--output_manifest_file", "m.xlsx", cwd=root, status=None)
    done = nicohort("confirm_pairs", "--root_dir", "archive", "--output_dir", "grouped", "--archive_manifest", "m.xlsx", cwd=root, status=1)
    by_run = nicohort("run", "--root_dir", run_root, status=1)
    by_verify = nicohort("verify", "--root_dir", run_root / "grouped", status=1)
    for said in (done, by_run, by_verify):
        assert f"problem: {first}: has the same voxel values as {second}" in said.stderr
        assert f"problem: {second}: has the same voxel values as {first}" in said.stderr


def test_a_dataset_that_cannot_be_written_to(nicohort, root):
    """Where the problems would go is said; they are told all the same."""
    a_file(root, "_volume.nii.gz").unlink()
    done = nicohort("verify", "--root_dir", root / "grouped", "--problems_file", "/proc/none/problems.csv", status=1)
    assert "is missing" in done.stderr and "cannot write" in done.stderr


@pytest.mark.parametrize("name, content", [("mine.csv", b"subject,age\n1,61\n"), ("mine.xlsx", b"PK damaged"), ("mine.csv", b"gr\xf6\xdfer\n")])
def test_its_problems_replace_no_other_file(nicohort, root, tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    options = ("verify", "--root_dir", root / "grouped", "--problems_file", tmp_path / name)
    assert f"{name}: is there, and is no table of problems" in nicohort(*options, status=2).stderr
    assert (tmp_path / name).read_bytes() == content
    for before in b"", b"subject,kind,problem\nx,other,is old\n":
        (tmp_path / "own.csv").write_bytes(before)
        nicohort(*options[:-1], tmp_path / "own.csv")
        assert not (tmp_path / "own.csv").exists()


def test_a_list_that_names_what_is_not_of_the_dataset(root, verify):
    file = root / "grouped/.nicohort/dataset.json"
    dataset = json.loads(file.read_text())
    dataset["tables"] |= dict.fromkeys(["/dev/zero", "../archive/data_meta_tongji.xlsx", "TJ"], "0" * 64)
    file.write_text(json.dumps(dataset))
    found = verify()
    assert any(who == ".nicohort/SHA256SUMS" for who, _ in found)
    (root / "grouped/.nicohort/SHA256SUMS").unlink()
    found = verify()
    assert not any(who == ".nicohort/SHA256SUMS" for who, _ in found), "it is made from the others"
    assert sum("not below the dataset" in what for _, what in found) == 2
    assert ("TJ", "is not a regular file") in found


def test_a_file_that_was_added_to_a_sample(root, verify):
    file = a_file(root, "_volume.nii.gz").parent / "extra.nii.gz"
    file.write_bytes(b"x")
    [(subject, what)] = verify()
    assert subject == file.relative_to(root / "grouped").as_posix() and "was not written by nicohort" in what


@pytest.mark.parametrize("place", ["TJ/pre/stray_volume.nii.gz", "TJ/Thumbs.db", "TJ/pre/a copy/notes.txt"])
def test_a_file_that_was_added_beside_the_samples(root, verify, place):
    file = root / "grouped" / place
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"x")
    (root / "grouped/notes.txt").write_text("beside the sites' folders it is the user's")
    [(subject, what)] = verify()
    assert subject == place and "was not written by nicohort" in what


@pytest.mark.parametrize("ending", ["_volume.nii.gz", "_info.yaml"])
def test_a_damaged_file_hides_no_other(root, verify, ending):
    file = a_file(root, ending)
    file.write_bytes(file.read_bytes()[:20])
    mask = a_file(root, "_mask_01_EsoROI.nii.gz")
    mask.write_bytes(gzip.compress(gzip.decompress(mask.read_bytes()), 1))
    (file.parent / "new.txt").write_text("x")
    found = {subject: what for subject, what in verify() if subject.startswith("TJ/")}
    assert set(found) == {path.relative_to(root / "grouped").as_posix() for path in (file, mask, file.parent / "new.txt")}
    assert "has changed since it was written" in found[file.relative_to(root / "grouped").as_posix()]


def test_links_out_of_the_dataset_are_problems_and_neither_read_nor_written(nicohort, root, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    mask = a_file(root, "_mask.nii.gz")
    mask.rename(outside / "precious.nii.gz")
    mask.symlink_to(outside / "precious.nii.gz")
    before = (outside / "precious.nii.gz").read_bytes()
    grouped, name = root / "grouped", mask.relative_to(root / "grouped")
    for words in (["mask_thresholding", "--thresh", 0, 1, "--output_dir", grouped], ["gen_dataset_manifest", "--output_manifest_file", root / "m.csv"],
                  ["verify"]):
        done = nicohort(words[0], "--root_dir", grouped, *words[1:], status=1)
        assert f"problem: {name}: leads out of the dataset" in done.stderr
    assert mask.parent.name not in (root / "m.csv").read_text()
    done = nicohort("confirm_pairs", "--root_dir", root / "archive", "--output_dir", grouped,
                    "--archive_manifest", root / "descriptor/archive_manifest.xlsx", status=1)
    assert f"{name}: is a link" in done.stderr
    assert (outside / "precious.nii.gz").read_bytes() == before


def again(nicohort, root, status):
    """Routines 01 and 02 once more, into the dataset that is there."""
    nicohort("gen_archive_manifest", "--root_dir", "archive", "--output_manifest_file", "m.xlsx", cwd=root, status=None)
    return nicohort("confirm_pairs", "--root_dir", "archive", "--output_dir", "grouped", "--archive_manifest", "m.xlsx", cwd=root, status=status)


def test_a_patient_taken_out_of_the_archive_is_not_forgotten_in_the_dataset(nicohort, root):
    patient = a_file(root, "_volume.nii.gz").parent.name.removesuffix("_pre").removesuffix("_post")
    for image in (root / "archive").rglob(f"{patient}.nii.gz"):
        image.unlink()
    done = again(nicohort, root, 1)
    for ID in (f"{patient}_pre", f"{patient}_post"):
        assert f"problem: {ID}: is in the dataset, but cannot be made again from this archive" in done.stderr
    for path in [*(root / "grouped").rglob(f"{patient}_*")]:
        shutil.rmtree(path, ignore_errors=True)
    for record in (root / "grouped/.nicohort").glob(f"{patient}_*.json"):
        record.unlink()
    again(nicohort, root, 0)


def test_a_dataset_may_have_sites_of_another_archive(nicohort, root):
    shutil.rmtree(root / "archive/xiangyang")
    (root / "archive/data_meta_xiangyang.xlsx").unlink()
    again(nicohort, root, 0)
    assert a_file(root, "_mask_00_Bg.nii.gz", "XY").exists()


def test_masks_of_an_earlier_time_do_not_stay_with_a_new_mask(nicohort, root):
    sample = a_file(root, "_volume.nii.gz").parent
    [mask] = (root / "archive/tongji" / {"pre": "pre-therapy", "post": "post-therapy"}[sample.name.split("_")[-1]]).rglob(
        f"masks/{sample.name.rsplit('_', 1)[0]}.nii.gz")
    mask.unlink()
    again(nicohort, root, 0)
    assert sorted(path.name.removeprefix(sample.name) for path in sample.iterdir()) == ["_info.yaml", "_volume.nii.gz"]
    assert not [*(root / "grouped").rglob("*_mask_*")]


def test_a_damaged_record_stops_no_other_sample(nicohort, root):
    """Nor does what macOS leaves beside it count as a record."""
    record = sorted((root / "grouped/.nicohort").glob("TJ*.json"))[0]
    (record.parent / f"._{record.name}").write_bytes(b"\0")
    record.write_text("{")
    done = nicohort("mask_thresholding", "--root_dir", root / "grouped", "--output_dir", root / "grouped", status=1)
    assert done.stderr.count("is not the record of this sample") == 1
    assert record.read_text() == "{"


def test_a_run_forgets_a_step_that_was_stopped(nicohort, root, verify):
    stop(root)
    nicohort("run", "--root_dir", root)
    assert verify(0) == []


def test_samples_made_by_different_steps_are_told(nicohort, root):
    assert "same steps" not in nicohort("verify", "--root_dir", root / "grouped").stdout
    record = sorted((root / "grouped/.nicohort").glob("TJ*.json"))[0]
    content = json.loads(record.read_text())
    content["steps"].pop()
    record.write_text(json.dumps(content))
    (root / "grouped/.nicohort/SHA256SUMS").unlink()
    said = nicohort("verify", "--root_dir", root / "grouped").stdout
    assert "Not all samples were made with the same steps: 23 samples" in said and f"1 sample ({record.stem})" in said


def test_the_manifest_may_be_another_worksheet(nicohort, root):
    (root / "grouped/dataset_manifest.xlsx").unlink()
    shutil.rmtree(root / "grouped/splits")
    nicohort("gen_dataset_manifest", "--root_dir", root / "grouped", "--output_manifest_file",
             root / "grouped/dataset_manifest.xlsx", "--sheet_name", "All")
    nicohort("verify", "--root_dir", root / "grouped", status=1)
    nicohort("verify", "--root_dir", root / "grouped", "--sheet_name", "All")
