from pathlib import Path

import pytest

from hardware.boards import BoardProfile, ButtonPin, OutputPin, Uart, load_board, load_board_file
from hardware.boards.__main__ import main
from hardware.boards.loader import PIS
from hardware.boards.wiring import refreshed, wiring_table
from hardware.errors import BoardError, BoardUnknownError

HEAD = 'name = "x"\nmodel = "a Pi"\n'
DOCUMENT = Path(__file__).parents[3] / "docs" / "wiring.md"


@pytest.fixture
def load(tmp_path: Path) -> object:
    def load(text: str) -> BoardProfile:
        path = tmp_path / "hall.toml"
        path.write_text(text, encoding="utf-8")
        return load_board_file(path)

    return load


@pytest.mark.parametrize("name", PIS)
def test_shipped_board_has_what_a_hall_needs(name: str) -> None:
    board = load_board(name)
    assert board.name == name
    assert {"rating.1.1", "rating.1.2", "rating.1.3", "issue.1", "issue.4"} <= board.buttons.keys()
    assert "thanks.1" in board.lamps
    assert board.buzzer is not None
    assert board.uarts["header"] == Uart("/dev/ttyS1", (14, 15))


@pytest.mark.parametrize("name", PIS)
def test_outputs_of_shipped_boards_are_pulled_down_at_reset(name: str) -> None:
    board = load_board(name)
    assert board.buzzer is not None
    for output in (*board.lamps.values(), board.buzzer):
        assert output.active == "high"
        assert output.pin >= 9


def test_file_is_read_with_its_defaults(load: object) -> None:
    assert callable(load)
    board = load(
        HEAD
        + '[buttons]\n"issue.1" = { pin = 4 }\n"issue.2" = { pin = 5, pull = "down" }\n'
        + '"issue.3" = { pin = 6, pull = "none", active = "high" }\n"issue.4" = { pin = 3 }\n'
        + '[lamps]\n"thanks.1" = { pin = 12 }\n[buzzer]\npin = 11\nactive = "low"\n'
    )
    assert dict(board.buttons) == {
        "issue.1": ButtonPin(4, "up", "low"),
        "issue.2": ButtonPin(5, "down", "high"),
        "issue.3": ButtonPin(6, "none", "high"),
        "issue.4": ButtonPin(3, "up", "low"),
    }
    assert board.lamps["thanks.1"] == OutputPin(12, "high")
    assert board.buzzer == OutputPin(11, "low")
    assert load(HEAD).buzzer is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '[buttons]\n"rating.1.3" = { pin = 17 }\n[lamps]\n"thanks.1" = { pin = 17 }',
            "pin 17 is used by both rating.1.3 and thanks.1; move one to a free pin (4, 5, 6, ",
        ),
        (
            '[buttons]\n"issue.1" = { pin = 15 }\n[uarts.header]\ndevice = "/dev/ttyS1"\npins = [14, 15]',
            "pin 15 is used by both issue.1 and uart header; move one to a free pin (4, ",
        ),
        (
            '[buzzer]\npin = 2\n[reserved]\n"clock chip" = [2, 3]',
            "pin 2 is used by both buzzer and clock chip;",
        ),
        (
            '[buttons]\n"issue.1" = { pin = 28 }',
            "issue.1 uses pin 28, which is not free on the 40-pin header; use BCM 2 to 27",
        ),
        ('[lamps]\n"thanks.1" = { pin = 0 }', "thanks.1 uses pin 0, which is not free on the 40-pin header"),
        (
            '[buttons]\n"issue.1" = { pin = 2, pull = "down" }',
            "issue.1 wants pull 'down' on pin 2, which has a fixed I2C pull-up; use pull = 'up' or another",
        ),
        (
            '[buttons]\n"issue.1" = { pin = 3, pull = "none", active = "low" }',
            "issue.1 wants pull 'none' on pin 3",
        ),
        ("[lamp]", "unknown key 'lamp' in the profile; write 'lamps'"),
        ("[zzzzz]", "unknown key 'zzzzz' in the profile; write one of name, model, buttons"),
        (
            '[buttons]\n"ratting.1.3" = { pin = 4 }',
            "unknown key 'ratting.1.3' in buttons; write rating.<counter>.<level 1-5> or issue.<n>",
        ),
        ('[buttons]\n"rating.1.6" = { pin = 4 }', "unknown key 'rating.1.6' in buttons;"),
        ('[lamps]\n"thank.1" = { pin = 4 }', "unknown key 'thank.1' in lamps; write thanks.<counter>"),
        (
            '[buttons]\n"issue.1" = { pin = 4, pul = "up" }',
            "unknown key 'pul' in buttons.issue.1; write 'pull'",
        ),
        (
            '[buttons]\n"issue.1" = { pin = 4, active = "high" }',
            (
                "buttons.issue.1.active is 'high'; with pull = 'up' a held button reads low; "
                "leave active out, or use pull = 'none'"
            ),
        ),
        (
            '[buttons]\n"issue.1" = { pin = 4, pull = "none" }',
            "buttons.issue.1.active is None; write one of low, high",
        ),
        (
            '[buttons]\n"issue.1" = { pin = 4, pull = "left" }',
            "buttons.issue.1.pull is 'left'; write one of up, down, none",
        ),
        ('[buttons]\n"issue.1" = { pull = "up" }', "pin of issue.1 is None; write a BCM number such as 17"),
        ('[buttons]\n"issue.1" = { pin = true }', "pin of issue.1 is True; write a BCM number such as 17"),
        ('[buttons]\n"issue.1" = 4', "buttons.issue.1 is 4; write a table with pin, pull, active"),
        ("buttons = 4", "buttons is 4; write a table [buttons]"),
        ("[uarts.a]\npins = [14]", "uarts.a.device is None; write a text in quotes"),
        ("[reserved]\nx = 4", "reserved.x is 4; write a list of BCM numbers such as [14, 15]"),
    ],
)
def test_wrong_profile_is_refused_with_profile_pin_and_remedy(load: object, text: str, message: str) -> None:
    assert callable(load)
    with pytest.raises(BoardError) as raised:
        load(HEAD + text)
    assert str(raised.value).startswith(f"board profile hall: {message}")
    assert "hall" in raised.value.vi()
    assert isinstance(raised.value, ValueError)


