"""Checks of one table of office.toml against another.

They read the parsed file and not the finished settings, so that they also find what they can when some
field elsewhere is refused: a technician corrects everything in one go. What has the wrong type is passed over
here; the models report it.
"""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

from appliance.config.problem import Problem, join_key, problem, shown

Data = Mapping[str, Any]
Row = tuple[int, Mapping[str, Any]]

MAX_MODBUS_UNIT: Final = 247
MAX_ROWS: Final = 100
"""Entries of one list that are looked at; every list with a shorter limit is refused by its model."""

_DEVICES: Final = (("keypad", "address"), ("panel", "unit"))
_UNIQUE: Final = (
    ("services", "id", "id.duplicate"),
    ("services", "prefix", "prefix.duplicate"),
    ("counters", "id", "id.duplicate"),
    ("priorities", "id", "id.duplicate"),
)


def crosscheck(data: Data) -> Iterator[Problem]:
    """Yield every contradiction between tables of a parsed office.toml."""
    for table, field, rule in _UNIQUE:
        yield from _unique((table,), _rows(data, table), field, rule)
    yield from _unique(
        ("ratings", "reasons"), _rows(_table(data, "ratings"), "reasons"), "key", "id.duplicate"
    )
    yield from _role(data)
    yield from _services(data)
    buses = _rows(_table(data, "hardware"), "buses")
    yield from _unique(("hardware", "buses"), buses, "id", "id.duplicate")
    yield from _unique(("hardware", "buses"), buses, "port", "bus.port")
    yield from _devices(data, buses)
    yield from _rating_buttons(data)
    yield from _display(data)
    hall = _table(data, "hall")
    if hall.get("late_places") is not None and hall.get("late_position", "after_n") != "after_n":
        yield problem("late.places", "hall.late_places", shown(hall["late_places"]))


def _unique(path: Sequence[str], rows: Sequence[Row], field: str, rule: str) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for index, row in rows:
        value = row.get(field)
        if not isinstance(value, str):
            continue
        earlier = first.setdefault(value, index)
        if earlier != index:
            key = join_key((*path, index, field))
            yield problem(rule, key, shown(value), first=join_key((*path, earlier, field)))


def _role(data: Data) -> Iterator[Problem]:
    if _table(data, "office").get("role", "office") != "office":
        return
    for table in ("services", "counters"):
        if not data.get(table):
            yield problem(f"role.{table}", table)


def _services(data: Data) -> Iterator[Problem]:
    services = _rows(data, "services")
    known = [row["id"] for _, row in services if isinstance(row.get("id"), str)]
    named: set[str] = set()
    misspelled: list[str] = []
    for index, counter in _rows(data, "counters"):
        for place, service in enumerate(_list(counter, "services")):
            if isinstance(service, str):
                named.add(service)
                misspelled.extend([service] if service not in known else [])
                yield from _known_service(service, ("counters", index, "services", place), known)
    buttons = _table(_table(data, "hardware"), "issue_buttons")
    for button, service in buttons.items():
        if isinstance(service, str):
            yield from _known_service(service, ("hardware", "issue_buttons", str(button)), known)
    if not named:
        return  # No counter says anything usable; that is reported once, where it is.
    for index, row in services:
        service = row.get("id")
        if not isinstance(service, str) or service in named:
            continue
        # A misspelled reference was reported already; that nobody serves what it meant is the same mistake.
        if not get_close_matches(service, misspelled, n=1):
            yield problem("service.unserved", join_key(("services", index, "id")), shown(service))


def _known_service(service: str, path: Sequence[str | int], known: Sequence[str]) -> Iterator[Problem]:
    if service not in known:
        yield problem("service.unknown", join_key(path), shown(service), known=_listed(known))


def _rating_buttons(data: Data) -> Iterator[Problem]:
    first: dict[int, str] = {}
    for index, counter in _rows(data, "counters"):
        group = counter.get("rating_buttons")
        if type(group) is not int:
            continue
        key = join_key(("counters", index, "rating_buttons"))
        if _table(data, "hardware").get("pin_factory") == "none":
            yield problem("pins.none", key, shown(group))
        earlier = first.setdefault(group, key)
        if earlier != key:
            yield problem("button.duplicate", key, shown(group), first=earlier)


def _display(data: Data) -> Iterator[Problem]:
    counter = _table(data, "display").get("counter")
    known = [row["id"] for _, row in _rows(data, "counters") if isinstance(row.get("id"), str)]
    if isinstance(counter, str) and known and counter not in known:
        yield problem("counter.absent", "display.counter", shown(counter), known=_listed(known))


def _devices(data: Data, buses: Sequence[Row]) -> Iterator[Problem]:
    kinds = {row["id"]: row.get("kind") for _, row in buses if isinstance(row.get("id"), str)}
    taken: dict[tuple[str, int], str] = {}
    for index, counter in _rows(data, "counters"):
        for device, field in _DEVICES:
            fitted = _table(counter, device)
            bus, address = fitted.get("bus"), fitted.get(field)
            if not isinstance(bus, str):
                continue
            if bus not in kinds:
                key = join_key(("counters", index, device, "bus"))
                rule = "bus.unknown" if kinds else "bus.none"
                yield problem(rule, key, shown(bus), known=_listed(list(kinds)))
                continue
            if device == "keypad" and kinds[bus] == "modbus":
                key = join_key(("counters", index, device, "bus"))
                yield problem("bus.kind", key, shown(bus), bus=bus, kind="modbus")
            if type(address) is not int:
                continue
            key = join_key(("counters", index, device, field))
            if kinds[bus] == "modbus" and not 1 <= address <= MAX_MODBUS_UNIT:
                yield problem("bus.modbus_unit", key, shown(address))
            first = taken.setdefault((bus, address), key)
            if first != key:
                yield problem("bus.address", key, shown(address), first=first, bus=bus)


def _listed(names: Sequence[str]) -> str:
    most = 30  # More services than letters, more buses than allowed: the rest is reported elsewhere.
    return ", ".join(shown(name)[1:-1] for name in names[:most]) or "-"


def _table(data: Data, key: str) -> Mapping[str, Any]:
    value = data.get(key)
    return value if isinstance(value, Mapping) else {}


def _list(data: Data, key: str) -> Sequence[Any]:
    value = data.get(key)
    return value[:MAX_ROWS] if isinstance(value, list | tuple) else ()


def _rows(data: Data, key: str) -> list[Row]:
    return [(index, row) for index, row in enumerate(_list(data, key)) if isinstance(row, Mapping)]
