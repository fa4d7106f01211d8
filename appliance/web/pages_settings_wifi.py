"""The section of the settings about the public WiFi: name, passphrase, fair use, speeds and hours."""

from typing import Any, Final

from appliance.config import Settings
from appliance.config.document import with_rows, with_values
from appliance.config.hours import hours_text
from appliance.pages.texts import N_
from appliance.web.pages_settings_forms import Editing, FieldErrors, Filled, Numbers, Row, ids_of, is_blank
from appliance.web.pages_settings_wifi_words import LINE, NUMBERS, OURS, TEXTS
from appliance.web.pages_settings_words import DAYS

SPEEDS: Final = ("down_kbps", "up_kbps")
NO_SPEED: Final = N_("Keep at least one speed")
NEEDED: Final = N_("Write a whole number")


class PublicWifi:
    """What a supervisor sets of the public WiFi; its radio and its networks are a technician's."""

    lists: tuple[str, ...] = ("classes",)

    def shown(self, settings: Settings) -> Filled:
        hotspot = settings.hotspot
        values = {name: str(getattr(hotspot, name) or "") for name in (*TEXTS, *NUMBERS, *LINE)}
        values |= {day: hours_text(getattr(hotspot.hours, day)) for day in DAYS}
        rows = [
            {"id": each.id, "down_kbps": str(each.down_kbps), "up_kbps": str(each.up_kbps)}
            for each in hotspot.classes
        ]
        return Filled(values, {"classes": rows})

    def row(self, name: str, settings: Settings) -> Row:  # noqa: ARG002 - as the others
        return {"id": ""}

    def text(self, filled: Filled, editing: Editing) -> str:
        before, hotspot, numbers = self.shown(editing.settings).values, editing.settings.hotspot, Numbers()
        changes: dict[str, Any] = {}
        for name in TEXTS:
            value = filled.values.get(name, "")
            if value != before[name]:
                # A network without a name is told; one without a passphrase is none that has one.
                changes[name] = value if value or name == "ssid" else None
        for name in NUMBERS:
            number = _number(numbers, name, filled.values.get(name, "").strip())
            if number is not None and number != getattr(hotspot, name):
                changes[name] = number
        for name in LINE:
            # An empty one is not set; a wrong one is told below.
            number = numbers.number(name, filled.values.get(name, "").strip())
            if number != getattr(hotspot, name):
                changes[name] = number
        tables = self._classes(filled, numbers, editing)
        numbers.done()
        text = with_values(editing.text, ("hotspot",), changes)
        wanted = {day: " ".join(filled.values.get(day, "").split()) for day in DAYS}
        hours = {day: each for day, each in wanted.items() if each != before[day]}
        text = with_values(text, ("hotspot", "hours"), hours)
        held = [each.model_dump() for each in hotspot.classes]
        return text if tables == held else with_rows(text, ("hotspot", "classes"), tables)

    def _classes(self, filled: Filled, numbers: Numbers, editing: Editing) -> list[dict[str, Any]]:
        rows = filled.rows["classes"] = [
            row for row in filled.rows["classes"] if row.get("id") or not is_blank(row)
        ]
        if not rows:
            raise FieldErrors({"classes": NO_SPEED})
        held = {each.id: each for each in editing.settings.hotspot.classes}
        ids = ids_of(rows, "id", held, (), "toc-do")
        return [
            {
                "id": own,
                **{
                    name: _number(numbers, f"classes.{place}.{name}", str(row.get(name, "")).strip())
                    for name in SPEEDS
                },
            }
            for place, (own, row) in enumerate(zip(ids, rows, strict=True))
        ]


def is_fitted(before: Settings, after: Settings) -> bool:
    """Whether what only a technician changes of the public WiFi differs: radio, networks, portal."""
    return any(
        getattr(before.hotspot, name) != getattr(after.hotspot, name)
        for name in type(before.hotspot).model_fields
        if name not in OURS
    )


def _number(numbers: Numbers, name: str, text: str) -> int | None:
    found = numbers.number(name, text)
    if not text:
        numbers.errors[name] = NEEDED
    return found
