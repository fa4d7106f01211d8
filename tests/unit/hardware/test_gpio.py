import gc
import os
import sys
from pathlib import Path
from queue import Queue

import pytest

from hardware.boards import ButtonPin, OutputPin, load_board
from hardware.boards.loader import BOARDS
from hardware.drivers.buttons import Buttons
from hardware.drivers.gpio import Gpio
from hardware.drivers.timers import Timers
from hardware.emulators import MockPins
from hardware.errors import PinFactoryUnavailableError, PinFactoryUnknownError, PinUnavailableError


@pytest.mark.parametrize("name", BOARDS)
def test_every_pin_of_a_shipped_board_can_be_taken(name: str) -> None:
    board = load_board(name)
    pressed: Queue[str] = Queue()
    pins = MockPins.open()
    outputs = [pins.gpio.output(lamp, pin) for lamp, pin in board.lamps.items()]
    with Buttons.open(board.buttons, gpio=pins.gpio, on_change=lambda name, *_: pressed.put(name)):
        for button in board.buttons.values():
            pins.press(button.pin)
        assert [pressed.get(timeout=10) for _ in board.buttons] == list(board.buttons)
        assert set(pins.outputs()) == {pin.pin for pin in board.lamps.values()}
    for output in outputs:
        output.close()
    pins.close()


@pytest.mark.parametrize(
    ("button", "idle"),
    [
        (ButtonPin(4, "up", "low"), True),
        (ButtonPin(4, "down", "high"), False),
        (ButtonPin(4, "none", "high"), False),
        (ButtonPin(4, "none", "low"), True),
    ],
)
def test_finger_moves_the_pin_to_its_active_level(button: ButtonPin, idle: bool) -> None:
    low_when_held = frozenset({4}) if (button.pull, button.active) == ("none", "low") else frozenset()
    pins = MockPins.open(floating_low=low_when_held)
    told: list[bool] = []
    with Buttons.open({"a": button}, gpio=pins.gpio, on_change=lambda _, pressed, __: told.append(pressed)):
        assert pins.state(4) is idle
        pins.press(4)
        assert pins.state(4) is not idle
        pins.release(4)
    assert told == [True, False]
    pins.close()


def test_output_with_active_low_idles_high() -> None:
    pins = MockPins.open()
    changes: list[tuple[int, bool]] = []
    pins.on_change(lambda *change: changes.append(change))
    output = pins.gpio.output("thanks.1", OutputPin(12, "low"))
    changes.clear()
    output.switch(on=True)
    output.switch(on=False)
    assert changes == [(12, False), (12, True)]
    output.close()
    output.switch(on=True)
    assert changes == [(12, False), (12, True)]
    pins.close()


@pytest.mark.parametrize("pin", [4, 12])
def test_finger_finds_only_buttons(pin: int) -> None:
    pins = MockPins.open()
    lamp = pins.gpio.output("thanks.1", OutputPin(12, "high"))
    with pytest.raises(PinUnavailableError, match=f"cannot use pin {pin}: no button was opened on it"):
        pins.press(pin)
    lamp.close()
    pins.close()


def test_fault_in_a_watcher_does_not_reach_the_lamp() -> None:
    pins = MockPins.open()
    seen: list[bool] = []
    pins.on_change(lambda _pin, _is_high: seen[1])  # type: ignore[arg-type]
    pins.on_change(lambda _, is_high: seen.append(is_high))
    lamp = pins.gpio.output("thanks.1", OutputPin(12, "high"))
    lamp.switch(on=True)
    assert seen[-1]
    lamp.close()
    pins.close()


def test_unknown_factory_is_refused() -> None:
    with pytest.raises(PinFactoryUnknownError, match="pin factory is 'rpigpio'; write one of lgpio, mock"):
        Gpio.open("rpigpio")


def test_lgpio_that_cannot_run_is_refused_without_fallback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LG_WD", "unset")
    monkeypatch.setitem(sys.modules, "lgpio", None)  # as on a machine where it is not installed
    monkeypatch.delitem(sys.modules, "gpiozero.pins.lgpio", raising=False)
    with pytest.raises(PinFactoryUnavailableError, match="pin factory 'lgpio' cannot be used here: "):
        Gpio.open("lgpio", work_dir=tmp_path)
    assert os.environ["LG_WD"] == str(tmp_path)


def test_button_that_nobody_refers_to_still_reports_until_the_pins_are_closed() -> None:
    pins = MockPins.open()
    told: list[bool] = []
    Buttons.open(
        {"a": ButtonPin(4, "up", "low")},
        gpio=pins.gpio,
        on_change=lambda _, pressed, __: told.append(pressed),
    )
    gc.collect()
    pins.press(4)
    pins.close()
    assert told == [True]


def test_mock_by_name_takes_pins_too() -> None:
    with Gpio.open("mock") as gpio:
        gpio.output("buzzer", OutputPin(11, "high")).close()
        gpio.close()


def test_timers_run_by_time_survive_a_fault_and_forget_after_close() -> None:
    done: Queue[str] = Queue()
    with Timers.open() as timers:
        timers.after(20, lambda: done.put("later"))
        timers.after(0, lambda: done.put(done.get_nowait()))  # fails: the queue is empty
        timers.after(1, lambda: done.put("sooner"))
        assert [done.get(timeout=10), done.get(timeout=10)] == ["sooner", "later"]
        timers.after(3_600_000, lambda: done.put("never"))
    timers.after(0, lambda: done.put("too late"))
    timers.close()
    assert done.empty()
