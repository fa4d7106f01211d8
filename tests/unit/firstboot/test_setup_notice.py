from pathlib import Path

import pytest

from appliance.setup_notice import FILE_NAME, Mistake, SetupNotice


def test_what_is_written_is_read(tmp_path: Path) -> None:
    notice = SetupNotice(is_set_up=False, mistakes=(Mistake("motcua.toml", "missing", "thiếu"),))
    (tmp_path / FILE_NAME).write_bytes(notice.to_bytes())
    assert SetupNotice.read(tmp_path) == notice


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"is_set_up": 1, "mistakes": [{"x": 1}]}', b"\xff"])
def test_what_cannot_be_read_is_no_notice(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(raw)
    assert SetupNotice.read(tmp_path) is None
    assert SetupNotice.read(tmp_path / "absent") is None
