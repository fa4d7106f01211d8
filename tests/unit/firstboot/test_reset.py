"""A reset by the card: what it takes away, keeps and refuses, and a power cut at every step."""

import json
from pathlib import Path

import pytest
from sim_card import CLAIM, GOOD, CutDisk, PowerCutError, ReadOnlyCard, SimBox
from sim_reset import DEVICE, EPOCH, RESET, SECRETS, ask, left, record, used

from appliance.config import load
from appliance.firstboot import Outcome
from appliance.firstboot.reset_file import TAKEN_NAME
from appliance.journal.journal import FILE_NAME as JOURNAL
from appliance.journal.journal import Lock
from appliance.journal.source import sources
from appliance.setup_notice import SetupNotice

KEPT = f"before-reset/{DEVICE}-1"


@pytest.fixture
def box(tmp_path: Path) -> SimBox:
    return used(tmp_path / "box")


def test_a_reset_box_knows_nothing_and_waits_for_a_card(box: SimBox) -> None:
    ask(box)
    assert box.start() is Outcome.SETUP_MODE
    assert left(box) == {"before-reset", "reset.json", "setup.json", "office.lock"}
    assert not box.places.config.exists()
    assert not box.places.config.with_name("retention.toml").exists()
    assert list(box.places.network.iterdir()) == []
    assert list(box.places.hotspot.iterdir()) == []
    assert not (box.places.card / RESET).exists()
    assert not SetupNotice.read(box.places.data).is_set_up
    assert not any(CLAIM.encode() in content for content in box.files().values())


def test_what_the_province_did_not_receive_is_set_aside_and_counted(box: SimBox) -> None:
    ask(box)
    box.start()
    [source] = sources(box.places.data / KEPT)
    assert (source.epoch, source.last()) == (EPOCH, 3)
    assert len(list(source.all_lines())) == 3
    assert "Số sự kiện tỉnh chưa nhận: 3." in box.result()
    assert f"thư mục motcua/{KEPT}" in box.result()
    assert "motcua.toml: không có tệp này trên thẻ; hãy chép" in box.result()
    assert "RESET: the box was hoa-binh-01; events not received by the province: 3." in box.result()


def test_a_card_beside_it_is_taken_at_once(box: SimBox) -> None:
    ask(box)
    box.put(GOOD.replace("hoa-binh-01", "hoa-binh-02"))
    assert box.start() is Outcome.SET_UP
    assert load(box.places.config).office.device == "hoa-binh-02"
    assert "ĐÃ THIẾT LẬP XONG" in box.result()
    assert "ĐÃ ĐẶT LẠI: trước đó thiết bị là hoa-binh-01." in box.result()
    assert not left(box) & {JOURNAL, *SECRETS, "config"}
    assert box.start() is Outcome.NOTHING_NEW


@pytest.mark.parametrize("word", ["xoa-het", "XÓA HẾT", "erase"])
def test_a_box_that_leaves_for_good_keeps_nothing(box: SimBox, word: str) -> None:
    ask(box)
    box.start()
    box.put(GOOD)
    box.start()
    record(box.places.data, 2)
    ask(box, f"# thanh lý\r\n{DEVICE.upper()}\r\n\r\n{word}\r\n")
    assert box.start() is Outcome.SETUP_MODE
    assert left(box) == {"reset.json", "setup.json", "office.lock"}
    assert "kể cả các sự kiện này, đã bị xóa" in box.result()
    assert "chưa nhận: 2." in box.result()


def test_a_second_reset_sets_aside_beside_the_first(box: SimBox) -> None:
    for _ in range(2):
        ask(box)
        box.start()
        box.put(GOOD)
        box.start()
        record(box.places.data, 5)
    folders = sorted((box.places.data / "before-reset").iterdir())
    assert [[each.last() for each in sources(folder)] for folder in folders] == [[3], [5]]


@pytest.mark.parametrize(
    ("text", "said", "said_en"),
    [
        ("hoa-binh-02", "thiết bị này là hoa-binh-01", "this box is hoa-binh-01"),
        ("", "chưa ghi mã thiết bị", "names no device"),
        ("# hoa-binh-01", "chưa ghi mã thiết bị", "names no device"),
        ("hoa-binh-01\nxóa tài khoản", "chỉ được có một dòng xoa-het", "only one line, erase"),
        ("hoa-binh-01 xoa-het", "thiết bị này là hoa-binh-01", "write that id"),
        ("x" * 70_000, "lớn hơn 64 KiB", "larger than 64 KiB"),
    ],
    ids=["other", "empty", "comment", "more", "one-line", "large"],
)
def test_another_text_resets_nothing_and_says_why(box: SimBox, text: str, said: str, said_en: str) -> None:
    before = {name: kept for name, kept in box.files().items() if not name.startswith("card/")}
    ask(box, text)
    assert box.start() is Outcome.REFUSED
    after = {name: kept for name, kept in box.files().items() if not name.startswith("card/")}
    assert after.pop("data/setup.json")
    assert after == before
    assert said in box.result()
    assert said_en in box.result()
    assert SetupNotice.read(box.places.data).is_set_up
    (box.places.card / RESET).unlink()
    assert box.start() is Outcome.NOTHING_NEW
    assert SetupNotice.read(box.places.data) is None


