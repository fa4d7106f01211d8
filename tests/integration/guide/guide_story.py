"""The machines of the technician's guide: a center that runs, a technician's folder, a box and its spare."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import small_image
from guide_text import ROOT, Command, file_piece
from house import until

from center.serve import CenterServer

WAIT_S = 60
DEVICE, SITE, CENTER_ID = "xa-hoa-binh-01", "29830", "tinh-mau"
ADDRESS = "https://motcua.example.gov.vn"
FAT = small_image.FAT_START * small_image.SECTOR
ALONE = """
[backup]
dir = "{stick}"
mounted = false
[api]
socket = "{socket}"
[web]
listen = "off"
[public]
listen = "off"
"""


class Story:
    """See the module; close it. What each command of the guide leaves is used by the next.

    Args:
        folder: an empty directory.
        image: an image as the builder makes it.
    """

    def __init__(self, folder: Path, image: Path) -> None:
        self.folder = folder
        self.stack = ExitStack()
        self.run_dir = Path(tempfile.mkdtemp(prefix="motcua-"))
        self.stack.callback(shutil.rmtree, self.run_dir, ignore_errors=True)
        for name in ("anh", "stick", "card", "the-moi"):
            (folder / name).mkdir()
        (folder / "anh" / "motcua-office.img").symlink_to(image)
        (folder / "appliance").symlink_to(ROOT / "appliance")
        sites = re.search(
            r"^```csv\n(.*?)^```$", (ROOT / "docs/vi/the-nho.md").read_text("utf-8"), re.DOTALL | re.MULTILINE
        )
        assert sites is not None
        (folder / "sites.csv").write_text(sites.group(1), "utf-8")
        self.center = CenterServer.start(
            folder / "center.db", folder / "keys", port=0, name=CENTER_ID, next_after_s=4
        )
        self.stack.callback(self.center.stop)
        self.box = Box(folder / "box", self.run_dir / "box.sock", folder / "stick")
        self.spare = Box(folder / "spare", self.run_dir / "spare.sock", folder / "stick")
        self.thumbprint = self.claim = ""

    def motcua(self, command: Command, *more: object, codes: frozenset[int] = frozenset({0})) -> str:
        """Run a line of the guide, with what differs between its machines and ours; return what it prints."""
        named = {ADDRESS: self.center.url, "VÂN_TAY": self.thumbprint, "MÃ": self.claim}
        named["/media/motcua"] = str(self.folder / "stick")
        named["/media/the"] = str(self.folder / "the-moi")
        assert command.words[0] == "motcua"
        words = [named.get(word, word) for word in command.words[1:]]
        done = motcua(*words, *more, cwd=self.folder)
        assert done.returncode in codes, f"{command.line}: {done.stdout}{done.stderr}"
        return done.stdout

    def switch_on(self) -> None:
        """Put the card that was made, with the office.toml that was written, into the box and start it."""
        image = self.folder / "the" / f"{DEVICE}.img"
        card = small_image.run("mtype", "-i", f"{image}@@{FAT}", "::motcua.toml")
        changed = re.sub(
            r"^\[office\]\n(preset = .*\n)?", file_piece("toml motcua"), card, flags=re.MULTILINE
        )
        assert changed != card
        (self.folder / "card" / "motcua.toml").write_text(changed, "utf-8")
        text = (self.folder / "office.toml").read_text("utf-8")
        (self.folder / "card" / "office.toml").write_text(self.box.at_any_hour(text), "utf-8")
        places = ("--card", self.folder / "card", "--data", self.box.data, "--config", self.box.config)
        done = motcua("firstboot", *places, "--network", self.folder / "network", cwd=self.folder)
        assert done.returncode == 0, done.stderr
        self.stack.enter_context(self.box.running())

    def close(self) -> None:
        """Take everything down."""
        self.stack.close()


class Box:
    """A data directory, settings, and an office that runs on them.

    Args:
        folder: where both are made.
        socket: of its office.
        stick: where its backup stick is mounted.
    """

    def __init__(self, folder: Path, socket: Path, stick: Path) -> None:
        self.data, self.config = folder / "data", folder / "etc" / "office.toml"
        self.socket, self.stick = socket, stick
        self._office: subprocess.Popen[str] | None = None

    def at_any_hour(self, text: str) -> str:
        """Return an office.toml for a machine without pins, open day and night, that serves its socket."""
        text = text.replace('pin_factory = "lgpio"', 'pin_factory = "mock"')
        text = re.sub(
            r'^(mon|tue|wed|thu|fri|sat|sun) = "[^"]*"', r'\1 = "00:00-24:00"', text, flags=re.MULTILINE
        )
        text = re.sub(r"^holidays = \[.*?^\]", "holidays = []", text, flags=re.MULTILINE | re.DOTALL)
        text = re.sub(r"^interval_s = \d+", "interval_s = 30\njitter_s = 0", text, flags=re.MULTILINE)
        return text + ALONE.format(stick=self.stick, socket=self.socket)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run the office."""
        words = ("office", "run", "--config", self.config, "--deliver-every-s", "0.3", "--log", "critical")
        command = [sys.executable, "-m", "appliance", *map(str, words)]
        self._office = subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True)
        try:
            assert self._office.stdout is not None
            assert f"office {DEVICE} is open" in self._office.stdout.readline()
            yield
        finally:
            self.stop()

    def stop(self) -> None:
        """End it in order; the stick gets everything."""
        if self._office is not None:
            self._office.terminate()
            self._office.communicate(timeout=WAIT_S)
            self._office = None

    def ctl(self, *words: str) -> Any:
        """Ask the running office."""
        done = motcua("ctl", *words, "--socket", self.socket, cwd=self.stick)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def issue(self, service: str) -> str:
        """Take a number; return its label."""
        return str(self.ctl("issue", service)["label"])

    def receipted(self) -> bool:
        """Whether the center has everything."""
        uplink = self.ctl("health")["uplink"]
        return bool(uplink["enrolled"]) and uplink["unreceipted"] == 0

    def wait_for_receipts(self) -> None:
        """Wait until the center has everything."""
        until(self.receipted, "the last receipt", pause_s=0.2)


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def motcua(*words: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "appliance", *map(str, words)]
    return subprocess.run(
        command, cwd=cwd, env=environment(), capture_output=True, text=True, timeout=WAIT_S, check=False
    )
