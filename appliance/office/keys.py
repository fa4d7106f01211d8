"""What the keys of a call keypad are called on the bench page, both ways."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from hardware.codecs.ff68 import Key, KeyPressed, OkDigit, Rated, RatingValue

KEYS: Final[Mapping[str, tuple[Key, int | None]]] = MappingProxyType(
    {
        "call": (Key.CALL, None),
        "recall": (Key.RECALL, None),
        "start": (Key.OK, None),
        "done": (Key.ASK_RATING, None),
        "no_show": (Key.OK, OkDigit.GIVE_UP),
        "hold": (Key.OK, OkDigit.HANG),
        "resume": (Key.OK, OkDigit.CALL_BACK),
        "pause": (Key.PAUSE, None),
        **{f"transfer.{digit}": (Key.TRANSFER, digit) for digit in range(1, 10)},
    }
)
"""By name: the key, and the digit that is typed before it."""

EVALUATOR: Final[Mapping[str, RatingValue]] = MappingProxyType(
    {str(value.value): value for value in RatingValue}
)
_NAMES: Final = {keyed: name for name, keyed in KEYS.items()}


def device_of(frame: KeyPressed | Rated, counter: str | None) -> str:
    """Return what the bench page calls a key; ``@5`` stands for an address that no counter has."""
    place = f"@{frame.addr}" if counter is None else counter
    if isinstance(frame, Rated):
        return f"evaluator:{place}:{frame.value}"
    return f"keypad:{place}:{_name_of(frame)}"


def _name_of(frame: KeyPressed) -> str:
    typed = int("".join(str(digit) for digit in frame.typed)) if frame.typed else None
    if frame.key == Key.OK and frame.digit is not None:
        typed = frame.digit
    for (key, digit), name in _NAMES.items():
        if (frame.key, typed) == (key, digit):
            return name
    return f"{frame.key:02x}" if typed is None else f"{frame.key:02x}.{typed}"
