"""The names of a keypad's keys, there and back."""

import pytest

from appliance.office.keys import EVALUATOR, KEYS, device_of
from hardware.codecs.ff68 import Key, KeyPressed, Rated


@pytest.mark.parametrize("name", KEYS)
def test_every_key_is_recognized_by_its_frame(name: str) -> None:
    key, digit = KEYS[name]
    frame = KeyPressed(5, key, b"" if digit is None else bytes((digit,)))
    assert device_of(frame, "q1") == f"keypad:q1:{name}"


@pytest.mark.parametrize("value", EVALUATOR)
def test_every_key_of_the_evaluator_is_recognized(value: str) -> None:
    assert device_of(Rated(5, EVALUATOR[value]), "q1") == f"evaluator:q1:{value}"


def test_unknown_keys_and_addresses_are_named_by_their_numbers() -> None:
    assert device_of(KeyPressed(7, Key.ONE_METER_LINE), None) == "keypad:@7:11"
    assert device_of(KeyPressed(7, Key.CANCEL, b"\x02"), "q1") == "keypad:q1:0e.2"
    assert device_of(KeyPressed(7, Key.TRANSFER, b"\x01\x02"), "q1") == "keypad:q1:13.12"
