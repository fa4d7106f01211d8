"""Catalogs of the pages: ``python -m provisioning.catalogs --write [area ...]`` or ``--check``.

Every area of the pages has one catalog for each language that is not English, filled from its templates and
from the Python files that speak for it. ``--write`` adds what is missing with an empty translation, keeps
every translation there is and compiles; ``--check`` changes nothing and complains.
"""

import argparse
import io
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

ROOT: Final = Path(__file__).parents[1]
LANGS: Final = ("vi",)
PLURALS: Final = {"vi": "nplurals=1; plural=0;"}
KEYWORDS: Final = ("_", "gettext", "say", "N_", "ngettext", "pgettext", "npgettext")
SPOKEN_BY: Final = {"phone": ("appliance/public",), "setup_mode": ("appliance/setup_mode",)}
"""Python files of an area besides ``appliance/web/pages_<area>*.py``."""
EVERYWHERE: Final = "design"
"""The area of what is on every page; modules of the staff app that are no page speak for it."""
PLACEHOLDER: Final = re.compile(r"%\(\w+\)[sd]|%%|\{\w*\}")


@dataclass(frozen=True, slots=True, order=True)
class Complaint:
    """One thing that is wrong with one message of one catalog."""

    path: str
    msgid: str
    what: str

    def __str__(self) -> str:
        return f"{self.path}: {self.what}: {self.msgid!r}"


@dataclass(frozen=True, slots=True)
class Tree:
    """Where templates, catalogs and Python files of the areas are."""

    root: Path = ROOT

    @property
    def pages(self) -> Path:
        return self.root / "appliance" / "pages"

    def areas(self) -> list[str]:
        """Return the areas that have templates or a catalog."""
        drawn = {path.name for path in (self.pages / "templates").iterdir() if path.is_dir()}
        return sorted(drawn | {path.stem for path in self.pages.glob("locales/*/*.po")})

    def po(self, lang: str, area: str) -> Path:
        return self.pages / "locales" / lang / f"{area}.po"

    def sources(self, area: str) -> Iterator[Path]:
        """Return the files whose texts belong to an area, in order."""
        yield from sorted((self.pages / "templates" / area).rglob("*.html"))
        for path in sorted((self.root / "appliance" / "web").rglob("*.py")):
            if path.name.startswith(f"pages_{area}") or (area == EVERYWHERE and path.name[:6] != "pages_"):
                yield path
        for folder in SPOKEN_BY.get(area, ()):
            yield from sorted((self.root / folder).rglob("*.py"))

    def name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()


def wanted(tree: Tree, area: str) -> Catalog:
    """Return the messages that the sources of an area use, in their order there."""
    catalog = Catalog()
    for path in tree.sources(area):
        for function, texts in _extracted(path):
            said = [text for text in texts if isinstance(text, str)]
            context = said.pop(0) if function in {"pgettext", "npgettext"} and said else None
            if said:
                is_plural = function in {"ngettext", "npgettext"}
                catalog.add((said[0], said[1]) if is_plural else said[0], context=context)
    return catalog


def _extracted(path: Path) -> Iterator[tuple[str, tuple[object, ...]]]:
    keywords: Any = dict.fromkeys(KEYWORDS)
    with path.open("rb") as file:
        if path.suffix == ".py":
            found: Iterator[tuple[Any, ...]] = extract_python(file, keywords, (), {})
        else:
            options = {"extensions": "jinja2.ext.i18n,jinja2.ext.do", "trimmed": "true", "silent": "false"}
            found = babel_extract(file, list(KEYWORDS), (), options)
        for _, function, texts, *_ in found:
            yield function, texts if isinstance(texts, tuple) else (texts,)


def read(path: Path, lang: str) -> Catalog:
    """Return the catalog in a file; an empty one if there is no file."""
    if not path.exists():
        return Catalog(locale=lang)
    with path.open("rb") as file:
        return read_po(file, locale=lang, abort_invalid=True)


def merged(asked: Catalog, held: Catalog, lang: str) -> Catalog:
    """Return what the sources ask for, with the translations there are; what nobody uses is gone."""
    catalog = Catalog(
        locale=lang, charset="utf-8", fuzzy=False, project="motcua", version="1", header_comment="# motcua"
    )
    for message in _messages(asked):
        old = held.get(_key(message), message.context)
        string = old.string if old is not None and _is_plural(old) == _is_plural(message) else ""
        catalog.add(message.id, string, context=message.context, flags=_flags(old))
    return catalog


def po_bytes(catalog: Catalog, lang: str) -> bytes:
    """Return a catalog as text, with a header that holds no dates and no names."""
    out = io.BytesIO()
    write_po(out, catalog, width=0, omit_header=True, no_location=True, sort_output=False)
    head = (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {lang}\\n"\n"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        f'"Content-Transfer-Encoding: 8bit\\n"\n"Plural-Forms: {PLURALS[lang]}\\n"\n\n'
    )
    return head.encode() + out.getvalue().strip() + b"\n"


