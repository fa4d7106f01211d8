"""A card without room: guests get through all the same, and are kept as soon as there is some."""

import errno
import subprocess

import pytest
from town import NOBODY, WEB4, until

SIZE = 64 * 1024
PAGE = 4096


@pytest.fixture
def town(build):
    """A town whose gate keeps its sessions on a disk of its own."""
    town = build(is_started=False)
    state = town.folder / "state"
    state.mkdir(mode=0o700)
    options = f"size={SIZE},uid={NOBODY},gid={NOBODY},mode=0700"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(state)], check=True)
    try:
        town.start()
        yield town
    finally:
        town.stop()
        subprocess.run(["umount", "--lazy", str(state)], check=True)


def fill(path):
    """Take all the room there is."""
    path.write_bytes(bytes(SIZE - PAGE))
    with pytest.raises(OSError, match=r"No space left") as caught:
        path.with_suffix(".more").write_bytes(bytes(2 * PAGE))
    assert caught.value.errno == errno.ENOSPC


def test_a_full_disk_keeps_nobody_out_and_forgets_nobody_once_there_is_room(town):
    filler, kept = town.folder / "state" / "filler", town.folder / "state" / "sessions"
    guest = town.guest("phone", 1, ("v4",))
    guest.join()
    fill(filler)

    assert town.agree(guest.address).state == "open"
    assert guest.do("tcp", host=WEB4, port=443) == "internet"
    until(lambda: town.logged("sessions.not_kept"), "it is said that they are not kept")
    assert not kept.exists() or guest.mac not in kept.read_text()

    filler.unlink()
    filler.with_suffix(".more").unlink()
    until(lambda: kept.exists() and guest.mac in kept.read_text(), "they are kept again")
    town.stop(kill=True)
    town.start()
    assert town.status(guest.address).state == "open"
    assert guest.do("tcp", host=WEB4, port=443) == "internet"
