import pytest
from hypothesis import given
from hypothesis import strategies as st
from sim_uplink import CENTER, DEVICE, fresh_epoch

from appliance.journal.journal import Mark
from appliance.uplink.receipts import Advance, Diverged, Foreign, Own, Pruned, Rewind, Stale, judge
from appliance.wire.receipt import Receipt

EPOCH = fresh_epoch()


def head_of(seq: int) -> str:
    return f"{seq:064x}" if seq else ""


def receipt(upto: int, *, head: str | None = None, device: str = DEVICE, epoch: str = EPOCH) -> Receipt:
    at = "2026-11-23T08:00:00.000000Z"
    return Receipt(CENTER, device, epoch, upto, head_of(upto) if head is None else head, at, 300, 0)


def own(upto: int, *, mark: int = 10, last: int = 20, held_from: int = 1, head: str | None = None) -> Own:
    """Return what a box holds: its mark, its end, and events from ``held_from`` on."""
    held = upto == 0 or upto >= held_from - 1
    return Own(
        device=DEVICE,
        mark=Mark(EPOCH, mark, head_of(mark)),
        last=last,
        head=(head or head_of(upto)) if held else None,
        next_held=held_from <= upto + 1 <= last,
    )


def test_a_receipt_above_the_mark_advances_it() -> None:
    assert judge(receipt(15), own(15), gap=False) == Advance(Mark(EPOCH, 15, head_of(15)))


def test_a_receipt_up_to_the_last_event_advances_the_mark() -> None:
    assert judge(receipt(20), own(20), gap=False) == Advance(Mark(EPOCH, 20, head_of(20)))


@pytest.mark.parametrize("upto", [1, 9, 10])
def test_a_receipt_at_or_below_the_mark_says_nothing_new(upto: int) -> None:
    assert judge(receipt(upto), own(upto), gap=False) == Stale()


def test_a_gap_at_the_mark_says_nothing_new() -> None:
    assert judge(receipt(10), own(10), gap=True) == Stale()


def test_a_gap_above_the_mark_advances_it() -> None:
    assert judge(receipt(12), own(12), gap=True) == Advance(Mark(EPOCH, 12, head_of(12)))


@pytest.mark.parametrize("upto", [0, 1, 9])
def test_a_gap_below_the_mark_rewinds(upto: int) -> None:
    assert judge(receipt(upto), own(upto), gap=True) == Rewind(Mark(EPOCH, upto, head_of(upto)))


@pytest.mark.parametrize("upto", [0, 3, 6])
def test_a_gap_below_what_is_held_asks_for_pruned_events(upto: int) -> None:
    assert judge(receipt(upto), own(upto, held_from=8), gap=True) == Pruned()


def test_a_gap_right_before_what_is_held_rewinds() -> None:
    assert judge(receipt(7), own(7, held_from=8), gap=True) == Rewind(Mark(EPOCH, 7, head_of(7)))


def test_a_receipt_below_what_is_held_says_nothing_new() -> None:
    assert judge(receipt(3), own(3, held_from=8), gap=False) == Stale()


@pytest.mark.parametrize("gap", [False, True])
def test_a_receipt_above_the_last_event_means_another_branch(gap: bool) -> None:
    assert judge(receipt(21), own(21), gap=gap) == Diverged()


@pytest.mark.parametrize("upto", [5, 10, 15])
def test_another_hash_means_another_branch(upto: int) -> None:
    assert judge(receipt(upto, head="f" * 64), own(upto), gap=False) == Diverged()
    assert judge(receipt(upto, head="f" * 64), own(upto), gap=True) == Diverged()


def test_the_mark_itself_is_compared_with_what_was_receipted() -> None:
    rolled_back = own(10, head="e" * 64)
    assert judge(receipt(10), rolled_back, gap=False) == Stale()
    assert judge(receipt(10, head="e" * 64), rolled_back, gap=False) == Diverged()


def test_nothing_stored_counts_in_a_gap_answer_only() -> None:
    assert isinstance(judge(receipt(0), own(0), gap=False), Foreign)


def test_a_receipt_of_another_box_or_epoch_does_not_count() -> None:
    assert isinstance(judge(receipt(15, device="BOX-2"), own(15), gap=False), Foreign)
    assert isinstance(judge(receipt(15, epoch=fresh_epoch()), own(15), gap=True), Foreign)


def test_an_event_that_cannot_be_compared_does_not_advance_the_mark() -> None:
    assert isinstance(judge(receipt(12), own(12, held_from=18), gap=False), Foreign)


@given(
    upto=st.integers(0, 30),
    mark=st.integers(0, 20),
    held_from=st.integers(1, 20),
    same=st.booleans(),
    gap=st.booleans(),
)
def test_the_mark_moves_only_to_events_that_are_ours(
    upto: int, mark: int, held_from: int, same: bool, gap: bool
) -> None:
    head = head_of(upto) if same or not upto else "f" * 64
    verdict = judge(receipt(upto, head=head), own(upto, mark=mark, held_from=held_from), gap=gap)
    match verdict:
        case Advance(mark=moved):
            assert mark < moved.upto == upto <= 20
            assert moved.head == head_of(upto)
        case Rewind(mark=moved):
            assert gap
            assert upto == moved.upto < mark
            assert moved.head == head_of(upto)
            assert upto + 1 >= held_from
        case _:
            pass
