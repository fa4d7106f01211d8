"""A file that the office puts up for strangers to know, read again when it is another one."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

import structlog

from appliance.sockets.errors import BadLineError

log = structlog.get_logger(__name__)

Content = TypeVar("Content")


class Published(Generic[Content]):
    """See the module.

    Args:
        path: of the file.
        most_bytes: of it; more are no such file.
        read: makes of its bytes what it says, or raises BadLineError.
    """

    def __init__(self, path: Path, most_bytes: int, read: Callable[[bytes], Content]) -> None:
        self._path, self._most, self._read = path, most_bytes, read
        self._stamp: tuple[int, int, int] | None = None
        self._last: Content | None = None

    def last(self) -> Content | None:
        """Return what it says; the last that could be read, None when nothing ever was."""
        try:
            with self._path.open("rb") as file:
                found = os.fstat(file.fileno())
                stamp = (found.st_ino, found.st_mtime_ns, found.st_size)
                if stamp == self._stamp:
                    return self._last
                self._stamp = stamp
                content = file.read(self._most + 1)
            self._last = self._read(content)
        except (OSError, BadLineError) as error:
            if self._stamp is not None:
                log.warning("notice.unreadable", file=self._path.name, reason=str(error))
        return self._last
