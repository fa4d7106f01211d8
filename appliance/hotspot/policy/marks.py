"""The number that the kernel knows a session by: on its packets, its connections and in its sets.

    0x6d  class  index
      8      8     16    bits

What carries the first byte was let in by the gate: the box's own rules pass it (``systemd/nftables.conf``).
"""

from typing import Final

BASE: Final = 0x6D00_0000
"""Let in without a session: the portal, names, addresses."""
BASE_MASK: Final = 0xFF00_0000
CLASS_MASK: Final = 0x00FF_0000
WALLED: Final = 0x6DFF_0000
"""Connections into the walled garden."""
MOST_INDEX: Final = 0xFFFF
MOST_CLASS: Final = 0xFE


def session_mark(rate: int, index: int) -> int:
    """Return the mark of a session.

    Args:
        rate: number of its class, at most :data:`MOST_CLASS`.
        index: 1 to :data:`MOST_INDEX`.
    """
    if not 0 <= rate <= MOST_CLASS or not 1 <= index <= MOST_INDEX:
        raise ValueError(f"no mark for class {rate} and index {index}")
    return BASE | rate << 16 | index


def index_of(mark: int) -> int:
    """Return the number of the session in a mark."""
    return mark & MOST_INDEX


def rate_of(mark: int) -> int:
    """Return the class in a mark."""
    return (mark & CLASS_MASK) >> 16
