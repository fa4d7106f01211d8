"""A card image as a machine: QEMU's arm64 ``virt`` board, the image's own kernel, and a finger on its pins.

Nothing in the image is changed. What a test needs inside (settings, pins that this board has, somebody who
writes what happens to a second console) is handed over as systemd credentials.
"""

import base64
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sparse import copy_sparse
from write_log import logging_options

from provisioning.image import layout
from provisioning.image.texts import INITRD, KERNEL

QEMU = "qemu-system-aarch64"
BOARD = "virt,gic-version=2"
CARD_GIB = 4
LOGGED_CARD = "card.img"
PI_4 = "b03115"  # the revision that gpiozero asks for
CONSOLES = ("console.log", "events.log")


class NotSeenError(Exception):
    """Error raised when the machine did not write what was waited for."""


@dataclass(slots=True)
class Machine:
    """One machine; make it with :meth:`start`.

    Args:
        folder: its card, consoles and sockets.
        process: QEMU.
        started: on the monotonic clock, seconds.
    """

    folder: Path
    process: subprocess.Popen[bytes]
    started: float
    _pins: socket.socket | None = field(default=None, init=False)
    _pl061: str = field(default="", init=False)

    @classmethod
    def start(
        cls,
        image: Path,
        folder: Path,
        *,
        credentials: Mapping[str, str],
        wants: Sequence[str] = (),
        forward: int | None = None,
        memory_mib: int = 1024,
        write_log: Path | None = None,
    ) -> "Machine":
        """Put a copy of the image into a new machine and switch it on.

        Args:
            image: the plain card image.
            folder: an empty directory for the machine's files.
            credentials: by name, what systemd in it is handed.
            wants: units to start beyond those of the image.
            forward: port of loopback that reaches the staff app; None for none.
            memory_mib: its memory in MiB.
            write_log: where every write to its card is logged; None for nowhere.
        """
        for name in (KERNEL, INITRD):
            part = f"{image}@@{layout.offset_mib(layout.BOOT)}M"
            subprocess.run(["mcopy", "-i", part, f"::{name}", folder / name], check=True)
        card = _card(image, folder, write_log)
        tree = _device_tree(folder, memory_mib)
        words = ["systemd.show_status=1", "systemd.log_color=0", "loglevel=4"]
        words += ["console=ttyAMA0", f"root=PARTUUID={layout.ROOT_A.partuuid}", "ro", "rootwait", "panic=-1"]
        words += ["fsck.repair=yes", *(f"systemd.wants={unit}" for unit in wants)]
        network = "user,id=lan" if forward is None else f"user,id=lan,hostfwd=tcp:127.0.0.1:{forward}-:8443"
        command = [
            *_machine(memory_mib),
            *(
                "-dtb",
                tree,
                "-kernel",
                folder / KERNEL,
                "-initrd",
                folder / INITRD,
                "-append",
                " ".join(words),
            ),
            *("-drive", f"{card},if=none,id=card,cache=writeback"),
            *("-device", "virtio-blk-pci,drive=card"),
            *("-netdev", network, "-device", "virtio-net-pci,netdev=lan,romfile="),
            *("-serial", f"file:{folder / CONSOLES[0]}"),
            *("-device", "virtio-serial-pci", "-chardev", f"file,id=events,path={folder / CONSOLES[1]}"),
            *("-device", "virtconsole,chardev=events"),
            *("-qtest", f"unix:{folder / 'pins.sock'},server=on,wait=off", "-qtest-log", "none"),
            *("-monitor", f"unix:{folder / 'monitor.sock'},server=on,wait=off"),
            *_credentials(folder, credentials),
        ]
        with (folder / "qemu.log").open("wb") as log:
            process = subprocess.Popen([str(word) for word in command], stdout=log, stderr=log)
        return cls(folder, process, time.monotonic())

    def wait_for(
        self, pattern: str, within_s: float, console: str = CONSOLES[0], after: int = 0
    ) -> re.Match[str]:
        """Return the first match of what a console shows.

        Args:
            pattern: a regular expression; ``^`` and ``$`` are ends of lines.
            within_s: seconds to wait.
            console: which one.
            after: bytes of it to leave out.

        Raises:
            NotSeenError: time is up, or the machine ended.
        """
        until = time.monotonic() + within_s
        while True:
            found = re.search(pattern, self.shown(console)[after:], re.MULTILINE)
            if found is not None:
                return found
            if self.process.poll() is not None or time.monotonic() > until:
                tail = self.shown(console)[-3000:] + (self.folder / "qemu.log").read_text()
                raise NotSeenError(
                    f"{pattern!r} was not seen on {console} within {within_s} s; it ends:\n{tail}"
                )
            time.sleep(0.05)

    def shown(self, console: str = CONSOLES[0]) -> str:
        """Return what a console has shown."""
        path = self.folder / console
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def age_s(self) -> float:
        """Return the seconds since it was switched on."""
        return time.monotonic() - self.started

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

    def pull_the_plug(self) -> None:
        """End it at once, as a power cut does."""
        if self._pins is not None:
            self._pins.close()
        self.process.kill()
        self.process.wait()

    def _find_pl061(self) -> str:
        with socket.socket(socket.AF_UNIX) as monitor:
            monitor.connect(str(self.folder / "monitor.sock"))
            monitor.settimeout(10)
            monitor.sendall(b"info qom-tree\n")
            text = ""
            while (found := re.search(r"/(device\[\d+\]) \(pl061\)", text)) is None:
                text += monitor.recv(65536).decode(errors="replace")
        return f"/machine/unattached/{found[1]}"