def test_name_and_model_are_asked_for(load: object) -> None:
    assert callable(load)
    with pytest.raises(BoardError, match="board profile hall: name is None; write a text in quotes"):
        load('model = "a Pi"')


def test_unknown_board_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        BoardUnknownError, match=r"board is 'pi5'; write one of pi3, pi4, zero2w, virt or give the path"
    ):
        load_board("pi5")


@pytest.mark.parametrize("content", [None, "buttons = [", b"\xff\xfe"], ids=["absent", "no TOML", "no text"])
def test_unreadable_file_is_refused_with_its_path(tmp_path: Path, content: str | bytes | None) -> None:
    path = tmp_path / "hall.toml"
    if content is not None:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(BoardError) as raised:
        load_board_file(path)
    assert str(raised.value).startswith(f"board profile {path} cannot be read: ")


def test_wiring_document_is_current() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    assert refreshed(document) == document, "run: python -m hardware.boards docs/wiring.md"


def test_wiring_table_names_every_button_and_its_place_on_the_header() -> None:
    table = wiring_table()
    for name in PIS:
        assert f"### {name}: " in table
        for button in load_board(name).buttons:
            assert f"| `{button}` |" in table
    assert "| `rating.1.3` | 17 | 11 |" in table


def test_document_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="lacks the marks"):
        refreshed("# Wiring")


def test_stale_document_is_rewritten_in_place(tmp_path: Path) -> None:
    copy = tmp_path / "wiring.md"
    current = DOCUMENT.read_text(encoding="utf-8")
    copy.write_text(current.replace("| `buzzer` |", "| `horn` |"), encoding="utf-8")
    assert main([str(copy)]) == 0
    assert copy.read_text(encoding="utf-8") == current
    assert main([]) == 2
