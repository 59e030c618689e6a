"""`nicohort report`: its data against numpy, its pictures, and texts that would like to be markup."""

import json
import pathlib
import re
import shutil
import struct
import zlib

import nibabel
import numpy as np
import openpyxl
import pytest
import scipy.ndimage

import small_archive
from test_determinism import contents
from test_run import run_commands

PAGES = {"index.html", "report.js", "report.css", "data.js"}


def data_of(report):
    script = (pathlib.Path(report) / "data.js").read_text(encoding="ascii")
    head, tail = "window.nicohort = ", ";\n"
    assert script.startswith(head) and script.endswith(tail)
    return json.loads(script[len(head):-len(tail)])


def pixels_of(png):
    """Width, height, palette and rows of indices of a palette PNG without interlacing."""
    content = png.read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = {}, 8
    while at < len(content):
        length, kind = struct.unpack(">I4s", content[at:at + 8])
        chunks[kind] = chunks.get(kind, b"") + content[at + 8:at + 8 + length]
        at += 12 + length
    width, height, depth, colour_type, _, _, interlace = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert (depth, colour_type, interlace) == (8, 3, 0)
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, width + 1)
    assert (rows[:, 0] == 0).all(), "palette pictures are best without a filter"
    palette = [tuple(colour) for colour in np.frombuffer(chunks[b"PLTE"], np.uint8).reshape(-1, 3)]
    return width, height, palette, rows[:, 1:]


def colours_of(png):
    _, _, palette, rows = pixels_of(png)
    return {palette[index] for index in np.unique(rows)}


ORANGE, BLUE = (0xE6, 0x9F, 0x00), (0x56, 0xB4, 0xE9)


def archived_masks(root):
    """Path of the mask as drawn, by site, phase and pid."""
    rows = list(openpyxl.load_workbook(root / "descriptor/archive_manifest.xlsx").active.values)
    at = {name: i for i, name in enumerate(rows[0])}
    return {tuple(row[at[name]] for name in ("site", "phase", "pid")): root / "archive" / row[at["file_path"]]
            for row in rows[1:] if row[at["type"]] == "m3d"}


def small_regions(mask, voxel_volume, thresh):
    count = 0
    for label in np.unique(mask[mask > 0]):
        regions, _ = scipy.ndimage.label(mask == label, np.ones((3, 3, 3)))
        count += int((np.bincount(regions.ravel())[1:] * voxel_volume < thresh).sum())
    return count


@pytest.fixture(scope="module")
def cohort(nicohort, tmp_path_factory):
    root = tmp_path_factory.mktemp("cohort")
    nicohort("demo", root, "--patients", 12, "--size", 36, 36, 16)
    run_commands(nicohort, root, {})
    nicohort("report", "--root_dir", root)
    return root


def test_statistics_are_those_of_the_images(cohort):
    data, drawn_masks = data_of(cohort / "report"), archived_masks(cohort)
    assert [sample["id"] for sample in data["samples"]] == sorted(p.name for p in cohort.glob("grouped/*/*/*_p*"))
    assert len(data["samples"]) == 24
    for sample in data["samples"]:
        parts = sample["parts"]
        assert list(parts) == ["site", "phase", "pid"] and sample["patient"] == f"{parts['site']}_{parts['pid']}"
        folder = cohort / "grouped" / parts["site"] / parts["phase"] / sample["id"]
        image = nibabel.load(folder / f"{sample['id']}_volume.nii.gz")
        volume = image.get_fdata(dtype=np.float32)
        cleaned = np.asarray(nibabel.load(folder / f"{sample['id']}_mask.nii.gz").dataobj)
        drawn = np.asarray(nibabel.load(drawn_masks[tuple(parts.values())]).dataobj).astype(int)
        spacing = image.header.get_zooms()
        voxel_volume = np.prod([float(s) for s in spacing])
        assert sample["written"] and sample["image"]["size"] == list(volume.shape)
        assert np.allclose(sample["image"]["spacing"], spacing, rtol=1e-6)
        letters = "".join(nibabel.aff2axcodes(image.affine))
        assert sample["image"]["orientation"] in (letters, f"Oblique(closest to {letters})")

        roi = sample["roi"]
        assert roi["voxels"] == int((cleaned > 0).sum())
        assert roi["volume_mm3"] == pytest.approx(roi["voxels"] * voxel_volume)
        assert {(entry["label"], entry["voxels"]) for entry in roi["by_label"]} == {
            (int(label), int((cleaned == label).sum())) for label in np.unique(cleaned[cleaned > 0])}
        values = volume[drawn > 0].astype(np.float64)
        expected = dict(zip(["p5", "p25", "median", "p75", "p95"], np.percentile(values, [5, 25, 50, 75, 95])))
        assert {key: roi["intensity"][key] for key in expected} == expected
        assert (roi["intensity"]["min"], roi["intensity"]["max"]) == (values.min(), values.max())
        assert roi["intensity"]["mean"] == pytest.approx(values.mean())
        assert roi["intensity"]["sd"] == pytest.approx(values.std())

        outside = (drawn > 0) & ~((volume >= -140) & (volume <= 1000))
        left = np.where(outside, 0, drawn)
        assert sample["cleaning"] == {
            "thresholded": int(outside.sum()),
            "removed": int(((left > 0) & (cleaned == 0)).sum()),
            "filled": int(((left == 0) & (cleaned > 0)).sum()),
            "relabelled": int(((left > 0) & (cleaned > 0) & (left != cleaned)).sum()),
            "small_regions_before": small_regions(left, voxel_volume, 300),
            "small_regions_after": small_regions(cleaned, voxel_volume, 300),
        }
    changed = [sum(sample["cleaning"][what] for what in ("thresholded", "removed", "filled")) for sample in data["samples"]]
    assert sum(changed) > 0, "the demo should have something to clean"


