"""The gate's own test as files: the office's wish for it, and what was found.

The office may not try the gate itself: a guest of its own in the net takes root. It leaves a wish beside the
settings, systemd starts ``motcua hotspot selftest``, and that leaves its findings beside the gate's socket.
"""

from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from appliance.sockets.abilities import Moment, Name
from appliance.sockets.lines import Message

VERSION: Final = 1
WISH: Final = "gate-test-wanted"
FILE: Final = "gate-test.json"
MOST_FOUND: Final = 40
MOST_TEXT: Final = 1_000
MOST_BYTES: Final = 262_144

Level = Literal["well", "warning", "broken", "unknown", "skipped", "unseen"]
Text = Annotated[str, StringConstraints(max_length=MOST_TEXT)]


class Sentence(Message):
    """A sentence in both languages."""

    en: Text
    vi: Text


class Found(Message):
    """How one condition stands."""

    key: Name
    level: Level
    title: Sentence
    said: Sentence
    todo: Sentence | None = None


class GateTest(Message):
    """See the module."""

    version: Literal[1] = VERSION
    at: Moment = Field(description="when it ended, by the system's clock, UTC")
    verdict: Sentence
    found: Annotated[tuple[Found, ...], Field(max_length=MOST_FOUND, strict=False)]
