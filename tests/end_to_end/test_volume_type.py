"""`volume_type: source` stores voxels as the archive does; whoever reads them gets the same values."""

import json

import nibabel
import numpy as np
import openpyxl
import pytest

RECIPE = 'volume: "{pid}_ct.nii.gz"\nmask: "{pid}_seg.nii.gz"\nlabels: {0: Bg, 1: liver}\nsteps: [{threshold: [-600, 1200]}]\n'
TYPES = ["uint8", "int16", "int32", "float32", "float64", "int8", "uint16", "uint32", "int64", "uint64"]


def save(path, voxels, slope=None, inter=None, order="<"):
    header = nibabel.Nifti1Header(endianness=order)
    header.set_data_dtype(voxels.dtype.newbyteorder(order))
    image = nibabel.Nifti1Image(voxels, np.diag([-1.0, 1.0, 3.0, 1.0]), header)
    image.header.set_slope_inter(slope, inter)
    path.parent.mkdir(parents=True, exist_ok=True)
    if slope is None:
        nibabel.save(image, path)
    else:  # nibabel would scale the voxels
        image.header["vox_offset"], image.header["magic"] = 352, b"n+1"
        with open(path.with_suffix(""), "wb") as file:
            file.write(image.header.binaryblock + bytes(4) + voxels.astype(voxels.dtype.newbyteorder(order)).tobytes(order="F"))


def run(nicohort, root, volume_type, status=0):
    (root / "r.yaml").write_text(RECIPE + f"volume_type: {volume_type}\n")
    return nicohort("run", "--root_dir", root, "--recipe", root / "r.yaml", status=status)


@pytest.fixture
def archive(tmp_path):
    random = np.random.default_rng(3)
    for number, kind in enumerate(TYPES):
        low = 0 if kind.startswith("u") else -100
        voxels = random.integers(low, 101, (6, 5, 4)).astype(kind)
        if kind.startswith("f"):
            voxels += np.float32(0.25)
        save(tmp_path / f"archive/{number}_ct.nii.gz", voxels, order="<")
        save(tmp_path / f"archive/{number}_seg.nii.gz", np.ones((6, 5, 4), np.uint8))
    save(tmp_path / "archive/20_ct.nii.gz", random.integers(0, 4000, (6, 5, 4)).astype("uint16"), 0.5, -1024)
    save(tmp_path / "archive/21_ct.nii.gz", random.integers(-99, 99, (6, 5, 4)).astype("int16"), 2, 1, ">")
    for number in (20, 21):
        save(tmp_path / f"archive/{number}_seg.nii.gz", np.ones((6, 5, 4), np.uint8))
    return tmp_path


def test_values_types_and_masks(nicohort, archive):
    run(nicohort, archive, "float32")
    masks = {path.name: path.read_bytes() for path in (archive / "grouped").rglob("*_mask*")}
    as_float = {path.name: nibabel.load(path).get_fdata() for path in (archive / "grouped").rglob("*_volume.nii.gz")}
    assert "12 samples processed" in run(nicohort, archive, "source").stdout
    assert {path.name: path.read_bytes() for path in (archive / "grouped").rglob("*_mask*")} == masks
    header, *rows = openpyxl.load_workbook(archive / "grouped/dataset_manifest.xlsx")["Manifest"].values
    types = {row[0]: row[header.index("vol_dtype")] for row in rows}
    assert types == {str(i): kind for i, kind in enumerate(TYPES)} | {"20": "uint16", "21": "int16"}
    for path in (archive / "grouped").rglob("*_volume.nii.gz"):
        ours = nibabel.load(path)
        source, = [nibabel.load(each) for each in archive.glob(f"archive/{path.name.split('_')[0]}_ct.nii*")]
        assert ours.get_data_dtype() == source.get_data_dtype().newbyteorder("<") == types[path.name.split("_")[0]]
        assert np.array_equal(ours.get_fdata(), source.get_fdata()) and np.array_equal(ours.get_fdata().astype("f4"), as_float[path.name].astype("f4"))
        assert np.array_equal(ours.affine, source.affine)
    assert "No problems." in nicohort("verify", "--root_dir", archive / "grouped").stdout
    assert "Nothing has changed" in run(nicohort, archive, "source").stdout
    assert json.loads((archive / "grouped/.nicohort/1.json").read_text())["volume"]["datatype"] == 4


def test_the_commands_do_the_same(nicohort, archive, tmp_path_factory):
    run(nicohort, archive, "source")
    other = tmp_path_factory.mktemp("commands")
    nicohort("gen_archive_manifest", "--root_dir", archive / "archive", "--recipe", archive / "r.yaml",
             "--output_manifest_file", other / "archive.xlsx")
    nicohort("confirm_pairs", "--root_dir", archive / "archive", "--recipe", archive / "r.yaml", "--archive_manifest", other / "archive.xlsx",
             "--output_dir", other / "grouped")
    nicohort("mask_thresholding", "--root_dir", other / "grouped", "--thresh", "-600", "1200", "--output_dir", other / "grouped")
    for path in (archive / "grouped").rglob("*_volume.nii.gz"):
        assert path.read_bytes() == (other / path.relative_to(archive)).read_bytes()
    for path in (archive / "grouped").rglob("*_mask.nii.gz"):
        assert path.read_bytes() == (other / path.relative_to(archive)).read_bytes()


