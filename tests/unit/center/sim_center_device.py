"""A tiny box for the center's tests: a journal in memory that seals real batches."""

from dataclasses import dataclass, field
from typing import Any

from appliance.wire import batch, canonical, chain, enrolment, event, keys

BOOT = "3f0c8a52-7a43-4c11-9b0e-5a2d1f0e9c77"
BASE_US = 1_795_420_800_000_000  # 2026-11-23T08:00:00Z
SOFTWARE = "0.1.0"


def epoch_id(number: int) -> str:
    """Return a UUIDv7 that sorts by ``number``."""
    return event.new_epoch(BASE_US + number * 1_000_000, number.to_bytes(10, "big"))


def wire_at(second: int) -> str:
    """Return the wire time ``second`` seconds after 2026-11-23T08:00Z (up to one hour)."""
    return f"2026-11-23T08:{second // 60 % 60:02d}:{second % 60:02d}.{second // 3600:06d}Z"


@dataclass
class SimEpoch:
    """One life of the journal: its lines, and ranges of them as sealed batches."""

    device: str
    key: keys.SigningKey
    epoch: str
    after: chain.After | None = None
    lines: list[bytes] = field(default_factory=list)

    @property
    def genesis(self) -> str:
        return chain.Genesis(self.device, self.epoch, self.after).hash()

    def hash_at(self, seq: int) -> str:
        return self.genesis if seq == 0 else event.line_hash(self.lines[seq - 1])

    def point(self, seq: int) -> chain.After:
        """Return this place as the ``after`` of another epoch."""
        return chain.After(self.epoch, seq, self.hash_at(seq))

    def append(self, *, at: str | None = None, kind: str = "box.tested", **data: object) -> None:
        seq = len(self.lines) + 1
        content = data or {"issue": f"test.{seq}", "subject": None}
        value = {
            "at": at or wire_at(seq // 4),
            "boot": BOOT,
            "clock": "synced",
            "data": content,
            "epoch": self.epoch,
            "kind": kind,
            "prev": self.hash_at(seq - 1),
            "seq": seq,
            "up_ms": 1_000 * seq,
        }
        self.lines.append(canonical.canonical(value))

    def grow(self, count: int, *, mark: str = "") -> "SimEpoch":
        """Append ``count`` events; another ``mark`` makes another history."""
        for _ in range(count):
            self.append(issue=f"test{mark}.{len(self.lines) + 1}", subject=None)
        return self

    def copy(self, upto: int, key: keys.SigningKey | None = None) -> "SimEpoch":
        """Return what a copy of the card, or a restored backup, would hold."""
        return SimEpoch(self.device, key or self.key, self.epoch, self.after, self.lines[:upto])

    def header(self, first: int, last: int, /, **changes: object) -> dict[str, Any]:
        header = batch.Header(
            device=self.device,
            epoch=self.epoch,
            first=first,
            last=last,
            prev=self.hash_at(first - 1),
            head=self.hash_at(last),
            sealed_at=wire_at(3_000),
            software=SOFTWARE,
            after=self.after if first == 1 else None,
        )
        return {**header.to_json(), **changes}

    def plain(self, first: int, last: int) -> bytes:
        """Return the uncompressed batch."""
        header = batch.Header.from_json(self.header(first, last))
        return batch.seal(header, self.lines[first - 1 : last], self.key)

    def sealed(self, first: int, last: int) -> bytes:
        """Return the body as sent."""
        return batch.compress(self.plain(first, last))


@dataclass
class SimDevice:
    """A box: one key and the epochs of its journal."""

    device: str = "BOX-1"
    key: keys.SigningKey = field(default_factory=keys.SigningKey.generate)

    def epoch(self, number: int = 1, *, after: chain.After | None = None, events: int = 0) -> SimEpoch:
        return SimEpoch(self.device, self.key, epoch_id(number), after).grow(events)

    def enrolment(self, url: str, claim: str) -> str:
        """Return the signed enrolment request."""
        request = enrolment.EnrolmentRequest(
            center=url,
            claim=enrolment.Claim.parse(claim),
            key=self.key.public,
            serial="10000000abcdef01",
            board="Raspberry Pi 4 Model B",
            software=SOFTWARE,
        )
        return request.sign(self.key)
