"""The office's side of a test of the gate: it leaves a wish, and reads what was found.

Who runs it is the box's systemd, as root (``motcua-gate-test.path``): the office starts no program.
"""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog

from appliance.config import Settings
from appliance.sockets import gate_test
from appliance.sockets.errors import BadLineError
from appliance.sockets.gate_test import MOST_BYTES, Found, GateTest, Sentence
from appliance.web.examiner import ExaminedLook, FoundLook
from appliance.web.wifi import TestLook, TestNotAskedError
from appliance.wire.moment import parse_wire_time

log = structlog.get_logger(__name__)

MOST_S: Final = 300.0
"""After so long nobody took the wish, or whoever did was killed."""
_NOT_SEEN: Final = {"unseen": "unknown"}
_ORDER: Final = ("broken", "warning", "unknown")


class GateTests:
    """See the module; for any thread.

    Args:
        settings: returns those in force.
        now_s: monotonic seconds.
    """

    def __init__(self, settings: Callable[[], Settings], now_s: Callable[[], float]) -> None:
        self._settings, self._now_s = settings, now_s
        self._lock = threading.Lock()
        # An earlier life of the office may have asked.
        self._asked_s = now_s() if self._wish.exists() else None
        self._before = self._left()
        self._is_overdue = False

    def ask(self) -> None:
        """Ask for a test, unless one is asked for.

        Raises:
            TestNotAskedError: the wish cannot be left.
        """
        with self._lock:
            left = self._left()
            if self._is_running(left):
                return
            self._before = left
            try:
                self._wish.touch()
            except OSError as error:
                raise TestNotAskedError(reason=error.strerror or str(error)) from None
            self._asked_s, self._is_overdue = self._now_s(), False

    def look(self) -> TestLook:
        """Return what was found last, and whether a test is under way."""
        with self._lock:
            left = self._left()
            is_running = self._is_running(left)
            return TestLook(is_running, is_overdue=self._is_overdue, last=_look(left))

    def _is_running(self, left: GateTest | None) -> bool:
        if self._asked_s is None:
            return False
        if left != self._before:
            self._asked_s = None
            return False
        if self._now_s() - self._asked_s > MOST_S:
            self._asked_s, self._is_overdue = None, True
            self._wish.unlink(missing_ok=True)
            return False
        return True

    @property
    def _wish(self) -> Path:
        return self._settings().hotspot.link_dir / gate_test.WISH

    def _left(self) -> GateTest | None:
        path = self._settings().hotspot.socket.with_name(gate_test.FILE)
        try:
            with path.open("rb") as file:
                content = file.read(MOST_BYTES + 1)
            return GateTest.of_content(content, MOST_BYTES, gate_test.FILE)
        except FileNotFoundError:
            return None
        except (OSError, BadLineError) as error:
            log.warning("gate.test_unreadable", reason=str(error))
            return None


def _look(test: GateTest | None) -> ExaminedLook | None:
    if test is None:
        return None
    found = tuple(map(_found, test.found))
    todo = [each for each in found if each.todo is not None and each.level in _ORDER]
    first = tuple(sorted(todo, key=lambda each: _ORDER.index(each.level)))
    return ExaminedLook(parse_wire_time(test.at), found, first, _both(test.verdict))


def _found(each: Found) -> FoundLook:
    level = _NOT_SEEN.get(each.level, each.level)
    todo = None if each.todo is None else _both(each.todo)
    return FoundLook(each.key, level, _both(each.title), _both(each.said), todo)


def _both(sentence: Sentence) -> tuple[str, str]:
    return sentence.en, sentence.vi
