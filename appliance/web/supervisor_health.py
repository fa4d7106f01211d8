"""What health said last, for pages that may not wait for it.

Health and the journal are read in a worker. A look shows what was heard last and has it asked again when that
is older than :data:`FRESH_S`; if the answer is another, the pages look again.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import orjson
import structlog

from appliance.journal.errors import JournalDamagedError, JournalMovedError, JournalRangeError
from appliance.journal.source import sources
from appliance.wire.moment import parse_wire_time

log = structlog.get_logger(__name__)

FRESH_S: Final = 5.0
_READ_ERRORS: Final = (JournalDamagedError, JournalMovedError, JournalRangeError, OSError, ValueError)

Health = dict[str, Any]


class HealthNews:
    """See the module; belongs to the server's event loop.

    Args:
        health: says what is wrong and how the uplink stands; may block.
        folder: the data directory, with the journal.
        changed: called when health says something new.
    """

    def __init__(self, health: Callable[[], Health], folder: Path, changed: Callable[[], None]) -> None:
        self._health = health
        self._folder = folder
        self._changed = changed
        self._latest: Health = {}
        self._asked_s = -FRESH_S
        self._asking: asyncio.Task[None] | None = None

    async def fresh(self) -> Health:
        """Ask health now and return what it says."""
        self._asked_s = asyncio.get_running_loop().time()
        self._latest = await asyncio.to_thread(self._ask)
        return self._latest

    def latest(self) -> Health:
        """Return what health said last, and have it asked again if that is a while ago."""
        loop = asyncio.get_running_loop()
        is_asking = self._asking is not None and not self._asking.done()
        if loop.time() - self._asked_s >= FRESH_S and not is_asking:
            self._asked_s = loop.time()
            self._asking = loop.create_task(self._again())
        return self._latest

    async def _again(self) -> None:
        before = self._latest
        try:
            now = await self.fresh()
        except Exception:
            # The boundary of this task: the pages go on showing what was known.
            log.exception("health.not_asked")
            return
        if now != before:
            self._changed()

    def _ask(self) -> Health:
        said = self._health()
        return {**said, "oldest": _oldest(self._folder, said.get("uplink") or {})}


def _oldest(folder: Path, uplink: Health) -> str | None:
    """Return the wall time of the first event without a receipt, or None: none, or nobody can tell."""
    if not uplink.get("unreceipted"):
        return None
    upto = {mark["epoch"]: mark["upto"] for mark in uplink.get("marks", ())}
    try:
        for source in sources(folder):
            seq = upto.get(source.epoch, 0) + 1
            if source.last() >= seq:
                return str(orjson.loads(source.lines(seq, seq)[0])["at"])
    except _READ_ERRORS as error:
        log.info("health.oldest_unknown", reason=str(error))
    return None


def shown(health: Health) -> Health:
    """Return health as templates take it: with instants instead of texts, and whatever it does not say."""
    uplink: Health = {
        "last_success": None,
        "unreceipted": None,
        "enrolled": None,
        "error": None,
        "detail": None,
        "detail_vi": None,
    }
    uplink |= health.get("uplink") or {}
    uplink["last_success"] = _instant(uplink["last_success"])
    nothing: Health = {"software": "", "journal": None, "issues": [], "faults": [], "addresses": []}
    return {**nothing, **health, "uplink": uplink, "oldest": _instant(health.get("oldest"))}


def _instant(at: str | None) -> datetime | None:
    return None if at is None else parse_wire_time(at)
