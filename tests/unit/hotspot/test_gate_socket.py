"""The gate and its socket over a scripted kernel: who may ask what, and what becomes of trouble."""

import asyncio
import os
import pwd
import shutil
import socket
import tempfile
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import pytest
from queues_in_memory import InMemoryShaper

from appliance.clock import BelievedClock, ScriptedTime
from appliance.config.hotspot import Hotspot
from appliance.hotspot import gate as gate_module
from appliance.hotspot.engines import Engine
from appliance.hotspot.errors import LinkError, RulesRefusedError
from appliance.hotspot.firewall import Counted
from appliance.hotspot.gate import Gate, Wanted
from appliance.hotspot.handles import drawn
from appliance.hotspot.policy.plan import Abilities, Surroundings
from appliance.hotspot.policy.sessions import LetThrough
from appliance.hotspot.policy.states import State
from appliance.hotspot.programs import Places, commands
from appliance.hotspot.resolvers import resolvers_of
from appliance.hotspot.serving import Callers, GateServer
from appliance.hotspot.sharing import Sharing
from appliance.sockets import gate as messages
from appliance.sockets.lines import MOST_LINE

WALL_US = 1_795_000_000_000_000
MAC, MAC6 = "02:00:00:00:00:01", "02:00:00:00:00:06"
ADDRESS, ADDRESS6 = "10.77.0.23", "fd77:6d63:7561::6"
NUMBER6 = 0xFD77_6D63_7561 << 80 | 6
TERMS = "ab" * 32
DAYS_OF_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ME = pwd.getpwuid(os.geteuid()).pw_name
EVERYTHING = (MAC, MAC6, ADDRESS, ADDRESS6)


class ScriptedFirewall:
    """Remembers what was applied, and refuses when told to."""

    def __init__(self):
        self.applied, self.refuses = [], False
        self.up, self.down, self.owners, self.woken = {}, {}, [(NUMBER6, MAC6)], []
        self.through = None

    def apply(self, text):
        if self.refuses:
            raise RulesRefusedError(reason="scripted")
        self.applied.append(text)

    def counted(self):
        if self.refuses:
            raise RulesRefusedError(reason="scripted")
        return Counted(self.up, self.down)

    def sessions(self):
        if self.through is None:
            raise RulesRefusedError(reason="No such file or directory")
        return self.through

    def owners6(self):
        return self.owners

    def woken4(self):
        return self.woken


class ScriptedLinks:
    """Interfaces that are there, or not."""

    def __init__(self):
        self.is_missing, self.down, self.networks = False, [], ("192.168.1.0/24",)
        self.wan = self.ipv6 = True

    def prepare(self, plan):
        if self.is_missing:
            raise LinkError(interface=plan.guest, reason="scripted")

    def put_down(self, guest):
        self.down.append(guest)

    def office_networks(self, _plan):
        return self.networks

    def has_ipv6(self, _plan):
        return self.ipv6

    def has_wan(self, _plan):
        return self.wan


class ScriptedEngine(Engine):
    """Runs nothing."""

    def start(self):
        self.standing = "running"

    async def stop(self):
        self.standing = "off"


