from pathlib import Path
from typing import Any

import pytest
from sim_uplink import BASE_US, RECORD, STRANGER_KEY, fresh_epoch, receipt

from appliance.journal.journal import Mark
from appliance.uplink.errors import NotKeptError
from appliance.uplink.receipts import ReceiptFile
from appliance.wire.errors import UnknownKeyError
from appliance.wire.keys import PublicKey

DAY_US = 86_400_000_000
FIND = RECORD.find_kept_key


def head(seq: int) -> str:
    return f"{seq:064x}"


@pytest.fixture
def subject(tmp_path: Path) -> ReceiptFile:
    return ReceiptFile.of(tmp_path)


def test_an_absent_file_holds_nothing(subject: ReceiptFile) -> None:
    assert subject.marks(FIND) == []
    assert subject.latest_at(FIND) is None
    assert not subject.compact(FIND)


def test_marks_are_the_last_receipt_of_each_epoch_oldest_epoch_first(subject: ReceiptFile) -> None:
    old, new = fresh_epoch(), fresh_epoch()
    for epoch, upto in [(new, 5), (old, 3), (old, 7), (new, 9)]:
        subject.append(receipt(epoch, upto, head(upto)))
    assert subject.marks(FIND) == [Mark(old, 7, head(7)), Mark(new, 9, head(9))]


def test_the_last_receipt_counts_also_when_it_rewinds(subject: ReceiptFile) -> None:
    epoch = fresh_epoch()
    subject.append(receipt(epoch, 9, head(9)))
    subject.append(receipt(epoch, 0, ""))
    assert subject.marks(FIND) == [Mark(epoch, 0, "")]


@pytest.mark.parametrize("torn", [b"eyJ", b"\0" * 700, b"a.b.c", b"\xff\xfe"])
def test_a_torn_last_line_is_ignored_and_never_glued_to_the_next(subject: ReceiptFile, torn: bytes) -> None:
    epoch = fresh_epoch()
    subject.append(receipt(epoch, 3, head(3)))
    with subject.path.open("ab") as file:
        file.write(torn)
    assert subject.marks(FIND) == [Mark(epoch, 3, head(3))]
    subject.append(receipt(epoch, 4, head(4)))
    assert subject.marks(FIND) == [Mark(epoch, 4, head(4))]


def test_a_line_torn_at_any_byte_leaves_the_receipts_before_it(subject: ReceiptFile) -> None:
    epoch = fresh_epoch()
    subject.append(receipt(epoch, 3, head(3)))
    whole = len(subject.path.read_bytes())
    subject.append(receipt(epoch, 4, head(4)))
    content = subject.path.read_bytes()
    for size in range(whole, len(content)):
        subject.path.write_bytes(content[:size])
        assert subject.marks(FIND) == [Mark(epoch, 3, head(3))]


def test_a_receipt_that_does_not_verify_is_passed_over(subject: ReceiptFile) -> None:
    epoch = fresh_epoch()
    subject.append(receipt(epoch, 3, head(3)))
    subject.append(receipt(epoch, 8, head(8), key=STRANGER_KEY, at_us=BASE_US + DAY_US))
    subject.append(receipt(epoch, 9, head(9), center="province-02"))
    assert subject.marks(FIND) == [Mark(epoch, 3, head(3))]
    assert subject.latest_at(FIND) == "2026-11-23T08:00:00.000000Z"


def test_the_latest_center_time_is_found_wherever_it_stands(subject: ReceiptFile) -> None:
    epoch = fresh_epoch()
    for upto, day in [(1, 0), (2, 5), (3, 2)]:
        subject.append(receipt(epoch, upto, head(upto), at_us=BASE_US + day * DAY_US))
    assert subject.latest_at(FIND) == "2026-11-28T08:00:00.000000Z"


def test_compaction_keeps_the_marks_and_one_receipt_a_day(subject: ReceiptFile) -> None:
    old, new = fresh_epoch(), fresh_epoch()
    upto = 0
    for day in range(4):
        for hour in range(10):
            upto += 1
            at_us = BASE_US + day * DAY_US + hour * 1_000_000
            subject.append(receipt(old if day < 2 else new, upto, head(upto), at_us=at_us))
    before, latest = subject.marks(FIND), subject.latest_at(FIND)
    assert subject.compact(FIND, above_bytes=1_000)
    assert (subject.marks(FIND), subject.latest_at(FIND)) == (before, latest)
    assert [r.upto for r in subject.kept(FIND, old)] == [20, 10]
    assert [r.upto for r in subject.kept(FIND, new)] == [40, 30]


def test_compaction_keeps_a_rewind_in_force(subject: ReceiptFile) -> None:
    epoch = fresh_epoch()
    for upto in (5, 6, 7, 2):
        subject.append(receipt(epoch, upto, head(upto)))
    assert subject.compact(FIND, above_bytes=100)
    assert subject.marks(FIND) == [Mark(epoch, 2, head(2))]


def test_compaction_waits_until_the_file_has_grown(subject: ReceiptFile) -> None:
    epoch = fresh_epoch()
    subject.append(receipt(epoch, 1, head(1)))
    assert not subject.compact(FIND)
    assert subject.compact(FIND, above_bytes=1)
    subject.append(receipt(epoch, 2, head(2)))
    # Twice the size of what could not be made smaller.
    assert not subject.compact(FIND, above_bytes=1)


def test_signatures_are_checked_from_the_end_only_until_one_fits(subject: ReceiptFile) -> None:
    epoch = fresh_epoch()
    for upto in range(1, 30):
        subject.append(receipt(epoch, upto, head(upto)))
    asked = []

    def find(kid: str, payload: dict[str, Any]) -> PublicKey:
        asked.append(payload["upto"])
        return FIND(kid, payload)

    assert subject.marks(find)[0].upto == 29
    assert asked == [29]


def test_a_receipt_that_cannot_be_written_is_a_named_error(tmp_path: Path) -> None:
    subject = ReceiptFile.of(tmp_path / "absent")
    with pytest.raises(NotKeptError, match=r"receipts\.jws cannot be written"):
        subject.append(receipt(fresh_epoch(), 1, head(1)))


def test_receipts_of_a_retired_center_key_still_tell_the_marks() -> None:
    newer = RECORD.with_keys([STRANGER_KEY.public])
    payload = {"center": RECORD.center}
    old_kid = RECORD.keys[1].kid
    assert newer.find_kept_key(old_kid, payload).kid == old_kid
    with pytest.raises(UnknownKeyError):
        newer.find_key(old_kid, payload)
    assert newer.find_key(STRANGER_KEY.kid, payload).kid == STRANGER_KEY.kid
