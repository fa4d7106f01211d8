"""Every verb over the socket: taken, refused, invalid, or not now."""

import socket
import stat
import threading
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sim_api import SimApi, client_at, serve
from sim_desk import START_US, WAIT_S, Gate, SimBox

from appliance.desk.commands import Tick
from appliance.desk.lanes import Lane
from appliance.web.api import Views
from appliance.web.local import create_app
from appliance.wire.moment import Moment, Quality

pytestmark = pytest.mark.integration

OFFICER = "lan"
Steps = list[tuple[str, dict[str, Any], str]]

A_DAY: Steps = [
    ("counters/q1/open", {"officer": OFFICER}, "counter.opened"),
    ("tickets", {"service": "ho-tich", "source": "kiosk"}, "ticket.issued"),
    ("tickets", {"service": "ho-tich", "priority": "cao-tuoi", "source": "phone"}, "ticket.issued"),
    ("tickets", {"service": "dat-dai"}, "ticket.issued"),
    ("tickets", {"service": "ho-tich"}, "ticket.issued"),
    ("tickets", {"service": "ho-tich"}, "ticket.issued"),
    ("counters/q1/call-next", {"officer": OFFICER}, "ticket.called"),
    ("counters/q1/recall", {}, "ticket.recalled"),
    ("counters/q1/start", {}, "ticket.started"),
    ("ratings", {"counter": "q1", "level": 3}, "rating.given"),
    ("ratings/reason", {"rating": 11, "reason": "cho-lau"}, "rating.reason"),
    ("counters/q1/hold", {}, "ticket.held"),
    ("counters/q1/resume", {"ticket": "2026-11-23/A/2"}, "ticket.resumed"),
    ("counters/q1/complete", {"stage": "receive"}, "ticket.served"),
    ("counters/q1/call", {"ticket": "2026-11-23/A/1"}, "ticket.called"),
    ("counters/q1/no-show", {}, "ticket.no_show"),
    ("tickets/return", {"ticket": "2026-11-23/A/1"}, "ticket.returned"),
    ("counters/q1/call-next", {}, "ticket.called"),
    ("counters/q1/recycle", {}, "ticket.returned"),
    ("counters/q1/call-next", {}, "ticket.called"),
    ("counters/q1/transfer", {"to_service": "dat-dai"}, "ticket.transferred"),
    ("tickets/cancel", {"ticket": "2026-11-23/B/1", "officer": OFFICER}, "ticket.cancelled"),
    ("tickets/leave", {"ticket": "2026-11-23/A/4"}, "ticket.cancelled"),
    ("counters/q1/pause", {"reason": "lunch"}, "counter.paused"),
    ("counters/q1/open", {"services": ["ho-tich"]}, "counter.opened"),
    ("counters/q1/close", {}, "counter.closed"),
    ("day/close", {"officer": OFFICER}, "day.closed"),
    ("day/open", {"officer": OFFICER}, "day.opened"),
    ("day/resume", {"officer": OFFICER, "labels": ["A138"]}, "day.opened"),
]
"""Everything the API can do, in an order in which it can be done."""


def test_every_verb_is_done_and_repeats_its_answer(unserved: SimApi) -> None:
    for number, (path, body, kind) in enumerate(A_DAY):
        if "recycle" in path or path.endswith("transfer"):
            unserved.box.time.advance(1000)
        answer = unserved.done(path, request=f"r{number}", **body)
        assert answer["kind"] == kind, (path, answer)
        assert unserved.done(path, request=f"r{number}", **body) == answer
        assert answer["seq"] == unserved.box.desk.state.seq
    done = {path.replace("q1", "{counter}") for path, _, _ in A_DAY}
    verbs = {
        path.removeprefix("/v1/") for path, item in unserved.app.openapi()["paths"].items() if "post" in item
    }
    assert verbs - done == {"clock", "uplink/deliver", "uplink/stick"}


