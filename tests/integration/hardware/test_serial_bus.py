from collections.abc import Callable
from queue import Queue
from threading import Event, Thread
from typing import Any

import pytest

from hardware.drivers.bus import Transmission
from hardware.drivers.serial_bus import BusSettings, SerialBus
from hardware.emulators import PtyLine
from hardware.errors import (
    BusClosedError,
    BusFullError,
    FrameDroppedError,
    HardwareError,
    ModbusRefusedError,
    NoAnswerError,
    OutOfRangeError,
    PortUnavailableError,
)

pytestmark = pytest.mark.integration
WAIT_S = 20.0


class Device:
    """The far end: keeps what it hears, byte for byte, and says what the test wants."""

    def __init__(self, line: PtyLine) -> None:
        self._line = line
        self._heard: Queue[bytes] = Queue()
        line.attach(self._heard.put)

    def hears(self, count: int) -> bytes:
        heard = b""
        while len(heard) < count:
            heard += self._heard.get(timeout=WAIT_S)
        return heard

    def says(self, data: bytes) -> None:
        self._line.send(data)


class Result:
    """Waits for a transmission's end."""

    def __init__(self) -> None:
        self._ends: Queue[HardwareError | None] = Queue()

    def __call__(self, error: HardwareError | None) -> None:
        self._ends.put(error)

    def end(self) -> HardwareError | None:
        return self._ends.get(timeout=WAIT_S)


@pytest.fixture
def device(line: PtyLine) -> Device:
    return Device(line)


def test_frames_leave_in_order_and_bytes_arrive(device: Device, plug: Callable[..., Any]) -> None:
    plugged = plug()
    heard: Queue[bytes] = Queue()
    plugged.bus.listen(heard.put)
    plugged.wait_for(is_online=True)
    for frame in (b"one.", b"two.", b"six."):
        plugged.bus.send(Transmission(frame, "device"))
    assert device.hears(12) == b"one.two.six."
    device.says(b"hello")
    assert heard.get(timeout=WAIT_S) == b"hello"
    assert plugged.bus.state.is_online
    assert plugged.bus.state.error is None


def test_answer_ends_an_exchange_and_is_not_overheard(device: Device, plug: Callable[..., Any]) -> None:
    plugged = plug(answer_timeout_ms=20_000)
    heard: Queue[bytes] = Queue()
    plugged.bus.listen(heard.put)
    plugged.wait_for(is_online=True)
    result = Result()
    plugged.bus.send(Transmission(b"ask", "unit 1", is_answered=lambda got: b"yes" in got, on_done=result))
    device.hears(3)
    device.says(b"..y")
    device.says(b"es..")
    assert result.end() is None
    assert heard.empty()


def test_unanswered_frame_is_sent_again_and_then_reported(device: Device, plug: Callable[..., Any]) -> None:
    plugged = plug(answer_timeout_ms=20, tries=3)
    plugged.wait_for(is_online=True)
    result = Result()
    plugged.bus.send(Transmission(b"ask", "unit 1", is_answered=lambda _: False, on_done=result))
    error = result.end()
    assert isinstance(error, NoAnswerError)
    port = plugged.line.path
    assert str(error) == (
        f"no answer on {port} from unit 1 within 20 ms (sent 3 times); check its power, address and baud rate"
    )
    assert device.hears(9) == b"askaskask"


def test_refusal_ends_an_exchange_without_another_try(device: Device, plug: Callable[..., Any]) -> None:
    plugged = plug(answer_timeout_ms=20_000)
    plugged.wait_for(is_online=True)

    def refuse(_: bytes) -> bool:
        raise ModbusRefusedError(unit=1, function=16, code=2, meaning="illegal address", remedy="the width")

    result = Result()
    plugged.bus.send(Transmission(b"ask", "unit 1", is_answered=refuse, on_done=result))
    device.hears(3)
    device.says(b"no")
    assert isinstance(result.end(), ModbusRefusedError)


def test_displays_waiting_behind_an_exchange_shrink_to_the_latest(
    device: Device, plug: Callable[..., Any]
) -> None:
    plugged = plug(answer_timeout_ms=20_000)
    plugged.wait_for(is_online=True)
    plugged.bus.send(Transmission(b"ask", "unit 1", is_answered=lambda got: got == b"yes"))
    device.hears(3)
    for number in range(100):
        plugged.bus.send(Transmission(b"%02d" % number, "panel", slot="panel"))
    plugged.bus.send(Transmission(b"ack", "keypad"))
    device.says(b"yes")
    assert device.hears(5) == b"ack99"


def test_full_queue_refuses_at_once(plug: Callable[..., Any], device: Device) -> None:
    plugged = plug(queue_limit=2, answer_timeout_ms=20_000)
    plugged.wait_for(is_online=True)
    plugged.bus.send(Transmission(b"ask", "unit 1", is_answered=lambda _: False))
    device.hears(3)
    plugged.bus.send(Transmission(b"1", "keypad"))
    plugged.bus.send(Transmission(b"2", "keypad"))
    with pytest.raises(BusFullError, match="already has 2 frames waiting"):
        plugged.bus.send(Transmission(b"3", "keypad"))