def test_tables_are_shown_as_they_are(cohort):
    data = data_of(cohort / "report")
    assert data["program"].startswith("nicohort ")
    assert data["title"] == "ESO-2025.10.31", "the name in the recipe"
    assert data["sites"] == ["TJ", "SYTH", "XY"] and data["phases"] == ["pre", "post"]
    assert {"label": 1, "name": "EsoROI"} in data["labels"]
    assert data["thresholds"] == {"window": [-140, 1000], "small_regions_before": "300 mm3", "small_regions_after": "300 mm3"}
    book = openpyxl.load_workbook(cohort / "grouped/dataset_manifest.xlsx")
    for split in data["splits"]:
        rows = list(book[split["name"]].values)
        assert split["column"] == rows[0][0] == split["name"]
        assert split["rows"] == {row[rows[0].index("ID")]: row[0] for row in rows[1:]}
    assert [split["name"] for split in data["splits"]] == ["split01_TJ", "split02_SYTH", "split03_XY"]
    rows = list(book["Manifest"].values)
    for sample in data["samples"]:
        row = dict(zip(rows[0], next(row for row in rows if row[0] == sample["id"])))
        for column, value in sample["attributes"].items():
            if not hasattr(row[column], "year"):
                assert value == row[column], column


def test_pictures(cohort):
    samples = data_of(cohort / "report")["samples"]
    thumbnails = {path.name for path in (cohort / "report/thumbnails").iterdir()}
    assert thumbnails == {f"{sample['id']}.png" for sample in samples}
    seen = set()
    for sample in samples:
        width, height, _, _ = pixels_of(cohort / "report" / sample["thumbnail"])
        assert (width, height) == (3 * 192 + 2 * 2, 192)
        colours = colours_of(cohort / "report" / sample["thumbnail"])
        assert (BLUE in colours) == (sample["roi"]["voxels"] > 0)
        seen |= colours
    assert ORANGE in seen


def test_the_same_dataset_gives_the_same_bytes(nicohort, cohort, tmp_path):
    nicohort("report", "--root_dir", cohort, "--output", tmp_path / "again", "--jobs", 1)
    assert contents(tmp_path / "again") == contents(cohort / "report")


def test_an_older_report_is_replaced(nicohort, cohort, tmp_path):
    shutil.copytree(cohort, tmp_path / "cohort")
    report = tmp_path / "cohort/report"
    gone = data_of(report)["samples"][0]
    shutil.rmtree(tmp_path / "cohort/grouped" / gone["parts"]["site"] / gone["parts"]["phase"] / gone["id"])
    (report / "notes.txt").write_text("mine")
    done = nicohort("report", "--root_dir", tmp_path / "cohort", status=1)
    assert f"problem: {gone['id']}: has a record, but no files" in done.stderr
    samples = {sample["id"]: sample for sample in data_of(report)["samples"]}
    assert not samples[gone["id"]]["written"], "it is in the archive still"
    assert all(samples[gone["id"]][what] is None for what in ("image", "roi", "cleaning", "thumbnail"))
    assert not (report / gone["thumbnail"]).exists()
    assert len(list((report / "thumbnails").iterdir())) == 23
    assert (report / "notes.txt").exists()
    assert {path.name for path in report.iterdir()} == PAGES | {"thumbnails", "notes.txt", "report.problems.csv"}


