"""Records of sessions, where the province's policy asks for them; without one nothing is written, ever.

A session is recorded once, at its end, sealed to the province's key (:mod:`appliance.records`): when, which
device, how much, and never where to. What is known of it until then is in memory only. Whatever fails here is
said and counted, and no guest notices.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final, Literal

import structlog

from appliance.config.problem import ConfigError
from appliance.config.retention import Policy, policy_of
from appliance.errors import MotcuaError
from appliance.hotspot.ledger import Ledger, swept
from appliance.hotspot.policy.ended import Ended
from appliance.hotspot.recording import Asked, Held, Standing
from appliance.records.errors import RecordsError
from appliance.records.record import MOST_ADDRESSES, Record
from appliance.wire.moment import Moment, wire_time

log = structlog.get_logger(__name__)

RUNNING: Final = "running"
"""In the records' folder while sessions are recorded: ``on``, or ``stopped`` after an orderly end."""
SWEEP_MS: Final = 60_000


@dataclass(slots=True)
class _Live:
    """What is known of an open session that will be recorded."""

    terms: str | None
    is_resumed: bool = False
    ipv4: dict[str, None] = field(default_factory=dict)
    ipv6: dict[str, None] = field(default_factory=dict)

    def hold(self, address: str) -> None:
        """Remember an address that the device has."""
        held = self.ipv6 if ":" in address else self.ipv4
        if len(held) < MOST_ADDRESSES:
            held[address] = None


