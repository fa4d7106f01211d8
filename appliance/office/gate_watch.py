"""What the gate of the public WiFi said lately, kept so that pages and health need not wait for it."""

from collections import deque
from dataclasses import dataclass
from typing import Final

from appliance.sockets import gate
from appliance.web.wifi import Said, WifiLook

REMEMBERED_S: Final = 3600.0
"""A death or a conflict is told for an hour: what comes and goes with every guest would fill the journal."""
RATE_S: Final = 20.0
"""How fast the line is used is told over about so long."""
MOST_KEPT: Final = 256


@dataclass(frozen=True, slots=True)
class _Sample:
    at_s: float
    up: int
    down: int


class GateWatch:
    """See the module; written by the link's thread, read by any.

    Args:
        now_s: when the gate is first expected to be heard, monotonic seconds.
    """

    def __init__(self, now_s: float) -> None:
        self._heard_s = now_s
        self._is_up = False
        self._counts: gate.Counts | None = None
        self._samples: deque[_Sample] = deque(maxlen=MOST_KEPT)
        self._restarts: dict[str, int] = {}
        self._deaths: dict[str, deque[float]] = {}
        self._conflicts: tuple[float, int] = (now_s - REMEMBERED_S, 0)
        self.refusal: Said | None = None

    def found(self, now_s: float) -> None:
        """Note that it answers."""
        self._is_up = True
        self._heard_s = now_s
        # A gate that was started again counts its engines' starts and its bytes from nothing.
        self._restarts.clear()
        self._samples.clear()

    def heard(self, now_s: float) -> None:
        """Note that it said something."""
        self._heard_s = now_s

    def lost(self) -> None:
        """Note that it does not answer any more."""
        self._is_up = False
        self._counts = None

    def counted(self, counts: gate.Counts, now_s: float) -> None:
        """Take what it counted."""
        for engine in counts.engines:
            before = self._restarts.get(engine.name)
            died = 0 if before is None else max(0, engine.restarts - before)
            if died:
                kept = self._deaths.setdefault(engine.name, deque(maxlen=MOST_KEPT))
                kept.extend([now_s] * min(died, MOST_KEPT))
            self._restarts[engine.name] = engine.restarts
        if counts.conflicts:
            since_s, most = self._conflicts
            is_over = now_s - since_s >= REMEMBERED_S
            self._conflicts = now_s, counts.conflicts if is_over else max(most, counts.conflicts)
        last = self._samples[-1] if self._samples else None
        if last is not None and (counts.bytes_up < last.up or counts.bytes_down < last.down):
            self._samples.clear()  # another hour has begun
        self._samples.append(_Sample(now_s, counts.bytes_up, counts.bytes_down))
        while len(self._samples) > 2 and now_s - self._samples[0].at_s > RATE_S:  # noqa: PLR2004 - a span
            self._samples.popleft()
        self._counts = counts

    def look(self, now_s: float) -> WifiLook:
        """Return how it is."""
        samples = tuple(self._samples)
        down = up = None
        if len(samples) > 1 and (span_s := samples[-1].at_s - samples[0].at_s) > 0 and self._is_up:
            down = int((samples[-1].down - samples[0].down) * 8 / span_s)
            up = int((samples[-1].up - samples[0].up) * 8 / span_s)
        deaths = {
            name: count
            for name, times in tuple(self._deaths.items())
            if (count := sum(now_s - each < REMEMBERED_S for each in tuple(times)))
        }
        seen_s, most = self._conflicts
        return WifiLook(
            is_up=self._is_up,
            silent_s=max(0.0, now_s - self._heard_s),
            counts=self._counts,
            down_bps=down,
            up_bps=up,
            refusal=self.refusal,
            deaths=deaths,
            conflicts=most if now_s - seen_s < REMEMBERED_S else 0,
        )
