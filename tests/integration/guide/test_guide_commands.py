"""Every command of docs/vi/huong-dan-ky-thuat.md, in its order, on the machines it speaks of."""

import re
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from guide_story import DEVICE, SITE, Story, motcua
from guide_text import ROOT, Command, commands, file_piece

from appliance.config import loads as office_of
from appliance.firstboot import loads as card_of
from appliance.firstboot.reset_file import Request

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]

Step = Callable[[Story, Command], None]
ANY_VERDICT = frozenset({0, 1, 2})
"""A doctor and a bench say what they found by their exit code."""
COULD_NOT_LOOK = 3


def packages(_story: Story, command: Command) -> None:
    """Not installed here; tests/unit/docs_pages holds that they are the builder's."""
    assert command.words[:3] == ("apt-get", "install", "-y")


def parsed(story: Story, command: Command) -> None:
    """Needs root and Debian's archive, or a card reader: only that its words are understood is seen here."""
    done = motcua(*command.words[1:], "--help", cwd=story.folder)
    assert done.returncode == 0, done.stderr
    assert "Usage:" in done.stdout


def claims(story: Story, command: Command) -> None:
    if "--csv" in command.words:
        story.motcua(command)
        assert DEVICE in (story.folder / "claims.csv").read_text("utf-8-sig")
        return
    story.box.wait_for_receipts()
    [story.claim] = re.findall(rf"{DEVICE}\.\S+", story.motcua(command))


def keys(story: Story, command: Command) -> None:
    story.thumbprint = story.motcua(command).strip()
    assert story.thumbprint == story.center.keys.root_thumbprint


def devices(story: Story, command: Command) -> None:
    assert DEVICE in story.motcua(command)


def bench(story: Story, command: Command) -> None:
    more = () if "--dir" in command.words else ("--dir", story.box.data)
    told = story.motcua(command, *more, "--seconds", "1", codes=ANY_VERDICT)
    assert len(told.splitlines()) == 3
    assert list((story.folder / "the-moi").iterdir()) == []


def card(story: Story, command: Command) -> None:
    if "--device" in command.words:
        parsed(story, command)
        return
    assert f"{DEVICE}: the/{DEVICE}.img ok" in story.motcua(command)
    assert (story.folder / "the" / "labels.pdf").exists()


def labels(story: Story, command: Command) -> None:
    story.motcua(command)
    assert (story.folder / "nhan.pdf").read_bytes().startswith(b"%PDF")


def copy(story: Story, command: Command) -> None:
    subprocess.run(command.words, cwd=story.folder, check=True)
    path = story.folder / command.words[-1]
    # The technician writes what the guide shows in place of the sample's line for the panels.
    sample = path.read_text("utf-8")
    text = re.sub(
        r'^\[\[hardware\.buses\]\]\nid = "bang-led".*?\n\n',
        f"{file_piece('toml office')}\n",
        sample,
        flags=re.MULTILINE | re.DOTALL,
    )
    assert text != sample
    path.write_text(text, "utf-8")
    ports = {bus.id: str(bus.port) for bus in office_of(text).hardware.buses}
    assert ports["bang-led"].startswith("/dev/serial/by-id/")


def check(story: Story, command: Command) -> None:
    story.motcua(command)


def doctor(story: Story, command: Command) -> None:
    story.switch_on()
    told = story.motcua(command, "--config", story.box.config, codes=ANY_VERDICT)
    assert DEVICE in told
    faults = {key for key, _ in story.box.ctl("health")["faults"]}
    assert "bus_offline" in faults  # no adapter is plugged in here, and the counters are open all the same
    assert [story.box.issue("ho-tich") for _ in range(3)] == ["A001", "A002", "A003"]
    assert story.box.issue("dat-dai") == "B001"


def bundle(story: Story, command: Command) -> None:
    story.motcua(command, "--config", story.box.config)
    with tarfile.open(story.folder / "support.tar.gz") as archive:
        assert "motcua-support/health.json" in archive.getnames()


def restore(story: Story, command: Command) -> None:
    story.box.stop()
    told = story.motcua(command, "--data", story.spare.data, "--config", story.spare.config)
    assert "A004" in told
    text = story.spare.config.read_text("utf-8")
    for old, new in ((story.box.data, story.spare.data), (story.box.socket, story.spare.socket)):
        assert str(old) in text
        text = text.replace(str(old), str(new))
    story.spare.config.write_text(text, "utf-8")
    story.stack.enter_context(story.spare.running())


def resume(story: Story, command: Command) -> None:
    story.motcua(command, "--socket", story.spare.socket)
    assert story.spare.issue("ho-tich") == "A139"
    assert story.spare.issue("dat-dai") == "B021"
    story.spare.wait_for_receipts()


def radio(story: Story, command: Command) -> None:
    """The interface of the guide is none here, which is said as such."""
    found = motcua(*command.words[1:], cwd=story.folder)
    assert found.returncode != 0
    assert command.words[-1] in found.stderr


