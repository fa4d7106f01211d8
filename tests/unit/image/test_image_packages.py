"""What is on the box, and by which hashes."""

import re

import pytest

from provisioning.image.base import base_name, mmdebstrap
from provisioning.image.errors import NoSourceError
from provisioning.image.mirrors import Mirrors
from provisioning.image.packages import BASE, PROFILES, TOOLS, Profile, missing_packages
from provisioning.image.tree import DISABLED, ENABLED, EVERYWHERE, MASKED, PLACES, PROGRAMS
from provisioning.image.wheels import BUILT, LOCK, entries, platforms
from provisioning.image.workshop import check_machine

MIRRORS = Mirrors("http://m.example/debian")


def pins(path):
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;]+)", path.read_text(), re.MULTILINE))


def test_the_box_s_lock_is_part_of_the_one_lock(root):
    everything = pins(root / "requirements.lock")
    box = pins(LOCK)
    assert box.items() <= everything.items()
    assert {"fastapi", "gpiozero", "lgpio", "pyserial", "cryptography"} <= box.keys()


def test_no_tool_of_developers_is_on_the_box():
    assert not {"pytest", "mypy", "ruff", "playwright", "uv"} & pins(LOCK).keys()


def test_every_entry_of_the_lock_has_hashes():
    found = entries(LOCK.read_text())
    assert found.keys() == pins(LOCK).keys()
    assert all("--hash=sha256:" in entry for entry in found.values())
    assert set(BUILT) <= found.keys()


def test_no_registry_is_named_in_the_lock():
    assert "://" not in LOCK.read_text()


def test_wheels_of_the_box_s_python_and_c_library_are_taken():
    words = platforms()
    assert {"--python-version=3.13", "--abi=cp313", "--abi=abi3", "--platform=any"} <= set(words)
    assert "--platform=manylinux_2_28_aarch64" in words
    assert not any("x86" in word for word in words)


def test_lists_are_sorted_and_say_everything_once():
    for packages in PROFILES.values():
        assert list(packages) == sorted(set(packages))


def test_the_cache_s_name_follows_from_what_is_in_it():
    assert base_name(BASE) == base_name(tuple(reversed(BASE)))
    assert base_name(BASE) != base_name((*BASE, "espeak-ng"))


def test_missing_programs_are_one_line_of_apt():
    assert missing_packages(lambda _program: True) == []
    assert missing_packages(lambda program: program not in {"mcopy", "genimage"}) == ["genimage", "mtools"]
    assert missing_packages(lambda _program: False) == sorted(set(TOOLS.values()))


def test_debian_s_packages_come_from_the_cache_and_go_into_it(tmp_path):
    command = mmdebstrap(tmp_path / "base.tar", ("udev", "chrony"), MIRRORS, tmp_path / "debs")
    assert "--include=chrony,udev" in command
    assert "--format=tar" in command
    assert command[-3:] == [str(tmp_path / "base.tar"), *MIRRORS.lines()]
    assert any(word.startswith("--setup-hook=sync-in") for word in command)
    assert any(word.startswith("--customize-hook=sync-out") for word in command)


def test_every_kind_of_file_below_systemd_has_its_place(root):
    placed = {path for pattern in PLACES for path in (root / "systemd").glob(pattern)}
    files = {path for path in (root / "systemd").rglob("*") if path.is_file()}
    assert files - placed == {root / "systemd" / name for name in PROGRAMS}


@pytest.mark.parametrize("profile", Profile)
def test_the_units_that_are_switched_on_are_ours_or_debian_s(root, profile):
    ours = {name for name in ENABLED[profile] if name.startswith("motcua-")}
    assert all((root / "systemd" / name).is_file() for name in ours)
    assert not set(ENABLED[profile]) & {*DISABLED[profile], *MASKED}
    others = {path.name for path in (root / "systemd").glob("*.service")} - ours
    screen = set() if "chromium" in PROFILES[profile] else {"motcua-display.service"}
    asked_for = {f"motcua-{name}.service" for name in ("gate-test", "hotspot", "public", "records", "synced")}
    assert others == asked_for | screen


def test_every_box_records_and_delivers():
    assert ENABLED.keys() == PROFILES.keys() == DISABLED.keys() == set(Profile)
    assert "motcua-office.service" in EVERYWHERE
    for profile in Profile:
        assert set(EVERYWHERE) <= set(ENABLED[profile])
        assert set(BASE) <= set(PROFILES[profile])


def test_a_screen_has_all_it_needs_and_a_hotspot_none_of_it():
    for profile in (Profile.OFFICE, Profile.DISPLAY):
        assert {"cage", "chromium", "seatd"} <= set(PROFILES[profile])
        assert {"motcua-display.service", "seatd.service"} <= set(ENABLED[profile])
    assert not {"cage", "chromium", "seatd"} & set(PROFILES[Profile.HOTSPOT])


def test_what_serves_strangers_waits_for_settings():
    for profile in (Profile.OFFICE, Profile.HOTSPOT):
        assert {"dnsmasq-base", "hostapd", "radvd"} <= set(PROFILES[profile])
        assert set(DISABLED[profile]) == {"hostapd.service", "radvd.service"}


def test_nothing_is_built_outside_a_source_tree(tmp_path):
    with pytest.raises(NoSourceError):
        check_machine(tmp_path)
