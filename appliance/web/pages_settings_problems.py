"""What is wrong with an office.toml, said beside the field that it came from."""

import re
from collections.abc import Mapping
from typing import Final

from appliance.config import ConfigError, Problem
from appliance.pages.texts import N_, Texts
from appliance.web.pages_settings_forms import Filled

_SAME: Final = r"\1.\2.\3"
_FIELDS: Final = (
    (
        re.compile(r"(services|counters|priorities)\[(\d+)\]\.(name|name_en|prefix|stage|daily_limit)\Z"),
        _SAME,
    ),
    (re.compile(r"counters\[(\d+)\]\.services(\[\d+\])?\Z"), r"counters.\1.services"),
    (re.compile(r"services\[(\d+)\]\.id\Z"), r"services.\1.counters"),
    (re.compile(r"counters\[(\d+)\]\.(keypad|panel)\.(\w+)\Z"), r"counters.\1.\2_\3"),
    (re.compile(r"counters\[(\d+)\]\.rating_buttons\Z"), r"counters.\1.rating_buttons"),
    (re.compile(r"ratings\.reasons\[(\d+)\]\.(label|label_en)\Z"), r"reasons.\1.\2"),
    (re.compile(r"ratings\.labels\[(\d+)\]\Z"), r"levels.\1.label"),
    (re.compile(r"ratings\.labels_en\[(\d+)\]\Z"), r"levels.\1.label_en"),
    (re.compile(r"ratings\.colors\[(\d+)\]\Z"), r"levels.\1.color"),
    (re.compile(r"hotspot\.hours\.(\w+)\Z"), r"\1"),
    (re.compile(r"hotspot\.classes\[(\d+)\]\.(\w+)\Z"), r"classes.\1.\2"),
    (re.compile(r"hotspot\.classes\Z"), "quota_class"),
    (re.compile(r"hotspot\.(\w+)\Z"), r"\1"),
    (re.compile(r"hall\.hours\.(\w+)\Z"), r"\1"),
    (re.compile(r"hall\.(\w+)\Z"), r"\1"),
)
_SAID: Final[Mapping[str, str]] = {
    "prefix.duplicate": N_("Another service already has this letter"),
    "form.prefix": N_("Write one letter from A to Z"),
    "form.text": N_("Write something here"),
    "service.unserved": N_("No counter serves this service, so its tickets would wait for ever"),
    "too_short": N_("Choose at least one service"),
    "days.both": N_("A date cannot be a day off and a working day at once"),
    "int_type": N_("Write a whole number"),
    "missing": N_("Write something here"),
    "hours.form": N_("Write it like 07:30-11:30, 13:30-17:00; leave it empty for a closed day"),
    "button.absent": N_(
        "The rating buttons wired at a counter are too few for so many levels. Keep the number of levels, "
        "or let a technician take the set of buttons out under “Counters”."
    ),
    "service.unknown": N_("A button or a counter still refers to a service that would be gone"),
    "pins.none": N_("This box has no pins, so there are no rating buttons"),
    "bus.none": N_("This box has no serial line"),
    "hotspot.vlan": N_("A VLAN goes with the office's own access points alone: leave this empty"),
    "hotspot.wan": N_("Guests and the Internet cannot be at one port: choose another, or give guests a VLAN"),
    "role.services": N_("An office needs at least one service"),
    "role.counters": N_("An office needs at least one counter"),
}


def beside_fields(error: ConfigError, filled: Filled, words: Texts) -> tuple[dict[str, str], list[str]]:
    """Return sentences by the field they stand beside, and those that belong to no field of this form."""
    fields: dict[str, str] = {}
    others: list[str] = []
    for problem in error.problems:
        name = _field(problem)
        if name is not None and _is_shown(name, filled):
            fields.setdefault(name, said(problem, words))
        else:
            others.append(f"{_place(problem)}{said(problem, words)}")
    return fields, list(dict.fromkeys(others))


def said(problem: Problem, words: Texts) -> str:
    """Return what is wrong, in words for people who have never seen the file."""
    if problem.rule in _SAID:
        return words.gettext(_SAID[problem.rule])
    text = problem.message_vi if words.lang == "vi" else problem.message
    return text[:1].upper() + text[1:]


def _field(problem: Problem) -> str | None:
    for pattern, name in _FIELDS:
        if pattern.match(problem.key):
            return pattern.sub(name, problem.key)
    return None


def _is_shown(name: str, filled: Filled) -> bool:
    kind, _, rest = name.partition(".")
    if not rest:
        return name in filled.values
    index = int(rest.partition(".")[0])
    return index < len(filled.rows.get(kind, ()))


def _place(problem: Problem) -> str:
    if problem.rule in _SAID and not problem.key.startswith("hardware"):
        return ""
    return f"{problem.key}: " if problem.key else ""
