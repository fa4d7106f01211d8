"""Batches, receipts and exports made by hand: no part of the project or of the auditor builds them."""

import base64
import gzip
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import recompute
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

DEVICE = "hn-001"
CENTER = "https://center.example"
EPOCH = "019b0000-0000-7000-8000-000000000001"
NEXT_EPOCH = "019b0000-0000-7000-8000-000000000002"
THIRD_EPOCH = "019b0000-0000-7000-8000-000000000003"
BOOT = "0b4f3c2d-0000-4000-8000-000000000001"
BATCH_TYP = "motcua-batch+jws"
RECEIPT_TYP = "motcua-receipt+jws"

Change = Callable[[dict[str, Any]], None]


def canon(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Signer:
    """A key of the test's own, from one byte repeated."""

    def __init__(self, byte: int) -> None:
        self.private = Ed25519PrivateKey.from_private_bytes(bytes([byte]) * 32)
        self.jwk = {"crv": "Ed25519", "kty": "OKP", "x": b64(self.private.public_key().public_bytes_raw())}
        self.kid = b64(hashlib.sha256(canon(self.jwk)).digest())

    def seal(self, payload: bytes, typ: str = BATCH_TYP, **changes: object) -> bytes:
        header = {"alg": "Ed25519", "kid": self.kid, "typ": typ, **changes}
        head = f"{b64(canon(header))}.{b64(payload)}"
        return f"{head}.{b64(self.private.sign(head.encode()))}".encode()


BOX, OTHER_BOX, PROVINCE = Signer(1), Signer(2), Signer(3)


def genesis(epoch: str = EPOCH, after: dict[str, Any] | None = None) -> str:
    line: dict[str, Any] = {"device": DEVICE, "epoch": epoch, "wire": 1}
    return digest(canon(line | ({"after": after} if after else {})))


def events(count: int, prev: str, first: int = 1, epoch: str = EPOCH, **at: str) -> list[bytes]:
    """Chained lines; `at` by `_<seq>` replaces the default of one event a second."""
    lines: list[bytes] = []
    for seq in range(first, first + count):
        event = {
            "seq": seq,
            "epoch": epoch,
            "kind": "rating.reason",
            "at": at.get(f"_{seq}", f"2026-11-23T01:00:{seq:02}.000000Z"),
            "clock": "synced",
            "boot": BOOT,
            "up_ms": seq * 1000,
            "data": {"rating": seq, "reason": "chậm"},
            "prev": prev,
        }
        lines.append(canon(event))
        prev = digest(lines[-1])
    return lines


def header(lines: list[bytes], first: int = 1, epoch: str = EPOCH, **changes: object) -> dict[str, Any]:
    count = len(lines)
    return {
        "wire": 1,
        "device": DEVICE,
        "epoch": epoch,
        "first": first,
        "last": first + count - 1,
        "count": count,
        "prev": json.loads(lines[0])["prev"],
        "head": digest(lines[-1]),
        "sealed_at": "2026-11-23T02:00:00.000000Z",
        "software": "0.1.0",
        **changes,
    }


@dataclass(frozen=True)
class Run:
    """One run of the auditor over files in a folder of its own."""

    folder: Path
    capture: pytest.CaptureFixture[str]

    def __post_init__(self) -> None:
        for name, signer in (("device", BOX), ("center", PROVINCE)):
            (self.folder / f"{name}.jwk.json").write_text(json.dumps(signer.jwk))

    def write(self, name: str, data: bytes) -> str:
        path = self.folder / name
        path.write_bytes(data)
        return str(path)

    def batch(self, jws: bytes, lines: list[bytes], name: str | None = None) -> str:
        if name is None:
            seqs = [json.loads(line)["seq"] for line in lines]
            name = f"{DEVICE}-{json.loads(lines[0])['epoch']}-{seqs[0]}-{seqs[-1]}.ndjson.gz"
        return self.write(name, gzip.compress(b"".join(line + b"\n" for line in [jws, *lines])))

    def seal(self, lines: list[bytes], name: str | None = None, **changes: object) -> str:
        head = header(lines, json.loads(lines[0])["seq"], json.loads(lines[0])["epoch"], **changes)
        return self.batch(BOX.seal(canon(head)), lines, name)

    def __call__(self, *arguments: str) -> tuple[int, list[dict[str, Any]], list[str]]:
        keys = ["--jwk", str(self.folder / "device.jwk.json"), "--jwk", str(self.folder / "center.jwk.json")]
        status = recompute.main([*keys, *arguments])
        out, err = self.capture.readouterr()
        problems = [line.replace(f"{self.folder}/", "") for line in err.splitlines()]
        return status, [json.loads(line) for line in out.splitlines()], problems

    def rules(self, *arguments: str) -> set[tuple[str, int, str]]:
        """(file, line, rule) of every problem; the exit status must agree."""
        status, _, problems = self(*arguments)
        assert status == (1 if problems else 0)
        return {
            (file, int(line), rule)
            for file, line, rule, _ in (problem.split(":", 3) for problem in problems)
            for rule in [rule.strip()]
        }

    def lines_and_rules(self, *arguments: str) -> set[tuple[int, str]]:
        return {(line, rule) for _, line, rule in self.rules(*arguments)}


def changed(lines: list[bytes], index: int, change: Change) -> list[bytes]:
    """The lines with one event changed and everything after it honestly chained again."""
    result, prev = list(lines[:index]), json.loads(lines[index])["prev"]
    for offset, line in enumerate(lines[index:]):
        event = json.loads(line)
        event["prev"] = prev
        if offset == 0:
            change(event)
        result.append(canon(event))
        prev = digest(result[-1])
    return result


def receipt(lines: list[bytes], upto: int, /, **changes: object) -> bytes:
    payload = {
        "center": CENTER,
        "device": DEVICE,
        "epoch": EPOCH,
        "upto": upto,
        "head": digest(lines[upto - 1]) if upto else "",
        "at": "2026-11-23T02:00:01.000000Z",
        "next_after_s": 300,
        "desired": 0,
    }
    return canon(payload | changes)
