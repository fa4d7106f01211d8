import re
from pathlib import Path

import pytest
from sim_card import CLAIM, GOOD, HASH, WIFI, SimBox

from appliance.communes import communes, find, normal_code
from appliance.config import load as load_settings
from appliance.config.hotspot import Hotspot
from appliance.firstboot import CardError, Outcome, loads
from appliance.firstboot.card import MAX_BYTES
from appliance.firstboot.erasing import padded
from appliance.firstboot.sentences import SENTENCES
from appliance.setup_notice import SetupNotice


def rules(text: str | bytes) -> list[tuple[str, str]]:
    with pytest.raises(CardError) as caught:
        loads(text if isinstance(text, bytes) else text.encode())
    return [(each.key, each.rule) for each in caught.value.problems]


def test_the_communes_are_those_since_july_2025() -> None:
    assert len(communes()) == 3321
    assert len({each.province for each in communes().values()}) == 34
    assert find("29830").name == "Xã Hòa Bình"
    assert find("4795").name == find("04795").name == "Phường Hòa Bình"
    assert find("00001") is None  # the ward Phúc Xá of before
    assert (normal_code("12a"), normal_code("123456"), normal_code("")) == (None, None, None)
    assert {each.kind for each in communes().values()} == {"xã", "phường", "đặc khu"}


def test_every_commune_has_office_names_that_fit() -> None:
    for each in communes().values():
        assert len(each.office_name) <= 120
        assert set(each.office_name_en) <= {*map(chr, range(128)), *"–’"}, each.office_name_en


def test_a_good_card_is_read() -> None:
    card = loads(("\ufeff" + GOOD.replace("\n", "\r\n")).encode())
    assert (card.site.commune, card.device.id, card.device.role) == ("29830", "hoa-binh-01", "office")
    assert card.secrets == (CLAIM, HASH, WIFI)
    assert loads(GOOD.replace("29830", " 29830").encode()).digest == card.digest


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("29830", "00001", ("site.commune", "card.commune")),
        ('"29830"', "29830", ("site.commune", "string_type")),
        (CLAIM, "hoa-binh-01", ("center.claim", "card.claim")),
        (CLAIM, "other.secret", ("center.claim", "card.claim_device")),
        (HASH, "7K3M-Q9TX-2FWD", ("setup.code_hash", "card.code_hash")),
        (WIFI, "ngắn", ("network.wifi_password", "card.password")),
        ('wifi_ssid = "UBND Hòa Bình"', "", ("network.wifi_password", "card.wifi")),
        ("UBND Hòa Bình", "Ủy ban nhân dân xã Hòa Bình", ("network.wifi_ssid", "card.ssid")),
        ("[network]", '[network]\nmode = "static"', ("network.address", "card.static")),
        ("[network]", '[network]\naddress = "10.0.0.5/24"', ("network.address", "card.dhcp")),
        ("[network]", '[network]\nmode = "none"', ("network.mode", "literal_error")),
        ("[network]", '[network]\ndns = ["x"]', ("network.dns[0]", "card.host")),
        ("https://", "http://", ("center.url", "url.insecure")),
        ("[setup]", "[office]\nfile = '../x'\n[setup]", ("office.file", "card.file")),
        ("[setup]", "[setup]\ncode = 'x'", ("setup.code", "key.unknown")),
        ('id = "tinh-mau"\n', "", ("center.id", "missing")),
    ],
    # The hash is another in every process: ids must not have it.
    ids=lambda value: value[1] if isinstance(value, tuple) else "",
)
def test_a_mistake_is_named_by_its_key(old: str, new: str, expected: tuple[str, str]) -> None:
    assert old in GOOD
    assert expected in rules(GOOD.replace(old, new, 1))


