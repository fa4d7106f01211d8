"""When to deliver: a calendar kept by apscheduler, and a watchdog behind it that no wall clock can fool.

apscheduler 3.11 sleeps through a backward step of the clock and enumerates every missed run after a forward
one. Hence one job whose trigger never names a time that has passed, planned anew on every step; and beside it
a thread that counts CLOCK_BOOTTIME only and delivers when the calendar did not.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import structlog

from appliance.clock import monotonic_s
from appliance.wire.moment import HANOI, Moment

log = structlog.get_logger(__name__)

_JOB = "uplink"
GRACE_S = 1.0
_LEAST_S = 0.001


@dataclass(frozen=True, slots=True)
class Plan:
    """When to deliver; exactly one of the two.

    Args:
        interval_s: seconds from one delivery to the next.
        cron: five cron fields, local time (Asia/Ho_Chi_Minh), as apscheduler reads them.
        jitter_s: each box of a province is moved by its own part of so many seconds.
    """

    interval_s: float | None = None
    cron: str | None = None
    jitter_s: float = 0.0

    def __post_init__(self) -> None:
        if (self.interval_s is None) is (self.cron is None):
            msg = f"give interval_s ({self.interval_s!r}) or cron ({self.cron!r}), not both"
            raise ValueError(msg)

    def offset_s(self, device: str) -> float:
        """Return this box's own part of the jitter, always the same, in seconds."""
        part = int.from_bytes(sha256(device.encode()).digest()[:8], "big") / 2**64
        return part * self.jitter_s

    def first_delay_s(self, device: str, now: datetime) -> float:
        """Return how long after the start to deliver first, in seconds."""
        return self.offset_s(device) if self.cron is None else self.delay_s(device, now)

    def delay_s(self, device: str, now: datetime) -> float:
        """Return how long after ``now`` (aware, believed) to deliver next, in seconds; always more than 0."""
        if self.cron is None:
            return self.interval_s or 0.0
        from apscheduler.triggers.cron import CronTrigger

        moved = timedelta(seconds=self.offset_s(device))
        trigger = CronTrigger.from_crontab(self.cron, HANOI)
        # Strictly after now: the trigger counts the present second in.
        after = now.astimezone(HANOI) - moved + timedelta(microseconds=1)
        next_at: datetime | None = trigger.get_next_fire_time(None, after)
        if next_at is None:
            return timedelta(days=1).total_seconds()
        return (next_at + moved - now).total_seconds()


class _Trigger:
    """An apscheduler trigger that only names times ahead: nothing is enumerated, whatever the clock did.

    apscheduler asks under its own lock, so what answers takes none of ours.

    Args:
        remaining_s: seconds until the planned delivery, more than 0.
        delay_s: seconds between two deliveries, more than 0.
    """

    def __init__(self, remaining_s: Callable[[], float], delay_s: Callable[[], float]) -> None:
        self._remaining_s = remaining_s
        self._delay_s = delay_s

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        """Return the next time on the system's clock."""
        return now + timedelta(seconds=self._remaining_s() if previous is None else self._delay_s())


