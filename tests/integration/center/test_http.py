import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import orjson
import pytest
from running_center import BATCHES, ENROLMENTS, EVIDENCE, HEALTH, Running

from appliance.wire import batch
from appliance.wire.enrolment import Enrolled
from appliance.wire.receipt import Receipt
from center.audit import audit_device
from center.serve import CenterServer, ListenError

pytestmark = pytest.mark.integration


def problem(response: httpx2.Response) -> str:
    """Return the type of a problem without its prefix; its form is checked."""
    assert response.headers["content-type"] == "application/problem+json"
    document = response.json()
    assert document["status"] == response.status_code
    assert document["title"]
    assert document["detail"]
    return str(document["type"]).removeprefix("urn:motcua:")


def test_a_box_enrols_delivers_and_is_audited(running: Running) -> None:
    box = running.enrolled()
    epoch = box.epoch(events=2_000)
    response = running.send(epoch, 1, 1_200)
    assert (response.status_code, response.headers["content-type"]) == (200, "application/jose")
    keys = {key.kid: key for key in running.server.keys.public}
    receipt = Receipt.verify(response.text, lambda kid, _payload: keys[kid])
    assert (receipt.upto, receipt.head) == (1_200, epoch.hash_at(1_200))
    gap = running.send(epoch, 1_500, 2_000)
    assert (gap.status_code, problem(gap)) == (409, "gap")
    assert Receipt.verify(gap.json()["receipt"], lambda kid, _payload: keys[kid]).upto == 1_200
    assert running.send(epoch, 1_001, 2_000).status_code == 200
    fork = running.send(epoch.copy(1_999).grow(1, mark="b"), 1_990, 2_000)
    assert (fork.status_code, problem(fork)) == (409, "fork")
    assert Receipt.verify(fork.json()["receipt"], lambda kid, _payload: keys[kid]).upto == 2_000
    assert running.held(epoch) == epoch.lines
    [device] = running.server.store.devices()
    assert audit_device(running.server.store, device).is_complete


def test_the_enrolment_answer_verifies_under_the_pinned_root_key(running: Running) -> None:
    box = running.enrolled()
    claim = "BOX-1.unknown"
    refused = running.http.post(ENROLMENTS, content=box.enrolment(running.server.url, claim))
    assert (refused.status_code, problem(refused)) == (401, "bad-claim")
    good = running.server.make_claim("BOX-1", "site-1", "office")
    answer = running.http.post(ENROLMENTS, content=box.enrolment(running.server.url, good))
    assert Enrolled.verify(answer.text, running.server.keys.root_thumbprint).site == "site-1"
    assert running.http.post(ENROLMENTS, content=b"").status_code == 400
    large = running.http.post(ENROLMENTS, content=b"x" * 100_000)
    assert (large.status_code, problem(large), large.json()["max_bytes"]) == (413, "too-large", 65_536)


def test_evidence_is_set_aside(running: Running) -> None:
    epoch = running.enrolled().epoch(events=5)
    response = running.post(EVIDENCE, epoch.sealed(3, 5))
    assert (response.status_code, response.json()["head"]) == (200, epoch.hash_at(5))
    assert running.post(EVIDENCE, epoch.sealed(3, 5), content_digest=None).status_code == 400
    assert running.held(epoch) == []


@pytest.mark.parametrize("path", [BATCHES, EVIDENCE])
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"content_digest": None}, "bad-digest"),
        ({"content_digest": "sha-256=AAAA"}, "bad-digest"),
        ({"content_digest": batch.content_digest(b"other")}, "bad-digest"),
        ({"content_type": "application/json"}, "malformed"),
        ({"content_type": None}, "malformed"),
        ({"content_encoding": None}, "malformed"),
        ({"content_encoding": "br"}, "malformed"),
    ],
)
def test_headers_that_are_wrong_are_refused(
    running: Running, path: str, changes: dict[str, str | None], expected: str
) -> None:
    epoch = running.enrolled().epoch(events=3)
    response = running.post(path, epoch.sealed(1, 3), **changes)
    assert (response.status_code, problem(response)) == (400, expected)
    assert running.held(epoch) == []
    assert running.send(epoch, 1, 3).status_code == 200


def test_damage_on_the_way_is_a_bad_digest(running: Running) -> None:
    body = bytearray(running.enrolled().epoch(events=9).sealed(1, 9))
    digest = batch.content_digest(bytes(body))
    body[40] ^= 1
    response = running.post(BATCHES, bytes(body), content_digest=digest)
    assert (response.status_code, problem(response)) == (400, "bad-digest")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large_is_413_however_it_comes(running: Running, chunked: bool) -> None:
    content = b"x" * 10_000_000
    headers = {
        "content-type": batch.CONTENT_TYPE,
        "content-encoding": "gzip",
        "content-digest": batch.content_digest(content),
    }
    parts = (content[start : start + 65_536] for start in range(0, len(content), 65_536))
    response = running.http.post(BATCHES, content=parts if chunked else content, headers=headers)
    assert (response.status_code, problem(response)) == (413, "too-large")
    assert response.json()["max_bytes"] == batch.MAX_BYTES
    assert running.http.get(HEALTH).json() == {"status": "ok"}


