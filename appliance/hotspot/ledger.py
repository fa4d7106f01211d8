"""The records' files on the box: lines are added, whole months destroyed, and nothing is ever read again.

Mode 0600 in a folder of their own, which no backup and no support bundle looks into. A line is durable before
the next thing is done. What a power cut tore off is set aside and the chain goes on from its last whole line.
"""

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson
import structlog

from appliance.clock import entropy
from appliance.hotspot.errors import RecordsFullError
from appliance.records.errors import RecordsError
from appliance.records.files import MonthFile, month_files
from appliance.records.keys import RecordKey
from appliance.records.lines import Line, Link, sealed
from appliance.records.record import Record

log = structlog.get_logger(__name__)

STATE: Final = "state.json"
"""The chain's end, the last file's number and the months: for when all files or the policy are gone."""
TAIL: Final = 1 << 20
"""Bytes at a file's end in which its last line is looked for first."""
FILE_MODE: Final = 0o600
FOLDER_MODE: Final = 0o700


@dataclass(slots=True)
class _State:
    link: Link
    number: int
    months: int


class Ledger:
    """See the module; make it with :meth:`open`.

    Args:
        folder: of the files.
        state: the chain's end.
        size: bytes of the files.
    """

    def __init__(self, folder: Path, state: _State, size: int) -> None:
        self._folder, self._state, self._size = folder, state, size

    @classmethod
    def open(cls, folder: Path, device: str, months: int) -> "Ledger":
        """Make the folder if need be, set aside what was torn, and find the chain's end.

        Args:
            folder: of the files.
            device: the box.
            months: after which files are destroyed.

        Raises:
            OSError: the folder cannot be used.
        """
        if not folder.is_dir():
            folder.mkdir(mode=FOLDER_MODE, parents=True)
            _sync_folder(folder.parent)
        folder.chmod(FOLDER_MODE)
        kept = _kept(folder)
        number = max([each.number for each in month_files(folder, with_torn=True)], default=0)
        link = _end(folder) or (None if kept is None else kept.link)
        if link is None or link.device != device:
            link = Link.start(entropy(8).hex(), device)
            log.info("retention.chain_begins", chain=link.chain)
        state = _State(link, max(number, 0 if kept is None else kept.number), months)
        if kept is None or kept.months != months:
            _keep(folder, state)
        return cls(folder, state, _size(folder))

    @property
    def link(self) -> Link:
        """The chain's end."""
        return self._state.link

    def append(
        self, records: Sequence[Record], key: RecordKey, month: str | None, *, missed: int, most_bytes: int
    ) -> None:
        """Seal records and add them, durably; all or none.

        Args:
            records: of sessions that ended.
            key: the province's.
            month: of now, ``2026-11``; None while no clock is trusted.
            missed: sessions before these that could not be recorded.
            most_bytes: that all files together may have.

        Raises:
            RecordsFullError: there is no more room for records.
            OSError: they cannot be written; open the ledger again.
        """
        link, lines = self._state.link, []
        for record in records:
            line = sealed(record, key, link, missed)
            missed, link = 0, line.after()
            lines.append(line.to_bytes() + b"\n")
        data = b"".join(lines)
        if self._size + len(data) > most_bytes:
            raise RecordsFullError(limit=most_bytes >> 20)
        file = self._newest()
        if file is None or file.month != month or self._state.link.seq == 0:
            file = MonthFile(self._folder, self._state.number + 1, month)
        _append(file.path, data)
        self._state.number = max(self._state.number, file.number)
        self._state.link = link
        self._size += len(data)

    def sweep(self, month: str) -> list[str]:
        """Date what could not be dated and destroy what was kept long enough; return the names destroyed.

        Args:
            month: of now, by a trusted clock.

        Raises:
            OSError: it cannot be done now.
        """
        _date(self._folder, month)
        _date(self._folder, month)
        destroyed = _destroyed(self._folder, self._state, month)
        self._size = _size(self._folder)
        return destroyed

    def _newest(self) -> MonthFile | None:
        files = month_files(self._folder)
        return files[-1] if files else None


