#!/usr/bin/python3
"""Makes the mutations of mutations.txt one by one in a copy of the source, and runs the test that has to fail.

mutate.py FOLDER PAGES [WORD...]: works in FOLDER, with the built pages of web/ in PAGES; of mutations with such a WORD in
the name, or all. Exit status 1 if one was not noticed, could not be made or did not compile.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import time

from mutations import PROJECT, read_mutations

SECONDS = 600  # a test that does not end has noticed it, too
PYTHON = "/usr/bin/python3"  # Debian's, which has the packages


def files_of_project():
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=PROJECT, check=True,
                            capture_output=True, encoding="utf-8").stdout
    return {name for name in listed.split("\0") if name and (PROJECT / name).is_file()}


def copy_source(source):
    """Files that are as they should be keep their times, so that they are not compiled again."""
    wanted = files_of_project()
    for path in [path for path in source.rglob("*") if path.is_file() and path.relative_to(source).as_posix() not in wanted]:
        path.unlink()
    for name in wanted:
        to = source / name
        if not to.is_file() or to.read_bytes() != (PROJECT / name).read_bytes():
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, to)


class Build:
    """The copy, as it is compiled and tested: a file at a time, which a change to one file is soonest."""

    def __init__(self, folder, pages):
        self.source, self.build = (folder.resolve() / part for part in ("source", "build"))
        self.source.mkdir(parents=True, exist_ok=True)
        copy_source(self.source)
        options = {"CMAKE_BUILD_TYPE": "None", "CMAKE_CXX_FLAGS": "-O0 -w", "BUILD_TESTING": "ON", "NICOHORT_WEB_DIST": pages.resolve()}
        command = ["cmake", "-G", "Ninja", "-S", self.source, "-B", self.build, *(f"-D{name}={value}" for name, value in options.items())]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    def make(self, tests, **options):
        targets = sorted({target for test in tests for target in targets_of(test)})
        return subprocess.run(["cmake", "--build", self.build, "--target", *targets], **options).returncode == 0

    def run(self, test):
        """(whether it passed, what it said)"""
        where, *names = test
        if where.endswith("_test"):
            command = [self.build / "tests" / where, f"--gtest_filter={names[0]}"]
        else:
            command = [PYTHON, "-B", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", self.source / where]
        environment = os.environ | {"NICOHORT_BUILD": str(self.build)}
        try:
            done = subprocess.run(command, cwd=self.source, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  timeout=SECONDS, encoding="utf-8", errors="replace")
        except subprocess.TimeoutExpired:
            return False, "it did not end"
        return done.returncode == 0 and "Running 0 tests" not in done.stdout, done.stdout

    def verdict(self, mutation):
        """What is wrong with the mutation or its test; nothing if it is noticed."""
        file = self.source / mutation.file
        text = file.read_text(encoding="utf-8")
        try:
            file.write_text(mutation.applied(text), encoding="utf-8")
            if not self.make([mutation.test], stdout=subprocess.DEVNULL):
                return "does not compile"
            return "was not noticed" if self.run(mutation.test)[0] else ""
        except ValueError as error:
            return f"cannot be made: {error}"
        finally:
            file.write_text(text, encoding="utf-8")


def targets_of(test):
    where = test[0]
    if where.endswith("_test"):
        return [where]
    return ["nicohort", "inject"] if "/reliability/" in where else ["nicohort"]


def main(folder, pages, words):
    mutations = [each for each in read_mutations() if not words or any(word in each.name for word in words)]
    if not mutations:
        sys.exit(f"no mutation has {' or '.join(words)} in its name")
    build = Build(folder, pages)
    tests = [list(test) for test in sorted({tuple(mutation.test) for mutation in mutations})]
    if not build.make(tests):
        sys.exit("the source does not compile as it is")
    for test in tests:
        passed, said = build.run(test)
        if not passed:
            sys.exit(f"{' '.join(test)} fails without any mutation, or is not there:\n{said}")
    faults = 0
    for number, mutation in enumerate(mutations, 1):
        begun = time.monotonic()
        fault = build.verdict(mutation)
        faults += bool(fault)
        print(f"{number}/{len(mutations)} {time.monotonic() - begun:.0f} s, {'FAULT: ' + fault if fault else 'noticed'}: {mutation.name} "
              f"({' '.join(mutation.test)})", flush=True)
    print(f"{len(mutations)} mutations, {len(mutations) - faults} noticed by their tests.")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3:])
