"""The script: citizens who come, press and rate, and officers who call them; all chance is the caller's."""

from collections.abc import Sequence
from typing import Protocol

from appliance.config.hall import Counter
from appliance.feedback.rating import Press
from appliance.queueing import commands as queueing
from appliance.queueing.hall import Hall
from appliance.queueing.states import TicketState
from appliance.queueing.ticket import PostState, Ticket
from hardware.codecs.ff68 import Key, OkDigit, RatingValue
from provisioning.demo.agenda import Agenda
from provisioning.demo.hands import HELD_S, Hands
from provisioning.demo.scene import Scene

AT_THE_DOOR = 6
"""So many wait outside when the office opens."""
ENOUGH, SLOWER = 14, 3.0
"""With so many waiting, people come so much more slowly."""
COMES, RATES, RETURNS, HOLDS, EVALUATES = 0.9, 0.8, 0.6, 0.06, 0.4
HABITS = ("once", "corrects", "repeats", "plays", "leans")
HABIT_SHARES = (80, 9, 7, 3, 1)
PLAYED = 7
STUCK_EXTRA_S = 2.0
EVALUATOR = (RatingValue.NOT_SATISFIED, RatingValue.SATISFIED, RatingValue.VERY_SATISFIED)


class Dice(Protocol):
    """The seeded chance of the script; ``random.Random(seed)`` fits."""

    def random(self) -> float:
        """Return a number of [0, 1)."""

    def uniform(self, a: float, b: float) -> float:
        """Return a number between two bounds."""

    def choices(self, population: Sequence[str], weights: Sequence[float] | None = None) -> list[str]:
        """Return a list of one of the population."""


