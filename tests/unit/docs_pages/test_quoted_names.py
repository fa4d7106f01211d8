"""What the documents quote exists: commands and their options, make targets, paths, links, headings."""

import re
import unicodedata
from pathlib import Path

import pytest
import typer

from appliance.cli import build

ROOT = Path(__file__).parents[3]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
TOP = {each.name for each in ROOT.iterdir() if each.is_dir() and each.name not in {".venv", ".git"}}
PATH = re.compile(r"[\w.-]+(/[\w.*-]+)+/?")
LINK = re.compile(r"\]\(([^)\s]+)\)")
MAKE = re.compile(r"^make ([a-z][\w-]*)", re.MULTILINE)
MOTCUA = re.compile(r"(?<![\w/@-])(?:\.venv/bin/)?motcua (?=[a-z[-])")
VAGUE = re.compile(r"\b(simply|just|easy|easily|obviously)\b", re.IGNORECASE)

by_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def code(text):
    """Every piece of code in a page: fenced and indented lines, and what stands in backticks."""
    inside = False
    for line in text.splitlines():
        if line.startswith("```"):
            inside = not inside
        elif inside or line.startswith("    "):
            yield line.partition(" # ")[0].strip()
        else:
            yield from re.findall(r"`([^`]+)`", line)


def quoted_commands(text):
    """The words after ``motcua`` of every command in a page's code."""
    for piece in code(text):
        found = list(MOTCUA.finditer(piece))
        if found:
            yield piece[found[-1].end() :]


def complaint(words):
    """What is wrong with a command line, or None; a placeholder is written in capitals or as … or <…>."""
    node = root = typer.main.get_command(build())
    for raw in words.split():
        word = raw.strip("[]").partition("=")[0]
        names = getattr(node, "commands", None)
        if word.startswith("--"):
            options = {option for parameter in node.params for option in (*parameter.opts, "--help")}
            if word not in options:
                return f"no option {word} of {node.name}"
        elif names is not None:
            if word in {"…", "..."} and node is not root:
                return None
            if word not in names:
                return f"no command {word}"
            node = names[word]
    return None


def slug(heading):
    """The anchor of a heading, as the forges make it."""
    plain = unicodedata.normalize("NFC", heading).lower().replace("`", "")
    return re.sub(r"[^\w\- ]", "", plain).strip().replace(" ", "-")


@by_page
def test_every_command_exists(page):
    wrong = {words: why for words in quoted_commands(page.read_text("utf-8")) if (why := complaint(words))}
    assert wrong == {}


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("journal explode", "no command explode"),
        ("demo --citizen 3", "no option --citizen of demo"),
        ("…", "no command …"),
        ("center audit --db DB [--device HN] [--json]", None),
        ("journal …", None),
    ],
)
def test_a_command_that_does_not_exist_is_seen(words, why):
    assert complaint(words) == why


def test_commands_are_found_in_every_kind_of_code():
    text = """`motcua check`

    sudo -u motcua motcua office claim X   # once
```
motcua demo --seed 3
```
motcua is a word here
"""
    assert list(quoted_commands(text)) == ["check", "office claim X", "demo --seed 3"]


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "docs/operations.md", "docs/center.md"])
def test_the_pages_that_people_follow_quote_something(name):
    text = (ROOT / name).read_text("utf-8")
    assert list(quoted_commands(text)) or MAKE.findall("\n".join(code(text)))


@by_page
def test_every_make_target_exists(page):
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z][\w-]*):", makefile, re.MULTILINE))
    assert set(MAKE.findall("\n".join(code(page.read_text("utf-8"))))) <= targets


def test_the_hooks_call_make_targets_and_nothing_remote():
    text = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    makefile = (ROOT / "Makefile").read_text("utf-8")
    entries = re.findall(r"^\s+entry: (.+)$", text, re.MULTILINE)
    assert {"make check", "make test"} <= set(entries)
    assert all(f"\n{entry.removeprefix('make ')}:" in makefile for entry in entries)
    assert re.findall(r"repo: (.+)", text) == ["local"]


@by_page
def test_every_path_exists(page):
    words = {word.strip("\"',;:()") for piece in code(page.read_text("utf-8")) for word in piece.split()}
    paths = {word for word in words if PATH.fullmatch(word) and word.partition("/")[0] in TOP}
    assert {path for path in paths if not any(ROOT.glob(path.rstrip("/")))} == set()


@by_page
def test_every_link_leads_somewhere(page):
    broken = []
    for target in LINK.findall(page.read_text("utf-8")):
        if target.startswith("https://"):
            continue
        name, _, anchor = target.partition("#")
        there = page if not name else (page.parent / name).resolve()
        if not there.exists():
            broken.append(target)
        elif anchor:
            headings = re.findall(r"^#+ (.+)$", there.read_text("utf-8"), re.MULTILINE)
            if anchor not in map(slug, headings):
                broken.append(target)
    assert broken == []


@by_page
def test_no_page_says_that_it_is_simple(page):
    assert VAGUE.findall(page.read_text("utf-8")) == []


@by_page
def test_vietnamese_is_composed(page):
    text = page.read_text("utf-8")
    assert unicodedata.is_normalized("NFC", text)


def test_the_readme_has_the_two_commands_and_the_one_line_before_them():
    text = (ROOT / "README.md").read_text("utf-8")
    for language in text.split("\n## ")[1:]:
        assert "    sudo apt-get install -y make python3-venv\n" in language
        assert "    make demo\n    make test\n" in language
