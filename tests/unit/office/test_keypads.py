"""From frames of keypads to commands, and back to the acknowledgement."""

import pytest
from sim_desk import SimBox
from sim_hall import ScriptedBus

from appliance.desk.commands import Command, Tick
from appliance.feedback.rating import Press
from appliance.office.keypads import LEVELS, KeypadInputs, command_of_key
from appliance.queueing import commands as queueing
from appliance.wire.event import Event
from hardware.clock import ManualClock
from hardware.codecs.ff68 import Key, KeyAck, KeyPressed, OkDigit, Rated, RatingAck, StartRating
from hardware.drivers.keypad import Ff68Keypads

Q1 = 5
OPEN = queueing.OpenCounter(counter="q1")
ISSUE = queueing.IssueTicket(service="ho-tich")
CALL = queueing.CallNext(counter="q1")
START = queueing.Start(counter="q1")
HOLD = queueing.Hold(counter="q1")


def pressed(key: int, *typed: int) -> KeyPressed:
    return KeyPressed(Q1, key, bytes(typed))


@pytest.mark.parametrize(
    ("before", "frame", "command"),
    [
        ([], pressed(Key.CALL), CALL),
        ([], pressed(Key.RECALL), queueing.Recall(counter="q1")),
        ([], pressed(Key.ASK_RATING), queueing.Complete(counter="q1")),
        ([], pressed(Key.OK), START),
        ([], pressed(Key.OK, OkDigit.GIVE_UP), queueing.MarkNoShow(counter="q1")),
        ([], pressed(Key.OK, OkDigit.HANG), HOLD),
        ([], pressed(Key.OK, OkDigit.CALL_BACK), None),
        ([], pressed(Key.OK, 1, OkDigit.HANG), HOLD),
        ([], pressed(Key.OK, 9), None),
        (
            [OPEN, ISSUE, CALL, START, HOLD],
            pressed(Key.OK, OkDigit.CALL_BACK),
            queueing.Resume(counter="q1", ticket="2026-11-23/A/1"),
        ),
        (
            [OPEN, ISSUE, ISSUE, CALL, START, HOLD, CALL, START, HOLD],
            pressed(Key.OK, OkDigit.CALL_BACK),
            queueing.Resume(counter="q1", ticket="2026-11-23/A/2"),  # the one held last
        ),
        ([], pressed(Key.PAUSE), OPEN),
        ([OPEN], pressed(Key.PAUSE), queueing.PauseCounter(counter="q1")),
        ([OPEN, queueing.PauseCounter(counter="q1")], pressed(Key.PAUSE), OPEN),
        ([], pressed(Key.TRANSFER, 2), queueing.Transfer(counter="q1", to_service="dat-dai")),
        ([], pressed(Key.TRANSFER, 0, 1), queueing.Transfer(counter="q1", to_service="ho-tich")),
        ([], pressed(Key.TRANSFER), None),
        ([], pressed(Key.TRANSFER, 0), None),
        ([], pressed(Key.TRANSFER, 3), None),
        ([], pressed(Key.CANCEL), None),
        ([], pressed(Key.ONE_METER_LINE), None),
        ([], pressed(0x77), None),
    ],
)
def test_what_a_key_means(
    box: SimBox, before: list[Command], frame: KeyPressed, command: Command | None
) -> None:
    for one in before:
        box.time.advance(60_000)
        box.ask(one)
    assert command_of_key(frame, "q1", box.desk.state.hall, box.rules.hall) == command


class SimKeypads:
    """The keypads of one bus, wired to a desk."""

    def __init__(self, box: SimBox) -> None:
        self.box = box
        self.bus = ScriptedBus()
        self.clock = ManualClock()
        inputs = KeypadInputs(box.desk, box.rules.hall, box.rules.ratings.levels, {Q1: "q1"})
        keypads = Ff68Keypads.open(
            self.bus, on_key=inputs.on_key, on_rating=inputs.on_rating, clock=self.clock
        )
        inputs.attach(keypads)

    def hear(self, frame: KeyPressed | Rated) -> list[bytes]:
        """Let a device send a frame; return what the host sent by the time everything is answered."""
        self.bus.sent.clear()
        self.bus.listener(frame.to_bytes())
        self.box.ask(Tick())
        self.clock.advance(10_000)
        return list(self.bus.sent)


@pytest.fixture
def keypads(box: SimBox) -> SimKeypads:
    return SimKeypads(box)


def ack(frame: KeyPressed) -> bytes:
    return KeyAck(frame).to_bytes()


