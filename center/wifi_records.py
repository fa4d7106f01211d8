"""Opening the records of WiFi sessions that boxes sealed to the province's key, line by line, in order."""

import csv
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TextIO

import orjson

from appliance.records.errors import RecordKeyError, RecordsError, SealedForAnotherError
from appliance.records.export import manifest
from appliance.records.files import MonthFile, Verified, digest, month_files, read
from appliance.records.keys import OpeningKey
from center.errors import KeyFileError

COLUMNS: Final = (
    "device", "chain", "seq", "start", "end", "clock", "resumed", "mac", "ipv4", "ipv6",
    "bytes_up", "bytes_down", "terms", "reason", "missed_before",
)  # fmt: skip


def make_key(path: Path) -> OpeningKey:
    """Make a key and keep its private part in a new file, mode 0600.

    Raises:
        KeyFileError: there is one already, or it cannot be written.
    """
    made = OpeningKey.generate()
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(made.to_bytes())
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        remedy = "name another: without the key that is there its records open for nobody"
        raise KeyFileError(path=path, reason="is there already", remedy=remedy) from None
    except OSError as error:
        raise KeyFileError(path=path, reason=error.strerror, remedy="name another file") from error
    return made


def load_key(path: Path) -> OpeningKey:
    """Return the key of a file.

    Raises:
        KeyFileError: it cannot be read, others can, or it is none.
    """
    try:
        mode, content = path.stat().st_mode, path.read_bytes()
    except OSError as error:
        raise KeyFileError(
            path=path, reason=error.strerror, remedy="give the file that keygen wrote"
        ) from error
    if mode & 0o077:
        raise KeyFileError(path=path, reason="others can read it", remedy=f"chmod 600 {path}")
    try:
        return OpeningKey.from_bytes(content)
    except RecordKeyError as error:
        reason = str(error.fields["reason"])
        raise KeyFileError(path=path, reason=reason, remedy="give the file that keygen wrote") from error


@dataclass(slots=True)
class Opening:
    """Opens files of one box; iterate over :meth:`rows`, then look at the rest.

    Attributes:
        key: the province's.
        paths: files, or folders of them.
        found: what the chain holds.
        foreign: by thumbprint, how many records another key opens.
        remarks: sentences about what is not there.
    """

    key: OpeningKey
    paths: Sequence[Path]
    found: Verified = field(default_factory=Verified)
    foreign: dict[str, int] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """Whether everything was there and opened."""
        return not self.foreign and not self.remarks

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield each record with its place.

        Raises:
            BrokenChainError: names the first line that is wrong; everything before it was yielded.
            RecordsError: a record does not open though its line is whole, or a list is none.
            RecordsFolderError: something cannot be read.
        """
        files = self._files()
        for path, number, line in read([each.path for each in files], self.found):
            try:
                record = line.open(self.key)
            except SealedForAnotherError:
                self.foreign[line.key] = self.foreign.get(line.key, 0) + 1
                continue
            except RecordsError as error:
                raise RecordsError(reason=f"{path.name} line {number}: {error}") from None
            yield {
                "device": line.device,
                "chain": line.chain,
                "seq": line.seq,
                **record.to_json(),
                "missed_before": line.missed,
            }
        self._compare(files)

    def _files(self) -> list[MonthFile]:
        found = []
        for path in self.paths:
            if path.is_dir():
                found += month_files(path)
                continue
            named = MonthFile.of(path)
            if named is None or named.is_torn:
                raise RecordsError(reason=f"{path} is not named as a file of records is; keep the names")
            found.append(named)
        if not found:
            raise RecordsError(reason="no files of records are there")
        return sorted(found, key=lambda each: each.number)

    def _compare(self, files: Sequence[MonthFile]) -> None:
        """Compare with the lists beside the files: what is lost at an end breaks no chain."""
        link = self.found.link
        for folder in sorted({each.folder for each in files}):
            told = manifest(folder)
            if told is None:
                self.remarks.append(f"{folder}: no manifest.json, so nobody knows whether the end is missing")
                continue
            here = {each.path.name: each.path for each in files if each.folder == folder}
            for name, wanted in sorted(told["files"].items()):
                if name not in here:
                    self.remarks.append(f"{name}: was exported and is not here")
                elif digest(here[name]) != wanted:
                    self.remarks.append(f"{name}: is not what was exported")
            if len(here) == len(told["files"]) and (link is None or link.head != told.get("head")):
                self.remarks.append(f"{folder}: ends before number {told.get('last')}, which was exported")


def write_json(rows: Iterator[dict[str, Any]], out: TextIO) -> None:
    """Write each row as a line of JSON."""
    out.writelines(orjson.dumps(row).decode() + "\n" for row in rows)


def write_csv(rows: Iterator[dict[str, Any]], out: TextIO) -> None:
    """Write a table; several addresses stand in one cell, with spaces between them."""
    table = csv.DictWriter(out, COLUMNS)
    table.writeheader()
    for row in rows:
        table.writerow(
            {name: " ".join(value) if isinstance(value, list) else value for name, value in row.items()}
        )