class Script:
    """Plays for as long as its agenda runs.

    Args:
        scene: the office.
        hands: what people press with.
        agenda: when; pausing it pauses everybody.
        dice: seeded.
    """

    def __init__(self, scene: Scene, hands: Hands, agenda: Agenda, dice: Dice) -> None:
        self._scene = scene
        self._hands = hands
        self._agenda = agenda
        self._dice = dice
        self._arrived = 0

    def start(self) -> None:
        """Let the first citizen come and the officers sit down."""
        self._agenda.after(0.5, self._arrive)
        for number, counter in enumerate(self._scene.settings.counters, 1):
            self._tend_after(counter, number * 0.8)

    # --- citizens

    def _arrive(self) -> None:
        settings = self._scene.settings
        # What more counters serve, more people come for.
        served = [service for counter in settings.counters for service in counter.services]
        (service,) = self._dice.choices(served)
        if not self._hands.take_number(service):
            self._hands.ask(queueing.IssueTicket(service=service, source="kiosk"))
        self._arrived += 1
        if self._arrived < AT_THE_DOOR:
            delay_s = self._dice.uniform(0.2, 0.6)
        else:
            delay_s = self._dice.uniform(1.5, 5.5) * (SLOWER if len(self._hall.line) >= ENOUGH else 1.0)
        self._agenda.after(delay_s, self._arrive)

    def _rate(self, counter: Counter) -> None:
        level = self._level()
        (habit,) = self._dice.choices(HABITS, HABIT_SHARES)
        ratings = self._scene.settings.ratings
        match habit:
            case "leans":
                self._press(counter, level, held_s=ratings.stuck_s + STUCK_EXTRA_S)
                return
            case "plays":
                for number in range(PLAYED):
                    self._agenda.after(0.4 * number, lambda: self._press(counter, self._level()))
                return
            case "corrects":
                self._agenda.after(ratings.correction_s * 0.5, lambda: self._press(counter, ratings.levels))
            case "repeats":
                self._agenda.after(ratings.correction_s * 1.3, lambda: self._press(counter, ratings.levels))
            case _:
                pass
        self._press(counter, level)

    def _level(self) -> int:
        levels = self._scene.settings.ratings.levels
        (level,) = self._dice.choices(
            [str(one) for one in range(1, levels + 1)], [3.0**one for one in range(levels)]
        )
        return int(level)

    def _press(self, counter: Counter, level: int, held_s: float = HELD_S) -> None:
        has_evaluator = counter.keypad is not None and self._scene.settings.ratings.levels == len(EVALUATOR)
        if has_evaluator and self._dice.random() < EVALUATES:
            self._hands.evaluate(EVALUATOR[level - 1])
        elif counter.rating_buttons is not None:
            self._hands.press(f"rating.{counter.rating_buttons}.{level}", held_s)
        else:
            self._hands.ask(Press(counter.id, level, "web"))

    # --- officers

    @property
    def _hall(self) -> Hall:
        return self._scene.office.desk.state.hall

    def _tend_after(self, counter: Counter, delay_s: float) -> None:
        self._agenda.after(delay_s, lambda: self._tend(counter))

    def _tend(self, counter: Counter) -> None:
        """Do what the state of the counter asks for; people at the keys may have changed it meanwhile."""
        hall = self._hall
        post = hall.posts.get(counter.id)
        ticket = None if post is None or post.ticket is None else hall.tickets.get(post.ticket)
        if post is None:
            self._hands.ask(queueing.OpenCounter(counter=counter.id))
            delay_s = self._dice.uniform(0.5, 1.5)
        elif post.state is PostState.PAUSED:
            delay_s = 2.0
        elif ticket is None:
            delay_s = self._call(counter, hall)
        elif ticket.state is TicketState.CALLED:
            delay_s = self._greet(counter, ticket)
        else:
            delay_s = self._finish(counter)
        self._tend_after(counter, delay_s)

    def _call(self, counter: Counter, hall: Hall) -> float:
        if any(hall.tickets[key].service in counter.services for key in hall.line):
            self._do(counter, Key.CALL, queueing.CallNext(counter=counter.id))
            return self._dice.uniform(3.0, 7.0)
        if self._dice.random() < 0.03:  # noqa: PLR2004 - someone tries the buttons of an idle counter
            self._press(counter, self._level())
        return self._dice.uniform(0.7, 1.5)

    def _greet(self, counter: Counter, ticket: Ticket) -> float:
        if self._dice.random() < COMES:
            self._do(counter, Key.OK, queueing.Start(counter=counter.id))
            return self._dice.uniform(5.0, 14.0)
        self._do(counter, Key.OK, queueing.MarkNoShow(counter=counter.id), OkDigit.GIVE_UP)
        if self._dice.random() < RETURNS:
            command = queueing.ReturnTicket(ticket=ticket.key)
            self._agenda.after(self._dice.uniform(6.0, 12.0), lambda: self._hands.ask(command))
        return self._dice.uniform(1.0, 2.0)

    def _finish(self, counter: Counter) -> float:
        if self._dice.random() < HOLDS and counter.keypad is None:
            self._hold(counter)
            return self._dice.uniform(1.0, 2.0)
        self._do(counter, Key.ASK_RATING, queueing.Complete(counter=counter.id))
        if self._dice.random() < RATES:
            self._agenda.after(self._dice.uniform(0.6, 2.5), lambda: self._rate(counter))
        return self._dice.uniform(1.5, 4.0)

    def _hold(self, counter: Counter) -> None:
        post = self._hall.posts[counter.id]
        if post.ticket is None:
            return
        key = post.ticket
        self._hands.ask(queueing.Hold(counter=counter.id))
        command = queueing.Resume(counter=counter.id, ticket=key)
        self._agenda.after(self._dice.uniform(8.0, 12.0), lambda: self._hands.ask(command))

    def _do(
        self, counter: Counter, key: Key, command: queueing.Command, digit: OkDigit | None = None
    ) -> None:
        """Use the keypad where there is one, the officer's screen elsewhere."""
        if counter.keypad is not None:
            self._hands.key(key, digit=digit)
        else:
            self._hands.ask(command)
