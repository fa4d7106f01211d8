"""Changes inside one table of a TOML file: what is not named keeps its bytes."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import tomlkit

from appliance.config.dates import dates_text

Value = str | int | bool | tuple[str, ...] | tuple[date, ...] | Mapping[str, str | int]
Changes = Mapping[str, Value | None]
"""Keys of one table with their new values; None removes a key."""

_LONG: Final = 90
"""Characters of a list above which it is broken over several lines."""


def plain(value: Value) -> Any:  # noqa: ANN401 - what tomllib returns
    """Return a value as tomllib would read it."""
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if isinstance(value, Mapping) else value


def update(data: dict[str, Any], changes: Changes) -> None:
    """Change a parsed table."""
    for name, value in changes.items():
        if value is None:
            data.pop(name, None)
        else:
            data[name] = plain(value)


def edited(body: str, changes: Changes) -> str:
    """Return the lines of a table, changed."""
    if body and not body.endswith("\n"):
        body += "\n"
    document = tomlkit.parse(body)
    change(document, changes)
    return tomlkit.dumps(document)


def change(held: Any, changes: Changes) -> None:  # noqa: ANN401 - any table of tomlkit
    """Change a table of tomlkit."""
    for name, value in changes.items():
        if value is None:
            held.pop(name, None)
        elif name not in held or held[name] != plain(value):
            held[name] = _item(value, held.get(name))


def _item(value: Value, old: Any) -> Any:  # noqa: ANN401 - any item of tomlkit
    if isinstance(value, tuple):
        days = tuple(each for each in value if isinstance(each, date))
        if days:
            before = old.as_string() if hasattr(old, "as_string") else ""
            return tomlkit.parse(f"x = {dates_text(before, days)}\n")["x"]
        array = tomlkit.array()
        array.extend(value)
        is_long = sum(len(str(each)) + 4 for each in value) > _LONG
        return array.multiline(multiline=True) if is_long else array
    return inline(value) if isinstance(value, Mapping) else value


def inline(row: Mapping[str, Any]) -> Any:  # noqa: ANN401 - an inline table of tomlkit
    """Return a table on one line."""
    table = tomlkit.inline_table()
    for name, value in row.items():
        table[name] = inline(value) if isinstance(value, Mapping) else value
    return table
