"""An FF68 call keypad and evaluator, byte by byte as the device behaves.

Key frames go out with FUNC 10: which FUNC real keypads use is not documented, only that it is not 11
(ratings). A press that nobody acknowledges is sent again, identical, every 300 ms when ``resends`` allows
it.
"""

from dataclasses import dataclass
from threading import Condition, Event, Thread, current_thread
from types import TracebackType
from typing import Self

from hardware.emulators.line import PtyLine

_RESEND_S = 0.3
_JOIN_TIMEOUT_S = 5.0
_HELD = 64  # bytes kept while looking for a frame of the host; the longest has 15
_SHOWN_DIGITS, _BLANK = 6, 0x0A


@dataclass(slots=True)
class _Unacknowledged:
    frame: bytes
    ack: bytes
    resends_left: int


class Ff68KeypadEmulator:
    """One keypad with its evaluator; make one with ``open``.

    Args:
        line: the line it hangs on.
        addr: its address, 0 to 255.
        resends: how often an unacknowledged press is sent again.

    Attributes:
        acks: every acknowledgement heard for this address, in order, as raw frames.
        waiting: the left three digits shown, blanks as spaces.
        ticket: the right three digits shown, blanks as spaces.
        beeps: how often it was told to beep.
        is_rating_open: whether it was asked to collect a rating.
    """

    def __init__(self, line: PtyLine, addr: int, resends: int) -> None:
        self.addr = addr
        self.acks: list[bytes] = []
        self.waiting = "   "
        self.ticket = "   "
        self.beeps = 0
        self.is_rating_open = False
        self._line = line
        self._resends = resends
        self._changed = Condition()
        self._heard = b""
        self._open_presses: list[_Unacknowledged] = []
        self._closing = Event()
        self._thread = Thread(target=self._resend, name=f"keypad emulator {addr}", daemon=True)

    @classmethod
    def open(cls, line: PtyLine, *, addr: int, resends: int = 0) -> Self:
        """Hang a keypad on ``line``."""
        keypad = cls(line, addr, resends)
        line.attach(keypad._hear)
        keypad._thread.start()
        return keypad

    def press_key(self, code: int, *, digit: int | None = None) -> None:
        """Press a key such as 0x0C (call); ``digit`` is typed before it."""
        typed = b"" if digit is None else bytes((digit,))
        frame = self._frame(0x10, typed + bytes((code,)))
        self._press(frame, ack=frame)

    def rate(self, value: int) -> None:
        """Press an evaluator key, 0 (not satisfied) to 3 (very satisfied)."""
        self._press(self._frame(0x11, bytes((value,))), ack=self._frame(0x01, bytes((value,))))

    def wait_for_ack(self, timeout_s: float) -> bool:
        """Wait until every press was acknowledged; return whether that came within ``timeout_s`` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._open_presses, timeout_s)

    def wait_for_acks(self, count: int, timeout_s: float) -> bool:
        """Wait for ``count`` acknowledgements since the beginning, repeated ones included."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self.acks) >= count, timeout_s)

    def wait_for_shown(self, waiting: str, ticket: str, timeout_s: float) -> bool:
        """Wait until the display shows the two groups of three digits."""
        with self._changed:
            return self._changed.wait_for(lambda: (self.waiting, self.ticket) == (waiting, ticket), timeout_s)

    def wait_for_beeps(self, count: int, timeout_s: float) -> bool:
        """Wait until it beeped ``count`` times since the beginning."""
        with self._changed:
            return self._changed.wait_for(lambda: self.beeps >= count, timeout_s)

    def lose_power(self) -> None:
        """Forget what is shown and pressed, as the real one does when its plug is pulled."""
        with self._changed:
            self.waiting = self.ticket = "   "
            self._open_presses.clear()
            self._changed.notify_all()

    def close(self) -> None:
        """Stop sending again."""
        self._closing.set()
        if self._thread.is_alive() and self._thread is not current_thread():
            self._thread.join(_JOIN_TIMEOUT_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _frame(self, func: int, data: bytes) -> bytes:
        size = 2 + len(data)
        check = (self.addr + func + sum(data)) & 0xFF
        return (
            b"\xff\x68"
            + bytes([size, size])
            + b"\x68"
            + bytes([self.addr, func])
            + data
            + bytes([check, 0x16])
        )

    def _press(self, frame: bytes, ack: bytes) -> None:
        with self._changed:
            self._open_presses.append(_Unacknowledged(frame, ack, self._resends))
        self._line.send(frame)

    def _resend(self) -> None:
        while not self._closing.wait(_RESEND_S):
            with self._changed:
                again = [press for press in self._open_presses if press.resends_left]
                for press in again:
                    press.resends_left -= 1
            for press in again:
                self._line.send(press.frame)

    def _hear(self, data: bytes) -> None:
        with self._changed:
            self._heard += data
            while (frame := self._next_frame()) is not None:
                if frame[5] == self.addr:
                    self._obey(frame)
            self._heard = self._heard[-_HELD:]
            self._changed.notify_all()

    def _next_frame(self) -> bytes | None:
        """Cut the first sound frame out of what was heard, with the bytes before it."""
        heard = self._heard
        start = heard.find(b"\xff\x68")
        while 0 <= start < len(heard) - 2:
            size = heard[start + 2]
            end = start + 7 + size
            frame = heard[start:end]
            is_whole = (
                len(frame) == 7 + size and frame[2:5] == bytes([size, size, 0x68]) and frame[-1:] == b"\x16"
            )
            if is_whole and frame[-2] == sum(frame[5:-2]) & 0xFF and frame[6:-2]:
                self._heard = heard[end:]
                return frame
            start = heard.find(b"\xff\x68", start + 1)
        return None

    def _obey(self, frame: bytes) -> None:
        match frame[6], frame[7:-2]:
            case 0x02, digits if len(digits) == _SHOWN_DIGITS:
                shown = "".join(" " if digit == _BLANK else str(digit) for digit in digits)
                self.waiting, self.ticket = shown[:3], shown[3:]
            case 0x03, b"":
                self.beeps += 1
            case 0x01, b"\x0b":
                self.is_rating_open = True
            case _:
                self.acks.append(frame)
                for press in self._open_presses:
                    if press.ack == frame:
                        self._open_presses.remove(press)
                        break
