"""SPEC 5: volumes of several channels, a file each or all in a 4-D file."""

import csv
import shutil

import nibabel
import numpy as np
import openpyxl
import pytest

from small_archive import AFFINE, column
from test_report import data_of
from test_run import results, results_of_commands

IN_FILES = 'volume: {T1: "{pid}/T1.nii.gz", T2 w: "{pid}/T2.nii.gz"}\n'
IN_ONE = 'volume: {file: "{pid}/scan.nii.gz", channels: [FLAIR, T1]}\n'
RECIPE = """mask: "{pid}/seg.nii.gz"
parts: {pid: "[0-9]+"}
labels: {0: Bg, 1: ROI}
"""
SIZE = (8, 7, 3)
COMMANDS = """
gen_archive_manifest --root_dir archive --output_manifest_file descriptor/archive_manifest.xlsx --recipe recipe.yaml
confirm_pairs --root_dir archive --output_dir grouped --archive_manifest descriptor/archive_manifest.xlsx --recipe recipe.yaml
extract_binary_masks --root_dir grouped --label_explanation label_map.yaml
gen_dataset_manifest --root_dir grouped --output_manifest_file grouped/dataset_manifest.xlsx
"""
THRESHOLD = "mask_thresholding --root_dir grouped --output_dir grouped --thresh -200 200"


def values_of(pid, channel, size=SIZE):
    return np.random.default_rng([int(pid), channel]).integers(-300, 300, size).astype(np.int16)


def mask_values():
    mask = np.zeros(SIZE, np.uint8)
    mask[2:6, 2:5, :] = 1
    return mask


def save(root, name, values, affine=AFFINE, scaling=None):
    path = root / "archive" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    image = nibabel.Nifti1Image(values, affine)
    if scaling:
        image.header.set_slope_inter(*scaling)
    nibabel.save(image, path)
    return path


def make(root, pids=("0001", "0002"), in_one=False, more=""):
    for pid in pids:
        if in_one:
            save(root, f"{pid}/scan.nii.gz", np.stack([values_of(pid, 1), values_of(pid, 2)], axis=3))
        else:
            for channel in (1, 2):
                save(root, f"{pid}/T{channel}.nii.gz", values_of(pid, channel))
        save(root, f"{pid}/seg.nii.gz", mask_values())
    write_recipe(root, (IN_ONE if in_one else IN_FILES) + RECIPE + more)
    (root / "label_map.yaml").write_text("short_form_index_map: {0: Bg, 1: ROI}\n")


def write_recipe(root, text):
    (root / "recipe.yaml").write_text(text)


def run(nicohort, root, *options, status=0):
    return nicohort("run", "--root_dir", ".", "--recipe", "recipe.yaml", *options, cwd=root, status=status)


def problems(root):
    with open(root / "run.problems.csv", encoding="utf-8", newline="") as file:
        return [tuple(row)[-3:] for row in list(csv.reader(file))[1:]]


def read(path):
    return np.asarray(nibabel.load(path).dataobj)


def volumes(root, pid):
    folder = root / "grouped" / pid
    return {path.name.removeprefix(f"{pid}_volume_").removesuffix(".nii.gz"): path for path in sorted(folder.glob(f"{pid}_volume*"))}


def mask_of(root, pid):
    return read(root / "grouped" / pid / f"{pid}_mask.nii.gz")



def test_channels_that_are_blank_are_not_the_same_scan(nicohort, tmp_path):
    make(tmp_path)
    for pid in "0001", "0002":
        save(tmp_path, f"{pid}/T2.nii.gz", values_of(pid, 2) * 0)
    run(nicohort, tmp_path, status=1)
    told = problems(tmp_path)
    assert len(told) == 2 and all("has the value 0 in all voxels" in what for _, _, what in told)
    nicohort("verify", "--root_dir", tmp_path / "grouped")
    nicohort("export", "--root_dir", tmp_path / "grouped", "--format", "csv", "--output", tmp_path / "exported")
    save(tmp_path, "0002/T1.nii.gz", values_of("0001", 1))
    run(nicohort, tmp_path, status=1)
    assert sum("has the same voxel values" in what for _, _, what in problems(tmp_path)) == 2


