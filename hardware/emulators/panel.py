"""A Modbus RTU panel with one ASCII code per register; it only speaks when asked."""

from dataclasses import dataclass
from threading import Condition, Event
from typing import Self

from hardware.emulators.line import PtyLine

_HELD = 300  # bytes kept while looking for a request; the longest legal one has 256
_READ, _WRITE_ONE, _WRITE_MANY = 0x03, 0x06, 0x10
_ILLEGAL_FUNCTION, _ILLEGAL_ADDRESS = 1, 2
_AT_COUNT = 6  # where a write-many request says how many bytes follow


def _crc(data: bytes) -> bytes:
    """Modbus CRC, computed by division on the bit-reversed message, low byte first."""
    bits = 0
    for byte in data:
        bits = (bits << 8) | int(f"{byte:08b}"[::-1], 2)
    size = 8 * len(data)
    remainder = (bits << 16) ^ (0xFFFF << size)
    for shift in range(size - 1, -1, -1):
        if remainder >> (shift + 16) & 1:
            remainder ^= 0x18005 << shift
    return int(f"{remainder:016b}"[::-1], 2).to_bytes(2, "little")


@dataclass(slots=True)
class Manners:
    """How the panel behaves; change at any time.

    Args:
        is_silent: it neither obeys nor answers, as one without power.
        exception: when set, it refuses every request with this exception code.
        answer_delay_s: seconds before each answer.
    """

    is_silent: bool = False
    exception: int | None = None
    answer_delay_s: float = 0.0


class ModbusPanelEmulator:
    """One panel; make one with ``open``.

    Args:
        line: the line it hangs on.
        unit: its Modbus address, 1 to 247.
        digits: how many of its registers are digits, from register 0.
        size: how many registers it has.

    Attributes:
        manners: how it behaves.
        requests: how many requests for it were heard, silent or not.
    """

    def __init__(self, line: PtyLine, unit: int, digits: int, size: int) -> None:
        self.unit = unit
        self.digits = digits
        self.manners = Manners()
        self.requests = 0
        self._line = line
        self._registers = [0x20] * size
        self._changed = Condition()
        self._heard = b""
        self._pause = Event()

    @classmethod
    def open(cls, line: PtyLine, *, unit: int, digits: int = 6, size: int = 8) -> Self:
        """Hang a panel on ``line``."""
        panel = cls(line, unit, digits, size)
        line.attach(panel._hear)
        return panel

    def text(self) -> str:
        """Return what the digits show; codes that are not ASCII as ``?``."""
        with self._changed:
            return self._text()

    def wait_for_text(self, text: str, timeout_s: float) -> bool:
        """Wait until the digits show ``text``, blanks included; False after ``timeout_s`` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._text() == text, timeout_s)

    def wait_for_requests(self, count: int, timeout_s: float) -> bool:
        """Wait until ``count`` requests were heard since the beginning."""
        with self._changed:
            return self._changed.wait_for(lambda: self.requests >= count, timeout_s)

    def lose_power(self) -> None:
        """Go dark: the registers are blank again."""
        with self._changed:
            self._registers = [0x20] * len(self._registers)
            self._changed.notify_all()

    def _text(self) -> str:
        shown = self._registers[: self.digits]
        return "".join(char if char.isascii() and char.isprintable() else "?" for char in map(chr, shown))

    def _hear(self, data: bytes) -> None:
        self._heard = (self._heard + data)[-_HELD:]
        at = 0
        while at < len(self._heard):
            size = self._request_size(at)
            request = self._heard[at : at + size]
            if size and len(request) == size and _crc(request[:-2]) == request[-2:]:
                self._heard, at = self._heard[at + size :], 0
                self._serve(request)
            else:
                at += 1

    def _request_size(self, at: int) -> int:
        """Return the size of a request to this unit that may begin at ``at``, 0 when none can."""
        rest = self._heard[at:]
        if len(rest) <= _AT_COUNT or rest[0] != self.unit:
            return 0
        return 9 + rest[_AT_COUNT] if rest[1] == _WRITE_MANY else 8

    def _serve(self, request: bytes) -> None:
        manners = self.manners
        with self._changed:
            self.requests += 1
            answer = b"" if manners.is_silent else self._answer(request)
            self._changed.notify_all()
        if answer:
            self._pause.wait(manners.answer_delay_s)
            self._line.send(answer + _crc(answer))

    def _answer(self, request: bytes) -> bytes:
        function, at = request[1], int.from_bytes(request[2:4], "big")
        if self.manners.exception is not None:
            return self._refusal(function, self.manners.exception)
        count = 1 if function == _WRITE_ONE else int.from_bytes(request[4:6], "big")
        if function not in (_READ, _WRITE_ONE, _WRITE_MANY):
            return self._refusal(function, _ILLEGAL_FUNCTION)
        if at + count > len(self._registers):
            return self._refusal(function, _ILLEGAL_ADDRESS)
        if function == _READ:
            words = self._registers[at : at + count]
            return bytes([self.unit, _READ, 2 * count]) + b"".join(word.to_bytes(2, "big") for word in words)
        data = request[4:6] if function == _WRITE_ONE else request[7:-2]
        for offset in range(count):
            self._registers[at + offset] = int.from_bytes(data[2 * offset : 2 * offset + 2], "big")
        return request[:6]

    def _refusal(self, function: int, code: int) -> bytes:
        return bytes([self.unit, function | 0x80, code])