class Scene:
    """A gate, its kernel and its time."""

    def __init__(self, folder, **wanted):
        self.firewall, self.links = ScriptedFirewall(), ScriptedLinks()
        self.secure = False
        self.asked, self.is_answered = [], True
        self.time = ScriptedTime(WALL_US)
        (folder / "resolv.conf").write_text("# x\nnameserver 9.9.9.9\nnameserver nobody\n")
        self.folder = folder
        self.gate = Gate(
            self.wanted(**wanted),
            abilities=Abilities(),
            surroundings=Surroundings(resolv_file=folder / "resolv.conf"),
            firewall=self.firewall,
            links=self.links,
            clock=BelievedClock(self.time, floor_us=WALL_US - 1, has_rtc=False),
            wall_us=self.time.wall_us,
            places=Places(folder / "state", folder / "run"),
            engine=ScriptedEngine,
            is_secure=self.is_secure,
            ask=self.ask,
        )

    async def is_secure(self, _plan):
        return self.secure

    async def ask(self, resolver, name):
        self.asked.append((resolver, name))
        return self.is_answered

    @staticmethod
    def wanted(**fields):
        values = {"enabled": True, "radio": "external", "quota_mib": 10, "max_clients": 2, **fields}
        return Wanted(Hotspot.model_validate(values, strict=False), 8081)

    def lease(self, address=ADDRESS, mac=MAC):
        ends_s = WALL_US // 1_000_000 + 600
        (self.folder / "run" / "dhcp" / "leases").write_text(f"{ends_s} {mac} {address} * *\n")

    @asynccontextmanager
    async def opened(self):
        (self.folder / "run" / "dhcp").mkdir(parents=True)
        self.lease()
        await self.gate.open()
        try:
            yield self.gate
        finally:
            await self.gate.close()


class Caller:
    """Somebody at the gate's socket."""

    def __init__(self, reader, writer):
        self.reader, self.writer, self.usage = reader, writer, []

    @classmethod
    async def at(cls, path):
        caller = cls(*await asyncio.open_unix_connection(str(path), limit=MOST_LINE))
        await caller.say(messages.Hello())
        assert isinstance(await caller.hear(), messages.Hello)
        return caller

    async def say(self, message):
        self.writer.write(message if isinstance(message, bytes) else message.line())
        await self.writer.drain()

    async def hear(self):
        while True:
            line = await asyncio.wait_for(self.reader.readline(), 20)
            if not line:
                return None
            told = messages.told(line)
            if isinstance(told, messages.Usage):
                self.usage.append(told)
            elif not isinstance(told, messages.Beat):
                return told

    async def ask(self, message):
        await self.say(message)
        return await self.hear()

    async def close(self):
        self.writer.close()
        with suppress(OSError):
            await self.writer.wait_closed()


def play(scene, act, callers=None, reread=None, **limits):
    """Run an act with an open gate and a caller at its socket."""

    async def nothing():
        return None

    async def run():
        async with scene.opened() as gate:
            path = scene.folder / "gate.sock"
            server = await GateServer.open(
                gate, callers or Callers(ME, ME), reread or nothing, path, **limits
            )
            try:
                await act(gate, path)
            finally:
                await server.close()

    asyncio.run(run())


@pytest.mark.parametrize("address", [ADDRESS, f"::ffff:{ADDRESS}", ADDRESS6])
def test_who_agrees_is_let_through_by_any_of_his_addresses(tmp_path, address):
    scene = Scene(tmp_path)

    async def act(gate, path):
        caller = await Caller.at(path)
        assert (await caller.ask(messages.StatusOf(id=1, address=address))).state == "new"
        told = await caller.ask(messages.Open(id=2, address=address, terms=TERMS, consents=["b", "a", "b"]))
        assert (told.state, told.seconds_left, told.bytes_left) == ("open", 14_400, 10 << 20)
        assert (told.terms, told.consents, told.wan, told.opens_in_s) == (TERMS, ["b", "a"], True, None)
        assert "timeout 14400s" in scene.firewall.applied[-1]
        await caller.close()

    play(scene, act)
    file = tmp_path / "state" / "sessions"
    kept = file.read_text()
    assert (MAC in kept) != (MAC6 in kept)
    assert kept.endswith(f" {TERMS} b,a\n")
    assert "10.77" not in kept
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_guest_takes_back_what_he_allowed_and_leaves_and_nothing_is_kept_of_it(tmp_path):
    scene, file = Scene(tmp_path), tmp_path / "state" / "sessions"

    async def act(gate, path):
        caller = await Caller.at(path)
        await caller.ask(messages.Open(id=1, address=ADDRESS, terms=TERMS, consents=["a", "b"]))
        applied = len(scene.firewall.applied)
        told = await caller.ask(messages.Withdraw(id=2, address=ADDRESS, consents=["a", "never"]))
        assert isinstance(told, messages.Done)
        assert (await caller.ask(messages.StatusOf(id=3, address=ADDRESS))).consents == ["b"]
        assert file.read_text().endswith(f" {TERMS} b\n")
        assert len(scene.firewall.applied) == applied, "a session goes on without it"
        mark = gate.sessions.devices[MAC].mark
        told = await caller.ask(messages.Close(id=4, address=ADDRESS))
        assert isinstance(told, messages.Done)
        assert f"delete element inet motcua_hotspot sessions {{ {MAC} }}" in scene.firewall.applied[-1]
        assert f"delete element inet motcua_hotspot sent {{ {mark:#010x} }}" in scene.firewall.applied[-1]
        assert not file.exists()
        status = await caller.ask(messages.StatusOf(id=5, address=ADDRESS))
        assert (status.state, status.terms, status.consents) == ("new", None, [])
        applied = len(scene.firewall.applied)
        for message in (
            messages.Close(id=6, address=ADDRESS),
            messages.Withdraw(id=7, address=ADDRESS, consents=["b"]),
        ):
            assert isinstance(await caller.ask(message), messages.Done)
        assert len(scene.firewall.applied) == applied
        for message in (
            messages.Close(id=8, address="10.77.0.99"),
            messages.Withdraw(id=9, address="10.77.0.99", consents=["b"]),
        ):
            assert (await caller.ask(message)).key == "hotspot.not_a_guest"
        await caller.close()

    play(scene, act)


