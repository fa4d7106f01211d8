"""Whatever the center answers and whenever the plug is pulled, every event is stored exactly once."""

from collections import deque
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from sim_uplink import CrashError, Kit, SimCenter, SimOffice

from appliance.journal.errors import JournalUnavailableError
from appliance.uplink.seal import Limits

FAULTS = (
    "honest",
    "lost_answer",
    "lost_answer_then_portal",
    "crash_before",
    "crash_after",
    "partial",
    "rewind",
    "unclear",
    "busy",
    "busy_without_hint",
    "key_refused",
    "bad_signature",
    "damaged",
    "bad_line",
    "too_large",
    "too_large_without_hint",
    "foreign_receipt",
    "stranger_receipt",
    "garbage_receipt",
    "garbage_gap",
    "garbage_fork",
    "empty_receipt",
    "stale_receipt",
    "spurious_gap",
)
RUNS = 200


def deliver_all(kit: Kit) -> int:
    """Run until nothing is left and the script is used up; return how many runs that took."""
    for run in range(1, RUNS):
        kit.now_s += 4_000.0
        try:
            outcome = kit.delivery.run()
        except (CrashError, JournalUnavailableError):
            kit.restart()
            continue
        if outcome.error is None:
            return run
        assert outcome.wait_s is None or 0 <= outcome.wait_s <= 3_600
    raise AssertionError("delivery does not come to an end")


def check(office: SimOffice, center: SimCenter, kit: Kit) -> None:
    lines = office.history().lines(1, office.last)
    assert center.check(office.epoch) == office.last
    assert center.stored[office.epoch] == lines
    assert kit.mark() == office.last


@settings(max_examples=40, deadline=None)
@given(
    script=st.lists(st.sampled_from(FAULTS), max_size=25),
    events=st.integers(1, 14),
    later=st.integers(0, 5),
    batch=st.integers(1, 5),
)
def test_every_event_is_stored_exactly_once(script: list[str], events: int, later: int, batch: int) -> None:
    with TemporaryDirectory() as folder:
        office = SimOffice.begin(Path(folder) / "data").grow(events)
        center = SimCenter(deque(script))
        kit = Kit(office, center, Limits(events=batch))
        deliver_all(kit)
        check(office, center, kit)
        center.script = deque(reversed(script))
        office.grow(later)
        deliver_all(kit)
        check(office, center, kit)
        # Restarting changes nothing: there is nothing to send.
        center.sent.clear()
        kit.restart()
        assert kit.delivery.run().error is None
        assert center.sent == []
        check(office, center, kit)
        office.close()


@settings(max_examples=20, deadline=None)
@given(script=st.lists(st.sampled_from(FAULTS), max_size=12), failing=st.sets(st.integers(0, 12), max_size=4))
def test_a_failing_office_and_a_torn_receipt_lose_nothing(script: list[str], failing: set[int]) -> None:
    calls = iter(range(1_000))

    def accepted() -> None:
        if next(calls) in failing:
            with (office.folder / "receipts.jws").open("ab") as file:
                file.write(b"\0\0\0torn")
            raise JournalUnavailableError(reason="no space left")

    with TemporaryDirectory() as folder:
        office = SimOffice.begin(Path(folder) / "data").grow(12)
        office.on_accepted = accepted
        center = SimCenter(deque(script))
        kit = Kit(office, center, Limits(events=3))
        deliver_all(kit)
        check(office, center, kit)
        office.close()


@settings(max_examples=20, deadline=None)
@given(
    # Not "rewind": a center that forgets its branch takes ours in its place.
    script=st.lists(st.sampled_from([fault for fault in FAULTS if fault != "rewind"]), max_size=12),
    agreed=st.integers(0, 6),
    theirs=st.integers(1, 4),
    ours=st.integers(0, 6),
    receipted=st.booleans(),
)
def test_a_forked_branch_ends_as_evidence_and_the_rest_in_a_new_epoch(
    script: list[str], agreed: int, theirs: int, ours: int, receipted: bool
) -> None:
    with TemporaryDirectory() as folder:
        lived = SimOffice.begin(Path(folder) / "lived").grow(agreed)
        center = SimCenter()
        kit = Kit(lived, center)
        if receipted:
            assert kit.delivery.run().error is None
        receipts = (lived.folder / "receipts.jws").read_bytes() if receipted and agreed else b""
        genesis, old = lived.journal.genesis, lived.epoch
        before = lived.history().lines(1, agreed) if agreed else []
        lived.grow(theirs, issue="theirs")
        Kit(lived, center).delivery.run()
        held = list(center.stored[old])
        lived.close()
        office = restored(Path(folder) / "data", genesis, before, receipts)
        office.grow(ours, issue="ours")
        branch = office.history().lines(1, office.last) if office.last else []
        center.script = deque(script)
        kit = Kit(office, center)
        deliver_all(kit)
        office.grow(3)
        deliver_all(kit)
        assert center.stored[old] == held
        if office.epoch != old:
            check(office, center, kit)
        evidence = [line for batch in center.evidence for line in batch.lines]
        known = {*held, *evidence}
        assert all(line in known or office.epoch == old for line in branch)
        office.close()


def restored(folder: Path, genesis: object, lines: list[bytes], receipts: bytes) -> SimOffice:
    """Return an office whose journal is an earlier state of another one."""
    from appliance.journal.journal import Journal, Staged
    from appliance.wire.chain import Genesis
    from appliance.wire.event import check_line

    assert isinstance(genesis, Genesis)
    office = SimOffice.begin(folder)
    office.journal.close()
    for path in folder.iterdir():
        path.unlink()
    office.journal = Journal.create(folder, genesis)
    office.journal.append([Staged(check_line(line), line) for line in lines])
    (folder / "receipts.jws").write_bytes(receipts)
    return office
