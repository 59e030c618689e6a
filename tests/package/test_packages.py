"""What `./dev package` makes, as users get it: the portable tarball in a bare root folder, and the Debian package."""

import filecmp
import http.client
import os
import pathlib
import re
import shutil
import subprocess
import urllib.parse

import pytest

BUILT = pathlib.Path(os.environ["NICOHORT_BUILD"]).resolve() / "nicohort"
PACKAGES = pathlib.Path(os.environ["NICOHORT_PACKAGES"]).resolve()
VERSION = subprocess.run([BUILT, "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0].split()[1]
CHROOT = shutil.which("chroot") or "/usr/sbin/chroot"
NAME = f"nicohort-{VERSION}-linux-x86_64"


def said(*words, status=0, **more):
    done = subprocess.run(list(map(str, words)), capture_output=True, encoding="utf-8", **more)
    assert done.returncode == status, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


# The portable tarball

@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """A root folder with the tarball's files in /opt, a static shell, and nothing else: no /proc, no /etc, no library."""
    root = tmp_path_factory.mktemp("bare")
    for folder in ("opt", "bin", "data"):
        (root / folder).mkdir()
    said("tar", "-C", root / "opt", "-xzf", PACKAGES / f"{NAME}.tar.gz")
    shutil.copy("/usr/bin/busybox" if pathlib.Path("/usr/bin/busybox").exists() else "/bin/busybox", root / "bin/sh")
    (root / "bin/nicohort").symlink_to(f"../opt/{NAME}/bin/nicohort")
    return root


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may change the root folder")


def test_the_launcher_is_the_only_file_of_its_name(bare):
    assert [path.parent.name for path in (bare / "opt").rglob("nicohort") if path.is_file()] == ["bin"]
    assert not [path for path in (bare / "opt").rglob("*") if path.is_symlink()]
    licences = {path.name for path in (bare / "opt" / NAME / "share/doc/nicohort/libraries").iterdir()}
    assert {"libc6.txt", "libtbb12.txt", "libisal2.txt", "libssl3.txt"} <= licences


@needs_root
def test_demo_and_run_with_nothing_else(bare, tmp_path):
    script = f"""set -e
cd /data
nicohort --version
/opt/{NAME}/bin/nicohort demo demo --patients 12 --size 32 32 16 --quiet
../opt/{NAME}/bin/nicohort run --root_dir demo --quiet
nicohort verify --root_dir demo/grouped
"""
    output = said(CHROOT, bare, "/bin/sh", "-c", script, env={"PATH": "/bin"})
    assert output.startswith(f"nicohort {VERSION}\n") and output.endswith("No problems.\n")
    assert {path.name for path in (bare / "data/demo/report").iterdir()} >= {"index.html", "report.js", "thumbnails"}

    # As the program that was built makes them.
    said(BUILT, "demo", "demo", "--patients", 12, "--size", 32, 32, 16, "--quiet", cwd=tmp_path)
    said(BUILT, "run", "--root_dir", "demo", "--quiet", cwd=tmp_path)
    files = [path.relative_to(tmp_path) for path in (tmp_path / "demo").rglob("*")
             if path.is_file() and ".nicohort" not in path.parts]
    assert len(files) > 200
    assert filecmp.cmpfiles(tmp_path, bare / "data", files, shallow=False)[1:] == ([], [])


@needs_root
def test_view_with_nothing_else(bare):
    """Where there is no name service; and the tarball's are the only files that the program has mapped."""
    said(CHROOT, bare, "/bin/nicohort", "demo", "/data/view", "--patients", 3, "--size", 32, 32, 16, "--quiet")
    said(CHROOT, bare, "/bin/nicohort", "run", "--root_dir", "/data/view", "--quiet", status=1)  # splits are too small
    running = subprocess.Popen([CHROOT, bare, "/bin/nicohort", "view", "--root_dir", "/data/view"], stdout=subprocess.PIPE, text=True)
    try:
        address = urllib.parse.urlsplit(running.stdout.readline().strip())
        mapped = set(re.findall(r" (/.*)$", pathlib.Path(f"/proc/{running.pid}/maps").read_text(), re.MULTILINE))
        assert len(mapped) > 10 and all(str(bare / "opt" / NAME / "lib") in path for path in mapped)
        connection = http.client.HTTPConnection("127.0.0.1", address.port, timeout=30)
        connection.request("GET", f"/?{address.query}")
        cookie = connection.getresponse().headers["Set-Cookie"].split(";")[0]
        for page, content in (("/report/index.html", b"<html"), ("/viewer.js", b"function"), ("/viewer.html", b"viewer.css")):
            connection = http.client.HTTPConnection("127.0.0.1", address.port, timeout=30)
            connection.request("GET", page, headers={"Cookie": cookie})
            answer = connection.getresponse()
            assert answer.status == 200 and content in answer.read(), page
    finally:
        running.terminate()
        running.wait(30)


def test_libraries_and_settings_of_the_machine_are_left_alone(bare, tmp_path):
    """A cluster's modules set these; what they name is of other versions."""
    (tmp_path / "libz.so.1").write_bytes(b"no library")
    (tmp_path / "openssl.cnf").write_text("openssl_conf = x\n[x]\nproviders = y\n[y]\ndefault = z\nfips = z\n[z]\nactivate = 0\n")
    (tmp_path / "nicohort").symlink_to(bare / "opt" / NAME / "bin/nicohort")
    environment = {"LD_LIBRARY_PATH": str(tmp_path), "LD_PRELOAD": str(tmp_path / "libz.so.1"),
                   "OPENSSL_CONF": str(tmp_path / "openssl.cnf"), "PATH": str(tmp_path)}
    done = subprocess.run(["nicohort", "demo", "demo", "--patients", "3", "--size", "32", "32", "16", "--quiet"], cwd=tmp_path,
                          env=environment, executable=str(tmp_path / "nicohort"), capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    done = subprocess.run(["./nicohort", "run", "--root_dir", "demo", "--quiet"], cwd=tmp_path, env=environment,
                          capture_output=True, text=True)
    assert done.returncode == 1 and "split01_TJ: no patient is in test" in done.stderr and "libz" not in done.stderr


def test_no_library_of_the_machine_is_tried(bare, tmp_path):
    """Also none that the program can do without."""
    program = bare / "opt" / NAME / "bin/nicohort"
    said(program, "demo", tmp_path / "demo", "--patients", 3, "--size", 32, 32, 16)
    done = subprocess.run([program, "run", "--root_dir", tmp_path / "demo", "--jobs", "2"], capture_output=True, text=True,
                          env={"LD_DEBUG": "libs"})
    tried = re.findall(r"(?m)trying file=(.*)$", done.stderr)
    assert len(tried) > 20 and "libirml" in done.stderr
    assert [path for path in tried if not path.startswith(f"{bare / 'opt' / NAME / 'lib/nicohort'}/")] == []


def test_it_works_among_other_programs(tmp_path):
    """As docs/install.md unpacks it."""
    (tmp_path / "local/bin").mkdir(parents=True)
    said("tar", "-xzf", PACKAGES / f"{NAME}.tar.gz", "-C", tmp_path / "local", "--strip-components", 1)
    (tmp_path / "local").rename(tmp_path / "mo ved")
    assert said(tmp_path / "mo ved/bin/nicohort", "recipes", "bids") == said(BUILT, "recipes", "bids")
    assert {path.name for path in (tmp_path / "mo ved/share").iterdir()} == {"bash-completion", "doc", "fish", "man", "nicohort", "zsh"}


def test_a_launcher_without_its_program_says_so(bare, tmp_path):
    (tmp_path / "bin").mkdir()
    shutil.copy(bare / "opt" / NAME / "bin/nicohort", tmp_path / "bin")
    done = subprocess.run([tmp_path / "bin/nicohort", "--version"], capture_output=True, text=True)
    assert done.returncode == 3 and f"nicohort: cannot start {tmp_path}/lib/nicohort/ld-linux" in done.stderr


# The Debian package

@pytest.fixture(scope="module")
def deb():
    [package] = PACKAGES.glob(f"nicohort_{VERSION}-*_amd64.deb")
    return package


def test_lintian_has_nothing_to_say(deb):
    assert said("lintian", "--allow-root", "--fail-on", "error,warning", deb) == ""


def test_its_dependencies_can_be_installed(deb):
    depends = said("dpkg-deb", "-f", deb, "Depends")
    assert all(re.search(rf"\b{name} \(>= ", depends) for name in ("libc6", "libtbb12", "libisal2"))
    assert "Inst nicohort " in said("apt-get", "install", "--simulate", deb)


def test_its_files(deb, tmp_path):
    said("dpkg-deb", "-x", deb, tmp_path)
    assert said(tmp_path / "usr/bin/nicohort", "--version").startswith(f"nicohort {VERSION}")
    share = tmp_path / "usr/share"
    for file in ("man/man1/nicohort.1.gz", "man/man1/nicohort-run.1.gz", "bash-completion/completions/nicohort",
                 "zsh/vendor-completions/_nicohort", "fish/vendor_completions.d/nicohort.fish", "doc/nicohort/copyright",
                 "doc/nicohort/docs/recipes.md", "nicohort/recipes/eso-2025.10.31.yaml"):
        assert (share / file).is_file(), file
