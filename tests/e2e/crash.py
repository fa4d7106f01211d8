"""SIGKILL at random instants under load from buttons, keypad and commands together.

Everything acknowledged must be in the journal, the chain must verify, and the center must end with each event
exactly once although a hostile proxy cut, repeated, reordered, delayed and truncated the uploads.

    python tests/e2e/crash.py --kills 200 --seed 7 --evidence docs/evidence
"""

import argparse
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
from hostile_proxy import HostileProxy

from appliance.config import loads
from appliance.journal.audit import audit
from appliance.journal.source import sources
from appliance.logs import configure
from center.audit import audit_device
from center.register import Place, make_claim
from center.serve import CenterServer
from hardware.boards.loader import load_board
from hardware.emulators.keypad import Ff68KeypadEmulator
from hardware.emulators.line import PtyLine
from hardware.emulators.panel import ModbusPanelEmulator
from hardware.emulators.pins_socket import PinsClient
from hardware.errors import HardwareError
from provisioning.demo.doors import CLOSED_TOML
from provisioning.demo.ledger import Ledger
from provisioning.demo.scene import DEVICE, KEYPAD_ADDRESS, OFFICE_TOML, PANEL_DIGITS, PANEL_UNIT, SITE

BOARD = load_board("pi4")
BUZZER = BOARD.buzzer.pin
READY_S = 60.0
CALL, RECALL = 0x0C, 0x0D
LEVEL_OF_KEY = (1, 2, 2, 3)


