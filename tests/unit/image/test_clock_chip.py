"""The overlay of the clock chip, put into a device tree as the Pi's first stage does it."""

import shutil
import subprocess
from pathlib import Path

import pytest

from provisioning.image import texts
from provisioning.image.tree import make_overlays
from provisioning.image.workshop import Workshop

# What all of the kernel's device trees for these boards have, compiled as Debian may: without symbols.
BOARD = """\
/dts-v1/;
/ {
	compatible = "raspberrypi,4-model-b", "brcm,bcm2711";
	#address-cells = <1>;
	#size-cells = <1>;
	soc {
		compatible = "simple-bus";
		#address-cells = <1>;
		#size-cells = <1>;
		ranges;
		i2c1: i2c@7e804000 {
			compatible = "brcm,bcm2835-i2c";
			reg = <0x7e804000 0x1000>;
			#address-cells = <1>;
			#size-cells = <0>;
			status = "disabled";
		};
	};
};
"""

pytestmark = pytest.mark.skipif(
    any(shutil.which(program) is None for program in ("dtc", "fdtoverlay", "fdtget")),
    reason="needs Debian's device-tree-compiler",
)


def run(*words: str | Path) -> str:
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


@pytest.fixture
def overlay(tmp_path: Path, root: Path) -> Path:
    boot = tmp_path / "boot"
    boot.mkdir()
    shop = Workshop(tmp_path, tmp_path, tmp_path / "log", epoch_s=0, say=str, source=root)
    make_overlays(shop, boot)
    return boot / "overlays" / f"{texts.CLOCK_CHIP}.dtbo"


def test_the_source_is_compiled_without_a_word(root: Path, tmp_path: Path) -> None:
    source = root / "provisioning/image" / f"{texts.CLOCK_CHIP}.dts"
    run("dtc", "-@", "-I", "dts", "-O", "dtb", "-o", tmp_path / "overlay.dtbo", source)


def test_a_board_without_symbols_gets_the_chip(tmp_path: Path, overlay: Path) -> None:
    plain, whole = tmp_path / "board.dtb", tmp_path / "with-chip.dtb"
    (tmp_path / "board.dts").write_text(BOARD)
    run("dtc", "-I", "dts", "-O", "dtb", "-o", plain, tmp_path / "board.dts")
    assert "__symbols__" not in run("fdtget", "-l", plain, "/")
    run("fdtoverlay", "-i", plain, "-o", whole, overlay)
    bus = "/soc/i2c@7e804000"
    assert run("fdtget", whole, bus, "status") == "okay"
    assert run("fdtget", whole, f"{bus}/rtc@68", "compatible") == "maxim,ds3231"
    assert run("fdtget", "-t", "x", whole, f"{bus}/rtc@68", "reg") == "68"


def test_a_technician_finds_it_switched_off() -> None:
    lines = texts.firmware_config().splitlines()
    assert f"#dtoverlay={texts.CLOCK_CHIP}" in lines
    assert not any(line.startswith("dtoverlay") for line in lines)
    # The first stage cuts longer lines.
    assert all(len(line) <= 98 for line in lines)
