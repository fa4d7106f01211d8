import itertools
import re
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire_forge import DOCS, LINES, golden, refused

from appliance.wire.errors import BadEventError
from appliance.wire.kinds import KINDS, check_data

EXAMPLES: list[tuple[str, dict[str, Any]]] = [
    (event["kind"], event["data"]) for event in map(orjson.loads, LINES)
]
WRONG: tuple[Any, ...] = (True, False, -1, 1.5, "", "\x00" * 300, [[]], [None], {"rule": 1})
FORBIDDEN = re.compile(r"name|citizen|cccd|dossier|phone|mac|ip|url|address|birth", re.IGNORECASE)


def by_kind(kind: str) -> dict[str, Any]:
    return next(dict(data) for name, data in EXAMPLES if name == kind)


def table_of_wire_page() -> dict[str, str]:
    rows = re.findall(
        r"^\| (`.*?) \| (.*) \|$", (DOCS / "wire.md").read_text().split("## Kinds")[1], re.MULTILINE
    )
    return {kind: words for kinds, words in rows for kind in re.findall(r"`([a-z_.]+)`", kinds)}


def test_the_page_of_kinds_is_current() -> None:
    assert (DOCS / "kinds.md").read_bytes() == golden.kinds_page()


def test_exactly_the_kinds_of_the_wire_page_have_a_schema() -> None:
    assert table_of_wire_page().keys() == KINDS.keys()


# Optional keys may be added within wire 1; docs/wire.md names them below its table.
ADDED = {"ticket.returned": {"ahead"}, "ticket.transferred": {"ahead"}}


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_has_exactly_the_members_of_the_wire_page(kind: str) -> None:
    words = table_of_wire_page()[kind].split("; ")[0]
    without_remarks = re.sub(r"\(.*?\)", "", words)
    members = {word.strip() for word in re.split(r",| or ", without_remarks)} - {"null"}
    if kind == "hotspot.usage":
        members.add("suppressed")
    known = KINDS[kind].required.keys() | KINDS[kind].optional.keys()
    assert known == members | {"request"} | ADDED.get(kind, set())


@pytest.mark.parametrize("kind", KINDS)
def test_closed_lists_hold_every_word_of_the_wire_page(kind: str) -> None:
    if kind == "sensor.sampled":  # its list is open: the page ends it with an ellipsis
        return
    for member, words in re.findall(r"(\w+) \(((?:`\w+`(?:, )?)+)[^)]*\)", table_of_wire_page()[kind]):
        value = {**KINDS[kind].required, **KINDS[kind].optional}[member]
        for word in re.findall(r"`(\w+)`", words):
            assert value.accepts(word) or value.accepts([word])


def test_every_kind_has_an_example() -> None:
    assert {kind for kind, _ in EXAMPLES} == KINDS.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_has_room_for_personal_data(kind: str) -> None:
    schema = KINDS[kind]
    assert not [key for key in {**schema.required, **schema.optional} if FORBIDDEN.fullmatch(key)]


@pytest.mark.parametrize(("kind", "data"), EXAMPLES)
def test_names_the_member_that_is_missing(kind: str, data: dict[str, Any]) -> None:
    for key in KINDS[kind].required:
        with refused(f"data.{key}"):
            check_data(kind, {name: value for name, value in data.items() if name != key})


def _is_fine(key: str, value: object) -> bool:
    # The only number that may be negative, the only open object, the texts that may be empty.
    if key in {"subject", "reason", "by", "role"} and value == "":
        return True
    return (key == "milli" and type(value) is int) or (key == "carries" and isinstance(value, dict))


@pytest.mark.parametrize(("kind", "data"), EXAMPLES)
def test_names_the_member_of_a_wrong_type(kind: str, data: dict[str, Any]) -> None:
    for key, wrong in itertools.product(KINDS[kind].required, WRONG):
        if not _is_fine(key, wrong) or (wrong == "" and not KINDS[kind].required[key].accepts("")):
            with refused(f"data.{key}"):
                check_data(kind, {**data, key: wrong})


@pytest.mark.parametrize(("kind", "data"), EXAMPLES)
def test_null_only_where_the_page_of_kinds_says_so(kind: str, data: dict[str, Any]) -> None:
    for key, value in KINDS[kind].required.items():
        if value.words.endswith(", or null"):
            check_data(kind, {**data, key: None})
        else:
            with refused(f"data.{key}"):
                check_data(kind, {**data, key: None})


@pytest.mark.parametrize(("kind", "data"), EXAMPLES)
def test_request_is_optional_everywhere_and_checked(kind: str, data: dict[str, Any]) -> None:
    check_data(kind, {**data, "request": "0193:5f2c.a-b_C"})
    for wrong in (None, "", "x" * 65, "a b", "á", 5):
        with refused("data.request"):
            check_data(kind, {**data, "request": wrong})


@pytest.mark.parametrize(
    "ticket",
    [
        "2026-11-23/A/0",
        "2026-11-23/A/012",
        "2026-11-23/A/-1",
        "2026-11-23/A/",
        "2026-11-23//1",
        "2026-11-23/A/1/2",
        "2026-11-23/A B/1",
        "2026-11-23/A/1\n",
        "2026-02-30/A/1",
        "2026-11-31/A/1",
        "2026-00-10/A/1",
        "0000-01-01/A/1",
        "26-11-23/A/1",
        "2026-11-23/Đ/1",
        "2026-11-23/A/\u0661",
        "２０２６-11-23/A/1",
        "2026-11-23/A/1234567890",
        "20261123/A/1",
        "2026-W48-1/A/1",
    ],
)
def test_what_is_no_ticket(ticket: str) -> None:
    with refused("data.ticket"):
        check_data("ticket.printed", {"ticket": ticket, "result": "ok", "copy": 0})


