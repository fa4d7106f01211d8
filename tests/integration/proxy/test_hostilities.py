import contextlib
import http.client
import json
import socket
from collections import Counter

import pytest
from echo_center import BODY, TIME_OUT_S, Echo, is_cut, only, post
from hostile_proxy import HOSTILE, PORTAL, Fate, HostileProxy

pytestmark = pytest.mark.integration


def test_a_calm_line_hands_everything_on_unchanged(echo: Echo) -> None:
    with HostileProxy(echo.server_port, 1, cut_before=0.0) as proxy:
        status, headers, answer = post(proxy, path="/v1/batches?x=1")
        assert (status, headers["X-Center"], answer) == (200, "yes", b"1:" + BODY)
        assert proxy.counts == {Fate.FORWARDED: 1}
    path, sent, body = echo.requests[0]
    assert (path, sent["Content-Encoding"], sent["X-Twice"], body) == (
        "/v1/batches?x=1",
        "gzip",
        "a",
        BODY,
    )


def test_one_connection_carries_many_requests(echo: Echo) -> None:
    with HostileProxy(echo.server_port, 1, cut_before=0.0) as proxy:
        connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=TIME_OUT_S)
        connection.connect()
        first_socket = connection.sock
        for number in (1, 2, 3):
            connection.request("POST", "/", iter([b"ab", b"cd"]), encode_chunked=True)
            assert connection.getresponse().read() == b"%d:abcd" % number
            assert connection.sock is first_socket
        connection.close()


def test_a_chunked_answer_arrives_whole(echo: Echo) -> None:
    echo.is_chunked = True
    with HostileProxy(echo.server_port, 1, cut_before=0.0) as proxy:
        assert post(proxy)[2] == b"1:" + BODY


def test_a_client_that_waits_for_continue_gets_it(echo: Echo) -> None:
    with (
        HostileProxy(echo.server_port, 1, cut_before=0.0) as proxy,
        socket.create_connection(("127.0.0.1", proxy.port), timeout=TIME_OUT_S) as client,
        client.makefile("rb") as stream,
    ):
        client.sendall(b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        assert stream.readline() == b"HTTP/1.1 100 Continue\r\n"
        client.sendall(b"ok")
        assert [stream.readline() for _ in range(2)][1] == b"HTTP/1.1 200 OK\r\n"


def test_other_methods_pass_untouched(echo: Echo) -> None:
    with only(echo, Fate.CUT_BEFORE) as proxy:
        connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=TIME_OUT_S)
        connection.request("GET", "/")
        assert connection.getresponse().read() == b"well"
        connection.close()


@pytest.mark.parametrize("seed", range(4))
def test_cut_before_leaves_nothing_at_the_center(echo: Echo, seed: int) -> None:
    with only(echo, Fate.CUT_BEFORE, seed) as proxy:
        assert is_cut(proxy)
    assert echo.bodies == []


@pytest.mark.parametrize("seed", range(4))
def test_cut_after_leaves_the_request_at_the_center(echo: Echo, seed: int) -> None:
    with only(echo, Fate.CUT_AFTER, seed) as proxy:
        assert is_cut(proxy)
        assert proxy.log[0].detail == "the answer was 200"
    assert echo.bodies == [BODY]


@pytest.mark.parametrize("seed", range(8))
def test_cut_mid_answer_never_gives_the_whole_answer(echo: Echo, seed: int) -> None:
    got = b""
    with (
        only(echo, Fate.CUT_MID_ANSWER, seed) as proxy,
        socket.create_connection(("127.0.0.1", proxy.port), timeout=TIME_OUT_S) as client,
    ):
        client.sendall(b"POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nlast")
        with contextlib.suppress(ConnectionResetError):
            while part := client.recv(65536):
                got += part
        assert proxy.counts == {Fate.CUT_MID_ANSWER: 1}
    assert b"HTTP/1.1 200 OK".startswith(got[:15])
    assert not got.endswith(b"1:last")
    assert echo.bodies == [b"last"]


def test_truncated_and_corrected_reaches_the_center_shorter(echo: Echo) -> None:
    with only(echo, Fate.TRUNCATE_CORRECTED) as proxy:
        answer = post(proxy)[2]
    (_, headers, body) = echo.requests[0]
    assert len(body) < len(BODY)
    assert BODY.startswith(body)
    assert headers["Content-Length"] == str(len(body))
    assert answer == b"1:" + body


@pytest.mark.parametrize("is_strict", [True, False])
def test_truncated_and_uncorrected_breaks_off_under_the_full_length(echo: Echo, is_strict: bool) -> None:
    echo.is_strict = is_strict
    with only(echo, Fate.TRUNCATE_UNCORRECTED) as proxy:
        assert is_cut(proxy) is is_strict
        assert proxy.counts == {Fate.TRUNCATE_UNCORRECTED: 1}
    (_, headers, body) = echo.requests[0]
    assert len(body) < len(BODY)
    assert headers["Content-Length"] == str(len(BODY))


def test_repeat_sends_twice_and_gives_either_answer(echo: Echo) -> None:
    numbers = []
    with only(echo, Fate.REPEAT) as proxy:
        numbers = [int(post(proxy)[2].partition(b":")[0]) for _ in range(12)]
    assert echo.bodies == [BODY] * 24
    assert {number % 2 for number in numbers} == {0, 1}


