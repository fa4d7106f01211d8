"""What an office acknowledged, and how far the log of its disk's writes was by then.

**The argument.** An acknowledgement is seen outside the box: a line of the office's event stream. At that
moment, and not before, the size ``S`` of the log's file is noted. The office publishes only what it has
committed, so the flush that made the event durable was complete before the line was sent; the filter
completes a flush only after its entry is written; so that entry ends at or before ``S``. A cut after an
entry that ends at ``E`` is a cut after the acknowledgement when ``S <= E``: every entry that makes the
log longer than ``S`` was written after ``S`` was read. Such a cut must keep the event. So

* a box that acknowledges and then loses is found: every cut with ``E >= S`` leaves at least what the
  flushes up to there promised, at most that when the fate is *none*, and the event must be in it;
* a box that acknowledges before it commits is found when the flush comes after ``S`` was read: the cuts
  between have ``E >= S`` and no event. That is why the size is read at once, by a thread that does nothing
  else;
* reading the size late never accuses a good box: a later ``S`` asks for the event in fewer cuts.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

# The office's own stream, or the observer's line about it (see inside.py).
_MESSAGE = re.compile(
    rb"^id: (?P<id>\S+)\r?\nevent: (?P<kind>\S+)\r?\ndata: (?P<told>\{.*\})\r?\n\r?\n"
    rb"|^event (?P<line>\{.*\})\r?\n",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Ack:
    """One acknowledged event.

    Args:
        log_bytes: size of the log when it had been seen.
        epoch: of the journal.
        seq: in the epoch.
        told: what was told of it: members of its line.
    """

    log_bytes: int
    epoch: str
    seq: int
    told: dict[str, Any]

    def is_in(self, line: dict[str, Any]) -> bool:
        """Whether a line of the journal is the event that was told."""
        return (line["epoch"], line["seq"]) == (self.epoch, self.seq) and all(
            line[name] == value for name, value in self.told.items()
        )


@dataclass(slots=True)
class AckReader:
    """Collects acknowledgements from an event stream as it comes; other lines between are passed over.

    Args:
        log: the log's file.
        acks: what has been acknowledged so far.
    """

    log: Path
    acks: list[Ack] = field(default_factory=list)
    _heard: bytes = b""

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the stream; call it at once when they have come."""
        log_bytes = self.log.stat().st_size
        self._heard += data
        used = 0
        for message in _MESSAGE.finditer(self._heard):
            used = message.end()
            if message["kind"] == b"snapshot":
                continue
            if message["line"] is not None:
                line = json.loads(message["line"])
                number, said = line["id"], line["data"]
            else:
                number, said = message["id"].decode(), json.loads(message["told"])
            epoch, _, seq = number.partition(":")
            told = {name: said[name] for name in ("at", "kind", "data")}
            self.acks.append(Ack(log_bytes, epoch, int(seq), told))
        self._heard = self._heard[used:][-65536:]


def save(acks: Iterable[Ack], path: Path) -> None:
    """Write acknowledgements, one JSON object a line."""
    path.write_text("".join(json.dumps(asdict(ack)) + "\n" for ack in acks), encoding="utf-8")


def load(path: Path) -> list[Ack]:
    """Return saved acknowledgements."""
    return [Ack(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]
