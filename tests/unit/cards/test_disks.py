from pathlib import Path

import pytest
from sim_disks import GB, SimDisks

from provisioning.card.disks import Disks
from provisioning.card.errors import DiskRefusedError


@pytest.fixture
def sim(tmp_path: Path) -> SimDisks:
    return SimDisks(tmp_path)


def refusal(sim: SimDisks, name: str, *, is_sure: bool = False) -> str:
    with pytest.raises(DiskRefusedError) as caught:
        Disks(sim.sys, sim.proc).check(Path("/dev") / name, is_sure=is_sure)
    assert caught.value.vi() != str(caught.value)
    return str(caught.value)


def test_a_card_in_a_reader_may_be_written(sim: SimDisks) -> None:
    sim.disk("sdx")
    sim.disk("mmcblk7", removable=False)
    disks = Disks(sim.sys, sim.proc)
    assert disks.check(Path("/dev/sdx")) == 32 * GB
    assert disks.check(Path("/dev/mmcblk7")) == 32 * GB


def test_a_name_of_dev_disk_will_do(sim: SimDisks, tmp_path: Path) -> None:
    sim.disk("sdx")
    (tmp_path / "usb-reader").symlink_to(tmp_path / "sdx")
    assert Disks(sim.sys, sim.proc).check(tmp_path / "usb-reader") == 32 * GB


@pytest.mark.parametrize("is_sure", [False, True])
def test_a_disk_of_this_machine_is_never_written(sim: SimDisks, is_sure: bool) -> None:
    sim.mount(sim.disk("sdr", parts=0), "/")
    sim.disk("sdm")
    sim.mount("8:18", "/media/card")
    sim.disk("sdh")
    (sim.sys / "block" / "sdh" / "sdh1" / "holders" / "dm-0").mkdir()
    sim.disk("sds")
    (sim.proc / "swaps").write_text("Filename Type Size Used Priority\n/dev/sds2 partition 1 0 -2\n")
    assert "mounted at /;" in refusal(sim, "sdr", is_sure=is_sure)
    assert "mounted at /media/card" in refusal(sim, "sdm", is_sure=is_sure)
    assert "dm-0 is built on it" in refusal(sim, "sdh", is_sure=is_sure)
    assert "swaps to it" in refusal(sim, "sds", is_sure=is_sure)


def test_what_is_no_card_is_not_written(sim: SimDisks) -> None:
    sim.disk("sdx")
    sim.disk("sde", size=0, parts=0)
    assert "give the whole disk" in refusal(sim, "sdx1")
    assert "no disk" in refusal(sim, "null")
    assert "no card in it" in refusal(sim, "sde")


def test_a_large_or_fixed_disk_needs_somebody_who_knows(sim: SimDisks) -> None:
    sim.disk("sdl", size=512 * GB)
    sim.disk("sdf", removable=False)
    assert "512 GB" in refusal(sim, "sdl")
    assert "not removable" in refusal(sim, "sdf")
    disks = Disks(sim.sys, sim.proc)
    assert disks.check(Path("/dev/sdl"), is_sure=True) == 512 * GB
    assert disks.check(Path("/dev/sdf"), is_sure=True) == 32 * GB
