"""The officer's page: what it shows of a counter, what may be pressed, and what a look costs."""

from itertools import count
from typing import Any

import pytest
from sim_staff import SimStaff

from appliance.queueing import commands as queueing
from appliance.queueing.states import TRANSITIONS, TicketState, Verb
from appliance.queueing.ticket import Why
from appliance.web.counter_view import MOST_PARKED, MOST_ROWS, Console, Current, Parked, Row, View
from appliance.web.names import Names
from appliance.web.pages_counter import Terminal
from appliance.web.ui import Ui

RULES = ("arrival", "priority", "assigned", "ratio", "aged", "chosen")
_REQUESTS = count(1)


def console(staff: SimStaff, counter: str = "q1", lang: str = "vi", parked: Parked | None = None) -> Console:
    """Return what the officer of a counter sees now."""
    state, rules = staff.box.desk.state, staff.box.desk.rules.hall
    found = rules.counter(counter)
    assert found is not None
    names = Names.of(staff.settings, lang)
    elapsed_ms = staff.parts.now(state).elapsed_ms
    return View(state.hall, rules, elapsed_ms, names, parked or Parked()).console(found)


def press(staff: SimStaff, path: str, who: str = "officer", **body: object) -> Any:
    """Post as the page's script does."""
    page = f"/counters?c={path.split('/')[2]}" if path.startswith("/counters") else "/sign-in"
    return staff.client(who).post(f"/api/v1{path}", page=page, request=f"t-{next(_REQUESTS)}", **body)


# --- which counters


def test_without_a_counter_all_are_offered(staff: SimStaff) -> None:
    staff.open("q1")
    page = staff.client("officer").page("/counters")
    assert 'data-choose="q1 q2 q3"' in page
    assert "Bạn ngồi ở quầy nào?" in page
    assert page.count('type="checkbox"') == 3


def test_a_counter_that_does_not_exist_leads_to_the_choice(staff: SimStaff) -> None:
    assert 'data-choose="' in staff.client("officer").page("/counters?c=q9&c=../x")


def test_several_counters_share_one_screen_in_the_order_asked(staff: SimStaff) -> None:
    page = staff.client("officer").page("/counters?c=q2&c=q1&c=q2")
    assert page.index('data-counter="q2"') < page.index('data-counter="q1"')
    assert page.count('class="console card"') == 2
    assert 'data-live="/counters/live?c=q2&amp;c=q1"' in page


def test_the_page_speaks_english(staff: SimStaff) -> None:
    staff.open("q1")
    page = staff.client("officer").page("/counters?c=q1&lang=en")
    for text in ("Counter 1", "Call next", "Nobody waits for this counter.", "Civil status"):
        assert text in page


@pytest.mark.parametrize("who", ["technician", "screen"])
def test_who_calls_nobody_does_not_see_it(staff: SimStaff, who: str) -> None:
    assert staff.client(who).get("/counters?c=q1").status_code == 403


# --- what may be pressed


def test_a_closed_counter_can_only_be_opened(staff: SimStaff) -> None:
    staff.issue()
    shown = console(staff)
    assert (shown.state, shown.total) == ("closed", 1)
    assert shown.verbs == {"open"}


def test_an_open_counter_with_nobody_waiting_cannot_call_next(staff: SimStaff) -> None:
    staff.open()
    assert "call-next" not in console(staff).verbs
    staff.issue()
    assert "call-next" in console(staff).verbs


@pytest.mark.parametrize("state", [TicketState.CALLED, TicketState.SERVING])
def test_the_table_of_states_decides_what_may_be_pressed(staff: SimStaff, state: TicketState) -> None:
    staff.open()
    staff.issue()
    staff.call()
    if state is TicketState.SERVING:
        staff.ask(queueing.Start(counter="q1"))
    verbs = console(staff).verbs
    at_counter = {"recall", "start", "complete", "no-show", "hold", "transfer", "recycle", "cancel"}
    assert verbs & at_counter == {verb for verb in at_counter if (state, Verb(verb)) in TRANSITIONS}


