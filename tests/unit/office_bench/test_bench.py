"""The bench of an office: what it shows, what it presses, what it tests and records."""

import threading
import time
from collections.abc import Callable

import pytest
from sim_bench import SimBench

from appliance.desk.commands import ReportFault
from appliance.office.bench import FarEnds, OfficeBench
from appliance.office.devices import Devices
from appliance.office.signs import PanelSign
from appliance.queueing.commands import CallNext, CloseCounter, OpenCounter
from appliance.web.bench import TAKEN, ByHandError, NotTestedError, UnknownDeviceError
from hardware.errors import BusClosedError, HardwareError

PATIENCE_S = 20.0


def until(is_so: Callable[[], bool]) -> None:
    """Wait for other threads."""
    deadline_s = time.monotonic() + PATIENCE_S
    pause = threading.Event()
    while not is_so():
        assert time.monotonic() < deadline_s
        pause.wait(0.005)


def test_every_configured_button_and_lamp_is_there(bench: SimBench) -> None:
    look = bench.look()
    assert look.is_emulated
    assert look.board == "pi4"
    assert [(button.name, button.pin, button.place) for button in look.issue] == [
        ("issue.1", 5, 0),
        ("issue.2", 6, 1),
    ]
    first, second = look.stations
    assert [(button.name, button.place) for button in first.buttons] == [
        ("rating.1.1", 1),
        ("rating.1.2", 2),
        ("rating.1.3", 3),
    ]
    assert first.lamp is not None
    assert (first.lamp.name, first.lamp.is_lit) == ("thanks.1", False)
    assert (second.buttons, second.lamp, second.panel, second.keypad) == ((), None, None, None)
    assert look.buzzer is not None


def test_a_press_by_hand_shows_at_once_and_lights_the_lamp(bench: SimBench) -> None:
    changes = bench.changes
    bench.down("rating.1.3")
    button = bench.button("rating.1.3")
    assert button.is_down
    assert button.pressed_at == bench.box.clock.now().at
    assert bench.changes > changes
    station = bench.look().stations[0]
    assert station.lamp is not None
    assert station.lamp.is_lit
    assert station.lamp.times == 1
    bench.up("rating.1.3")
    bench.pass_time(5_000)
    assert not bench.button("rating.1.3").is_down


def test_a_press_from_the_page_is_a_press(bench: SimBench) -> None:
    bench.bench.press("button:issue.2", 1)
    until(lambda: bench.latest().edges == 2)
    assert (bench.latest().result, bench.latest().said) == (TAKEN, "B001")
    assert len(bench.recorded("ticket.issued")) == 1


def test_a_stuck_button_is_marked(bench: SimBench) -> None:
    bench.box.ask(ReportFault("button_stuck", "rating.1.1"))
    assert bench.button("rating.1.1").is_stuck
    assert not bench.button("rating.1.2").is_stuck


@pytest.mark.parametrize(
    "device",
    [
        "",
        "button:",
        "button:issue.4",
        "button:rating.2.1",
        "lamp:thanks.1",
        "keypad:q1:call",
        "keypad:q1:x",
        "evaluator:q1:9",
        "x:y:z",
    ],
)
def test_what_is_not_there_cannot_be_pressed(bench: SimBench, device: str) -> None:
    with pytest.raises(UnknownDeviceError):
        bench.bench.press(device, 120)
    assert bench.look().heard == ()


def test_a_real_button_is_pressed_by_hand_only(bench: SimBench) -> None:
    opened = bench.devices
    real = Devices(board=opened.board, meanings=opened.meanings, timers=opened.timers)
    subject = OfficeBench(bench.box.desk, lambda: bench.settings, lambda: real, bench.heard, FarEnds())
    with pytest.raises(ByHandError, match="by hand"):
        subject.press("button:issue.1", 120)
    assert not subject.look().is_emulated