def test_unplugged_port_is_reported_and_found_again(device: Device, plug: Callable[..., Any]) -> None:
    plugged = plug()
    plugged.wait_for(is_online=True)
    for round_ in range(3):
        plugged.line.unplug()
        state = plugged.wait_for(is_online=False)
        assert isinstance(state.error, PortUnavailableError)
        assert str(plugged.line.path) in str(state.error)
        plugged.line.replug()
        plugged.wait_for(is_online=True)
        plugged.bus.send(Transmission(b"back%d" % round_, "device"))
        assert device.hears(5) == b"back%d" % round_


def test_offline_line_keeps_the_latest_display_and_drops_the_rest(
    device: Device, plug: Callable[..., Any]
) -> None:
    plugged = plug()
    plugged.wait_for(is_online=True)
    plugged.line.unplug()
    plugged.wait_for(is_online=False)
    result = Result()
    plugged.bus.send(Transmission(b"ack", "keypad", on_done=result))
    assert isinstance(result.end(), FrameDroppedError)
    plugged.bus.send(Transmission(b"old", "panel", slot="panel"))
    plugged.bus.send(Transmission(b"new", "panel", slot="panel"))
    plugged.line.replug()
    assert device.hears(3) == b"new"


def test_display_interrupted_by_an_unplug_is_sent_again_and_an_exchange_is_reported(
    device: Device, plug: Callable[..., Any]
) -> None:
    plugged = plug(answer_timeout_ms=20_000)
    plugged.wait_for(is_online=True)
    shown, asked = Result(), Result()
    plugged.bus.send(Transmission(b"show", "panel", "panel", lambda got: got == b"ok", on_done=shown))
    device.hears(4)
    plugged.bus.send(Transmission(b"ask", "unit 2", is_answered=lambda _: False, on_done=asked))
    plugged.line.unplug()
    assert isinstance(asked.end(), FrameDroppedError)
    plugged.line.replug()
    assert device.hears(4) == b"show"
    device.says(b"ok")
    assert shown.end() is None


def test_port_that_appears_later_is_opened(line: PtyLine, plug: Callable[..., Any]) -> None:
    line.unplug()
    plugged = plug()
    state = plugged.wait_for(is_online=False)
    assert "check the cable" in str(state.error)
    line.replug()
    plugged.wait_for(is_online=True)


def test_second_user_of_a_port_is_told_so(line: PtyLine, plug: Callable[..., Any]) -> None:
    first = plug()
    first.wait_for(is_online=True)
    second = plug()
    assert isinstance(second.wait_for(is_online=False).error, PortUnavailableError)
    first.bus.close()
    second.wait_for(is_online=True)


def test_fault_in_a_callback_does_not_stop_the_line(device: Device, plug: Callable[..., Any]) -> None:
    plugged = plug()
    heard: Queue[bytes] = Queue()

    def fail(data: bytes) -> None:
        raise RuntimeError(data)

    plugged.bus.listen(fail)
    plugged.bus.listen(heard.put)
    plugged.wait_for(is_online=True)
    device.says(b"1")
    assert heard.get(timeout=WAIT_S) == b"1"
    device.says(b"2")
    assert heard.get(timeout=WAIT_S) == b"2"


@pytest.mark.parametrize("is_plugged", [True, False], ids=["while waiting for an answer", "while offline"])
def test_close_does_not_wait_for_the_line(line: PtyLine, is_plugged: bool, device: Device) -> None:
    if not is_plugged:
        line.unplug()
    slow = BusSettings(
        str(line.path), answer_timeout_ms=60_000, reconnect_min_ms=600_000, reconnect_max_ms=600_000
    )
    settled = Event()
    bus = SerialBus.open(slow, on_state=lambda _: settled.set())
    assert settled.wait(WAIT_S)
    if is_plugged:
        bus.send(Transmission(b"ask", "unit 1", is_answered=lambda _: False))
        device.hears(3)
    closer = Thread(target=bus.close)
    closer.start()
    closer.join(WAIT_S)  # far less than the 60 s and 600 s above
    assert not closer.is_alive()
    bus.close()
    with pytest.raises(BusClosedError, match=f"the bus on {line.path} is closed"):
        bus.send(Transmission(b"x", "device"))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"baud": 300}, "bus settings: baud is 300; use 1200 to 921600"),
        ({"gap_ms": -1}, "bus settings: gap_ms is -1; use 0 to 10000"),
        ({"answer_timeout_ms": 0}, "bus settings: answer_timeout_ms is 0; use 1 to 60000"),
        ({"tries": 0}, "bus settings: tries is 0; use 1 to 100"),
        ({"queue_limit": 0}, "bus settings: queue_limit is 0; use 1 to 10000"),
        ({"reconnect_max_ms": 100}, "bus settings: reconnect_max_ms is 100; use 250 to 600000"),
    ],
)
def test_settings_out_of_range_are_refused(settings: dict[str, int], message: str) -> None:
    with pytest.raises(OutOfRangeError) as raised:
        BusSettings("/dev/ttyX", **settings)  # type: ignore[arg-type]
    assert str(raised.value) == message


def test_time_on_the_wire_counts_start_stop_and_parity() -> None:
    assert BusSettings("x", 9600).wire_ms(96) == 100
    assert BusSettings("x", 9600, "E").wire_ms(96) == 110
