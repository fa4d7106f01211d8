"""One timeline over restarts, from ``up_ms`` alone: wall clocks may jump, this cannot."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timeline:
    """The office's own time: ``elapsed_ms`` at the last event seen.

    Within a boot it follows ``up_ms``; a new boot adds its ``up_ms`` to the old boot's span, so a span across
    a restart is never shorter than the time the box was on.
    """

    boot: str = ""
    up_ms: int = 0
    elapsed_ms: int = 0

    def at(self, boot: str, up_ms: int) -> int:
        """Return ``elapsed_ms`` for a stamp at or after the last one."""
        if boot == self.boot:
            return self.elapsed_ms + max(0, up_ms - self.up_ms)
        return self.elapsed_ms + up_ms

    def advance(self, boot: str, up_ms: int) -> "Timeline":
        """Return the timeline after an event with this stamp."""
        # A stamp from before the last one must not make the way back to it count twice.
        latest = max(self.up_ms, up_ms) if boot == self.boot else up_ms
        return Timeline(boot, latest, self.at(boot, up_ms))
