"""The hall's screen: its unit, the browser's policy, and its script with a cage and an office of ours."""

import configparser
import http.server
import json
import os
import re
import signal
import struct
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

import pytest

from appliance.config import Web
from provisioning.image.packages import DPKG_OPTIONS
from provisioning.image.tree import PROGRAMS

UNIT = "motcua-display.service"
LINE_S = 30


@pytest.fixture
def unit(root: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str
    parser.read_string((root / "systemd" / UNIT).read_text("utf-8"))
    return parser


class Office(http.server.BaseHTTPRequestHandler):
    """Answers as ``status`` says; keeps what was asked."""

    status = HTTPStatus.SEE_OTHER
    asked: list[str] = []  # noqa: RUF012 - of the class, on purpose

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(self.status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        pass


@dataclass
class Scene:
    """A machine whose cage writes down how it was called.

    Args:
        root: the source tree.
        folder: an empty directory.
    """

    root: Path
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        (self.folder / "bin").mkdir()
        (self.folder / "run").mkdir()
        cage = self.folder / "bin" / "cage"
        names = "LIBSEAT_BACKEND WLR_RENDERER XCURSOR_PATH XCURSOR_THEME"
        kept = "".join(f"printf '%s\\0' \"{name}=${name}\"\n" for name in names.split())
        cage.write_text(f"#!/bin/sh\n{{\nprintf '%s\\0' \"$@\"\n{kept}}} > {self.folder}/called\n")
        cage.chmod(0o755)
        path = f"{self.folder / 'bin'}:{os.environ['PATH']}"
        self.environment = {"PATH": path, "XDG_RUNTIME_DIR": str(self.folder / "run")}

    def start(
        self, *words: str, port: int = 0, meminfo: str = "", lines: str = "", stays: bool = False
    ) -> subprocess.Popen[str]:
        """Start the script.

        Args:
            words: its own.
            port: the office's.
            meminfo: what the kernel says of its memory.
            lines: what it says of connections.
            stays: whether the browser stays until it is ended.
        """
        (self.folder / "tcp").write_text(lines)
        if stays:
            with (self.folder / "bin" / "cage").open("a") as cage:
                cage.write("exec sleep 60\n")
        (self.folder / "meminfo").write_text(meminfo)
        more = {"MOTCUA_SCREEN_PORT": str(port), "MOTCUA_MEMINFO": str(self.folder / "meminfo")}
        more |= {"MOTCUA_TCP": str(self.folder / "tcp"), "MOTCUA_SCREEN_ALONE_S": "3"}
        return subprocess.Popen(
            ["bash", self.root / "systemd" / "display.sh", *words],
            env={**self.environment, **more}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            start_new_session=True,
        )  # fmt: skip

    def said(self, *words: str, **more: object) -> tuple[int, str]:
        """Let the script end; return its status and its words."""
        with self.start(*words, **more) as process:  # type: ignore[arg-type]
            text, _ = process.communicate(timeout=LINE_S)
        return process.returncode, text

    def called(self) -> list[str]:
        """Return cage's words, then its environment."""
        return (self.folder / "called").read_text().split("\0")[:-1]


@pytest.fixture
def scene(root: Path, tmp_path: Path) -> Scene:
    return Scene(root, tmp_path)


@pytest.fixture
def office() -> Iterator[http.server.ThreadingHTTPServer]:
    Office.asked.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Office)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


# --- the script


@pytest.mark.parametrize("mib", [416, 512, 699])
def test_a_small_machine_says_why_it_has_no_screen(scene: Scene, mib: int) -> None:
    status, text = scene.said("fits", meminfo=f"MemTotal:  {mib * 1024} kB\nMemFree: 9999999 kB\n")
    assert status == 1
    assert f"no browser on HDMI: this machine has {mib} MiB of memory, and it needs 700 MiB" in text


def test_a_machine_with_one_gigabyte_has_a_screen(scene: Scene) -> None:
    assert scene.said("fits", meminfo="MemTotal:         928384 kB\n") == (0, "")


def test_a_machine_that_does_not_tell_has_no_screen(scene: Scene) -> None:
    assert scene.said("fits", meminfo="nothing\n")[0] == 1


@pytest.mark.parametrize("status", [HTTPStatus.SEE_OTHER, HTTPStatus.SERVICE_UNAVAILABLE])
def test_the_browser_shows_the_office_s_page_once_office_or_setup_mode_answers(
    scene: Scene, office: http.server.ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch, status: HTTPStatus
) -> None:
    monkeypatch.setattr(Office, "status", status)
    port = office.server_address[1]
    assert scene.said("run", "--more", port=port) == (0, f"showing http://127.0.0.1:{port}/screen\n")
    words = scene.called()
    assert words[:3] == ["-d", "--", "chromium"]
    assert {"--kiosk", "--ozone-platform=wayland", "--autoplay-policy=no-user-gesture-required"} <= set(words)
    assert {"--disable-breakpad", "--disable-component-update", "--disable-background-networking"} <= set(
        words
    )
    assert words[words.index("--more") + 1] == f"http://127.0.0.1:{port}/screen"
    assert {"LIBSEAT_BACKEND=seatd", "WLR_RENDERER=pixman", "XCURSOR_THEME=motcua"} <= set(words)
    assert Office.asked == ["/screen"]
    assert not any("no-sandbox" in word for word in words)


def test_nothing_is_written_but_in_the_runtime_directory(
    scene: Scene, office: http.server.ThreadingHTTPServer
) -> None:
    scene.said("run", port=office.server_address[1])
    place = f"{scene.folder}/run/"
    assert f"--user-data-dir={place}profile" in scene.called()
    assert {path.name for path in scene.folder.iterdir()} == {"bin", "run", "called", "meminfo", "tcp"}


def test_it_waits_for_an_office_that_is_not_there_and_says_so(scene: Scene) -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), Office, bind_and_activate=False) as free:
        free.server_bind()  # bound and not listening: nobody else gets the port, and nobody answers
        port = free.server_address[1]
        process = scene.start("run", port=port)
        assert process.stdout is not None
        assert f"waiting for the office at http://127.0.0.1:{port}/screen" in process.stdout.readline()
        assert not (scene.folder / "called").exists()
        free.server_activate()
        answering = threading.Thread(target=free.handle_request)
        answering.start()
        assert process.stdout.readline() == f"showing http://127.0.0.1:{port}/screen\n"
        answering.join()
        assert process.wait(LINE_S) == 0
        process.stdout.close()
    assert (scene.folder / "called").exists()


