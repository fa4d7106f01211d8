"""A card as a machine: QEMU's arm64 ``virt`` board, the image's own kernel, a finger on its pins and plug.

Nothing in the image is changed. The one thing added is an observer, handed over as systemd credentials, which
writes what happens inside to a second console (see ``inside.py``).
"""

import json
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import inside

from provisioning.card import fat
from provisioning.image import layout
from provisioning.image.texts import INITRD, KERNEL

QEMU = "qemu-system-aarch64"
BOARD = "virt,gic-version=2"
CARD = "8G"
PI_4 = "b03115"  # the revision that gpiozero asks for
PINS = {"rating.1.3": 4, "rating.1.2": 5, "rating.1.1": 6, "issue.1": 7}  # hardware/boards/virt.toml
CONSOLE, OBSERVER = "console.log", "observer.log"
TOOLS = (QEMU, "qemu-img", "qemu-io", "fdtput", "mcopy")
BOOT_S = 900.0


class NotSeenError(Exception):
    """Error raised when the machine did not show what was waited for."""


@dataclass(frozen=True, slots=True)
class Wires:
    """What a machine is connected to.

    Args:
        staff_port: port of loopback that reaches the staff app; None for none.
        has_network: whether it has a network card at all.
        serial: the host's terminal that is its first serial port; None for none.
        memory_mib: its memory in MiB.
        drive: the card's drive in QEMU's words, with the id ``card``; None for the plain one.
        stick: the USB stick that is plugged in, as a file; None for none.
        has_screen: whether a screen is plugged in.
        kernel: more words for the kernel.
        visitor: who looks around inside besides the observer.
    """

    staff_port: int | None = None
    has_network: bool = True
    serial: Path | None = None
    memory_mib: int = 1024
    drive: Sequence[str] | None = None
    stick: Path | None = None
    has_screen: bool = False
    kernel: tuple[str, ...] = ()
    visitor: inside.Visitor | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """What a screen shows: width and height in pixels, and three bytes for each."""

    size: tuple[int, int]
    pixels: bytes

    @classmethod
    def of(cls, ppm: bytes) -> "Picture":
        """Read a picture of the form that QEMU dumps (PPM, P6)."""
        magic, width, height, most, pixels = ppm.split(maxsplit=4)
        assert (magic, most) == (b"P6", b"255")
        return cls((int(width), int(height)), pixels)

    def colors(self) -> set[bytes]:
        """Return the colors that are in it."""
        return {self.pixels[at : at + 3] for at in range(0, len(self.pixels), 3)}


