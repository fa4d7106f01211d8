"""The records' files on the box: durable, torn ends set aside, destroyed in time, no larger than may be."""

import os
import stat
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.cli import build
from appliance.clock import ScriptedTime
from appliance.hotspot import ledger as module
from appliance.hotspot import moment
from appliance.hotspot.errors import RecordsFullError
from appliance.hotspot.ledger import Ledger, swept
from appliance.hotspot.moment import FLOOR_US, clock_over
from appliance.records.errors import BrokenChainError
from appliance.records.files import Verified, month_files, read, verified
from appliance.records.keys import OpeningKey
from appliance.records.record import Record

KEY = OpeningKey.generate()
RECORD = Record(
    start="2026-11-23T05:00:00.000000Z", end=None, is_clock_trusted=True, is_resumed=False, reason="time"
)
LOTS = 1 << 30


def names(folder):
    return sorted(path.name for path in folder.iterdir() if path.name != "state.json")


def add(subject, month="2026-11", count=1, **more):
    records = [replace(RECORD, bytes_up=number) for number in range(count)]
    subject.append(records, KEY.public, month, **{"missed": 0, "most_bytes": LOTS, **more})


def opened(folder):
    found = Verified()
    paths = [each.path for each in month_files(folder)]
    return [(line.seq, line.missed, line.open(KEY).bytes_up) for _, _, line in read(paths, found)]


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "state" / "records"


@pytest.fixture
def subject(folder):
    return Ledger.open(folder, "xa-01", 12)


def test_nobody_else_reads_the_folder_or_a_file(subject, folder):
    add(subject)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_lines_are_one_chain_over_months_and_restarts(folder):
    for month in ("2026-10", "2026-11", "2026-11", "2026-12"):
        add(Ledger.open(folder, "xa-01", 12), month, count=2)

    assert names(folder) == [
        "000001-2026-10.records", "000002-2026-11.records", "000003-2026-12.records",
    ]  # fmt: skip
    assert [seq for seq, _, _ in opened(folder)] == list(range(1, 9))
    assert verified([each.path for each in month_files(folder)]).chains == 1


