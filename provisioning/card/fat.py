"""One file in a FAT file system, put and read by mtools: no mount, no root."""

import os
import subprocess
from pathlib import Path
from typing import Final

from provisioning.card.errors import CardUnwritableError, ToolMissingError

_SECONDS: Final = 60
_QUIET: Final = {"MTOOLSRC": os.devnull, "MTOOLS_SKIP_CHECK": "1", "LC_ALL": "C.UTF-8"}


def put(disk: Path, name: str, data: bytes, offset: int = 0) -> None:
    """Put a file into the root folder of a FAT file system, over one of that name.

    Args:
        disk: a file or block device.
        name: of the file.
        data: its content.
        offset: where the file system begins, bytes.

    Raises:
        ToolMissingError, CardUnwritableError: it is not there.
    """
    _run(["mcopy", "-o", "-i", f"{disk}@@{offset}", "-", f"::{name}"], disk, data)


def read(disk: Path, name: str, offset: int = 0) -> bytes:
    """Return a file of the root folder; the arguments are those of ``put``.

    Raises:
        ToolMissingError, CardUnwritableError: it is not there.
    """
    return _run(["mtype", "-i", f"{disk}@@{offset}", f"::{name}"], disk, b"")


def _run(command: list[str], disk: Path, data: bytes) -> bytes:
    environment = {**os.environ, **_QUIET}
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, check=False, timeout=_SECONDS, env=environment
        )
    except FileNotFoundError:
        raise ToolMissingError(program=command[0], package="mtools") from None
    except subprocess.TimeoutExpired as error:
        raise CardUnwritableError(target=disk, reason=f"{command[0]} does not end") from error
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip() or f"exit status {done.returncode}"
        raise CardUnwritableError(target=disk, reason=said.replace("\n", "; "))
    return done.stdout
