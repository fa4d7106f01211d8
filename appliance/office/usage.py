"""An hour of the public WiFi becomes one event, however often the gate tells of it.

The gate says an hour again with every greeting until it is answered; either side may have been restarted in
between, so the journal itself is asked whether it holds the hour already.
"""

import asyncio
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import orjson

from appliance.desk.commands import Record
from appliance.desk.desk import Desk
from appliance.desk.lanes import Lane
from appliance.journal.source import sources
from appliance.sockets import gate
from appliance.wire.event import Draft
from appliance.wire.kinds import MIN_SESSIONS

KIND: Final = "hotspot.usage"
EARLIER: Final = timedelta(days=3)
"""A business day that goes on under a clock that nobody vouches for bears an older date than its hours."""
DESK_S: Final = 30.0
_MARK: Final = b'"kind":"hotspot.usage"'


class UsageBook:
    """See the module; for one task at a time.

    Args:
        folder: the data directory.
        desk: records.
    """

    def __init__(self, folder: Path, desk: Desk) -> None:
        self._folder = folder
        self._desk = desk
        self._known: set[str] = set()
        self._read_from: date | None = None

    async def take(self, usage: gate.Usage) -> None:
        """Record an hour; return when it is durable, or was already.

        Raises:
            MotcuaError, OSError, TimeoutError: it is not known to be recorded; the same again is right.
        """
        day = date.fromisoformat(usage.hour[:10])
        if self._read_from is None or day < self._read_from:
            self._known |= await asyncio.to_thread(recorded_hours, self._folder, day)
            self._read_from = day
        if usage.hour in self._known:
            return
        # The request's id: a commit that was not waited for is found by the desk when it is asked again.
        command = Record(Draft(KIND, data_of(usage)), request=f"{KIND}-{usage.hour}")
        future = self._desk.post(command, Lane.PUBLIC)
        async with asyncio.timeout(DESK_S):
            await asyncio.wrap_future(future)
        self._known.add(usage.hour)


def data_of(usage: gate.Usage) -> dict[str, Any]:
    """Return what the journal holds of an hour: too few sessions describe nobody, whatever the gate says."""
    if usage.sessions is None or usage.sessions < MIN_SESSIONS:
        return {"hour": usage.hour, "suppressed": True}
    return {
        "hour": usage.hour,
        "sessions": usage.sessions,
        "peak_clients": usage.peak_clients,
        "refused": usage.refused,
        "bytes_down": usage.bytes_down,
        "bytes_up": usage.bytes_up,
    }


def recorded_hours(folder: Path, first: date) -> set[str]:
    """Return the hours that the journal holds, those of days before ``first`` perhaps left out.

    Raises:
        JournalDamagedError, JournalMovedError, OSError, ValueError: part of it cannot be read at the moment.
    """
    found: set[str] = set()
    since = (first - EARLIER).isoformat()
    for source in sources(folder):
        last, start = source.last(), source.start()[0] + 1
        for seq, line in source.opened_days(last):
            if orjson.loads(line)["data"]["day"] > since:
                break
            start = seq
        for line in source.lines_until_damage(start, last):
            if _MARK in line:
                event = orjson.loads(line)
                if event["kind"] == KIND:
                    found.add(event["data"]["hour"])
    return found
