import threading
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from scripted_http import Response, ScriptedHttpCenter
from sim_uplink import CENTER, DEVICE, ROOT_KEY, SimCenter, SimOffice

from appliance.uplink.answers import Answer, ClaimRefused, EnrolAnswer, Unclear, Waiting
from appliance.uplink.center import Center, HttpCenter
from appliance.uplink.enrol import Order
from appliance.uplink.errors import NotEnrolledError, UplinkClosedError
from appliance.uplink.identity import IdentityFolder
from appliance.uplink.schedule import Plan
from appliance.uplink.seal import Limits
from appliance.uplink.uplink import Uplink
from appliance.wire.batch import Header
from appliance.wire.enrolment import Claim

pytestmark = pytest.mark.integration

SAFETY_S = 60.0
SELDOM = Plan(interval_s=86_400.0, jitter_s=86_400.0)
OFTEN = Plan(interval_s=0.1)


def order(word: str = "first") -> Order:
    return Order(
        claim=Claim(DEVICE, word),
        center=CENTER,
        url="https://center.example",
        root=ROOT_KEY.kid,
        serial="10000000abcdef01",
        board="Raspberry Pi 4 Model B",
        software="0.1.0",
    )


class Uplinks:
    """Makes uplinks over one office and closes them."""

    def __init__(self, office: SimOffice) -> None:
        self._office = office
        self._made: list[Uplink] = []

    def __call__(
        self, center: Center, *, plan: Plan = SELDOM, claim: Order | None = None, start: bool = True
    ) -> Uplink:
        made = Uplink(
            folder=self._office.folder,
            office=self._office,
            center=center,
            plan=plan,
            device=DEVICE,
            software="0.1.0",
            limits=Limits(events=4),
            uniform=lambda _low, _high: 0.01,
            order=claim,
        )
        self._made.append(made)
        if start:
            made.start()
        return made

    def close(self) -> None:
        for made in self._made:
            made.close()
            made.close()


@pytest.fixture
def uplinks(office: SimOffice) -> Iterator[Uplinks]:
    made = Uplinks(office)
    yield made
    made.close()


class WatchedCenter(SimCenter):
    """Tells a test when a batch was answered."""

    def __init__(self, until: Callable[[Header], bool]) -> None:
        super().__init__()
        self._until = until
        self.reached = threading.Event()

    def send(self, batch: bytes, header: Header) -> Answer:
        answer = super().send(batch, header)
        if self._until(header):
            self.reached.set()
        return answer


def test_a_box_enrols_and_delivers(office: SimOffice, uplinks: Uplinks) -> None:
    office.grow(10)
    center = SimCenter()
    subject = uplinks(center, claim=order())
    before = subject.status()
    assert (before.enrolled, before.unreceipted, before.marks) == (False, 10, ())
    assert before.next_run_at is not None
    outcome = subject.deliver_now().result(SAFETY_S)
    assert (outcome.delivered, outcome.error) == (10, None)
    assert [h.last for h in center.sent] == [4, 8, 10]
    status = subject.status()
    assert (status.enrolled, status.unreceipted, status.error_key) == (True, 0, None)
    assert [(mark.epoch, mark.upto) for mark in status.marks] == [(office.epoch, 10)]
    assert status.last_success is not None
    assert status.last_failure is None


def test_the_schedule_delivers_by_itself(office: SimOffice, uplinks: Uplinks) -> None:
    center = WatchedCenter(lambda header: header.last == 9)
    office.grow(9)
    subject = uplinks(center, plan=OFTEN, claim=order())
    assert center.reached.wait(SAFETY_S)
    subject.deliver_now().result(SAFETY_S)
    assert center.check(office.epoch) == 9


def test_a_line_that_is_down_is_tried_again_for_ever(office: SimOffice, uplinks: Uplinks) -> None:
    office.grow(3)
    center = WatchedCenter(lambda _header: not center.script)
    center.script = deque(["unclear"] * 30)
    uplinks(center, claim=order(), plan=OFTEN)
    assert center.reached.wait(SAFETY_S)


def test_a_bug_in_the_office_does_not_end_delivery(office: SimOffice, uplinks: Uplinks) -> None:
    office.grow(3)
    fails = iter([True, True])

    def accepted() -> None:
        if next(fails, False):
            raise ZeroDivisionError

    office.on_accepted = accepted
    subject = uplinks(SimCenter(), claim=order())
    with pytest.raises(ZeroDivisionError):
        subject.deliver_now().result(SAFETY_S)
    assert subject.status().error_key == "motcua.error"
    assert subject.deliver_now().result(SAFETY_S).error is None
    office.grow(1)
    with pytest.raises(ZeroDivisionError):
        subject.deliver_now().result(SAFETY_S)
    office.grow(1)
    assert subject.deliver_now().result(SAFETY_S).error is None