def events_after_the_day(box: SimBox) -> list[Event]:
    return box.events()[1:]


def test_first_call_opens_the_counter_and_is_acknowledged_once(keypads: SimKeypads) -> None:
    keypads.box.ask(ISSUE)
    assert keypads.hear(pressed(Key.CALL)) == [ack(pressed(Key.CALL))]
    assert [event.kind for event in events_after_the_day(keypads.box)] == [
        "ticket.issued",
        "counter.opened",
        "ticket.called",
    ]


def test_refused_key_is_not_acknowledged(keypads: SimKeypads, quiet: list[dict[str, object]]) -> None:
    assert keypads.hear(pressed(Key.CALL)) == []  # nobody waits; the counter is open now
    assert keypads.hear(pressed(Key.OK)) == []
    assert keypads.hear(pressed(Key.RECALL)) == []
    assert [event.kind for event in events_after_the_day(keypads.box)] == ["counter.opened"]
    assert [entry["event"] for entry in quiet] == ["keypad.refused"] * 3
    keypads.box.ask(ISSUE)
    assert keypads.hear(pressed(Key.CALL)) == [ack(pressed(Key.CALL))]


def test_key_without_meaning_is_neither_done_nor_acknowledged(keypads: SimKeypads) -> None:
    assert keypads.hear(pressed(Key.CANCEL)) == []
    assert events_after_the_day(keypads.box) == []


def test_unknown_address_is_ignored(keypads: SimKeypads, quiet: list[dict[str, object]]) -> None:
    assert keypads.hear(KeyPressed(9, Key.CALL)) == []
    assert keypads.hear(Rated(9, 3)) == []
    assert events_after_the_day(keypads.box) == []
    assert [entry["event"] for entry in quiet] == ["keypad.unknown_address"] * 2


def test_closed_desk_acknowledges_nothing(keypads: SimKeypads) -> None:
    keypads.box.desk.close()
    keypads.bus.listener(pressed(Key.CALL).to_bytes())
    keypads.bus.listener(Rated(Q1, 3).to_bytes())
    assert keypads.bus.sent == []


@pytest.mark.parametrize(("value", "level"), list(enumerate(LEVELS[3])))
def test_evaluator_is_a_rating_and_always_answered_alike(keypads: SimKeypads, value: int, level: int) -> None:
    frame = Rated(Q1, value)
    assert keypads.hear(frame) == [RatingAck.of(frame).to_bytes()]
    (given,) = events_after_the_day(keypads.box)
    assert (given.data["counter"], given.data["level"], given.data["source"]) == ("q1", level, "serial")


@pytest.mark.parametrize("levels", list(LEVELS))
def test_every_scale_keeps_worst_and_best(levels: int) -> None:
    of_keys = LEVELS[levels]
    assert (of_keys[0], of_keys[-1]) == (1, levels)
    assert list(of_keys) == sorted(of_keys)
    assert len(of_keys) == 4


def test_asking_for_a_rating_lights_the_evaluator_whatever_becomes_of_it(keypads: SimKeypads) -> None:
    frame = pressed(Key.ASK_RATING)
    assert keypads.hear(frame) == [StartRating(Q1).to_bytes()]  # nobody to complete: no acknowledgement
    for command in (OPEN, ISSUE, CALL, START):
        keypads.box.ask(command)
    assert keypads.hear(frame) == [StartRating(Q1).to_bytes(), ack(frame)]
    assert events_after_the_day(keypads.box)[-1].kind == "ticket.served"


def test_full_line_does_not_lose_the_key(keypads: SimKeypads) -> None:
    for command in (OPEN, ISSUE, CALL, START):
        keypads.box.ask(command)
    keypads.bus.is_full = True
    assert keypads.hear(pressed(Key.ASK_RATING)) == []
    assert events_after_the_day(keypads.box)[-1].kind == "ticket.served"


def test_copy_of_a_frame_is_one_command(keypads: SimKeypads) -> None:
    for _ in range(3):
        keypads.box.ask(ISSUE)
    frame = pressed(Key.CALL)
    for _ in range(3):
        keypads.bus.listener(frame.to_bytes())
    keypads.box.ask(Tick())
    assert keypads.box.kinds().count("ticket.called") == 1


def test_evaluator_is_live_without_anybody_at_the_counter(box: SimBox) -> None:
    box.ask(Press("q1", 2, "serial"))
    assert events_after_the_day(box)[-1].data["flags"] == ["unbound"]
