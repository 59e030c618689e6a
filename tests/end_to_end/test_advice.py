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
