"""The office's line to the gate of the public WiFi: settings go out, counts and the hours' usage come in.

One thread, one connection that is made again for as long as the public WiFi is enabled. The gate is another
process with rights that the office does not have; what it says is checked, and the counters wait for none of
it: the desk takes an hour's usage in its lower lane.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Self, TypeVar

import structlog

from appliance.config import Settings
from appliance.desk.desk import Desk
from appliance.errors import MotcuaError
from appliance.office import retention
from appliance.office.gate_rules import is_published, publish
from appliance.office.gate_tests import GateTests
from appliance.office.gate_watch import GateWatch
from appliance.office.usage import UsageBook
from appliance.sockets import abilities, gate
from appliance.sockets.abilities import Capabilities
from appliance.sockets.errors import BadLineError
from appliance.sockets.lines import MOST_LINE, Message
from appliance.sockets.questions import Parts, Questions
from appliance.web.wifi import GateAwayError, GateRefusedError, Said, TestLook, WifiLook

log = structlog.get_logger(__name__)

T = TypeVar("T")
Answer = gate.Done | gate.Counts | list[gate.Client]

ANSWER_S: Final = 5.0
CONNECT_S: Final = 2.0
POLL_S: Final = 5.0
FIRST_RETRY_S: Final = 0.5
LAST_RETRY_S: Final = 10.0
AGAIN_S: Final = 10.0
"""So long an hour waits that could not be recorded."""
MOST_HOURS: Final = 512
STOP_S: Final = 5.0


class GateLink:
    """See the module; make it with :meth:`open`. It is a :class:`appliance.web.wifi.Wifi`.

    Args:
        folder: the data directory.
        desk: where an hour's usage goes.
        settings: returns those in force.
    """

    def __init__(self, folder: Path, desk: Desk, settings: Callable[[], Settings]) -> None:
        self._settings = settings
        self._book = UsageBook(folder, desk)
        self._loop = asyncio.new_event_loop()
        self._watch = GateWatch(self._loop.time())
        self._tests = GateTests(settings, self._loop.time)
        self._questions: Questions[Answer] = Questions(ANSWER_S, GateAwayError)
        self._listed: Parts[gate.Client] = Parts(self._questions, self._questions.end)
        self._hours: dict[str, gate.Usage] = {}
        self._writer: asyncio.StreamWriter | None = None
        self._stop: asyncio.Event = asyncio.Event()
        self._policy = retention.found(settings())
        self._woken: asyncio.Event = asyncio.Event()
        self._told: asyncio.Event = asyncio.Event()
        # A gate that runs under an earlier life's settings must learn that it is to stop.
        self._owes_a_stop = not settings().hotspot.enabled and _may_run(settings())
        self._was_enabled = settings().hotspot.enabled
        self._thread = threading.Thread(target=self._run, name="gate-link", daemon=True)

    @classmethod
    def open(cls, folder: Path, desk: Desk, settings: Callable[[], Settings]) -> Self:
        """Leave the settings for the gate and begin to look for it, if there is to be public WiFi."""
        link = cls(folder, desk, settings)
        if link._is_wanted:
            link._publish()
        link._thread.start()
        return link

    def settings_changed(self) -> None:
        """Let the gate have other settings; from any thread."""
        enabled, was_enabled = self._settings().hotspot.enabled, self._was_enabled
        self._was_enabled = enabled
        self._owes_a_stop = not enabled and (was_enabled or self._owes_a_stop)
        if enabled and not was_enabled:
            self._watch = GateWatch(self._loop.time())
        if self._is_wanted:
            self._publish()
        with suppress(RuntimeError):  # it is closing
            self._loop.call_soon_threadsafe(self._woken.set)

    def close(self) -> None:
        """Hang up; idempotent."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._stop.set)
        if self._thread.is_alive():
            self._thread.join(STOP_S)

    # --- what pages and health ask for, in any thread

    def look(self) -> WifiLook:
        return self._watch.look(self._loop.time())

    def clients(self) -> list[gate.Client]:
        found = self._in_thread(self._ask(lambda number: gate.ClientsNow(id=number)))
        return found if isinstance(found, list) else []

    def block(self, handle: str, minutes: int) -> None:
        self._in_thread(self._ask(lambda number: gate.Block(id=number, handle=handle, minutes=minutes)))

    def unblock(self, handle: str) -> None:
        self._in_thread(self._ask(lambda number: gate.Unblock(id=number, handle=handle)))

    def capabilities(self) -> Capabilities | None:
        return capabilities_of(self._settings())

    def test(self) -> TestLook:
        return self._tests.look()

    def ask_for_test(self) -> None:
        self._tests.ask()

    @property
    def _is_wanted(self) -> bool:
        return self._settings().hotspot.enabled or self._owes_a_stop

    def _publish(self) -> None:
        settings = self._settings()
        self._policy = retention.found(settings)
        try:
            publish(settings)
        except (OSError, ValueError) as error:
            reason = str(error).splitlines()[0][:200]
            log.warning("gate.settings_not_left", reason=reason)
            self._watch.refusal = Said(
                f"the settings could not be left for it: {reason}",
                f"chưa chuyển được cài đặt: {reason}",
            )

    def _in_thread(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            future = asyncio.run_coroutine_threadsafe(work, self._loop)
        except RuntimeError:  # it is closed
            work.close()
            raise GateAwayError from None
        try:
            return future.result(ANSWER_S + 1)
        except TimeoutError:
            future.cancel()
            raise GateAwayError from None

    # --- the link's own thread from here on

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._live())
        except Exception:
            # The thread's boundary: the counters go on without public WiFi.
            log.exception("gate.link_failed")
        finally:
            self._loop.close()

    async def _live(self) -> None:
        tasks = {asyncio.create_task(self._connect()), asyncio.create_task(self._record())}
        await self._stop.wait()
        while running := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in running:
                task.cancel()
            await asyncio.wait(running, timeout=1)
        tasks.clear()
        await self._loop.shutdown_default_executor()

    async def _connect(self) -> None:
        retry_s = FIRST_RETRY_S
        while True:
            if not self._is_wanted:
                self._woken.clear()
                await self._woken.wait()
                continue
            try:
                await self._talk()
            except (OSError, TimeoutError, ValueError) as error:
                log.info("gate.away", reason=str(error) or type(error).__name__)
                if isinstance(error, FileNotFoundError | ConnectionRefusedError):
                    self._owes_a_stop = False  # whom we would tell does not run
            if self._lose():
                retry_s = FIRST_RETRY_S
            if self._is_wanted:
                await asyncio.sleep(retry_s)
                retry_s = min(LAST_RETRY_S, retry_s * 2)

    async def _talk(self) -> None:
        """Connect, let the gate have the settings, and take in what it says until it is gone."""
        path = self._settings().hotspot.socket
        async with asyncio.timeout(CONNECT_S):
            reader, writer = await asyncio.open_unix_connection(str(path), limit=MOST_LINE)
        telling = None
        try:
            writer.write(gate.Hello().line())
            hello = gate.told(await _line(reader, CONNECT_S))
            if not isinstance(hello, gate.Hello) or hello.version != gate.VERSION:
                raise BadLineError(reason="no hello of this version")
            self._writer = writer
            self._watch.found(self._loop.time())
            log.info("gate.found")
            telling = asyncio.create_task(self._tell())
            while not telling.done() and (line := await _line(reader, gate.SILENT_S)):
                self._hear(gate.told(line))
        finally:
            if telling is not None:
                telling.cancel()
            writer.transport.abort()

    async def _tell(self) -> None:
        """Apply the settings now and whenever they change, and ask for counts in between."""
        is_due = True
        while True:
            try:
                if is_due:
                    # Before the settings are read: only a change from now on is another one.
                    self._woken.clear()
                    if await self._apply():
                        self._hang_up()
                        return
                is_due = False
                counts = await self._ask(lambda number: gate.CountsNow(id=number))
                if isinstance(counts, gate.Counts):
                    self._watch.counted(counts, self._loop.time())
            except MotcuaError as error:
                log.info("gate.not_asked", reason=str(error))
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await self._woken.wait()
                is_due = True
            if self._is_wanted and retention.found(self._settings()) != self._policy:
                self._publish()  # the policy's file was changed
                is_due = True

    async def _apply(self) -> bool:
        """Let the gate read its settings; return whether that was the last there is to say."""
        enabled = self._settings().hotspot.enabled
        try:
            await self._ask(lambda number: gate.Apply(id=number))
        except GateRefusedError as error:
            log.warning("gate.settings_refused", reason=str(error))
            self._watch.refusal = Said(str(error), error.vi())
            return not enabled
        self._watch.refusal = None
        if enabled or self._settings().hotspot.enabled:
            return False
        self._owes_a_stop = False
        return True

    def _hang_up(self) -> None:
        if self._writer is not None:
            self._writer.transport.abort()

    async def _ask(self, make: Callable[[int], Message]) -> Answer:
        writer = self._writer
        if writer is None:
            raise GateAwayError
        return await self._questions.ask(lambda number: writer.write(make(number).line()))

    def _hear(self, told: gate.Told) -> None:
        self._watch.heard(self._loop.time())
        match told:
            case gate.Done(id=number) | gate.Counts(id=number):
                self._questions.end(number, told)
            case gate.Clients(id=number, clients=clients, is_last=is_last):
                self._listed.take(number, clients, is_last=is_last)
            case gate.Refused(id=number):
                self._questions.fail(number, GateAwayError() if told.is_transient else _refusal(told))
            case gate.Usage():
                if len(self._hours) < MOST_HOURS:
                    self._hours[told.hour] = told
                    self._told.set()
            case gate.Beat() | gate.Hello() | gate.Status():
                pass

    async def _record(self) -> None:
        """Record the hours that were told, one after the other, and answer each that is durable."""
        while True:
            if not self._hours:
                self._told.clear()
                await self._told.wait()
            for hour, usage in sorted(self._hours.items()):
                try:
                    await self._book.take(usage)
                except (MotcuaError, OSError, TimeoutError, ValueError) as error:
                    log.warning("gate.hour_not_recorded", hour=hour, reason=str(error))
                    await asyncio.sleep(AGAIN_S)
                    break
                if self._hours.get(hour) is usage:
                    del self._hours[hour]
                if self._writer is not None:
                    self._writer.write(gate.Taken(hour=hour).line())

    def _lose(self) -> bool:
        """Forget a connection that ended; return whether there was one."""
        was_up, self._writer = self._writer is not None, None
        self._watch.lost()
        self._questions.lose()
        return was_up


def capabilities_of(settings: Settings) -> Capabilities | None:
    """Return what the gate of these settings found that the box can do, None if it left nothing readable."""
    path = settings.hotspot.socket.with_name(abilities.FILE)
    try:
        with path.open("rb") as file:
            return Capabilities.of_file(file.read(MOST_LINE + 1))
    except FileNotFoundError:
        return None
    except (OSError, BadLineError) as error:
        log.warning("gate.capabilities_unreadable", reason=str(error))
        return None


async def _line(reader: asyncio.StreamReader, within_s: float) -> bytes:
    # Not wait_for: up to Python 3.11 it may swallow that the link is closed.
    async with asyncio.timeout(within_s):
        return await reader.readline()


def _may_run(settings: Settings) -> bool:
    # Once the file is gone a gate that was not told in time is known by its socket alone.
    return is_published(settings) or settings.hotspot.socket.exists()


def _refusal(told: gate.Refused) -> GateRefusedError:
    return GateRefusedError(reason=told.key, en=told.en, vi=told.vi)
