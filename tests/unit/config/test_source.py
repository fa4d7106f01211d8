import hashlib
import os
from pathlib import Path

import pytest

from appliance.config import ConfigError, check, example, load, loads
from appliance.config.source import MAX_BYTES


def only_line(path: Path) -> str:
    found = check(path)
    assert len(found) == 1
    return found[0].line(path.name)


def test_a_loaded_file_carries_the_digest_of_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "office.toml"
    path.write_text(example(), encoding="utf-8")

    assert load(path).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert load(path) == loads(example())
    assert check(path) == []


def test_a_file_saved_by_notepad_is_read(tmp_path: Path) -> None:
    path = tmp_path / "office.toml"
    path.write_bytes(b"\xef\xbb\xbf" + example().replace("\n", "\r\n").encode())

    assert load(path).office == loads(example()).office
    assert loads("\ufeff" + example()).office == loads(example()).office


def test_a_missing_file_is_a_config_error(tmp_path: Path) -> None:
    assert only_line(tmp_path / "office.toml") == (
        "office.toml: no such file; start from a copy of office.example.toml"
    )


def test_a_directory_is_a_config_error(tmp_path: Path) -> None:
    assert only_line(tmp_path) == (
        f"{tmp_path.name}: not a regular file; give the path of office.toml itself"
    )


def test_a_pipe_is_refused_without_waiting_for_its_other_end(tmp_path: Path) -> None:
    path = tmp_path / "office.toml"
    os.mkfifo(path)

    assert only_line(path) == "office.toml: not a regular file; give the path of office.toml itself"


def test_a_path_through_a_file_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("", encoding="utf-8")

    assert only_line(tmp_path / "plain" / "office.toml") == (
        "office.toml: cannot be read: Not a directory; check its owner and mode"
    )


def test_a_path_with_a_zero_byte_cannot_be_read() -> None:
    assert [each.rule for each in check(Path("office\0.toml"))] == ["file.unreadable"]


def test_ten_megabytes_are_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "office.toml"
    path.write_bytes(b"#" * 10_000_000)

    assert only_line(path) == (
        "office.toml: larger than 256 KiB; an office needs a few KiB, so this is another file"
    )


def test_text_above_the_limit_is_refused_too() -> None:
    with pytest.raises(ConfigError, match="larger than 256 KiB"):
        loads("# x\n" * (MAX_BYTES // 4 + 1))


def test_a_file_of_exactly_the_limit_is_read(tmp_path: Path) -> None:
    path = tmp_path / "office.toml"
    text = example().encode()
    room = MAX_BYTES - len(text)
    path.write_bytes(text + b"#\n" * (room // 2) + b"\n" * (room % 2))

    assert check(path) == []


def test_bytes_that_are_not_utf8_name_their_line(tmp_path: Path) -> None:
    path = tmp_path / "office.toml"
    path.write_bytes("[office]\n\nname = 'Xã'\n".encode("latin-1"))

    assert only_line(path) == "office.toml: line 3: not UTF-8; save the file with the encoding UTF-8"


def test_text_that_has_no_utf8_form_is_refused() -> None:
    with pytest.raises(ConfigError, match="not UTF-8"):
        loads("name = '\ud800'")


@pytest.mark.parametrize("raw", [b"\0", b"\x7fELF\x02\x01", b"PK\x03\x04" + bytes(99), b"\xff\xfe[\0o\0"])
def test_files_of_other_kinds_are_refused(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "office.toml"
    path.write_bytes(raw)

    assert check(path)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[office]\nname = \n", "line 2, column 8"),
        ("[office]\nname = ", "line 2, column 8"),
        ("a = 1\na = 2\n", "line 2, column 6"),
        ("[a]\n[a]\n", "line 2, column 3"),
        ('x = "a\n', "line 1, column 7"),
        ("[[a]\n", "line 1, column 4"),
        ("d = 2026-02-30\n", "line 1, column 5"),
    ],
)
def test_a_syntax_error_names_line_and_column(text: str, place: str) -> None:
    with pytest.raises(ConfigError) as caught:
        loads(text, "office.toml")

    assert [each.rule for each in caught.value.problems] == ["toml.syntax"]
    assert caught.value.problems[0].key == place


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "[\n" * 50_000,
        "x = " + "{a=" * 150,
        "x = " + "1" * 496,
        "x = 0x" + "f" * 490,
        "a" + ".a" * 240 + " = 1",
        "a" + ".a" * 100_000 + " = 1",
    ],
    ids=["lists", "tables", "digits", "hexadecimal", "dotted", "long dotted"],
)
def test_text_made_to_exhaust_a_parser_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        loads(text)