def test_what_is_forbidden_is_marked_and_keeps_its_place(staff: SimStaff) -> None:
    staff.open()
    staff.issue()
    staff.call()
    page = staff.client("officer").page("/counters?c=q1")
    assert '<button class="btn btn-plain" type="button" id="act-q1-hold" data-act="hold"' in page
    hold = page[page.index('id="act-q1-hold"') :].split(">")[0]
    assert 'aria-disabled="true"' in hold
    start = page[page.index('id="act-q1-start"') :].split(">")[0]
    assert "aria-disabled" not in start
    assert 'aria-keyshortcuts="S"' in start


def test_nobody_is_called_on_a_closed_day(staff: SimStaff) -> None:
    staff.open()
    staff.issue()
    staff.ask(queueing.CloseDay())
    page = staff.client("officer").page("/counters?c=q1")
    assert "Ngày làm việc đã kết thúc" in page
    assert 'data-day="open"' in page


# --- the ticket and why it was next


def test_the_ticket_is_shown_with_its_reason(staff: SimStaff) -> None:
    staff.open()
    staff.issue()
    staff.issue(priority="elderly")
    staff.call()
    page = staff.client("officer").page("/counters?c=q1")
    assert '<span class="label label-xl is-called">A002</span>' in page
    assert "Thuộc diện ưu tiên (Người cao tuổi), được gọi trước 1 người đến sớm hơn." in page


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_reason_has_its_own_sentence(staff: SimStaff, lang: str) -> None:
    row = Row("2026-11-23/A/1", "A001", "Hộ tịch", "Người cao tuổi", 0)
    said = [
        str(
            staff.parts.renderer.macro(
                "counter/console.html", "reason", lang, Current(row, "CALLED", 1, why, None, "ho-tich")
            )
        )
        for why in (None, *(Why(rule, ahead, ahead) for rule in RULES for ahead in (0, 2)))
    ]
    assert all(sentence.strip() for sentence in said)
    assert len(set(said)) >= len(RULES) + 2


def test_the_stage_of_the_service_goes_with_the_press(staff: SimStaff) -> None:
    terminal = Terminal(Ui(staff.parts))
    staff.open()
    staff.issue()
    staff.call()
    facts = terminal.look(staff.box.desk.state, ("q1",), "vi").facts["counters"]["q1"]
    assert (facts["label"], facts["ticket_state"], facts["stage"]) == ("A001", "CALLED", None)
    response = press(staff, "/counters/q1/complete", stage="return")
    assert response.status_code == 200, response.text
    assert staff.box.events()[-1].data["stage"] == "return"


# --- who waits, who was set aside


def test_the_one_who_is_next_is_marked(staff: SimStaff) -> None:
    staff.issue()
    staff.issue(priority="elderly")
    shown = console(staff)
    assert [(row.label, row.is_next) for row in shown.waiting] == [("A001", False), ("A002", True)]
    assert shown.upcoming is not None
    assert shown.upcoming.label == "A002"


def test_a_long_line_is_cut_and_counted(staff: SimStaff) -> None:
    for _ in range(MOST_ROWS + 7):
        staff.issue()
    staff.issue(priority="elderly")
    shown = console(staff)
    assert (len(shown.waiting), shown.more) == (MOST_ROWS, 8)
    assert shown.waiting[0].is_next, "whom the counter calls next is shown, however far behind"
    page = staff.client("officer").page("/counters?c=q1")
    assert "và 8 người nữa" in page
    assert page.count('data-act="call"') == MOST_ROWS


def test_a_counter_sees_held_and_missed_tickets_of_its_services_only(staff: SimStaff) -> None:
    staff.open("q1")
    staff.open("q3", "hoa")
    staff.issue("ho-tich")
    staff.issue("ho-tich")
    staff.issue("bao-tro")
    staff.call("q1")
    staff.ask(queueing.Start(counter="q1"))
    staff.ask(queueing.Hold(counter="q1"))
    staff.call("q1")
    staff.ask(queueing.MarkNoShow(counter="q1"))
    staff.call("q3")
    staff.ask(queueing.MarkNoShow(counter="q3"))
    first, third = console(staff, "q1"), console(staff, "q3")
    assert [row.label for row in first.held] == ["A001"]
    assert [row.label for row in first.missed] == ["A002"]
    assert ([row.label for row in third.held], [row.label for row in third.missed]) == ([], ["C001"])


