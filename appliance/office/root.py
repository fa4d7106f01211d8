"""Builds one office from its settings, and takes it down again in reverse."""

from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from appliance import __version__
from appliance.announce.signs import Signs
from appliance.backup.follower import Follower
from appliance.clock import BelievedClock, Clock, KernelTime, SystemTime, entropy, uniform
from appliance.config import Settings, changed_keys
from appliance.desk.commands import ApplyRules
from appliance.desk.desk import Desk, Files
from appliance.desk.rules import Rules
from appliance.desk.state import State
from appliance.health.facts import Facts
from appliance.health.rounds import Rounds
from appliance.journal.journal import Lock, write_durably
from appliance.office.bench import FarEnds, OfficeBench
from appliance.office.configuration import OfficeConfiguration
from appliance.office.devices import Devices, check_buttons, open_devices
from appliance.office.enrolment import floor_us, forget_used_claim, marks_of, order_of
from appliance.office.extras import Extras
from appliance.office.gate_link import GateLink
from appliance.office.handover import OfficeHandover
from appliance.office.health import Faults, OfficeHealth
from appliance.office.heard import Heard
from appliance.office.notify import Watchdog, notify
from appliance.office.restoring import check_finished
from appliance.office.rules import hall_rules, rating_rules
from appliance.office.serving import Serving
from appliance.office.starting import APPLIED, STOPPED, Starting
from appliance.office.stick import exchange
from appliance.office.uplink import OfficeForUplink
from appliance.office.web import Around
from appliance.queueing.snapshot import snapshot
from appliance.setup_notice import SetupNotice
from appliance.uplink.center import HttpCenter
from appliance.uplink.identity import IdentityFolder
from appliance.uplink.receipts import ReceiptFile
from appliance.uplink.schedule import Plan
from appliance.uplink.seal import Limits
from appliance.uplink.uplink import Uplink
from appliance.web.api import Views
from appliance.web.examiner import Examiner
from appliance.web.parts import Parts
from appliance.wire.event import Draft, Event, new_epoch
from appliance.wire.moment import Now
from hardware.clock import Clock as HardwareClock
from hardware.emulators.pins import MockPins

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an office finds around it; a simulated day and the tests bring their own.

    Args:
        system: the machine's time.
        pins: mock pins to press, or None for those of the settings.
        press_clock: stamps edges and keys, or None for the machine's.
        deliver_every_s: instead of the schedule of the settings, seconds.
        ca_file: certificates to trust instead of those of the settings.
        config_path: the office.toml that the settings pages change; None lets them change nothing.
        far: emulated devices at the other end of the lines, for the bench page to press.
        examiner: the doctor, which knows the office from outside; None leaves his page without one.
    """

    system: SystemTime | None = None
    pins: MockPins | None = None
    press_clock: HardwareClock | None = None
    deliver_every_s: float | None = None
    ca_file: Path | None = None
    config_path: Path | None = None
    far: FarEnds | None = None
    examiner: Examiner | None = None


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
        self.heard: Heard
        self.gate: GateLink
        self.serving: Serving
        self.backup: Follower | None = None
        self._around: Surroundings
        self._devices_stack = ExitStack()
        self._health: OfficeHealth
        self._rounds: Rounds

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
        check_finished(folder)
        system = around.system or KernelTime()
        identity, receipts = IdentityFolder(folder), ReceiptFile.of(folder)
        self.clock = BelievedClock(
            system,
            floor_us=floor_us(identity, receipts),
            has_rtc=settings.clock.rtc,
            step_us=settings.clock.tolerance_s * 1_000_000,
        )
        self.rules = Rules(hall_rules(settings), rating_rules(settings))
        files = Files(
            folder=folder,
            device=settings.office.device,
            marks=lambda: marks_of(identity, receipts),
            new_epoch=lambda: new_epoch(self.clock.now().at_us, entropy(10)),
        )
        starting = Starting(folder, settings, source, system.boot_id())
        self.desk = Desk.open(files, self.clock, self.rules, starting.drafts)
        stack.callback(self._stopped)
        stack.callback(self._close_backup)  # after the desk: nothing comes any more
        stack.callback(self.desk.close)
        starting.done()
        self._open_backup()

        self._around = around
        self.heard = Heard(self.clock, around.press_clock)
        stack.callback(self._devices_stack.close)
        self._open_devices(settings, self.rules)
        self._open_uplink(around, identity, system)
        self.gate = GateLink.open(folder, self.desk, lambda: self.settings)
        stack.callback(self.gate.close)
        self._health = OfficeHealth(
            folder,
            self.desk,
            self.clock,
            self.uplink,
            settings=lambda: self.settings,
            unserved=lambda: self.serving.unserved,
            wifi=self.gate.look,
            backup=None if self.backup is None else self.backup.status,
            ca_file=around.ca_file or settings.uplink.ca_file,
        )
        self._serve(around)
        self._rounds = Rounds.open(self._round, Faults(self.desk))
        stack.callback(self._rounds.close)
        watchdog = Watchdog.open(self.desk)
        stack.callback(watchdog.close)
        notify("READY=1")
        stack.callback(notify, "STOPPING=1")

    def _open_backup(self) -> None:
        settings = self.settings
        if settings.backup.dir is None:
            return
        backup = Follower.open(
            self.folder,
            settings.backup.dir,
            settings.office.device,
            Extras(self.folder),
            mounted=settings.backup.mounted,
            expected=settings.backup.expected,
        )
        self.backup = backup
        self.desk.listen(lambda _events, _state: backup.nudge())

    def _close_backup(self) -> None:
        if self.backup is not None:
            self.backup.close()

    def _open_devices(self, settings: Settings, rules: Rules) -> None:
        """Open pins, lines and signs as these settings want them; what was open before is closed."""
        self._devices_stack.close()
        stack, around = self._devices_stack, self._around
        self.devices = open_devices(
            settings,
            self.desk,
            rules,
            stack,
            heard=self.heard,
            pins=around.pins,
            press_clock=around.press_clock,
        )
        signs = Signs.open(rules.hall, self.devices.signs)
        stack.callback(signs.close)
        stack.callback(self.desk.listen(lambda _events, state: signs.follow(state.hall)))
        signs.follow(self.desk.state.hall)

    def _serve(self, around: Surroundings) -> None:
        """Open what shows the office and lets people command it."""
        bench = OfficeBench(self.desk, lambda: self.settings, lambda: self.devices, self.heard, around.far)
        handover = OfficeHandover(
            self.folder, self.desk, self.clock, bench, heard=self.heard, health=self.health
        )
        self._stack.callback(handover.close)
        stick = partial(exchange, self.uplink, self.settings.uplink.usb_dir)
        self.serving = Serving.open(
            Around(
                folder=self.folder,
                desk=self.desk,
                clock=self.clock,
                views=Views(
                    self.snapshot, self.health, self._deliver, stick, partial(SetupNotice.read, self.folder)
                ),
                settings=lambda: self.settings,
                configuration=OfficeConfiguration(around.config_path, self),
                bench=bench,
                handover=handover,
                examiner=around.examiner,
                wifi=self.gate,
            ),
            self._stack,
        )
        if self.web is not None:
            self.heard.attach(self.web.hub.nudge)
        self.serving.start(self._stack)

    @property
    def web(self) -> Parts | None:
        """What the staff app stands on, or None when it could not be opened."""
        return self.serving.parts

    @property
    def ports(self) -> tuple[int, ...]:
        """The TCP ports served, the box's own screen's first."""
        return self.serving.ports

    def apply(self, settings: Settings, source: bytes, officer: str | None) -> None:
        """Go on under other settings of hall, ratings and devices; those of the box itself need a restart.

        Args:
            settings: validated.
            source: the bytes they were read from.
            officer: who wants it, for the log.

        Raises:
            ConfigError: the board lacks a button; nothing was changed.
            DomainError: the hall in use does not allow it; nothing was changed.
            TransientError: it could not be recorded; nothing was changed.
        """
        before = self.settings
        check_buttons(settings)
        rules = Rules(hall_rules(settings), rating_rules(settings))
        keys = changed_keys(before, settings)
        draft = Draft("config.applied", {"sha256": settings.sha256, "keys": keys})
        self.desk.ask(ApplyRules(rules, draft))
        self.settings, self.rules = settings, rules
        log.info("config.applied", keys=keys, officer=officer)
        try:
            write_durably(self.folder / APPLIED, source)
        except OSError as error:
            log.warning("config.not_kept", reason=str(error))
        if _devices_of(before) != _devices_of(settings):
            self._open_devices(settings, rules)
        if before.hotspot != settings.hotspot:
            self.gate.settings_changed()
        self.serving.settings_changed()

    def _open_uplink(self, around: Surroundings, identity: IdentityFolder, system: SystemTime) -> None:
        settings = self.settings
        uplink = settings.uplink
        center = HttpCenter(
            uplink.center,
            timeout_s=uplink.timeout_s,
            moment=self.clock.now,
            software=__version__,
            ca_file=around.ca_file or uplink.ca_file,
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
                marks=lambda: marks_of(identity, ReceiptFile.of(self.folder)),
                enrolled=lambda: forget_used_claim(self.folder, identity),
            ),
            center=center,
            plan=plan,
            device=settings.office.device,
            software=f"motcua {__version__}",
            limits=Limits(events=uplink.batch_events),
            uniform=uniform,
            order=order_of(self.folder, settings, identity),
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
        return self._health.told()

    def _deliver(self) -> None:
        self.uplink.deliver_now()

    def _round(self) -> Facts:
        """Do what is due now and then, and gather the facts of health."""
        self.serving.tick()
        return self._health.facts()


def _devices_of(settings: Settings) -> tuple[object, ...]:
    """Return what the devices depend on: pins, lines, and what their keys and digits mean."""
    return settings.hardware, settings.counters, settings.services, settings.ratings
