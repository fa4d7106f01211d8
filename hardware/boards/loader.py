"""Reads a board profile and refuses one that cannot be wired, naming the profile, the pin and the remedy.

Names are a contract with the application: ``rating.<counter>.<level>`` (level 5 or less, higher is better),
``issue.<n>``, ``thanks.<counter>``, ``buzzer``. Pins are BCM numbers of the 40-pin header.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypeVar

from hardware.errors import (
    BoardFieldError,
    BoardKeyUnknownError,
    BoardUnknownError,
    BoardUnreadableError,
    PinConflictError,
    PinNotOnHeaderError,
    PinPullFixedError,
)

PIS = ("pi3", "pi4", "zero2w")
BOARDS = (*PIS, "virt")
BUZZER = "buzzer"

# BCM number -> place on the header. 0 and 1 are there too but belong to the identity chip of add-on boards.
HEADER: Mapping[int, int] = MappingProxyType(
    {
        2: 3, 3: 5, 4: 7, 5: 29, 6: 31, 7: 26, 8: 24, 9: 21, 10: 19, 11: 23, 12: 32, 13: 33, 14: 8, 15: 10,
        16: 36, 17: 11, 18: 12, 19: 35, 20: 38, 21: 40, 22: 15, 23: 16, 24: 18, 25: 22, 26: 37, 27: 13,
    }
)  # fmt: skip
FIXED_PULL_UP = (2, 3)  # 1.8 kilo-ohm to 3.3 V on every model, for I2C

Level = Literal["low", "high"]
Pull = Literal["up", "down", "none"]

_T = TypeVar("_T")
_LEVELS: tuple[Level, ...] = ("low", "high")
_PULLS: tuple[Pull, ...] = ("up", "down", "none")
# What a held button reads: it connects the pin to the rail opposite to the pull.
_IMPLIED: Mapping[Pull, Level | None] = MappingProxyType({"up": "low", "down": "high", "none": None})
_TOP_KEYS = ("name", "model", "buttons", "lamps", "buzzer", "uarts", "reserved")
_BUTTON_NAME = re.compile(r"rating\.[1-9][0-9]?\.[1-5]|issue\.[1-9][0-9]?")
_LAMP_NAME = re.compile(r"thanks\.[1-9][0-9]?")


@dataclass(frozen=True, slots=True)
class ButtonPin:
    """A button's pin.

    Args:
        pin: BCM number.
        pull: the internal resistor; ``none`` when the wiring brings its own.
        active: the level while the button is held: ``low`` with pull up, ``high`` with pull down.
    """

    pin: int
    pull: Pull
    active: Level


@dataclass(frozen=True, slots=True)
class OutputPin:
    """A lamp's or a buzzer's pin (BCM number) and the level that switches it on."""

    pin: int
    active: Level


@dataclass(frozen=True, slots=True)
class Uart:
    """A serial port of the board and the header pins it occupies (transmit, receive)."""

    device: str
    pins: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class BoardProfile:
    """One board, checked; the mappings cannot be changed.

    Args:
        name: the profile's short name, such as ``pi4``.
        model: the models it fits, for people.
        buttons: by name, such as ``rating.1.3`` or ``issue.2``.
        lamps: by name, such as ``thanks.1``.
        buzzer: None when there is none.
        uarts: by name, such as ``header``.
        reserved: pins kept for something else, by what keeps them.
    """

    name: str
    model: str
    buttons: Mapping[str, ButtonPin]
    lamps: Mapping[str, OutputPin]
    buzzer: OutputPin | None
    uarts: Mapping[str, Uart]
    reserved: Mapping[str, tuple[int, ...]]

    def users(self) -> list[tuple[int, str]]:
        """Return (pin, user) for every pin in use, in the order of the profile."""
        users = [(button.pin, name) for name, button in self.buttons.items()]
        users += [(lamp.pin, name) for name, lamp in self.lamps.items()]
        users += [(self.buzzer.pin, BUZZER)] if self.buzzer else []
        users += [(pin, f"uart {name}") for name, uart in self.uarts.items() for pin in uart.pins]
        users += [(pin, name) for name, pins in self.reserved.items() for pin in pins]
        return users


def load_board(name: str) -> BoardProfile:
    """Return a shipped profile: that of a Pi, or of QEMU's ``virt`` machine.

    Raises:
        BoardUnknownError: there is no such profile.
    """
    if name not in BOARDS:
        raise BoardUnknownError(value=name, known=", ".join(BOARDS))
    text = resources.files("hardware.boards").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return _Reader(name).profile(tomllib.loads(text))


def load_board_file(path: Path) -> BoardProfile:
    """Return the profile in the TOML file ``path``.

    Raises:
        BoardUnreadableError: the file is absent or is not TOML.
        BoardError: the profile is wrong; the subclass and its fields tell what.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:  # TOMLDecodeError and UnicodeDecodeError are ValueErrors
        raise BoardUnreadableError(profile=str(path), reason=str(error)) from error
    return _Reader(path.stem).profile(table)


