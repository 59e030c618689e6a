"""What the headers of an archive's images say, and where they contradict themselves or each other, what becomes of it."""

import gzip
import json

import nibabel
import numpy as np
import openpyxl
import pytest

RECIPE = """volume: "{pid}_ct.nii.gz"
mask: "{pid}_seg.nii.gz"
labels: {0: Bg, 1: tumour}
"""
SIZE = (8, 7, 3)
LAS = np.array([[-0.8, 0, 0, 10], [0, 0.8, 0, -5], [0, 0, 5.0, 2], [0, 0, 0, 1]])


def ct(pid=1):
    return np.random.default_rng(pid).integers(-100, 100, SIZE).astype(np.int16)


def mask():
    voxels = np.zeros(SIZE, np.uint8)
    voxels[1:4, 2:5, 0:2] = 1
    voxels[1, 2, 0] = 0
    return voxels


def save(root, name, values, affine=LAS, change=None):
    """change: edits the header as it is written, which nibabel would not let pass."""
    path = root / "archive" / f"{name}.nii.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    image = nibabel.Nifti1Image(values, affine)
    image.set_sform(affine, 1)
    image.set_qform(affine, 1)
    header, content = image.header.copy(), bytearray(image.to_bytes())
    header["vox_offset"] = 352
    if change:
        change(header)
    content[:348] = header.binaryblock[:348]
    path.write_bytes(gzip.compress(content))


def run(nicohort, root, status=0, recipe=RECIPE, *options):
    (root / "recipe.yaml").write_text(recipe)
    return nicohort("run", "--root_dir", ".", "--recipe", "recipe.yaml", *options, cwd=root, status=status)


def problems(done):
    return [line.removeprefix("problem: ") for line in done.stderr.splitlines() if line.startswith("problem: ")]


def rows(workbook):
    header, *lines = openpyxl.load_workbook(workbook)["Manifest"].values
    return [dict(zip(header, line)) for line in lines]


def spacings(root):
    """Of the first sample: in the archive manifest, in the dataset manifest, in the record and in the volume's header."""
    columns = "spx", "spy", "spz"
    record = json.loads(next((root / "grouped/.nicohort").glob("1*.json")).read_text())
    volume, = (root / "grouped/1").glob("*_volume.nii.gz")
    return [[rows(root / name)[0][column] for column in columns] for name in ("descriptor/archive_manifest.xlsx", "grouped/dataset_manifest.xlsx")] + [
        [float(np.float32(value)) for value in record["volume"]["spacing"]], [float(zoom) for zoom in nibabel.load(volume).header.get_zooms()]]


def by_commands(nicohort, root):
    """The problems that the single commands tell."""
    told = [problems(nicohort("gen_archive_manifest", "--root_dir", "archive", "--output_manifest_file", "a.xlsx", "--recipe", "recipe.yaml",
                              cwd=root, status=None)),
            problems(nicohort("confirm_pairs", "--root_dir", "archive", "--output_dir", "other", "--archive_manifest", "a.xlsx",
                              "--recipe", "recipe.yaml", cwd=root, status=None))]
    return told


def set_pixdim(*zooms):
    def change(header):
        header["pixdim"][1:4] = zooms
    return change


@pytest.mark.parametrize("pixdim, said", [
    ((0.8, 0.8, 3), "pixdim has a spacing of 0.8 x 0.8 x 3 mm, the affine one of 0.8 x 0.8 x 5 mm; the affine was used"),
    ((8, 8, 50), "pixdim has a spacing of 8 x 8 x 50 mm, the affine one of 0.8 x 0.8 x 5 mm; the affine was used"),
    ((0.8008, 0.8, 5), None), ((0.801, 0.8, 5), "pixdim has a spacing of 0.801 x 0.8 x 5 mm")])
def test_a_spacing_that_is_not_the_affines_is_one_problem_and_one_value_everywhere(nicohort, tmp_path, pixdim, said):
    save(tmp_path, "1_ct", ct(), change=set_pixdim(*pixdim))
    save(tmp_path, "1_seg", mask())
    told = problems(run(nicohort, tmp_path, 1 if said else 0))
    if not said:
        assert told == []
        return
    line, = told
    assert line.startswith("1_ct.nii.gz: has a header that contradicts itself: " + said)
    archive, *others = spacings(tmp_path)
    assert archive == [0.8, 0.8, 5]
    assert others == [[0.8, 0.8, 5], [np.float32(0.8), np.float32(0.8), 5], [np.float32(0.8), np.float32(0.8), 5]]
    assert by_commands(nicohort, tmp_path) == [told, told]
    assert problems(run(nicohort, tmp_path, 1)) == told  # the header is in the cache now
    save(tmp_path, "2_ct", ct(2))
    save(tmp_path, "2_seg", mask())
    assert problems(run(nicohort, tmp_path, 1)) == told
    assert json.loads((tmp_path / "grouped/.nicohort/1.json").read_text())["problems"][0]["kind"] == "geometry"