def agreed_before(folder):
    """A scene in which the gate has been here before, and let a device through."""

    async def act(gate, path):
        gate.agree(ADDRESS, TERMS, ["a"])

    play(Scene(folder), act)
    shutil.rmtree(folder / "run")
    return Scene(folder)


def test_what_was_agreed_to_comes_back_after_a_restart_and_ends_with_the_session(tmp_path):
    again = agreed_before(tmp_path)

    async def look(gate, path):
        assert (gate.standing(ADDRESS).terms, gate.standing(ADDRESS).consents) == (TERMS, ("a",))
        again.time.advance(14_401_000)
        await gate.tick(is_look=False)
        over = gate.sessions.standing(MAC, gate.now())
        assert (over.state, over.terms, over.consents) == (State.NEW, "", ())
        assert not (tmp_path / "state" / "sessions").exists()

    play(again, look)


def test_a_gate_that_comes_back_takes_over_the_numbers_and_what_was_used(tmp_path):
    again, mark = agreed_before(tmp_path), 0x6D00_BEEF
    again.firewall.through = {MAC: LetThrough(mark, up=1 << 20, down=2 << 20), MAC6: LetThrough(1, 2, 3)}
    again.firewall.up, again.firewall.down = {mark: 1 << 20}, {mark: 3 << 20}

    async def look(gate, path):
        assert gate.sessions.devices[MAC].mark == mark
        assert f"{MAC} timeout 14400s : {mark:#010x}" in again.firewall.applied[0]
        assert set(gate.sessions.devices) == {MAC}, "the kernel does not say who may"
        assert gate.standing(ADDRESS).bytes_left == 6 << 20
        assert gate.usage.bytes_down == 1 << 20, "what the gate before told is not told again"

    play(again, look)


@pytest.mark.parametrize(("radio", "told"), [("builtin", (6, 8)), ("external", (None, None))])
def test_the_radio_is_asked_how_many_are_on_the_air_where_it_is_ours(tmp_path, monkeypatch, radio, told):
    scene, asked = Scene(tmp_path, radio=radio, max_clients=100), []

    async def on_air(path, _folder):
        asked.append(path)
        return 6

    monkeypatch.setattr(gate_module, "on_air", on_air)

    async def act(gate, path):
        caller = await Caller.at(path)
        await gate.tick(is_look=True)
        counts = await caller.ask(messages.CountsNow(id=1))
        assert (counts.on_air, counts.most_on_air) == told
        assert asked == ([tmp_path / "run" / "hostapd" / "wlan0"] if radio == "builtin" else [])
        # Those that have left the air keep their sessions: others than the eight get one, too.
        assert gate.plan.max_clients == 100
        await caller.close()

    play(scene, act)


