"""The reader of write logs, on bytes made by hand and on a log that QEMU made."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from hand_made_log import SECTOR, HandMade, filled
from write_log import WriteLog, WriteLogError


def entries_of(path: Path) -> list[tuple[int, int, str]]:
    """Return (offset, length, kind) of each entry."""
    with WriteLog.open(path) as log:
        return [
            (
                each.offset,
                each.length,
                "flush" if each.is_flush else "discard" if each.is_discard else "write",
            )
            for each in log.entries()
        ]


def test_entries_and_their_data_are_read(tmp_path: Path):
    made = HandMade().write(3, filled("a", 2)).flush().discard(8, 4).fua(1, filled("b"))
    with WriteLog.open(made.save(tmp_path / "log")) as log:
        write, flush, discard, fua = log.entries()
        assert (write.offset, write.length, write.is_write, write.is_durable) == (1536, 1024, True, False)
        assert list(log.pieces(write)) == [(1536, filled("a", 2))]
        assert (flush.is_flush, flush.is_write) == (True, False)
        assert (discard.is_discard, list(log.pieces(discard))) == (True, [(4096, bytes(2048))])
        assert (fua.is_durable, b"".join(data for _, data in log.pieces(fua))) == (True, filled("b"))
        assert [each.end for each in (write, flush, discard, fua)] == [2048, 2560, 3072, 4096]


def test_sectors_are_as_large_as_the_log_says(tmp_path: Path):
    made = HandMade(4096).write(2, b"c" * 4096).flush()
    assert entries_of(made.save(tmp_path / "log")) == [(8192, 4096, "write"), (0, 0, "flush")]


def test_long_writes_come_in_pieces(tmp_path: Path):
    data = bytes(range(256)) * 4096 * 3
    with WriteLog.open(HandMade().write(0, data).save(tmp_path / "log")) as log:
        (write,) = log.entries()
        pieces = list(log.pieces(write))
    assert [(at, len(piece)) for at, piece in pieces] == [
        (0, 1 << 20),
        (1 << 20, 1 << 20),
        (2 << 20, 1 << 20),
    ]
    assert b"".join(piece for _, piece in pieces) == data


@pytest.mark.parametrize("cut", [1, SECTOR - 1, SECTOR, SECTOR + 1, 2 * SECTOR])
def test_an_entry_that_is_cut_off_ends_the_log(tmp_path: Path, cut: int):
    made = HandMade().write(0, filled("a")).flush().write(7, filled("b"))
    path = made.save(tmp_path / "log", promised=2)
    path.write_bytes(path.read_bytes()[:-cut])
    assert entries_of(path) == [(0, 512, "write"), (0, 0, "flush")]


def test_a_hole_left_by_a_write_in_flight_ends_the_log(tmp_path: Path):
    path = HandMade().flush().write(0, filled("a")).save(tmp_path / "log", promised=1)
    data = bytearray(path.read_bytes())
    data[2 * SECTOR : 3 * SECTOR] = bytes(SECTOR)
    path.write_bytes(data)
    assert entries_of(path) == [(0, 0, "flush")]


def test_more_entries_than_the_super_block_knows_of_are_read(tmp_path: Path):
    made = HandMade().flush().write(0, filled("a")).write(1, filled("b"))
    assert len(entries_of(made.save(tmp_path / "log", promised=1))) == 3


def test_a_log_that_lost_entries_is_refused(tmp_path: Path):
    path = HandMade().flush().write(0, filled("a")).save(tmp_path / "log")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(WriteLogError, match="holds 2 entries and holds 1"):
        entries_of(path)


@pytest.mark.parametrize("data", [b"", b"short", bytes(512), HandMade().bytes()[:8] + b"\2" + bytes(503)])
def test_other_files_are_refused(tmp_path: Path, data: bytes):
    path = tmp_path / "log"
    path.write_bytes(data)
    with pytest.raises(WriteLogError):
        WriteLog.open(path)


@pytest.mark.skipif(shutil.which("qemu-io") is None, reason="qemu-io is missing: apt-get install qemu-utils")
@pytest.mark.parametrize("sector_bytes", [512, 4096])
def test_a_log_made_by_qemu_is_what_was_asked_of_it(tmp_path: Path, sector_bytes: int):
    disk, log = tmp_path / "disk", tmp_path / "log"
    disk.write_bytes(bytes(1 << 20))
    log.touch()
    words = f"driver=blklogwrites,file.driver=file,file.filename={disk},log.driver=file,log.filename={log}"
    orders = (
        "write -P 0xaa 0 8192",
        "write -z 16384 8192",
        "flush",
        "discard 65536 4096",
        "write -P 0xcc 4096 4096",
    )
    command = ["qemu-io", "--image-opts", f"{words},log-sector-size={sector_bytes}"]
    subprocess.run(
        [*command, *(word for order in orders for word in ("-c", order))],
        check=True,
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    with WriteLog.open(log) as opened:
        assert opened.sector_bytes == sector_bytes
        found = list(opened.entries())
        data = {
            each.offset: b"".join(piece for _, piece in opened.pieces(each))
            for each in found
            if each.is_write
        }
        assert len(found) == opened.promised
    changes = [(each.offset, each.length, each.is_discard) for each in found if not each.is_flush]
    assert changes == [(0, 8192, False), (16384, 8192, False), (65536, 4096, True), (4096, 4096, False)]
    assert found[2].is_flush
    assert found[-1].is_flush
    assert found[-1].end == log.stat().st_size
    assert (data[0], data[16384], data[4096]) == (b"\xaa" * 8192, bytes(8192), b"\xcc" * 4096)
