"""A spare whose card says [restore]: the stick's numbers go on, and without the stick no office opens."""

import shutil
from pathlib import Path

import pytest
from sim_card import CLAIM, GOOD, CutDisk, PowerCutError, SimBox
from sim_reset import EPOCH, ask, record

from appliance.backup.epoch_copy import EpochCopy
from appliance.backup.layout import EpochFiles, device_folder
from appliance.config import load
from appliance.config.hotspot import Hotspot
from appliance.firstboot import CardError, Outcome, loads
from appliance.firstboot.spare import Spare
from appliance.firstboot.steps import TAKEN_NAME
from appliance.httpd import tls
from appliance.journal.journal import FILE_NAME as JOURNAL
from appliance.journal.source import sources
from appliance.office.restoring import RESTORING, RestoredNote
from appliance.setup_notice import SetupNotice

WITH = f'{GOOD}\n[restore]\nfrom = "usb"\n'
DEVICE = "hoa-binh-01"


@pytest.fixture(scope="module")
def stick(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stick with a copy of a box in use, whose third counter has another name."""
    return made_stick(tmp_path_factory.mktemp("stick"), DEVICE)


def made_stick(folder: Path, device: str) -> Path:
    box = SimBox(folder / "old")
    box.start()
    record(box.places.data, 4, tickets=3, device=device)
    there = device_folder(folder / "usb", device)
    there.mkdir(parents=True)
    [source] = sources(box.places.data)
    EpochCopy(EpochFiles(there, EPOCH)).follow(source)
    shutil.copy(box.places.data / "office.genesis", there / "office.genesis")
    text = box.places.config.read_text("utf-8").replace("Quầy 3", "Quầy ba")
    (there / "office.toml").write_text(text, "utf-8")
    return folder / "usb"


def spare(folder: Path, text: str = WITH) -> SimBox:
    return SimBox(folder, text)


def plug(box: SimBox, stick: Path) -> None:
    shutil.copytree(stick, box.places.stick, dirs_exist_ok=True)


def test_a_spare_keeps_the_public_wifi_of_the_stick(tmp_path: Path, stick: Path) -> None:
    box = spare(tmp_path / "spare", f'{WITH}\n[hotspot]\nssid = "WiFi của nhãn cũ"\n')
    plug(box, stick)
    assert box.start() is Outcome.SET_UP
    assert load(box.places.config).hotspot == Hotspot()


def test_a_spare_goes_on_with_the_numbers_of_the_stick(tmp_path: Path, stick: Path) -> None:
    box = spare(tmp_path / "spare")
    plug(box, stick)
    assert box.start() is Outcome.SET_UP
    settings = load(box.places.config)
    assert settings.office.data_dir == box.places.data
    assert settings.office.name == "Trung tâm Phục vụ hành chính công xã Hòa Bình"
    assert [each.name for each in settings.counters] == ["Quầy 1", "Quầy 2", "Quầy ba"]
    old, new = sources(box.places.data)
    assert (old.epoch, old.last()) == (EPOCH, 7)
    assert new.epoch > EPOCH
    assert new.genesis.after.seq == 7
    assert (box.places.data / "claim").read_text() == f"{CLAIM}\n"
    note = RestoredNote.read(box.places.data)
    assert (note.upto, note.day, note.numbers, note.waiting) == (7, "2026-11-22", ("A004",), 3)
    assert "ĐÃ KHÔI PHỤC TỪ USB: đến sự kiện 7, ngày 2026-11-22; người đang chờ: 3" in box.result()
    assert "Số tiếp theo: A004." in box.result()
    assert "next numbers A004" in box.result()
    assert 'from = "usb"' not in (box.places.card / TAKEN_NAME).read_text("utf-8")
    before = box.files()
    assert box.start() is Outcome.NOTHING_NEW
    assert box.files() == before


@pytest.mark.parametrize("mounted", [True, False], ids=["empty", "absent"])
def test_without_a_stick_no_office_opens(tmp_path: Path, stick: Path, *, mounted: bool) -> None:
    box = spare(tmp_path / "spare")
    if mounted:
        box.places.stick.mkdir()
    assert box.start() is Outcome.SETUP_MODE
    assert not box.places.config.exists()
    assert {path.name for path in box.places.data.iterdir()} == {"setup.json"}
    [mistake] = SetupNotice.read(box.places.data).mistakes
    assert "hãy cắm USB sao lưu rồi bật lại" in mistake.message_vi
    assert mistake.place == 'motcua.toml: restore.from = "usb"'
    assert CLAIM in (box.places.card / "motcua.toml").read_text("utf-8")
    # What setup mode leaves, and a power cut while it did.
    tls.own(box.places.data, "motcua", (), ("192.168.1.20",))
    (box.places.data / f"{tls.KEY}.new").write_bytes(b"half")
    plug(box, stick)
    assert box.start() is Outcome.SET_UP
    assert SetupNotice.read(box.places.data) is None


@pytest.mark.parametrize("text", [f'{GOOD}\n[restore]\nfrom = "nothing"\n', GOOD], ids=["nothing", "removed"])
def test_it_begins_without_when_the_card_says_so(tmp_path: Path, text: str) -> None:
    box = spare(tmp_path / "spare")
    assert box.start() is Outcome.SETUP_MODE
    box.put(text)
    assert box.start() is Outcome.SET_UP
    assert not (box.places.data / JOURNAL).exists()
    assert "KHÔI PHỤC" not in box.result()


def test_a_stick_of_another_box_is_named(tmp_path: Path) -> None:
    box = spare(tmp_path / "spare")
    plug(box, made_stick(tmp_path / "other", "hoa-binh-09"))
    assert box.start() is Outcome.SETUP_MODE
    assert "không có bản sao lưu của hoa-binh-01 (hiện có: hoa-binh-09)" in box.result()
    assert not box.places.config.exists()


def test_a_stick_of_which_nothing_is_good_opens_nothing(tmp_path: Path, stick: Path) -> None:
    box = spare(tmp_path / "spare")
    plug(box, stick)
    (device_folder(box.places.stick, DEVICE) / f"{EPOCH}.ndjson").write_bytes(b"rubbish\n")
    assert box.start() is Outcome.SETUP_MODE
    assert "không có phần nào hợp lệ" in box.result()
    assert not box.places.config.exists()


def test_settings_on_the_stick_that_cannot_be_used_restore_nothing(tmp_path: Path, stick: Path) -> None:
    box = spare(tmp_path / "spare")
    plug(box, stick)
    (device_folder(box.places.stick, DEVICE) / "office.toml").write_text("[office]\n")
    assert box.start() is Outcome.SETUP_MODE
    assert not (box.places.data / JOURNAL).exists()
    (device_folder(box.places.stick, DEVICE) / "office.toml").unlink()
    assert box.start() is Outcome.SET_UP
    assert [each.name for each in load(box.places.config).counters] == ["Quầy 1", "Quầy 2", "Quầy 3"]


def test_the_board_of_the_card_counts(tmp_path: Path, stick: Path) -> None:
    box = spare(tmp_path / "spare", WITH.replace("[device]", '[device]\nboard = "pi3"'))
    plug(box, stick)
    box.start()
    assert load(box.places.config).hardware.board == "pi3"


def test_a_box_in_use_is_not_written_over_until_it_is_reset(tmp_path: Path, stick: Path) -> None:
    box = spare(tmp_path / "spare", GOOD)
    box.start()
    record(box.places.data, 2)
    box.put(WITH)
    plug(box, stick)
    assert box.start() is Outcome.REFUSED
    assert "đã được dùng (office.toml); hãy đặt lại trước (motcua-reset.txt)" in box.result()
    assert sources(box.places.data)[0].last() == 2
    ask(box)
    assert box.start() is Outcome.SET_UP
    assert RestoredNote.read(box.places.data).upto == 7
    assert "ĐÃ ĐẶT LẠI" in box.result()
    assert "ĐÃ KHÔI PHỤC" in box.result()


def test_a_journal_that_is_there_is_named(tmp_path: Path, stick: Path) -> None:
    box = spare(tmp_path / "spare")
    record(box.places.data, 2)
    plug(box, stick)
    assert box.start() is Outcome.SETUP_MODE
    assert "đã được dùng (office.db, office.genesis)" in box.result()
    assert sources(box.places.data)[0].last() == 2


def test_the_card_needs_a_claim() -> None:
    with pytest.raises(CardError) as caught:
        loads(WITH.replace(f'claim = "{CLAIM}"\n', "").encode())
    assert [(each.key, each.rule) for each in caught.value.problems] == [
        ("center.claim", "card.restore_claim")
    ]


def test_a_power_cut_within_the_restore_begins_it_again(tmp_path: Path, stick: Path) -> None:
    box = spare(tmp_path / "spare")
    plug(box, stick)
    Spare(loads(WITH.encode()), box.places.stick, box.places.data).run()
    (box.places.data / RESTORING).write_bytes(b"")
    (box.places.data / "accounts.db").write_bytes(b"half")
    assert box.start() is Outcome.SET_UP
    assert not (box.places.data / RESTORING).exists()
    assert RestoredNote.read(box.places.data).upto == 7


def test_a_power_cut_after_the_restore_is_made_good_also_without_the_stick(
    tmp_path: Path, stick: Path
) -> None:
    counting = CutDisk(10**6, "before")
    box = spare(tmp_path / "whole")
    plug(box, stick)
    box.start(counting)
    steps = 10**6 - counting.left
    assert steps >= 8
    for step in range(1, steps + 1):
        box = spare(tmp_path / f"{step}")
        plug(box, stick)
        with pytest.raises(PowerCutError):
            box.start(CutDisk(step, "within"))
        shutil.rmtree(box.places.stick)
        assert box.start() in {Outcome.SET_UP, Outcome.NOTHING_NEW}
        assert [each.name for each in load(box.places.config).counters][2] == "Quầy ba"
        assert sources(box.places.data)[0].epoch == EPOCH
        assert "Số tiếp theo: A004." in box.result()
        assert box.start() is Outcome.NOTHING_NEW
