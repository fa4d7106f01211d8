from collections.abc import Mapping

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sim_uplink import DEVICE, fresh_epoch

from appliance.uplink.answers import (
    Admitted,
    Busy,
    ClaimRefused,
    ClaimUsed,
    Damaged,
    Fork,
    Gap,
    KeyRefused,
    Reply,
    SetAside,
    Stored,
    TooLarge,
    Unclear,
    Waiting,
    batch_answer,
    enrol_answer,
    evidence_answer,
    retry_after_s,
)
from appliance.wire.batch import Header
from appliance.wire.problems import MEDIA_TYPE, Problem, ProblemType

HEADER = Header(DEVICE, fresh_epoch(), 3, 5, "a" * 64, "b" * 64, "2026-11-23T08:00:00.000000Z", "0.1.0")
PORTAL = b"<html>Welcome to our hotel</html>"


def problem(kind: ProblemType, *, receipt: str | None = None, **members: object) -> Reply:
    document = Problem(kind, "because", receipt, members)
    return Reply(document.status, {"content-type": MEDIA_TYPE}, orjson.dumps(document.to_json()))


def html(status: int, **fields: str) -> Reply:
    return Reply(status, {"content-type": "text/html; charset=utf-8", **fields}, PORTAL)


def test_a_receipt_is_an_answer() -> None:
    reply = Reply(200, {"content-type": "application/jose; charset=us-ascii"}, b"a.b.c\n")
    assert batch_answer(reply) == Stored("a.b.c")


def test_a_gap_and_a_fork_carry_their_receipt() -> None:
    assert batch_answer(problem(ProblemType.GAP, receipt="a.b.c")) == Gap("a.b.c")
    assert batch_answer(problem(ProblemType.FORK, receipt="a.b.c")) == Fork("a.b.c")


def test_a_conflict_without_a_receipt_is_unclear() -> None:
    assert isinstance(batch_answer(problem(ProblemType.GAP)), Unclear)


@pytest.mark.parametrize("kind", [ProblemType.UNKNOWN_KEY, ProblemType.BAD_SIGNATURE])
def test_a_refused_key_is_an_answer(kind: ProblemType) -> None:
    assert batch_answer(problem(kind)) == KeyRefused(kind, "because")


@pytest.mark.parametrize("kind", [ProblemType.BAD_DIGEST, ProblemType.MALFORMED, ProblemType.BAD_EVENT])
def test_damage_is_an_answer_and_may_name_the_line(kind: ProblemType) -> None:
    assert batch_answer(problem(kind)) == Damaged(kind, "because", None)
    assert batch_answer(problem(kind, line=7)) == Damaged(kind, "because", 7)
    assert batch_answer(problem(kind, line="7")) == Damaged(kind, "because", None)


def test_too_large_counts_also_from_a_proxy() -> None:
    assert batch_answer(problem(ProblemType.TOO_LARGE, max_bytes=1000)) == TooLarge(1000)
    assert batch_answer(html(413)) == TooLarge(None)


@pytest.mark.parametrize("status", [429, 503])
def test_busy_counts_also_from_a_proxy(status: int) -> None:
    assert batch_answer(html(status, **{"retry-after": "120"})) == Busy(120)
    assert batch_answer(html(status)) == Busy(None)


@pytest.mark.parametrize(
    "reply",
    [
        html(200),
        html(401),
        html(400),
        html(409),
        html(422),
        html(500),
        Reply(200, {}, b"a.b.c"),
        Reply(200, {"content-type": "application/json"}, b"{}"),
        Reply(200, {"content-type": "application/jose"}, b"\xff\xfe"),
        Reply(200, {"content-type": "application/jose"}, b""),
        Reply(204, {"content-type": "application/jose"}, b"a.b.c"),
        Reply(401, {"content-type": MEDIA_TYPE}, b"not json"),
        Reply(401, {"content-type": MEDIA_TYPE}, b"[]"),
        Reply(401, {"content-type": MEDIA_TYPE}, b'{"type": "urn:motcua:new"}'),
        # The type and the status must agree.
        Reply(200, {"content-type": MEDIA_TYPE}, b'{"type": "urn:motcua:gap", "receipt": "a.b.c"}'),
    ],
)
def test_anything_else_is_unclear(reply: Reply) -> None:
    assert isinstance(batch_answer(reply), Unclear)
    assert isinstance(evidence_answer(reply, HEADER), Unclear)
    assert isinstance(enrol_answer(reply), Unclear)


@given(
    status=st.integers(100, 599),
    media=st.sampled_from(["", "application/jose", MEDIA_TYPE, "application/json", "text/html"]),
    body=st.one_of(
        st.binary(max_size=200),
        st.recursive(
            st.none() | st.integers(-9, 9) | st.text(max_size=20) | st.sampled_from(list(ProblemType)),
            lambda inner: st.dictionaries(
                st.sampled_from(["type", "receipt", "line", "max_bytes", "detail", "device"]), inner
            ),
        ).map(orjson.dumps),
    ),
)
def test_no_bytes_raise(status: int, media: str, body: bytes) -> None:
    reply = Reply(status, {"content-type": media, "retry-after": body[:20].decode("latin-1")}, body)
    batch_answer(reply)
    evidence_answer(reply, HEADER)
    enrol_answer(reply)


def test_evidence_is_stored_when_the_answer_repeats_it() -> None:
    value = {"device": DEVICE, "epoch": HEADER.epoch, "first": 3, "last": 5, "head": HEADER.head}
    fields = {"content-type": "application/json"}
    assert evidence_answer(Reply(200, fields, orjson.dumps(value)), HEADER) == SetAside()
    other = {**value, "last": 6}
    assert isinstance(evidence_answer(Reply(200, fields, orjson.dumps(other)), HEADER), Unclear)


def test_enrolment_answers() -> None:
    assert enrol_answer(Reply(201, {"content-type": "application/jose"}, b"a.b.c")) == Admitted("a.b.c")
    waiting = Reply(202, {"content-type": "application/json", "retry-after": "60"}, b'{"state": "waiting"}')
    assert enrol_answer(waiting) == Waiting(60)
    assert enrol_answer(problem(ProblemType.CLAIM_USED)) == ClaimUsed("because")
    assert enrol_answer(problem(ProblemType.BAD_CLAIM)) == ClaimRefused("because")
    assert isinstance(enrol_answer(html(202)), Unclear)


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({"retry-after": "30"}, 30),
        ({"retry-after": "0"}, 1),
        ({"retry-after": "999999999999999999"}, 3_600),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "٣٠"}, None),
        ({}, None),
        # A date counts from the answer's own date: this box may believe that it is 1970.
        ({"retry-after": "Mon, 23 Nov 2026 08:02:00 GMT", "date": "Mon, 23 Nov 2026 08:00:00 GMT"}, 120),
        ({"retry-after": "Mon, 23 Nov 2026 08:02:00 GMT"}, None),
        ({"retry-after": "Mon, 23 Nov 2026 07:00:00 GMT", "date": "Mon, 23 Nov 2026 08:00:00 GMT"}, 1),
    ],
)
def test_retry_after_is_bounded_and_needs_no_clock(fields: Mapping[str, str], seconds: int | None) -> None:
    assert retry_after_s(fields) == seconds
