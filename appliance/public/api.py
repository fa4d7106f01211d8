"""The same for programs: ``/api/v1``, described by its own OpenAPI document."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict

from appliance.public.problems import RESPONSES
from appliance.public.tickets import Tickets
from appliance.sockets.door import Level, RequestId, View
from appliance.sockets.lines import Key
from appliance.sockets.tokens import EXAMPLE, PATTERN

Token = Annotated[
    str,
    Path(
        max_length=64,
        description="from the address in the ticket's QR code",
        json_schema_extra={"pattern": PATTERN},
        examples=[EXAMPLE],
    ),
]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    request: RequestId


class LeaveBody(_Body):
    """Give a ticket up."""


class RateBody(_Body):
    """Rate the service that a ticket got."""

    level: Level


class ReasonBody(_Body):
    """Say why, after a rating given with the same token."""

    reason: Key


def router(tickets: Tickets) -> APIRouter:
    """Return the routes of the API."""
    api = APIRouter(prefix="/api/v1/tickets", tags=["tickets"], responses=RESPONSES)

    @api.get("/{token}")
    async def ticket(token: Token) -> View:
        """Show a ticket."""
        return await tickets.now(token)

    @api.post("/{token}/leave")
    async def leave(token: Token, body: LeaveBody) -> View:
        """Give a ticket up."""
        return await tickets.leave(token, body.request)

    @api.post("/{token}/rate")
    async def rate(token: Token, body: RateBody) -> View:
        """Rate what a ticket got: once, and corrected within the office's time for that."""
        return await tickets.rate(token, body.level, body.request)

    @api.post("/{token}/reason")
    async def reason(token: Token, body: ReasonBody) -> View:
        """Say why, after a rating given with the same token."""
        return await tickets.reason(token, body.reason, body.request)

    return api
