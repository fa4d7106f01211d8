import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from appliance.clock import BelievedClock, ScriptedTime, entropy
from appliance.journal.epochs import open_journal
from appliance.journal.journal import Journal, Mark, Staged, stage
from appliance.wire.event import Draft, new_epoch

START_US = 1_795_311_000_000_000  # 2026-11-22, morning in Hanoi
DEVICE = "xa-muong-te-1"


class Box:
    """A data directory with a journal that can be filled, closed and opened again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.time = ScriptedTime(START_US)
        self.clock = BelievedClock(self.time, floor_us=START_US - 1, has_rtc=False)
        self.clock.observe()
        self.journal: Journal | None = None

    def new_epoch(self) -> str:
        self.time.advance(1)
        return new_epoch(self.clock.now().at_us, entropy(10))

    def open(self, marks: tuple[Mark, ...] = ()):
        opened = open_journal(self.folder, DEVICE, marks, self.new_epoch)
        self.journal = opened.journal
        return opened

    def fill(self, count: int, kind: str = "ticket.issued") -> list[Staged]:
        """Append one day and then ``count`` numbers in one transaction."""
        assert self.journal is not None
        chain, staged = self.journal.chain, []
        drafts = [Draft("day.opened", {"day": "2026-11-22", "source": "clock", "carries": {"next": []}})]
        drafts += [
            Draft(
                kind,
                {
                    "ticket": f"2026-11-22/A/{number}",
                    "label": f"A{number:03d}",
                    "service": "ho-tich",
                    "priority": "none",
                    "source": "button",
                },
            )
            for number in range(1, count + 1)
        ]
        for draft in drafts:
            self.time.advance(1000)
            chain, one = stage(chain, draft, self.clock.now())
            staged.append(one)
        self.journal.append(staged)
        return staged

    def mark(self, upto: int) -> Mark:
        assert self.journal is not None
        head = self.journal.hash_at(upto)
        assert head is not None
        return Mark(self.journal.chain.epoch, upto, head)

    def close(self) -> None:
        if self.journal is not None:
            self.journal.close()
            self.journal = None


@pytest.fixture
def make_box(tmp_path: Path) -> Iterator[Callable[[], Box]]:
    made: list[Box] = []
    numbers = itertools.count()

    def make() -> Box:
        folder = tmp_path / f"box{next(numbers)}"
        folder.mkdir()
        made.append(Box(folder))
        return made[-1]

    yield make
    for box in made:
        box.close()


@pytest.fixture
def box(make_box: Callable[[], Box]) -> Box:
    return make_box()
