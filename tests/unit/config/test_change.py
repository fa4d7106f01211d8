from pathlib import Path

import pytest
from pydantic import ValidationError

from appliance.config import changed_keys, example, loads
from appliance.config.settings import MAX_CHANGED_KEYS
from appliance.wire.kinds import check_data

BASE = (Path(__file__).parent / "base.toml").read_text(encoding="utf-8")


def changed(old: str, new: str) -> list[str]:
    assert old in BASE
    return changed_keys(loads(BASE), loads(BASE.replace(old, new)))


def test_nothing_changes_when_only_the_text_does() -> None:
    assert changed("[hall]\n", "# a comment\n[hall]\nratio = 2\n") == []


def test_a_changed_setting_is_named() -> None:
    assert changed("min_service_s = 45", "min_service_s = 60") == ["hall.min_service_s"]


def test_an_entry_is_named_by_its_id_and_not_by_its_place() -> None:
    assert changed("unit = 2", "unit = 3") == ["counters.quay-2.panel.unit"]


def test_a_renamed_entry_changes_the_list_and_the_entries() -> None:
    found = changed('id = "quay-2"', 'id = "quay-9"')

    assert "counters" in found
    assert "counters.quay-2.services" in found
    assert "counters.quay-9.services" in found


def test_an_optional_table_that_goes_away_is_named() -> None:
    assert changed('panel = { bus = "leds", unit = 2 }\n', "") == [
        "counters.quay-2.panel.bus",
        "counters.quay-2.panel.digits",
        "counters.quay-2.panel.unit",
    ]


def test_an_issue_button_is_named() -> None:
    assert changed('board = "pi4"', 'board = "pi4"\nissue_buttons = { "issue.1" = "dat-dai" }') == [
        "hardware.issue_buttons.issue.1"
    ]


def test_without_earlier_settings_the_tables_are_named_and_the_event_takes_them() -> None:
    settings = loads(example())
    keys = changed_keys(None, settings)

    assert len(keys) <= MAX_CHANGED_KEYS
    assert "office" in keys
    check_data("config.applied", {"sha256": settings.sha256, "keys": keys})


def test_settings_are_frozen_through_and_through() -> None:
    settings = loads(example())

    with pytest.raises(ValidationError):
        settings.hall.ratio = 9
    with pytest.raises(TypeError):
        settings.hardware.issue_buttons["issue.1"] = "dat-dai"  # type: ignore[index]


def test_settings_can_be_dumped_as_json() -> None:
    dumped = loads(example()).model_dump(mode="json")

    assert dumped["hall"]["hours"]["mon"] == "07:30-11:30, 13:30-17:00"
    assert dumped["hardware"]["issue_buttons"]["issue.1"] == "ho-tich"
