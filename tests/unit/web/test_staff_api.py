"""What the staff API must not tell, and in whose name it records."""

import asyncio
import json

from sim_desk import WAIT_S
from sim_staff import SimStaff

from appliance.web.stream import Listening


def test_an_officer_is_recorded_by_his_session(staff: SimStaff) -> None:
    officer = staff.client("officer")
    answer = officer.post("/api/v1/counters/q1/open", request="r1")
    assert answer.status_code == 200, answer.text
    assert answer.json()["officer"] == "lan"
    other = officer.post("/api/v1/counters/q1/open", request="r2", officer="minh")
    assert (other.status_code, other.json()["title"]) == (403, "access.another_officer")


def test_a_rating_screen_learns_nothing_of_whom_it_rates(staff: SimStaff) -> None:
    staff.open("q1")
    staff.issue()
    staff.call("q1")
    screen = staff.client("screen", "rate:q1")
    answer = screen.post("/api/v1/ratings", request="r1", counter="q1", level=1)
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == {"seq", "kind"}
    again = screen.post("/api/v1/ratings", request="r2", counter="q2", level=1)
    assert again.json()["title"] == "access.another_screen"


def test_the_stream_of_staff_leaves_ratings_out(staff: SimStaff) -> None:
    async def listen() -> list[str]:
        state = staff.box.desk.state
        listening = Listening(staff.hall, ("rating.",))
        stop = staff.box.desk.listen(listening.on_commit)
        told: list[str] = []
        try:
            messages = listening.messages(state)
            await anext(messages)
            await asyncio.to_thread(_happen, staff)
            while "ticket.served" not in told:
                lines = (await anext(messages)).decode().split("\n")
                told.append(json.loads(lines[2].removeprefix("data: "))["kind"])
        finally:
            stop()
        return told

    told = asyncio.run(asyncio.wait_for(listen(), WAIT_S))
    assert told == ["counter.opened", "ticket.issued", "ticket.called", "ticket.served"]
    assert "rating.given" in [event.kind for event in staff.box.events()]


def _happen(staff: SimStaff) -> None:
    from appliance.queueing.commands import Complete

    staff.open("q1")
    staff.issue()
    staff.call("q1")
    staff.rate("q1", 1)
    staff.ask(Complete(counter="q1"))