@pytest.mark.parametrize(
    "day", ["2026-02-29", "2026-13-01", "20261123", "2026-1-2", "\u0662026-11-23", "2026-11-23 "]
)
def test_what_is_no_day(day: str) -> None:
    with refused("data.day"):
        check_data("day.opened", {"day": day, "source": "clock", "carries": {}})


@pytest.mark.parametrize(
    "hour", ["2026-11-23T24", "2026-11-23", "2026-11-23T8", "2026-11-31T08", "2026-11-23t08"]
)
def test_what_is_no_hour(hour: str) -> None:
    with refused("data.hour"):
        check_data("hotspot.usage", {"hour": hour, "suppressed": True})


@pytest.mark.parametrize("at", ["9999-99-99T99:99:99.000000Z", "2026-11-23T00:00:00Z", "", None, 5])
def test_what_is_no_instant(at: object) -> None:
    good = {"was": "2026-11-23T00:30:00.000000Z", "now": "2026-11-23T00:30:00.000000Z", "source": "rtc"}
    check_data("clock.stepped", good)
    for key in ("was", "now"):
        with refused(f"data.{key}"):
            check_data("clock.stepped", {**good, key: at})


@given(st.integers(-1, 7), st.integers(-1, 7))
def test_a_level_is_within_its_levels(level: int, levels: int) -> None:
    data = {**by_kind("rating.given"), "level": level, "levels": levels}
    if 2 <= levels <= 5 and 1 <= level <= levels:
        check_data("rating.given", data)
    else:
        with pytest.raises(BadEventError, match=r"data\.levels?:"):
            check_data("rating.given", data)


def test_a_rating_is_flagged_with_known_flags_and_corrects_an_event() -> None:
    for flags in ([], ["unbound"], ["repeat", "burst", "stuck"]):
        check_data("rating.given", {**by_kind("rating.given"), "flags": flags, "corrects": 1})
    for member, wrong in (("flags", ["late"]), ("flags", "burst"), ("corrects", 0), ("corrects", "1")):
        with refused(f"data.{member}"):
            check_data("rating.given", {**by_kind("rating.given"), member: wrong})


def test_a_transfer_has_one_target() -> None:
    source = {"ticket": "2026-11-23/B/3", "counter": "quay-2", "officer": None}
    check_data("ticket.transferred", {**source, "to_counter": "quay-3"})
    check_data("ticket.transferred", {**source, "to_service": "dat-dai"})
    both = {"to_service": "dat-dai", "to_counter": "quay-3"}
    for wrong in ({}, both, {"to_service": None}, {"to_service": "dat-dai", "to_counter": None}):
        with pytest.raises(BadEventError, match=r"data\.to_"):
            check_data("ticket.transferred", {**source, **wrong})


def test_a_reason_or_stage_is_one_of_its_list() -> None:
    served = by_kind("ticket.served")
    with refused("data.stage"):
        check_data("ticket.served", {**served, "stage": "later"})
    with refused("data.reason"):
        check_data("ticket.served", {**served, "reason": "left"})
    del served["stage"]
    check_data("ticket.served", served)


def test_why_needs_its_three_members_and_may_have_more() -> None:
    called = by_kind("ticket.called")
    check_data("ticket.called", {**called, "why": {**called["why"], "seed": 5}})
    for key in ("rule", "ahead", "skipped"):
        with refused("data.why"):
            why = {name: value for name, value in called["why"].items() if name != key}
            check_data("ticket.called", {**called, "why": why})


@pytest.mark.parametrize("sessions", range(7))
def test_a_small_hour_leaves_the_box_only_as_suppressed(sessions: int) -> None:
    usage = {**by_kind("hotspot.usage"), "sessions": sessions}
    if sessions >= 5:
        check_data("hotspot.usage", usage)
    else:
        with refused("data.sessions"):
            check_data("hotspot.usage", usage)


@pytest.mark.parametrize("count", ["sessions", "peak_clients", "refused", "bytes_down", "bytes_up"])
def test_hourly_counts_come_all_or_suppressed(count: str) -> None:
    hour = {"hour": "2026-11-23T08"}
    with refused(f"data.{count}"):
        check_data("hotspot.usage", {**hour, "suppressed": True, count: 17})
    usage = by_kind("hotspot.usage")
    del usage[count]
    with refused(f"data.{count}"):
        check_data("hotspot.usage", usage)
    with refused("data.suppressed"):
        check_data("hotspot.usage", {**hour, "suppressed": False})


def test_a_sensor_may_be_below_zero() -> None:
    sample = {"sensor": "ngoai-troi", "quantity": "temperature_c"}
    check_data("sensor.sampled", {**sample, "milli": -(2**53) + 1})
    with refused("data.milli"):
        check_data("sensor.sampled", {**sample, "milli": -(2**53)})


@given(st.sampled_from(EXAMPLES), st.data())
def test_data_of_any_json_is_accepted_or_refused_by_name(
    example: tuple[str, dict[str, Any]], data: st.DataObject
) -> None:
    kind, good = example
    json = st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["rule", "a"]), inner),
        max_leaves=4,
    )
    members = data.draw(st.dictionaries(st.sampled_from([*good, "request", "stage", "suppressed"]), json))
    try:
        check_data(kind, {**good, **members})
    except BadEventError as error:
        assert str(error.fields["field"]).startswith("data.")  # noqa: PT017 - both ways are right
