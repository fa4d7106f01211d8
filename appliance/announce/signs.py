"""A thread that keeps every sign at its counter's face: the newest state wins, a slow sign delays nobody."""

import threading
from collections.abc import Mapping, Sequence
from typing import Protocol

import structlog

from appliance.announce.board import Face, faces
from appliance.queueing.hall import Hall
from appliance.queueing.rules import HallRules

log = structlog.get_logger(__name__)


class Sign(Protocol):
    """Something at a counter that shows a face; returns at once, may raise, is asked again later."""

    def show(self, face: Face) -> None:
        """Show a face."""
        ...


class Signs:
    """Keeps signs current; make it with :meth:`open`.

    Args:
        rules: which counters there are.
        signs: by counter id.
    """

    def __init__(self, rules: HallRules, signs: Mapping[str, Sequence[Sign]]) -> None:
        self._rules = rules
        self._signs = signs
        self._shown: dict[tuple[str, int], Face] = {}
        self._changed = threading.Condition()
        self._hall: Hall | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="signs", daemon=True)

    @classmethod
    def open(cls, rules: HallRules, signs: Mapping[str, Sequence[Sign]]) -> "Signs":
        """Start the thread."""
        opened = cls(rules, signs)
        opened._thread.start()
        return opened

    def follow(self, hall: Hall) -> None:
        """Have the signs show this hall soon; from any thread, returns at once."""
        with self._changed:
            self._hall = hall
            self._changed.notify()

    def close(self) -> None:
        """Show nothing more."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._hall is not None)
                if self._closed or self._hall is None:
                    return
                hall, self._hall = self._hall, None
            self._show(hall)

    def _show(self, hall: Hall) -> None:
        for counter, face in faces(hall, self._rules).items():
            for index, sign in enumerate(self._signs.get(counter, ())):
                if self._shown.get((counter, index)) == face:
                    continue
                try:
                    sign.show(face)
                except Exception:
                    log.exception("sign.failed", counter=counter)
                    self._shown.pop((counter, index), None)
                else:
                    self._shown[(counter, index)] = face
