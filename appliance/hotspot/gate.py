"""The gate: settings in, rules and engines out; devices agree, end, are counted.

One event loop, one thread, but for netlink. First the rules stand, then guests' interface gets its addresses,
then the engines start; if the rules cannot be had, guests get no radio, no address and no way. Whatever fails
is tried again, and told.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from ipaddress import IPv6Address
from pathlib import Path
from typing import Final

import structlog

from appliance.clock import Clock, entropy
from appliance.config.hotspot import Hotspot
from appliance.errors import MotcuaError
from appliance.hotspot.control import on_air, send_off
from appliance.hotspot.engines import Command, Engine
from appliance.hotspot.errors import GateShutError, LinkError, RulesRefusedError, StartingError
from appliance.hotspot.firewall import Firewall
from appliance.hotspot.guests import Guests
from appliance.hotspot.handles import drawn
from appliance.hotspot.interfaces import Links
from appliance.hotspot.line import Ask, Line, knows
from appliance.hotspot.policy import elements
from appliance.hotspot.policy.conflicts import conflicting
from appliance.hotspot.policy.moment import Instant, is_within, opens_in_s
from appliance.hotspot.policy.plan import Abilities, Plan, Surroundings, planned
from appliance.hotspot.policy.ruleset import ruleset, shut
from appliance.hotspot.policy.sessions import LetThrough, Sessions, Standing
from appliance.hotspot.policy.states import State
from appliance.hotspot.policy.usage import Usage
from appliance.hotspot.portal_check import portal_is_secure
from appliance.hotspot.programs import Places, commands
from appliance.hotspot.recording import Asked, Recording
from appliance.hotspot.resolvers import resolvers_of
from appliance.hotspot.session_file import SessionFile
from appliance.hotspot.sharing import Shaper, Sharing
from appliance.hotspot.watch import FolderWatch
from appliance.sockets.gate import STAFF_PORT, LineQuality

log = structlog.get_logger(__name__)

TICK_S: Final = 2.0
"""So late a quota is noticed; a guest at 5 Mbit/s gets 1.3 MB too much."""
LOOK_TICKS: Final = 5
"""Ticks between two looks at what may have changed around us."""
CHECK_MS: Final = 60_000
"""Between two looks at the portal's https."""


@dataclass(slots=True)
class Wanted:
    """What the settings say.

    Args:
        hotspot: of the public WiFi.
        portal_port: of the portal.
        retention: what is asked for of records, or None.
        staff_port: of the staff app, at which the gate's own test knocks.
    """

    hotspot: Hotspot
    portal_port: int
    retention: Asked | None = None
    staff_port: int = STAFF_PORT


