"""What the doctor found of one condition, and what to do about it, in both languages."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How one condition stands."""

    WELL = "well"
    WARNING = "warning"
    """It works; somebody should see to it."""
    BROKEN = "broken"
    UNKNOWN = "unknown"
    """This machine has no way to tell: neither good nor bad."""
    SKIPPED = "skipped"
    """It does not apply to this box."""
    UNSEEN = "unseen"
    """The doctor itself could not look."""


@dataclass(frozen=True, slots=True)
class Both:
    """One sentence in English and in Vietnamese."""

    en: str
    vi: str


@dataclass(frozen=True, slots=True)
class Finding:
    """How one condition stands.

    Args:
        key: of the condition.
        title: of the condition, two or three words.
        level: how it stands.
        said: what was seen.
        todo: what to do, or None.
    """

    key: str
    title: Both
    level: Level
    said: Both
    todo: Both | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that the doctor looks at.

    Args:
        key: stable word, the name of its module.
        en: its title in English, short.
        vi: the same in Vietnamese.
    """

    key: str
    en: str
    vi: str

    @property
    def title(self) -> Both:
        """Its title in both languages."""
        return Both(self.en, self.vi)

    def well(self, said: Both) -> Finding:
        """Return that it is as it should be."""
        return Finding(self.key, self.title, Level.WELL, said)

    def warning(self, said: Both, todo: Both) -> Finding:
        """Return that somebody should see to it."""
        return Finding(self.key, self.title, Level.WARNING, said, todo)

    def broken(self, said: Both, todo: Both) -> Finding:
        """Return that it does not work."""
        return Finding(self.key, self.title, Level.BROKEN, said, todo)

    def unknown(self, said: Both, todo: Both | None = None) -> Finding:
        """Return that this machine cannot tell."""
        return Finding(self.key, self.title, Level.UNKNOWN, said, todo)

    def skipped(self, said: Both) -> Finding:
        """Return that it does not apply."""
        return Finding(self.key, self.title, Level.SKIPPED, said)

    def unseen(self, reason: str, todo: Both | None = None) -> Finding:
        """Return that the doctor could not look."""
        return Finding(self.key, self.title, Level.UNSEEN, Both(reason, reason), todo)