def test_a_line_that_is_down_leads_everybody_to_the_portal_and_back(tmp_path):
    scene = Scene(tmp_path)
    lead = 'add element inet motcua_hotspot offline { "wlan0" }'

    async def act(gate, path):
        caller = await Caller.at(path)
        assert lead not in scene.firewall.applied[-1]
        scene.links.wan = False
        await gate.tick(is_look=False)
        assert scene.firewall.applied[-1] == f"flush set inet motcua_hotspot offline\n{lead}"
        assert (await caller.ask(messages.StatusOf(id=1, address=ADDRESS))).wan is False
        applied = len(scene.firewall.applied)
        await gate.tick(is_look=False)
        assert len(scene.firewall.applied) == applied, "it is said once"
        # A gate that is made anew meanwhile knows it from the first packet on.
        await gate.change(scene.wanted(session_min=30))
        assert scene.firewall.applied[-1].rstrip().endswith(lead)
        scene.links.wan = True
        await gate.tick(is_look=False)
        assert scene.firewall.applied[-1] == "flush set inet motcua_hotspot offline"
        assert (await caller.ask(messages.StatusOf(id=2, address=ADDRESS))).wan is True
        await caller.close()

    play(scene, act)


def test_ipv6_goes_when_the_line_has_none_and_stays_while_there_is_no_line(tmp_path):
    scene = Scene(tmp_path)

    async def act(gate, _path):
        assert gate.plan.surroundings.has_ipv6
        scene.links.wan = scene.links.ipv6 = False
        await gate.tick(is_look=True)
        await gate.change(scene.wanted(session_min=30))
        assert gate.plan.surroundings.has_ipv6, "who has nothing else is led to the portal"
        scene.links.wan = True
        await gate.tick(is_look=True)
        assert not gate.plan.surroundings.has_ipv6
        scene.links.ipv6 = True
        await gate.tick(is_look=True)
        assert gate.plan.surroundings.has_ipv6

    play(scene, act)


def test_a_line_on_which_nobody_answers_is_down_whatever_the_kernel_says(tmp_path):
    scene = Scene(tmp_path)

    async def tick(gate, seconds):
        scene.time.advance(seconds * 1_000)
        await gate.tick(is_look=False)
        await gate._line._round  # whoever was asked has answered

    async def act(gate, path):
        caller = await Caller.at(path)
        scene.is_answered = False
        for _ in range(4):
            assert gate.has_wan
            await tick(gate, 20)
        assert not gate.has_wan
        assert (await caller.ask(messages.StatusOf(id=1, address=ADDRESS))).wan is False
        # A gate that is made anew meanwhile knows it, and goes on asking.
        await gate.change(scene.wanted(session_min=30))
        assert not gate.has_wan
        scene.is_answered = True
        await tick(gate, 20)
        await tick(gate, 2)
        assert gate.has_wan
        assert set(scene.asked) == {("9.9.9.9", "dichvucong.gov.vn")}
        await caller.close()

    play(scene, act)


def test_who_comes_outside_the_hours_is_told_when_it_opens(tmp_path):
    scene = Scene(tmp_path, hours=dict.fromkeys(DAYS_OF_WEEK, ""))
    assert (scene.gate.now().weekday, scene.gate.now().minute, scene.gate.now().second) == (
        2,
        18 * 60 + 6,
        40,
    )
    hours = dict.fromkeys(DAYS_OF_WEEK, "") | {"wed": "07:00-08:00, 19:36-20:00"}

    async def act(gate, path):
        caller = await Caller.at(path)
        told = await caller.ask(messages.StatusOf(id=1, address=ADDRESS))
        assert told.state == "closed"
        assert told.opens_in_s is None, "never"
        await gate.change(scene.wanted(hours=hours))
        told = await caller.ask(messages.StatusOf(id=1, address=ADDRESS))
        assert (told.state, told.opens_in_s) == ("closed", 5_400 - 40)
        told = await caller.ask(messages.Open(id=2, address=ADDRESS, terms=TERMS, consents=[]))
        assert told.key == "hotspot.outside_hours"
        counts = await caller.ask(messages.CountsNow(id=3))
        assert (counts.refused, counts.refused_for) == (1, {"closed": 1})
        await caller.close()

    play(scene, act)


