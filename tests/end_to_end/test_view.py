"""`nicohort view`: who may read and write what over HTTP, and what becomes of the verdicts."""

import concurrent.futures
import datetime
import gzip
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.parse
import zlib

import nibabel
import numpy as np
import openpyxl
import pandas
import pytest

import test_label_masks as label_masks

SECONDS = 30  # before a test gives up waiting; far more than anything takes


class View:
    """The running program, and requests to it."""

    def __init__(self, root, *options):
        program = pathlib.Path(os.environ["NICOHORT_BUILD"]).resolve() / "nicohort"
        self.process = subprocess.Popen([program, "view", "--root_dir", root, *options], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, encoding="utf-8")
        said = self.process.stderr if "--json" in options else self.process.stdout
        self.address = said.readline().strip()
        if not self.address:
            self.process.wait(SECONDS)
            raise AssertionError(self.process.stderr.read())
        self.port = urllib.parse.urlsplit(self.address).port
        self.token = urllib.parse.parse_qs(urllib.parse.urlsplit(self.address).query)["token"][0]
        self.cookie = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.communicate(timeout=SECONDS)

    def ask(self, method, target, body=None, cookie=True, **headers):
        """The answer to one request: (status, headers, bytes). `headers` with _ for -."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if cookie and self.cookie:
            headers["Cookie"] = self.cookie
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        connection.request(method, target, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, answer.headers, content

    def raw(self, request):
        """The status line that a request gets, written as it is."""
        with socket.create_connection(("127.0.0.1", self.port), SECONDS) as connection:
            connection.sendall(request)
            return connection.makefile("rb").readline().decode()

    def status(self, target, **more):
        return self.ask("GET", target, **more)[0]

    def enter(self):
        status, headers, _ = self.ask("GET", f"/?token={self.token}")
        assert status == 302 and headers["Location"] == "/report/index.html"
        self.cookie = headers["Set-Cookie"].split(";")[0]
        return self

    def json(self, target):
        status, headers, content = self.ask("GET", target)
        assert status == 200 and headers["Content-Type"] == "application/json", content
        return json.loads(content)

    def put(self, sample, verdict, comment="", reviewer="R", **headers):
        if "X_Nicohort_Token" not in headers:
            headers["X_Nicohort_Token"] = self.json(f"/api/samples/{sample}")["writable_token"]
        body = json.dumps({"verdict": verdict, "comment": comment, "reviewer": reviewer})
        status, _, content = self.ask("PUT", f"/api/verdicts/{sample}", body, **headers)
        return status, json.loads(content)


@pytest.fixture(scope="module")
def cohort(nicohort, tmp_path_factory):
    """The demonstration archive with its dataset, and files that must not be given out."""
    root = tmp_path_factory.mktemp("cohort") / "root"
    nicohort("demo", root, "--patients", 6, "--size", 64, 64, 16)
    nicohort("run", "--root_dir", root, status=1)  # too few patients for every side of the split
    (root / "report/index.html").write_text("<!doctype html><title>report</title>")
    (root / "report/data.js").write_text("window.nicohort = {};")
    (root / "report/other.txt").write_text("not of the report")
    (root / "report/thumbnails/a b.png").write_bytes(b"\x89PNG")
    (root / "secret.nii.gz").write_bytes(b"beside the dataset")
    (root.parent / "outside.nii.gz").write_bytes(b"outside")
    (root / "grouped/link.nii.gz").symlink_to("../../outside.nii.gz")
    (root / "grouped/up").symlink_to(root.parent, target_is_directory=True)
    (root / "grouped/.hidden.nii.gz").write_bytes(b"hidden")
    (root / "grouped/.nicohort/state.nii.gz").write_bytes(b"hidden")
    return root


@pytest.fixture(scope="module")
def samples(cohort):
    return sorted(path.name for site in ("TJ", "SYTH", "XY") for path in cohort.glob(f"grouped/{site}/*/*"))


@pytest.fixture(scope="module")
def view(cohort):
    with View(cohort) as running:
        yield running.enter()


@pytest.fixture
def root(cohort, tmp_path):
    """A cohort of a test's own, to write verdicts into."""
    shutil.copytree(cohort, tmp_path / "root", symlinks=True)
    return tmp_path / "root"


def book_of(root):
    return root / "descriptor/review.xlsx"


