"""Completion of command lines, in the shells themselves, and the manual pages."""

import os
import pathlib
import re
import shutil
import subprocess

import openpyxl
import pytest

PROGRAM = pathlib.Path(os.environ.get("NICOHORT_BUILD", ".")).resolve() / "nicohort"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """With a manifest of two sites and a split, and files, one of which has a blank in its name."""
    folder = tmp_path_factory.mktemp("shell")
    book = openpyxl.Workbook()
    book.active.title = "Manifest"
    sheets = [book.active, book.create_sheet("split 1")]
    sheets[0].append(["ID", "site"])
    sheets[1].append(["ID", "site", "split 1"])
    for site in ("A", "North Hospital", "$(touch x)`touch x`"):
        sheets[0].append([f"{site}_1", site])
        sheets[1].append([f"{site}_1", site, "train"])
    (folder / "my data").mkdir()
    book.save(folder / "my data/m.xlsx")
    (folder / "msd.yaml").write_text("")
    return folder


def run(shell, script, folder):
    path = f"{PROGRAM.parent}:{os.environ['PATH']}"
    done = subprocess.run([*shell, script], cwd=folder, capture_output=True, encoding="utf-8", stdin=subprocess.DEVNULL, timeout=60,
                          env=os.environ | {"PATH": path, "HOME": str(folder)})
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return done.stdout.splitlines()


# What is typed, as bash cuts it into words; what the last one may become; what bash itself adds then.
BASH = [
    (["mak"], ["make_split"], []),
    (["run", "--dry"], ["--dry_run"], []),
    (["run", "--compression", "=", "b"], ["balanced"], []),
    (["run", "--recipe", "ms"], ["msd-task01-brain-tumour", "msd-task09-spleen", "msd.yaml"], ["default", "filenames"]),
    (["run", "--recipe", "my"], [], ["default"]),
    (["run", "--root_dir", "m"], [], ["dirnames"]),
    (["make_split", "--manifest_file", "my\\ data/m.xlsx", "--site", "N"], ["North\\ Hospital"], []),
    (["make_split", "--manifest_file", "'my data/m.xlsx'", "--split_name", "''"], ["split\\ 1"], []),
    (["make_split", "--manifest_file", "~/my\\ data/m.xlsx", "--site", ""], ["\\$\\(touch\\ x\\)\\`touch\\ x\\`", "A", "North\\ Hospital"], []),
    (["demo", "--jobs", ""], [], []),
]


def test_bash(nicohort, folder):
    def quoted(words):
        return " ".join("'" + word.replace("'", "'\\''") + "'" for word in words)

    script = 'source <(nicohort completion bash)\ncompopt() { chosen+=("$2"); }\n'  # which is for the shell at work
    for words, _, _ in BASH:
        script += f"COMP_WORDS=(nicohort {quoted(words)}) COMP_CWORD={len(words)} COMPREPLY=() chosen=()\n"
        script += '_nicohort nicohort\n(IFS="|"; echo "${COMPREPLY[*]}>${chosen[*]}")\n'
    said = run(["bash", "--norc", "-c"], script + "complete -p nicohort", folder)
    assert not (folder / "x").exists()
    assert said.pop() == "complete -F _nicohort nicohort"
    for line, (words, replies, options) in zip(said, BASH, strict=True):
        found, chosen = line.split(">")
        assert (found.split("|") if found else []) == replies, words
        assert (chosen.split("|") if chosen else []) == options, words


@pytest.mark.skipif(not shutil.which("fish"), reason="needs fish")
def test_fish(nicohort, folder):
    script = "nicohort completion fish | source\n"
    for line in ("nicohort mak", "nicohort run --compression=b", "nicohort make_split --manifest_file 'my data/m.xlsx' --site N",
                 "nicohort run --root_dir m"):
        script += f'complete -C "{line}"\n'
    words = [line.split("\t")[0] for line in run(["fish", "--no-config", "-c"], script, folder)]
    assert words == ["make_split", "--compression=balanced", "North Hospital", "my data/"]


