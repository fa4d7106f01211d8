"""The rows of the register and the ledger. Every ``*_at`` is a wire time (UTC, six decimals, Z)."""

from dataclasses import dataclass
from enum import StrEnum

from appliance.wire.chain import After, Genesis
from appliance.wire.keys import PublicKey


class DeviceState(StrEnum):
    """Whether a device's batches are taken."""

    ACTIVE = "active"
    QUARANTINED = "quarantined"
    """Two boxes seem to hold its key; a new claim ends it."""


@dataclass(frozen=True, slots=True)
class Device:
    """A box that was enrolled; ``reason`` says why it is quarantined, else it is empty."""

    device: str
    site: str
    role: str
    state: DeviceState = DeviceState.ACTIVE
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DeviceKey:
    """A key of a device; it stays in the register after it was retired."""

    key: PublicKey
    device: str
    serial: str
    board: str
    software: str
    enrolled_at: str
    retired_at: str | None = None
    retired_because: str = ""

    @property
    def kid(self) -> str:
        """The RFC 7638 thumbprint."""
        return self.key.kid


@dataclass(frozen=True, slots=True)
class ClaimRecord:
    """A claim as kept: the hash of its secret, never the secret.

    Args:
        used_by: ``kid`` of the one key that may use it, once one came.
        used_at: when that key came.
        confirmed_at: when an operator confirmed it.
        enrolled_at: when the key went into the register.
    """

    secret_hash: str
    device: str
    site: str
    role: str
    made_at: str
    expires_at: str
    used_by: str | None = None
    used_at: str | None = None
    confirmed_at: str | None = None
    enrolled_at: str | None = None

    @property
    def waits_for_operator(self) -> bool:
        """Whether a key came and nobody confirmed it."""
        return self.used_by is not None and self.confirmed_at is None and self.enrolled_at is None


@dataclass(frozen=True, slots=True)
class Epoch:
    """One life of a device's journal, as far as it is stored.

    Args:
        after: the genesis ``after``.
        upto: events 1 … ``upto`` are stored; at least 1.
        head: hash of event ``upto``.
        last_at: ``at`` of event ``upto``.
        opened_at: center time of its first batch.
        opened_by: ``kid`` that sealed its first batch.
        held_before: how much of ``after.epoch`` was stored when this epoch was accepted; 0 without ``after``.
    """

    device: str
    epoch: str
    after: After | None
    upto: int
    head: str
    last_at: str
    opened_at: str
    opened_by: str
    held_before: int

    @property
    def genesis(self) -> Genesis:
        """The line before its first event."""
        return Genesis(self.device, self.epoch, self.after)


@dataclass(frozen=True, slots=True)
class StoredLine:
    """One event's line as it came, without newline."""

    seq: int
    hash: str
    line: bytes


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A batch that brought something new, from ``stored_from`` on; ``token`` is its signed header."""

    device: str
    epoch: str
    first: int
    last: int
    stored_from: int
    kid: str
    token: str
    received_at: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A forked branch that was sent aside: verified by itself, never merged."""

    device: str
    epoch: str
    first: int
    last: int
    head: str
    kid: str
    received_at: str
