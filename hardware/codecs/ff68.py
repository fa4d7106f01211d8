"""The FF68 call keypad and four-key evaluator, RS-232 or RS-485, 9600 baud 8N1.

A frame is ``FF 68 | L | L | 68 | ADDR | FUNC | DATA (L-2 bytes) | CS | 16`` with
``CS = (ADDR + FUNC + sum of DATA) mod 256``. From a device, L is 3 to 5; the host may send longer ones
(show-number has L = 8) and, for the beep, L = 2.

The protocol has no data sheet: the rules were read from the source of a counter system that drives these
devices (chen365409389/QueueSystem). It states FUNC 11 for ratings but not which FUNC a key frame carries, so
this codec takes *every* frame from a device whose FUNC is not 11 for a key frame, and the acknowledgement
echoes the FUNC that came. ``KEY_FUNC`` is the value our emulator uses; do not rely on it for a real keypad.
"""

from collections import Counter
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Self, assert_never

from hardware.errors import OutOfRangeError

START = b"\xff\x68"
MARK = 0x68
END = 0x16
OVERHEAD = 7  # FF 68 L L 68 ... CS 16
AT_LENGTH, AT_LENGTH_AGAIN, AT_MARK, AT_BODY = 2, 3, 4, 5

FUNC_RATING_CONTROL = 0x01  # to the device: start rating, or acknowledge one
FUNC_SHOW = 0x02
FUNC_BEEP = 0x03
FUNC_RATING = 0x11
KEY_FUNC = 0x10  # see the module docstring: ours, not the manufacturer's

START_RATING = 0x0B
BLANK = 0x0A
DIGITS = 3  # the keypad's display: three digits waiting, three digits ticket
MAX_NUMBER = 10**DIGITS - 1
MAX_RATING = 3
MIN_DEVICE_LENGTH, MAX_DEVICE_LENGTH = 3, 5
MIN_HOST_LENGTH, MAX_HOST_LENGTH = 2, 16


class Key(IntEnum):
    """What the last data byte of a key frame means; 0E and 11 exist on some keypads and are unused."""

    CALL = 0x0C
    RECALL = 0x0D
    CANCEL = 0x0E
    ASK_RATING = 0x0B
    OK = 0x0F
    ONE_METER_LINE = 0x11
    PAUSE = 0x12
    TRANSFER = 0x13


class OkDigit(IntEnum):
    """The digit typed before OK."""

    HANG = 0x00
    CALL_BACK = 0x03
    GIVE_UP = 0x06


class RatingValue(IntEnum):
    """The evaluator's four keys, from the worst to the best; NEUTRAL is the original host's default."""

    NOT_SATISFIED = 0
    NEUTRAL = 1
    SATISFIED = 2
    VERY_SATISFIED = 3


class DecodeError(StrEnum):
    """Why bytes were skipped; the decoder counts each kind."""

    NOISE = "noise"  # bytes before a start
    LENGTH = "length"  # the two lengths differ or are out of range
    MARK = "mark"  # no 68 after the lengths
    END = "end"  # no 16 where the frame ends
    CHECKSUM = "checksum"
    CONTENT = "content"  # a sound frame whose data means nothing