@dataclass
class CrashRun:
    """One run: make it, ``play`` it, read ``problems`` and ``report``.

    Args:
        folder: an empty directory.
        kills: how many times the plug is pulled.
        seed: of every chance.
    """

    folder: Path
    kills: int
    seed: int
    ledger: Ledger = field(default_factory=Ledger)
    problems: list[str] = field(default_factory=list)
    report: dict = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.stop = threading.Event()
        self.ready = threading.Event()
        self.lock = threading.Lock()
        self.by_request: dict[str, str] = {}
        self.restarts = 0
        self.office: subprocess.Popen | None = None

    def play(self) -> None:
        with ExitStack() as stack:
            self._set_up(stack)
            workers = [
                threading.Thread(target=work, name=work.__name__, daemon=True)
                for work in (
                    self._press_buttons,
                    self._use_keypad,
                    self._take_numbers,
                    self._take_numbers_too,
                    self._call,
                )
            ]
            stack.callback(self._end_office, signal.SIGKILL)
            self._start_office()
            for worker in workers:
                worker.start()
            try:
                for _ in range(self.kills):
                    time.sleep(self.dice.uniform(0.05, 1.5))
                    self._pull_the_plug()
                time.sleep(1.0)
            finally:
                self.stop.set()
                self.ready.set()
            for worker in workers:
                worker.join(60)
                if worker.is_alive():
                    self.problems.append(f"{worker.name} hangs")
            self.proxy.calm()
            self._deliver_all()
            self._end_office(signal.SIGTERM)
            self._compare()

    def _set_up(self, stack: ExitStack) -> None:
        self.run = Path(tempfile.mkdtemp(prefix="motcua-"))
        stack.callback(shutil.rmtree, self.run, ignore_errors=True)
        self.proxy = stack.enter_context(HostileProxy(9, self.seed))
        url = f"http://127.0.0.1:{self.proxy.port}"
        self.center = CenterServer.start(
            self.folder / "center.db", self.folder / "center-keys", next_after_s=4, url=url
        )
        stack.callback(self.center.stop)
        self.proxy.upstream_port = self.center.port
        lines = [PtyLine.open(self.run / name) for name in ("keypads", "panels")]
        for line in lines:
            stack.callback(line.close)
        self.keypad = Ff68KeypadEmulator.open(lines[0], addr=KEYPAD_ADDRESS)
        stack.callback(self.keypad.close)
        ModbusPanelEmulator.open(lines[1], unit=PANEL_UNIT, digits=PANEL_DIGITS)
        text = OFFICE_TOML.format(
            device=DEVICE,
            site=SITE,
            data=self.folder.absolute(),
            center=url,
            thumbprint=self.center.keys.root_thumbprint,
            address=KEYPAD_ADDRESS,
            unit=PANEL_UNIT,
            digits=PANEL_DIGITS,
            keypads=lines[0].path,
            panels=lines[1].path,
            socket=self.run / "office.sock",
        )
        # The box is killed here, not browsers: its pages stay closed.
        text = (text + CLOSED_TOML).replace(
            'pin_factory = "mock"', f'pin_factory = "mock"\npins_socket = "{self.run / "pins.sock"}"'
        )
        loads(text)
        self.config = self.folder / "office.toml"
        self.config.write_text(text, encoding="utf-8")
        with self.center.store.transaction():
            claim = make_claim(
                self.center.store, Place(DEVICE, SITE, "office"), datetime.now(UTC), timedelta(days=1)
            )
        (self.folder / "claim").write_text(f"{claim}\n", encoding="ascii")

    # The office's life.

    def _start_office(self) -> None:
        log = (self.folder / "office.log").open("ab")
        self.office = subprocess.Popen(
            [sys.executable, "-m", "appliance", "office", "run", "--config", str(self.config)],
            stdout=log,
            stderr=log,
        )
        log.close()
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline:
            if self.office.poll() is not None:
                raise RuntimeError(f"the office ended: {self._log_tail()}")
            try:
                with self._client() as client:
                    client.get("/v1/hall").raise_for_status()
            except httpx2.HTTPError:
                time.sleep(0.02)
                continue
            self.ready.set()
            return
        raise RuntimeError(f"the office did not open: {self._log_tail()}")

    def _pull_the_plug(self) -> None:
        self.ready.clear()
        self._end_office(signal.SIGKILL)
        self.restarts += 1
        self._start_office()

    def _end_office(self, number: int) -> None:
        if self.office is not None and self.office.poll() is None:
            self.office.send_signal(number)
            try:
                self.office.wait(30)
            except subprocess.TimeoutExpired:
                self.problems.append("the office did not end when asked")
                self.office.kill()
                self.office.wait(30)

    def _log_tail(self) -> str:
        return (self.folder / "office.log").read_text(errors="replace")[-2000:]

    def _client(self) -> httpx2.Client:
        transport = httpx2.HTTPTransport(uds=str(self.run / "office.sock"))
        return httpx2.Client(transport=transport, base_url="http://office", timeout=10)

    # The people.

    def _press_buttons(self) -> None:
        dice = random.Random(self.seed + 1)
        names = [name for name in BOARD.buttons if name.startswith(("rating.1", "rating.2", "issue."))]
        services = {"issue.1": "ho-tich", "issue.2": "dat-dai", "issue.3": "bao-tro", "issue.4": "cu-tru"}
        while not self.stop.is_set():
            self.ready.wait(READY_S)
            try:
                with PinsClient.open(self.run / "pins.sock", timeout_s=5) as pins:
                    while not self.stop.is_set():
                        name = dice.choice(names)
                        pins.wait_for_output(BUZZER, is_high=False, timeout_s=1)
                        since = pins.mark()
                        pins.press(BOARD.buttons[name].pin, timeout_s=5)
                        thanked = pins.wait_for_output(BUZZER, is_high=True, timeout_s=5, since=since)
                        pins.release(BOARD.buttons[name].pin, timeout_s=5)
                        if not thanked:
                            continue
                        with self.lock:
                            if name in services:
                                self.ledger.numbers[services[name]] += 1
                            else:
                                _, counter, level = name.split(".")
                                self.ledger.ratings[(f"quay-{counter}", int(level), "gpio")] += 1
            except (HardwareError, OSError):
                time.sleep(0.05)  # the plug was pulled

    def _use_keypad(self) -> None:
        dice = random.Random(self.seed + 2)
        while not self.stop.is_set():
            self.ready.wait(READY_S)
            acks = len(self.keypad.acks)
            if dice.random() < 0.5:
                value = dice.randrange(4)
                self.keypad.rate(value)
                if self.keypad.wait_for_acks(acks + 1, 2):
                    with self.lock:
                        self.ledger.ratings[("quay-1", LEVEL_OF_KEY[value], "serial")] += 1
            else:
                self.keypad.press_key(CALL)
                if self.keypad.wait_for_acks(acks + 1, 2):
                    with self.lock:
                        self.ledger.calls["quay-1"] += 1
            self.keypad.lose_power()  # what was not acknowledged is forgotten: the next press is a new one
            time.sleep(0.9)  # an identical frame sooner would be taken for a resend

    def _take_numbers(self, worker: int = 1) -> None:
        dice = random.Random(self.seed + 10 + worker)
        number = 0
        while not self.stop.is_set():
            number += 1
            request = f"crash-{worker}-{number}"
            service = dice.choice(("ho-tich", "dat-dai", "tra-ket-qua"))
            while not self.stop.is_set():
                self.ready.wait(READY_S)
                try:
                    with self._client() as client:
                        answer = client.post("/v1/tickets", json={"service": service, "request": request})
                except httpx2.HTTPError:
                    time.sleep(0.02)
                    continue  # was it recorded or not? The same id again will tell.
                if answer.status_code == 200:
                    with self.lock:
                        self.by_request[request] = answer.json()["label"]
                        self.ledger.labels.append(answer.json()["label"])
                break

    def _take_numbers_too(self) -> None:
        self._take_numbers(2)

    def _call(self) -> None:
        number = 0
        while not self.stop.is_set():
            number += 1
            self.ready.wait(READY_S)
            try:
                with self._client() as client:
                    request = f"call-{number}"
                    client.post("/v1/counters/quay-2/open", json={"request": f"open-{request}"})
                    answer = client.post("/v1/counters/quay-2/call-next", json={"request": request})
                if answer.status_code == 200 and answer.json()["kind"] == "ticket.called":
                    with self.lock:
                        self.ledger.calls["quay-2"] += 1
            except httpx2.HTTPError:
                time.sleep(0.02)

    # The end.

    def _deliver_all(self) -> None:
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            with self._client() as client:
                client.post("/v1/uplink/deliver", json={})
                uplink = client.get("/v1/health").json()["uplink"]
            if uplink["enrolled"] and uplink["unreceipted"] == 0:
                return
            time.sleep(0.2)
        self.problems.append(f"not everything is receipted: {uplink}")

    def _compare(self) -> None:
        reports = audit(self.folder)
        self.problems += [str(report) for report in reports if report.damage]
        kept = [line for source in sources(self.folder) for line in source.all_lines()]
        store = self.center.store
        held = [each.line for epoch in store.epochs(DEVICE) for each in store.lines(DEVICE, epoch.epoch)]
        if held != kept:
            self.problems.append(f"the center's {len(held)} lines are not the office's {len(kept)}")
        verdict = audit_device(store, store.device(DEVICE))
        if not verdict.is_complete:
            self.problems += list(verdict.sentences())
        events = [json.loads(line) for line in kept]
        self.problems += self.ledger.missing(events)
        self._compare_numbers(events)
        kinds = Counter(event["kind"] for event in events)
        self.report = {
            "seed": self.seed,
            "kills": self.restarts,
            "epochs": len(reports),
            "events": len(kept),
            "acknowledged": self.ledger.presses + len(self.by_request),
            "acknowledged_numbers": sum(self.ledger.numbers.values()) + len(self.by_request),
            "acknowledged_ratings": sum(self.ledger.ratings.values()),
            "acknowledged_calls": sum(self.ledger.calls.values()),
            "crashes_recorded": sum(
                event["kind"] == "device.started" and event["data"]["reason"] == "crash" for event in events
            ),
            "kinds": dict(sorted(kinds.items())),
            "proxy": dict(self.proxy.counts),
            "problems": self.problems,
        }

    def _compare_numbers(self, events: list[dict]) -> None:
        issued = [event["data"] for event in events if event["kind"] == "ticket.issued"]
        keys = Counter(data["ticket"] for data in issued)
        self.problems += [f"{key} was given {count} times" for key, count in keys.items() if count > 1]
        numbers: dict[str, list[int]] = {}
        for data in issued:
            series, _, number = data["ticket"].rpartition("/")
            numbers.setdefault(series, []).append(int(number))
        for series, given in numbers.items():
            if given != list(range(given[0], given[0] + len(given))):
                self.problems.append(f"{series} has gaps: {given}")
        requests = Counter(data["request"] for data in issued if "request" in data)
        self.problems += [
            f"request {request} issued {count}" for request, count in requests.items() if count > 1
        ]
        recorded = {data["request"]: data["label"] for data in issued if "request" in data}
        for request, label in self.by_request.items():
            if recorded.get(request) != label:
                self.problems.append(f"request {request} was told {label}, recorded {recorded.get(request)}")


def main() -> int:
    configure("error")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--evidence", type=Path)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="motcua-crash-"))
    started = time.monotonic()
    run = CrashRun(folder, options.kills, options.seed)
    run.play()
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    report = {"commit": commit, "seconds": round(time.monotonic() - started), **run.report}
    sys.stdout.write(json.dumps(report) + "\n")
    if options.evidence is not None:
        options.evidence.mkdir(parents=True, exist_ok=True)
        path = options.evidence / f"crash-{options.kills}.json"
        path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    return 1 if run.problems else 0


if __name__ == "__main__":
    sys.exit(main())