def flip_qform(header):
    header.set_qform(LAS @ np.diag([-1, 1, 1, 1]), 1)


def no_codes(header):
    header["qform_code"] = header["sform_code"] = 0


def test_two_orientations_in_one_header_are_a_problem(nicohort, tmp_path):
    save(tmp_path, "1_ct", ct(), change=flip_qform)
    save(tmp_path, "1_seg", mask())
    told, = problems(run(nicohort, tmp_path, 1))
    assert told.startswith("1_ct.nii.gz: has a header that contradicts itself: the sform (LAS) and the qform (RAS) differ by up to ")
    assert nibabel.aff2axcodes(nibabel.load(tmp_path / "grouped/1/1_volume.nii.gz").affine) == tuple("LAS")
    assert by_commands(nicohort, tmp_path) == [[told], [told]]


def no_qform(header):
    header["qform_code"], header["quatern_d"] = 0, 1


def small_shift(header):
    header["qoffset_x"] += 0.3


def too_long(header):
    header["quatern_b"], header["quatern_c"] = 0.9, 0.9


def no_number(header):
    header["qoffset_y"] = np.nan


def test_what_the_qform_may_say(nicohort, tmp_path):
    """A shift below half a voxel is no contradiction, nor is the nearest rotation of an affine with shear."""
    sheared = LAS.copy()
    sheared[1, 2] = 5 * np.tan(np.radians(20))
    save(tmp_path, "1_ct", ct(1), sheared)  # nibabel strips the shear
    save(tmp_path, "2_ct", ct(2), change=small_shift)
    save(tmp_path, "3_ct", ct(3), change=no_qform)
    assert nibabel.load(tmp_path / "archive/1_ct.nii.gz").get_qform()[1, 2] != pytest.approx(sheared[1, 2], abs=0.1)
    run(nicohort, tmp_path, recipe='volume: "{pid}_ct.nii.gz"\n')
    save(tmp_path, "4_ct", ct(4), change=too_long)
    save(tmp_path, "5_ct", ct(5), change=no_number)
    told = problems(run(nicohort, tmp_path, 1, 'volume: "{pid}_ct.nii.gz"\n'))
    assert [line[:12] for line in told] == ["4_ct.nii.gz:", "5_ct.nii.gz:"]
    assert "the quaternion of the qform is longer than 1" in told[0] and "the qform is not finite" in told[1]
    assert len(rows(tmp_path / "grouped/dataset_manifest.xlsx")) == 5


def test_an_image_without_orientation_is_a_problem_for_which_only_the_volume_is_blamed(nicohort, tmp_path):
    save(tmp_path, "1_ct", ct(1), change=no_codes)
    save(tmp_path, "1_seg", mask(), change=no_codes)
    save(tmp_path, "2_ct", ct(2), change=no_codes)
    save(tmp_path, "2_seg", mask())
    save(tmp_path, "3_ct", ct(3))
    save(tmp_path, "3_seg", mask(), change=no_codes)
    told = problems(run(nicohort, tmp_path, 1))
    assert [line.split(" (")[0] for line in told] == [f"{name}.nii.gz: has no orientation" for name in ("1_ct", "2_ct", "3_seg")]
    assert "it was taken as LAS" in told[0] and "it was taken as the volume's" in told[2]
    assert sorted(by_commands(nicohort, tmp_path)[1]) == told
    for pid in "123":
        volume, drawn = (nibabel.load(tmp_path / f"grouped/{pid}/{pid}_{kind}.nii.gz") for kind in ("volume", "mask"))
        assert np.array_equal(volume.affine, drawn.affine) and np.array_equal(np.asarray(drawn.dataobj), mask())


def in_unit(unit, factor):
    def change(header):
        header.set_xyzt_units(unit)
        header["pixdim"][1:4] = np.array([0.8, 0.8, 5]) * factor
        header["srow_x"], header["srow_y"], header["srow_z"] = LAS[:3] * factor
        header["qoffset_x"], header["qoffset_y"], header["qoffset_z"] = LAS[:3, 3] * factor
    return change


@pytest.mark.parametrize("unit, wrong, right", [
    ("micron", "0.0008 x 0.0008 x 0.005 mm, because its header says that lengths are in micrometres (xyzt_units 3)", 1000),
    ("meter", "800 x 800 x 5000 mm, because its header says that lengths are in metres (xyzt_units 1)", 0.001)])
