"""A file that is damaged under the running desk, or found damaged at the start."""

import random
import shutil
import sqlite3
from pathlib import Path

import pytest
from sim_desk import WAIT_S, Gate, SimBox, check_journal, let_go_of_the_cache

from appliance.desk.commands import Prune, ReportFault
from appliance.desk.state import State
from appliance.feedback.rating import Press
from appliance.journal.aside import SALVAGED, asides
from appliance.journal.database import PAGE_BYTES
from appliance.journal.epochs import _read
from appliance.queueing import commands as hall
from appliance.queueing.commands import IssueTicket
from appliance.queueing.day import carried_tickets
from appliance.wire.event import Event

TICKETS = 12


def busy_hall(box: SimBox) -> None:
    """Let the hall have tickets in every state, open counters, ratings and an open issue."""
    for command in (
        hall.OpenCounter(counter="q1", officer="lan"),
        hall.OpenCounter(counter="q2", officer="minh", services=("dat-dai",)),
        *(IssueTicket(service="ho-tich", request=f"k{number}") for number in range(TICKETS)),
        IssueTicket(service="dat-dai", priority="cao-tuoi"),
        ReportFault("panel_offline", "q2"),
        hall.CallNext(counter="q1"),
        hall.MarkNoShow(counter="q1"),
        hall.CallNext(counter="q1"),
        hall.Start(counter="q1"),
        hall.Hold(counter="q1"),
        hall.CallNext(counter="q2", request="call"),
        hall.PauseCounter(counter="q2", reason="lunch"),
        hall.CallNext(counter="q1"),
        hall.Start(counter="q1"),
        Press("q1", 3, "gpio"),
    ):
        box.time.advance(50_000)
        box.ask(command)


def working(state: State) -> dict[str, object]:
    """Return what a citizen or an officer would miss."""
    now = state.hall
    return {
        "day": now.day,
        "numbers": dict(now.numbers),
        "open": {ticket.key: (ticket.state, ticket.counter) for ticket in carried_tickets(now)},
        "line": sorted(now.line, key=now.line.__getitem__),
        "posts": {
            name: (post.state, post.officer, post.services, post.ticket) for name, post in now.posts.items()
        },
        "faults": set(state.faults),
    }


def overwrite(path: Path, page: int, dice: random.Random) -> None:
    """Put noise where a page was; pages count from 1."""
    with path.open("r+b") as file:
        file.seek((page - 1) * PAGE_BYTES)
        file.write(dice.randbytes(PAGE_BYTES))


def damages(path: Path) -> list[str]:
    """Return the ways in which a file can be spoiled, as words for :func:`spoil`."""
    pages = path.stat().st_size // PAGE_BYTES
    return [f"page {page}" for page in range(1, pages + 1)]


