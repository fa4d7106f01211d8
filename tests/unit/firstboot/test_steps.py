import os
from pathlib import Path

import pytest
from sim_card import CLAIM, GOOD, HASH, SECRETS, WIFI, CutDisk, PowerCutError, ReadOnlyCard, SimBox

from appliance.accounts.setup_code import SetupFile
from appliance.config import load
from appliance.firstboot import Outcome
from appliance.firstboot.disk import RealDisk
from appliance.firstboot.steps import TAKEN_NAME
from appliance.setup_notice import SetupNotice


@pytest.fixture
def box(tmp_path: Path) -> SimBox:
    return SimBox(tmp_path / "box")


def test_a_good_card_makes_an_office(box: SimBox) -> None:
    assert box.start() is Outcome.SET_UP
    settings = load(box.places.config)
    assert settings.office.name == "Trung tâm Phục vụ hành chính công xã Hòa Bình"
    assert settings.office.name_en == "Hoa Binh Commune Public Service Center"
    assert (settings.office.device, settings.office.site) == ("hoa-binh-01", "29830")
    assert settings.office.data_dir == box.places.data
    assert (len(settings.services), len(settings.counters)) == (5, 3)
    assert settings.uplink.center == "https://motcua.example.gov.vn"
    claim = box.places.data / "claim"
    assert (claim.read_text(), claim.stat().st_mode & 0o777) == (f"{CLAIM}\n", 0o600)
    assert SetupFile(box.places.data).read() == HASH
    assert "ĐÃ THIẾT LẬP XONG" in box.result()
    assert SetupNotice.read(box.places.data) is None


def test_the_result_says_where_the_pages_are(box: SimBox) -> None:
    box.start()
    assert "Trang cán bộ: https://ĐỊA_CHỈ:8443, địa chỉ do bộ phát mạng cấp" in box.result()
    assert "rồi nối máy tính bằng cáp" in box.result()
    assert "Without a router" in box.result()
    static = 'mode = "static"\naddress = "10.0.0.5/24"\ngateway = "10.0.0.1"'
    box.put(GOOD.replace("[network]", f"[network]\n{static}"))
    box.start()
    assert "Trang cán bộ: https://10.0.0.5:8443\r\n" in box.result()
    assert "Pages for staff: https://10.0.0.5:8443\r\n" in box.result()
    assert "Without a router" not in box.result()


@pytest.mark.parametrize("role", ["office", "hotspot"])
def test_the_box_s_stick_is_looked_for_and_not_missed(box: SimBox, role: str) -> None:
    box.put(GOOD.replace("[device]", f'[device]\nrole = "{role}"'))
    assert box.start() is Outcome.SET_UP
    settings = load(box.places.config)
    assert settings.office.role == role
    assert settings.uplink.usb_dir == settings.backup.dir == Path("/media/motcua")
    assert settings.backup.mounted
    assert not settings.backup.expected


def test_files_have_the_mode_that_is_meant_whatever_the_unit_s_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        for mode in (0o600, 0o640, 0o644):
            RealDisk().replace(tmp_path / f"{mode:o}", b"", mode)
        assert os.umask(0o077) == 0o077
    finally:
        os.umask(before)
    assert {path.name: f"{path.stat().st_mode & 0o777:o}" for path in tmp_path.iterdir()} == {
        "600": "600",
        "640": "640",
        "644": "644",
    }


def test_no_secret_is_left_on_the_card_and_the_rest_is(box: SimBox) -> None:
    size = (box.places.card / "motcua.toml").stat().st_size
    box.start()
    assert not (box.places.card / "motcua.toml").exists()
    for path in box.places.card.iterdir():
        assert not any(secret.encode() in path.read_bytes() for secret in SECRETS), path
    taken = box.places.card / TAKEN_NAME
    assert taken.stat().st_size >= size
    assert 'commune = "29830"' in taken.read_text("utf-8")
    assert "# Thẻ của xã Hòa Bình" in taken.read_text("utf-8")


def test_the_secrets_are_written_over_in_place(box: SimBox) -> None:
    before = (box.places.card / "motcua.toml").stat().st_ino
    box.start()
    assert (box.places.card / TAKEN_NAME).stat().st_ino == before


def test_a_secret_in_a_comment_goes_with_the_comments(box: SimBox) -> None:
    box.put(f"# bản cũ: {CLAIM}\n{GOOD}")
    box.start()
    assert CLAIM not in (box.places.card / TAKEN_NAME).read_text("utf-8")


def test_the_next_starts_change_nothing(box: SimBox) -> None:
    box.start()
    before = box.files()
    assert box.start() is Outcome.NOTHING_NEW
    assert box.files() == before


def end_of_a_whole_start(folder: Path) -> tuple[dict[str, bytes], int]:
    counting = CutDisk(10**6, "before")
    box = SimBox(folder)
    box.start(counting)
    return box.files(), 10**6 - counting.left


@pytest.mark.parametrize("when", ["before", "within", "after"])
def test_a_power_cut_at_any_step_is_made_good_by_the_next_start(tmp_path: Path, when: str) -> None:
    wanted, steps = end_of_a_whole_start(tmp_path / "whole")
    assert steps >= 10
    for step in range(1, steps + 1):
        box = SimBox(tmp_path / f"{when}-{step}")
        with pytest.raises(PowerCutError):
            box.start(CutDisk(step, when))
        box.start()
        assert box.files() == wanted, step
        assert box.start() is Outcome.NOTHING_NEW


def test_two_power_cuts_are_made_good_too(tmp_path: Path) -> None:
    wanted, steps = end_of_a_whole_start(tmp_path / "whole")
    for first in range(1, steps + 1):
        for second in range(1, 4):
            box = SimBox(tmp_path / f"{first}-{second}")
            for step in (first, second):
                try:
                    box.start(CutDisk(step, "within"))
                except PowerCutError:
                    continue
            box.start()
            assert box.files() == wanted, (first, second)


