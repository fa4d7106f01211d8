"""Writes the golden files of the wire format, and docs/kinds.md, which comes from the same source.

    python tests/golden/wire/make.py

Keys, ids and times are fixed and Ed25519 is deterministic, so the bytes change only when the format does. A
reviewer reads the difference: a changed byte in a shipped format is a new version of the wire.
"""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from appliance.wire import batch, canonical, enrolment, kinds, problems
from appliance.wire.batch import Header
from appliance.wire.chain import After, Chain, Genesis
from appliance.wire.event import Event, line_hash, new_epoch
from appliance.wire.keys import PublicKey, SigningKey
from appliance.wire.moment import Moment, Quality
from appliance.wire.receipt import Receipt

FOLDER = Path(__file__).parent
KINDS_PAGE = FOLDER.parents[2] / "docs" / "kinds.md"

DEVICE_KEY = SigningKey.from_seed(bytes(range(32)))
CENTER_KEY = SigningKey.from_seed(bytes(range(32, 64)))
ROOT_KEY = SigningKey.from_seed(bytes(range(64, 96)))
DEVICE, SITE, CENTER = "tan-thanh-01", "xa-tan-thanh", "so-khcn"
SOFTWARE, BOARD = "motcua 0.1.0", "Raspberry Pi 4 Model B"
BOOT = "5b8e3a4c-1f0d-4b6e-9a57-0c2d9e41f7aa"
OPENED_US = 1_795_393_800_000_000  # 2026-11-23T00:30:00Z, half past seven in the office
EPOCH = new_epoch(OPENED_US, bytes(range(10)))
EPOCH_BEFORE = new_epoch(OPENED_US - 86_400_000_000, bytes(range(10, 20)))
FIRST_BATCH = 12  # events in the first of the two batches

DAY, TICKET, OTHER = "2026-11-23", "2026-11-23/A/12", "2026-11-23/B/3"
_AT_COUNTER = {"ticket": TICKET, "counter": "quay-1", "officer": "cb-07"}
_COUNTER = {"counter": "quay-1", "officer": "cb-07", "services": ["chung-thuc", "ho-tich"]}
_CARRIES = {
    "config": "4f" * 32,
    "counters": [{"counter": "quay-1", "officer": "cb-07", "services": ["chung-thuc", "ho-tich"]}],
    "issues": [{"issue": "printer.paper", "subject": "may-in-1"}],
    "next": {"a": 1, "b": 1},
}
_RELEASE = {"from": "0.1.0", "to": "0.1.1"}

