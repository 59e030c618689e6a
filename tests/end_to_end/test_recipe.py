"""SPEC 1: another multi-centre archive needs a new recipe, not new code."""

import datetime
import pathlib
import shutil

import nibabel
import numpy as np
import openpyxl
import pytest
import yaml

import reference
import small_archive
import tutorial
from tutorial import contents

RECIPE = {
    "name": "two hospitals, four visits",
    "volume": "CT/{phase_dir}/{site_dir}/case-{pid}.v3d.nii.gz",
    "mask": "contours/{phase_dir}/{site_dir}/case-{pid}.m3d.nii.gz",
    "parts": {
        "site": {"N": "Nordklinik", "S": "St. Anna (Süd)"},
        "phase": {"t0": "0 baseline", "t1": "1", "t2": "2", "fu": "follow-up"},
        "pid": "[A-Z]{2}[0-9]{3}",
    },
    "id": "{phase}_{site}_{pid}",
    "folder": "{site}/{phase}",
    "metadata": [{"file": "tables/{site}-clinical.xlsx", "key": {"Case": "{pid}"}, "sheet": "patients"}],
}
AFFINES = {
    "N": np.array([[-0.7, 0, 0, 90], [0, -0.7, 0, 80], [0, 0, 3.0, -600], [0, 0, 0, 1.0]]),
    "S": np.array([[0, 0.1, -2.5, 12.5], [0.9, 0, 0, 1], [0, 0.8, 0.2, -3], [0, 0, 0, 1.0]]),  # oblique and sheared
}


@pytest.fixture(scope="module")
def other(nicohort, tmp_path_factory):
    root = tmp_path_factory.mktemp("另一个 archive")  # a blank and Chinese, too
    random = np.random.default_rng(3)
    for site in RECIPE["parts"]["site"]:
        for number in range(1, 6):
            for phase in RECIPE["parts"]["phase"]:
                save_pair(root / "archive", site, phase, f"{site}X{number:03d}", random)
    save_metadata(root / "archive/tables/N-clinical.xlsx", "N", ["Case", "Age", "seen", "remark"])
    save_metadata(root / "archive/tables/S-clinical.xlsx", "S", ["Weight", "Age", "Case"])
    (root / "recipe.yaml").write_text(yaml.safe_dump(RECIPE, allow_unicode=True, sort_keys=False), encoding="utf-8")
    (root / "descriptor").mkdir()
    (root / "descriptor/label_map.yaml").write_text(
        "short_form_index_map: {0: Bg, 2: left lung/upper, 17: 'no'}\n", encoding="utf-8")
    splits = (tutorial.Split("N and S", ("N", "S"), 0.4, 0.5, (("train", "val", "test"), ("val",)), 42, "Age"),)
    return tutorial.run(nicohort, tutorial.Tutorial(
        root, recipe=RECIPE, recipe_file=root / "recipe.yaml", thresh=(-900.0, 900.0), region_volume=20.0, kernel=(3, 2),
        halfedge=2, area=5.0, splits=splits))


def save_pair(root, site, phase, pid, random):
    shape = (24, 20, 7)
    volume = np.asarray(random.normal(0, 400, shape), np.float64)
    volume[random.random(shape) < 0.01] = np.nan
    mask = np.kron(random.choice([0, 0, 2, 17], (6, 5, 7)), np.ones((4, 4, 1)))
    mask = np.where(random.random(shape) < 0.08, random.choice([0, 2, 17], shape), mask)
    types = {"v3d": (volume, np.float64 if site == "N" else np.float32), "m3d": (mask, np.int64 if site == "N" else np.uint16)}
    for kind, (values, dtype) in types.items():
        image = nibabel.Nifti1Image(values.astype(dtype), AFFINES[site], dtype=dtype)
        image.header["descrip"] = f"patient {pid}"
        image.set_sform(AFFINES[site], 1 if site == "N" else 3)
        image.set_qform(AFFINES[site], 1 if site == "N" else 0, strip_shears=True)
        fields = {"site_dir": RECIPE["parts"]["site"][site], "phase_dir": RECIPE["parts"]["phase"][phase], "pid": pid}
        path = root / RECIPE[reference.PATTERNS[kind]].format(**fields)
        path.parent.mkdir(parents=True, exist_ok=True)
        nibabel.save(image, path)


def save_metadata(path, site, columns):
    values = {"Case": lambda i: f"{site}X{i:03d}", "Age": lambda i: 60 + i % 2, "Weight": lambda i: 70.25 + i,
              "seen": lambda i: datetime.datetime(2024, 2, 28 + i % 2), "remark": lambda i: ["=1+1", "0012", "no", None, "2024-01-01"][i - 1]}
    book = openpyxl.Workbook()
    book.active.title = "read me"
    sheet = book.create_sheet("patients")
    sheet.append(columns)
    for number in range(1, 6):
        sheet.append([values[name](number) for name in columns])
        for cell in sheet[number + 1]:
            if cell.data_type == "f":
                cell.data_type = "s"  # text that looks like a formula
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


