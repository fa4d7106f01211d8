"""A scripted office day at high speed, through the same drivers, desk, journal, uplink and center as any."""

import heapq
import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import httpx2
import orjson

from appliance.clock import ScriptedTime, monotonic_s
from appliance.queueing.states import TicketState
from center.audit import audit_device
from hardware.boards.loader import load_board
from provisioning.demo.ledger import Ledger
from provisioning.demo.scene import DEVICE, Scene

MORNING_US = 1_795_306_800_000_000  # 2026-11-22T00:20:00Z, 07:20 in Hanoi
ARRIVALS_S = 9 * 3600.0
ACK_S = 10.0
DELIVER_EVERY = 25
BUTTON_OF = {"ho-tich": "issue.1", "dat-dai": "issue.2", "bao-tro": "issue.3", "cu-tru": "issue.4"}
SERVICES = ("ho-tich", "dat-dai", "bao-tro", "cu-tru", "tra-ket-qua")
SHARES = (30, 25, 15, 20, 10)
PRIORITIES = ("none", "elderly", "disabled", "pregnant", "merit")
PRIORITY_SHARES = (80, 10, 3, 4, 3)
LEVEL_SHARES = (8, 22, 70)
KEYPAD_COUNTER = "quay-1"
COUNTERS = ("quay-1", "quay-2", "quay-3")
RATING_SET = {"quay-1": 1, "quay-2": 2}
CALL_KEY = 0x0C
KEY_MS = 1_000  # an identical key sooner is taken for a resend
PHYSICAL_SHARE, STAFF_SHARE = 0.85, 0.15
COMES_SHARE, RATES_SHARE, TWICE_SHARE, AGAIN_SHARE, HOLDS_SHARE, LATE_SHARE = 0.93, 0.75, 0.1, 0.06, 0.04, 0.5
CHILD_AT_S = -300.0 + ARRIVALS_S


class Dice(Protocol):
    """The seeded chance of the day."""

    def random(self) -> float: ...
    def uniform(self, a: float, b: float) -> float: ...
    def choices(self, population: Any, weights: Any) -> list[Any]: ...  # noqa: ANN401 - as random.Random


@dataclass(frozen=True, slots=True)
class Result:
    """How the day ended.

    Args:
        summary: the line to print.
        problems: what is missing or wrong; empty on a good day.
    """

    summary: dict[str, Any]
    problems: list[str]