def test_without_the_archive_the_records_say_the_same_and_pictures_have_one_mask(nicohort, cohort, tmp_path):
    shutil.copytree(cohort / "grouped", tmp_path / "grouped")
    nicohort("report", "--root_dir", tmp_path)
    assert data_of(tmp_path / "report")["samples"] == data_of(cohort / "report")["samples"]
    for sample in data_of(tmp_path / "report")["samples"]:
        assert ORANGE not in colours_of(tmp_path / "report" / sample["thumbnail"])
    shutil.copytree(cohort / "archive", tmp_path / "archive")
    nicohort("report", "--root_dir", tmp_path)
    assert contents(tmp_path / "report/thumbnails") == contents(cohort / "report/thumbnails"), "now with the masks as drawn"


def test_only_what_has_changed_is_drawn_again(nicohort, cohort, tmp_path):
    root = tmp_path / "root"
    shutil.copytree(cohort, root)
    pictures = sorted((root / "report/thumbnails").iterdir())
    before = {path: path.stat().st_mtime_ns for path in pictures}
    nicohort("mask_thresholding", "--root_dir", root / "grouped", "--output_dir", root / "grouped", "--thresh", -140, 40,
             status=1)  # which leaves little of some masks
    changed = {sample["id"] for sample in data_of(root / "report")["samples"]
               if any(step["counts"]["removed"] for step in json.loads(
                   (root / f"grouped/.nicohort/{sample['id']}.json").read_text())["steps"][-1:])}
    pictures[0].unlink()
    nicohort("report", "--root_dir", root)
    drawn = {path.stem for path in pictures if path.stat().st_mtime_ns != before[path]}
    assert changed and drawn == changed | {pictures[0].stem}


def test_the_pages_explain_every_kind_of_problem():
    root = pathlib.Path(__file__).parents[2]
    [names] = re.findall(r"kind_names\{(.*?)\};", (root / "src/base/problem.cpp").read_text(), re.DOTALL)
    [explained] = re.findall(r"const problems\b.*?= \{(.*?)^\};", (root / "web/src/report/kinds.ts").read_text(), re.DOTALL | re.MULTILINE)
    assert re.findall(r"^  '([^']+)': ", explained, re.MULTILINE) == re.findall('"([^"]+)"', names)


def test_problems_have_kinds_and_samples(nicohort, tmp_path):
    nicohort("demo", tmp_path, "--patients", 12, "--size", 32, 32, 16, "--faults")
    nicohort("run", "--root_dir", tmp_path, status=1)
    nicohort("report", "--root_dir", tmp_path)
    data = data_of(tmp_path / "report")
    problems = data["problems"]
    assert {"unreadable file", "geometry", "metadata", "unmapped label", "mask value", "layout", "duplicate scan", "incomplete"} <= {
        problem["kind"] for problem in problems}
    assert len({(problem["subject"], problem["what"]) for problem in problems}) == len(problems), "each once"
    ids = {sample["id"] for sample in data["samples"]}
    assert {problem["sample"] for problem in problems} - {None} <= ids
    linked = [problem for problem in problems if problem["sample"]]
    assert linked and all(problem["sample"].rsplit("_", 1)[0].split("_")[1] in problem["subject"] for problem in linked)
    written = {path.name for path in tmp_path.glob("grouped/*/*/*") if (path / f"{path.name}_volume.nii.gz").exists()}
    assert {sample["id"] for sample in data["samples"] if sample["written"]} == written


def test_what_the_report_cannot_read_is_a_problem_of_the_run_too(nicohort, tmp_path):
    root = small_archive.make(tmp_path, ["0012", "0013"])
    run = ["run", "--root_dir", root]
    nicohort(*run, status=None)
    (root / "descriptor/foo.problems.csv").write_text("a,b\n1,2\n")
    done = nicohort(*run, "--again", status=1)
    assert "foo.problems.csv: has no column `subject`" in done.stderr
    assert "foo.problems.csv" in (root / "run.problems.csv").read_text() and "foo.problems.csv" in (root / "report/report.problems.csv").read_text()


