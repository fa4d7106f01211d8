"""A box without settings as it runs: the page at every address, its socket, and when it ends."""

import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx2
import pytest

from appliance.config import ConfigError, load
from appliance.config.machine import Api
from appliance.config.web import Web
from appliance.setup_mode import SetupMode
from appliance.setup_notice import FILE_NAME, Mistake, SetupNotice
from appliance.stopping import Stop

pytestmark = pytest.mark.integration

WRONG = Mistake('motcua.toml: center.url = "<b>"', "must be https", "phải là https")
OFFICE = """\
[office]
name = "Xã Mường Tè"
device = "muong-te-01"
site = "muong-te"
[uplink]
center = "https://tinh.vn"
center_id = "tinh"
root_key_thumbprint = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
[[services]]
id = "a"
name = "A"
prefix = "A"
[[counters]]
id = "q1"
name = "Q1"
services = ["a"]
"""


class Opened:
    """Setup mode in a folder of its own, on free ports."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.data.mkdir()
        self.config = folder / "office.toml"
        self.run = Path(tempfile.mkdtemp(prefix="motcua-"))
        self.socket = self.run / "office.sock"
        self.tell(WRONG)
        with pytest.raises(ConfigError) as caught:
            load(self.config)
        api, web = Api(socket=self.socket), Web(port=0, loopback_port=0)
        self.subject = SetupMode.open(self.config, self.data, caught.value, api=api, web=web)

    def tell(self, *mistakes: Mistake) -> None:
        notice = SetupNotice(is_set_up=False, mistakes=mistakes)
        (self.data / FILE_NAME).write_bytes(notice.to_bytes())

    def get(self, path: str, port: int = 0, scheme: str = "http") -> httpx2.Response:
        url = f"{scheme}://127.0.0.1:{self.subject.ports[port]}{path}"
        return httpx2.get(url, verify=False, timeout=20)

    def told(self, path: str) -> object:
        with httpx2.Client(transport=httpx2.HTTPTransport(uds=str(self.socket)), timeout=20) as client:
            return client.get(f"http://office{path}").json()


@pytest.fixture
def stop() -> Iterator[Stop]:
    with closing(Stop()) as subject:
        yield subject


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Opened]:
    opened = Opened(tmp_path)
    yield opened
    opened.subject.close()
    opened.run.rmdir()


@pytest.mark.parametrize(("port", "scheme"), [(0, "http"), (1, "https")])
@pytest.mark.parametrize("path", ["/", "/display", "/kiosk?x=1", "/t/abc"])
def test_every_address_shows_what_is_wrong(box: Opened, port: int, scheme: str, path: str) -> None:
    answer = box.get(path, port, scheme)
    assert answer.status_code == 503
    assert "Thiết bị chưa thiết lập" in answer.text
    assert "This box is not set up" in answer.text
    assert "phải là https" in answer.text
    assert "must be https" in answer.text
    assert "center.url = &#34;&lt;b&gt;&#34;" in answer.text
    assert f":{box.subject.ports[1]}" in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def test_what_is_written_meanwhile_is_seen(box: Opened) -> None:
    assert "phải là https" in box.get("/setup-mode/regions").json()["wrong-vi"]
    box.tell(Mistake("motcua.toml", "is missing", "bị thiếu"))
    regions = box.get("/setup-mode/regions").json()
    assert sorted(regions) == ["box", "todo-en", "todo-vi", "wrong-en", "wrong-vi"]
    assert "bị thiếu" in regions["wrong-vi"]
    assert "phải là https" not in regions["wrong-vi"]


def test_the_shell_sees_the_same(box: Opened) -> None:
    setup = box.told("/v1/setup")
    assert isinstance(setup, dict)
    assert setup["is_set_up"] is False
    assert setup["mistakes"] == [
        {"place": WRONG.place, "message": WRONG.message, "message_vi": WRONG.message_vi}
    ]
    health = box.told("/v1/health")
    assert isinstance(health, dict)
    assert [issue["key"] for issue in health["issues"]] == ["setup_mode"]
    assert box.subject.is_alive()


def test_a_strangers_name_is_not_ours(box: Opened) -> None:
    url = f"http://127.0.0.1:{box.subject.ports[0]}/"
    assert httpx2.get(url, headers={"host": "evil.example"}, timeout=20).status_code == 421


def test_a_taken_port_keeps_the_other_doors_open(box: Opened, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(box.config)
    web = Web(port=box.subject.ports[1], loopback_port=box.subject.ports[0])
    api = Api(socket=box.run / "second.sock")
    second = SetupMode.open(box.config, box.data, caught.value, api=api, web=web)
    try:
        assert second.ports == ()
        assert second.is_alive()
    finally:
        second.close()


def test_it_ends_when_there_are_settings_and_not_before(box: Opened, stop: Stop) -> None:
    ended: list[bool] = []
    waiting = threading.Thread(target=lambda: ended.append(box.subject.wait(stop, look_s=0.02)))
    waiting.start()
    box.config.write_text("[office]\n", "utf-8")
    assert not ended
    box.config.write_text(OFFICE, "utf-8")
    waiting.join(20)
    assert ended == [True]


def test_it_ends_when_it_is_told_to(box: Opened, stop: Stop) -> None:
    stop.set()
    assert box.subject.wait(stop) is False


def test_the_command_is_ready_for_systemd_and_leaves_at_sigterm(tmp_path: Path, environment) -> None:
    """The real command, with the usual ports: whether or not another program has them."""
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    address = f"{tempfile.gettempdir()}/motcua-notify-{os.getpid()}"
    manager.bind(address)
    manager.settimeout(60)
    data = tmp_path / "data"
    data.mkdir()
    words = ["office", "run", "--config", str(tmp_path / "office.toml")]
    refused = subprocess.run(
        [sys.executable, "-m", "appliance", *words],
        env=environment,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert refused.returncode == 1
    process = subprocess.Popen(
        [sys.executable, "-m", "appliance", *words, "--setup", str(data)],
        env={**environment, "NOTIFY_SOCKET": address},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert manager.recv(100) == b"READY=1"
        process.terminate()
        assert manager.recv(100) == b"STOPPING=1"
        out, log = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
        manager.close()
        Path(address).unlink()
    assert process.returncode == 0
    assert "not set up" in out
    assert "setup_mode.wrong" in log
