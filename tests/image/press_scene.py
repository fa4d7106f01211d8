"""A real office on a logged disk, pressed by several people at once, and everything it acknowledged."""

import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2
from acknowledged import Ack, AckReader
from crash_points import is_faithful
from logged_disk import logged_disk

from appliance.config import loads
from hardware.boards.loader import load_board
from hardware.emulators.pins_socket import PinsClient
from provisioning.demo.doors import CLOSED_TOML

INSIDE = "motcua"
READY_S = 60.0
OFFICE = (
    """\
[office]
name = "Xã Mường Tè"
device = "xa-muong-te-1"
site = "muong-te"
data_dir = "{data}"
[uplink]
center = "https://center.invalid"
center_id = "center"
root_key_thumbprint = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
[hall]
max_waiting = 5000
[[services]]
id = "ho-tich"
name = "Hộ tịch"
prefix = "A"
[[services]]
id = "dat-dai"
name = "Đất đai"
prefix = "B"
[[counters]]
id = "quay-1"
name = "Quầy 1"
services = ["ho-tich", "dat-dai"]
rating_buttons = 1
[[counters]]
id = "quay-2"
name = "Quầy 2"
services = ["dat-dai"]
rating_buttons = 2
[hardware]
board = "pi4"
pin_factory = "mock"
pins_socket = "{run}/pins.sock"
[hardware.issue_buttons]
"issue.1" = "ho-tich"
"issue.2" = "dat-dai"
[api]
socket = "{run}/office.sock"
"""
    + CLOSED_TOML
)


@dataclass(frozen=True, slots=True)
class Recording:
    """One recorded run.

    Args:
        log: the log of writes.
        base: what the disk held before.
        acks: what was acknowledged, in order.
        inside: the office's data directory on the disk.
    """

    log: Path
    base: Path
    acks: list[Ack]
    inside: str = INSIDE


def record(folder: Path, acknowledged: int, seed: int) -> Recording:
    """Run an office from its very first start until so many events are acknowledged, then cut it off.

    Args:
        folder: an empty directory; the log and the disk stay in it.
        acknowledged: how many acknowledgements to wait for.
        seed: of what is pressed and when.
    """
    run = Path(tempfile.mkdtemp(prefix="motcua-"))
    try:
        with logged_disk(folder) as disk:
            config = run / "office.toml"
            text = OFFICE.format(data=disk.root / INSIDE, run=run)
            loads(text)
            config.write_text(text, encoding="utf-8")
            (disk.root / INSIDE).mkdir()
            reader = AckReader(disk.log)
            with _office(config, run), _listening(run / "office.sock", reader), _people(run, seed):
                until = time.monotonic() + READY_S + acknowledged
                while len(reader.acks) < acknowledged:
                    if time.monotonic() > until:
                        raise RuntimeError(f"only {len(reader.acks)} events were acknowledged")
                    time.sleep(0.05)
    finally:
        shutil.rmtree(run, ignore_errors=True)
    if not is_faithful(disk.log, disk.base, disk.disk):
        raise RuntimeError("the log of writes, replayed, is not the disk")
    return Recording(disk.log, disk.base, reader.acks)


@contextmanager
def _office(config: Path, run: Path) -> Iterator[None]:
    with (run / "office.log").open("wb") as said:
        command = [sys.executable, "-m", "appliance", "office", "run", "--config", str(config)]
        process = subprocess.Popen(command, stdout=said, stderr=said)
    try:
        until = time.monotonic() + READY_S
        while True:
            with suppress(httpx2.HTTPError), _client(run / "office.sock") as client:
                client.get("/v1/hall").raise_for_status()
                break
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"the office did not open: {(run / 'office.log').read_text()[-2000:]}")
            time.sleep(0.05)
        yield
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def _client(path: Path) -> httpx2.Client:
    return httpx2.Client(transport=httpx2.HTTPTransport(uds=str(path)), base_url="http://office", timeout=20)


@contextmanager
def _listening(path: Path, reader: AckReader) -> Iterator[None]:
    """Read the event stream in a thread that does nothing else."""
    with socket.socket(socket.AF_UNIX) as peer:
        peer.connect(str(path))
        peer.sendall(b"GET /v1/events HTTP/1.0\r\nHost: office\r\n\r\n")

        def read() -> None:
            with suppress(OSError):
                while data := peer.recv(65536):
                    reader.feed(data)

        thread = threading.Thread(target=read, daemon=True)
        thread.start()
        try:
            yield
        finally:
            peer.shutdown(socket.SHUT_RDWR)
            thread.join(10)


@contextmanager
def _people(run: Path, seed: int) -> Iterator[None]:
    """Press buttons, take numbers and call, until the end."""
    stop = threading.Event()
    workers = [
        threading.Thread(target=work, args=(run, random.Random(f"{seed}/{work.__name__}"), stop), daemon=True)
        for work in (_press_buttons, _take_numbers, _call)
    ]
    for worker in workers:
        worker.start()
    try:
        yield
    finally:
        stop.set()
        for worker in workers:
            worker.join(30)


def _press_buttons(run: Path, dice: random.Random, stop: threading.Event) -> None:
    board = load_board("pi4")
    names = [
        name for name in board.buttons if name.startswith(("rating.1", "rating.2", "issue.1", "issue.2"))
    ]
    with PinsClient.open(run / "pins.sock", timeout_s=20) as pins:
        while not stop.wait(dice.uniform(0, 0.2)):
            pin = board.buttons[dice.choice(names)].pin
            pins.press(pin, timeout_s=20)
            stop.wait(0.06)
            pins.release(pin, timeout_s=20)


def _take_numbers(run: Path, dice: random.Random, stop: threading.Event) -> None:
    with _client(run / "office.sock") as client:
        for number in range(10**6):
            if stop.wait(dice.uniform(0, 0.2)):
                return
            body = {"service": dice.choice(("ho-tich", "dat-dai")), "request": f"number-{number}"}
            client.post("/v1/tickets", json=body)


def _call(run: Path, dice: random.Random, stop: threading.Event) -> None:
    with _client(run / "office.sock") as client:
        for number in range(10**6):
            if stop.wait(dice.uniform(0, 0.4)):
                return
            client.post("/v1/counters/quay-2/open", json={"request": f"open-{number}"})
            client.post("/v1/counters/quay-2/call-next", json={"request": f"call-{number}"})