def test_refusals_are_counted_by_their_reason(tmp_path):
    scene = Scene(tmp_path, max_clients=1)

    async def act(gate, path):
        caller = await Caller.at(path)

        async def agree(address):
            return await caller.ask(messages.Open(id=1, address=address, terms=TERMS, consents=[]))

        assert (await agree(ADDRESS)).state == "open"
        assert (await agree(ADDRESS6)).key == "hotspot.full"
        device = gate.sessions.devices[MAC]
        scene.firewall.up = {device.mark: 11 << 20}
        await gate.tick(is_look=False)
        assert (await agree(ADDRESS)).key == "hotspot.quota_spent"
        await gate.block(device.handle, 5)
        for _ in range(2):
            assert (await agree(ADDRESS)).key == "hotspot.blocked"
        assert (await agree("10.77.0.99")).key == "hotspot.not_a_guest"  # nobody's, and none of these
        counts = await caller.ask(messages.CountsNow(id=2))
        assert (counts.refused, counts.refused_for) == (4, {"full": 1, "spent": 1, "blocked": 2})
        gate.usage.seen(set(), 0, 0, "2099-01-01T00")
        counts = await caller.ask(messages.CountsNow(id=3))
        assert (counts.refused, counts.refused_for) == (0, {})
        await caller.close()

    play(scene, act)


def test_who_is_no_guest_is_told_so(tmp_path):
    async def act(gate, path):
        caller = await Caller.at(path)
        for address in ("10.77.0.99", "8.8.8.8", "fd77::9", "fe80::1"):
            assert (await caller.ask(messages.StatusOf(id=1, address=address))).state == "away"
            told = await caller.ask(messages.Open(id=2, address=address, terms=TERMS, consents=[]))
            assert told.key == "hotspot.not_a_guest"
        await caller.close()

    play(Scene(tmp_path), act)


def test_who_is_blocked_is_sent_off_the_air(tmp_path):
    said = []

    class Hostapd(asyncio.DatagramProtocol):
        def __init__(self, ours):
            self.socket = ours

        def datagram_received(self, data, addr):
            said.append(data.decode())
            self.socket.sendto(b"PONG\n" if data == b"PING" else b"OK\n", addr)

    scene = Scene(tmp_path, radio="builtin")

    async def act(gate, path):
        gate.agree(ADDRESS)
        handle = gate.sessions.devices[MAC].handle
        await gate.block(handle, 5)  # nobody answers yet: it is out all the same
        folder = tmp_path / "run" / "hostapd"
        folder.mkdir()
        ours = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        ours.settimeout(0)
        ours.bind(str(folder / "wlan0"))
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: Hostapd(ours), sock=ours)
        await gate.block(handle, 5)
        transport.close()
        assert gate.sessions.devices[MAC].state is State.BLOCKED

    play(scene, act)
    assert said == ["PING", "ATTACH", f"DISASSOCIATE {MAC}"]


def test_a_hotspot_that_is_switched_off_lets_nobody_through(tmp_path):
    scene = Scene(tmp_path)
    shaper = InMemoryShaper({"eth0", "wlan0"})
    scene.gate.sharing = Sharing(shaper)

    async def act():
        (tmp_path / "run" / "dhcp").mkdir(parents=True)
        await scene.gate.open()
        assert set(shaper.trees) == {"eth0", "wlan0"}
        await scene.gate.close(is_off=True)

    asyncio.run(act())
    assert shaper.trees == {}
    assert "chain onward" in scene.firewall.applied[-1]
    assert scene.links.down == ["wlan0"]