def test_a_unit_that_was_hardly_meant_is_a_problem(nicohort, tmp_path, unit, wrong, right):
    save(tmp_path, "1_ct", ct(), change=in_unit(unit, 1))
    save(tmp_path, "1_seg", mask(), change=in_unit(unit, 1))
    save(tmp_path, "2_ct", ct(2), change=in_unit(unit, right))
    save(tmp_path, "2_seg", mask(), change=in_unit(unit, right))
    assert problems(run(nicohort, tmp_path, status=1)) == [
        f"{name}.nii.gz: has a spacing of {wrong}, which are converted; if they are in mm, correct xyzt_units to 2" for name in ("1_ct", "1_seg")]
    assert (tmp_path / "grouped/1/1_mask.nii.gz").exists()


@pytest.mark.parametrize("unit, factor", [("micron", 1000), ("meter", 0.001)])
@pytest.mark.parametrize("code", ["sform", "qform"])
def test_other_units_of_length_become_millimetres(nicohort, tmp_path, unit, factor, code):
    def change(header):
        in_unit(unit, factor)(header)
        if code == "qform":
            header["sform_code"] = 0

    save(tmp_path, "1_ct", ct(), change=change)
    save(tmp_path, "1_seg", mask())  # in mm
    save(tmp_path, "2_ct", ct(2))
    save(tmp_path, "2_seg", mask(), change=change)
    assert problems(run(nicohort, tmp_path)) == []
    archive, dataset, *_ = spacings(tmp_path)
    assert archive == dataset == [0.8, 0.8, 5]
    first, second = rows(tmp_path / "grouped/dataset_manifest.xlsx")
    np.testing.assert_allclose(json.loads(first["transform"]), json.loads(second["transform"]), atol=1e-6)
    image = nibabel.load(tmp_path / "grouped/1/1_volume.nii.gz")
    assert image.header.get_xyzt_units()[0] == "mm"
    np.testing.assert_allclose(image.affine, LAS, atol=1e-6)
    distances = [row["diff_trans_f_norm"] for row in rows(tmp_path / "descriptor/archive_manifest.xlsx") if row["type"] == "m3d"]
    np.testing.assert_allclose(distances, 0, atol=1e-5)


def turned(values, affine, axes, flips):
    """The same image in the same place, with its axes in another order and direction."""
    orientation = np.array([[axis, flip] for axis, flip in zip(axes, flips)])
    image = nibabel.Nifti1Image(values, affine).as_reoriented(orientation)
    return np.asarray(image.dataobj), image.affine


TURNS = [((0, 1, 2), (-1, 1, 1)), ((0, 1, 2), (-1, -1, -1)), ((1, 0, 2), (1, 1, 1)), ((2, 0, 1), (1, -1, 1)), ((2, 1, 0), (-1, 1, -1)),
         ((0, 2, 1), (1, 1, -1))]


@pytest.mark.parametrize("oblique", [False, True])
def test_a_mask_with_other_axes_in_the_same_place_is_turned(nicohort, tmp_path, oblique):
    affine = LAS.copy()
    if oblique:
        affine[:3, :3] = nibabel.eulerangles.euler2mat(0.1, -0.2, 0.15) @ affine[:3, :3]
    for pid, (axes, flips) in enumerate(TURNS, 1):
        save(tmp_path, f"{pid}_ct", ct(pid), affine)
        save(tmp_path, f"{pid}_seg", *turned(mask(), affine, axes, flips))
    save(tmp_path, "7_ct", ct(7), affine)
    save(tmp_path, "7_seg", mask(), affine)
    assert problems(run(nicohort, tmp_path)) == []
    for pid in range(1, 8):
        for kind in ("mask", "mask_01_tumour"):
            image = nibabel.load(tmp_path / f"grouped/{pid}/{pid}_{kind}.nii.gz")
            assert np.array_equal(np.asarray(image.dataobj), mask()), (pid, kind)
            assert np.array_equal(image.affine, nibabel.load(tmp_path / f"grouped/{pid}/{pid}_volume.nii.gz").affine)
        inputs = json.loads((tmp_path / f"grouped/.nicohort/{pid}.json").read_text())["inputs"]
        letters = "".join(nibabel.aff2axcodes(nibabel.load(tmp_path / f"archive/{pid}_seg.nii.gz").affine))
        if oblique:
            letters = f"Oblique(closest to {letters})"
        assert "turned_from" not in inputs[0]
        assert inputs[1].get("turned_from") == (None if pid == 7 else letters), pid
    assert "No problems." in nicohort("verify", "--root_dir", tmp_path / "grouped").stdout


