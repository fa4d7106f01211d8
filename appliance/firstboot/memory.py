"""``firstboot.json``: which card was taken, and what is to be left of it, until its secrets are erased."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Self

from appliance.firstboot.erasing import padded

FILE_NAME: Final = "firstboot.json"


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of the last card that was taken.

    Attributes:
        card: its digest.
        size: bytes of its file.
        rest: its text without secrets.
        is_erased: whether that text is all that is left of it.
        is_restored: whether the box went on from a backup stick as it asked.
    """

    card: str
    size: int
    rest: str
    is_erased: bool
    is_restored: bool = False

    @classmethod
    def read(cls, data: Path) -> Self | None:
        """Return what a data directory remembers; None when it is nothing."""
        try:
            told = json.loads((data / FILE_NAME).read_text(encoding="utf-8"))
            return cls(
                card=str(told["card"]),
                size=int(told["size"]),
                rest=str(told["rest"]),
                is_erased=bool(told["is_erased"]),
                is_restored=bool(told.get("is_restored", False)),
            )
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def to_bytes(self) -> bytes:
        """Return the content of the file."""
        return json.dumps(asdict(self), ensure_ascii=False).encode() + b"\n"

    @property
    def left(self) -> bytes:
        """The bytes that are to be left on the card."""
        return padded(self.rest, self.size)

    def is_half_erased(self, raw: bytes) -> bool:
        """Whether a card's file can be one over which writing was interrupted."""
        return not self.is_erased and self.size <= len(raw) <= len(self.left)