@pytest.mark.parametrize(
    ("address", "gateway", "expected"),
    [
        ("10.0.0.5", "10.0.0.1", ("network.address", "card.address")),
        ("10.0.0.5/31", "10.0.0.1", ("network.address", "card.address")),
        ("10.0.0.5/24", "10.0.1.1", ("network.gateway", "card.gateway")),
        ("10.0.0.5/24", "router", ("network.gateway", "card.host")),
    ],
)
def test_a_static_address_needs_a_router_in_its_network(address: str, gateway: str, expected: object) -> None:
    lines = f'[network]\nmode = "static"\naddress = "{address}"\ngateway = "{gateway}"'
    assert expected in rules(GOOD.replace("[network]", lines))


def test_a_whole_table_that_is_missing_is_named_by_what_it_needs() -> None:
    assert rules("") == [
        ("site.commune", "missing"),
        ("device.id", "missing"),
        ("center.url", "missing"),
        ("center.id", "missing"),
        ("center.root_key_thumbprint", "missing"),
    ]


def test_files_of_another_kind_are_one_problem() -> None:
    assert rules(b"\xff\xfe\x00") == [("line 1", "file.encoding")]
    assert rules('[site]\ncommune = "1\n') == [("line 2, column 13", "toml.syntax")]
    assert rules("a." * 400 + "a = 1") == [("line 1", "toml.long_line")]
    assert rules("x = " + "[" * 450) != []


def test_no_problem_shows_a_secret() -> None:
    for secret in (CLAIM, HASH, WIFI):
        with pytest.raises(CardError) as caught:
            loads(GOOD.replace(secret, "bí mật").encode())
        assert "bí mật" not in str(caught.value)


def test_every_sentence_has_both_languages() -> None:
    assert all(english and vietnamese and english != vietnamese for english, vietnamese in SENTENCES.values())


def test_too_large_is_another_file(tmp_path) -> None:
    box = SimBox(tmp_path / "box", "#" * (MAX_BYTES + 1))
    assert box.start() is Outcome.SETUP_MODE
    assert "đây là tệp khác" in box.result()


def test_padding_covers_what_was_there() -> None:
    assert padded("á", 5) == "á".encode() + b"\n\n\n"
    assert padded("abc", 1) == b"abc"


@pytest.mark.parametrize(
    ("line", "counters", "board"),
    [('[office]\npreset = "small"', 1, "pi4"), ("", 3, "pi4")],
)
def test_presets_are_offices(tmp_path, line: str, counters: int, board: str) -> None:
    box = SimBox(tmp_path / "box", f"{GOOD}\n{line}\n")
    assert box.start() is Outcome.SET_UP
    settings = load_settings(box.places.config)
    assert (len(settings.services), len(settings.counters)) == (5, counters)
    assert settings.hardware.board == board


@pytest.mark.parametrize("board", ["pi3", "zero2w", "virt", "none"])
@pytest.mark.parametrize("preset", ["small", "standard"])
def test_presets_fit_every_board(tmp_path, board: str, preset: str) -> None:
    text = GOOD.replace('id = "hoa-binh-01"', f'id = "hoa-binh-01"\nboard = "{board}"')
    box = SimBox(tmp_path / "box", f'{text}\n[office]\npreset = "{preset}"\n')
    assert box.start() is Outcome.SET_UP, box.result()
    assert load_settings(box.places.config).hardware.board == board


@pytest.mark.parametrize("role", ["hotspot", "display"])
def test_a_box_without_a_hall_has_no_counters(tmp_path, role: str) -> None:
    box = SimBox(tmp_path / "box", GOOD.replace("[network]", f'role = "{role}"\n[network]'))
    assert box.start() is Outcome.SET_UP, box.result()
    settings = load_settings(box.places.config)
    assert (settings.office.role, settings.counters) == (role, ())


ALONE = re.sub(r"wifi_\w+ = .*\n", "", GOOD)
"""A card of a box whose radio has nothing to do."""


def hotspot_of(folder: Path, text: str) -> Hotspot:
    box = SimBox(folder, text)
    assert box.start() is Outcome.SET_UP, box.result()
    return load_settings(box.places.config).hotspot


