"""A running center: the composition root and its HTTP server on a thread of its own."""

import socket
import threading
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import uvicorn

from center.app import create_app
from center.clock import Clock, SystemClock
from center.errors import CenterError
from center.keys import CenterKeys
from center.register import Place, make_claim
from center.settings import Settings
from center.store.port import Store
from center.store.sqlite import SqliteStore

_START_S = 30.0
_STOP_S = 3
_BACKLOG = 512
_SYSTEM_CLOCK = SystemClock()


class ListenError(CenterError, OSError):
    """Error raised when the center cannot listen where it was told to."""

    key = "center.listen"
    template = "cannot listen on {host} port {port}: {reason}; free it, or give --port 0 for any free one"
    template_vi = "Không mở được {host} cổng {port}: {reason}"


class _Server(uvicorn.Server):
    """Uvicorn that says when it listens."""

    def __init__(self, config: uvicorn.Config, ready: threading.Event) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready.set()


class CenterServer:
    """A center that listens.

    Args:
        store: closed by :meth:`stop`.
        keys: the center's own.
        settings: with the URL it is reached under.
        clock: center time.
        server: the HTTP server.
        listener: the bound socket.
    """

    def __init__(
        self,
        *,
        store: Store,
        keys: CenterKeys,
        settings: Settings,
        clock: Clock,
        server: _Server,
        listener: socket.socket,
    ) -> None:
        self._clock = clock
        self.store = store
        self.keys = keys
        self.settings = settings
        self.port: int = listener.getsockname()[1]
        self._server = server
        self._listener = listener
        self._thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, name="center-http", daemon=True
        )

    @property
    def url(self) -> str:
        """The URL that boxes and their enrolments use."""
        return self.settings.url

    @classmethod
    def start(
        cls,
        db: Path,
        keys: Path,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        url: str | None = None,
        clock: Clock = _SYSTEM_CLOCK,
        **settings: Any,  # noqa: ANN401 - checked by Settings
    ) -> "CenterServer":
        """Open the store and the keys, listen, and return once requests are answered.

        Args:
            db: the store's file; made when absent.
            keys: the folder of the center's keys; made when absent.
            host: address to listen on.
            port: 0 for any free one.
            url: URL under which boxes reach it; by default the address it listens on.
            clock: center time.
            settings: further members of :class:`Settings`.

        Raises:
            ListenError: the address is taken or not this machine's.
            KeyFileError, StoreUnavailableError, StoreDamagedError: by what they name.
        """
        own_keys = CenterKeys.open(keys)
        listener = _listen(host, port)
        try:
            address = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
            chosen = Settings(url=url or address, **settings)
            store = SqliteStore.open(db)
        except BaseException:
            listener.close()
            raise
        ready = threading.Event()
        app = create_app(store, own_keys, chosen, clock)
        config = uvicorn.Config(
            app,
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=_STOP_S,
        )
        center = cls(
            store=store,
            keys=own_keys,
            settings=chosen,
            clock=clock,
            server=_Server(config, ready),
            listener=listener,
        )
        center._thread.start()
        if not ready.wait(_START_S):
            center.stop()
            raise ListenError(host=host, port=port, reason="the server did not start")
        return center

    def make_claim(self, device: str, site: str, role: str, days: int = 1) -> str:
        """Return a one-time claim, ``<device>.<secret>``.

        Raises:
            RegisterError: it contradicts the register.
        """
        with self.store.transaction():
            valid = timedelta(days=days)
            return str(make_claim(self.store, Place(device, site, role), self._clock.now(), valid))

    def stop(self) -> None:
        """Answer what is being asked, close the listener and the store. Safe to call twice."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join()
        self._listener.close()
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise ListenError(host=host, port=port, reason=error.strerror or str(error)) from error
