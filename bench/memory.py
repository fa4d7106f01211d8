"""What the office process holds in memory: idle, and after a long day over its socket."""

import http.client
import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psutil
from hall import COUNTERS, DEVICE, SERVICES, counter_services
from samples import Samples
from sizes import Sizes
from table import Figure, limit

LIMIT_MB = 110.0
_MB = 1_000_000
_START_S = 60.0
_LINE = 40
_THUMBPRINT = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def run(folder: Path, sizes: Sizes) -> list[Figure]:
    """Start ``motcua office run``, look, let a day pass over several connections, look again."""
    with (
        tempfile.TemporaryDirectory(prefix="motcua-") as runtime,
        office_running(folder, Path(runtime)) as office,
    ):
        process, path = office
        seen = psutil.Process(process.pid)
        idle = seen.memory_full_info()
        day = _Day(path, sizes)
        day.live()
        after = seen.memory_full_info()
        peak_mb = _peak_mb(process.pid)
    told = (
        f"{day.tickets:,} tickets, {len(day.latencies_us):,} commands in {day.spent_s:.0f} s"
        f" ({len(day.latencies_us) / day.spent_s:.0f} a second); peak RSS {peak_mb:.1f} MB"
    )
    if day.tickets < sizes.day_tickets:
        told += f"; cut short after {sizes.day_s:.0f} s, {sizes.day_tickets:,} tickets were wanted"
    without = f"USS {idle.uss / _MB:.1f} MB; no devices, the center is not reachable"
    return [
        _figure("idle", "office process idle, RSS", idle.rss, without),
        _figure("day", "  after the day, RSS", after.rss, told),
        _figure("day_uss", "  after the day, USS", after.uss),
        Figure(
            "memory.post",
            f"POST over its socket, {len(COUNTERS)} at once",
            "ms",
            Samples.of(day.latencies_us, per=1000),
        ),
    ]


def _figure(key: str, name: str, size: int, note: str = "") -> Figure:
    return Figure(
        f"memory.{key}",
        name,
        "MB",
        Samples.of([size / _MB]),
        beside="limit",
        peer=limit(LIMIT_MB),
        most=1.0,
        note=note,
    )


def _peak_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / _MB
    return 0.0


