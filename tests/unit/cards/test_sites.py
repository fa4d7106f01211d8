from pathlib import Path

import pytest

from appliance.firstboot import CardError, loads
from appliance.sheet import SheetError
from provisioning.card import papers
from provisioning.card.labels import subject
from provisioning.card.papers import Paper
from provisioning.card.sites import CenterFacts, read

CENTER = CenterFacts(
    "https://motcua.example.gov.vn", "tinh-mau", "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
)
CLAIMS = "device,site,role,claim,expires_at\nb1,29830,office,b1.secret,x\nb2,04795,display,b2.secret,x\n"


class Lists:
    def __init__(self, folder: Path) -> None:
        self.sites, self.claims = folder / "sites.csv", folder / "claims.csv"
        self.claims.write_text(CLAIMS)

    def read(self, text: str, center: CenterFacts = CENTER):
        self.sites.write_text(text)
        return read(self.sites, self.claims, center)

    def complaints(self, text: str) -> list[str]:
        with pytest.raises(SheetError) as caught:
            self.read(text)
        assert len(caught.value.vi().splitlines()) == len(str(caught.value).splitlines())
        return str(caught.value).splitlines()


@pytest.fixture
def lists(tmp_path: Path) -> Lists:
    return Lists(tmp_path)


def test_a_row_becomes_a_card(lists: Lists) -> None:
    text = (
        "commune;device;role;name;board;preset;address;gateway;dns;wifi_ssid;wifi_password\n"
        '29830;b1;office;"Xã ""Hòa Bình""";pi3;small;10.0.0.5/24;10.0.0.1;10.0.0.2 10.0.0.3;Nhà;12345678\n'
        "4795;b2;display;;;;;;;;\n"
    )
    first, second = lists.read(text)
    card = loads(first.text(CENTER, None).encode())
    assert (card.site.name, card.device.board, card.office.preset) == ('Xã "Hòa Bình"', "pi3", "small")
    assert (card.network.mode, card.network.dns) == ("static", ("10.0.0.2", "10.0.0.3"))
    assert (card.network.wifi_ssid, card.network.wifi_password) == ("Nhà", "12345678")
    assert card.center.claim == "b1.secret"
    assert first.url == "https://10.0.0.5:8443/"
    assert loads(second.text(CENTER, None).encode()).site_id == second.site == "04795"
    assert (second.name, second.url) == ("Trung tâm Phục vụ hành chính công phường Hòa Bình", "")


def test_the_public_wifi_of_a_row_is_on_its_card(lists: Lists) -> None:
    named, none = lists.read(
        "commune,device,role,public_ssid\n29830,b1,office,WiFi xã Hòa Bình\n04795,b2,display,\n"
    )
    assert loads(named.text(CENTER, None).encode()).hotspot.ssid == "WiFi xã Hòa Bình"
    assert "[hotspot]" not in none.text(CENTER, None)
    [told] = lists.complaints(f"commune,device,role,public_ssid\n29830,b1,office,{'W' * 33}\n")
    assert told.startswith("sites.csv: line 2, column public_ssid (D)")


@pytest.mark.parametrize(
    ("row", "place"),
    [
        ("1,b1,office,,,", "line 2, column commune (A)"),
        ("29830,b 1,office,,,", "line 2, column device (B)"),
        ("29830,b1,chief,,,", "line 2, column role (C)"),
        ("29830,b1,office,10.0.0.5,10.0.0.1,", "line 2, column address (D)"),
        ("29830,b1,office,10.0.0.5/24,10.1.0.1,", "line 2, column gateway (E)"),
        ("29830,b1,office,10.0.0.5/24,,", "line 2, column gateway (E): mode"),
        ("29830,b1,office,,,short", "line 2, column wifi_password (F)"),
        ("29830,b3,office,,,", "line 2, column device (B)"),
        ("04795,b1,office,,,", "line 2, column device (B)"),
        ("29830,b1,display,,,", "line 2, column device (B)"),
    ],
)
def test_a_mistake_is_told_with_line_and_column(lists: Lists, row: str, place: str) -> None:
    [told] = lists.complaints(f"commune,device,role,address,gateway,wifi_password\n{row}\n")
    assert told.startswith(f"sites.csv: {place.partition(': ')[0]}")


def test_all_mistakes_come_at_once(lists: Lists) -> None:
    told = lists.complaints("commune,device,role\n1,b1,office\n29830,b1,boss\n")
    assert len(told) == 3


def test_a_claim_that_is_none_is_not_shown(lists: Lists) -> None:
    lists.claims.write_text(CLAIMS.replace("b1.secret", "b9.secret"))
    [told] = lists.complaints("commune,device,role\n29830,b1,office\n")
    assert "column claim" in told
    assert "secret" not in told


def test_a_wrong_center_is_not_a_mistake_of_the_list(lists: Lists) -> None:
    with pytest.raises(CardError, match=r"center\.url"):
        lists.read(
            "commune,device,role\n29830,b1,office\n", CenterFacts("ftp://x", CENTER.id, CENTER.thumbprint)
        )


def test_papers_are_kept_by_box(lists: Lists, tmp_path: Path) -> None:
    first, second = lists.read("commune,device,role\n29830,b1,office\n04795,b2,display\n")
    papers.keep(tmp_path, [Paper.of(first, "AAAA"), Paper.of(second, "")])
    kept = papers.keep(tmp_path, [Paper.of(first, "BBBB")])
    assert papers.read(tmp_path / papers.FILE_NAME) == kept
    assert {each.device: each.code for each in kept} == {"b1": "BBBB", "b2": ""}
    assert (tmp_path / papers.FILE_NAME).stat().st_mode & 0o777 == 0o600


def test_the_code_of_a_label_leads_to_the_pages_or_names_the_box(lists: Lists) -> None:
    [site] = lists.read("commune,device,role,url\n29830,b1,office,https://mot-cua.local:8443/\n")
    assert subject(Paper.of(site, "")) == "https://mot-cua.local:8443/"
    [site] = lists.read("commune,device,role\n29830,b1,office\n")
    assert subject(Paper.of(site, "")) == "motcua:29830/b1"
