"""The hall display: who is called where, how many wait, what a screen needs to miss no call."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from sim_desk import START_US, SimBox
from sim_follower import first_look
from sim_staff import TOML, SimStaff

from appliance.queueing import commands as queueing
from appliance.queueing.rules import Hours
from appliance.queueing.ticket import Ticket
from appliance.web.access import Who
from appliance.web.names import Name, name_of, spoken
from appliance.web.pages_display import Display
from appliance.web.pages_kiosk import Kiosk
from appliance.web.pressed import Pressed
from appliance.web.screens import opening
from appliance.web.ui import Ui
from appliance.web.visitor import BOX, Visitor

HOUR_MS = 3_600_000


def look(staff: SimStaff, who: str = "nobody", lang: str = "vi") -> dict[str, Any]:
    return first_look(staff, staff.client(who), f"/display/live?lang={lang}")


def seats(board: str) -> list[tuple[str, ...]]:
    """Return of each counter: its look, its name, and its number or state."""
    return re.findall(r'is-seat-(\w+)"[^>]*><span[^>]*>([^<]+)</span>\s*<[^>]+>([^<]+)<', board)


def test_every_counter_shows_its_number_or_its_state(staff: SimStaff) -> None:
    for _ in range(2):
        staff.issue()
    staff.issue("bao-tro")
    for counter in ("q1", "q2", "q3"):
        staff.open(counter)
    staff.call("q1")
    staff.call("q2")
    staff.ask(queueing.Start(counter="q2"))
    staff.ask(queueing.PauseCounter(counter="q3"))
    assert seats(look(staff)["regions"]["board"]) == [
        ("called", "Quầy 1", "A001"),
        ("serving", "Quầy 2", "A002"),
        ("paused", "Quầy 3", "Tạm nghỉ"),
    ]
    staff.ask(queueing.CloseCounter(counter="q3"))
    assert seats(look(staff, lang="en")["regions"]["board"])[2] == ("closed", "Quầy 3", "Closed")


def test_waiting_is_counted_for_each_service(staff: SimStaff) -> None:
    for service in ("ho-tich", "ho-tich", "bao-tro"):
        staff.issue(service)
    counts = re.findall(r"<strong>(\d+)<", look(staff)["regions"]["board"])
    assert counts == ["2", "0", "1", "0"]


def test_calls_carry_their_seq_so_that_none_is_missed(staff: SimStaff) -> None:
    for _ in range(2):
        staff.issue()
    staff.open()
    staff.call()
    staff.ask(queueing.Start(counter="q1"))
    staff.call()
    facts = look(staff)["facts"]
    assert [(call["label"], call["counter"], call["name"], call["now"]) for call in facts["calls"]] == [
        ("A002", "q1", "Quầy 1", True),
        ("A001", "q1", "Quầy 1", False),
    ]
    assert facts["calls"][0]["seq"] > facts["calls"][1]["seq"] > 0
    assert facts["epoch"] == staff.box.desk.state.epoch


def test_a_recall_is_a_call_with_a_seq_of_its_own(staff: SimStaff) -> None:
    staff.issue()
    staff.open()
    staff.call()
    (before,) = look(staff)["facts"]["calls"]
    staff.ask(queueing.Recall(counter="q1"))
    (after,) = look(staff)["facts"]["calls"]
    assert after["seq"] > before["seq"]


def test_the_page_knows_which_calls_it_was_born_with(staff: SimStaff) -> None:
    staff.issue()
    staff.open()
    staff.call()
    page = staff.client().page("/display")
    (call,) = look(staff)["facts"]["calls"]
    assert f'data-seq="{call["seq"]}"' in page
    assert '<strong class="call-label" id="call-label">A001</strong>' in page
    assert look(staff)["regions"]["board"] in page


def test_the_day_and_the_time_are_shown(staff: SimStaff) -> None:
    page = staff.client().page("/display")
    assert "Thứ Hai, 23/11/2026" in page
    assert f'data-clock="{START_US // 1000}"' in page
    assert "Monday, 23 November 2026" in staff.client().page("/display?lang=en")


def test_the_closed_office_is_one_large_sentence(staff: SimStaff) -> None:
    staff.box.time.advance(11 * HOUR_MS)
    shown = look(staff)
    assert "Hiện ngoài giờ làm việc" in shown["regions"]["board"]
    assert "07:30–11:30 và 13:30–17:00" in shown["regions"]["board"]
    assert shown["facts"]["closed"] is True
    assert "is-closed" in staff.client().page("/display")


def test_whoever_still_waits_after_hours_sees_the_board(staff: SimStaff) -> None:
    staff.issue()
    staff.open()
    staff.box.time.advance(11 * HOUR_MS)
    shown = look(staff)
    assert shown["facts"]["closed"] is False
    assert "Hiện không cấp số" in shown["regions"]["notice"]
    assert seats(shown["regions"]["board"])[0] == ("free", "Quầy 1", "Sẵn sàng")


def test_a_day_that_was_ended_within_hours_does_not_praise_the_hours(staff: SimStaff) -> None:
    staff.ask(queueing.CloseDay())
    board = look(staff)["regions"]["board"]
    assert "Hiện ngoài giờ làm việc" in board
    assert "07:30" not in board


def test_the_box_shows_its_address_and_fingerprint_on_its_own_screen_only(staff: SimStaff) -> None:
    assert "AB:CD" in staff.client("box").page("/display")
    for who in ("nobody", "screen", "supervisor"):
        assert "AB:CD" not in staff.client(who).page("/display")


def test_a_hall_of_many_counters_names_the_closed_ones_only(staff: SimStaff) -> None:
    first = staff.settings.counters[0]
    more = tuple(first.model_copy(update={"id": f"x{n}", "name": f"Quầy {n}"}) for n in range(4, 14))
    staff.settings = staff.settings.model_copy(update={"counters": (*staff.settings.counters, *more)})
    staff.open("q1")
    board = look(staff)["regions"]["board"]
    assert seats(board) == [("free", "Quầy 1", "Sẵn sàng")]
    assert "<span>Quầy 13</span>" in board


def test_other_settings_reload_the_screen(staff: SimStaff) -> None:
    before = look(staff)["facts"]["shell"]
    staff.configuration.apply(TOML.replace('name = "Quầy 3"', 'name = "Quầy ba"'), None)
    assert look(staff)["facts"]["shell"] != before


def test_a_time_that_nobody_vouches_for_is_not_shown(tmp_path) -> None:
    box = SimBox(tmp_path, synced=False)
    box.start()
    moment = box.clock.now()
    shown = opening(box.desk.state.hall, moment, Hours(weekly=((),) * 7))
    assert (shown.is_day_off, shown.spans) == (False, ())
    box.stop()


@pytest.mark.parametrize(
    ("hours", "is_open", "is_day_off", "spans"),
    [
        (Hours(), True, False, ()),
        (Hours(weekly=(((450, 690), (810, 1020)),) * 7), True, False, ("07:30–11:30", "13:30–17:00")),
        (Hours(weekly=(((810, 1020),),) * 7), False, False, ("13:30–17:00",)),
        (Hours(weekly=((),) * 7), False, True, ()),
        (Hours(days_off=frozenset({"2026-11-23"})), False, True, ()),
    ],
)
def test_opening_follows_the_hours(
    staff: SimStaff, hours: Hours, is_open: bool, is_day_off: bool, spans: tuple[str, ...]
) -> None:
    staff.issue()
    found = opening(staff.box.desk.state.hall, staff.box.clock.now(), hours)
    assert (found.is_open, found.is_day_off, found.spans) == (is_open, is_day_off, spans)


def test_a_name_says_when_it_is_not_in_the_language_of_the_page(staff: SimStaff) -> None:
    with_both, only_vi = staff.settings.counters[0], staff.settings.counters[1]
    assert name_of(with_both, "en") == Name("Counter 1", None)
    assert name_of(only_vi, "en") == Name("Quầy 2", "vi")
    assert name_of(only_vi, "vi") == Name("Quầy 2", None)
    assert spoken("Chờ lâu", "", "en") == Name("Chờ lâu", "vi")


class Unwalkable:
    """The day's tickets, to be looked up and never to be walked over."""

    def __init__(self, tickets: Mapping[str, Ticket]) -> None:
        self.tickets = tickets

    def __getitem__(self, key: str) -> Ticket:
        return self.tickets[key]

    def get(self, key: str) -> Ticket | None:
        return self.tickets.get(key)