def test_answers_carry_what_the_caller_needs(unserved: SimApi) -> None:
    unserved.done("tickets", request="r1", service="ho-tich")
    answer = unserved.done("tickets", request="r2", service="ho-tich")
    assert answer == {
        "seq": 3,
        "kind": "ticket.issued",
        "at": "2026-11-23T01:00:00.000000Z",
        "ticket": "2026-11-23/A/2",
        "service": "ho-tich",
        "label": "A002",
        "state": "WAITING",
        "ahead": 1,
    }


REFUSED: list[tuple[str, dict[str, Any], int, str]] = [
    ("tickets", {"service": "nothing"}, 404, "service.unknown"),
    ("tickets", {"service": "ho-tich", "priority": "vip"}, 404, "priority.unknown"),
    ("tickets/cancel", {"ticket": "2026-11-23/A/99"}, 404, "ticket.unknown"),
    ("tickets/return", {"ticket": "2026-11-23/A/1"}, 409, "ticket.wrong_state"),
    ("counters/q9/open", {}, 404, "counter.unknown"),
    ("counters/q1/call-next", {}, 409, "counter.closed"),
    ("counters/q1/pause", {}, 409, "counter.closed"),
    ("counters/q2/call-next", {}, 409, "hall.nobody_waiting"),
    ("counters/q2/complete", {}, 409, "counter.no_ticket"),
    ("counters/q2/transfer", {}, 409, "counter.no_ticket"),
    ("day/open", {}, 409, "day.already_open"),
    ("day/resume", {"labels": ["A001"]}, 409, "day.numbers_given"),
    ("day/resume", {"labels": ["Z001"]}, 409, "command.bad_field"),
    ("ratings", {"counter": "q9", "level": 1}, 404, "rating.unknown_counter"),
    ("ratings", {"counter": "q1", "level": 5}, 409, "rating.bad_level"),
    (
        "ratings",
        {"counter": "q1", "level": 1, "ticket": "2026-11-23/A/1", "source": "phone"},
        409,
        "rating.closed",
    ),
    ("ratings/reason", {"rating": 9, "reason": "cho-lau"}, 404, "rating.unknown"),
    ("ratings/reason", {"rating": 9, "reason": "x"}, 404, "rating.unknown_reason"),
    ("tickets", {"service": "ho-tich", "request": "used"}, 409, "request.reused"),
]


@pytest.mark.parametrize(("path", "body", "status", "key"), REFUSED)
def test_refusal_is_a_problem_in_two_languages(
    unserved: SimApi, path: str, body: dict[str, Any], status: int, key: str
) -> None:
    unserved.done("tickets", request="r1", service="ho-tich")
    unserved.done("counters/q2/open", request="used", services=["dat-dai"])
    seq = unserved.box.desk.state.seq
    response = unserved.post(path, **{"request": "r2", **body})
    check_problem(response, status, key)
    assert unserved.box.desk.state.seq == seq


def check_problem(response: httpx2.Response, status: int, key: str) -> None:
    problem = response.json()
    assert (response.status_code, problem["title"]) == (status, key), problem
    assert response.headers["content-type"] == "application/problem+json"
    assert (problem["type"], problem["status"]) == (f"urn:motcua:error:{key}", status)
    assert problem["detail"]
    assert problem["detail_vi"]
    assert problem["detail"] != problem["detail_vi"]
    assert response.headers.get("retry-after") == ("1" if status == 503 else None)


