"""SPEC 5: masks with a file for each label, `mask: {file: "…/{label}.nii.gz", overlap: …}`."""

import csv
import shutil

import nibabel
import numpy as np
import pytest

from small_archive import AFFINE, column
from test_report import data_of
from test_run import results, results_of_commands

RECIPE = """volume: "{pid}/ct.nii.gz"
mask: {file: "{pid}/segmentations/{label}.nii.gz"%s}
parts: {pid: "[0-9]+"}
labels: {0: Bg, 1: liver, 2: right kidney, 5: spleen}
"""
NUMBERS = {"liver": 1, "right kidney": 2, "spleen": 5}
SIZE = (9, 8, 4)
BOXES = {"liver": np.s_[1:4, 1:4, 1:3], "right kidney": np.s_[4:7, 1:4, 1:3], "spleen": np.s_[1:4, 4:7, 0:2]}
OVERLAPPING = {"liver": np.s_[1:5, 1:4, 1:3], "right kidney": np.s_[4:7, 1:5, 1:3], "spleen": np.s_[4:6, 3:7, 2:4]}
COMMANDS = """
gen_archive_manifest --root_dir archive --output_manifest_file descriptor/archive_manifest.xlsx --recipe recipe.yaml
confirm_pairs --root_dir archive --output_dir grouped --archive_manifest descriptor/archive_manifest.xlsx --recipe recipe.yaml
mask_thresholding --root_dir grouped --output_dir grouped --thresh -200 200
extract_binary_masks --root_dir grouped --label_explanation descriptor/label_map.yaml
gen_dataset_manifest --root_dir grouped --output_manifest_file grouped/dataset_manifest.xlsx
"""
LABEL_MAP = "short_form_index_map: {0: Bg, 1: liver, 2: right kidney, 5: spleen}\n"


def inside(box):
    mask = np.zeros(SIZE, np.uint8)
    mask[box] = 1
    return mask


def ct_of(pid):
    return np.random.default_rng(int(pid)).integers(-300, 300, SIZE).astype(np.int16)


def label_file(root, pid, label):
    return root / "archive" / pid / "segmentations" / f"{label}.nii.gz"


