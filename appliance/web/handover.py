"""The hand-over of a box: what is tried before an office is left to its people; the root provides it.

Buttons are always live, here too: a press during the hand-over is a press, recorded as a number taken or a
rating given. Swallowing presses would need a mode that can be left on in a hall full of people, in which a
lamp lights for what was not kept, or stays dark for what somebody meant. So a run only *notices* presses and
ticks them off. It can begin while no counter is open, ends by itself when one opens or a ticket is called,
and when nothing was done for 15 minutes. The numbers that were taken meanwhile are named on the page, and one
button cancels exactly those of them that still wait. Ratings that were pressed belong to no ticket and no
officer, as at every closed counter.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from appliance.errors import DomainError
from appliance.web.bench import BenchLook, StationLook

IDLE_MS: Final = 15 * 60_000
"""A run in which nothing happens for so long is over."""


class HandoverOverError(DomainError):
    """Error raised when something is tried and no hand-over is being done: not begun, or over by itself."""

    key = "handover.over"
    template = "no hand-over is being done; go on with it first"
    template_vi = "Chưa bắt đầu hoặc đã hết giờ bàn giao. Hãy bấm Tiếp tục rồi thử lại."


class HallInUseError(DomainError):
    """Error raised when a hand-over is to begin while a counter is open."""

    key = "handover.hall_in_use"
    template = "counters are open: close them first, so that no citizen's press is taken for a test"
    template_vi = "Đang có quầy mở: hãy đóng hết các quầy để lượt bấm của công dân không bị coi là bấm thử"


class UnknownStepError(DomainError, LookupError):
    """Error raised when a page names a step that this box does not have."""

    key = "handover.unknown_step"
    template = "this box has no step {subject}; load the page again"
    template_vi = "Thiết bị này không có bước {subject}. Xin tải lại trang."


class NotByWordError(DomainError):
    """Error raised when somebody's word is to stand for what only a press or the box itself can show."""

    key = "handover.not_by_word"
    template = "{subject} is ticked by the press or the measurement itself"
    template_vi = "{subject} chỉ đạt khi thiết bị nhận được lượt bấm hoặc tự đo được"


class Kind(StrEnum):
    """What a step is about, in the order of the page."""

    ISSUE = "issue"
    RATING = "rating"
    KEYS = "keys"
    EVALUATOR = "evaluator"
    LAMP = "lamp"
    BUZZER = "buzzer"
    BEEP = "beep"
    PANEL = "panel"
    SCREEN = "screen"
    NETWORK = "network"
    CLOCK = "clock"
    ENROLLED = "enrolled"
    RECEIPT = "receipt"
    CARD = "card"


NOTICED: Final = frozenset({Kind.ISSUE, Kind.RATING, Kind.KEYS, Kind.EVALUATOR})
"""Ticked by the press itself."""
TRIED: Final = frozenset({Kind.LAMP, Kind.BUZZER, Kind.BEEP, Kind.PANEL})
"""The box does it, and the technician says whether it was seen or heard."""
MEASURED: Final = frozenset({Kind.NETWORK, Kind.CLOCK, Kind.ENROLLED, Kind.RECEIPT})
"""The box finds out by itself."""


class Result(StrEnum):
    """How a step ended; recorded as the ``result`` of ``hardware.tested``."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to try.

    Args:
        subject: of the record, unique: ``button:issue.1``, ``panel:q1``, ``center:receipt``.
        kind: see there.
        counter: the id of the counter it is at; empty for none.
        place: a level of the scale, 1 the worst; or the service's place in the settings, from 0; or a key.
    """

    subject: str
    kind: Kind
    counter: str = ""
    place: int = 0


@dataclass(frozen=True, slots=True)
class Mark:
    """How a step ended.

    Args:
        result: see there.
        at: when.
        by: the technician's id.
        said: what the box said of it: the label given out, why a press was refused; English.
        said_vi: the same in Vietnamese.
    """

    result: Result
    at: datetime
    by: str
    said: str = ""
    said_vi: str = ""


@dataclass(frozen=True, slots=True)
class HandoverLook:
    """A hand-over as it is now.

    Args:
        steps: in the order of the page, each with how it ended; None while it has not.
        is_on: whether presses are being noticed.
        begun_at: when it was begun; None when it never was.
        by: who did something last.
        tickets: the labels of the numbers that were tried and still wait.
        is_hall_in_use: whether a counter is open, so that it cannot go on.
    """

    steps: tuple[tuple[Step, Mark | None], ...]
    is_on: bool = False
    begun_at: datetime | None = None
    by: str = ""
    tickets: tuple[str, ...] = ()
    is_hall_in_use: bool = False

    def count(self, result: Result | None) -> int:
        """Return how many steps ended so; None: not at all."""
        return sum((None if mark is None else mark.result) == result for _, mark in self.steps)


class Handover(Protocol):
    """The hand-over of one box; for any thread. Every method that changes something may block on the card."""

    def look(self) -> HandoverLook:
        """Return it as it is; returns at once."""
        ...

    def begin(self, by: str, *, is_anew: bool) -> None:
        """Notice presses from now on.

        Args:
            by: the technician's id.
            is_anew: whether what was found earlier is forgotten.

        Raises:
            HallInUseError: a counter is open.
            TransientError: it could not be recorded or kept.
        """
        ...

    def end(self) -> None:
        """Notice no more; what was found stays."""
        ...

    def attempt(self, subject: str, by: str) -> None:
        """Light, sound or show it.

        Raises:
            HandoverOverError, UnknownStepError: by what they name.
            UnknownDeviceError, NotTestedError: it cannot be reached.
        """
        ...

    def mark(self, subject: str, result: Result, by: str) -> None:
        """Take the technician's word for it.

        Raises:
            HandoverOverError, UnknownStepError, NotByWordError: by what they name.
            TransientError: it could not be recorded.
        """
        ...

    def measure(self, by: str) -> None:
        """Find out what the box can find out by itself.

        Raises:
            HandoverOverError: see there.
        """
        ...

    def cancel_tickets(self, by: str) -> int:
        """Cancel the numbers that were tried and still wait; return how many."""
        ...


def steps_of(look: BenchLook) -> tuple[Step, ...]:
    """Return the steps for what is fitted, in the order in which a technician walks through the hall."""
    steps = [Step(button.device, Kind.ISSUE, place=button.place) for button in look.issue]
    if look.buzzer is not None:
        steps.append(Step(look.buzzer.device, Kind.BUZZER))
    for station in look.stations:
        steps += _at(station)
    screens: Iterable[Step] = (Step(f"screen:{name}", Kind.SCREEN) for name in ("display", "kiosk"))
    return (
        *steps,
        *screens,
        Step("box:network", Kind.NETWORK),
        Step("box:clock", Kind.CLOCK),
        Step("center:enrolled", Kind.ENROLLED),
        Step("center:receipt", Kind.RECEIPT),
        Step("box:card", Kind.CARD),
    )


def _at(station: StationLook) -> Iterator[Step]:
    counter = station.counter
    for button in reversed(station.buttons):
        yield Step(button.device, Kind.RATING, counter, button.place)
    if station.lamp is not None:
        yield Step(station.lamp.device, Kind.LAMP, counter)
    if station.panel is not None:
        yield Step(f"panel:{counter}", Kind.PANEL, counter)
    if station.keypad is not None:
        yield Step(f"keypad:{counter}", Kind.BEEP, counter)
        yield Step(f"keys:{counter}", Kind.KEYS, counter)
        for place in reversed(range(len(station.keypad.levels))):
            yield Step(f"evaluator:{counter}:{place}", Kind.EVALUATOR, counter, place)
