"""SPEC 6: nothing that a dataset or archive brings along makes a command write or delete outside its folders, nor another's files."""

import json
import os
import shutil

import pytest

import small_archive
from long_form import LONG

PIDS = [f"{number:04}" for number in range(1, 7)]
EXTRA = "0099"


@pytest.fixture(scope="module")
def finished(nicohort, tmp_path_factory):
    root = small_archive.make(tmp_path_factory.mktemp("finished") / "root", [*PIDS, EXTRA])
    nicohort("run", "--root_dir", root, status=None)
    return root


@pytest.fixture
def root(finished, tmp_path):
    """A finished run in a folder with files beside it that are nobody's business."""
    shutil.copytree(finished, tmp_path / "root", symlinks=True)
    (tmp_path / "victim.txt").write_text("precious")
    (tmp_path / "outside").mkdir()
    for name in ("a.png", "confirm_pairs.json", "victim.txt", f"TJ_{EXTRA}_pre_info.yaml", f"TJ_{EXTRA}_pre.json"):
        (tmp_path / "outside" / name).write_text("precious")
    return tmp_path / "root"


@pytest.fixture(autouse=True)
def all_outside_stays_as_it_is(root):
    def outside():
        return {path: path.read_bytes() for path in root.parent.rglob("*") if path.is_file() and root not in path.parents}
    before = outside()
    yield
    assert outside() == before


def confirm(nicohort, root):
    """Makes one sample anew."""
    manifest = root / "one.csv"
    manifest.write_text("file_path,site,phase,pid,type\ntongji/pre-therapy/images/TJ_0001.nii.gz,TJ,pre,0001,v3d\n"
                        "tongji/pre-therapy/masks/TJ_0001.nii.gz,TJ,pre,0001,m3d\n")
    return nicohort("confirm_pairs", "--root_dir", root / "archive", "--output_dir", root / "grouped", "--archive_manifest",
                    manifest, status=None)


def take_out_of_the_archive(root):
    for path in root.glob(f"archive/**/TJ_{EXTRA}.nii.gz"):
        path.unlink()


def change_record(root, ID, **changes):
    record = root / f"grouped/.nicohort/{ID}.json"
    record.write_text(json.dumps(json.loads(record.read_text()) | changes))


@pytest.mark.parametrize("folder", ["", ".", "..", "../descriptor", "TJ", "TJ/pre", "TJ/pre/TJ_0001_pre", ".nicohort", "splits",
                                    f"TJ/pre/TJ_{EXTRA}_pre/../TJ_0001_pre", "ABSOLUTE"])
def test_a_record_names_no_folder_but_the_samples(nicohort, root, folder):
    """Neither when it is taken out nor when it is made anew."""
    folder = str(root.parent / "outside") if folder == "ABSOLUTE" else folder
    change_record(root, f"TJ_{EXTRA}_pre", folder=folder)
    others = {path: path.read_bytes() for path in root.glob("grouped/TJ/*/*/*") if EXTRA not in path.name}
    labels = (root / "descriptor/label_map.yaml").read_bytes()
    for again in ((), ("--again",)):
        nicohort("run", "--root_dir", root, *again, status=None)
        assert others == {path: path.read_bytes() for path in others}
    change_record(root, f"TJ_{EXTRA}_pre", folder=folder)
    take_out_of_the_archive(root)
    nicohort("run", "--root_dir", root, "--allow_removal", status=None)
    assert others == {path: path.read_bytes() for path in others}
    assert (root / "descriptor/label_map.yaml").read_bytes() == labels


@pytest.mark.parametrize("ID", ["../../victim", "../../descriptor/label_map", "TJ_0001_pre", "", "TJ/pre/TJ_0001_pre"])
def test_a_record_is_no_other_samples(nicohort, root, ID):
    victim = root / "descriptor/label_map.json"
    victim.write_text("precious")
    change_record(root, f"TJ_{EXTRA}_pre", id=ID)
    others = {path: path.read_bytes() for path in root.glob("grouped/TJ/*/*/*") if EXTRA not in path.name}
    take_out_of_the_archive(root)
    nicohort("run", "--root_dir", root, "--allow_removal", status=None)
    assert others == {path: path.read_bytes() for path in others}
    assert victim.read_text() == "precious"


@pytest.mark.parametrize("name", ["../../../dataset_manifest.xlsx", "../TJ_0002_pre/TJ_0002_pre_volume.nii.gz",
                                  "../../../.nicohort/TJ_0002_pre.json", "../../../../descriptor/label_map.yaml"])
@pytest.mark.parametrize("work", [confirm, lambda nicohort, root: nicohort("run", "--root_dir", root, "--again", status=None)],
                         ids=["confirm_pairs", "run"])