@pytest.mark.parametrize("check", tutorial.CHECKS, ids=tutorial.check_name)
def test_another_archive(other, check):
    check(other)


def test_its_own_names_are_used(other):
    assert (other.root / "grouped/S/fu/fu_S_SX003/fu_S_SX003_mask_02_left_lung_upper.nii.gz").is_file()
    manifest = reference.read_table(other.root / "descriptor/archive_manifest.xlsx")
    assert set(reference.column(manifest, "orientation_to")) == {"LPS", "Oblique(closest to ASL)"}
    assert len(manifest[1]) == 2 * 5 * 4 * 2


def test_the_qform_of_a_sheared_affine_is_the_nearest_rotation(other):
    header = nibabel.load(other.root / "grouped/S/t0/t0_S_SX001/t0_S_SX001_volume.nii.gz").header
    assert (header["sform_code"], header["qform_code"]) == (3, 2)
    nearest = nibabel.Nifti1Header()
    nearest.set_qform(AFFINES["S"])
    np.testing.assert_allclose(header.get_qform(), nearest.get_qform(), atol=1e-5)
    assert not np.allclose(header.get_qform(), header.get_sform(), atol=0.01)


def test_text_stays_text_in_the_info_file(other):
    remarks = [yaml.safe_load(path.read_text(encoding="utf-8"))["remark"] for path in sorted(other.root.glob("grouped/N/t1/*/*.yaml"))]
    assert remarks == ["=1+1", "0012", "no", None, "2024-01-01"]


def test_the_built_in_recipe_finds_nothing_here(other, nicohort, tmp_path):
    done = nicohort("gen_archive_manifest", "--root_dir", other.root / "archive", "--output_manifest_file", tmp_path / "m.xlsx", status=2)
    assert "recipe" in done.stderr
    assert not (tmp_path / "m.xlsx").exists()


@pytest.mark.parametrize("change, said", [
    ({"volume": None}, "volume"), ({"parts": RECIPE["parts"] | {"pid": "["}}, "`pid` is not a regular expression"),
    ({"parts": RECIPE["parts"] | {"site": {}}}, "`site`"), ({"unknown": 1}, "unknown"),
    ({"sites": {"N": "Nordklinik"}}, "sites"), ({"pipeline": {"threshold": [0, 1]}}, "pipeline"),
    ({"steps": [{"treshold": [0, 1]}]}, "treshold"), ({"id": "{site}"}, "id"),
])
def test_a_bad_recipe_is_status_2(other, nicohort, tmp_path, change, said):
    recipe = {name: value for name, value in (RECIPE | change).items() if value is not None}
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(recipe, sort_keys=False), encoding="utf-8")
    done = nicohort("gen_archive_manifest", "--root_dir", other.root / "archive", "--output_manifest_file", tmp_path / "m.xlsx",
                    "--recipe", tmp_path / "recipe.yaml", status=2)
    assert "recipe.yaml" in done.stderr and said in done.stderr
    assert not (tmp_path / "m.xlsx").exists()


# Help for those who write one

def test_built_in_recipes_are_listed_and_printed(nicohort):
    source = pathlib.Path(__file__).resolve().parents[2] / "recipes"
    files = {path.stem: path.read_text(encoding="utf-8") for path in source.glob("*.yaml")}
    listed = nicohort("recipes").stdout.splitlines()
    assert [line.split()[0] for line in listed] == sorted(files)
    assert all(yaml.safe_load(files[line.split()[0]])["name"] in line for line in listed)
    for name, text in files.items():
        assert nicohort("recipes", name.upper()).stdout == text
    assert "is no built-in recipe; did you mean `eso-2025.10.31`?" in nicohort("recipes", "eso-2025.10.3", status=2).stderr


def test_an_archive_of_another_layout_is_told_what_does_not_fit(nicohort, tmp_path):
    small_archive.make(tmp_path, ["1"])
    (tmp_path / "archive/tongji").rename(tmp_path / "archive/Wuhan")
    said = nicohort("run", "--root_dir", tmp_path, status=2).stderr
    assert "none of its 4 image files matches the recipe eso-2025.10.31 (built in); Wuhan/post-therapy/images/TJ_1.nii.gz, for example," in said
    assert "begins with `Wuhan/post-therapy/images/TJ_1.nii.gz` where `{site_dir}` should stand (tongji, shiyan-taihe, xiangyang)" in said


# An archive that lies elsewhere