class Retention:
    """See the module.

    Args:
        folder: of the records; made when the first policy holds.
        held: returns who has which address now, hardware address first.
    """

    def __init__(self, folder: Path, held: Held) -> None:
        self._folder, self._held = folder, held
        self._asked: Asked | None = None
        self._policy: Policy | None = None
        self._fault: str | None = None
        self._ledger: Ledger | None = None
        self._live: dict[str, _Live] = {}
        self._missed = 0
        self._swept_ms: int | None = None
        self._was: Standing = "off"

    @property
    def standing(self) -> Standing:
        """Whether sessions are recorded; ``faulty`` where they should be and are not."""
        if self._asked is None:
            return "off"
        return "faulty" if self._fault is not None or self._policy is None else self._was

    def told(self, asked: Asked | None, now: Moment) -> None:
        """Take a policy, or none any more."""
        if asked == self._asked and self._policy is not None:
            return
        self._asked, self._ledger = asked, None
        self._policy = None if asked is None else self._parsed(asked)
        if self._policy is None:
            # What was agreed to until now does not hold any more.
            self._live.clear()
            self._mark(None)
            return
        self._fault = None
        self._look(now)

    def open(self, resumed: Iterable[str], lapsed: Iterable[str], now: Moment) -> None:
        """Begin, with the sessions of an earlier start.

        Args:
            resumed: hardware addresses of those that go on.
            lapsed: of those that were over meanwhile.
            now: the moment.
        """
        if self._policy is None:
            return
        how = self._marked()
        if how is None:
            return  # they began while nothing was recorded
        self._mark("on")
        for mac in resumed:
            self._live[mac] = _Live(None, is_resumed=True)
        if how != "stopped":  # those have their record
            for mac in lapsed:
                self._live[mac] = _Live(None, is_resumed=True)
            records = [self._record(mac, None, now) for mac in lapsed if mac in self._live]
            self._write(records, now)

    def began(self, mac: str, terms: str, now: Moment) -> None:
        """Note that a device's owner agreed to terms."""
        asked = self._asked
        self._live.pop(mac, None)
        if asked is None or self._policy is None or not self._is_in_force(now):
            return
        if asked.terms is not None and asked.terms != terms:
            return  # those did not say that it is recorded
        self._live[mac] = _Live(terms)
        self._mark("on")

    def look(self) -> None:
        """Remember which addresses the devices have that will be recorded."""
        if not self._live:
            return
        for mac, address in self._held():
            live = self._live.get(mac)
            if live is not None:
                live.hold(address)

    def ended(self, sessions: Sequence[Ended], now: Moment) -> None:
        """Record sessions that ended."""
        if not sessions or not self._live:
            return
        self.look()
        records = [self._record(each.mac, each, now) for each in sessions if each.mac in self._live]
        self._write(records, now)

    def tick(self, now: Moment) -> None:
        """Destroy what was kept long enough, by a clock that is trusted, and try again what failed."""
        if self._swept_ms is not None and now.up_ms - self._swept_ms < SWEEP_MS:
            return
        self._swept_ms = now.up_ms
        if self._policy is not None:
            self._look(now)
        if not now.trusted or not self._folder.is_dir():
            return
        try:
            ledger, month = self._ledger, _month(now)
            names = swept(self._folder, month) if ledger is None else ledger.sweep(month)
        except (OSError, MotcuaError) as error:
            log.warning("retention.not_swept", reason=str(error))
            self._ledger = None
            return
        for name in names:
            log.info("retention.destroyed", file=name)

    def close(self) -> None:
        """End in order: the sessions that are open were recorded as stopped."""
        if self._policy is not None and self._marked() is not None:
            self._mark("stopped")

    def _parsed(self, asked: Asked) -> Policy | None:
        try:
            if asked.text is not None:
                return policy_of(asked.text)
            self._failed("the policy cannot be read")
        except ConfigError as error:
            self._failed(str(error))
        return None

    def _failed(self, reason: str) -> None:
        if reason != self._fault:
            log.error("retention.faulty", reason=reason)
        self._fault = reason

    def _is_in_force(self, now: Moment) -> bool:
        return self._policy is not None and self._policy.is_in_force(now.local_day(), is_trusted=now.trusted)

    def _look(self, now: Moment) -> None:
        """See whether the policy holds now, and whether its records could be written."""
        policy, asked = self._policy, self._asked
        if policy is None or asked is None:
            return
        if policy.is_over(now.local_day()):
            self._failed(f"the policy was valid until {policy.valid_until}")
            return
        is_on = self._is_in_force(now)
        if is_on and self._opened(asked, policy) is None:
            return
        standing: Standing = "on" if is_on else "off"
        if standing != self._was:
            log.info("retention.stands", standing=standing, citation=policy.citation)
        self._was = standing

    def _opened(self, asked: Asked, policy: Policy) -> Ledger | None:
        if self._ledger is None:
            try:
                self._ledger = Ledger.open(self._folder, asked.device, policy.months)
            except (OSError, MotcuaError) as error:
                self._failed(str(error))
                return None
            log.info("retention.open", seq=self._ledger.link.seq, head=self._ledger.link.head)
            if self._missed == 0:
                self._fault = None
        return self._ledger

    def _record(self, mac: str, ended: Ended | None, now: Moment) -> Record:
        live = self._live.pop(mac)
        start = end = None
        if ended is not None:
            start, end = (
                wire_time(now.at - timedelta(milliseconds=now.up_ms - up_ms))
                for up_ms in (ended.began_ms, ended.ended_ms)
            )
        return Record(
            start=start,
            end=end,
            is_clock_trusted=now.trusted,
            is_resumed=live.is_resumed,
            reason="power" if ended is None else ended.reason,
            mac=mac,
            ipv4=tuple(live.ipv4),
            ipv6=tuple(live.ipv6),
            bytes_up=None if ended is None else ended.up,
            bytes_down=None if ended is None else ended.down,
            terms=live.terms,
        )

    def _write(self, records: Sequence[Record], now: Moment) -> None:
        policy, asked = self._policy, self._asked
        if not records or policy is None or asked is None or not self._is_in_force(now):
            return
        ledger = self._opened(asked, policy)
        if ledger is None:
            self._missed += len(records)
            return
        wanted = frozenset(policy.fields)
        try:
            ledger.append(
                [each.only(wanted) for each in records],
                policy.record_key(),
                _month(now) if now.trusted else None,
                missed=self._missed,
                most_bytes=asked.most_mib << 20,
            )
        except (OSError, RecordsError) as error:
            self._missed += len(records)
            self._ledger = None  # what is on the disk is looked at again
            self._failed(str(error))
            return
        if self._fault is not None:
            log.info("retention.again", missed=self._missed)
        self._fault, self._missed = None, 0

    def _marked(self) -> str | None:
        try:
            return (self._folder / RUNNING).read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            return None

    def _mark(self, how: Literal["on", "stopped"] | None) -> None:
        """Let the next start know whether sessions were recorded, and whether this one ended in order."""
        path = self._folder / RUNNING
        if how == self._marked() or not self._folder.is_dir():
            return
        try:
            if how is None:
                path.unlink(missing_ok=True)
            else:
                path.write_text(how, encoding="ascii")
                path.chmod(0o600)
        except OSError as error:
            log.warning("retention.not_marked", reason=str(error))


def _month(now: Moment) -> str:
    return now.local_day()[:7]
