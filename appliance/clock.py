"""The only reader of wall and monotonic time, and what the box believes of it.

A Pi without a hardware clock wakes up in the past, every morning. The believed wall time is therefore kept as
an offset to CLOCK_BOOTTIME: it starts at the system's time if that is plausible, else at the floor, and moves
only when something that may be trusted says so (docs/adr/0007-clock-without-rtc.md).
"""

import ctypes
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from appliance.wire.moment import Moment, Quality

STEP_US = 1_000_000
"""A smaller difference is slewed silently, a larger one is an event."""
RECEIPT_STEP_US = 5_000_000
"""A receipt is as old as its answer was slow: less than this is no reason to move the clock."""
TRUST_MS = 24 * 3_600_000
"""How long NTP, a receipt or an officer keeps the clock `synced` (docs/wire.md, Event)."""
WINDOW_US = 400 * 86_400 * 1_000_000
"""An unsynced or RTC time further than this above the floor is not believed."""

TOLD: Final = Path("/run/motcua-synced")
TOLD_MS: Final = 900_000  # three times the timer's interval
ASK_MS = 1_000
"""How often the kernel is asked whether NTP disciplines the clock: not for every press."""

_STA_UNSYNC = 0x40
_TIME_ERROR = 5


class SystemTime(Protocol):
    """What the machine says, unjudged."""

    def wall_us(self) -> int:
        """The system's wall clock, microseconds since 1970 UTC."""
        ...

    def boot_ms(self) -> int:
        """CLOCK_BOOTTIME in milliseconds: counts through suspend, never jumps."""
        ...

    def sample(self) -> tuple[int, int]:
        """Both of the above at one instant."""
        ...

    def boot_id(self) -> str:
        """The kernel's boot id, a UUID."""
        ...

    def ntp_synced(self) -> bool:
        """Whether the kernel says that NTP disciplines the clock now."""
        ...


class Clock(Protocol):
    """What everything else asks. Implementations are safe to call from any thread."""

    def now(self) -> Moment:
        """Return the believed moment."""
        ...

    def observe(self) -> "Step | None":
        """Look at the system's clock; return the step that the box now believes, if any."""
        ...

    def trust(self, source: str, at_us: int) -> "Step | None":
        """Believe a wall time told by ``receipt`` or ``officer``; return the step, if it is one."""
        ...

    def begin(self, floor_us: int, boot: str = "", up_ms: int = 0) -> None:
        """Learn the last event, before the first one of this start.

        Args:
            floor_us: its wall time: the latest instant that is known to have passed.
            boot: its boot; time goes on as it was told if only the program was started again.
            up_ms: its place in that boot.
        """
        ...


@dataclass(frozen=True, slots=True)
class Step:
    """Two wall times for one instant, microseconds since 1970 UTC."""

    was_us: int
    now_us: int
    source: str


def wall_us() -> int:
    """Return the kernel's wall clock, microseconds since 1970 UTC, believed or not."""
    return time.time_ns() // 1000