def spoil(path: Path, damage: str) -> None:
    what, _, number = damage.partition(" ")
    pages = path.stat().st_size // PAGE_BYTES
    dice = random.Random(damage)
    match what:
        case "page":
            overwrite(path, int(number), dice)
        case "from":
            for page in range(int(number), pages + 1):
                overwrite(path, page, dice)
        case "cut":
            with path.open("r+b") as file:
                file.truncate(max(PAGE_BYTES, pages * PAGE_BYTES * int(number) // 100))


IN_USE = [f"page {page}" for page in (1, 2, 3, 4, 5, 6, 7)] + [
    "from 1",
    "from 3",
    "from 10",
    "cut 1",
    "cut 40",
]


@pytest.mark.parametrize("damage", IN_USE)
def test_damage_seen_in_use_begins_an_epoch_and_loses_nothing(box: SimBox, damage: str) -> None:
    busy_hall(box)
    with Gate().held(box.desk):
        old = box.desk.state
        let_go_of_the_cache(box.folder)
        spoil(box.folder / "office.db", damage)
        futures = [box.desk.post(IssueTicket(service="ho-tich")) for _ in range(3)]
    answers = [future.result(WAIT_S) for future in futures]
    assert [answer.result["label"] for answer in answers] == ["A013", "A014", "A015"]
    new = box.desk.state
    if new.epoch == old.epoch:
        # The noise hit a page that appends do not read; the next start finds it, if it matters.
        box.restart()
        assert box.issue().result["label"] >= "A016"  # numbers that may be lost are skipped
        check_journal(box)
        return
    check_salvaged(box, old, new)
    assert box.issue(request="k3").result["label"] == "A004"
    assert box.ask(hall.CallNext(counter="q2", request="call")).kind == "ticket.called"
    box.time.advance(10_000)
    box.ask(Press("q1", 1, "gpio"))
    rating = box.events()[-1].data
    assert (rating["ticket"], rating["officer"], rating["flags"]) == ("2026-11-23/A/3", "lan", ["repeat"])


def check_salvaged(box: SimBox, old: State, new: State) -> None:
    (aside,) = asides(box.folder)
    assert (aside.epoch, aside.reason) == (old.epoch, SALVAGED)
    check_journal(box)
    mine = [event for event in box.events() if event.epoch == new.epoch]
    check_opening(mine, old)
    told = [event for event in mine if event.kind in {"journal.salvaged", "device.fault"}]
    assert [event.kind for event in told] == ["journal.salvaged", "device.fault"]
    assert told[0].data["epoch"] == old.epoch
    assert told[0].data["upto"] == aside.upto
    assert told[1].data == {"issue": "journal_damaged", "subject": old.epoch}
    was, now = working(old), working(new)
    for key in ("day", "posts"):
        assert now[key] == was[key], key
    assert dict(new.hall.numbers)["B"] == dict(old.hall.numbers)["B"]
    for ticket, state in was["open"].items():  # type: ignore[attr-defined]
        assert now["open"][ticket] == state  # type: ignore[index]
    assert now["line"][: len(was["line"])] == was["line"]  # type: ignore[index,arg-type]
    assert set(new.faults) >= set(old.faults)


def check_opening(events: list[Event], old: State) -> None:
    """Check how a new epoch begins: the day, then one event per open ticket, then the counters."""
    assert events[0].kind == "day.opened"
    assert (events[0].data["source"], events[0].data["day"]) == ("epoch", old.hall.day)
    open_keys = [ticket.key for ticket in carried_tickets(old.hall)]
    carried = events[1 : 1 + len(open_keys)]
    assert [event.kind for event in carried] == ["ticket.carried"] * len(open_keys)
    assert [event.data["ticket"] for event in carried] == open_keys
    posts = events[1 + len(open_keys) : 1 + len(open_keys) + len(old.hall.posts)]
    assert [event.kind.split(".")[0] for event in posts] == ["counter"] * len(old.hall.posts)


def test_damage_again_and_again_keeps_the_hall(box: SimBox) -> None:
    busy_hall(box)
    labels = []
    for _ in range(4):
        let_go_of_the_cache(box.folder)
        spoil(box.folder / "office.db", "from 1")
        labels.append(box.issue().result["label"])
    assert labels == ["A013", "A014", "A015", "A016"]
    assert len(asides(box.folder)) == 4
    check_journal(box)
    box.restart()
    assert box.issue().result["label"] == "A017"


@pytest.mark.parametrize("part", range(8))
def test_page_spoiled_while_the_box_was_off_repeats_no_legible_number(
    box: SimBox, tmp_path: Path, part: int
) -> None:
    busy_hall(box)
    box.stop()
    for damage in damages(box.folder / "office.db")[part::8]:
        other = SimBox(tmp_path / damage)
        shutil.copytree(box.folder, other.folder, dirs_exist_ok=True)
        spoil(other.folder / "office.db", damage)
        highest = highest_legible(other.folder / "office.db")
        other.start()
        number = int(other.issue().result["ticket"].rpartition("/")[2])
        assert number > highest, damage
        assert other.desk.recording_stopped is None
        other.stop()
        check_journal(other)


def highest_legible(path: Path) -> int:
    read = _read(path)
    events = () if read is None else (*read.history, *read.tail)
    issued = [event.data["ticket"] for event in events if event.kind == "ticket.issued"]
    return max((int(key.rpartition("/")[2]) for key in issued if "/A/" in key), default=0)


def test_damage_that_only_the_first_append_of_a_start_meets_keeps_the_hall(box: SimBox) -> None:
    """A spoiled free list is not read before something is written."""
    for _ in range(60):
        box.issue()
    box.time.advance(86_400_000)
    busy_hall(box)
    mark = box.mark()
    box.time.advance(40 * 86_400_000)
    box.issue()
    box.marks.append(mark)
    box.ask(Prune(mark, 10))
    assert "journal.pruned" in box.kinds()
    old = box.desk.state
    box.stop()
    path = box.folder / "office.db"
    with sqlite3.connect(path) as db:
        (free,) = db.execute("PRAGMA freelist_count").fetchone()
    db.close()
    assert free > 2
    trunk = int.from_bytes(path.read_bytes()[32:36], "big")
    overwrite(path, trunk, random.Random(1))
    check_journal(box)
    box.start()
    while box.desk.state.epoch == old.epoch:  # until a page is taken from the free list
        box.issue()
    assert working(box.desk.state)["posts"] == working(old)["posts"]
    check_journal(box)
