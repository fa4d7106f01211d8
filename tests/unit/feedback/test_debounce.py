from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.feedback.debounce import KeyFreed, KeyPressed, KeyStuck, due, edge, watch
from appliance.feedback.rules import RatingRules

RULES = RatingRules()


def presses(edges: list[tuple[int, bool]], rules: RatingRules = RULES) -> list[KeyPressed]:
    """Return the presses of ``(ms, is_down)`` edges on a key found up."""
    key, stuck = watch(is_down=False, at_ms=0, rules=rules)
    assert stuck is None
    found = []
    for at_ms, is_down in edges:
        key, press = edge(key, is_down=is_down, at_ms=at_ms, rules=rules)
        if press is not None:
            found.append(press)
    return found


def test_press_is_reported_at_its_leading_edge() -> None:
    assert presses([(1000, True)]) == [KeyPressed(1000, is_suspect=False)]


@pytest.mark.parametrize(
    ("edges", "times"),
    [
        ([(0, True)], [0]),
        ([(10, True), (12, False), (14, True), (20, False), (23, True), (300, False)], [10]),
        ([(10, True), (300, False), (303, True), (305, False)], [10]),
        ([(10, True), (100, False), (149, True), (300, False)], [10]),
        ([(10, True), (100, False), (150, True), (300, False)], [10, 150]),
        ([(10, True), (100, True), (200, True)], [10]),
        ([(10, False), (30, True)], [30]),
        ([(10, True), (15, False)], [10]),
        ([(100, True), (200, False), (90, True)], [100]),
    ],
    ids=[
        "at once", "bounce", "bounce at release", "too soon", "again", "lost releases", "release first",
        "short", "a time that goes back",
    ],
)  # fmt: skip
def test_edges_to_presses(edges: list[tuple[int, bool]], times: list[int]) -> None:
    assert [press.at_ms for press in presses(edges)] == times


@given(st.lists(st.tuples(st.integers(0, 120), st.booleans()), max_size=60), st.sampled_from([0, 20, 50]))
def test_presses_are_the_falls_after_a_rest(steps: list[Any], debounce_ms: int) -> None:
    at_ms, edges = 0, []
    for gap, is_down in steps:
        at_ms += gap
        edges.append((at_ms, is_down))
    expected, level, since = [], False, -1000
    for when, is_down in edges:
        if is_down and not level and when - since >= debounce_ms:
            expected.append(when)
        if is_down != level:
            level, since = is_down, when
    rules = RatingRules(debounce_ms=debounce_ms)
    assert [press.at_ms for press in presses(edges, rules)] == expected


def test_held_key_is_stuck_once_and_freed_once() -> None:
    key, _ = watch(is_down=False, at_ms=0, rules=RULES)
    key, _ = edge(key, is_down=True, at_ms=1000, rules=RULES)
    assert due(key, 10_999, RULES) == (key, None)
    key, report = due(key, 11_000, RULES)
    assert report == KeyStuck(1000)
    assert due(key, 60_000, RULES) == (key, None)
    key, press = edge(key, is_down=False, at_ms=70_000, rules=RULES)
    assert press is None
    assert due(key, 79_999, RULES) == (key, None)
    key, report = due(key, 80_000, RULES)
    assert report == KeyFreed(70_000)
    assert due(key, 90_000, RULES) == (key, None)


def test_chatter_does_not_hide_a_stuck_key() -> None:
    key, _ = watch(is_down=False, at_ms=0, rules=RULES)
    key, _ = edge(key, is_down=True, at_ms=0, rules=RULES)
    for at_ms in range(3000, 12_000, 3000):
        key, _ = edge(key, is_down=False, at_ms=at_ms, rules=RULES)
        key, press = edge(key, is_down=True, at_ms=at_ms + 5, rules=RULES)
        assert press is None
    assert due(key, 12_000, RULES)[1] == KeyStuck(0)


def test_key_that_is_down_at_the_start_is_stuck_and_no_press() -> None:
    key, report = watch(is_down=True, at_ms=500, rules=RULES)
    assert report == KeyStuck(500)
    assert due(key, 60_000, RULES) == (key, None)
    key, press = edge(key, is_down=True, at_ms=600, rules=RULES)
    assert press is None


def test_presses_of_a_suspect_key_are_reported_as_such() -> None:
    key, _ = watch(is_down=True, at_ms=0, rules=RULES)
    key, _ = edge(key, is_down=False, at_ms=1000, rules=RULES)
    key, press = edge(key, is_down=True, at_ms=1100, rules=RULES)
    assert press == KeyPressed(1100, is_suspect=True)
    key, _ = edge(key, is_down=False, at_ms=1200, rules=RULES)
    key, _ = due(key, 11_200, RULES)
    key, press = edge(key, is_down=True, at_ms=11_300, rules=RULES)
    assert press == KeyPressed(11_300, is_suspect=False)
