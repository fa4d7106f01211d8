"""Re-delivery in any split and order changes nothing, and each event is stored exactly once."""

import random
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from sim_center import Center, kind
from sim_center_device import SimDevice, SimEpoch

from center.ancestry import export_lines

EVENTS = 12
Range = tuple[int, int]


@st.composite
def splits(draw: st.DrawFn, total: int) -> list[Range]:
    """Ranges that cover 1 … total together, overlapping as they like."""
    cuts = sorted(draw(st.sets(st.integers(1, total - 1), max_size=4)))
    ranges = list(zip([1, *(cut + 1 for cut in cuts)], [*cuts, total], strict=True))
    extra = st.integers(1, total).flatmap(lambda a: st.tuples(st.just(a), st.integers(a, total)))
    return ranges + draw(st.lists(extra, max_size=4))


def deliver(center: Center, sent: list[tuple[SimEpoch, Range]]) -> list[str]:
    """Send everything, and what met a gap again until it is in."""
    answers: list[str] = []
    while sent:
        late = []
        for epoch, (first, last) in sent:
            answers.append(kind(center.send(epoch, first, last)))
            if answers[-1] == "gap":
                late.append((epoch, (first, last)))
        assert len(late) < len(sent)
        sent = late
    return answers


@given(first=splits(EVENTS), second=splits(EVENTS), seed=st.integers(0, 2**32), restart=st.booleans())
@settings(max_examples=30, deadline=None)
def test_any_split_order_and_repetition_ends_the_same(
    first: list[Range], second: list[Range], seed: int, restart: bool
) -> None:
    with TemporaryDirectory() as folder:
        center = Center(Path(folder))
        box = center.enrolled()
        old = box.epoch(1, events=EVENTS)
        new = box.epoch(2, after=old.point(EVENTS), events=EVENTS)
        sent = [(old, one) for one in first] + [(new, one) for one in second]
        random.Random(seed).shuffle(sent)
        assert set(deliver(center, sent)) <= {"receipt", "gap"}
        if restart:
            center.restart()
            deliver(center, sent)
        expected = [line + b"\n" for line in old.lines + new.lines]
        assert list(export_lines(center.store, "BOX-1")) == expected
        audit = center.audit()
        assert audit.is_complete
        assert [(e.upto, e.head) for e in audit.epochs] == [
            (EVENTS, old.hash_at(EVENTS)),
            (EVENTS, new.hash_at(EVENTS)),
        ]
        center.store.close()


@given(cut=st.integers(1, EVENTS), ranges=splits(EVENTS), seed=st.integers(0, 2**32))
@settings(max_examples=12, deadline=None)
def test_of_two_histories_one_is_stored_whole_and_the_other_only_where_they_agree(
    cut: int, ranges: list[Range], seed: int
) -> None:
    with TemporaryDirectory() as folder:
        center = Center(Path(folder))
        box = center.enrolled()
        left = box.epoch(1, events=EVENTS)
        right = left.copy(cut - 1).grow(EVENTS - cut + 1, mark="b")
        sent = [(one, part) for one in (left, right) for part in ranges]
        random.Random(seed).shuffle(sent)
        before = -1
        while before < len(center.held(left)):
            before = len(center.held(left))
            for epoch, (first, last) in sent:
                reply = center.send(epoch, first, last)
                assert kind(reply) in {"receipt", "gap", "fork"}
                assert center.receipt(reply).upto == len(center.held(left))
        stored = center.held(left)
        assert stored in (left.lines, right.lines)
        assert center.audit().is_complete
        center.store.close()


def test_an_overlap_at_every_place_stores_the_rest_once(tmp_path: Path) -> None:
    for mark in range(1, 6):
        for first in range(1, mark + 2):
            folder = tmp_path / f"{mark}-{first}"
            folder.mkdir()
            center = Center(folder)
            box: SimDevice = center.enrolled()
            epoch = box.epoch(events=7)
            center.send(epoch, 1, mark)
            assert center.receipt(center.send(epoch, first, 7)).upto == 7
            assert center.held(epoch) == epoch.lines
            center.store.close()
