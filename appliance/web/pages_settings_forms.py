"""What is typed into the forms of the settings, and what becomes of it in office.toml.

A form has single values and lists of rows; its fields are named ``ratio`` and ``services.0.prefix``. What was
typed is kept as text, also where it is wrong, until it is right.
"""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from appliance.config import Settings
from appliance.pages.texts import N_
from appliance.web.wifi import Link

Row = dict[str, Any]
"""Fields of one row: texts, and lists of texts where several may be chosen."""

MANY: Final = frozenset({"services", "counters"})
"""Fields of which a row may have several."""
MOST_ROWS: Final = 400
NUMBER: Final = N_("Write a whole number")
_NAME: Final = re.compile(r"(?P<list>[a-z]+)\.(?P<index>[0-9]{1,3})\.(?P<field>[a-z_]+)\Z")
_NOT_ID: Final = re.compile(r"[^a-z0-9]+")
_WHOLE: Final = re.compile(r"[0-9]{1,9}\Z")
_MOST_ID: Final = 26
_PLAIN: Final = str.maketrans(
    {
        letter: base
        for base, letters in {
            "a": "àáảãạăằắẳẵặâầấẩẫậ",
            "e": "èéẻẽẹêềếểễệ",
            "i": "ìíỉĩị",
            "o": "òóỏõọôồốổỗộơờớởỡợ",
            "u": "ùúủũụưừứửữự",
            "y": "ỳýỷỹỵ",
            "d": "đ",
        }.items()
        for letter in letters
    }
)


@dataclass(slots=True)
class Filled:
    """A form as it is filled in.

    Args:
        values: single fields.
        rows: lists of rows by their names.
    """

    values: dict[str, str] = field(default_factory=dict)
    rows: dict[str, list[Row]] = field(default_factory=dict)

    def act(self, do: str, new: Callable[[str], Row]) -> str | None:
        """Do what a button beside the rows says; return the name of the list, or None if it is none of these.

        Args:
            do: ``add:services``, ``remove:services:2``, ``up:services:2``, ``down:services:2``.
            new: from a list's name to an empty row.
        """
        verb, _, rest = do.partition(":")
        name, _, place = rest.partition(":")
        rows = self.rows.get(name)
        if rows is None or (verb != "add" and not (place.isdecimal() and int(place) < len(rows))):
            return None
        index = int(place or 0)
        match verb:
            case "add" if len(rows) < MOST_ROWS:
                rows.append(new(name))
            case "remove":
                del rows[index]
            case "up" if index:
                rows.insert(index - 1, rows.pop(index))
            case "down":
                rows.insert(index + 1, rows.pop(index))
            case _:
                pass
        return name


class FieldErrors(Exception):  # noqa: N818 - never leaves this package
    """What is wrong with single fields, before office.toml is asked.

    Args:
        fields: from a field's name to the msgid of a sentence.
    """

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields


def read(pairs: Iterable[tuple[str, str]], lists: Collection[str]) -> Filled:
    """Return a form as it came, its rows in the order of their numbers."""
    filled = Filled(rows={name: [] for name in lists})
    found: dict[str, dict[int, Row]] = {name: {} for name in lists}
    for name, value in pairs:
        match = _NAME.match(name)
        if match is None:
            filled.values[name] = value
        elif match["list"] in found:
            row = found[match["list"]].setdefault(int(match["index"]), {})
            if match["field"] in MANY:
                row.setdefault(match["field"], []).append(value)
            else:
                row[match["field"]] = value.strip()
    for name, rows in found.items():
        filled.rows[name] = [rows[index] for index in sorted(rows)][:MOST_ROWS]
    return filled


def new_id(name: str, taken: Collection[str], otherwise: str) -> str:
    """Return an id made from a name that nothing else has or ever had.

    Args:
        name: as people read it.
        taken: every id in use or used before.
        otherwise: what to call something whose name has no Latin letters.
    """
    plain = _NOT_ID.sub("-", name.lower().translate(_PLAIN)).strip("-")[:_MOST_ID].strip("-") or otherwise
    number, wanted = 1, plain
    while wanted in taken:
        number += 1
        wanted = f"{plain}-{number}"
    return wanted


@dataclass(slots=True)
class Numbers:
    """Takes whole numbers out of a form; gathers what is none."""

    errors: dict[str, str] = field(default_factory=dict)

    def number(self, name: str, text: str) -> int | None:
        """Return a whole number, or None for an empty field or one that is told."""
        if not text:
            return None
        if not _WHOLE.match(text):
            self.errors[name] = NUMBER
            return None
        return int(text)

    def done(self) -> None:
        """Raise if something is to be told.

        Raises:
            FieldErrors: something is.
        """
        if self.errors:
            raise FieldErrors(self.errors)


def is_blank(row: Row, besides: Collection[str] = ("id", "key", "color")) -> bool:
    """Whether nothing was typed into a row."""
    return not any(value for name, value in row.items() if name not in besides and value != [""])


def differing(wanted: dict[str, Any], held: object | None) -> dict[str, Any]:
    """Return the wanted values that an entry of the settings does not have."""
    if held is None:
        return {name: value for name, value in wanted.items() if value is not None}
    return {name: value for name, value in wanted.items() if value != getattr(held, name)}


def ids_of(
    rows: Sequence[Row], key: str, held: Collection[str], used: Collection[str], otherwise: str
) -> list[str]:
    """Return the id of each row: its own if it is there already, else a new one."""
    taken, ids = set(used) | set(held), []
    for row in rows:
        own = row.get(key, "")
        if own not in held or own in ids:
            own = new_id(row.get("name") or row.get("label") or "", taken, otherwise)
        taken.add(own)
        ids.append(own)
    return ids


@dataclass(frozen=True, slots=True)
class Editing:
    """What a form is turned into text with.

    Args:
        text: office.toml as it is.
        settings: what it says.
        used_ids: from a kind to the ids ever used.
        is_technician: whether the fields of what is fitted count.
        links: the network interfaces that the box has; none where that is not known.
    """

    text: str
    settings: Settings
    used_ids: Callable[[str], Collection[str]]
    is_technician: bool
    links: Sequence[Link] = ()
