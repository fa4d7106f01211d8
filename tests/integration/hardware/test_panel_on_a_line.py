import random
from collections.abc import Callable, Iterator
from queue import Queue
from typing import Any

import pytest

from hardware.drivers.bus import Transmission
from hardware.drivers.panel import ModbusPanel, PanelStatus
from hardware.drivers.timers import Timers
from hardware.emulators import Faults, ModbusPanelEmulator, PtyLine
from hardware.errors import ModbusRefusedError, NoAnswerError, OutOfRangeError, PortUnavailableError

pytestmark = pytest.mark.integration
WAIT_S = 20.0


class Wall:
    """One emulated panel and the driver that paints it."""

    def __init__(self, plugged: Any, timers: Timers, emulator: ModbusPanelEmulator, repaint_s: float) -> None:
        self._statuses: Queue[PanelStatus] = Queue()
        self.plugged = plugged
        self.emulator = emulator
        self.panel = ModbusPanel.open(
            plugged.bus, timers, unit=1, digits=6, repaint_s=repaint_s, on_status=self._statuses.put
        )

    def wait_for(self, *, is_online: bool) -> PanelStatus:
        while (status := self._statuses.get(timeout=WAIT_S)).is_online is not is_online:
            pass
        return status


@pytest.fixture
def timers() -> Iterator[Timers]:
    with Timers.open() as opened:
        yield opened


@pytest.fixture
def hang(line: PtyLine, plug: Callable[..., Any], timers: Timers) -> Iterator[Callable[..., Wall]]:
    walls: list[Wall] = []

    def hang(*, repaint_s: float = 3600.0, **settings: int) -> Wall:
        plugged = plug(**{"answer_timeout_ms": 2_000, **settings})
        wall = Wall(plugged, timers, ModbusPanelEmulator.open(line, unit=1), repaint_s)
        walls.append(wall)
        return wall

    yield hang
    for wall in walls:
        wall.panel.close()


def test_call_is_shown_and_confirmed(hang: Callable[..., Wall]) -> None:
    wall = hang()
    wall.panel.show_call("A012", 3)
    assert wall.emulator.wait_for_text("A012 3", WAIT_S)
    assert wall.wait_for(is_online=True).error is None
    wall.panel.show("HELLO")
    assert wall.emulator.wait_for_text("HELLO ", WAIT_S)
    assert wall.panel.status == PanelStatus(is_online=True, error=None)


def test_panel_that_lost_its_power_is_repainted(hang: Callable[..., Wall]) -> None:
    wall = hang(repaint_s=0.1)
    wall.panel.show_call("A012", 3)
    assert wall.emulator.wait_for_text("A012 3", WAIT_S)
    wall.emulator.lose_power()
    assert wall.emulator.wait_for_text("A012 3", WAIT_S)


def test_panel_is_repainted_after_an_unplug(hang: Callable[..., Wall]) -> None:
    wall = hang()
    wall.panel.show_call("A012", 3)
    assert wall.emulator.wait_for_text("A012 3", WAIT_S)
    wall.wait_for(is_online=True)
    wall.plugged.line.unplug()
    assert isinstance(wall.wait_for(is_online=False).error, PortUnavailableError)
    wall.emulator.lose_power()
    wall.plugged.line.replug()
    assert wall.emulator.wait_for_text("A012 3", WAIT_S)
    wall.wait_for(is_online=True)


def test_call_made_while_unplugged_is_shown_on_return(hang: Callable[..., Wall]) -> None:
    wall = hang()
    wall.wait_for(is_online=True)
    wall.plugged.line.unplug()
    wall.wait_for(is_online=False)
    for number in range(100):
        wall.panel.show_call(f"A{number:03}", 1)
    wall.plugged.line.replug()
    assert wall.emulator.wait_for_text("A099 1", WAIT_S)


def test_silent_panel_is_reported_and_repainted_once_it_answers(
    hang: Callable[..., Wall],
) -> None:
    wall = hang(repaint_s=0.1, answer_timeout_ms=200, tries=3)
    wall.wait_for(is_online=True)
    wall.emulator.manners.is_silent = True
    error = wall.wait_for(is_online=False).error
    assert isinstance(error, NoAnswerError)
    assert "panel 1 within 200 ms (sent 3 times)" in str(error)
    wall.panel.show("BACK")
    wall.emulator.manners.is_silent = False
    wall.wait_for(is_online=True)
    assert wall.emulator.wait_for_text("BACK  ", WAIT_S)


def test_refusal_is_reported_with_its_meaning(hang: Callable[..., Wall]) -> None:
    wall = hang()
    wall.wait_for(is_online=True)
    wall.emulator.manners.exception = 2
    wall.panel.show("A012")
    error = wall.wait_for(is_online=False).error
    assert isinstance(error, ModbusRefusedError)
    assert str(error).startswith(
        "Modbus unit 1 refused function 16 with exception 2 (illegal address); check"
    )


def test_slow_panel_is_waited_for(hang: Callable[..., Wall]) -> None:
    wall = hang(answer_timeout_ms=10_000)
    wall.emulator.manners.answer_delay_s = 0.2
    wall.panel.show("SLOW")
    wall.wait_for(is_online=True)
    assert wall.emulator.wait_for_text("SLOW  ", WAIT_S)


def test_other_functions_are_served_and_bad_addresses_refused(
    hang: Callable[..., Wall], line: PtyLine
) -> None:
    """The emulator against the specification's own bytes, so that it can be trusted above."""
    wall = hang()
    wall.wait_for(is_online=True)
    answers = {
        "01 06 00 01 00 03 98 0B": "01 06 00 01 00 03 98 0B",
        "01 03 00 01 00 01 D5 CA": "01 03 02 00 03 F8 45",
        "01 03 00 00 00 0A C5 CD": "01 83 02 C0 F1",
        "01 05 00 00 FF 00 8C 3A": "01 85 01 83 50",
    }
    for question, answer in answers.items():
        ended: Queue[object] = Queue()
        is_it = bytes.fromhex(answer).__eq__
        wall.plugged.bus.send(
            Transmission(
                bytes.fromhex(question),
                "panel 1",
                is_answered=is_it,
                on_done=ended.put,
            )
        )
        assert ended.get(timeout=WAIT_S) is None, question
    assert wall.emulator.text() == " ?    "  # 3 is no character


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_latest_call_gets_through_a_noisy_line(
    line: PtyLine, plug: Callable[..., Any], timers: Timers, seed: int
) -> None:
    line.close()
    faults = Faults(noise=0.5, corrupt=0.2, drop=0.1, one_byte_at_a_time=True)
    with PtyLine.open(line.path, dice=random.Random(seed), faults=faults) as noisy:
        wall = Wall(
            plug(answer_timeout_ms=100), timers, ModbusPanelEmulator.open(noisy, unit=1), repaint_s=0.1
        )
        for number in range(20):
            wall.panel.show_call(f"B{number:03}", 2)
        assert wall.emulator.wait_for_text("B019 2", WAIT_S)
        wall.wait_for(is_online=True)
        wall.panel.close()


@pytest.mark.parametrize("repaint_s", [0.0, 3601.0])
def test_repaint_out_of_range_is_refused(plug: Callable[..., Any], timers: Timers, repaint_s: float) -> None:
    with pytest.raises(
        OutOfRangeError, match=f"panel 1: repaint_s is {repaint_s}; use 0.1 to 3600.0 seconds"
    ):
        ModbusPanel(plug().bus, timers, unit=1, repaint_s=repaint_s)