def mo_bytes(catalog: Catalog, lang: str) -> bytes:
    """Return a catalog compiled; the same messages give the same bytes."""
    bare = _Undated(locale=lang, fuzzy=False)
    for message in sorted(_messages(catalog), key=lambda each: (each.context or "", _key(each))):
        bare.add(message.id, message.string, context=message.context)
    out = io.BytesIO()
    write_mo(out, bare)
    return out.getvalue()


class _Undated(Catalog):
    """A catalog whose header says what its readers need and no date."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        lang = str(self.locale)
        content = ("Content-Type", "text/plain; charset=utf-8")
        return [("Language", lang), content, ("Plural-Forms", PLURALS[lang])]


def complaints(tree: Tree, lang: str) -> list[Complaint]:
    """Return everything that is wrong with the catalogs of a language."""
    found: list[Complaint] = []
    first: dict[tuple[str | None, str], tuple[str, object]] = {}
    for area in tree.areas():
        path, asked = tree.po(lang, area), wanted(tree, area)
        held, name = read(path, lang), tree.name(path)
        if not asked and not path.exists():
            continue
        found += (
            Complaint(name, _key(message), "missing")
            for message in _messages(asked)
            if not _in(held, message)
        )
        for message in _messages(held):
            found += (Complaint(name, _key(message), what) for what in _wrong(message, asked))
            if not message.string:
                continue
            said = first.setdefault((message.context, _key(message)), (name, message.string))
            if said[1] != message.string:
                what = f"says something else than {said[0]} (pgettext tells them apart)"
                found.append(Complaint(name, _key(message), what))
        found += _stale_files(tree, path, held, lang)
    return sorted(found)


def _wrong(message: Message, asked: Catalog) -> Iterator[str]:
    if not _in(asked, message):
        yield "stale: no source uses it"
    if message.fuzzy:
        yield "fuzzy"
    given = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    strings = [string for string in given if string]
    if len(strings) < len(given):
        yield "empty"
        return
    # A language without plurals says "1" with the words of many, so the plural's placeholders are needed.
    ids = _ids(message)
    allowed = {mark for text in ids for mark in PLACEHOLDER.findall(text)}
    needed = set(PLACEHOLDER.findall(ids[-1]))
    for string in strings:
        marks = set(PLACEHOLDER.findall(string))
        if marks - allowed or needed - marks:
            yield f"placeholders {sorted(marks)} where {sorted(needed)} are asked for"
        # Pages format their texts with it: the whole page would fail.
        if "%" in PLACEHOLDER.sub("", string) and not any("%" in PLACEHOLDER.sub("", each) for each in ids):
            yield "a lone %: write it in words"


def _stale_files(tree: Tree, path: Path, held: Catalog, lang: str) -> Iterator[Complaint]:
    name, compiled = tree.name(path), path.with_suffix(".mo")
    if path.exists() and f'"Plural-Forms: {PLURALS[lang]}\\n"' not in path.read_text("utf-8"):
        yield Complaint(name, "", f"the header does not say Plural-Forms: {PLURALS[lang]}")
    if not compiled.exists() or compiled.read_bytes() != mo_bytes(held, lang):
        yield Complaint(tree.name(compiled), "", "not compiled from its catalog; run --write")


def write(tree: Tree, lang: str, areas: Iterable[str] = ()) -> list[Path]:
    """Bring catalogs up to date, all unless areas are named, and return the files that changed."""
    changed = []
    for area in list(areas) or tree.areas():
        path, asked = tree.po(lang, area), wanted(tree, area)
        if not asked and not path.exists():
            continue
        text = po_bytes(merged(asked, read(path, lang), lang), lang)
        compiled = mo_bytes(read_po(io.BytesIO(text), locale=lang), lang)
        for file, content in ((path, text), (path.with_suffix(".mo"), compiled)):
            if not file.exists() or file.read_bytes() != content:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
                changed.append(file)
    return changed


def _messages(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def _ids(message: Message) -> tuple[str, ...]:
    return tuple(message.id) if isinstance(message.id, (tuple, list)) else (str(message.id),)


def _key(message: Message) -> str:
    return _ids(message)[0]


def _is_plural(message: Message) -> bool:
    return len(_ids(message)) > 1


def _in(catalog: Catalog, message: Message) -> bool:
    other = catalog.get(_key(message), message.context)
    return other is not None and _ids(other) == _ids(message)


def _flags(message: Message | None) -> tuple[str, ...]:
    return ("fuzzy",) if message is not None and message.fuzzy else ()


def main(arguments: list[str] | None = None) -> int:
    """Write or check; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m provisioning.catalogs", description="Catalogs of the pages"
    )
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--write", action="store_true", help="add missing messages, compile")
    mode.add_argument("--check", action="store_true", help="complain; exit 1 if anything is wrong")
    parser.add_argument("area", nargs="*", help="write only these areas")
    chosen = parser.parse_args(arguments)
    tree, wrong = Tree(), []
    for lang in LANGS:
        if chosen.write:
            for path in write(tree, lang, chosen.area):
                sys.stdout.write(f"{tree.name(path)} written\n")
        wrong += complaints(tree, lang)
    sys.stdout.writelines(f"{complaint}\n" for complaint in wrong)
    return 1 if wrong and chosen.check else 0


if __name__ == "__main__":
    sys.exit(main())