@dataclass
class Day:
    """The script; ``play`` runs it once.

    Args:
        scene: what it is played on.
        time: the simulated machine.
        dice: seeded.
        citizens: how many come.
    """

    scene: Scene
    time: ScriptedTime
    dice: Dice
    citizens: int
    ledger: Ledger = field(default_factory=Ledger)

    def __post_init__(self) -> None:
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._now_s = 0.0
        self._board = load_board("pi4")
        self._fingers = _Fingers(self.scene, self.time)
        self._api = httpx2.Client(
            transport=httpx2.HTTPTransport(uds=str(self.scene.settings.api.socket)), base_url="http://office"
        )
        self._busy: set[str] = set()
        self._requests = itertools.count(1)
        self._arrived = 0

    def play(self) -> None:
        """Play the day to its end and close it."""
        for counter in COUNTERS:
            self._post(f"/v1/counters/{counter}/open", {"officer": f"can-bo-{counter[-1]}"})
        for _ in range(self.citizens):
            self._at(self.dice.uniform(0.0, ARRIVALS_S), self._arrive)
        self._at(CHILD_AT_S, self._play_with_buttons)
        while self._queue:
            at_s, _, action = heapq.heappop(self._queue)
            if at_s > self._now_s:
                self.time.advance(round((at_s - self._now_s) * 1000))
                self._now_s = at_s
            action()
        self._post("/v1/day/close", {})
        self._api.close()

    def _at(self, at_s: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._queue, (at_s, next(self._order), action))

    def _after(self, delay_s: float, action: Callable[[], None]) -> None:
        self._at(self._now_s + delay_s, action)

    # --- citizens

    def _arrive(self) -> None:
        (service,) = self.dice.choices(SERVICES, SHARES)
        if service in BUTTON_OF and self.dice.random() < PHYSICAL_SHARE:
            pin = self._board.buttons[BUTTON_OF[service]].pin
            if self._fingers.press(pin, self._board_pin("buzzer")):
                self.ledger.numbers[service] += 1
        else:
            (priority,) = self.dice.choices(PRIORITIES, PRIORITY_SHARES)
            answer = self._post("/v1/tickets", {"service": service, "priority": priority, "source": "kiosk"})
            if answer is not None:
                self.ledger.labels.append(answer["label"])
        self._arrived += 1
        if self._arrived % DELIVER_EVERY == 0:
            self.scene.office.uplink.deliver_now()
        for counter in COUNTERS:
            self._wake(counter)

    def _rate(self, counter: str) -> None:
        (level,) = self.dice.choices((1, 2, 3), LEVEL_SHARES)
        self._press_rating(counter, level)
        if self.dice.random() < TWICE_SHARE:
            self._after(2.0, lambda: self._press_rating(counter, 3))
        if self.dice.random() < AGAIN_SHARE:
            self._after(9.0, lambda: self._press_rating(counter, 3))

    def _play_with_buttons(self) -> None:
        """A child at the buttons of a counter: flagged, never dropped."""
        for _ in range(7):
            self._press_rating("quay-2", 2)

    def _press_rating(self, counter: str, level: int) -> None:
        keypad = self.scene.keypad
        if counter == KEYPAD_COUNTER and self.dice.random() < 0.5:  # noqa: PLR2004 - half of them
            acks = len(keypad.acks)
            self.time.advance(KEY_MS)
            keypad.rate((0, 2, 3)[level - 1])
            if keypad.wait_for_acks(acks + 1, ACK_S):
                self.ledger.ratings[(counter, level, "serial")] += 1
        elif counter in RATING_SET:
            pin = self._board.buttons[f"rating.{RATING_SET[counter]}.{level}"].pin
            if self._fingers.press(pin, self._board_pin("buzzer")):
                self.ledger.ratings[(counter, level, "gpio")] += 1
        elif self._post("/v1/ratings", {"counter": counter, "level": level}) is not None:
            self.ledger.ratings[(counter, level, "web")] += 1

    # --- officers

    def _wake(self, counter: str) -> None:
        if counter not in self._busy and self._waiting(counter):
            self._busy.add(counter)
            self._after(self.dice.uniform(1.0, 8.0), lambda: self._call(counter))

    def _waiting(self, counter: str) -> int:
        hall = self.scene.office.desk.state.hall
        services = next(one.services for one in self.scene.settings.counters if one.id == counter)
        return sum(hall.tickets[key].service in services for key in hall.line)

    def _call(self, counter: str) -> None:
        before = self._ticket(counter)
        if not self._waiting(counter) and before is None:
            self._busy.discard(counter)
            return
        if counter == KEYPAD_COUNTER:
            acks = len(self.scene.keypad.acks)
            self.time.advance(KEY_MS)
            self.scene.keypad.press_key(CALL_KEY)
            self.scene.keypad.wait_for_acks(acks + 1, ACK_S)
        else:
            self._post(f"/v1/counters/{counter}/call-next", {"officer": f"can-bo-{counter[-1]}"})
        ticket = self._ticket(counter)
        if ticket is None or ticket == before:
            self._busy.discard(counter)
            return
        self.ledger.calls[counter] += 1
        if self.dice.random() < COMES_SHARE:
            self._after(self.dice.uniform(5.0, 25.0), lambda: self._begin(counter))
        else:
            self._after(30.0, lambda: self._nobody_came(counter, ticket))

    def _begin(self, counter: str) -> None:
        if counter != KEYPAD_COUNTER:
            self._post(f"/v1/counters/{counter}/start", {})
        serving_s = self.dice.uniform(60.0, 420.0)
        if counter != KEYPAD_COUNTER and self.dice.random() < HOLDS_SHARE:
            self._after(30.0, lambda: self._hold(counter))
        else:
            self._after(serving_s, lambda: self._finish(counter))

    def _hold(self, counter: str) -> None:
        ticket = self._ticket(counter)
        if ticket is not None and self._post(f"/v1/counters/{counter}/hold", {}) is not None:
            self._after(200.0, lambda: self._resume(counter, ticket))
        self._call(counter)

    def _resume(self, counter: str, ticket: str) -> None:
        state = self.scene.office.desk.state.hall.tickets[ticket].state
        if state is not TicketState.ON_HOLD or self._ticket(counter) is not None:
            return
        if self._post(f"/v1/counters/{counter}/resume", {"ticket": ticket}) is not None:
            self._busy.add(counter)
            self._after(60.0, lambda: self._finish(counter))

    def _finish(self, counter: str) -> None:
        if counter != KEYPAD_COUNTER:
            self._post(f"/v1/counters/{counter}/complete", {})
        if self.dice.random() < RATES_SHARE:
            self._after(self.dice.uniform(1.0, 12.0), lambda: self._rate(counter))
        self._after(self.dice.uniform(3.0, 20.0), lambda: self._call(counter))

    def _nobody_came(self, counter: str, ticket: str) -> None:
        if counter != KEYPAD_COUNTER:
            self._post(f"/v1/counters/{counter}/no-show", {})
        if self.dice.random() < LATE_SHARE:
            self._after(120.0, lambda: self._return(ticket))
        self._call(counter)

    def _return(self, ticket: str) -> None:
        self._post("/v1/tickets/return", {"ticket": ticket})
        for counter in COUNTERS:
            self._wake(counter)

    def _ticket(self, counter: str) -> str | None:
        post = self.scene.office.desk.state.hall.posts.get(counter)
        return None if post is None else post.ticket

    # --- means

    def _board_pin(self, name: str) -> int:
        if name == "buzzer" and self._board.buzzer is not None:
            return self._board.buzzer.pin
        return self._board.lamps[name].pin

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        """Ask the office; None when a rule refuses."""
        answer = self._api.post(path, json={**body, "request": f"day-{next(self._requests)}"})
        if answer.is_error:
            return None
        value: dict[str, Any] = answer.json()
        return value


