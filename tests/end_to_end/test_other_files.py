"""Every file of an archive is accounted for: images that cannot be read as such are problems, once each; the rest is counted."""

import shutil

import pytest

import small_archive
from small_archive import image_path, save

LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"
RECIPE = """volume: "{pid}_ct.nii.gz"
mask: "{pid}_seg.nii.gz"
labels: {0: Bg, 1: tumour}
"""


def problems(done):
    return [line.removeprefix("problem: ") for line in done.stderr.splitlines() if line.startswith("problem: ")]


def manifest(nicohort, root, *options, status=1):
    return nicohort("gen_archive_manifest", "--root_dir", root / "archive", "--output_manifest_file", root / "m.xlsx", *options, status=status)


def run(nicohort, root, status=1, recipe=RECIPE):
    (root / "recipe.yaml").write_text(recipe)
    return nicohort("run", "--root_dir", root, "--recipe", root / "recipe.yaml", status=status)


@pytest.mark.parametrize("ending, said", [
    (".nrrd", "is an NRRD image, which is not read; left out: convert it to a .nii.gz file"),
    (".mha", "is a MetaImage, which is not read; "), (".hdr", "is an image in two files (.hdr and .img), which is not read; "),
    (".dcm", "is a DICOM file, which is not read; left out: convert its series to a .nii.gz file, with dcm2niix"),
    (".nii.zip", "is an image that is compressed or packed as .zip, which is not read; left out: unpack it"),
    (".nii.gz.part", "looks like an image whose download or copy was not finished; left out: download or copy it again"),
    (".nii (1).gz", "looks like an image, but its name does not end with .nii.gz; left out: if it counts, rename it to TJ_0002.nii.gz"),
    (".nii.gz ", "has a space at the end of its name, so it does not end with .nii.gz; left out: remove the space")])
def test_a_patient_whose_images_cannot_be_read_is_one_problem_a_file(nicohort, tmp_path, ending, said):
    small_archive.make(tmp_path, ["0001", "0002"])
    for phase in ("pre", "post"):
        for kind in ("v3d", "m3d"):
            path = image_path(tmp_path, "0002", kind, phase)
            path.rename(image_path(tmp_path, "0002", kind, phase, ending))
            if ending == ".hdr":
                shutil.copy(image_path(tmp_path, "0002", kind, phase, ".hdr"), image_path(tmp_path, "0002", kind, phase, ".img"))
    done = manifest(nicohort, tmp_path)
    told = problems(done)
    paths = [f"tongji/{phase}-therapy/{kind}/TJ_0002{ending}" for phase in ("post", "pre") for kind in ("images", "masks")]
    assert [line[:len(path) + 2 + len(said)] for line, path in zip(told, paths)] == [f"{path}: {said}" for path in paths]
    assert len(told) == 4, "not the missing metadata, nor missing images, for which they are the cause"
    assert "4 image files found; 4 images of 2 patients in the manifest" in done.stdout
    assert "Files that are not images: 1 .xlsx." in done.stdout


def test_a_mask_that_cannot_be_read_is_not_told_as_missing(nicohort, tmp_path):
    save(tmp_path, "1_ct.nii.gz")
    save(tmp_path, "1_seg.nii.gz", "m3d")
    save(tmp_path, "2_ct.nii.gz")
    (tmp_path / "archive/2_seg.nrrd").write_bytes(b"NRRD0004\n")
    done = run(nicohort, tmp_path)
    told, = problems(done)
    assert told.startswith("2_seg.nrrd: is an NRRD image")
    assert "1 of the archive" not in done.stdout and (tmp_path / "grouped/2/2_volume.nii.gz").exists()
    (tmp_path / "archive/3_ct.nrrd").write_bytes(b"NRRD0004\n")
    done = run(nicohort, tmp_path)
    assert "1 sample of the archive is not in the manifest: 3;" in done.stdout
    assert [line.split(":")[0] for line in problems(done)] == ["2_seg.nrrd", "3_ct.nrrd"]
    assert problems(run(nicohort, tmp_path)) == problems(done)
    assert run(nicohort, tmp_path, 0, RECIPE + 'ignore: ["*.nrrd"]\nno_mask: {pid: "2"}\n')


def test_a_folder_of_slices_is_one_problem(nicohort, tmp_path):
    save(tmp_path, "1_ct.nii.gz")
    save(tmp_path, "1_seg.nii.gz", "m3d")
    for i in range(30):
        path = tmp_path / f"archive/2/series/IM{i:04}.dcm"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(128) + b"DICM")
    told, = problems(run(nicohort, tmp_path))
    assert told.startswith("2/series: contains 30 DICOM files, which are not read; left out: convert each series")


def test_an_archive_of_another_format_says_which(nicohort, tmp_path):
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive/1_ct.nrrd").write_bytes(b"NRRD0004\n")
    said = run(nicohort, tmp_path, 2).stderr
    assert "no .nii.gz file in it" in said and "1_ct.nrrd is an NRRD image, which is not read" in said