def test_only_the_loopback_address_is_listened_on(view):
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=[0-9a-f]{64}", view.address)
    lines = pathlib.Path("/proc/net/tcp").read_text().splitlines() + pathlib.Path("/proc/net/tcp6").read_text().splitlines()
    listening = [line.split()[1] for line in lines if line.split()[3] == "0A" and line.split()[1].endswith(f":{view.port:04X}")]
    assert listening == [f"0100007F:{view.port:04X}"]


def test_the_token_opens_one_session(cohort):
    with View(cohort) as view:
        for wrong in ("/", "/?token=", "/?token=0", f"/?token={view.token[:-1]}", f"/?token={'0' * 64}"):
            assert view.status(wrong) == 403
        assert view.ask("HEAD", f"/?token={view.token}")[0] == 403  # looking ahead does not use it up
        status, headers, _ = view.ask("GET", f"/?token={view.token}")
        assert status == 302
        cookie = headers["Set-Cookie"]
        assert re.fullmatch(rf"nicohort_{view.port}=[0-9a-f]{{64}}; Path=/; HttpOnly; SameSite=Strict", cookie)
        assert view.token not in cookie
        assert view.status(f"/?token={view.token}") == 403
        view.cookie = cookie.split(";")[0]
        assert view.status(f"/?token={view.token}") == 302  # the same browser may
        assert view.status("/report/index.html") == 200


def test_nothing_without_the_cookie(view, samples):
    sample = samples[0]
    for target in ("/", "/report/index.html", "/report/data.js", f"/api/samples/{sample}", "/api/verdicts", "/viewer.html",
                   f"/files/grouped/TJ/pre/{sample}/{sample}_volume.nii.gz", "/nothing"):
        status, headers, content = view.ask("GET", target, cookie=False)
        assert status == 403 and b"terminal" in content, target
        assert headers["Content-Type"].startswith("text/plain")
        assert view.status(target, cookie=False, Cookie=f"nicohort_{view.port}={'0' * 64}") == 403
    token = view.json(f"/api/samples/{sample}")["writable_token"]
    assert view.ask("PUT", f"/api/verdicts/{sample}", "{}", cookie=False, X_Nicohort_Token=token)[0] == 403


def test_foreign_hosts_and_origins_are_refused(view):
    own = f"127.0.0.1:{view.port}"
    for good in (own, f"localhost:{view.port}"):
        assert view.status("/api/verdicts", Host=good) == 200
        assert view.status("/api/verdicts", Origin=f"http://{good}") == 200
    for foreign in ("evil.org", f"evil.org:{view.port}", "127.0.0.1", f"127.0.0.1:{view.port}.evil.org", f"[::1]:{view.port}", ""):
        assert view.status("/api/verdicts", Host=foreign) == 403
        assert view.status(f"/?token={view.token}", Host=foreign) == 403
    for foreign in ("http://evil.org", "null", f"https://{own}", f"http://evil.org:{view.port}"):
        assert view.status("/api/verdicts", Origin=foreign) == 403
    cookie = f"Cookie: {view.cookie}\r\n"
    for heads in ("", f"Host: {own}\r\nHost: evil.org\r\n", f"Host: {own}\r\nOrigin: http://{own}\r\nOrigin: http://evil.org\r\n"):
        assert " 403 " in view.raw(f"GET /api/verdicts HTTP/1.1\r\n{heads}{cookie}\r\n".encode())
    assert " 200 " in view.raw(f"GET /api/verdicts HTTP/1.1\r\nHost: {own}\r\n{cookie}\r\n".encode())


