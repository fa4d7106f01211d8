"""The lives of a journal: when a file is damaged or behind its receipts it is set aside, and what follows."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from appliance.journal.aside import (
    FOLDER,
    RESTORED,
    ROLLED_BACK,
    SALVAGED,
    Aside,
    asides,
    find,
    finish_moving,
    known_epoch,
    move,
    write_plan,
)
from appliance.journal.aside import genesis_line as read_genesis_line
from appliance.journal.database import EpochFile, stretch
from appliance.journal.errors import JournalDamagedError, JournalUnavailableError
from appliance.journal.journal import FILE_NAME, GENESIS_NAME, Journal, Mark
from appliance.wire.chain import After, Chain, Genesis
from appliance.wire.errors import BadEventError
from appliance.wire.event import Draft, Event, check_line

log = structlog.get_logger(__name__)

_TAIL_LIMIT = 50_000


@dataclass(frozen=True, slots=True)
class Opened:
    """What :func:`open_journal` found.

    Args:
        journal: the current epoch, ready to append.
        history: events to fold first when the epoch is new: the end of the one before.
        tail: readable events beyond the verified prefix; their numbers must not be given again.
        story: what the new epoch must tell after its opening events.
        lost: at most how many events were recorded after these and cannot be read any more.
        fresh: this box has never recorded anything.
    """

    journal: Journal
    history: tuple[Event, ...] = ()
    tail: tuple[Event, ...] = ()
    story: tuple[Draft, ...] = ()
    lost: int = 0
    fresh: bool = False


EpochMaker = Callable[[], str]


def open_journal(folder: Path, device: str, marks: Sequence[Mark], new_epoch: EpochMaker) -> Opened:
    """Open the current epoch, or set it aside and begin the next.

    Args:
        folder: the data directory; exists.
        device: this box's id.
        marks: the last accepted receipt of each epoch, oldest first.
        new_epoch: makes a UUIDv7.

    Raises:
        JournalUnavailableError: a new epoch cannot be written.
    """
    finish_moving(folder)
    path = folder / FILE_NAME
    if not path.exists() and not marks and not (folder / GENESIS_NAME).exists():
        return Opened(Journal.create(folder, Genesis(device, new_epoch())), fresh=True)
    epoch = known_epoch(folder)
    mark = next((m for m in reversed(marks) if m.epoch == epoch), None)
    try:
        journal = Journal.open(folder, verify_from=mark.upto + 1 if mark else 1)
    except JournalDamagedError as error:
        log.exception("journal.damaged", path=str(path), reason=str(error))
        return set_aside(folder, device, mark, new_epoch, SALVAGED)
    mark = next((m for m in reversed(marks) if m.epoch == journal.chain.epoch), None)
    if mark is not None and mark.upto > journal.pruned_upto and journal.hash_at(mark.upto) != mark.head:
        log.error("journal.rolled_back", epoch=mark.epoch, mark=mark.upto, last=journal.chain.seq)
        journal.close()
        return set_aside(folder, device, mark, new_epoch, ROLLED_BACK)
    return Opened(journal) if journal.chain.seq else _unfinished(folder, journal, marks)


def _unfinished(folder: Path, journal: Journal, marks: Sequence[Mark]) -> Opened:
    """Return a new epoch whose opening events are missing, with what they must tell.

    A power cut or a full disk came between the making of its file and its first append.
    """
    after = journal.genesis.after
    asides_ = asides(folder)
    aside = find(folder, after.epoch) if after is not None else asides_[-1] if asides_ else None
    if aside is None:
        return Opened(journal)
    mark = next((m for m in reversed(marks) if m.epoch == aside.epoch), None)
    read = _read(folder / FOLDER / aside.moved, aside.genesis)
    history, tail = (read.history, read.tail) if read is not None else ((), ())
    return Opened(journal, history, tail, _story(aside), _lost(read, mark, aside.epoch))


def set_aside(folder: Path, device: str, mark: Mark | None, new_epoch: EpochMaker, reason: str) -> Opened:
    """Set the current file aside and begin the epoch after it; the journal must be closed.

    Raises:
        JournalUnavailableError: the new epoch cannot be written.
    """
    found = _examine(folder, mark, reason)
    aside = found.aside
    try:
        if aside is not None:
            write_plan(folder, aside)
            finish_moving(folder)
        epoch = new_epoch()
        if (folder / FILE_NAME).exists():
            # Never completed, so nothing in it was ever acknowledged; kept all the same.
            move(folder, folder / FOLDER / f"leftover-{epoch}.db")
    except OSError as error:
        raise JournalUnavailableError(reason=str(error)) from error
    journal = Journal.create(folder, Genesis(device, epoch, found.after))
    story = _story(aside) if aside is not None else ()
    return Opened(journal, found.history, found.tail, story, found.lost)


def _story(aside: Aside) -> tuple[Draft, ...]:
    fault = Draft("device.fault", {"issue": _ISSUE[aside.reason], "subject": aside.epoch})
    if aside.reason != SALVAGED:
        return (fault,)
    unreadable = max(0, aside.last - aside.upto)
    data = {"epoch": aside.epoch, "upto": aside.upto, "unreadable": unreadable}
    return (Draft("journal.salvaged", data), fault)


_ISSUE = {SALVAGED: "journal_damaged", ROLLED_BACK: "rolled_back", RESTORED: "restored"}


@dataclass(frozen=True, slots=True)
class _Found:
    aside: Aside | None
    after: After | None
    history: tuple[Event, ...]
    tail: tuple[Event, ...]
    lost: int = 0


def _examine(folder: Path, mark: Mark | None, reason: str) -> _Found:
    """Read what can be read of the current epoch: its verified prefix and what is legible after it."""
    epoch = known_epoch(folder) or (mark.epoch if mark else None)
    planned = find(folder, epoch) if epoch is not None else None
    # A plan means that a power cut came while this was done before: go on with what was decided then.
    path = folder / FOLDER / planned.moved if planned is not None else folder / FILE_NAME
    read = _read(path, planned.genesis if planned is not None else read_genesis_line(folder))
    if read is not None:
        epoch = read.epoch
    if epoch is None:
        return _Found(None, None, (), ())
    history = read.history if read is not None else ()
    tail = read.tail if read is not None else ()
    aside = planned or _plan(epoch, read, mark, reason, read_genesis_line(folder))
    after = After(epoch, aside.upto, aside.head) if aside.upto else None
    if mark is not None and mark.epoch == epoch and mark.upto > aside.upto:
        after = After(mark.epoch, mark.upto, mark.head)
    return _Found(aside, after, history, tail, _lost(read, mark, epoch))


@dataclass(frozen=True, slots=True)
class _Read:
    """What one file still says."""

    epoch: str
    genesis: str
    chain: Chain
    last: int
    at_most: int
    history: tuple[Event, ...]
    tail: tuple[Event, ...]


def _lost(read: _Read | None, mark: Mark | None, epoch: str) -> int:
    """Return at most how many events are neither in the prefix nor legible after it."""
    receipted = mark.upto if mark is not None and mark.epoch == epoch else 0
    if read is None:
        return receipted
    return max(0, max(read.at_most, receipted) - read.chain.seq - len(read.tail))


def _read(path: Path, genesis_line: str = "") -> _Read | None:
    try:
        fallback = Genesis.from_line(genesis_line) if genesis_line else None
    except ValueError:
        fallback = None
    try:
        with EpochFile.open(path, write=False, genesis=fallback) as file:
            chain, history = _prefix(file)
            tail = _legible_tail(file, chain.seq)
            last = max(chain.seq, tail[-1].seq if tail else 0, _last(file) or 0)
            at_most = last if _last(file) is not None else max(last, file.rows_at_most())
            genesis = file.genesis
            line = genesis.line().decode()
            return _Read(genesis.epoch, line, chain, last, at_most, tuple(history), tuple(tail))
    except (JournalDamagedError, sqlite3.Error) as error:
        if stretch(path):
            return _read(path, genesis_line)
        log.warning("journal.unreadable", path=str(path), reason=str(error))
        return None


def _plan(epoch: str, read: _Read | None, mark: Mark | None, reason: str, genesis: str) -> Aside:
    upto, head, last = (read.chain.seq, read.chain.head, read.last) if read is not None else (0, "", 0)
    if reason == ROLLED_BACK and mark is not None:
        # The center holds the mark; what this file has after it is another branch.
        upto, head = mark.upto, mark.head
    line = read.genesis if read is not None else genesis
    return Aside(epoch, line, upto, head, last, reason, evidence_sent=False, moved=f"{epoch}.db")


def _prefix(file: EpochFile) -> tuple[Chain, list[Event]]:
    """Return the chain of the longest verified prefix and its events since the last ``day.opened``.

    Where a line does not follow the one before, either may be the altered one: neither is kept.
    """
    before = chain = Chain(file.genesis.epoch, file.pruned_upto, file.pruned_head)
    events: list[Event] = []
    try:
        for _, line in file.rows(file.pruned_upto + 1, 2**62):
            longer, event = chain.extend(line)
            before, chain = chain, longer
            if event.kind == "day.opened":
                events.clear()
            events.append(event)
    except sqlite3.Error as error:
        log.warning("journal.prefix_ends", upto=chain.seq, reason=str(error))
    except BadEventError as error:
        if error.fields["field"] == "prev" and events:
            chain = before
            events.pop()
        log.warning("journal.prefix_ends", upto=chain.seq, reason=str(error))
    return chain, events


def _last(file: EpochFile) -> int | None:
    try:
        return file.last()
    except sqlite3.Error:
        return None


def _legible_tail(file: EpochFile, after: int) -> list[Event]:
    found: list[Event] = []
    for seq in range(after + 1, min(_last(file) or 0, after + _TAIL_LIMIT) + 1):
        try:
            found.extend(check_line(line) for _, line in file.rows(seq, seq))
        except (sqlite3.Error, BadEventError):
            continue
    return found