def _checked(what: str, field: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise OutOfRangeError(what=what, field=field, value=value, remedy=f"use {low} to {high}")


def _framed(addr: int, func: int, data: bytes) -> bytes:
    body = bytes((addr, func)) + data
    length = len(body)
    return START + bytes((length, length, MARK)) + body + bytes((sum(body) % 256, END))


def _digits(number: int | None, fill: int) -> bytes:
    if number is None:
        return bytes((BLANK,)) * DIGITS
    digits = bytes(int(char) for char in str(number))
    return digits.rjust(DIGITS, bytes((fill,)))


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """A key of a call keypad.

    Args:
        addr: the keypad's address, 0 to 255.
        key: the last data byte; see ``Key``. Unknown codes are kept as they are.
        typed: the data bytes before the key, zero to two (the digits typed before OK).
        func: the FUNC byte as it came, anything but 0x11; the acknowledgement repeats it.

    Raises:
        OutOfRangeError: a field is out of its range.
    """

    addr: int
    key: int
    typed: bytes = b""
    func: int = KEY_FUNC

    def __post_init__(self) -> None:
        _checked("FF68 key", "addr", self.addr, 0, 255)
        _checked("FF68 key", "key", self.key, 0, 255)
        _checked("FF68 key", "func", self.func, 0, 255)
        _checked("FF68 key", "length of typed", len(self.typed), 0, MAX_DEVICE_LENGTH - MIN_DEVICE_LENGTH)
        if self.func == FUNC_RATING:
            raise OutOfRangeError(what="FF68 key", field="func", value=self.func, remedy="0x11 is a rating")

    @property
    def digit(self) -> int | None:
        """The digit typed just before OK (see ``OkDigit``); None for any other key."""
        return self.typed[-1] if self.key == Key.OK and self.typed else None

    def to_bytes(self) -> bytes:
        return _framed(self.addr, self.func, self.typed + bytes((self.key,)))


@dataclass(frozen=True, slots=True)
class Rated:
    """A key of an evaluator: ``value`` is 0 (worst) to 3 (best), see ``RatingValue``.

    Raises:
        OutOfRangeError: a field is out of its range.
    """

    addr: int
    value: int

    def __post_init__(self) -> None:
        _checked("FF68 rating", "addr", self.addr, 0, 255)
        _checked("FF68 rating", "value", self.value, 0, MAX_RATING)

    def to_bytes(self) -> bytes:
        return _framed(self.addr, FUNC_RATING, bytes((self.value,)))


@dataclass(frozen=True, slots=True)
class KeyAck:
    """The acknowledgement of a key frame: its echo, byte for byte."""

    pressed: KeyPressed

    def to_bytes(self) -> bytes:
        return self.pressed.to_bytes()


@dataclass(frozen=True, slots=True)
class RatingAck:
    """The acknowledgement of a rating: the same value under FUNC 01, so that CS is 0x10 less.

    Raises:
        OutOfRangeError: a field is out of its range.
    """

    addr: int
    value: int

    def __post_init__(self) -> None:
        _checked("FF68 rating acknowledgement", "addr", self.addr, 0, 255)
        _checked("FF68 rating acknowledgement", "value", self.value, 0, MAX_RATING)

    @classmethod
    def of(cls, rated: Rated) -> Self:
        return cls(rated.addr, rated.value)

    def to_bytes(self) -> bytes:
        return _framed(self.addr, FUNC_RATING_CONTROL, bytes((self.value,)))


@dataclass(frozen=True, slots=True)
class StartRating:
    """Asks an evaluator to light up and wait for a key.

    Raises:
        OutOfRangeError: ``addr`` is out of its range.
    """

    addr: int

    def __post_init__(self) -> None:
        _checked("FF68 start rating", "addr", self.addr, 0, 255)

    def to_bytes(self) -> bytes:
        return _framed(self.addr, FUNC_RATING_CONTROL, bytes((START_RATING,)))


@dataclass(frozen=True, slots=True)
class ShowNumber:
    """Puts two numbers on a keypad's display; None leaves three blanks.

    Args:
        addr: the keypad's address, 0 to 255.
        waiting: left three digits, 0 to 999, padded with blanks.
        ticket: right three digits, 0 to 999, padded with zeros as tickets are printed.

    Raises:
        OutOfRangeError: a field is out of its range.
    """

    addr: int
    waiting: int | None
    ticket: int | None

    def __post_init__(self) -> None:
        _checked("FF68 show", "addr", self.addr, 0, 255)
        for field, number in (("waiting", self.waiting), ("ticket", self.ticket)):
            if number is not None:
                _checked("FF68 show", field, number, 0, MAX_NUMBER)

    def to_bytes(self) -> bytes:
        return _framed(self.addr, FUNC_SHOW, _digits(self.waiting, BLANK) + _digits(self.ticket, 0))


@dataclass(frozen=True, slots=True)
class Beep:
    """One beep of a keypad.

    Raises:
        OutOfRangeError: ``addr`` is out of its range.
    """

    addr: int

    def __post_init__(self) -> None:
        _checked("FF68 beep", "addr", self.addr, 0, 255)

    def to_bytes(self) -> bytes:
        return _framed(self.addr, FUNC_BEEP, b"")


FromDevice = KeyPressed | Rated
FromHost = KeyAck | RatingAck | StartRating | ShowNumber | Beep


class Sender(StrEnum):
    """Whose frames a decoder reads; it decides which lengths are refused."""

    DEVICE = "device"
    HOST = "host"


class Decoder:
    """Turns bytes, in any portions, into frames; whatever comes in, it never raises.

    A wrong frame is skipped byte by byte, so that a sound one hidden behind noise is still found.

    Args:
        sender: whose frames these are.

    Attributes:
        errors: how often each kind of damage was met; NOISE counts bytes.
    """

    def __init__(self, sender: Sender = Sender.DEVICE) -> None:
        self.errors: Counter[DecodeError] = Counter()
        self._sender = sender
        self._buffer = bytearray()
        is_device = sender is Sender.DEVICE
        self._min = MIN_DEVICE_LENGTH if is_device else MIN_HOST_LENGTH
        self._max = MAX_DEVICE_LENGTH if is_device else MAX_HOST_LENGTH

    @property
    def pending(self) -> int:
        """Bytes held back because they may be the beginning of a frame; always less than one frame."""
        return len(self._buffer)

    def reset(self) -> None:
        """Forget a partial frame, as after a line was unplugged; the counters stay."""
        self._buffer.clear()

    def feed(self, data: bytes) -> list[FromDevice | FromHost]:
        """Take received bytes and return the frames they complete, oldest first."""
        self._buffer += data
        frames: list[FromDevice | FromHost] = []
        while True:
            self._skip_to_start()
            size = self._frame_size()
            if isinstance(size, DecodeError):
                self._skip(size)
                continue
            if size is None or len(self._buffer) < size:
                return frames
            damage = self._damage(size)
            if damage is not None:
                self._skip(damage)
                continue
            body = bytes(self._buffer[AT_BODY : size - 2])
            del self._buffer[:size]
            frame = self._parsed(addr=body[0], func=body[1], data=body[2:])
            if frame is None:
                self.errors[DecodeError.CONTENT] += 1
            else:
                frames.append(frame)

    def _skip_to_start(self) -> None:
        at = self._buffer.find(START)
        if at < 0:
            at = len(self._buffer) - (1 if self._buffer.endswith(START[:1]) else 0)
        if at:
            self.errors[DecodeError.NOISE] += at
            del self._buffer[:at]

    def _skip(self, damage: DecodeError) -> None:
        self.errors[damage] += 1
        del self._buffer[:1]

    def _frame_size(self) -> int | DecodeError | None:
        """Return the size in bytes of the frame that begins here, None when too little has come."""
        held = self._buffer
        if len(held) <= AT_LENGTH:
            return None
        length = held[AT_LENGTH]
        if not self._min <= length <= self._max:
            return DecodeError.LENGTH
        if len(held) > AT_LENGTH_AGAIN and held[AT_LENGTH_AGAIN] != length:
            return DecodeError.LENGTH
        if len(held) > AT_MARK and held[AT_MARK] != MARK:
            return DecodeError.MARK
        return OVERHEAD + length

    def _damage(self, size: int) -> DecodeError | None:
        if self._buffer[size - 1] != END:
            return DecodeError.END
        if sum(self._buffer[AT_BODY : size - 2]) % 256 != self._buffer[size - 2]:
            return DecodeError.CHECKSUM
        return None

    def _parsed(self, addr: int, func: int, data: bytes) -> FromDevice | FromHost | None:
        match self._sender:
            case Sender.DEVICE:
                return _from_device(addr, func, data)
            case Sender.HOST:
                return _from_host(addr, func, data)
            case _:
                assert_never(self._sender)


def _from_device(addr: int, func: int, data: bytes) -> FromDevice | None:
    if func != FUNC_RATING:
        return KeyPressed(addr, data[-1], data[:-1], func)
    if len(data) == 1 and data[0] <= MAX_RATING:
        return Rated(addr, data[0])
    return None


def _from_host(addr: int, func: int, data: bytes) -> FromHost | None:
    """Read a host's frame; a key echo is told from the rest only by its FUNC, as a device must."""
    match func, data:
        case 0x02, bytes() if len(data) == 2 * DIGITS:
            return _shown(addr, data)
        case 0x03, b"":
            return Beep(addr)
        case 0x01, bytes() if len(data) == 1:
            return _rating_control(addr, data[0])
        case ((0x01 | 0x02 | 0x03 | 0x11), _):
            return None
        case _ if 1 <= len(data) <= MAX_DEVICE_LENGTH - 2:
            return KeyAck(KeyPressed(addr, data[-1], data[:-1], func))
        case _:
            return None


def _rating_control(addr: int, value: int) -> StartRating | RatingAck | None:
    if value == START_RATING:
        return StartRating(addr)
    return RatingAck(addr, value) if value <= MAX_RATING else None


def _shown(addr: int, data: bytes) -> ShowNumber | None:
    numbers: list[int | None] = []
    for part in (data[:DIGITS], data[DIGITS:]):
        text = part.lstrip(bytes((BLANK,)))
        if any(digit >= BLANK for digit in text):
            return None
        numbers.append(int("".join(str(digit) for digit in text)) if text else None)
    return ShowNumber(addr, numbers[0], numbers[1])
