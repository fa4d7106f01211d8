from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire_forge import GENESIS, LINES, changed, golden, rechained, refused, run

from appliance.wire.chain import After, Chain, Genesis, is_local_id, may_follow
from appliance.wire.errors import BadEventError, WireError
from appliance.wire.event import check_line, line_hash

STEP = next(number for number, line in enumerate(LINES) if b'"clock.stepped"' in line)


def test_genesis_lines_are_these_bytes() -> None:
    plain = Genesis("tan-thanh-01", golden.EPOCH)
    assert plain.line() == b'{"device":"tan-thanh-01","epoch":"%s","wire":1}' % golden.EPOCH.encode()
    after = replace(plain, after=After(golden.EPOCH_BEFORE, 7, "ab" * 32))
    assert after.line() == (
        b'{"after":{"epoch":"%s","hash":"%s","seq":7},"device":"tan-thanh-01","epoch":"%s","wire":1}'
        % (golden.EPOCH_BEFORE.encode(), b"ab" * 32, golden.EPOCH.encode())
    )
    assert plain.hash() == line_hash(plain.line()) != after.hash()


def test_the_golden_epoch_is_one_chain() -> None:
    chain = run(LINES)
    assert (chain.seq, chain.head) == (len(LINES), line_hash(LINES[-1]))


@given(st.integers(1, len(LINES) - 2), st.integers(1, len(LINES) - 2))
def test_any_reordered_line_is_named(one: int, other: int) -> None:
    lines = list(LINES)
    lines[one], lines[other] = lines[other], lines[one]
    if one == other:
        run(lines)
        return
    chain = run(lines[: min(one, other)])
    with refused("seq"):
        chain.extend(lines[min(one, other)])


@given(st.integers(0, len(LINES) - 2))
def test_a_dropped_line_is_named(at: int) -> None:
    chain = run(LINES[:at])
    with refused("seq"):
        chain.extend(LINES[at + 1])


@given(st.integers(0, len(LINES) - 1))
def test_a_repeated_line_is_named(at: int) -> None:
    chain = run(LINES[: at + 1])
    with refused("seq"):
        chain.extend(LINES[at])


@given(st.integers(1, len(LINES) - 1))
def test_an_altered_line_breaks_the_one_after_it(at: int) -> None:
    altered = changed(at - 1, up_ms=1)
    chain = run([*LINES[: at - 1], altered])
    with refused("prev"):
        chain.extend(LINES[at])


def test_a_line_of_another_epoch_is_named() -> None:
    with refused("epoch"):
        Chain.start(GENESIS).extend(changed(0, epoch=golden.EPOCH_BEFORE))


@pytest.mark.parametrize(
    "genesis",
    [
        replace(GENESIS, after=None),
        replace(GENESIS, device="tan-thanh-02"),
        replace(GENESIS, after=After(golden.EPOCH_BEFORE, 4710, "c0" * 32)),
        replace(GENESIS, after=After(golden.EPOCH_BEFORE, 4711, "c1" * 32)),
    ],
)
def test_the_first_line_follows_its_genesis(genesis: Genesis) -> None:
    with refused("prev"):
        Chain.start(genesis).extend(LINES[0])


def test_refuses_a_bad_line_before_it_looks_at_its_place() -> None:
    with refused("data.day"):
        Chain.start(GENESIS).extend(changed(0, data={}))


@pytest.mark.parametrize(
    ("kind", "data", "may"),
    [
        ("clock.stepped", {"source": "ntp"}, True),
        ("clock.stepped", {"source": "receipt"}, True),
        ("clock.stepped", {"source": "officer"}, True),
        ("clock.stepped", {"source": "rtc"}, False),
        ("clock.stepped", {}, False),
        ("clock.steppe", {"source": "ntp"}, False),
        ("clock.stepped_again", {"source": "ntp"}, False),
        ("ticket.held", {"source": "ntp"}, False),
    ],
)
def test_time_goes_back_only_by_a_named_step(kind: str, data: dict[str, str], *, may: bool) -> None:
    event = check_line(LINES[STEP])._replace(kind=kind, data=data, at="2026-11-23T00:00:00.000000Z")
    assert may_follow("2026-11-23T00:00:00.000001Z", event) is may
    assert may_follow("2026-11-23T00:00:00.000000Z", event)
    assert may_follow("", event)


def test_a_chain_refuses_time_going_back_by_itself() -> None:
    chain = run(LINES[:STEP])
    backwards = changed(0, at="2026-11-23T00:30:24.999999Z", seq=STEP + 1, prev=chain.head)
    with refused("at"):
        chain.extend(backwards)
    forwards, _ = replace(chain, at="").extend(backwards)
    assert forwards.seq == STEP + 1


def test_an_rtc_step_does_not_go_back() -> None:
    data = {**check_line(LINES[STEP]).data, "source": "rtc"}
    chain = run(LINES[:STEP])
    with refused("at"):
        chain.extend(changed(STEP, data=data))


def test_rechained_lines_are_a_chain_again() -> None:
    lines = rechained([*LINES[:3], *LINES[4:]], GENESIS.hash())
    assert run(lines).seq == len(LINES) - 1


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {"epoch": golden.EPOCH, "hash": "c0" * 32},
        {"epoch": golden.EPOCH, "hash": "c0" * 32, "seq": 1, "wire": 1},
        {"epoch": golden.EPOCH, "hash": "c0" * 32, "seq": -1},
        {"epoch": golden.EPOCH, "hash": "c0" * 32, "seq": True},
        {"epoch": golden.EPOCH, "hash": "c0" * 32, "seq": "1"},
        {"epoch": golden.EPOCH, "hash": "C0" * 32, "seq": 1},
        {"epoch": golden.EPOCH, "hash": None, "seq": 1},
        {"epoch": "x", "hash": "c0" * 32, "seq": 1},
    ],
)
def test_what_is_no_after(value: object) -> None:
    with pytest.raises(WireError, match="after must be"):
        After.from_json(value)


def test_an_after_reads_back() -> None:
    after = After(golden.EPOCH_BEFORE, 4711, "c0" * 32)
    assert After.from_json(after.to_json()) == after


@pytest.mark.parametrize("value", ["", "a" * 33, "a b", "á", "a\n", "a.b", "a/b", None, 5, ["a"]])
def test_what_is_no_local_id(value: object) -> None:
    assert not is_local_id(value)


@pytest.mark.parametrize("value", ["a", "A-1_b", "-", "a" * 32])
def test_what_is_a_local_id(value: str) -> None:
    assert is_local_id(value)


def test_the_error_of_an_event_is_a_wire_error_and_a_value_error() -> None:
    with pytest.raises(BadEventError) as caught:
        run([LINES[1]])
    assert isinstance(caught.value, WireError)
    assert isinstance(caught.value, ValueError)
    assert caught.value.key == "wire.bad_event"
    assert "seq" in caught.value.vi()