@pytest.mark.parametrize("in_one", [False, True])
def test_values_and_columns(nicohort, tmp_path, in_one):
    make(tmp_path, in_one=in_one)
    save(tmp_path, "0002/scan.nii.gz" if in_one else "0002/T2.nii.gz",
         np.stack([values_of("0002", 1), values_of("0002", 2)], axis=3) if in_one else values_of("0002", 2), scaling=(0.5, -10))
    run(nicohort, tmp_path)
    names = ["FLAIR", "T1"] if in_one else ["T1", "T2_w"]
    for pid in ("0001", "0002"):
        written = volumes(tmp_path, pid)
        assert list(written) == names
        for channel, name in enumerate(names, 1):
            image = nibabel.load(written[name])
            assert image.get_data_dtype() == np.float32
            expected = values_of(pid, channel).astype(float)
            if pid == "0002" and (in_one or channel == 2):
                expected = expected * 0.5 - 10
            assert (np.asarray(image.dataobj) == expected.astype(np.float32)).all()
            assert np.allclose(image.affine, AFFINE)
    table = tmp_path / "grouped/dataset_manifest.xlsx"
    for name in names:
        assert column(table, f"volume_{name}") == [f"{pid}/{pid}_volume_{name}.nii.gz" for pid in ("0001", "0002")]
    assert "volume" not in next(openpyxl.load_workbook(table).active.values)
    archive_table = tmp_path / "descriptor/archive_manifest.xlsx"
    rows = list(zip(column(archive_table, "type"), column(archive_table, "channel")))
    assert rows == ([("v3d", "FLAIR,T1"), ("m3d", None)] if in_one else [("v3d", "T1"), ("v3d", "T2_w"), ("m3d", None)]) * 2


def moved(voxels):
    affine = AFFINE.copy()
    affine[0, 3] += 0.8 * voxels
    return affine


def test_the_first_channel_gives_the_geometry(nicohort, tmp_path):
    make(tmp_path)
    save(tmp_path, "0001/T2.nii.gz", values_of("0001", 2), moved(0.4))
    save(tmp_path, "0002/T2.nii.gz", values_of("0002", 2), moved(0.7))
    said = run(nicohort, tmp_path, status=1).stderr
    told = problems(tmp_path)
    assert [(subject, kind) for subject, kind, what in told] == [("0002/T2.nii.gz", "geometry")], said
    assert told[0][2].startswith("the position of the channel (LAS) differs by up to 0.7 voxels from the first channel (LAS); the geometry of the first")
    for pid in ("0001", "0002"):
        written = volumes(tmp_path, pid)
        first, second = nibabel.load(written["T1"]), nibabel.load(written["T2_w"])
        assert np.allclose(first.affine, AFFINE) and (second.affine == first.affine).all()
        assert (np.asarray(second.dataobj) == values_of(pid, 2)).all()
    nicohort("verify", "--root_dir", tmp_path / "grouped")


def test_a_channel_of_another_size_leaves_the_sample_out(nicohort, tmp_path):
    make(tmp_path)
    save(tmp_path, "0001/T2.nii.gz", values_of("0001", 2, (8, 7, 4)))
    run(nicohort, tmp_path, status=1)
    assert problems(tmp_path) == [("0001/T2.nii.gz", "geometry", "the channel has 8×7×4 voxels, but the first channel has 8×7×3: "
                                   "resample all channels to one grid; the sample is left out")]
    assert column(tmp_path / "grouped/dataset_manifest.xlsx", "ID") == ["0002"]
    assert not (tmp_path / "grouped/0001").exists()


