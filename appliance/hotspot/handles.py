"""Handles: what the office knows devices by, drawn by lot and good for one start of the gate."""

from typing import Final

from appliance.clock import entropy

_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz234567"


def drawn() -> str:
    """Return a handle: 40 bits by lot."""
    number = int.from_bytes(entropy(5), "big")
    return "".join(_LETTERS[number >> shift & 31] for shift in range(0, 40, 5))
