"""Builds one office from its settings, and takes it down again in reverse."""

import os
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from appliance import __built__, __version__
from appliance.announce.signs import Signs
from appliance.clock import BelievedClock, Clock, KernelTime, SystemTime, entropy, uniform
from appliance.config import ConfigError, Settings, changed_keys, loads
from appliance.desk.commands import ClearFault, ReportFault
from appliance.desk.decide import Rules
from appliance.desk.desk import Desk, Files
from appliance.desk.state import State
from appliance.errors import MotcuaError
from appliance.health.facts import Facts
from appliance.health.links import addresses
from appliance.health.rounds import Rounds
from appliance.journal.journal import Lock, Mark, write_durably
from appliance.office.devices import Devices, open_devices
from appliance.office.notify import Watchdog, notify
from appliance.office.rules import hall_rules, rating_rules
from appliance.office.stick import exchange
from appliance.office.uplink import OfficeForUplink
from appliance.queueing.snapshot import snapshot
from appliance.uplink.center import HttpCenter
from appliance.uplink.enrol import Order
from appliance.uplink.identity import CenterRecord, IdentityFolder, claim_digest
from appliance.uplink.receipts import ReceiptFile
from appliance.uplink.schedule import Plan
from appliance.uplink.seal import Limits
from appliance.uplink.uplink import Uplink
from appliance.web.app import Views, create_app
from appliance.web.serve import ApiServer
from appliance.wire.enrolment import Claim
from appliance.wire.event import Draft, Event, new_epoch
from appliance.wire.moment import Now, microseconds, parse_wire_time
from hardware.clock import Clock as HardwareClock
from hardware.emulators.pins import MockPins

log = structlog.get_logger(__name__)

