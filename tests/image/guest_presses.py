"""A booted image under presses, its card's writes logged from the first start on, and what it acknowledged.

    python tests/image/guest_presses.py --image DIR/motcua-office.img --out DIR [--acknowledged 300]

Leaves ``log``, ``base.img`` and ``acks.ndjson`` for ``crash_points_run.py --offset``, and prints its options.
"""

import argparse
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from acknowledged import AckReader, save
from crash_points import is_faithful
from first_boot import BOOT_S, INSIDE, PINS, credentials
from machine import CARD_GIB, CONSOLES, LOGGED_CARD, Machine, file_line
from press_scene import Recording
from sparse import copy_sparse

from provisioning.image.layout import DATA, MIB, offset_mib

OFFSET = offset_mib(DATA) * MIB
NUMBERS = f"""\
[Unit]
After=motcua-office.service
[Service]
ExecStart=/usr/bin/python3 {INSIDE}/numbers.py
"""
# Somebody who takes numbers while others press.
TAKER = """\
import http.client, json, socket, time
class Office(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect("/run/motcua/office.sock")
number = 0
while True:
    number += 1
    office = Office("office", timeout=60)
    body = json.dumps({"service": "ho-tich", "request": f"number-{number}"})
    try:
        office.request("POST", "/v1/tickets", body, {"Content-Type": "application/json"})
        office.getresponse().read()
    except OSError:
        pass
    finally:
        office.close()
    time.sleep(0.3)
"""


def record(image: Path, folder: Path, acknowledged: int, within_s: float = 600) -> Recording:
    """Boot a card for the first time, press until so many events are acknowledged, and pull the plug.

    Args:
        image: the plain card image.
        folder: an empty directory; the log stays in it.
        acknowledged: how many acknowledgements to wait for.
        within_s: seconds to wait for them once the office is open.

    Raises:
        NotSeenError: the guest did not do its part in time.
        RuntimeError: too few acknowledgements in time, or the log is not the disk.
    """
    log, base = folder / "log", folder / "base.img"
    length = (CARD_GIB << 30) - OFFSET
    copy_sparse(image, base, OFFSET, length)
    handed = credentials()
    handed["tmpfiles.extra"] += file_line(f"{INSIDE}/numbers.py", TAKER)
    handed["systemd.extra-unit.image-numbers.service"] = NUMBERS
    wants = ["image-watch.service", "image-numbers.service"]
    guest = Machine.start(image, folder, credentials=handed, wants=wants, write_log=log)
    reader = AckReader(log)
    try:
        with _tailing(folder / CONSOLES[1], reader):
            guest.wait_for(r"^event: snapshot", BOOT_S, CONSOLES[1])
            until = time.monotonic() + within_s
            while len(reader.acks) < acknowledged:
                if time.monotonic() > until:
                    raise RuntimeError(f"only {len(reader.acks)} events were acknowledged")
                for pin in PINS.values():
                    guest.set_pin(pin, 1)
                    time.sleep(0.2)
                    guest.set_pin(pin, 0)
                    time.sleep(0.2)
            guest.pull_the_plug()
    finally:
        guest.pull_the_plug()
    if not is_faithful(log, base, folder / LOGGED_CARD, OFFSET):
        raise RuntimeError("the log of writes, replayed, is not the card")
    (folder / LOGGED_CARD).unlink()
    save(reader.acks, folder / "acks.ndjson")
    return Recording(log, base, reader.acks)


@contextmanager
def _tailing(console: Path, reader: AckReader) -> Iterator[None]:
    """Read what a console shows in a thread that does nothing else."""
    stop = threading.Event()

    def read() -> None:
        while not console.exists() and not stop.wait(0.01):
            pass
        with console.open("rb", buffering=0) as shown:
            while not stop.wait(0.001):
                while data := shown.read(65536):
                    reader.feed(data)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)


def main() -> int:
    """Record once."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--image", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--acknowledged", type=int, default=300)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    made = record(given.image, given.out, given.acknowledged)
    print(f"{len(made.acks)} acknowledged in {time.monotonic() - started:.0f} s", file=sys.stderr)
    print(f"--log {made.log} --base {made.base} --acks {given.out / 'acks.ndjson'} --offset {OFFSET}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
