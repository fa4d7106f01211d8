"""How numbers, spans and instants are written in Vietnamese and in English.

Spans are milliseconds. Instants are aware datetimes, or integers that count microseconds since 1970 in UTC;
they are shown in the time of Hanoi, whatever the box's own time zone says.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final
from zoneinfo import ZoneInfo

HANOI: Final = ZoneInfo("Asia/Ho_Chi_Minh")

Instant = datetime | int

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE_MS: Final = 60_000
_WEEKDAYS_VI: Final = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật")
_WEEKDAYS_EN: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS_EN: Final = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


@dataclass(frozen=True, slots=True)
class Formats:
    """The marks and the words of one language."""

    group: str
    point: str
    minute: str
    hour: str
    under_a_minute: str
    at_most: str

    def number(self, value: float | Decimal, decimals: int = 0) -> str:
        """Return a number with its groups of three; halves go to the even neighbor."""
        exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        rounded = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN)
        if not rounded:
            rounded = abs(rounded)
        marks = {",": self.group, ".": self.point}
        return "".join(marks.get(mark, mark) for mark in f"{rounded:,}")

    def percent(self, fraction: float | Decimal, decimals: int = 0) -> str:
        """Return a fraction of one in percent."""
        exact = Decimal(repr(fraction)) if isinstance(fraction, float) else Decimal(fraction)
        return f"{self.number(exact * 100, decimals)}%"

    def minutes(self, span_ms: float) -> str:
        """Return a span in whole minutes, begun ones not counted; from an hour on in hours and minutes."""
        whole = max(0, int(span_ms)) // _MINUTE_MS
        if not whole:
            return self.under_a_minute
        hours, rest = divmod(whole, 60)
        said = [f"{self.number(hours)} {self.hour}"] if hours else []
        if rest:
            said.append(f"{rest} {self.minute}")
        return " ".join(said)

    def span(self, low_ms: float, high_ms: float) -> str:
        """Return a range of spans, ``10–15 min``; ``up to 5 min`` from none; one when both are the same."""
        low, high = self.minutes(low_ms), self.minutes(high_ms)
        if low == high:
            return low
        if low == self.under_a_minute:
            return f"{self.at_most} {high}"
        if max(int(low_ms), int(high_ms)) < 60 * _MINUTE_MS:
            return f"{int(low_ms) // _MINUTE_MS}–{high}"
        return f"{low} – {high}"


@dataclass(frozen=True, slots=True)
class Vietnamese(Formats):
    """Dates as Vietnamese public offices write them."""

    def day(self, on: date) -> str:
        """Return ``25/11/2026``."""
        return f"{on:%d/%m/%Y}"

    def date(self, on: date) -> str:
        """Return ``Thứ Tư, 25/11/2026``."""
        return f"{_WEEKDAYS_VI[on.weekday()]}, {self.day(on)}"


@dataclass(frozen=True, slots=True)
class English(Formats):
    """Dates with the month in letters, so that nobody reads day and month the wrong way round."""

    def day(self, on: date) -> str:
        """Return ``25 Nov 2026``."""
        return f"{on.day} {_MONTHS_EN[on.month - 1][:3]} {on.year}"

    def date(self, on: date) -> str:
        """Return ``Wednesday, 25 November 2026``."""
        return f"{_WEEKDAYS_EN[on.weekday()]}, {on.day} {_MONTHS_EN[on.month - 1]} {on.year}"


VIETNAMESE: Final = Vietnamese(".", ",", "phút", "giờ", "dưới 1 phút", "không quá")
ENGLISH: Final = English(",", ".", "min", "h", "under 1 min", "up to")


def hanoi(at: Instant) -> datetime:
    """Return an instant in the time of Hanoi."""
    if isinstance(at, datetime):
        return at.astimezone(HANOI)
    return (_EPOCH + timedelta(microseconds=at)).astimezone(HANOI)


def day_of(at: Instant | date) -> date:
    """Return the day of an instant in Hanoi; a date is its own day."""
    if isinstance(at, date) and not isinstance(at, datetime):
        return at
    return hanoi(at).date()