APPLIED = "applied.toml"
STOPPED = "stopped"
CLAIM = "claim"
MIB = 1024 * 1024
CALENDAR_S = 8 * 3600  # what health takes a calendar of uploads for: some every working day


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an office finds around it; a simulated day and the tests bring their own.

    Args:
        system: the machine's time.
        pins: mock pins to press, or None for those of the settings.
        button_clock: stamps edges, or None for the machine's.
        deliver_every_s: instead of the schedule of the settings, seconds.
        ca_file: certificates to trust instead of the system's.
    """

    system: SystemTime | None = None
    pins: MockPins | None = None
    button_clock: HardwareClock | None = None
    deliver_every_s: float | None = None
    ca_file: Path | None = None


class Office:
    """A running office; make it with :meth:`open`.

    Args:
        settings: its configuration.
        stack: closes everything in reverse.
        folder: the data directory.
    """

    def __init__(self, settings: Settings, stack: ExitStack, folder: Path) -> None:
        self.settings = settings
        self.folder = folder
        self._stack = stack
        self.clock: Clock
        self.rules: Rules
        self.desk: Desk
        self.uplink: Uplink
        self.devices: Devices
        self._rounds: Rounds
        self._started_ms = 0

    @classmethod
    def open(cls, settings: Settings, source: bytes, around: Surroundings | None = None) -> "Office":
        """Build and start everything.

        Args:
            settings: the validated configuration.
            source: the bytes it was read from, kept to tell later what changed.
            around: a simulated machine; None for the real one.

        Raises:
            MotcuaError, HardwareError, OSError: what cannot be had; whatever was opened is closed again.
        """
        stack = ExitStack()
        office = cls(settings, stack, settings.office.data_dir)
        try:
            office._open(source, around or Surroundings())
        except BaseException:
            stack.close()
            raise
        return office

    def _open(self, source: bytes, around: Surroundings) -> None:
        settings, stack, folder = self.settings, self._stack, self.folder
        folder.mkdir(parents=True, exist_ok=True)
        stack.callback(Lock.take(folder).close)
        system = around.system or KernelTime()
        identity, receipts = IdentityFolder(folder), ReceiptFile.of(folder)
        self.clock = BelievedClock(
            system,
            floor_us=_floor_us(identity, receipts),
            has_rtc=settings.clock.rtc,
            step_us=settings.clock.tolerance_s * 1_000_000,
        )
        self._started_ms = self.clock.now().up_ms
        self.rules = Rules(hall_rules(settings), rating_rules(settings))
        files = Files(
            folder=folder,
            device=settings.office.device,
            marks=lambda: _marks(identity, receipts),
            new_epoch=lambda: new_epoch(self.clock.now().at_us, entropy(10)),
        )
        starting = _Starting(folder, settings, source, system.boot_id())
        self.desk = Desk.open(files, self.clock, self.rules, starting.drafts)
        stack.callback(self._stopped)
        stack.callback(self.desk.close)
        starting.done()

        self.devices = open_devices(
            settings, self.desk, self.rules, stack, pins=around.pins, button_clock=around.button_clock
        )
        signs = Signs.open(self.rules.hall, self.devices.signs)
        stack.callback(signs.close)
        self.desk.listen(lambda _events, state: signs.follow(state.hall))
        signs.follow(self.desk.state.hall)
        self._open_uplink(around, identity, system)
        self._rounds = Rounds.open(self._facts, _Faults(self.desk))
        stack.callback(self._rounds.close)
        stick = partial(exchange, self.uplink, settings.uplink.usb_dir)
        api = ApiServer.open(
            create_app(self.desk, Views(self.snapshot, self.health, self._deliver, stick)),
            settings.api.socket,
            settings.api.permissions,
        )
        stack.callback(api.close)
        watchdog = Watchdog.open(self.desk)
        stack.callback(watchdog.close)
        notify("READY=1")
        stack.callback(notify, "STOPPING=1")

    def _open_uplink(self, around: Surroundings, identity: IdentityFolder, system: SystemTime) -> None:
        settings = self.settings
        uplink = settings.uplink
        center = HttpCenter(
            uplink.center,
            timeout_s=uplink.timeout_s,
            moment=self.clock.now,
            software=__version__,
            ca_file=around.ca_file,
            system=system,
        )
        plan = Plan(interval_s=uplink.interval_s, cron=uplink.cron, jitter_s=uplink.jitter_s)
        if around.deliver_every_s is not None:
            plan = Plan(interval_s=around.deliver_every_s)
        self.uplink = Uplink(
            folder=self.folder,
            office=OfficeForUplink(
                self.folder,
                self.desk,
                self.clock,
                settings.journal.retention_days,
                marks=lambda: _marks(identity, ReceiptFile.of(self.folder)),
                enrolled=lambda: _forget_used_claim(self.folder, identity),
            ),
            center=center,
            plan=plan,
            device=settings.office.device,
            software=f"motcua {__version__}",
            limits=Limits(events=uplink.batch_events),
            uniform=uniform,
            order=_order(self.folder, settings, identity),
        )
        self.uplink.start()
        self._stack.callback(self.uplink.close)
        self.desk.listen(self._on_step)

    def _on_step(self, events: tuple[Event, ...], _state: State) -> None:
        if any(event.kind == "clock.stepped" for event in events):
            self.uplink.stepped()

    def close(self) -> None:
        """Take everything down, last opened first; idempotent."""
        self._stack.close()

    def _stopped(self) -> None:
        """Leave word that this stop was orderly."""
        try:
            write_durably(self.folder / STOPPED, self.clock.now().boot.encode())
        except OSError as error:
            log.warning("office.stop_not_noted", reason=str(error))

    def snapshot(self, state: State) -> dict[str, Any]:
        """Return the hall for readers."""
        moment = self.clock.now()
        now = Now(moment, state.timeline.at(moment.boot, moment.up_ms))
        return {
            **snapshot(state.hall, now, self.rules.hall),
            "at": moment.wire_at,
            "clock": moment.quality.value,
            "epoch": state.epoch,
            "seq": state.seq,
            "recording": self.desk.recording_stopped is None,
        }

    def health(self) -> dict[str, Any]:
        """Return what is wrong and how the uplink stands."""
        status = self.uplink.status()
        chain = self.desk.chain
        facts = self._facts()
        return {
            "software": __version__,
            "recording_stopped": self.desk.recording_stopped,
            "journal": None
            if chain is None
            else {"epoch": chain.epoch, "seq": chain.seq, "head": chain.head, "bytes": facts.journal_bytes},
            "uplink": {
                "enrolled": status.enrolled,
                "running": status.running,
                "unreceipted": status.unreceipted,
                "marks": [{"epoch": mark.epoch, "upto": mark.upto} for mark in status.marks],
                "last_success": None if status.last_success is None else status.last_success.wire_at,
                "error": status.error_key,
                "detail": None if status.error is None else str(status.error),
            },
            "issues": [
                {
                    "key": issue.key,
                    "subject": issue.subject,
                    "vi": issue.suggestion_vi,
                    "en": issue.suggestion,
                }
                for issue in self._rounds.now()
            ],
            "faults": [list(fault) for fault in sorted(self.desk.state.faults, key=str)],
            "addresses": list(facts.addresses),
        }

    def _deliver(self) -> None:
        self.uplink.deliver_now()

    def _facts(self) -> Facts:
        settings, moment, status = self.settings, self.clock.now(), self.uplink.status()
        last = status.last_success
        since_ms = last.up_ms if last is not None and last.boot == moment.boot else self._started_ms
        return Facts(
            free_bytes=_free_bytes(self.folder),
            journal_bytes=_journal_bytes(self.folder),
            max_journal_bytes=settings.journal.max_mib * MIB,
            warn_free_bytes=settings.journal.warn_free_mib * MIB,
            clock=moment.quality,
            # What cannot be counted waits, too.
            unreceipted=1 if status.unreceipted is None else status.unreceipted,
            silent_ms=max(0, moment.up_ms - since_ms),
            interval_ms=(settings.uplink.interval_s or CALENDAR_S) * 1000,
            recording_stopped=self.desk.recording_stopped,
            addresses=addresses(),
        )


class _Faults:
    """Where health tells its issues."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def open_issues(self) -> list[tuple[str, str]]:
        return list(self._desk.state.faults)

    def raise_issue(self, key: str, subject: str) -> None:
        self._desk.post(ReportFault(key, subject))

    def clear_issue(self, key: str, subject: str) -> None:
        self._desk.post(ClearFault(key, subject))


