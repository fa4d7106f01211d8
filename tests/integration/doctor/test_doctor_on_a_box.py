"""The doctor, the bench and the bundle from a shell: on an office that runs, and one that is down."""

import json
import os
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from house import free_port

from appliance.config import loads
from appliance.doctor import storage
from appliance.doctor.finding import Level
from appliance.doctor.line import look
from appliance.httpd import tls
from appliance.office.root import Office, Surroundings
from appliance.uplink.tls import Dates
from appliance.wire.moment import Moment, Quality

pytestmark = pytest.mark.integration

NOW_US = 1_795_420_800_000_000
WAIT_S = 60
TOML = """\
[office]
name = "Xã Mường Tè"
device = "muong-te-01"
site = "muong-te"
data_dir = "{data}"
[uplink]
center = "http://127.0.0.1:9"
center_id = "tinh"
root_key_thumbprint = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
[[services]]
id = "ho-tich"
name = "Hộ tịch"
prefix = "A"
[[counters]]
id = "q1"
name = "Quầy 1"
services = ["ho-tich"]
[hardware]
board = "none"
pin_factory = "none"
[api]
socket = "{run}/office.sock"
[public]
listen = "off"
[web]
listen = "loopback"
loopback_port = {port}
"""


@pytest.fixture
def config(tmp_path: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="motcua-") as run:
        path = tmp_path / "office.toml"
        path.write_text(TOML.format(data=tmp_path / "data", run=run, port=free_port()), "utf-8")
        yield path


@pytest.fixture
def office(config: Path) -> Iterator[Office]:
    text = config.read_text("utf-8")
    running = Office.open(loads(text), text.encode(), Surroundings(config_path=config))
    yield running
    running.close()


def motcua(environment: dict[str, str], *words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "appliance", *map(str, words)]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=WAIT_S, check=False
    )


def held(data: Path) -> dict[str, bytes]:
    """What a data directory holds, but for what SQLite makes beside a database even to read it."""
    files = [path for path in data.rglob("*") if path.is_file() and not path.name.endswith(("-wal", "-shm"))]
    return {str(path): path.read_bytes() for path in files}


def levels(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    return {each["key"]: each["level"] for each in json.loads(done.stdout)["findings"]}


def test_a_running_office_is_seen_and_its_issues_are_told(
    office: Office, config: Path, environment: dict[str, str]
) -> None:
    done = motcua(environment, "doctor", "--config", config, "--json")
    assert done.stderr == ""
    found = levels(done)
    assert found["office_answers"] == found["journal"] == found["page_ports"] == "well"
    assert found["pins"] == found["serial_lines"] == found["page_certificate"] == "skipped"
    assert found["enrolled"] == found["setup_code"] == found["leaders"] == "warning"
    assert Level.UNSEEN.value not in found.values()
    assert done.returncode == json.loads(done.stdout)["exit"]
    assert office.desk.recording_stopped is None


def test_an_office_that_is_down_is_looked_over_all_the_same(
    config: Path, environment: dict[str, str]
) -> None:
    text = config.read_text("utf-8")
    Office.open(loads(text), text.encode(), Surroundings(config_path=config)).close()
    data = config.parent / "data"
    before = held(data)
    done = motcua(environment, "doctor", "--config", config)
    assert done.returncode == 2
    assert "✗ HỎNG       chương trình quầy" in done.stdout
    assert "VIỆC CẦN LÀM TRƯỚC:" in done.stdout
    assert "BROKEN" in motcua(environment, "doctor", "--config", config, "--lang", "en").stdout
    assert held(data) == before


def test_a_bundle_of_a_running_office_has_its_health(
    office: Office, config: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "support.tar.gz"
    done = motcua(environment, "support-bundle", "--out", out, "--config", config)
    assert (done.returncode, done.stderr) == (0, "")
    with tarfile.open(out) as archive:
        file = archive.extractfile("motcua-support/health.json")
        assert file is not None
        health = json.load(file)
    assert health["journal"]["epoch"] == office.health()["journal"]["epoch"]
    assert isinstance(health["addresses"], int)


def test_a_bundle_that_cannot_be_written_is_one_line(config: Path, environment: dict[str, str]) -> None:
    done = motcua(environment, "support-bundle", "--out", "/proc/x.tar.gz", "--config", config)
    assert done.returncode == 1
    assert done.stderr.startswith("motcua: the support bundle /proc/x.tar.gz was not written")


def test_the_bench_measures_this_storage(environment: dict[str, str], tmp_path: Path) -> None:
    done = motcua(environment, "bench-storage", "--dir", tmp_path, "--seconds", "2")
    assert done.returncode in {0, 1, 2}, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()[:1]] == ["journal"]
    assert len(done.stdout.splitlines()) == 3
    assert list(tmp_path.iterdir()) == []


def test_a_bench_that_is_ended_leaves_nothing(environment: dict[str, str], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "appliance", "bench-storage", "--dir", str(tmp_path), "--seconds", "600"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as bench:
        watch = threading.Event()
        while not list(tmp_path.glob(f"{storage.PREFIX}*/office.db")):
            assert bench.poll() is None
            watch.wait(0.01)
        bench.send_signal(signal.SIGTERM)
        bench.wait(WAIT_S)
    assert list(tmp_path.iterdir()) == []


class Tls:
    """A server that shakes hands and says nothing."""

    def __init__(self, folder: Path) -> None:
        self.ca_file = folder / tls.CERTIFICATE
        self._context = tls.own(folder, "localhost", [], []).context
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://localhost:{self._listening.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                taken, _ = self._listening.accept()
            except OSError:
                return
            with taken:
                try:
                    self._context.wrap_socket(taken, server_side=True).close()
                except OSError:
                    continue

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(WAIT_S)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Tls]:
    subject = Tls(tmp_path)
    yield subject
    subject.close()


def test_the_line_is_told_step_by_step(server: Tls) -> None:
    now = Moment(NOW_US, Quality.SYNCED, "boot", 1)
    good = look(server.url, now, NOW_US, server.ca_file)
    assert (good.lookup_error, good.connect_error, good.tls_error) == (None, None, None)
    assert good.expires_at == tls.UNTIL
    assert good.dates is Dates.SYSTEM
    strange = look(server.url, now, NOW_US)
    assert strange.tls_error is not None
    assert strange.expires_at is None


def test_dates_are_judged_by_the_believed_time(server: Tls) -> None:
    late = Moment(NOW_US + 50 * 366 * 86_400_000_000, Quality.SYNCED, "boot", 1)
    assert "valid" in (look(server.url, late, NOW_US, server.ca_file).tls_error or "")
    guess = Moment(late.at_us, Quality.UNSYNCED, "boot", 1)
    assert look(server.url, guess, NOW_US, server.ca_file).expires_at == tls.UNTIL


def test_a_port_that_nobody_listens_on_is_the_second_step() -> None:
    line = look(f"http://127.0.0.1:{free_port()}", Moment(NOW_US, Quality.SYNCED, "b", 1), NOW_US)
    assert line.connect_error == os.strerror(111)
    assert line.lookup_error is None