def test_a_missing_channel_leaves_the_sample_out(nicohort, tmp_path):
    make(tmp_path, ("0001", "0002", "0003"), more="splits: [{name: s, test_ratio: 0, val_ratio: 0}]\n")
    (tmp_path / "archive/0001/T2.nii.gz").unlink()
    (tmp_path / "archive/0002/T1.nii.gz").unlink()
    previewed = run(nicohort, tmp_path, "--dry_run", status=1).stdout
    assert "would process 0003: new" in previewed and "would process 0001" not in previewed
    assert "Would process 1 sample, 0 unchanged" in previewed and "would have train 1 sample of 1 patient." in previewed
    run(nicohort, tmp_path, status=1)
    assert [told[:2] for told in problems(tmp_path)] == [("0001", "incomplete"), ("0002", "incomplete")]
    assert [told[2] for told in problems(tmp_path)] == [
        f"has no volume of the channel {name}: add it; the sample is left out" for name in ("T2_w", "T1")]
    assert column(tmp_path / "grouped/dataset_manifest.xlsx", "ID") == ["0003"]
    before = problems(tmp_path)
    run(nicohort, tmp_path, status=1)
    assert problems(tmp_path) == before


def test_several_missing_channels_are_one_problem(nicohort, tmp_path):
    make(tmp_path)
    write_recipe(tmp_path, IN_FILES.replace("}\n", ', T3: "{pid}/T3.nii.gz"}\n') + RECIPE)
    (tmp_path / "archive/0001/T2.nii.gz").unlink()
    save(tmp_path, "0002/T3.nii.gz", values_of("0002", 3))
    run(nicohort, tmp_path, status=1)
    assert problems(tmp_path) == [("0001", "incomplete", "has no volumes of the channels T2_w, T3: add them; the sample is left out")]


def test_a_channel_that_cannot_be_read_is_told_once(nicohort, tmp_path):
    make(tmp_path)
    (tmp_path / "archive/0001/T2.nii.gz").write_bytes(b"nothing")
    run(nicohort, tmp_path, status=1)
    assert [told[:2] for told in problems(tmp_path)] == [("0001/T2.nii.gz", "unreadable file")]
    assert column(tmp_path / "grouped/dataset_manifest.xlsx", "ID") == ["0002"]


def test_a_channel_that_went_missing_keeps_the_sample(nicohort, tmp_path):
    make(tmp_path)
    run(nicohort, tmp_path)
    before = {name: path.read_bytes() for name, path in volumes(tmp_path, "0001").items()}
    (tmp_path / "archive/0001/T2.nii.gz").unlink()
    run(nicohort, tmp_path, status=1)
    assert [told[:2] for told in problems(tmp_path)] == [("0001", "incomplete")]
    assert {name: path.read_bytes() for name, path in volumes(tmp_path, "0001").items()} == before


def test_equal_channels_and_the_same_scan_in_two_patients(nicohort, tmp_path):
    make(tmp_path, ("0001", "0002", "0003"))
    save(tmp_path, "0001/T2.nii.gz", values_of("0001", 1))
    save(tmp_path, "0003/T2.nii.gz", values_of("0002", 1))
    run(nicohort, tmp_path, status=1)
    told = problems(tmp_path)
    assert [(subject, kind) for subject, kind, what in told] == [(pid, "duplicate scan") for pid in ("0001", "0002", "0003")]
    assert told[0][2].startswith("has the same voxel values in the channels T1 and T2_w;")
    assert told[1][2].startswith("has the same voxel values as 0003,")
    assert told[2][2].startswith("has the same voxel values as 0002,")
    said = nicohort("verify", "--root_dir", tmp_path / "grouped", status=1).stderr
    assert "T1 and T2_w" in said and "same voxel values as 0003" in said


def test_files_with_another_number_of_volumes(nicohort, tmp_path):
    make(tmp_path, ("0001", "0002", "0003", "0004"), in_one=True)
    save(tmp_path, "0001/scan.nii.gz", np.stack([values_of("0001", i) for i in range(3)], axis=3))
    save(tmp_path, "0002/scan.nii.gz", values_of("0002", 1))
    save(tmp_path, "0003/seg.nii.gz", np.stack([mask_values()] * 2, axis=3))
    run(nicohort, tmp_path, status=1)
    told = {subject: what for subject, kind, what in problems(tmp_path)}
    assert set(told) == {"0001/scan.nii.gz", "0002/scan.nii.gz", "0003/seg.nii.gz"}
    assert told["0001/scan.nii.gz"].startswith("holds 3 volumes, but the recipe names 2 channels;")
    assert told["0002/scan.nii.gz"].startswith("holds 1 volume, but the recipe names 2 channels;")
    assert told["0003/seg.nii.gz"].startswith("holds more than one volume (2 along dim[4])")
    table = tmp_path / "grouped/dataset_manifest.xlsx"
    assert (column(table, "ID"), column(table, "mask")) == (["0003", "0004"], [None, "0004/0004_mask.nii.gz"])


