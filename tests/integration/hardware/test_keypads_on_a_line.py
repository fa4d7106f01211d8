import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from queue import Empty, Queue
from typing import Any

import pytest

from hardware.codecs.ff68 import Key, KeyPressed, Rated
from hardware.drivers.keypad import Ff68Keypads
from hardware.emulators import Faults, Ff68KeypadEmulator, PtyLine

pytestmark = pytest.mark.integration
WAIT_S = 20.0
Heard = Queue[KeyPressed | Rated]


class Hall:
    """Two keypads on one line and an application that acknowledges only when told."""

    def __init__(self, plugged: Any, emulators: dict[int, Ff68KeypadEmulator]) -> None:
        self.heard: Heard = Queue()
        self.line: PtyLine = plugged.line
        self.plugged = plugged
        self.at = emulators
        self.keypads = Ff68Keypads.open(
            plugged.bus,
            on_key=lambda frame, _: self.heard.put(frame),
            on_rating=lambda frame, _: self.heard.put(frame),
        )
        plugged.wait_for(is_online=True)

    def next(self) -> KeyPressed | Rated:
        return self.heard.get(timeout=WAIT_S)


@pytest.fixture
def hall(line: PtyLine, plug: Callable[..., Any]) -> Iterator[Hall]:
    with ExitStack() as stack:
        emulators = {
            addr: stack.enter_context(Ff68KeypadEmulator.open(line, addr=addr, resends=50)) for addr in (5, 6)
        }
        hall = Hall(plug(), emulators)
        yield hall
        hall.keypads.close()


def test_press_is_acknowledged_only_when_told(hall: Hall) -> None:
    hall.at[5].press_key(0x0C)
    pressed = hall.next()
    assert pressed == KeyPressed(5, Key.CALL)
    assert not hall.at[5].wait_for_ack(0.7)  # two resends pass meanwhile
    assert hall.at[5].acks == []
    assert hall.heard.empty()
    hall.keypads.acknowledge(pressed)
    assert hall.at[5].wait_for_ack(WAIT_S)
    assert set(hall.at[5].acks) == {bytes.fromhex("FF 68 03 03 68 05 10 0C 21 16")}
    assert hall.at[6].acks == []


def test_a_refused_press_is_a_new_one_the_next_time(hall: Hall) -> None:
    hall.at[5].press_key(0x0C)
    first = hall.next()
    hall.keypads.refuse(first)
    assert hall.next() == first  # the keypad asks again, and is heard again
    hall.keypads.acknowledge(first)
    assert hall.at[5].wait_for_ack(WAIT_S)


def test_digit_and_ok_come_as_one_press(hall: Hall) -> None:
    hall.at[6].press_key(0x0F, digit=6)
    pressed = hall.next()
    assert isinstance(pressed, KeyPressed)
    assert (pressed.addr, pressed.key, pressed.digit) == (6, Key.OK, 6)


def test_rating_is_acknowledged_under_its_own_function(hall: Hall) -> None:
    hall.at[5].rate(3)
    rated = hall.next()
    assert rated == Rated(5, 3)
    hall.keypads.acknowledge(rated)
    assert hall.at[5].wait_for_ack(WAIT_S)
    assert hall.at[5].acks[0] == bytes.fromhex("FF 68 03 03 68 05 01 03 09 16")


def test_numbers_beep_and_rating_request_reach_their_keypad(hall: Hall) -> None:
    hall.keypads.show(5, waiting=7, ticket=12)
    hall.keypads.show(6, waiting=None, ticket=None)
    hall.keypads.beep(5)
    hall.keypads.start_rating(5)
    assert hall.at[5].wait_for_shown("  7", "012", WAIT_S)
    assert hall.at[6].wait_for_shown("   ", "   ", WAIT_S)
    assert hall.at[5].wait_for_beeps(1, WAIT_S)
    assert hall.at[6].beeps == 0


def test_numbers_are_shown_again_after_an_unplug(hall: Hall) -> None:
    hall.keypads.show(5, waiting=7, ticket=12)
    assert hall.at[5].wait_for_shown("  7", "012", WAIT_S)
    hall.line.unplug()
    hall.plugged.wait_for(is_online=False)
    hall.at[5].lose_power()
    hall.line.replug()
    assert hall.at[5].wait_for_shown("  7", "012", WAIT_S)


def test_press_made_while_unplugged_arrives_with_a_resend(hall: Hall) -> None:
    hall.line.unplug()
    hall.plugged.wait_for(is_online=False)
    hall.at[5].press_key(0x0C)
    hall.line.replug()
    pressed = hall.next()
    hall.keypads.acknowledge(pressed)
    assert hall.at[5].wait_for_ack(WAIT_S)


def test_one_byte_at_a_time_and_late_is_still_a_press(hall: Hall) -> None:
    hall.line.faults = Faults(one_byte_at_a_time=True, delay_s=0.02)
    hall.at[5].press_key(0x0D)
    pressed = hall.next()
    hall.keypads.acknowledge(pressed)
    assert hall.at[5].wait_for_ack(WAIT_S)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_press_arrives_once_over_a_line_that_damages_and_loses(
    plug: Callable[..., Any],
    line: PtyLine,
    seed: int,
) -> None:
    line.close()
    faults = Faults(noise=0.5, corrupt=0.2, drop=0.2)
    with (
        PtyLine.open(line.path, dice=random.Random(seed), faults=faults) as noisy,
        Ff68KeypadEmulator.open(noisy, addr=5, resends=50) as emulator,
    ):
        plugged = plug()
        heard: Heard = Queue()
        keypads = Ff68Keypads.open(
            plugged.bus,
            on_key=lambda frame, _: heard.put(frame),
            on_rating=lambda frame, _: heard.put(frame),
            repeat_window_ms=60_000,  # several resends in a row may be lost here
        )
        plugged.wait_for(is_online=True)
        for value in range(4):  # different values, so that each is a press of its own
            emulator.rate(value)
            rated = heard.get(timeout=WAIT_S)
            assert rated == Rated(5, value)
            keypads.acknowledge(rated)
            assert emulator.wait_for_ack(WAIT_S)
        with pytest.raises(Empty):
            heard.get_nowait()
        keypads.close()
