import stat
from pathlib import Path

import pytest

from appliance.wire.receipt import Receipt
from center.errors import KeyFileError
from center.keys import RECEIPTS_FILE, ROOT_FILE, CenterKeys


def test_keys_are_made_once_and_readable_by_their_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "etc" / "keys"
    made = CenterKeys.open(folder)
    again = CenterKeys.open(folder)
    assert (made.root.kid, made.receipts.kid) == (again.root.kid, again.receipts.kid)
    assert made.root_thumbprint == made.root.kid != made.receipts.kid
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert sorted(path.name for path in folder.iterdir()) == [RECEIPTS_FILE, ROOT_FILE]
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(folder.parent.iterdir()) == [folder]


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    folder.mkdir()
    assert CenterKeys.open(folder).root.kid == CenterKeys.open(folder).root.kid


@pytest.mark.parametrize("name", [ROOT_FILE, RECEIPTS_FILE])
def test_a_missing_key_is_never_replaced(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "keys"
    CenterKeys.open(folder)
    (folder / name).unlink()
    with pytest.raises(KeyFileError, match="restore it from your copy"):
        CenterKeys.open(folder)
    assert not (folder / name).exists()


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    CenterKeys.open(folder)
    (folder / ROOT_FILE).chmod(0o640)
    with pytest.raises(KeyFileError, match="chmod 600"):
        CenterKeys.open(folder)


def test_a_file_that_is_no_key_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    CenterKeys.open(folder)
    (folder / RECEIPTS_FILE).write_bytes(b"{}")
    with pytest.raises(KeyFileError, match=RECEIPTS_FILE):
        CenterKeys.open(folder)


def test_a_folder_of_something_else_is_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text("mine")
    with pytest.raises(KeyFileError, match=ROOT_FILE):
        CenterKeys.open(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["other.txt"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KeyFileError, match="file"):
        CenterKeys.open(tmp_path / "file" / "keys")


def test_receipts_verify_under_the_receipt_key_only(tmp_path: Path) -> None:
    keys = CenterKeys.open(tmp_path / "keys")
    epoch = "01a2076b-47e8-7000-8000-000000000001"
    receipt = Receipt("center", "BOX-1", epoch, 0, "", "2026-11-23T09:00:00.000000Z", 300, 0)
    token = receipt.sign(keys.receipts)
    known = {key.kid: key for key in keys.public}
    assert Receipt.verify(token, lambda kid, _payload: known[kid]) == receipt