def test_without_a_claim_the_box_records_and_says_so(office: SimOffice, uplinks: Uplinks) -> None:
    office.grow(2)
    subject = uplinks(SimCenter())
    outcome = subject.deliver_now().result(SAFETY_S)
    assert isinstance(outcome.error, NotEnrolledError)
    status = subject.status()
    assert (status.error_key, status.unreceipted, status.enrolled) == ("uplink.not_enrolled", 2, False)
    assert office.standing == {"not_enrolled"}
    with pytest.raises(NotEnrolledError):
        subject.export(office.folder).result(SAFETY_S)


class Door(SimCenter):
    """Opens after some refusals."""

    def __init__(self, *answers: EnrolAnswer) -> None:
        super().__init__()
        self.answers = list(answers)

    def enrol(self, request: str) -> EnrolAnswer:
        return self.answers.pop(0) if self.answers else super().enrol(request)


def test_an_enrolment_is_asked_for_until_it_is_granted(office: SimOffice, uplinks: Uplinks) -> None:
    office.grow(2)
    subject = uplinks(Door(Unclear("down"), Waiting(60), ClaimRefused("expired")), claim=order())
    keys = [subject.deliver_now().result(SAFETY_S).error for _ in range(3)]
    assert [error and error.key for error in keys] == [
        "uplink.unclear",
        "uplink.unconfirmed",
        "uplink.claim_refused",
    ]
    assert office.standing == {"not_enrolled"}
    assert subject.deliver_now().result(SAFETY_S).error is None
    assert office.standing == set()
    assert IdentityFolder(office.folder).load().device == DEVICE


def test_a_claim_for_a_replacement_that_fails_leaves_the_old_key_in_use(
    office: SimOffice, uplinks: Uplinks
) -> None:
    office.grow(2)
    center = Door()
    uplinks(center, claim=order()).deliver_now().result(SAFETY_S)
    kid = IdentityFolder(office.folder).load().key.kid
    uplinks.close()
    again = Door(ClaimRefused("typing error"))
    again.stored, again.genesis, again.keys = center.stored, center.genesis, center.keys
    office.grow(2)
    subject = uplinks(again, claim=order("second"))
    assert subject.deliver_now().result(SAFETY_S).error is None
    assert IdentityFolder(office.folder).load().key.kid == kid
    assert office.standing == {"not_enrolled"}


def test_a_restart_knows_the_marks_before_the_first_delivery(office: SimOffice, uplinks: Uplinks) -> None:
    office.grow(6)
    center = SimCenter()
    uplinks(center, claim=order()).deliver_now().result(SAFETY_S)
    uplinks.close()
    center.sent.clear()
    office.grow(1)
    subject = uplinks(center)
    assert subject.export(made(office.folder / "stick")).result(SAFETY_S).written != []
    assert subject.status().unreceipted == 1
    subject.deliver_now().result(SAFETY_S)
    assert [(h.first, h.last) for h in center.sent] == [(7, 7)]


def made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_the_stick_works_beside_the_line(office: SimOffice, uplinks: Uplinks) -> None:
    office.grow(3)
    center = SimCenter()
    subject = uplinks(center, claim=order())
    subject.deliver_now().result(SAFETY_S)
    office.grow(2)
    folder = made(office.folder / "stick")
    assert len(subject.export(folder).result(SAFETY_S).written) == 1
    assert subject.deliver_now().result(SAFETY_S).error is None
    assert subject.export(folder).result(SAFETY_S).present == []
    name = f"{DEVICE}-{office.epoch}-5.receipt"
    (folder / name).write_text(center.receipt(office.epoch, 5), encoding="ascii")
    assert subject.import_receipts(folder).result(SAFETY_S).known == [name]


def test_closing_ends_everything_in_the_middle_of_a_request_that_hangs(
    office: SimOffice, uplinks: Uplinks
) -> None:
    office.grow(2)
    uplinks(SimCenter(), claim=order()).deliver_now().result(SAFETY_S)
    uplinks.close()
    office.accepted.clear()
    office.told.clear()
    office.grow(2)
    hang = threading.Event()
    with ScriptedHttpCenter(lambda _request: Response(hang=hang)) as scripted:
        center = HttpCenter(scripted.url, timeout_s=600, moment=office.moment, software="0.1.0")
        subject = uplinks(center)
        running, waiting = subject.deliver_now(), subject.deliver_now()
        assert scripted.arrived.wait(SAFETY_S)
        assert subject.status().running
        subject.close()
        # The answer is still not there.
        assert not hang.is_set()
        for future in (running, waiting, subject.deliver_now()):
            error = future.exception(SAFETY_S)
            assert error is None or isinstance(error, UplinkClosedError)
        hang.set()
    # Nothing of the unanswered request was acted upon.
    assert (office.accepted, office.standing) == ([], set())
    subject.stepped()


def test_closing_what_was_never_started_is_harmless(office: SimOffice, uplinks: Uplinks) -> None:
    center = SimCenter()
    uplinks(center, start=False).close()
    assert center.closed