@dataclass(slots=True)
class Machine:
    """One life of a machine, from the switch to the pulled plug; make it with :meth:`start`.

    Args:
        folder: its consoles and sockets.
        process: QEMU.
        started: on the monotonic clock, seconds.
    """

    folder: Path
    process: subprocess.Popen[bytes]
    started: float
    _pins: socket.socket | None = field(default=None, init=False)
    _pl061: str = field(default="", init=False)

    @classmethod
    def start(cls, card: Path, folder: Path, wires: Wires) -> "Machine":
        """Put a card into a machine and switch it on.

        Args:
            card: made by :func:`insert`.
            folder: for this life's files; made.
            wires: what it is connected to.
        """
        folder.mkdir(parents=True)
        tree = _device_tree(folder, wires.memory_mib)
        words = ["systemd.show_status=1", "systemd.log_color=0", "loglevel=4", "console=ttyAMA0", "panic=-1"]
        words += [f"root=PARTUUID={layout.ROOT_A.partuuid}", "rootfstype=ext4", "ro", "rootwait"]
        words += ["net.ifnames=0", "fsck.repair=yes", f"systemd.wants={inside.UNIT}", *wires.kernel]
        if wires.visitor is not None:
            words.append(f"systemd.wants={inside.VISITOR_UNIT}")
        drive = wires.drive or ("-drive", f"file={card},format=qcow2,if=none,id=card,cache=writeback")
        command = [
            *_machine(wires.memory_mib),
            *("-dtb", tree, "-kernel", card.with_name(KERNEL), "-initrd", card.with_name(INITRD)),
            *("-append", " ".join(words)),
            *drive,
            *("-device", "virtio-blk-pci,drive=card"),
            *_network(wires),
            *("-serial", f"file:{folder / CONSOLE}"),
            *("-device", "virtio-serial-pci", "-chardev", f"file,id=observer,path={folder / OBSERVER}"),
            *("-device", "virtconsole,chardev=observer"),
            *("-qtest", f"unix:{folder / 'pins.sock'},server=on,wait=off", "-qtest-log", "none"),
            *("-monitor", f"unix:{folder / 'monitor.sock'},server=on,wait=off"),
            *inside.credentials(folder, wires.visitor),
        ]
        if wires.serial is not None:
            command += ["-chardev", f"serial,id=line,path={wires.serial}"]
            command += ["-device", "pci-serial,chardev=line"]
        if wires.has_screen:
            command += ["-device", "virtio-gpu-pci,xres=1280,yres=720"]
        if wires.stick is not None:
            command += ["-drive", f"file={wires.stick},format=raw,if=none,id=stick,cache=writeback"]
            command += ["-device", "qemu-xhci", "-device", "usb-storage,drive=stick"]
        with (folder / "qemu.log").open("wb") as log:
            process = subprocess.Popen([str(word) for word in command], stdout=log, stderr=log)
        return cls(folder, process, time.monotonic())

    def wait_for(self, pattern: str, within_s: float = BOOT_S, console: str = CONSOLE) -> re.Match[str]:
        """Return the first match of what a console shows.

        Args:
            pattern: a regular expression; ``^`` and ``$`` are ends of lines.
            within_s: seconds to wait.
            console: which one.

        Raises:
            NotSeenError: time is up, or the machine ended.
        """
        return self._until(lambda: re.search(pattern, self.shown(console), re.MULTILINE), pattern, within_s)

    def said(self, what: str, within_s: float = BOOT_S) -> Any:
        """Return what the observer said last under a name, waiting for it.

        Raises:
            NotSeenError: time is up, or the machine ended.
        """
        found = self._until(lambda: [each for name, each in self.lines() if name == what], what, within_s)
        return found[-1]

    def event(
        self, kind: str, within_s: float = 120, after: int = 0, **data: object
    ) -> tuple[int, dict[str, Any]]:
        """Return the first event of a kind that the observer saw, with the number of events up to it.

        Args:
            kind: of the event.
            within_s: seconds to wait.
            after: how many of the observer's events are passed over.
            data: members that it must have.

        Raises:
            NotSeenError: time is up, or the machine ended.
        """

        def look() -> tuple[int, dict[str, Any]] | None:
            for number, event in enumerate(self.events()):
                fits = event["kind"] == kind and data.items() <= event["data"].items()
                if number >= after and fits:
                    return number + 1, event
            return None

        return self._until(look, f"{kind} {data}", within_s)

    def events(self) -> list[dict[str, Any]]:
        """Return what the observer saw being recorded, in order: the acknowledged part of the journal."""
        heard = (each for name, each in self.lines() if name == "event")
        return [{"kind": each["kind"], "id": each["id"], "data": each["data"]["data"]} for each in heard]

    def lines(self) -> Iterator[tuple[str, Any]]:
        """Yield what the observer said, each a name and a value; an unfinished last line is left out."""
        for line in self.shown(OBSERVER).split("\n")[:-1]:
            name, _, text = line.strip("\r").partition(" ")
            if text:
                yield name, json.loads(text)

    def shown(self, console: str = CONSOLE) -> str:
        """Return what a console has shown."""
        path = self.folder / console
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def age_s(self) -> float:
        """Return the seconds since it was switched on."""
        return time.monotonic() - self.started

    def press(self, button: str, held_s: float = 0.15) -> None:
        """Press a button, as a finger does.

        Args:
            button: its name on the board.
            held_s: how long, of the world's time.
        """
        self.set_pin(PINS[button], 1)
        time.sleep(held_s)
        self.set_pin(PINS[button], 0)

    def set_pin(self, pin: int, level: int) -> None:
        """Put a level on a pin, from outside."""
        if self._pins is None:
            self._pl061 = self._find_pl061()
            self._pins = socket.socket(socket.AF_UNIX)
            self._pins.connect(str(self.folder / "pins.sock"))
        line = f"set_irq_in {self._pl061} unnamed-gpio-in {pin} {level}\n"
        self._pins.sendall(line.encode())
        answer = self._pins.recv(4096).decode()
        if not answer.startswith("OK"):
            raise NotSeenError(f"the pins answered {answer!r}")

    def picture(self, path: Path) -> Picture | None:
        """Return what its screen shows; None while there is nothing.

        Args:
            path: where the picture is left.
        """
        path.unlink(missing_ok=True)
        self._monitor(f"screendump {path}", lambda text: text.count("(qemu)") > 1)
        return Picture.of(path.read_bytes()) if path.exists() and path.stat().st_size else None

    def pull_the_plug(self) -> None:
        """End it at once, as a power cut does. Pulling it twice does nothing."""
        if self._pins is not None:
            self._pins.close()
            self._pins = None
        self.process.kill()
        self.process.wait()

    def _until(self, look: Callable[[], Any], what: str, within_s: float) -> Any:
        deadline = time.monotonic() + within_s
        while not (found := look()):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise NotSeenError(f"{what!r} was not seen within {within_s} s; {self._tail()}")
            time.sleep(0.1)
        return found

    def _tail(self) -> str:
        logs = {name: self.shown(name)[-2500:] for name in (CONSOLE, OBSERVER, "qemu.log")}
        return "".join(f"\n--- {name} ends:\n{text}" for name, text in logs.items())

    def _find_pl061(self) -> str:
        place = re.compile(r"/(device\[\d+\]) \(pl061\)")
        found = place.search(self._monitor("info qom-tree", lambda text: place.search(text) is not None))
        assert found is not None
        return f"/machine/unattached/{found[1]}"

    def _monitor(self, command: str, is_said: Callable[[str], bool]) -> str:
        with socket.socket(socket.AF_UNIX) as monitor:
            monitor.connect(str(self.folder / "monitor.sock"))
            monitor.settimeout(60)
            monitor.sendall(f"{command}\n".encode())
            text = ""
            while not is_said(text):
                heard = monitor.recv(65536)
                if not heard:
                    raise NotSeenError("the machine ended")
                text += heard.decode(errors="replace")
        return text


