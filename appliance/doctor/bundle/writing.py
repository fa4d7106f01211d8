"""Gathers the pieces, scrubs each and writes them as one archive."""

import gzip
import io
import json
import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path

import structlog

from appliance.doctor import sheet
from appliance.doctor.box import Box
from appliance.doctor.bundle import facts
from appliance.doctor.bundle.scrub import Scrubber
from appliance.doctor.bundle.secrets import known_secrets
from appliance.doctor.checks.units import UNITS
from appliance.doctor.errors import BundleNotWrittenError
from appliance.doctor.finding import Finding
from appliance.journal.journal import write_durably

log = structlog.get_logger(__name__)

FOLDER = "motcua-support"
LOG_LINES = 500
KERNEL_LINES = 300
README = """\
Gói hỗ trợ của một thiết bị motcua.
Trong gói: phiên bản, kết quả motcua doctor, tình trạng, cài đặt (không có ghi chú), trạng thái dịch vụ,
nhật ký chương trình và hệ điều hành đã lọc, ổ đĩa và mạng, đầu chuỗi và số lượng sự kiện, dung lượng tệp.
Không có: mã đăng ký, khóa, mật khẩu, phiên đăng nhập, tên cán bộ, nội dung sự kiện, lời của người dân,
địa chỉ MAC và IP.

The support bundle of a motcua box.
In it: versions, what motcua doctor found, health, settings without comments, states of units, scrubbed
logs of units and kernel, disks and links, heads and counts of the journal, sizes.
Not in it: claims, keys, passwords, sessions, names of staff, data of events, words of citizens,
MAC and IP addresses.
"""


def write_bundle(box: Box, findings: Sequence[Finding], out: Path) -> list[str]:
    """Write the bundle of a box, mode 0600, whole or not at all.

    Args:
        box: what it is about.
        findings: of the doctor.
        out: the file.

    Returns:
        the names of its pieces.

    Raises:
        BundleNotWrittenError: the file cannot be written, or the secrets to keep out cannot be read.
    """
    packed, names = pack_bundle(box, findings)
    try:
        write_durably(out, packed, 0o600)
    except OSError as error:
        raise BundleNotWrittenError(path=out, reason=error.strerror or str(error)) from error
    return names


def pack_bundle(box: Box, findings: Sequence[Finding]) -> tuple[bytes, list[str]]:
    """Return the bundle of a box, a ``.tar.gz``, and the names of its pieces.

    Args:
        box: what it is about.
        findings: of the doctor.

    Raises:
        BundleNotWrittenError: the secrets to keep out cannot be read.
    """
    try:
        box.must_read()
        scrubber = Scrubber(known_secrets(box.folder))
    except OSError as error:
        raise BundleNotWrittenError(path=box.folder, reason=error.strerror or str(error)) from error
    pieces = {name: scrubber.known(text) for name, text in _pieces(box, findings, scrubber).items()}
    return _archive(pieces, box.around.time.wall_us() // 1_000_000), sorted(pieces)


def _pieces(box: Box, findings: Sequence[Finding], scrubber: Scrubber) -> dict[str, str]:
    """Return every piece by its name, each scrubbed as its kind needs."""

    def as_json(gather: Callable[[], object]) -> str:
        return scrubber.plain(json.dumps(_tried(gather), ensure_ascii=False, indent=2) + "\n")

    def of_health() -> object:
        told = facts.health(box) or {}
        return {
            name: part if name == "journal" else _each(part, scrubber.text) for name, part in told.items()
        }

    pieces = {
        "README.txt": README,
        "versions.json": as_json(lambda: facts.versions(box)),
        "doctor.json": as_json(lambda: sheet.as_json(findings)),
        "health.json": as_json(of_health),
        "office.toml": scrubber.plain(str(_tried(lambda: facts.settings_text(box)))),
        "units.json": as_json(lambda: facts.unit_states(box)),
        "disks.json": as_json(lambda: facts.disks(box)),
        "links.json": as_json(lambda: facts.links(box)),
        "journal.json": as_json(lambda: facts.journal(box)),
        "sizes.json": as_json(lambda: facts.sizes(box)),
        "kernel.log": scrubber.text(_tail(box.machine.kernel_log, KERNEL_LINES)),
    }
    for unit in UNITS:
        name = f"logs/{unit}.log"
        told = box.machine.programs.run(
            "journalctl", "-u", unit, "-n", str(LOG_LINES), "--no-pager", "-o", "short-iso", "--no-hostname"
        )
        pieces[name] = scrubber.log(_tail(told, LOG_LINES))
    return pieces


def _tried(gather: Callable[[], object]) -> object:
    """Return what was gathered, or why it could not be: a bundle with a hole is better than none."""
    try:
        return gather()
    except Exception as error:
        log.exception("bundle.piece_failed")
        return {"not_gathered": type(error).__name__}


def _each(value: object, change: Callable[[str], str]) -> object:
    """Return a value of JSON with every text in it changed."""
    if isinstance(value, dict):
        return {name: _each(inner, change) for name, inner in value.items()}
    if isinstance(value, list):
        return [_each(inner, change) for inner in value]
    return change(value) if isinstance(value, str) else value


def _tail(text: str | None, lines: int) -> str:
    return "not available\n" if text is None else "\n".join(text.splitlines()[-lines:]) + "\n"


def _archive(pieces: dict[str, str], at_s: int) -> bytes:
    packed = io.BytesIO()
    # The header of gzip would name the file and the user's time: neither is needed.
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=at_s) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name, text in sorted(pieces.items()):
            content = text.encode()
            member = tarfile.TarInfo(f"{FOLDER}/{name}")
            member.size, member.mtime, member.mode = len(content), at_s, 0o600
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()
