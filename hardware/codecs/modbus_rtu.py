"""Modbus RTU: reading and writing holding registers, as LED panels understand them.

Rules from "MODBUS Application Protocol Specification V1.1b3" (functions 3, 6, 16, exceptions) and "MODBUS
over Serial Line V1.02" (CRC, the silence of 3.5 characters of 11 bits, 1.75 ms above 19,200 baud).
"""

import struct
from collections import Counter
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from math import ceil

from hardware.errors import OutOfRangeError

READ, WRITE_ONE, WRITE_MANY = 0x03, 0x06, 0x10
REFUSED = 0x80  # added to the function in an exception response
MAX_UNIT = 247
MAX_READ, MAX_WRITE = 125, 123  # registers in one request
MAX_FRAME = 256  # bytes
WORD = 0xFFFF
MIN_FRAME = 4  # unit, function, CRC


class ExceptionCode(IntEnum):
    """What a device may answer instead of doing as asked."""

    ILLEGAL_FUNCTION = 1
    ILLEGAL_ADDRESS = 2
    ILLEGAL_VALUE = 3
    DEVICE_FAILURE = 4
    ACKNOWLEDGE = 5
    BUSY = 6


class DecodeError(StrEnum):
    """Why bytes were skipped; the decoder counts each kind."""

    NOISE = "noise"  # bytes that cannot begin a frame
    CHECKSUM = "checksum"
    CUT = "cut"  # a silence fell inside what looked like a frame


def crc16(data: bytes) -> int:
    """Return the Modbus CRC (polynomial A001 reflected, start FFFF); it travels low byte first."""
    crc = WORD
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return crc


def frame_gap_ms(baud: int) -> int:
    """Return the silence that must part two frames, in whole milliseconds rounded up.

    Raises:
        OutOfRangeError: ``baud`` is not positive.
    """
    _checked("Modbus gap", "baud", baud, 1, 4_000_000)
    fixed_above_baud = 19_200
    return 2 if baud > fixed_above_baud else ceil(3.5 * 11 * 1000 / baud)