@pytest.fixture
def elsewhere(tmp_path):
    """Its pre-therapy folder is a link to another disk, one of its files a link to a third."""
    root = small_archive.make(tmp_path / "source", ["1", "2"])
    archive = (root / "archive").rename(tmp_path / "archive")
    (archive / "tongji/pre-therapy").rename(tmp_path / "disk")
    (archive / "tongji/pre-therapy").symlink_to("../../disk")
    image = archive / "tongji/post-therapy/masks/TJ_2.nii.gz"
    image.rename(tmp_path / "object")
    image.symlink_to(tmp_path / "object")
    return archive


def test_an_archive_elsewhere_is_read_also_through_links(nicohort, elsewhere, tmp_path):
    archive = elsewhere
    (tmp_path / "root").mkdir()
    before = contents(archive)
    nicohort("run", "--root_dir", tmp_path / "root", "--archive", archive, status=1)  # too few patients for its splits
    assert contents(archive) == before
    plain = small_archive.make(tmp_path / "plain", ["1", "2"])
    (plain / "descriptor/label_map.yaml").unlink()
    nicohort("run", "--root_dir", plain, status=1)
    assert len(list((tmp_path / "root/grouped/TJ").rglob("*_volume.nii.gz"))) == 4
    ours, theirs = contents(tmp_path / "root/grouped/TJ"), contents(plain / "grouped/TJ")
    assert ours == theirs
    # What is changed behind a link is seen.
    small_archive.save_image(tmp_path / "disk/images/TJ_1.nii.gz", "m3d")
    done = nicohort("run", "--root_dir", tmp_path / "root", "--archive", archive, status=1)
    assert "1 sample processed, 3 unchanged" in done.stdout
    pictures = contents(tmp_path / "root/report/thumbnails")
    shutil.rmtree(tmp_path / "root/report")
    nicohort("report", "--root_dir", tmp_path / "root", "--archive", archive)
    assert contents(tmp_path / "root/report/thumbnails") == pictures
    shutil.rmtree(tmp_path / "root/report")
    nicohort("report", "--root_dir", tmp_path / "root")  # shows the dataset's mask for the mask as drawn
    assert contents(tmp_path / "root/report/thumbnails") != pictures


def test_an_archive_elsewhere_without_links_to_folders_is_not_read_again(nicohort, tmp_path):
    small_archive.make(tmp_path, ["1", "2"])
    (tmp_path / "archive").rename(tmp_path / "received")
    options = ["--root_dir", tmp_path, "--archive", tmp_path / "received"]
    nicohort("run", *options, status=1)  # too few patients for its splits
    assert "Nothing has changed" in nicohort("run", *options, status=1).stdout
    (tmp_path / "received/tongji").rename(tmp_path / "disk")
    (tmp_path / "received/tongji").symlink_to(tmp_path / "disk")
    for _ in range(2):  # a link need not change when what is behind it does
        assert "0 samples processed, 4 unchanged" in nicohort("run", *options, status=1).stdout


def test_links_without_end_are_told_and_left_out(nicohort, elsewhere, tmp_path):
    (tmp_path / "root").mkdir()
    (elsewhere / "loop").symlink_to(".")
    (tmp_path / "disk/up").symlink_to("../archive")
    done = nicohort("run", "--root_dir", tmp_path / "root", "--archive", elsewhere, status=1)
    for link in ("loop", "tongji/pre-therapy/up"):
        assert f"problem: {link}: is a symbolic link to a folder that is scanned anyway" in done.stderr
    assert len(list((tmp_path / "root/grouped/TJ").rglob("*_volume.nii.gz"))) == 4


def test_a_link_into_what_another_link_led_to_is_followed_too(nicohort, elsewhere, tmp_path):
    """In whatever order the disk lists them: only a folder that the walk is in, it does not enter again."""
    (tmp_path / "root").mkdir()
    more = elsewhere / "xiangyang/pre-therapy"
    more.mkdir(parents=True)
    for kind in ("images", "masks"):
        small_archive.save_image(tmp_path / f"disk/{kind}/XY_9.nii.gz", "v3d" if kind == "images" else "m3d")
        (more / kind).symlink_to(tmp_path / f"disk/{kind}")
    done = nicohort("run", "--root_dir", tmp_path / "root", "--archive", elsewhere, status=1)
    assert "is a symbolic link" not in done.stderr
    assert (tmp_path / "root/grouped/XY/pre/XY_9_pre/XY_9_pre_volume.nii.gz").is_file()


def test_links_are_not_followed_unasked(nicohort, elsewhere, tmp_path):
    (tmp_path / "root").mkdir()
    elsewhere.rename(tmp_path / "root/archive")
    (tmp_path / "root/archive/tongji/pre-therapy").unlink()
    (tmp_path / "root/archive/tongji/pre-therapy").symlink_to(tmp_path / "disk")
    done = nicohort("run", "--root_dir", tmp_path / "root", status=1)
    assert "problem: tongji/pre-therapy: is a symbolic link to a folder, which is not followed" in done.stderr
    assert "nicohort run --archive" in done.stderr
