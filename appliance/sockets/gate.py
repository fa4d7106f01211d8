"""To the gate of the public WiFi: the strangers' app opens it for an address, the office sets it.

All begin with :class:`Hello` and put an ``id`` of their own into each question. The gate asks the kernel
whose process calls: the strangers' app may say :class:`Open`, :class:`StatusOf`, :class:`Withdraw` and
:class:`Close` and nothing else, each about the device at an address; the office all but these. An address
goes in and never comes out: the office sees handles, which are drawn by lot and mean nothing beyond this
start of the gate.

What a guest agreed to is kept with his live session and forgotten with it: the version of the terms and
the keys of what he allowed besides. A session under terms that have changed since lasts to its end; whoever
agrees again agrees to those of then, which the portal sees to.

:class:`Usage` is said to the office when an hour is over, once more with every greeting until :class:`Taken`
answers it; the same hour again is the same message. It is at most 1 KiB.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import Field, StringConstraints, model_validator

from appliance.sockets.lines import Key, Message, Text, parsed

VERSION: Final = 1
SOCKET: Final = "gate.sock"
FILE: Final = "hotspot.json"
RETENTION_FILE: Final = "retention.json"
"""Beside :data:`FILE`, where sessions are to be recorded."""
MOST_RULES: Final = 15_000
"""Characters of the settings; with the rest of the file they fit a line."""
MOST_POLICY: Final = 8_192
"""Characters of a policy."""
MOST_USAGE: Final = 1024
"""Bytes of one :class:`Usage`."""
CLIENTS_A_LINE: Final = 64
MOST_CONSENTS: Final = 8
BEAT_S: Final = 5.0
SILENT_S: Final = 15.0
"""Who hears nothing for so long takes the gate for dead."""

Id = Annotated[int, Field(ge=0, le=2**31)]
Count = Annotated[int, Field(ge=0, le=2**53 - 1)]
Address = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9A-Fa-f:.]{2,45}$"),
    Field(description="as the socket has it: IPv4, or IPv6 without zone", examples=["10.77.0.23"]),
]
Port = Annotated[int, Field(ge=1, le=65_535)]
STAFF_PORT: Final = 8443
"""Where the staff app is looked for by a test when the settings let it take any free port."""
Terms = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{64}$"),
    Field(description="SHA-256 of the terms that were shown, hex"),
]
Handle = Annotated[str, StringConstraints(pattern=r"^[a-z2-7]{8}$"), Field(examples=["k3fwq2ab"])]
Hour = Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]$")]
State = Literal["new", "open", "spent", "blocked", "closed", "full", "away"]
"""``new``: may open. ``spent``: the day's quota is used up. ``closed``: outside the hours. ``full``: as many
are online as may be. ``away``: the gate itself does not work, or the address is no guest's."""
Standing = Literal["running", "restarting", "failed", "off"]
Reason = Literal["full", "closed", "spent", "blocked"]
"""Why a device was refused."""


class Hello(Message):
    """The first line of both sides."""

    op: Literal["hello"] = "hello"
    version: int = VERSION


class Open(Message):
    """Whoever has this address agrees to the terms: let the device through."""

    op: Literal["open"] = "open"
    id: Id
    address: Address
    terms: Terms
    consents: Annotated[
        list[Key], Field(max_length=MOST_CONSENTS, description="optional purposes that were ticked")
    ]


class Withdraw(Message):
    """Whoever has this address allows these no more; without a session there is nothing to take back."""

    op: Literal["withdraw"] = "withdraw"
    id: Id
    address: Address
    consents: Annotated[list[Key], Field(min_length=1, max_length=MOST_CONSENTS)]


class Close(Message):
    """Whoever has this address is done: his session, if he has one, ends on the next packet."""

    op: Literal["close"] = "close"
    id: Id
    address: Address


class StatusOf(Message):
    """How the device at this address stands."""

    op: Literal["status"] = "status"
    id: Id
    address: Address


class Apply(Message):
    """The settings in :data:`FILE` are other ones now."""

    op: Literal["apply"] = "apply"
    id: Id


class Block(Message):
    """Close the gate for a device and keep it closed."""

    op: Literal["block"] = "block"
    id: Id
    handle: Handle
    minutes: Annotated[int, Field(ge=1, le=1440)]


class Unblock(Message):
    """Let a device agree again."""

    op: Literal["unblock"] = "unblock"
    id: Id
    handle: Handle


class CountsNow(Message):
    """How many are there now."""

    op: Literal["counts"] = "counts"
    id: Id


class ClientsNow(Message):
    """Who is there now, by handles."""

    op: Literal["clients"] = "clients"
    id: Id


class Taken(Message):
    """An hour's usage is recorded: it need not be said again."""

    op: Literal["taken"] = "taken"
    hour: Hour


class Status(Message):
    """How a device stands."""

    op: Literal["standing"] = "standing"
    id: Id
    state: State
    seconds_left: Count | None = Field(description="of an open session")
    bytes_left: Count | None = Field(description="of the day's quota; None if it is spent or never checked")
    terms: Terms | None = Field(default=None, description="that an open session was agreed to under")
    consents: Annotated[list[Key], Field(max_length=MOST_CONSENTS)] = Field(
        default_factory=list, description="of an open session"
    )
    wan: bool | None = Field(
        default=None,
        description="whether there is a way to the Internet; None if the gate does not work",
    )
    opens_in_s: Count | None = Field(
        default=None, description="until the next hour in which guests may be online, while it is none"
    )


