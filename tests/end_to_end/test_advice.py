"""What `run` says to somebody whose archive and recipe do not fit."""

import pytest

from small_archive import save

RECIPE = """
volume: "{pid}_ct.nii.gz"
mask: "{pid}_m.nii.gz"
labels: {0: Bg, 1: tumour}
"""


def make(root, recipe=RECIPE, pids=("p1", "p2")):
    for pid in pids:
        save(root, f"{pid}_ct.nii.gz")
        save(root, f"{pid}_m.nii.gz", "m3d")
    (root / "recipe.yaml").write_text(recipe, encoding="utf-8")
    return root


def run(nicohort, root, *options, status=0):
    return nicohort("run", "--root_dir", root, "--recipe", root / "recipe.yaml", *options, status=status)


def test_samples_that_are_not_in_the_manifest_are_counted(nicohort, tmp_path):
    make(tmp_path, pids=("p1", "p2", "p3", "p4", "p5"))
    assert "not in the manifest" not in run(nicohort, tmp_path).stdout
    for pid in ("p6", "p7", "p8", "p9"):
        (tmp_path / f"archive/{pid}_ct.nii.gz").write_bytes(b"no image")
    done = run(nicohort, tmp_path, status=1)
    assert f"4 samples of the archive are not in the manifest: p6, p7, p8 and 1 more; {tmp_path}/run.problems.csv says why." in done.stdout


def test_an_archive_without_images_names_the_option_and_links_that_were_not_followed(nicohort, tmp_path):
    make(tmp_path)
    (tmp_path / "archive").rename(tmp_path / "elsewhere")
    (tmp_path / "archive").mkdir()
    none = f"{tmp_path}/archive: no .nii.gz file in it; check "
    assert none + "--root_dir (or use --archive)\n" in run(nicohort, tmp_path, status=2).stderr
    assert none + "--archive\n" in run(nicohort, tmp_path, "--archive", tmp_path / "archive", status=2).stderr
    (tmp_path / "archive/all").symlink_to(tmp_path / "elsewhere")
    said = run(nicohort, tmp_path, status=2).stderr
    assert none + "--root_dir (or use --archive). 1 symbolic link to folders in it, such as all, was not followed: use " in said
    done = nicohort("gen_archive_manifest", "--root_dir", tmp_path / "archive", "--output_manifest_file", tmp_path / "m.xlsx",
                    "--recipe", tmp_path / "recipe.yaml", status=2)
    assert none + "--root_dir. 1 symbolic link" in done.stderr


def test_an_archive_of_another_recipe_names_the_option(nicohort, tmp_path):
    make(tmp_path, RECIPE.replace("_ct", "_mr").replace("_m.", "_seg."))
    assert "Check --root_dir (or use --archive), or give the recipe" in run(nicohort, tmp_path, status=2).stderr
    assert "Check --archive, or give the recipe" in run(nicohort, tmp_path, "--archive", tmp_path / "archive", status=2).stderr


def test_steps_without_labels(nicohort, tmp_path):
    make(tmp_path, RECIPE.replace("labels: {0: Bg, 1: tumour}", "steps: [{remove_small: {smaller_than: 3 voxels}}]"))
    said = run(nicohort, tmp_path, status=2).stderr
    assert "has `steps`, but no `labels` for them, and there is no " in said and "add to the recipe" in said
    assert "problem: " not in said and len(said.splitlines()) == 1


@pytest.fixture(scope="module")
def cohort(nicohort, tmp_path_factory):
    root = make(tmp_path_factory.mktemp("cohort"))
    (root / "descriptor").mkdir()
    (root / "descriptor/label_map.yaml").write_text("short_form_index_map: {0: Bg, 1: tumour}\n", encoding="utf-8")
    run(nicohort, root)
    return root