# One example of every kind, as an office could have recorded them in one day.
EXAMPLES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("day.opened", {"day": DAY, "source": "epoch", "carries": _CARRIES}),
    (
        "ticket.carried",
        {
            "ticket": "2026-11-20/A/31",
            "label": "A031",
            "service": "chung-thuc",
            "priority": "none",
            "state": "ON_HOLD",
            "counter": None,
        },
    ),
    ("counter.opened", {**_COUNTER, "reason": "Bắt đầu ca sáng", "request": "0193-5f2c"}),
    ("device.started", {"software": SOFTWARE, "board": BOARD, "reason": "power"}),
    ("journal.salvaged", {"epoch": EPOCH_BEFORE, "upto": 4711, "unreadable": 3}),
    ("config.applied", {"sha256": "4f" * 32, "keys": ["hall.services", "uplink.schedule"]}),
    (
        "clock.stepped",
        {"was": "2026-11-23T00:30:30.000000Z", "now": "2026-11-23T00:30:20.250000Z", "source": "ntp"},
    ),
    ("staff.signed_in", {"officer": "cb-07", "role": "officer"}),
    ("staff.refused", {"officer": None, "role": "officer"}),
    (
        "ticket.issued",
        {
            "ticket": TICKET,
            "label": "A012",
            "service": "chung-thuc",
            "priority": "nguoi-cao-tuoi",
            "source": "button",
            "request": "gpio:17:3812",
        },
    ),
    ("ticket.printed", {"ticket": TICKET, "result": "ok", "copy": 0}),
    (
        "ticket.called",
        {
            **_AT_COUNTER,
            "why": {"rule": "Ưu tiên người cao tuổi", "ahead": 4, "skipped": 4},
            "waited_ms": 734_120,
        },
    ),
    (
        "ticket.recalled",
        {**_AT_COUNTER, "why": {"rule": "Gọi lại", "ahead": 0, "skipped": 0}, "waited_ms": None},
    ),
    ("ticket.started", _AT_COUNTER),
    ("ticket.held", _AT_COUNTER),
    ("ticket.resumed", {**_AT_COUNTER, "officer": None}),
    ("ticket.served", {**_AT_COUNTER, "served_ms": 412_900, "reason": "next_called", "stage": "return"}),
    (
        "rating.given",
        {
            "counter": "quay-1",
            "level": 3,
            "levels": 3,
            "source": "gpio",
            "ticket": TICKET,
            "officer": "cb-07",
            "flags": [],
            "corrects": None,
        },
    ),
    (
        "rating.given",
        {
            "counter": "quay-1",
            "level": 1,
            "levels": 3,
            "source": "serial",
            "ticket": TICKET,
            "officer": "cb-07",
            "flags": ["burst"],
            "corrects": 18,
        },
    ),
    ("rating.reason", {"rating": 18, "reason": "cho-lau"}),
    ("ticket.no_show", {"ticket": OTHER, "counter": "quay-2", "officer": "cb-11", "reason": "next_called"}),
    ("ticket.returned", {"ticket": OTHER, "counter": "quay-2", "officer": "cb-11", "reason": "late"}),
    (
        "ticket.transferred",
        {"ticket": OTHER, "counter": "quay-2", "officer": "cb-11", "to_service": "dat-dai"},
    ),
    (
        "ticket.transferred",
        {"ticket": OTHER, "counter": "quay-2", "officer": "cb-11", "to_counter": "quay-3"},
    ),
    ("ticket.cancelled", {"ticket": OTHER, "counter": None, "officer": None, "reason": "left"}),
    ("counter.paused", {**_COUNTER, "reason": "Nghỉ trưa"}),
    ("device.fault", {"issue": "panel.silent", "subject": "bảng quầy 2"}),
    ("device.cleared", {"issue": "panel.silent", "subject": "bảng quầy 2"}),
    (
        "hotspot.usage",
        {
            "hour": "2026-11-23T08",
            "sessions": 17,
            "peak_clients": 9,
            "refused": 1,
            "bytes_down": 1_288_490_188,
            "bytes_up": 99_614_720,
        },
    ),
    ("hotspot.usage", {"hour": "2026-11-23T09", "suppressed": True}),
    ("sensor.sampled", {"sensor": "ngoai-troi", "quantity": "temperature_c", "milli": -1500}),
    ("hardware.tested", {"subject": "nút quầy 1", "result": "đạt", "by": "ky-thuat"}),
    ("notice.shown", {"notice": "nghi-tet", "screens": ["sanh", "quay-1"]}),
    ("action.done", {"action": "reboot", "result": "đã khởi động lại"}),
    ("update.installed", {**_RELEASE, "reason": "bản vá bảo mật"}),
    ("update.rolled_back", {"from": "0.1.1", "to": "0.1.0", "reason": "health"}),
    ("update.confirmed", {**_RELEASE, "reason": "health"}),
    ("journal.pruned", {"epoch": EPOCH_BEFORE, "upto": 1200, "unreadable": 0}),
    ("counter.closed", {**_COUNTER, "reason": "Hết giờ"}),
    ("staff.signed_out", {"officer": "cb-07", "role": "officer"}),
    ("day.closed", {"day": DAY, "source": "clock", "carries": {**_CARRIES, "counters": []}}),
)


def journal() -> tuple[Genesis, tuple[bytes, ...]]:
    """Return the genesis and the lines of an epoch that holds one example of every kind."""
    genesis = Genesis(DEVICE, EPOCH, After(EPOCH_BEFORE, 4711, "c0" * 32))
    chain = Chain.start(genesis)
    lines = []
    quality, stepped_us = Quality.UNSYNCED, 0
    for number, (kind, data) in enumerate(EXAMPLES):
        if kind == "clock.stepped":  # from a guess to NTP time, back beyond the event before
            quality, stepped_us = Quality.SYNCED, -9_750_000
        moment = Moment(
            OPENED_US + number * 5_000_000 + stepped_us,
            quality,
            BOOT,
            41_250 + number * 5_000,
        )
        event = Event(
            seq=chain.seq + 1,
            epoch=EPOCH,
            kind=kind,
            at=moment.wire_at,
            clock=moment.quality.value,
            boot=BOOT,
            up_ms=moment.up_ms,
            data=data,
            prev=chain.head,
        )
        chain, _ = chain.extend(event.to_line())
        lines.append(event.to_line())
    return genesis, tuple(lines)


