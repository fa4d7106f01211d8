import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue

import pytest
from sim_desk import RULES, WAIT_S, SimBox

from appliance.announce.board import Face
from appliance.announce.signs import Signs
from appliance.queueing.commands import CallNext, IssueTicket, OpenCounter
from appliance.queueing.hall import Hall


class ScriptedSign:
    """A sign that tells what it was asked to show, and can be made slow or broken."""

    def __init__(self) -> None:
        self.shown: Queue[Face] = Queue()
        self.asked = threading.Event()
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.failures = 0

    def show(self, face: Face) -> None:
        self.asked.set()
        assert self.may_go_on.wait(WAIT_S)
        if self.failures:
            self.failures -= 1
            raise OSError("nobody answers on this line")
        self.shown.put(face)

    def next(self) -> Face:
        return self.shown.get(timeout=WAIT_S)


@pytest.fixture
def halls(tmp_path: Path) -> list[Hall]:
    """Give the hall after 0, 1, 2 … numbers."""
    box = SimBox(tmp_path)
    box.start()
    found = [box.desk.state.hall]
    for _ in range(6):
        box.issue()
        found.append(box.desk.state.hall)
    box.stop()
    return found


@contextmanager
def opened(**signs: ScriptedSign) -> Iterator[Callable[[Hall], None]]:
    subject = Signs.open(RULES.hall, {name: [sign] for name, sign in signs.items()}, retry_s=0.01)
    try:
        yield subject.follow
    finally:
        for sign in signs.values():
            sign.may_go_on.set()
        subject.close()


def test_every_sign_shows_its_counters_face(halls: list[Hall]) -> None:
    q1, q2 = ScriptedSign(), ScriptedSign()
    with opened(q1=q1, q2=q2) as follow:
        follow(halls[2])
        assert (q1.next(), q2.next()) == (Face(waiting=2), Face(waiting=2))


def test_face_that_is_shown_already_is_not_sent_again(tmp_path: Path) -> None:
    box = SimBox(tmp_path)
    box.start()
    q1, q2 = ScriptedSign(), ScriptedSign()
    with opened(q1=q1, q2=q2) as follow:
        for service, at_q2 in (("ho-tich", 1), ("dat-dai", 2), ("dat-dai", 3), ("ho-tich", 4)):
            box.issue(service)
            follow(box.desk.state.hall)
            assert q2.next() == Face(waiting=at_q2)
        while (face := q1.next()) != Face(waiting=2):
            assert face == Face(waiting=1)
    assert q1.shown.empty()
    box.stop()


def test_slow_sign_holds_no_other_and_then_shows_the_newest(halls: list[Hall]) -> None:
    slow, quick = ScriptedSign(), ScriptedSign()
    slow.may_go_on.clear()
    with opened(q1=slow, q2=quick) as follow:
        follow(halls[0])
        assert slow.asked.wait(WAIT_S)
        assert quick.next() == Face()
        for waiting in range(1, 7):
            follow(halls[waiting])
            assert quick.next() == Face(waiting=waiting)
        slow.may_go_on.set()
        assert slow.next() == Face()
        assert slow.next() == Face(waiting=6)


def test_broken_sign_holds_no_other_and_is_asked_again(
    halls: list[Hall], quiet: list[dict[str, object]]
) -> None:
    broken, sound = ScriptedSign(), ScriptedSign()
    broken.failures = 3
    with opened(q1=broken, q2=sound) as follow:
        follow(halls[4])
        assert sound.next() == Face(waiting=4)
        assert broken.next() == Face(waiting=4)
        broken.failures = 1
        follow(halls[5])
        assert broken.next() == Face(waiting=5)
    assert [entry["event"] for entry in quiet] == ["sign.failed"] * 4


def test_broken_sign_that_comes_back_shows_the_newest(halls: list[Hall]) -> None:
    broken, sound = ScriptedSign(), ScriptedSign()
    broken.failures = 1_000_000
    with opened(q1=broken, q2=sound) as follow:
        for waiting in (1, 2, 3):
            follow(halls[waiting])
            assert sound.next() == Face(waiting=waiting)
        broken.failures = 0
        while (face := broken.next()) != Face(waiting=3):
            assert face.waiting < 3


def test_signs_follow_a_desk(tmp_path: Path) -> None:
    sign = ScriptedSign()
    box = SimBox(tmp_path)
    box.start()
    with opened(q1=sign) as follow:
        box.desk.listen(lambda _events, state: follow(state.hall))
        for command in (OpenCounter(counter="q1"), IssueTicket(service="ho-tich"), CallNext(counter="q1")):
            box.ask(command)
        while (face := sign.next()) != Face("A001", 1, 0):
            assert face.label is None
    box.stop()


def test_closing_does_not_wait_for_what_was_not_shown_yet(halls: list[Hall]) -> None:
    sign = ScriptedSign()
    sign.failures = 1_000_000
    subject = Signs.open(RULES.hall, {"q1": [sign]}, retry_s=3600)
    subject.follow(halls[1])
    assert sign.asked.wait(WAIT_S)
    subject.close()
    assert not [thread for thread in threading.enumerate() if thread.name in {"signs", "sign q1"}]