def test_no_file_with_the_number_of_channels(nicohort, tmp_path):
    make(tmp_path, in_one=True)
    write_recipe(tmp_path, IN_ONE.replace("T1]", "T1, T2]") + RECIPE)
    said = run(nicohort, tmp_path, status=1)
    assert "No sample can be used, so no report was written." in said.stdout
    assert [told[0] for told in problems(tmp_path)] == ["0001/scan.nii.gz", "0002/scan.nii.gz"]
    write_recipe(tmp_path, IN_ONE + RECIPE)
    run(nicohort, tmp_path)
    assert column(tmp_path / "grouped/dataset_manifest.xlsx", "ID") == ["0001", "0002"]


def test_a_4d_file_where_each_channel_has_one(nicohort, tmp_path):
    make(tmp_path)
    save(tmp_path, "0001/T2.nii.gz", np.stack([values_of("0001", i) for i in range(2)], axis=3))
    run(nicohort, tmp_path, status=1)
    assert [told[:2] for told in problems(tmp_path)] == [("0001/T2.nii.gz", "unreadable file")]


@pytest.mark.parametrize("in_one", [False, True])
def test_run_is_the_commands(nicohort, tmp_path, in_one):
    make(tmp_path / "run", in_one=in_one, more="steps: [{threshold: [-200, 200]}]\n")
    (tmp_path / "run/descriptor").mkdir()
    shutil.copytree(tmp_path / "run", tmp_path / "commands")
    run(nicohort, tmp_path / "run")
    lines = COMMANDS.strip().splitlines()
    for line in [*lines[:2], THRESHOLD, *lines[2:]]:
        nicohort(*line.split(), cwd=tmp_path / "commands")
    ours, theirs = results(tmp_path / "run"), results_of_commands(tmp_path / "commands")
    assert ours.keys() == theirs.keys()
    assert [name for name in ours if ours[name] != theirs[name]] == []
    for pid in ("0001", "0002"):  # by the first channel
        first = values_of(pid, 1)
        assert (mask_of(tmp_path / "run", pid) == mask_values() * ((first >= -200) & (first <= 200))).all()
    assert nicohort("verify", "--root_dir", tmp_path / "commands/grouped").stderr == ""


def test_another_output_folder_gets_the_masks(nicohort, tmp_path):
    make(tmp_path)
    run(nicohort, tmp_path)
    nicohort(*THRESHOLD.replace("--output_dir grouped", "--output_dir other").split(), cwd=tmp_path)
    first = values_of("0001", 1)
    assert (read(tmp_path / "other/0001/0001_mask.nii.gz") == mask_values() * ((first >= -200) & (first <= 200))).all()


def test_an_unchanged_archive_is_left_alone(nicohort, tmp_path):
    make(tmp_path, in_one=True)
    run(nicohort, tmp_path)
    before = results(tmp_path)
    assert "Nothing has changed" in run(nicohort, tmp_path).stdout
    assert "2 samples processed, 0 unchanged" in run(nicohort, tmp_path, "--again").stdout
    assert results(tmp_path) == before