def test_a_batch_is_flushed_once_and_before_anything_else(subject, monkeypatch):
    add(subject)
    synced = []
    flush = os.fsync
    monkeypatch.setattr(module.os, "fsync", lambda number: synced.append(number) or flush(number))
    add(subject, count=5)
    assert len(synced) == 1


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_wherever_a_power_cut_tears_the_last_line_the_chain_goes_on(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cut") / "records"
    add(Ledger.open(folder, "xa-01", 12), count=3)
    [file] = month_files(folder)
    whole = file.path.read_bytes()
    cut = data.draw(st.integers(0, len(whole)))
    torn = data.draw(st.sampled_from([b"", b"\0" * 700, b"{}\n", b"{"]))
    file.path.write_bytes(whole[:cut] + torn)
    kept = whole[:cut].count(b"\n")

    add(Ledger.open(folder, "xa-01", 12))

    assert [seq for seq, _, _ in opened(folder)] == list(range(1, kept + 2))
    rest = whole[whole[:cut].rfind(b"\n") + 1 : cut] + torn
    aside = [each.path.read_bytes() for each in month_files(folder, with_torn=True) if each.is_torn]
    assert aside == ([rest] if rest else [])


def test_a_longer_torn_end_than_is_looked_at_first_is_found_too(folder, monkeypatch):
    monkeypatch.setattr(module, "TAIL", 64)
    add(Ledger.open(folder, "xa-01", 12), count=3)
    [file] = month_files(folder)
    with file.path.open("ab") as torn:
        torn.write(b"\0" * 5_000)
    add(Ledger.open(folder, "xa-01", 12))
    assert [seq for seq, _, _ in opened(folder)] == [1, 2, 3, 4]


def test_a_file_of_which_nothing_is_left_is_set_aside_and_the_chain_goes_on_before_it(folder):
    subject = Ledger.open(folder, "xa-01", 12)
    add(subject, "2026-10")
    add(subject, "2026-11")
    (folder / "000002-2026-11.records").write_bytes(b"\0" * 100)

    add(Ledger.open(folder, "xa-01", 12), "2026-11")

    assert names(folder) == [
        "000001-2026-10.records", "000002-2026-11.torn", "000003-2026-11.records",
    ]  # fmt: skip
    assert [seq for seq, _, _ in opened(folder)] == [1, 2]


def test_a_month_is_destroyed_when_the_months_after_its_end_have_passed(folder):
    subject = Ledger.open(folder, "xa-01", 2)
    for month in ("2026-10", "2026-11", "2026-12"):
        add(subject, month)
    assert subject.sweep("2026-12") == []
    assert subject.sweep("2027-01") == ["000001-2026-10.records"]
    assert subject.sweep("2027-02") == ["000002-2026-11.records"]
    assert [seq for seq, _, _ in opened(folder)] == [3]

    assert subject.sweep("2027-03") == ["000003-2026-12.records"]
    assert names(folder) == []
    add(Ledger.open(folder, "xa-01", 2), "2027-03")
    assert (names(folder), opened(folder)[0][0]) == (["000004-2027-03.records"], 4)


def test_without_a_policy_what_is_left_is_destroyed_in_time(folder):
    add(Ledger.open(folder, "xa-01", 1), "2026-10")
    assert swept(folder, "2026-11") == []
    assert swept(folder, "2026-12") == ["000001-2026-10.records"]
    assert swept(folder.with_name("none"), "2026-12") == []


@pytest.mark.parametrize(("is_trusted", "left"), [(False, 1), (True, 0)])
def test_without_a_gate_the_command_destroys_by_a_trusted_clock_alone(
    folder, monkeypatch, capsys, is_trusted, left
):
    add(Ledger.open(folder, "xa-01", 1), "2020-10")
    now = clock_over(ScriptedTime(FLOOR_US + 1, synced=is_trusted)).now()
    monkeypatch.setattr(moment, "believed", lambda: now)
    for _ in range(2):
        build(lean=True)(
            ["hotspot", "retention", "destroy", "--state-dir", str(folder.parent)], standalone_mode=False
        )
    assert len(names(folder)) == left
    said = capsys.readouterr().out
    assert said.count("000001-2020-10.records") == 1 - left
    assert said.count("no clock is trusted") == 2 * left
    build(lean=True)(
        ["hotspot", "retention", "destroy", "--state-dir", str(folder / "none")], standalone_mode=False
    )


def test_what_was_written_while_nobody_knew_the_month_is_dated_when_somebody_does(folder):
    subject = Ledger.open(folder, "xa-01", 1)
    add(subject, None)
    add(subject, None)
    add(subject, "2026-11")
    (folder / "000001-undated.torn").write_bytes(b"x")
    assert names(folder)[:2] == ["000001-undated.records", "000001-undated.torn"]

    assert subject.sweep("2026-11") == []

    assert names(folder) == [
        "000001-2026-11.records", "000001-2026-11.torn", "000002-2026-11.records",
    ]  # fmt: skip
    assert sorted(subject.sweep("2027-01")) == [
        "000001-2026-11.records", "000001-2026-11.torn", "000002-2026-11.records",
    ]  # fmt: skip


def test_a_file_of_a_clock_that_ran_ahead_is_not_kept_for_ever(folder):
    subject = Ledger.open(folder, "xa-01", 1)
    add(subject, "2036-01")
    subject.sweep("2026-11")
    assert names(folder) == ["000001-2026-11.records"]


def test_an_unknown_month_never_goes_into_a_file_that_would_be_destroyed_earlier(folder):
    subject = Ledger.open(folder, "xa-01", 12)
    add(subject, "2026-10")
    add(subject, None)
    assert names(folder) == ["000001-2026-10.records", "000002-undated.records"]


def test_no_more_is_written_than_may_be(subject, folder):
    add(subject, most_bytes=2_000)
    add(subject, most_bytes=2_000)
    add(subject, most_bytes=2_000)
    with pytest.raises(RecordsFullError):
        add(subject, most_bytes=2_000)
    assert len(opened(folder)) == 3
    with pytest.raises(RecordsFullError):
        add(Ledger.open(folder, "xa-01", 12), most_bytes=2_000)


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_a_disk_that_takes_only_a_part_leaves_whole_lines(subject, folder, monkeypatch, call):
    add(subject)
    real = getattr(os, call)

    def fail(descriptor, *rest):
        if rest:
            real(descriptor, rest[0][:100])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(module.os, call, fail)
        with pytest.raises(OSError, match="No space"):
            add(subject, count=2)
    assert len(opened(folder)) == 1

    add(Ledger.open(folder, "xa-01", 12), missed=2)
    assert [each[:2] for each in opened(folder)] == [(1, 0), (2, 2)]


def test_a_box_that_got_another_id_begins_another_chain(folder):
    add(Ledger.open(folder, "xa-01", 12), count=2)
    add(Ledger.open(folder, "xa-02", 12), count=2)
    assert [seq for seq, _, _ in opened(folder)] == [1, 2, 1, 2]
    assert verified([each.path for each in month_files(folder)]).chains == 2


def test_a_lost_file_in_the_middle_is_named(folder):
    subject = Ledger.open(folder, "xa-01", 12)
    for month in ("2026-10", "2026-11", "2026-12"):
        add(subject, month)
    (folder / "000002-2026-11.records").unlink()
    with pytest.raises(BrokenChainError, match=r"000003-2026-12\.records line 1: has number 3 where 2"):
        verified([each.path for each in month_files(folder)])


def test_a_link_that_somebody_put_there_is_not_followed(subject, folder, tmp_path):
    target = tmp_path / "elsewhere"
    target.touch()
    (folder / "000001-2026-11.records").symlink_to(target)
    with pytest.raises(OSError, match="symbolic links"):
        add(subject)
    assert target.read_bytes() == b""
