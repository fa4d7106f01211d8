"""What a box without settings says of itself."""

from pathlib import Path

import pytest

from appliance.config import ConfigError, load, loads
from appliance.setup_mode.facts import NOT_TAKEN, SetupFacts, gather, mistakes
from appliance.setup_notice import FILE_NAME, Mistake, SetupNotice

OF_CARD = Mistake("motcua.toml: center.url", "must be https", "phải là https")
NOTICE = SetupNotice(is_set_up=False, mistakes=(OF_CARD,))


@pytest.fixture
def missing(tmp_path: Path) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "office.toml")
    return caught.value


def test_without_a_card_it_says_so(missing: ConfigError) -> None:
    assert mistakes(None, missing) == (NOT_TAKEN,)


def test_what_the_first_start_found_is_said_as_it_is(missing: ConfigError) -> None:
    assert mistakes(NOTICE, missing) == (OF_CARD,)


def test_wrong_settings_come_before_the_card_and_nothing_twice() -> None:
    with pytest.raises(ConfigError) as caught:
        loads("[office]\nname = 3\n")
    alone = mistakes(None, caught.value)
    assert any(each.place.startswith("office.toml: office.name = 3") for each in alone)
    assert mistakes(SetupNotice(is_set_up=False, mistakes=(*alone, OF_CARD)), caught.value) == (
        *alone,
        OF_CARD,
    )


def test_the_notice_is_read_anew_and_the_board_as_the_kernel_says(
    tmp_path: Path, missing: ConfigError
) -> None:
    (tmp_path / "model").write_bytes(b"Raspberry Pi 4 Model B Rev 1.5\0")
    before = gather(tmp_path, missing, device_tree=tmp_path)
    (tmp_path / FILE_NAME).write_bytes(NOTICE.to_bytes())
    after = gather(tmp_path, missing, device_tree=tmp_path)
    assert (before.mistakes, after.mistakes) == ((NOT_TAKEN,), (OF_CARD,))
    assert (after.model, after.serial) == ("Raspberry Pi 4 Model B Rev 1.5", "")


def test_addresses_become_what_a_technician_types() -> None:
    facts = SetupFacts((OF_CARD,), "", "", ("192.168.1.7", "fd00::2"), 8443, "")
    assert facts.urls == ("https://192.168.1.7:8443", "https://[fd00::2]:8443")
    assert SetupFacts((OF_CARD,), "", "", ("192.168.1.7",), None, "").urls == ()
    assert facts.told()["mistakes"][0]["place"] == "motcua.toml: center.url"
    assert facts.health()["issues"][0]["key"] == "setup_mode"
