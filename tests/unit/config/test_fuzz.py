"""Whatever the file says, it is either read or refused with a ConfigError."""

import tomllib
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from appliance.config import ConfigError, Settings, build, changed_keys, loads
from appliance.config.keys import known_keys
from appliance.config.schedule import check_cron
from appliance.office.rules import hall_rules, rating_rules

BASE = (Path(__file__).parent / "base.toml").read_text(encoding="utf-8")
NAMES = sorted({part.removesuffix("[]") for key in known_keys() for part in key.split(".")})

scalars = (
    st.text(max_size=12)
    | st.integers()
    | st.booleans()
    | st.floats()
    | st.dates()
    | st.datetimes()
    | st.times()
    | st.sampled_from(["ho-tich", "dat-dai", "keys", "leds", "none", "mock", "/dev/x", "07:30-11:30", "A"])
    | st.integers(-1, 300)
)
names = st.sampled_from(NAMES) | st.text(max_size=8)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=5),
    max_leaves=12,
)


def built(data: dict[str, Any]) -> Settings | ConfigError:
    try:
        return build(data)
    except ConfigError as error:
        return error


def build_or_refuse(data: dict[str, Any]) -> None:
    result = built(data)
    if isinstance(result, Settings):
        assert changed_keys(result, result) == []
        assert hall_rules(result).services or result.office.role != "office"
        assert rating_rules(result).levels == result.ratings.levels
        return
    assert result.problems
    lines = str(result).splitlines()
    assert len(lines) == len(result.problems) == len(result.vi().splitlines())
    assert all(line.isprintable() for line in lines)


@given(st.dictionaries(names, values, max_size=8))
def test_random_tables_are_read_or_refused(data: dict[str, Any]) -> None:
    build_or_refuse(data)


def places(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        found += [place for key, inner in value.items() for place in places(inner, (*path, key))]
    if isinstance(value, list):
        found += [place for key, inner in enumerate(value) for place in places(inner, (*path, key))]
    return found


PLACES = places(tomllib.loads(BASE))


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(PLACES), values), min_size=1, max_size=3))
def test_a_good_file_with_random_values_is_read_or_refused(
    edits: list[tuple[tuple[str | int, ...], object]],
) -> None:
    data = tomllib.loads(BASE)
    for path, value in edits:
        target: Any = data
        try:
            for step in path[:-1]:
                target = target[step]
            target[path[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue  # An earlier edit took the place away.
    build_or_refuse(data)


@given(st.text(max_size=200))
def test_random_text_is_read_or_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        loads(text)


@given(st.integers(0, len(BASE) - 1), st.text(max_size=3), st.integers(0, 20))
def test_a_good_file_with_a_torn_piece_is_read_or_refused(at: int, piece: str, cut: int) -> None:
    with suppress(ConfigError):
        loads(BASE[:at] + piece + BASE[at + cut :])


@given(st.lists(st.text("0123456789*/-,abcdefjlmnorstu", min_size=1, max_size=6), min_size=5, max_size=5))
def test_random_schedules_are_read_or_refused(fields: list[str]) -> None:
    with suppress(PydanticCustomError):
        assert check_cron(" ".join(fields)) == " ".join(fields)