def test_queues_that_cannot_be_laid_are_told_beside_the_engines_and_keep_nobody_out(tmp_path):
    scene = Scene(tmp_path, all_up_kbps=8000)
    shaper = InMemoryShaper({"eth0", "wlan0"})
    scene.gate.sharing = Sharing(shaper)

    async def act(gate, path):
        caller = await Caller.at(path)

        async def told():
            engines = (await caller.ask(messages.CountsNow(id=1))).engines
            return [(each.standing, each.restarts) for each in engines if each.name == "shaper"]

        assert await told() == [("running", 0)]
        assert scene.firewall.applied[-1].startswith("flush chain inet motcua_hotspot all_up")
        shaper.refuses = {"eth0"}
        await gate.tick(is_look=True)
        assert await told() == [("failed", 0)]
        assert "all_up limit rate over 1000000 bytes/second" in scene.firewall.applied[-1]
        assert (
            await caller.ask(messages.Open(id=2, address=ADDRESS, terms=TERMS, consents=[]))
        ).state == "open"
        await gate.change(scene.wanted(all_up_kbps=4000))
        assert any("all_up {\n\t\tlimit rate over 500000" in each for each in scene.firewall.applied[-2:])
        await caller.close()

    play(scene, act)
    assert set(shaper.trees) == {"eth0", "wlan0"}  # the rules stand on, and so do the queues


def test_the_office_sees_handles_and_blocks_by_them(tmp_path):
    scene = Scene(tmp_path)

    async def act(gate, path):
        caller = await Caller.at(path)
        await caller.ask(messages.Open(id=1, address=ADDRESS, terms=TERMS, consents=[]))
        mark = gate.sessions.devices[MAC].mark
        scene.firewall.up, scene.firewall.down = {mark: 3000}, {mark: 5000}
        await gate.tick(is_look=True)
        (row,) = (await caller.ask(messages.ClientsNow(id=2))).clients
        assert (row.state, row.bytes_up, row.bytes_down) == ("open", 3000, 5000)
        counts = await caller.ask(messages.CountsNow(id=3))
        assert (counts.open, counts.joined, counts.blocked, counts.bytes_down) == (1, 2, 0, 5000)
        said = (counts.line() + row.line()).decode()
        assert not any(each in said for each in EVERYTHING)
        assert isinstance(await caller.ask(messages.Block(id=4, handle=row.handle, minutes=5)), messages.Done)
        assert "delete element" in scene.firewall.applied[-1]
        told = await caller.ask(messages.Open(id=5, address=ADDRESS, terms=TERMS, consents=[]))
        assert told.key == "hotspot.blocked"
        assert isinstance(await caller.ask(messages.Unblock(id=6, handle=row.handle)), messages.Done)
        told = await caller.ask(messages.Block(id=7, handle="aaaaaaaa", minutes=5))
        assert told.key == "hotspot.no_such_handle"
        await caller.close()

    play(scene, act)


def test_an_hour_is_told_until_it_is_taken(tmp_path):
    scene = Scene(tmp_path)

    async def act(gate, path):
        gate.usage.seen({"a", "b", "c", "d", "e"}, 10, 20, "2026-11-23T08")
        gate.usage.seen(set(), 0, 0, "2026-11-23T09")
        for _ in range(2):
            caller = await Caller.at(path)
            for _ in range(600):
                if caller.usage:
                    break
                await caller.ask(messages.CountsNow(id=1))
                await asyncio.sleep(0.02)
            assert [each.sessions for each in caller.usage] == [5]
            await caller.close()
        caller = await Caller.at(path)
        await caller.say(messages.Taken(hour="2026-11-23T08"))
        await caller.ask(messages.CountsNow(id=1))
        assert gate.usage.waiting == {}
        await caller.close()

    play(scene, act)


