"""The card that the recorded box starts from is one that its first start takes."""

from pathlib import Path

from guest_presses import CARD, HALL

from appliance.accounts.passwords import Argon2Hasher
from appliance.config import loads as load_office
from appliance.firstboot.card import loads as load_card
from appliance.firstboot.office_file import office_text


def test_it_becomes_an_office_with_the_buttons_of_the_emulated_board(tmp_path: Path):
    code = Argon2Hasher(memory_kib=64, passes=1).hash("7K3MQ9TX2FWD")
    card = load_card(CARD.format(code=code).encode())
    (tmp_path / "hall.toml").write_text(HALL, encoding="utf-8")
    settings = load_office(office_text(card, tmp_path, Path("/var/lib/motcua")))
    assert settings.hardware.board == "virt"
    assert [counter.rating_buttons for counter in settings.counters] == [1]
