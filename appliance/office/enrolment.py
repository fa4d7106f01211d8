"""What provisioning left and what the center made of it: claim, identity, receipts."""

from pathlib import Path

import structlog

from appliance import __built__, __version__
from appliance.config import Settings
from appliance.errors import MotcuaError
from appliance.journal.journal import Mark
from appliance.uplink.enrol import Order
from appliance.uplink.identity import CenterRecord, IdentityFolder, claim_digest
from appliance.uplink.receipts import ReceiptFile
from appliance.wire.enrolment import Claim
from appliance.wire.moment import microseconds, parse_wire_time

log = structlog.get_logger(__name__)

CLAIM = "claim"


def marks_of(identity: IdentityFolder, receipts: ReceiptFile) -> list[Mark]:
    """Return the last accepted receipt of each epoch, oldest first; none before enrolment."""
    record = _record(identity)
    return [] if record is None else receipts.marks(record.find_kept_key)


def floor_us(identity: IdentityFolder, receipts: ReceiptFile) -> int:
    """Return the floor of the clock before the journal is read: build or last receipt, microseconds."""
    built = microseconds(parse_wire_time(__built__))
    record = _record(identity)
    latest = receipts.latest_at(record.find_kept_key) if record is not None else None
    return built if latest is None else max(built, microseconds(parse_wire_time(latest)))


def order_of(folder: Path, settings: Settings, identity: IdentityFolder) -> Order | None:
    """Return what to enrol with: the claim that provisioning left, until it was used."""
    forget_used_claim(folder, identity)
    claim = _claim(folder)
    if claim is None:
        return None
    return Order(
        claim=claim,
        center=settings.uplink.center_id,
        url=settings.uplink.center,
        root=settings.uplink.root_key_thumbprint,
        serial=_serial(),
        board=settings.hardware.board,
        software=f"motcua {__version__}",
    )


def _claim(folder: Path) -> Claim | None:
    """Return the claim, or None; one that cannot be used keeps nobody from opening the office."""
    try:
        return Claim.parse((folder / CLAIM).read_text(encoding="ascii").strip())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        log.error("claim.unusable", path=str(folder / CLAIM), reason=str(error))  # noqa: TRY400 - a file, not a bug
        return None


def forget_used_claim(folder: Path, identity: IdentityFolder) -> None:
    """Erase the claim once this box is enrolled with it: the secret has done its work."""
    claim, record = _claim(folder), _record(identity)
    if claim is not None and record is not None and record.claim == claim_digest(claim):
        (folder / CLAIM).unlink(missing_ok=True)


def _record(identity: IdentityFolder) -> CenterRecord | None:
    try:
        return identity.record()
    except MotcuaError:
        log.exception("identity.unreadable")
        return None


def _serial() -> str:
    """Return the board's serial number as the device tree tells it."""
    try:
        return Path("/proc/device-tree/serial-number").read_text(encoding="ascii").strip("\0 \n") or "unknown"
    except OSError:
        return "unknown"