class _Reader:
    """Turns the parsed TOML of one profile into a ``BoardProfile``."""

    def __init__(self, profile: str) -> None:
        self._profile = profile

    def profile(self, table: dict[str, Any]) -> BoardProfile:
        self._only_keys("the profile", table, _TOP_KEYS)
        profile = BoardProfile(
            name=self._text("name", table.get("name")),
            model=self._text("model", table.get("model")),
            buttons=MappingProxyType(
                {name: self._button(name, entry) for name, entry in self._table(table, "buttons").items()}
            ),
            lamps=MappingProxyType(
                {name: self._lamp(name, entry) for name, entry in self._table(table, "lamps").items()}
            ),
            buzzer=self._output(BUZZER, table[BUZZER]) if BUZZER in table else None,
            uarts=MappingProxyType(
                {name: self._uart(name, entry) for name, entry in self._table(table, "uarts").items()}
            ),
            reserved=MappingProxyType(
                {
                    name: self._pins(f"reserved.{name}", pins)
                    for name, pins in self._table(table, "reserved").items()
                }
            ),
        )
        self._check_pins(profile)
        return profile

    def _button(self, name: str, entry: object) -> ButtonPin:
        if not _BUTTON_NAME.fullmatch(name):
            known = "rating.<counter>.<level 1-5> or issue.<n>"
            raise BoardKeyUnknownError(profile=self._profile, table="buttons", value=name, known=known)
        table = self._entry(f"buttons.{name}", entry, ("pin", "pull", "active"))
        pull = self._choice(f"buttons.{name}.pull", table.get("pull", "up"), _PULLS)
        implied = _IMPLIED[pull]
        active = self._choice(f"buttons.{name}.active", table.get("active", implied), _LEVELS)
        if implied is not None and active != implied:
            remedy = (
                f"with pull = {pull!r} a held button reads {implied}; leave active out, or use pull = 'none'"
            )
            raise BoardFieldError(
                profile=self._profile, field=f"buttons.{name}.active", value=active, remedy=remedy
            )
        pin = self._pin(name, table.get("pin"))
        if pin in FIXED_PULL_UP and pull != "up":
            raise PinPullFixedError(profile=self._profile, user=name, pull=pull, pin=pin)
        return ButtonPin(pin, pull, active)

    def _lamp(self, name: str, entry: object) -> OutputPin:
        if not _LAMP_NAME.fullmatch(name):
            raise BoardKeyUnknownError(
                profile=self._profile, table="lamps", value=name, known="thanks.<counter>"
            )
        return self._output(f"lamps.{name}", entry)

    def _output(self, where: str, entry: object) -> OutputPin:
        table = self._entry(where, entry, ("pin", "active"))
        active = self._choice(f"{where}.active", table.get("active", "high"), _LEVELS)
        pin = self._pin(where.removeprefix("lamps."), table.get("pin"))
        return OutputPin(pin, active)

    def _uart(self, name: str, entry: object) -> Uart:
        table = self._entry(f"uarts.{name}", entry, ("device", "pins"))
        device = self._text(f"uarts.{name}.device", table.get("device"))
        return Uart(device, self._pins(f"uart {name}", table.get("pins", [])))

    def _pins(self, user: str, pins: object) -> tuple[int, ...]:
        if not isinstance(pins, list):
            raise BoardFieldError(
                profile=self._profile,
                field=user,
                value=pins,
                remedy="write a list of BCM numbers such as [14, 15]",
            )
        return tuple(self._pin(user, pin) for pin in pins)

    def _pin(self, user: str, pin: object) -> int:
        if not isinstance(pin, int) or isinstance(pin, bool):
            raise BoardFieldError(
                profile=self._profile,
                field=f"pin of {user}",
                value=pin,
                remedy="write a BCM number such as 17",
            )
        if pin not in HEADER:
            raise PinNotOnHeaderError(profile=self._profile, user=user, pin=pin)
        return pin

    def _check_pins(self, profile: BoardProfile) -> None:
        taken: dict[int, str] = {}
        for pin, user in profile.users():
            if pin in taken:
                used = {pin for pin, _ in profile.users()}
                free = ", ".join(str(pin) for pin in HEADER if pin not in used and pin not in FIXED_PULL_UP)
                raise PinConflictError(
                    profile=self._profile, pin=pin, first=taken[pin], second=user, free=free or "none is left"
                )
            taken[pin] = user

    def _table(self, table: dict[str, Any], key: str) -> dict[str, object]:
        entry = table.get(key, {})
        if not isinstance(entry, dict):
            raise BoardFieldError(
                profile=self._profile, field=key, value=entry, remedy=f"write a table [{key}]"
            )
        return entry

    def _entry(self, where: str, entry: object, known: tuple[str, ...]) -> dict[str, object]:
        if not isinstance(entry, dict):
            raise BoardFieldError(
                profile=self._profile,
                field=where,
                value=entry,
                remedy=f"write a table with {', '.join(known)}",
            )
        self._only_keys(where, entry, known)
        return entry

    def _only_keys(self, where: str, table: dict[str, Any], known: tuple[str, ...]) -> None:
        for key in table:
            if key not in known:
                close = get_close_matches(key, known, n=1)
                hint = f"{close[0]!r}" if close else f"one of {', '.join(known)}"
                raise BoardKeyUnknownError(profile=self._profile, table=where, value=key, known=hint)

    def _text(self, field: str, value: object) -> str:
        if not isinstance(value, str) or not value:
            raise BoardFieldError(
                profile=self._profile, field=field, value=value, remedy="write a text in quotes"
            )
        return value

    def _choice(self, field: str, value: object, known: tuple[_T, ...]) -> _T:
        for choice in known:
            if value == choice:
                return choice
        remedy = f"write one of {', '.join(map(str, known))}"
        raise BoardFieldError(profile=self._profile, field=field, value=value, remedy=remedy)
