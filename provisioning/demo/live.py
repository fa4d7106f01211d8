"""``motcua demo`` without ``--headless``: the office on a screen, or its events line by line."""

import io
import os
import signal
import sys
from contextlib import suppress

from rich.console import Console
from rich.live import Live

from appliance.clock import monotonic_s
from provisioning.demo.picture import Doors, News
from provisioning.demo.scene import Scene
from provisioning.demo.session import Session
from provisioning.demo.terminal import Stops, Terminal
from provisioning.demo.view import draw

REFRESH_S = 0.25
"""The clock moves at least so often."""
LEAST_S = 0.05
"""However much happens, the screen is not drawn more often."""
UNATTENDED_S = 60.0
"""Without a terminal and without ``seconds`` nobody could end it."""
LOG = "demo.log"


def run(scene: Scene, *, seed: int, script: bool = True, seconds: float | None = None) -> None:
    """Show a running scene until somebody quits; the scene is not closed here.

    On a terminal it takes the whole screen and obeys keys. Without one it prints what happens line by line
    and ends by itself.

    Args:
        scene: the office and its province.
        seed: of the script's chance.
        script: whether citizens and officers come by themselves.
        seconds: end after so long; None for no end on a terminal, 60 without one.

    Raises:
        SystemExit: it was ended by SIGTERM or SIGHUP, with the usual status.
        OSError: the terminal or the log file cannot be used.
    """
    console = Console()
    is_screen = sys.stdin.isatty() and console.is_terminal and not console.is_dumb_terminal
    with Session.open(scene, seed=seed, script=script) as session, Stops(session.quit) as stops:
        if is_screen:
            _full_screen(session, scene, console, seconds)
        else:
            _lines(session, UNATTENDED_S if seconds is None else seconds)
    if stops.received is not None and stops.received != signal.SIGINT:
        raise SystemExit(128 + stops.received)


def _full_screen(session: Session, scene: Scene, console: Console, seconds: float | None) -> None:
    started_s = monotonic_s()
    with (
        Terminal.open(sys.stdin.fileno(), scene.folder / LOG) as terminal,
        Live(
            console=console, screen=True, auto_refresh=False, redirect_stdout=False, redirect_stderr=False
        ) as live,
    ):
        drawn_s = 0.0
        while not session.is_over and not _is_late(started_s, seconds):
            now_s = monotonic_s()
            if now_s - drawn_s >= LEAST_S:
                live.update(draw(session.picture(), console.width, console.height), refresh=True)
                drawn_s = now_s
                session.turn(REFRESH_S, terminal.fd)
            else:
                session.turn(LEAST_S, terminal.fd)


def _lines(session: Session, seconds: float) -> None:
    out = sys.stdout
    if isinstance(out, io.TextIOWrapper):
        out.reconfigure(errors="replace")  # a log in another encoding is better than none
    started_s = monotonic_s()
    try:
        _print(f"Không có màn hình: in từng dòng trong {seconds:g} giây · no terminal, plain lines")
        for line in door_lines(session.picture().doors):
            _print(line)
        while not session.is_over and not _is_late(started_s, seconds):
            session.turn(REFRESH_S)
            for news in session.unread():
                _print(_line(news))
    except BrokenPipeError:
        # Whoever read has left; what Python flushes at its end must not fail either.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        with suppress(OSError):
            os.dup2(nowhere, out.fileno())
        os.close(nowhere)


def door_lines(doors: Doors | None) -> list[str]:
    """Return how to reach the pages and who signs in how, a line each; nothing where no pages are served."""
    if doors is None:
        return []
    lines = [f"{door.words}: {door.url}" for door in doors.doors]
    lines += [f"{login.words}: {login.officer} / {login.password}" for login in doors.logins]
    lines.append(f"mã cài đặt · setup code: {doors.setup_code}")
    if doors.fingerprint:
        lines.append(f"vân tay chứng thư · fingerprint: {doors.fingerprint}")
    return lines


def _line(news: News) -> str:
    return f"{news.at} {news.vi} ({news.en})"


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _is_late(started_s: float, seconds: float | None) -> bool:
    return seconds is not None and monotonic_s() - started_s >= seconds
