"""The uplink against the province's server itself, over HTTP."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sim_uplink import DEVICE, SimOffice, fresh_epoch

from appliance.journal.epochs import open_journal
from appliance.journal.journal import Journal, Staged
from appliance.uplink.center import HttpCenter
from appliance.uplink.enrol import Order
from appliance.uplink.errors import KeyRefusedError
from appliance.uplink.identity import IdentityFolder
from appliance.uplink.receipts import ReceiptFile
from appliance.uplink.schedule import Plan
from appliance.uplink.seal import Limits
from appliance.uplink.uplink import Uplink
from appliance.wire.enrolment import Claim
from appliance.wire.event import check_line
from center.register import quarantine
from center.serve import CenterServer

pytestmark = pytest.mark.integration

SAFETY_S = 60.0
NAME = "province-01"


class Province:
    """A center that can be stopped, restored from a backup and started again on the same port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.server = self._start(0)

    def _start(self, port: int) -> CenterServer:
        return CenterServer.start(self.folder / "center.db", self.folder / "keys", port=port, name=NAME)

    def order(self) -> Order:
        return Order(
            claim=Claim.parse(self.server.make_claim(DEVICE, "site-1", "office")),
            center=NAME,
            url=self.server.url,
            root=self.server.keys.root_thumbprint,
            serial="10000000abcdef01",
            board="Raspberry Pi 4 Model B",
            software="0.1.0",
        )

    def backup(self) -> None:
        """Keep a copy of the store as it is now."""
        self.server.stop()
        shutil.copytree(self.folder, self.folder.with_suffix(".backup"))
        self.server = self._start(self.server.port)

    def restore(self) -> None:
        """Go back to the copy."""
        self.server.stop()
        shutil.rmtree(self.folder)
        self.folder.with_suffix(".backup").rename(self.folder)
        self.server = self._start(self.server.port)

    def lines(self, epoch: str) -> list[bytes]:
        return [stored.line for stored in self.server.store.lines(DEVICE, epoch)]


@pytest.fixture
def province(tmp_path: Path) -> Iterator[Province]:
    made = Province(tmp_path / "province")
    yield made
    made.server.stop()


def uplink(office: SimOffice, url: str, claim: Order | None = None) -> Uplink:
    made = Uplink(
        folder=office.folder,
        office=office,
        center=HttpCenter(url, timeout_s=30, moment=office.moment, software="0.1.0"),
        plan=Plan(interval_s=86_400, jitter_s=86_400),
        device=DEVICE,
        software="0.1.0",
        limits=Limits(events=7),
        uniform=lambda low, _high: low,
        order=claim,
    )
    made.start()
    return made


def test_a_life_with_the_real_center(office: SimOffice, province: Province) -> None:
    office.grow(20)
    subject = uplink(office, province.server.url, province.order())
    outcome = subject.deliver_now().result(SAFETY_S)
    assert (outcome.error, outcome.delivered) == (None, 20)
    assert outcome.next_after_s is not None
    assert province.lines(office.epoch) == office.history().lines(1, 20)

    province.backup()
    office.grow(15)
    assert subject.deliver_now().result(SAFETY_S).error is None
    province.restore()
    assert len(province.lines(office.epoch)) == 20
    office.grow(1)
    assert subject.deliver_now().result(SAFETY_S).error is None
    assert ("center_rewound", True) in office.told
    assert office.standing == set()
    assert province.lines(office.epoch) == office.history().lines(1, 36)

    with province.server.store.transaction():
        quarantine(province.server.store, DEVICE, "two boxes with one key")
    office.grow(1)
    assert isinstance(subject.deliver_now().result(SAFETY_S).error, KeyRefusedError)
    assert office.standing == {"key_refused"}
    subject.close()

    again = uplink(office, province.server.url, province.order())
    assert again.deliver_now().result(SAFETY_S).error is None
    # The new process did not know of the issue; the first receipt clears it all the same.
    assert office.standing == set()
    assert province.lines(office.epoch) == office.history().lines(1, 37)
    again.close()


def test_a_card_that_lied_becomes_a_new_epoch_and_evidence(office: SimOffice, province: Province) -> None:
    office.grow(10)
    old, genesis = office.epoch, office.journal.genesis
    subject = uplink(office, province.server.url, province.order())
    assert subject.deliver_now().result(SAFETY_S).error is None
    subject.close()
    held = province.lines(old)
    # The journal wakes up with 8 of its 10 events and two others after them; the receipts know 7 and 10.
    survived = office.history().lines(1, 8)
    office.journal.close()
    for path in office.folder.glob("office.*"):
        path.unlink()
    office.journal = Journal.create(office.folder, genesis)
    office.journal.append([Staged(check_line(line), line) for line in survived])
    office.grow(4, issue="after_the_lie")
    branch = office.history().lines(8, 12)
    office.journal.close()
    find_key = IdentityFolder(office.folder).load().center.find_kept_key
    marks = ReceiptFile.of(office.folder).marks(find_key)
    opened = open_journal(office.folder, DEVICE, marks, fresh_epoch)
    office.journal = opened.journal
    for draft in opened.story:
        office.append(draft)
    office.grow(3)

    again = uplink(office, province.server.url)
    assert again.deliver_now().result(SAFETY_S).error is None
    again.close()
    assert province.lines(old) == held
    assert province.lines(office.epoch) == office.history().lines(1, office.last)
    stored = province.server.store.evidence(DEVICE)
    assert [(e.epoch, e.first, e.last) for e in stored] == [(old, 8, 12)]
    assert len(branch) == 5
    assert office.asides()[0].evidence_sent


def test_a_tail_that_the_card_lost_together_with_its_receipts(office: SimOffice, province: Province) -> None:
    office.grow(10)
    old, genesis = office.epoch, office.journal.genesis
    subject = uplink(office, province.server.url, province.order())
    assert subject.deliver_now().result(SAFETY_S).error is None
    subject.close()
    survived = office.history().lines(1, 8)
    office.journal.close()
    for path in [*office.folder.glob("office.*"), office.folder / "receipts.jws"]:
        path.unlink()
    office.journal = Journal.create(office.folder, genesis)
    office.journal.append([Staged(check_line(line), line) for line in survived])
    office.grow(4, issue="after_the_lie")
    # Only this test's desk lives in the uplink's thread.
    office.journal.close()
    office.journal = Journal.open(office.folder)
    branch = office.history().lines(1, 12)
    lost: list[object] = []
    office.lost_tail = lost.append  # type: ignore[method-assign, assignment]

    again = uplink(office, province.server.url)
    outcome = again.deliver_now().result(SAFETY_S)
    assert outcome.error is not None
    assert outcome.error.key == "uplink.branch_closed"
    assert len(lost) == 1
    # The center already holds 1 … 8, and says so; nothing of the other branch got in.
    assert len(province.lines(old)) == 10
    assert branch[:8] == province.lines(old)[:8]
    again.close()