@pytest.mark.skipif(not shutil.which("zsh"), reason="needs zsh")
def test_zsh(nicohort, folder):
    """In a terminal, as zsh completes only there."""
    script = """
zmodload zsh/zpty
zpty -b zsh "PS1= HOME=$HOME PATH=$PATH TERM=dumb COLUMNS=200 zsh -f -i"
zpty -w zsh 'autoload -Uz compinit; compinit -D -u; source <(nicohort completion zsh); bindkey "^I" complete-word'
zpty -w zsh 'show() { print -r "<${BUFFER}>"; zle kill-whole-line }; zle -N show; bindkey "^X" show; print r''eady'
# Reads what it writes until this is there.
wait_for() {
  local piece tries
  said=
  for ((tries = 0; tries < 500; ++tries)); do
    zpty -r -t zsh piece && said+=$piece || sleep 0.02
    [[ $said == $~1 ]] && return
  done
}
wait_for '*ready*'
for line in 'nicohort mak' 'nicohort run --compression=b' "nicohort make_split --manifest_file 'my data/m.xlsx' --site N" \
  'nicohort run --root_dir m'; do
  zpty -w -n zsh "$line"$'\\t\\x18'
  wait_for '*<nicohort*>*'
  print -r -- "${${said##*<}%%>*}"
done
zpty -d zsh
"""
    assert run(["zsh", "-f", "-c"], script, folder) == [
        "nicohort make_split ", "nicohort run --compression=balanced ",
        "nicohort make_split --manifest_file 'my data/m.xlsx' --site North\\ Hospital ", "nicohort run --root_dir my\\ data/"]


# Manual pages

@pytest.fixture(scope="module")
def pages(nicohort, tmp_path_factory):
    folder = tmp_path_factory.mktemp("man")
    nicohort("__man_pages", folder)
    return folder


def rendered(page):
    """As a terminal shows it, on lines of any length."""
    done = subprocess.run(["groff", "-man", "-Tutf8", "-P-cbou", "-ww", "-rLL=2000n", page], capture_output=True, encoding="utf-8")
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return done.stdout


def test_each_command_has_a_page_that_says_what_help_says(nicohort, pages):
    text = rendered(pages / "nicohort.1")
    commands = re.findall(r"^  (\w+).*$", nicohort("--help").stdout.split("Subcommands:")[1], re.MULTILINE)
    assert {page.name for page in pages.iterdir()} == {"nicohort.1"} | {f"nicohort-{command}.1" for command in commands}
    for command in commands:
        assert re.search(rf"(?m)^ +{command}( |$)", text) and f"nicohort-{command}(1)" in text

    for command in commands:
        page, helped = rendered(pages / f"nicohort-{command}.1"), nicohort(command, "--help").stdout
        shown = " ".join(page.split())
        options = re.findall(r"^  (?:-\w,)?(--\w+)", helped, re.MULTILINE)
        assert len(options) >= 3
        for option in options:
            assert re.search(rf"(?m)^ +(-\w, )?{option}( |$)", page), (command, option)
        for line in helped.split("\nExample:")[0].splitlines():  # purpose and help of each option
            help = re.sub(r"^  \S.*?(  +|$)", "", line).strip()
            if not line.startswith(("Usage", "Options", "Positionals")):
                assert " ".join(help.split()) in shown, (command, help)
        assert " ".join(helped.split("Example:")[1].split()) in shown, command


def test_a_page_is_found_by_its_name_and_has_the_version(nicohort, pages):
    text = (pages / "nicohort-make_split.1").read_text(encoding="utf-8")
    version = nicohort("--version").stdout.split()[1]
    assert re.search(rf'^\.TH nicohort\\-make_split 1 \d{{4}}-\d\d-\d\d "nicohort {re.escape(version)}"', text)
    assert "\n.SH NAME\nnicohort\\-make_split \\- Divide" in text
    assert "(default: Manifest)" in rendered(pages / "nicohort-make_split.1")