def test_the_cost_of_a_look_does_not_grow_with_closed_tickets(staff: SimStaff) -> None:
    for _ in range(3):
        staff.issue(source="button")
    staff.open()
    staff.ask(queueing.CallNext(counter="q1"))
    state = staff.box.desk.state
    tickets: Any = Unwalkable(state.hall.tickets)
    watched = replace(state, hall=state.hall._replace(tickets=tickets))
    ui = Ui(staff.parts)
    visitor = Visitor(frozenset({Who.SCREEN}), None, "", BOX, "vi", "auto", "", "", None)
    pressed = Pressed(lambda: None)
    pressed.on_commit(tuple(staff.box.events()), state)
    assert "A001" in Display(ui).look(visitor, watched).regions["board"]
    facts = Kiosk(ui, pressed).look(visitor, watched, sees_buttons=True).facts
    assert [each["label"] for each in facts["buttons"]] == ["A001", "A002", "A003"]


def test_long_names_of_counters_are_written_smaller_everywhere(staff: SimStaff) -> None:
    staff.open()
    assert "has-long" not in look(staff)["regions"]["board"]
    long = [each.model_copy(update={"name": "Đất đai – Xây dựng"}) for each in staff.settings.counters]
    staff.settings = staff.settings.model_copy(update={"counters": tuple(long)})
    assert "has-long" in look(staff)["regions"]["board"]
