"""Who is through the gate: devices by hardware address, and the kernel's elements that follow from it.

Every method that changes anything returns the lines for the kernel. Nothing is kept of a device but what the
rules need: how it stands, what it used today, and a handle for the staff, drawn by lot; and while its session
lasts what its owner agreed to.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from appliance.hotspot.errors import (
    DeviceBlockedError,
    HotspotFullError,
    NoSuchHandleError,
    OutsideHoursError,
    QuotaSpentError,
)
from appliance.hotspot.policy import elements, marks
from appliance.hotspot.policy.ended import Ended, Reason
from appliance.hotspot.policy.moment import Instant
from appliance.hotspot.policy.plan import Plan
from appliance.hotspot.policy.states import Happening, State, after

MOST_DEVICES: Final = 20_000
"""Devices with anything to remember in a day; a village has fewer, a liar more."""
_NOBODY: Final[Mapping[str, "LetThrough"]] = MappingProxyType({})


@dataclass(slots=True)
class Device:
    """One device.

    Attributes:
        handle: what the staff know it by.
        state: how it stands.
        index: number of its sessions, 0 before the first.
        mark: of its session, while it is open.
        since_ms: when it came to stand so, ``up_ms``.
        ends_ms: when session or block end, ``up_ms``.
        heard_ms: when it last sent or got anything.
        used_up: bytes from it today, before this session's elements were made.
        seen_up: bytes from it that the kernel counted since.
        has_conflict: two devices seem to use its hardware address.
        began_ms: when its session began, ``up_ms``.
        session_up: bytes from it in this session.
        session_down: bytes to it in this session.
        terms: version of those that its session was agreed to under; empty without a session.
        consents: keys of what its owner allows besides, while it has one.
    """

    handle: str
    state: State = State.NEW
    index: int = 0
    mark: int = 0
    since_ms: int = 0
    ends_ms: int = 0
    heard_ms: int = 0
    used_up: int = 0
    used_down: int = 0
    seen_up: int = 0
    seen_down: int = 0
    has_conflict: bool = False
    began_ms: int = 0
    session_up: int = 0
    session_down: int = 0
    terms: str = ""
    consents: tuple[str, ...] = ()

    @property
    def up(self) -> int:
        """Bytes from it today."""
        return self.used_up + self.seen_up

    @property
    def down(self) -> int:
        """Bytes to it today."""
        return self.used_down + self.seen_down


@dataclass(frozen=True, slots=True)
class Kept:
    """What of a device outlives the gate: its hardware address, session or block, and what was agreed to."""

    mac: str
    state: State
    left_ms: int
    terms: str = ""
    consents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LetThrough:
    """A session that the kernel went on with while no gate was there.

    Attributes:
        mark: of it.
        up: bytes from its device since its elements were made; ``down`` those to it.
    """

    mark: int
    up: int
    down: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What a device's owner is told."""

    state: State
    left_ms: int | None
    bytes_left: int | None
    terms: str = ""
    consents: tuple[str, ...] = ()


@dataclass(slots=True)
class Traffic:
    """Bytes since the last reading, of all."""

    up: int = 0
    down: int = 0


