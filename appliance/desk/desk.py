"""The thread that decides, records and only then tells.

It drains up to 64 commands; for each in order it decides against the working state, folds the resulting
events into it and keeps the answer. Then one append for all. After the commit the working state becomes the
state, callers are answered, events are published. If the append fails the working state is thrown away: one
assignment.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from appliance.clock import Clock, Step
from appliance.desk.commands import (
    ApplyRules,
    ClearFault,
    Command,
    LeaveEpoch,
    Prune,
    ReportFault,
    TrustTime,
)
from appliance.desk.decide import carried, decide, first_answer
from appliance.desk.errors import DeskClosedError
from appliance.desk.lanes import Lane, Lanes, Post
from appliance.desk.rules import Rules
from appliance.desk.state import NOTHING, Answer, State, answer_of, replay, with_day, with_numbers_spent
from appliance.desk.work import LeaveEpochError, Work, at_us_of, wire_at
from appliance.errors import MotcuaError
from appliance.journal.aside import ROLLED_BACK, SALVAGED
from appliance.journal.epochs import Opened, open_journal, set_aside
from appliance.journal.errors import JournalDamagedError, JournalUnavailableError
from appliance.journal.journal import Journal, Mark, retention_limit
from appliance.queueing.change import check_change
from appliance.queueing.day import NOTHING as NO_CARRIED
from appliance.queueing.day import day_drafts, epoch_opening
from appliance.wire.chain import Chain
from appliance.wire.event import STEP_SOURCES_THAT_MAY_GO_BACK, Draft, Event
from appliance.wire.moment import Now

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 64
TICK_S = 1.0

Listener = Callable[[tuple[Event, ...], State], None]
"""Called in the desk's thread after a commit; must hand over and return at once."""


First = Callable[[State], Sequence[Draft]]


@dataclass(frozen=True, slots=True)
class Files:
    """Where the journal lives and whose it is.

    Args:
        folder: the data directory.
        device: this box's id.
        marks: the last accepted receipt of each epoch, oldest first.
        new_epoch: makes a UUIDv7.
    """

    folder: Path
    device: str
    marks: Callable[[], Sequence[Mark]]
    new_epoch: Callable[[], str]