INVALID: list[tuple[str, bytes, str]] = [
    ("tickets", b"{", "body.1"),
    ("tickets", b"[]", "body"),
    ("tickets", b"null", "body"),
    ("tickets", b"", "body"),
    ("tickets", b'{"service": "ho-tich"}', "body.request"),
    ("tickets", b'{"service": "ho-tich", "request": ""}', "body.request"),
    ("tickets", b'{"service": "ho-tich", "request": "a b"}', "body.request"),
    ("tickets", b'{"service": "ho-tich", "request": "r\\n"}', "body.request"),
    ("tickets", b'{"service": "h\xe1\xbb\x99", "request": "r"}', "body.service"),
    ("tickets", b'{"service": 5, "request": "r"}', "body.service"),
    ("tickets", b'{"service": "ho-tich", "request": "r", "source": "button"}', "body.source"),
    ("tickets", b'{"service": "ho-tich", "request": "r", "more": 1}', "body.more"),
    ("tickets", b'{"service": "ho-tich", "request": "r", "\\ud800": 1}', "body"),
    ("tickets", b'{"service": "\\ud800", "request": "r"}', "body.service"),
    ("tickets/cancel", b'{"ticket": "A001", "request": "r"}', "body.ticket"),
    ("tickets/cancel", b'{"ticket": "2026-11-23/A/0", "request": "r"}', "body.ticket"),
    ("counters/q%201/open", b'{"request": "r"}', "path.counter"),
    ("counters/q1/complete", b'{"request": "r", "stage": "x"}', "body.stage"),
    ("ratings", b'{"request": "r", "counter": "q1", "level": 0}', "body.level"),
    ("ratings", b'{"request": "r", "counter": "q1", "level": 6}', "body.level"),
    ("ratings", b'{"request": "r", "counter": "q1", "level": 1.5}', "body.level"),
    ("ratings", b'{"request": "r", "counter": "q1", "level": 1, "source": "gpio"}', "body.source"),
    ("clock", b'{"at": "2026-11-23T08:00:00"}', "body.at"),
    ("clock", b'{"at": "1970-01-01T00:00:00Z"}', "body.at"),
    ("clock", b'{"at": "9999-12-31T23:59:59Z"}', "body.at"),
    ("clock", b'{"at": "2100-01-01T00:00:00Z"}', "body.at"),
]


@pytest.mark.parametrize(("path", "body", "field"), INVALID)
def test_invalid_body_names_its_field(unserved: SimApi, path: str, body: bytes, field: str) -> None:
    response = unserved.client.post(f"/v1/{path}", content=body, headers={"Content-Type": "application/json"})
    check_problem(response, 422, "request.invalid")
    assert response.json()["errors"][0]["field"] == field
    assert response.json()["errors"][0]["reason"]
    assert unserved.box.desk.state.seq == 1


def test_body_that_is_no_text_is_a_problem(unserved: SimApi) -> None:
    response = unserved.client.post(
        "/v1/tickets", content=b'{"\xff": 1}', headers={"Content-Type": "application/json"}
    )
    check_problem(response, 400, "http.400")


def test_unknown_address_and_method_are_problems(unserved: SimApi) -> None:
    check_problem(unserved.post("nothing"), 404, "http.404")
    response = unserved.client.get("/v1/tickets")
    check_problem(response, 405, "http.405")
    assert response.headers["allow"] == "POST"


def test_full_public_lane_is_busy_while_the_office_goes_on(api: SimApi) -> None:
    desk = api.box.desk
    served: list[dict[str, Any]] = []
    with Gate().held(desk):
        for _ in range(Lane.PUBLIC.value):
            desk.post(Tick(), Lane.PUBLIC)
        check_problem(api.post("tickets", request="p", service="ho-tich", source="phone"), 503, "desk.busy")
        check_problem(
            api.post("ratings", request="q", counter="q1", level=1, source="phone"), 503, "desk.busy"
        )
        check_problem(api.post("ratings/reason", request="r", rating=1, reason="cho-lau"), 503, "desk.busy")
        kiosk = threading.Thread(
            target=lambda: served.append(api.done("tickets", request="k", service="ho-tich", source="kiosk"))
        )
        kiosk.start()
    kiosk.join(WAIT_S)
    assert served[0]["label"] == "A001"
    assert api.done("tickets", request="p", service="ho-tich", source="phone")["label"] == "A002"