@pytest.mark.parametrize("in_one", [False, True])
def test_a_channel_with_another_name_makes_the_samples_anew(nicohort, tmp_path, in_one):
    make(tmp_path, in_one=in_one)
    run(nicohort, tmp_path)
    recipe = (tmp_path / "recipe.yaml").read_text()
    write_recipe(tmp_path, recipe.replace("FLAIR", "B") if in_one else recipe.replace("T2 w:", "B:"))
    dry = run(nicohort, tmp_path, "--dry_run").stdout
    assert "would process 0001: the recipe's channels or labels of images have changed" in dry
    assert "2 samples processed, 0 unchanged" in run(nicohort, tmp_path).stdout
    assert sorted(volumes(tmp_path, "0001")) == (["B", "T1"])
    assert nicohort("verify", "--root_dir", tmp_path / "grouped").stderr == ""
    assert "volume_B" in next(openpyxl.load_workbook(tmp_path / "grouped/dataset_manifest.xlsx").active.values)


def test_the_order_of_channels_counts(nicohort, tmp_path):
    make(tmp_path, more="steps: [{threshold: [-200, 200]}]\n")
    run(nicohort, tmp_path)
    write_recipe(tmp_path, 'volume: {T2 w: "{pid}/T2.nii.gz", T1: "{pid}/T1.nii.gz"}\n' + RECIPE + "steps: [{threshold: [-200, 200]}]\n")
    run(nicohort, tmp_path)
    first = values_of("0001", 2)
    assert (mask_of(tmp_path, "0001") == mask_values() * ((first >= -200) & (first <= 200))).all()


def test_from_one_channel_to_two_and_back(nicohort, tmp_path):
    make(tmp_path)
    write_recipe(tmp_path, 'volume: "{pid}/T1.nii.gz"\nignore: ["*/T2.nii.gz"]\n' + RECIPE)
    run(nicohort, tmp_path)
    plain = results(tmp_path)
    make(tmp_path)
    run(nicohort, tmp_path)
    assert list(volumes(tmp_path, "0001")) == ["T1", "T2_w"]
    write_recipe(tmp_path, 'volume: "{pid}/T1.nii.gz"\nignore: ["*/T2.nii.gz"]\n' + RECIPE)
    run(nicohort, tmp_path)
    assert results(tmp_path) == plain


