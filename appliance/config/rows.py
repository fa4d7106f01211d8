"""The rows of a list of tables, ``[[services]]``, each with the tables inside it."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from appliance.config.blocks import Block, Blocks, TablePath
from appliance.config.edits import Changes, edited


def _new_row(table: TablePath, row: Changes) -> Block:
    changes = {name: value for name, value in row.items() if value is not None}
    header = f"[[{'.'.join(table)}]]\n"
    return Block("\n", header, table, is_row=True, body=edited("", changes))


def rows_added(parts: Blocks, table: TablePath, rows: Sequence[Changes]) -> Blocks:
    """Return the file with a list of tables that it lacked."""
    ends = [index for index, block in enumerate(parts.blocks) if block.path[:1] == table[:1] and block.path]
    place = ends[-1] + 1 if ends else len(parts.blocks)
    return parts.inserted(place, [_new_row(table, row) for row in rows])


def with_empty(text: str, name: str) -> str:
    """Return the file with a list that is there and empty."""
    parts = Blocks.cut(text)
    root = parts.blocks[0]
    return str(parts.replaced(0, root.with_body(edited(root.body, {name: ()}))))


def _groups(parts: Blocks, table: TablePath) -> list[list[int]]:
    """Return the blocks of each row: its own, and those of the tables inside it."""
    groups: list[list[int]] = []
    for index, block in enumerate(parts.blocks):
        if block.is_row and block.path == table:
            groups.append([index])
        elif groups and block.path[: len(table)] == table:
            groups[-1].append(index)
    return groups


def rows_replaced(parts: Blocks, table: TablePath, rows: Sequence[Changes], key: str) -> Blocks:
    """Return the file with other rows where those of a list stand.

    Raises:
        ValueError: It has none.
    """
    groups = _groups(parts, table)
    held: dict[Any, list[Block]] = {}
    above: list[str] = []
    for number, group in enumerate(groups):
        first = parts.blocks[group[0]].ended()
        kept, own = _split_lead(first.lead) if number else (first.lead, "")
        above.append(kept)
        head = Block(own, first.header, first.path, is_row=True, body=first.body)
        held[tomllib.loads(first.body)[key]] = [head, *(parts.blocks[each].ended() for each in group[1:])]
    new = [
        list(_row_blocks(held[row[key]], table, row)) if row[key] in held else [_new_row(table, row)]
        for row in rows
    ]
    heads = {group[0]: number for number, group in enumerate(groups)}
    inner = {each for group in groups for each in group[1:]}
    blocks: list[Block] = []
    loose = ""
    for index, block in enumerate(parts.blocks):
        if index in inner:
            continue
        if index not in heads:
            blocks.append((block.ended() if index < max(heads) else block).with_lead(loose + block.lead))
            loose = ""
            continue
        number = heads[index]
        is_last = number == len(groups) - 1
        taken = new[number:] if is_last else new[number : number + 1]
        if not taken:
            loose += above[number] if above[number].strip() else ""
            continue
        for place, row_blocks in enumerate(taken):
            lead = above[number] + row_blocks[0].lead if place == 0 else row_blocks[0].lead
            if place and not lead.startswith(("\n", "\r")):
                lead = f"\n{lead}"
            if place == 0 and row_blocks[0].lead == "\n" and above[number].endswith("\n"):
                lead = above[number]
            blocks.append(row_blocks[0].with_lead(loose + lead))
            loose = ""
            blocks += row_blocks[1:]
    return Blocks(tuple(blocks), loose + parts.tail)


def _row_blocks(blocks: Sequence[Block], table: TablePath, row: Changes) -> Iterator[Block]:
    """Yield the blocks of a row that stays, with its changes."""
    inner = {block.path[len(table)] for block in blocks[1:]}
    own = {name: value for name, value in row.items() if name not in inner}
    yield blocks[0].with_body(edited(blocks[0].body, own))
    for block in blocks[1:]:
        name = block.path[len(table)]
        if name not in row:
            yield block
            continue
        value = row[name]
        if isinstance(value, Mapping):
            gone = dict.fromkeys(set(tomllib.loads(block.body)) - set(value))
            yield block.with_body(edited(block.body, {**gone, **value}))


def _split_lead(lead: str) -> tuple[str, str]:
    """Return what stays above a row, and the comment that stands directly above its header."""
    lines = lead.splitlines(keepends=True)
    start = len(lines)
    while start and lines[start - 1].strip():
        start -= 1
    return "".join(lines[:start]), "".join(lines[start:])
