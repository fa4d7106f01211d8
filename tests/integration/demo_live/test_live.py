"""The live view on a real terminal and without one, in a process of its own."""

import contextlib
import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

DRIVER = Path(__file__).with_name("drive.py")
PATIENCE_S = 60.0
ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07]*\x07|.)")


class Screen:
    """The other end of the demo's terminal: types, and reads what is shown."""

    def __init__(self, folder: Path, *more: str) -> None:
        self._near, self.far = os.openpty()
        fcntl.ioctl(self.far, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.before = termios.tcgetattr(self.far)
        self.raw = ""
        self._changed = threading.Condition()
        environment = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        for name in ("COLUMNS", "LINES", "NO_COLOR"):
            environment.pop(name, None)
        self.process = subprocess.Popen(
            [sys.executable, DRIVER, folder, *more],
            stdin=self.far,
            stdout=self.far,
            stderr=self.far,
            env=environment,
            start_new_session=True,
        )
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def press(self, keys: str) -> None:
        os.write(self._near, keys.encode())

    def wait_for(self, pattern: str, since: int = 0) -> int:
        """Wait until what was shown after ``since`` has the pattern; return how much was shown then."""
        with self._changed:
            found = self._changed.wait_for(lambda: re.search(pattern, self.text(since)), PATIENCE_S)
            assert found, f"{pattern!r} was not shown:\n{self.text(since)[-4000:]}"
            return len(self.raw)

    def text(self, since: int = 0) -> str:
        return ESCAPES.sub("", self.raw[since:])

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE_S)
        self._closing.set()
        self._thread.join(PATIENCE_S)
        os.close(self._near)
        os.close(self.far)

    def _read(self) -> None:
        while not self._closing.is_set():
            ready, _, _ = select.select([self._near], [], [], 0.1)
            if ready:
                with contextlib.suppress(OSError), self._changed:
                    self.raw += os.read(self._near, 65536).decode(errors="replace")
                    self._changed.notify_all()


@pytest.fixture
def open_screen(tmp_path: Path) -> Iterator[Callable[..., Screen]]:
    opened: list[Screen] = []

    def start(*more: str) -> Screen:
        opened.append(Screen(tmp_path / "office", *more))
        return opened[-1]

    yield start
    for screen in opened:
        screen.close()


def test_presses_are_counted_receipted_and_the_terminal_is_put_back(
    open_screen: Callable[..., Screen],
) -> None:
    screen = open_screen()
    screen.wait_for("lấy số")
    screen.press("1")
    screen.wait_for("A001 lấy số")
    screen.press("c")
    called = screen.wait_for("A001 được gọi đến Quầy 1")
    screen.wait_for(r"Phím +0│001")
    screen.press("e")
    screen.wait_for(r"Quầy 1: Rất hài lòng", called)
    screen.wait_for(r"Quầy 1 +0 +0 +1", called)
    screen.wait_for(r"Tỉnh đã nhận #[1-9]", called)
    attributes = termios.tcgetattr(screen.far)
    assert attributes[3] & termios.ICANON == 0
    started_s = time.monotonic()
    screen.press("x")
    assert screen.process.wait(30.0) == 0
    assert time.monotonic() - started_s < 30.0
    screen.wait_for("closed in order")
    assert termios.tcgetattr(screen.far) == screen.before
    assert screen.raw.rstrip().endswith("closed in order")
    left = screen.raw.rindex("\x1b[?1049l")
    assert "\x1b[?25h" in screen.raw[screen.raw.rindex("\x1b[?25l") :]
    assert screen.raw.index("\x1b[?1049h") < left < screen.raw.rindex("closed in order")


def test_cables_can_be_pulled_and_plugged_in(open_screen: Callable[..., Screen]) -> None:
    screen = open_screen()
    screen.wait_for(r"Tỉnh đã nhận #[1-9]")
    screen.press("u")
    pulled = screen.wait_for("RÚT DÂY")
    screen.wait_for("bảng LED không trả lời", pulled)
    screen.press("u")
    plugged = screen.wait_for("LED cắm", pulled)
    screen.wait_for("Hết lỗi: bảng LED không trả lời", plugged)
    screen.press("k")
    cut = screen.wait_for("mất đường lên tỉnh", plugged)
    screen.press("2")
    screen.wait_for(r"còn +[1-9]", cut)
    screen.press("k")
    back = screen.wait_for("● nối tỉnh", cut)
    screen.wait_for(r"còn +0", back)
    screen.process.send_signal(signal.SIGINT)
    assert screen.process.wait(30.0) == 0
    assert termios.tcgetattr(screen.far) == screen.before


def test_addresses_and_passwords_are_on_the_screen(open_screen: Callable[..., Screen]) -> None:
    screen = open_screen("--pages")
    address = r"cán bộ http://127\.0\.0\.1:\d+ "
    since = screen.wait_for(address)
    screen.press("t")
    screen.wait_for(r"technician +tuan +\w{4}-\w{4}-\w{4}", since)
    screen.wait_for(r"setup code +\w{4}-\w{4}-\w{4}", since)
    shown = len(screen.raw)
    screen.press("t")
    screen.wait_for("sẵn sàng|đóng", shown)
    screen.press("x")
    assert screen.process.wait(30.0) == 0
    screen.wait_for("closed in order")


def test_script_goes_by_itself_and_sigterm_puts_the_terminal_back(open_screen: Callable[..., Screen]) -> None:
    screen = open_screen("--script")
    screen.wait_for("được gọi đến")
    screen.press("p")
    screen.wait_for("TẠM DỪNG")
    screen.press("?")
    screen.wait_for("Trợ giúp")
    screen.process.send_signal(signal.SIGTERM)
    assert screen.process.wait(30.0) == 128 + signal.SIGTERM
    assert termios.tcgetattr(screen.far) == screen.before
    assert "\x1b[?1049l" in screen.raw


def test_without_a_terminal_it_prints_lines_and_ends(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, DRIVER, tmp_path / "office", "--script", "--seconds", "15"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        timeout=PATIENCE_S,
        check=True,
    )
    text = done.stdout.decode()
    assert "\x1b" not in text
    assert re.search(r"^\d\d:\d\d:\d\d [A-E]001 lấy số: .* \(took a number\)$", text, re.MULTILINE)
    assert re.search(
        r"^\d\d:\d\d:\d\d Biên nhận của tỉnh đến #\d+ \(\+\d+\) \(receipt\)$", text, re.MULTILINE
    )
    assert text.endswith("closed in order\n")
    assert "http://" not in text
    assert done.stderr == b""


def test_without_a_terminal_the_addresses_come_first(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, DRIVER, tmp_path / "office", "--pages", "--seconds", "2"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        timeout=PATIENCE_S,
        check=True,
    )
    lines = done.stdout.decode().splitlines()
    assert "plain lines" in lines[0]
    assert lines[1].startswith("cán bộ · staff: http://127.0.0.1:")
    assert any(re.fullmatch(r"lãnh đạo · supervisor: minh / (\w{4}-){2}\w{4}", line) for line in lines[:8])
    assert lines[-1] == "closed in order"
    assert done.stderr == b""


def test_without_a_reader_it_ends_quietly(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, DRIVER, tmp_path / "office", "--script"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert "plain lines" in process.stdout.readline().decode()
        process.stdout.close()
        assert process.wait(PATIENCE_S) == 0
        assert process.stderr.read() == b""
