"""Setup mode as a process: where it is served, that it lives, and that it ends when there are settings."""

import http.client
import socket
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import structlog

from appliance.config.machine import Api
from appliance.config.problem import ConfigError
from appliance.config.source import load
from appliance.config.web import Web
from appliance.health.links import addresses
from appliance.httpd import tls
from appliance.httpd.headers import Bounds
from appliance.httpd.server import HttpServer, Listener, tcp_socket
from appliance.office.notify import PING_S, notify
from appliance.setup_mode.app import create_app
from appliance.setup_mode.facts import gather
from appliance.stopping import Stop
from appliance.unix import unix_socket

log = structlog.get_logger(__name__)

NAME: Final = "motcua"
"""Whose certificate it is as long as nobody knows the box's id."""
LOOK_S: Final = 2.0
ANSWER_S: Final = 5.0
MOST_BODY: Final = 1_024

Made = TypeVar("Made")


class SetupMode:
    """A running setup mode; make it with :meth:`open`.

    Args:
        config: the office.toml that is waited for.
        ports: the TCP ports served, the box's own screen's first.
    """

    def __init__(self, config: Path, ports: tuple[int, ...], stack: ExitStack, path: Path) -> None:
        self.ports = ports
        self._config = config
        self._stack = stack
        self._socket = path

    @classmethod
    def open(
        cls, config: Path, data: Path, error: ConfigError, *, api: Api | None = None, web: Web | None = None
    ) -> "SetupMode":
        """Serve the page, on the box's own screen, on the LAN and on the Unix socket.

        Args:
            config: the office.toml that is missing or wrong.
            data: the data directory.
            error: what is the matter with it.
            api: where the socket is; None for the usual place.
            web: the ports; None for the usual ones.

        Raises:
            OSError: the Unix socket cannot be bound; a TCP port that is taken is only logged.
        """
        api, web = api or Api(), web or Web()
        for each in gather(data, error).mistakes:
            log.error("setup_mode.wrong", place=each.place, reason=each.message)
        stack = ExitStack()
        listeners = _listeners(data, error, api, web)
        server = HttpServer.open(listeners, name="setup-mode")
        stack.callback(server.close)
        notify("READY=1")
        stack.callback(notify, "STOPPING=1")
        log.warning("setup_mode.open", ports=server.ports, socket=str(api.socket))
        return cls(config, server.ports, stack, api.socket)

    def wait(self, stop: Stop, *, look_s: float = LOOK_S) -> bool:
        """Return when ``stop`` is set, or when there are settings; whether it is the latter.

        Args:
            stop: ends it.
            look_s: how often office.toml is looked for, seconds.
        """
        looks_a_ping = max(1, round(PING_S / look_s))
        looks = 0
        while not stop.wait(look_s):
            looks += 1
            if looks % looks_a_ping == 0 and self.is_alive():
                notify("WATCHDOG=1")
            if self._is_set_up():
                log.info("setup_mode.over", config=str(self._config))
                return True
        return False

    def is_alive(self) -> bool:
        """Whether the page is answered; one that hangs is restarted, as an office's desk would be."""
        connection = http.client.HTTPConnection("localhost", timeout=ANSWER_S)
        try:
            connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.sock.settimeout(ANSWER_S)
            connection.sock.connect(str(self._socket))
            connection.request("GET", "/v1/setup")
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException) as error:
            log.warning("setup_mode.hangs", reason=str(error))
            return False
        finally:
            connection.close()

    def close(self) -> None:
        """Stop serving; idempotent."""
        self._stack.close()

    def _is_set_up(self) -> bool:
        try:
            load(self._config)
        except ConfigError:
            return False
        return True


def _listeners(data: Path, error: ConfigError, api: Api, web: Web) -> list[Listener]:
    own = _or_none(partial(tls.own, data, NAME, (), addresses()))
    lan = None if own is None else _or_none(partial(tcp_socket, "::", web.port))
    port = None if lan is None else int(lan.getsockname()[1])
    fingerprint = "" if own is None else own.fingerprint
    app = create_app(partial(gather, data, error, port=port, fingerprint=fingerprint))
    met = Bounds(app, most_body=MOST_BODY)
    screen = _or_none(partial(tcp_socket, "127.0.0.1", web.loopback_port))
    listeners = [] if screen is None else [Listener(met, screen)]
    if lan is not None and own is not None:
        listeners.append(Listener(met, lan, own.context))
    return [*listeners, Listener(app, unix_socket(api.socket, api.permissions), unlink=api.socket)]


def _or_none(make: Callable[[], Made]) -> Made | None:
    try:
        return make()
    except OSError as error:
        log.warning("setup_mode.not_served", reason=str(error))
        return None
