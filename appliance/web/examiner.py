"""What the doctor's page needs of the doctor; whoever starts the office provides it.

The doctor itself looks at a box from outside, also at one whose office is down. Here it looks with the rights
of the office, and says of what it may not see that it does not know.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from appliance.errors import DomainError

LEVELS: Final = ("broken", "warning", "unknown", "well", "skipped")
"""In this order on a page: what needs a hand comes first."""


class CardInUseError(DomainError):
    """Error raised when the card should be measured while people are served, and nobody confirmed that."""

    key = "doctor.hall_in_use"
    template = "the hall is open: measuring the card slows presses down; confirm it, or wait for the evening"
    template_vi = (
        "Đang giờ phục vụ: đo thẻ nhớ làm chậm các lượt bấm. Hãy đánh dấu xác nhận, hoặc chờ ngoài giờ."
    )


class NoExaminerError(DomainError):
    """Error raised when an office is asked for the doctor that was started without one."""

    key = "doctor.absent"
    template = "this office was started without the doctor; run motcua doctor on the box"
    template_vi = "Chương trình quầy này chạy không kèm lệnh kiểm tra; hãy chạy motcua doctor trên thiết bị"


@dataclass(frozen=True, slots=True)
class FoundLook:
    """How one condition stands.

    Args:
        key: of the condition, as in docs/operations.md.
        level: one of :data:`LEVELS`.
        title: of the condition; English and Vietnamese.
        said: what was seen; the same.
        todo: what to do, or None; the same.
    """

    key: str
    level: str
    title: tuple[str, str]
    said: tuple[str, str]
    todo: tuple[str, str] | None


def by_level(found: Iterable[FoundLook]) -> list[tuple[str, list[FoundLook]]]:
    """Return the conditions by how they stand, what needs a hand first, without empty groups."""
    kept = list(found)
    groups = [(level, [each for each in kept if each.level == level]) for level in LEVELS]
    return [(level, rows) for level, rows in groups if rows]


@dataclass(frozen=True, slots=True)
class ExaminedLook:
    """One examination.

    Args:
        at: when it ended.
        found: in the order of the doctor's sheet.
        first: what is to be done, what is broken first.
        verdict: the sentence about all of it; English and Vietnamese.
    """

    at: datetime
    found: tuple[FoundLook, ...]
    first: tuple[FoundLook, ...]
    verdict: tuple[str, str]

    def count(self, level: str) -> int:
        """Return how many conditions stand like this."""
        return sum(each.level == level for each in self.found)


@dataclass(frozen=True, slots=True)
class CardLook:
    """How fast the card was.

    Args:
        at: when it was measured.
        verdict: ``good``, ``slow``, ``change`` or ``no_card``.
        count: how many presses were written.
        p50_ms: half of them took at most this.
        p99_ms: 99 %.
        worst_ms: the longest.
    """

    at: datetime
    verdict: str
    count: int
    p50_ms: float
    p99_ms: float
    worst_ms: float


class Examiner(Protocol):
    """The doctor, for a page. Everything blocks: call it in a worker, one call at a time."""

    def examine(self) -> ExaminedLook:
        """Look at everything; takes up to half a minute without a line."""
        ...

    def bundle(self) -> bytes:
        """Return a support bundle, a ``.tar.gz``.

        Raises:
            MotcuaError: what must be kept out of it cannot be read.
        """
        ...

    def measure_card(self) -> CardLook:
        """Measure the card of the data directory for some seconds.

        Raises:
            MotcuaError: there is no room, or it cannot be written.
        """
        ...
