import gzip
import socket
import threading
from pathlib import Path

import pytest
from scripted_http import Request, Response, ScriptedHttpCenter
from sim_uplink import BASE_US, DEVICE, fresh_epoch

from appliance.clock import KernelTime
from appliance.uplink.answers import Admitted, Answer, Busy, SetAside, Stored, Unclear
from appliance.uplink.center import HttpCenter
from appliance.wire.batch import Header, content_digest
from appliance.wire.moment import Moment, Quality

pytestmark = pytest.mark.integration

HEADER = Header(DEVICE, fresh_epoch(), 3, 5, "a" * 64, "b" * 64, "2026-11-23T08:00:00.000000Z", "0.1.0")
BATCH = gzip.compress(b"batch\n")
GENEROUS_S = 30.0


def moment() -> Moment:
    return Moment(BASE_US, Quality.UNSYNCED, KernelTime().boot_id(), 0)


def http_center(url: str, *, timeout_s: float = GENEROUS_S, ca_file: Path | None = None) -> HttpCenter:
    return HttpCenter(url, timeout_s=timeout_s, moment=moment, software="0.1.0", ca_file=ca_file)


def answered(response: Response) -> Answer:
    """Return what one answer to a batch means."""
    with ScriptedHttpCenter(lambda _request: response) as scripted:
        subject = http_center(scripted.url)
        try:
            return subject.send(BATCH, HEADER)
        finally:
            subject.close()


def test_a_batch_is_sent_as_the_wire_says() -> None:
    with ScriptedHttpCenter(lambda _request: Response()) as scripted:
        subject = http_center(scripted.url)
        assert subject.send(BATCH, HEADER) == Stored("a.b.c")
        subject.close()
    request = scripted.requests[0]
    assert request.path == "/v1/batches"
    assert request.body == BATCH
    assert request.fields["content-type"] == "application/x-ndjson"
    assert request.fields["content-encoding"] == "gzip"
    assert request.fields["content-digest"] == content_digest(BATCH)
    assert request.fields["user-agent"] == "motcua/0.1.0"


def test_one_connection_serves_many_requests() -> None:
    def answer(request: Request) -> Response:
        if request.path == "/v1/enrolments":
            return Response(201)
        if request.path == "/v1/evidence":
            text = (
                f'{{"device":"{DEVICE}","epoch":"{HEADER.epoch}","first":3,"last":5,"head":"{HEADER.head}"}}'
            )
            return Response(200, "application/json", text.encode())
        return Response()

    with ScriptedHttpCenter(answer) as scripted:
        subject = http_center(scripted.url + "/")
        assert subject.send(BATCH, HEADER) == Stored("a.b.c")
        assert subject.send_evidence(BATCH, HEADER) == SetAside()
        assert subject.enrol("x.y.z") == Admitted("a.b.c")
        assert scripted.requests[2].body == b"x.y.z"
        assert scripted.connections == 1
        subject.close()


def test_busy_is_heard() -> None:
    assert answered(Response(503, "text/plain", b"", {"Retry-After": "7"})) == Busy(7)


@pytest.mark.parametrize(
    "response",
    [
        Response(200, "text/html", b"<html>Please log in</html>"),
        Response(200, "application/jose", b"x" * 70_000),
        Response(200, "application/jose", gzip.compress(b"a.b.c"), {"Content-Encoding": "gzip"}),
        Response(500, "text/plain", b"oops"),
    ],
)
def test_what_is_no_answer_of_a_center_is_unclear(response: Response) -> None:
    assert isinstance(answered(response), Unclear)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(status: int) -> None:
    with ScriptedHttpCenter(lambda _request: Response()) as other:
        answer = answered(Response(status, "text/html", b"", {"Location": other.url}))
        assert isinstance(answer, Unclear)
        assert other.requests == []


def test_proxy_settings_of_the_environment_are_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert answered(Response()) == Stored("a.b.c")


def test_nobody_there_is_unclear() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    subject = http_center(f"http://127.0.0.1:{port}")
    assert isinstance(subject.send(BATCH, HEADER), Unclear)
    subject.close()


@pytest.mark.parametrize("url", ["http://no-such-host.invalid", "http://[", "nonsense", "http://localhost:0"])
def test_an_address_that_cannot_be_is_unclear(url: str) -> None:
    subject = http_center(url)
    assert isinstance(subject.send(BATCH, HEADER), Unclear)
    subject.close()


def test_an_answer_that_never_comes_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        subject = http_center(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout_s=0.2)
        assert isinstance(subject.send(BATCH, HEADER), Unclear)
        subject.close()


@pytest.mark.parametrize(
    "talk",
    [b"", b"HTTP/1.1 200 OK\r\n", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"],
)
def test_a_peer_that_hangs_up_or_talks_something_else_is_unclear(talk: bytes) -> None:
    def once(listener: socket.socket) -> None:
        line, _ = listener.accept()
        with line:
            line.recv(65_536)
            line.sendall(talk)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=once, args=(listener,), daemon=True)
        thread.start()
        subject = http_center(f"http://127.0.0.1:{listener.getsockname()[1]}")
        assert isinstance(subject.send(BATCH, HEADER), Unclear)
        subject.close()
        thread.join(GENEROUS_S)


def test_an_answer_that_drips_for_ever_is_cut_off() -> None:
    stop = threading.Event()

    def drip(listener: socket.socket) -> None:
        line, _ = listener.accept()
        with line:
            line.recv(65_536)
            try:
                line.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                while not stop.wait(0.02):
                    line.sendall(b"x")
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,), daemon=True)
        thread.start()
        # Every byte is progress, but the whole may take only a multiple of the time-out.
        subject = http_center(f"http://127.0.0.1:{listener.getsockname()[1]}", timeout_s=0.1)
        assert isinstance(subject.send(BATCH, HEADER), Unclear)
        stop.set()
        subject.close()
        thread.join(GENEROUS_S)


def test_closing_ends_a_request_that_hangs_and_later_ones_at_once() -> None:
    hang = threading.Event()
    answers: list[Answer] = []
    with ScriptedHttpCenter(lambda _request: Response(hang=hang)) as scripted:
        subject = http_center(scripted.url, timeout_s=600)
        thread = threading.Thread(target=lambda: answers.append(subject.send(BATCH, HEADER)), daemon=True)
        thread.start()
        assert scripted.arrived.wait(GENEROUS_S)
        subject.close()
        thread.join(GENEROUS_S)
        assert not thread.is_alive()
        hang.set()
        assert isinstance(answers[0], Unclear)
        assert isinstance(subject.send(BATCH, HEADER), Unclear)
        assert len(scripted.requests) == 1
        subject.close()
