"""Words to systemd: ready, alive, stopping (sd_notify(3)). Without systemd nothing is said."""

import os
import socket
import threading

import structlog

from appliance.desk.commands import Tick
from appliance.desk.desk import Desk
from appliance.errors import TransientError

log = structlog.get_logger(__name__)

PING_S = 10.0


def notify(words: str) -> None:
    """Send a notification to the service manager, if there is one."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        try:
            # A leading @ is the abstract name space.
            sender.sendto(words.encode(), "\0" + address[1:] if address.startswith("@") else address)
        except OSError as error:
            log.warning("systemd.not_told", reason=str(error))


class Watchdog:
    """Tells systemd that the desk answers; a desk that hangs is restarted.

    Args:
        desk: the thread to ask.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)

    @classmethod
    def open(cls, desk: Desk) -> "Watchdog":
        """Start it."""
        watchdog = cls(desk)
        watchdog._thread.start()
        return watchdog

    def close(self) -> None:
        """Stop it."""
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._closing.wait(PING_S):
            try:
                self._desk.ask(Tick(), timeout_s=PING_S)
            except TransientError as error:
                # It answers; that the disk is full is no reason to restart it.
                log.info("watchdog.desk_refuses", reason=str(error))
            except TimeoutError:
                log.exception("watchdog.desk_hangs")
                continue
            notify("WATCHDOG=1")