def test_it_can_be_ended_while_it_waits(scene: Scene) -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), Office, bind_and_activate=False) as free:
        free.server_bind()
        process = scene.start("run", port=free.server_address[1])
        assert process.stdout is not None
        process.stdout.readline()
        os.killpg(process.pid, signal.SIGTERM)
        assert process.wait(LINE_S) == -signal.SIGTERM
        process.stdout.close()


def test_a_browser_that_lost_the_page_is_begun_anew(
    scene: Scene, office: http.server.ThreadingHTTPServer
) -> None:
    status, text = scene.said("run", port=office.server_address[1], stays=True)
    assert status == 1
    assert text.endswith("the browser has not followed the office's page for 3 s: it is begun anew\n")


@pytest.mark.parametrize(
    ("is_followed", "status"),
    [(True, HTTPStatus.SEE_OTHER), (False, HTTPStatus.SERVICE_UNAVAILABLE)],
)
def test_a_browser_that_follows_the_page_or_waits_for_an_office_in_setup_stays(
    scene: Scene,
    office: http.server.ThreadingHTTPServer,
    monkeypatch: pytest.MonkeyPatch,
    is_followed: bool,
    status: HTTPStatus,
) -> None:
    monkeypatch.setattr(Office, "status", status)
    port = office.server_address[1]
    line = f"   1: 0100007F:A1B2 0100007F:{port:04X} 01 00000000:00000000 00:00000000\n"
    process = scene.start("run", port=port, lines=line if is_followed else "", stays=True)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("showing ")
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(6)
    os.killpg(process.pid, signal.SIGTERM)
    process.wait(LINE_S)
    process.stdout.close()


