import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from hardware.drivers.bus import BusState
from hardware.drivers.serial_bus import BusSettings, SerialBus
from hardware.emulators import PtyLine

WAIT_S = 20.0


class Plugged:
    """A bus on a line, with every change of its state kept in order."""

    def __init__(self, line: PtyLine, bus: SerialBus, states: "Queue[BusState]") -> None:
        self.line = line
        self.bus = bus
        self.states = states

    def wait_for(self, *, is_online: bool) -> BusState:
        while (state := self.states.get(timeout=WAIT_S)).is_online is not is_online:
            pass
        return state


@pytest.fixture
def line(tmp_path: Path) -> Iterator[PtyLine]:
    with PtyLine.open(tmp_path / "bus") as opened:
        yield opened


@pytest.fixture
def plug(line: PtyLine) -> Iterator[Callable[..., Plugged]]:
    """Open a bus on the line; keyword arguments go to its settings."""
    opened: list[SerialBus] = []

    def plug(**settings: Any) -> Plugged:
        states: Queue[BusState] = Queue()
        fast = BusSettings(str(line.path), 115_200, gap_ms=1, reconnect_min_ms=10, reconnect_max_ms=50)
        bus = SerialBus.open(dataclasses.replace(fast, **settings), on_state=states.put)
        opened.append(bus)
        return Plugged(line, bus, states)

    yield plug
    for bus in opened:
        bus.close()
