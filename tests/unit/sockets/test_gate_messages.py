"""The messages of the gate: each caller has his own, addresses never come back, all has a size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from appliance.sockets import gate
from appliance.sockets.errors import BadLineError
from appliance.sockets.lines import MOST_LINE

TERMS = "0f" * 32
PUBLIC = (
    gate.Hello(),
    gate.Open(id=1, address="fd77:6d63:7561::5", terms=TERMS, consents=["survey"]),
    gate.StatusOf(id=2, address="10.77.0.23"),
    gate.Withdraw(id=3, address="10.77.0.23", consents=["survey"]),
    gate.Close(id=4, address="10.77.0.23"),
)
OFFICE = (
    gate.Hello(),
    gate.Apply(id=1),
    gate.Block(id=2, handle="k3fwq2ab", minutes=60),
    gate.Unblock(id=3, handle="k3fwq2ab"),
    gate.CountsNow(id=4),
    gate.ClientsNow(id=5),
    gate.Taken(hour="2026-11-23T08"),
)
MOST = 2**53 - 1
CLIENT = gate.Client(
    handle="k3fwq2ab", state="blocked", since_s=MOST, bytes_up=MOST, bytes_down=MOST, has_conflict=False
)
USAGE = gate.Usage(
    hour="2026-11-23T08", sessions=MOST, peak_clients=MOST, refused=MOST, bytes_down=MOST, bytes_up=MOST
)
TOLD = (
    gate.Hello(),
    gate.Status(id=1, state="open", seconds_left=3600, bytes_left=1 << 30),
    gate.Status(
        id=1, state="closed", seconds_left=None, bytes_left=1 << 30, terms=TERMS,
        consents=["x" * 32] * gate.MOST_CONSENTS, wan=False, opens_in_s=5_400,
    ),
    gate.Done(id=1),
    gate.Refused(id=1, key="hotspot.full", en="full", vi="hết chỗ", is_transient=True),
    gate.Counts(
        id=4, open=1, joined=2, blocked=0, refused=0, conflicts=0, bytes_up=0, bytes_down=0,
        engines=[gate.Engine(name="radvd", standing="running", restarts=0)], fault=None,
    ),
    gate.Counts(
        id=4, open=1, joined=2, blocked=0, refused=3, refused_for={"full": 1, "blocked": 2}, conflicts=0,
        bytes_up=0, bytes_down=0, engines=[], fault="no rules", fault_vi="chưa có quy tắc",
        line_quality=gate.LineQuality(rounds=30, unanswered=30, usual_ms=None, worst_ms=None),
    ),
    gate.Clients(id=5, clients=[CLIENT] * gate.CLIENTS_A_LINE, is_last=True),
    USAGE,
    gate.Usage(hour="2026-11-23T09", suppressed=True),
    gate.Beat(),
)  # fmt: skip


def name(message):
    return message.op


@pytest.mark.parametrize("policy", [None, "é" * gate.MOST_POLICY], ids=["unreadable", "longest"])
def test_the_policy_fits_its_file(policy):
    told = gate.Retention(device="xa-01", policy=policy, terms=TERMS)
    assert len(told.line()) < MOST_LINE + 512
    with pytest.raises(ValidationError):
        gate.Retention(device="xa-01", policy="x" * (gate.MOST_POLICY + 1), terms=TERMS)


def test_a_gate_that_says_nothing_of_records_keeps_none():
    counts = next(each for each in TOLD if isinstance(each, gate.Counts))
    told = gate.told(counts.line().replace(b',"retention":"off"', b""))
    assert told.retention == "off"


@pytest.mark.parametrize("message", PUBLIC, ids=name)
def test_a_question_of_the_strangers_app_comes_back(message):
    assert gate.asked_by_public(message.line()) == message


@pytest.mark.parametrize("message", OFFICE, ids=name)
def test_a_question_of_the_office_comes_back(message):
    assert gate.asked_by_office(message.line()) == message


@pytest.mark.parametrize("message", TOLD, ids=lambda each: f"{each.op}-{len(each.line())}")
def test_an_answer_comes_back(message):
    assert gate.told(message.line()) == message
    assert len(message.line()) <= MOST_LINE


@pytest.mark.parametrize("message", OFFICE[1:], ids=name)
def test_the_strangers_app_may_not_say_what_the_office_says(message):
    with pytest.raises(BadLineError):
        gate.asked_by_public(message.line())


@pytest.mark.parametrize("message", PUBLIC[1:], ids=name)
def test_the_office_need_not_say_what_strangers_say(message):
    with pytest.raises(BadLineError):
        gate.asked_by_office(message.line())


def test_nothing_that_is_told_has_a_place_for_an_address():
    fields = {field for message in (*TOLD, CLIENT) for field in type(message).model_fields}
    assert fields.isdisjoint({"address", "mac", "ip", "name", "hostname"})


def test_the_rules_come_back_from_their_file():
    rules = gate.Rules(hotspot='{"ssid": "WiFi xã"}', portal_port=8081)
    assert gate.Rules.of(rules.line()) == rules
    with pytest.raises(BadLineError):
        gate.Rules.of(b'{"hotspot": "{}", "portal_port": 0}')


def test_a_usage_is_at_most_1_kib():
    assert len(USAGE.line()) <= gate.MOST_USAGE


@pytest.mark.parametrize(
    "fields", [{}, {"sessions": 5}, {"suppressed": True, "sessions": 1}], ids=["nothing", "one", "both"]
)
def test_a_usage_has_all_counts_or_none(fields):
    with pytest.raises(ValidationError):
        gate.Usage(hour="2026-11-23T08", **fields)


@pytest.mark.parametrize("address", ["", "x", "10.0.0.1; drop", "fe80::1%wlan0", "1" * 46])
def test_what_cannot_be_an_address_is_refused(address):
    with pytest.raises(ValidationError):
        gate.StatusOf(id=1, address=address)


@given(st.binary(max_size=300))
def test_whatever_comes_is_a_message_or_refused(line):
    for read in (gate.asked_by_public, gate.asked_by_office, gate.told):
        try:
            read(line)
        except BadLineError:
            continue
