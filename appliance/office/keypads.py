"""From frames of call keypads and evaluators to commands; a frame is acknowledged when its effect is durable.

A command that a rule refuses has no effect and gets no acknowledgement: the keypad's own display says how
many wait.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import Future

import structlog

from appliance.desk.commands import Command
from appliance.desk.desk import Desk
from appliance.desk.state import Answer
from appliance.errors import MotcuaError
from appliance.feedback.rating import Press
from appliance.office.heard import Heard
from appliance.office.keys import device_of
from appliance.queueing import commands as queueing
from appliance.queueing.hall import Hall
from appliance.queueing.rules import HallRules
from appliance.queueing.states import TicketState
from appliance.queueing.ticket import PostState
from hardware.codecs.ff68 import Key, KeyPressed, OkDigit, Rated
from hardware.drivers.keypad import Ff68Keypads
from hardware.errors import HardwareError

log = structlog.get_logger(__name__)

LEVELS = {2: (1, 2, 2, 2), 3: (1, 2, 2, 3), 4: (1, 2, 3, 4), 5: (1, 3, 4, 5)}
"""By the length of the scale: the level of each of the evaluator's four keys, worst key first."""


class KeypadInputs:
    """The keypads and evaluators of one bus.

    Args:
        desk: where commands go.
        rules: the configured services, for transfers by their number.
        levels: length of the rating scale.
        counters: by keypad address.
        heard: is told of every key and of what became of it.
    """

    def __init__(
        self,
        desk: Desk,
        rules: HallRules,
        levels: int,
        counters: Mapping[int, str],
        heard: Heard | None = None,
    ) -> None:
        self._desk = desk
        self._rules = rules
        self._levels = levels
        self._counters = counters
        self._heard = heard
        self._keypads: Ff68Keypads | None = None

    def attach(self, keypads: Ff68Keypads) -> None:
        """Learn the driver that acknowledges."""
        self._keypads = keypads

    def on_rating(self, frame: Rated, _at_ms: int) -> None:
        """Take an evaluator's key; called on the bus thread."""
        counter = self._counter_of(frame)
        if counter is None:
            return
        level = LEVELS[self._levels][frame.value]
        self._post(Press(counter, level, "serial"), frame)

    def on_key(self, frame: KeyPressed, _at_ms: int) -> None:
        """Take a keypad's key; called on the bus thread."""
        counter = self._counter_of(frame)
        if counter is None:
            return
        if frame.key == Key.ASK_RATING:
            # The evaluator is always live; its light only invites, whether or not there was something to
            # complete.
            self._invite(frame.addr)
        hall = self._desk.state.hall
        if counter not in hall.posts and frame.key in (Key.CALL, Key.OK):
            self._post(queueing.OpenCounter(counter=counter), None)
        command = command_of_key(frame, counter, hall, self._rules)
        if command is None:
            log.info("keypad.key_without_meaning", key=frame.key, counter=counter)
            if self._heard is not None:
                self._heard.meaningless(device_of(frame, counter))
            self._refuse(frame)
            return
        self._post(command, frame)

    def _counter_of(self, frame: KeyPressed | Rated) -> str | None:
        counter = self._counters.get(frame.addr)
        if self._heard is not None:
            self._heard.key(device_of(frame, counter))
        if counter is None:
            log.warning("keypad.unknown_address", address=frame.addr)
            if self._heard is not None:
                self._heard.meaningless(device_of(frame, None))
        return counter

    def _post(self, command: Command, frame: KeyPressed | Rated | None) -> None:
        """Post a command; ``frame`` is what is acknowledged when it is durable."""
        try:
            reply = self._desk.post(command)
        except MotcuaError as error:
            log.warning("keypad.not_taken", reason=str(error))
            if self._heard is not None and frame is not None:
                self._heard.failed(device_of(frame, self._counters[frame.addr]), error)
            self._refuse(frame)
            return

        def answered(done: Future[Answer]) -> None:
            if self._heard is not None and frame is not None:
                self._heard.answered(device_of(frame, self._counters[frame.addr]), done)
            error = done.exception()
            if error is None:
                self._acknowledge(frame)
            else:
                log.info("keypad.refused", command=type(command).__name__, reason=str(error))
                self._refuse(frame)

        reply.add_done_callback(answered)

    def _acknowledge(self, frame: KeyPressed | Rated | None) -> None:
        if self._keypads is not None and frame is not None:
            self._keypads.acknowledge(frame)

    def _refuse(self, frame: KeyPressed | Rated | None) -> None:
        if self._keypads is not None and frame is not None:
            self._keypads.refuse(frame)

    def _invite(self, address: int) -> None:
        if self._keypads is None:
            return
        try:
            self._keypads.start_rating(address)
        except HardwareError as error:
            # An evaluator that stays dark is no reason to lose the key.
            log.warning("keypad.not_invited", address=address, reason=str(error))


def command_of_key(frame: KeyPressed, counter: str, hall: Hall, rules: HallRules) -> Command | None:
    """Return what a key means at a counter, or None when it means nothing there."""
    if frame.key in _PLAIN:
        return _PLAIN[frame.key](counter=counter)
    match frame.key:
        case Key.PAUSE:
            post = hall.posts.get(counter)
            if post is not None and post.state is PostState.OPEN:
                return queueing.PauseCounter(counter=counter)
            return queueing.OpenCounter(counter=counter)
        case Key.TRANSFER:
            return _transfer(frame, counter, rules)
        case Key.OK:
            return _confirmed(frame, counter, hall)
        case _:
            return None


_PLAIN: Mapping[int, Callable[..., Command]] = {
    Key.CALL: queueing.CallNext,
    Key.RECALL: queueing.Recall,
    Key.ASK_RATING: queueing.Complete,
}


def _transfer(frame: KeyPressed, counter: str, rules: HallRules) -> Command | None:
    """Return the transfer to the service whose number in the configuration was typed."""
    number = int("".join(str(digit) for digit in frame.typed) or "0")
    if not 1 <= number <= len(rules.services):
        return None
    return queueing.Transfer(counter=counter, to_service=rules.services[number - 1].id)


def _confirmed(frame: KeyPressed, counter: str, hall: Hall) -> Command | None:
    match frame.digit:
        case None:
            return queueing.Start(counter=counter)
        case OkDigit.GIVE_UP:
            return queueing.MarkNoShow(counter=counter)
        case OkDigit.HANG:
            return queueing.Hold(counter=counter)
        case OkDigit.CALL_BACK:
            held = [
                ticket
                for ticket in hall.tickets.values()
                if ticket.state is TicketState.ON_HOLD and ticket.counter == counter
            ]
            if not held:
                return None
            latest = max(held, key=lambda ticket: (ticket.left or ticket.since, ticket.key))
            return queueing.Resume(counter=counter, ticket=latest.key)
        case _:
            return None
