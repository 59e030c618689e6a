"""SPEC 3 against nibabel: headers, values, damaged files, and what we write."""

import gzip
import itertools
import json
import os
import subprocess
import zlib
from pathlib import Path

import nibabel
import numpy as np
import pytest
from nibabel.nifti1 import header_dtype as nifti1_dtype
from nibabel.nifti2 import header_dtype as nifti2_dtype

from long_form import LONG

nibabel.imageglobals.logger.disabled = True  # it remarks on every header that it mends

PROBE = Path(os.environ["NICOHORT_BUILD"]) / "tests" / "nifti_probe"

TYPE_CODES = {"uint8": 2, "int16": 4, "int32": 8, "float32": 16, "float64": 64,
              "int8": 256, "uint16": 512, "uint32": 768, "int64": 1024, "uint64": 1280}
OPPOSITE = str.maketrans("LRAPSI", "RLPAIS")


def probe(command, *paths):
    run = subprocess.run([PROBE, command, *map(str, paths)], capture_output=True, text=True,
                         check=True, timeout=60)
    return [json.loads(line) for line in run.stdout.splitlines()]


def problem_of(path, command="header"):
    [answer] = probe(command, path)
    assert "problem" in answer, f"{path.name} was taken: {answer}"
    return answer["problem"]


def random_turn(rng, angle=None):
    """A random rotation matrix; `angle` in radians about a random axis if given."""
    axis = rng.normal(size=3)
    axis /= np.linalg.norm(axis)
    angle = rng.uniform(0, np.pi) if angle is None else angle
    cross = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def make_header(version=1, order="<", dtype="int16", size=(4, 3, 2), **fields):
    """A valid header as a numpy record, fields replaced by the given ones."""
    layout = nifti1_dtype if version == 1 else nifti2_dtype
    header = np.zeros((), layout).newbyteorder(order).copy()
    header["sizeof_hdr"] = layout.itemsize
    header["magic"] = f"n+{version}".encode()
    if version == 2:
        header["eol_check"] = (13, 10, 26, 10)
    header["dim"] = [3, *size] + [1] * (7 - len(size))
    header["pixdim"] = [1, 0.8, 0.7, 2.5, 0, 0, 0, 0]
    header["datatype"] = TYPE_CODES.get(dtype, 4)
    header["bitpix"] = np.dtype(dtype).itemsize * 8
    header["vox_offset"] = layout.itemsize + 4
    for field, value in fields.items():
        header[field] = value
    # What newbyteorder() labels is not yet what lies in memory: this is.
    return header.astype(layout.newbyteorder(order))


def make_voxels(dtype, order, rng, size=(4, 3, 2)):
    kind = np.dtype(dtype)
    count = int(np.prod(size))
    if kind.kind == "f":
        voxels = rng.normal(scale=1000, size=count).astype(kind)
        voxels[:5] = [np.nan, np.inf, -np.inf, -0.0, 1e-30]
    else:
        limits = np.iinfo(kind)
        voxels = np.frombuffer(rng.bytes(count * kind.itemsize), kind).copy()
        voxels[:3] = [limits.min, limits.max, 0]
    return voxels.astype(kind.newbyteorder(order))


def save(path, header, voxels, flag=b"\0\0\0\0"):
    content = header.tobytes() + flag + voxels.tobytes()
    path.write_bytes(gzip.compress(content, 1) if path.suffix == ".gz" else content)
    return path


def set_forms(header, forms, rng):
    turn, q_turn = random_turn(rng), nibabel.quaternions.mat2quat(random_turn(rng))
    if forms in ("s", "both"):
        header["sform_code"] = rng.integers(1, 6)
    if forms in ("q", "both"):
        header["qform_code"] = rng.integers(1, 6)
    if forms == "invalid":
        header["sform_code"], header["qform_code"] = rng.choice([-1, 6, 77], 2)
    if forms == "invalid s":
        header["sform_code"], header["qform_code"] = 6, 1
    header["pixdim"][1:4] = 0.8, 0.7, 2.5
    header["srow_x"], header["srow_y"], header["srow_z"] = np.c_[turn * [0.8, 0.7, 2.5], rng.normal(size=3)]
    header["quatern_b"], header["quatern_c"], header["quatern_d"] = q_turn[1:]
    header["qoffset_x"], header["qoffset_y"], header["qoffset_z"] = rng.normal(scale=100, size=3)