class Done(Message):
    """It is so now."""

    op: Literal["done"] = "done"
    id: Id


class Refused(Message):
    """It was not done: by a rule, or not now."""

    op: Literal["refused"] = "refused"
    id: Id
    key: Text
    en: Text
    vi: Text
    is_transient: bool


class Engine(Message):
    """A program that the gate runs."""

    name: Key
    standing: Standing
    restarts: Count


class LineQuality(Message):
    """How the line's resolvers answered in the last ten minutes."""

    rounds: Count = Field(description="of questions, each for one name")
    unanswered: Count = Field(description="of them; nobody knew")
    usual_ms: Count | None = Field(description="until the first answer of a round, the median")
    worst_ms: Count | None = Field(description="the longest")


class Counts(Message):
    """How many are there now; nobody in particular."""

    op: Literal["counted"] = "counted"
    id: Id
    open: Count = Field(description="sessions")
    joined: Count = Field(description="devices with an address")
    blocked: Count
    refused: Count = Field(description="since the hour began: full, closed, spent or blocked")
    refused_for: dict[Reason, Count] = Field(
        default_factory=dict, description="the same by reason, as far as it is told"
    )
    conflicts: Count = Field(description="devices whose hardware address two seem to use")
    bytes_up: Count = Field(description="since the hour began")
    bytes_down: Count
    engines: Annotated[list[Engine], Field(max_length=8)]
    fault: Text | None = Field(description="why guests are kept out, if they are")
    fault_vi: Text | None = Field(default=None, description="the same in Vietnamese, for screens")
    retention: Literal["off", "on", "faulty"] = Field(
        default="off",
        description="whether sessions are recorded by the province's policy; `faulty` where they are not",
    )
    wan: bool | None = Field(
        default=None, description="whether there is a way to the Internet, if it is told"
    )
    on_air: Count | None = Field(default=None, description="devices that have joined a radio of the box")
    most_on_air: Count | None = Field(default=None, description="that the radio takes; one more cannot join")
    line_quality: LineQuality | None = Field(
        default=None, description="how the line answered lately, if it was asked"
    )


class Client(Message):
    """One device with a session, or a blocked one."""

    handle: Handle
    state: Literal["open", "spent", "blocked"]
    since_s: Count
    bytes_up: Count = Field(description="of the day")
    bytes_down: Count
    has_conflict: bool = Field(description="two devices seem to use its hardware address")


class Clients(Message):
    """Devices, the one with the most traffic first; the last line of an answer is marked."""

    op: Literal["listed"] = "listed"
    id: Id
    clients: Annotated[list[Client], Field(max_length=CLIENTS_A_LINE)]
    is_last: bool


class Usage(Message):
    """An hour that is over: all five counts, or too few sessions to say anything."""

    op: Literal["usage"] = "usage"
    hour: Hour
    sessions: Count | None = None
    peak_clients: Count | None = None
    refused: Count | None = None
    bytes_down: Count | None = None
    bytes_up: Count | None = None
    suppressed: bool = False

    @model_validator(mode="after")
    def _all_or_none(self) -> "Usage":
        given = [
            each is not None
            for each in (self.sessions, self.peak_clients, self.refused, self.bytes_down, self.bytes_up)
        ]
        if any(given) == self.suppressed or len(set(given)) != 1:
            raise ValueError("all five counts, or suppressed and none")
        return self


class Rules(Message):
    """What the gate may know of the settings: one file that the office writes and the gate reads."""

    version: int = VERSION
    hotspot: Annotated[
        str,
        StringConstraints(max_length=MOST_RULES),
        Field(description="`[hotspot]` of office.toml, as JSON"),
    ]
    portal_port: Port = Field(description="where the strangers' app is served")
    staff_port: Port = Field(
        default=STAFF_PORT, description="of the staff app: the gate's own test knocks there"
    )


class Retention(Message):
    """The policy by which sessions are recorded, beside :class:`Rules`."""

    version: int = VERSION
    device: Key = Field(description="the box's id")
    policy: Annotated[str, StringConstraints(max_length=MOST_POLICY)] | None = Field(
        description="the policy's file as it is; None where it cannot be read"
    )
    terms: Terms = Field(description="the version of the terms that say so: others are not recorded")


class Beat(Message):
    """The gate is there."""

    op: Literal["beat"] = "beat"


AskedByPublic = Hello | Open | StatusOf | Withdraw | Close
AskedByOffice = Hello | Apply | Block | Unblock | CountsNow | ClientsNow | Taken
Told = Hello | Status | Done | Refused | Counts | Clients | Usage | Beat
_BY_PUBLIC: Final[Any] = Annotated[AskedByPublic, Field(discriminator="op")]
_BY_OFFICE: Final[Any] = Annotated[AskedByOffice, Field(discriminator="op")]
_TOLD: Final[Any] = Annotated[Told, Field(discriminator="op")]


def asked_by_public(line: bytes) -> AskedByPublic:
    """Return the strangers' app's question in a line.

    Raises:
        BadLineError: it is none.
    """
    found: AskedByPublic = parsed(_BY_PUBLIC, line)
    return found


def asked_by_office(line: bytes) -> AskedByOffice:
    """Return the office's question in a line.

    Raises:
        BadLineError: it is none.
    """
    found: AskedByOffice = parsed(_BY_OFFICE, line)
    return found


def told(line: bytes) -> Told:
    """Return the gate's answer in a line.

    Raises:
        BadLineError: it is none.
    """
    found: Told = parsed(_TOLD, line)
    return found
