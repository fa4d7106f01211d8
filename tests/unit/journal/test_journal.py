import sqlite3

import pytest

from appliance.journal.audit import audit
from appliance.journal.database import EpochFile
from appliance.journal.errors import JournalDamagedError, JournalInUseError, JournalRangeError
from appliance.journal.journal import Lock, Mark, stage
from appliance.journal.source import sources
from appliance.wire.chain import Genesis
from appliance.wire.errors import BadEventError
from appliance.wire.event import Draft, check_line


def test_a_fresh_directory_begins_an_epoch_with_no_past(box):
    opened = box.open()
    assert opened.fresh
    assert opened.journal.genesis.after is None
    assert opened.journal.chain.seq == 0
    assert opened.story == ()


def test_what_was_appended_is_there_after_opening_again(box):
    box.open()
    staged = box.fill(50)
    chain = box.journal.chain
    box.close()
    opened = box.open()
    assert opened.journal.chain == chain
    assert not opened.fresh
    assert [event.seq for event in opened.journal.events_since_day()] == list(range(1, 52))
    assert sources(box.folder)[0].lines(1, 51) == [one.line for one in staged]


def test_opening_twice_in_a_row_changes_nothing(box):
    box.open()
    box.fill(3)
    box.close()
    first = box.open().journal.chain
    box.close()
    assert box.open().journal.chain == first


def test_state_folds_from_the_last_day_only(box):
    box.open()
    box.fill(5)
    box.fill(2)
    assert [event.seq for event in box.journal.events_since_day()] == [7, 8, 9]


def test_an_append_that_fails_leaves_the_chain_and_the_file_as_they_were(box):
    box.open()
    staged = box.fill(3)
    chain = box.journal.chain
    with pytest.raises(OSError, match="recording has stopped"):
        box.journal.append(staged)  # the same seq again: refused by the primary key
    assert box.journal.chain == chain
    assert sources(box.folder)[0].last() == 4


def test_the_journal_refuses_what_the_center_would_refuse(box):
    box.open()
    bad = Draft("rating.given", {"counter": "q1", "level": 9, "levels": 3})
    with pytest.raises(BadEventError, match=r"data\.level"):
        stage(box.journal.chain, bad, box.clock.now())


def test_a_wall_time_before_the_last_event_is_lifted_to_it(box):
    box.open()
    box.fill(1)
    late = box.journal.chain.at
    moment = box.clock.now()
    earlier = type(moment)(moment.at_us - 5_000_000, moment.quality, moment.boot, moment.up_ms)
    _, staged = stage(box.journal.chain, Draft("device.cleared", {"issue": "x", "subject": "y"}), earlier)
    assert staged.event.at == late


def test_a_reader_sees_what_the_writer_has_committed_and_nothing_else(box):
    box.open()
    box.fill(10)
    source = sources(box.folder)[0]
    assert source.last() == 11
    assert [check_line(line).seq for line in source.all_lines()] == list(range(1, 12))
    with pytest.raises(JournalRangeError, match=r"events 5\.\.40 are not all"):
        source.lines(5, 40)


def test_pruning_stops_at_the_mark_at_the_age_and_at_the_last_day(box):
    box.open()
    box.fill(5)  # 1..6
    box.fill(5)  # 7..12, the last day
    journal = box.journal
    far = "2099-01-01T00:00:00.000000Z"
    assert journal.prune(Mark(journal.chain.epoch, 0, ""), far) == 0
    assert journal.prune(box.mark(12), "2001-01-01T00:00:00.000000Z") == 0
    assert journal.prune(Mark("another epoch", 12, ""), far) == 0
    assert journal.prune(box.mark(3), far) == 3
    assert journal.prune(box.mark(12), far) == 6
    assert journal.pruned_upto == 6
    chain = journal.chain
    box.close()
    assert box.open().journal.chain == chain
    (report,) = audit(box.folder)
    assert (report.first, report.last, report.damage) == (7, 12, None)


def test_audit_names_the_first_altered_line(box):
    box.open()
    box.fill(20)
    box.close()
    with sqlite3.connect(box.folder / "office.db") as db:
        db.execute("UPDATE event SET line = CAST(replace(line, 'A009', 'A999') AS BLOB) WHERE seq = 10")
    db.close()
    (report,) = audit(box.folder)
    assert report.last == 9
    assert "not as it was written" in str(report)


def test_a_second_process_is_refused_by_name(tmp_path):
    lock = Lock.take(tmp_path)
    with pytest.raises(JournalInUseError, match="stop motcua-office first"):
        Lock.take(tmp_path)
    lock.close()
    Lock.take(tmp_path).close()


def test_a_file_that_is_no_journal_is_damaged_not_a_crash(tmp_path):
    path = tmp_path / "office.db"
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(JournalDamagedError, match="not a database"):
        EpochFile.open(path, write=True)


def test_size_counts_what_is_in_use(box):
    box.open()
    before = box.journal.size_bytes()
    box.fill(500)
    assert box.journal.size_bytes() > before + 500 * 200


def test_genesis_survives_the_file(box):
    box.open()
    genesis = box.journal.genesis
    box.close()
    with EpochFile.open(box.folder / "office.db", write=False) as file:
        assert file.genesis == Genesis(genesis.device, genesis.epoch, None)
