import contextlib
import socket
import threading

import pytest
from echo_center import BODY, TIME_OUT_S, Echo, is_cut, post
from hostile_proxy import Fate, HostileProxy

pytestmark = pytest.mark.integration


def test_a_center_that_is_away_cuts_the_client_and_may_come_back_elsewhere(echo: Echo) -> None:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        dead_port = reserved.getsockname()[1]
    with HostileProxy(dead_port, 1, cut_before=0.0) as proxy:
        assert is_cut(proxy)
        assert proxy.counts == {Fate.UPSTREAM_FAILED: 1}
        proxy.upstream_port = echo.server_port
        assert post(proxy)[2] == b"1:" + BODY


def test_a_silent_center_is_given_up(echo: Echo) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        HostileProxy(silent.getsockname()[1], 1, upstream_timeout_s=0.05, cut_before=0.0) as proxy,
    ):
        assert is_cut(proxy)
        assert proxy.counts == {Fate.UPSTREAM_FAILED: 1}


@pytest.mark.parametrize(
    "raw",
    [
        b"nonsense\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
    ],
)
def test_what_is_not_http_ends_the_connection(echo: Echo, raw: bytes) -> None:
    with (
        HostileProxy(echo.server_port, 1, cut_before=0.0) as proxy,
        socket.create_connection(("127.0.0.1", proxy.port), timeout=TIME_OUT_S) as client,
    ):
        client.sendall(raw)
        assert client.recv(1) == b""
        assert proxy.log == []
    assert echo.bodies == []


def test_close_breaks_idle_waiting_and_half_sent_requests_and_leaves_no_thread() -> None:
    threads_before = set(threading.enumerate())
    with socket.create_server(("127.0.0.1", 0)) as silent, contextlib.ExitStack() as clients:
        proxy = HostileProxy(silent.getsockname()[1], 1, connections_max=3, cut_before=0.0).start()
        for raw in (
            b"",
            b"POST / HTTP/1.1\r\nContent-Le",
            b"POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nx",
            b"",
        ):
            client = socket.create_connection(("127.0.0.1", proxy.port), timeout=TIME_OUT_S)
            clients.enter_context(client)
            client.sendall(raw)
        waiting, _ = silent.accept()  # the third client's request is with the center, which says nothing
        clients.enter_context(waiting)
        assert len(set(threading.enumerate()) - threads_before) == 4
        proxy.close()
        proxy.close()
        assert set(threading.enumerate()) == threads_before


def test_a_delay_ends_when_the_proxy_closes(echo: Echo) -> None:
    threads_before = set(threading.enumerate())
    with HostileProxy(echo.server_port, 1, delay_s=3600, delay=1.0) as proxy:
        client = socket.create_connection(("127.0.0.1", proxy.port), timeout=TIME_OUT_S)
        client.sendall(b"POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nx")
    client.close()
    assert set(threading.enumerate()) == threads_before
    assert echo.bodies == []


def test_connections_above_the_bound_wait_their_turn(echo: Echo) -> None:
    with HostileProxy(echo.server_port, 1, connections_max=1, cut_before=0.0) as proxy:
        idle = socket.create_connection(("127.0.0.1", proxy.port), timeout=TIME_OUT_S)
        answers: list[bytes] = []
        waiting = threading.Thread(target=lambda: answers.append(post(proxy)[2]))
        waiting.start()
        idle.close()
        waiting.join(TIME_OUT_S)
        assert answers == [b"1:" + BODY]


def test_odds_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="cut_twice"):
        HostileProxy(1, 1, cut_twice=0.5)
    with pytest.raises(ValueError, match="forwarded"):
        HostileProxy(1, 1, forwarded=0.5)
    with pytest.raises(ValueError, match="must not be"):
        HostileProxy(1, 1, busy=0.6, repeat=0.6)
    with pytest.raises(ValueError, match="must not be"):
        HostileProxy(1, 1, busy=-0.1)


def test_only_loopback_is_listened_on_and_only_after_start(echo: Echo) -> None:
    proxy = HostileProxy(echo.server_port, 1)
    with pytest.raises(RuntimeError, match="start"):
        assert proxy.port
    proxy.close()
    with proxy:
        assert proxy._listener is not None
        assert proxy._listener.getsockname() == ("127.0.0.1", proxy.port)
