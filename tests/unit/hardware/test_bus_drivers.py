"""The drivers on a line in memory: which frames are resends, and what is repainted."""

from collections.abc import Callable, Iterator
from queue import Queue

import pytest

from hardware.clock import ManualClock
from hardware.codecs.ff68 import Key, KeyPressed, Rated, RatingAck
from hardware.drivers.bus import BusState, Transmission
from hardware.drivers.keypad import Ff68Keypads
from hardware.drivers.panel import ModbusPanel
from hardware.drivers.timers import Timers
from hardware.errors import BusFullError, HardwareError, NoAnswerError, PanelTextError

CALL = KeyPressed(5, Key.CALL)
RECALL = KeyPressed(5, Key.RECALL)


class InMemoryBus:
    """A line that keeps what was sent and lets the test speak for the devices."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.last: Transmission | None = None
        self.is_full = False
        self.listeners: list[Callable[[bytes], None]] = []
        self.watchers: list[Callable[[BusState], None]] = []

    def watch(self, on_state: Callable[[BusState], None]) -> None:
        self.watchers.append(on_state)

    def listen(self, on_bytes: Callable[[bytes], None]) -> None:
        self.listeners.append(on_bytes)

    def send(self, transmission: Transmission) -> None:
        if self.is_full:
            raise BusFullError(port="memory", limit=0)
        self.sent.append(transmission.frame)
        self.last = transmission

    def end(self, error: HardwareError | None) -> Transmission:
        """Report the end of the latest transmission, and return it."""
        assert self.last is not None
        assert self.last.on_done is not None
        self.last.on_done(error)
        return self.last

    def hear(self, data: bytes) -> None:
        for listener in self.listeners:
            listener(data)

    def set_online(self, *, is_online: bool) -> None:
        for watcher in self.watchers:
            watcher(BusState("memory", is_online, None, 0))


class Hall:
    """The application: remembers what it was told."""

    def __init__(self) -> None:
        self.clock = ManualClock(100)
        self.bus = InMemoryBus()
        self.heard: list[tuple[KeyPressed | Rated, int]] = []
        self.keypads = Ff68Keypads.open(self.bus, clock=self.clock, on_key=self._note, on_rating=self._note)

    def _note(self, frame: KeyPressed | Rated, at_ms: int) -> None:
        self.heard.append((frame, at_ms))

    def press(self, frame: KeyPressed | Rated, *, after_ms: int = 0) -> None:
        self.clock.advance(after_ms)
        self.bus.hear(frame.to_bytes())


@pytest.fixture
def hall() -> Hall:
    return Hall()


def test_press_is_delivered_with_its_time_and_not_acknowledged(hall: Hall) -> None:
    hall.press(CALL, after_ms=20)
    hall.press(Rated(6, 3), after_ms=5)
    assert hall.heard == [(CALL, 120), (Rated(6, 3), 125)]
    assert hall.bus.sent == []


def test_acknowledgement_is_the_echo_or_the_ratings_answer(hall: Hall) -> None:
    hall.press(CALL)
    hall.press(Rated(6, 3))
    hall.keypads.acknowledge(CALL)
    hall.keypads.acknowledge(Rated(6, 3))
    assert hall.bus.sent == [CALL.to_bytes(), RatingAck(6, 3).to_bytes()]


def test_resend_while_the_acknowledgement_is_owed_is_not_delivered(hall: Hall) -> None:
    hall.press(CALL)
    for _ in range(30):  # nine seconds: each copy renews the window
        hall.press(CALL, after_ms=300)
    assert len(hall.heard) == 1
    assert hall.bus.sent == []
    assert hall.keypads.resends == 30


def test_resend_after_the_acknowledgement_is_acknowledged_again(hall: Hall) -> None:
    hall.press(CALL)
    hall.keypads.acknowledge(CALL)
    hall.press(CALL, after_ms=300)
    hall.press(CALL, after_ms=800)
    assert len(hall.heard) == 1
    assert hall.bus.sent == [CALL.to_bytes()] * 3


def test_same_key_after_the_window_is_a_new_press(hall: Hall) -> None:
    hall.press(CALL)
    hall.keypads.acknowledge(CALL)
    hall.press(CALL, after_ms=801)
    assert len(hall.heard) == 2
    assert hall.bus.sent == [CALL.to_bytes()]


def test_unacknowledged_press_is_forgotten_after_five_silent_seconds(hall: Hall) -> None:
    hall.press(CALL)
    hall.press(CALL, after_ms=5_001)
    assert len(hall.heard) == 2


def test_other_keys_counters_and_values_are_other_presses(hall: Hall) -> None:
    presses: list[KeyPressed | Rated] = [CALL, RECALL, KeyPressed(6, Key.CALL), Rated(5, 1), Rated(5, 2)]
    for press in presses:
        hall.press(press)
    assert [frame for frame, _ in hall.heard] == presses


def test_full_line_loses_an_acknowledgement_without_an_error(hall: Hall) -> None:
    hall.press(CALL)
    hall.bus.is_full = True
    hall.keypads.acknowledge(CALL)
    hall.bus.is_full = False
    hall.press(CALL, after_ms=300)
    assert hall.bus.sent == [CALL.to_bytes()]


def test_displays_are_shown_again_after_an_interruption(hall: Hall) -> None:
    hall.keypads.show(5, waiting=1_500, ticket=12)
    hall.keypads.show(6, waiting=None, ticket=None)
    shown = list(hall.bus.sent)
    assert shown[0][7:10] == b"\x09\x09\x09"
    hall.bus.hear(CALL.to_bytes()[:6])
    hall.bus.set_online(is_online=False)
    hall.bus.set_online(is_online=True)
    assert hall.bus.sent == shown * 2
    hall.bus.hear(CALL.to_bytes()[6:])  # the rest of what was half heard before
    assert hall.heard == []
    assert hall.keypads.damage == {"noise": 4}


def test_beep_and_start_rating_have_their_frames(hall: Hall) -> None:
    hall.keypads.beep(5)
    hall.keypads.start_rating(5)
    assert hall.bus.sent == [
        bytes.fromhex("FF 68 02 02 68 05 03 08 16"),
        bytes.fromhex("FF 68 03 03 68 05 01 0B 11 16"),
    ]


def test_closed_keypads_deliver_and_repaint_nothing(hall: Hall) -> None:
    hall.keypads.show(5, waiting=1, ticket=1)
    hall.keypads.close()
    hall.keypads.close()
    hall.press(CALL)
    hall.bus.set_online(is_online=True)
    assert hall.heard == []
    assert len(hall.bus.sent) == 1


@pytest.fixture
def timers() -> Iterator[Timers]:
    with Timers.open() as opened:
        yield opened


def after(timers: Timers, ms: int) -> None:
    """Return when everything that the timer thread began before is done and ``ms`` milliseconds passed."""
    passed: Queue[bool] = Queue()
    timers.after(ms, lambda: passed.put(item=True))
    passed.get(timeout=20)


def test_panel_begins_dark_and_is_repainted(hall: Hall, timers: Timers) -> None:
    panel = ModbusPanel.open(hall.bus, timers, unit=1, digits=4, repaint_s=0.1)
    dark = hall.bus.sent[0]
    assert dark[7:-2] == b"\x00 " * 4
    while len(hall.bus.sent) < 3:
        after(timers, 50)
    assert set(hall.bus.sent) == {dark}
    panel.close()


def test_full_line_does_not_end_the_repainting(hall: Hall, timers: Timers) -> None:
    panel = ModbusPanel.open(hall.bus, timers, unit=1, repaint_s=0.1)
    hall.bus.is_full = True
    after(timers, 150)
    hall.bus.is_full = False
    painted = len(hall.bus.sent)
    while len(hall.bus.sent) == painted:
        after(timers, 50)
    panel.close()


def test_closed_panel_is_not_repainted(hall: Hall, timers: Timers) -> None:
    panel = ModbusPanel.open(hall.bus, timers, unit=1, repaint_s=0.1)
    panel.close()
    panel.close()
    after(timers, 0)
    painted = len(hall.bus.sent)
    hall.bus.set_online(is_online=True)
    after(timers, 250)
    assert len(hall.bus.sent) == painted


def test_panel_that_did_not_answer_is_tried_once(hall: Hall, timers: Timers) -> None:
    panel = ModbusPanel.open(hall.bus, timers, unit=1, repaint_s=3600)
    assert hall.bus.end(NoAnswerError(port="memory", device="panel 1", timeout_ms=1, tries=3)).tries is None
    panel.show("A012")
    assert hall.bus.end(None).tries == 1
    panel.show("A013")
    assert hall.bus.end(None).tries is None
    panel.close()


def test_text_that_does_not_fit_leaves_the_panel_as_it_is(hall: Hall, timers: Timers) -> None:
    panel = ModbusPanel.open(hall.bus, timers, unit=1, digits=4, repaint_s=3600)
    with pytest.raises(PanelTextError):
        panel.show("A0123")
    assert len(hall.bus.sent) == 1
    panel.close()
