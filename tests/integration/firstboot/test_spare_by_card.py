"""What a technician does with a card alone: another box goes on, a box is reset; commands and processes."""

import json
import threading
from pathlib import Path

import pytest
from card_box import SAFETY_S, Box, card_for, delivered

from appliance.backup.layout import device_folder
from appliance.journal.source import sources
from center.serve import CenterServer

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]
DEVICE = "hoa-binh-01"


@pytest.fixture
def center(tmp_path: Path):
    with CenterServer.start(tmp_path / "center.db", tmp_path / "keys", port=0) as server:
        yield server


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def test_a_spare_goes_on_by_its_card_and_a_reset_box_leaves_what_was_not_delivered(
    tmp_path: Path, environment: dict[str, str], center: CenterServer, stick: Path
) -> None:
    old = Box(tmp_path / "old", environment, stick)
    old.set_up(card_for(center, center.url)[0])
    with old.office():
        assert [old.issue() for _ in range(3)] == ["A001", "A002", "A003"]
        assert old.issue("dat-dai") == "B001"
        assert delivered(center)
        followed(old, stick)

    spare = Box(tmp_path / "spare", environment, tmp_path / "unplugged")
    text, _ = card_for(center, center.url)
    (spare.card / "motcua.toml").write_text(f'{text}[restore]\nfrom = "usb"\n', "utf-8")
    assert spare.start() == 3
    assert "hãy cắm USB sao lưu rồi bật lại" in spare.result()
    assert not spare.config.exists()

    spare.stick = stick
    assert spare.start() == 0
    assert "Số tiếp theo: A004, B002." in spare.result()
    # Its settings are those of the stick, with the old box's socket.
    alone = spare.config.read_text("utf-8").replace(str(old.folder), str(spare.folder))
    spare.config.write_text(alone, "utf-8")
    before = {each.epoch for each in center.store.epochs(DEVICE)}
    with spare.office():
        assert [spare.issue(), spare.issue("dat-dai")] == ["A004", "B002"]
        assert spare.start() == 0  # nothing new, also beside a running office
        assert arrived(center, before)

    (spare.card / "motcua-reset.txt").write_text(f"{DEVICE}\n", "utf-8")
    with spare.office():
        assert spare.start() == 0
        assert "office is running" in spare.result()
        assert spare.issue() == "A005"
    assert spare.start() == 3
    assert "ĐÃ ĐẶT LẠI: trước đó thiết bị là hoa-binh-01." in spare.result()
    kept = spare.data / "before-reset" / f"{DEVICE}-1"
    lines = [json.loads(line) for source in sources(kept) for line in source.all_lines()]
    assert {"A001", "B001", "A004", "A005"} <= {line["data"].get("label") for line in lines}
    assert not (spare.data / "device.jwk").exists()


def followed(box: Box, stick: Path) -> None:
    """Wait until the stick has every line of the box."""
    pause, there = threading.Event(), device_folder(stick, DEVICE)
    for _ in range(int(SAFETY_S / 0.1)):
        [source] = sources(box.data)
        lines = there / f"{source.epoch}.ndjson"
        is_whole = lines.exists() and lines.read_bytes().count(b"\n") == source.last()
        if is_whole and (there / "office.genesis").exists() and (there / "office.toml").exists():
            return
        pause.wait(0.1)
    raise AssertionError("the stick never followed")


def arrived(center: CenterServer, before: set[str]) -> bool:
    """Whether events of another epoch arrive in time."""
    pause = threading.Event()
    for _ in range(int(SAFETY_S / 0.1)):
        if any(each.upto > 0 for each in center.store.epochs(DEVICE) if each.epoch not in before):
            return True
        pause.wait(0.1)
    return False
