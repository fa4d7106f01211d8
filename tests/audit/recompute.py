"""Recomputes what boxes and center claim, from the published wire format alone.

    python recompute.py --jwk device.jwk.json FILE.ndjson.gz... [--receipts FILE]... [--plain FILE]...

Needs Python, `cryptography` and the `audit_*.py` files beside it; no part of the product. One JSON summary
per epoch goes to standard output, one problem a line (`file:line: rule: reason`) to standard error. The exit
status is 0 when nothing is wrong, 1 when something is, 2 when the command line is.
"""

import argparse
import json
import sys
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from audit_epoch import Epoch, Problem, Record, find_genesis, succession_problems
from audit_jws import Key, Seal, open_seal, read_keys
from audit_kinds import data_faults
from audit_line import (
    HEX_SHA256,
    LOCAL_ID,
    UUID_V7,
    Json,
    RefusedError,
    event_faults,
    genesis,
    is_instant,
    is_integer,
    is_match,
    may_step_back,
    read_canonical,
    read_line,
    read_object,
    sha256,
)

BATCH_TYP = "motcua-batch+jws"
RECEIPT_TYP = "motcua-receipt+jws"
EVENTS_MAX = 5_000
BATCH_BYTES_MAX = 4 * 1024 * 1024
GZIP_MAGIC = b"\x1f\x8b"
GZIP_WINDOW = 31  # zlib's way to say: 32 KiB window, gzip header and checksum

HEADER_KEYS = frozenset(
    {"wire", "device", "epoch", "first", "last", "count", "prev", "head", "sealed_at", "software"}
)
RECEIPT_KEYS = frozenset({"center", "device", "epoch", "upto", "head", "at", "next_after_s", "desired"})
AFTER_KEYS = frozenset({"epoch", "hash", "seq"})


def key_set_faults(found: Iterable[str], wanted: frozenset[str], optional: str = "") -> Iterator[str]:
    """Keys that are missing, and keys that only a new version of the wire could add."""
    present = set(found)
    yield from (f"{key} is missing" for key in sorted(wanted - present))
    yield from (f"{key} is not one of its keys" for key in sorted(present - wanted - {optional}))


def header_faults(header: dict[str, Json]) -> Iterator[str]:
    """What is wrong with the values of a batch header, each by itself."""
    yield from key_set_faults(header, HEADER_KEYS, "after")
    after = header.get("after")
    sound = {
        "wire": header.get("wire") == 1 and is_integer(header.get("wire"), 1),
        "device": is_match(header.get("device"), LOCAL_ID),
        "epoch": is_match(header.get("epoch"), UUID_V7),
        "first": is_integer(header.get("first"), 1),
        "last": is_integer(header.get("last"), 1),
        "count": is_integer(header.get("count"), 1),
        "prev": is_match(header.get("prev"), HEX_SHA256),
        "head": is_match(header.get("head"), HEX_SHA256),
        "sealed_at": is_instant(header.get("sealed_at")),
        "software": isinstance(header.get("software"), str) and header.get("software") != "",
        "after": isinstance(after, dict)
        and after.keys() == AFTER_KEYS
        and is_match(after["epoch"], UUID_V7)
        and after["epoch"] != header.get("epoch")
        and is_match(after["hash"], HEX_SHA256)
        and is_integer(after["seq"], 1),
    }
    for key, is_sound in sound.items():
        if key in header and not is_sound:
            yield f"{key} is {str(header[key])[:60]!r}"


def receipt_faults(receipt: dict[str, Json]) -> Iterator[str]:
    """What is wrong with the values of a receipt, each by itself."""
    yield from key_set_faults(receipt, RECEIPT_KEYS)
    nothing_stored = receipt.get("upto") == 0 and receipt.get("head") == ""
    sound = {
        "center": isinstance(receipt.get("center"), str) and receipt.get("center") != "",
        "device": is_match(receipt.get("device"), LOCAL_ID),
        "epoch": is_match(receipt.get("epoch"), UUID_V7),
        "upto": is_integer(receipt.get("upto"), 1) or nothing_stored,
        "head": is_match(receipt.get("head"), HEX_SHA256) or nothing_stored,
        "at": is_instant(receipt.get("at")),
        "next_after_s": is_integer(receipt.get("next_after_s"), 0),
        "desired": is_integer(receipt.get("desired"), 0),
    }
    for key, is_sound in sound.items():
        if key in receipt and not is_sound:
            yield f"{key} is {str(receipt[key])[:60]!r}"


