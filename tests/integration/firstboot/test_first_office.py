"""From a card to an office that enrolls: the commands and the processes that a box has."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

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


def test_a_card_becomes_an_office_that_enrolls_and_forgets_its_claim(
    tmp_path: Path, center: CenterServer, environment
) -> None:
    card, data, config = tmp_path / "card", tmp_path / "data", tmp_path / "etc" / "office.toml"
    card.mkdir()
    claim = center.make_claim("hoa-binh-01", "29830", "office")
    text = CARD.format(url=center.url, thumbprint=center.keys.root_thumbprint, claim=claim)
    preset = office_text(loads(text.encode()), card, data)
    (card / "office.toml").write_text(preset + ALONE.format(folder=tmp_path), "utf-8")
    (card / "motcua.toml").write_text(f'{text}[office]\nfile = "office.toml"\n', "utf-8")
    motcua = [sys.executable, "-m", "appliance"]
    places = ["--card", card, "--data", data, "--config", config, "--network", tmp_path / "network"]
    subprocess.run(list(map(str, [*motcua, "firstboot", *places])), check=True, env=environment, timeout=60)
    assert claim.encode() not in b"".join(path.read_bytes() for path in card.iterdir())
    office = subprocess.Popen(
        list(map(str, [*motcua, "office", "run", "--config", config, "--deliver-every-s", "0.2"])),
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert "office hoa-binh-01 is open" in office.stdout.readline()
        assert delivered(center)
    finally:
        office.terminate()
        office.communicate(timeout=SAFETY_S)
    assert not (data / "claim").exists()
    [device] = center.store.devices()
    assert (device.device, device.site, device.role) == ("hoa-binh-01", "29830", "office")


def delivered(center: CenterServer) -> bool:
    """Whether events of the box arrive in time."""
    pause = threading.Event()
    for _ in range(int(SAFETY_S / 0.1)):
        if any(epoch.upto > 0 for epoch in center.store.epochs("hoa-binh-01")):
            return True
        pause.wait(0.1)
    return False