def test_a_bomb_is_413(running: Running) -> None:
    response = running.post(BATCHES, batch.compress(b"\0" * 60_000_000))
    assert (response.status_code, problem(response)) == (413, "too-large")


def test_the_largest_batch_there_may_be_is_taken(running: Running) -> None:
    epoch = running.enrolled().epoch(events=batch.MAX_EVENTS)
    assert running.send(epoch, 1, batch.MAX_EVENTS).status_code == 200
    assert len(running.held(epoch)) == batch.MAX_EVENTS


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/", 404), ("POST", "/v1/other", 404), ("GET", BATCHES, 405), ("PUT", HEALTH, 405)],
)
def test_other_requests_get_a_problem_too(running: Running, method: str, path: str, status: int) -> None:
    response = running.http.request(method, path)
    assert (response.status_code, problem(response)) == (status, "about:blank")


def test_the_api_describes_itself(running: Running) -> None:
    paths = running.http.get("/openapi.json").json()["paths"]
    assert set(paths) == {BATCHES, EVIDENCE, ENROLMENTS, HEALTH}
    assert "application/jose" in paths[BATCHES]["post"]["responses"]["200"]["content"]


def test_an_unexpected_failure_is_a_500_problem_and_nothing_is_stored(running: Running) -> None:
    epoch = running.enrolled().epoch(events=3)
    running.server.store.close()
    for response in (running.send(epoch, 1, 3), running.http.get(HEALTH)):
        assert (response.status_code, problem(response)) == (500, "about:blank")


def test_the_same_batches_at_the_same_time_are_stored_once(running: Running) -> None:
    epoch = running.enrolled().epoch(events=60)
    ranges = [(first, min(first + 19, 60)) for first in range(1, 61, 10)] * 4

    def send(part: tuple[int, int]) -> int:
        return running.send(epoch, *part).status_code

    with ThreadPoolExecutor(8) as pool:
        while 409 in (answers := list(pool.map(send, ranges))):
            assert set(answers) == {200, 409}
    assert running.held(epoch) == epoch.lines


def begin(running: Running, length: int, expect: bytes = b"Expect: 100-continue\r\n") -> socket.socket:
    """Begin a batch and return once the server waits for its body."""
    connection = running.socket()
    connection.sendall(
        b"POST /v1/batches HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\n"
        b"Content-Encoding: gzip\r\nContent-Digest: " + batch.content_digest(b"").encode() + b"\r\n"
        b"Content-Length: %d\r\n" % length + expect + b"\r\n"
    )
    assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
    return connection


def whole(connection: socket.socket) -> tuple[bytes, dict[str, object]]:
    """Read until the server ends the connection; return the head and the document."""
    answer = b""
    while part := connection.recv(65_536):
        answer += part
    head, _, document = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    return head, orjson.loads(document)


def test_a_body_that_is_hopelessly_large_is_413_at_once_and_the_connection_ends(running: Running) -> None:
    with running.socket() as connection:
        connection.sendall(
            b"POST /v1/enrolments HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\nthe first bytes"
        )
        head, document = whole(connection)
        assert head.startswith(b"HTTP/1.1 413 ")
        assert document["type"] == "urn:motcua:too-large"


def test_a_body_that_never_comes_is_408_and_the_connection_ends(tmp_path: Path) -> None:
    with Running.start(tmp_path, body_timeout_s=0.1) as running, begin(running, 100) as connection:
        connection.sendall(b"slowly")
        head, document = whole(connection)
        assert head.startswith(b"HTTP/1.1 408 ")
        assert document["type"] == "about:blank"
        assert running.http.get(HEALTH).status_code == 200


def test_a_client_that_goes_away_leaves_nothing_behind(running: Running) -> None:
    with begin(running, 100) as connection:
        connection.sendall(b"half of it")
    assert running.http.get(HEALTH).status_code == 200


def test_more_requests_than_there_is_room_for_are_told_to_come_again(tmp_path: Path) -> None:
    with Running.start(tmp_path, max_requests=1, retry_after_s=7) as running, begin(running, 100):
        response = running.http.get(HEALTH)
        assert (response.status_code, problem(response)) == (503, "busy")
        assert response.headers["retry-after"] == "7"


def test_a_restarted_center_knows_its_keys_and_its_boxes(tmp_path: Path) -> None:
    with Running.start(tmp_path) as running:
        epoch = running.enrolled().epoch(events=9)
        running.send(epoch, 1, 5)
        thumbprint = running.server.keys.root_thumbprint
    with Running.start(tmp_path) as running:
        assert running.server.keys.root_thumbprint == thumbprint
        assert running.send(epoch, 4, 9).status_code == 200
        assert running.held(epoch) == epoch.lines


def test_an_address_that_is_taken_is_named(running: Running, tmp_path: Path) -> None:
    with pytest.raises(ListenError, match=str(running.server.port)):
        CenterServer.start(tmp_path / "x.db", tmp_path / "k", port=running.server.port)


def test_stopping_twice_is_as_good_as_once(tmp_path: Path) -> None:
    server = CenterServer.start(tmp_path / "c.db", tmp_path / "keys")
    server.stop()
    server.stop()
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"{server.url}{HEALTH}", timeout=30)
