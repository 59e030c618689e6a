"""`apply_step` does to a dataset what `run` does with the step in its recipe."""

import json

import yaml

from test_recipe_steps import LABELS, RECIPE, mri, run  # noqa: F401

STEPS = [{"threshold": [100, 2000]}, {"fill_holes": {"smaller_than": "9 voxels", "with": "liver"}}, {"remove_small": "8 voxels"},
         {"clean_slices": {"what": "holes", "kernel_size": [2, 3], "smaller_than": "5 mm2"}}, {"relabel": {2: "liver"}},
         {"keep_largest": {"of": ["liver", "node"]}}]


def images(root):
    return {path.relative_to(root): path.read_bytes() for path in sorted((root / "grouped").rglob("*.nii.gz"))}


def record(root, pid):
    return json.loads((root / f"grouped/.nicohort/N_{pid}_t0.json").read_text())


def apply_step(nicohort, root, step, **options):
    return nicohort("apply_step", "--root_dir", root / "grouped", step if isinstance(step, str) else yaml.safe_dump(step), **options)


def test_steps_one_by_one_are_a_run(nicohort, mri, tmp_path_factory):  # noqa: F811
    run(nicohort, mri, [])
    before = images(mri)
    for step in STEPS:
        told = apply_step(nicohort, mri, step).stdout
        assert f"{next(iter(step))}: 2 of 2 samples processed" in told
    other = tmp_path_factory.mktemp("run")
    (other / "archive").symlink_to(mri / "archive")
    recipe = RECIPE | {"labels": LABELS, "steps": STEPS}
    (other / "recipe.yaml").write_text(yaml.safe_dump(recipe, sort_keys=False))
    nicohort("run", "--root_dir", other, "--archive", mri / "archive", "--recipe", other / "recipe.yaml")
    assert images(mri) == images(other) != before
    for pid in ("0001", "0002"):
        assert [step["name"] for step in record(mri, pid)["steps"]] == [next(iter(step)) for step in STEPS]
        assert record(mri, pid)["steps"] == record(other, pid)["steps"] and record(mri, pid)["mask"] == record(other, pid)["mask"]
    nicohort("gen_dataset_manifest", "--root_dir", mri / "grouped", "--output_manifest_file", mri / "grouped/dataset_manifest.xlsx")
    assert "No problems." in nicohort("verify", "--root_dir", mri / "grouped").stdout


def test_only_where(nicohort, mri):  # noqa: F811
    run(nicohort, mri, [])
    before = images(mri)
    told = apply_step(nicohort, mri, {"keep_largest": {"of": "foreground"}, "where": {"Age": 62}}).stdout
    assert "1 of 2 samples processed, 1 left out by `where`" in told
    changed = {path.parts[3] for path, content in images(mri).items() if before[path] != content}
    assert changed == {"N_0002_t0"} and record(mri, "0001")["steps"] == []
    apply_step(nicohort, mri, "{keep_largest: {of: liver}, where: {pid: '0001'}}")
    assert record(mri, "0001")["steps"][0]["parameters"] == {"of": ["liver"]}


def test_twice_is_once_unless_again(nicohort, mri):  # noqa: F811
    run(nicohort, mri, [])
    apply_step(nicohort, mri, "keep_largest")
    once = images(mri)
    assert "0 of 2 samples processed, 2 unchanged" in apply_step(nicohort, mri, "keep_largest").stdout
    again = nicohort("apply_step", "--root_dir", mri / "grouped", "--again", "keep_largest: {}").stdout
    assert "2 of 2 samples processed" in again and images(mri) == once


def test_bad_steps(nicohort, mri):  # noqa: F811
    run(nicohort, mri, [])
    before = images(mri)
    for step, message in [("keep_larges", "`keep_larges` is not a step; did you mean `keep_largest`?"),
                          ("remove_small", "`remove_small` needs `smaller_than`"),
                          ("{remove_small: {smaller_than: 3 voxels, off: liver}}", "`off` is not a parameter of `remove_small`"),
                          ("{remove_small: {smaller_than: 3 voxels, of: []}}", "`of` of `remove_small` is an empty list"),
                          ("{threshold: [0, 1], keep_largest: {}}", "are one item of `steps`"),
                          ("[keep_largest]", "not a map of one step"),
                          ("", "not a map of one step"),
                          ("list_small: 3 mm3", "use nicohort small_connected_region_detect"),
                          ("{keep_largest: {}, where: {age: 61}}", "has a column `age`; did you mean `Age`?"),
                          ("remove_small: {smaller_than: 9 voxels, of: liber}",
                           "names the label `liber`, which is not among the labels; did you mean `liver`?")]:
        assert message in apply_step(nicohort, mri, step, status=2).stderr, step
    assert images(mri) == before
    assert "no such folder" in nicohort("apply_step", "--root_dir", mri / "none", "keep_largest", status=2).stderr


def test_labels_without_names(nicohort, mri):  # noqa: F811
    (mri / "recipe.yaml").write_text(yaml.safe_dump(RECIPE, sort_keys=False))
    nicohort("run", "--root_dir", mri, "--recipe", mri / "recipe.yaml")
    told = apply_step(nicohort, mri, "remove_small: {smaller_than: 9 voxels, of: liver}", status=1).stderr
    assert "run extract_binary_masks first" in told
    assert "2 of 2 samples processed" in apply_step(nicohort, mri, "remove_small: 9 voxels").stdout