class Desk:
    """See the module. Make it with :meth:`open`, in any thread; the journal is opened in the desk's own.

    Args:
        files: where the journal lives.
        clock: the box's clock.
        rules: what configuration says about deciding.
        first: from the state found to what every start records, such as ``device.started``.
    """

    def __init__(self, files: Files, clock: Clock, rules: Rules, first: First) -> None:
        self._files = files
        self._clock = clock
        self._rules = rules
        self._first = first
        self._lanes = Lanes()
        self._listeners: list[Listener] = []
        self._journal: Journal | None = None
        self._state = State()
        self._steps: list[Step] = []
        self._stopped_because: str | None = None
        self._started: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, name="desk", daemon=True)

    @classmethod
    def open(
        cls,
        files: Files,
        clock: Clock,
        rules: Rules,
        first: First = lambda _state: (),
        listeners: Sequence[Listener] = (),
    ) -> "Desk":
        """Start the desk and wait until the journal is open and the start is recorded.

        A full, read-only or missing disk does not keep the office closed: the desk starts, says that
        recording has stopped, and goes on trying.
        """
        desk = cls(files, clock, rules, first)
        desk._listeners.extend(listeners)
        desk._thread.start()
        try:
            desk._started.result()
        except BaseException:
            desk.close()
            raise
        return desk

    @property
    def state(self) -> State:
        """What is recorded and true; immutable, for any thread."""
        return self._state

    @property
    def rules(self) -> Rules:
        """What configuration says about deciding, as last applied; immutable, for any thread."""
        return self._rules

    @property
    def chain(self) -> Chain | None:
        """The durable end of the current epoch, or None while there is no journal."""
        journal = self._journal
        return None if journal is None else journal.chain

    @property
    def recording_stopped(self) -> str | None:
        """Why nothing can be recorded at the moment, or None."""
        return self._stopped_because

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` after every commit; return what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def post(self, command: Command, lane: Lane = Lane.OFFICE) -> Future[Answer]:
        """Leave a command; the future ends after it is durable, or with the error that refuses it.

        Raises:
            DeskBusyError, DeskClosedError: it was not taken.
        """
        return self._lanes.put(command, lane)

    def ask(self, command: Command, lane: Lane = Lane.OFFICE, timeout_s: float = 30.0) -> Answer:
        """Post a command and wait for its answer.

        Raises:
            MotcuaError: it was refused, or could not be recorded.
            TimeoutError: no answer within ``timeout_s`` seconds.
        """
        return self.post(command, lane).result(timeout_s)

    def close(self) -> None:
        """Answer what was taken, close the journal; idempotent."""
        for post in self._lanes.close():
            post.reply.set_exception(DeskClosedError())
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join()

    # --- the desk's own thread from here on

    def _run(self) -> None:
        try:
            self._open()
        except BaseException as error:  # noqa: BLE001 - the thread's boundary: whoever opens the desk is told
            self._started.set_exception(error)
            return
        self._started.set_result(None)
        while not self._lanes.closed:
            posts = self._lanes.take(MOST_AT_ONCE, TICK_S)
            try:
                self._serve(posts)
            except Exception as error:
                # A bug must not end the thread that takes presses; nothing of this group was recorded.
                log.exception("desk.failed", commands=[type(post.command).__name__ for post in posts])
                self._refuse(posts, JournalUnavailableError(reason=f"internal error: {error!r}"))
        if self._journal is not None:
            self._journal.close()

    def _open(self) -> None:
        try:
            self._reopen()
        except JournalDamagedError as error:
            log.exception("journal.damaged_at_start")
            self._next_epoch(SALVAGED, self._mark(), (), error)
        except JournalUnavailableError as error:
            self._stop(error)

    def _begin(self, opened: Opened) -> None:
        """Take a journal over: fold it, or open a new epoch with what is known.

        Raises:
            JournalUnavailableError, JournalDamagedError: nothing of it was recorded; the journal is closed.
        """
        journal = opened.journal
        try:
            work = self._opening(opened)
            journal.append(work.staged)
        except BaseException:
            journal.close()
            raise
        self._journal = journal
        self._commit(work)

    def _opening(self, opened: Opened) -> Work:
        journal, state = opened.journal, self._state
        is_new = journal.chain.seq == 0
        has_started = state.timeline.boot != ""
        if not has_started:
            known = (*opened.history, *opened.tail)
            state = with_day(replay(known if is_new else journal.events_since_day()))
            last_at = known[-1].at if known else journal.chain.at
            self._clock.begin(at_us_of(last_at), state.timeline.boot, state.timeline.up_ms)
            self._steps.clear()  # of an earlier attempt: the clock has begun anew
            today = self._clock.now().local_day()
            state = with_numbers_spent(state, self._rules.hall, opened.lost, today)
        elif not is_new and (journal.chain.epoch, journal.chain.seq) != (state.epoch, state.seq):
            reason = f"event {state.seq} of epoch {state.epoch} was recorded and is not its last one"
            raise JournalDamagedError(path=journal.path, upto=journal.chain.seq, reason=reason)
        work = Work(state, journal.chain, self._rules)
        moment = self._clock.now()
        if is_new and state.hall.day is not None:
            now = self._now(work)
            for draft in epoch_opening(state.hall, carried(state, now, self._rules, is_new_epoch=True)):
                work.add(draft, moment)
        else:
            self._follow_clock(work)
        for draft in (*opened.story, *(() if has_started else self._first(state))):
            work.add(draft, moment)
        if self._stopped_because is not None:
            self._tell_of_the_stop(work)
        return work

    def _serve(self, posts: Sequence[Post]) -> None:
        try:
            self._attempt(posts)
        except JournalDamagedError as error:
            log.exception("journal.damaged_in_use")
            self._next_epoch(SALVAGED, self._mark(), posts, error)
        except LeaveEpochError as leave:
            self._next_epoch(ROLLED_BACK, leave.mark, posts, leave)
        except JournalUnavailableError as error:
            self._stop(error)
            self._refuse(posts, error)

    def _attempt(self, posts: Sequence[Post]) -> None:
        journal = self._journal
        if journal is None:
            self._reopen()
            journal = self._journal
            assert journal is not None  # noqa: S101 - _reopen raises when there is none
        work = Work(self._state, journal.chain, self._rules)
        if self._stopped_because is not None:
            self._tell_of_the_stop(work)
        self._follow_clock(work)
        for post in posts:
            try:
                work.replies.append((post, self._answer(work, journal, post.command)))
            except (JournalDamagedError, JournalUnavailableError, LeaveEpochError):
                raise
            except MotcuaError as error:
                work.replies.append((post, error))
            except Exception as error:
                # A bug in one command's rules: whoever stands next to it is not to suffer.
                log.exception("desk.command_failed", command=type(post.command).__name__)
                work.replies.append((post, JournalUnavailableError(reason=f"internal error: {error!r}")))
        journal.append(work.staged)
        self._commit(work)

    def _answer(self, work: Work, journal: Journal, command: Command) -> Answer:
        match command:
            case TrustTime(source, at_us):
                self._note(self._clock.trust(source, at_us))
                self._follow_clock(work)
                return NOTHING
            case Prune(mark, days):
                before = retention_limit(self._clock.now(), days)
                if upto := journal.prune(mark, before):
                    data = {"epoch": journal.chain.epoch, "upto": upto, "unreadable": 0}
                    work.add(Draft("journal.pruned", data), self._clock.now())
                return NOTHING
            case ApplyRules(rules, draft):
                check_change(work.state.hall, rules.hall)
                work.rules = rules
                event = work.add(draft, self._clock.now())
                return answer_of(event, work.state.hall)
            case LeaveEpoch(mark):
                if mark.epoch == journal.chain.epoch:
                    raise LeaveEpochError(mark)
                return NOTHING
            case _:
                return self._decide(work, command)

    def _decide(self, work: Work, command: Command) -> Answer:
        known = first_answer(work.state, command)
        if known is not None:
            return known
        now = self._now(work)
        saved = (work.state, work.chain, len(work.staged))
        try:
            event: Event | None = None
            for draft in decide(work.state, command, now, work.rules):
                event = work.add(draft, now.moment)
        except Exception:
            # Half a command is no command.
            work.state, work.chain, count = saved
            del work.staged[count:]
            raise
        if event is None:
            return NOTHING
        return work.state.answer_to(event.data.get("request")) or answer_of(event, work.state.hall)

    def _now(self, work: Work) -> Now:
        moment = self._clock.now()
        return Now(moment, work.state.timeline.at(moment.boot, moment.up_ms))

    def _follow_clock(self, work: Work) -> None:
        """Record steps of the clock, then let the business day follow.

        A step stays noted until it is durable. Both of its times are told for the event's own ``up_ms``.
        """
        self._note(self._clock.observe())
        moment = self._clock.now()
        for index in range(work.steps_told, len(self._steps)):
            later_us = sum(step.now_us - step.was_us for step in self._steps[index + 1 :])
            step = self._steps[index]
            now_us = moment.at_us - later_us
            was_us = now_us - (step.now_us - step.was_us)
            data = {"was": wire_at(was_us), "now": wire_at(now_us), "source": step.source}
            may_go_back = step.source in STEP_SOURCES_THAT_MAY_GO_BACK
            # Told late, after a stop: a later step may have gone back behind the last event.
            at_us = moment.at_us if may_go_back else max(moment.at_us, at_us_of(work.chain.at))
            work.add(Draft("clock.stepped", data), replace(moment, at_us=at_us))
        work.steps_told = len(self._steps)
        hall, now = work.state.hall, self._now(work)
        # What must be carried is only put together on the rare day that something is.
        if day_drafts(hall, now, NO_CARRIED):
            for draft in day_drafts(hall, now, carried(work.state, now, work.rules)):
                work.add(draft, moment)

    def _note(self, step: Step | None) -> None:
        if step is not None:
            self._steps.append(step)

    def _commit(self, work: Work) -> None:
        self._state = work.state
        self._rules = work.rules
        del self._steps[: work.steps_told]
        self._stopped_because = None
        for post, answer in work.replies:
            if isinstance(answer, Answer):
                post.reply.set_result(answer)
            else:
                post.reply.set_exception(answer)
        events = tuple(staged.event for staged in work.staged)
        if not events:
            return
        for listener in tuple(self._listeners):
            try:
                listener(events, self._state)
            except Exception:
                # What hears and shows may fail; the queue goes on.
                log.exception("desk.listener_failed", listener=repr(listener))

    def _refuse(self, posts: Sequence[Post], error: MotcuaError) -> None:
        for post in posts:
            if not post.reply.done():
                post.reply.set_exception(error)

    def _stop(self, error: MotcuaError) -> None:
        if self._stopped_because is None:
            log.error("desk.recording_stopped", reason=str(error))
        self._stopped_because = str(error)

    def _tell_of_the_stop(self, work: Work) -> None:
        """The first append after a stop says that there was one."""
        now = self._now(work)
        for command in (ReportFault("recording_stopped"), ClearFault("recording_stopped")):
            for draft in decide(work.state, command, now, work.rules):
                work.add(draft, now.moment)

    def _mark(self) -> Mark | None:
        epoch = self._journal.chain.epoch if self._journal is not None else self._state.epoch
        return next((mark for mark in reversed(self._files.marks()) if mark.epoch == epoch), None)

    def _next_epoch(self, reason: str, mark: Mark | None, posts: Sequence[Post], cause: Exception) -> None:
        """Set the epoch aside and go on in a new one with the state in memory, which lost nothing."""
        if self._journal is not None:
            self._journal.close()
            self._journal = None
        files = self._files
        try:
            opened = set_aside(files.folder, files.device, mark, files.new_epoch, reason)
            self._begin(opened)
            self._attempt(posts)
        except (JournalUnavailableError, JournalDamagedError) as error:
            self._stop(error)
            self._refuse(posts, error)
            log.exception("desk.no_epoch", cause=str(cause), reason=str(error))

    def _reopen(self) -> None:
        """Open the journal; after a stop, what was acknowledged is in memory.

        Raises:
            JournalUnavailableError, JournalDamagedError: (still) impossible.
        """
        files = self._files
        try:
            opened = open_journal(files.folder, files.device, files.marks(), files.new_epoch)
        except MotcuaError:
            raise
        except OSError as error:
            raise JournalUnavailableError(reason=str(error)) from error
        self._begin(opened)
