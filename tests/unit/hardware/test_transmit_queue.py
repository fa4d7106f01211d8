import pytest

from hardware.drivers.bus import Transmission
from hardware.drivers.transmit_queue import TransmitQueue
from hardware.errors import BusFullError


def ack(frame: bytes) -> Transmission:
    return Transmission(frame, "keypad 5")


def display(frame: bytes, slot: str = "panel 1") -> Transmission:
    return Transmission(frame, slot, slot=slot)


def drained(queue: TransmitQueue) -> list[bytes]:
    frames = []
    while (transmission := queue.take()) is not None:
        frames.append(transmission.frame)
    return frames


@pytest.fixture
def subject() -> TransmitQueue:
    return TransmitQueue("/dev/ttyX", limit=2)


def test_frames_in_order_leave_in_order_and_before_displays(subject: TransmitQueue) -> None:
    subject.put(display(b"shown"))
    subject.put(ack(b"1"))
    subject.put(ack(b"2"))
    assert drained(subject) == [b"1", b"2", b"shown"]


def test_display_keeps_the_latest_frame_at_the_place_of_the_first(subject: TransmitQueue) -> None:
    subject.put(display(b"old"))
    subject.put(display(b"other", "panel 2"))
    subject.put(display(b"new"))
    assert drained(subject) == [b"new", b"other"]


@pytest.mark.parametrize(
    "frames",
    [[ack(b"1"), ack(b"2"), ack(b"3")], [display(b"1", "a"), display(b"2", "b"), display(b"3", "c")]],
    ids=["in order", "latest"],
)
def test_full_queue_refuses_one_more(subject: TransmitQueue, frames: list[Transmission]) -> None:
    subject.put(frames[0])
    subject.put(frames[1])
    with pytest.raises(BusFullError, match="/dev/ttyX already has 2 frames waiting; send less often"):
        subject.put(frames[2])
    assert len(subject) == 2


def test_frame_given_back_yields_to_a_newer_one(subject: TransmitQueue) -> None:
    subject.put(display(b"old"))
    taken = subject.take()
    assert taken is not None
    subject.give_back(taken)
    assert drained(subject) == [b"old"]
    subject.put(display(b"new"))
    subject.give_back(taken)
    subject.give_back(ack(b"never"))
    assert drained(subject) == [b"new"]


def test_drop_takes_only_what_makes_sense_now(subject: TransmitQueue) -> None:
    subject.put(ack(b"1"))
    subject.put(display(b"shown"))
    assert [each.frame for each in subject.drop_in_order()] == [b"1"]
    assert drained(subject) == [b"shown"]
