"""One problem of office.toml, and the error that carries all of them."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from appliance.config.sentences import SENTENCES
from appliance.errors import MotcuaError

SHOWN_CHARACTERS: Final = 60
MAX_PROBLEMS: Final = 100
"""More than a person will read; a file of another kind could produce a quarter of a million."""

_BARE = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to correct.

    Attributes:
        key: The setting, as ``counters[1].services[0]`` counted from 0; a place (``line 3, column 7``) for
            a syntax error; empty when the file as a whole is meant.
        rule: Stable name of what was broken, a key of ``SENTENCES``.
        value: What the file has there, as TOML and shortened; None when it has nothing there.
        message: What is wrong and what to write instead, in English.
        message_vi: The same in Vietnamese.
    """

    key: str
    rule: str
    value: str | None
    message: str
    message_vi: str

    def line(self, name: str) -> str:
        """Return the line for a log or a terminal; ``name`` is the file's name."""
        return f"{self.place(name)}: {self.message}"

    def line_vi(self, name: str) -> str:
        """Return the same line in Vietnamese."""
        return f"{self.place(name)}: {self.message_vi}"

    def place(self, name: str) -> str:
        """Return where it is: the file's name, the key, and the value if it is told."""
        place = f"{name}: {self.key}" if self.key else name
        return place if self.value is None else f"{place} = {self.value}"


def problem(rule: str, key: str, value: str | None = None, **fields: object) -> Problem:
    """Build a problem from the sentence of its rule; ``value`` is already shown (see ``shown``)."""
    english, vietnamese = SENTENCES[rule]
    return Problem(key, rule, value, english.format(**fields), vietnamese.format(**fields))


class ConfigError(MotcuaError, ValueError):
    """Error raised when office.toml cannot be used; ``problems`` holds everything that is wrong with it."""

    key = "config.invalid"
    template = "{lines}"
    template_vi = "{lines}"

    def __init__(self, *, name: str, problems: Iterable[Problem]) -> None:
        self.name = name
        self.problems = _bounded(tuple(problems))
        super().__init__(lines="\n".join(each.line(name) for each in self.problems))

    def vi(self) -> str:
        """Return one line in Vietnamese for each problem."""
        return "\n".join(each.line_vi(self.name) for each in self.problems)


def _bounded(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    if len(problems) <= MAX_PROBLEMS:
        return problems
    return (*problems[:MAX_PROBLEMS], problem("more", "", count=len(problems) - MAX_PROBLEMS))


def shown(value: object) -> str:
    """Return a value as TOML would write it, on one line, at most about 60 characters."""
    if isinstance(value, str):
        # Longer text is cut before it is escaped, so that the quotes stay closed.
        cut = value if len(value) <= SHOWN_CHARACTERS else value[: SHOWN_CHARACTERS - 1] + "…"
        return _printable(json.dumps(cut, ensure_ascii=False))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{…}" if value else "{}"
    if isinstance(value, Sequence):
        return _shown_list(value)
    text = _number(value)
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"


def _number(value: object) -> str:
    try:
        return str(value)
    except ValueError:  # Python refuses to write out more than 4300 digits; hexadecimal has no such limit.
        return hex(value) if isinstance(value, int) else "…"


def _shown_list(values: Sequence[object]) -> str:
    parts: list[str] = []
    room = SHOWN_CHARACTERS
    for value in values:
        part = "[…]" if isinstance(value, list | tuple) else shown(value)
        room -= len(part) + 2
        if room < 0:
            parts.append("…")
            break
        parts.append(part)
    return "[" + ", ".join(parts) + "]"


def join_key(parts: Iterable[str | int]) -> str:
    """Return the dotted name of a setting: ``("counters", 1, "name")`` is ``counters[1].name``."""
    text = ""
    for part in parts:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += ("." if text else "") + (part if _BARE.match(part) else shown(part))
    return text


def _printable(text: str) -> str:
    """Escape what a terminal would act on or not show, such as direction marks."""
    return "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in text)
