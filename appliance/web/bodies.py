"""What callers send, checked by pydantic, and the command each body stands for."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from appliance.desk.commands import Command, TrustTime
from appliance.queueing import commands as queueing
from appliance.wire.moment import microseconds

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,32}$", examples=["q1"])]
RequestId = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9._:-]{1,64}$",
        description="made by the caller; the same id again gets the first answer and causes nothing new",
        examples=["kiosk-7f3a"],
    ),
]
TicketKey = Annotated[
    str,
    Field(
        pattern=r"^\d{4}-\d\d-\d\d/[A-Za-z0-9_-]{1,32}/[1-9]\d{0,8}$",
        description="<business day>/<series>/<number>",
        examples=["2026-11-23/A/12"],
    ),
]

Label = Annotated[str, Field(pattern=r"^[A-Z]{1,3}\d{1,9}$", description="as printed", examples=["A138"])]


EARLIEST = datetime(2025, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    request: RequestId


class _StaffBody(_Body):
    officer: Id | None = Field(None, description="who commands; null for the box itself")


class Issue(_Body):
    """Take a number."""

    service: Id
    priority: Id = Field("none", description="`none` or a configured class")
    source: Literal["kiosk", "staff", "phone"] = "staff"


class OfTicket(_StaffBody):
    """Something about one ticket."""

    ticket: TicketKey


class AtCounter(_StaffBody):
    """Something at one counter that needs no more words."""


class Complete(_StaffBody):
    """The person at the counter is served."""

    stage: Literal["receive", "return"] | None = None


class Transfer(_StaffBody):
    """Send the person at the counter, or a held ticket, on; give exactly one target."""

    ticket: TicketKey | None = Field(None, description="a held one; without it the counter's own")

    to_service: Id | None = None
    to_counter: Id | None = None


class OpenCounter(_StaffBody):
    """Staff a counter."""

    services: tuple[Id, ...] = Field((), description="only these of the counter's services; empty for all")


class PauseCounter(_StaffBody):
    """Interrupt or leave a counter."""

    reason: Id | None = None


class Rate(_Body):
    """Press a satisfaction button on a screen."""

    counter: Id
    level: int = Field(ge=1, le=5, description="1 is worst")
    source: Literal["web", "phone"] = "web"
    ticket: TicketKey | None = None


class Reason(_Body):
    """Say why, after a rating."""

    rating: int = Field(ge=1, description="seq of the rating")
    reason: Id


class Day(_StaffBody):
    """Open or close the business day."""


class ResumeDay(_StaffBody):
    """Go on behind the numbers that people hold, after a box was replaced."""

    labels: Annotated[tuple[Label, ...], Field(min_length=1, max_length=26, examples=[["A138", "B020"]])]


class ConfirmTime(BaseModel):
    """An officer compared date and time with those of another clock."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: AwareDatetime = Field(
        ge=EARLIEST,
        lt=LATEST,
        description="the time now; between 2025 and 2100, else it is a slip of the hand",
    )

    def command(self) -> Command:
        return TrustTime("officer", microseconds(self.at))


COUNTER_VERBS: dict[str, tuple[type[_StaffBody], Callable[..., Command]]] = {
    "open": (OpenCounter, queueing.OpenCounter),
    "pause": (PauseCounter, queueing.PauseCounter),
    "close": (PauseCounter, queueing.CloseCounter),
    "call-next": (AtCounter, queueing.CallNext),
    "call": (OfTicket, queueing.CallTicket),
    "recall": (AtCounter, queueing.Recall),
    "start": (AtCounter, queueing.Start),
    "complete": (Complete, queueing.Complete),
    "no-show": (AtCounter, queueing.MarkNoShow),
    "hold": (AtCounter, queueing.Hold),
    "resume": (OfTicket, queueing.Resume),
    "transfer": (Transfer, queueing.Transfer),
    "recycle": (AtCounter, queueing.Recycle),
}
"""Every verb at a counter, the body it takes and the command it stands for; the names of the fields agree."""

TICKET_VERBS: dict[str, Callable[..., Command]] = {
    "cancel": queueing.Cancel,
    "return": queueing.ReturnTicket,
    "leave": queueing.LeaveQueue,
}
"""Every verb on a ticket."""

DAY_VERBS: dict[str, tuple[type[_StaffBody], Callable[..., Command]]] = {
    "open": (Day, queueing.OpenDay),
    "close": (Day, queueing.CloseDay),
    "resume": (ResumeDay, queueing.ResumeDay),
}
"""Every verb on the business day."""


def command_of(make: Callable[..., Command], body: BaseModel, **more: str) -> Command:
    """Return the command of a body."""
    return make(**body.model_dump(), **more)