@dataclass(slots=True)
class Sessions:
    """See the module.

    Attributes:
        plan: what is wanted; another one counts from the next call on.
        draw: returns a fresh handle.
        is_within: whether guests may be online at a moment.
    """

    plan: Plan
    draw: Callable[[], str]
    is_within: Callable[[Instant], bool]
    devices: dict[str, Device] = field(default_factory=dict)
    day: str = ""
    index: int = 0
    ended: list[Ended] = field(default_factory=list)
    """Sessions that ended since :meth:`taken_ended`."""

    @property
    def open_count(self) -> int:
        """Sessions now."""
        return sum(device.state is State.OPEN for device in self.devices.values())

    def agree(self, mac: str, now: Instant, terms: str = "", consents: tuple[str, ...] = ()) -> list[str]:
        """Let a device through, or its session begin anew. Call :meth:`turn` before: nothing is ended here.

        Args:
            mac: hardware address, lower case with colons.
            now: the moment.
            terms: version of those that its owner agrees to.
            consents: keys of what he allows besides; nothing else is allowed from now on.

        Raises:
            DeviceBlockedError, QuotaSpentError, OutsideHoursError, HotspotFullError: it may not.
        """
        lines: list[str] = []
        device = self.devices.get(mac)
        if device is not None and device.state is State.BLOCKED:
            raise DeviceBlockedError
        if device is not None and device.state is State.SPENT:
            raise QuotaSpentError(quota_mib=self.plan.quota_bytes >> 20)
        if not self.is_within(now):
            raise OutsideHoursError
        is_open = device is not None and device.state is State.OPEN
        if not is_open and (self.open_count >= self.plan.max_clients or len(self.devices) >= MOST_DEVICES):
            raise HotspotFullError(limit=self.plan.max_clients)
        if device is None:
            device = self.devices[mac] = Device(self.draw())
        elif is_open:
            self._note(mac, device, now, "renewed")
            lines += self._settle(mac, device)
        device.state = after(device.state, Happening.AGREE)
        self._begin(device, now)
        device.terms, device.consents = terms, consents
        return lines + self._enter(mac, device, now, self.plan.session_s * 1000)

    def taken_ended(self) -> tuple[Ended, ...]:
        """Return the sessions that ended since the last call."""
        ended, self.ended = tuple(self.ended), []
        return ended

    def stopped(self, now: Instant) -> None:
        """Note every open session as one that this start of the gate does not see the end of."""
        for mac, device in self.devices.items():
            if device.state is State.OPEN:
                self._note(mac, device, now, "stopped")

    def withdraw(self, mac: str, consents: Iterable[str]) -> None:
        """Take back what a device's owner allows besides; what he never did is no error."""
        device = self.devices.get(mac)
        if device is not None:
            taken = set(consents)
            device.consents = tuple(each for each in device.consents if each not in taken)

    def leave(self, mac: str, now: Instant) -> list[str]:
        """End a device's session because its owner wishes it; without one there is nothing to end."""
        device = self.devices.get(mac)
        if device is None or device.state is not State.OPEN:
            return []
        return self._end(mac, device, now, "left")

    def standing(self, mac: str, now: Instant) -> Standing:
        """Return how a device stands."""
        device = self.devices.get(mac)
        if device is None:
            return Standing(State.NEW, None, self.plan.quota_bytes)
        timed = device.state in {State.OPEN, State.BLOCKED}
        left_ms = max(0, device.ends_ms - now.up_ms) if timed else None
        bytes_left = max(0, self.plan.quota_bytes - device.up - device.down)
        return Standing(device.state, left_ms, bytes_left, device.terms, device.consents)

    def measured(self, up: Mapping[int, int], down: Mapping[int, int], now: Instant) -> Traffic:
        """Take in what the kernel counted: bytes by mark, from devices and to them.

        Returns:
            What came since the last reading.
        """
        traffic = Traffic()
        for device in self.devices.values():
            if device.state is not State.OPEN:
                continue
            more_up = max(0, up.get(device.mark, device.seen_up) - device.seen_up)
            more_down = max(0, down.get(device.mark, device.seen_down) - device.seen_down)
            if more_up or more_down:
                device.heard_ms = now.up_ms
            device.seen_up += more_up
            device.seen_down += more_down
            device.session_up += more_up
            device.session_down += more_down
            traffic.up += more_up
            traffic.down += more_down
        return traffic

    def turn(self, now: Instant) -> list[str]:
        """End what is over: sessions, quotas, blocks, the day."""
        lines: list[str] = []
        if self.day and now.day != self.day:
            lines += self._new_day(now)
        self.day = now.day
        shut = not self.is_within(now)
        for mac, device in list(self.devices.items()):
            if device.state is State.OPEN:
                lines += self._turned(mac, device, now, is_shut=shut)
            elif device.state is State.BLOCKED and now.up_ms >= device.ends_ms:
                device.state = after(device.state, Happening.UNBLOCK)
            if device.state is State.NEW and self._is_spent(device) and self.plan.quota_rate is None:
                device.state = after(device.state, Happening.SPEND)
            if device.state is State.NEW and not device.up and not device.down:
                del self.devices[mac]
        return lines

    def block(self, handle: str, minutes: int, now: Instant) -> list[str]:
        """Keep a device out.

        Raises:
            NoSuchHandleError: there is none of this handle.
        """
        mac, device = self._of(handle)
        lines: list[str] = []
        if device.state is State.OPEN:
            self._note(mac, device, now, "blocked")
            lines = self._leave(mac, device)
        device.state = after(device.state, Happening.BLOCK)
        device.since_ms, device.ends_ms = now.up_ms, now.up_ms + minutes * 60_000
        return lines

    def mac_of(self, handle: str) -> str:
        """Return the hardware address behind a handle.

        Raises:
            NoSuchHandleError: there is none of this handle.
        """
        return self._of(handle)[0]

    def unblock(self, handle: str, now: Instant) -> list[str]:
        """Let a device agree again; it is no error if it may.

        Raises:
            NoSuchHandleError: there is none of this handle.
        """
        _, device = self._of(handle)
        if device.state is State.BLOCKED:
            device.state, device.since_ms = after(device.state, Happening.UNBLOCK), now.up_ms
        return self.turn(now)

    def conflicting(self, macs: Iterable[str]) -> list[str]:
        """Remember whose hardware address two seem to use; return the handles of those not known before."""
        fresh = []
        for mac in macs:
            device = self.devices.get(mac)
            if device is not None and not device.has_conflict:
                device.has_conflict = True
                fresh.append(device.handle)
        return fresh

    def kept(self, now: Instant) -> tuple[Kept, ...]:
        """Return what outlives the gate."""
        return tuple(
            Kept(mac, device.state, device.ends_ms - now.up_ms, device.terms, device.consents)
            for mac, device in self.devices.items()
            if device.state in {State.OPEN, State.BLOCKED} and device.ends_ms > now.up_ms
        )

    def restored(
        self, kept: Iterable[Kept], now: Instant, went_on: Mapping[str, LetThrough] = _NOBODY
    ) -> list[str]:
        """Let devices through again that were through, for what is left to them; forget what was before.

        Args:
            kept: of the gate that was here before.
            now: the moment.
            went_on: sessions that the kernel still lets through, by hardware address. They keep their
                numbers, which their connections carry, and what they used counts on.
        """
        self.devices, self.day = {}, now.day
        lines: list[str] = []
        # Those first: their numbers are given.
        for each in sorted(kept, key=lambda each: each.mac not in went_on):
            left_ms = (
                min(each.left_ms, self.plan.session_s * 1000) if each.state is State.OPEN else each.left_ms
            )
            if left_ms <= 0 or len(self.devices) >= MOST_DEVICES:
                continue
            device = Device(self.draw(), each.state, since_ms=now.up_ms, ends_ms=now.up_ms + left_ms)
            if each.state is State.OPEN:
                if self.open_count >= self.plan.max_clients:
                    continue
                self._begin(device, now)
                device.terms, device.consents = each.terms, each.consents
                lines += self._enter_again(each.mac, device, now, left_ms, went_on.get(each.mac))
            self.devices[each.mac] = device
        return lines

    def again(self, plan: Plan, now: Instant) -> list[str]:
        """Take other settings; return the elements of every session, for a gate that is made anew."""
        self.plan = plan
        lines: list[str] = []
        ranked = sorted(self.devices.items(), key=lambda item: item[1].since_ms)
        for mac, device in ranked:
            if device.state is not State.OPEN:
                continue
            self._count(device)
            left_ms = min(device.ends_ms - now.up_ms, plan.session_s * 1000)
            if left_ms <= 0:
                self._note(mac, device, now, "time")
                device.state, device.mark = after(device.state, Happening.END), 0
                _forget(device)
                continue
            since_ms, heard_ms = device.since_ms, device.heard_ms
            lines += self._enter(mac, device, now, left_ms)
            device.since_ms, device.heard_ms = since_ms, heard_ms
        return lines

    def _turned(self, mac: str, device: Device, now: Instant, *, is_shut: bool) -> list[str]:
        if self._is_spent(device) and marks.rate_of(device.mark) != self.plan.quota_rate:
            if self.plan.quota_rate is None:
                self._note(mac, device, now, "quota")
                lines = self._leave(mac, device)
                device.state, device.since_ms = after(device.state, Happening.SPEND), now.up_ms
                return lines
            return self._again(mac, device, now)
        is_idle = now.up_ms - device.heard_ms >= self.plan.idle_s * 1000
        if now.up_ms >= device.ends_ms or is_idle or is_shut:
            reason: Reason = "time" if now.up_ms >= device.ends_ms else "idle" if is_idle else "hours"
            return self._end(mac, device, now, reason)
        return []

    def _new_day(self, now: Instant) -> list[str]:
        lines: list[str] = []
        for mac, device in self.devices.items():
            # The counters that are read go on; what they said until now was yesterday's.
            device.used_up, device.used_down = -device.seen_up, -device.seen_down
            device.state = after(device.state, Happening.DAY)
            if device.state is State.OPEN:
                # The kernel's own count towards the quota knows no days: it begins anew with the elements.
                lines += self._again(mac, device, now)
        return lines

    def _again(self, mac: str, device: Device, now: Instant) -> list[str]:
        """Give an open session the class that it has now, and other elements."""
        lines = self._settle(mac, device)
        since_ms, heard_ms = device.since_ms, device.heard_ms
        lines += self._enter(mac, device, now, device.ends_ms - now.up_ms)
        device.since_ms, device.heard_ms = since_ms, heard_ms
        return lines

    def _enter(self, mac: str, device: Device, now: Instant, left_ms: int) -> list[str]:
        spent = self._is_spent(device) and self.plan.quota_rate is not None
        rate = self.plan.quota_rate if spent and self.plan.quota_rate is not None else 0
        # The number stays its own as long as it is known: connections carry it, and many wait for answers.
        device.index = device.index or self._next_index()
        device.mark = marks.session_mark(rate, device.index)
        device.since_ms = device.heard_ms = now.up_ms
        device.ends_ms = now.up_ms + left_ms
        device.seen_up = device.seen_down = 0
        return elements.opened(mac, device.mark, max(1, -(-left_ms // 1000)))

    def _enter_again(
        self, mac: str, device: Device, now: Instant, left_ms: int, through: LetThrough | None
    ) -> list[str]:
        if through is None:
            return self._enter(mac, device, now, left_ms)
        device.index = marks.index_of(through.mark)
        if marks.rate_of(through.mark) == self.plan.quota_rate:
            # It was spent before these elements were made, and stays so until midnight.
            device.used_down = self.plan.quota_bytes
        lines = self._enter(mac, device, now, left_ms)
        device.seen_up, device.seen_down = through.up, through.down
        return lines

    @staticmethod
    def _begin(device: Device, now: Instant) -> None:
        device.began_ms = now.up_ms
        device.session_up = device.session_down = 0

    def _note(self, mac: str, device: Device, now: Instant, reason: Reason) -> None:
        used = device.session_up, device.session_down
        self.ended.append(Ended(mac, device.began_ms, now.up_ms, *used, reason))

    def _settle(self, mac: str, device: Device) -> list[str]:
        self._count(device)
        return elements.closed(mac, device.mark)

    def _end(self, mac: str, device: Device, now: Instant, reason: Reason) -> list[str]:
        self._note(mac, device, now, reason)
        lines = self._leave(mac, device)
        device.state, device.since_ms = after(device.state, Happening.END), now.up_ms
        return lines

    def _leave(self, mac: str, device: Device) -> list[str]:
        lines = self._settle(mac, device)
        device.mark = 0
        _forget(device)
        return lines

    @staticmethod
    def _count(device: Device) -> None:
        """Add what the elements counted, which are about to go."""
        device.used_up, device.used_down = device.up, device.down
        device.seen_up = device.seen_down = 0

    def _is_spent(self, device: Device) -> bool:
        return device.up + device.down >= self.plan.quota_bytes

    def _next_index(self) -> int:
        used = {device.index for device in self.devices.values()}
        while True:
            self.index = self.index % marks.MOST_INDEX + 1
            if self.index not in used:
                return self.index

    def _of(self, handle: str) -> tuple[str, Device]:
        for mac, device in self.devices.items():
            if device.handle == handle:
                return mac, device
        raise NoSuchHandleError(handle=handle)


def _forget(device: Device) -> None:
    """What was agreed to holds for one session."""
    device.terms, device.consents = "", ()
