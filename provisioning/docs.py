"""The pages of docs/ that are written from the code: ``python -m provisioning.docs --write`` or ``--check``.

One function for each page returns its text. A page is never edited by hand: change the field's description or
the error's template, and write again.
"""

import argparse
import importlib
import pkgutil
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from appliance.config.keys import Setting, Table, tables
from appliance.config.sentences import SENTENCES
from appliance.errors import MotcuaError
from provisioning import api_page as api
from provisioning.access_page import access_page
from provisioning.grid import grid

ROOT: Final = Path(__file__).resolve().parents[1]
PACKAGES: Final = ("appliance", "center", "provisioning")

_BY_HAND: Final = "<!-- Written by `python -m provisioning.docs --write`; do not edit. -->\n"
_SETTINGS: Final = """# Settings

`office.toml` holds the settings of one office: TOML, UTF-8, at most 256 KiB, lines of at most 500
characters. Start from `appliance/config/office.example.toml`. `motcua check office.toml` lists everything
that is wrong with a file, and the box refuses a file with a problem; an unknown key is a problem. The time
zone is Asia/Ho_Chi_Minh and not a setting.

`[[services]]` begins one entry of a list; write it once for each entry. A dash means that the key may be left
out.
"""
_CHECK: Final = """## What `motcua check` may say

Each problem is one line: the file, the key (entries of lists count from 0), its value, and one of these
sentences.
"""
_ERRORS: Final = """# Errors

Every error has a stable key. Logs carry the key and the English sentence; screens look the key up and fall
back on the Vietnamese one. Words in braces are the error's fields.
"""


class BadCatalogError(MotcuaError, ValueError):
    """Error raised when the errors of the code cannot be listed truthfully."""

    key = "docs.bad_catalog"
    template = "{subject}: {reason}"
    template_vi = "{subject}: {reason}"


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """One kind of error as the catalog shows it."""

    key: str
    english: str
    vietnamese: str
    when: str
    name: str


def settings_page() -> str:
    """Return docs/settings.md: every key of office.toml, and everything ``motcua check`` may say."""
    return "\n".join(
        (
            _BY_HAND,
            _SETTINGS,
            *(part for table in tables() for part in _table(table)),
            _CHECK,
            grid(
                ("rule", "English", "tiếng Việt"), ((f"`{rule}`", *both) for rule, both in SENTENCES.items())
            ),
        )
    )


def errors_page() -> str:
    """Return docs/errors.md: every error by its key, in both languages.

    Raises:
        BadCatalogError: see ``catalog``.
    """
    entries, _ = catalog()
    rows = (
        (f"`{each.key}`", each.when, f"`{each.english}`", f"`{each.vietnamese}`", f"`{each.name}`")
        for each in entries
    )
    return "\n".join((_BY_HAND, _ERRORS, grid(("key", "when", "English", "tiếng Việt", "class"), rows)))


def api_page() -> str:
    """Return docs/api.md: every route of the office's API and every member of its bodies."""
    return f"{_BY_HAND}\n{api.api_page()}"


PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "docs/settings.md": settings_page,
    "docs/errors.md": errors_page,
    "docs/api.md": api_page,
    "docs/access.md": access_page,
}


def import_all(packages: Iterable[str]) -> dict[str, str]:
    """Import every module of some packages, so that their classes exist.

    Returns:
        The modules that could not be imported, each with the reason.
    """
    failed: dict[str, str] = {}
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # What a library says while it is imported is not this page's subject.
        for package in packages:
            found = pkgutil.walk_packages(
                importlib.import_module(package).__path__, f"{package}.", onerror=lambda _: None
            )
            for module in sorted(each.name for each in found):
                if module.endswith(".__main__"):
                    continue  # It would run.
                try:
                    importlib.import_module(module)
                except Exception as error:  # noqa: BLE001 - a module may fail in any way; each is reported
                    failed[module] = f"{type(error).__name__}: {error}"
    return failed


def catalog(packages: Sequence[str] = PACKAGES) -> tuple[list[CatalogEntry], dict[str, str]]:
    """Return every error of some packages by key, and the modules that could not be imported.

    A class without a key of its own stands for a family and is not listed.

    Raises:
        BadCatalogError: Two errors share a key.
    """
    failed = import_all(packages)
    entries: dict[str, CatalogEntry] = {}
    for kind in sorted(set(_kinds(MotcuaError)), key=lambda each: (each.key, each.__qualname__)):
        if not _is_ours(kind, packages) or "key" not in vars(kind):
            continue
        name = f"{kind.__module__}.{kind.__qualname__}"
        if kind.key in entries:
            raise BadCatalogError(subject=name, reason=f"shares its key with {entries[kind.key].name}")
        when = (kind.__doc__ or "").strip().partition("\n")[0]
        entries[kind.key] = CatalogEntry(
            kind.key, kind.template, kind.template_vi, when.removeprefix("Error raised "), name
        )
    return list(entries.values()), failed


def stale(root: Path = ROOT) -> list[str]:
    """Return the pages under ``root`` whose text is not what the code says."""
    return [name for name, page in PAGES.items() if _read(root / name) != page()]


def write(root: Path = ROOT) -> None:
    """Write every page under ``root``."""
    for name, page in PAGES.items():
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(page(), encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check the pages; 0 when every page is, or now is, what the code says."""
    parser = argparse.ArgumentParser(prog="python -m provisioning.docs", description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--write", action="store_true", help="write the pages")
    what.add_argument("--check", action="store_true", help="fail when a page is stale")
    parser.add_argument("--root", type=Path, default=ROOT, help="the source tree (default: this one)")
    chosen = parser.parse_args(arguments)
    complaints = [f"cannot import {module}: {why}" for module, why in import_all(PACKAGES).items()]
    if chosen.write:
        write(chosen.root)
    else:
        complaints += [
            f"{name} is stale: run python -m provisioning.docs --write" for name in stale(chosen.root)
        ]
    sys.stderr.writelines(f"{line}\n" for line in complaints)
    return 1 if complaints else 0


def _table(table: Table) -> Iterator[str]:
    yield f"## `{table.header}`\n"
    yield f"{table.description}\n"
    if table.settings:
        yield grid(("key", "accepts", "default", "meaning"), map(_setting, table.settings))


def _setting(setting: Setting) -> tuple[str, ...]:
    default = setting.default if setting.default in {"required", "–"} else f"`{setting.default}`"
    return (f"`{setting.key}`", setting.accepts, default, setting.description)


def _kinds(root: type[MotcuaError]) -> Iterator[type[MotcuaError]]:
    yield root
    for kind in root.__subclasses__():
        yield from _kinds(kind)


def _is_ours(kind: type[MotcuaError], packages: Sequence[str]) -> bool:
    # A module that failed half-way leaves classes behind which no longer belong to anything.
    module = sys.modules.get(kind.__module__)
    found: object = module
    for name in kind.__qualname__.split("."):
        found = getattr(found, name, None)
    return kind.__module__.partition(".")[0] in packages and found is kind


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


if __name__ == "__main__":
    sys.exit(main())
