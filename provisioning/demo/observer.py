"""Looks at a running scene: its events, its state and the other ends of its wires."""

from collections import deque
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any

from appliance.clock import monotonic_s
from appliance.desk.state import State
from appliance.journal.source import sources
from appliance.uplink.uplink import Status
from appliance.wire.event import Event, check_line
from appliance.wire.moment import HANOI, Moment
from hardware.boards.loader import OutputPin, load_board
from provisioning.demo.picture import (
    CounterCard,
    Devices,
    Lamp,
    Level,
    Line,
    News,
    Picture,
    RatingRow,
    Receipt,
    Record,
)
from provisioning.demo.scene import Scene
from provisioning.demo.tally import Tally
from provisioning.demo.words import Names, issue_words, news_of

KEPT_NEWS = 100
KEPT_RECEIPTS = 30
UPLINK_EVERY_S, HEALTH_EVERY_S = 0.25, 1.0
GLOW_S = 0.5
"""A beep of 80 ms is shown this long, or nobody would see it."""
FRESH_S = 1.5


class Observer:
    """Collects what the view shows; make it with :meth:`open`.

    Its methods belong to one thread; the office tells it of events and pins from others.

    Args:
        scene: what to look at.
        wake: called from any thread when there is something new.
    """

    def __init__(self, scene: Scene, wake: Callable[[], None]) -> None:
        self._scene = scene
        self._wake = wake
        self._names = Names.of(scene.settings)
        board = load_board(scene.settings.hardware.board)
        self._lamps = {
            name: (one.name, board.lamps[name])
            for one in scene.settings.counters
            if (name := f"thanks.{one.rating_buttons}") in board.lamps
        }
        self._buzzer = board.buzzer
        self._fresh: SimpleQueue[Event] = SimpleQueue()
        self._seen: tuple[str, int] = ("", 0)
        self._tally = Tally()
        self._news: deque[News] = deque(maxlen=KEPT_NEWS)
        self._unread: list[News] = []
        self._receipts: deque[Receipt] = deque(maxlen=KEPT_RECEIPTS)
        self._receipt_ms: int | None = None
        self._mark: tuple[str, int] = ("", 0)
        self._status: tuple[float, Status] | None = None
        self._health: tuple[float, list[dict[str, Any]]] | None = None
        self._lit_s: dict[int, float] = {}
        self._rated_s: dict[str, float] = {}
        self._beeps = 0
        self._unlisten: Callable[[], object] = lambda: None

    @classmethod
    def open(cls, scene: Scene, wake: Callable[[], None]) -> "Observer":
        """Begin: what the journal holds already is taken first."""
        observer = cls(scene, wake)
        observer._unlisten = scene.office.desk.listen(observer._on_events)
        scene.pins.on_change(observer._on_pin)
        for source in sources(scene.folder):
            for line in source.all_lines():
                observer._take(check_line(line))
        return observer

    def close(self) -> None:
        """Listen no more; idempotent."""
        unlisten, self._unlisten = self._unlisten, lambda: None
        unlisten()

    def unread(self) -> list[News]:
        """Return what happened since this was asked last, receipts included."""
        self._catch_up()
        self._record(self._scene.office.clock.now())
        unread, self._unread = self._unread, []
        return unread

    def picture(self) -> Picture:
        """Return how things are now."""
        self._catch_up()
        office, settings = self._scene.office, self._scene.settings
        state, moment = office.desk.state, office.clock.now()
        hall = office.snapshot(state)
        ratings = settings.ratings
        return Picture(
            office=settings.office.name,
            day=hall["day"] or "",
            clock=_local(moment),
            quality=moment.quality.value,
            counters=tuple(self._card(one) for one in hall["counters"]),
            lines=tuple(
                Line(
                    one["series"], one["name"], tuple(each["label"] for each in one["waiting"]), one["issued"]
                )
                for one in hall["services"]
            ),
            levels=tuple(map(Level, ratings.labels, ratings.colors)),
            ratings=tuple(self._rating_row(one.id, one.name) for one in settings.counters),
            devices=self._devices(),
            record=self._record(moment),
            issues=self._issues(state),
            news=tuple(self._news),
        )

    # --- other threads

    def _on_events(self, events: tuple[Event, ...], _state: State) -> None:
        for event in events:
            self._fresh.put(event)
        self._wake()

    def _on_pin(self, pin: int, is_high: bool) -> None:
        for output in self._outputs():
            if output.pin == pin and _is_lit(output, is_high=is_high):
                self._lit_s[pin] = monotonic_s()
        if self._buzzer is not None and self._buzzer.pin == pin and _is_lit(self._buzzer, is_high=is_high):
            self._beeps += 1
        self._wake()

    # --- the view's thread

    def _outputs(self) -> list[OutputPin]:
        lamps = [output for _, output in self._lamps.values()]
        return lamps if self._buzzer is None else [*lamps, self._buzzer]

    def _catch_up(self) -> None:
        while True:
            try:
                event = self._fresh.get_nowait()
            except Empty:
                return
            self._take(event)

    def _take(self, event: Event) -> None:
        epoch, seq = self._seen
        if event.epoch == epoch and event.seq <= seq:
            return  # heard while the journal was read
        self._seen = (event.epoch, event.seq)
        self._tally.add(event)
        if event.kind == "rating.given":
            self._rated_s[event.data["counter"]] = monotonic_s()
        self._tell(news_of(event, self._names))

    def _tell(self, news: News) -> None:
        self._news.append(news)
        self._unread.append(news)

    def _card(self, shown: dict[str, Any]) -> CounterCard:
        ticket = shown["ticket"]
        if ticket is None:
            return CounterCard(shown["name"], shown["state"])
        return CounterCard(
            shown["name"],
            shown["state"],
            ticket["label"],
            ticket["state"],
            ticket["since_ms"] // 1000,
            self._names.service(ticket["service"]),
        )

    def _rating_row(self, counter: str, name: str) -> RatingRow:
        counts = self._tally.counts(counter, self._scene.settings.ratings.levels)
        is_fresh = monotonic_s() - self._rated_s.get(counter, -FRESH_S) < FRESH_S
        return RatingRow(name, counts, self._tally.flags(counter), is_fresh)

    def _devices(self) -> Devices:
        scene = self._scene
        keypad, (_, panel_line) = scene.keypad, scene.lines
        buzzer = Lamp("Còi", is_on=self._buzzer is not None and self._is_on(self._buzzer))
        return Devices(
            panel=scene.panel.text(),
            panel_plugged=panel_line.path.exists(),
            keypad_waiting=keypad.waiting,
            keypad_ticket=keypad.ticket,
            keypad_acks=len(keypad.acks),
            lamps=tuple(Lamp(name, self._is_on(output)) for name, output in self._lamps.values()),
            buzzer=buzzer,
            beeps=self._beeps,
        )

    def _is_on(self, output: OutputPin) -> bool:
        if monotonic_s() - self._lit_s.get(output.pin, -GLOW_S) < GLOW_S:
            return True
        return _is_lit(output, is_high=self._scene.pins.state(output.pin))

    def _record(self, moment: Moment) -> Record:
        desk = self._scene.office.desk
        status, chain = self._uplink(), desk.chain
        epoch = "" if chain is None else chain.epoch
        mark = next((one.upto for one in status.marks if one.epoch == epoch), 0)
        if mark != (self._mark[1] if self._mark[0] == epoch else 0):
            self._receipted(moment, epoch, mark)
        next_at = status.next_run_at
        return Record(
            seq=0 if chain is None else chain.seq,
            head="" if chain is None else chain.head,
            epoch=epoch,
            recording_stopped=desk.recording_stopped,
            enrolled=status.enrolled,
            mark=mark,
            unreceipted=status.unreceipted,
            receipt_age_s=None if self._receipt_ms is None else (moment.up_ms - self._receipt_ms) // 1000,
            next_s=None if next_at is None else max(0, round((next_at - moment.at).total_seconds())),
            error=None if status.error is None else status.error.vi(),
            center="up",
            receipts=tuple(reversed(self._receipts)),
        )

    def _receipted(self, moment: Moment, epoch: str, mark: int) -> None:
        before = self._mark[1] if self._mark[0] == epoch else 0
        self._mark, self._receipt_ms = (epoch, mark), moment.up_ms
        receipt = Receipt(_local(moment), mark, mark - before)
        self._receipts.append(receipt)
        self._unread.append(
            News(receipt.at, f"Biên nhận của tỉnh đến #{mark} (+{receipt.events})", "receipt", "receipt")
        )

    def _uplink(self) -> Status:
        now_s = monotonic_s()
        if self._status is None or now_s - self._status[0] >= UPLINK_EVERY_S:
            self._status = (now_s, self._scene.office.uplink.status())
        return self._status[1]

    def _issues(self, state: State) -> tuple[str, ...]:
        now_s = monotonic_s()
        if self._health is None or now_s - self._health[0] >= HEALTH_EVERY_S:
            self._health = (now_s, self._scene.office.health()["issues"])
        known = dict.fromkeys((one["key"], one["subject"] or None) for one in self._health[1])
        known |= dict.fromkeys(sorted(state.faults, key=str))
        counters = self._names.counters
        return tuple(
            issue_words(key, None if subject is None else counters.get(subject, subject))
            for key, subject in known
        )


def _is_lit(output: OutputPin, *, is_high: bool) -> bool:
    return is_high is (output.active == "high")


def _local(moment: Moment) -> str:
    return moment.at.astimezone(HANOI).strftime("%H:%M:%S")
