"""What buttons and lamps promise, over every pin factory that this machine offers.

The mock is always there. Real pins join in when MOTCUA_GPIO_LOOPBACK names two BCM pins wired together,
such as ``17,27``: one is the finger or the lamp, the other the button or the eye.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, Queue
from typing import Protocol

import pytest

from hardware.boards import ButtonPin, OutputPin
from hardware.clock import ManualClock
from hardware.drivers.buttons import Buttons
from hardware.drivers.gpio import Gpio, SwitchedPin
from hardware.drivers.lamps import Buzzer, Lamp
from hardware.drivers.timers import Timers
from hardware.emulators import MockPins
from hardware.errors import PinUnavailableError

WAIT_S = 10.0
LOOPBACK = os.environ.get("MOTCUA_GPIO_LOOPBACK")


class Rig(Protocol):
    """A button pin with a finger on it and a lamp pin with an eye on it."""

    gpio: Gpio
    button: ButtonPin
    lamp: OutputPin

    def finger(self, *, held: bool) -> None: ...
    def watch(self, seen: "Queue[bool]") -> None: ...
    def close(self) -> None: ...


class MockRig:
    def __init__(self) -> None:
        self.pins = MockPins.open()
        self.gpio = self.pins.gpio
        self.button = ButtonPin(17, "up", "low")
        self.lamp = OutputPin(27, "high")

    def finger(self, *, held: bool) -> None:
        (self.pins.press if held else self.pins.release)(self.button.pin)

    def watch(self, seen: "Queue[bool]") -> None:
        self.pins.on_change(lambda _, is_high: seen.put(is_high))

    def close(self) -> None:
        self.pins.close()


class LoopbackRig:
    def __init__(self, work_dir: Path, first: int, second: int) -> None:
        self.gpio = Gpio.open("lgpio", work_dir=work_dir)
        self.button = ButtonPin(second, "up", "low")
        self.lamp = OutputPin(first, "high")
        self._held: SwitchedPin | None = None
        self._eye: Buttons | None = None

    def finger(self, *, held: bool) -> None:
        if self._held is None:
            self._held = self.gpio.output("finger", OutputPin(self.lamp.pin, "low"))
        self._held.switch(on=held)

    def watch(self, seen: "Queue[bool]") -> None:
        eye = {"eye": ButtonPin(self.button.pin, "down", "high")}
        self._eye = Buttons.open(eye, gpio=self.gpio, on_change=lambda _, is_high, __: seen.put(is_high))

    def close(self) -> None:
        for part in (self._held, self._eye, self.gpio):
            if part is not None:
                part.close()


@pytest.fixture(params=["mock", "lgpio"] if LOOPBACK else ["mock"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    made: Rig
    if request.param == "mock":
        made = MockRig()
    else:
        first, second = (LOOPBACK or "").split(",")
        made = LoopbackRig(tmp_path, int(first), int(second))
    yield made
    made.close()


@pytest.fixture
def timers() -> Iterator[Timers]:
    with Timers.open() as opened:
        yield opened


def next_of(seen: "Queue[bool]") -> bool:
    return seen.get(timeout=WAIT_S)


def test_every_edge_is_told_with_name_and_time(rig: Rig) -> None:
    told: Queue[tuple[str, bool, int]] = Queue()
    clock = ManualClock(50)
    buttons = Buttons.open(
        {"issue.1": rig.button}, gpio=rig.gpio, clock=clock, on_change=lambda *edge: told.put(edge)
    )
    with buttons:
        for _ in range(5):  # bounces are not filtered here
            rig.finger(held=True)
            assert told.get(timeout=WAIT_S) == ("issue.1", True, clock.monotonic_ms())
            assert buttons.held() == {"issue.1"}
            clock.advance(1)
            rig.finger(held=False)
            assert told.get(timeout=WAIT_S) == ("issue.1", False, clock.monotonic_ms())
            assert buttons.held() == frozenset()


def test_closed_button_fires_nothing_and_frees_its_pin(rig: Rig) -> None:
    told: Queue[bool] = Queue()
    first = Buttons.open({"a": rig.button}, gpio=rig.gpio, on_change=lambda _, pressed, __: told.put(pressed))
    rig.finger(held=True)
    assert next_of(told)
    first.close()
    first.close()
    assert first.held() == frozenset()
    again: Queue[bool] = Queue()
    with Buttons.open({"b": rig.button}, gpio=rig.gpio, on_change=lambda _, pressed, __: again.put(pressed)):
        rig.finger(held=False)
        rig.finger(held=True)
        while not next_of(again):
            pass
    with pytest.raises(Empty):
        told.get_nowait()


def test_fault_in_the_callback_does_not_silence_the_button(rig: Rig) -> None:
    told: Queue[bool] = Queue()

    def fails_first(_name: str, is_pressed: bool, _at_ms: int) -> None:
        told.put(is_pressed)
        if told.qsize() == 1:
            raise RuntimeError("a fault of the application")

    with Buttons.open({"a": rig.button}, gpio=rig.gpio, on_change=fails_first):
        rig.finger(held=True)
        rig.finger(held=False)
        assert [next_of(told), next_of(told)] == [True, False]


def test_pin_in_use_is_refused_and_nothing_stays_taken(rig: Rig) -> None:
    other = ButtonPin(5, "up", "low")
    with Buttons.open({"a": rig.button}, gpio=rig.gpio, on_change=lambda *_: None):
        with pytest.raises(PinUnavailableError, match=f"b cannot use pin {rig.button.pin}: .*; free the pin"):
            Buttons.open({"other": other, "b": rig.button}, gpio=rig.gpio, on_change=lambda *_: None)
        Buttons.open({"other": other}, gpio=rig.gpio, on_change=lambda *_: None).close()


def test_pulse_lights_and_goes_dark_by_itself(rig: Rig, timers: Timers) -> None:
    seen: Queue[bool] = Queue()
    rig.watch(seen)
    with Lamp.open("thanks.1", rig.lamp, gpio=rig.gpio, timers=timers) as lamp:
        lamp.pulse(10)
        assert [next_of(seen), next_of(seen)] == [True, False]


def test_pulse_of_a_lit_lamp_ends_lit(rig: Rig, timers: Timers) -> None:
    seen: Queue[bool] = Queue()
    rig.watch(seen)
    ended: Queue[bool] = Queue()
    with Lamp.open("thanks.1", rig.lamp, gpio=rig.gpio, timers=timers) as lamp:
        lamp.on()
        lamp.pulse(5)
        timers.after(20, lambda: ended.put(item=True))
        assert next_of(ended)
        lamp.off()
        assert [next_of(seen), next_of(seen)] == [True, False]
        assert seen.empty()


def test_second_pulse_decides_the_end(rig: Rig, timers: Timers) -> None:
    seen: Queue[bool] = Queue()
    rig.watch(seen)
    passed: Queue[bool] = Queue()
    with Lamp.open("thanks.1", rig.lamp, gpio=rig.gpio, timers=timers) as lamp:
        lamp.pulse(5)
        lamp.pulse(3_600_000)
        timers.after(30, lambda: passed.put(item=True))
        assert next_of(passed)
        assert next_of(seen)
        assert seen.empty()
    assert not next_of(seen)


def test_closed_lamp_is_dark_and_stays_dark(rig: Rig, timers: Timers) -> None:
    seen: Queue[bool] = Queue()
    rig.watch(seen)
    lamp = Lamp.open("thanks.1", rig.lamp, gpio=rig.gpio, timers=timers)
    lamp.on()
    lamp.close()
    lamp.close()
    lamp.on()
    assert [next_of(seen), next_of(seen)] == [True, False]
    assert seen.empty()


def test_buzzer_beeps_and_stops(rig: Rig, timers: Timers) -> None:
    seen: Queue[bool] = Queue()
    rig.watch(seen)
    with Buzzer.open("buzzer", rig.lamp, gpio=rig.gpio, timers=timers) as buzzer:
        buzzer.beep(10)
        assert [next_of(seen), next_of(seen)] == [True, False]