def batches() -> dict[str, bytes]:
    """Return the epoch in two batches, each plain and as the file of a stick."""
    genesis, lines = journal()
    chain = Chain.start(genesis)
    files = {}
    for part in (lines[:FIRST_BATCH], lines[FIRST_BATCH:]):
        first, prev = chain.seq + 1, chain.head
        for line in part:
            chain, _ = chain.extend(line)
        header = Header(
            device=DEVICE,
            epoch=EPOCH,
            first=first,
            last=chain.seq,
            prev=prev,
            head=chain.head,
            sealed_at="2026-11-23T00:35:00.000000Z",
            software=SOFTWARE,
            after=genesis.after if first == 1 else None,
        )
        plain = batch.seal(header, part, DEVICE_KEY)
        files[header.file_name.removesuffix(".gz")] = plain
        files[header.file_name] = batch.compress(plain)
    return files


def receipts() -> tuple[Receipt, Receipt]:
    """Return a receipt for the whole epoch, and that of a gap answer with nothing stored."""
    _, lines = journal()
    stored = Receipt(
        center=CENTER,
        device=DEVICE,
        epoch=EPOCH,
        upto=len(lines),
        head=line_hash(lines[-1]),
        at="2026-11-23T00:36:00.123456Z",
        next_after_s=600,
        desired=7,
    )
    return stored, replace(stored, upto=0, head="")


def enrolments() -> dict[str, str]:
    """Return a claim, the request made with it and the center's answer."""
    claim = enrolment.Claim(DEVICE, "K7QF-2MXR-9TPD-VW4H")
    request = enrolment.EnrolmentRequest(
        center="https://center.example.vn/v1",
        claim=claim,
        key=DEVICE_KEY.public,
        serial="10000000abcdef01",
        board=BOARD,
        software=SOFTWARE,
    )
    answer = enrolment.Enrolled(DEVICE, SITE, "office", (ROOT_KEY.public, CENTER_KEY.public))
    return {
        "claim.txt": str(claim),
        "enrolment.jws": request.sign(DEVICE_KEY),
        "enrolled.jws": answer.sign(ROOT_KEY),
    }


def problem_documents() -> list[problems.Problem]:
    """Return one answer of every problem type."""
    stored, nothing = (receipt.sign(CENTER_KEY) for receipt in receipts())
    more: dict[problems.ProblemType, tuple[str | None, dict[str, Any]]] = {
        problems.ProblemType.GAP: (nothing, {}),
        problems.ProblemType.FORK: (stored, {}),
        problems.ProblemType.BAD_EVENT: (None, {"line": 3}),
        problems.ProblemType.TOO_LARGE: (None, {"max_bytes": batch.MAX_BYTES}),
    }
    return [
        problems.Problem(kind, f"example of {kind.name.lower()}", *more.get(kind, (None, {})))
        for kind in problems.ProblemType
    ]


def kinds_page() -> bytes:
    """Return docs/kinds.md."""
    return (_KINDS_HEAD + kinds.kinds_table()).encode()


_KINDS_HEAD = """# Kinds of events

Generated from `appliance/wire/kinds.py` by `make golden`. [wire.md](wire.md#kinds-v1) has the meanings.
Members in `[…]` may be absent. Every kind accepts members it does not name: they may be newer than this page.
Texts are NFC and hold no name, citizen number, dossier code, phone, MAC or IP address, or URL.

"""


def documents() -> dict[str, bytes]:
    """Return every golden file of this folder by name."""
    genesis, lines = journal()
    stored, nothing = receipts()
    return {
        "genesis.ndjson": Genesis(DEVICE, EPOCH_BEFORE).line() + b"\n",
        "genesis-after.ndjson": genesis.line() + b"\n",
        "kinds.ndjson": b"".join(line + b"\n" for line in lines),
        **batches(),
        stored.file_name: stored.sign(CENTER_KEY).encode(),
        "receipt-nothing-stored.jws": nothing.sign(CENTER_KEY).encode(),
        **{name: text.encode() for name, text in enrolments().items()},
        "problems.ndjson": b"".join(
            canonical.canonical(problem.to_json()) + b"\n" for problem in problem_documents()
        ),
        **{f"{name}.jwk.json": canonical.canonical(key.jwk()) for name, key in public_keys().items()},
    }


def public_keys() -> dict[str, PublicKey]:
    """Return who signs what: the device its batches, the center its receipts, its root the enrolment."""
    return {"device": DEVICE_KEY.public, "center": CENTER_KEY.public, "root": ROOT_KEY.public}


def main() -> int:
    """Write the files, and remove those that are golden no more."""
    wanted = documents()
    for path in FOLDER.iterdir():
        if path.is_file() and path.suffix != ".py" and path.name not in wanted:
            path.unlink()
    for name, data in wanted.items():
        (FOLDER / name).write_bytes(data)
    KINDS_PAGE.write_bytes(kinds_page())
    return 0


if __name__ == "__main__":
    sys.exit(main())
