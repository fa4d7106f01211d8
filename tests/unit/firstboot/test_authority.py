"""The province's own CA: from a file on the card to the copy beside office.toml."""

from pathlib import Path

import pytest
from sim_ca import ca
from sim_card import CLAIM, GOOD, CutDisk, PowerCutError, SimBox

from appliance.config import load
from appliance.firstboot import CardError, Outcome, loads
from appliance.firstboot.authority import certificates
from appliance.firstboot.card import MAX_BYTES
from appliance.setup_notice import SetupNotice

OWN, KEY = ca("province")
OTHER, _ = ca("another province")
NAMED = GOOD.replace("[center]", '[center]\nca = "center-ca.pem"')


def box_with(folder: Path, pem: bytes | None, text: str = NAMED) -> SimBox:
    box = SimBox(folder, text)
    if pem is not None:
        put(box, pem)
    return box


def put(box: SimBox, pem: bytes) -> None:
    (box.places.card / "center-ca.pem").write_bytes(pem)


def kept(box: SimBox) -> bytes:
    return (box.places.config.parent / "center-ca.pem").read_bytes()


def test_the_file_is_copied_and_named_by_the_settings(tmp_path: Path) -> None:
    box = box_with(tmp_path / "box", OWN)
    assert box.start() is Outcome.SET_UP
    copy = box.places.config.parent / "center-ca.pem"
    assert load(box.places.config).uplink.ca_file == copy
    assert (copy.read_bytes(), copy.stat().st_mode & 0o777) == (OWN, 0o644)
    assert box.start() is Outcome.NOTHING_NEW


@pytest.mark.parametrize("role", ["hotspot", "display"])
def test_boxes_without_a_hall_take_it_too(tmp_path: Path, role: str) -> None:
    box = box_with(tmp_path / "box", OWN, NAMED.replace("[network]", f'role = "{role}"\n[network]'))
    assert box.start() is Outcome.SET_UP, box.result()
    assert load(box.places.config).uplink.ca_file == box.places.ca_file


def test_a_card_without_it_leaves_the_public_certificates(tmp_path: Path) -> None:
    box = box_with(tmp_path / "box", OWN, GOOD)
    assert box.start() is Outcome.SET_UP
    assert load(box.places.config).uplink.ca_file is None
    assert not box.places.ca_file.exists()


def test_only_certificates_are_kept() -> None:
    messy = b"\xef\xbb\xbf" + OWN.replace(b"\n", b"\r\n") + "ghi chú của tỉnh\r\n".encode() + OTHER
    assert certificates(messy, "x.pem") == OWN + OTHER


@pytest.mark.parametrize(
    ("pem", "rule"),
    [
        (None, "không có tệp này trên thẻ"),
        (b"", "không có chứng thư dạng PEM"),
        (b"\x30\x82\x01\x00", "không có chứng thư dạng PEM"),
        (OWN[:-80], "không có chứng thư dạng PEM"),
        (OWN + OTHER.replace(b"M", b"N"), "không có chứng thư dạng PEM"),
        (OWN + KEY, "chứa khóa bí mật"),
        (OWN * (MAX_BYTES // len(OWN) + 1), "lớn hơn 64 KiB"),
    ],
)
def test_a_wrong_file_is_named_by_its_key_and_takes_nothing(
    tmp_path: Path, pem: bytes | None, rule: str
) -> None:
    box = box_with(tmp_path / "box", pem)
    assert box.start() is Outcome.SETUP_MODE
    [mistake] = SetupNotice.read(box.places.data).mistakes
    assert mistake.place == 'motcua.toml: center.ca = "center-ca.pem"'
    assert rule in mistake.message_vi
    assert not box.places.config.parent.exists()
    assert CLAIM.encode() in (box.places.card / "motcua.toml").read_bytes()
    put(box, OWN)
    assert box.start() is Outcome.SET_UP


def test_a_file_that_is_missing_beside_the_card_is_not_taken_for_the_card_itself(tmp_path: Path) -> None:
    box = SimBox(tmp_path / "box", f'{GOOD}\n[office]\nfile = "mau.toml"\n')
    box.start()
    assert "hãy đổi tên" not in box.result()


def test_a_path_is_no_name() -> None:
    with pytest.raises(CardError, match="next to motcua"):
        loads(NAMED.replace("center-ca.pem", "../center-ca.pem").encode())


def test_a_later_card_with_another_ca_replaces_the_copy_and_nothing_else(tmp_path: Path) -> None:
    box = box_with(tmp_path / "box", OWN)
    box.start()
    config = box.places.config.read_bytes()
    put(box, OTHER)
    box.put(NAMED)
    assert box.start() is Outcome.SET_UP
    assert kept(box) == OTHER
    assert box.places.config.read_bytes() == config


def test_a_later_card_brings_the_first_one(tmp_path: Path) -> None:
    box = SimBox(tmp_path / "box")
    box.start()
    changed = box.places.config.read_text("utf-8").replace("Quầy 3", "Quầy ba")
    box.places.config.write_text(changed, "utf-8")
    put(box, OWN)
    box.put(NAMED)
    assert box.start() is Outcome.SET_UP
    settings = load(box.places.config)
    assert (settings.uplink.ca_file, kept(box)) == (box.places.ca_file, OWN)
    assert "Quầy ba" in box.places.config.read_text("utf-8")


def test_a_later_card_with_a_wrong_ca_leaves_the_office_and_its_copy(tmp_path: Path) -> None:
    box = box_with(tmp_path / "box", OWN)
    box.start()
    put(box, b"x")
    box.put(NAMED)
    assert box.start() is Outcome.REFUSED
    assert kept(box) == OWN
    assert SetupNotice.read(box.places.data).is_set_up


def whole(box: SimBox) -> tuple[dict[str, bytes], int]:
    counting = CutDisk(10**6, "before")
    box.start(counting)
    return box.files(), 10**6 - counting.left


@pytest.mark.parametrize("when", ["before", "within", "after"])
def test_a_power_cut_at_any_step_of_a_first_card_is_made_good(tmp_path: Path, when: str) -> None:
    wanted, steps = whole(box_with(tmp_path / "whole", OWN))
    for step in range(1, steps + 1):
        box = box_with(tmp_path / f"{when}-{step}", OWN)
        with pytest.raises(PowerCutError):
            box.start(CutDisk(step, when))
        settings = box.places.config.exists() and load(box.places.config)
        assert not settings or settings.uplink.ca_file.exists()
        box.start()
        assert box.files() == wanted, step
        assert box.start() is Outcome.NOTHING_NEW


def second(folder: Path) -> SimBox:
    """A box set up under the public certificates that finds a card with a CA."""
    box = SimBox(folder)
    box.start()
    put(box, OWN)
    box.put(NAMED)
    return box


@pytest.mark.parametrize("when", ["before", "within", "after"])
def test_a_power_cut_at_any_step_of_a_later_card_is_made_good(tmp_path: Path, when: str) -> None:
    wanted, steps = whole(second(tmp_path / "whole"))
    for step in range(1, steps + 1):
        box = second(tmp_path / f"{when}-{step}")
        with pytest.raises(PowerCutError):
            box.start(CutDisk(step, when))
        named = load(box.places.config).uplink.ca_file
        assert named is None or named.exists()
        box.start()
        assert box.files() == wanted, step
