"""A backup becomes the data directory of a box that has never been used (docs/wire.md, Epochs)."""

import os
import shutil
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import orjson
import structlog

from appliance.accounts import database as accounts
from appliance.accounts.backup import restore_staff
from appliance.accounts.setup_code import FILE_NAME as SETUP_CODE
from appliance.backup import layout
from appliance.backup.errors import (
    BackupEmptyError,
    ClaimSpentError,
    DataInTheWayError,
    NoBackupError,
    RestoreUnfinishedError,
)
from appliance.backup.layout import EpochFiles
from appliance.clock import SystemTime, entropy
from appliance.desk.state import State, replay, with_day
from appliance.errors import MotcuaError
from appliance.journal.aside import FOLDER, RESTORED, ROLLED_BACK, Aside, write_plan
from appliance.journal.database import EpochFile
from appliance.journal.epochs import Opened, set_aside
from appliance.journal.journal import FILE_NAME, GENESIS_NAME, Lock, Mark, sync_folder, write_durably
from appliance.journal.rebuild import rebuild
from appliance.journal.source import Source
from appliance.office.enrolment import CLAIM, marks_of
from appliance.office.starting import APPLIED
from appliance.queueing.day import open_tickets
from appliance.queueing.ticket import new_label
from appliance.setup_notice import FILE_NAME as NOTICE
from appliance.uplink.identity import CENTER_NAME, CenterRecord, IdentityFolder, claim_digest
from appliance.uplink.receipts import ReceiptFile
from appliance.wire.chain import After, Chain, Genesis
from appliance.wire.enrolment import Claim
from appliance.wire.errors import BadEventError
from appliance.wire.event import new_epoch
from appliance.wire.moment import microseconds, parse_wire_time

log = structlog.get_logger(__name__)

RESTORING = "restoring"
NOTE_NAME = "restored.json"
_LOCK = "office.lock"
MAY_BE_THERE = frozenset(
    {SETUP_CODE, CLAIM, _LOCK, NOTICE, "firstboot.json", "reset.json", "before-reset", "lost+found"}
)
"""What provisioning and the first start leave on a spare box."""
_MADE = (CENTER_NAME, accounts.FILE_NAME, CLAIM, FILE_NAME, GENESIS_NAME, APPLIED, NOTE_NAME)