def _machine(memory_mib: int, extra: str = "") -> list[str]:
    words = ["-M", BOARD + extra, "-cpu", "cortex-a72", "-smp", "2", "-m", str(memory_mib), "-accel", "tcg"]
    return [QEMU, *words, "-display", "none", "-nodefaults"]


def _card(image: Path, folder: Path, write_log: Path | None) -> str:
    """Make the machine's own card and return what QEMU is told of it."""
    card = folder / ("card.qcow2" if write_log is None else LOGGED_CARD)
    if write_log is not None:
        # A plain file: nothing of a format's own stands between a flush and its place in the log.
        copy_sparse(image, card, 0, CARD_GIB << 30)
        write_log.touch()
        return logging_options(card, write_log)
    make = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", image.resolve(), card, f"{CARD_GIB}G"]
    subprocess.run(make, check=True)
    return f"file={card},format=qcow2"


def _device_tree(folder: Path, memory_mib: int) -> Path:
    """Return a device tree of the board that says it is a Pi 4, as gpiozero wants to hear."""
    tree = folder / "virt.dtb"
    subprocess.run(_machine(memory_mib, f",dumpdtb={tree}"), check=True, capture_output=True)
    subprocess.run(["fdtput", "-p", "-c", tree, "/system"], check=True)
    subprocess.run(["fdtput", "-t", "x", tree, "/system", "linux,revision", PI_4], check=True)
    return tree


def _credentials(folder: Path, credentials: Mapping[str, str]) -> list[str]:
    words: list[str] = []
    for number, (name, text) in enumerate(credentials.items()):
        path = folder / f"credential-{number}"
        path.write_text(text)
        words += ["-fw_cfg", f"name=opt/io.systemd.credentials/{name},file={path}"]
    return words


def file_line(path: str, text: str, owner: str = "root") -> str:
    """Return the line of ``tmpfiles.extra`` that writes a file inside."""
    packed = base64.b64encode(text.encode()).decode()
    return f"f+~ {path} 0640 {owner} {owner} - {packed}\n"


def has_tools() -> bool:
    """Whether this machine can run one."""
    return all(shutil.which(tool) for tool in (QEMU, "qemu-img", "fdtput", "mcopy"))
