from pathlib import Path

import pytest

from appliance.config import loads
from provisioning.demo import keys
from provisioning.demo.scene import OFFICE_TOML


def test_each_key_has_its_action() -> None:
    assert keys.actions_in(b"1234") == [keys.TakeNumber(place) for place in (1, 2, 3, 4)]
    assert keys.actions_in(b"qwe") == [keys.Rate(1, level) for level in (1, 2, 3)]
    assert keys.actions_in(b"asd") == [keys.Rate(2, level) for level in (1, 2, 3)]
    assert keys.actions_in(b"crf") == [keys.CallNext(), keys.Recall(), keys.Evaluate()]
    assert keys.actions_in(b"ukp?") == [
        keys.TogglePanel(),
        keys.ToggleCenter(),
        keys.TogglePause(),
        keys.ToggleHelp(),
    ]
    assert keys.actions_in(b"x") == keys.actions_in(b"\x03") == [keys.Quit()]


def test_capitals_mean_the_same() -> None:
    assert keys.actions_in(b"QC") == keys.actions_in(b"qc")


@pytest.mark.parametrize(
    "data", [b"\x1b[A", b"\x1bOP", b"\x1b[15~", b"\x1ba", b"\x1b", b"z9\n", "ê".encode(), b"\xff"]
)
def test_arrows_function_keys_and_strangers_mean_nothing(data: bytes) -> None:
    assert keys.actions_in(data) == []


def test_keys_around_an_escape_sequence_count() -> None:
    assert keys.actions_in(b"1\x1b[A2") == [keys.TakeNumber(1), keys.TakeNumber(2)]


def test_hints_name_every_key_and_the_counters_of_the_settings(tmp_path: Path) -> None:
    text = OFFICE_TOML.format(
        device="d",
        site="s",
        data=tmp_path,
        center="http://127.0.0.1:1",
        thumbprint="A" * 43,
        address=5,
        unit=1,
        digits=6,
        keypads=tmp_path / "keypads",
        panels=tmp_path / "panels",
        socket="/run/motcua/office.sock",
    )
    hints = keys.hints(loads(text))
    named = "".join(hint.keys for hint in hints).replace("/", "").replace("1–4", "1234")
    assert sorted(named) == sorted(key for key in keys.KEYS if key != "\x03")
    assert any("Quầy 2" in hint.vi for hint in hints)
    assert all(hint.vi and hint.long_vi and hint.en for hint in hints)
