import pytest

from hardware.clock import ManualClock, SystemClock


def test_system_clock_never_goes_back() -> None:
    subject = SystemClock()
    first = subject.monotonic_ms()
    assert 0 < first <= subject.monotonic_ms()


def test_manual_clock_moves_only_when_told() -> None:
    subject = ManualClock(1_000)
    assert subject.monotonic_ms() == 1_000
    subject.advance(250)
    assert subject.monotonic_ms() == 1_250


def test_manual_clock_refuses_to_go_back() -> None:
    with pytest.raises(ValueError, match="ms is -1"):
        ManualClock().advance(-1)
