"""The section of the settings about the public WiFi: the switch, radio, name, fair use, speeds, hours."""

from typing import Any, Final

from appliance.config import Settings
from appliance.config.document import with_rows, with_values
from appliance.config.hours import hours_text
from appliance.pages.texts import N_
from appliance.web.pages_settings_forms import Editing, FieldErrors, Filled, Numbers, Row, ids_of, is_blank
from appliance.web.pages_settings_wifi_words import FITTED, LINE, NUMBERS, OURS, TEXTS
from appliance.web.pages_settings_words import DAYS
from appliance.web.wifi import named

SPEEDS: Final = ("down_kbps", "up_kbps")
NO_SPEED: Final = N_("Keep at least one speed")
NEEDED: Final = N_("Write a whole number")
SWITCH: Final = {"on": True, "off": False}
NO_RADIO: Final = N_("This is a port for a cable and no radio")
NO_PORT: Final = N_("This is a radio: choose the port that the access points are plugged into")
IN_USE: Final = N_(
    "The box reaches the province by this radio at the moment, which cannot do both: use a cable for that, "
    "or another radio for guests"
)


class PublicWifi:
    """What a supervisor sets of the public WiFi; its radio and its networks are a technician's."""

    lists: tuple[str, ...] = ("classes",)

    def shown(self, settings: Settings) -> Filled:
        hotspot = settings.hotspot
        values = {name: str(getattr(hotspot, name) or "") for name in (*TEXTS, *NUMBERS, *LINE, *FITTED)}
        values |= {day: hours_text(getattr(hotspot.hours, day)) for day in DAYS}
        values["enabled"] = "on" if hotspot.enabled else "off"
        rows = [
            {"id": each.id, "down_kbps": str(each.down_kbps), "up_kbps": str(each.up_kbps)}
            for each in hotspot.classes
        ]
        return Filled(values, {"classes": rows})

    def row(self, name: str, settings: Settings) -> Row:  # noqa: ARG002 - as the others
        return {"id": ""}

    def text(self, filled: Filled, editing: Editing) -> str:
        before, hotspot, numbers = self.shown(editing.settings).values, editing.settings.hotspot, Numbers()
        changes = self._switched(filled, numbers, editing)
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

    def _switched(self, filled: Filled, numbers: Numbers, editing: Editing) -> dict[str, Any]:
        """Return what changes of the switch, and of the radio where it is a technician who asks."""
        hotspot, changes = editing.settings.hotspot, dict[str, Any]()
        for name in FITTED if editing.is_technician else ():
            text = filled.values.get(name)
            if text is None:
                continue
            value: Any = text.strip()
            if name == "vlan":
                value = numbers.number(name, value)
            elif name == "channel":
                value = _number(numbers, name, value)
            elif name == "country":
                value = value.upper()
            if value != getattr(hotspot, name) and name not in numbers.errors:
                changes[name] = value
        enabled = SWITCH.get(filled.values.get("enabled", ""), hotspot.enabled)
        is_turned_on = enabled and not hotspot.enabled
        if enabled != hotspot.enabled:
            changes["enabled"] = enabled
        radio = changes.get("radio", hotspot.radio)
        link = named(editing.links, changes.get("interface", hotspot.interface))
        wrong = ""
        if link is not None and (is_turned_on or changes.keys() & {"radio", "interface"}):
            is_wanted = radio != "external"
            if link.is_radio != is_wanted:
                wrong = NO_RADIO if is_wanted else NO_PORT
            elif link.is_radio and link.is_connected and not hotspot.enabled:
                # Nobody but the box itself can have joined something with it.
                wrong = IN_USE
        if wrong:
            numbers.errors["interface" if editing.is_technician else "enabled"] = wrong
        return changes

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
