"""The sections of the settings: from the settings to a form, and from a form to office.toml."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final, Protocol

from appliance.config import Counter, Settings
from appliance.config.document import with_rows, with_values
from appliance.config.hall import COLORS, LABELS, LABELS_EN
from appliance.config.hours import hours_text
from appliance.pages.texts import N_
from appliance.web.pages_settings_forms import (
    Editing,
    FieldErrors,
    Filled,
    Numbers,
    Row,
    differing,
    ids_of,
    is_blank,
)
from appliance.web.pages_settings_words import DAYS, RULES

NO_DATE: Final = N_("Write a date")
NO_LEVELS: Final = N_("Choose 2 to 5 levels")
MOST_LEVELS: Final = 5
_FITTED: Final = ("rating_buttons", "keypad_bus", "keypad_address", "panel_bus", "panel_unit", "panel_digits")


class Section(Protocol):
    """One page of the settings."""

    @property
    def lists(self) -> tuple[str, ...]:
        """The names of its lists of rows."""
        ...

    def shown(self, settings: Settings) -> Filled:
        """Return the form of what is set."""
        ...

    def row(self, name: str, settings: Settings) -> Row:
        """Return an empty row of a list."""
        ...

    def text(self, filled: Filled, editing: Editing) -> str:
        """Return office.toml as the form wants it.

        Raises:
            FieldErrors: something in it cannot be understood.
            DocumentError: the file is written in a way that cannot be changed.
        """
        ...


class Services:
    """The services: what they are called, their letters, who serves them."""

    lists: tuple[str, ...] = ("services",)

    def shown(self, settings: Settings) -> Filled:
        rows = [
            {
                "id": each.id,
                "name": each.name,
                "name_en": each.name_en or "",
                "prefix": each.prefix,
                "stage": each.stage or "",
                "daily_limit": "" if each.daily_limit is None else str(each.daily_limit),
                "counters": [counter.id for counter in settings.counters if each.id in counter.services],
            }
            for each in settings.services
        ]
        return Filled(rows={"services": rows})

    def row(self, name: str, settings: Settings) -> Row:  # noqa: ARG002 - as the others
        used = {each.prefix for each in settings.services}
        free = [letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if letter not in used]
        return {"id": "", "prefix": free[0] if free else "", "counters": []}

    def text(self, filled: Filled, editing: Editing) -> str:
        settings, numbers = editing.settings, Numbers()
        held = {each.id: each for each in settings.services}
        rows = filled.rows["services"] = [
            row for row in filled.rows["services"] if row.get("id") or not is_blank(row, ("id", "prefix"))
        ]
        ids = ids_of(rows, "id", held, editing.used_ids("services"), "dich-vu")
        tables = []
        for index, (row, own) in enumerate(zip(rows, ids, strict=True)):
            wanted = {
                "name": row.get("name", ""),
                "name_en": row.get("name_en") or None,
                "prefix": row.get("prefix", "").upper(),
                "stage": row.get("stage") or None,
                "daily_limit": numbers.number(f"services.{index}.daily_limit", row.get("daily_limit", "")),
            }
            tables.append({"id": own, **differing(wanted, held.get(own))})
        numbers.done()
        text = with_rows(editing.text, ("services",), tables)
        chosen = {own: set(row.get("counters", ())) for own, row in zip(ids, rows, strict=True)}
        counters = [_served(counter, ids, chosen) for counter in settings.counters]
        return with_rows(text, ("counters",), counters)


def _served(counter: Counter, ids: Sequence[str], chosen: dict[str, set[str]]) -> dict[str, Any]:
    """Return a counter with the services that were ticked for it; new ones come last."""
    kept = [each for each in counter.services if counter.id in chosen.get(each, ())]
    new = [each for each in ids if counter.id in chosen[each] and each not in kept]
    services = (*kept, *new)
    return {"id": counter.id} if services == counter.services else {"id": counter.id, "services": services}


class Counters:
    """The counters: what they are called, what they serve, and what is fitted there."""

    lists: tuple[str, ...] = ("counters",)

    def shown(self, settings: Settings) -> Filled:
        rows = [
            {
                "id": each.id,
                "name": each.name,
                "name_en": each.name_en or "",
                "services": list(each.services),
                "rating_buttons": "" if each.rating_buttons is None else str(each.rating_buttons),
                "keypad_bus": each.keypad.bus if each.keypad else "",
                "keypad_address": str(each.keypad.address) if each.keypad else "",
                "panel_bus": each.panel.bus if each.panel else "",
                "panel_unit": str(each.panel.unit) if each.panel else "",
                "panel_digits": str(each.panel.digits) if each.panel else "",
            }
            for each in settings.counters
        ]
        return Filled(rows={"counters": rows})

    def row(self, name: str, settings: Settings) -> Row:  # noqa: ARG002 - as the others
        return {"id": "", "services": []}

    def text(self, filled: Filled, editing: Editing) -> str:
        numbers = Numbers()
        held = {each.id: each for each in editing.settings.counters}
        rows = filled.rows["counters"] = [
            row for row in filled.rows["counters"] if row.get("id") or not is_blank(row)
        ]
        ids = ids_of(rows, "id", held, editing.used_ids("counters"), "quay")
        tables = []
        for index, (row, own) in enumerate(zip(rows, ids, strict=True)):
            chosen = dict.fromkeys(each for each in row.get("services", ()) if each)
            wanted = {
                "name": row.get("name", ""),
                "name_en": row.get("name_en") or None,
                "services": tuple(chosen),
            }
            changes = differing(wanted, held.get(own))
            if editing.is_technician and any(name in row for name in _FITTED):
                changes |= _fitted(index, row, held.get(own), numbers)
            tables.append({"id": own, **changes})
        numbers.done()
        return with_rows(editing.text, ("counters",), tables)


def _fitted(index: int, row: Row, held: Counter | None, numbers: Numbers) -> dict[str, Any]:
    """Return what changes of what is fitted at a counter."""

    def number(field: str) -> int | None:
        return numbers.number(f"counters.{index}.{field}", row.get(field, ""))

    def device(name: str, **numbers: int | None) -> dict[str, Any] | None:
        bus = row.get(f"{name}_bus", "")
        return (
            {"bus": bus, **{key: each for key, each in numbers.items() if each is not None}} if bus else None
        )

    wanted: dict[str, Any] = {
        "rating_buttons": number("rating_buttons"),
        "keypad": device("keypad", address=number("keypad_address")),
        "panel": device("panel", unit=number("panel_unit"), digits=number("panel_digits")),
    }
    before: dict[str, Any] = {}
    if held is not None:
        before = {
            "rating_buttons": held.rating_buttons,
            "keypad": held.keypad.model_dump() if held.keypad else None,
            "panel": held.panel.model_dump() if held.panel else None,
        }
    return {key: each for key, each in wanted.items() if each != before.get(key)}


class OpeningHours:
    """The opening hours of seven days."""

    lists: tuple[str, ...] = ()

    def shown(self, settings: Settings) -> Filled:
        return Filled({day: hours_text(getattr(settings.hall.hours, day)) for day in DAYS})

    def row(self, name: str, settings: Settings) -> Row:  # noqa: ARG002 - as the others
        return {}

    def text(self, filled: Filled, editing: Editing) -> str:
        before = self.shown(editing.settings).values
        wanted = {day: " ".join(filled.values.get(day, "").split()) for day in DAYS}
        changes = {day: each for day, each in wanted.items() if each != before[day]}
        return with_values(editing.text, ("hall", "hours"), changes)


class Holidays:
    """Days off, and free days on which the office works."""

    lists: tuple[str, ...] = ("days",)

    def shown(self, settings: Settings) -> Filled:
        days = [(each, "off") for each in settings.hall.holidays]
        days += [(each, "extra") for each in settings.hall.extra_days]
        return Filled(rows={"days": [{"on": f"{day}", "kind": kind} for day, kind in sorted(days)]})

    def row(self, name: str, settings: Settings) -> Row:  # noqa: ARG002 - as the others
        return {"on": "", "kind": "off"}

    def text(self, filled: Filled, editing: Editing) -> str:
        errors: dict[str, str] = {}
        rows = filled.rows["days"] = [row for row in filled.rows["days"] if row.get("on")]
        days: dict[str, set[date]] = {"off": set(), "extra": set()}
        for index, row in enumerate(rows):
            try:
                days["extra" if row.get("kind") == "extra" else "off"].add(date.fromisoformat(row["on"]))
            except ValueError:
                errors[f"days.{index}.on"] = NO_DATE
        if errors:
            raise FieldErrors(errors)
        hall, changes = editing.settings.hall, {}
        for key, held, wanted in (
            ("holidays", hall.holidays, days["off"]),
            ("extra_days", hall.extra_days, days["extra"]),
        ):
            if set(held) != wanted:
                changes[key] = tuple(sorted(wanted)) or None
        return with_values(editing.text, ("hall",), changes)


class RatingScale:
    """Levels of satisfaction, their words and colors, and the reasons that are offered."""

    lists: tuple[str, ...] = ("levels", "reasons")

    def shown(self, settings: Settings) -> Filled:
        ratings = settings.ratings
        levels = [
            {"label": label, "label_en": english, "color": color}
            for label, english, color in zip(ratings.labels, ratings.labels_en, ratings.colors, strict=True)
        ]
        reasons = [
            {"id": each.key, "label": each.label, "label_en": each.label_en or ""} for each in ratings.reasons
        ]
        return Filled({"count": str(ratings.levels)}, {"levels": levels, "reasons": reasons})

    def row(self, name: str, settings: Settings) -> Row:  # noqa: ARG002 - as the others
        return {"id": ""}

    def fit(self, filled: Filled) -> bool:
        """Give the form as many levels as were chosen, with the usual words; return whether it had others."""
        rows, count = filled.rows["levels"], filled.values.get("count", "")
        if count not in {"2", "3", "4", "5"} or int(count) == len(rows):
            return False
        wanted = int(count)
        usual = zip(LABELS[wanted], LABELS_EN[wanted], COLORS[wanted], strict=True)
        filled.rows["levels"] = [
            {"label": label, "label_en": english, "color": color} for label, english, color in usual
        ]
        return True

    def text(self, filled: Filled, editing: Editing) -> str:
        rows, ratings = filled.rows["levels"], editing.settings.ratings
        levels = len(rows)
        if not 2 <= levels <= MOST_LEVELS:  # noqa: PLR2004 - as in the settings
            raise FieldErrors({"count": NO_LEVELS})
        usual = {"labels": LABELS[levels], "labels_en": LABELS_EN[levels], "colors": COLORS[levels]}
        changes: dict[str, Any] = {} if levels == ratings.levels else {"levels": levels}
        for key, name in (("labels", "label"), ("labels_en", "label_en"), ("colors", "color")):
            wanted = tuple(row.get(name, "") for row in rows)
            if wanted != getattr(ratings, key):
                changes[key] = None if wanted == usual[key] else wanted
        text = with_values(editing.text, ("ratings",), changes)
        held = {each.key: each for each in ratings.reasons}
        reasons = filled.rows["reasons"] = [
            row for row in filled.rows["reasons"] if row.get("id") or not is_blank(row)
        ]
        keys = ids_of(reasons, "id", held, editing.used_ids("reasons"), "ly-do")
        tables = []
        for row, key in zip(reasons, keys, strict=True):
            wanted_row = {"label": row.get("label", ""), "label_en": row.get("label_en") or None}
            tables.append({"key": key, **differing(wanted_row, held.get(key))})
        return with_rows(text, ("ratings", "reasons"), tables, key="key")


class Priorities:
    """Who is called ahead, and the rules of calling."""

    lists: tuple[str, ...] = ("priorities",)

    def shown(self, settings: Settings) -> Filled:
        rows = [
            {"id": each.id, "name": each.name, "name_en": each.name_en or ""} for each in settings.priorities
        ]
        values = {field: str(getattr(settings.hall, field)) for field in RULES}
        return Filled(values, {"priorities": rows})

    def row(self, name: str, settings: Settings) -> Row:  # noqa: ARG002 - as the others
        return {"id": ""}

    def text(self, filled: Filled, editing: Editing) -> str:
        settings, numbers = editing.settings, Numbers()
        changes: dict[str, Any] = {}
        for field in RULES:
            value: Any = filled.values.get(field, "").strip()
            if field != "late_position":
                value = numbers.number(field, value)
            if value != getattr(settings.hall, field):
                changes[field] = value
        numbers.done()
        if (filled.values.get("late_position") or settings.hall.late_position) != "after_n":
            changes["late_places"] = None
        text = with_values(editing.text, ("hall",), changes)
        held = {each.id: each for each in settings.priorities}
        rows = filled.rows["priorities"] = [
            row for row in filled.rows["priorities"] if row.get("id") or not is_blank(row)
        ]
        ids = ids_of(rows, "id", held, {*editing.used_ids("priorities"), "none"}, "uu-tien")
        wanted = [{"name": row.get("name", ""), "name_en": row.get("name_en") or None} for row in rows]
        if tuple(ids) == tuple(held) and not any(
            differing(each, held[own]) for own, each in zip(ids, wanted, strict=True)
        ):
            return text  # the customary classes stay unwritten
        tables = [{"id": own, **each} for own, each in zip(ids, wanted, strict=True)]
        return with_rows(text, ("priorities",), tables)


SECTIONS: Final[dict[str, Section]] = {
    "services": Services(),
    "counters": Counters(),
    "hours": OpeningHours(),
    "holidays": Holidays(),
    "ratings": RatingScale(),
    "priorities": Priorities(),
}
