import os
import signal
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioning.demo.terminal import Stops, Terminal

pytestmark = pytest.mark.integration


@pytest.fixture
def keyboard() -> Iterator[int]:
    near, far = os.openpty()
    yield far
    os.close(near)
    os.close(far)


def test_terminal_and_standard_error_are_put_back_after_an_exception(keyboard: int, tmp_path: Path) -> None:
    before, log = termios.tcgetattr(keyboard), tmp_path / "log"
    stderr = os.fstat(2)

    def fail() -> None:
        with Terminal.open(keyboard, log):
            assert termios.tcgetattr(keyboard)[3] & (termios.ICANON | termios.ECHO) == 0
            os.write(2, b"a warning\n")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert termios.tcgetattr(keyboard) == before
    assert (os.fstat(2).st_dev, os.fstat(2).st_ino) == (stderr.st_dev, stderr.st_ino)
    assert log.read_bytes() == b"a warning\n"


def test_terminal_is_put_back_when_the_log_cannot_be_written(keyboard: int, tmp_path: Path) -> None:
    before = termios.tcgetattr(keyboard)
    with pytest.raises(FileNotFoundError):
        Terminal.open(keyboard, tmp_path / "nowhere" / "log")
    assert termios.tcgetattr(keyboard) == before


def test_a_signal_is_a_wish_and_the_second_one_acts_as_before() -> None:
    wishes: list[str] = []
    before, term = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with Stops(lambda: wishes.append("stop")) as stops:
        os.kill(os.getpid(), signal.SIGINT)
        assert wishes == ["stop"]
        assert stops.received == signal.SIGINT
        assert signal.getsignal(signal.SIGINT) is before
    assert signal.getsignal(signal.SIGINT) is before
    assert signal.getsignal(signal.SIGTERM) is term