class Gate:
    """See the module.

    Args:
        wanted: what the settings say.
        abilities: of this box.
        surroundings: at the start; ``has_ipv6`` is found out.
        firewall: the kernel's rules.
        links: interfaces.
        clock: the time.
        wall_us: the system's wall clock, by which dnsmasq counts.
        places: of files.
        shaper: the kernel's queues; None for none, then the rules drop what guests have too much.
        engine: makes what keeps a program alive.
        is_secure: asks the portal whether its https is what phones accept.
        ask: a resolver of the line whether it knows a name.
    """

    def __init__(
        self,
        wanted: Wanted,
        *,
        abilities: Abilities,
        surroundings: Surroundings,
        firewall: Firewall,
        links: Links,
        clock: Clock,
        wall_us: Callable[[], int],
        places: Places,
        shaper: Shaper | None = None,
        engine: Callable[[Command], Engine] = Engine,
        is_secure: Callable[[Plan], Awaitable[bool]] = portal_is_secure,
        ask: Ask = knows,
    ) -> None:
        self._line = Line(ask)
        self._is_secure = is_secure
        self._checked_ms: int | None = None
        self._engine = engine
        self.engines: dict[str, Engine] = {}
        self.sharing = Sharing(shaper)
        self.fault: MotcuaError | None = StartingError()
        self.has_wan = True
        self.on_air: int | None = None
        self.usage = Usage()
        self._abilities, self._surroundings = abilities, surroundings
        self._firewall, self._links, self._clock = firewall, links, clock
        self._places = places
        self._file = SessionFile(places.state, clock)
        self._wanted = wanted
        self._plan = planned(wanted.hotspot, wanted.portal_port, abilities, surroundings)
        self.sessions = Sessions(
            self._plan, drawn, lambda now: is_within(self._wanted.hotspot.hours.week(), now)
        )
        self.sessions.index = int.from_bytes(entropy(2), "big")
        self._guests = Guests(places.leases, firewall, wall_us)
        self.recording = Recording(places.state, self._held)
        self._networks: tuple[str, ...] = ()
        self._watch: FolderWatch | None = None

    async def open(self) -> None:
        """Restore who was through, and begin."""
        self._clock.observe()
        self._places.state.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._places.leases.parent.mkdir(parents=True, exist_ok=True)
        self._places.leases.parent.chmod(0o700)
        self._watch = FolderWatch.open(self._places.leases.parent, self._leases_changed)
        kept = self._file.restore(with_over=True)
        through: Mapping[str, LetThrough] = {}
        with suppress(RulesRefusedError):  # there is none yet
            through = self._firewall.sessions()
        self.sessions.restored(kept, self.now(), through)
        log.info("sessions.restored", count=len(self.sessions.devices))
        went_on = {mac for mac, each in self.sessions.devices.items() if each.state is State.OPEN}
        over = [each.mac for each in kept if each.state is State.OPEN and each.mac not in went_on]
        self._guests.wake(went_on, self.now().up_ms)
        self.recording.told(self._wanted.retention, self._clock.now())
        self.recording.open(went_on, over, self._clock.now())
        await self._build()

    async def run(self) -> None:
        """Look after everything until cancelled."""
        ticks = 0
        while True:
            await asyncio.sleep(TICK_S)
            ticks += 1
            try:
                await self.tick(is_look=ticks % LOOK_TICKS == 0)
            except Exception:
                # The loop's boundary: a fault of ours must not leave sessions without an end.
                log.exception("gate.tick_failed")

    async def close(self, *, is_off: bool = False) -> None:
        """Stop the engines and write down who is through; the rules stay, sessions end by themselves.

        Args:
            is_off: there shall be no WiFi any more: then nobody stays through.
        """
        if self._watch is not None:
            self._watch.close()
        self._line.forget()
        await asyncio.gather(*(engine.stop() for engine in self.engines.values()))
        with suppress(RulesRefusedError):
            self._measure()
        self.sessions.stopped(self.now())
        self._keep(is_due=True)
        self.recording.close()
        if is_off:
            await self._shut_down(self._plan.guest)
            await self.sharing.end()

    def now(self) -> Instant:
        """Return the moment as rules look at it."""
        moment = self._clock.now()
        day, minute = moment.local_day(), moment.local_minutes()
        return Instant(
            up_ms=moment.up_ms,
            day=day,
            hour=f"{day}T{minute // 60:02d}",
            weekday=date.fromisoformat(day).weekday(),
            minute=minute,
            is_trusted=moment.trusted,
            second=moment.at_us // 1_000_000 % 60,
        )

    @property
    def plan(self) -> Plan:
        """What is wanted now."""
        return self._plan

    @property
    def line(self) -> LineQuality | None:
        """How the line answered lately."""
        return self._line.quality

    @property
    def joined(self) -> int:
        """Devices that have an address."""
        return self._guests.joined(self.now().up_ms)

    def agree(self, address: str, terms: str = "", consents: Iterable[str] = ()) -> Standing:
        """Let the device at an address through.

        Args:
            address: of a guest.
            terms: version of those that its owner agrees to.
            consents: keys of what he allows besides.

        Raises:
            NotAGuestError, DomainError, GateShutError: it cannot be, or may not.
        """
        mac, now = self._guest(address)
        self._count_for_records()
        self._apply(self.sessions.turn(now))
        try:
            lines = self.sessions.agree(mac, now, terms, tuple(dict.fromkeys(consents)))
        except MotcuaError as error:
            self.usage.refuse(error)
            raise
        self._apply(lines)
        self._keep()
        self.recording.began(mac, terms, self._clock.now())
        return self.sessions.standing(mac, now)

    def withdraw(self, address: str, consents: Iterable[str]) -> None:
        """Take back what the owner of the device at an address allows besides; as :meth:`standing`."""
        mac, _ = self._guest(address)
        self.sessions.withdraw(mac, consents)
        self._keep()

    def leave(self, address: str) -> None:
        """End the session of the device at an address on the next packet; as :meth:`standing`."""
        mac, now = self._guest(address)
        self._count_for_records()
        self._apply(self.sessions.leave(mac, now))
        self._keep()

    def standing(self, address: str) -> Standing:
        """Return how the device at an address stands.

        Raises:
            NotAGuestError, GateShutError: there is none, or the gate is shut.
        """
        return self.sessions.standing(*self._guest(address))

    def _guest(self, address: str) -> tuple[str, Instant]:
        if self.fault is not None:
            raise GateShutError.by(self.fault)
        now = self.now()
        return self._guests.mac_of(address, now.up_ms), now

    def is_open_now(self) -> bool:
        """Whether it is an hour in which guests may be online."""
        return is_within(self._wanted.hotspot.hours.week(), self.now())

    def opens_in_s(self) -> int | None:
        """Return the seconds until they may next; None if they may now, or never."""
        return opens_in_s(self._wanted.hotspot.hours.week(), self.now())

    async def block(self, handle: str, minutes: int) -> None:
        """Keep a device out, and send it off the air, so that it notices.

        Raises:
            NoSuchHandleError: there is none.
            GateShutError: the kernel does not follow.
        """
        mac = self.sessions.mac_of(handle)
        self._count_for_records()
        self._apply(self.sessions.block(handle, minutes, self.now()))
        self._keep()
        if self._plan.radio != "external":
            await send_off(mac, self._hostapd, self._places.run)

    def unblock(self, handle: str) -> None:
        """Let a device agree again.

        Raises:
            NoSuchHandleError: there is none.
            GateShutError: the kernel does not follow.
        """
        self._apply(self.sessions.unblock(handle, self.now()))
        self._keep()

    async def change(self, wanted: Wanted, abilities: Abilities | None = None) -> None:
        """Go on with other settings; sessions stay, at the new rates.

        Args:
            wanted: the settings.
            abilities: of the box, if they were looked at again.

        Raises:
            RadioCannotError: the radio cannot do that; the old settings stay.
        """
        able = abilities or self._abilities
        plan = planned(wanted.hotspot, wanted.portal_port, able, self._surroundings)
        moved, self._abilities = plan.guest != self._plan.guest, able
        old, self._wanted, self._plan = self._plan, wanted, plan
        self.recording.told(wanted.retention, self._clock.now())
        if moved:
            await self._shut_down(old.guest)
        await self._build()

    async def tick(self, *, is_look: bool) -> None:
        """Count, end what is over, and every now and then look around."""
        self._clock.observe()
        if self.fault is not None:
            await self._build()
            return
        try:
            self._measure()
            self._take_leases()
            self._follow_line()
            self._apply(self.sessions.turn(self.now()))
        except (RulesRefusedError, GateShutError) as error:
            # Somebody took our table away, with "flush ruleset" for one: the base rules let no guest through.
            log.warning("gate.lost", reason=str(error))
            await self._build()
            return
        self._keep()
        self.recording.tick(self._clock.now())
        if is_look:
            await self._look()

    def _count_for_records(self) -> None:
        """Count now what would be counted at the next tick: somebody ends a session before."""
        if self.recording.standing != "off":
            with suppress(RulesRefusedError):
                self._measure()

    def _measure(self) -> None:
        now = self.now()
        counted = self._firewall.counted()
        traffic = self.sessions.measured(counted.up, counted.down, now)
        handles = {each.handle for each in self.sessions.devices.values() if each.state is State.OPEN}
        self.usage.seen(handles, traffic.up, traffic.down, now.hour)

    def _follow_line(self) -> None:
        has_link = self._links.has_wan(self._plan)
        if has_link:
            names = self._wanted.hotspot.line_check_names
            self._line.turn(names, self._surroundings.resolvers, self.now().up_ms)
        else:
            self._line.forget()
        has_wan = has_link and not self._line.is_dead
        if has_wan != self.has_wan:
            self.has_wan = has_wan
            self._apply(elements.offline(self._plan.guest, is_offline=not has_wan))
            log.info("line.is_back" if has_wan else "line.is_down", wan=self._plan.wan, has_link=has_link)

    async def _look(self) -> None:
        plan = self._plan
        try:
            self._guests.look()
            self.recording.look()
            networks = await asyncio.to_thread(self._links.office_networks, plan)
            has_ipv6 = await self._has_ipv6(plan)
            resolvers = resolvers_of(self._surroundings.resolv_file)
        except (LinkError, RulesRefusedError) as error:
            log.warning("gate.look_failed", reason=str(error))
            return
        self.on_air = None if plan.radio == "external" else await on_air(self._hostapd, self._places.run)
        if networks != self._networks:
            self._networks = networks
            self._apply(elements.office_networks(networks))
        leases = self._guests.known_leases(self.now().up_ms)
        for handle in self.sessions.conflicting(conflicting(leases, self._guests.owners())):
            log.warning("device.conflict", handle=handle)
        around = replace(
            self._surroundings,
            has_ipv6=has_ipv6,
            resolvers=resolvers,
            portal_is_secure=await self._portal_is_secure(),
        )
        if around != self._surroundings:
            self._replan(around)
            await self._engines_as_planned()
        await self._share_line()

    @property
    def _hostapd(self) -> Path:
        """Where it listens."""
        return self._places.hostapd / self._plan.guest

    async def _has_ipv6(self, plan: Plan) -> bool:
        # Without a line nobody can tell; and whoever has IPv6 alone is to see the page that says so.
        if not self._links.has_wan(plan):
            return self._surroundings.has_ipv6
        return await asyncio.to_thread(self._links.has_ipv6, plan)

    async def _portal_is_secure(self) -> bool:
        now = self.now()
        if self._checked_ms is not None and now.up_ms - self._checked_ms < CHECK_MS:
            return self._surroundings.portal_is_secure
        self._checked_ms = now.up_ms
        # By a clock that nobody believes phones may find another date than we do.
        return now.is_trusted and await self._is_secure(self._plan)

    def _replan(self, around: Surroundings) -> None:
        self._surroundings = around
        wanted = self._wanted
        self._plan = planned(wanted.hotspot, wanted.portal_port, self._abilities, around)
        self.sessions.plan = self._plan

    async def _build(self) -> None:
        """Make the whole gate, in one transaction, then what needs it; or keep guests out."""
        plan = self._plan
        fault: MotcuaError | None = None
        try:
            around = replace(
                self._surroundings,
                has_ipv6=await self._has_ipv6(plan),
                resolvers=resolvers_of(self._surroundings.resolv_file),
            )
            self._replan(around)
            plan = self._plan
            self._networks = await asyncio.to_thread(self._links.office_networks, plan)
            with suppress(RulesRefusedError):  # there is none yet
                self._measure()
                self._guests.look()
            lines = self.sessions.again(plan, self.now())
            if plan.prefix6 is not None:
                lines += elements.owned(self._guests.owners())
            lines += elements.leased(self._guests.leases(self.now().up_ms))
            lines += elements.waking(*self._guests.waking(self.now().up_ms))
            lines += elements.office_networks(self._networks)
            self.has_wan = self._links.has_wan(plan) and not self._line.is_dead
            lines += elements.offline(plan.guest, is_offline=not self.has_wan)
            self._firewall.apply(ruleset(plan, lines))
            await asyncio.to_thread(self._links.prepare, plan)
        except (RulesRefusedError, LinkError) as error:
            fault = error
        if fault is None:
            if self.fault is not None:
                log.info("gate.stands", guest=plan.guest, sessions=self.sessions.open_count)
            self.fault = None
            await self._share_line(are_rules_new=True)
            await self._engines_as_planned()
            return
        if str(fault) != str(self.fault):
            log.error("gate.shut", reason=str(fault))
        self.fault = fault
        await self._shut_down(plan.guest)

    async def _share_line(self, *, are_rules_new: bool = False) -> None:
        lines = await self.sharing.follow(self._plan, are_rules_new=are_rules_new)
        with suppress(GateShutError):  # which is noted, and made good at the next tick
            self._apply(lines)

    async def _shut_down(self, guest: str) -> None:
        """Keep everybody out, by whatever means are left."""
        engines, self.engines = self.engines, {}
        await asyncio.gather(*(engine.stop() for engine in engines.values()))
        with suppress(RulesRefusedError):
            self._firewall.apply(shut(guest))
        with suppress(LinkError):
            await asyncio.to_thread(self._links.put_down, guest)

    async def _engines_as_planned(self) -> None:
        wanted = {command.name: command for command in commands(self._plan, self._places)}
        for name in self.engines.keys() - wanted.keys():
            await self.engines.pop(name).stop()
        for name, command in wanted.items():
            if name in self.engines:
                await self.engines[name].change(command)
            else:
                self.engines[name] = self._engine(command)
                self.engines[name].start()

    def _leases_changed(self) -> None:
        try:
            self._take_leases()
        except GateShutError as error:
            log.warning("leases.not_applied", reason=str(error))

    def _take_leases(self) -> None:
        leases = self._guests.changed_leases(self.now().up_ms)
        if leases is not None:
            self._apply(elements.leased(leases))

    def _apply(self, lines: Iterable[str]) -> None:
        text = "\n".join(lines)
        if not text:
            return
        try:
            self._firewall.apply(text)
        except RulesRefusedError as error:
            # What is in the kernel is not what we know: make all of it anew at the next tick.
            self.fault = error
            raise GateShutError.by(error) from None

    def _held(self) -> Iterable[tuple[str, str]]:
        for lease in self._guests.known_leases(self.now().up_ms):
            yield lease.mac, lease.address
        for number, mac in self._guests.owners():
            address = IPv6Address(number)
            if not address.is_link_local:  # which nobody beyond the air has seen
                yield mac, str(address)

    def _keep(self, *, is_due: bool = False) -> None:
        ended = self.sessions.taken_ended()
        if ended and self.recording.standing != "off":
            with suppress(RulesRefusedError):  # then what was seen last counts
                self._guests.look()
        self.recording.ended(ended, self._clock.now())
        self._file.keep(self.sessions.kept(self.now()), is_due=is_due)