class KernelTime:
    """The real machine.

    Args:
        told: where another unit says when the clock was last seen synchronized, for who may not ask.
    """

    def __init__(self, told: Path = TOLD) -> None:
        self._told = told
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._asked_ms = -ASK_MS
        self._synced = False
        self._boot_id = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()

    def wall_us(self) -> int:
        return wall_us()

    def boot_ms(self) -> int:
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000

    def sample(self) -> tuple[int, int]:
        return self.wall_us(), self.boot_ms()

    def boot_id(self) -> str:
        return self._boot_id

    def ntp_synced(self) -> bool:
        up_ms = self.boot_ms()
        if up_ms - self._asked_ms >= ASK_MS:
            self._asked_ms, self._synced = up_ms, self._adjtimex()
        return self._synced

    def _adjtimex(self) -> bool:
        # struct timex, read only (modes = 0): int modes at 0, int status at the fifth long.
        timex = (ctypes.c_long * 40)()
        state = self._libc.adjtimex(ctypes.byref(timex))
        if state == -1:  # the unit forbids all calls about the clock, this harmless one among them
            return _told_lately(self._told, self.boot_ms())
        status = ctypes.cast(timex, ctypes.POINTER(ctypes.c_int))[5 * ctypes.sizeof(ctypes.c_long) // 4]
        return state != _TIME_ERROR and not status & _STA_UNSYNC


def _told_lately(path: Path, up_ms: int) -> bool:
    """Whether motcua-synced.timer saw the clock synchronized lately; it writes that moment's uptime."""
    try:
        told_ms = int(float(path.read_text(encoding="ascii").split()[0]) * 1000)
    except (OSError, ValueError, IndexError):
        return False
    return 0 <= up_ms - told_ms < TOLD_MS


class BelievedClock:
    """The clock of the box.

    Args:
        system: what the machine says.
        floor_us: image build or last receipt, whichever is later; microseconds since 1970 UTC.
            :meth:`begin` adds the last event.
        has_rtc: whether a hardware clock set the system's time at boot.
        step_us: from this difference on a change is an event, microseconds; less is followed silently.
    """

    def __init__(self, system: SystemTime, *, floor_us: int, has_rtc: bool, step_us: int = STEP_US) -> None:
        self._system = system
        self._floor_us = floor_us
        self._has_rtc = has_rtc
        self._step_us = step_us
        self._lock = threading.Lock()
        self._trusted_until_ms = -1
        self._rtc_good = False
        self._offset_us = 0
        self._anchor()

    def now(self) -> Moment:
        with self._lock:
            up_ms = self._system.boot_ms()
            return Moment(
                at_us=up_ms * 1000 + self._offset_us,
                quality=self._quality(up_ms),
                boot=self._system.boot_id(),
                up_ms=up_ms,
            )

    def observe(self) -> Step | None:
        with self._lock:
            wall_us, up_ms = self._system.sample()
            if self._system.ntp_synced():
                return self._believe("ntp", wall_us, up_ms)
            if not self._has_rtc or self._quality(up_ms) is Quality.SYNCED:
                return None
            self._rtc_good = self._plausible(wall_us)
            # A hardware clock may be read late in the boot; it never takes the box back.
            if self._rtc_good and wall_us > up_ms * 1000 + self._offset_us:
                return self._move("rtc", wall_us, up_ms)
            return None

    def trust(self, source: str, at_us: int) -> Step | None:
        with self._lock:
            up_ms = self._system.boot_ms()
            if source == "receipt":
                if self._system.ntp_synced():  # which knows better than an answer that took a while
                    return None
                if abs(at_us - up_ms * 1000 - self._offset_us) < RECEIPT_STEP_US:
                    self._trusted_until_ms = up_ms + TRUST_MS
                    return None
            return self._believe(source, at_us, up_ms)

    def begin(self, floor_us: int, boot: str = "", up_ms: int = 0) -> None:
        with self._lock:
            self._floor_us = max(self._floor_us, floor_us)
            self._anchor()
            if boot == self._system.boot_id():
                self._offset_us = floor_us - up_ms * 1000

    def _anchor(self) -> None:
        wall_us, up_ms = self._system.sample()
        plausible = self._plausible(wall_us)
        self._rtc_good = self._has_rtc and plausible
        self._offset_us = (wall_us if plausible else self._floor_us) - up_ms * 1000

    def _plausible(self, wall_us: int) -> bool:
        return self._floor_us <= wall_us <= self._floor_us + WINDOW_US

    def _quality(self, up_ms: int) -> Quality:
        if up_ms < self._trusted_until_ms:
            return Quality.SYNCED
        return Quality.RTC if self._rtc_good else Quality.UNSYNCED

    def _believe(self, source: str, at_us: int, up_ms: int) -> Step | None:
        self._trusted_until_ms = up_ms + TRUST_MS
        return self._move(source, at_us, up_ms)

    def _move(self, source: str, at_us: int, up_ms: int) -> Step | None:
        was_us = up_ms * 1000 + self._offset_us
        self._offset_us += at_us - was_us
        return Step(was_us, at_us, source) if abs(at_us - was_us) >= self._step_us else None


class ScriptedTime:
    """A machine whose time only moves when told: for simulated days and tests.

    Args:
        wall_us: the system's wall clock at the start, microseconds since 1970 UTC.
        synced: whether NTP disciplines it.
        boot: the first boot id.
    """

    def __init__(
        self, wall_us: int, *, synced: bool = True, boot: str = "00000000-0000-4000-8000-000000000001"
    ) -> None:
        self._lock = threading.Lock()
        self._wall_us = wall_us
        self._boot_ms = 10_000
        self._boot = boot
        self.synced = synced

    def advance(self, ms: int) -> None:
        """Let time pass, in milliseconds."""
        with self._lock:
            self._wall_us += ms * 1000
            self._boot_ms += ms

    def set_wall(self, wall_us: int) -> None:
        """Let the system's wall clock jump; the boot time does not notice."""
        with self._lock:
            self._wall_us = wall_us

    def reboot(self, boot: str, *, wall_us: int | None = None, off_ms: int = 0) -> None:
        """Pull the plug: a new boot id, ``up_ms`` near zero, and the wall clock the machine wakes up with.

        Args:
            boot: the new boot id, a UUID.
            wall_us: what the clock says after boot; None keeps it going (a hardware clock).
            off_ms: how long the power was off.
        """
        with self._lock:
            self._wall_us = self._wall_us + off_ms * 1000 if wall_us is None else wall_us
            self._boot_ms = 5_000
            self._boot = boot

    def wall_us(self) -> int:
        with self._lock:
            return self._wall_us

    def boot_ms(self) -> int:
        with self._lock:
            return self._boot_ms

    def sample(self) -> tuple[int, int]:
        with self._lock:
            return self._wall_us, self._boot_ms

    def boot_id(self) -> str:
        with self._lock:
            return self._boot

    def ntp_synced(self) -> bool:
        return self.synced


def monotonic_s() -> float:
    """Return seconds of a clock that never jumps, for time-outs and watchdogs."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def entropy(size: int) -> bytes:
    """Return random bytes from the system."""
    return os.urandom(size)


def uniform(least: float, most: float) -> float:
    """Return a number between two bounds, for back-off and jitter."""
    return least + (most - least) * int.from_bytes(os.urandom(7), "big") / 2**56
