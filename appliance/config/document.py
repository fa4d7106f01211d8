"""office.toml as a text that people wrote: changed in single places, everything else kept byte by byte.

Comments, order, spaces and the way a table is written stay. What a change would make of the file is read
again and compared with what was asked for; if no way of writing it fits, nothing is changed.
"""

import copy
import tomllib
from collections.abc import Callable, Sequence
from typing import Any, Final

import tomlkit
from tomlkit.exceptions import TOMLKitError

from appliance.config.blocks import Block, Blocks, TablePath
from appliance.config.edits import Changes, change, edited, inline, update
from appliance.config.rows import rows_added, rows_replaced, with_empty
from appliance.errors import DomainError

_BOM: Final = "\ufeff"


class DocumentError(DomainError, ValueError):
    """Error raised when a table of office.toml is written in a way that cannot be changed in place."""

    key = "config.form"
    template = "{table} is written in a form that cannot be changed here; a technician must edit the file"
    template_vi = "Mục {table} ghi theo cách không sửa được ở đây; kỹ thuật viên cần sửa trong tệp"


def with_values(text: str, table: TablePath, changes: Changes) -> str:
    """Return the text with some keys of one table changed.

    Args:
        text: A TOML file.
        table: The table's name in parts, ``("hall", "hours")``; it is added if it is not there.
        changes: What to change; keys that are not named stay.

    Raises:
        DocumentError: The file is not TOML, or has the table in a form that cannot be changed.
    """
    bom, text, data = _read(text, table)
    wanted = copy.deepcopy(data)
    update(_at(wanted, table, is_made=any(value is not None for value in changes.values())), changes)
    if wanted == data:
        return bom + text

    def in_its_block() -> str:
        parts = Blocks.cut(text)
        found = [part.path == table and not part.is_row for part in parts.blocks].index(True)
        block = parts.blocks[found]
        return str(parts.replaced(found, block.with_body(edited(block.body, changes))))

    def where_it_is() -> str:
        document = tomlkit.parse(text)
        change(_inside(document, table), changes)
        return tomlkit.dumps(document)

    def as_new_block() -> str:
        parts = Blocks.cut(text)
        block = Block("\n", f"[{'.'.join(table)}]\n", table, is_row=False, body=edited("", changes))
        return str(parts.inserted(_place(parts, table), [block]))

    return bom + _first(wanted, table, (in_its_block, where_it_is, as_new_block))


def with_rows(text: str, table: TablePath, rows: Sequence[Changes], key: str = "id") -> str:
    """Return the text with another list of tables: changed, moved, added, removed.

    The comment directly above a row moves and goes with it, except for the first row's: that one speaks of
    the whole list.

    Args:
        text: A TOML file.
        table: The list's name in parts, ``("services",)``.
        rows: All rows in their order, each with ``key``; a key of a row that is not named stays as it is.
        key: Tells rows apart.

    Raises:
        DocumentError: The file is not TOML, or has the list in a form that cannot be changed.
    """
    bom, text, data = _read(text, table)
    wanted = copy.deepcopy(data)
    parent = _at(wanted, table[:-1], is_made=bool(rows))
    new = _new_rows(parent.get(table[-1], []), table, rows, key)
    if new == parent.get(table[-1]) or (not new and table[-1] not in parent and len(table) > 1):
        return bom + text
    if new or len(table) == 1:
        parent[table[-1]] = new
    else:
        parent.pop(table[-1], None)

    def in_blocks() -> str:
        parts = rows_replaced(Blocks.cut(text), table, rows, key)
        return str(parts) if new or len(table) > 1 else with_empty(str(parts), table[-1])

    def without_the_empty_list() -> str:
        document = tomlkit.parse(text)
        holder = _inside(document, table[:-1])
        if holder.get(table[-1]):
            raise KeyError(table[-1])
        holder.pop(table[-1], None)
        return str(rows_added(Blocks.cut(tomlkit.dumps(document)), table, rows))

    def on_one_line() -> str:
        document = tomlkit.parse(text)
        holder = _inside(document, table[:-1])
        array = tomlkit.array()
        for row in new:
            array.append(inline(row))
        holder[table[-1]] = array.multiline(multiline=True)
        return tomlkit.dumps(document)

    def added() -> str:
        return str(rows_added(Blocks.cut(text), table, rows))

    return bom + _first(wanted, table, (in_blocks, without_the_empty_list, added, on_one_line))


def _read(text: str, table: TablePath) -> tuple[str, str, dict[str, Any]]:
    bom = _BOM if text.startswith(_BOM) else ""
    text = text.removeprefix(_BOM)
    try:
        return bom, text, tomllib.loads(text)
    except ValueError:
        raise DocumentError(table=".".join(table)) from None


def _new_rows(old: object, table: TablePath, rows: Sequence[Changes], key: str) -> list[dict[str, Any]]:
    """Return the list as it is to be read from the new text."""
    if not isinstance(old, list):
        raise DocumentError(table=".".join(table))
    held = {row[key]: row for row in old if key in row}
    new: list[dict[str, Any]] = []
    for row in rows:
        value = dict(held.get(row[key], {}))
        update(value, row)
        new.append(value)
    return new


def _inside(held: Any, table: TablePath) -> Any:  # noqa: ANN401 - any table of tomlkit
    for part in table:
        held = held[part]
    return held


def _first(wanted: dict[str, Any], table: TablePath, ways: Sequence[Callable[[], str]]) -> str:
    """Return the first text that says what is wanted."""
    for way in ways:
        try:
            text = way()
            if tomllib.loads(text) == wanted:
                return text
        except (TOMLKitError, LookupError, TypeError, ValueError, AttributeError):
            continue
    raise DocumentError(table=".".join(table))


def _at(data: dict[str, Any], table: TablePath, *, is_made: bool) -> dict[str, Any]:
    for part in table:
        data = data.setdefault(part, {}) if is_made else data.get(part, {})
        if not isinstance(data, dict):
            raise DocumentError(table=".".join(table))
    return data


def _place(parts: Blocks, table: TablePath) -> int:
    """Return where a new table stands best: behind its parent, ahead of its children, or at the end."""
    for index, block in enumerate(parts.blocks):
        if block.path and block.path == table[:-1] and not block.is_row:
            return index + 1
    for index, block in enumerate(parts.blocks):
        if block.path[: len(table)] == table:
            return index
    return len(parts.blocks)
