"""Runs all benchmarks and writes their tables into docs/benchmarks.md.

usage: run.py BUILD FOLDER [encoding]    (BUILD: the build folder; FOLDER: new, empty or of an earlier benchmark; 4 GB)
`encoding`: only what depends on the encoder; the tables are printed and not written into the page.

Times are of processes, by the clock; CPU seconds and memory (maximum resident set size) are /usr/bin/time's. What is
compared runs in turns, A B C A B C ...; times are medians, ratios are medians of the ratios within a round. What two
programs compute is compared, and a difference ends the benchmark.
"""

import filecmp
import gzip
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import nibabel
import numpy as np
from scipy import ndimage

import python_pipeline

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "benchmarks.md"
BEGIN, END = "<!-- results: written by ./dev bench -->", "<!-- end of results -->"
MARK = ".nicohort-bench"
ROUNDS, PYTHON_ROUNDS, READ_ROUNDS = 5, 2, 11
SLICES, TALL = 100, 8  # of the volumes, and how many times as many to see that memory does not grow
LARGE = 4  # times as many, in one sample for all cores


def require(condition, message):
    if not condition:
        sys.exit(f"bench: {message}")


def prepare_folder(folder):
    """Removes what an earlier benchmark left, and nothing else."""
    if folder.exists() and any(folder.iterdir()):
        require((folder / MARK).exists(), f"{folder} holds something that is not of a benchmark; name another folder")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()


def measure(command, allowed=(0,)):
    """(seconds, peak memory in MB, seconds of all processors)"""
    os.sync()  # what others wrote is not written back meanwhile
    note = Path("memory.txt")
    begin = time.perf_counter()
    timed_command = ["/usr/bin/time", "-q", "-f", "%M %U %S", "-o", note, *command]
    done = subprocess.run(timed_command, capture_output=True, text=True)
    seconds = time.perf_counter() - begin
    require(done.returncode in allowed, f"{' '.join(map(str, command))}: {done.returncode}\n{done.stdout}{done.stderr}")
    kilobytes, user, system = map(float, note.read_text().split())
    return seconds, kilobytes * 1024 / 1e6, user + system


def in_turns(contenders, rounds=ROUNDS, before=lambda name: None, fewer={}):
    """{name: [what measure() gives, of each round]}; contenders: {name: (command, allowed exit statuses)}"""
    taken = {name: [] for name in contenders}
    for turn in range(rounds):
        for name, (command, allowed) in contenders.items():
            if turn < fewer.get(name, rounds):
                before(name)
                taken[name].append(measure(command, allowed))
    return taken


def seconds(runs):
    return statistics.median(run[0] for run in runs)


def memory(runs):
    return max(run[1] for run in runs)


def processor(runs):
    return statistics.median(run[2] for run in runs)


def ratio(slow, fast):
    return statistics.median(a[0] / b[0] for a, b in zip(slow, fast))