def is_oblique(affine):
    unit = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    largest = np.abs(unit).argmax(axis=0)
    off_axis = unit.copy()
    off_axis[largest, range(3)] = 0
    return bool((np.linalg.norm(off_axis, axis=0) > 1e-4).any())


def assert_same_header(answer, path):
    image = nibabel.load(path)
    assert "problem" not in answer, (path, answer)
    affine = np.array([float.fromhex(text) for text in answer["affine"]])
    assert affine.tobytes() == image.affine.astype("<f8").tobytes(), (path, affine, image.affine)
    assert answer["size"] == list(image.shape[:3])
    assert answer["spacing"] == [float(zoom) for zoom in image.header.get_zooms()[:3]]
    assert answer["dtype"] == image.get_data_dtype().name
    letters = "".join(nibabel.aff2axcodes(image.affine))
    form = "Oblique(closest to {})" if is_oblique(image.affine) else "{}"
    assert answer["orientation_to"] == form.format(letters)
    assert answer["orientation_from"] == form.format(letters.translate(OPPOSITE))
    assert (np.array(answer["transform"]) == image.affine).all()
    assert answer["qform_code"] == int(image.header["qform_code"])
    assert answer["sform_code"] == int(image.header["sform_code"])


def assert_same_values(path):
    ours = np.fromfile(f"{path}.float32", "<f4")
    with np.errstate(all="ignore"):
        theirs = nibabel.load(path).get_fdata(dtype=np.float64).astype("<f4").ravel(order="F")
    np.testing.assert_array_equal(ours, theirs)
    assert (np.signbit(ours) == np.signbit(theirs))[~np.isnan(theirs)].all()  # zeros keep their sign


FORMS = ["none", "q", "s", "both", "invalid", "invalid s"]
QFACS = [0, -1, 1, 7, np.nan]
SLOPES = [(0, 0), (1, 0), (1, -1024), (0.5, 0), (-0.1, 3.7), (np.nan, 5), (np.inf, np.nan), (0, np.nan)]


@pytest.mark.parametrize("version, order", [(1, "<"), (2, ">"), *([(1, ">"), (2, "<")] if LONG else [])])
@pytest.mark.parametrize("dtype", TYPE_CODES)
def test_header_and_values_equal_nibabel(tmp_path, version, order, dtype):
    rng = np.random.default_rng([version, ord(order), TYPE_CODES[dtype]])
    paths = []
    headers = list(itertools.product(FORMS, QFACS, SLOPES))
    if not LONG:  # some of each, others for each data type
        headers = headers[TYPE_CODES[dtype] % 3::3]
    for i, (forms, qfac, slope) in enumerate(headers):
        header = make_header(version, order, dtype)
        header["pixdim"][0] = qfac
        header["scl_slope"], header["scl_inter"] = slope
        set_forms(header, forms, rng)
        suffix = ".nii.gz" if i % 2 else ".nii"
        paths.append(save(tmp_path / f"{i}{suffix}", header, make_voxels(dtype, order, rng)))
    answers = probe("values", *paths)
    assert len(answers) == len(paths) == (240 if LONG else 80)
    for answer, path in zip(answers, paths):
        assert_same_header(answer, path)
        assert_same_values(path)


def test_affine_of_any_quaternion_equals_nibabel(tmp_path):
    """Also where the three numbers leave nothing for the fourth: turns near 180 degrees."""
    rng = np.random.default_rng(1)
    paths = []
    for i in range(1000 if LONG else 300):
        version, order = (1, "<") if i % 2 else (2, ">")
        angle = [None, np.pi, np.pi - 10.0 ** rng.integers(-8, -1)][i % 3]
        header = make_header(version, order, "uint8", qform_code=1)
        header["pixdim"][1:4] = rng.uniform(0.1, 6, 3)
        header["pixdim"][0] = rng.choice([-1, 1])
        q = nibabel.quaternions.mat2quat(random_turn(rng, angle))[1:]
        header["quatern_b"], header["quatern_c"], header["quatern_d"] = q
        header["qoffset_x"], header["qoffset_y"], header["qoffset_z"] = rng.normal(scale=300, size=3)
        paths.append(save(tmp_path / f"{i}.nii", header, np.zeros(24, np.uint8)))
    for answer, path in zip(probe("header", *paths), paths):
        try:
            nibabel.load(path)
        except ValueError:
            assert "quaternion" in answer["problem"]
        else:
            assert_same_header(answer, path)


