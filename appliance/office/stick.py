"""One visit of a USB stick: its receipts first, then what is still without one."""

from concurrent.futures import Future
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol, TypeVar

from appliance.clock import monotonic_s
from appliance.uplink.errors import NoStickError, StickBusyError, StickSlowError
from appliance.uplink.stick import Exported, Imported
from appliance.uplink.uplink import Status

WAIT_S = 120.0

T = TypeVar("T")


class Carrier(Protocol):
    """The part of :class:`appliance.uplink.uplink.Uplink` that a stick needs."""

    def import_receipts(self, folder: Path) -> "Future[Imported]": ...
    def export(self, folder: Path) -> "Future[Exported]": ...
    def status(self) -> Status: ...


def exchange(uplink: Carrier, folder: Path | None, wait_s: float = WAIT_S) -> dict[str, Any]:
    """Take the receipts of a mounted stick and write to it what the center has not receipted; blocks.

    Args:
        uplink: does both on its own thread.
        folder: where the stick is mounted; None when the settings name no place.
        wait_s: seconds that all of it may take.

    Returns:
        names by what became of them, how many there are of each, and ``unreceipted``, the events that the
        center has not receipted yet.

    Raises:
        NoStickError: no folder is configured.
        StickNotEnrolledError: the first enrolment needs a line.
        StickError: the stick cannot be read or written.
        StickBusyError, StickSlowError: it took longer.
        MotcuaError: this box's own files, or the uplink is closing.
    """
    if folder is None:
        raise NoStickError
    until_s = monotonic_s() + wait_s
    # Receipts first: what they cover need not be written again.
    taken = _waited(uplink.import_receipts(folder), until_s, wait_s)
    written = _waited(uplink.export(folder), until_s, wait_s)
    done = {**asdict(written), **asdict(taken)}
    counts = {what: len(names) for what, names in done.items() if isinstance(names, list | dict)}
    return {**done, "counts": counts, "unreceipted": uplink.status().unreceipted}


def _waited(future: "Future[T]", until_s: float, wait_s: float) -> T:
    try:
        return future.result(max(0.0, until_s - monotonic_s()))
    except TimeoutError as error:
        if future.cancel():  # not begun, and now it never will: the stick may be pulled
            raise StickBusyError(seconds=round(wait_s)) from error
        if future.done():
            return future.result()
        raise StickSlowError(seconds=round(wait_s)) from error