FOLDERS = [  # command, what it names, what it means
    ("report --root_dir {root}/grouped", "{root}"), ("view --root_dir {root}/grouped/", "{root}"), ("report --root_dir {root}/archive", "{root}"),
    ("run --root_dir {root}/grouped", "{root}"), ("run --root_dir {root}/archive", "{root}"), ("run --root_dir {root}/descriptor", "{root}"),
    ("run --root_dir {new} --archive {root}", "{root}/archive"), ("run --root_dir {new} --archive {root}/grouped", "{root}/archive"),
    ("verify --root_dir {root}", "{root}/grouped"), ("verify --root_dir {root}/archive", "{root}/grouped"),
    ("gen_dataset_manifest --root_dir {root} --output_manifest_file {new}/m.xlsx", "{root}/grouped"),
    ("mask_thresholding --root_dir {root} --output_dir {root}/grouped", "{root}/grouped"),
    ("extract_binary_masks --root_dir {root} --label_explanation {root}/descriptor/label_map.yaml", "{root}/grouped"),
    ("small_connected_region_detect --root_dir {root} --output_manifest {new}/m.xlsx", "{root}/grouped"),
    ("apply_step --root_dir {root} keep_largest", "{root}/grouped"),
    ("gen_archive_manifest --root_dir {root} --output_manifest_file {new}/m.xlsx", "{root}/archive"),
    ("gen_archive_manifest --root_dir {root}/grouped --output_manifest_file {new}/m.xlsx", "{root}/archive"),
    ("confirm_pairs --root_dir {root} --archive_manifest {root}/descriptor/archive_manifest.xlsx --output_dir {new}/g", "{root}/archive"),
    ("recipe {root}/grouped", "{root}/archive"),
    ("make_split --manifest_file {root}/descriptor/archive_manifest.xlsx --split_name s", "{root}/grouped/dataset_manifest.xlsx"),
    ("make_split --manifest_file {root}/grouped --split_name s", "{root}/grouped/dataset_manifest.xlsx"),
    ("make_split --manifest_file {root}/manifest.xlsx --split_name s", "{root}/grouped/dataset_manifest.xlsx"),
]


@pytest.mark.parametrize("line, meant", FOLDERS, ids=[line.replace("{root}", "ROOT").replace("{new}", "NEW") for line, _ in FOLDERS])
def test_another_folder_of_the_cohort_is_named_in_place_of_the_one_meant(nicohort, cohort, tmp_path, line, meant):
    before = {path: path.stat().st_mtime_ns for path in cohort.rglob("*")}
    done = nicohort(*line.format(root=cohort, new=tmp_path).split(), status=2)
    assert meant.format(root=cohort) + "? " in done.stderr.replace("?\n", "? ").replace(";", "? "), done.stderr
    assert {path: path.stat().st_mtime_ns for path in cohort.rglob("*")} == before
    assert not list(tmp_path.iterdir())


def test_from_within_the_folder_the_advice_is_right_too(nicohort, cohort):
    done = nicohort("report", "--root_dir", ".", status=2, cwd=cohort / "grouped")
    assert f"did you mean {cohort.resolve()}?" in done.stderr


def test_a_dataset_of_links_that_are_not_followed_is_told(nicohort, cohort, tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).symlink_to(cohort / "grouped")
    done = nicohort("verify", "--root_dir", tmp_path, status=2)
    assert "no samples here; " in done.stderr and ". 2 symbolic links to folders in it, such as one, were not followed: " in done.stderr


