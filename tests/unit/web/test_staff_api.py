"""What the staff API must not tell, and in whose name it records."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from sim_desk import WAIT_S
from sim_follower import scope_of
from sim_staff import Caller, SimStaff

from appliance.accounts.person import Role
from appliance.web import live, stream
from appliance.web.stream import Listening, Told


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


def test_a_rating_screen_explains_nothing_of_another_counter(staff: SimStaff) -> None:
    for counter in ("q1", "q2"):
        staff.open(counter)
    seqs = []
    for counter in ("q1", "q2"):
        screen = staff.client("screen", f"rate:{counter}")
        rated = screen.post("/api/v1/ratings", request=f"r-{counter}", counter=counter, level=1)
        seqs.append(rated.json()["seq"])
    own, other = seqs[1], seqs[0]
    refused = screen.post("/api/v1/ratings/reason", request="why1", rating=other, reason="cho-lau")
    assert (refused.status_code, refused.json()["title"]) == (404, "rating.unknown")
    form = screen.submit(
        "/rate/q2/reason", page="/rate/q2", rating=str(other), reason="cho-lau", request="why2"
    )
    assert form.status_code == 404
    assert (
        screen.post("/api/v1/ratings/reason", request="why3", rating=own, reason="cho-lau").status_code == 200
    )
    assert [event.kind for event in staff.box.events()].count("rating.reason") == 1


def test_the_stream_of_staff_leaves_ratings_out(staff: SimStaff) -> None:
    async def listen() -> list[str]:
        state = staff.box.desk.state
        listening = Listening(staff.hall, Told(("rating.",)))
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


def test_the_stream_of_staff_leaves_out_whose_request_it_was(staff: SimStaff) -> None:
    kiosk = staff.client("screen", "kiosk")
    told = asyncio.run(asyncio.wait_for(_followed(staff, staff.client("officer"), _taken_by(kiosk)), WAIT_S))
    issued = next(event for event in told if event.get("kind") == "ticket.issued")
    assert issued["data"]["label"] == "A001"
    assert "kiosk-secret" not in json.dumps(told)
    assert staff.box.events()[-1].data["request"] == "kiosk-secret"


@pytest.mark.parametrize("path", ["/api/v1/events", "/supervisor/live", "/counters/live?c=q1"])
@pytest.mark.parametrize("becomes", ["signed out", "deactivated", "another role", "another password"])
def test_who_is_not_any_more_who_he_was_follows_no_more(
    staff: SimStaff, monkeypatch: pytest.MonkeyPatch, path: str, becomes: str
) -> None:
    monkeypatch.setattr(stream, "KEEPALIVE_S", 0.1)
    monkeypatch.setattr(live, "BEAT_S", 0.1)
    supervisor, technician = staff.client("supervisor"), staff.people["technician"]

    def change() -> None:
        match becomes:
            case "signed out":
                staff.accounts.sign_out(supervisor.http.cookies["__Host-motcua"])
            case "deactivated":
                staff.accounts.deactivate(technician, "minh")
            case "another password":
                staff.accounts.set_password(technician, "minh", "Mot-mat-khau-khac-9")
            case _:
                staff.accounts.change_role(technician, "minh", Role.OFFICER)

    scope = scope_of(supervisor, path)
    # The stream ends by itself, or this never does.
    asyncio.run(asyncio.wait_for(_until_over(staff, scope, change), WAIT_S))


def _taken_by(kiosk: Caller) -> Callable[[], None]:
    def take() -> None:
        answer = kiosk.submit("/kiosk/tickets", page="/kiosk", service="ho-tich", request="kiosk-secret")
        assert answer.status_code == 303

    return take


async def _followed(staff: SimStaff, caller: Caller, happen: Callable[[], None]) -> list[dict[str, Any]]:
    """What a caller is told of the events while something happens."""
    parts = await _until_over(staff, scope_of(caller, "/api/v1/events"), happen, until="ticket.issued")
    lines = "".join(parts).split("\n")
    return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]


async def _until_over(
    staff: SimStaff, scope: dict[str, Any], happen: Callable[[], None], until: str | None = None
) -> list[str]:
    """Follow a stream, let something happen after its first parts, go on until it ends or says a word."""
    told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    gone = asyncio.Event()
    asked: list[bool] = []

    async def receive() -> dict[str, Any]:
        if not asked:
            asked.append(True)
            return {"type": "http.request", "body": b"", "more_body": False}
        await gone.wait()
        return {"type": "http.disconnect"}

    serving = asyncio.create_task(staff.app(scope, receive, told.put))
    try:
        assert (await told.get())["status"] == 200
        parts = [(await told.get())["body"].decode()]
        await asyncio.to_thread(happen)
        while until is None or until not in parts[-1]:
            message = await told.get()
            if not message.get("more_body", False):
                break
            parts.append(message["body"].decode())
        return parts
    finally:
        gone.set()
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
