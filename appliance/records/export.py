"""Copying records for the province: the files as they are, and a list of them.

Lines that are lost at a file's end break no chain. The list, which says how far it goes, shows that.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from appliance.records.errors import RecordsError, RecordsFolderError
from appliance.records.files import MANIFEST, Verified, digest, month_files, read

MOST_MANIFEST = 1 << 20


def export(folder: Path, out: Path) -> Verified:
    """Copy the whole lines of a folder, verified, and write the list last.

    Args:
        folder: of the records.
        out: a new or empty folder.

    Returns:
        what was copied.

    Raises:
        BrokenChainError: the chain is broken; what was copied until there has no list.
        RecordsError: there is nothing to copy.
        RecordsFolderError: something cannot be read or written, or ``out`` is not empty.
    """
    files = month_files(folder)
    if not files:
        raise RecordsError(reason=f"no records in {folder}")
    found = Verified()
    try:
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()):
            raise RecordsFolderError(path=out, reason="not empty; name a new folder")
        for file in files:
            # Line by line: one that is just being written is not torn, only not there yet.
            is_last = file is files[-1]
            lines = (line.to_bytes() + b"\n" for _, _, line in read([file.path], found, is_live=is_last))
            _write(out / file.path.name, lines)
        _write(out / MANIFEST, [_manifest(found, [out / each.path.name for each in files])])
    except OSError as error:
        if isinstance(error, RecordsFolderError):
            raise
        raise RecordsFolderError(path=out, reason=error.strerror or str(error)) from None
    return found


def manifest(folder: Path) -> dict[str, Any] | None:
    """Return the list of a folder; None without one.

    Raises:
        RecordsError: it is none.
        RecordsFolderError: it cannot be read.
    """
    try:
        with (folder / MANIFEST).open("rb") as file:
            told = orjson.loads(file.read(MOST_MANIFEST))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RecordsFolderError(path=folder / MANIFEST, reason=error.strerror or str(error)) from None
    except orjson.JSONDecodeError:
        raise RecordsError(reason=f"{folder / MANIFEST} is not JSON") from None
    if not isinstance(told, dict) or not isinstance(told.get("files"), dict):
        raise RecordsError(reason=f"{folder / MANIFEST} is no list of records")
    return told


def _manifest(found: Verified, paths: list[Path]) -> bytes:
    link = found.link
    told = {
        "files": {path.name: digest(path) for path in paths},
        "first": found.first,
        "lines": found.lines,
        "last": None if link is None else link.seq,
        "head": None if link is None else link.head,
        "device": None if link is None else link.device,
    }
    return orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"


def _write(path: Path, content: Iterable[bytes]) -> None:
    with path.open("xb") as file:
        file.writelines(content)
        file.flush()
        os.fsync(file.fileno())