def _checked(what: str, field: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise OutOfRangeError(what=what, field=field, value=value, remedy=f"use {low} to {high}")


def _sealed(body: bytes) -> bytes:
    return body + crc16(body).to_bytes(2, "little")


def _words(data: bytes) -> tuple[int, ...]:
    return struct.unpack(f">{len(data) // 2}H", data)


def _pack_words(words: tuple[int, ...]) -> bytes:
    return struct.pack(f">{len(words)}H", *words)


def _check_words(what: str, words: tuple[int, ...], limit: int) -> None:
    _checked(what, "number of registers", len(words), 1, limit)
    for word in words:
        _checked(what, "value", word, 0, WORD)


@dataclass(frozen=True, slots=True)
class ReadRegisters:
    """Request 03: read ``count`` (1 to 125) holding registers from ``address`` of ``unit`` (1 to 247).

    Raises:
        OutOfRangeError: a field is out of its range.
    """

    unit: int
    address: int
    count: int

    def __post_init__(self) -> None:
        _checked("Modbus read", "unit", self.unit, 1, MAX_UNIT)
        _checked("Modbus read", "address", self.address, 0, WORD)
        _checked("Modbus read", "count", self.count, 1, MAX_READ)

    def to_bytes(self) -> bytes:
        return _sealed(struct.pack(">BBHH", self.unit, READ, self.address, self.count))


@dataclass(frozen=True, slots=True)
class WriteRegister:
    """Request 06: write one register (0 to 65535); the response is the same bytes.

    Raises:
        OutOfRangeError: a field is out of its range.
    """

    unit: int
    address: int
    value: int

    def __post_init__(self) -> None:
        _checked("Modbus write", "unit", self.unit, 1, MAX_UNIT)
        _checked("Modbus write", "address", self.address, 0, WORD)
        _checked("Modbus write", "value", self.value, 0, WORD)

    def to_bytes(self) -> bytes:
        return _sealed(struct.pack(">BBHH", self.unit, WRITE_ONE, self.address, self.value))


@dataclass(frozen=True, slots=True)
class WriteRegisters:
    """Request 16: write 1 to 123 registers from ``address``.

    Raises:
        OutOfRangeError: a field is out of its range.
    """

    unit: int
    address: int
    values: tuple[int, ...]

    def __post_init__(self) -> None:
        _checked("Modbus write", "unit", self.unit, 1, MAX_UNIT)
        _checked("Modbus write", "address", self.address, 0, WORD)
        _check_words("Modbus write", self.values, MAX_WRITE)

    def to_bytes(self) -> bytes:
        count = len(self.values)
        head = struct.pack(">BBHHB", self.unit, WRITE_MANY, self.address, count, 2 * count)
        return _sealed(head + _pack_words(self.values))


@dataclass(frozen=True, slots=True)
class RegistersRead:
    """Response to 03: the values, in the order of their addresses.

    Raises:
        OutOfRangeError: a field is out of its range.
    """

    unit: int
    values: tuple[int, ...]

    def __post_init__(self) -> None:
        _checked("Modbus read response", "unit", self.unit, 1, MAX_UNIT)
        _check_words("Modbus read response", self.values, MAX_READ)

    def to_bytes(self) -> bytes:
        return _sealed(bytes((self.unit, READ, 2 * len(self.values))) + _pack_words(self.values))


@dataclass(frozen=True, slots=True)
class RegistersWritten:
    """Response to 16: where and how many.

    Raises:
        OutOfRangeError: a field is out of its range.
    """

    unit: int
    address: int
    count: int

    def __post_init__(self) -> None:
        _checked("Modbus write response", "unit", self.unit, 1, MAX_UNIT)
        _checked("Modbus write response", "address", self.address, 0, WORD)
        _checked("Modbus write response", "count", self.count, 1, MAX_WRITE)

    def to_bytes(self) -> bytes:
        return _sealed(struct.pack(">BBHH", self.unit, WRITE_MANY, self.address, self.count))


@dataclass(frozen=True, slots=True)
class Refused:
    """Exception response: ``code`` (see ``ExceptionCode``) to the request with ``function``.

    Raises:
        OutOfRangeError: a field is out of its range.
    """

    unit: int
    function: int
    code: int

    def __post_init__(self) -> None:
        _checked("Modbus exception", "unit", self.unit, 1, MAX_UNIT)
        _checked("Modbus exception", "function", self.function, 1, REFUSED - 1)
        _checked("Modbus exception", "code", self.code, 0, 255)

    def to_bytes(self) -> bytes:
        return _sealed(bytes((self.unit, self.function | REFUSED, self.code)))

    @property
    def meaning(self) -> str:
        """The code's name in lower case, or ``unknown``."""
        known = {code.value: code.name.lower().replace("_", " ") for code in ExceptionCode}
        return known.get(self.code, "unknown")


Request = ReadRegisters | WriteRegister | WriteRegisters
Response = RegistersRead | WriteRegister | RegistersWritten | Refused


def is_answer(request: Request, response: Request | Response) -> bool:
    """Tell whether ``response`` answers ``request``: same unit, same function, same registers."""
    if response.unit != request.unit:
        return False
    match request, response:
        case ReadRegisters(), RegistersRead():
            return len(response.values) == request.count
        case WriteRegister(), WriteRegister():
            return response == request
        case WriteRegisters(), RegistersWritten():
            return (response.address, response.count) == (request.address, len(request.values))
        case _, Refused():
            return response.function == request.to_bytes()[1]
        case _:
            return False


class Side(StrEnum):
    """Which half of the conversation a decoder hears."""

    REQUESTS = "requests"
    RESPONSES = "responses"


# Sizes in bytes of the frames that begin with a function; of the counted ones, where the byte count stands
# and how many bytes there are besides those it counts.
_FIXED = {
    (Side.REQUESTS, READ): 8,
    (Side.REQUESTS, WRITE_ONE): 8,
    (Side.RESPONSES, WRITE_ONE): 8,
    (Side.RESPONSES, WRITE_MANY): 8,
    (Side.RESPONSES, READ | REFUSED): 5,
    (Side.RESPONSES, WRITE_ONE | REFUSED): 5,
    (Side.RESPONSES, WRITE_MANY | REFUSED): 5,
}
_COUNTED = {(Side.REQUESTS, WRITE_MANY): (6, 9), (Side.RESPONSES, READ): (2, 5)}


class Decoder:
    """Turns bytes, in any portions, into frames; whatever comes in, it never raises.

    RTU frames have no start mark: lengths follow from the function code, and what has no valid CRC is skipped
    byte by byte. Noise can look like the head of a long frame; ``silence`` releases what hides behind it.

    Args:
        side: requests (heard by a device) or responses (heard by the host).

    Attributes:
        errors: how often each kind of damage was met; NOISE counts bytes.
    """

    def __init__(self, side: Side) -> None:
        self.errors: Counter[DecodeError] = Counter()
        self._side = side
        self._buffer = bytearray()

    @property
    def pending(self) -> int:
        """Bytes held back because they may be the beginning of a frame; always less than one frame."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[Request | Response]:
        """Take received bytes and return the frames they complete, oldest first."""
        self._buffer += data
        return self._scan(line_is_silent=False)

    def silence(self) -> list[Request | Response]:
        """Take note that the line was silent for 3.5 characters: nothing held back will be completed."""
        return self._scan(line_is_silent=True)

    def _scan(self, *, line_is_silent: bool) -> list[Request | Response]:
        frames: list[Request | Response] = []
        while self._buffer:
            size = self._size()
            if size is None or size > MAX_FRAME:
                self._skip(DecodeError.NOISE)
            elif len(self._buffer) < size:
                if not line_is_silent:
                    break
                self._skip(DecodeError.CUT)
            else:
                candidate = bytes(self._buffer[:size])
                frame = self._parsed(candidate) if crc16(candidate[:-2]) == _low_first(candidate) else None
                if frame is None:
                    self._skip(DecodeError.CHECKSUM)
                else:
                    del self._buffer[:size]
                    frames.append(frame)
        return frames

    def _skip(self, damage: DecodeError) -> None:
        self.errors[damage] += 1
        del self._buffer[:1]

    def _size(self) -> int | None:
        """Return the size in bytes of the frame that may begin here, None when none can.

        While too little has come to know, the answer is one byte more than there is.
        """
        held = self._buffer
        if not 1 <= held[0] <= MAX_UNIT:
            return None
        if len(held) == 1:
            return MIN_FRAME
        kind = (self._side, held[1])
        if kind not in _COUNTED:
            return _FIXED.get(kind)
        at, besides = _COUNTED[kind]
        return besides + held[at] if len(held) > at else len(held) + 1

    def _parsed(self, frame: bytes) -> Request | Response | None:
        parse = _request if self._side is Side.REQUESTS else _response
        try:
            return parse(frame[0], frame[1], frame[2:-2])
        except (OutOfRangeError, struct.error):
            # A sound checksum over counts that no sender may use (an odd byte count, 0 registers).
            return None


def _request(unit: int, function: int, body: bytes) -> Request | None:
    first, second = _words(body[:4])
    if function == WRITE_ONE:
        return WriteRegister(unit, first, second)
    if function == READ:
        return ReadRegisters(unit, first, second)
    values = _words(body[5:])
    return WriteRegisters(unit, first, values) if len(values) == second else None


def _response(unit: int, function: int, body: bytes) -> Response | None:
    if function & REFUSED:
        return Refused(unit, function ^ REFUSED, body[0])
    if function == READ:
        return RegistersRead(unit, _words(body[1:]))
    first, second = _words(body[:4])
    return (
        WriteRegister(unit, first, second) if function == WRITE_ONE else RegistersWritten(unit, first, second)
    )


def _low_first(frame: bytes) -> int:
    return int.from_bytes(frame[-2:], "little")
