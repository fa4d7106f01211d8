"""How much of a session's life is spent, on a box whose wall clock jumps: pure.

Within a boot only CLOCK_BOOTTIME counts, so that no step of the wall clock signs anybody out or keeps anybody
in. Across boots the wall clock counts, and never less than the machine was up. What is spent only grows:
a wall clock that goes back gives nothing back (docs/adr/0015-accounts-and-the-setup-code.md).
"""

from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import orjson

from appliance.wire.moment import Moment

MINUTE_MS = 60_000
LIFE_MS = 12 * 60 * MINUTE_MS
"""From signing in."""
IDLE_MS = 2 * 60 * MINUTE_MS
"""From the last use."""
UNWRITTEN_MS = 5 * MINUTE_MS
"""Spans are written this often, so a power cut forgets this much; each new boot therefore costs it."""


@dataclass(frozen=True, slots=True)
class Span:
    """What was spent at one instant, and a wall time to measure the next boot from.

    Args:
        boot: the boot of that instant.
        up_ms: CLOCK_BOOTTIME of that instant.
        seen_us: believed wall time of that instant.
        spent_ms: life spent until then.
        idle_ms: unused for so long then.
        wall_boot: the boot in which ``wall_us`` was read; there it is not consulted.
        wall_us: a wall time, of this boot's or a trusted clock.
        wall_spent_ms: life spent at ``wall_us``.
    """

    boot: str
    up_ms: int
    seen_us: int
    spent_ms: int
    idle_ms: int
    wall_boot: str
    wall_us: int
    wall_spent_ms: int

    @classmethod
    def start(cls, now: Moment) -> Self:
        """Return the span of a session that begins now."""
        return cls(now.boot, now.up_ms, now.at_us, 0, 0, now.boot, now.at_us, 0)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return a span as it was written.

        Raises:
            ValueError: it is none.
        """
        value: dict[str, Any] = orjson.loads(text)
        span = cls(str(value.pop("boot")), wall_boot=str(value.pop("wall_boot")), **value)
        if not all(type(number) is int for number in value.values()):
            raise ValueError(text)
        return span

    def text(self) -> str:
        """Return it as it is written."""
        return orjson.dumps(asdict(self)).decode()

    def _gone_ms(self, now: Moment) -> tuple[int, int]:
        """Return life spent and time unused, now."""
        if now.boot == self.boot:
            gone_ms = max(0, now.up_ms - self.up_ms)
            spent_ms, idle_ms = self.spent_ms + gone_ms, self.idle_ms + gone_ms
        else:
            wall_ms = (now.at_us - self.seen_us) // 1000
            spent_ms = self.spent_ms + max(wall_ms, now.up_ms + UNWRITTEN_MS)
            idle_ms = self.idle_ms + max(wall_ms, now.up_ms)
        if now.boot != self.wall_boot:
            spent_ms = max(spent_ms, self.wall_spent_ms + (now.at_us - self.wall_us) // 1000)
        return spent_ms, idle_ms

    def left_ms(self, now: Moment) -> int:
        """Return what is left, milliseconds; 0 or less: it is over."""
        spent_ms, idle_ms = self._gone_ms(now)
        return min(LIFE_MS - spent_ms, IDLE_MS - idle_ms)

    def at(self, now: Moment) -> "Span":
        """Return the span as of now, not used."""
        spent_ms, idle_ms = self._gone_ms(now)
        moved = replace(
            self, boot=now.boot, up_ms=now.up_ms, seen_us=now.at_us, spent_ms=spent_ms, idle_ms=idle_ms
        )
        if now.boot != self.wall_boot and not now.trusted:
            return moved  # the night before is not known yet
        return replace(moved, wall_boot=now.boot, wall_us=now.at_us, wall_spent_ms=spent_ms)

    def used(self, now: Moment) -> "Span":
        """Return the span as of now, used."""
        return replace(self.at(now), idle_ms=0)