def test_base_affine_equals_nibabel(tmp_path):
    rng = np.random.default_rng(2)
    paths = []
    for i in range(200):
        version, order = (i % 2 + 1, "<>"[i // 2 % 2])
        size = [int(n) for n in rng.integers(1, 90, 3)]
        header = make_header(version, order, "uint8", size)
        header["pixdim"][1:4] = rng.uniform(0.1, 6, 3)
        paths.append(save(tmp_path / f"{i}.nii.gz", header, np.zeros(np.prod(size), np.uint8)))
    for answer, path in zip(probe("header", *paths), paths):
        assert_same_header(answer, path)


def test_trailing_dimensions_and_extensions_are_taken(tmp_path):
    rng = np.random.default_rng(3)
    paths = []
    for dims in [4, 5, 7]:
        header = make_header()
        header["dim"][0] = dims
        voxels = make_voxels("int16", "<", rng)
        paths.append(save(tmp_path / f"{dims}.nii.gz", header, voxels))
    extension = np.array([32, 6], "<i4").tobytes() + b"a comment".ljust(24, b"\0")
    header = make_header(vox_offset=352 + 32)
    paths.append(save(tmp_path / "extension.nii.gz", header, make_voxels("int16", "<", rng),
                      b"\1\0\0\0" + extension))
    for answer, path in zip(probe("values", *paths), paths):
        assert_same_header(answer, path)
        assert_same_values(path)


def image_bytes(size=(4, 3, 2)):
    rng = np.random.default_rng(4)
    return make_header(size=size).tobytes() + b"\0\0\0\0" + make_voxels("int16", "<", rng, size).tobytes()


def test_multi_member_gzip_and_zero_padding_are_taken(tmp_path):
    content = image_bytes()
    files = {
        "two.nii.gz": gzip.compress(content[:100]) + gzip.compress(content[100:]),
        "many.nii.gz": b"".join(gzip.compress(content[i:i + 7]) for i in range(0, len(content), 7)),
        "empty_last.nii.gz": gzip.compress(content) + gzip.compress(b""),
        "padded.nii.gz": gzip.compress(content) + bytes(512),
        "stored.nii.gz": gzip.compress(content, 0),
    }
    reference = tmp_path / "reference.nii"
    reference.write_bytes(content)
    probe("values", reference)
    for name, data in files.items():
        path = tmp_path / name
        path.write_bytes(data)
        for command in ("header", "verify", "values"):
            [answer] = probe(command, path)
            assert "problem" not in answer, (name, command, answer)
        assert Path(f"{path}.float32").read_bytes() == Path(f"{reference}.float32").read_bytes()


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_every_truncation_is_found_without_verify(tmp_path, suffix):
    content = image_bytes()
    whole = gzip.compress(content) if suffix == ".nii.gz" else content
    paths = []
    for length in range(len(whole)):
        paths.append(tmp_path / f"{length}{suffix}")
        paths[-1].write_bytes(whole[:length])
    answers = probe("header", *paths)
    assert len(answers) == len(whole)
    assert all("problem" in answer for answer in answers)


def test_damage_is_found_by_verify(tmp_path):
    content = image_bytes((20, 30, 40))
    whole = gzip.compress(content)
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 0x10
    wrong_checksum = bytearray(whole)
    wrong_checksum[-6] ^= 1
    for name, data in {"flipped": flipped, "checksum": wrong_checksum}.items():
        path = tmp_path / f"{name}.nii.gz"
        path.write_bytes(data)
        assert "damaged" in problem_of(path, "verify")
        assert "damaged" in problem_of(path, "values")


def test_fewer_and_more_bytes_than_the_header_asks_for(tmp_path):
    content = image_bytes()  # 352 + 48 = 400 bytes
    for suffix in (".nii", ".nii.gz"):
        for change, data in {"fewer": content[:-8], "more": content + bytes(8)}.items():
            path = tmp_path / f"{change}{suffix}"
            path.write_bytes(gzip.compress(data) if suffix == ".nii.gz" else data)
            for command in ("header", "verify", "values"):
                message = problem_of(path, command)
                assert "400" in message and str(len(data)) in message, message


def test_a_gzip_bomb_stops_at_once(tmp_path):
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    path = tmp_path / "bomb.nii.gz"
    zeros = bytes(1 << 24)
    with path.open("wb") as file:
        file.write(packer.compress(image_bytes()))
        for _ in range(128):  # 2 GiB
            file.write(packer.compress(zeros))
        file.write(packer.flush())
    started = os.times().children_user
    assert "at least" in problem_of(path)
    assert os.times().children_user - started < 0.2


BAD_HEADERS = {
    "2-D": (dict(dim=[2, 4, 3, 1, 1, 1, 1, 1]), "3-D"),
    "no dimensions": (dict(dim=[0, 4, 3, 2, 1, 1, 1, 1]), "dim[0]"),
    "eight dimensions": (dict(dim=[8, 4, 3, 2, 1, 1, 1, 1]), "dim[0]"),
    "size zero": (dict(dim=[3, 4, 0, 2, 1, 1, 1, 1]), "dim[2]"),
    "size negative": (dict(dim=[3, -4, 3, 2, 1, 1, 1, 1]), "dim[1]"),
    "two volumes": (dict(dim=[4, 4, 3, 2, 2, 1, 1, 1]), "more than one volume"),
    "vector": (dict(dim=[5, 4, 3, 2, 1, 3, 1, 1]), "dim[5]"),
    "absurd size": (dict(dim=[3, 32767, 32767, 32767, 1, 1, 1, 1], datatype=64), "2^40"),
    "RGB": (dict(datatype=128), "RGB24 (datatype 128)"),
    "complex": (dict(datatype=32), "complex64"),
    "float128": (dict(datatype=1536), "float128"),
    "no type": (dict(datatype=0), "datatype 0"),
    "offset in the header": (dict(vox_offset=64), "vox_offset"),
    "offset zero": (dict(vox_offset=0), "vox_offset"),  # readers disagree: nibabel takes the header for voxels
    "offset negative": (dict(vox_offset=-352), "vox_offset"),
    "offset of a fraction": (dict(vox_offset=352.5), "vox_offset"),
    "offset not a number": (dict(vox_offset=np.nan), "vox_offset"),
    "offset absurd": (dict(vox_offset=1e30), "vox_offset"),
    "spacing zero": (dict(pixdim=[1, 0, 1, 1, 0, 0, 0, 0]), "pixdim[1]"),
    "spacing negative": (dict(pixdim=[1, 1, -1, 1, 0, 0, 0, 0]), "pixdim[2]"),
    "spacing infinite": (dict(pixdim=[1, 1, 1, np.inf, 0, 0, 0, 0]), "pixdim[3]"),
    "spacing not a number": (dict(pixdim=[1, 1, np.nan, 1, 0, 0, 0, 0]), "pixdim[2]"),
    "affine zero": (dict(sform_code=1), "singular"),
    "affine flat": (dict(sform_code=1, srow_x=[1, 1, 0, 0], srow_y=[1, 1, 0, 0], srow_z=[0, 0, 1, 0]),
                    "singular"),
    "affine not finite": (dict(sform_code=1, srow_x=[np.nan, 0, 0, 0]), "not finite"),
    "quaternion too long": (dict(qform_code=1, quatern_b=0.9, quatern_c=0.9), "quaternion"),
    "quaternion not a number": (dict(qform_code=1, quatern_b=np.nan), "not finite"),
    "intercept not finite": (dict(scl_slope=2, scl_inter=np.inf), "scl_inter"),
    "two-file image": (dict(magic=b"ni1"), "two-file image"),
    "Analyze": (dict(magic=b""), "Analyze"),
    "other mark": (dict(magic=b"n+9"), "n+1"),
    "other header size": (dict(sizeof_hdr=349), "not a NIfTI image"),
}


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("fault", BAD_HEADERS)
def test_an_impossible_header_is_named(tmp_path, fault, order):
    fields, words = BAD_HEADERS[fault]
    path = save(tmp_path / "bad.nii.gz", make_header(order=order, **fields), np.zeros(24, f"{order}i2"))
    assert words in problem_of(path)


def test_impossible_nifti2_headers_are_named(tmp_path):
    def problem(**fields):
        header = make_header(2, **fields)
        return problem_of(save(tmp_path / "bad.nii.gz", header, np.zeros(24, "<i2")))

    assert "2^40" in problem(dim=[3, 2**62, 2**62, 2**62, 1, 1, 1, 1])
    assert "2^40" in problem(dim=[3, 2**33, 2**33, 1, 1, 1, 1, 1])
    assert "vox_offset" in problem(vox_offset=352)
    assert "vox_offset" in problem(vox_offset=2**62)
    assert "text mode" in problem(eol_check=(10, 26, 10, 10))
    assert "two-file image" in problem(magic=b"ni2")


def test_other_files_are_recognised(tmp_path):
    path = tmp_path / "other.nii.gz"
    for content, words in [(gzip.compress(gzip.compress(image_bytes())), "gzip inside gzip"),
                           (bytes(128) + b"DICM" + bytes(400), "DICOM"),
                           (b"NRRD0004\n" + bytes(400), "NRRD"),
                           (b"ObjectType = Image\n", "MetaImage"),
                           (b"<!DOCTYPE html><html>", "web page"),
                           (b"PK\3\4" + bytes(30), "zip"),
                           (b"", "empty"),
                           (gzip.compress(b""), "not a NIfTI image"),
                           (b"\x5c\1\0\0", "truncated")]:
        path.write_bytes(content)
        assert words in problem_of(path)
    assert "opened" in problem_of(tmp_path / "absent.nii.gz")
    assert "regular file" in problem_of(tmp_path)


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("dtype", TYPE_CODES)
def test_labels(tmp_path, dtype, order):
    top = min(255, np.iinfo(dtype).max) if np.dtype(dtype).kind in "iu" else 255
    labels = np.linspace(0, top, 24).round().astype(dtype)
    path = tmp_path / "mask.nii.gz"

    def read(voxels, **fields):
        save(path, make_header(order=order, dtype=dtype, **fields), voxels.astype(np.dtype(dtype).newbyteorder(order)))
        [answer] = probe("labels", path)
        return answer.get("problem") or list(np.fromfile(f"{path}.uint8", "u1"))

    assert read(labels) == list(labels)
    assert read(labels // 2, scl_slope=2) == list(labels // 2 * 2)
    assert read(np.full(24, 4, dtype), scl_slope=0.5, scl_inter=-1) == [1] * 24
    half = np.full(24, 2, dtype)
    half[17] = 3
    assert "1.5 at voxel (1, 1, 1)" in read(half, scl_slope=0.5)
    if np.dtype(dtype).kind == "f":
        for bad in (0.5, -1, 256, np.nan, np.inf, 1e30):
            voxels = labels.copy()
            voxels[23] = bad
            assert "at voxel (3, 2, 1)" in read(voxels)
    else:
        limits = np.iinfo(dtype)
        for bad in {limits.min, limits.max} - set(range(256)):
            voxels = labels.copy()
            voxels[5] = bad
            assert "at voxel (1, 1, 0)" in read(voxels)


def written(tmp_path, affine, rng, code):
    """An image with this sform and these form codes, and the copy we write of it."""
    header = make_header(dtype="float32", qform_code=code[1],
                         descrip=b"a name", aux_file=b"another", intent_name=b"third")
    header["srow_x"], header["srow_y"], header["srow_z"] = affine[:3]
    header["sform_code"] = code[0]
    source = save(tmp_path / "source.nii.gz", header, make_voxels("float32", "<", rng))
    out = tmp_path / "out.nii.gz"
    [answer] = probe("write", source, out)
    assert "problem" not in answer, answer
    return nibabel.load(source), nibabel.load(out)


@pytest.mark.parametrize("kind", ["any", "half turn", "nearly a half turn", "axes", "identity"])
def test_what_we_write_nibabel_reads_back(tmp_path, kind):
    rng = np.random.default_rng(5)
    for i in range(40):
        if kind == "axes":
            turn = np.eye(3)[rng.permutation(3)] * rng.choice([-1, 1], 3)
        elif kind == "identity":
            turn = np.eye(3)
        else:
            angle = {"any": None, "half turn": np.pi}.get(kind, np.pi - 10.0 ** rng.uniform(-7, -1))
            turn = random_turn(rng, angle) * rng.choice([-1, 1], 3)
        zooms = rng.uniform(0.3, 5, 3)
        affine = np.eye(4)
        affine[:3, :3] = turn * zooms
        affine[:3, 3] = rng.normal(scale=300, size=3)
        source, image = written(tmp_path, affine, rng, code=(1, 3))
        header = image.header
        assert image.shape == (4, 3, 2) and header["dim"].tolist() == [3, 4, 3, 2, 1, 1, 1, 1]
        assert image.get_data_dtype() == np.dtype("<f4") and header.endianness == "<"
        assert (image.affine == source.affine).all()
        assert (image.get_sform() == source.affine).all()
        # The fourth number, w, is the root of what three float32 numbers leave of 1: its error grows as 1/w,
        # and where that would be more than w itself, w is as well 0.
        proper = turn * [1, 1, np.linalg.det(turn)]
        w = nibabel.quaternions.mat2quat(proper)[0]
        tolerance = 1e-6 + min(1e-7 / max(w, 1e-12), 3 * w)
        difference = (image.get_qform() - source.affine)[:3] / [*zooms, np.abs(affine[:3, 3]).max()]
        assert np.abs(difference).max() < tolerance, (turn, difference)
        np.testing.assert_allclose(header.get_zooms(), zooms, rtol=1e-6)
        assert header["pixdim"][0] in (-1, 1)
        assert (int(header["sform_code"]), int(header["qform_code"])) == (1, 3)
        assert image.header.get_xyzt_units() == ("mm", "unknown")
        # nibabel clears some fields of what it loads: these are as they stand in the file.
        stored = np.frombuffer(gzip.decompress((tmp_path / "out.nii.gz").read_bytes())[:348], nifti1_dtype)[0]
        assert (stored["scl_slope"], stored["scl_inter"], stored["vox_offset"]) == (1, 0, 352)
        for field in ("descrip", "aux_file", "intent_name", "db_name"):
            assert stored[field] == b""
        np.testing.assert_array_equal(image.get_fdata(), source.get_fdata())


def test_write_codes_and_shear(tmp_path):
    rng = np.random.default_rng(6)
    _, image = written(tmp_path, np.eye(4), rng, code=(0, 0))
    assert (int(image.header["sform_code"]), int(image.header["qform_code"])) == (2, 2)
    for shear in (1e-6, 1e-4, 0.01, 0.3):
        sheared = np.diag([0.8, -0.7, 5, 1])
        sheared[:3, 2] += shear * 5 * np.array([1, -0.5, 0])
        source, image = written(tmp_path, sheared, rng, code=(4, 1))
        assert (int(image.header["sform_code"]), int(image.header["qform_code"])) == (4, 1)
        assert (image.affine == source.affine).all()
        nearest = nibabel.Nifti1Header()
        nearest.set_qform(source.affine)  # by polar decomposition
        np.testing.assert_allclose(image.get_qform(), nearest.get_qform(), atol=1e-6)


def test_the_written_header_is_valid_to_nibabel(tmp_path):
    _, image = written(tmp_path, np.diag([-0.8, -0.8, 5, 1]), np.random.default_rng(7), code=(1, 1))
    report = nibabel.Nifti1Header.diagnose_binaryblock(image.header.binaryblock)
    assert report == ""


def test_real_ct(tmp_path):
    folder = os.environ.get("NICOHORT_REAL_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("NICOHORT_REAL_DATA does not name the folder of real CT")
    paths = []
    for source in sorted(Path(folder).glob("*.nii.gz")):
        paths.append(tmp_path / source.name)
        paths[-1].symlink_to(source.resolve())
    assert paths
    for command in ("header", "verify", "values"):
        for answer, path in zip(probe(command, *paths), paths, strict=True):
            assert_same_header(answer, path)
    for path in paths:
        assert_same_values(path)
    [labels] = [path for path in paths if path.name.endswith("_3mm_labels.nii.gz")]
    probe("labels", labels)
    theirs = np.asarray(nibabel.load(labels).dataobj).ravel(order="F")
    np.testing.assert_array_equal(np.fromfile(f"{labels}.uint8", "u1"), theirs)
