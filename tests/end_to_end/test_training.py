"""What docs/training.md shows leads to the first training step: its commands and examples are run as they stand there."""

import json
import os
import pathlib
import re
import subprocess
import sys

import numpy as np
import nibabel
import pytest

import export_checks
from test_export import make, mask, rows_of, run, save, volume

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs/training.md"


def example(heading, language):
    """The first block of the language below the heading (none: at the beginning of the page)."""
    text = DOCUMENT.read_text(encoding="utf-8")
    if heading:
        text = text.split(f"\n## {heading}\n")[1]
    return re.search(rf"```{language}\n(.*?)```", text, re.S)[1]


@pytest.fixture
def work(nicohort, tmp_path):
    (tmp_path / "my_data").mkdir()
    make(nicohort, tmp_path / "my_data")
    return tmp_path


def test_commands(nicohort, work):
    program = pathlib.Path(os.environ["NICOHORT_BUILD"]).resolve()
    subprocess.run(["bash", "-ec", example("", "sh")], cwd=work, check=True, env={**os.environ, "PATH": f"{program}:{os.environ['PATH']}"})
    where = example("nnU-Net", "sh").splitlines()[0].removeprefix("export ")
    variables = dict(word.split("=") for word in where.replace("$PWD", str(work)).split())
    folder = pathlib.Path(variables["nnUNet_raw"]) / "Dataset042_Tumour"
    splits = pathlib.Path(variables["nnUNet_preprocessed"]) / "Dataset042_Tumour/splits_final.json"
    assert export_checks.nnunet(folder, splits) == [] and len(json.loads(splits.read_text())) == 5


def test_pytorch(nicohort, work):
    """Skipped where there is no PyTorch; ./dev release installs it."""
    torch = pytest.importorskip("torch")
    nicohort("export", "--root_dir", work / "my_data/grouped", "--format", "csv", "--output", work / "out", "--split", "s")
    names = {}
    exec(example("PyTorch", "python"), names)  # defines Samples
    samples = names["Samples"](work / "out/s_train.csv")
    wanted = [row["ID"] for row in rows_of(work / "my_data/grouped", "s") if row["s"] == "train"]
    batch, = torch.utils.data.DataLoader(samples, batch_size=len(wanted))
    assert list(batch["ID"]) == wanted and list(batch["patient"]) == [ID[:3] for ID in wanted]
    assert batch["image"].shape == (len(wanted), 1, 8, 7, 3) and batch["image"].dtype == torch.float32
    for place, ID in enumerate(wanted):
        given, drawn = (nibabel.load(work / f"my_data/grouped/{ID}/{ID}_{kind}.nii.gz") for kind in ("volume", "mask"))
        assert (batch["image"][place, 0].numpy() == np.asarray(given.dataobj)).all()
        assert (batch["label"][place].numpy() == np.asarray(drawn.dataobj)).all()
        assert np.allclose(batch["spacing"][place], given.header.get_zooms())
    # One step.
    model = torch.nn.Conv3d(1, 3, 1)
    loss = torch.nn.functional.cross_entropy(model(batch["image"]), batch["label"])
    loss.backward()
    assert torch.isfinite(loss)


class StandIn:
    """What the example takes of PyTorch, over numpy: the example is run also where there is no PyTorch."""
    class utils:
        class data:
            Dataset = object
    tensor, from_numpy = staticmethod(np.array), staticmethod(lambda values: values)


def test_pytorch_example_with_channels_and_samples_without_a_mask(nicohort, tmp_path, monkeypatch):
    """Identifiers are those of a site, so that the patient is both."""
    recipe = {"volume": {"T1": "{site}/{pid}_T1.nii.gz", "T2": "{site}/{pid}_T2.nii.gz"}, "mask": "{site}/{pid}_seg.nii.gz",
              "no_mask": {"pid": "2"}, "id": "{site}_{pid}", "patient": "{site}_{pid}", "labels": {1: "lesion"}}
    for number in range(6):
        place = tmp_path / "archive" / "AB"[number // 3] / str(number % 3)
        for channel in ("T1", "T2"):
            save(place.with_name(f"{place.name}_{channel}.nii.gz"), volume(10 * number + int(channel[1])))
        if number % 3 != 2:
            save(place.with_name(f"{place.name}_seg.nii.gz"), mask((1,)))
    run(nicohort, tmp_path, recipe)
    nicohort("export", "--root_dir", tmp_path / "grouped", "--format", "csv", "--output", tmp_path / "out")
    monkeypatch.setitem(sys.modules, "torch", StandIn)
    names = {}
    exec(example("PyTorch", "python"), names)
    samples = names["Samples"](tmp_path / "out/samples.csv", ("volume_T1", "volume_T2"))
    items = [samples[i] for i in range(len(samples))]
    assert [(item["ID"], item["patient"]) for item in items] == [(name, name) for name in ("A_0", "A_1", "B_0", "B_1")]
    for item in items:
        for channel, values in zip(("T1", "T2"), item["image"], strict=True):
            assert (values == np.asarray(nibabel.load(tmp_path / f"grouped/{item['ID']}/{item['ID']}_volume_{channel}.nii.gz").dataobj)).all()
        assert set(np.unique(item["label"])) == {0, 1}


def test_monai(nicohort, work):
    """As MONAI documents load_decathlon_datalist: the list of a key, with paths relative to the file."""
    code = example("MONAI", "python")
    compile(code, "training.md", "exec")
    nicohort("export", "--root_dir", work / "my_data/grouped", "--format", "monai", "--output", work / "out", "--split", "cv")
    listed, = re.findall(r'load_decathlon_datalist\("(.*?)", is_segmentation=True, data_list_key="(.*?)"\)', code)
    files = json.loads((work / listed[0]).read_text())[listed[1]]
    train = [file for file in files if file["fold"] != 0]
    assert 0 < len(train) < len(files)
    assert all((work / "out" / file[key]).is_file() for file in train for key in re.findall(r'LoadImaged\(\["(.*?)", "(.*?)"\]\)', code)[0])
    assert export_checks.monai(work / "out") == []
