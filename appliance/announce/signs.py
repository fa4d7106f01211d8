"""Keeps every sign at its counter's face: the newest state wins, a slow or broken sign delays nobody."""

import threading
from collections.abc import Mapping, Sequence
from typing import Protocol

import structlog

from appliance.announce.board import Face, faces
from appliance.queueing.hall import Hall
from appliance.queueing.rules import HallRules

log = structlog.get_logger(__name__)

RETRY_S = 5.0
"""How long after a failure a sign is asked again, if nothing changes before."""
JOIN_S = 5.0


class Sign(Protocol):
    """Something at a counter that shows a face; may take its time, may raise, is asked again later."""

    def show(self, face: Face) -> None:
        """Show a face."""
        ...


class Signs:
    """Keeps signs current; make it with :meth:`open`.

    Args:
        rules: which counters there are.
        signs: by counter id.
        retry_s: how long after a failure a sign is asked again.
    """

    def __init__(
        self, rules: HallRules, signs: Mapping[str, Sequence[Sign]], retry_s: float = RETRY_S
    ) -> None:
        self._rules = rules
        self._keepers = {
            counter: [_Keeper(counter, sign, retry_s) for sign in of_counter]
            for counter, of_counter in signs.items()
        }
        self._changed = threading.Condition()
        self._hall: Hall | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="signs", daemon=True)

    @classmethod
    def open(cls, rules: HallRules, signs: Mapping[str, Sequence[Sign]], retry_s: float = RETRY_S) -> "Signs":
        """Start the threads: one that looks at the hall, and one for each sign."""
        opened = cls(rules, signs, retry_s)
        for keeper in opened._all():
            keeper.start()
        opened._thread.start()
        return opened

    def follow(self, hall: Hall) -> None:
        """Have the signs show this hall soon; from any thread, returns at once."""
        with self._changed:
            self._hall = hall
            self._changed.notify()

    def close(self) -> None:
        """Show nothing more; a sign that hangs is left behind."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()
        for keeper in self._all():
            keeper.close()

    def _all(self) -> list["_Keeper"]:
        return [keeper for keepers in self._keepers.values() for keeper in keepers]

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._hall is not None)
                if self._closed or self._hall is None:
                    return
                hall, self._hall = self._hall, None
            for counter, face in faces(hall, self._rules).items():
                for keeper in self._keepers.get(counter, ()):
                    keeper.want(face)


class _Keeper:
    """One sign and the thread that talks to it."""

    def __init__(self, counter: str, sign: Sign, retry_s: float) -> None:
        self._counter = counter
        self._sign = sign
        self._retry_s = retry_s
        self._changed = threading.Condition()
        self._wanted: Face | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=f"sign {counter}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def want(self, face: Face) -> None:
        """Have the sign show a face soon; one that waits is replaced."""
        with self._changed:
            self._wanted = face
            self._changed.notify()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(JOIN_S)

    def _run(self) -> None:
        tried: Face | None = None
        while (face := self._next(tried, retry_s=None)) is not None:
            while not self._is_shown(face):
                again = self._next(face, retry_s=self._retry_s)
                if again is None:
                    return
                face = again
            tried = face

    def _next(self, known: Face | None, retry_s: float | None) -> Face | None:
        """Wait for a face other than ``known``, or until it is time to try again; None when closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._wanted != known, retry_s)
            return None if self._closed else self._wanted

    def _is_shown(self, face: Face) -> bool:
        try:
            self._sign.show(face)
        except Exception:
            log.exception("sign.failed", counter=self._counter)
            return False
        return True