def test_other_files_are_counted_by_ending(nicohort, tmp_path):
    save(tmp_path, "1_ct.nii.gz")
    save(tmp_path, "1_seg.nii.gz", "m3d")
    for name in ("a.txt", "b.TXT", "README", "1_ct.nii.gz.json", "1.2.840.113", "._1_ct.nii.gz", ".DS_Store", ".git/annex/objects/x.nii.gz"):
        path = tmp_path / "archive" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    done = run(nicohort, tmp_path, 0)
    assert "Files that are not images: 2 without an ending, 2 .txt, 1 .json." in done.stdout
    assert "Hidden files and folders that were not read: 3." in done.stdout


@pytest.mark.parametrize("elsewhere", [False, True])
def test_content_that_was_not_fetched(nicohort, tmp_path, elsewhere):
    """Of Git LFS and git-annex, both as a link and as a pointer; in another folder too, where links are followed."""
    for pid in "12345":
        save(tmp_path, f"{pid}_ct.nii.gz")
        save(tmp_path, f"{pid}_seg.nii.gz", "m3d")
    objects = tmp_path / "archive/.git/annex/objects"
    objects.mkdir(parents=True)
    archive = tmp_path / "archive"
    (archive / "1_ct.nii.gz").rename(objects / "there.nii.gz")
    (archive / "1_ct.nii.gz").symlink_to(".git/annex/objects/there.nii.gz")
    (archive / "2_ct.nii.gz").unlink()
    (archive / "2_ct.nii.gz").symlink_to(".git/annex/objects/SHA256E-s9--ab.nii.gz/SHA256E-s9--ab.nii.gz")
    (archive / "3_ct.nii.gz").write_text("/annex/objects/SHA256E-s9--ab.nii.gz\n")
    (archive / "4_seg.nii.gz").write_text(LFS)
    (archive / "5_ct.nii.gz").unlink()
    (archive / "5_ct.nii.gz").symlink_to("gone.nii.gz")
    (archive / "notes.txt").symlink_to("gone.txt")
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    options = ["--archive", archive] if elsewhere else []
    done = nicohort("run", "--root_dir", tmp_path, "--recipe", tmp_path / "recipe.yaml", *options, status=1)
    expected = {
        "2_ct.nii.gz": "is a git-annex link whose content is not on this machine; left out: fetch it with git annex get, or datalad get",
        "3_ct.nii.gz": "is a git-annex pointer, not the image itself; fetch the content with git annex get, or datalad get; the sample is left out",
        "4_seg.nii.gz": "is a Git LFS pointer, not the image itself; fetch the content with git lfs pull",
        "5_ct.nii.gz": "is a symbolic link to a file that does not exist; left out: restore the file, or remove the link",
        "notes.txt": "is a symbolic link to a file that does not exist; left out: restore the file, or remove the link"}
    assert dict(line.split(": ", 1) for line in problems(done)) == expected and len(problems(done)) == 5
    assert (tmp_path / "grouped/1/1_volume.nii.gz").exists()
    assert "3 samples of the archive are not in the manifest: 2, 3, 5" in done.stdout


def test_pseudonyms_hide_the_names_of_such_files_too(nicohort, tmp_path):
    small_archive.make(tmp_path, ["0001", "0002"])
    image_path(tmp_path, "0002").rename(image_path(tmp_path, "0002", ending=".nrrd"))
    (tmp_path / "key").write_text("0123456789abcdef0123456789abcdef")
    done = manifest(nicohort, tmp_path, "--pseudonymize", tmp_path / "key")
    told, = problems(done)
    assert told.startswith("tongji/pre-therapy/images/(unrecognised P") and "NRRD" in told
    assert "0002" not in done.stdout + done.stderr



def test_a_mask_file_of_a_label_that_is_not_read_leaves_no_partial_mask(nicohort, tmp_path):
    recipe = RECIPE.replace('"{pid}_seg.nii.gz"', '{file: "{pid}_seg_{label}.nii.gz", overlap: last}').replace("1: tumour", "1: tumour, 2: node")
    for pid in "12":
        save(tmp_path, f"{pid}_ct.nii.gz")
        for label in ("tumour", "node"):
            save(tmp_path, f"{pid}_seg_{label}.nii.gz", "m3d")
    (tmp_path / "archive/2_seg_node.nii.gz").rename(tmp_path / "archive/2_seg_node.nrrd")
    done = run(nicohort, tmp_path, 1, recipe)
    told = problems(done)
    assert told[0].startswith("2_seg_node.nrrd: is an NRRD image")
    assert told[1:] == ["2: has a mask file that cannot be read, so none of its mask files is used; correct the file"]
    assert not (tmp_path / "grouped/2/2_mask.nii.gz").exists() and (tmp_path / "grouped/1/1_mask.nii.gz").exists()


def test_a_channel_that_is_not_read_is_the_only_problem_of_its_sample(nicohort, tmp_path):
    for name in ("1_T1.nii.gz", "1_T2.nii.gz", "2_T1.nii.gz"):
        save(tmp_path, name)
    (tmp_path / "archive/2_T2.mha").write_bytes(b"ObjectType = Image\n")
    told, = problems(run(nicohort, tmp_path, 1, 'volume: {T1: "{pid}_T1.nii.gz", T2: "{pid}_T2.nii.gz"}\n'))
    assert told.startswith("2_T2.mha: is a MetaImage")
