"""`cmake --install`: everything is there, and works wherever it was put. Versions agree."""

import os
import pathlib
import re
import subprocess

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("NICOHORT_BUILD", ".")).resolve()


def test_cmake_install(nicohort, tmp_path):
    staged = tmp_path / "staged"
    subprocess.run(["cmake", "--install", BUILD, "--prefix", "/usr/local"], check=True, capture_output=True,
                   env=os.environ | {"DESTDIR": str(staged)})
    root = (tmp_path / "else where")
    (staged / "usr/local").rename(root)
    files = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    commands = re.findall(r"^  (\w+)", nicohort("--help").stdout.split("Subcommands:")[1], re.MULTILINE)
    assert {file for file in files if "/man/" in file} == {f"share/man/man1/nicohort{name}.1" for name in ["", *(f"-{name}" for name in commands)]}
    assert {pathlib.Path(file).name for file in files if "/recipes/" in file} == {path.name for path in (SOURCE / "recipes").iterdir()}
    for shell, file in (("bash", "bash-completion/completions/nicohort"), ("zsh", "zsh/site-functions/_nicohort"),
                        ("fish", "fish/vendor_completions.d/nicohort.fish")):
        assert (root / "share" / file).read_text() == nicohort("completion", shell).stdout
    assert {"share/doc/nicohort/LICENSE", "share/doc/nicohort/docs/tutorial.md", "share/doc/nicohort/README.md"} <= files
    done = subprocess.run([root / "bin/nicohort", "recipes"], capture_output=True, text=True)
    assert done.returncode == 0 and "eso-2025.10.31" in done.stdout


def test_one_version(nicohort):
    version = nicohort("--version").stdout.split()[1]
    citation, changes = (SOURCE / "CITATION.cff").read_text(), (SOURCE / "CHANGELOG.md").read_text()
    [released] = re.findall(r"set\(NICOHORT_RELEASED (.*)\)", (SOURCE / "CMakeLists.txt").read_text())
    assert f"\nversion: {version}\ndate-released: {released}\n" in citation
    assert f"\n## [{version}] - {released}\n" in changes
