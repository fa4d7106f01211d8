"""The embedded store: the port's words as SQL."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from appliance.wire.chain import After
from appliance.wire.keys import PublicKey
from center.store.connection import Connection
from center.store.records import (
    ClaimRecord,
    Device,
    DeviceKey,
    DeviceState,
    Epoch,
    Evidence,
    LedgerEntry,
    StoredLine,
)

_PAGE = 1_000
_DEVICE = "SELECT device, site, role, state, reason FROM device"
_KEY = "SELECT x, device, serial, board, software, enrolled_at, retired_at, retired_because FROM device_key"
_CLAIM = (
    "SELECT secret_hash, device, site, role, made_at, expires_at, used_by, used_at, confirmed_at, enrolled_at"
    " FROM claim"
)
_EPOCH = (
    "SELECT device, epoch, after_epoch, after_seq, after_hash, upto, head, last_at, opened_at, opened_by,"
    " held_before FROM epoch"
)


class SqliteStore:
    """A :class:`center.store.port.Store` in one file.

    Args:
        connection: the one connection; the store closes it.
    """

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    @classmethod
    def open(cls, path: Path, busy_s: float = 10.0) -> "SqliteStore":
        """Open for writing; raises as :meth:`Connection.open`."""
        return cls(Connection.open(path, busy_s))

    @classmethod
    def open_reader(cls, path: Path) -> "SqliteStore":
        """Open for reading only; raises as :meth:`Connection.open_reader`."""
        return cls(Connection.open_reader(path))

    def close(self) -> None:
        self._db.close()

    def transaction(self) -> AbstractContextManager[None]:
        return self._db.transaction()

    def device(self, device: str) -> Device | None:
        rows = self._db.rows(f"{_DEVICE} WHERE device = ?", device)
        return _device(rows[0]) if rows else None

    def devices(self) -> list[Device]:
        return [_device(row) for row in self._db.rows(f"{_DEVICE} ORDER BY device")]

    def put_device(self, record: Device) -> None:
        self._db.write(
            "INSERT INTO device (device, site, role, state, reason) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (device) DO UPDATE SET site = excluded.site, role = excluded.role,"
            " state = excluded.state, reason = excluded.reason",
            record.device,
            record.site,
            record.role,
            record.state.value,
            record.reason,
        )

    def key(self, kid: str) -> DeviceKey | None:
        rows = self._db.rows(f"{_KEY} WHERE kid = ?", kid)
        return _key(rows[0]) if rows else None

    def keys(self, device: str) -> list[DeviceKey]:
        return [_key(row) for row in self._db.rows(f"{_KEY} WHERE device = ? ORDER BY kid", device)]

    def put_key(self, record: DeviceKey) -> None:
        self._db.write(
            "INSERT INTO device_key (kid, x, device, serial, board, software, enrolled_at, retired_at,"
            " retired_because) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kid) DO"
            " UPDATE SET retired_at = excluded.retired_at, retired_because = excluded.retired_because",
            record.kid,
            record.key.jwk()["x"],
            record.device,
            record.serial,
            record.board,
            record.software,
            record.enrolled_at,
            record.retired_at,
            record.retired_because,
        )

    def claims(self, device: str | None = None) -> list[ClaimRecord]:
        order = "ORDER BY device, made_at, secret_hash"
        if device is None:
            return [ClaimRecord(*row) for row in self._db.rows(f"{_CLAIM} {order}")]
        return [ClaimRecord(*row) for row in self._db.rows(f"{_CLAIM} WHERE device = ? {order}", device)]

    def put_claim(self, record: ClaimRecord) -> None:
        self._db.write(
            "INSERT INTO claim (secret_hash, device, site, role, made_at, expires_at, used_by, used_at,"
            " confirmed_at, enrolled_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (secret_hash) DO"
            " UPDATE SET used_by = excluded.used_by, used_at = excluded.used_at,"
            " confirmed_at = excluded.confirmed_at, enrolled_at = excluded.enrolled_at",
            record.secret_hash,
            record.device,
            record.site,
            record.role,
            record.made_at,
            record.expires_at,
            record.used_by,
            record.used_at,
            record.confirmed_at,
            record.enrolled_at,
        )

    def epoch(self, device: str, epoch: str) -> Epoch | None:
        rows = self._db.rows(f"{_EPOCH} WHERE device = ? AND epoch = ?", device, epoch)
        return _epoch(rows[0]) if rows else None

    def epochs(self, device: str) -> list[Epoch]:
        return [_epoch(row) for row in self._db.rows(f"{_EPOCH} WHERE device = ? ORDER BY epoch", device)]

    def successors(self, device: str, epoch: str) -> list[Epoch]:
        sql = f"{_EPOCH} WHERE device = ? AND after_epoch = ? ORDER BY epoch"
        return [_epoch(row) for row in self._db.rows(sql, device, epoch)]

    def put_epoch(self, record: Epoch) -> None:
        after = record.after
        self._db.write(
            "INSERT INTO epoch (device, epoch, after_epoch, after_seq, after_hash, upto, head, last_at,"
            " opened_at, opened_by, held_before) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (device, epoch) DO UPDATE SET upto = excluded.upto, head = excluded.head,"
            " last_at = excluded.last_at",
            record.device,
            record.epoch,
            None if after is None else after.epoch,
            None if after is None else after.seq,
            None if after is None else after.hash,
            record.upto,
            record.head,
            record.last_at,
            record.opened_at,
            record.opened_by,
            record.held_before,
        )

    def _epoch_id(self, device: str, epoch: str) -> int | None:
        rows = self._db.rows("SELECT id FROM epoch WHERE device = ? AND epoch = ?", device, epoch)
        return int(rows[0][0]) if rows else None

    def hash_at(self, device: str, epoch: str, seq: int) -> str | None:
        sql = "SELECT hash FROM event WHERE epoch_id = ? AND seq = ?"
        rows = self._db.rows(sql, self._epoch_id(device, epoch), seq)
        return bytes(rows[0][0]).hex() if rows else None

    def lines(self, device: str, epoch: str) -> Iterator[StoredLine]:
        sql = "SELECT seq, hash, line FROM event WHERE epoch_id = ? AND seq > ? ORDER BY seq LIMIT ?"
        epoch_id = self._epoch_id(device, epoch)
        last = -1
        while rows := self._db.rows(sql, epoch_id, last, _PAGE):
            for seq, digest, line in rows:
                yield StoredLine(int(seq), bytes(digest).hex(), bytes(line))
            last = int(rows[-1][0])

    def add_lines(self, device: str, epoch: str, lines: Sequence[StoredLine]) -> None:
        epoch_id = self._epoch_id(device, epoch)
        self._db.write_many(
            "INSERT INTO event (epoch_id, seq, hash, line) VALUES (?, ?, ?, ?)",
            [(epoch_id, line.seq, bytes.fromhex(line.hash), line.line) for line in lines],
        )

    def last_batch(self, device: str, epoch: str) -> LedgerEntry | None:
        rows = self._db.rows(
            "SELECT first_seq, last_seq, stored_from, kid, token, received_at FROM batch WHERE epoch_id = ?"
            " ORDER BY last_seq DESC LIMIT 1",
            self._epoch_id(device, epoch),
        )
        return LedgerEntry(device, epoch, *rows[0]) if rows else None

    def add_batch(self, record: LedgerEntry) -> None:
        self._db.write(
            "INSERT INTO batch (epoch_id, first_seq, last_seq, stored_from, kid, token, received_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            self._epoch_id(record.device, record.epoch),
            record.first,
            record.last,
            record.stored_from,
            record.kid,
            record.token,
            record.received_at,
        )

    def evidence(self, device: str) -> list[Evidence]:
        rows = self._db.rows(
            "SELECT device, epoch, first_seq, last_seq, head, kid, received_at FROM evidence WHERE device = ?"
            " ORDER BY epoch, first_seq, last_seq, head",
            device,
        )
        return [Evidence(*row) for row in rows]

    def add_evidence(self, record: Evidence, content: bytes) -> bool:
        touched = self._db.write(
            "INSERT INTO evidence (device, epoch, first_seq, last_seq, head, kid, received_at, content)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            record.device,
            record.epoch,
            record.first,
            record.last,
            record.head,
            record.kid,
            record.received_at,
            content,
        )
        return touched == 1


def _device(row: tuple[Any, ...]) -> Device:
    device, site, role, state, reason = row
    return Device(device, site, role, DeviceState(state), reason)


def _key(row: tuple[Any, ...]) -> DeviceKey:
    key = PublicKey.from_jwk({"kty": "OKP", "crv": "Ed25519", "x": row[0]})
    return DeviceKey(key, *row[1:])


def _epoch(row: tuple[Any, ...]) -> Epoch:
    device, epoch, after_epoch, after_seq, after_hash, *rest = row
    after = None if after_epoch is None else After(after_epoch, after_seq, after_hash)
    return Epoch(device, epoch, after, *rest)