def unzip(data: bytes, limit: int | None) -> bytes:
    """The content of a gzip of exactly one member, never holding more than `limit` bytes.

    Raises:
        RefusedError: `gzip` for damage, `batch-size` above the limit.
    """
    inflate = zlib.decompressobj(GZIP_WINDOW)
    try:
        content = inflate.decompress(data, 0 if limit is None else limit + 1)
    except zlib.error as error:
        raise RefusedError("gzip", str(error)) from None
    if limit is not None and len(content) > limit:
        raise RefusedError("batch-size", f"more than {limit} bytes uncompressed")
    if not inflate.eof or inflate.unused_data:
        raise RefusedError("gzip", "bytes follow its end" if inflate.eof else "ends too early")
    return content


class Audit:
    """Everything read so far, and everything found wrong with it.

    Args:
        keys: Trusted public keys, of devices and centers.
        check_names: Whether the names of batch and receipt files must be the wire's.
    """

    def __init__(self, keys: Iterable[Key], *, check_names: bool = True) -> None:
        self.keys = {key.kid: key for key in keys}
        self.check_names = check_names
        self.problems: list[Problem] = []
        self.epochs: dict[str, Epoch] = {}
        self._owners: dict[str, str] = {key.kid: key.owner for key in self.keys.values() if key.owner}

    def add_batch(self, file: str, data: bytes) -> None:
        """Reads one `.ndjson.gz`, given as its bytes."""
        try:
            lines = self._split(file, unzip(data, BATCH_BYTES_MAX))
            seal = open_seal(lines[0], BATCH_TYP, self.keys)
            header = read_canonical(seal.payload)
        except RefusedError as error:
            self._report(
                file, 1 if error.key not in {"gzip", "batch-size"} else 0, [(error.key, error.reason)]
            )
            return
        faults = [("header", reason) for reason in header_faults(header)]
        self._report(file, 1, [*seal.faults, *faults])
        self._check_owner(file, 1, seal, header.get("device"))
        events = [self._read_event(file, number, line) for number, line in enumerate(lines[1:], 2)]
        first, name = header.get("first"), header.get("epoch")
        if isinstance(first, int) and isinstance(name, str) and not faults:
            self._check_header(file, header, lines, events)
            self._place(file, first, name, list(zip(lines[1:], events, strict=True)))

    def add_plain(self, file: str, data: bytes) -> None:
        """Reads a bare export: event lines alone, one epoch after the other; gzip is seen by its magic."""
        try:
            lines = self._split(file, unzip(data, None) if data.startswith(GZIP_MAGIC) else data)
        except RefusedError as error:
            self._report(file, 0, [(error.key, error.reason)])
            return
        finished: set[str] = set()
        epoch, seq = "", 0
        for number, line in enumerate(lines, 1):
            event = self._read_event(file, number, line)
            name, own = event.get("epoch", epoch), event.get("seq", seq + 1)
            if not isinstance(name, str) or not isinstance(own, int) or not name:
                continue
            if name != epoch:
                finished.add(epoch)
                if name in finished:
                    self._report(
                        file, number, [("grouping", f"epoch {name} came to its end earlier in this file")]
                    )
            elif own != seq + 1:
                self._report(file, number, [("seq", f"seq is {own} after {seq}")])
            epoch, seq = name, own
            self._record(file, number, line, event, epoch=name, seq=own)

    def add_receipts(self, file: str, data: bytes) -> None:
        """Reads one `.receipt`, or a file with one receipt a line."""
        for number, line in enumerate(data.removesuffix(b"\n").split(b"\n"), 1):
            try:
                seal = open_seal(line, RECEIPT_TYP, self.keys)
                receipt = read_object(seal.payload)
            except RefusedError as error:
                self._report(file, number, [(error.key, error.reason)])
                continue
            faults = [("receipt", reason) for reason in receipt_faults(receipt)]
            self._report(file, number, [*seal.faults, *faults])
            self._check_owner(file, number, seal, receipt.get("center"))
            if faults:
                continue
            name = f"{receipt['device']}-{receipt['epoch']}-{receipt['upto']}.receipt"
            if self.check_names and file.endswith(".receipt") and (Path(file).name != name or number > 1):
                self._report(file, number, [("file-name", f"its receipt is that of {name}")])
            self._report(file, number, self._mark_faults(receipt))

    def finish(self, device: str | None = None) -> list[dict[str, Json]]:
        """Judges what only the whole shows; returns the summaries, in order of epoch.

        Args:
            device: The device said to have written the plain exports, whose genesis is then demanded.
        """
        for epoch in self.epochs.values():
            self.problems += epoch.problems()
            if device is not None:
                self.problems += find_genesis(epoch, device, iter(self.epochs.values()))
        self.problems += succession_problems(self.epochs)
        return [self.epochs[name].summary() for name in sorted(self.epochs)]

    def _report(self, file: str, line: int, faults: Iterable[tuple[str, str]]) -> None:
        self.problems += [Problem(file, line, rule, reason) for rule, reason in faults]

    def _split(self, file: str, content: bytes) -> list[bytes]:
        lines = content.split(b"\n")
        if lines.pop() != b"":
            raise RefusedError("newline", "the last line is not ended by a newline")
        if not lines:
            raise RefusedError("empty", f"{file} holds no line")
        return lines

    def _read_event(self, file: str, number: int, line: bytes) -> dict[str, Json]:
        """The event of a line, its faults reported; empty when the line cannot be read at all."""
        try:
            event = read_line(line)
        except RefusedError as error:
            self._report(file, number, [(error.key, error.reason)])
            return {}
        self._report(file, number, event_faults(event))
        kind, data = event.get("kind"), event.get("data")
        if isinstance(kind, str) and isinstance(data, dict):
            self._report(file, number, (("data", f"{kind}: {reason}") for reason in data_faults(kind, data)))
        return event

    def _record(
        self, file: str, number: int, line: bytes, event: dict[str, Json], *, epoch: str, seq: int
    ) -> None:
        prev, at, kind = event.get("prev"), event.get("at"), event.get("kind")
        record = Record(
            file=file,
            line=number,
            hash=sha256(line),
            prev=prev if isinstance(prev, str) else None,
            at=at if isinstance(at, str) and is_instant(at) else None,
            kind=kind if isinstance(kind, str) else None,
            may_step_back=may_step_back(event),
        )
        self.problems += self.epochs.setdefault(epoch, Epoch(epoch)).add(seq, record)

    def _place(self, file: str, first: int, name: str, events: list[tuple[bytes, dict[str, Json]]]) -> None:
        """Puts the events of a batch where its header says they belong."""
        for offset, (line, event) in enumerate(events):
            seq, number = first + offset, offset + 2
            if event.get("seq", seq) != seq:
                self._report(file, number, [("seq", f"seq is {event['seq']}, its place in the batch {seq}")])
            if event.get("epoch", name) != name:
                self._report(file, number, [("epoch", f"epoch is {event['epoch']}, the header's {name}")])
            self._record(file, number, line, event, epoch=name, seq=seq)

    def _check_header(
        self, file: str, header: dict[str, Json], lines: list[bytes], events: list[dict[str, Json]]
    ) -> None:
        """A well-formed header against its lines, its file's name and the epoch's other batches."""
        device, name, after = str(header["device"]), str(header["epoch"]), header.get("after")
        first, last, count = (header[key] for key in ("first", "last", "count"))
        epoch = self.epochs.setdefault(name, Epoch(name))
        epoch.batches += 1
        epoch.device = epoch.device or device
        if not isinstance(first, int) or not isinstance(last, int):
            return
        expected_name = f"{device}-{name}-{first}-{last}.ndjson.gz"
        faults: dict[str, bool] = {
            f"device: epoch {name} is one of {epoch.device}": epoch.device != device,
            f"count: {count} is not {last} - {first} + 1": count != last - first + 1,
            f"count: {count} events are announced, {len(lines) - 1} follow": count != len(lines) - 1,
            f"count: {len(lines) - 1} events, at most {EVENTS_MAX}": len(lines) - 1 > EVENTS_MAX,
            "head: is not the hash of the last line": header["head"] != sha256(lines[-1]),
            "after: is given although first is not 1": after is not None and first != 1,
            f"file-name: is not {expected_name}": self.check_names and Path(file).name != expected_name,
        }
        if first == 1:
            epoch.genesis = genesis(device, name, after if isinstance(after, dict) else None)
            faults["genesis: prev is not the hash of the genesis line"] = header["prev"] != epoch.genesis
            if isinstance(after, dict):
                epoch.after, epoch.after_source = after, (file, 1)
        if events and "prev" in events[0]:
            faults["prev: is not the prev of the first event"] = events[0]["prev"] != header["prev"]
        for text in (text for text, is_broken in faults.items() if is_broken):
            rule, _, reason = text.partition(": ")
            self._report(file, 1, [(rule, f"header: {reason}")])

    def _check_owner(self, file: str, line: int, seal: Seal, owner: Json) -> None:
        """A key belongs to one device or to one center, for ever."""
        if seal.key is None or not isinstance(owner, str):
            return
        known = self._owners.setdefault(seal.key.kid, owner)
        if known != owner:
            self._report(file, line, [("key-owner", f"{seal.key.kid} is the key of {known}, not of {owner}")])

    def _mark_faults(self, receipt: dict[str, Json]) -> Iterator[tuple[str, str]]:
        epoch, upto = self.epochs.get(str(receipt["epoch"])), receipt["upto"]
        if epoch is None or not epoch.records:
            yield "receipt-epoch", f"no event of {receipt['epoch']} is in any file"
            return
        if epoch.device not in {None, receipt["device"]}:
            yield "receipt-device", f"{receipt['epoch']} is an epoch of {epoch.device}"
        if not isinstance(upto, int):
            return
        if upto > epoch.last:
            yield "receipt-upto", f"{upto} is above the last event, {epoch.last}"
        known = epoch.records.get(upto)
        if known is not None and known.hash != receipt["head"]:
            yield "receipt-head", f"head is not the hash of {known.file}:{known.line}"


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the audit; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("batches", nargs="*", metavar="FILE.ndjson.gz")
    parser.add_argument(
        "--jwk", action="append", default=[], metavar="[OWNER=]FILE", help="trusted public key"
    )
    parser.add_argument("--receipts", action="append", default=[], metavar="FILE")
    parser.add_argument("--plain", action="append", default=[], metavar="FILE", help="bare NDJSON of events")
    parser.add_argument("--device", help="device of the plain exports: their genesis is then checked")
    parser.add_argument("--any-name", action="store_true", help="do not check the names of the files")
    parser.add_argument("--first", action="store_true", help="show the first problem only")
    options = parser.parse_args(argv)
    if not options.batches and not options.plain:
        parser.error("nothing to audit: give batches, or an export with --plain")
    try:
        keys = [key for argument in options.jwk for key in read_keys(argument)]
        audit = Audit(keys, check_names=not options.any_name)
        for files, add in ((options.batches, audit.add_batch), (options.plain, audit.add_plain)):
            for file in files:
                add(file, Path(file).read_bytes())
        for file in options.receipts:
            audit.add_receipts(file, Path(file).read_bytes())
    except OSError as error:
        parser.error(f"{error.filename}: {error.strerror}")
    except RefusedError as error:
        parser.error(str(error))
    for summary in audit.finish(options.device):
        sys.stdout.write(json.dumps(summary) + "\n")
    for problem in audit.problems[:1] if options.first else audit.problems:
        sys.stderr.write(f"{problem}\n")
    return 1 if audit.problems else 0


if __name__ == "__main__":
    sys.exit(main())
