"""The line to the gate, against one that speaks the messages, against the real one, and against nonsense."""

import asyncio
import hashlib
import importlib.util
from pathlib import Path

import pytest
from sim_guest_gate import TERMS, InMemoryGate, SimGate

from appliance.hotspot.serving import Callers, GateServer
from appliance.public import line as line_module
from appliance.public.errors import GateAwayError, RefusedError, TooOftenError
from appliance.public.gate import GATE, GateLink
from appliance.public.standings import ASKS, AWAY, FRESH_S, Standings, plain_of
from appliance.sockets import gate

ADDRESS, OTHER = "10.77.0.23", "10.77.0.24"
VERSION = TERMS.version


@pytest.fixture
def sim(tmp_path):
    made = SimGate(tmp_path)
    yield made
    made.close()


def run(path, scene):
    async def whole():
        link = GateLink(path / gate.SOCKET)
        return await asyncio.wait_for(scene(link), 30)

    return asyncio.run(whole())


def test_a_guest_agrees_over_the_socket(tmp_path, sim):
    async def scene(link):
        before = await link.status(ADDRESS)
        await link.open(ADDRESS, VERSION, ["khao-sat"])
        return before, await link.status(ADDRESS), await link.status(OTHER)

    before, after, other = run(tmp_path, scene)
    assert (before.state, before.seconds_left) == ("new", None)
    assert (after.state, after.seconds_left) == ("open", 14_400)
    assert (after.terms, after.consents) == (VERSION, ["khao-sat"])
    assert other.state == "new"
    assert sim.inner.opened == [(ADDRESS, VERSION, ("khao-sat",))]


def test_the_fake_in_memory_and_the_one_at_the_socket_say_the_same(tmp_path, sim):
    memory = InMemoryGate()
    for state in ("new", "open", "spent", "blocked", "closed", "full", "away"):
        memory.standings[ADDRESS] = sim.inner.standings[ADDRESS] = state

        async def scene(link):
            return await outcomes(link)

        assert run(tmp_path, scene) == asyncio.run(outcomes(memory)), state


async def outcomes(subject):
    """What becomes of agreeing, taking back and leaving, and how the device stands after each."""
    found = [await standing(subject)]
    for act in (
        subject.open(ADDRESS, VERSION, ["a", "b"]),
        subject.withdraw(ADDRESS, ["b", "c"]),
        subject.close(ADDRESS),
        subject.withdraw(ADDRESS, ["a"]),
        subject.close(ADDRESS),
    ):
        found += [await outcome(act), await standing(subject)]
    return found


async def standing(subject):
    return (await subject.status(ADDRESS)).model_dump(exclude={"id", "seconds_left", "bytes_left"})


async def outcome(act):
    try:
        return await act
    except RefusedError as error:
        return error.reason, str(error), error.vi()
    except GateAwayError:
        return "away"


def test_many_questions_at_once_each_get_their_own_answer(tmp_path, sim):
    addresses = [f"10.77.1.{number}" for number in range(200)]
    for number, address in enumerate(addresses):
        sim.inner.standings[address] = "open" if number % 3 else "blocked"

    async def scene(link):
        return await asyncio.gather(*(link.status(each) for each in addresses))

    assert [each.state for each in run(tmp_path, scene)] == [
        "open" if number % 3 else "blocked" for number in range(200)
    ]


def test_a_gate_that_comes_later_is_found_and_one_that_goes_is_missed(tmp_path):
    async def scene(link):
        with pytest.raises(GateAwayError):
            await link.status(ADDRESS)
        sim = await asyncio.to_thread(SimGate, tmp_path)
        found = asyncio.Event()
        link.on_change = found.set
        await found.wait()
        assert (await link.status(ADDRESS)).state == "new"
        found.clear()
        await asyncio.to_thread(sim.close)
        await found.wait()
        assert not link.is_up
        with pytest.raises(GateAwayError):
            await link.open(ADDRESS, VERSION, [])

    run(tmp_path, scene)


def test_a_gate_that_is_away_is_waited_for_once_and_not_by_each_page(tmp_path, monkeypatch):
    monkeypatch.setattr(line_module, "CONNECT_S", 3600.0)
    monkeypatch.setattr(line_module, "AWAY_S", 0.01)

    async def scene(link):
        with pytest.raises(GateAwayError):
            await link.status(ADDRESS)
        monkeypatch.setattr(line_module, "AWAY_S", 3600.0)
        for _ in range(50):
            with pytest.raises(GateAwayError):
                await link.status(ADDRESS)

    run(tmp_path, scene)


def test_a_gate_that_says_nothing_is_not_waited_for(tmp_path, sim, monkeypatch):
    sim.is_deaf = True
    monkeypatch.setattr(line_module, "CONNECT_S", 5.0)

    async def scene(link):
        link._other = type(GATE)(**{name: getattr(GATE, name) for name in GATE.__slots__} | {"answer_s": 0.1})
        with pytest.raises(GateAwayError):
            await link.status(ADDRESS)

    run(tmp_path, scene)


