"""A list of dates as people write it: one a line, with a word behind it that says which holiday it is."""

import re
from collections.abc import Sequence
from datetime import date

_PIECE = re.compile(r"(?P<day>\d{4}-\d{2}-\d{2})|(?P<note>#[^\n]*)|(?P<line>\n)")
_INDENT = "  "


def dates_text(before: str, days: Sequence[date]) -> str:
    """Return a list of dates as TOML, one a line, with the comments that the old list had.

    Args:
        before: The list's old text; empty when there was none.
        days: The new dates, in their order.
    """
    notes, above = _notes(before)
    lines = ["["]
    for day in days:
        lines += [f"{_INDENT}{note}" for note in above.get(day, ())]
        note = notes.get(day)
        lines.append(f"{_INDENT}{day.isoformat()}," + (f"  {note}" if note else ""))
    kept = set(days)
    lines += [f"{_INDENT}{note}" for day, more in above.items() if day not in kept for note in more]
    return "\n".join([*lines, "]"])


def _notes(text: str) -> tuple[dict[date, str], dict[date | None, list[str]]]:
    """Return the comment behind each date, and the lines of comment above it (above None: at the end)."""
    notes: dict[date, str] = {}
    above: dict[date | None, list[str]] = {}
    waiting: list[str] = []
    last: date | None = None
    for piece in _PIECE.finditer(text):
        if piece["day"]:
            last = date.fromisoformat(piece["day"])
            above[last] = [*above.get(last, ()), *waiting]
            waiting = []
        elif piece["note"] and last is not None:
            notes[last] = piece["note"].rstrip()
        elif piece["note"]:
            waiting.append(piece["note"].rstrip())
        else:
            last = None
    above[None] = waiting
    return notes, above
