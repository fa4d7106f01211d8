"""Tokens name one ticket of this box, and nothing that a stranger makes up names any."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.queueing.states import TicketState
from appliance.queueing.ticket import Stamp, Ticket
from appliance.queueing.tokens import FORM, ticket_of, token_of

SECRET, OTHER = b"a" * 32, b"b" * 32
DAY = "2026-11-23"


def ticket(key: str) -> Ticket:
    now = Stamp(0, "boot")
    return Ticket(
        key, "A012", "s", "none", TicketState.WAITING, None, None, None, now, "",
        was_trusted=True, since=now, called=None, started=None, left=None, calls=0,
    )  # fmt: skip


def hall(*keys: str) -> dict[str, Ticket]:
    return {key: ticket(key) for key in keys}


keys = st.builds(
    "{}/{}/{}".format,
    st.dates().map(str),
    st.from_regex(r"[A-Z]{1,3}", fullmatch=True),
    st.integers(1, 10**9 - 1),
)


@given(keys)
def test_a_token_finds_its_ticket_and_no_other_box_makes_it(key: str) -> None:
    tickets = hall(key)
    day = key.partition("/")[0]
    found = ticket_of(SECRET, token_of(SECRET, key), tickets, day)
    assert found is not None
    assert found.key == key
    assert ticket_of(SECRET, token_of(OTHER, key), tickets, day) is None
    assert FORM.match(token_of(SECRET, key))


def test_a_carried_ticket_keeps_its_token_under_the_new_day() -> None:
    tickets = hall("2026-11-22/A/12", f"{DAY}/A/13")
    found = ticket_of(SECRET, token_of(SECRET, "2026-11-22/A/12"), tickets, DAY)
    assert found is not None
    assert found.key == "2026-11-22/A/12"


def test_yesterdays_token_is_not_todays_ticket_of_the_same_number() -> None:
    assert ticket_of(SECRET, token_of(SECRET, "2026-11-22/A/12"), hall(f"{DAY}/A/12"), DAY) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token[:-1],
        lambda token: token + "A",
        lambda token: token.replace("A12-", "A13-"),
        lambda token: token.lower(),
        lambda token: token + "\n",
        lambda token: token.replace("A12", "A٣"),
        lambda token: "A012" + token[3:],
    ],
)
def test_a_changed_token_is_none(change) -> None:
    tickets = hall(f"{DAY}/A/12", f"{DAY}/A/13")
    assert ticket_of(SECRET, change(token_of(SECRET, f"{DAY}/A/12")), tickets, DAY) is None


@given(st.text())
def test_whatever_a_stranger_sends_is_no_ticket(text: str) -> None:
    assert ticket_of(SECRET, text, hall(f"{DAY}/A/12"), DAY) is None