def table(columns, rows):
    lines = [columns, ["---", *["---:"] * (len(columns) - 1)], *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def judged(text, is_met):
    return f"{text}, {'met' if is_met else '**not met**'}"


def folder_of(name, archive):
    """A root folder for one contender; the images are the same files."""
    shutil.copytree(archive / "archive", Path(name) / "archive", copy_function=os.link)
    shutil.copytree(archive / "descriptor", Path(name) / "descriptor")


def clear(root):
    """Everything but the archive and the label map."""
    for path in [*Path(root).iterdir(), *(Path(root) / "descriptor").iterdir()]:
        if path.name not in ("archive", "descriptor", "label_map.yaml"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def images(root, pattern):
    return sorted(path.relative_to(root) for path in Path(root).glob(f"grouped/*/*/*/{pattern}.nii.gz"))


def voxels(path):
    return gzip.decompress(path.read_bytes())[352:]


def check_same_files(a, b):
    # What a cache file is called is the machine's and process's affair.
    files = [path.relative_to(a) for part in ("grouped", "descriptor") for path in (a / part).rglob("*")
             if path.is_file() and not path.name.endswith(".problems.csv") and path.parent.name != "cache"]
    _, different, missing = filecmp.cmpfiles(a, b, files, shallow=False)
    require(not different and not missing, f"{a} and {b} differ: {different + missing}")


def check_same_masks(a, b):
    masks = images(a, "*_mask*")
    require(masks and masks == images(b, "*_mask*"), f"{a} and {b} have other masks")
    for path in masks:
        require(voxels(a / path) == voxels(b / path), f"{path} differs between {a} and {b}")


def make_demo(nicohort):
    subprocess.run([nicohort, "demo", "demo", "--patients", "3", "--size", "512", "512", str(SLICES), "--quiet"],
                   check=True, stdout=subprocess.DEVNULL)


def prepare_floor(root, floor):
    """Runs bench/codec_floor.sh on what was read and written in a root folder; gives its command."""
    Path(floor).mkdir()
    outputs = []
    for path in images(root, "*"):
        outputs.append(Path(floor) / path.name[:-3])
        with open(outputs[-1], "wb") as file:
            subprocess.run(["igzip", "-dc", Path(root) / path], stdout=file, check=True)
    outputs.sort(key=lambda path: -path.stat().st_size)
    lists = {"inputs": sorted(Path(root, "archive").rglob("*.nii.gz")), "outputs": outputs}
    for name, paths in lists.items():
        Path(floor, f"{name}.txt").write_text("".join(f"{path}\n" for path in paths))
    return [HERE / "codec_floor.sh", f"{floor}/inputs.txt", f"{floor}/outputs.txt"]


def whole_tutorial(nicohort):
    for name in ("run", "commands", "python"):
        folder_of(name, Path("demo"))
    # Status 1: the split of the one patient in the first site has sides with nobody.
    contenders = {
        "run": ([nicohort, "run", "--root_dir", "run", "--jobs", "2", "--quiet"], (1,)),
        "floor": (None, (0,)),
        "commands": ([HERE / "commands.sh", nicohort, "commands"], (0,)),
        "python": (["/usr/bin/python3", "-B", HERE / "python_pipeline.py", "python"], (0,)),
    }
    measure(*contenders["run"])
    contenders["floor"] = (prepare_floor("run", "floor"), (0,))
    taken = in_turns(contenders, before=lambda name: name == "floor" or clear(name), fewer={"python": PYTHON_ROUNDS})
    shutil.rmtree("floor")
    check_same_files(Path("run"), Path("commands"))
    check_same_masks(Path("run"), Path("python"))

    faster = {name: ratio(taken["python"], taken[name]) for name in contenders}
    above = {name: ratio(taken[name], taken["floor"]) for name in contenders}
    row = lambda text, name, speed, floor, mb: (
        text, f"{seconds(taken[name]):.2f}", speed or f"{faster[name]:.0f}×", floor or f"{above[name]:.2f}",
        f"{processor(taken[name]):.2f}", mb or f"{memory(taken[name]):.0f}")
    peak = memory(taken["run"])
    return table(("six samples of 512×512×100", "s", "times as fast as Python", "time ÷ floor", "CPU, s",
                  "peak memory, MB"), [
        row("`nicohort run`", "run", judged(f"{faster['run']:.0f}× (target ≥ 60)", faster["run"] >= 60),
            judged(f"{above['run']:.2f} (target ≤ 1.3)", above["run"] <= 1.3),
            judged(f"{peak:.0f} (target ≤ 64)", peak <= 64)),
        row("nicohort's commands, one after another", "commands",
            judged(f"{faster['commands']:.0f}× (target ≥ 20)", faster["commands"] >= 20), "", ""),
        row("`bench/python_pipeline.py`", "python", "1×", "", ""),
        row("codec floor", "floor", "", "1", ""),
    ])


def volume_sizes():
    total = lambda root: sum((Path(root) / path).stat().st_size for path in images(root, "*_volume")) / 1e6
    ours, theirs = total("run"), total("python")
    return ("six volumes written, MB", f"{ours:.1f}", f"nibabel's default {theirs:.1f}", f"{ours / theirs:.3f}",
            judged("≤ 0.97", ours <= 0.97 * theirs))


def make_tall(source, target, times=TALL):
    """The same image several times on top of itself."""
    content = gzip.decompress(source.read_bytes())
    header = bytearray(content[:352])
    order = "little" if header[0] == 92 else "big"  # of sizeof_hdr, 348
    slices = int.from_bytes(header[46:48], order)
    header[46:48] = (slices * times).to_bytes(2, order)  # dim[3]
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(target, "wb") as file:
        deflate = subprocess.Popen(["igzip", "-1", "-c"], stdin=subprocess.PIPE, stdout=file)
        deflate.stdin.write(header)
        for _ in range(times):
            deflate.stdin.write(content[352:])
        deflate.stdin.close()
        require(deflate.wait() == 0, "igzip failed")


def memory_of_tall_volumes(nicohort):
    site = Path("xiangyang")
    for name in ("short", "tall"):
        (Path(name) / "archive").mkdir(parents=True)
        shutil.copytree("demo/descriptor", Path(name) / "descriptor")
        shutil.copy("demo/archive/data_meta_xiangyang.xlsx", Path(name) / "archive")
    shutil.copytree("demo/archive" / site, "short/archive" / site, copy_function=os.link)
    for path in sorted(Path("demo/archive").joinpath(site).rglob("*.nii.gz")):
        make_tall(path, Path("tall") / path.relative_to("demo"))
    # Status 1: the recipe's splits of the other sites find nobody.
    peaks = {name: measure([nicohort, "run", "--root_dir", name, "--jobs", "2", "--quiet"], (1,))[1]
             for name in ("short", "tall")}
    for name, slices in (("short", SLICES), ("tall", SLICES * TALL)):
        shapes = [nibabel.load(Path(name) / path).shape for path in images(name, "*_volume")]
        require(shapes == 2 * [(512, 512, slices)], f"{name} has volumes of {shapes}")
    require(all(len(images(name, "*_volume")) == 2 for name in peaks), "two samples were to be written")
    shutil.rmtree("tall")
    return (f"peak memory of `run --jobs 2`, two samples of 512×512×{SLICES * TALL}, MB", f"{peaks['tall']:.0f}",
            f"512×512×{SLICES}: {peaks['short']:.0f}", f"{peaks['tall'] / peaks['short']:.2f}",
            judged("≤ 32 MB, within 10 %", peaks["tall"] <= 32 and peaks["tall"] <= 1.1 * peaks["short"]))


def one_large_sample(nicohort):
    """What a second core is worth where there is one sample."""
    site = Path("archive/tongji/pre-therapy")
    shutil.copytree("demo/descriptor", "large/descriptor")
    for path in sorted(Path("demo").joinpath(site).rglob("*.nii.gz")):
        make_tall(path, Path("large") / path.relative_to("demo"), LARGE)
    shutil.copy("demo/archive/data_meta_tongji.xlsx", "large/archive")
    # Status 1: its patient has another phase.
    runs = in_turns({jobs: ([nicohort, "run", "--root_dir", "large", "--jobs", jobs, "--quiet"], (1,)) for jobs in "12"},
                    before=lambda jobs: clear("large"))
    require(len(images("large", "*_volume")) == 1, "one sample was to be written")
    shutil.rmtree("large")
    return (f"`run --jobs 2`, one sample of 512×512×{SLICES * LARGE}, s", f"{seconds(runs['2']):.2f}", f"`--jobs 1`: {seconds(runs['1']):.2f}",
            f"{ratio(runs['2'], runs['1']):.2f}", "")


def channels_in_one_file(nicohort):
    """Rows of time and memory of a 4-D image, beside the same four channels in a file each."""
    sources = sorted(Path("demo/archive").rglob("images/*.nii.gz"))[:4]
    mask = str(sources[0]).replace("/images/", "/masks/")
    values = [np.asarray(nibabel.load(source).dataobj).astype(np.int16) for source in sources]
    affine = nibabel.load(sources[0]).affine
    recipes = {"file": 'volume: {file: "{pid}_4d.nii.gz", channels: [A, B, C, D]}\n',
               "files": "volume: {" + ", ".join(f'{name}: "{{pid}}_{name}.nii.gz"' for name in "ABCD") + "}\n"}
    for name, recipe in recipes.items():
        archive = Path("channels", name, "archive")
        archive.mkdir(parents=True)
        Path("channels", name, "descriptor").mkdir()
        Path("channels", f"{name}.yaml").write_text(recipe + 'mask: "{pid}_mask.nii.gz"\nlabels: {0: Bg, 1: EsoROI}\n')
        shutil.copy(mask, archive / "1_mask.nii.gz")
    nibabel.save(nibabel.Nifti1Image(np.stack(values, -1), affine), "channels/file/archive/1_4d.nii.gz")
    for channel, voxels in zip("ABCD", values):
        nibabel.save(nibabel.Nifti1Image(voxels, affine), f"channels/files/archive/1_{channel}.nii.gz")
    runs = in_turns({name: ([nicohort, "run", "--root_dir", f"channels/{name}", "--recipe", f"channels/{name}.yaml", "--jobs", "2", "--quiet"],
                            (0,)) for name in recipes}, before=lambda name: clear(Path("channels", name)))
    written = sorted(path.name for path in Path("channels/file/grouped/1").glob("*.nii.gz"))
    require(len(written) == 7, f"the 4-D image became {written}")
    _, different, missing = filecmp.cmpfiles("channels/file/grouped/1", "channels/files/grouped/1", written, shallow=False)
    require(not different and not missing, f"channels in one file and in four differ: {different + missing}")
    shutil.rmtree("channels")
    one, four = runs["file"], runs["files"]
    what = f"`run` on a 4-D image of 512×512×{SLICES}×4"
    return [(f"{what}, s", f"{seconds(one):.2f}", f"a file each: {seconds(four):.2f}",
             f"{ratio(one, four):.2f}", ""),
            (f"{what}, peak memory, MB", f"{memory(one):.0f}", f"a file each: {memory(four):.0f}", f"{memory(one) / memory(four):.2f}",
             judged("≤ 64 MB", memory(one) <= 64))]


def many_files(nicohort):
    """Headers a second, what a second run costs, and an export."""
    subprocess.run([nicohort, "demo", "many", "--patients", "500", "--size", "48", "48", "24", "--quiet"], check=True,
                   stdout=subprocess.DEVNULL)
    run = [nicohort, "run", "--root_dir", "many", "--quiet"]
    first = measure(run)[0]
    again = seconds([measure(run) for _ in range(ROUNDS)])
    rerun = ("second `run`, nothing changed, 1,000 samples, s", f"{again:.2f}", f"first run {first:.1f}",
             f"{again / first:.3f}", judged("< 1 s", again < 1))
    export = [nicohort, "export", "--root_dir", "many/grouped", "--format", "nnunet", "--output", "many/raw", "--dataset_id", "42",
              "--dataset_name", "Many", "--quiet"]
    times = []
    for _ in range(ROUNDS):
        shutil.rmtree("many/raw", ignore_errors=True)
        times.append(measure(export))
    require(len(list(Path("many/raw").rglob("*.nii.gz"))) == 2000, "the export does not have 2,000 images")
    exported = seconds(times)
    export = ("`export` of 1,000 samples by links, s", f"{exported:.2f}", "", "", judged("< 1 s", exported < 1))

    # The same images under more names: 10,000 files.
    sources = sorted(Path("many/archive").rglob("*.nii.gz"))
    for path in sources:
        for copy in range(5):
            site, pid = path.name.split("_")
            target = Path("headers") / path.relative_to("many").parent / f"{site}_{copy}{pid}"
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(path, target)
    files = sorted(Path("headers/archive").rglob("*.nii.gz"))
    require(len(files) == 10000, f"{len(files)} files instead of 10,000")
    # Status 1: these patients are in no metadata.
    scan = [nicohort, "gen_archive_manifest", "--root_dir", "headers/archive",
            "--output_manifest_file", "headers/m.xlsx", "--quiet"]
    rate = len(files) / seconds([measure(scan, (1,)) for _ in range(ROUNDS)])
    sample = files[::10]
    begin = time.perf_counter()
    for path in sample:
        image = nibabel.load(path)
        _ = image.affine, image.header.get_zooms(), nibabel.aff2axcodes(image.affine), image.get_data_dtype()
    theirs = len(sample) / (time.perf_counter() - begin)
    shutil.rmtree("headers")
    shutil.rmtree("many")
    headers = ("`gen_archive_manifest` on 10,000 files, headers a second", f"{rate:,.0f}",
               f"nibabel, headers alone, {theirs:,.0f}", f"{rate / theirs:.1f}", judged("≥ 10,000", rate >= 10000))
    return headers, rerun, export


def kernel(program, mask, *arguments):
    """{name: (milliseconds, result)}, medians of five repetitions by Google Benchmark"""
    shape = map(str, mask.shape[::-1])
    options = ["--benchmark_format=json", "--benchmark_repetitions=5", "--benchmark_report_aggregates_only=true",
               "--benchmark_min_time=0.2"]
    done = subprocess.run([program, *options, "mask.raw", *shape, *map(str, arguments)], check=True,
                          capture_output=True, text=True)
    medians = [run for run in json.loads(done.stdout)["benchmarks"] if run["aggregate_name"] == "median"]
    return {run["run_name"].split("/")[0]: (run["real_time"], int(run["result"])) for run in medians}


def timed(function, *arguments):
    """(milliseconds, result), the median of three"""
    times = []
    for _ in range(3):
        begin = time.perf_counter()
        result = function(*arguments)
        times.append(1000 * (time.perf_counter() - begin))
    return statistics.median(times), result


def scipy_components(mask):
    return ndimage.label(mask, np.ones((3, 3, 3)))[1]


def scipy_opening(mask, pixel_area):
    opened = (python_pipeline.open_small_regions(side, pixel_area, 10.0, (2, 2)) for side in (mask == 1, mask == 0))
    return sum(int(np.count_nonzero(side)) for side in opened)


def kernels_on(build, name, mask, pixel_area):
    """Rows of both kernels on one mask, indexed [z, y, x], of values 0 and 1."""
    mask.tofile("mask.raw")
    ours = kernel(build / "bench" / "mask_kernels", mask, pixel_area)
    itk = kernel(build / "bench" / "itk_components", mask)["components"]
    label, opening = timed(scipy_components, mask), timed(scipy_opening, mask, pixel_area)
    Path("mask.raw").unlink()
    counts = ours["components"][1], itk[1], label[1]
    require(len(set(counts)) == 1, f"components of {name}: {counts}")
    require(ours["opening"][1] == opening[1], f"opening of {name}: {ours['opening'][1]}, {opening[1]} voxels")
    share, faster = ours["components"][0] / itk[0], opening[0] / ours["opening"][0]
    return [(f"components, {name} ({itk[1]:,})", f"{ours['components'][0]:.1f}", f"{itk[0]:.1f}", f"{label[0]:.0f}",
             judged(f"{share:.2f} of ITK's time (target ≤ 0.25)", share <= 0.25)),
            (f"opening small regions, {name}", f"{ours['opening'][0]:.1f}", "", f"{opening[0]:.0f}",
             judged(f"{faster:.0f}× as fast as scipy (target ≥ 50)", faster >= 50))]


def mask_kernels(build, real):
    path = next(Path("demo/archive/xiangyang/pre-therapy/masks").glob("*.nii.gz"))
    image, labels = python_pipeline.load(path)
    pixel_area = float(np.prod(image.header.get_zooms()[:2]))
    tumour = (labels > 0).astype(np.uint8)
    random = np.random.RandomState(0)
    noise = lambda share: (random.random_sample(tumour.shape) < share).astype(np.uint8)
    rows = [*kernels_on(build, "tumour", tumour, pixel_area), *kernels_on(build, "1 % noise", noise(0.01), pixel_area),
            *kernels_on(build, "50 % noise", noise(0.5), pixel_area)]
    if real:
        image, labels = python_pipeline.load(real / "ct_aorta_1p5mm_aorta.nii.gz")
        rows += kernels_on(build, "real aorta, {}×{}×{}".format(*image.shape), (labels > 0).astype(np.uint8), 2.25)
    return table(("mask of 512×512×100 in memory, ms", "nicohort", "ITK", "scipy", "result"), rows)


NIBABEL = ("import nibabel, sys; i = nibabel.load(sys.argv[1]); "
           "nibabel.save(nibabel.Nifti1Image(i.get_fdata(dtype='float32'), i.affine), sys.argv[2])")


def convert(nicohort, name, source):
    """One CT to float32 .nii.gz by whole processes, one thread each."""
    root = Path("convert")
    target = root / "archive/tongji/pre-therapy/images/TJ_1.nii.gz"
    target.parent.mkdir(parents=True)
    shutil.copy(source, target)
    # Status 1: no mask, no metadata.
    measure([nicohort, "gen_archive_manifest", "--root_dir", root / "archive",
             "--output_manifest_file", root / "m.xlsx"], (1,))
    ours = lambda level: ([nicohort, "confirm_pairs", "--root_dir", root / "archive", "--output_dir", root / level,
                           "--archive_manifest", root / "m.xlsx", "--jobs", "1", "--compression", level], (0,))
    contenders = {level: ours(level) for level in ("balanced", "fast", "small")}
    contenders["nibabel"] = (["/usr/bin/python3", "-B", "-c", NIBABEL, target, root / "nibabel.nii.gz"], (0,))
    contenders["mrconvert"] = (["mrconvert", "-quiet", "-force", "-nthreads", "1", "-datatype", "float32le", target,
                                root / "mrconvert.nii.gz"], (0,))
    # What is there would not be written again.
    taken = in_turns(contenders, rounds=3, before=lambda name: shutil.rmtree(root / name, ignore_errors=True))
    written = {level: next((root / level).rglob("*_volume.nii.gz")) for level in ("balanced", "fast", "small")}
    written |= {other: root / f"{other}.nii.gz" for other in ("nibabel", "mrconvert")}
    expected = nibabel.load(target).get_fdata(dtype=np.float32)
    for by, path in written.items():
        require(by == "mrconvert" or np.array_equal(nibabel.load(path).get_fdata(dtype=np.float32), expected),
                f"{path}: other values than the source")
    text = {"balanced": "nicohort `--compression balanced` (default)", "fast": "nicohort `--compression fast`",
            "small": "nicohort `--compression small`", "nibabel": "nibabel", "mrconvert": "MRtrix3 `mrconvert`"}
    rows = [(f"{name}: {text[by]}", f"{seconds(taken[by]):.2f}", f"{ratio(taken[by], taken['balanced']):.1f}",
             f"{written[by].stat().st_size / 1e6:.1f}", f"{memory(taken[by]):.0f}") for by in contenders]
    shutil.rmtree(root)
    return rows


def conversion(nicohort, real):
    source = next(path for path in sorted(Path("demo/archive").rglob("images/*.nii.gz"))
                  if nibabel.load(path).get_data_dtype() == np.int16)
    rows = convert(nicohort, "phantom 512×512×100", source)
    if real:
        rows += convert(nicohort, "real CT 120×126×164", real / "ct_aorta_1p5mm.nii.gz")
    return table(("int16 to float32 `.nii.gz`, one thread", "s", "÷ balanced", "size, MB", "peak memory, MB"), rows)


def mosaic(voxels, size, first):
    """Slices of this size, each put together from different slices of an image, so that nothing is repeated nearby."""
    x, y, z = voxels.shape
    across, along = -(-size[0] // x), -(-size[1] // y)
    rows = [np.concatenate([voxels[:, :, (np.arange(size[2]) + first + 6 * (i * along + j)) % z] for j in range(along)], axis=1)
            for i in range(across)]
    return np.concatenate(rows)[:size[0], :size[1]]


def real_archive(name, real, size):
    """The demonstration archive with real CT in place of its images; beginning with other slices in every sample."""
    ct, mask = (nibabel.load(real / f"ct_aorta_1p5mm{suffix}.nii.gz") for suffix in ("", "_aorta"))
    folder_of(name, Path("demo"))
    for kind, image, dtype in (("images", ct, np.int16), ("masks", mask, np.uint8)):
        voxels = np.asarray(image.dataobj).astype(dtype)
        for number, path in enumerate(sorted(Path(name, "archive").rglob(f"{kind}/*.nii.gz"))):
            path.unlink()
            made = mosaic(voxels, size or voxels.shape, 20 * number)
            nibabel.save(nibabel.Nifti1Image(np.asfortranarray(made), ct.affine), path)


def reading(build, name, root):
    """How others read the first volume of a root folder, and the same as ISA-L's level 1 compresses it, by turns."""
    ours, theirs = Path(root) / images(root, "*_volume")[0], Path("isal_1.nii.gz")
    plain = subprocess.run(["igzip", "-dc", ours], check=True, capture_output=True).stdout
    with open(theirs, "wb") as file:
        subprocess.run(["igzip", "-1", "-c"], input=plain, stdout=file, check=True)

    def by_nibabel(path):
        begin = time.process_time()
        voxels = np.asarray(nibabel.load(path).dataobj)
        return time.process_time() - begin, voxels

    pairs = []
    for number in range(READ_ROUNDS):
        one, another = map(by_nibabel, (ours, theirs) if number % 2 == 0 else (theirs, ours))
        require(np.array_equal(one[1], another[1]), f"{ours}: other voxels than in {theirs}")
        mine, other = (one[0], another[0]) if number % 2 == 0 else (another[0], one[0])
        pairs.append((mine, other, mine / other))
    files = [str(READ_ROUNDS), ours, theirs]
    print_pairs = lambda *command: json.loads(subprocess.run([*command, *files], check=True, capture_output=True, text=True).stdout)
    os.environ.setdefault("NICOHORT_WEB", str(build / "web"))
    found = {"nibabel": [statistics.median(column) for column in zip(*pairs)],
             "ITK": print_pairs(build / "bench" / "itk_reading"),
             "the viewer": print_pairs("node", HERE / "viewer_reading.mjs")}
    sizes = [path.stat().st_size / 1e6 for path in (ours, theirs)]
    theirs.unlink()
    return [(f"{name}: {by}", f"{mine:.3f}", f"{other:.3f}", judged(f"{share:.2f} (target ≤ 1)", round(share, 2) <= 1), *(f"{size:.1f}" for size in sizes))
            for by, (mine, other, share) in found.items()]


def run_and_floor(build, real):
    """`run` and the codec floor, by turns, on phantoms and on real CT; and how others read what `run` wrote."""
    nicohort = build / "nicohort"
    rows, read = [], []
    archives = [("six phantoms of 512×512×100", None, 0.85)]
    if real:
        archives += [("six real CT of 512×512×100", (512, 512, 100), 0.95), ("six real CT of 120×126×164", None, 0.95)]
    for name, size, target in archives:
        root, floor = "encoded", "encoded_floor"
        folder_of(root, Path("demo")) if name == archives[0][0] else real_archive(root, real, size)
        run = ([nicohort, "run", "--root_dir", root, "--jobs", "2", "--quiet"], (0, 1))
        measure(*run)
        contenders = {"run": run, "floor": (prepare_floor(root, floor), (0,))}
        taken = in_turns(contenders, rounds=2 * ROUNDS, before=lambda which: which == "floor" or clear(root))
        share = ratio(taken["run"], taken["floor"])
        used = statistics.median(a[2] / b[2] for a, b in zip(taken["run"], taken["floor"]))
        rows.append((name, f"{seconds(taken['run']):.2f}", f"{seconds(taken['floor']):.2f}",
                     judged(f"{share:.2f} (target ≤ {target})", share <= target), f"{used:.2f}"))
        read += reading(build, name.split(" ", 1)[1], root)
        shutil.rmtree(root)
        shutil.rmtree(floor)
    return (table(("`nicohort run` and the codec floor, by turns", "run, s", "floor, s", "run ÷ floor", "the same, CPU"), rows) + "\n\n" +
            table(("reading a volume", "nicohort's, s", "ISA-L 1's, s", "ratio", "nicohort's, MB", "ISA-L 1's, MB"), read))


def encoding(build, real):
    """The encoder alone against ISA-L's level 1, in memory, one thread."""
    phantom = next(path for path in sorted(Path("demo/archive").rglob("images/*.nii.gz"))
                   if nibabel.load(path).get_data_dtype() == np.int16)
    sources = [("phantom 512×512×100", phantom)]
    if real:
        sources += [("real CT, aorta, repeated", real / "ct_aorta_1p5mm.nii.gz"),
                    ("real CT, abdomen, repeated", real / "ct_thorax_abdomen_3mm.nii.gz")]
    rows = []
    for name, path in sources:
        np.asarray(nibabel.load(path).dataobj).astype("<f4").ravel(order="F").tofile("voxels.raw")
        done = subprocess.run([build / "bench" / "volume_encoder", "11", "voxels.raw", str(512 * 512 * 100)], check=True,
                              capture_output=True, text=True)
        found = json.loads(done.stdout)
        (ours, theirs, share), (mine, other) = found["encoding"], found["bytes"]
        rows.append((name, f"{ours:.3f}", f"{theirs:.3f}", judged(f"{share:.2f} (target ≤ 0.5)", share <= 0.5), f"{mine / 1e6:.2f}",
                     f"{other / 1e6:.2f}", f"{mine / other:.3f}", f"{found['igzip'][2]:.2f}", f"{found['zlib'][2]:.2f}"))
    Path("voxels.raw").unlink()
    return table(("26 million voxels, float32, one core", "s", "ISA-L 1, s", "ratio", "MB", "ISA-L 1, MB", "ratio", "reading by ISA-L, ratio",
                  "reading by zlib, ratio"), rows)


def machine():
    cpu = next(line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name"))
    distribution = next(line.split('"')[1] for line in open("/etc/os-release") if line.startswith("PRETTY_NAME"))
    load = os.getloadavg()[0]
    return (f"{os.cpu_count()} cores, {cpu}, {os.uname().machine}, {distribution}; "
            f"load when the benchmark began: {load:.1f}.")


def main(build, folder, only=None):
    page = PAGE.read_text()
    require(page.count(BEGIN) == page.count(END) == 1, f"{PAGE} lacks the lines between which the results go")
    about = machine()
    nicohort = build / "nicohort"
    real = Path(os.environ.get("NICOHORT_REAL_DATA", ""))
    real = real.resolve() if (real / "ct_aorta_1p5mm.nii.gz").is_file() else None
    if not real:
        print("bench: NICOHORT_REAL_DATA does not name the folder of real CT; its rows are left out")
    prepare_folder(folder)
    os.chdir(folder)
    say = lambda what: print(f"bench: {what}", flush=True)
    say(about)
    make_demo(nicohort)
    if only == "encoding":
        print(encoding(build, real), run_and_floor(build, real), sep="\n\n")
        return
    say(f"the whole tutorial, {ROUNDS} rounds, {PYTHON_ROUNDS} of them with Python")
    pipeline = whole_tutorial(nicohort)
    say("memory, sizes, many files")
    sizes, tall, channels = volume_sizes(), memory_of_tall_volumes(nicohort), channels_in_one_file(nicohort)
    large = one_large_sample(nicohort)
    headers, rerun, export = many_files(nicohort)
    single = table(("", "nicohort", "compared with", "ratio", "target"), [tall, large, *channels, headers, rerun, export, sizes])
    say("kernels")
    kernels = mask_kernels(build, real)
    say("conversion")
    conversions = conversion(nicohort, real)
    say("encoding")
    encodings = [encoding(build, real), run_and_floor(build, real)]
    results = "\n\n".join([about, pipeline, single, kernels, conversions, *encodings])
    before, rest = page.split(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n\n{results}\n\n{END}{rest.split(END)[1]}")
    print(results)


if __name__ == "__main__":
    require(len(sys.argv) == 3 or sys.argv[3:] == ["encoding"], "usage: run.py BUILD FOLDER [encoding]")
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve(), *sys.argv[3:])