class _Fingers:
    """Presses a mock pin and waits for the lamp that thanks."""

    def __init__(self, scene: Scene, time: ScriptedTime) -> None:
        self._scene = scene
        self._time = time
        self._changed = threading.Condition()
        self._lit: dict[int, int] = {}
        scene.pins.on_change(self._on_change)

    def _on_change(self, pin: int, is_high: bool) -> None:
        if is_high:
            with self._changed:
                self._lit[pin] = self._lit.get(pin, 0) + 1
                self._changed.notify_all()

    def press(self, pin: int, thanks: int) -> bool:
        """Press and release; return whether ``thanks`` came on because of it."""
        pause = threading.Event()
        for _ in range(200):  # the last thanks must be over to see the next begin
            if not self._scene.pins.state(thanks):
                break
            pause.wait(0.005)
        with self._changed:
            before = self._lit.get(thanks, 0)
        self._scene.pins.press(pin)
        self._time.advance(120)
        self._scene.pins.release(pin)
        self._time.advance(120)
        with self._changed:
            return self._changed.wait_for(lambda: self._lit.get(thanks, 0) > before, ACK_S)


def play(folder: Path, citizens: int, dice: Dice) -> Result:
    """Play a day in ``folder`` and compare what was acknowledged with what the center holds.

    Raises:
        MotcuaError, OSError: the day could not be played.
    """
    started_s = monotonic_s()
    time = ScriptedTime(MORNING_US)
    scene = Scene.open(folder, system=time)
    try:
        day = Day(scene, time, dice, citizens)
        day.play()
        delivered = scene.deliver_all()
        scene.export_batches()
        status = scene.office.uplink.status()
        store = scene.center.store
        device = store.device(DEVICE)
        audit = None if device is None else audit_device(store, device)
        held = _held(scene)
    finally:
        scene.close()
    events = [orjson.loads(line) for line in held]
    problems = day.ledger.missing(events)
    if not delivered:
        problems.append(f"{status.unreceipted} events are not receipted")
    if audit is None or not audit.is_complete:
        problems.append("the center's audit is not complete")
    if held != _kept(folder):
        problems.append("the center's lines are not the office's")
    receipted = sum(mark.upto for mark in status.marks)
    seconds = round(monotonic_s() - started_s, 1)
    return Result(_summary(events, day.ledger, receipted, seconds), problems)


def _held(scene: Scene) -> list[bytes]:
    """Return every line the center holds of the office, epoch by epoch."""
    store = scene.center.store
    return [stored.line for epoch in store.epochs(DEVICE) for stored in store.lines(DEVICE, epoch.epoch)]


def _kept(folder: Path) -> list[bytes]:
    from appliance.journal.source import sources

    return [line for source in sources(folder) for line in source.all_lines()]


def _summary(events: list[dict[str, Any]], ledger: Ledger, receipted: int, seconds: float) -> dict[str, Any]:
    def count(kind: str) -> int:
        return sum(event["kind"] == kind for event in events)

    flags: dict[str, int] = {"corrected": 0}
    for event in events:
        if event["kind"] == "rating.given":
            flags["corrected"] += event["data"]["corrects"] is not None
            for flag in event["data"]["flags"] or ("bound",):
                flags[flag] = flags.get(flag, 0) + 1
    return {
        "issued": count("ticket.issued"),
        "called": count("ticket.called"),
        "served": count("ticket.served"),
        "no_shows": count("ticket.no_show"),
        "presses": ledger.presses,
        "ratings": {"total": count("rating.given"), **flags},
        "events": len(events),
        "receipted": receipted,
        "seconds": seconds,
    }