def test_a_record_names_files_of_its_own_folder_only(nicohort, root, work, name):
    record = root / "grouped/.nicohort/TJ_0001_pre.json"
    content = json.loads(record.read_text())
    content["files"][name] = "0" * 64
    record.write_text(json.dumps(content))
    victim = root / "grouped" / content["folder"] / name
    before = victim.read_bytes()
    work(nicohort, root)
    assert victim.is_file() and (work is not confirm or victim.read_bytes() == before)


LINKS = ["grouped/.nicohort/lock", "grouped/.nicohort/SHA256SUMS", "grouped/.nicohort/recipe.yaml", "grouped/.nicohort/dataset.json",
         "grouped/.nicohort/unfinished.json", "grouped/.nicohort/progress", "grouped/.nicohort/cache/planted.jsonl", "grouped/.nicohort/lease/planted",
         "grouped/.nicohort/TJ_0001_pre.json", "grouped/dataset_manifest.xlsx",
         "descriptor/archive_manifest.xlsx", "report/data.js", "report/index.html", "run.problems.csv",
         "grouped/confirm_pairs.problems.csv", "report/thumbnails/TJ_0001_pre.png"]


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("target", ["outside", "inside"] if LONG else ["inside"])
def test_no_file_is_written_through_a_link(nicohort, root, link, target):
    """Also not one of the same folders."""
    place = root / link
    victim = root.parent / "victim.txt" if target == "outside" else root / "archive/data_meta_tongji.xlsx"
    before = victim.read_bytes()
    place.unlink(missing_ok=True)
    place.symlink_to(os.path.relpath(victim, place.parent))
    for command in (("run", "--root_dir", root, "--again"), ("verify", "--root_dir", root / "grouped"), ("report", "--root_dir", root)):
        nicohort(*command, status=None)
        assert victim.read_bytes() == before, command
    confirm(nicohort, root)
    assert victim.read_bytes() == before


@pytest.mark.parametrize("link", ["grouped/.nicohort", *(f"grouped/.nicohort/{name}" for name in ("cache", "staging", "commit", "lease")),
                                  "descriptor/replaced", "report/thumbnails", "grouped/TJ",
                                  f"grouped/TJ/pre/TJ_{EXTRA}_pre", "grouped/splits"])
@pytest.mark.parametrize("command", ["run", "confirm_pairs", "report", "extract_binary_masks"] if LONG else ["run"])
def test_nothing_is_written_or_deleted_behind_a_folder_that_is_a_link(nicohort, root, link, command):
    place, outside = root / link, root.parent / "outside"
    if place.is_dir():  # what is expected there is there
        shutil.copytree(place, outside, dirs_exist_ok=True, copy_function=lambda a, b: os.path.exists(b) or shutil.copy2(a, b))
        shutil.rmtree(place)
    place.symlink_to(outside)
    take_out_of_the_archive(root)
    before = {path: path.read_bytes() for path in outside.rglob("*") if path.is_file()}
    words = {"run": ("run", "--root_dir", root), "report": ("report", "--root_dir", root),
             "extract_binary_masks": ("extract_binary_masks", "--root_dir", root / "grouped", "--label_explanation",
                                      root / "descriptor/label_map.yaml")}
    if command == "confirm_pairs":
        confirm(nicohort, root)
    else:
        nicohort(*words[command], status=None)
    assert {path: path.read_bytes() for path in outside.rglob("*") if path.is_file()} == before
    shutil.rmtree(outside)
    outside.mkdir()
    for name in ("a.png", "confirm_pairs.json", "victim.txt", f"TJ_{EXTRA}_pre_info.yaml", f"TJ_{EXTRA}_pre.json"):
        (outside / name).write_text("precious")


@pytest.mark.parametrize("place", ["grouped/.nicohort/lock"])
def test_a_pipe_is_not_waited_for(nicohort, root, place):
    (root / place).unlink(missing_ok=True)
    os.mkfifo(root / place)
    assert "not a regular file" in nicohort("run", "--root_dir", root, "--again", status=3).stderr


def test_a_problems_file_that_leads_out_is_not_shown(nicohort, root):
    (root.parent / "outside/secret.csv").write_text("subject,problem\nTJ_0001_pre,a secret\n")
    (root / "grouped/x.problems.csv").symlink_to(root.parent / "outside/secret.csv")
    nicohort("report", "--root_dir", root, status=1)
    assert "a secret" not in (root / "report/data.js").read_text()
    (root.parent / "outside/secret.csv").unlink()


def test_a_listed_file_that_leads_out_is_not_read(nicohort, root):
    (root / "grouped/other.txt").symlink_to(root.parent / "victim.txt")
    truth = root / "grouped/.nicohort/dataset.json"
    content = json.loads(truth.read_text())
    content["tables"]["other.txt"] = "0" * 64
    truth.write_text(json.dumps(content))
    said = nicohort("verify", "--root_dir", root / "grouped", status=1).stderr
    assert "other.txt: leads out of the dataset by a symbolic link" in said