def gate(story: Story, command: Command) -> None:
    """Without a gate and its radio nothing is tried, and that is said; the hotspot's suite has both."""
    office = story.folder / "wifi.toml"
    office.write_text(with_wifi().replace('"wlan1"', '"khong-co0"'), "utf-8")
    told = story.motcua(
        command, "--config", office, "--run-dir", story.folder / "gate", codes=frozenset({COULD_NOT_LOOK})
    )
    assert "KHÔNG XEM" in told


def procedures(story: Story, command: Command) -> None:
    (story.folder / command.words[-1]).write_text(file_piece(f"csv {command.words[-1]}"), "utf-8")
    assert "1 thủ tục" in story.motcua(command, "--config", story.spare.config)
    listed = motcua("office", "procedures", "list", "--config", story.spare.config, cwd=story.folder)
    assert listed.stdout == "VD-01  Đăng ký khai sinh (ví dụ)\n"


def with_wifi() -> str:
    """Return the sample's settings with what the guide shows in place of its public WiFi."""
    sample = (ROOT / "appliance" / "config" / "office.example.toml").read_text("utf-8")
    text = re.sub(
        r"^\[hotspot\]\n.*?^(?=\[\[hotspot\.classes)",
        lambda _found: f"{file_piece('toml wifi')}\n",
        sample,
        flags=re.MULTILINE | re.DOTALL,
    )
    assert text != sample
    return text


STEPS: dict[tuple[str, tuple[str, ...]], Step] = {
    ("may-tinh", ("apt-get", "install")): packages,
    ("may-tinh", ("motcua", "image", "build")): parsed,
    ("trung-tam", ("motcua", "center", "claim")): claims,
    ("trung-tam", ("motcua", "center", "keys")): keys,
    ("trung-tam", ("motcua", "center", "devices")): devices,
    ("may-tinh", ("motcua", "bench-storage")): bench,
    ("may-tinh", ("motcua", "provision", "card")): card,
    ("may-tinh", ("motcua", "provision", "fleet")): parsed,
    ("may-tinh", ("motcua", "provision", "labels")): labels,
    ("may-tinh", ("cp",)): copy,
    ("may-tinh", ("motcua", "check")): check,
    ("thiet-bi", ("motcua", "doctor")): doctor,
    ("thiet-bi", ("motcua", "bench-storage")): bench,
    ("thiet-bi", ("motcua", "support-bundle")): bundle,
    ("thiet-bi", ("motcua", "restore")): restore,
    ("thiet-bi", ("motcua", "day", "resume")): resume,
    ("thiet-bi", ("motcua", "hotspot", "capabilities", "wlan1")): radio,
    ("thiet-bi", ("motcua", "hotspot", "selftest")): gate,
    ("thiet-bi", ("motcua", "office", "procedures", "import")): procedures,
}
"""What is done with a command, by where it is run and what it calls. A command without a row fails."""


def step_of(command: Command) -> tuple[str, tuple[str, ...]]:
    return command.place, command.names


@pytest.fixture
def story(tmp_path: Path, image: Path):
    subject = Story(tmp_path, image)
    yield subject
    subject.close()


def test_every_command_has_a_step_and_every_step_a_command() -> None:
    assert {step_of(command) for command in commands()} == set(STEPS)


def test_the_commands_lead_from_an_image_to_a_spare_that_goes_on(story: Story) -> None:
    for command in commands():
        STEPS[step_of(command)](story, command)
    [device] = story.center.store.devices()
    assert (device.device, device.site) == (DEVICE, SITE)
    # The spare's key has taken the place of the first one's.
    assert sorted(key.retired_at is None for key in story.center.store.keys(DEVICE)) == [False, True]


def test_what_is_written_into_motcua_toml_is_taken(story: Story) -> None:
    """The pieces for a hall of one's own and for a spare."""
    base = f"""
[site]
commune = "{SITE}"
[device]
id = "{DEVICE}"
[center]
url = "https://motcua.example.gov.vn"
id = "tinh-mau"
root_key_thumbprint = "{story.center.keys.root_thumbprint}"
"""
    assert card_of(f"{base}{file_piece('toml motcua')}".encode()).office.file == "office.toml"
    spare = base.replace("root_key", f'claim = "{DEVICE}.KhongPhaiMaDangKyDung0000000000"\nroot_key')
    assert card_of(f"{spare}{file_piece('toml restore')}".encode()).restore.source == "usb"


def test_the_public_wifi_of_the_guide_is_taken() -> None:
    hotspot = office_of(with_wifi()).hotspot
    assert (hotspot.enabled, hotspot.radio, hotspot.interface, hotspot.max_clients) == (
        True,
        "usb",
        "wlan1",
        40,
    )
    assert hotspot.security == "psk"


def test_the_reset_names_the_device_of_the_guide() -> None:
    asked = Request.parse(file_piece("text motcua-reset.txt").encode(), (DEVICE,))
    assert (asked.device, asked.is_erasing) == (DEVICE, False)