def test_office_that_is_shutting_down_says_so(api: SimApi) -> None:
    api.box.stop()
    check_problem(api.post("tickets", request="r", service="ho-tich"), 503, "desk.closed")


def test_office_that_cannot_record_says_so_and_recovers(tmp_path: Path, api: SimApi) -> None:
    box = SimBox(tmp_path / "other")
    box.folder.rmdir()
    box.start()
    assert box.desk.recording_stopped is not None
    path = api.path.with_name("other.sock")
    app = create_app(box.desk, Views(lambda _state: {}, dict, lambda: None))
    server = serve(app, path)
    with client_at(path) as client:
        body = {"request": "r", "service": "ho-tich"}
        check_problem(client.post("/v1/tickets", json=body), 503, "journal.unavailable")
        box.folder.mkdir()
        assert client.post("/v1/tickets", json=body).json()["label"] == "A001"
    server.close()
    box.stop()


def test_officer_confirms_the_time(unserved: SimApi) -> None:
    unserved.box.time.synced = False
    later = Moment(START_US + 3_600_000_000, Quality.SYNCED, "", 0).at
    assert unserved.done("clock", at=later.isoformat())["seq"] is None
    assert unserved.box.clock.now().at == later
    assert unserved.box.events()[-1].data["source"] == "officer"


def test_views_are_shown(unserved: SimApi) -> None:
    unserved.done("tickets", request="r", service="ho-tich")
    hall = unserved.client.get("/v1/hall").json()
    assert hall["services"][0]["waiting"][0]["label"] == "A001"
    assert hall["seq"] == 2
    assert unserved.client.get("/v1/health").json() == {"issues": []}
    assert unserved.client.post("/v1/uplink/deliver").status_code == 202
    assert unserved.delivered == 1


def test_openapi_demands_a_request_id_wherever_something_is_created(unserved: SimApi) -> None:
    document = unserved.client.get("/v1/openapi.json").json()
    without = set()
    for path, item in document["paths"].items():
        for method, operation in item.items():
            assert operation["summary"], path
            assert {"404", "409", "422", "503"} <= operation["responses"].keys()
            if method == "post" and "request" not in _required(document, operation):
                without.add(path)
    assert without == {"/v1/clock", "/v1/uplink/deliver", "/v1/uplink/stick"}


def _required(document: dict[str, Any], operation: dict[str, Any]) -> list[str]:
    if "requestBody" not in operation:
        return []
    reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    schema = document["components"]["schemas"][reference.rpartition("/")[2]]
    assert schema["additionalProperties"] is False
    required: list[str] = schema["required"]
    return required


def test_socket_is_for_its_group_only_and_goes_away(api: SimApi) -> None:
    assert stat.S_IMODE(api.path.stat().st_mode) == 0o660
    api.close()
    assert not api.path.exists()


def test_stale_socket_is_replaced(tmp_path: Path, api: SimApi) -> None:
    stale = api.path.with_name("stale.sock")
    with socket.socket(socket.AF_UNIX) as old:
        old.bind(str(stale))
    server = serve(api.app, stale, 0o600)
    assert stat.S_IMODE(stale.stat().st_mode) == 0o600
    with client_at(stale) as client:
        assert client.get("/v1/health").status_code == 200
    server.close()
    with pytest.raises(OSError, match="AF_UNIX path too long"):
        serve(api.app, stale.with_name("x" * 120))


def test_slow_desk_does_not_hold_the_views(api: SimApi) -> None:
    with Gate().held(api.box.desk):
        asking = threading.Thread(target=lambda: api.done("tickets", request="r", service="ho-tich"))
        asking.start()
        assert api.client.get("/v1/hall").status_code == 200
        assert api.client.get("/v1/health").status_code == 200
    asking.join(WAIT_S)
    assert not asking.is_alive()
