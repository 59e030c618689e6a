"""Whether tests repeat a way through the code with other numbers, or on another command (docs/reliability.md)."""

import os

LONG = bool(os.environ.get("NICOHORT_LONG"))