@pytest.mark.parametrize("said", [b"\xff\x00\n", b"{}\n", b"x" * 40_000, b'{"op":"standing","id":1}\n'])
def test_nonsense_ends_the_connection_and_another_is_made(tmp_path, sim, said):
    async def scene(link):
        await link.status(ADDRESS)
        sim.garbage = said
        with pytest.raises(GateAwayError):
            await link.status(ADDRESS)
        sim.garbage = b""
        back = asyncio.Event()
        link.on_change = back.set
        if not link.is_up:
            await back.wait()
        return await link.status(ADDRESS)

    assert run(tmp_path, scene).state == "new"


def test_the_real_gate_is_understood(tmp_path):
    scene_module = _of_hotspot()
    made = scene_module.Scene(tmp_path)

    async def whole():
        async with made.opened() as real:
            path = tmp_path / gate.SOCKET
            server = await GateServer.open(real, Callers(scene_module.ME, "nobody"), None, path)
            link = GateLink(path)
            before = await link.status(scene_module.ADDRESS)
            await link.open(scene_module.ADDRESS, VERSION, [])
            after = await link.status(scene_module.ADDRESS)
            nobody = await link.status("10.77.0.200")
            with pytest.raises(RefusedError) as refused:
                await link.open("10.77.0.200", VERSION, [])
            await server.close()
            return before, after, nobody, refused.value

    before, after, nobody, refused = asyncio.run(asyncio.wait_for(whole(), 30))
    assert (before.wan, nobody.wan) == (True, None)
    assert (before.state, after.state, nobody.state) == ("new", "open", "away")
    assert after.seconds_left == 240 * 60
    assert refused.reason == "hotspot.not_a_guest"


def test_the_real_gate_and_the_one_in_memory_say_the_same_of_who_agrees_takes_back_and_leaves(tmp_path):
    scene_module = _of_hotspot()
    made = scene_module.Scene(tmp_path)
    memory = InMemoryGate()
    memory.wan = True

    async def whole():
        async with made.opened() as real:
            path = tmp_path / gate.SOCKET
            server = await GateServer.open(real, Callers(scene_module.ME, "nobody"), None, path)
            told = await outcomes(GateLink(path))
            await server.close()
            return told

    assert asyncio.run(asyncio.wait_for(whole(), 30)) == asyncio.run(outcomes(memory))


def _of_hotspot():
    path = Path(__file__).parents[1] / "hotspot" / "test_gate_socket.py"
    spec = importlib.util.spec_from_file_location("gate_socket_scene", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# --- what is kept of it


def test_a_standing_is_asked_for_once_in_a_while_and_anew_after_agreeing():
    memory = InMemoryGate()

    async def scene():
        subject = Standings(memory)
        await asyncio.gather(*(subject.of(f"::ffff:{ADDRESS}") for _ in range(50)))
        assert memory.asked == 1
        await subject.open(ADDRESS, VERSION, [])
        assert (await subject.of(ADDRESS)).state == "open"
        assert memory.asked == 2
        memory.standings[ADDRESS] = "blocked"
        assert (await subject.of(ADDRESS)).state == "open"
        await asyncio.sleep(FRESH_S + 0.1)
        assert (await subject.of(ADDRESS)).state == "blocked"

    asyncio.run(scene())


def test_who_hangs_up_does_not_take_the_answer_from_others():
    memory = InMemoryGate()

    async def scene():
        subject = Standings(memory)
        first = asyncio.ensure_future(subject.of(ADDRESS))
        await asyncio.sleep(0)
        second = asyncio.ensure_future(subject.of(ADDRESS))
        await asyncio.sleep(0)
        first.cancel()
        return await second

    assert asyncio.run(scene()).state == "new"


def test_a_gate_that_is_away_is_a_standing_and_made_up_addresses_do_not_reach_it():
    memory = InMemoryGate()
    memory.is_up = False

    async def scene():
        subject = Standings(memory)
        assert await subject.of(ADDRESS) == AWAY
        assert await subject.of("") == AWAY
        with pytest.raises(GateAwayError):
            await subject.open("nonsense", VERSION, [])
        memory.is_up = True

        async def many():
            for number in range(ASKS.burst + 50):
                await subject.of(f"fd77:6d63:7561::{number:x}")

        with pytest.raises(TooOftenError):
            await many()
        assert memory.asked < ASKS.burst + 50

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        ("10.77.0.5", "10.77.0.5"),
        ("::ffff:10.77.0.5", "10.77.0.5"),
        ("fe80::1%wlan0", "fe80::1"),
        ("FD77::1", "fd77::1"),
        ("", None),
        ("10.77.0.5, 1.1.1.1", None),
    ],
)
def test_an_address_is_told_as_the_gate_knows_it(given, plain):
    assert plain_of(given) == plain


def test_terms_have_one_version_for_both_languages():
    assert hashlib.sha256(f"{TERMS.vi}\0{TERMS.en}".encode()).hexdigest() == VERSION
    assert TERMS.model_copy(update={"en": TERMS.en + " "}).version != VERSION