def test_verify_looks_at_every_channel(nicohort, tmp_path):
    make(tmp_path)
    run(nicohort, tmp_path)
    second = tmp_path / "grouped/0001/0001_volume_T2_w.nii.gz"
    content = bytearray(second.read_bytes())
    content[len(content) // 2] ^= 4
    second.write_bytes(content)
    removed = tmp_path / "grouped/0002/0002_volume_T2_w.nii.gz"
    removed.unlink()
    said = nicohort("verify", "--root_dir", tmp_path / "grouped", status=1).stderr
    assert "0001/0001_volume_T2_w.nii.gz: has changed since it was written" in said
    assert "0002/0002_volume_T2_w.nii.gz: is missing" in said
    assert "T1.nii.gz" not in said
    run(nicohort, tmp_path)
    assert nicohort("verify", "--root_dir", tmp_path / "grouped").stderr == ""


def test_gen_dataset_manifest_looks_at_every_channel(nicohort, tmp_path):
    make(tmp_path)
    run(nicohort, tmp_path)
    second = tmp_path / "grouped/0001/0001_volume_T2_w.nii.gz"
    nibabel.save(nibabel.Nifti1Image(values_of("0001", 2).astype(np.float32), moved(2)), second)
    said = nicohort("gen_dataset_manifest", "--root_dir", tmp_path / "grouped", "--output_manifest_file", tmp_path / "m.xlsx", status=1).stderr
    assert "0001_volume_T2_w.nii.gz differs from the sample's other images in origin" in said
    second.unlink()
    said = nicohort("gen_dataset_manifest", "--root_dir", tmp_path / "grouped", "--output_manifest_file", tmp_path / "m.xlsx", status=1).stderr
    assert "0001_volume_T2_w.nii.gz" in said


def test_pseudonyms(nicohort, tmp_path):
    make(tmp_path, ("4711", "4712"))
    for path in sorted((tmp_path / "archive").rglob("*.nii.gz")):
        path.rename(path.with_name(f"{path.parent.name}_{path.name}"))
    write_recipe(tmp_path, (IN_FILES + RECIPE).replace("{pid}/", "{pid}/{pid}_").replace("[0-9]+", "[0-9]+|P[A-Z2-7]{10}"))
    (tmp_path / "key").write_text("a key that is long enough\n")
    shutil.copytree(tmp_path, tmp_path / "commands")
    said = run(nicohort, tmp_path, "--pseudonymize", "key")
    ids = column(tmp_path / "grouped/dataset_manifest.xlsx", "ID")
    written = {tuple(read(path).sum() for path in volumes(tmp_path, pid).values()) for pid in ids}
    assert written == {tuple(values_of(pid, channel).sum() for channel in (1, 2)) for pid in ("4711", "4712")}
    everything = {str(path.relative_to(tmp_path)): path.read_bytes() for folder in ("grouped", "descriptor")
                  for path in (tmp_path / folder).rglob("*") if path.is_file()}
    said = said.stdout + said.stderr + "".join(everything) + "".join(
        content.decode() for name, content in everything.items() if name.endswith((".json", ".yaml", ".csv")))
    assert "4711" not in said and "4712" not in said
    assert "Nothing has changed" in run(nicohort, tmp_path, "--pseudonymize", "key").stdout
    (tmp_path / "commands/descriptor").mkdir()
    for line in COMMANDS.strip().splitlines():
        with_key = ("--pseudonymize", "key") if line.startswith(("gen_archive", "confirm")) else ()
        nicohort(*line.split(), *with_key, cwd=tmp_path / "commands")
    assert results_of_commands(tmp_path / "commands") == results(tmp_path)


def test_dry_run_tells_each_channel(nicohort, tmp_path):
    make(tmp_path)
    (tmp_path / "archive/0002/T2.nii.gz").unlink()
    said = run(nicohort, tmp_path, "--dry_run", status=1)
    assert "The volume (T1) pattern `{pid}/T1.nii.gz` matches 2 files:" in said.stdout
    assert "The volume (T2_w) pattern `{pid}/T2.nii.gz` matches 1 file:\n  0001/T2.nii.gz: pid 0001" in said.stdout
    assert "The mask pattern" in said.stdout and not (tmp_path / "grouped").exists()


def test_the_report_shows_the_first_channel(nicohort, tmp_path):
    make(tmp_path)
    run(nicohort, tmp_path)
    pictures = {path.name: path.read_bytes() for path in (tmp_path / "report/thumbnails").iterdir()}
    data = data_of(tmp_path / "report")
    shutil.rmtree(tmp_path / "report")
    nicohort("report", "--root_dir", tmp_path)
    assert {path.name: path.read_bytes() for path in (tmp_path / "report/thumbnails").iterdir()} == pictures
    assert sorted(pictures) == ["0001.png", "0002.png"]
    assert data_of(tmp_path / "report") == data
    only_first = tmp_path / "only_first"
    shutil.copytree(tmp_path / "archive", only_first / "archive")
    write_recipe(only_first, 'volume: "{pid}/T1.nii.gz"\nignore: ["*/T2.nii.gz"]\n' + RECIPE)
    run(nicohort, only_first)

    def without_note(content):
        return content[content.index(b"IDAT"):]
    shown = {path.name: without_note(path.read_bytes()) for path in (only_first / "report/thumbnails").iterdir()}
    assert shown == {name: without_note(content) for name, content in pictures.items()}


def test_a_manifest_of_another_recipe(nicohort, tmp_path):
    make(tmp_path)
    lines = [line.split() for line in COMMANDS.strip().splitlines()]
    nicohort(*lines[0], cwd=tmp_path)
    write_recipe(tmp_path, IN_FILES.replace("T2 w", "B") + RECIPE)
    said = nicohort(*lines[1], cwd=tmp_path, status=1).stderr
    assert "has the channel `T2_w` in the manifest, but `B` in its path; run gen_archive_manifest again" in said
    write_recipe(tmp_path, 'volume: "{pid}/T1.nii.gz"\nignore: ["*/T2.nii.gz"]\n' + RECIPE)
    nicohort(*lines[0], cwd=tmp_path)
    write_recipe(tmp_path, IN_FILES + RECIPE)
    assert "does not have the column channel" in nicohort(*lines[1], cwd=tmp_path, status=2).stderr
