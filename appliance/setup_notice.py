"""``setup.json``: that a box is not set up, and why, for the screens that say so.

The first start writes it, whoever shows a page reads it. When the box is set up and nothing is wrong, there
is no such file.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Self

from appliance.config.problem import Problem

FILE_NAME: Final = "setup.json"
_MAX_BYTES: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing to correct on the card.

    Attributes:
        place: File and key, ``motcua.toml: center.url``.
        message: What is wrong and what to write instead, in English.
        message_vi: The same in Vietnamese.
    """

    place: str
    message: str
    message_vi: str

    @classmethod
    def of(cls, problem: Problem, name: str) -> "Mistake":
        """Return what a file's problem is to a screen; ``name`` is the file's."""
        return cls(problem.place(name), problem.message, problem.message_vi)


@dataclass(frozen=True, slots=True)
class SetupNotice:
    """What the screens show of a box that is not, or not wholly, set up.

    Attributes:
        is_set_up: Whether the office opens all the same, as it was set up before.
        mistakes: What is wrong; at least one.
    """

    is_set_up: bool
    mistakes: tuple[Mistake, ...]

    @classmethod
    def read(cls, data: Path) -> Self | None:
        """Return the notice of a data directory; None when there is none, or none that can be read."""
        try:
            with (data / FILE_NAME).open("rb") as file:
                told = json.loads(file.read(_MAX_BYTES))
            mistakes = tuple(Mistake(**each) for each in told["mistakes"])
            return cls(is_set_up=bool(told["is_set_up"]), mistakes=mistakes)
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def told(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"is_set_up": self.is_set_up, "mistakes": [asdict(each) for each in self.mistakes]}

    def to_bytes(self) -> bytes:
        """Return the content of the file."""
        return json.dumps(self.told(), ensure_ascii=False, indent=1).encode() + b"\n"
