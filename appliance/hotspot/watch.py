"""Says within milliseconds that a file was changed, through inotify: phones wait for their lease."""

import asyncio
import ctypes
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

_MODIFIED: Final = 0x2
_CLOSED: Final = 0x8
_MOVED: Final = 0x80
_CLOEXEC: Final = 0o2000000
_NONBLOCK: Final = 0o4000


class FolderWatch:
    """Calls back in the loop when anything in a folder changes; make it with :meth:`open`."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def open(cls, folder: Path, on_change: Callable[[], None]) -> Self:
        """Begin to watch, inside a running loop.

        Raises:
            OSError: the kernel refuses.
        """
        libc = ctypes.CDLL(None, use_errno=True)
        descriptor = libc.inotify_init1(_CLOEXEC | _NONBLOCK)
        if descriptor < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        wanted = _MODIFIED | _CLOSED | _MOVED
        if libc.inotify_add_watch(descriptor, os.fsencode(folder), wanted) < 0:
            error = ctypes.get_errno()
            os.close(descriptor)
            raise OSError(error, os.strerror(error), str(folder))
        watch = cls(descriptor)
        asyncio.get_running_loop().add_reader(descriptor, watch._readable, on_change)
        return watch

    def close(self) -> None:
        """Stop; idempotent."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            asyncio.get_running_loop().remove_reader(descriptor)
            os.close(descriptor)

    def _readable(self, on_change: Callable[[], None]) -> None:
        with suppress(BlockingIOError):
            while os.read(self._descriptor, 65_536):
                pass
        on_change()
