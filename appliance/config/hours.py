"""Opening hours as a person writes them: ``07:30-11:30, 13:30-17:00``."""

import re
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import PlainSerializer, PlainValidator

from appliance.config.fields import Form, refuse

DAY_MIN: Final = 24 * 60
MAX_SPANS: Final = 6

_SPAN = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])\s*[-–]\s*([01][0-9]|2[0-4]):([0-5][0-9])\Z")


@dataclass(frozen=True, slots=True)
class Span:
    """One unbroken piece of a working day, minutes since local midnight, ``closes_min`` excluded."""

    opens_min: int
    closes_min: int

    def __str__(self) -> str:
        return f"{_clock(self.opens_min)}-{_clock(self.closes_min)}"


def parse_hours(value: object) -> tuple[Span, ...]:
    """Read the opening hours of one weekday.

    Args:
        value: Spans in order, separated by commas; empty for a closed day. ``24:00`` may end the last one.

    Raises:
        PydanticCustomError: The text is not of this form, a span ends before it begins, or two overlap.
    """
    if not isinstance(value, str):
        raise refuse("string_type")
    if not value.strip():
        return ()
    texts = [piece.strip() for piece in value.split(",")]
    if len(texts) > MAX_SPANS:
        raise refuse("hours.form")
    spans: list[Span] = []
    for text in texts:
        span = _span(text)
        if span.closes_min <= span.opens_min:
            raise refuse("hours.order", span=str(span))
        if spans and span.opens_min < spans[-1].closes_min:
            raise refuse("hours.overlap", span=str(span))
        spans.append(span)
    return tuple(spans)


def hours_text(spans: tuple[Span, ...]) -> str:
    """Return the text that ``parse_hours`` reads back to the same spans."""
    return ", ".join(map(str, spans))


def _span(text: str) -> Span:
    match = _SPAN.match(text)
    if match is None:
        raise refuse("hours.form")
    opens_h, opens_m, closes_h, closes_m = map(int, match.groups())
    span = Span(opens_h * 60 + opens_m, closes_h * 60 + closes_m)
    if span.opens_min >= DAY_MIN or span.closes_min > DAY_MIN:
        raise refuse("hours.form")
    return span


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


DayHours = Annotated[
    tuple[Span, ...],
    PlainValidator(parse_hours),
    PlainSerializer(hours_text),
    Form('hours such as `"07:30-11:30, 13:30-17:00"`'),
]