def test_who_is_too_late_is_not_offered_any_more(staff: SimStaff) -> None:
    staff.open()
    staff.issue()
    staff.call()
    staff.ask(queueing.MarkNoShow(counter="q1"))
    assert len(console(staff).missed) == 1
    staff.box.time.advance(16 * 60_000)
    assert console(staff).missed == ()


def test_held_and_missed_are_looked_for_once_for_each_state(staff: SimStaff) -> None:
    staff.open()
    staff.issue()
    parked = Parked()
    hall = staff.box.desk.state.hall
    first = parked.of(hall)
    assert parked.of(hall)[0] is first[0]
    assert parked.of(hall)[1] is first[1]
    staff.call()
    staff.ask(queueing.MarkNoShow(counter="q1"))
    assert len(parked.of(staff.box.desk.state.hall)[1]) == 1


def test_no_more_than_a_handful_is_parked_on_the_page(staff: SimStaff) -> None:
    staff.open()
    for _ in range(MOST_PARKED + 3):
        staff.issue()
        staff.ask(queueing.CallNext(counter="q1"))
        staff.ask(queueing.MarkNoShow(counter="q1"))
    assert len(console(staff).missed) == MOST_PARKED


def test_ages_are_shown_in_whole_minutes_so_that_a_look_stays_the_same(staff: SimStaff) -> None:
    staff.issue()
    staff.box.time.advance(90_000)
    terminal = Terminal(Ui(staff.parts))
    first = terminal.look(staff.box.desk.state, ("q1",), "vi").regions
    staff.box.time.advance(5_000)
    assert terminal.look(staff.box.desk.state, ("q1",), "vi").regions == first


# --- the same, elsewhere


def test_another_officer_is_faster(staff: SimStaff) -> None:
    staff.open("q1")
    staff.open("q2", "hoa")
    staff.issue("ho-tich")
    faster = press(staff, "/counters/q2/call-next", who="supervisor")
    slower = press(staff, "/counters/q1/call-next")
    assert faster.status_code == 200, faster.text
    assert (slower.status_code, slower.json()["title"]) == (409, "hall.nobody_waiting")
    assert "quầy khác đã gọi trước" in staff.client("officer").page("/counters?c=q1")


def test_a_repeated_press_counts_once(staff: SimStaff) -> None:
    staff.open("q1")
    staff.issue()
    staff.issue()
    officer = staff.client("officer")
    answers = [
        officer.post("/api/v1/counters/q1/call-next", page="/counters?c=q1", request="same").json()
        for _ in range(2)
    ]
    assert answers[0]["ticket"] == answers[1]["ticket"]
    assert staff.box.kinds().count("ticket.called") == 1


def test_a_live_look_holds_every_region_of_the_page(staff: SimStaff) -> None:
    staff.open()
    staff.issue()
    staff.call()
    page = staff.client("officer").page("/counters?c=q1&c=q2")
    look = Terminal(Ui(staff.parts)).look(staff.box.desk.state, ("q1", "q2"), "vi")
    assert all(f'data-region="{name}"' in page for name in look.regions)
    assert page.count("data-region=") == len(look.regions)
    for name, html in look.regions.items():
        assert html in page, name


def test_names_of_what_the_settings_no_longer_know_are_ids(staff: SimStaff) -> None:
    names = Names.of(staff.settings, "en")
    assert (names.service("gone"), names.counter("gone"), names.priority("gone")) == ("gone",) * 3
    assert (names.priority("none"), names.stage("gone")) == ("", None)


def test_colleagues_are_called_by_their_names(staff: SimStaff) -> None:
    staff.open()
    name = next(person.name for person in staff.parts.accounts.people() if person.officer == "lan")
    assert f"{name}</span>" in staff.client("officer").page("/counters?c=q1")
    assert f"<td>{name}</td>" in staff.client("supervisor").page("/supervisor")
    staff.open("q2", officer="gone")
    assert "<td>gone</td>" in staff.client("supervisor").page("/supervisor")
