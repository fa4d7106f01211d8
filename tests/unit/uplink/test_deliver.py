from collections import deque

import pytest
from sim_uplink import Kit, SimCenter, SimOffice, fresh_epoch, receipt

from appliance.journal.aside import ROLLED_BACK, evidence_was_sent
from appliance.journal.epochs import open_journal
from appliance.journal.journal import Mark
from appliance.uplink.answers import Answer, Fork, Stored
from appliance.uplink.errors import (
    BatchRefusedError,
    BranchClosedError,
    BusyError,
    KeyRefusedError,
    NotKeptError,
    ReceiptRefusedError,
)
from appliance.uplink.seal import Limits
from appliance.wire.batch import Header


@pytest.fixture
def kit(office: SimOffice, center: SimCenter) -> Kit:
    return Kit(office, center)


def prune(kit: Kit, upto: int) -> None:
    """Prune what is receipted, up to at most ``upto``."""
    office = kit.office
    mark = Mark(office.epoch, upto, office.hash_at(upto))
    office.journal.prune(mark, "2027-01-01T00:00:00.000000Z")
    assert office.journal.pruned_upto > 0


def test_everything_is_delivered_in_order(kit: Kit) -> None:
    kit.office.grow(10)
    outcome = kit.delivery.run()
    assert outcome.error is None
    assert (outcome.delivered, outcome.wait_s, outcome.next_after_s) == (10, None, 300)
    assert [(h.first, h.last) for h in kit.center.sent] == [(1, 4), (5, 8), (9, 10)]
    assert kit.mark() == 10
    assert [(r.upto, live) for r, live in kit.office.accepted] == [(4, True), (8, True), (10, True)]


def test_nothing_left_sends_nothing(kit: Kit) -> None:
    outcome = kit.delivery.run()
    assert (outcome.delivered, outcome.error, outcome.next_after_s) == (0, None, None)
    assert kit.center.sent == []


def test_a_lost_answer_sends_the_same_again_in_any_split(kit: Kit) -> None:
    kit.office.grow(6)
    kit.center.script = deque(["lost_answer"])
    assert kit.delivery.run().wait_s == 5.0
    kit.delivery.run()
    assert kit.center.check(kit.office.epoch) == 6


def test_back_off_grows_with_each_failure_and_starts_anew_after_a_success(kit: Kit) -> None:
    kit.office.grow(1)
    kit.center.script = deque(["unclear"] * 12)
    waits = [kit.delivery.run().wait_s for _ in range(12)]
    assert waits[:4] == [5, 10, 20, 40]
    assert waits[-1] == 3_600
    kit.delivery.run()
    kit.office.grow(1)
    kit.center.script = deque(["unclear"])
    assert kit.delivery.run().wait_s == 5


def test_busy_waits_as_told(kit: Kit) -> None:
    kit.office.grow(1)
    kit.center.script = deque(["busy"])
    outcome = kit.delivery.run()
    assert isinstance(outcome.error, BusyError)
    assert outcome.wait_s == 30


def test_a_refused_key_raises_an_issue_and_the_next_receipt_clears_it(kit: Kit) -> None:
    kit.office.grow(1)
    kit.center.script = deque(["key_refused", "key_refused"])
    for _ in range(2):
        outcome = kit.delivery.run()
        assert isinstance(outcome.error, KeyRefusedError)
        assert outcome.wait_s == 3_600
    assert kit.office.told == [("key_refused", True)]
    kit.delivery.run()
    assert kit.office.standing == set()


def test_an_event_that_is_refused_is_never_skipped_and_holds_up_only_its_epoch(kit: Kit) -> None:
    office = kit.office.grow(6)
    old = office.epoch
    kit.delivery.run()
    office.grow(2)
    office.new_epoch(Mark(old, office.last, office.hash_at(office.last)))
    office.grow(3)
    kit.center.script = deque(["damaged", "damaged"])
    outcome = kit.delivery.run()
    assert isinstance(outcome.error, BatchRefusedError)
    assert outcome.wait_s is None  # the other epochs keep their schedule
    assert office.standing == {"batch_refused"}
    assert kit.mark(old) == 6
    assert kit.mark() == office.last
    kit.center.sent.clear()
    assert isinstance(kit.delivery.run().error, BatchRefusedError)
    assert kit.center.sent == []  # once an hour
    kit.now_s += 3_601
    assert kit.delivery.run().error is None
    assert kit.mark(old) == 8
    assert office.standing == set()


def test_delivering_everything_does_not_wait_the_hour(kit: Kit) -> None:
    kit.office.grow(3)
    kit.center.script = deque(["damaged", "damaged"])
    kit.delivery.run()
    assert kit.delivery.run(everything=True).error is None


def test_events_before_a_refused_line_go_first(kit: Kit) -> None:
    kit.office.grow(4)
    kit.center.script = deque(["bad_line", "honest", "bad_line", "bad_line"])
    kit.delivery.run()
    assert [(h.first, h.last) for h in kit.center.sent] == [(1, 4), (1, 1), (2, 4), (2, 2)]
    assert kit.mark() == 1


