"""The program, the tutorial's stages on a small archive, and how to make system calls fail."""

import os
import pathlib
import shutil

import pytest

import stages


@pytest.fixture(scope="session")
def nicohort(tmp_path_factory):
    """stages.Program of the build under test."""
    build = os.environ.get("NICOHORT_BUILD")
    assert build, "set NICOHORT_BUILD to the build folder"
    build = pathlib.Path(build).resolve()
    program, built = build / "nicohort", build / "tests/libinject.so"
    assert program.is_file(), f"{program} is missing: build it"
    assert built.is_file(), f"{built} is missing: build it"
    # LD_PRELOAD takes no path with a blank or colon.
    injection = pathlib.Path(shutil.copy(built, tmp_path_factory.mktemp("injection")))
    ready = stages.Program(program, injection)
    assert ready(["--version"], "/", 0, stages.fault("rename", "error 5")) == "", "the injection was not loaded"
    return ready


@pytest.fixture(scope="session")
def small(nicohort, tmp_path_factory):
    """{name: stages.Stage} of every command that writes, on 24 samples of 48×48×16 voxels."""
    return stages.make(nicohort, tmp_path_factory.mktemp("small"), (48, 48, 16))


@pytest.fixture
def begin(tmp_path):
    """begin(stage) gives a new folder with what there is before the stage."""
    def copy(stage):
        folder = tmp_path / f"{len(list(tmp_path.iterdir()))}" / "work"
        shutil.copytree(stage.before, folder)
        return folder
    return copy
