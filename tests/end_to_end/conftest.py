"""The program under test, as a function."""

import os
import pathlib
import subprocess

import pytest


@pytest.fixture(scope="session")
def nicohort():
    """nicohort(*arguments, status=0, cwd=None) runs the program, expects the exit status (None: any) and gives the finished process."""
    build = os.environ.get("NICOHORT_BUILD")
    assert build, "set NICOHORT_BUILD to the build folder"
    program = pathlib.Path(build).resolve() / "nicohort"
    assert program.is_file(), f"{program} is missing: build it"

    def run(*arguments, status=0, cwd=None):
        done = subprocess.run([program, *map(str, arguments)], cwd=cwd, capture_output=True, encoding="utf-8")
        command = " ".join(map(str, arguments))
        assert status in (None, done.returncode), f"nicohort {command}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    return run
