"""What an event costs the center: verified, stored, receipted; and verified alone. Processor time."""

from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import orjson
from bare import BareTable
from day import GENESIS, weeks
from hall import DEVICE
from samples import Samples, cpu_timed, interleave
from sizes import Sizes
from table import Figure

from appliance.wire import batch
from appliance.wire.chain import Chain
from appliance.wire.event import line_hash
from appliance.wire.keys import PublicKey, SigningKey
from center.answers import Reply
from center.clock import SystemClock
from center.keys import CenterKeys
from center.reception import Reception
from center.settings import Settings
from center.store.records import Device, DeviceKey
from center.store.sqlite import SqliteStore

_AT = "2026-11-23T00:30:00.000000Z"


def run(folder: Path, sizes: Sizes) -> list[Figure]:
    """Let a center on SQLite take one box's batches, one after the other."""
    key = SigningKey.generate()
    size = sizes.batch_events
    lines = weeks().lines(sizes.batches * size)
    bodies = _sealed(lines, size, key)
    store = SqliteStore.open(folder / "center.db")
    bare = BareTable.open(folder / "province.db")
    _register(store, key)
    reception = Reception(store, CenterKeys.generate(), Settings(url="http://127.0.0.1"), SystemClock())
    taken, verified, inserted, parsed = count(), count(), count(), count()
    try:
        ours, alone, peer, hashed = interleave(
            sizes.batches,
            lambda: cpu_timed(lambda: _accepted(reception.take_batch(bodies[next(taken)]))),
            lambda: cpu_timed(lambda: _verify(bodies[next(verified)], key.public)),
            lambda: cpu_timed(lambda: bare.insert_all(_piece(lines, next(inserted), size))),
            lambda: cpu_timed(lambda: _hash_and_parse(_piece(lines, next(parsed), size))),
        )
    finally:
        store.close()
        bare.close()
    ours, alone, peer, hashed = (
        Samples.of(samples.values, per=size) for samples in (ours, alone, peer, hashed)
    )
    sent = sum(map(len, bodies)) / len(lines)
    return [
        Figure(
            "province.event",
            "verify, store, receipt, each event",
            "us",
            ours,
            beside="bare insert",
            peer=peer,
            note=f"processor time; batches of {size:,} events, {sent:.0f} bytes an event as sent",
        ),
        Figure(
            "province.verify",
            "  in it: verify",
            "us",
            alone,
            beside="SHA-256, parse",
            peer=hashed,
        ),
    ]


def _piece(lines: list[bytes], number: int, size: int) -> list[bytes]:
    return lines[number * size : (number + 1) * size]


def _hash_and_parse(lines: list[bytes]) -> None:
    """Look at every byte once, with nothing checked."""
    for line in lines:
        sha256(line).hexdigest()
        orjson.loads(line)


def _accepted(reply: Reply) -> None:
    assert reply.status == 200, reply.body


def _verify(body: bytes, key: PublicKey) -> batch.Batch:
    def find(_kid: str, _payload: dict[str, Any]) -> PublicKey:
        return key

    return batch.open_batch(batch.decompress([body]), find)


def _sealed(lines: list[bytes], size: int, key: SigningKey) -> list[bytes]:
    """Return the bodies as a box sends them."""
    bodies: list[bytes] = []
    prev = Chain.start(GENESIS).head
    for first in range(0, len(lines), size):
        piece = lines[first : first + size]
        head = line_hash(piece[-1])
        header = batch.Header(
            device=DEVICE,
            epoch=GENESIS.epoch,
            first=first + 1,
            last=first + len(piece),
            prev=prev,
            head=head,
            sealed_at=_AT,
            software="bench",
        )
        bodies.append(batch.compress(batch.seal(header, piece, key)))
        prev = head
    return bodies


def _register(store: SqliteStore, key: SigningKey) -> None:
    with store.transaction():
        store.put_device(Device(DEVICE, "bench", "office"))
        store.put_key(
            DeviceKey(
                key=key.public, device=DEVICE, serial="1", board="none", software="bench", enrolled_at=_AT
            )
        )