def test_a_stray_file_on_a_new_card_resets_nothing_now_or_later(tmp_path: Path) -> None:
    box = SimBox(tmp_path / "box")
    ask(box)
    assert box.start() is Outcome.SET_UP
    assert "ĐẶT LẠI" not in box.result()
    record(box.places.data, 2)
    assert box.start() is Outcome.NOTHING_NEW
    assert (box.places.data / JOURNAL).exists()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_what_notepad_makes_of_it_is_read(box: SimBox, encoding: str) -> None:
    (box.places.card / f"{RESET}.txt").write_bytes(f"{DEVICE}\r\nxóa hết\r\n".encode(encoding))
    assert box.start() is Outcome.SETUP_MODE
    assert JOURNAL not in left(box)


@pytest.mark.parametrize("damage", ["[office]\n", f'[office]\ndevice = "{DEVICE}"\n', None], ids=str)
def test_a_box_without_usable_settings_is_reset_by_what_it_still_knows(
    box: SimBox, damage: str | None
) -> None:
    if damage is None:
        box.places.config.unlink()
    else:
        box.places.config.write_text(damage)
    ask(box)
    assert box.start() is Outcome.SETUP_MODE
    assert "ĐÃ ĐẶT LẠI" in box.result()
    assert not box.places.config.exists()


def test_a_box_that_does_not_know_its_id_says_so(box: SimBox) -> None:
    box.places.config.write_text("[office]\n")
    (box.places.data / "office.genesis").unlink()
    ask(box)
    assert box.start() is Outcome.SETUP_MODE
    assert "không còn biết mã của chính nó" in box.result()
    assert (box.places.data / JOURNAL).exists()


def test_a_damaged_journal_is_set_aside_and_the_count_says_at_least(box: SimBox) -> None:
    (box.places.data / JOURNAL).write_bytes(b"rubbish")
    ask(box)
    assert box.start() is Outcome.SETUP_MODE
    assert "chưa nhận: ít nhất 0." in box.result()
    assert (box.places.data / KEPT / JOURNAL).read_bytes() == b"rubbish"


def test_a_card_that_cannot_be_written_resets_nothing(box: SimBox) -> None:
    ask(box)
    assert box.start(ReadOnlyCard(box.places.card)) is Outcome.REFUSED
    assert {JOURNAL, *(name.partition("/")[0] for name in SECRETS)} <= left(box)
    assert "reset-begun.json" not in left(box)
    assert load(box.places.config).office.device == DEVICE
    assert "không đổi tên được" in SetupNotice.read(box.places.data).mistakes[0].message_vi


def test_an_office_that_runs_is_not_reset_under_its_feet(box: SimBox) -> None:
    ask(box)
    held = Lock.take(box.places.data)
    try:
        assert box.start() is Outcome.REFUSED
        assert {JOURNAL, "device.jwk"} <= left(box)
        assert box.places.config.exists()
    finally:
        held.close()
    assert box.start() is Outcome.SETUP_MODE
    assert JOURNAL not in left(box)


def test_the_name_comes_back_from_a_card_that_lies_and_asks_for_nothing(box: SimBox) -> None:
    ask(box)
    box.put(GOOD)
    box.start()
    record(box.places.data, 4)
    (box.places.card / TAKEN_NAME).rename(box.places.card / RESET)
    assert box.start() is Outcome.REFUSED
    assert (box.places.data / JOURNAL).exists()


def whole(folder: Path, text: str) -> tuple[dict[str, bytes], int]:
    counting = CutDisk(10**6, "before")
    box = begun(folder, text)
    box.start(counting)
    return seen(box), 10**6 - counting.left


def begun(folder: Path, text: str) -> SimBox:
    box = used(folder)
    ask(box, text)
    box.put(GOOD.replace("hoa-binh-01", "hoa-binh-02"))
    return box


def seen(box: SimBox) -> dict[str, bytes]:
    """Return every file but SQLite's, which differ by the times that are in them."""
    found = box.files()
    return {name: b"" if name.endswith((".db", "-shm", "-wal")) else kept for name, kept in found.items()}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("when", ["before", "within", "after"])
@pytest.mark.parametrize("text", [DEVICE, f"{DEVICE}\nerase\n"], ids=["kept", "erased"])
def test_a_power_cut_at_any_step_is_followed_by_the_rest(tmp_path: Path, text: str, when: str) -> None:
    wanted, steps = whole(tmp_path / "whole", text)
    assert steps >= 25
    for step in range(1, steps + 1):
        box = begun(tmp_path / f"{step}", text)
        with pytest.raises(PowerCutError):
            box.start(CutDisk(step, when))
        box.start()
        assert seen(box) == wanted, step
        assert box.start() is Outcome.NOTHING_NEW
        if text == DEVICE:
            [source] = sources(box.places.data / KEPT)
            assert source.last() == 3, step


@pytest.mark.timeout(60)
def test_after_any_power_cut_the_box_that_is_set_up_again_is_not_reset_again(tmp_path: Path) -> None:
    _, steps = whole(tmp_path / "whole", DEVICE)
    for step in range(1, steps + 1):
        box = begun(tmp_path / f"{step}", DEVICE)
        with pytest.raises(PowerCutError):
            box.start(CutDisk(step, "within"))
        box.start()
        record(box.places.data, 7)
        assert box.start() is Outcome.NOTHING_NEW
        [source] = sources(box.places.data)
        assert source.last() == 7, step


def test_the_file_may_be_withdrawn_after_a_power_cut_and_the_reset_is_finished_all_the_same(
    box: SimBox,
) -> None:
    ask(box)
    with pytest.raises(PowerCutError):
        box.start(CutDisk(1, "after"))
    (box.places.card / RESET).unlink()
    box.start()
    assert JOURNAL not in left(box)
    assert json.loads((box.places.data / "reset.json").read_bytes())["device"] == DEVICE