def prepare(nicohort, root, status=0):
    nicohort("gen_archive_manifest", "--root_dir", root / "archive", "--output_manifest_file",
             root / "descriptor/archive_manifest.xlsx", status=status)
    nicohort("confirm_pairs", "--root_dir", root / "archive", "--output_dir", root / "grouped", "--archive_manifest",
             root / "descriptor/archive_manifest.xlsx")


def test_markup_in_metadata_is_text(nicohort, tmp_path):
    root = small_archive.make(tmp_path, ["0012"])
    markup = "</script><img src=x onerror=alert(1)><!-- \u2028 食管癌"
    book = openpyxl.Workbook()
    book.active.append(["PID", "Name </script>"])
    book.active.append(["0012", markup])
    book.save(root / "archive/data_meta_tongji.xlsx")
    prepare(nicohort, root)
    nicohort("report", "--root_dir", root)
    assert b"<" not in (root / "report/data.js").read_bytes()
    assert data_of(root / "report")["samples"][0]["attributes"] == {"Name </script>": markup}


def test_a_volume_alone_is_shown_without_a_mask(nicohort, tmp_path):
    root = small_archive.make(tmp_path, ["0012"])
    small_archive.image_path(root, "0012", "m3d").unlink()
    prepare(nicohort, root, status=1)
    nicohort("report", "--root_dir", root)
    post, pre = data_of(root / "report")["samples"]
    assert pre["id"] == "TJ_0012_pre" and pre["written"]
    assert pre["roi"] is None and pre["cleaning"] is None
    assert pre["thumbnail"] == "thumbnails/TJ_0012_pre.png" and post["roi"]["voxels"] > 0


def test_a_damaged_sample_does_not_stop_the_others(nicohort, tmp_path):
    root = small_archive.make(tmp_path, ["0012"])
    prepare(nicohort, root)
    volume = root / "grouped/TJ/pre/TJ_0012_pre/TJ_0012_pre_volume.nii.gz"
    volume.write_bytes(volume.read_bytes()[:-20])
    done = nicohort("report", "--root_dir", root, status=1)
    assert "problem: TJ/pre/TJ_0012_pre/TJ_0012_pre_volume.nii.gz: " in done.stderr
    data = data_of(root / "report")
    assert {sample["id"]: sample["written"] for sample in data["samples"]} == {"TJ_0012_post": True, "TJ_0012_pre": False}
    assert [(p["routine"], p["kind"], p["sample"]) for p in data["problems"]] == [("report", "unreadable file", "TJ_0012_pre")]
    assert (root / "report/report.problems.csv").exists()


def test_no_dataset_is_wrong_usage(nicohort, tmp_path):
    nicohort("report", "--root_dir", tmp_path, status=2)
    assert list(tmp_path.iterdir()) == []


def test_run_and_report_write_the_same_bytes(nicohort, tmp_path):
    root = tmp_path / "root"
    nicohort("demo", root, "--patients", 12, "--size", 36, 36, 16)
    nicohort("run", "--root_dir", root)
    nicohort("report", "--root_dir", root, "--output", tmp_path / "again")
    assert contents(root / "report") == contents(tmp_path / "again")
    assert len(list((root / "report/thumbnails").iterdir())) == 24
    before = contents(root / "report")
    (root / "report/data.js").unlink()
    next((root / "report/thumbnails").iterdir()).unlink()
    nicohort("run", "--root_dir", root)
    assert contents(root / "report") == before


def test_what_was_not_done_is_not_counted(nicohort, tmp_path):
    root = small_archive.make(tmp_path, ["0012"])  # 40 HU under the mask
    prepare(nicohort, root)
    before = {}
    for window in (None, (100, 200)):
        if window:
            nicohort("mask_thresholding", "--root_dir", root / "grouped", "--output_dir", root / "grouped",
                     "--thresh", *window, status=1)  # nothing is left
        nicohort("report", "--root_dir", root)
        for sample in data_of(root / "report")["samples"]:
            before[sample["id"], window] = sample["cleaning"]
    assert {(c["thresholded"], c["small_regions_before"]) for (_, window), c in before.items() if not window} == {(0, None)}
    assert {(c["thresholded"], c["small_regions_before"]) for (_, window), c in before.items() if window} == {(36, None)}


