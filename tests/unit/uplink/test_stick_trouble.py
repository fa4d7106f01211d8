"""Sticks that are full, gone, or prepared by somebody: a named error, and nothing beside them is touched."""

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sim_uplink import Kit, SimCenter, SimOffice

from appliance.uplink.errors import StickError


@pytest.fixture
def kit(office: SimOffice, center: SimCenter) -> Kit:
    return Kit(office, center)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "stick"
    path.mkdir()
    return path


@contextmanager
def room(size: int) -> Iterator[None]:
    """Let the kernel refuse what makes a file larger than ``size`` bytes."""
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


def test_a_stick_without_room_is_a_named_error_and_holds_no_halves(kit: Kit, folder: Path) -> None:
    kit.office.grow(3)
    with room(100), pytest.raises(StickError, match="File too large; try another stick"):
        kit.stick.export(folder)
    assert list(folder.iterdir()) == []
    assert len(kit.stick.export(folder).written) == 1


@pytest.mark.parametrize("do", ["export", "import_receipts"])
def test_a_file_in_place_of_the_folder_is_a_named_error(kit: Kit, folder: Path, do: str) -> None:
    kit.office.grow(3)
    folder.rmdir()
    folder.write_bytes(b"no folder")
    with pytest.raises(StickError, match="Not a directory"):
        getattr(kit.stick, do)(folder)
    assert folder.read_bytes() == b"no folder"


def test_a_draft_of_a_stick_that_was_pulled_is_written_over(kit: Kit, folder: Path) -> None:
    kit.office.grow(3)
    (name,) = kit.stick.export(folder).written
    whole = (folder / name).read_bytes()
    (folder / name).rename(folder / f"{name}.new")
    (folder / f"{name}.new").write_bytes(whole[:50] + bytes(9999))
    assert kit.stick.export(folder).written == [name]
    assert [path.name for path in folder.iterdir()] == [name]
    assert (folder / name).read_bytes() == whole


def test_links_on_a_stick_lead_nowhere(kit: Kit, folder: Path, tmp_path: Path) -> None:
    kit.office.grow(3)
    (name,) = kit.stick.export(folder).written
    (folder / name).unlink()
    precious = tmp_path / "office.db"
    precious.write_bytes(b"precious")
    (folder / f"{name}.new").symlink_to(precious)
    assert kit.stick.export(folder).written == [name]
    assert not (folder / name).is_symlink()
    for target in (precious, Path("/dev/zero"), tmp_path / "absent"):
        (folder / name).unlink()
        (folder / name).symlink_to(target)
        assert kit.stick.export(folder).conflicts == [name]
    assert precious.read_bytes() == b"precious"
    assert not (tmp_path / "absent").exists()
