"""Reading office.toml: bounded bytes, UTF-8, TOML, models, cross checks; every problem in one error."""

import hashlib
import re
import stat
import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from appliance.config.crosscheck import crosscheck
from appliance.config.explain import explain
from appliance.config.problem import ConfigError, Problem, problem
from appliance.config.settings import Settings

MAX_BYTES: Final = 256 * 1024
MAX_LINE: Final = 500
"""Characters. tomllib keeps every prefix of a dotted key: one line of 200 KiB takes all memory there is."""
MAX_DEPTH: Final = 8
DEFAULT_NAME: Final = "office.toml"

_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)\Z")


def load(path: Path) -> Settings:
    """Read, check and freeze an office.toml.

    Args:
        path: The file; at most 256 KiB of UTF-8, with or without byte order mark.

    Raises:
        ConfigError: The file cannot be read or has problems; all of them are in ``problems``.
    """
    raw = _read(path)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigError(name=path.name, problems=[problem("file.encoding", f"line {line}")]) from None
    return _parsed(text, raw, path.name)


def loads(text: str, name: str = DEFAULT_NAME) -> Settings:
    """Do as ``load`` with text that was read already; ``name`` is what the problems call the file.

    Raises:
        ConfigError: The text has problems; all of them are in ``problems``.
    """
    try:
        raw = text.encode()
    except UnicodeEncodeError:
        raise ConfigError(name=name, problems=[problem("file.encoding", "")]) from None
    if len(raw) > MAX_BYTES:
        raise ConfigError(name=name, problems=[problem("file.too_large", "", limit=MAX_BYTES // 1024)])
    return _parsed(text.removeprefix("\ufeff"), raw, name)


def check(path: Path) -> list[Problem]:
    """Return everything that is wrong with an office.toml; an empty list when it can be used."""
    try:
        load(path)
    except ConfigError as error:
        return list(error.problems)
    return []


def build(data: Mapping[str, Any], name: str = DEFAULT_NAME) -> Settings:
    """Make settings from parsed TOML.

    Raises:
        ConfigError: The data has problems; all of them are in ``problems``.
    """
    try:
        frozen = {key: _frozen(value, MAX_DEPTH) for key, value in data.items()}
    except RecursionError:
        raise ConfigError(name=name, problems=[problem("toml.depth", "", limit=MAX_DEPTH)]) from None
    problems: list[Problem] = []
    settings: Settings | None = None
    try:
        settings = Settings.model_validate(frozen)
    except ValidationError as error:
        problems.extend(explain(error))
    problems.extend(crosscheck(frozen))
    if problems or settings is None:
        raise ConfigError(name=name, problems=problems)
    return settings


def example() -> str:
    """Return the text of office.example.toml as it is shipped."""
    return resources.files(__package__).joinpath("office.example.toml").read_text(encoding="utf-8")


def _read(path: Path) -> bytes:
    try:
        # Asked before opening: opening a pipe would wait for its other end.
        is_file = stat.S_ISREG(path.stat().st_mode)
        raw = b""
        if is_file:
            with path.open("rb") as stream:
                raw = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise ConfigError(name=path.name, problems=[problem("file.missing", "")]) from None
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the path
        detail = getattr(error, "strerror", None) or str(error)
        raise ConfigError(name=path.name, problems=[problem("file.unreadable", "", detail=detail)]) from error
    if not is_file:
        raise ConfigError(name=path.name, problems=[problem("file.not_a_file", "")])
    if len(raw) > MAX_BYTES:
        raise ConfigError(name=path.name, problems=[problem("file.too_large", "", limit=MAX_BYTES // 1024)])
    return raw


def _parsed(text: str, raw: bytes, name: str) -> Settings:
    long = [number for number, line in enumerate(text.split("\n"), 1) if len(line) > MAX_LINE]
    if long:
        problems = [problem("toml.long_line", f"line {number}", limit=MAX_LINE) for number in long]
        raise ConfigError(name=name, problems=problems)
    try:
        data = tomllib.loads(text)
    except RecursionError:
        raise ConfigError(name=name, problems=[problem("toml.depth", "", limit=MAX_DEPTH)]) from None
    except ValueError as error:
        raise ConfigError(name=name, problems=[_syntax(str(error), text)]) from None
    settings = build(data, name)
    settings.bind(hashlib.sha256(raw).hexdigest())
    return settings


def _syntax(said: str, text: str) -> Problem:
    """Return the problem for tomllib's sentence, whose end names the place."""
    place = _PLACE.search(said)
    if place is None:
        return problem("toml.syntax", "", detail=said)
    lines = text.rstrip("\n").split("\n")
    line = place[1] or str(len(lines))
    column = place[2] or str(len(lines[-1]) + 1)
    return problem("toml.syntax", f"line {line}, column {column}", detail=said[: place.start()])


def _frozen(value: object, depth: int) -> object:
    """Return parsed TOML with tuples for lists, as the strict models want them.

    Raises:
        RecursionError: Something lies deeper than ``depth``.
    """
    if isinstance(value, dict | list | tuple) and depth == 0:
        raise RecursionError
    if isinstance(value, dict):
        return {key: _frozen(inner, depth - 1) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return tuple(_frozen(inner, depth - 1) for inner in value)
    return value
