"""The audit: is what a device delivered complete and unaltered? All is recomputed from the stored lines."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from appliance.wire import batch, jws
from appliance.wire.chain import Chain
from appliance.wire.errors import BadEventError, UnknownKeyError, WireError
from appliance.wire.keys import PublicKey
from center.ancestry import by_ancestry
from center.store.port import Store
from center.store.records import Device, DeviceState, Epoch, StoredLine


class Weight(StrEnum):
    """How much a finding matters."""

    NOTE = "note"
    INCOMPLETE = "incomplete"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing an auditor has to see."""

    weight: Weight
    text: str


@dataclass(frozen=True, slots=True)
class EpochAudit:
    """What was found of one epoch.

    Args:
        epoch: its id.
        upto: events 1 … ``upto`` were recomputed and hold; 0 when none is stored.
        head: hash of event ``upto``, recomputed.
        findings: in the order they were found.
        evidence_batches: forked branches set aside.
        evidence_events: events in them.
    """

    epoch: str
    upto: int
    head: str
    findings: tuple[Finding, ...]
    evidence_batches: int = 0
    evidence_events: int = 0

    @property
    def verdict(self) -> str:
        """``complete``, ``incomplete`` or ``damaged``."""
        weights = {finding.weight for finding in self.findings}
        for weight in (Weight.DAMAGED, Weight.INCOMPLETE):
            if weight in weights:
                return weight.value
        return "complete"

    def sentence(self) -> str:
        """Return ``1..N complete, head H``, or exactly what is wrong."""
        if self.upto:
            parts = [f"1..{self.upto} {self.verdict}, head {self.head}"]
        else:
            parts = ["nothing held" + (f", {self.verdict}" if self.findings else "")]
        parts += [finding.text for finding in self.findings]
        if self.evidence_batches:
            parts.append(
                f"forked: {self.evidence_batches} batches with {self.evidence_events} events set aside"
            )
        return "; ".join(parts)

    def to_json(self) -> dict[str, Any]:
        return {
            "epoch": self.epoch,
            "upto": self.upto,
            "head": self.head,
            "verdict": self.verdict,
            "findings": [{"weight": item.weight.value, "text": item.text} for item in self.findings],
            "evidence": {"batches": self.evidence_batches, "events": self.evidence_events},
        }


