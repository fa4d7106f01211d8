"""From a card to an office that enrolls: the commands and the processes that a box has."""

from pathlib import Path

import pytest
from authority import VALID, Authority
from card_box import Box, card_for, delivered
from tls_front import TlsFront

from appliance.config import load
from center.serve import CenterServer

pytestmark = pytest.mark.integration


@pytest.fixture
def center(tmp_path: Path):
    with CenterServer.start(tmp_path / "center.db", tmp_path / "keys", port=0) as server:
        yield server


@pytest.fixture
def box(tmp_path: Path, environment: dict[str, str]) -> Box:
    return Box(tmp_path, environment)


def test_a_card_becomes_an_office_that_enrolls_and_forgets_its_claim(box: Box, center: CenterServer) -> None:
    text, claim = card_for(center, center.url)
    box.set_up(text)
    assert claim.encode() not in b"".join(path.read_bytes() for path in box.card.iterdir())
    with box.office():
        assert delivered(center)
    assert not (box.data / "claim").exists()
    [device] = center.store.devices()
    assert (device.device, device.site, device.role) == ("hoa-binh-01", "29830", "office")


@pytest.mark.parametrize("role", ["hotspot", "display"])
def test_a_box_without_a_hall_records_and_delivers_as_every_box(
    box: Box, center: CenterServer, role: str
) -> None:
    text, _ = card_for(center, center.url, role)
    box.set_up(text)
    settings = load(box.config)
    assert (settings.services, settings.counters, settings.hardware.pin_factory) == ((), (), "none")
    assert settings.hotspot.enabled is (role == "hotspot")
    with box.office():
        assert delivered(center)
        assert box.health()["uplink"]["enrolled"]
    assert [each.role for each in center.store.devices()] == [role]


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
