"""SPEC 4, mask kernels: what nicohort computes on runs is what scipy.ndimage computes on voxels."""

import os
import pathlib
import struct
import subprocess

import nibabel
import numpy as np
import pytest
from scipy import ndimage

from long_form import LONG

ALL_26 = ndimage.generate_binary_structure(3, 3)
FACES_6 = ndimage.generate_binary_structure(3, 1)
ALL_8 = ndimage.generate_binary_structure(2, 2)
FACES_4 = ndimage.generate_binary_structure(2, 1)
NEIGHBOURS = {"slice_4": FACES_4, "slice_8": ALL_8, "space_6": FACES_6, "space_26": ALL_26}


def probe(*arguments, images):
    """Standard output of mask_probe for images of equal shape, indexed [x, y, z]."""
    build = os.environ.get("NICOHORT_BUILD")
    assert build, "set NICOHORT_BUILD to the build folder"
    sizes = struct.pack("=3q", *images[0].shape)
    voxels = b"".join(image.astype(np.uint8).tobytes(order="F") for image in images)
    program = pathlib.Path(build) / "tests" / "mask_probe"
    done = subprocess.run([program, *map(str, arguments)], input=sizes + voxels, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def probe_image(*arguments, images):
    voxels = np.frombuffer(probe(*arguments, images=images), np.uint8)
    return voxels.reshape(images[0].shape, order="F")


def random_mask(seed, density, shape=(70, 40, 12)):
    """Noise, and the same smoothed, which has regions of many sizes."""
    noise = np.random.default_rng(seed).random(shape)
    if seed % 2:
        noise = ndimage.gaussian_filter(noise, 1.5)
    return noise <= np.quantile(noise, density)


RANDOM = [
    pytest.param(random_mask(seed, density), id=f"{density}-{'blobs' if seed % 2 else 'noise'}")
    for seed, density in enumerate(np.repeat([0.002, 0.05, 0.2, 0.5, 0.8, 0.99], 2))
]


def load_labels(path):
    if not path.exists():
        pytest.skip(f"{path} is absent")
    image = np.asanyarray(nibabel.load(path).dataobj)
    labels = image.astype(np.uint8)
    assert (labels == image).all()
    return labels


@pytest.fixture(scope="module", params=["aal", "ct"])
def real_labels(request):
    if request.param == "aal":
        return load_labels(pathlib.Path("/usr/share/mricron/templates/aal.nii.gz"))
    folder = os.environ.get("NICOHORT_REAL_DATA")
    if not folder:
        pytest.skip("NICOHORT_REAL_DATA is not set")
    return load_labels(pathlib.Path(folder) / "ct_thorax_abdomen_3mm_labels.nii.gz")


def check_regions(image, label):
    mask = image == label
    marked, n = ndimage.label(mask, ALL_26)
    numbers = np.arange(1, n + 1)
    voxels = ndimage.sum(mask, marked, numbers)
    centres = np.reshape(ndimage.center_of_mass(mask, marked, numbers), (n, 3))
    # Places in C order, which has x slowest and z fastest.
    places = np.arange(mask.size).reshape(mask.shape)
    first = np.array(ndimage.minimum(places, marked, numbers), int)
    order = np.argsort(first)

    text = probe("regions", label, images=[image]).decode().split()
    ours = np.array(text, float).reshape(-1, 7)
    assert len(ours) == n
    np.testing.assert_array_equal(ours[:, 0], voxels[order])
    np.testing.assert_array_equal(ours[:, 1:4], centres[order])  # to the last digit
    np.testing.assert_array_equal(ours[:, 4:7], np.transpose(np.unravel_index(first[order], mask.shape)))


def small_parts(mask, neighbours, voxel_size, smaller_than):
    marked, _ = ndimage.label(mask, neighbours)
    sizes = np.bincount(marked.ravel()) * voxel_size
    return (sizes < smaller_than)[marked] & mask


def by_slice(function, mask, *arguments):
    return np.stack([function(mask[:, :, z], *arguments) for z in range(mask.shape[2])], axis=2)


def small_regions(mask, voxel_area, thresh):
    return by_slice(small_parts, mask, ALL_8, voxel_area, thresh)


def largest_part(mask):
    marked, n = ndimage.label(mask, FACES_6)
    if n == 0:
        return mask
    numbers = np.arange(1, n + 1)
    voxels = ndimage.sum(mask, marked, numbers)
    places = np.arange(mask.size).reshape(mask.shape)  # in C order, which has x slowest
    first = np.array(ndimage.minimum(places, marked, numbers), int)
    return marked == numbers[np.lexsort((first, -voxels))[0]]


def opened(mask, kx, ky):
    return by_slice(ndimage.binary_opening, mask, np.ones((kx, ky)))


def closed(mask, kx, ky):
    return by_slice(ndimage.binary_closing, mask, np.ones((kx, ky)))


def merged(labels, masks, halfedge, empty):
    window = np.ones((2 * halfedge + 1, 2 * halfedge + 1, 1), int)
    masks = np.array(masks)
    votes = [ndimage.convolve(mask.astype(int), window, mode="constant") for mask in masks]
    claimed = masks.sum(axis=0)
    votes = np.where(masks | (claimed == 0), votes, 0)
    # argmax takes the first of equals, which is the lowest label.
    result = np.where(votes.max(axis=0) > 0, np.array(labels)[votes.argmax(axis=0)], 0)
    return np.where(claimed == 0, 0, result) if empty == "background" else result


def open_small_regions(image, kx, ky, halfedge, thresh, empty):
    labels = np.unique(image)
    masks = []
    for label in labels:
        mask = image == label
        small = small_regions(mask, 1.0, thresh)
        masks.append((mask & ~small) | (small & opened(mask, kx, ky)))
    return merged(labels, masks, halfedge, empty)


@pytest.mark.parametrize("mask", RANDOM)
def test_scan_and_paint_give_the_voxels_back(mask):
    image = mask * np.random.default_rng(7).integers(1, 4, mask.shape)
    np.testing.assert_array_equal(probe_image("copy", images=[image]), image)


@pytest.mark.parametrize("mask", RANDOM)
@pytest.mark.parametrize("label", [0, 1])
def test_regions_equal_label_sum_and_center_of_mass(mask, label):
    check_regions(mask, label)


@pytest.mark.parametrize("mask", RANDOM)
@pytest.mark.parametrize("voxel_area,thresh", [(1.0, 10), (0.49, 2.45), (0.8 * 0.8, 10), (4.0, 1000)])
@pytest.mark.parametrize("connectivity", NEIGHBOURS)
def test_small_regions_equal_label_of_slices_or_of_the_whole(mask, voxel_area, thresh, connectivity):
    arguments = (NEIGHBOURS[connectivity], voxel_area, thresh)
    in_slices = connectivity.startswith("slice")
    expected = by_slice(small_parts, mask, *arguments) if in_slices else small_parts(mask, *arguments)
    ours = probe_image("small", connectivity, voxel_area, thresh, images=[mask])
    np.testing.assert_array_equal(ours, expected)


@pytest.mark.parametrize("mask", RANDOM)
def test_the_largest_part_equals_label_and_sum(mask):
    np.testing.assert_array_equal(probe_image("largest", images=[mask]), largest_part(mask))


# Few voxels in many small images: as large parts are common there.
@pytest.mark.parametrize("seed", range(20))
def test_of_parts_as_large_the_first_in_c_order(seed):
    mask = random_mask(2 * seed, 0.2, (6, 5, 4))
    np.testing.assert_array_equal(probe_image("largest", images=[mask]), largest_part(mask))


@pytest.mark.parametrize("mask", RANDOM)
def test_opening_equals_binary_opening_of_slices(mask):
    for kx in range(1, 7):
        for ky in range(1, 7) if LONG else {1, kx, 7 - kx}:
            np.testing.assert_array_equal(
                probe_image("open", kx, ky, images=[mask]), opened(mask, kx, ky), f"{kx} x {ky}"
            )


# Odd and even sizes, larger than what is left to the border, too.
@pytest.mark.parametrize("mask", RANDOM)
def test_closing_equals_binary_closing_of_slices(mask):
    for kx in range(1, 7):
        for ky in range(1, 7) if LONG else {1, kx, 7 - kx}:
            np.testing.assert_array_equal(
                probe_image("close", kx, ky, images=[mask]), closed(mask, kx, ky), f"{kx} x {ky}"
            )


@pytest.mark.parametrize("kx,ky", [(1, 12), (12, 1), (8, 8), (9, 9), (7, 2), (2, 7), (20, 3)])
def test_closing_by_rectangles_that_are_large_for_the_image(kx, ky):
    for seed, density in enumerate([0.02, 0.1, 0.4]):
        mask = random_mask(seed, density, (17, 9, 5))
        np.testing.assert_array_equal(probe_image("close", kx, ky, images=[mask]), closed(mask, kx, ky))


@pytest.mark.parametrize("empty", ["neighbourhood", "background"])
@pytest.mark.parametrize("halfedge", [0, 1, 3, 8])
@pytest.mark.parametrize("densities", [(0.5, 0.5), (0.9, 0.2, 0.01), (0.02, 0.02, 0.02, 0.02)])
def test_merge_equals_votes_by_convolution(densities, halfedge, empty):
    labels = [0, 3, 7, 255][-len(densities):]
    masks = [random_mask(seed, density) for seed, density in enumerate(densities)]
    np.testing.assert_array_equal(
        probe_image("merge", halfedge, empty, *labels, images=masks), merged(labels, masks, halfedge, empty)
    )


@pytest.mark.parametrize("mask", RANDOM)
@pytest.mark.parametrize("empty", ["neighbourhood", "background"])
def test_open_small_regions_of_random_masks(mask, empty):
    arguments = (3, 4, 3, 20, empty)
    np.testing.assert_array_equal(
        probe_image("open_small_regions", *arguments, images=[mask]), open_small_regions(mask, *arguments)
    )


def test_regions_of_real_labels(real_labels):
    # All labels of a small image, some of a large one: each costs scipy a few passes over the image.
    step = (1 + real_labels.size // 1_500_000) * (1 if LONG else 10)
    for label in np.unique(real_labels)[::step]:
        check_regions(real_labels, label)


def test_open_small_regions_of_real_labels(real_labels):
    # The part with most labels: votes by convolution cost a whole image for each label.
    part = real_labels[20:100, 20:100, 40:60]
    assert len(np.unique(part)) > 10
    ours = probe_image("open_small_regions", 5, 5, 3, 10, "neighbourhood", images=[part])
    np.testing.assert_array_equal(ours, open_small_regions(part, 5, 5, 3, 10, "neighbourhood"))