def test_methods(view):
    for method in ("POST", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        status, headers, _ = view.ask(method, "/api/verdicts")
        assert (status, headers["Allow"]) == (405, "GET, HEAD, PUT"), method
    for target in ("/", "/report/index.html", "/api/verdicts", "/files/grouped/x.nii.gz"):
        assert view.ask("PUT", target, "{}")[0] == 405, target


def test_every_answer_forbids_what_pages_do_not_need(view):
    for target, cookie in (("/report/index.html", True), ("/api/verdicts", True), ("/nothing", True), ("/", False)):
        _, headers, _ = view.ask("GET", target, cookie=cookie)
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        assert "script-src 'self' 'wasm-unsafe-eval';" in policy
        assert headers.get_all("X-Content-Type-Options") == ["nosniff"]
        assert headers.get_all("Referrer-Policy") == ["no-referrer"]
        assert headers.get_all("Cache-Control") == ["no-store"]
        assert headers["Access-Control-Allow-Origin"] is None


def test_the_report_is_served_and_nothing_beside_it(view, cohort):
    for target, kind in (("/report/index.html", "text/html; charset=utf-8"), ("/report/data.js", "text/javascript; charset=utf-8"),
                         ("/report/thumbnails/a%20b.png", "image/png")):
        status, headers, content = view.ask("GET", target)
        assert (status, headers["Content-Type"]) == (200, kind)
        assert content == (cohort / urllib.parse.unquote(target[1:])).read_bytes()
    for start in ("/", "/report", "/report/"):
        status, headers, _ = view.ask("GET", start)
        assert (status, headers["Location"]) == (302, "/report/index.html")
    for target in ("/report/other.txt", "/report/thumbnails/", "/report/thumbnails/../index.html", "/report/missing.js", "/index.html"):
        assert view.status(target) == 404, target


def test_images_are_served_whole(view, cohort, samples):
    for sample in samples[:2]:
        answer = view.json(f"/api/samples/{sample}")
        urls = [answer["volumes"][0]["url"], answer["masks"]["after"], *(mask["url"] for mask in answer["masks"]["labels"])]
        assert len(urls) == 4
        for url in urls:
            status, headers, content = view.ask("GET", url, Accept_Encoding="gzip", Range="bytes=0-9")
            assert status == 200 and content == (cohort / url.removeprefix("/files/")).read_bytes()
            assert headers["Content-Type"] == "application/gzip" and headers["Content-Encoding"] is None
            status, head, content = view.ask("HEAD", url)
            assert (status, content) == (200, b"") and head["Content-Length"] == headers["Content-Length"]


def image_of(view, url):
    """The image that the server gives out, as nibabel reads it."""
    status, headers, content = view.ask("GET", url)
    assert (status, headers["Content-Type"]) == (200, "application/gzip"), content
    return nibabel.Nifti1Image.from_bytes(unpacked_as_browsers_do(content))


def test_the_mask_as_drawn_is_that_of_the_archive_on_the_volume_s_grid(view, cohort, samples):
    for sample in samples[:2]:
        answer = view.json(f"/api/samples/{sample}")
        drawn = image_of(view, answer["masks"]["before"])
        site, pid, phase = sample.split("_")
        [archived] = cohort.glob(f"archive/*/{phase}-therapy/masks/{site}_{pid}.nii.gz")
        assert np.array_equal(np.asarray(drawn.dataobj), np.asarray(nibabel.load(archived).dataobj))
        volume = nibabel.load(cohort / answer["volumes"][0]["url"].removeprefix("/files/"))
        assert np.array_equal(drawn.affine, volume.affine)
        assert drawn.get_data_dtype() == np.uint8


def test_a_mask_as_drawn_that_is_not_that_of_the_sample_is_told(root, samples):
    sample = samples[0]
    site, pid, phase = sample.split("_")
    [archived] = root.glob(f"archive/*/{phase}-therapy/masks/{site}_{pid}.nii.gz")
    with View(root) as view:
        view.enter()
        url = view.json(f"/api/samples/{sample}")["masks"]["before"]
        image = nibabel.load(archived)
        nibabel.save(nibabel.Nifti1Image(1 - np.asarray(image.dataobj), image.affine), archived)
        status, _, content = view.ask("GET", url)
        assert status == 409 and "is not the file from which the sample was made" in json.loads(content)["error"]
        archived.unlink()
        assert view.status(url) == 409
        assert view.json(f"/api/samples/{sample}")["masks"]["before"] is None
        for unknown in ("/files/drawn/", "/files/drawn/x.nii.gz", f"/files/drawn/{sample}", "/files/drawn/..%2f.nii.gz"):
            assert view.status(unknown) == 404, unknown


def test_an_archive_elsewhere_is_named(root, samples):
    """Also one of links, as for `run --archive`."""
    received = root.parent / "received"
    (root / "archive").rename(root.parent / "disk")
    received.mkdir()
    for folder in (root.parent / "disk").iterdir():
        (received / folder.name).symlink_to(folder)
    with View(root) as view:
        view.enter()
        assert view.json(f"/api/samples/{samples[0]}")["masks"]["before"] is None
        status, _, content = view.ask("GET", f"/files/drawn/{samples[0]}.nii.gz")
        assert status == 409 and "name the archive with view --archive" in json.loads(content)["error"]
    with View(root, "--archive", received) as view:
        view.enter()
        assert image_of(view, view.json(f"/api/samples/{samples[0]}")["masks"]["before"]).shape


@pytest.mark.parametrize("overlap", ["last", "first"])
def test_masks_with_a_file_for_each_label_are_one_mask_as_drawn(nicohort, tmp_path, overlap):
    root = tmp_path / "root"
    root.mkdir()
    label_masks.make(root, ["0001"], label_masks.OVERLAPPING, overlap, "groups: {kidneys: [right kidney], belly: [liver, spleen]}\n")
    for label in ("liver", "spleen"):  # one of them unpacked
        gz = label_masks.label_file(root, "0001", label)
        if label == "spleen":
            gz.with_suffix("").write_bytes(gzip.decompress(gz.read_bytes()))
            gz.unlink()
    nicohort("run", "--root_dir", root, "--recipe", root / "recipe.yaml")
    order = sorted(label_masks.NUMBERS, key=label_masks.NUMBERS.get, reverse=overlap == "first")
    expected = np.zeros(label_masks.SIZE, np.uint8)
    for label in order:
        expected[label_masks.OVERLAPPING[label]] = label_masks.NUMBERS[label]
    with View(root) as view:
        view.enter()
        answer = view.json("/api/samples/0001")
        assert np.array_equal(np.asarray(image_of(view, answer["masks"]["before"]).dataobj), expected)
        assert answer["groups"] == [{"name": "kidneys", "labels": [2]}, {"name": "belly", "labels": [1, 5]}]


def test_channels_are_volumes_of_their_own(nicohort, tmp_path):
    root = tmp_path / "root"
    values = {channel: np.arange(60, dtype=np.float32).reshape(5, 4, 3) + number for number, channel in enumerate(("flair", "T1 w"))}
    for channel, volume in values.items():
        label_masks.save(root / f"archive/7/{channel}.nii.gz", volume)
    (root / "recipe.yaml").write_text('volume: {flair: "{pid}/flair.nii.gz", T1 w: "{pid}/T1 w.nii.gz"}\n')
    nicohort("run", "--root_dir", root, "--recipe", root / "recipe.yaml")
    with View(root) as view:
        view.enter()
        volumes = view.json("/api/samples/7")["volumes"]
        assert [volume["channel"] for volume in volumes] == ["flair", "T1_w"]
        for volume, expected in zip(volumes, values.values()):
            assert (np.asarray(image_of(view, volume["url"]).dataobj) == expected).all()


def test_nothing_outside_the_folders_is_given_out(view, cohort):
    files = "/files/grouped"
    outside = urllib.parse.quote(str(cohort.parent / "outside.nii.gz"))
    archived = next(cohort.glob("archive/*/*/masks/*.nii.gz")).relative_to(cohort)
    for target in (f"{files}/../secret.nii.gz", f"{files}/%2e%2e/secret.nii.gz", f"{files}/%2E%2E%2Fsecret.nii.gz",
                   f"{files}/%252e%252e/secret.nii.gz", f"{files}/..%2fsecret.nii.gz", f"{files}/..%5csecret.nii.gz",
                   f"{files}/TJ/../../secret.nii.gz", f"{files}/./../secret.nii.gz", f"{files}/{outside}", f"{files}//{outside}",
                   f"/files{outside}", "/files/secret.nii.gz", "/files/../secret.nii.gz", "/secret.nii.gz", "/files/grouped/",
                   f"{files}/link.nii.gz", f"{files}/up/outside.nii.gz", f"{files}/up/root/secret.nii.gz", f"{files}/.hidden.nii.gz",
                   f"{files}/.nicohort/state.nii.gz", "/files/.nicohort/run.jsonl", "/files/archive/../secret.nii.gz",
                   f"{files}/dataset_manifest.xlsx", f"{files}/dataset_manifest.xlsx%00.nii.gz", f"{files}/x%00.nii.gz",
                   "/files/descriptor/review.xlsx", "/files/archive/tongji/data_meta_tongji.xlsx",
                   f"/files/{archived}", "/files/drawn/..%2fsecret.nii.gz",
                   "/report/../secret.nii.gz", "/report/thumbnails/..%2f..%2fsecret.nii.gz",
                   "/report/thumbnails/%2e%2e/%2e%2e/grouped/x.png", "/api/samples/..%2f", f"/api/samples/%00"):
        status, _, content = view.ask("GET", target)
        assert status == 404, target
        assert b"outside" not in content and b"beside" not in content and b"hidden" not in content
    for malformed in ("/files/%zz", "/%", "/files/grouped/%2"):
        assert view.status(malformed) == 400
    head = f" HTTP/1.1\r\nHost: 127.0.0.1:{view.port}\r\nCookie: {view.cookie}\r\n\r\n".encode()
    for target in (b"http://evil.org/report/index.html", b"report/index.html", b"*"):
        assert " 400 " in view.raw(b"GET " + target + head)


def test_what_is_too_large_is_refused(view, samples):
    sample = view.json(f"/api/samples/{samples[0]}")
    token = sample["writable_token"]
    assert view.ask("PUT", f"/api/verdicts/{samples[0]}", b"x" * 200_000, X_Nicohort_Token=token)[0] == 413
    assert view.status("/" + "a" * 3000) == 414
    assert view.status("/api/verdicts", X_Long="x" * 9000) == 400
    begin = f"GET /api/verdicts HTTP/1.1\r\nHost: 127.0.0.1:{view.port}\r\nCookie: {view.cookie}\r\n".encode()
    many = b"".join(b"X-%d: y\r\n" % i for i in range(20_000))
    for endless in (b"G" * 10_000_000, begin + b"X: " + b"x" * 10_000_000, begin + many + b"\r\n"):
        try:
            assert " 200 " not in view.raw(endless)
        except OSError:
            pass  # hung up on
    ranges = ",".join(["0-"] * 2500)
    assert view.status(sample["volumes"][0]["url"], Range=f"bytes={ranges}") == 200
    assert view.json("/api/verdicts") == {}
    peak = re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{view.process.pid}/status").read_text())
    assert int(peak[1]) < 200_000  # kB


def test_a_large_volume_is_streamed(root, samples):
    with (root / "grouped/large.nii.gz").open("wb") as large:
        large.truncate(400 << 20)
    with View(root) as view:
        view.enter()
        connection = http.client.HTTPConnection("127.0.0.1", view.port, timeout=SECONDS)
        connection.request("GET", "/files/grouped/large.nii.gz", headers={"Cookie": view.cookie})
        answer, count = connection.getresponse(), 0
        while piece := answer.read(1 << 20):
            count += len(piece)
        assert count == 400 << 20
        peak = re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{view.process.pid}/status").read_text())
        assert int(peak[1]) < 200_000  # kB


def unpacked_as_browsers_do(content):
    """DecompressionStream takes one gzip member and nothing behind it."""
    press = zlib.decompressobj(31)
    plain = press.decompress(content)
    assert press.eof and press.unused_data == b""
    return plain


def in_members(plain, size):
    """As bgzip: a member for each piece, and an empty one at the end."""
    return b"".join(gzip.compress(plain[at:at + size]) for at in [*range(0, len(plain), size), len(plain)])


@pytest.mark.parametrize("padding", [b"", bytes(100)])
def test_images_of_several_members_are_served_as_one(root, samples, padding):
    with View(root) as view:
        view.enter()
        url = view.json(f"/api/samples/{samples[0]}")["masks"]["after"]
        file = root / urllib.parse.unquote(url.removeprefix("/files/"))
        plain = gzip.decompress(file.read_bytes())
        for packed in (in_members(plain, 60_000), in_members(plain, 100), gzip.compress(plain) + gzip.compress(b"")):
            file.write_bytes(packed + padding)
            status, headers, content = view.ask("GET", url)
            assert (status, headers["Content-Type"], unpacked_as_browsers_do(content)) == (200, "application/gzip", plain)
            assert view.status(url) == 200
        file.write_bytes(in_members(plain, 60_000)[:-40])
        with pytest.raises((http.client.HTTPException, OSError)):
            view.ask("GET", url)


def test_a_large_image_of_several_members_is_streamed(root, samples):
    header = nibabel.Nifti1Header()
    header.set_data_dtype(np.uint16)
    header.set_data_shape((512, 512, 400))
    header["vox_offset"], header["magic"] = 352, b"n+1"
    with (root / "grouped/large.nii.gz").open("wb") as large:
        large.write(gzip.compress(header.binaryblock + bytes(4)))
        large.write(200 * gzip.compress(bytes(1 << 20)))
    with View(root) as view:
        view.enter()
        plain = unpacked_as_browsers_do(view.ask("GET", "/files/grouped/large.nii.gz")[2])
        assert plain == header.binaryblock + bytes(4 + (200 << 20))
        peak = re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{view.process.pid}/status").read_text())
        assert int(peak[1]) < 200_000  # kB


def test_samples(view, cohort, samples):
    assert len(samples) > 2
    for i, sample in enumerate(samples):
        answer = view.json(f"/api/samples/{sample}")
        assert answer["id"] == sample
        assert answer["previous"] == (samples[i - 1] if i else None)
        assert answer["next"] == (samples[i + 1] if i + 1 < len(samples) else None)
        assert answer["labels"] == [{"label": 0, "name": "Bg"}, {"label": 1, "name": "EsoROI"}]
        assert answer["verdict"] is None
        assert re.fullmatch("[0-9a-f]{64}", answer["writable_token"])
        assert answer["writable_token"] != view.token and answer["writable_token"] not in view.cookie
    for unknown in ("", "TJ", samples[0] + "x", urllib.parse.quote("../" + samples[0], safe="")):
        assert view.status(f"/api/samples/{unknown}") == 404


def test_regions_are_those_of_the_tables(view, cohort, samples):
    found = 0
    for sample in samples:
        expected = []
        for when, ending in (("before", ""), ("after", "_after_modification")):
            table = pandas.read_excel(cohort / f"descriptor/small_connected_region_300{ending}_manifest.xlsx", "Regions", dtype={"ID": str})
            for row in table[table.ID == sample].drop(columns="ID").to_dict("records"):
                expected.append({**row, "name": {0: "Bg", 1: "EsoROI"}[row["label"]], "when": when})
        assert view.json(f"/api/samples/{sample}")["regions"] == expected
        found += len(expected)
    assert found > 0


def test_a_new_run_is_seen(nicohort, root, samples):
    with View(root) as view:
        view.enter()
        sample = next(id for id in samples if view.json(f"/api/samples/{id}")["regions"])
        for after in ("", "_after_modification"):
            nicohort("small_connected_region_detect", "--root_dir", root / "grouped", "--region_volume_thresh", 0,
                     "--output_manifest", root / f"descriptor/small_connected_region_300{after}_manifest.xlsx")
        assert view.json(f"/api/samples/{sample}")["regions"] == []


def test_a_verdict_is_stored_and_shown_again_after_restart(root, samples):
    sample, other = samples[0], samples[2]
    comment = 'Naïve "mask", 0012\n=1+1 食管'
    with View(root) as view:
        view.enter()
        before = datetime.datetime.utcnow().replace(microsecond=0)
        status, stored = view.put(sample, "reject", comment, "0012")
        assert status == 200
        assert {**stored, "time": None} == {"verdict": "reject", "comment": comment, "reviewer": "0012", "time": None}
        written = datetime.datetime.strptime(stored["time"], "%Y-%m-%dT%H:%M:%SZ")
        assert before <= written <= datetime.datetime.utcnow()
        assert view.put(other, "fix")[0] == 200
        assert view.put(other, "accept")[0] == 200
        assert view.json(f"/api/samples/{sample}")["verdict"] == stored
        view.process.kill()  # the answer was a promise
        view.process.wait(SECONDS)
    with View(root) as view:
        view.enter()
        verdicts = view.json("/api/verdicts")
        assert verdicts.keys() == {sample, other}
        assert verdicts[sample] == stored and verdicts[other]["verdict"] == "accept"
        assert view.json(f"/api/samples/{sample}")["verdict"] == stored
    table = pandas.read_excel(book_of(root), "Review", dtype=str, keep_default_na=False)
    assert list(table.columns) == ["ID", "verdict", "comment", "reviewer", "time"]
    assert list(table.ID) == [sample, other]
    assert table.iloc[0].to_list() == [sample, "reject", comment, "0012", stored["time"]]
    assert [path.name for path in book_of(root).parent.glob(".*")] == []


def test_bad_writes_change_nothing(root, samples):
    sample = samples[0]
    with View(root) as view:
        view.enter()
        token = view.json(f"/api/samples/{sample}")["writable_token"]
        for wrong in ("", "0", token[:-1], token + "0", "0" * 64, view.token):
            assert view.put(sample, "fix", X_Nicohort_Token=wrong)[0] == 403
        assert view.ask("PUT", f"/api/verdicts/{sample}", "{}")[0] == 403
        for body in (b"", b"{", b"[]", b'{"verdict": "fix"}', b'{"verdict": "maybe", "comment": "", "reviewer": ""}', b"\xff\xfe",
                     b'{"verdict": "fix", "comment": 1, "reviewer": ""}', b"[" * 60_000):
            status, _, content = view.ask("PUT", f"/api/verdicts/{sample}", body, X_Nicohort_Token=token)
            assert status == 400 and json.loads(content)["error"], body[:50]
        assert view.put(sample, "fix", "x" * 32_768, X_Nicohort_Token=token)[0] == 400
        for unknown in ("TJ_unknown_pre", "", "..%2f..%2fx", sample + "%00"):
            status, answer = view.put(unknown, "fix", X_Nicohort_Token=token)
            assert status == 404 and "no such sample" in answer["error"]
        body = json.dumps({"verdict": "fix", "comment": "", "reviewer": ""})
        assert view.ask("PUT", f"/api/verdicts/{sample}", body, X_Nicohort_Token=token, Content_Encoding="gzip")[0] == 415
        assert view.ask("PUT", f"/api/verdicts/{sample}", iter([body.encode()]), X_Nicohort_Token=token)[0] == 411  # chunked
        assert view.json("/api/verdicts") == {}
    assert not book_of(root).exists()


def test_of_many_writers_at_once_none_is_lost(root, samples):
    with View(root) as view:
        view.enter()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            reading = [pool.submit(view.status, target) for target in
                       ("/report/data.js", "/api/verdicts", "/viewer.js", *(f"/api/samples/{sample}" for sample in samples)) * 2]
            answers = list(pool.map(lambda i: view.put(samples[i % len(samples)], "fix", f"comment {i}"), range(3 * len(samples))))
        assert {status for status, _ in answers} == {200}
        assert {read.result() for read in reading} == {200}
        verdicts = view.json("/api/verdicts")
    assert sorted(verdicts) == samples
    table = pandas.read_excel(book_of(root), "Review", dtype=str)
    assert list(table.ID) == samples
    for i, sample in enumerate(samples):
        assert verdicts[sample]["comment"] in {f"comment {j}" for j in range(i, 3 * len(samples), len(samples))}


def test_what_people_add_to_the_workbook_survives(root, samples):
    book = openpyxl.Workbook()
    book.active.title = "Notes"
    book.active.append(["hello", 1])
    sheet = book.create_sheet("Review")
    sheet.append(["reviewer", "second reader", "ID", "verdict"])
    sheet.append(["A", 12.5, samples[1], "Fix"])
    book.save(book_of(root))
    with View(root) as view:
        view.enter()
        assert view.json("/api/verdicts") == {samples[1]: {"verdict": "fix", "comment": "", "reviewer": "A", "time": ""}}
        assert view.put(samples[0], "accept", "c", "B")[0] == 200
    book = openpyxl.load_workbook(book_of(root))
    assert list(book["Notes"].values) == [("hello", 1)]
    rows = list(book["Review"].values)
    assert rows[0] == ("reviewer", "second reader", "ID", "verdict", "comment", "time")
    assert rows[1][:5] == ("B", None, samples[0], "accept", "c")
    assert rows[2] == ("A", 12.5, samples[1], "Fix", None, None)


def test_a_damaged_review_is_never_overwritten(nicohort, root, samples):
    with View(root) as view:
        view.enter()
        token = view.json(f"/api/samples/{samples[0]}")["writable_token"]
        book_of(root).write_bytes(b"PK\x03\x04 half a workbook")
        status, answer = view.put(samples[0], "fix", X_Nicohort_Token=token)
        assert status == 409 and "review.xlsx" in answer["error"]
        assert view.status("/api/verdicts") == 409
    assert book_of(root).read_bytes() == b"PK\x03\x04 half a workbook"
    assert "review.xlsx" in nicohort("view", "--root_dir", root, status=2).stderr


def test_bad_starts(nicohort, cohort, tmp_path):
    assert "--root_dir" in nicohort("view", "--root_dir", tmp_path / "none", status=2).stderr
    nicohort("view", "--root_dir", tmp_path, status=2)
    nicohort("view", "--root_dir", cohort, "--port", 65536, status=2)
    with View(cohort) as view:
        stderr = nicohort("view", "--root_dir", cohort, "--port", view.port, status=3).stderr
        assert f"port {view.port}" in stderr and "--port" in stderr
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with View(cohort, "--port", str(port)) as view:
        assert view.port == port


def test_with_json_the_address_is_said_when_it_starts(root):
    with View(root, "--json") as view:
        view.enter()
        view.process.terminate()
        summary = json.loads(view.process.communicate(timeout=SECONDS)[0])
    assert summary["output"].startswith(view.address + "\n") and summary["status"] == 143


@pytest.mark.parametrize("number, status", ((signal.SIGINT, 130), (signal.SIGTERM, 143)))
def test_a_signal_stops_it_also_amid_connections(root, number, status):
    with (root / "grouped/large.nii.gz").open("wb") as large:
        large.truncate(200 << 20)
    with View(root) as view:
        view.enter()
        idle = [socket.create_connection(("127.0.0.1", view.port)) for _ in range(5)]
        idle[1].sendall(b"GET / HTTP/1.1\r\nHost:")
        slow = http.client.HTTPConnection("127.0.0.1", view.port, timeout=SECONDS)
        slow.request("GET", "/files/grouped/large.nii.gz", headers={"Cookie": view.cookie})
        slow.getresponse().read(1000)
        time.sleep(0.3)
        view.process.send_signal(number)
        assert view.process.wait(SECONDS) == status
        for connection in idle:
            connection.close()


def test_rejected_samples_are_left_out_of_a_split(nicohort, root):
    manifest = root / "grouped/dataset_manifest.xlsx"
    ids = list(pandas.read_excel(manifest, dtype={"pid": str}).query("site == 'TJ'").ID)
    command = ("make_split", "--manifest_file", manifest, "--split_name", "s", "--site", "TJ", "--test_ratio", 0.5, "--val_ratio", 0)
    assert "nicohort view" in nicohort(*command, "--exclude_rejected", status=2).stderr
    with View(root) as view:
        view.enter()
        for sample, verdict in zip(ids, ("reject", "fix", "accept")):
            assert view.put(sample, verdict)[0] == 200
    done = nicohort(*command, "--exclude_rejected")
    assert "1 sample left out" in done.stdout
    split = pandas.read_excel(manifest, "s", dtype={"pid": str})
    assert list(split.ID) == ids[1:]
    nicohort(*command)
    assert list(pandas.read_excel(manifest, "s").ID) == ids

    # A review of other samples, by its name.
    other = root / "other.xlsx"
    pandas.DataFrame({"ID": ["TJ_gone_pre", ids[1]], "verdict": "reject"}).to_excel(other, "Review", index=False)
    done = nicohort(*command, "--exclude_rejected", other, status=1)
    assert "TJ_gone_pre" in done.stderr
    assert list(pandas.read_excel(manifest, "s").ID) == [ids[0], *ids[2:]]
    other.write_bytes(b"no workbook")
    assert "other.xlsx" in nicohort(*command, "--exclude_rejected", other, status=2).stderr
    pandas.DataFrame({"ID": ids, "verdict": "reject"}).to_excel(other, "Review", index=False)
    done = nicohort(*command, "--exclude_rejected", other, status=1)  # nobody is left for a side
    assert f"{len(ids)} samples left out" in done.stdout


def test_run_leaves_out_what_is_rejected(nicohort, root):
    recipe = root / "recipe.yaml"
    built_in = (pathlib.Path(__file__).parents[2] / "recipes/eso-2025.10.31.yaml").read_text(encoding="utf-8")
    recipe.write_text(built_in.replace("where: {site: XY}\n", "where: {site: XY}\n    exclude_rejected: true\n"), encoding="utf-8")
    run = ("run", "--root_dir", root, "--recipe", recipe)
    manifest = root / "grouped/dataset_manifest.xlsx"
    assert "split03_XY" in nicohort(*run, status=1).stderr  # there is no review yet
    ids = list(pandas.read_excel(manifest).query("site == 'XY'").ID)
    pandas.DataFrame({"ID": ids[:1], "verdict": "reject"}).to_excel(book_of(root), "Review", index=False)
    nicohort(*run, status=1)
    assert list(pandas.read_excel(manifest, "split03_XY").ID) == ids[1:]
    assert "Nothing has changed" in nicohort(*run, status=1).stdout
    pandas.DataFrame({"ID": ids[-1:], "verdict": "reject"}).to_excel(book_of(root), "Review", index=False)
    nicohort(*run, status=1)
    assert list(pandas.read_excel(manifest, "split03_XY").ID) == ids[:-1]