@contextmanager
def office_running(folder: Path, runtime: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """Run an office until the block ends.

    Args:
        folder: of its data.
        runtime: of its socket, whose path must be short.
    """
    path = runtime / "office.sock"
    config = folder / "office.toml"
    config.write_text(_config(folder / "office", path), encoding="utf-8")
    log = folder / "office.log"
    program = Path(sys.executable).with_name("motcua")
    with log.open("wb") as out:
        process = subprocess.Popen(
            [program, "office", "run", "--config", config], stdout=out, stderr=subprocess.STDOUT
        )
        try:
            _wait_for(process, path, log)
            yield process, path
        finally:
            process.terminate()
            try:
                process.wait(_START_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(process: subprocess.Popen[bytes], path: Path, log: Path) -> None:
    until = time.monotonic() + _START_S
    while time.monotonic() < until and process.poll() is None:
        try:
            Caller(path).close()
        except OSError:
            time.sleep(0.1)
        else:
            time.sleep(1.0)  # the first round of health and the first try of the uplink are over
            return
    message = f"the office did not start: {log.read_text(encoding='utf-8', errors='replace')[-2000:]}"
    raise RuntimeError(message)


def _config(data: Path, path: Path) -> str:
    """Return an office.toml without devices and with a center that does not answer."""
    tables = [
        _table("office", name="Bench", device=DEVICE, site="bench", data_dir=str(data.absolute())),
        _table("uplink", center="http://127.0.0.1:9", center_id="bench", root_key_thumbprint=_THUMBPRINT),
        _table("api", socket=str(path)),
        _table("web", port=0, loopback_port=0),
        _table("public", link_dir=str(path.with_name("link"))),
        _table("hardware", board="none", pin_factory="none"),
        _table("hall", max_waiting=5000),
        _table("hall.hours", **dict.fromkeys(_DAYS, "00:00-24:00")),
        *(
            _table("[services]", id=name, name=name, prefix=letter)
            for name, letter in zip(SERVICES, "ABCDE", strict=True)
        ),
        *(
            _table("[counters]", id=name, name=name, services=counter_services(index))
            for index, name in enumerate(COUNTERS)
        ),
    ]
    return "\n".join(tables)


def _table(table: str, **values: object) -> str:
    """Return a TOML table; plain texts, numbers and lists are written in JSON as in TOML."""
    return "\n".join([f"[{table}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items()), ""])


class Caller:
    """One keep-alive connection to the office's socket.

    Args:
        path: the Unix socket.

    Raises:
        OSError: nobody answers there.
    """

    def __init__(self, path: Path) -> None:
        self._connection = http.client.HTTPConnection("office", timeout=_START_S)
        self._connection.sock = socket.socket(socket.AF_UNIX)
        self._connection.sock.settimeout(_START_S)
        self._connection.sock.connect(str(path))

    def post(self, path: str, body: dict[str, object]) -> int:
        """Return the status of the answer, which is read to its end."""
        self._connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        answer = self._connection.getresponse()
        answer.read()
        return answer.status

    def close(self) -> None:
        self._connection.close()


class _Day:
    """A day of tickets, each issued, called, served and rated; one connection for each counter.

    Args:
        path: the office's socket.
        sizes: how many tickets, and how long at most.
    """

    def __init__(self, path: Path, sizes: Sizes) -> None:
        self.latencies_us: list[float] = []
        self.tickets = 0
        self.spent_s = 0.0
        self._path = path
        self._most = sizes.day_tickets
        self._until = time.monotonic() + sizes.day_s
        self._numbers = count()
        self._numbers_of_requests = count()
        self._failed: list[str] = []

    def live(self) -> None:
        """Live it.

        Raises:
            RuntimeError: the office refused a command.
        """
        start = time.monotonic()
        opening = Caller(self._path)
        for _ in range(min(_LINE, self._most)):
            self._issue(opening)
        callers = [threading.Thread(target=self._work, args=(name,)) for name in COUNTERS]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        opening.close()
        self.spent_s = time.monotonic() - start
        if self._failed:
            raise RuntimeError(self._failed[0])

    def _work(self, counter: str) -> None:
        caller = Caller(self._path)
        try:
            at = f"/v1/counters/{counter}"
            self._post(caller, f"{at}/open", officer=f"officer-{counter}")
            while self.tickets < self._most and time.monotonic() < self._until and not self._failed:
                self._issue(caller)
                if self._post(caller, f"{at}/call-next", may_refuse=True):
                    self._post(caller, f"{at}/start")
                    self._post(caller, f"{at}/complete")
                    self._post(caller, "/v1/ratings", counter=counter, level=3)
        except (OSError, http.client.HTTPException) as error:
            self._failed.append(f"{counter}: {error!r}")
        finally:
            caller.close()

    def _issue(self, caller: Caller) -> None:
        number = next(self._numbers)
        self.tickets = number + 1
        self._post(caller, "/v1/tickets", service=SERVICES[number % len(SERVICES)], source="kiosk")

    def _post(self, caller: Caller, path: str, *, may_refuse: bool = False, **body: object) -> bool:
        """Post; a call may find nobody waiting for this counter, anything else must succeed."""
        request = f"bench-{next(self._numbers_of_requests)}"
        start = time.perf_counter_ns()
        status = caller.post(path, {"request": request, **body})
        self.latencies_us.append((time.perf_counter_ns() - start) / 1000)
        if status != http.client.OK and not may_refuse:
            self._failed.append(f"{path} answered {status}")
        return status == http.client.OK
