"""Between the strangers' app, which asks, and the office, which answers: tickets by their tokens.

Both begin with :class:`Hello`. Whoever asks puts an ``id`` of his own into each question; the answers carry
it and may come in another order. ``look`` is answered by one or more :class:`Seen`, the last one marked;
``leave``, ``rate`` and ``reason`` by :class:`Done` or :class:`Refused`; ``watch`` by :class:`Changed` now and
then, at most five a second, and by :class:`Beat`. Nothing in here names an officer, a ticket's key, or
anybody's level.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import Field, StringConstraints

from appliance.sockets.lines import Key, Message, Text, parsed
from appliance.sockets.tokens import EXAMPLE, PATTERN

VERSION: Final = 1
SOCKET: Final = "office.sock"
MOST_TOKENS: Final = 32
"""Tokens in one look."""
VIEWS_A_LINE: Final = 8
"""Names are up to 360 bytes long: more views might not fit a line."""
BEAT_S: Final = 5.0
SILENT_S: Final = 15.0
"""Who hears neither a change nor a beat for so long takes the other end for dead."""

Id = Annotated[int, Field(ge=0, le=2**31)]
Token = Annotated[
    str,
    StringConstraints(pattern=PATTERN),
    Field(examples=[EXAMPLE]),
]
RequestId = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,64}$"),
    Field(
        description="made by the caller; the same id again gets the first answer and causes nothing new",
        examples=["phone-7f3a"],
    ),
]
Level = Annotated[int, Field(ge=1, le=5, description="1 is worst")]
Count = Annotated[int, Field(ge=0)]
State = Literal["WAITING", "CALLED", "SERVING", "ON_HOLD", "NO_SHOW", "SERVED", "CANCELLED"]


class Named(Message):
    """A name in both languages."""

    vi: Text
    en: Text

    def of_lang(self, lang: str) -> str:
        """Return the name in a language."""
        return self.en if lang == "en" else self.vi


class View(Message):
    """What a ticket's owner may see of it."""

    label: Text
    service: Named
    state: State
    counter: Named | None = Field(description="where it was called to")
    ahead: Count | None = Field(description="people ahead in its line, while it waits")
    low_ms: Count | None = Field(description="the wait from now: probably not less, milliseconds")
    high_ms: Count | None = Field(description="probably not more")
    counters_open: Count = Field(description="counters that call this service now")
    calls: Count = Field(description="how often it was called; grows with every call")
    since_ms: Count = Field(description="how long it has been in this state")
    can_leave: bool
    can_rate: bool
    rated: bool
    correct_ms: Count = Field(description="how long the rating given may still be corrected")
    can_reason: bool


class Hello(Message):
    """The first line of both sides."""

    op: Literal["hello"] = "hello"
    version: int = VERSION


class LookAt(Message):
    """Show these tickets."""

    op: Literal["look"] = "look"
    id: Id
    tokens: Annotated[list[Token], Field(min_length=1, max_length=MOST_TOKENS)]


class Leave(Message):
    """Give a ticket up."""

    op: Literal["leave"] = "leave"
    id: Id
    token: Token
    request: RequestId


class Rate(Message):
    """Rate the service that a ticket got."""

    op: Literal["rate"] = "rate"
    id: Id
    token: Token
    level: Level
    request: RequestId


class Reason(Message):
    """Say why, after a rating given with the same token."""

    op: Literal["reason"] = "reason"
    id: Id
    token: Token
    reason: Key
    request: RequestId


class Watch(Message):
    """Say from now on when something has changed."""

    op: Literal["watch"] = "watch"


class Seen(Message):
    """Tickets in the order asked for, ``null`` for a token that is none of today's."""

    op: Literal["seen"] = "seen"
    id: Id
    views: Annotated[list[View | None], Field(max_length=VIEWS_A_LINE)]
    is_last: bool


class Done(Message):
    """It is recorded."""

    op: Literal["done"] = "done"
    id: Id
    view: View | None


class Refused(Message):
    """It was not done: by a rule, or not now."""

    op: Literal["refused"] = "refused"
    id: Id
    key: Text
    en: Text
    vi: Text
    is_transient: bool


class Changed(Message):
    """Something in the hall, or the settings, has changed."""

    op: Literal["changed"] = "changed"
    mark: Text = Field(description="`<epoch>:<seq>` of what is recorded")


class Beat(Message):
    """The office is there."""

    op: Literal["beat"] = "beat"


Asked = Hello | LookAt | Leave | Rate | Reason | Watch
Told = Hello | Seen | Done | Refused | Changed | Beat
_ASKED: Final[Any] = Annotated[Asked, Field(discriminator="op")]
_TOLD: Final[Any] = Annotated[Told, Field(discriminator="op")]


def asked(line: bytes) -> Asked:
    """Return the question in a line.

    Raises:
        BadLineError: it is none.
    """
    found: Asked = parsed(_ASKED, line)
    return found


def told(line: bytes) -> Told:
    """Return the answer in a line.

    Raises:
        BadLineError: it is none.
    """
    found: Told = parsed(_TOLD, line)
    return found
