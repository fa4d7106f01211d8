"""Where the builder works: programs are started here, their output in one log, each step announced."""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from provisioning.image.errors import (
    NoEmulationError,
    NoSourceError,
    NotRootError,
    StepFailedError,
    ToolsMissingError,
)
from provisioning.image.packages import missing_packages

SOURCE: Final = Path(__file__).resolve().parents[2]
BINFMT: Final = Path("/proc/sys/fs/binfmt_misc")
HANDLER: Final = "qemu-aarch64"


@dataclass(slots=True)
class Workshop:
    """A scratch directory, a cache and a log.

    Args:
        scratch: emptied afterwards by whoever made it.
        cache: outlives the build: Debian packages, wheels, base systems.
        log: file that all output goes to.
        epoch_s: the time that every file of the image gets, seconds since 1970.
        say: shows a line of progress.
        source: the tree of motcua.
    """

    scratch: Path
    cache: Path
    log: Path
    epoch_s: int
    say: Callable[[str], None]
    source: Path = SOURCE
    step: str = field(default="", init=False)

    def begin(self, step: str) -> None:
        """Announce a step."""
        self.step = step
        self.say(step)

    def kept(self, name: str) -> Path:
        """Return a directory of the cache."""
        folder = self.cache / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def run(
        self,
        command: Sequence[str | Path],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        """Run a program to its end.

        Args:
            command: the program and its arguments.
            env: added to the environment, which is otherwise that of this process.
            cwd: where to run it; None for here.

        Raises:
            StepFailedError: it ended with another status than 0.
        """
        words = [str(word) for word in command]
        with self.log.open("ab") as log:
            log.write(f"$ {' '.join(words)}\n".encode())
            log.flush()
            done = subprocess.run(
                words,
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env=self._environment(env),
            )
        if done.returncode != 0:
            raise StepFailedError(
                step=self.step, program=words[0], status=done.returncode, log=self.log, last=self._last_line()
            )

    def chroot(self, root: Path, *words: str) -> None:
        """Run a program of the image's own, emulated.

        Raises:
            StepFailedError: it ended with another status than 0.
        """
        own = ("PATH=/usr/sbin:/usr/bin", "HOME=/tmp", "LANG=C.UTF-8", "PYTHONDONTWRITEBYTECODE=1")
        fixed = (f"SOURCE_DATE_EPOCH={self.epoch_s}", "PYTHONHASHSEED=0")
        self.run(["chroot", root, "env", "-i", *own, *fixed, *words])

    def _environment(self, more: Mapping[str, str] | None) -> dict[str, str]:
        fixed = {"SOURCE_DATE_EPOCH": str(self.epoch_s), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        return {**os.environ, **fixed, **(more or {})}

    def _last_line(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")


def check_machine(source: Path = SOURCE) -> None:
    """See that an image can be built here, before anything is begun.

    Raises:
        ImageError: what is missing, and the one line that helps.
    """
    if not (source / "pyproject.toml").is_file() or not (source / "systemd").is_dir():
        raise NoSourceError(root=source)
    missing = missing_packages(_has)
    if missing:
        raise ToolsMissingError(packages=" ".join(missing))
    if os.geteuid() != 0:
        raise NotRootError


def enable_emulation() -> None:
    """Let this machine's kernel start programs of arm64.

    Raises:
        NoEmulationError: it will not.
    """
    if os.uname().machine == "aarch64":
        return
    if not (BINFMT / "register").exists():
        _try("mount", "-t", "binfmt_misc", "none", str(BINFMT))
    if not (BINFMT / HANDLER).exists():
        _try("update-binfmts", "--enable", HANDLER)
    if not (BINFMT / HANDLER).exists():
        raise NoEmulationError(reason=f"{BINFMT / HANDLER} is missing")


def _try(*command: str) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise NoEmulationError(reason=(done.stderr or done.stdout).strip() or command[0])


def _has(program: str) -> bool:
    path = os.environ.get("PATH", os.defpath) + os.pathsep + "/usr/sbin:/sbin"
    return shutil.which(program, path=path) is not None
