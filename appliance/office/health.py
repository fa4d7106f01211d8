"""How an office is: the facts for the checks of health, what readers are told, and where issues go."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from appliance import __version__
from appliance.backup.follower import Status as Backed
from appliance.clock import Clock
from appliance.config import Settings
from appliance.desk.commands import ClearFault, ReportFault
from appliance.desk.desk import Desk
from appliance.health.facts import Facts, WifiFacts
from appliance.health.links import addresses
from appliance.health.rounds import examine
from appliance.setup_notice import SetupNotice
from appliance.uplink.tls import ca_file_error
from appliance.uplink.uplink import Status, Uplink
from appliance.web.wifi import WifiLook

MIB = 1024 * 1024
CALENDAR_S = 8 * 3600  # what health takes a calendar of uploads for: some every working day


class OfficeHealth:
    """Gathers; for any thread.

    Args:
        folder: the data directory.
        desk: the running desk.
        clock: the box's; it has begun.
        uplink: how deliveries stand.
        settings: returns those in force.
        unserved: returns which addresses and files could not be served, and why.
        wifi: returns how the public WiFi is, or None without one.
        backup: returns how the backup stick stands, or None without one.
        ca_file: what the center's certificate is checked against, or None for the public ones.
    """

    def __init__(
        self,
        folder: Path,
        desk: Desk,
        clock: Clock,
        uplink: Uplink,
        *,
        settings: Callable[[], Settings],
        unserved: Callable[[], tuple[str, ...]],
        wifi: Callable[[], WifiLook] | None = None,
        backup: Callable[[], Backed] | None = None,
        ca_file: Path | None = None,
    ) -> None:
        self._folder = folder
        self._desk = desk
        self._clock = clock
        self._uplink = uplink
        self._settings = settings
        self._unserved = unserved
        self._wifi = wifi
        self._backup = backup
        self._ca_file = ca_file
        self._started_ms = clock.now().up_ms

    def facts(self) -> Facts:
        """Return what the checks look at; reads the disk."""
        return self._facts(self._uplink.status())

    def told(self) -> dict[str, Any]:
        """Return what is wrong and how the uplink stands."""
        status = self._uplink.status()
        chain = self._desk.chain
        facts = self._facts(status)
        return {
            "software": __version__,
            "recording_stopped": self._desk.recording_stopped,
            "journal": None
            if chain is None
            else {"epoch": chain.epoch, "seq": chain.seq, "head": chain.head, "bytes": facts.journal_bytes},
            "uplink": _uplink(status),
            "issues": [
                {
                    "key": issue.key,
                    "subject": issue.subject,
                    "vi": issue.suggestion_vi,
                    "en": issue.suggestion,
                }
                for issue in examine(facts)
            ],
            "faults": [list(fault) for fault in sorted(self._desk.state.faults, key=str)],
            "addresses": list(facts.addresses),
        }

    def _facts(self, status: Status) -> Facts:
        settings, moment = self._settings(), self._clock.now()
        backup = Backed("", 0.0) if self._backup is None else self._backup()
        notice = SetupNotice.read(self._folder)
        last = status.last_success
        since_ms = last.up_ms if last is not None and last.boot == moment.boot else self._started_ms
        return Facts(
            free_bytes=_free_bytes(self._folder),
            journal_bytes=_journal_bytes(self._folder),
            max_journal_bytes=settings.journal.max_mib * MIB,
            warn_free_bytes=settings.journal.warn_free_mib * MIB,
            clock=moment.quality,
            # What cannot be counted waits, too.
            unreceipted=1 if status.unreceipted is None else status.unreceipted,
            silent_ms=max(0, moment.up_ms - since_ms),
            interval_ms=(settings.uplink.interval_s or CALENDAR_S) * 1000,
            recording_stopped=self._desk.recording_stopped,
            addresses=addresses(),
            unserved=self._unserved(),
            backup_trouble=backup.trouble,
            backup_silent_s=backup.silent_s,
            mistakes=() if notice is None else notice.mistakes,
            ca_error=ca_file_error(self._ca_file),
            wifi=None if self._wifi is None or not settings.hotspot.enabled else _wifi(self._wifi()),
        )


class Faults:
    """Where health tells its issues.

    Args:
        desk: records them.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def open_issues(self) -> list[tuple[str, str]]:
        return list(self._desk.state.faults)

    def raise_issue(self, key: str, subject: str) -> None:
        self._desk.post(ReportFault(key, subject))

    def clear_issue(self, key: str, subject: str) -> None:
        self._desk.post(ClearFault(key, subject))


def _uplink(status: Status) -> dict[str, Any]:
    return {
        "enrolled": status.enrolled,
        "running": status.running,
        "unreceipted": status.unreceipted,
        "marks": [{"epoch": mark.epoch, "upto": mark.upto} for mark in status.marks],
        "last_success": None if status.last_success is None else status.last_success.wire_at,
        "error": status.error_key,
        "detail": None if status.error is None else str(status.error),
        "detail_vi": None if status.error is None else status.error.vi(),
    }


def _wifi(look: WifiLook) -> WifiFacts:
    counts = look.counts
    fault, fault_vi = (None, None) if counts is None else (counts.fault, counts.fault_vi)
    if look.refusal is not None:
        fault, fault_vi = look.refusal.en, look.refusal.vi
    return WifiFacts(
        silent_s=0.0 if look.is_up else look.silent_s,
        failed=() if counts is None else tuple(e.name for e in counts.engines if e.standing == "failed"),
        deaths=look.deaths,
        fault=fault,
        fault_vi=fault_vi or fault,
        conflicts=look.conflicts,
        is_record_faulty=counts is not None and counts.retention == "faulty",
    )


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
