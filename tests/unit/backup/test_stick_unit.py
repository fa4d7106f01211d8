"""The unit that mounts the stick: nothing waits for it, nothing on it is run, the settings name it."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
UNIT = (ROOT / "systemd" / "media-motcua.mount").read_text("utf-8").splitlines()
RULE = (ROOT / "systemd" / "udev" / "rules.d" / "80-motcua-stick.rules").read_text("utf-8")


def test_nothing_on_a_stick_is_run_and_the_office_owns_it() -> None:
    (options,) = (line.removeprefix("Options=").split(",") for line in UNIT if line.startswith("Options="))
    assert {"nodev", "nosuid", "noexec", "uid=motcua", "gid=motcua"} <= set(options)
    assert "flush" not in options  # exFAT refuses to be mounted with it


def test_no_unit_waits_for_the_stick() -> None:
    assert "DefaultDependencies=no" in UNIT
    assert "LazyUnmount=yes" in UNIT
    assert "[Install]" not in UNIT
    waits = re.compile(r"^(?:After|Requires|Wants|BindsTo|RequiresMountsFor)=.*media", re.MULTILINE)
    units = [path for kind in ("service", "socket", "timer") for path in (ROOT / "systemd").glob(f"*.{kind}")]
    assert [path.name for path in units if waits.search(path.read_text("utf-8"))] == []


CARD = '[restore]\nfrom = "usb"\n'
WAIT = "udevadm wait --timeout=20 /dev/disk/by-label/MOTCUA"


@pytest.mark.parametrize(
    ("card", "fails", "asked"),
    [
        (CARD, "", [WAIT, "systemctl start media-motcua.mount"]),
        (CARD, "udevadm", [WAIT]),
        (CARD.replace("usb", "nothing"), "", []),
        (None, "", []),
    ],
    ids=["wanted", "absent", "unwanted", "no-card"],
)
def test_a_first_start_waits_for_a_stick_only_when_its_card_asks(
    tmp_path: Path, card: str | None, fails: str, asked: list[str]
) -> None:
    told, file = tmp_path / "told", tmp_path / "motcua.toml"
    told.touch()
    for name in ("udevadm", "systemctl"):
        program = tmp_path / name
        program.write_text(f'#!/bin/sh\necho "{name} $*" >>{told}\n[ "{name}" != "{fails}" ]\n')
        program.chmod(0o755)
    if card is not None:
        file.write_text(card)
    done = subprocess.run(
        ["sh", ROOT / "systemd" / "wait-stick.sh", file],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        check=False,
        capture_output=True,
        timeout=30,
    )
    assert told.read_text().splitlines() == asked
    assert (done.returncode == 0) is (not fails)


def test_the_label_starts_the_unit() -> None:
    assert 'ENV{ID_FS_LABEL}=="MOTCUA"' in RULE
    assert 'ENV{SYSTEMD_WANTS}+="media-motcua.mount"' in RULE
    assert "What=/dev/disk/by-label/MOTCUA" in UNIT


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("systemd/motcua-office.service", "ReadWritePaths=-/media/motcua\n"),
        ("appliance/config/office.example.toml", '# dir = "/media/motcua" '),
        ("appliance/firstboot/presets/small.toml", '\nusb_dir = "/media/motcua" '),
        ("appliance/firstboot/presets/standard.toml", '\nusb_dir = "/media/motcua" '),
        ("appliance/config/office.example.toml", '# usb_dir = "/media/motcua" '),
    ],
)
def test_the_office_looks_where_the_stick_is_mounted(path: str, words: str) -> None:
    assert "Where=/media/motcua" in UNIT
    assert words in (ROOT / path).read_text("utf-8")
