"""From a card to an office that enrolls: the commands and the processes that a box has."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from authority import VALID, Authority
from tls_front import TlsFront

from appliance.config import load
from appliance.firstboot import loads
from appliance.firstboot.office_file import office_text
from center.serve import CenterServer

pytestmark = pytest.mark.integration

SAFETY_S = 60.0
CARD = """
[site]
commune = "29830"
[device]
id = "hoa-binh-01"
board = "none"
[center]
url = "{url}"
id = "center"
root_key_thumbprint = "{thumbprint}"
claim = "{claim}"
"""
ALONE = """
[api]
socket = "{folder}/s"
[web]
listen = "off"
[public]
listen = "off"
"""


@pytest.fixture
def center(tmp_path: Path):
    with CenterServer.start(tmp_path / "center.db", tmp_path / "keys", port=0) as server:
        yield server


class Box:
    """A box with its card, as commands and processes.

    Args:
        folder: where its directories are made.
        environment: of the processes.
    """

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder, self.environment = folder, environment
        self.card, self.data = folder / "card", folder / "data"
        self.config = folder / "etc" / "office.toml"
        self.card.mkdir()

    def set_up(self, text: str) -> None:
        """Take a card over; the office then serves nothing but its socket."""
        preset = office_text(loads(text.encode()), self.card, self.data)
        (self.card / "office.toml").write_text(preset + ALONE.format(folder=self.folder), "utf-8")
        (self.card / "motcua.toml").write_text(f'{text}[office]\nfile = "office.toml"\n', "utf-8")
        places = ["--card", self.card, "--data", self.data, "--config", self.config]
        self._run("firstboot", *places, "--network", self.folder / "network")

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


@pytest.fixture
def box(tmp_path: Path, environment: dict[str, str]) -> Box:
    return Box(tmp_path, environment)


def card_for(center: CenterServer, url: str) -> tuple[str, str]:
    """Return the text of a card, and the claim in it."""
    claim = center.make_claim("hoa-binh-01", "29830", "office")
    return CARD.format(url=url, thumbprint=center.keys.root_thumbprint, claim=claim), claim


def test_a_card_becomes_an_office_that_enrolls_and_forgets_its_claim(box: Box, center: CenterServer) -> None:
    text, claim = card_for(center, center.url)
    box.set_up(text)
    assert claim.encode() not in b"".join(path.read_bytes() for path in box.card.iterdir())
    with box.office():
        assert delivered(center)
    assert not (box.data / "claim").exists()
    [device] = center.store.devices()
    assert (device.device, device.site, device.role) == ("hoa-binh-01", "29830", "office")


def test_a_center_with_a_certificate_of_the_provinces_own_ca_is_enrolled_at(box: Box, tmp_path: Path) -> None:
    authority = Authority(tmp_path, "province")
    with (
        TlsFront(authority.server(VALID)) as front,
        CenterServer.start(tmp_path / "center.db", tmp_path / "keys", port=0, url=front.url) as center,
    ):
        front.behind = f"http://127.0.0.1:{center.port}"
        text, _ = card_for(center, front.url)
        (box.card / "ca-tinh.pem").write_bytes(authority.file.read_bytes())
        box.set_up(text.replace("[center]", '[center]\nca = "ca-tinh.pem"'))
        copy = box.config.parent / "center-ca.pem"
        assert load(box.config).uplink.ca_file == copy
        kept = copy.read_bytes()
        copy.unlink()
        with box.office():  # counters never wait for the province
            told = box.health()
            [issue] = [each for each in told["issues"] if each["key"] == "center_ca"]
            assert str(copy) in issue["en"]
            assert str(copy) in issue["vi"]
            assert not told["uplink"]["enrolled"]
            copy.write_bytes(kept)
            assert delivered(center)
            assert "center_ca" not in {each["key"] for each in box.health()["issues"]}
        assert [each.device for each in center.store.devices()] == ["hoa-binh-01"]


def delivered(center: CenterServer) -> bool:
    """Whether events of the box arrive in time."""
    pause = threading.Event()
    for _ in range(int(SAFETY_S / 0.1)):
        if any(epoch.upto > 0 for epoch in center.store.epochs("hoa-binh-01")):
            return True
        pause.wait(0.1)
    return False
