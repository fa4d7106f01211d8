"""Freezing a range of events: pick, sign, compress. What is picked are always the very next events."""

from dataclasses import dataclass, replace

import orjson

from appliance.uplink.history import History
from appliance.wire import batch
from appliance.wire.batch import MAX_BYTES, MAX_EVENTS, Header
from appliance.wire.event import MAX_LINE_BYTES, line_hash
from appliance.wire.keys import SigningKey

HEADER_BYTES = 4_096
"""Kept free for line 1, the signed header, which is about 1,000 bytes."""
_LEAST_BYTES = HEADER_BYTES + MAX_LINE_BYTES + 1


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one batch may hold.

    Args:
        events: most events.
        max_bytes: most bytes, uncompressed, the header's line included.
    """

    events: int = MAX_EVENTS
    max_bytes: int = MAX_BYTES

    def __post_init__(self) -> None:
        object.__setattr__(self, "events", max(1, min(self.events, MAX_EVENTS)))
        object.__setattr__(self, "max_bytes", max(_LEAST_BYTES, min(self.max_bytes, MAX_BYTES)))

    def at_most(self, events: int) -> "Limits":
        """Return the same with fewer events, at least one."""
        return replace(self, events=min(self.events, max(1, events)))

    def within(self, max_bytes: int) -> "Limits":
        """Return the same with fewer bytes; one event always fits."""
        return replace(self, max_bytes=min(self.max_bytes, max_bytes))


@dataclass(frozen=True, slots=True)
class Sealed:
    """A batch ready for any carrier.

    Args:
        header: what it is.
        content: its gzipped bytes.
    """

    header: Header
    content: bytes


class Sealer:
    """Seals ranges with the device's key.

    Args:
        key: the device's key.
        software: version of this software.
    """

    def __init__(self, key: SigningKey, software: str) -> None:
        self._key = key
        self._software = software

    def seal(self, history: History, first: int, last: int, limits: Limits, sealed_at: str) -> Sealed:
        """Return the batch of as many events from ``first`` on as the limits allow, up to ``last``.

        Args:
            history: the epoch.
            first: its first event; at least 1.
            last: not less than ``first``.
            limits: how much it may hold.
            sealed_at: wire time.

        Raises:
            JournalMovedError, NotHeldError, JournalDamagedError: the lines cannot be read.
        """
        lines = _fitting(history.lines(first, min(last, first + limits.events - 1)), limits.max_bytes)
        header = Header(
            device=history.genesis.device,
            epoch=history.epoch,
            first=first,
            last=first + len(lines) - 1,
            prev=str(orjson.loads(lines[0])["prev"]),
            head=line_hash(lines[-1]),
            sealed_at=sealed_at,
            software=self._software,
            after=history.genesis.after if first == 1 else None,
        )
        return Sealed(header, batch.compress(batch.seal(header, lines, self._key)))


def _fitting(lines: list[bytes], max_bytes: int) -> list[bytes]:
    room = max_bytes - HEADER_BYTES
    for number, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            return lines[: max(1, number)]
    return lines