def test_a_mask_elsewhere_is_not_turned_and_both_orientations_are_told(nicohort, tmp_path):
    save(tmp_path, "1_ct", ct())
    ras = LAS.copy()
    ras[0, 0] = 0.8  # without moving the origin: the mirror image beside it
    save(tmp_path, "1_seg", mask(), ras)
    told, = problems(run(nicohort, tmp_path, 1))
    assert told.startswith("1_seg.nii.gz: the position of the mask (RAS) differs by up to ") and "from the volume (LAS)" in told
    assert np.array_equal(np.asarray(nibabel.load(tmp_path / "grouped/1/1_mask.nii.gz").dataobj), mask())


@pytest.mark.parametrize("volume_type", ["float32", "source"])
def test_channels_and_mask_files_of_labels_are_turned_too(nicohort, tmp_path, volume_type):
    for pid, (axes, flips) in enumerate(TURNS, 1):
        save(tmp_path, f"{pid}_T1", ct(pid))
        save(tmp_path, f"{pid}_T2", *turned(ct(pid + 100), LAS, axes, flips))
        save(tmp_path, f"{pid}_seg_tumour", *turned(mask(), LAS, axes, flips))
        node = np.zeros(SIZE, np.uint8)
        node[6, 5, 2] = 1
        save(tmp_path, f"{pid}_seg_node", node)
    recipe = ('volume: {T1: "{pid}_T1.nii.gz", T2: "{pid}_T2.nii.gz"}\nmask: {file: "{pid}_seg_{label}.nii.gz"}\n'
              f'labels: {{0: Bg, 1: tumour, 2: node}}\nvolume_type: {volume_type}\nparts: {{pid: "[0-9]+"}}\n')
    assert problems(run(nicohort, tmp_path, 0, recipe)) == []
    for pid in range(1, 7):
        images = {name: nibabel.load(tmp_path / f"grouped/{pid}/{pid}_{name}.nii.gz") for name in ("volume_T1", "volume_T2", "mask")}
        assert np.array_equal(images["volume_T2"].get_fdata(), ct(pid + 100)), pid
        assert images["volume_T2"].get_data_dtype() == ("float32" if volume_type == "float32" else "int16")
        expected = mask()
        expected[6, 5, 2] = 2
        assert np.array_equal(np.asarray(images["mask"].dataobj), expected), pid
        inputs = json.loads((tmp_path / f"grouped/.nicohort/{pid}.json").read_text())["inputs"]
        assert ["turned_from" in each for each in inputs] == [False, True, True, False]
    assert "No problems." in nicohort("verify", "--root_dir", tmp_path / "grouped").stdout
    assert "Nothing has changed" in run(nicohort, tmp_path, 0, recipe).stdout


def save_scaled(root, name, stored, slope, inter):
    def change(header):
        header["scl_slope"], header["scl_inter"] = slope, inter
        header["datatype"], header["bitpix"] = (4, 16) if stored.dtype == np.int16 else (2, 8)
    save(root, name, stored, change=change)


@pytest.mark.parametrize("by_label", [False, True])
def test_labels_that_scaling_moved_by_less_than_a_float32_tells_are_labels(nicohort, tmp_path, by_label):
    stored = np.where(mask() > 0, 32767, -32768).astype(np.int16)
    slope = np.float32(1 / 65535)
    name = "seg_tumour" if by_label else "seg"
    save(tmp_path, "1_ct", ct(1))
    save_scaled(tmp_path, f"1_{name}", stored, slope, np.float32(32768 * slope))
    save(tmp_path, "2_ct", ct(2))
    save_scaled(tmp_path, f"2_{name}", mask() * np.uint8(255), np.float32(1 / 255), 0)  # as SPM does
    values = nibabel.load(tmp_path / f"archive/1_{name}.nii.gz").get_fdata()
    assert 0.999 < values.max() < 1, "which is not whole in float64"
    recipe = RECIPE.replace('"{pid}_seg.nii.gz"', '{file: "{pid}_seg_{label}.nii.gz"}') if by_label else RECIPE
    assert problems(run(nicohort, tmp_path, 0, recipe)) == []
    for pid in "12":
        assert np.array_equal(np.asarray(nibabel.load(tmp_path / f"grouped/{pid}/{pid}_mask.nii.gz").dataobj), mask())
    if by_label:
        return
    save(tmp_path, "3_ct", ct(3))
    save_scaled(tmp_path, "3_seg", mask() * np.uint8(255), np.float32(1 / 254), 0)
    told, = problems(run(nicohort, tmp_path, 1, recipe))
    assert told.startswith("3_seg.nii.gz: has the value 1.0039")
