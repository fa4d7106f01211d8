import pytest

from appliance.announce.board import Face
from appliance.office.signs import KeypadSign, PanelSign


class ScriptedPanel:
    """A panel that remembers what it was given."""

    def __init__(self, digits: int) -> None:
        self.digits = digits
        self.shown: list[str] = []

    def show(self, text: str) -> None:
        self.shown.append(text)

    def show_call(self, label: str, counter: int) -> None:
        self.shown.append(f"{label}>{counter}")


class ScriptedDisplay:
    """The display of a keypad."""

    def __init__(self) -> None:
        self.shown: list[tuple[int, int | None, int | None]] = []

    def show(self, address: int, *, waiting: int | None, ticket: int | None) -> None:
        self.shown.append((address, waiting, ticket))


@pytest.mark.parametrize(
    ("digits", "face", "shown"),
    [
        (4, Face("A012", 12, 3), "A012"),
        (3, Face("A012", 12, 3), "012"),
        (3, Face("AB1000", 1000, 3), "000"),
        (6, Face("A012", 12, 3), "A012>2"),
        (4, Face(waiting=3), ""),
        (6, Face(), ""),
    ],
)
def test_panel_shows_as_much_of_the_label_as_it_can(digits: int, face: Face, shown: str) -> None:
    panel = ScriptedPanel(digits)
    PanelSign(panel, 2).show(face)  # type: ignore[arg-type]
    assert panel.shown == [shown]


@pytest.mark.parametrize(
    ("face", "shown"),
    [
        (Face("A012", 12, 3), (7, 3, 12)),
        (Face("A1005", 1005, 1200), (7, 1200, 5)),
        (Face(waiting=2), (7, 2, None)),
    ],
)
def test_keypad_shows_waiting_and_number(face: Face, shown: tuple[int, int | None, int | None]) -> None:
    display = ScriptedDisplay()
    KeypadSign(display, 7).show(face)  # type: ignore[arg-type]
    assert display.shown == [shown]


@pytest.mark.parametrize(("digits", "face", "shown"), [(4, Face("A012", 12, 3), "A012"), (6, Face(), "")])
def test_a_panel_lights_every_segment_and_goes_on(digits: int, face: Face, shown: str) -> None:
    panel = ScriptedPanel(digits)
    sign = PanelSign(panel, 2)  # type: ignore[arg-type]
    sign.show(face)
    sign.light_up()
    sign.go_on()
    assert panel.shown == [shown, "8" * digits, shown]
