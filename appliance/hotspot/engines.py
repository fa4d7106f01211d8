"""hostapd, dnsmasq and radvd as children: each death is seen, reported and made good."""

import asyncio
import os
import re
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import structlog

from appliance.hotspot.errors import EngineError

log = structlog.get_logger(__name__)

Standing = Literal["running", "restarting", "failed", "off"]
FIRST_RETRY_S: Final = 0.2
LAST_RETRY_S: Final = 30.0
STEADY_S: Final = 20.0
"""Who ran for so long is started again at once; who did not waits twice as long as before."""
FAILED_AFTER: Final = 5
"""Deaths in a row after which it is called failed; it is tried all the same."""
STOP_S: Final = 3.0
MOST_LINE: Final = 200
LAST_LINES: Final = 8
PLACES: Final = ("/usr/sbin", "/sbin", "/usr/bin")
_GUESTS: Final = (
    (re.compile(r"(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}"), "(device)"),
    (re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]\d)"), "(address)"),
    (re.compile(r"(?<![\w:])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f.]{0,15}"), "(address)"),
    # dnsmasq says so of each name whose answer points into a private network.
    (re.compile(r"(detected: )\S+"), r"\1(name)"),
)
"""What in an engine's words may be about a guest."""


@dataclass(frozen=True, slots=True)
class Command:
    """A program and how it is started.

    Attributes:
        name: what it is called in logs and to the office.
        program: looked for in :data:`PLACES`.
        arguments: so that it stays in the foreground.
        config: file that it reads; and what is to be in it.
        text: see ``config``.
    """

    name: str
    program: str
    arguments: tuple[str, ...]
    config: Path
    text: str


class Engine:
    """One child, kept alive.

    Args:
        command: how it is started.
        on_change: called when it began or ended, in the loop's thread.
        first_retry_s: so long after its first death it is started again, seconds.
    """

    def __init__(
        self,
        command: Command,
        on_change: Callable[[], None] = lambda: None,
        *,
        first_retry_s: float = FIRST_RETRY_S,
    ) -> None:
        self._first_retry_s = first_retry_s
        self.command = command
        self.standing: Standing = "off"
        self.restarts = 0
        self.ended = ""
        """How it ended the last time, with its last words."""
        self._on_change = on_change
        self._task: asyncio.Task[None] | None = None
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """Of the child, None while there is none."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Begin to keep it alive; idempotent."""
        if self._task is None:
            self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """End it and what keeps it alive; idempotent."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        self._set("off")

    async def change(self, command: Command) -> None:
        """Go on with another command; nothing happens if it is the same."""
        if command == self.command:
            return
        await self.stop()
        self.command = command
        self.start()

    async def _keep(self) -> None:
        retry_s, deaths = self._first_retry_s, 0
        loop = asyncio.get_running_loop()
        while True:
            began_s, words = loop.time(), ""
            try:
                reason, words = await self._live()
            except (OSError, EngineError) as error:
                reason = str(error)
            is_steady = loop.time() - began_s >= STEADY_S
            if words and not is_steady:
                # Why it did not come up. What one says that was up is about guests.
                reason += f": {words}"
            self.ended = reason
            deaths = 1 if is_steady else deaths + 1
            retry_s = self._first_retry_s if is_steady else min(LAST_RETRY_S, retry_s * 2)
            log.warning("engine.ended", engine=self.command.name, reason=reason, again_in_s=retry_s)
            self.restarts += 1
            self._set("failed" if deaths >= FAILED_AFTER else "restarting")
            await asyncio.sleep(retry_s)

    async def _live(self) -> tuple[str, str]:
        """Start it and wait for its end; return how that came, and its last words."""
        command = self.command
        # A child that outlives us would keep the port that its successor needs; one that had the time would
        # tell every guest that the router is gone, which will be back in a second.
        start = (found("setpriv"), "--pdeathsig", "KILL", "--", found(command.program))
        write_private(command.config, command.text)
        self._process = process = await asyncio.create_subprocess_exec(
            *start,
            *command.arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            umask=0o077,
            env={"PATH": ":".join(PLACES), "LC_ALL": "C"},
        )
        log.info("engine.started", engine=command.name, pid=process.pid)
        self._set("running")
        try:
            words = await self._heard(process)
            return f"exit status {await process.wait()}", words
        finally:
            await _ended(process)
            self._process = None

    async def _heard(self, process: asyncio.subprocess.Process) -> str:
        """Read what it says, which may name devices and what they look up. Return its last words.

        hostapd gives its reason some lines before its last one.
        """
        last = b""
        stream = process.stdout
        while stream is not None and (part := await stream.read(4096)):
            last = (last + part)[-LAST_LINES * MOST_LINE :]
        lines = last.decode(errors="replace").split("\n")
        words = [line.strip()[:MOST_LINE] for line in lines if line.strip()]
        return without_guests(" | ".join(words[-LAST_LINES:]))

    def _set(self, standing: Standing) -> None:
        if standing != self.standing:
            self.standing = standing
            self._on_change()


def without_guests(words: str) -> str:
    """Return what an engine said without hardware addresses, addresses, and names that were looked up."""
    for pattern, instead in _GUESTS:
        words = pattern.sub(instead, words)
    return words


def found(program: str) -> str:
    """Return where a program is.

    Raises:
        EngineError: it is not installed.
    """
    path = shutil.which(program, path=":".join(PLACES))
    if path is None:
        raise EngineError(engine=program, reason="it is not installed")
    return path


def write_private(path: Path, text: str) -> None:
    """Write a file that only we and our children read: it may hold a passphrase."""
    aside = path.with_name(f".{path.name}.new")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    aside.replace(path)


async def output(command: Sequence[str], timeout_s: float = 10.0) -> str:
    """Return what a program says, whatever its exit status.

    Raises:
        EngineError: it is not installed, or does not end.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            found(command[0]),
            *command[1:],
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
    except OSError as error:
        raise EngineError(engine=command[0], reason=str(error)) from None
    try:
        said, _ = await asyncio.wait_for(process.communicate(), timeout_s)
    except TimeoutError:
        raise EngineError(engine=command[0], reason=f"no end after {timeout_s:g} s") from None
    finally:
        await _ended(process)
    return said.decode(errors="replace")


async def _ended(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(asyncio.shield(process.wait()), STOP_S)
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