def test_a_gate_that_the_kernel_refuses_is_shut_and_comes_back(tmp_path):
    scene = Scene(tmp_path)
    scene.firewall.refuses = True

    async def act(gate, path):
        caller = await Caller.at(path)
        counts = await caller.ask(messages.CountsNow(id=1))
        assert "scripted" in counts.fault
        assert counts.fault_vi == RulesRefusedError(reason="").vi()
        assert gate.engines == {}
        assert scene.links.down == ["wlan0"]
        told = await caller.ask(messages.Open(id=2, address=ADDRESS, terms=TERMS, consents=[]))
        assert (told.key, told.is_transient) == ("hotspot.shut", True)
        assert counts.fault_vi in told.vi
        assert "scripted" not in told.vi, "screens in Vietnamese show no English"
        scene.firewall.refuses = False
        await gate.tick(is_look=False)
        assert (await caller.ask(messages.CountsNow(id=3))).fault is None
        assert set(gate.engines) == {"dnsmasq-guests", "dnsmasq-portal", "radvd"}
        await caller.close()

    play(scene, act)


def test_rules_that_went_away_are_made_again_with_every_session(tmp_path):
    scene = Scene(tmp_path)

    async def act(gate, path):
        gate.agree(ADDRESS)
        scene.firewall.refuses = True
        await gate.tick(is_look=False)
        assert gate.fault is not None
        scene.firewall.refuses = False
        await gate.tick(is_look=False)
        assert gate.fault is None
        whole = scene.firewall.applied[-1]
        assert f"add element inet motcua_hotspot sessions {{ {MAC} " in whole
        assert f"{MAC} . {ADDRESS} timeout" in whole
        assert "office4 { 192.168.1.0/24 }" in whole

    play(scene, act)


def test_a_missing_interface_keeps_everybody_out_until_it_is_there(tmp_path):
    scene = Scene(tmp_path)
    scene.links.is_missing = True

    async def act(gate, path):
        assert isinstance(gate.fault, LinkError)
        assert "chain onward" in scene.firewall.applied[-1]
        scene.links.is_missing = False
        await gate.tick(is_look=False)
        assert gate.fault is None

    play(scene, act)


def test_the_office_s_networks_are_followed(tmp_path):
    scene = Scene(tmp_path)

    async def act(gate, path):
        scene.links.networks = ("192.168.7.0/24", "2a00:1::/64")
        await gate.tick(is_look=True)
        assert "office6 { 2a00:1::/64 }" in scene.firewall.applied[-1]

    play(scene, act)


def test_the_api_is_announced_while_the_portal_is_secure_and_the_clock_believed(tmp_path):
    own = {"certificate": "/etc/motcua/wifi.pem", "key": "/etc/motcua/wifi.key"}
    scene = Scene(tmp_path, **own)

    async def act(gate, path):
        def announced():
            return "dhcp-option=114," in gate.engines["dnsmasq-guests"].command.text

        await gate.tick(is_look=True)
        assert not announced()
        scene.secure = True
        await gate.tick(is_look=True)
        assert not announced()  # it is not asked all the time
        scene.time.advance(61_000)
        await gate.tick(is_look=True)
        assert announced()
        scene.time.synced = False
        scene.time.advance(25 * 3_600_000)
        await gate.tick(is_look=True)
        assert not announced()

    play(scene, act)


def test_other_settings_keep_who_is_through(tmp_path):
    scene = Scene(tmp_path)

    async def act(gate, path):
        gate.agree(ADDRESS)
        await gate.change(scene.wanted(session_min=30))
        assert gate.sessions.devices[MAC].state is State.OPEN
        assert gate.standing(ADDRESS).left_ms == 30 * 60_000
        assert gate.plan.session_s == 1800

    play(scene, act)


def test_who_was_through_is_through_after_a_power_cut_by_a_clock_in_the_past(tmp_path):
    scene = Scene(tmp_path)

    async def act(gate, path):
        gate.agree(ADDRESS)

    play(scene, act)
    again = Scene(tmp_path)
    (tmp_path / "gate.sock").unlink(missing_ok=True)
    shutil.rmtree(tmp_path / "run")
    again.time.reboot("00000000-0000-4000-8000-000000000002", wall_us=1_000_000)
    again.time.synced = False

    async def look(gate, path):
        assert gate.standing(ADDRESS).left_ms == 14_400_000

    play(again, look)


