"""What `run` says to somebody whose archive and recipe do not fit."""

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