def test_labels_that_the_map_lacks_are_counted_alike_by_run_and_report(nicohort, tmp_path):
    root = small_archive.make(tmp_path, ["0012"])
    path = small_archive.image_path(root, "0012", "m3d")
    image = nibabel.load(path)
    values = np.asanyarray(image.dataobj).copy()
    values[7, 6, 2] = 9  # a speck
    nibabel.save(nibabel.Nifti1Image(values, image.affine), path)
    nicohort("run", "--root_dir", root, status=1)
    in_run = data_of(root / "report")["samples"]
    nicohort("report", "--root_dir", root)
    assert in_run == data_of(root / "report")["samples"]


def test_a_damaged_record_leaves_its_sample_in_the_report(nicohort, cohort, tmp_path):
    root = tmp_path / "root"
    shutil.copytree(cohort, root)
    record = sorted((root / "grouped/.nicohort").glob("*.json"))[0]
    record.write_text("{")
    done = nicohort("report", "--root_dir", root, status=1)
    assert "is not the record of this sample" in done.stderr
    assert all(sample["written"] for sample in data_of(root / "report")["samples"])


def run_recipe(nicohort, root, recipe):
    """What the report says of a sample, after a run of a recipe for the files of small_archive."""
    (root / "recipe.yaml").write_text(
        'volume: "tongji/{phase}-therapy/images/TJ_{pid}.nii.gz"\nintensity: {unit: HU}\n' + recipe)
    nicohort("run", "--root_dir", root, "--recipe", root / "recipe.yaml", status=None)
    return {sample["id"]: (sample["expects_mask"], sample["roi"] and sample["roi"]["voxels"])
            for sample in data_of(root / "report")["samples"]}


@pytest.mark.parametrize("recipe, expected", [
    ("", {"pre_0012": (False, None), "post_0012": (False, None)}),
    ('mask: "tongji/{phase}-therapy/masks/TJ_{pid}.nii.gz"\n', {"pre_0012": (True, 0), "post_0012": (True, 36)}),
    ('mask: "tongji/{phase}-therapy/masks/TJ_{pid}.nii.gz"\nno_mask: {phase: post}\n', {"pre_0012": (True, 0), "post_0012": (False, 36)}),
])
def test_the_recipe_says_which_samples_should_have_a_mask(nicohort, tmp_path, recipe, expected):
    root = small_archive.make(tmp_path, ["0012"])
    path = small_archive.image_path(root, "0012", "m3d")
    image = nibabel.load(path)
    nibabel.save(nibabel.Nifti1Image(np.zeros(image.shape, np.uint8), image.affine), path)
    assert run_recipe(nicohort, root, recipe) == expected


def test_a_site_whose_masks_all_lie_in_air_is_told(nicohort, tmp_path):
    root = small_archive.make(tmp_path, ["0012", "0013"])
    prepare(nicohort, root)
    nicohort("report", "--root_dir", root)
    assert data_of(root / "report")["problems"] == []
    for path in root.glob("archive/*/*/images/*.nii.gz"):
        image = nibabel.load(path)
        nibabel.save(nibabel.Nifti1Image(np.asanyarray(image.dataobj) - np.int16(1040), image.affine), path)
    prepare(nicohort, root)
    done = nicohort("report", "--root_dir", root)
    [problem] = data_of(root / "report")["problems"]
    assert (problem["subject"], problem["kind"], problem["sample"]) == ("TJ", "geometry", None)
    assert "those of air (medians from -1000 to -1000 HU)" in problem["what"] and problem["what"] in done.stderr


def test_what_verify_found_before_a_run_is_not_in_its_report(nicohort, tmp_path):
    root = small_archive.make(tmp_path, ["0012"])
    run = ("run", "--root_dir", root)
    nicohort(*run, status=None)
    added = next(root.glob("grouped/*/*/*/*_volume.nii.gz")).parent / "notes.txt"
    added.write_text("mine")
    nicohort("verify", "--root_dir", root / "grouped", status=1)
    nicohort("report", "--root_dir", root, status=None)
    assert [problem for problem in data_of(root / "report")["problems"] if "notes.txt" in str(problem)]
    added.unlink()
    nicohort(*run, "--again", status=None)
    assert not [problem for problem in data_of(root / "report")["problems"] if "notes.txt" in str(problem)]
