"""The sections of the settings: from the settings to a form, and from a form to office.toml."""

from typing import Any, Final, Protocol

from appliance.config import Settings
from appliance.config.document import with_rows, with_values
from appliance.config.hall import COLORS, LABELS, LABELS_EN
from appliance.pages.texts import N_
from appliance.web.pages_settings_days import Holidays, OpeningHours
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
from appliance.web.pages_settings_hall import Counters, Services
from appliance.web.pages_settings_wifi import PublicWifi
from appliance.web.pages_settings_words import RULES

NO_LEVELS: Final = N_("Choose 2 to 5 levels")
MOST_LEVELS: Final = 5


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
    "wifi": PublicWifi(),
}
