"""multiply_dataset.py ROOT OUT COPIES: a dataset of COPIES times the 1,000 samples of ROOT, which many_samples.py has made.

Volumes and masks are hard links; IDs, info files, records and value hashes are new, so that all samples are different ones. It
stands in for an archive of a million images, which would take an hour and 40 GB."""

import hashlib
import os
import re
import sys
from pathlib import Path


def copy_sample(record, base, out, copy):
    sample = record.stem
    site, patient, phase = sample.split("_")
    new_patient = f"{copy:04}{patient[-3:]}"
    new = f"{site}_{new_patient}_{phase}"
    (out / new).mkdir()
    for file in (base / sample).iterdir():
        if file.suffix != ".yaml":
            os.link(file, out / new / file.name.replace(sample, new))
    info = (base / sample / f"{sample}_info.yaml").read_bytes()
    new_info = info.replace(patient.encode(), new_patient.encode())
    (out / new / f"{new}_info.yaml").write_bytes(new_info)
    text = record.read_text().replace(patient, new_patient)
    text = text.replace(hashlib.sha256(info).hexdigest(), hashlib.sha256(new_info).hexdigest())
    text = re.sub('("value_hash": ")[0-9a-f]{32}', lambda match: match[1] + hashlib.md5(new.encode()).hexdigest(), text)
    (out / ".nicohort" / f"{new}.json").write_text(text)


def main(root, out, copies):
    base, out = root / "grouped", out / "grouped"
    (out / ".nicohort").mkdir(parents=True)
    for name in ("recipe.yaml", "dataset.json"):
        (out / ".nicohort" / name).write_bytes((base / ".nicohort" / name).read_bytes())
    records = sorted((base / ".nicohort").glob("S*.json"))
    for copy in range(copies):
        for record in records:
            copy_sample(record, base, out, copy)


main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