def insert(image: Path, folder: Path) -> Path:
    """Return a new card that begins as an image; kernel and initrd lie beside it, as for a Pi's loader.

    Args:
        image: a plain card image, which stays as it is.
        folder: made.
    """
    folder.mkdir(parents=True)
    for name in (KERNEL, INITRD):
        part = f"{image}@@{layout.offset_mib(layout.BOOT)}M"
        subprocess.run(["mcopy", "-i", part, f"::{name}", folder / name], check=True)
    card = folder / "card.qcow2"
    make = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", image.resolve(), card, CARD]
    subprocess.run(make, check=True)
    return card


def duplicate(card: Path, folder: Path) -> Path:
    """Return a copy of a card that is in no machine, as somebody with a card reader makes it."""
    folder.mkdir(parents=True)
    for name in (card.name, KERNEL, INITRD):
        shutil.copyfile(card.with_name(name), folder / name)
    return folder / card.name


def read_fat(card: Path, name: str) -> str:
    """Return a file of the FAT partition of a card that is in no machine; empty when there is none."""
    raw = card.with_suffix(".fat")
    skip, count = layout.offset_mib(layout.BOOT), layout.BOOT.size_mib
    words = ["if=" + str(card), "of=" + str(raw), "bs=1M", f"skip={skip}", f"count={count + skip}"]
    subprocess.run(["qemu-img", "dd", "-f", "qcow2", "-O", "raw", *words], check=True)
    try:
        done = subprocess.run(["mtype", "-i", raw, f"::{name}"], check=False, capture_output=True)
        return done.stdout.decode("utf-8")
    finally:
        raw.unlink()


def write_fat(card: Path, name: str, text: str) -> None:
    """Put a file onto the FAT partition of a card that is in no machine, as people do at a computer."""
    raw = card.with_suffix(".fat")
    skip, count = layout.offset_mib(layout.BOOT), layout.BOOT.size_mib
    words = ["if=" + str(card), "of=" + str(raw), "bs=1M", f"skip={skip}", f"count={count + skip}"]
    subprocess.run(["qemu-img", "dd", "-f", "qcow2", "-O", "raw", *words], check=True)
    try:
        fat.put(raw, name, text.encode())
        back = f"write -q -s {raw} {skip}M {count}M"
        subprocess.run(["qemu-io", "-f", "qcow2", "-c", back, card], check=True)
    finally:
        raw.unlink()


def new_stick(path: Path) -> Path:
    """Return an empty USB stick with the label that a box looks for."""
    subprocess.run(
        ["mformat", "-i", path, "-C", "-T", "131072", "-h", "64", "-s", "32", "-v", "MOTCUA", "::"],
        check=True,
    )
    return path


def missing_tools() -> list[str]:
    """Return the programs that this machine lacks."""
    return [tool for tool in (*TOOLS, "mtype") if shutil.which(tool) is None]


def _machine(memory_mib: int, extra: str = "") -> list[str]:
    words = ["-M", BOARD + extra, "-cpu", "cortex-a72", "-smp", "2", "-m", str(memory_mib)]
    return [QEMU, *words, "-accel", "tcg,thread=multi", "-display", "none", "-nodefaults"]


def _network(wires: Wires) -> tuple[str, ...]:
    if not wires.has_network:
        return ("-nic", "none")
    forward = "" if wires.staff_port is None else f",hostfwd=tcp:127.0.0.1:{wires.staff_port}-:8443"
    return ("-netdev", f"user,id=lan{forward}", "-device", "virtio-net-pci,netdev=lan,romfile=")


def _device_tree(folder: Path, memory_mib: int) -> Path:
    """Return a device tree of the board that says it is a Pi 4, as gpiozero wants to hear."""
    tree = folder / "virt.dtb"
    subprocess.run(_machine(memory_mib, f",dumpdtb={tree}"), check=True, capture_output=True)
    subprocess.run(["fdtput", "-p", "-c", tree, "/system"], check=True)
    subprocess.run(["fdtput", "-t", "x", tree, "/system", "linux,revision", PI_4], check=True)
    # A Pi has no such seed either. With one the kernel keeps its memory out of programs' tables, and each
    # step into it and back costs the emulator what it has translated.
    subprocess.run(["fdtput", "-d", tree, "/chosen", "kaslr-seed"], check=True)
    return tree
