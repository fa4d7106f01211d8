"""A box without a desk and a center without HTTP, both with the real journal and the real wire."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from appliance.clock import BelievedClock, ScriptedTime
from appliance.journal.aside import ROLLED_BACK, Aside, asides, evidence_was_sent
from appliance.journal.epochs import set_aside
from appliance.journal.journal import Journal, Mark, stage
from appliance.journal.source import Source, sources
from appliance.uplink.acceptance import Acceptance
from appliance.uplink.answers import (
    Admitted,
    Answer,
    Busy,
    Damaged,
    EnrolAnswer,
    EvidenceAnswer,
    Fork,
    Gap,
    KeyRefused,
    SetAside,
    Stored,
    TooLarge,
    Unclear,
)
from appliance.uplink.deliver import Delivery
from appliance.uplink.history import History
from appliance.uplink.identity import CenterRecord, Identity
from appliance.uplink.issues import Issues
from appliance.uplink.receipts import ReceiptFile
from appliance.uplink.seal import Limits, Sealer
from appliance.uplink.stick import Stick
from appliance.wire.batch import Batch, Header, decompress, open_batch
from appliance.wire.chain import Chain, Genesis
from appliance.wire.enrolment import Enrolled, EnrolmentRequest
from appliance.wire.event import Draft, line_hash, new_epoch
from appliance.wire.keys import PublicKey, SigningKey
from appliance.wire.moment import Moment, wire_time
from appliance.wire.problems import ProblemType
from appliance.wire.receipt import Receipt

DEVICE = "BOX-1"
CENTER = "province-01"
BASE_US = 1_795_420_800_000_000  # 2026-11-23T08:00:00Z
DEVICE_KEY = SigningKey.from_seed(b"d" * 32)
ROOT_KEY = SigningKey.from_seed(b"r" * 32)
RECEIPT_KEY = SigningKey.from_seed(b"c" * 32)
STRANGER_KEY = SigningKey.from_seed(b"s" * 32)
RECORD = CenterRecord(
    device=DEVICE,
    site="site-1",
    role="office",
    center=CENTER,
    url="http://127.0.0.1:1",
    root=ROOT_KEY.kid,
    keys=(ROOT_KEY.public, RECEIPT_KEY.public),
    retired=(),
    kid=DEVICE_KEY.kid,
    claim="",
)
IDENTITY = Identity(DEVICE_KEY, RECORD)
_numbers = count(1)


def fresh_epoch() -> str:
    """Return a UUIDv7 later than all before it."""
    number = next(_numbers)
    return new_epoch(BASE_US + number * 1_000_000, number.to_bytes(10, "big"))


def receipt(
    epoch: str,
    upto: int,
    head: str,
    *,
    key: SigningKey = RECEIPT_KEY,
    device: str = DEVICE,
    center: str = CENTER,
    at_us: int = BASE_US,
    next_after_s: int = 300,
) -> str:
    """Return a signed receipt."""
    from datetime import UTC, datetime, timedelta

    at = wire_time(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at_us))
    return Receipt(center, device, epoch, upto, head, at, next_after_s, 0).sign(key)


@dataclass
class SimOffice:
    """The journal of a box, and a record of what the uplink told it."""

    folder: Path
    journal: Journal
    clock: BelievedClock
    time: ScriptedTime
    accepted: list[tuple[Receipt, bool]] = field(default_factory=list)
    told: list[tuple[str, bool]] = field(default_factory=list)
    lost: list[Mark] = field(default_factory=list)
    pruned: list[Mark] = field(default_factory=list)
    on_accepted: Callable[[], None] = lambda: None

    @classmethod
    def begin(cls, folder: Path) -> "SimOffice":
        folder.mkdir()
        time = ScriptedTime(BASE_US)
        clock = BelievedClock(time, floor_us=BASE_US - 1, has_rtc=False)
        clock.observe()
        return cls(folder, Journal.create(folder, Genesis(DEVICE, fresh_epoch())), clock, time)

    def close(self) -> None:
        self.journal.close()

    @property
    def epoch(self) -> str:
        return self.journal.chain.epoch

    @property
    def last(self) -> int:
        return self.journal.chain.seq

    def grow(self, events: int, *, issue: str = "test", kind: str = "device.cleared") -> "SimOffice":
        chain, all_staged = self.journal.chain, []
        for _ in range(events):
            self.time.advance(1_000)
            draft = Draft(kind, {"issue": issue, "subject": f"n{chain.seq + 1}"})
            chain, staged = stage(chain, draft, self.clock.now())
            all_staged.append(staged)
        self.journal.append(all_staged)
        return self

    def append(self, draft: Draft) -> None:
        self.time.advance(1_000)
        _, staged = stage(self.journal.chain, draft, self.clock.now())
        self.journal.append([staged])

    def open_day(self) -> None:
        """Append a ``day.opened``, before which events may be pruned."""
        day = {"day": "2026-11-23", "source": "clock", "carries": {}}
        self.append(Draft("day.opened", day))

    def history(self, epoch: str | None = None) -> History:
        return next(History(s) for s in self.sources() if s.epoch == (epoch or self.epoch))

    def hash_at(self, seq: int) -> str:
        found = self.journal.hash_at(seq)
        assert found is not None
        return found

    def new_epoch(self, mark: Mark) -> None:
        """Do what the desk does when the center has another branch."""
        if mark.epoch != self.epoch:
            return
        self.journal.close()
        opened = set_aside(self.folder, DEVICE, mark, fresh_epoch, ROLLED_BACK)
        self.journal = opened.journal
        for draft in opened.story:
            self.append(draft)

    def sources(self) -> list[Source]:
        return sources(self.folder)

    def asides(self) -> list[Aside]:
        return asides(self.folder)

    def moment(self) -> Moment:
        return self.clock.now()

    def receipt_accepted(self, receipt: Receipt, *, live: bool) -> None:
        self.on_accepted()
        self.accepted.append((receipt, live))

    def lost_tail(self, mark: Mark) -> None:
        self.lost.append(mark)
        self.new_epoch(mark)

    def pruned_behind(self, mark: Mark) -> None:
        self.pruned.append(mark)
        self.new_epoch(mark)

    def evidence_stored(self, aside: Aside) -> None:
        evidence_was_sent(self.folder, aside)

    def issue(self, key: str, subject: str, *, raised: bool) -> None:
        assert subject == "center"
        self.told.append((key, raised))

    @property
    def standing(self) -> set[str]:
        """The issues that stand."""
        return {key for key, raised in dict(self.told).items() if raised}


class CrashError(BaseException):
    """The plug is pulled."""


@dataclass
class SimCenter:
    """An honest center that a script can make anything but."""

    script: deque[str] = field(default_factory=deque)
    stored: dict[str, list[bytes]] = field(default_factory=dict)
    genesis: dict[str, Genesis] = field(default_factory=dict)
    evidence: list[Batch] = field(default_factory=list)
    sent: list[Header] = field(default_factory=list)
    next_after_s: int = 300
    closed: bool = False
    keys: dict[str, PublicKey] = field(default_factory=lambda: {DEVICE_KEY.kid: DEVICE_KEY.public})

    def send(self, batch: bytes, header: Header) -> Answer:
        received = self._open(batch, header)
        self.sent.append(header)
        fault = self.script.popleft() if self.script else "honest"
        if fault == "crash_before":
            raise CrashError
        if fault.startswith("rewind"):
            lines = self.stored.get(header.epoch, [])
            del lines[len(lines) // 2 :]
        faulty = self._fault(fault, header)
        if faulty is not None:
            return faulty
        if fault == "partial" and header.count > 1:
            received = Batch(received.header, received.token, received.lines[:1], received.events[:1])
        answer = self.take(received)
        if fault == "crash_after":
            raise CrashError
        if fault == "lost_answer":
            return Unclear("time-out")
        if fault == "lost_answer_then_portal":
            return Unclear("HTTP 200 text/html")
        return answer

    def _fault(self, fault: str, header: Header) -> Answer | None:
        upto = len(self.stored.get(header.epoch, []))
        answers: dict[str, Callable[[], Answer]] = {
            "unclear": lambda: Unclear("connection refused"),
            "busy": lambda: Busy(30),
            "busy_without_hint": lambda: Busy(None),
            "key_refused": lambda: KeyRefused(ProblemType.UNKNOWN_KEY, "quarantined"),
            "bad_signature": lambda: KeyRefused(ProblemType.BAD_SIGNATURE, "altered"),
            "damaged": lambda: Damaged(ProblemType.BAD_DIGEST, "bits", None),
            "bad_line": lambda: Damaged(ProblemType.BAD_EVENT, "a bug", 3),
            "too_large": lambda: TooLarge(100_000),
            "too_large_without_hint": lambda: TooLarge(None),
            "foreign_receipt": lambda: Stored(
                receipt(header.epoch, header.last, header.head, device="BOX-2")
            ),
            "stranger_receipt": lambda: Stored(
                receipt(header.epoch, header.last, header.head, key=STRANGER_KEY)
            ),
            "garbage_receipt": lambda: Stored("a.b.c"),
            "garbage_gap": lambda: Gap("x"),
            "garbage_fork": lambda: Fork("x"),
            "empty_receipt": lambda: Stored(receipt(header.epoch, 0, "")),
            "stale_receipt": lambda: Stored(self.receipt(header.epoch, upto)),
            "spurious_gap": lambda: Gap(self.receipt(header.epoch, upto)),
        }
        return answers[fault]() if fault in answers else None

    def take(self, received: Batch) -> Answer:
        """Store what is new and answer as an honest center."""
        header = received.header
        lines = self.stored.setdefault(header.epoch, [])
        upto = len(lines)
        if header.first > upto + 1:
            return Gap(self.receipt(header.epoch, upto))
        last = header.first + len(received.lines) - 1
        common = min(last, upto)
        if common >= header.first and line_hash(lines[common - 1]) != line_hash(
            received.lines[common - header.first]
        ):
            return Fork(self.receipt(header.epoch, upto))
        if upto and common < header.first and received.events[0].prev != line_hash(lines[-1]):
            return Fork(self.receipt(header.epoch, upto))
        if header.first == 1:
            self.genesis[header.epoch] = Genesis(header.device, header.epoch, header.after)
        lines.extend(received.lines[max(0, upto + 1 - header.first) :])
        return Stored(self.receipt(header.epoch, len(lines)))

    def receipt(self, epoch: str, upto: int) -> str:
        head = line_hash(self.stored[epoch][upto - 1]) if upto else ""
        return receipt(epoch, upto, head, next_after_s=self.next_after_s)

    def check(self, epoch: str) -> int:
        """Check that what is stored is one gapless chain from the genesis on; return how long it is."""
        lines = self.stored.get(epoch, [])
        if lines:
            chain = Chain.start(self.genesis[epoch])
            for line in lines:
                chain, _ = chain.extend(line)
        return len(lines)

    def send_evidence(self, batch: bytes, header: Header) -> EvidenceAnswer:
        received = self._open(batch, header)
        fault = self.script.popleft() if self.script else "honest"
        if fault == "honest":
            self.evidence.append(received)
            return SetAside()
        if fault == "crash_before":
            raise CrashError
        answer = self._fault(fault, header)
        if isinstance(answer, Busy | KeyRefused | Damaged | TooLarge):
            return answer
        return Unclear("no line")

    def enrol(self, request: str) -> EnrolAnswer:
        key = EnrolmentRequest.verify(request).key
        self.keys[key.kid] = key
        return Admitted(Enrolled(DEVICE, "site-1", "office", RECORD.keys).sign(ROOT_KEY))

    def close(self) -> None:
        self.closed = True

    def _open(self, batch: bytes, header: Header) -> Batch:
        received = open_batch(decompress([batch]), lambda kid, _payload: self.keys[kid])
        assert received.header == header
        return received


@dataclass
class Kit:
    """The uplink's parts over one office and one center, as after a start."""

    office: SimOffice
    center: SimCenter
    limits: Limits = field(default_factory=lambda: Limits(events=4))
    now_s: float = 0.0

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Forget everything but the disk."""
        self.file = ReceiptFile.of(self.office.folder)
        self.acceptance = Acceptance(self.office, self.file, RECORD)
        self.issues = Issues(self.office)
        self.sealer = Sealer(DEVICE_KEY, "0.1.0")
        self.stopping = False
        self.delivery = Delivery(
            office=self.office,
            center=self.center,
            acceptance=self.acceptance,
            sealer=self.sealer,
            limits=self.limits,
            issues=self.issues,
            uniform=lambda _low, high: high,
            stopping=lambda: self.stopping,
            monotonic=lambda: self.now_s,
        )
        self.stick = Stick(self.office, self.acceptance, IDENTITY, self.sealer, self.limits)

    def mark(self, epoch: str | None = None) -> int:
        return self.acceptance.mark(epoch or self.office.epoch).upto
