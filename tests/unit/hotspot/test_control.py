"""hostapd's control socket, against a program that speaks as hostapd does."""

import asyncio
import socket
from pathlib import Path

import pytest

from appliance.hotspot.control import HostapdControl, on_air
from appliance.hotspot.errors import EngineError

STATIONS = {
    "02:00:00:00:00:01": "flags=[AUTH][ASSOC][AUTHORIZED]\naid=1\nrx_bytes=100\n",
    "02:00:00:00:00:02": "flags=[AUTH][ASSOC]\naid=2\nrx_bytes=7\n",
}


class Hostapd(asyncio.DatagramProtocol):
    """The other end: answers as hostapd 2.10 does."""

    def __init__(self, theirs):
        self.socket = theirs
        self.commands = []
        self.silent = set()
        self.callers = []

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        command = data.decode()
        self.commands.append(command)
        word = command.split()[0]
        if word in self.silent:
            return
        if word == "ATTACH":
            self.callers.append(addr)
        # Of the last station there is no next one: an empty datagram, which asyncio does not send.
        self.socket.sendto(self.answer(command).encode(), addr)

    def answer(self, command):  # noqa: PLR0911 - one for each command
        macs = list(STATIONS)
        match command.split():
            case ["PING"]:
                return "PONG\n"
            case ["ATTACH"]:
                return "OK\n"
            case ["STATUS"]:
                return "state=ENABLED\nphy=phy0\nnum_sta[0]=2\n"
            case ["STA-FIRST"]:
                return f"{macs[0]}\n{STATIONS[macs[0]]}"
            case ["STA-NEXT", mac] if mac != macs[-1]:
                following = macs[macs.index(mac) + 1]
                return f"{following}\n{STATIONS[following]}"
            case ["STA-NEXT", _]:
                return ""
            case ["DISASSOCIATE", mac]:
                return "OK\n" if mac in STATIONS else "FAIL\n"
        return "UNKNOWN COMMAND\n"

    def say(self, event):
        for each in self.callers:
            self.transport.sendto(f"<3>{event}".encode(), each)


async def pair(folder: Path, events=None, **more):
    """A hostapd, and a control that is connected to it."""
    theirs = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    theirs.settimeout(0)
    theirs.bind(str(folder / "wlan0"))
    loop = asyncio.get_running_loop()
    _, hostapd = await loop.create_datagram_endpoint(lambda: Hostapd(theirs), sock=theirs)
    on_event = (lambda _: None) if events is None else events.put_nowait
    return hostapd, await HostapdControl.open(folder / "wlan0", folder, on_event, **more)


def test_stations_status_and_events(tmp_path):
    async def scene():
        events = asyncio.Queue()
        hostapd, control = await pair(tmp_path, events)
        assert (await control.status())["state"] == "ENABLED"
        stations = await control.stations()
        assert list(stations) == list(STATIONS)
        assert stations["02:00:00:00:00:02"]["rx_bytes"] == "7"
        assert await control.disassociate("02:00:00:00:00:01")
        assert not await control.disassociate("02:00:00:00:00:09")
        hostapd.say("AP-STA-CONNECTED 02:00:00:00:00:01")
        assert await asyncio.wait_for(events.get(), 10) == "AP-STA-CONNECTED 02:00:00:00:00:01"
        control.close()
        control.close()
        with pytest.raises(EngineError):
            await control.status()
        hostapd.transport.close()

    asyncio.run(scene())
    assert [path.name for path in tmp_path.iterdir()] == ["wlan0"]


@pytest.mark.parametrize(
    ("said", "found"), [("2", 2), ("", None), ("many", None)], ids=["so many", "nothing", "no number"]
)
def test_how_many_are_on_the_air_is_asked_in_passing(tmp_path, said, found):
    async def scene():
        hostapd, control = await pair(tmp_path)
        control.close()
        answers = hostapd.answer
        hostapd.answer = lambda command: answers(command).replace("num_sta[0]=2", f"num_sta[0]={said}")
        assert await on_air(tmp_path / "wlan0", tmp_path) == found
        hostapd.transport.close()
        assert await on_air(tmp_path / "wlan1", tmp_path) is None

    asyncio.run(scene())
    assert [path.name for path in tmp_path.iterdir()] == ["wlan0"]


def test_an_event_in_between_is_no_answer(tmp_path):
    async def scene():
        events = asyncio.Queue()
        hostapd, control = await pair(tmp_path, events)
        answers = hostapd.answer
        hostapd.answer = lambda command: (hostapd.say("AP-STA-POLL-OK x"), answers(command))[1]
        assert (await control.status())["phy"] == "phy0"
        assert await events.get() == "AP-STA-POLL-OK x"
        control.close()
        hostapd.transport.close()

    asyncio.run(scene())


def test_who_does_not_answer_does_not_work(tmp_path):
    async def scene():
        hostapd, control = await pair(tmp_path, answer_s=0.05)
        hostapd.silent.add("STATUS")
        with pytest.raises(EngineError, match="no answer to STATUS"):
            await control.status()
        control.close()
        hostapd.transport.close()

    asyncio.run(scene())


def test_nobody_there_is_an_error(tmp_path):
    with pytest.raises(EngineError):
        asyncio.run(HostapdControl.open(tmp_path / "wlan0", tmp_path))
    assert list(tmp_path.iterdir()) == []