def swept(folder: Path, month: str) -> list[str]:
    """Destroy what was kept long enough where there is no policy any more; return the names destroyed.

    Args:
        folder: of the files.
        month: of now, by a trusted clock.

    Raises:
        OSError: it cannot be done now.
    """
    state = _kept(folder)
    if state is None:
        return []
    _date(folder, month)
    return _destroyed(folder, state, month)


def _end(folder: Path) -> Link | None:
    """Return the end of the last file that has a line, having set aside what is torn behind it."""
    for file in reversed(month_files(folder)):
        path = file.path
        with path.open("rb") as opened:
            size = opened.seek(0, os.SEEK_END)
            last, end = None, 0
            for back in (min(size, TAIL), size):
                opened.seek(size - back)
                last, end = _last_line(opened.read(back))
                if last is not None or back == size:
                    end += size - back
                    break
        if end < size:
            _set_aside(file, end)
        if last is not None:
            return last.after()
    return None


def _last_line(content: bytes) -> tuple[Line | None, int]:
    """Return the last whole line of some bytes, and where it ends."""
    end = content.rfind(b"\n") + 1
    while end:
        begin = content.rfind(b"\n", 0, end - 1) + 1
        with suppress(RecordsError):
            return Line.of(content[begin : end - 1]), end
        end = begin
    return None, 0


def _set_aside(file: MonthFile, end: int) -> None:
    """Move what is behind a file's last whole line to a file of its own."""
    torn = MonthFile(file.folder, file.number, file.month, is_torn=True)
    with file.path.open("rb") as opened:
        opened.seek(end)
        rest = opened.read()
    _append(torn.path, rest)
    if end:
        descriptor = os.open(file.path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.ftruncate(descriptor, end)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    else:
        file.path.unlink()
        _sync_folder(file.folder)
    log.warning("retention.torn_end_set_aside", file=torn.path.name, bytes=len(rest))


def _date(folder: Path, month: str) -> None:
    """Give files of a time that nobody knew the month of now: none of them is destroyed too early."""
    is_changed = False
    for file in month_files(folder, with_torn=True):
        # One that lies ahead was written by a clock that was wrong.
        if file.month is None or file.month > month:
            file.path.replace(MonthFile(folder, file.number, month, file.is_torn).path)
            is_changed = True
    if is_changed:
        _sync_folder(folder)


def _destroyed(folder: Path, state: _State, month: str) -> list[str]:
    over = [
        each
        for each in month_files(folder, with_torn=True)
        if each.month is not None and _index(month) - _index(each.month) > state.months
    ]
    if not over:
        return []
    # The chain's end outlives the files that it is in.
    _keep(folder, state)
    for each in over:
        each.path.unlink()
    _sync_folder(folder)
    return [each.path.name for each in over]


def _index(month: str) -> int:
    year, _, number = month.partition("-")
    return int(year) * 12 + int(number)


def _size(folder: Path) -> int:
    return sum(each.path.stat().st_size for each in month_files(folder, with_torn=True))


def _append(path: Path, data: bytes) -> None:
    """Add bytes to a file, durably; what could not be written whole is taken back."""
    is_new = not path.exists()
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(path, flags, FILE_MODE)
    try:
        before = os.fstat(descriptor).st_size
        try:
            left = memoryview(data)
            while left:
                left = left[os.write(descriptor, left) :]
            os.fsync(descriptor)
        except OSError:
            with suppress(OSError):
                os.ftruncate(descriptor, before)
            raise
    finally:
        os.close(descriptor)
    if is_new:
        _sync_folder(path.parent)


def _kept(folder: Path) -> _State | None:
    try:
        told: dict[str, Any] = orjson.loads((folder / STATE).read_bytes())
        link = Link(told["chain"], told["device"], int(told["seq"]), told["head"])
        return _State(link, int(told["number"]), int(told["months"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _keep(folder: Path, state: _State) -> None:
    link = state.link
    told = {
        "chain": link.chain,
        "device": link.device,
        "head": link.head,
        "months": state.months,
        "number": state.number,
        "seq": link.seq,
    }
    aside = folder / f"{STATE}.new"
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, FILE_MODE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(orjson.dumps(told))
        file.flush()
        os.fsync(file.fileno())
    aside.replace(folder / STATE)
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