def test_a_card_that_was_taken_does_not_bring_an_old_setup_code_back(box: SimBox) -> None:
    box.start()
    newer = HASH[:-1] + "A"
    SetupFile(box.places.data).write(newer)
    box.put(GOOD)
    assert box.start() is Outcome.SET_UP
    assert (box.places.data / "setup-code").read_text() == f"{newer}\n"
    assert not (box.places.card / "motcua.toml").exists()


def test_a_missing_file_is_setup_mode_and_says_so(tmp_path: Path) -> None:
    box = SimBox(tmp_path / "box", text=None)
    assert box.start() is Outcome.SETUP_MODE
    notice = SetupNotice.read(box.places.data)
    assert notice is not None
    assert not notice.is_set_up
    assert "hãy chép vào phân vùng đầu tiên" in notice.mistakes[0].message_vi
    assert "CHƯA THIẾT LẬP ĐƯỢC" in box.result()
    box.put(GOOD)
    assert box.start() is Outcome.SET_UP
    assert SetupNotice.read(box.places.data) is None


def test_a_hidden_ending_is_named(tmp_path: Path) -> None:
    box = SimBox(tmp_path / "box", text=None)
    (box.places.card / "motcua.toml.txt").write_text(GOOD)
    box.start()
    assert "nhưng có motcua.toml.txt" in box.result()


def test_a_wrong_file_takes_nothing_and_lists_everything(box: SimBox) -> None:
    box.put(GOOD.replace("29830", "99999").replace("https:", "ftp:").replace("[device]", "[devise]"))
    assert box.start() is Outcome.SETUP_MODE
    places = [each.place.partition(" =")[0] for each in SetupNotice.read(box.places.data).mistakes]
    assert places == [
        "motcua.toml: site.commune",
        "motcua.toml: device.id",
        "motcua.toml: center.url",
        "motcua.toml: devise",
    ]
    assert sorted(path.name for path in box.places.data.iterdir()) == ["setup.json"]
    assert not box.places.config.exists()
    assert CLAIM not in box.result()


def test_another_box_card_leaves_the_office_as_it_is(box: SimBox) -> None:
    box.start()
    before = box.places.config.read_bytes()
    box.put(GOOD.replace("hoa-binh-01", "hoa-binh-02"))
    assert box.start() is Outcome.REFUSED
    assert box.places.config.read_bytes() == before
    notice = SetupNotice.read(box.places.data)
    assert notice.is_set_up
    assert "đã được thiết lập là hoa-binh-01" in notice.mistakes[0].message_vi
    assert "VĂN PHÒNG VẪN MỞ" in box.result()
    (box.places.card / "motcua.toml").unlink()
    assert box.start() is Outcome.NOTHING_NEW
    assert SetupNotice.read(box.places.data) is None


def test_a_new_claim_and_network_come_by_card_and_the_settings_in_use_stay(box: SimBox) -> None:
    box.start()
    changed = box.places.config.read_text("utf-8").replace("Quầy 3", "Quầy ba")
    box.places.config.write_text(changed, "utf-8")
    text = GOOD.replace(CLAIM, "hoa-binh-01.another").replace(
        "[network]", '[network]\nmode = "static"\naddress = "10.0.0.5/24"\ngateway = "10.0.0.1"'
    )
    box.put(text.replace(f'wifi_password = "{WIFI}"\n', ""))
    wifi = (box.places.network / "wpa_supplicant-wlan0.conf").read_bytes()
    assert box.start() is Outcome.SET_UP
    assert box.places.config.read_text("utf-8") == changed
    assert (box.places.data / "claim").read_text() == "hoa-binh-01.another\n"
    cable = (box.places.network / "20-motcua-cable.network").read_text()
    assert "Address=10.0.0.5/24\nGateway=10.0.0.1\nDNS=10.0.0.1\n" in cable
    assert (box.places.network / "wpa_supplicant-wlan0.conf").read_bytes() == wifi


def test_wifi_gets_the_key_and_not_the_password(box: SimBox) -> None:
    box.start()
    path = box.places.network / "wpa_supplicant-wlan0.conf"
    text = path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    assert f"\tssid={'UBND Hòa Bình'.encode().hex()}\n" in text
    assert WIFI not in text
    assert "\tpsk=" in text


def test_a_damaged_office_toml_is_setup_mode_and_is_not_written_over(box: SimBox) -> None:
    box.places.config.parent.mkdir(parents=True)
    box.places.config.write_text("[office]\n")
    assert box.start() is Outcome.SETUP_MODE
    assert box.places.config.read_text() == "[office]\n"
    assert SetupNotice.read(box.places.data).mistakes[0].place.startswith("office.toml: ")


def test_a_card_that_cannot_be_written_sets_the_box_up_and_asks_to_erase_by_hand(box: SimBox) -> None:
    assert box.start(ReadOnlyCard(box.places.card)) is Outcome.REFUSED
    notice = SetupNotice.read(box.places.data)
    assert notice.is_set_up
    assert "hãy tự xóa tệp motcua.toml" in notice.mistakes[0].message_vi
    assert load(box.places.config).office.device == "hoa-binh-01"
    assert box.start() is Outcome.SET_UP


def test_a_data_partition_that_cannot_be_written_is_setup_mode(tmp_path: Path) -> None:
    box = SimBox(tmp_path / "box")

    class Full(RealDisk):
        def replace(self, *_: object) -> None:
            raise OSError(28, "No space left on device")

    assert box.start(Full()) is Outcome.SETUP_MODE
    assert not box.places.config.exists()
