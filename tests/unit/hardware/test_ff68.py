"""Golden bytes are from the source of a host that drives these devices, computed by hand for address 5."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.codecs.ff68 import (
    Beep,
    DecodeError,
    Decoder,
    FromDevice,
    FromHost,
    Key,
    KeyAck,
    KeyPressed,
    OkDigit,
    Rated,
    RatingAck,
    RatingValue,
    Sender,
    ShowNumber,
    StartRating,
)
from hardware.errors import OutOfRangeError

CALL = KeyPressed(5, Key.CALL)
GOLDEN: Sequence[tuple[FromDevice | FromHost, str]] = [
    (ShowNumber(5, None, 12), "FF 68 08 08 68 05 02 0A 0A 0A 00 01 02 28 16"),
    (ShowNumber(5, 7, 120), "FF 68 08 08 68 05 02 0A 0A 07 01 02 00 25 16"),
    (ShowNumber(5, 0, None), "FF 68 08 08 68 05 02 0A 0A 00 0A 0A 0A 39 16"),
    (Beep(5), "FF 68 02 02 68 05 03 08 16"),
    (StartRating(5), "FF 68 03 03 68 05 01 0B 11 16"),
    (RatingAck(5, 3), "FF 68 03 03 68 05 01 03 09 16"),
    (Rated(5, 3), "FF 68 03 03 68 05 11 03 19 16"),
    (CALL, "FF 68 03 03 68 05 10 0C 21 16"),
    (KeyAck(CALL), "FF 68 03 03 68 05 10 0C 21 16"),
    (KeyPressed(5, Key.OK, bytes((OkDigit.GIVE_UP,))), "FF 68 04 04 68 05 10 06 0F 2A 16"),
    (KeyPressed(255, 0x0D, b"", 0x80), "FF 68 03 03 68 FF 80 0D 8C 16"),
]
FROM_DEVICE = st.one_of(
    st.builds(Rated, st.integers(0, 255), st.integers(0, 3)),
    st.builds(
        KeyPressed,
        st.integers(0, 255),
        st.integers(0, 255),
        st.binary(max_size=2),
        st.integers(0, 255).filter(lambda func: func != 0x11),
    ),
)
NUMBERS = st.none() | st.integers(0, 999)
FROM_HOST = st.one_of(
    st.builds(ShowNumber, st.integers(0, 255), NUMBERS, NUMBERS),
    st.builds(Beep, st.integers(0, 255)),
    st.builds(StartRating, st.integers(0, 255)),
    st.builds(RatingAck, st.integers(0, 255), st.integers(0, 3)),
    st.builds(KeyAck, st.builds(KeyPressed, st.integers(0, 255), st.integers(0, 255), st.binary(max_size=2))),
)


@pytest.mark.parametrize(("frame", "golden"), GOLDEN, ids=lambda value: str(value)[:40])
def test_frame_has_the_golden_bytes(frame: FromDevice | FromHost, golden: str) -> None:
    assert frame.to_bytes() == bytes.fromhex(golden)


def test_rating_ack_is_the_rating_under_another_function_with_16_less_checksum() -> None:
    rating, ack = Rated(5, 2).to_bytes(), RatingAck.of(Rated(5, 2)).to_bytes()
    assert rating[-2] - ack[-2] == 0x10
    assert [index for index in range(len(ack)) if ack[index] != rating[index]] == [6, 8]


def test_digit_is_told_only_for_ok() -> None:
    assert KeyPressed(5, Key.OK, b"\x06").digit == OkDigit.GIVE_UP
    assert KeyPressed(5, Key.OK).digit is None
    assert KeyPressed(5, Key.CALL, b"\x06").digit is None


@given(st.lists(FROM_DEVICE, max_size=5))
def test_device_frames_survive_the_wire_byte_by_byte(frames: list[FromDevice]) -> None:
    decoder = Decoder()
    wire = b"".join(frame.to_bytes() for frame in frames)
    heard = [frame for byte in wire for frame in decoder.feed(bytes((byte,)))]
    assert heard == frames
    assert not decoder.errors


@given(st.lists(FROM_HOST, max_size=5))
def test_host_frames_survive_the_wire_in_one_piece(frames: list[FromHost]) -> None:
    assert Decoder(Sender.HOST).feed(b"".join(frame.to_bytes() for frame in frames)) == frames


@given(FROM_DEVICE, st.integers(0, 100), st.integers(1, 255))
def test_changed_byte_never_passes_for_the_same_frame_and_the_next_is_heard(
    frame: FromDevice, position: int, flip: int
) -> None:
    damaged = bytearray(frame.to_bytes())
    damaged[position % len(damaged)] ^= flip
    decoder = Decoder()
    heard = decoder.feed(bytes(damaged) + bytes(12) + Rated(9, 1).to_bytes())
    assert heard[-1] == Rated(9, 1)
    # A changed length can only drop the frame; a changed body byte breaks the sum.
    assert heard[:-1] == []


@given(st.binary(max_size=40), FROM_DEVICE)
def test_sound_frame_after_noise_and_a_pause_of_zeros_is_found(noise: bytes, frame: FromDevice) -> None:
    assert Decoder().feed(noise + bytes(12) + frame.to_bytes())[-1] == frame


def test_frame_hidden_inside_a_broken_one_is_found() -> None:
    decoder = Decoder()
    head = bytes.fromhex("FF 68 05 05 68")  # promises five bytes; the real frame begins inside them
    assert decoder.feed(head + CALL.to_bytes()) == [CALL]
    assert decoder.errors[DecodeError.END] + decoder.errors[DecodeError.CHECKSUM] == 1


def test_garbage_in_1000_chunks_does_not_grow_the_buffer() -> None:
    dice = random.Random(68)
    for sender in Sender:
        decoder = Decoder(sender)
        for _ in range(1000):
            decoder.feed(dice.randbytes(dice.randrange(64)) + b"\xff\x68\x05\x05\x68"[: dice.randrange(6)])
            assert decoder.pending < 7 + 16
        decoder.reset()
        assert decoder.pending == 0


@pytest.mark.parametrize(
    ("wire", "kind", "count"),
    [
        ("FF 68 03 03 68 05 10 0C 22 16", DecodeError.CHECKSUM, 1),
        ("FF 68 03 03 68 05 10 0C 21 17", DecodeError.END, 1),
        ("FF 68 03 03 69 05 10 0C 21 16", DecodeError.MARK, 1),
        ("FF 68 03 04 68 05 10 0C 21 16", DecodeError.LENGTH, 1),
        ("FF 68 02 02 68 05 03 08 16", DecodeError.LENGTH, 1),
        ("FF 68 06 06 68 05 10 01 02 03 0C 27 16", DecodeError.LENGTH, 1),
        ("00 01 02 FF 68", DecodeError.NOISE, 3),
        ("FF 68 03 03 68 05 11 04 1A 16", DecodeError.CONTENT, 1),
        ("FF 68 04 04 68 05 11 01 01 18 16", DecodeError.CONTENT, 1),
    ],
)
def test_damage_from_a_device_is_counted_by_kind(wire: str, kind: DecodeError, count: int) -> None:
    decoder = Decoder()
    assert decoder.feed(bytes.fromhex(wire)) == []
    assert decoder.errors[kind] == count


@pytest.mark.parametrize(
    "wire",
    [
        "FF 68 08 08 68 05 02 0A 0A 0A 00 0B 02 32 16",  # a digit above nine
        "FF 68 03 03 68 05 02 00 07 16",  # show with one digit
        "FF 68 03 03 68 05 01 04 0A 16",  # neither a rating nor a start
        "FF 68 07 07 68 05 10 01 02 03 04 05 24 16",  # longer than any key
    ],
)
def test_host_frame_that_means_nothing_is_counted(wire: str) -> None:
    decoder = Decoder(Sender.HOST)
    assert decoder.feed(bytes.fromhex(wire)) == []
    assert decoder.errors[DecodeError.CONTENT] == 1


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: KeyPressed(256, 12), "FF68 key: addr is 256; use 0 to 255"),
        (lambda: KeyPressed(5, -1), "FF68 key: key is -1; use 0 to 255"),
        (lambda: KeyPressed(5, 12, b"123"), "FF68 key: length of typed is 3; use 0 to 2"),
        (lambda: KeyPressed(5, 12, b"", 0x11), "FF68 key: func is 17; 0x11 is a rating"),
        (lambda: Rated(5, 4), "FF68 rating: value is 4; use 0 to 3"),
        (lambda: RatingAck(5, 4), "FF68 rating acknowledgement: value is 4; use 0 to 3"),
        (lambda: ShowNumber(5, 1000, 1), "FF68 show: waiting is 1000; use 0 to 999"),
        (lambda: ShowNumber(5, 1, -1), "FF68 show: ticket is -1; use 0 to 999"),
        (lambda: Beep(-1), "FF68 beep: addr is -1; use 0 to 255"),
        (lambda: StartRating(300), "FF68 start rating: addr is 300; use 0 to 255"),
    ],
)
def test_frame_with_a_bad_field_is_refused(build: object, message: str) -> None:
    assert callable(build)
    with pytest.raises(OutOfRangeError) as raised:
        build()
    assert str(raised.value) == message
    assert isinstance(raised.value, ValueError)


def test_rating_values_go_from_worst_to_best() -> None:
    assert list(RatingValue) == sorted(RatingValue)
