"""Golden bytes from the Modbus application protocol specification, with the well-known checksums."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.codecs.modbus_rtu import (
    DecodeError,
    Decoder,
    ReadRegisters,
    Refused,
    RegistersRead,
    RegistersWritten,
    Request,
    Response,
    Side,
    WriteRegister,
    WriteRegisters,
    crc16,
    frame_gap_ms,
    is_answer,
)
from hardware.errors import OutOfRangeError

WORDS = st.integers(0, 0xFFFF)
UNITS = st.integers(1, 247)
REQUESTS = st.one_of(
    st.builds(ReadRegisters, UNITS, WORDS, st.integers(1, 125)),
    st.builds(WriteRegister, UNITS, WORDS, WORDS),
    st.builds(WriteRegisters, UNITS, WORDS, st.lists(WORDS, min_size=1, max_size=123).map(tuple)),
)
RESPONSES = st.one_of(
    st.builds(RegistersRead, UNITS, st.lists(WORDS, min_size=1, max_size=125).map(tuple)),
    st.builds(WriteRegister, UNITS, WORDS, WORDS),
    st.builds(RegistersWritten, UNITS, WORDS, st.integers(1, 123)),
    st.builds(Refused, UNITS, st.sampled_from([3, 6, 16]), st.integers(0, 255)),
)
GOLDEN: Sequence[tuple[Request | Response, str]] = [
    (ReadRegisters(1, 0, 10), "01 03 00 00 00 0A C5 CD"),
    (ReadRegisters(17, 107, 3), "11 03 00 6B 00 03 76 87"),
    (WriteRegister(17, 1, 3), "11 06 00 01 00 03 9A 9B"),
    (WriteRegisters(17, 1, (0x000A, 0x0102)), "11 10 00 01 00 02 04 00 0A 01 02 C6 F0"),
    (RegistersWritten(17, 1, 2), "11 10 00 01 00 02 12 98"),
    (RegistersRead(17, (0xAE41, 0x5652, 0x4340)), "11 03 06 AE 41 56 52 43 40 49 AD"),
    (Refused(1, 3, 2), "01 83 02 C0 F1"),
]


@pytest.mark.parametrize(("frame", "golden"), GOLDEN, ids=lambda value: str(value)[:40])
def test_frame_has_the_golden_bytes(frame: Request | Response, golden: str) -> None:
    assert frame.to_bytes() == bytes.fromhex(golden)


def test_crc_of_the_check_string_is_4b37() -> None:
    assert crc16(b"123456789") == 0x4B37


@pytest.mark.parametrize(("baud", "gap_ms"), [(1200, 33), (9600, 5), (19_200, 3), (19_201, 2), (115_200, 2)])
def test_gap_is_three_and_a_half_characters_rounded_up(baud: int, gap_ms: int) -> None:
    assert frame_gap_ms(baud) == gap_ms


@given(st.lists(REQUESTS, max_size=4))
def test_requests_survive_the_wire_byte_by_byte(frames: list[Request]) -> None:
    decoder = Decoder(Side.REQUESTS)
    wire = b"".join(frame.to_bytes() for frame in frames)
    assert [frame for byte in wire for frame in decoder.feed(bytes((byte,)))] == frames


@given(st.lists(RESPONSES, max_size=4))
def test_responses_survive_the_wire_in_one_piece(frames: list[Response]) -> None:
    assert Decoder(Side.RESPONSES).feed(b"".join(frame.to_bytes() for frame in frames)) == frames


@given(RESPONSES, st.integers(0, 300), st.integers(0, 7))
def test_flipped_bit_never_passes_for_the_frame(frame: Response, position: int, bit: int) -> None:
    damaged = bytearray(frame.to_bytes())
    damaged[position % len(damaged)] ^= 1 << bit
    decoder = Decoder(Side.RESPONSES)
    assert frame not in [*decoder.feed(bytes(damaged)), *decoder.silence()]


@given(st.binary(max_size=30))
def test_frame_behind_noise_is_found_once_the_line_is_silent(noise: bytes) -> None:
    decoder = Decoder(Side.RESPONSES)
    frame = RegistersWritten(7, 0, 6)
    heard = [*decoder.feed(noise + frame.to_bytes()), *decoder.silence()]
    assert heard[-1] == frame
    assert decoder.pending == 0


def test_damage_is_counted_by_kind() -> None:
    decoder = Decoder(Side.RESPONSES)
    decoder.feed(bytes.fromhex("00 FF"))
    assert decoder.errors == {DecodeError.NOISE: 2}
    decoder.feed(bytes.fromhex("01 83 02 C0 F2 00"))
    assert decoder.errors[DecodeError.CHECKSUM] == 1
    decoder.feed(bytes.fromhex("01 10 00 00"))
    decoder.silence()
    assert decoder.errors[DecodeError.CUT] >= 1


@pytest.mark.parametrize(
    ("side", "body"),
    [
        (Side.REQUESTS, "01 10 00 00 00 03 02 00 01"),  # counts contradict
        (Side.REQUESTS, "01 10 00 00 00 01 03 00 01 02"),  # odd number of bytes
        (Side.REQUESTS, "01 03 00 00 00 00"),  # nothing to read
        (Side.RESPONSES, "01 03 03 00 01 02"),
        (Side.RESPONSES, "01 10 00 00 00 00"),
    ],
)
def test_sound_checksum_over_impossible_counts_is_no_frame(side: Side, body: str) -> None:
    sealed = bytes.fromhex(body) + crc16(bytes.fromhex(body)).to_bytes(2, "little")
    decoder = Decoder(side)
    assert [*decoder.feed(sealed), *decoder.silence()] == []
    assert decoder.errors[DecodeError.CHECKSUM] >= 1


def test_garbage_in_1000_chunks_does_not_grow_the_buffer() -> None:
    dice = random.Random(16)
    for side in Side:
        decoder = Decoder(side)
        for _ in range(1000):
            decoder.feed(dice.randbytes(dice.randrange(64)) + b"\x01\x10\x03"[: dice.randrange(4)])
            assert decoder.pending <= 256


@pytest.mark.parametrize(
    ("request_", "response", "is_it"),
    [
        (WriteRegisters(1, 0, (1, 2)), RegistersWritten(1, 0, 2), True),
        (WriteRegisters(1, 0, (1, 2)), RegistersWritten(2, 0, 2), False),
        (WriteRegisters(1, 0, (1, 2)), RegistersWritten(1, 0, 3), False),
        (WriteRegisters(1, 0, (1, 2)), Refused(1, 16, 2), True),
        (WriteRegisters(1, 0, (1, 2)), Refused(1, 3, 2), False),
        (WriteRegister(1, 0, 5), WriteRegister(1, 0, 5), True),
        (WriteRegister(1, 0, 5), WriteRegister(1, 0, 6), False),
        (ReadRegisters(1, 0, 2), RegistersRead(1, (1, 2)), True),
        (ReadRegisters(1, 0, 2), RegistersRead(1, (1,)), False),
        (ReadRegisters(1, 0, 2), RegistersWritten(1, 0, 2), False),
    ],
)
def test_answer_is_of_the_same_unit_function_and_registers(
    request_: Request, response: Response, is_it: bool
) -> None:
    assert is_answer(request_, response) is is_it


def test_exception_code_has_a_meaning() -> None:
    assert Refused(1, 16, 6).meaning == "busy"
    assert Refused(1, 16, 99).meaning == "unknown"


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: ReadRegisters(0, 0, 1), "Modbus read: unit is 0; use 1 to 247"),
        (lambda: ReadRegisters(1, -1, 1), "Modbus read: address is -1; use 0 to 65535"),
        (lambda: ReadRegisters(1, 0, 126), "Modbus read: count is 126; use 1 to 125"),
        (lambda: WriteRegister(1, 0, 65_536), "Modbus write: value is 65536; use 0 to 65535"),
        (lambda: WriteRegisters(1, 0, ()), "Modbus write: number of registers is 0; use 1 to 123"),
        (lambda: RegistersRead(248, (1,)), "Modbus read response: unit is 248; use 1 to 247"),
        (lambda: RegistersWritten(1, 0, 124), "Modbus write response: count is 124; use 1 to 123"),
        (lambda: Refused(1, 128, 1), "Modbus exception: function is 128; use 1 to 127"),
        (lambda: frame_gap_ms(0), "Modbus gap: baud is 0; use 1 to 4000000"),
    ],
)
def test_frame_with_a_bad_field_is_refused(build: object, message: str) -> None:
    assert callable(build)
    with pytest.raises(OutOfRangeError) as raised:
        build()
    assert str(raised.value) == message