class Schedule:
    """Calls ``due`` when it is time. ``due`` must return at once.

    Args:
        plan: when to deliver.
        device: this box's id, for its own part of the jitter.
        moment: the believed time; the calendar follows it, not the system's clock.
        due: starts a delivery; called from threads of this class.
        grace_s: how much later than planned the watchdog steps in, in seconds.
    """

    def __init__(
        self,
        plan: Plan,
        device: str,
        moment: Callable[[], Moment],
        due: Callable[[], None],
        *,
        grace_s: float = GRACE_S,
    ) -> None:
        self._plan = plan
        self._device = device
        self._moment = moment
        self._due = due
        self._grace_s = grace_s
        self._lock = threading.RLock()
        self._due_s = 0.0
        self._asked = False
        self._closing = False
        self._changed = threading.Event()
        self._watchdog = threading.Thread(target=self._watch, name="uplink-watchdog", daemon=True)
        self._scheduler: Any = None

    def start(self) -> None:
        """Plan the first delivery and begin to watch."""
        from apscheduler.executors.pool import ThreadPoolExecutor
        from apscheduler.jobstores.memory import MemoryJobStore
        from apscheduler.schedulers.background import BackgroundScheduler
        from apscheduler.triggers.base import BaseTrigger

        BaseTrigger.register(_Trigger)
        with self._lock:
            self._set(self._plan.first_delay_s(self._device, self._now()))
            self._scheduler = BackgroundScheduler(
                jobstores={"default": MemoryJobStore()},
                executors={"default": ThreadPoolExecutor(1)},
                job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
                timezone=HANOI,
            )
            self._scheduler.add_job(self._fired, self._trigger(), id=_JOB)
            self._scheduler.start()
        self._watchdog.start()

    def close(self) -> None:
        """Plan nothing more. Safe to call twice."""
        with self._lock:
            if self._closing:
                return
            self._closing = True
            scheduler, self._scheduler = self._scheduler, None
        self._changed.set()
        if scheduler is not None:
            scheduler.shutdown(wait=False)
            self._watchdog.join()

    def stepped(self) -> None:
        """Plan anew after a step of the clock: an interval goes on, a calendar is read again."""
        with self._lock:
            if self._plan.cron is not None and not self._asked:
                self._set(self._delay_s())
            self._replan()

    def come_again(self, wait_s: float) -> None:
        """Deliver next after ``wait_s`` seconds, whatever the plan says: the last try failed."""
        with self._lock:
            self._set(wait_s, asked=True)
            self._replan()

    def carry_on(self, next_after_s: float | None) -> None:
        """Deliver next as planned.

        Args:
            next_after_s: when the center wants to see this box, in seconds, or None. Instead of an interval
                it is taken as it is; a calendar is the office's own choice and only put off by it.
        """
        with self._lock:
            delay_s = self._delay_s()
            if next_after_s is not None:
                delay_s = next_after_s if self._plan.cron is None else max(delay_s, next_after_s)
            self._set(delay_s, asked=next_after_s is not None)
            self._replan()

    def next_run_at(self) -> datetime | None:
        """Return the believed time of the next delivery, aware UTC, or None when nothing is planned."""
        with self._lock:
            if self._scheduler is None:
                return None
            return self._now() + timedelta(seconds=self._remaining_s())

    def _now(self) -> datetime:
        return self._moment().at

    def _set(self, delay_s: float, *, asked: bool = False) -> None:
        self._due_s = monotonic_s() + delay_s
        self._asked = asked
        self._changed.set()

    def _remaining_s(self) -> float:
        return max(self._due_s - monotonic_s(), _LEAST_S)

    def _delay_s(self) -> float:
        return max(self._plan.delay_s(self._device, self._now()), _LEAST_S)

    def _replan(self) -> None:
        if self._scheduler is not None:
            self._scheduler.reschedule_job(_JOB, trigger=self._trigger())

    def _trigger(self) -> _Trigger:
        return _Trigger(self._remaining_s, self._delay_s)

    def _fired(self) -> None:
        """Run by apscheduler: deliver, unless the watchdog did or the wall clock ran ahead of time."""
        with self._lock:
            early = self._remaining_s() > self._grace_s
            if self._closing or early:
                self._replan()
                return
            self._next()
        self._due()

    def _next(self) -> None:
        """Plan on, in case that whoever delivers does not."""
        self._set(self._delay_s())
        self._replan()

    def _watch(self) -> None:
        while True:
            with self._lock:
                self._changed.clear()
                if self._closing:
                    return
                late_s = monotonic_s() - self._due_s - self._grace_s
            if late_s < 0:
                # The longest wait that every platform takes; then it looks again.
                self._changed.wait(min(-late_s, 3_600.0))
                continue
            log.warning("schedule.calendar_slept", late_s=round(late_s, 1))
            self._overdue()

    def _overdue(self) -> None:
        try:
            with self._lock:
                if self._closing:
                    return
                self._next()
            self._due()
        except Exception:
            # The last line of defense must outlive whatever a clock at the end of time does to a calendar.
            log.exception("schedule.watchdog")
            with self._lock:
                self._set(self._plan.interval_s or 3_600.0)
