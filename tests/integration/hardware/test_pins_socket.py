import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.boards import ButtonPin, OutputPin
from hardware.drivers.buttons import Buttons
from hardware.drivers.gpio import SwitchedPin
from hardware.emulators import MockPins, PinsClient, PinsServer
from hardware.errors import PinsConnectionError

pytestmark = pytest.mark.integration
WAIT_S = 20.0

PROCESS = """
import sys, threading
from pathlib import Path
from hardware.boards import ButtonPin, OutputPin
from hardware.drivers.buttons import Buttons
from hardware.drivers.lamps import Lamp
from hardware.drivers.timers import Timers
from hardware.emulators import MockPins, PinsServer

pins = MockPins.open()
timers = Timers.open()
lamp = Lamp.open("thanks.1", OutputPin(12, "high"), gpio=pins.gpio, timers=timers)
Buttons.open(
    {"issue.1": ButtonPin(4, "up", "low")},
    gpio=pins.gpio,
    on_change=lambda name, pressed, at_ms: lamp.pulse(1) if pressed else None,
)
PinsServer.open(pins, Path(sys.argv[1]))
threading.Event().wait()
"""


class Box:
    """A process's pins: one button that lights one lamp while held."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.pins = MockPins.open()
        self.lamp: SwitchedPin = self.pins.gpio.output("thanks.1", OutputPin(12, "high"))
        self.other: SwitchedPin = self.pins.gpio.output("buzzer", OutputPin(11, "low"))
        self.buttons = Buttons.open(
            {"issue.1": ButtonPin(4, "up", "low")},
            gpio=self.pins.gpio,
            on_change=lambda _, is_pressed, __: self.lamp.switch(on=is_pressed),
        )
        self.server = PinsServer.open(self.pins, path)

    def close(self) -> None:
        self.server.close()
        self.server.close()
        for part in (self.buttons, self.lamp, self.other, self.pins):
            part.close()


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    made = Box(tmp_path / "pins")
    yield made
    made.close()


def test_press_from_outside_lights_the_lamp_and_everyone_hears(box: Box) -> None:
    with PinsClient.open(box.path) as finger, PinsClient.open(box.path) as eye:
        mark = eye.mark()
        finger.press(4)
        assert finger.wait_for_output(12, is_high=True, timeout_s=WAIT_S)
        finger.release(4)
        assert eye.wait_for_output(12, is_high=True, timeout_s=WAIT_S, since=mark)
        assert eye.wait_for_output(12, is_high=False, timeout_s=WAIT_S, since=mark)
        assert not eye.state(12)


def test_newcomer_gets_the_levels_as_they_are(box: Box) -> None:
    box.lamp.switch(on=True)
    with PinsClient.open(box.path) as client:
        assert client.state(12)
        assert client.state(11)  # active low: off is high
        assert not client.state(17)


def test_every_change_of_a_flickering_lamp_arrives(box: Box) -> None:
    with PinsClient.open(box.path) as client:
        mark = client.mark()
        for _ in range(2_000):
            box.lamp.switch(on=True)
            box.lamp.switch(on=False)
        box.other.switch(on=True)
        assert client.wait_for_output(11, is_high=False, timeout_s=WAIT_S, since=mark)
        assert client.mark() - mark == 4_001


def test_wrong_pin_is_answered_with_the_reason(box: Box) -> None:
    with (
        PinsClient.open(box.path) as client,
        pytest.raises(PinsConnectionError, match="cannot use pin 5: no button was opened on it"),
    ):
        client.press(5)


def test_protocol_is_lines_of_text(box: Box) -> None:
    with socket.socket(socket.AF_UNIX) as peer, peer.makefile("r", encoding="utf-8") as lines:
        peer.settimeout(WAIT_S)
        peer.connect(str(box.path))
        assert [lines.readline() for _ in range(3)] == ["out 11 1\n", "out 12 0\n", "ready\n"]
        peer.sendall(b"press 4\nrele")
        assert [lines.readline() for _ in range(2)] == ["out 12 1\n", "ok press 4\n"]
        peer.sendall(b"ase 4\nhello\n")
        assert [lines.readline() for _ in range(2)] == ["out 12 0\n", "ok release 4\n"]
        assert lines.readline() == (
            "error 'hello' is not understood; send 'press <pin>' or 'release <pin>'\n"
        )


def test_endless_line_is_sent_away_and_others_stay(box: Box) -> None:
    with socket.socket(socket.AF_UNIX) as peer, PinsClient.open(box.path) as client:
        peer.settimeout(WAIT_S)
        peer.connect(str(box.path))
        peer.sendall(b"x" * 1_000)
        heard = b"."
        while heard:
            heard = peer.recv(4096)
        client.press(4)


def test_socket_is_for_this_user_only_and_goes_with_the_server(box: Box) -> None:
    assert box.path.stat().st_mode & 0o777 == 0o600
    with PinsClient.open(box.path) as client:
        box.server.close()
        assert not box.path.exists()
        with pytest.raises(PinsConnectionError, match=f"mock pins at {box.path}"):
            client.press(4)


def test_nobody_there_is_reported_after_the_wait(tmp_path: Path) -> None:
    with pytest.raises(PinsConnectionError, match="start the office with mock pins"):
        PinsClient.open(tmp_path / "pins", timeout_s=0.1)


def test_killed_process_is_pressed_again_after_its_restart(tmp_path: Path) -> None:
    path = tmp_path / "pins"
    for _ in range(2):  # the second finds the socket that the first left behind
        process = subprocess.Popen([sys.executable, "-c", PROCESS, str(path)])
        try:
            with PinsClient.open(path, timeout_s=WAIT_S) as client:
                mark = client.mark()
                client.press(4)
                assert client.wait_for_output(12, is_high=True, timeout_s=WAIT_S, since=mark)
                assert client.wait_for_output(12, is_high=False, timeout_s=WAIT_S, since=mark)
                os.kill(process.pid, signal.SIGKILL)
                process.wait()
                with pytest.raises(PinsConnectionError):
                    client.release(4)
        finally:
            process.kill()
            process.wait()
