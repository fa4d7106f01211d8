"""Mirrors come from what apt says, in both of its formats."""

import pytest

from provisioning.image.errors import MirrorUnknownError
from provisioning.image.mirrors import Mirrors, discover, read_sources

STANZAS = """\
Types: deb
# a remark
URIs: http://mirror.example/debian/
Suites: bookworm bookworm-updates
Components: main

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main contrib
"""
LINES = """\
# deb http://old.example/debian trixie main
deb-src http://source.example/debian trixie main
deb [arch=amd64 signed-by=/x.gpg] https://mirror.example/debian trixie main contrib
deb http://security.example/debian-security trixie-security main
"""


def test_stanzas_are_read():
    assert discover([STANZAS]) == Mirrors(
        "http://mirror.example/debian", "http://mirror.example/debian-security"
    )


def test_lines_are_read_and_remarks_and_sources_are_not():
    assert discover([LINES]) == Mirrors(
        "https://mirror.example/debian", "http://security.example/debian-security"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "deb http://packages.example/tool tool-bookworm main\n",
        "deb http://packages.example/node nodistro main\n",
        "deb http://mirror.example/debian trixie contrib\n",
        "Types: deb\nURIs: http://mirror.example/debian\nSuites: trixie\nComponents: main\nEnabled: no\n",
    ],
)
def test_others_archives_are_nobodys_mirror(text):
    with pytest.raises(MirrorUnknownError):
        discover([text])


def test_continued_fields_belong_together():
    text = "Types: deb\nURIs:\n http://mirror.example/debian\nSuites: trixie\n sid\nComponents: main\n"
    assert discover([text]).main == "http://mirror.example/debian"


def test_the_image_takes_updates_and_security_with_the_firmware():
    assert Mirrors("http://m.example/debian", "http://m.example/s").lines() == [
        "deb http://m.example/debian trixie main non-free-firmware",
        "deb http://m.example/debian trixie-updates main non-free-firmware",
        "deb http://m.example/s trixie-security main non-free-firmware",
    ]
    assert len(Mirrors("http://m.example/debian").lines()) == 2


def test_only_source_files_are_read(tmp_path):
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list").write_text("one")
    (tmp_path / "sources.list.d" / "b.sources").write_text("three")
    (tmp_path / "sources.list.d" / "a.list").write_text("two")
    (tmp_path / "sources.list.d" / "a.list.save").write_text("never")
    assert read_sources(tmp_path) == ["one", "two", "three"]
