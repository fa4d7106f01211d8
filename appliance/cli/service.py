"""What the long-running commands share: little memory."""

import ctypes
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

GC_OBJECTS = 20_000
"""New objects between collections of the youngest generation."""


def lean() -> None:
    """Keep what a service never shows out of its memory, before anything imports it."""
    # structlog draws tracebacks with rich when it finds it: 4 MB.
    sys.modules.setdefault("rich", None)  # type: ignore[arg-type] # the documented way to refuse an import
    # One arena for all threads; each further one keeps megabytes for itself (mallopt(3), M_ARENA_MAX).
    libc = ctypes.CDLL(None)
    libc.mallopt(-8, 1)
    # What is larger (a password's 19 MiB) goes back to the kernel when it is freed: M_MMAP_THRESHOLD.
    libc.mallopt(-3, 1 << 20)


@contextmanager
def settled() -> Iterator[None]:
    """Import and start without collections, and keep what exists then out of later ones.

    They take an eighth of the time that a start takes, and each later one would stop the desk.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(GC_OBJECTS)
        gc.enable()