@dataclass(frozen=True, slots=True)
class RestoredNote:
    """``restored.json``: that a data directory came from a backup, for whoever asks later.

    Args:
        claim: the digest of the claim it was restored with.
        upto: the last verified event.
        day: the business day that goes on.
        numbers: the next number of each series.
        waiting: how many are in the hall.
        accounts: how many people may sign in as before.
    """

    claim: str
    upto: int
    day: str
    numbers: tuple[str, ...]
    waiting: int
    accounts: int

    @classmethod
    def read(cls, folder: Path) -> "RestoredNote | None":
        """Return the note of a data directory; None without one, and while a restore is not finished."""
        if (folder / RESTORING).exists():
            return None
        try:
            told = orjson.loads((folder / NOTE_NAME).read_bytes())
            return cls(**{**told, "numbers": tuple(told["numbers"])})
        except (OSError, ValueError, TypeError, KeyError):
            return None

    @classmethod
    def of(cls, claim: Claim, upto: int, state: State, accounts_: int) -> "RestoredNote":
        """Return the note of what came of a backup."""
        hall = state.hall
        numbers = tuple(new_label(series, number) for series, number in sorted(hall.numbers.items()))
        waiting = len(open_tickets(hall))
        return cls(claim_digest(claim), upto, hall.day or "", numbers, waiting, accounts_)

    def to_bytes(self) -> bytes:
        """Return the content of the file."""
        return orjson.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of a backup.

    Args:
        after: the last verified event, which the new epoch follows.
        epoch: the new epoch's id.
        unverified: events found behind it, of which only the numbers count.
        state: the hall as it was.
        accounts: how many people may sign in as before.
        config: where the settings were written, or None: there were some, or the backup has none.
    """

    after: After
    epoch: str
    unverified: int
    state: State
    accounts: int
    config: Path | None


def find(stick: Path, device: str) -> Path:
    """Return a device's backup under a mounted stick, or a directory that is one.

    Raises:
        NoBackupError: there is none.
    """
    for folder in (layout.device_folder(stick, device), stick / device, stick):
        if _device_of(folder) == device:
            return folder
    found = sorted(path.name for path in (stick / layout.FOLDER).glob("*") if _device_of(path))
    raise NoBackupError(device=device, path=stick, found=", ".join(found) or "none")


def check_finished(folder: Path) -> None:
    """Refuse a data directory in which a restore was interrupted.

    Raises:
        RestoreUnfinishedError: restore again.
    """
    if (folder / RESTORING).exists():
        raise RestoreUnfinishedError(path=folder)


def restore(
    stick: Path, folder: Path, claim: Claim, system: SystemTime, config: Path | None = None
) -> Restored:
    """Make a data directory that goes on where the backup ends, in a new epoch and with a new key to come.

    Args:
        stick: the mounted stick.
        folder: the data directory; made if need be, and holds nothing but what provisioning leaves.
        claim: a new one for the same device.
        system: the machine's time.
        config: where the backup's office.toml goes if there is no file yet.

    Raises:
        NoBackupError, BackupEmptyError, DataInTheWayError, ClaimSpentError: nothing was changed.
        MotcuaError, OSError: it was not finished; do it again.
    """
    backup = find(stick, claim.device)
    record = _record(backup, claim)
    found = _epochs(backup)
    if not found:
        raise BackupEmptyError(path=backup)
    folder.mkdir(parents=True, exist_ok=True)
    with closing(Lock.take(folder)):
        _prepare(folder)
        if record is not None:
            write_durably(folder / CENTER_NAME, record.to_bytes())
            _copy(backup / layout.RECEIPTS, ReceiptFile.of(folder).path)
        marks = marks_of(IdentityFolder(folder), ReceiptFile.of(folder))
        *older, current = found
        for genesis in older:
            _rebuild_older(backup, folder, genesis)
        opened = _rebuild_current(backup, folder, current, marks, system)
        opened.journal.close()
        people = _restore_staff(backup, folder)
        written = _restore_config(backup, config)
        _restore_applied(backup, folder)
        write_durably(folder / CLAIM, f"{claim}\n".encode(), 0o600)
        after = opened.journal.genesis.after
        assert after is not None  # noqa: S101 - _epochs left out what has no verified event
        state = with_day(replay((*opened.history, *opened.tail)))
        note = RestoredNote.of(claim, after.seq, state, people)
        write_durably(folder / NOTE_NAME, note.to_bytes(), 0o600)
        _hand_over(folder)
        (folder / RESTORING).unlink()
        sync_folder(folder)
    return Restored(after, opened.journal.genesis.epoch, len(opened.tail), state, people, written)


def _prepare(folder: Path) -> None:
    """Refuse what is not empty; forget an attempt that a power cut ended."""
    if (folder / RESTORING).exists():
        names = {*_MADE, ReceiptFile.of(folder).path.name}
        for path in folder.iterdir():
            if path.name.removesuffix(".new").removesuffix("-wal").removesuffix("-shm") in names:
                path.unlink()
        shutil.rmtree(folder / FOLDER, ignore_errors=True)
    there = {path.name for path in folder.iterdir()} - MAY_BE_THERE - {RESTORING}
    if there:
        raise DataInTheWayError(path=folder, names=", ".join(sorted(there)[:5]))
    write_durably(folder / RESTORING, b"")


def _record(backup: Path, claim: Claim) -> CenterRecord | None:
    try:
        record = CenterRecord.from_bytes((backup / layout.CENTER).read_bytes())
    except (OSError, ValueError) as error:
        # The marks are lost with it: everything is delivered again, which changes nothing.
        log.warning("restore.no_center", reason=str(error))
        return None
    if record.claim == claim_digest(claim):
        raise ClaimSpentError(device=claim.device)
    return record if record.device == claim.device else None


def _epochs(backup: Path) -> list[Genesis]:
    """Return the epochs with at least one good line, the one to go on from last."""
    found: dict[str, Genesis] = {}
    for path in sorted(backup.glob("*.genesis")):
        genesis = _genesis(path)
        if path.name != layout.CURRENT and genesis is not None and _begins_well(backup, genesis):
            found[genesis.epoch] = genesis
    named = _genesis(backup / layout.CURRENT)
    current = found.pop(named.epoch, None) if named is not None else None
    return [*found.values(), *([current] if current is not None else [])]


def _begins_well(backup: Path, genesis: Genesis) -> bool:
    line = next(_lines(EpochFiles(backup, genesis.epoch)), b"")
    try:
        seq = int(orjson.loads(line)["seq"])
        start = (
            Chain.start(genesis) if seq == 1 else Chain(genesis.epoch, seq - 1, orjson.loads(line)["prev"])
        )
        start.extend(line)
    except (BadEventError, ValueError, KeyError, TypeError):
        return False
    return True


def _lines(files: EpochFiles) -> Iterator[bytes]:
    """Yield the whole lines of an epoch; a last one that was torn off is none."""
    try:
        with files.lines.open("rb") as file:
            for line in file:
                if line.endswith(b"\n"):
                    yield line[:-1]
    except FileNotFoundError:
        return


def _rebuild_older(backup: Path, folder: Path, genesis: Genesis) -> None:
    """Make the set-aside file of an earlier epoch, so that what the center lacks of it is delivered."""
    files = EpochFiles(backup, genesis.epoch)
    (folder / FOLDER).mkdir(exist_ok=True)
    moved = f"{genesis.epoch}.db"
    rebuild(folder / FOLDER / moved, genesis, _lines(files))
    source = Source(folder / FOLDER / moved, genesis, None)
    chain = Chain(genesis.epoch, *source.start())
    last = source.last()
    try:
        for line in source.all_lines():
            chain, _ = chain.extend(line)
    except BadEventError as error:
        log.warning("restore.prefix_ends", epoch=genesis.epoch, upto=chain.seq, reason=str(error))
    whole = Aside(
        genesis.epoch,
        genesis.line().decode(),
        chain.seq,
        chain.head,
        last,
        RESTORED,
        evidence_sent=False,
        moved=moved,
    )
    write_plan(folder, _planned(files, whole))


def _planned(files: EpochFiles, whole: Aside) -> Aside:
    """Return the plan that the box had for an epoch, as far as the stick bears it out."""
    try:
        plan = Aside.from_bytes(files.plan.read_bytes())
    except (OSError, ValueError, TypeError):
        return whole
    if plan.epoch != whole.epoch or (plan.upto > whole.upto and plan.reason != ROLLED_BACK):
        return whole
    return replace(plan, genesis=whole.genesis, last=min(plan.last, whole.last), moved=whole.moved)


def _rebuild_current(
    backup: Path, folder: Path, genesis: Genesis, marks: list[Mark], system: SystemTime
) -> Opened:
    rebuild(folder / FILE_NAME, genesis, _lines(EpochFiles(backup, genesis.epoch)))
    write_durably(folder / GENESIS_NAME, genesis.line() + b"\n")
    mark = next((mark for mark in reversed(marks) if mark.epoch == genesis.epoch), None)
    with EpochFile.open(folder / FILE_NAME, write=False) as file:
        mine = None if mark is None else file.hash_at(mark.upto)
        last_at = str(orjson.loads(next(line for _, line in file.rows(file.last(), file.last())))["at"])
    is_other = mark is not None and mine is not None and mine != mark.head
    # A spare wakes up in the past: its epoch must not sort before the one it follows.
    now_us = max(system.wall_us(), microseconds(parse_wire_time(last_at)) + 1_000)
    reason = ROLLED_BACK if is_other else RESTORED
    return set_aside(folder, genesis.device, mark, lambda: new_epoch(now_us, entropy(10)), reason)


def _restore_staff(backup: Path, folder: Path) -> int:
    try:
        return restore_staff(folder, (backup / layout.STAFF).read_bytes())
    except (OSError, MotcuaError) as error:
        log.warning("restore.no_accounts", reason=str(error))
        return 0


def _restore_config(backup: Path, config: Path | None) -> Path | None:
    source = backup / layout.CONFIG
    if config is None or config.exists() or not source.exists():
        return None
    config.parent.mkdir(parents=True, exist_ok=True)
    write_durably(config, source.read_bytes())
    return config


def _restore_applied(backup: Path, folder: Path) -> None:
    """Keep the settings the backup was made with, so that the first start can tell what is other now."""
    with suppress(FileNotFoundError):
        write_durably(folder / APPLIED, (backup / layout.CONFIG).read_bytes())


def _copy(source: Path, target: Path) -> None:
    try:
        content = source.read_bytes()
    except OSError as error:
        log.warning("restore.no_receipts", reason=str(error))
        return
    write_durably(target, content)


def _genesis(path: Path) -> Genesis | None:
    try:
        return Genesis.from_line(path.read_bytes().strip())
    except (OSError, ValueError):
        return None


def _device_of(folder: Path) -> str | None:
    """Return whose backup a directory is, or None."""
    for path in sorted(folder.glob("*.genesis")):
        genesis = _genesis(path)
        if genesis is not None:
            return genesis.device
    return None


def _hand_over(folder: Path) -> None:
    """Give everything to whoever owns the directory: the service is not root and must be able to read it."""
    if os.geteuid() != 0:
        return
    owner = folder.stat()
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner.st_uid, owner.st_gid)