@pytest.mark.parametrize("role", ["hotspot", "office"])
def test_the_public_wifi_that_the_card_names_is_on(tmp_path: Path, role: str) -> None:
    text = ALONE.replace("[network]", f'role = "{role}"\n[network]')
    named = hotspot_of(tmp_path / "box", f'{text}\n[hotspot]\nssid = "WiFi phường Hòa Bình"\n')
    assert named == Hotspot(enabled=True, ssid="WiFi phường Hòa Bình")


def test_a_box_for_it_has_public_wifi_without_a_name_as_well(tmp_path: Path) -> None:
    text = ALONE.replace("[network]", 'role = "hotspot"\n[network]')
    assert hotspot_of(tmp_path / "box", text) == Hotspot(enabled=True)


@pytest.mark.parametrize("role", ["office", "display"])
def test_other_boxes_have_none_that_nobody_named(tmp_path: Path, role: str) -> None:
    text = ALONE.replace("[network]", f'role = "{role}"\n[network]')
    assert hotspot_of(tmp_path / "box", text) == Hotspot()


def test_a_box_that_shows_the_hall_offers_none(tmp_path: Path) -> None:
    text = ALONE.replace("[network]", 'role = "display"\n[network]')
    assert not hotspot_of(tmp_path / "box", f'{text}\n[hotspot]\nssid = "WiFi"\n').enabled


@pytest.mark.parametrize("role", ["hotspot", "office"])
def test_a_radio_that_joins_a_network_does_not_offer_one(tmp_path: Path, role: str) -> None:
    text = GOOD.replace("[network]", f'role = "{role}"\n[network]')
    named = hotspot_of(tmp_path / "box", f'{text}\n[hotspot]\nssid = "WiFi Hòa Bình"\n')
    assert named == Hotspot(ssid="WiFi Hòa Bình")


def test_a_name_that_no_radio_can_say_is_told_with_its_key(tmp_path: Path) -> None:
    box = SimBox(tmp_path / "box", f'{ALONE}\n[hotspot]\nssid = "{"ộ" * 11}"\n')
    assert box.start() is Outcome.SETUP_MODE
    [mistake] = SetupNotice.read(box.places.data).mistakes
    assert "hotspot.ssid" in mistake.place
    assert "32 byte" in mistake.message_vi


def test_the_public_wifi_of_an_office_toml_beside_it_is_named_by_the_card(tmp_path: Path) -> None:
    from appliance.config import example

    box = SimBox(tmp_path / "box", f'{ALONE}\n[office]\nfile = "mau.toml"\n[hotspot]\nssid = "WiFi A"\n')
    (box.places.card / "mau.toml").write_text(example(), "utf-8")
    assert box.start() is Outcome.SET_UP
    hotspot = load_settings(box.places.config).hotspot
    assert (hotspot.enabled, hotspot.ssid) == (True, "WiFi A")
    assert "# tên mạng, tối đa 32 byte" in box.places.config.read_text("utf-8")


def test_an_office_toml_beside_it_is_the_beginning(tmp_path) -> None:
    box = SimBox(tmp_path / "box", f'{GOOD}\n[office]\nfile = "mau.toml"\n')
    assert box.start() is Outcome.SETUP_MODE
    assert SetupNotice.read(box.places.data).mistakes[0].place == "mau.toml"
    from appliance.config import example

    (box.places.card / "mau.toml").write_bytes(example().replace("\n", "\r\n").encode())
    assert box.start() is Outcome.SET_UP
    settings = load_settings(box.places.config)
    assert (settings.office.device, settings.office.site) == ("hoa-binh-01", "29830")
    assert settings.office.name == "Trung tâm Phục vụ hành chính công xã Hòa Bình"
    assert [bus.id for bus in settings.hardware.buses] == ["ban-phim", "bang-led"]