def test_too_large_halves_down_to_one_event(kit: Kit) -> None:
    kit.office.grow(4)
    kit.center.script = deque(["too_large_without_hint"] * 3)
    assert isinstance(kit.delivery.run().error, BatchRefusedError)
    assert [h.count for h in kit.center.sent] == [4, 2, 1]


def test_a_center_restored_from_backup_gets_everything_again(kit: Kit) -> None:
    kit.office.grow(10)
    kit.delivery.run()
    del kit.center.stored[kit.office.epoch][3:]
    kit.office.grow(1)
    outcome = kit.delivery.run()
    assert outcome.error is None
    assert kit.center.check(kit.office.epoch) == 11
    assert ("center_rewound", True) in kit.office.told
    assert kit.office.standing == set()
    assert [r.upto for r, _ in kit.office.accepted] == [4, 8, 10, 3, 7, 11]


def test_a_center_that_lost_everything_gets_everything_again(kit: Kit) -> None:
    kit.office.grow(5)
    kit.delivery.run()
    kit.center.stored.clear()
    kit.office.grow(1)
    assert kit.delivery.run().error is None
    assert kit.center.check(kit.office.epoch) == 6


def test_a_rewind_survives_a_restart(kit: Kit) -> None:
    kit.office.grow(8)
    kit.delivery.run()
    del kit.center.stored[kit.office.epoch][2:]
    kit.office.grow(1)
    kit.center.script = deque(["honest", "unclear"])
    kit.delivery.run()
    kit.restart()
    assert kit.mark() == 2
    assert kit.delivery.run().error is None
    assert kit.center.check(kit.office.epoch) == 9


def test_events_that_are_pruned_and_wanted_open_a_new_epoch_after_the_old_mark(kit: Kit) -> None:
    office = kit.office.grow(4)
    office.open_day()
    office.grow(2)
    kit.delivery.run()
    old = office.epoch
    prune(kit, 6)
    del kit.center.stored[old][2:]
    office.grow(2)
    tail = office.history().lines(8, 9)
    outcome = kit.delivery.run()
    assert outcome.error is None
    assert office.pruned == [Mark(old, 7, kit.acceptance.mark(old).head)]
    assert kit.mark(old) == 7
    assert office.epoch != old
    assert office.journal.genesis.after is not None
    assert office.journal.genesis.after.seq == 7
    # What came after the mark is not lost: it is evidence.
    assert [list(batch.lines) for batch in kit.center.evidence] == [tail]
    assert kit.center.check(office.epoch) == office.last


def test_a_center_ahead_of_a_rolled_back_journal_opens_a_new_epoch(kit: Kit) -> None:
    office = kit.office.grow(6)
    old = office.epoch
    lines = office.history().lines(1, 6)
    kit.delivery.run()
    kit.office.folder.joinpath("receipts.jws").unlink()
    # The same journal, but the center holds two more events of it.
    more = [line_of(lines, n) for n in (7, 8)]
    kit.center.stored[old].extend(more)
    kit.restart()
    assert kit.delivery.run().error is None
    assert office.lost == [Mark(old, 0, "")]
    assert office.epoch != old
    assert kit.center.check(office.epoch) == office.last
    assert [line for batch in kit.center.evidence for line in batch.lines] == lines


def line_of(lines: list[bytes], seq: int) -> bytes:
    """Return some other line: the center's business, never parsed here."""
    return lines[-1] + str(seq).encode()


def test_a_branch_that_parted_before_the_mark_is_sent_from_where_it_parted(kit: Kit) -> None:
    office = kit.office.grow(6)
    old = office.epoch
    kit.delivery.run()  # receipts at 4 and 6
    # The card lied: the journal comes back with 5 events and goes on differently; the receipts survived.
    restore(office, 5)
    kit.restart()
    ours = office.history(old).lines(1, 5)
    opened = open_journal(office.folder, "BOX-1", kit.acceptance.marks(), fresh_epoch)
    office.journal = opened.journal
    for draft in opened.story:
        office.append(draft)
    aside = office.asides()[0]
    assert (aside.reason, aside.upto, aside.last) == (ROLLED_BACK, 6, 5)
    assert kit.delivery.run().error is None
    # What was receipted as 6 is not here; the last receipt that fits this journal is for 4.
    assert [list(batch.lines) for batch in kit.center.evidence] == [[ours[4]]]
    assert office.asides()[0].evidence_sent
    kit.center.evidence.clear()
    kit.restart()
    assert kit.delivery.run().error is None
    assert kit.center.evidence == []


def restore(office: SimOffice, upto: int) -> None:
    """Put an earlier state of the journal in place, its last event different."""
    from appliance.journal.journal import Journal, Staged
    from appliance.wire.event import check_line

    genesis, lines = office.journal.genesis, office.history().lines(1, upto - 1)
    office.journal.close()
    for path in office.folder.glob("office.*"):
        path.unlink()
    office.journal = Journal.create(office.folder, genesis)
    office.journal.append([Staged(check_line(line), line) for line in lines])
    office.grow(1, issue="other")
    office.journal.close()


