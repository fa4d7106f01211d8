"""A box with a claim that the center refuses: the office is open, and its health says why and what to do."""

import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.config import loads
from appliance.office.enrolment import CLAIM
from appliance.office.root import Office, Surroundings
from center.serve import CenterServer

pytestmark = pytest.mark.integration

SAFETY_S = 60.0
TOML = """\
[office]
name = "Xã Hòa Bình"
device = "hoa-binh-01"
site = "29830"
data_dir = "{data}"
[uplink]
center = "{center}"
center_id = "center"
root_key_thumbprint = "{thumbprint}"
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
[web]
listen = "off"
[public]
listen = "off"
"""


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An office whose claim has another secret than the center knows."""
    data = tmp_path / "data"
    data.mkdir()
    with (
        tempfile.TemporaryDirectory(prefix="motcua-") as run,
        CenterServer.start(tmp_path / "center.db", tmp_path / "keys", port=0) as center,
    ):
        known = str(center.make_claim("hoa-binh-01", "29830", "office"))
        wrong = known[:-4] + ("AAAA" if known[-4:] != "AAAA" else "BBBB")
        (data / CLAIM).write_text(f"{wrong}\n", "ascii")
        thumbprint = center.keys.root_thumbprint
        text = TOML.format(data=data, center=center.url, thumbprint=thumbprint, run=run)
        subject = Office.open(loads(text), text.encode(), Surroundings(deliver_every_s=0.2))
        try:
            yield subject
        finally:
            subject.close()


def test_its_health_says_why_and_what_to_do(office: Office) -> None:
    health = heard(office)
    uplink = health["uplink"]
    assert uplink["enrolled"] is False
    assert uplink["error"] == "uplink.claim_refused"
    assert "ask the province for a new claim" in uplink["detail"]
    assert "Trung tâm từ chối mã đăng ký của hoa-binh-01" in uplink["detail_vi"]
    assert "Hãy xin mã mới" in uplink["detail_vi"]
    assert ["not_enrolled", "center"] in health["faults"]
    assert health["recording_stopped"] is None


def heard(office: Office) -> dict[str, Any]:
    """Wait for the center's refusal."""
    pause = threading.Event()
    for _ in range(int(SAFETY_S / 0.1)):
        health = office.health()
        if health["uplink"]["error"] and health["faults"]:
            return health
        pause.wait(0.1)
    raise AssertionError("the center never answered")