def test_delay_lets_it_through(echo: Echo) -> None:
    with HostileProxy(echo.server_port, 1, delay_s=0.01, delay=1.0) as proxy:
        assert post(proxy)[2] == b"1:" + BODY
        assert proxy.counts == {Fate.DELAY: 1}


def test_replay_sends_an_older_request_again_before_or_after(echo: Echo) -> None:
    sent = [b"%d" % number for number in range(20)]
    with only(echo, Fate.REPLAY_OLD) as proxy:
        answers = [post(proxy, body)[2].partition(b":")[2] for body in sent]
        details = {deed.detail.split()[1] for deed in proxy.log if deed.fate is Fate.REPLAY_OLD}
        assert proxy.counts == {Fate.FORWARDED: 1, Fate.REPLAY_OLD: 19}
    assert answers == sent
    assert len(echo.bodies) == 39
    assert set(echo.bodies) == set(sent)
    assert details == {"before", "after"}


@pytest.mark.parametrize("seed", range(6))
def test_reorder_sends_the_held_request_after_the_next(echo: Echo, seed: int) -> None:
    with only(echo, Fate.REORDER, seed) as proxy:
        try:
            status, headers, _ = post(proxy, b"first")
        except (ConnectionError, http.client.HTTPException):
            assert proxy.log[0].detail == "held, cut"
        else:
            assert status in {429, 503}
            assert headers["Retry-After"] in {"0", "1"}
        assert echo.bodies == []
        proxy.calm()
        assert post(proxy, b"second")[2] == b"1:second"
        assert echo.bodies == [b"second", b"first"]
        assert post(proxy, b"third")[2] == b"3:third"
        assert proxy.counts == {Fate.REORDER: 1, Fate.FORWARDED: 2, Fate.LATE: 1}


def test_busy_answers_by_itself(echo: Echo) -> None:
    with only(echo, Fate.BUSY) as proxy:
        answers = [post(proxy) for _ in range(20)]
    seen = {(status, headers["Retry-After"]) for status, headers, _ in answers}
    assert seen == {(429, "0"), (429, "1"), (503, "0"), (503, "1")}
    assert {headers["Content-Type"] for _, headers, _ in answers} == {"application/problem+json"}
    assert [json.loads(body)["status"] for _, _, body in answers] == [status for status, _, _ in answers]
    assert echo.bodies == []


def test_garbage_is_a_200_that_the_center_never_gave(echo: Echo) -> None:
    with only(echo, Fate.GARBAGE) as proxy:
        answers = [post(proxy) for _ in range(30)]
    assert {status for status, _, _ in answers} == {200}
    assert PORTAL in {body for _, _, body in answers}
    kinds = {headers.get_content_type() for _, headers, _ in answers}
    assert kinds == {"text/html", "application/octet-stream", "application/json", "application/jose"}
    assert echo.bodies == []


def bits_apart(one: bytes, other: bytes) -> int:
    assert len(one) == len(other)
    return sum((a ^ b).bit_count() for a, b in zip(one, other, strict=True))


def test_flip_request_changes_one_bit_on_the_way_there(echo: Echo) -> None:
    with only(echo, Fate.FLIP_REQUEST) as proxy:
        answer = post(proxy)[2]
    assert bits_apart(echo.bodies[0], BODY) == 1
    assert answer == b"1:" + echo.bodies[0]


def test_flip_answer_changes_one_bit_on_the_way_back(echo: Echo) -> None:
    with only(echo, Fate.FLIP_ANSWER) as proxy:
        answer = post(proxy)[2]
    assert echo.bodies == [BODY]
    assert bits_apart(answer, b"1:" + BODY) == 1


@pytest.mark.parametrize("fate", [Fate.FLIP_REQUEST, Fate.TRUNCATE_CORRECTED, Fate.TRUNCATE_UNCORRECTED])
def test_an_empty_body_passes_what_needs_one(echo: Echo, fate: Fate) -> None:
    with only(echo, fate) as proxy:
        assert post(proxy, b"")[2] == b"1:"
        assert proxy.counts == {Fate.FORWARDED: 1}


def fates(echo: Echo, seed: int) -> list[tuple[Fate, str]]:
    with echo.lock:
        echo.requests.clear()
    with HostileProxy(echo.server_port, seed, delay_s=0.01) as proxy:
        for number in range(40):
            is_cut(proxy, b"body %d" % number)
        return [(deed.fate, deed.detail) for deed in proxy.log]


def test_one_seed_gives_one_story_and_another_seed_another(echo: Echo) -> None:
    assert fates(echo, 5) == fates(echo, 5)
    assert fates(echo, 5) != fates(echo, 6)


def test_without_odds_every_hostility_comes_and_calm_lets_all_through(echo: Echo) -> None:
    with HostileProxy(echo.server_port, 11, delay_s=0.01) as proxy:
        for number in range(300):
            is_cut(proxy, b"body %d" % number)
        assert proxy.counts.keys() == {*HOSTILE, Fate.FORWARDED, Fate.LATE}
        assert Fate.UPSTREAM_FAILED not in proxy.counts
        proxy.calm()
        before = proxy.counts
        for number in range(20):
            assert post(proxy, b"calm %d" % number)[2].endswith(b":calm %d" % number)
        assert proxy.counts - before - Counter({Fate.LATE: 1}) == {Fate.FORWARDED: 20}