def test_a_fork_about_a_neighboring_epoch_opens_a_new_epoch(kit: Kit) -> None:
    class Suspicious(SimCenter):
        def send(self, batch: bytes, header: Header) -> Answer:
            if header.epoch == forked:
                return Fork(receipt(fresh_epoch(), 3, "f" * 64))
            return super().send(batch, header)

    office = kit.office.grow(2)
    forked = office.epoch
    subject = Kit(office, Suspicious())
    assert subject.delivery.run().error is None
    assert office.lost == [Mark(forked, 0, "")]


def test_a_set_aside_epoch_that_forks_does_not_hold_up_the_others(kit: Kit) -> None:
    class Stubborn(SimCenter):
        def send(self, batch: bytes, header: Header) -> Answer:
            if header.epoch == forked:
                return Stored(receipt(header.epoch, 99, "f" * 64))
            return super().send(batch, header)

    office = kit.office.grow(5)
    forked = office.epoch
    office.new_epoch(Mark(forked, 3, office.hash_at(3)))
    office.grow(4)
    subject = Kit(office, Stubborn())
    outcome = subject.delivery.run()
    assert isinstance(outcome.error, BranchClosedError)
    assert outcome.wait_s is None
    assert subject.center.check(office.epoch) == office.last


def test_evidence_is_sent_once_and_in_bounded_batches(kit: Kit) -> None:
    office = kit.office.grow(12)
    old = office.epoch
    office.new_epoch(Mark(old, 2, office.hash_at(2)))
    kit.center.script = deque(["honest"] * 2 + ["too_large_without_hint", "busy"])
    kit.limits = Limits(events=6)
    kit.restart()
    assert isinstance(kit.delivery.run().error, BusyError)
    assert not office.asides()[0].evidence_sent
    assert kit.delivery.run().error is None
    ranges = [(b.header.first, b.header.last) for b in kit.center.evidence]
    assert ranges == [(3, 8), (9, 12)]
    assert office.asides()[0].evidence_sent
    kit.delivery.run()
    assert len(kit.center.evidence) == 2


def test_evidence_that_the_center_refuses_waits_for_people(kit: Kit) -> None:
    office = kit.office.grow(4)
    office.new_epoch(Mark(office.epoch, 2, office.hash_at(2)))
    kit.center.script = deque(["honest", "honest", "damaged", "damaged"])
    assert isinstance(kit.delivery.run().error, BatchRefusedError)
    assert kit.delivery.run().error is not None
    kit.now_s += 3_601
    assert kit.delivery.run().error is None
    assert office.asides()[0].evidence_sent


def test_evidence_already_sent_is_left_alone(kit: Kit) -> None:
    office = kit.office.grow(4)
    office.new_epoch(Mark(office.epoch, 2, office.hash_at(2)))
    evidence_was_sent(office.folder, office.asides()[0])
    assert kit.delivery.run().error is None
    assert kit.center.evidence == []


def test_a_receipt_that_cannot_be_kept_moves_nothing(kit: Kit) -> None:
    kit.office.grow(3)
    kit.file.path.mkdir()
    with pytest.raises(NotKeptError):
        kit.delivery.run()
    assert kit.mark() == 0
    assert kit.office.accepted == []
    kit.file.path.rmdir()
    assert kit.delivery.run().error is None
    assert kit.mark() == 3


@pytest.mark.parametrize("fault", ["foreign_receipt", "stranger_receipt", "garbage_receipt", "empty_receipt"])
def test_a_receipt_that_does_not_count_moves_nothing(kit: Kit, fault: str) -> None:
    kit.office.grow(3)
    kit.center.script = deque([fault])
    assert isinstance(kit.delivery.run().error, ReceiptRefusedError)
    assert kit.mark() == 0
    assert not kit.file.path.exists()


def test_stopping_acts_upon_nothing_that_comes_afterwards(kit: Kit) -> None:
    class Closing(SimCenter):
        def send(self, batch: bytes, header: Header) -> Answer:
            answer = super().send(batch, header)
            subject.stopping = True
            return answer

    kit.office.grow(9)
    subject = Kit(kit.office, Closing())
    outcome = subject.delivery.run()
    assert outcome.delivered == 0
    assert kit.office.accepted == []
    assert len(subject.center.sent) == 1


def test_a_damaged_epoch_raises_an_issue_and_the_others_go_on(kit: Kit) -> None:
    office = kit.office.grow(5)
    office.new_epoch(Mark(office.epoch, 5, office.hash_at(5)))
    office.grow(2)
    path = office.folder / "aside" / office.asides()[0].moved
    path.write_bytes(b"no database" * 500)
    outcome = kit.delivery.run()
    assert outcome.error is not None
    assert outcome.error.key == "journal.damaged"
    assert office.standing == {"history_unreadable"}
    assert kit.center.check(office.epoch) == office.last
