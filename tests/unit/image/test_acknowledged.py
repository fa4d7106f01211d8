"""Acknowledgements are tied to the log's size at the moment they have been seen."""

import json
from pathlib import Path

from acknowledged import Ack, AckReader, load, save

EPOCH = "01a214d8-36ea-7c14-94eb-3dae7c0d6278"
AT = "2026-11-25T22:34:06.000000Z"


def message(seq: int, kind: str = "rating.given") -> bytes:
    told = f'{{"seq":{seq},"at":"{AT}","clock":"trusted","kind":"{kind}","data":{{"level":3}}}}'
    return f"id: {EPOCH}:{seq}\nevent: {kind}\ndata: {told}\n\n".encode()


def test_each_message_has_the_size_at_which_it_was_complete(tmp_path: Path):
    log = tmp_path / "log"
    log.write_bytes(b"1" * 512)
    reader = AckReader(log)
    snapshot = f"id: {EPOCH}:4\nevent: snapshot\ndata: {{}}\n\n".encode()
    reader.feed(b"HTTP/1.1 200 OK\r\n\r\n" + snapshot + message(5) + message(6)[:40])
    log.write_bytes(b"1" * 2048)
    reader.feed(message(6)[40:] + b": still here\n\n")
    assert [(ack.seq, ack.log_bytes, ack.epoch) for ack in reader.acks] == [(5, 512, EPOCH), (6, 2048, EPOCH)]


def test_one_byte_at_a_time_and_a_terminal_in_between(tmp_path: Path):
    log = tmp_path / "log"
    log.touch()
    reader = AckReader(log)
    for byte in (b"memory office 5\n" + message(5) + message(6)).replace(b"\n", b"\r\n"):
        reader.feed(bytes([byte]))
    assert [ack.seq for ack in reader.acks] == [5, 6]


def test_the_observer_says_the_same(tmp_path: Path):
    log = tmp_path / "log"
    log.write_bytes(b"1" * 512)
    told = {"seq": 7, "at": AT, "clock": "trusted", "kind": "rating.given", "data": {"level": 3}}
    line = {"kind": "rating.given", "id": f"{EPOCH}:7", "data": told}
    reader = AckReader(log)
    reader.feed(b"snapshot {}\r\nevent " + json.dumps(line).encode() + b"\r\nwritten 512\r\nevent {")
    assert reader.acks == [Ack(512, EPOCH, 7, {"at": AT, "kind": "rating.given", "data": {"level": 3}})]


def test_only_the_very_event_counts():
    ack = Ack(0, EPOCH, 5, {"kind": "rating.given", "data": {"level": 3}, "at": AT})
    line = {"epoch": EPOCH, "seq": 5, "kind": "rating.given", "data": {"level": 3}, "at": AT, "prev": "0"}
    assert ack.is_in(line)
    assert not ack.is_in({**line, "seq": 6})
    assert not ack.is_in({**line, "data": {"level": 2}})


def test_saved_and_loaded(tmp_path: Path):
    acks = [Ack(512, EPOCH, 5, {"kind": "x"}), Ack(1024, EPOCH, 6, {"kind": "y"})]
    save(acks, tmp_path / "acks")
    assert load(tmp_path / "acks") == acks
