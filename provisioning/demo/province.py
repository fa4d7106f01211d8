"""The province's center, taken away and brought back while the office runs."""

import threading
from collections.abc import Callable

import structlog

from center.errors import CenterError
from center.serve import CenterServer
from provisioning.demo.scene import NEXT_AFTER_S, Scene

log = structlog.get_logger(__name__)

_JOIN_S = 10.0


class Province:
    """Stops and starts a scene's center on a thread of its own, since answering open requests takes seconds.

    Args:
        scene: whose center it is; ``scene.center`` is replaced by each new one.
        changed: called from that thread when the state is another.
    """

    def __init__(self, scene: Scene, changed: Callable[[], None]) -> None:
        self._scene = scene
        self._changed = changed
        self._state = "up"
        self._thread: threading.Thread | None = None
        self._own: CenterServer | None = None

    @property
    def state(self) -> str:
        """``up``, ``stopping``, ``down`` or ``starting``."""
        return self._state

    def toggle(self) -> None:
        """Take it away or bring it back; without effect while one of them is going on."""
        match self._state:
            case "up":
                self._begin("stopping", self._stop)
            case "down":
                self._begin("starting", self._start)
            case _:
                pass

    def close(self) -> None:
        """Wait for what is going on and stop what was started here; idempotent.

        The scene closes its first center itself, after the office.
        """
        if self._thread is not None:
            self._thread.join(_JOIN_S)
        if self._own is not None:
            self._own.stop()

    def _begin(self, state: str, work: Callable[[], None]) -> None:
        self._state = state
        self._thread = threading.Thread(target=work, name="province", daemon=True)
        self._thread.start()

    def _stop(self) -> None:
        self._scene.center.stop()
        self._become("down")

    def _start(self) -> None:
        scene = self._scene
        try:
            self._own = scene.center = CenterServer.start(
                scene.folder / "center.db",
                scene.folder / "center-keys",
                port=scene.center.port,
                next_after_s=NEXT_AFTER_S,
            )
        except (CenterError, OSError) as error:
            log.exception("demo.center_not_started", reason=str(error))
            self._become("down")
            return
        self._become("up")
        scene.office.uplink.deliver_now()

    def _become(self, state: str) -> None:
        self._state = state
        self._changed()
