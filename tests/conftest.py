"""Where the tests in Python have their folders."""

import os
import shutil
import tempfile

from long_form import LONG

MEMORY = "/dev/shm"
ENOUGH = 4 << 30  # bytes; no test file has needed 1 GiB


def pytest_configure(config):
    """In memory where there is enough of it: commands wait for no disk when they flush what they wrote. In the long form on
    the disk, and wherever --basetemp says, where it stays to be looked at."""
    if LONG or config.option.basetemp or not os.path.isdir(MEMORY):
        return
    if shutil.disk_usage(MEMORY).free > ENOUGH:
        folder = tempfile.TemporaryDirectory(prefix="nicohort-tests-", dir=MEMORY)
        config.option.basetemp = folder.name
        config.add_cleanup(folder.cleanup)
