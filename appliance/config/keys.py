"""The settings that exist: for the documentation, and to name the one that was meant."""

import builtins
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Final

from annotated_types import Ge, Le, MaxLen
from pydantic.fields import FieldInfo

from appliance.config.fields import Form, Section
from appliance.config.hours import Span, hours_text
from appliance.config.problem import shown
from appliance.config.settings import Settings

REQUIRED: Final = "required"
_CLOSE: Final = 0.6
MAX_KEY: Final = 64
"""Characters of a key above which nobody has misspelled anything, and comparing takes long."""
_WORDS: Final[Mapping[object, str]] = {
    int: "whole number",
    bool: "`true` or `false`",
    str: "text",
    date: "date",
    Path: "path",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """One key of office.toml.

    Attributes:
        key: Dotted name; ``[]`` stands for an entry of a list: ``services[].id``.
        accepts: In words, what may be written.
        default: As TOML, ``required``, or a dash when the key may be left out.
        description: What it does, with its unit.
    """

    key: str
    accepts: str
    default: str
    description: str


@dataclass(frozen=True, slots=True)
class Table:
    """One table of office.toml: ``header`` as the file has it, ``[hall]`` or ``[[services]]``."""

    header: str
    description: str
    settings: tuple[Setting, ...]


@cache
def tables() -> tuple[Table, ...]:
    """Return every table, each ahead of the tables inside it."""
    return tuple(_tables(Settings, ""))


def required_in(path: str) -> tuple[str, ...]:
    """Return the settings that a table must have, by the table's dotted name; none for anything else."""
    settings = (setting for table in tables() for setting in table.settings)
    return tuple(
        each.key for each in settings if each.default == REQUIRED and each.key.rpartition(".")[0] == path
    )


@cache
def known_keys() -> tuple[str, ...]:
    """Return the dotted name of every setting."""
    return tuple(setting.key for table in tables() for setting in table.settings)


def nearest(path: Sequence[str | int]) -> str | None:
    """Return the setting that a misspelled key probably meant, None when nothing resembles it.

    A key or table of the same table is preferred, then the same key in another table, then what looks alike.
    """
    if any(isinstance(part, str) and len(part) > MAX_KEY for part in path):
        return None
    wanted = "".join(_dotted(path))
    table, _, last = wanted.rpartition(".")
    siblings = {_last(name): name for name in _names() if name.rpartition(".")[0] == table}
    close = get_close_matches(last, siblings, n=1, cutoff=_CLOSE)
    if close:
        return siblings[close[0]]
    elsewhere = {_last(key): key for key in reversed(known_keys())}
    if last in elsewhere:
        return elsewhere[last]
    whole = get_close_matches(wanted, known_keys(), n=1, cutoff=_CLOSE)
    return whole[0] if whole else None


@cache
def _names() -> tuple[str, ...]:
    """Return the dotted names of the settings and of the tables they are in."""
    names = dict.fromkeys(known_keys())
    for key in known_keys():
        parts = key.split(".")
        names.update((".".join(parts[:end]).removesuffix("[]"), None) for end in range(1, len(parts)))
    return tuple(names)


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _dotted(path: Sequence[str | int]) -> Iterator[str]:
    for position, part in enumerate(path):
        if isinstance(part, int):
            yield "[]"
        else:
            yield f".{part}" if position else part


def _tables(model: type[Section], path: str) -> Iterator[Table]:
    """Walk the models; ``path`` is the dotted name of ``model``, empty for the file itself."""
    inner: list[Table] = []
    settings: list[Setting] = []
    for name, field in model.model_fields.items():
        key = f"{path}.{name}" if path else name
        section, many = _section(field.annotation)
        if section is not None:
            inner.extend(_tables(section, f"{key}[]" if many else key))
        else:
            settings.append(
                Setting(
                    key, accepts(field.annotation, field.metadata), _default(field), field.description or ""
                )
            )
    if path:
        plain = path.replace("[]", "")
        header = f"[[{plain}]]" if path.endswith("[]") else f"[{plain}]"
        yield Table(header, (model.__doc__ or "").strip(), tuple(settings))
    yield from inner


def _section(annotation: object) -> tuple[type[Section] | None, bool]:
    """Return the table that a field holds, and whether it holds a list of them."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation, False
    many = typing.get_origin(annotation) is tuple
    for argument in typing.get_args(annotation):
        section, _ = _section(argument)
        if section is not None:
            return section, many
    return None, False


def accepts(annotation: object, metadata: Sequence[object] = ()) -> str:
    """Return in words what a field of this type takes."""
    forms = [each.words for each in metadata if isinstance(each, Form)]
    if forms:
        return forms[-1]
    limits = _limits(metadata)
    arguments = typing.get_args(annotation)
    match typing.get_origin(annotation):
        case None:
            words = f"{_WORDS[annotation]}{limits}"
        case typing.Annotated:
            words = accepts(arguments[0], (*arguments[1:], *metadata))
        case typing.Literal:
            words = ", ".join(f"`{shown(each)}`" for each in arguments)
        case typing.Union | types.UnionType:
            words = " or ".join(accepts(each, metadata) for each in arguments if each is not type(None))
        case builtins.tuple:
            words = f"list{limits}: {accepts(arguments[0])}"
        case _:
            words = f'table{limits}: `"issue.1" = id`'
    return words


def _limits(metadata: Sequence[object]) -> str:
    # A type inside a union keeps its limits in a field of its own.
    metadata = [
        part for each in metadata for part in (each.metadata if isinstance(each, FieldInfo) else [each])
    ]
    least = [each.ge for each in metadata if isinstance(each, Ge)]
    most = [each.le for each in metadata if isinstance(each, Le)]
    longest = [each.max_length for each in metadata if isinstance(each, MaxLen)]
    if longest:
        return f" of up to {longest[-1]}"
    return f" {least[-1]}–{most[-1]}" if least and most else ""


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return REQUIRED
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is None:
        return "–"
    if isinstance(value, tuple) and value and isinstance(value[0], Span):
        return shown(hours_text(value))
    if value == () and Form in {type(each) for each in field.metadata}:
        return '""'
    return shown(str(value)) if isinstance(value, Path) else shown(value)
