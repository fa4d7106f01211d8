"""The messages between the units: what is agreed passes, everything else is refused, all has a size."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from appliance.queueing import tokens as queueing_tokens
from appliance.sockets import door
from appliance.sockets.errors import BadLineError
from appliance.sockets.known import MOST_BYTES, Choice, Known, Rung
from appliance.sockets.lines import MOST_LINE
from appliance.sockets.tokens import EXAMPLE, is_token

LONG = "ế" * 120
NAMED = door.Named(vi="Hộ tịch", en="Civil status")
VIEW = door.View(
    label="A012", service=NAMED, state="WAITING", counter=None, ahead=3, low_ms=600_000, high_ms=900_000,
    counters_open=1, calls=0, since_ms=1_000, can_leave=True, can_rate=False, rated=False, correct_ms=0,
    can_reason=False,
)  # fmt: skip
ASKED = (
    door.Hello(),
    door.LookAt(id=1, tokens=[EXAMPLE, "B1-" + "_" * 16]),
    door.Leave(id=2, token=EXAMPLE, request="r1"),
    door.Rate(id=3, token=EXAMPLE, level=5, request="r2"),
    door.Reason(id=4, token=EXAMPLE, reason="cho-lau", request="r3"),
    door.Watch(),
)
TOLD = (
    door.Hello(),
    door.Seen(id=1, views=[VIEW, None], is_last=True),
    door.Done(id=2, view=VIEW),
    door.Refused(id=3, key="rating.closed", en="no", vi="không", is_transient=False),
    door.Changed(mark="01JDQ:7"),
    door.Beat(),
)


@pytest.mark.parametrize("message", ASKED)
def test_a_question_comes_back_from_its_line(message):
    assert door.asked(message.line()) == message


@pytest.mark.parametrize("message", TOLD)
def test_an_answer_comes_back_from_its_line(message):
    assert door.told(message.line()) == message


@pytest.mark.parametrize("message", [*ASKED, *TOLD])
def test_a_line_is_one_line_of_utf8(message):
    assert message.line().count(b"\n") == 1
    assert message.line().endswith(b"\n")


@given(st.binary(max_size=300))
def test_whatever_comes_is_a_message_or_refused(line):
    for read in (door.asked, door.told):
        with pytest.raises(BadLineError):
            read(line)


@given(st.sampled_from(ASKED), st.text(min_size=1, max_size=8), st.integers() | st.text() | st.none())
def test_a_member_more_is_one_too_many(message, name, value):
    members = json.loads(message.line())
    line = json.dumps({**members, name + "_": value}).encode()
    with pytest.raises(BadLineError):
        door.asked(line)


@pytest.mark.parametrize(
    "changed",
    [
        {"level": 0},
        {"level": 6},
        {"level": True},
        {"level": "3"},
        {"level": None},
        {"token": "A012-" + "x" * 16},
        {"token": EXAMPLE + "\n"},
        {"token": EXAMPLE.lower()},
        {"request": ""},
        {"request": "r" * 65},
        {"request": "a b"},
        {"id": -1},
        {"id": 2**40},
        {"op": "issue"},
    ],
)
def test_a_wrong_member_makes_it_no_message(changed):
    members = {**json.loads(ASKED[3].line()), **changed}
    with pytest.raises(BadLineError):
        door.asked(json.dumps(members).encode())


def test_too_many_tokens_are_refused():
    members = {"op": "look", "id": 1, "tokens": [EXAMPLE] * (door.MOST_TOKENS + 1)}
    with pytest.raises(BadLineError):
        door.asked(json.dumps(members).encode())


def test_a_line_has_a_size():
    with pytest.raises(BadLineError, match="longer than 16384 bytes"):
        door.asked(b" " * MOST_LINE + ASKED[0].line())


def test_the_longest_names_fit_a_line():
    longest = VIEW.model_copy(
        update={
            "label": "ZZZ999999999",
            "service": door.Named(vi=LONG, en=LONG),
            "counter": door.Named(vi=LONG[:40], en=LONG[:40]),
            "since_ms": 10**12,
        }
    )
    assert len(door.Seen(id=2**31, views=[longest] * door.VIEWS_A_LINE, is_last=True).line()) <= MOST_LINE
    assert len(ASKED[1].line()) <= MOST_LINE
    tokens = ["ZZZ999999999-" + "x" * 16] * door.MOST_TOKENS
    assert len(door.LookAt(id=2**31, tokens=tokens).line()) <= MOST_LINE


def test_a_view_names_no_key_officer_or_level():
    assert set(door.View.model_fields) == {
        "label", "service", "state", "counter", "ahead", "low_ms", "high_ms", "counters_open", "calls",
        "since_ms", "can_leave", "can_rate", "rated", "correct_ms", "can_reason",
    }  # fmt: skip


@given(st.from_regex(queueing_tokens.FORM) | st.text(max_size=40) | st.just(EXAMPLE))
def test_both_ends_agree_on_what_a_token_looks_like(text):
    assert is_token(text) == (queueing_tokens.FORM.match(text) is not None)


def test_a_real_token_looks_like_one():
    token = queueing_tokens.token_of(b"s" * 32, "2026-11-23/A/12")
    assert is_token(token)
    assert door.LookAt(id=1, tokens=[token])


def test_the_notice_holds_the_largest_office():
    name = door.Named(vi=LONG, en=LONG)
    known = Known(
        office=name,
        levels=(Rung(name=name, color="#c62828"),) * 5,
        reasons=(Choice(key="k" * 32, name=name),) * 12,
        services=(Choice(key="k" * 32, name=name),) * 26,
        correction_s=60,
    )
    assert Known.of_file(known.line()) == known
    assert len(known.line()) < MOST_BYTES


@pytest.mark.parametrize("content", [b"", b"{", b"{}", b"x" * (MOST_BYTES + 1)])
def test_a_notice_that_is_none_is_refused(content):
    with pytest.raises(BadLineError):
        Known.of_file(content)


def test_messages_cannot_be_changed():
    with pytest.raises(ValidationError):
        VIEW.calls = 3