def save(path, values, affine=AFFINE, scaling=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    image = nibabel.Nifti1Image(values, affine)
    if scaling:
        image.header.set_slope_inter(*scaling)
    nibabel.save(image, path)


def make(root, pids=("0001", "0002"), boxes=BOXES, overlap="", more=""):
    for pid in pids:
        save(root / f"archive/{pid}/ct.nii.gz", ct_of(pid))
        for label, box in boxes.items():
            save(label_file(root, pid, label), inside(box))
    write_recipe(root, overlap, more)


def write_recipe(root, overlap="", more=""):
    (root / "recipe.yaml").write_text(RECIPE % (overlap and f", overlap: {overlap}") + more)


def run(nicohort, root, *options, status=0):
    return nicohort("run", "--root_dir", ".", "--recipe", "recipe.yaml", *options, cwd=root, status=status)


def problems(root):
    with open(root / "run.problems.csv", encoding="utf-8", newline="") as file:
        return [tuple(row)[-3:] for row in list(csv.reader(file))[1:]]


def mask_of(root, pid):
    image = nibabel.load(root / "grouped" / pid / f"{pid}_mask.nii.gz")
    assert image.get_data_dtype() == np.uint8
    return np.asarray(image.dataobj)


def painted(boxes, order=("liver", "right kidney", "spleen")):
    mask = np.zeros(SIZE, np.uint8)
    for label in order:
        if label in boxes:
            mask[boxes[label]] = NUMBERS[label]
    return mask


def samples_with_mask(root):
    table = root / "grouped/dataset_manifest.xlsx"
    return {pid: mask is not None for pid, mask in zip(column(table, "ID"), column(table, "mask"))}


def without_note(content):
    """A picture without what nicohort notes in it."""
    return content[content.index(b"IDAT"):]


def pictures(root):
    return {path.name: path.read_bytes() for path in (root / "report/thumbnails").iterdir()}


def test_the_labels_become_one_mask(nicohort, tmp_path):
    make(tmp_path)
    run(nicohort, tmp_path)
    for pid in ("0001", "0002"):
        assert (mask_of(tmp_path, pid) == painted(BOXES)).all()
        for label, name in ((1, "liver"), (2, "right_kidney"), (5, "spleen")):
            binary = np.asarray(nibabel.load(tmp_path / f"grouped/{pid}/{pid}_mask_{label:02}_{name}.nii.gz").dataobj)
            assert (binary == inside(BOXES[name.replace("_", " ")])).all()
    table = tmp_path / "descriptor/archive_manifest.xlsx"
    assert column(table, "label") == [None, "liver", "right kidney", "spleen"] * 2
    assert column(table, "type") == ["v3d", "m3d", "m3d", "m3d"] * 2
    assert nicohort("verify", "--root_dir", tmp_path / "grouped").stderr == ""


def test_names_may_be_written_as_in_file_names(nicohort, tmp_path):
    make(tmp_path)
    for pid in ("0001", "0002"):
        label_file(tmp_path, pid, "right kidney").rename(label_file(tmp_path, pid, "right_kidney"))
    run(nicohort, tmp_path)
    assert (mask_of(tmp_path, "0001") == painted(BOXES)).all()


def test_two_files_of_one_label(nicohort, tmp_path):
    make(tmp_path)
    shutil.copy(label_file(tmp_path, "0001", "right kidney"), label_file(tmp_path, "0001", "right_kidney"))
    run(nicohort, tmp_path, status=1)
    (sample, kind, what), = problems(tmp_path)
    assert (sample, kind) == ("0001", "duplicate scan")
    assert what.startswith("2 files match its mask (right_kidney): 0001/segmentations/right kidney.nii.gz, "
                           "0001/segmentations/right_kidney.nii.gz; none of them is used")
    assert not list((tmp_path / "grouped/0001").glob("*_mask*"))  # which would have background where the kidney is


def test_a_label_without_a_file_is_empty(nicohort, tmp_path):
    make(tmp_path)
    label_file(tmp_path, "0002", "right kidney").unlink()
    said = run(nicohort, tmp_path)
    assert "Labels without a mask file, which are empty in these samples: right_kidney (0002)." in said.stdout
    rest = {label: box for label, box in BOXES.items() if label != "right kidney"}
    assert (mask_of(tmp_path, "0002") == painted(rest)).all()
    assert column(tmp_path / "grouped/dataset_manifest.xlsx", "mask_02_right_kidney_existence") == [1, 0]


def test_a_mask_of_no_label_at_all_is_missing(nicohort, tmp_path):
    make(tmp_path)
    shutil.rmtree(tmp_path / "archive/0002/segmentations")
    save(label_file(tmp_path, "0002", "aorta"), inside(BOXES["liver"]))
    said = run(nicohort, tmp_path, status=1)
    assert problems(tmp_path) == [("0002", "incomplete", "has a volume but no mask; the volume was kept: add the mask")]
    assert "Labels without a mask file" not in said.stdout
    assert samples_with_mask(tmp_path) == {"0001": True, "0002": False}


def test_other_labels_are_counted_and_left_aside(nicohort, tmp_path):
    make(tmp_path)
    save(label_file(tmp_path, "0001", "aorta"), inside(BOXES["liver"]))
    save(label_file(tmp_path, "0001", "colon"), inside(BOXES["liver"]))
    label_file(tmp_path, "0002", "aorta").write_bytes(b"nobody reads this")
    said = run(nicohort, tmp_path)
    assert "3 mask files of 2 labels that the recipe does not have, such as aorta, not used." in said.stdout
    assert (mask_of(tmp_path, "0001") == painted(BOXES)).all()
    assert "aorta" not in column(tmp_path / "descriptor/archive_manifest.xlsx", "label")


def test_a_misspelt_label_file_is_named(nicohort, tmp_path):
    make(tmp_path)
    label_file(tmp_path, "0002", "right kidney").rename(label_file(tmp_path, "0002", "right kidny"))
    said = run(nicohort, tmp_path)
    assert "the label `right_kidny` of a mask file in 1 sample is not in the recipe, and `right_kidney` has no file there" in said.stderr


def test_the_volume_may_lie_beside_the_masks(nicohort, tmp_path):
    make(tmp_path)
    for path in list((tmp_path / "archive").rglob("segmentations/*.nii.gz")):
        path.rename(path.parent.parent / path.name)
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(recipe.read_text().replace("segmentations/", ""))
    said = run(nicohort, tmp_path)
    assert "that the recipe does not have" not in said.stdout
    assert (mask_of(tmp_path, "0001") == painted(BOXES)).all()


def test_the_background_has_no_mask(nicohort, tmp_path):
    make(tmp_path)
    save(label_file(tmp_path, "0001", "Bg"), np.ones(SIZE, np.uint8))
    assert "1 mask file of 1 label" in run(nicohort, tmp_path).stdout
    assert (mask_of(tmp_path, "0001") == painted(BOXES)).all()


@pytest.mark.parametrize("values, scaling, said", [
    (inside(BOXES["liver"]) * np.uint8(255), None, ""), (inside(BOXES["liver"]) * np.float32(0.5), None, ""),
    (inside(BOXES["liver"]) * np.uint16(999), None, ""), (inside(BOXES["liver"]), (0.25, 0), ""), (1 + inside(BOXES["liver"]), (1, -1), ""),
    (inside(BOXES["liver"]).astype(np.int16) * 2 - 1, None, "has the value -1, and values below 0 do not count"),
    (np.where(inside(BOXES["liver"]), np.inf, -np.inf), None, "has the value -inf, and values below 0"),
    (inside(BOXES["liver"]) * (1 + np.arange(SIZE[2]) % 2).astype(np.uint8), None, "has several values above 0, such as ")])
def test_above_zero_belongs_to_the_label(nicohort, tmp_path, values, scaling, said):
    """What may be another kind of mask is told: one of several labels, or one whose 255 became -1."""
    make(tmp_path, ["0001"])
    save(label_file(tmp_path, "0001", "liver"), values, scaling=scaling)
    run(nicohort, tmp_path, status=1 if said else 0)
    assert (mask_of(tmp_path, "0001") == painted(BOXES)).all()
    if said:
        (subject, kind, what), = problems(tmp_path)
        assert (subject, kind) == ("0001/segmentations/liver.nii.gz", "mask value") and said in what


def test_masks_that_cannot_be_used(nicohort, tmp_path):
    pids = [f"000{i}" for i in range(1, 6)]
    make(tmp_path, pids)
    label_file(tmp_path, "0001", "liver").write_bytes(b"no image")
    nan = inside(BOXES["liver"]).astype(np.float32)
    nan[3, 2, 1] = np.nan
    save(label_file(tmp_path, "0002", "liver"), nan)
    save(label_file(tmp_path, "0003", "spleen"), np.zeros((9, 8, 5), np.uint8))
    save(label_file(tmp_path, "0004", "spleen"), np.zeros((*SIZE, 2), np.uint8))
    run(nicohort, tmp_path, status=1)
    told = problems(tmp_path)
    assert sorted((subject, kind) for subject, kind, what in told) == [
        ("0001", "incomplete"), ("0001/segmentations/liver.nii.gz", "unreadable file"), ("0002/segmentations/liver.nii.gz", "mask value"),
        ("0003/segmentations/spleen.nii.gz", "geometry"), ("0004", "incomplete"), ("0004/segmentations/spleen.nii.gz", "unreadable file")]
    what = {subject: what for subject, kind, what in told}
    assert what["0001"] == what["0004"] == "has a mask file that cannot be read, so none of its mask files is used; correct the file"
    assert what["0002/segmentations/liver.nii.gz"].startswith("has the value nan at voxel (3, 2, 1), but the voxels of a mask are numbers;")
    assert what["0003/segmentations/spleen.nii.gz"].startswith("the mask has 9×8×5 voxels, but the volume has 9×8×4: ")
    assert samples_with_mask(tmp_path) == {"0001": False, "0004": False, "0005": True}
    run(nicohort, tmp_path, status=1)
    assert sorted(problems(tmp_path)) == sorted(told)


def test_a_label_that_cannot_be_read_any_more_keeps_the_mask(nicohort, tmp_path):
    make(tmp_path)
    run(nicohort, tmp_path)
    label_file(tmp_path, "0001", "spleen").write_bytes(b"no image")
    said = run(nicohort, tmp_path, status=1).stderr
    assert (mask_of(tmp_path, "0001") == painted(BOXES)).all()
    assert [told[:2] for told in problems(tmp_path)] == [("0001/segmentations/spleen.nii.gz", "unreadable file"), ("0001", "incomplete")]
    assert "warning: 0001: is in the dataset, but cannot be made again" in said
    (tmp_path / "descriptor").mkdir(exist_ok=True)
    lines = [line.split() for line in COMMANDS.strip().splitlines()]
    nicohort(*lines[0], cwd=tmp_path, status=1)
    said = nicohort(*lines[1], cwd=tmp_path, status=1).stderr
    assert said == ("problem: 0001: has mask files in the archive, but they cannot be used together: correct those that cannot be read, or "
                    "remove all of them; the dataset keeps the sample as it was made before\n")
    assert (mask_of(tmp_path, "0001") == painted(BOXES)).all()
    make(tmp_path)
    run(nicohort, tmp_path)
    assert not (tmp_path / "run.problems.csv").exists()


def test_a_label_that_lies_elsewhere(nicohort, tmp_path):
    make(tmp_path)
    affine = AFFINE.copy()
    affine[2, 3] += 3
    save(label_file(tmp_path, "0001", "spleen"), inside(BOXES["spleen"]), affine)
    run(nicohort, tmp_path, status=1)
    assert [told[:2] for told in problems(tmp_path)] == [("0001/segmentations/spleen.nii.gz", "geometry")]
    assert "the position of the mask (LAS) differs by up to 0.6 voxels from the volume (LAS)" in problems(tmp_path)[0][2]
    assert (mask_of(tmp_path, "0001") == painted(BOXES)).all()


def test_overlapping_masks(nicohort, tmp_path):
    make(tmp_path, boxes=OVERLAPPING, overlap="last")
    run(nicohort, tmp_path)
    assert (mask_of(tmp_path, "0001") == painted(OVERLAPPING)).all()
    write_recipe(tmp_path, "first")
    assert "2 samples processed" in run(nicohort, tmp_path).stdout
    assert (mask_of(tmp_path, "0001") == painted(OVERLAPPING, ("spleen", "right kidney", "liver"))).all()
    for rule in ("error", ""):
        write_recipe(tmp_path, rule)
        run(nicohort, tmp_path, status=1)
        met = sum(inside(box).astype(int) for box in OVERLAPPING.values()) > 1
        x, y, z = min(np.argwhere(met), key=lambda at: tuple(at[::-1]))
        assert problems(tmp_path) == [
            (pid, "mask value", f"has {met.sum()} voxels in the masks of more than one label, the first at ({x}, {y}, {z}) in liver and "
             "right_kidney; the sample has no mask: correct the masks, or set `overlap` in the recipe to `first` or `last`")
            for pid in ("0001", "0002")]
        assert samples_with_mask(tmp_path) == {"0001": False, "0002": False}
        assert list((tmp_path / "grouped").rglob("*mask*")) == []
    assert "Nothing has changed" in run(nicohort, tmp_path, status=1).stdout
    assert len(problems(tmp_path)) == 2
    write_recipe(tmp_path, "last")
    run(nicohort, tmp_path)
    assert (mask_of(tmp_path, "0002") == painted(OVERLAPPING)).all()


def test_a_rule_that_changes_nothing_is_still_recorded(nicohort, tmp_path):
    make(tmp_path, overlap="last")
    run(nicohort, tmp_path)
    write_recipe(tmp_path, "first")
    said = run(nicohort, tmp_path, "--dry_run").stdout
    assert "would process 0001: the recipe's channels or labels of images have changed" in said, said
    assert "2 samples processed" in run(nicohort, tmp_path).stdout
    assert '"overlap": "first"' in (tmp_path / "grouped/.nicohort/0001.json").read_text()
    assert "Nothing has changed" in run(nicohort, tmp_path).stdout


def test_another_number_makes_the_samples_anew(nicohort, tmp_path):
    make(tmp_path)
    run(nicohort, tmp_path)
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(recipe.read_text().replace("5: spleen", "3: spleen"))
    assert "2 samples processed" in run(nicohort, tmp_path).stdout
    assert set(np.unique(mask_of(tmp_path, "0001"))) == {0, 1, 2, 3}
    assert not (tmp_path / "grouped/0001/0001_mask_05_spleen.nii.gz").exists()
    assert (tmp_path / "grouped/0001/0001_mask_03_spleen.nii.gz").exists()
    assert nicohort("verify", "--root_dir", tmp_path / "grouped").stderr == ""


def test_another_number_counts_for_confirm_pairs(nicohort, tmp_path):
    """Which cuts no binary masks, and so keeps no labels in its records."""
    make(tmp_path)
    (tmp_path / "descriptor").mkdir()
    first_two = COMMANDS.strip().splitlines()[:2]
    for line in first_two:
        nicohort(*line.split(), cwd=tmp_path)
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(recipe.read_text().replace("5: spleen", "3: spleen"))
    for line in first_two:
        nicohort(*line.split(), cwd=tmp_path)
    assert set(np.unique(mask_of(tmp_path, "0001"))) == {0, 1, 2, 3}


def test_a_removed_file_makes_the_sample_anew(nicohort, tmp_path):
    make(tmp_path)
    run(nicohort, tmp_path)
    label_file(tmp_path, "0001", "spleen").unlink()
    assert "1 sample processed, 1 unchanged" in run(nicohort, tmp_path, "--allow_removal").stdout
    assert (mask_of(tmp_path, "0001") == painted({label: BOXES[label] for label in ("liver", "right kidney")})).all()
    shutil.rmtree(tmp_path / "archive/0002/segmentations")
    run(nicohort, tmp_path, "--allow_removal", status=1)
    assert samples_with_mask(tmp_path) == {"0001": True, "0002": False}


def test_an_unchanged_archive_is_left_alone(nicohort, tmp_path):
    make(tmp_path)
    run(nicohort, tmp_path)
    before = results(tmp_path)
    assert "Nothing has changed" in run(nicohort, tmp_path).stdout
    assert "2 samples processed" in run(nicohort, tmp_path, "--again").stdout
    assert results(tmp_path) == before


@pytest.mark.parametrize("overlap", ["last", "error"])
def test_run_is_the_commands(nicohort, tmp_path, overlap):
    make(tmp_path / "run", overlap=overlap, more="steps: [{threshold: [-200, 200]}]\n")
    for label, box in OVERLAPPING.items():
        save(label_file(tmp_path / "run", "0002", label), inside(box))
    (tmp_path / "run/descriptor").mkdir()
    (tmp_path / "run/descriptor/label_map.yaml").write_text(LABEL_MAP)
    shutil.copytree(tmp_path / "run", tmp_path / "commands")
    run(nicohort, tmp_path / "run", status=None)
    for line in COMMANDS.strip().splitlines():
        assert nicohort(*line.split(), cwd=tmp_path / "commands", status=None).returncode in (0, 1)
    ours, theirs = results(tmp_path / "run"), results_of_commands(tmp_path / "commands")
    assert ours.keys() == theirs.keys()
    assert [name for name in ours if ours[name] != theirs[name]] == []
    ct = ct_of("0001")
    assert (mask_of(tmp_path / "run", "0001") == painted(BOXES) * ((ct >= -200) & (ct <= 200))).all()


def test_another_label_map(nicohort, tmp_path):
    make(tmp_path)
    (tmp_path / "descriptor").mkdir()
    (tmp_path / "descriptor/label_map.yaml").write_text(LABEL_MAP.replace("5:", "4:"))
    for options in ((), ("--dry_run",)):
        said = run(nicohort, tmp_path, *options, status=2).stderr
        assert "label_map.yaml: differs from the labels of the recipe recipe.yaml, by which its mask files are numbered;" in said
        assert sorted(path.name for path in tmp_path.iterdir()) == ["archive", "descriptor", "recipe.yaml"]
        assert sorted(path.name for path in (tmp_path / "descriptor").iterdir()) == ["label_map.yaml"]
    (tmp_path / "descriptor/label_map.yaml").write_text(LABEL_MAP)
    run(nicohort, tmp_path)
    (tmp_path / "other.yaml").write_text(LABEL_MAP.replace("5:", "4:"))
    said = nicohort("extract_binary_masks", "--root_dir", tmp_path / "grouped", "--label_explanation", tmp_path / "other.yaml", status=2).stderr
    assert "other.yaml: differs from the labels of the recipe" in said


def test_dry_run(nicohort, tmp_path):
    make(tmp_path)
    save(label_file(tmp_path, "0001", "aorta"), inside(BOXES["liver"]))
    said = run(nicohort, tmp_path, "--dry_run").stdout
    assert "The mask pattern `{pid}/segmentations/{label}.nii.gz` matches 7 files:\n  0001/segmentations/aorta.nii.gz: pid 0001" in said
    assert "1 mask file of 1 label that the recipe does not have, such as aorta, not used." in said
    assert "Would process 2 samples" in said and not (tmp_path / "grouped").exists()


def test_the_report(nicohort, tmp_path):
    make(tmp_path, overlap="last")
    for label, box in OVERLAPPING.items():
        save(label_file(tmp_path, "0002", label), inside(box))
    run(nicohort, tmp_path)
    before, data = pictures(tmp_path), data_of(tmp_path / "report")
    assert sorted(before) == ["0001.png", "0002.png"]
    shutil.rmtree(tmp_path / "report")
    assert nicohort("report", "--root_dir", tmp_path).stderr == ""
    assert pictures(tmp_path) == before
    assert data_of(tmp_path / "report") == data
    drawn_as_one = tmp_path / "one"
    for pid in ("0001", "0002"):
        save(drawn_as_one / f"archive/{pid}/ct.nii.gz", ct_of(pid))
        save(drawn_as_one / f"archive/{pid}/seg.nii.gz", mask_of(tmp_path, pid))
    (drawn_as_one / "recipe.yaml").write_text('volume: "{pid}/ct.nii.gz"\nmask: "{pid}/seg.nii.gz"\n' + RECIPE[RECIPE.index("parts"):])
    run(nicohort, drawn_as_one)
    assert {name: without_note(content) for name, content in pictures(drawn_as_one).items()} == {
        name: without_note(content) for name, content in before.items()}


def test_the_report_of_masks_that_overlap(nicohort, tmp_path):
    make(tmp_path, boxes=OVERLAPPING)
    run(nicohort, tmp_path, status=1)
    before = pictures(tmp_path)
    shutil.rmtree(tmp_path / "report")
    nicohort("report", "--root_dir", tmp_path, status=None)
    assert pictures(tmp_path) == before


def test_a_manifest_of_another_recipe(nicohort, tmp_path):
    make(tmp_path)
    lines = [line.split() for line in COMMANDS.strip().splitlines()]
    (tmp_path / "descriptor").mkdir()
    nicohort(*lines[0], cwd=tmp_path)
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(recipe.read_text().replace("5: spleen", "5: milt"))
    said = nicohort(*lines[1], cwd=tmp_path, status=1).stderr
    assert "has the label `spleen` in the manifest, which the recipe does not have; run gen_archive_manifest again" in said


def test_pseudonyms(nicohort, tmp_path):
    make(tmp_path, ("4711", "4712"))
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(recipe.read_text().replace("[0-9]+", "[0-9]+|P[A-Z2-7]{10}"))
    (tmp_path / "key").write_text("a key that is long enough\n")
    said = run(nicohort, tmp_path, "--pseudonymize", "key")
    masks = list((tmp_path / "grouped").rglob("*_mask.nii.gz"))
    assert len(masks) == 2
    for mask in masks:
        assert (np.asarray(nibabel.load(mask).dataobj) == painted(BOXES)).all()
    for text in (said.stdout, said.stderr, *(path.read_text() for path in (tmp_path / "grouped/.nicohort").glob("*.json"))):
        assert "4711" not in text and "4712" not in text


def test_the_report_tells_the_groups_of_labels(nicohort, tmp_path):
    make(tmp_path, more="groups: {belly: [liver, spleen], right: [right kidney]}\n")
    run(nicohort, tmp_path)
    data = data_of(tmp_path / "report")
    assert data["label_groups"] == [{"name": "belly", "labels": [1, 5]}, {"name": "right", "labels": [2]}]
    assert data["title"] == tmp_path.name, "the recipe has no name"
    for sample in data["samples"]:
        for group in sample["roi"]["by_group"]:
            image = nibabel.load(tmp_path / f"grouped/{sample['id']}/{sample['id']}_mask_{group['name']}.nii.gz")
            assert group["voxels"] == np.count_nonzero(image.dataobj) > 0
            assert group["volume_mm3"] == pytest.approx(group["voxels"] * np.prod(image.header.get_zooms()))