def test_the_option_is_kept_in_the_recipe_of_the_dataset(nicohort, archive):
    (archive / "r.yaml").write_text(RECIPE)
    options = ("run", "--root_dir", archive, "--recipe", archive / "r.yaml")
    nicohort(*options, "--volume_type", "source")
    volume = archive / "grouped/1/1_volume.nii.gz"
    assert nibabel.load(volume).get_data_dtype() == np.int16
    assert "Nothing has changed" in nicohort(*options, "--volume_type", "source").stdout
    assert "would process 1: `volume_type` has changed\n" in nicohort(*options, "--dry_run").stdout
    done = nicohort(*options)
    assert "12 samples were made again: `volume_type` has changed.\n12 samples processed" in done.stdout
    assert nibabel.load(volume).get_data_dtype() == np.float32
    nicohort("gen_archive_manifest", "--root_dir", archive / "archive", "--output_manifest_file", archive / "m.xlsx", "--recipe",
             archive / "r.yaml")
    nicohort("confirm_pairs", "--root_dir", archive / "archive", "--output_dir", archive / "other", "--archive_manifest",
             archive / "m.xlsx", "--recipe", archive / "r.yaml", "--volume_type", "source")
    assert nibabel.load(archive / "other/1/1_volume.nii.gz").get_data_dtype() == np.int16
    assert "--volume_type source" in nicohort("slurm", "--root_dir", archive, "--recipe", archive / "r.yaml", "--tasks", "2",
                                              "--volume_type", "source").stdout


@pytest.mark.parametrize("recipe, told", [
    (RECIPE + "volume_type: float32\n", "line 5, has `volume_type: float32`; correct one of them"),
    ('{volume: "{pid}_ct.nii.gz", mask: "{pid}_seg.nii.gz"}\n', "write `volume_type: source` there instead"),
])
def test_an_option_that_the_recipe_contradicts_or_cannot_take_is_refused(nicohort, archive, recipe, told):
    (archive / "r.yaml").write_text(recipe)
    assert told in nicohort("run", "--root_dir", archive, "--recipe", archive / "r.yaml", "--volume_type", "source", status=2).stderr
    assert not (archive / "grouped").exists()
    (archive / "r.yaml").write_text(RECIPE + "volume_type: source\n")
    nicohort("run", "--root_dir", archive, "--recipe", archive / "r.yaml", "--volume_type", "source")


def test_samples_are_made_again_for_several_reasons(nicohort, archive):
    run(nicohort, archive, "float32")
    for number in (1, 2):
        (archive / f"grouped/{number}/{number}_mask.nii.gz").unlink()
    said = run(nicohort, archive, "float32").stdout
    assert "2 samples processed, 10 unchanged" in said and "made again" not in said  # each for its own
    (archive / "grouped/.nicohort/recipe.yaml").write_text("")
    (archive / "grouped/1/1_mask.nii.gz").unlink()
    assert "1 sample was made again: 1_mask.nii.gz is missing.\n" in run(nicohort, archive, "float32").stdout
    assert "made again" not in nicohort("run", "--root_dir", archive, "--recipe", archive / "r.yaml", "--again").stdout
    save(archive / "archive/1_ct.nii.gz", np.arange(120, dtype="int16").reshape(6, 5, 4))
    save(archive / "archive/30_ct.nii.gz", np.arange(1, 121, dtype="int8").reshape(6, 5, 4))
    save(archive / "archive/30_seg.nii.gz", np.ones((6, 5, 4), np.uint8))
    (archive / "r.yaml").write_text(RECIPE.replace("-600", "-500"))
    done = nicohort("run", "--root_dir", archive, "--recipe", archive / "r.yaml")
    assert "12 samples were made again: steps, labels or compression have changed.\n13 samples processed" in done.stdout


@pytest.mark.parametrize("in_recipe, option", [("source", "float32"), ("float32", "source")])
def test_an_option_that_contradicts_the_recipe_is_refused(nicohort, archive, in_recipe, option):
    (archive / "r.yaml").write_text(RECIPE + f"volume_type: {in_recipe}\n")
    said = nicohort("run", "--root_dir", archive, "--recipe", archive / "r.yaml", "--volume_type", option, status=2).stderr
    assert f"--volume_type {option}: the recipe" in said and f"line 5, has `volume_type: {in_recipe}`; correct one of them" in said
    assert not (archive / "grouped").exists()


@pytest.mark.parametrize("volume_type", ["source", "float32"])
def test_values_that_only_float64_can_hold(nicohort, tmp_path, volume_type):
    voxels = np.full((6, 5, 4), 1e300)
    save(tmp_path / "archive/1_ct.nii.gz", voxels)
    save(tmp_path / "archive/1_seg.nii.gz", np.ones((6, 5, 4), np.uint8))
    said = run(nicohort, tmp_path, volume_type, status=1).stderr
    assert "1_ct.nii.gz: has no value that is a finite number in float32; export it again" in said
    assert "The volume of 1 sample has voxels that are NaN, infinite or too large for float32, which training cannot use: 1; " in said
    assert (nibabel.load(tmp_path / "grouped/1/1_volume.nii.gz").get_fdata() == (1e300 if volume_type == "source" else np.inf)).all()
