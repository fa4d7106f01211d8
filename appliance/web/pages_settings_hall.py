"""The settings that the hall is made of: its services, and its counters with what is fitted at each."""

from collections.abc import Sequence
from typing import Any, Final

from appliance.config import Counter, Settings
from appliance.config.document import with_rows, with_values
from appliance.web.pages_settings_forms import Editing, Filled, Numbers, Row, differing, ids_of, is_blank

_FITTED: Final = ("rating_buttons", "keypad_bus", "keypad_address", "panel_bus", "panel_unit", "panel_digits")


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
        text = with_rows(text, ("counters",), counters)
        # A button on the wall gives out nothing any more once its service has gone.
        buttons = settings.hardware.issue_buttons.items()
        freed = {button: None for button, service in buttons if service not in ids}
        return with_values(text, ("hardware", "issue_buttons"), freed) if freed else text


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