@pytest.mark.parametrize(("device", "name"), [("lamp:thanks.1", "thanks.1"), ("lamp:buzzer", "buzzer")])
def test_a_test_switches_the_output_and_is_recorded(bench: SimBench, device: str, name: str) -> None:
    bench.bench.test(device, "tuan")
    assert bench.heard.times(f"lamp:{name}") == 1
    (event,) = bench.recorded("hardware.tested")
    assert event.data == {"subject": device, "result": "sent", "by": "tuan"}


@pytest.mark.parametrize("device", ["lamp:thanks.9", "keypad:q1", "button:issue.1", ""])
def test_what_is_not_there_cannot_be_tested(bench: SimBench, device: str) -> None:
    with pytest.raises(UnknownDeviceError):
        bench.bench.test(device, "tuan")
    assert bench.recorded("hardware.tested") == []


def test_what_citizens_press_where_somebody_serves_is_not_shown(bench: SimBench) -> None:
    opened = bench.devices
    real = Devices(board=opened.board, meanings=opened.meanings, timers=opened.timers)
    subject = OfficeBench(bench.box.desk, lambda: bench.settings, lambda: real, bench.heard, FarEnds())
    bench.click("rating.1.1")
    assert [each.device for each in subject.look().heard] == ["button:rating.1.1"]  # nobody serves: a test
    bench.box.ask(OpenCounter(counter="q1"))
    bench.down("rating.1.3")
    bench.click("issue.1")
    look = subject.look()
    station = look.stations[0]
    assert station.is_private
    assert [(button.is_down, button.pressed_at) for button in station.buttons] == [(False, None)] * 3
    assert [each.device for each in look.heard] == ["button:issue.1"]
    assert not look.stations[1].is_private
    bench.box.ask(CloseCounter(counter="q1"))
    bench.up("rating.1.3")
    # Nor later on, when nobody serves there any more.
    look = subject.look()
    assert not look.stations[0].is_private
    assert [button.pressed_at is None for button in look.stations[0].buttons] == [False, True, True]
    assert not look.stations[0].buttons[2].is_down
    assert [each.device for each in look.heard] == ["button:issue.1", "button:rating.1.1"]


def test_who_rates_after_the_counter_has_closed_is_not_shown_either(bench: SimBench) -> None:
    opened = bench.devices
    real = Devices(board=opened.board, meanings=opened.meanings, timers=opened.timers)
    subject = OfficeBench(bench.box.desk, lambda: bench.settings, lambda: real, bench.heard, FarEnds())
    bench.box.issue()
    for command in (OpenCounter(counter="q1"), CallNext(counter="q1"), CloseCounter(counter="q1")):
        bench.box.ask(command)
    bench.click("rating.1.3")
    assert subject.look().heard == ()
    bench.box.time.advance(bench.box.desk.rules.ratings.window_ms)
    bench.click("rating.1.3")
    assert [each.device for each in subject.look().heard] == ["button:rating.1.3"]


class ScriptedPanel:
    """A panel that remembers what it was given, or whose line is closed."""

    def __init__(self, error: HardwareError | None = None) -> None:
        self.digits = 4
        self.shown: list[str] = []
        self._error = error

    def show(self, text: str) -> None:
        if self._error is not None:
            raise self._error
        self.shown.append(text)


def test_a_panel_is_tested_with_all_its_segments(bench: SimBench) -> None:
    panel = ScriptedPanel()
    bench.devices.signs["q1"] = [PanelSign(panel, 1)]  # type: ignore[arg-type]
    bench.bench.test("panel:q1", "tuan")
    assert panel.shown == ["8888"]
    (event,) = bench.recorded("hardware.tested")
    assert event.data == {"subject": "panel:q1", "result": "sent", "by": "tuan"}


def test_a_panel_that_cannot_be_told_is_said_and_not_recorded(bench: SimBench) -> None:
    panel = ScriptedPanel(BusClosedError(port="led"))
    bench.devices.signs["q1"] = [PanelSign(panel, 1)]  # type: ignore[arg-type]
    with pytest.raises(NotTestedError, match="led"):
        bench.bench.test("panel:q1", "tuan")
    with pytest.raises(UnknownDeviceError):
        bench.bench.test("panel:q2", "tuan")
    assert bench.recorded("hardware.tested") == []