class _Starting:
    """What every start records: that the box is up, why, and which configuration applies."""

    def __init__(self, folder: Path, settings: Settings, source: bytes, boot: str) -> None:
        self._folder = folder
        self._settings = settings
        self._source = source
        self._boot = boot

    def drafts(self, state: State) -> list[Draft]:
        """Return the drafts for a state that was found."""
        started = {
            "software": f"motcua {__version__}",
            "board": self._settings.hardware.board,
            "reason": self._reason(state),
        }
        drafts = [Draft("device.started", started)]
        if state.config != self._settings.sha256:
            keys = changed_keys(self._before(), self._settings)
            drafts.append(Draft("config.applied", {"sha256": self._settings.sha256, "keys": keys}))
        return drafts

    def done(self) -> None:
        """Forget the orderly stop, keep the configuration for the next comparison."""
        (self._folder / STOPPED).unlink(missing_ok=True)
        try:
            write_durably(self._folder / APPLIED, self._source)
        except OSError as error:
            log.warning("config.not_kept", reason=str(error))

    def _reason(self, state: State) -> str:
        if not state.timeline.boot:
            return "unknown"
        if state.timeline.boot != self._boot:
            return "power"
        return "restart" if (self._folder / STOPPED).exists() else "crash"

    def _before(self) -> Settings | None:
        try:
            return loads((self._folder / APPLIED).read_text(encoding="utf-8"), APPLIED)
        except (OSError, UnicodeDecodeError, ConfigError):
            return None


def _marks(identity: IdentityFolder, receipts: ReceiptFile) -> list[Mark]:
    record = _record(identity)
    return [] if record is None else receipts.marks(record.find_kept_key)


def _floor_us(identity: IdentityFolder, receipts: ReceiptFile) -> int:
    built = microseconds(parse_wire_time(__built__))
    record = _record(identity)
    latest = receipts.latest_at(record.find_kept_key) if record is not None else None
    return built if latest is None else max(built, microseconds(parse_wire_time(latest)))


def _order(folder: Path, settings: Settings, identity: IdentityFolder) -> Order | None:
    """Return what to enrol with: the claim that provisioning left, until it was used."""
    _forget_used_claim(folder, identity)
    claim = _claim(folder)
    if claim is None:
        return None
    return Order(
        claim=claim,
        center=settings.uplink.center_id,
        url=settings.uplink.center,
        root=settings.uplink.root_key_thumbprint,
        serial=_serial(),
        board=settings.hardware.board,
        software=f"motcua {__version__}",
    )


def _claim(folder: Path) -> Claim | None:
    """Return the claim, or None; one that cannot be used keeps nobody from opening the office."""
    try:
        return Claim.parse((folder / CLAIM).read_text(encoding="ascii").strip())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        log.error("claim.unusable", path=str(folder / CLAIM), reason=str(error))  # noqa: TRY400 - a file, not a bug
        return None


def _forget_used_claim(folder: Path, identity: IdentityFolder) -> None:
    """Erase the claim once this box is enrolled with it: the secret has done its work."""
    claim, record = _claim(folder), _record(identity)
    if claim is not None and record is not None and record.claim == claim_digest(claim):
        (folder / CLAIM).unlink(missing_ok=True)


def _record(identity: IdentityFolder) -> CenterRecord | None:
    try:
        return identity.record()
    except MotcuaError:
        log.exception("identity.unreadable")
        return None


def _serial() -> str:
    """Return the board's serial number as the device tree tells it."""
    try:
        return Path("/proc/device-tree/serial-number").read_text(encoding="ascii").strip("\0 \n") or "unknown"
    except OSError:
        return "unknown"


def _free_bytes(folder: Path) -> int | None:
    try:
        found = os.statvfs(folder)
    except OSError:
        return None
    return found.f_bavail * found.f_frsize


def _journal_bytes(folder: Path) -> int:
    files = [*folder.glob("office.db*"), *(folder / "aside").glob("*")]
    total = 0
    for path in files:
        try:
            total += path.stat().st_size
        except OSError:  # moved or folded into the main file in between
            continue
    return total