def test_the_pointer_is_one_transparent_point(scene: Scene, office: http.server.ThreadingHTTPServer) -> None:
    scene.said("run", port=office.server_address[1])
    cursors = scene.folder / "run/pointer/motcua/cursors"
    data = (cursors / "default").read_bytes()
    magic, header, version, entries, kind, size, position = struct.unpack("<4s6I", data[:28])
    assert (magic, header, version, entries, kind, size) == (b"Xcur", 16, 0x10000, 1, 0xFFFD0002, 1)
    image = struct.unpack("<10I", data[position:])
    assert image == (36, 0xFFFD0002, 1, 1, 1, 1, 0, 0, 0, 0)
    assert (cursors / "left_ptr").resolve() == cursors / "default"


def test_another_word_is_refused(scene: Scene) -> None:
    assert scene.said("show") == (2, "write fits or run\n")


# --- the unit


def test_the_unit_runs_the_program_that_the_image_has(unit: configparser.ConfigParser) -> None:
    place = f"/{PROGRAMS['display.sh']}"
    assert unit["Service"]["ExecCondition"] == f"{place} fits"
    assert unit["Service"]["ExecStart"] == f"{place} run"


def test_the_graphics_card_starts_it_and_the_office_never_waits(
    root: Path, unit: configparser.ConfigParser
) -> None:
    device = unit["Install"]["WantedBy"]
    assert device == "dev-motcua-screen.device"
    rule = (root / "systemd/udev/rules.d/80-motcua-display.rules").read_text("utf-8")
    assert 'ENV{SYSTEMD_ALIAS}+="/dev/motcua/screen"' in rule
    assert not {"Before", "RequiredBy"} & {*unit["Unit"], *unit["Install"]}
    assert "motcua-display" not in (root / "systemd/motcua-office.service").read_text("utf-8")
    assert (unit["Unit"]["StartLimitIntervalSec"], unit["Service"]["Restart"]) == ("0", "always")


def test_the_browser_yields_to_the_office(root: Path, unit: configparser.ConfigParser) -> None:
    office = configparser.ConfigParser(strict=False, interpolation=None)
    office.optionxform = str
    office.read_string((root / "systemd/motcua-office.service").read_text("utf-8"))
    mine, its = unit["Service"], office["Service"]
    for weight in ("CPUWeight", "IOWeight"):
        assert int(mine[weight]) * 5 < int(its[weight])
    assert int(mine["OOMScoreAdjust"]) > 500 > int(its["OOMScoreAdjust"])
    assert int(mine["MemoryHigh"].rstrip("M")) < int(mine["MemoryMax"].rstrip("M")) <= 640


def test_it_is_another_user_who_speaks_to_this_box_alone(unit: configparser.ConfigParser) -> None:
    service = unit["Service"]
    assert (service["User"], service["IPAddressDeny"], service["IPAddressAllow"]) == (
        "motcua-display", "any", "localhost",
    )  # fmt: skip
    assert {"-/var/lib/motcua", "-/etc/motcua"} <= set(service["InaccessiblePaths"].split())
    assert service["RuntimeDirectoryMode"] == "0700"


# --- policy and packages


def test_the_browser_s_policy_knows_no_address_but_loopback(root: Path) -> None:
    policy = json.loads((root / "systemd/chromium/motcua.json").read_text("utf-8"))
    assert policy["URLBlocklist"] == ["*"]
    assert policy["URLAllowlist"] == ["http://127.0.0.1", "http://localhost"]
    for name in ("ComponentUpdatesEnabled", "MetricsReportingEnabled", "BackgroundModeEnabled"):
        assert policy[name] is False
    assert policy["AutoplayAllowed"] is True


def test_the_script_and_the_settings_name_the_same_port(root: Path) -> None:
    text = (root / "systemd/display.sh").read_text("utf-8")
    assert re.findall(r"MOTCUA_SCREEN_PORT:-(\d+)", text) == [str(Web().loopback_port)]


def test_no_compiler_of_shaders_takes_the_card_s_room() -> None:
    assert "path-exclude=/usr/lib/*/libLLVM*" in DPKG_OPTIONS
