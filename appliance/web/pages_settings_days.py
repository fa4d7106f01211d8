"""The sections of the settings about time: the hours of the week, and the days that are unlike the others."""

from datetime import date
from typing import Final

from appliance.config import Settings
from appliance.config.document import with_values
from appliance.config.hours import hours_text
from appliance.pages.texts import N_
from appliance.web.pages_settings_forms import Editing, FieldErrors, Filled, Row
from appliance.web.pages_settings_words import DAYS

NO_DATE: Final = N_("Write a date")


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