@pytest.mark.parametrize(
    "line",
    [b"\n", b"{}\n", b'{"op":"open"}\n', b"x" * (MOST_LINE + 10) + b"\n", messages.Hello().line()],
    ids=["empty", "nothing", "half", "long", "hello twice"],
)
def test_who_says_what_is_not_agreed_is_cut_off(tmp_path, line):
    async def act(gate, path):
        caller = await Caller.at(path)
        assert await caller.ask(line) is None
        await caller.close()
        other = await Caller.at(path)
        assert (await other.ask(messages.CountsNow(id=1))).open == 0
        await other.close()

    play(Scene(tmp_path), act)


@pytest.fixture
def open_folder():
    """Give a folder that every user of the machine may pass through."""
    folder = Path(tempfile.mkdtemp(prefix="gate-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@contextmanager
def as_somebody_else():
    """Connect as a user whom nobody named; root is always answered."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(pwd.getpwnam("nobody").pw_uid)
    try:
        yield
    finally:
        os.seteuid(before)


async def first_byte(reader, writer):
    """Return the first byte of the answer to a greeting; none from who hangs up."""
    try:
        writer.write(messages.Hello().line())
        return await reader.read(1)
    except ConnectionError:
        return b""
    finally:
        writer.transport.abort()


def test_strangers_are_not_answered(open_folder):
    async def act(gate, path):
        with as_somebody_else():
            stranger = await asyncio.open_unix_connection(str(path))
        assert await first_byte(*stranger) == b""
        if os.geteuid() == 0:  # the same caller as himself
            assert await first_byte(*await asyncio.open_unix_connection(str(path))) == b"{"

    play(Scene(open_folder), act, Callers("motcua-nobody", "motcua-nobody-else"))


def test_who_asks_too_much_is_told_to_wait(tmp_path):
    async def act(gate, path):
        caller = await Caller.at(path)
        lines = b"".join(messages.CountsNow(id=number).line() for number in range(220))
        await caller.say(lines)
        told = [await caller.hear() for _ in range(220)]
        busy = [each for each in told if isinstance(each, messages.Refused)]
        assert {each.key for each in busy} == {"hotspot.busy"}
        assert len(busy) == 20
        await caller.close()

    play(Scene(tmp_path), act, questions_per_s=0.001)


def test_apply_makes_the_gate_read_its_settings_again(tmp_path):
    told = []

    async def reread():
        told.append("again")

    async def act(gate, path):
        caller = await Caller.at(path)
        assert isinstance(await caller.ask(messages.Apply(id=1)), messages.Done)
        await caller.close()

    play(Scene(tmp_path), act, reread=reread)
    assert told == ["again"]


def test_the_socket_takes_the_place_of_one_that_was_left(tmp_path):
    with socket.socket(socket.AF_UNIX) as old:
        old.bind(str(tmp_path / "gate.sock"))

    async def act(gate, path):
        await (await Caller.at(path)).close()

    play(Scene(tmp_path), act)
    assert not (tmp_path / "gate.sock").exists()


def test_handles_are_drawn_in_the_form_that_is_agreed():
    handles = {drawn() for _ in range(200)}
    assert len(handles) == 200
    for handle in handles:
        messages.Block(id=1, handle=handle, minutes=1)


def test_resolvers_are_addresses_and_nothing_else(tmp_path):
    scene = Scene(tmp_path)
    assert resolvers_of(tmp_path / "resolv.conf") == ("9.9.9.9",)
    assert resolvers_of(tmp_path / "none") == ()
    names = [each.name for each in commands(scene.gate.plan, Places(tmp_path, tmp_path))]
    assert names == ["dnsmasq-guests", "dnsmasq-portal", "radvd"]