INPUTS = [  # command, which input is missing, and which command makes it
    ("confirm_pairs --root_dir {root}/archive --archive_manifest {new}/m.xlsx --output_dir {new}/g", "{new}/m.xlsx: no such file", "gen_archive_manifest"),
    ("confirm_pairs --root_dir {root}/archive --archive_manifest {root}/grouped/dataset_manifest.xlsx --output_dir {new}/g",
     "is the manifest of a dataset", "gen_archive_manifest"),
    ("make_split --manifest_file {new}/m.xlsx --split_name s", "{new}/m.xlsx: no such file", "gen_dataset_manifest"),
    ("extract_split_index_manifest --manifest_file {new}/m.xlsx --split_name s --output_index_manifest_dir {new}/i --subsets train",
     "{new}/m.xlsx: no such file", "gen_dataset_manifest"),
    ("extract_split_index_manifest --manifest_file {root}/grouped/dataset_manifest.xlsx --split_name s --output_index_manifest_dir {new}/i --subsets train",
     "has no such worksheet, only Manifest", "make_split"),
    ("report --root_dir {new}", "has no folder grouped in it", "nicohort run"),
    ("verify --root_dir {new}", "no samples here", "confirm_pairs or run"),
]


@pytest.mark.parametrize("line, missing, command", INPUTS)
def test_of_an_input_that_is_not_there_the_command_that_makes_it_is_named(nicohort, cohort, tmp_path, line, missing, command):
    done = nicohort(*line.format(root=cohort, new=tmp_path).split(), status=2)
    assert missing.format(new=tmp_path) in done.stderr and command in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("line, said", [
    ("run --root-dir x", "--root-dir: run has no such option; did you mean --root_dir?"),
    ("run --rootdir=x", "--rootdir: run has no such option; did you mean --root_dir?"),
    ("run --Root_Dir x", "did you mean --root_dir?"), ("run -root_dir x", "-root_dir: run has no such option; did you mean --root_dir?"),
    ("run --root_dir x --dry-run", "did you mean --dry_run?"), ("run --root_dir x --frobnicate", "--frobnicate: run has no such option; nicohort run --help"),
    ("utils/mask_thresholding --root_dir x --output-dir y", "did you mean --output_dir?"),
    ("05_make_split --manifest-file x", "did you mean --manifest_file?"), ("make_split --split_name s --keep-sides", "did you mean --keep_sides?"),
    ("make-split --manifest_file x", "make-split: no such command; did you mean make_split?"), ("Verify --root_dir x", "did you mean verify?"),
    ("5_make_split", "did you mean make_split?"), ("frobnicate", "frobnicate: no such command; nicohort --help lists them"),
])
def test_a_slip_in_the_name_of_an_option_or_command(nicohort, line, said):
    assert said in nicohort(*line.split(), status=2).stderr


def test_numbers_below_zero_are_no_options(nicohort, cohort, tmp_path):
    nicohort("mask_thresholding", "--root_dir", cohort / "grouped", "--thresh", "-140", "-0.5", "--output_dir", tmp_path / "g",
             status=1)  # of masks that lose all their voxels


SPLITS = [
    ("{name: s, where: {pid: [p1, p3]}}", "`where` pid p3: the manifest has no such pid; it has p1, p2"),
    ("{name: s, where: {Centre: A}}", "`where`: there is no column `Centre`; did you mean `centre`?"),
    ("{name: s, where: {centre: C}}", "`where` centre C: the manifest has no such centre; it has A, B"),
    ("{name: s, stratify_by: [sex]}", "`stratify_by`: there is no column `sex`; "),
    ("{name: s, by: centr}", "`by`: there is no column `centr`; did you mean `centre`?"),
    ("{name: centre}", "`name` centre: the manifest has a column of that name"),
]


@pytest.mark.parametrize("split, said", SPLITS, ids=[split for split, _ in SPLITS])
def test_a_slip_in_a_split_is_found_before_any_sample_is_made(nicohort, tmp_path, split, said):
    table = 'metadata: [{file: table.csv, key: {pid: "{pid}"}}]\n'
    make(tmp_path, RECIPE + table + f"splits: [{split}]\n")
    (tmp_path / "archive/table.csv").write_text("pid,centre\np1,A\np2,B\n", encoding="utf-8")
    done = run(nicohort, tmp_path, status=2)
    assert f"recipe {tmp_path}/recipe.yaml, line 6: " in done.stderr and said in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["archive", "recipe.yaml"]
