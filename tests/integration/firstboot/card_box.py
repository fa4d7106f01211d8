"""A box that is made by its card, as the commands and processes that it has."""

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from appliance.config.document import with_values
from appliance.firstboot import loads
from appliance.firstboot.office_file import office_text
from center.serve import CenterServer

SAFETY_S = 60.0
CARD = """
[site]
commune = "29830"
[device]
id = "hoa-binh-01"
role = "{role}"
board = "none"
[center]
url = "{url}"
id = "center"
root_key_thumbprint = "{thumbprint}"
claim = "{claim}"
"""
HOURS = re.compile(r"^((?:mon|tue|wed|thu|fri|sat|sun) = ).*$", re.MULTILINE)
ALONE = """
[api]
socket = "{folder}/s"
[web]
listen = "off"
[public]
listen = "off"
"""


class Box:
    """A box with its card, as commands and processes.

    Args:
        folder: where its directories are made.
        environment: of the processes.
        stick: where its backup stick is mounted, if it has one.
    """

    def __init__(self, folder: Path, environment: dict[str, str], stick: Path | None = None) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self.environment, self.stick = folder, environment, stick
        self.card, self.data = folder / "card", folder / "data"
        self.config = folder / "etc" / "office.toml"
        self.card.mkdir()

    def set_up(self, text: str) -> None:
        """Take a card over; the office then serves nothing but its socket."""
        preset = HOURS.sub(r'\1"00:00-24:00"', office_text(loads(text.encode()), self.card, self.data))
        alone = ALONE.format(folder=self.folder)
        if self.stick is not None:
            preset = with_values(preset, ("backup",), {"dir": str(self.stick), "mounted": False})
        (self.card / "office.toml").write_text(preset + alone, "utf-8")
        (self.card / "motcua.toml").write_text(f'{text}[office]\nfile = "office.toml"\n', "utf-8")
        assert self.start() == 0

    def start(self) -> int:
        """Do what is done at every start before the office; return the exit code."""
        places = ["--card", self.card, "--data", self.data, "--config", self.config]
        places += ["--network", self.folder / "network", "--stick", self.stick or self.folder / "stick"]
        words = self._words("firstboot", *places)
        return subprocess.run(words, check=False, env=self.environment, timeout=SAFETY_S).returncode

    def result(self) -> str:
        """Return what KETQUA.txt says."""
        return (self.card / "KETQUA.txt").read_text("utf-8-sig")

    def issue(self, service: str = "ho-tich") -> str:
        """Take a number; return its label."""
        answer = json.loads(self._run("ctl", "issue", service, "--socket", self.folder / "s"))
        return str(answer["label"])

    @contextmanager
    def office(self) -> Iterator[None]:
        """Run the office, open."""
        words = ["office", "run", "--config", self.config, "--deliver-every-s", "0.2"]
        office = subprocess.Popen(
            self._words(*words), env=self.environment, stdout=subprocess.PIPE, text=True
        )
        try:
            assert "office hoa-binh-01 is open" in office.stdout.readline()
            yield
        finally:
            office.terminate()
            office.communicate(timeout=SAFETY_S)

    def health(self) -> dict[str, Any]:
        """Return what the running office says of itself."""
        return json.loads(self._run("ctl", "health", "--socket", self.folder / "s"))

    def _run(self, *words: object) -> str:
        done = subprocess.run(
            self._words(*words),
            check=True,
            env=self.environment,
            timeout=60,
            stdout=subprocess.PIPE,
            text=True,
        )
        return done.stdout

    def _words(self, *words: object) -> list[str]:
        return [sys.executable, "-m", "appliance", *map(str, words)]


def card_for(center: CenterServer, url: str, role: str = "office") -> tuple[str, str]:
    """Return the text of a card, and the claim in it."""
    claim = center.make_claim("hoa-binh-01", "29830", role)
    thumbprint = center.keys.root_thumbprint
    return CARD.format(url=url, role=role, thumbprint=thumbprint, claim=claim), claim


def delivered(center: CenterServer) -> bool:
    """Whether events of the box arrive in time."""
    pause = threading.Event()
    for _ in range(int(SAFETY_S / 0.1)):
        if any(epoch.upto > 0 for epoch in center.store.epochs("hoa-binh-01")):
            return True
        pause.wait(0.1)
    return False