@dataclass(frozen=True, slots=True)
class DeviceAudit:
    """What was found of one device."""

    device: Device
    epochs: tuple[EpochAudit, ...]

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing, damaged or kept out."""
        active = self.device.state is DeviceState.ACTIVE
        return active and all(epoch.verdict == "complete" for epoch in self.epochs)

    def sentences(self) -> Iterator[str]:
        """Yield one line per epoch, and one for a quarantine."""
        name = self.device.device
        if self.device.state is DeviceState.QUARANTINED:
            yield f"{name} quarantined: {self.device.reason}"
        if not self.epochs:
            yield f"{name} nothing received yet"
        for epoch in self.epochs:
            yield f"{name} {epoch.epoch} {epoch.sentence()}"

    def to_json(self) -> dict[str, Any]:
        return {
            "device": self.device.device,
            "site": self.device.site,
            "role": self.device.role,
            "state": self.device.state.value,
            "reason": self.device.reason,
            "complete": self.is_complete,
            "epochs": [epoch.to_json() for epoch in self.epochs],
        }


def audit_device(store: Store, device: Device) -> DeviceAudit:
    """Recompute everything stored of a device."""
    epochs = by_ancestry(store.epochs(device.device))
    evidence = store.evidence(device.device)
    batches = Counter(item.epoch for item in evidence)
    events: Counter[str] = Counter()
    for item in evidence:
        events[item.epoch] += item.last - item.first + 1
    stored = {epoch.epoch for epoch in epochs}
    named = {epoch.after.epoch for epoch in epochs if epoch.after is not None}
    audits: list[EpochAudit] = []
    for name in sorted((named | batches.keys()) - stored):
        followers = [epoch for epoch in epochs if epoch.after is not None and epoch.after.epoch == name]
        missing = tuple(_not_held(0, followers))
        audits.append(EpochAudit(name, 0, "", missing, batches[name], events[name]))
    for epoch in epochs:
        followers = [e for e in epochs if e.after is not None and e.after.epoch == epoch.epoch]
        chain, findings = _recompute(store, epoch)
        findings += [*_not_held(epoch.upto, followers), *_joints(store, epoch, followers)]
        head = chain.head if chain.seq else ""
        audits.append(
            EpochAudit(
                epoch.epoch, chain.seq, head, tuple(findings), batches[epoch.epoch], events[epoch.epoch]
            )
        )
    return DeviceAudit(device, tuple(audits))


def _recompute(store: Store, epoch: Epoch) -> tuple[Chain, list[Finding]]:
    """Walk the lines from the genesis; the chain returned ends before the first damage."""
    chain = Chain.start(epoch.genesis)
    findings: list[Finding] = []
    for stored in store.lines(epoch.device, epoch.epoch):
        try:
            chain = _next(chain, stored)
        except BadEventError as error:
            findings.append(Finding(Weight.DAMAGED, f"event {chain.seq + 1} does not hold: {error}"))
            return chain, findings
        if stored.hash != chain.head:
            findings.append(Finding(Weight.DAMAGED, f"the hash kept beside event {chain.seq} is not its own"))
    if chain.seq < epoch.upto:
        findings.append(
            Finding(Weight.DAMAGED, f"events {chain.seq + 1}..{epoch.upto} were lost from the store")
        )
    elif (chain.seq, chain.head, chain.at) != (epoch.upto, epoch.head, epoch.last_at):
        findings.append(
            Finding(Weight.DAMAGED, f"the lines end with {chain.seq}, the register says {epoch.upto}")
        )
    else:
        findings += _signature(store, epoch)
    return chain, findings


def _next(chain: Chain, stored: StoredLine) -> Chain:
    if stored.seq != chain.seq + 1:
        raise BadEventError(field="seq", reason=f"not in the store; the next one is {stored.seq}")
    return chain.extend(stored.line)[0]


def _signature(store: Store, epoch: Epoch) -> Iterator[Finding]:
    """Check that the device signed the head: by the chain, that signature covers every event of the epoch."""
    entry = store.last_batch(epoch.device, epoch.epoch)
    if entry is None:
        yield Finding(Weight.DAMAGED, "no signed batch covers these events")
        return

    def registered(kid: str, _payload: dict[str, Any]) -> PublicKey:
        key = store.key(kid)  # also a retired one: it was good when the batch came
        if key is None or key.device != epoch.device:
            raise UnknownKeyError(kid=kid, reason="not a key of this device")
        return key.key

    try:
        header = batch.Header.from_json(jws.verify(entry.token, batch.BATCH_TYPE, registered))
    except WireError as error:
        yield Finding(Weight.DAMAGED, f"the signature kept of the last batch does not hold: {error}")
        return
    if (header.device, header.epoch, header.last, header.head) != (
        epoch.device,
        epoch.epoch,
        epoch.upto,
        epoch.head,
    ):
        yield Finding(Weight.DAMAGED, f"the last signed batch ends with {header.last}, not with {epoch.upto}")


def _not_held(upto: int, followers: list[Epoch]) -> Iterator[Finding]:
    """Find events that a later epoch says existed."""
    most = max((e.after.seq for e in followers if e.after is not None), default=0)
    if most > upto:
        names = ", ".join(e.epoch for e in followers if e.after is not None and e.after.seq > upto)
        yield Finding(
            Weight.INCOMPLETE, f"events {upto + 1}..{most} are missing, which {names} says it follows"
        )


def _joints(store: Store, epoch: Epoch, followers: list[Epoch]) -> Iterator[Finding]:
    """Check where later epochs hang on to this one."""
    for follower in followers:
        after = follower.after
        if after is None or after.seq > epoch.upto:
            continue
        ours = store.hash_at(epoch.device, epoch.epoch, after.seq)
        if ours != after.hash:
            yield Finding(
                Weight.DAMAGED, f"{follower.epoch} follows another event {after.seq} than the stored one"
            )
        elif after.seq < epoch.upto:
            text = f"{follower.epoch} goes on after {after.seq}: the box lost {after.seq + 1}..{epoch.upto}"
            yield Finding(Weight.NOTE, text)
    if len(followers) > 1:
        yield Finding(Weight.NOTE, f"{len(followers)} epochs follow it, opened with different keys")
