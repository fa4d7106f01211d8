"""The file of the live sessions: hardware addresses, when they end, what was agreed to, and nothing else.

    motcua-hotspot 2 <boot> <up_ms> <wall_us>
    <mac> open|blocked <ends, wall_us> <version of the terms, or .> <keys of consents by commas, or .>

All of a line goes with its session.

A box without a battery for its clock wakes up in the past. What is left to a session is therefore counted
from what was left when the file was written: by uptime within one boot, by the wall clock only if it is
trusted and went forward, else not at all. A session never gets longer.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from appliance.hotspot.policy.sessions import Kept
from appliance.hotspot.policy.states import State

MOST_BYTES: Final = 2_000_000
_HEAD: Final = re.compile(r"motcua-hotspot 2 ([0-9a-f-]{36}) (\d{1,16}) (\d{1,19})")
_NOTHING: Final = "."
_KEYS: Final = r"[A-Za-z0-9_-]{1,32}(?:,[A-Za-z0-9_-]{1,32}){0,7}"
_ENTRY: Final = re.compile(
    rf"((?:[0-9a-f]{{2}}:){{5}}[0-9a-f]{{2}}) (open|blocked) (\d{{1,19}}) ([0-9a-f]{{64}}|\.) ({_KEYS}|\.)"
)


@dataclass(frozen=True, slots=True)
class Written:
    """When the file is written, or read.

    Attributes:
        boot: the kernel's boot id.
        up_ms: uptime.
        wall_us: the believed wall clock.
        is_trusted: whether that is known and not only supposed.
    """

    boot: str
    up_ms: int
    wall_us: int
    is_trusted: bool = True


def session_text(kept: Iterable[Kept], now: Written) -> str:
    """Return the file's content."""
    lines = [f"motcua-hotspot 2 {now.boot} {now.up_ms} {now.wall_us}"]
    for each in kept:
        ends_us = now.wall_us + each.left_ms * 1000
        agreed = f"{each.terms or _NOTHING} {','.join(each.consents) or _NOTHING}"
        lines.append(f"{each.mac} {each.state.value} {ends_us} {agreed}")
    return "\n".join((*lines, ""))


def sessions_of(text: str, now: Written, *, with_over: bool = False) -> tuple[Kept, ...]:
    """Return what a file holds that is not over; nothing of a file that is not ours or was cut.

    Args:
        text: of the file.
        now: when it is read.
        with_over: return what is over, too, with nothing left to it.
    """
    lines = text.split("\n")
    head = _HEAD.fullmatch(lines[0])
    if head is None or lines[-1] != "":
        return ()
    boot, up_ms, wall_us = head[1], int(head[2]), int(head[3])
    if boot == now.boot and now.up_ms >= up_ms:
        passed_ms = now.up_ms - up_ms
    elif now.is_trusted:
        passed_ms = max(0, now.wall_us - wall_us) // 1000
    else:
        passed_ms = 0
    found: dict[str, Kept] = {}
    for line in lines[1:-1]:
        entry = _ENTRY.fullmatch(line)
        if entry is None:
            return ()
        left_ms = (int(entry[3]) - wall_us) // 1000 - passed_ms
        if left_ms > 0 or with_over:
            terms = "" if entry[4] == _NOTHING else entry[4]
            consents = () if entry[5] == _NOTHING else tuple(entry[5].split(","))
            found[entry[1]] = Kept(entry[1], State(entry[2]), left_ms, terms, consents)
    return tuple(found.values())
