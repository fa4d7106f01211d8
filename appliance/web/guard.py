"""What stands before every route of the staff app: who calls, whether he may, and whether he meant it."""

from dataclasses import fields, replace
from typing import Any

from fastapi import Request

from appliance.desk.commands import Command
from appliance.desk.lanes import Lane
from appliance.feedback.rating import GiveReason, Press
from appliance.httpd.forms import FORM, FORM_WITH_FILE, is_meant
from appliance.queueing.commands import IssueTicket
from appliance.web.access import TABLE, WITH_FILE, Who
from appliance.web.api import Ask, answered
from appliance.web.errors import (
    AnotherCounterError,
    AnotherOfficerError,
    ForbiddenError,
    ForgedFormError,
    SignInNeededError,
)
from appliance.web.parts import Parts
from appliance.web.stream import Told
from appliance.web.visitor import BOX, Visitor, still_is, visitor_of

SAFE = frozenset({"GET", "HEAD"})


class Guard:
    """Stands before every route; an instance is the app's first dependency.

    Args:
        parts: what the app stands on.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def __call__(self, request: Request) -> None:
        visitor = visitor_of(request, self._parts.accounts, self._parts.secrets.forms)
        request.state.visitor = visitor
        path = request.scope["route"].path
        allowed = TABLE[request.method, path]
        if not visitor.roles & allowed and Who.NOBODY not in allowed:
            # At the box's own screen everybody may sign in; a paired one has one purpose only.
            if visitor.officer is None and visitor.purpose in {None, BOX}:
                raise SignInNeededError
            raise ForbiddenError(who=visitor.who.value)
        secret = self._parts.secrets.forms
        kinds = (FORM, FORM_WITH_FILE) if path in WITH_FILE else (FORM,)
        if request.method not in SAFE and not await is_meant(request, secret, visitor.visit, kinds=kinds):
            await request.close()  # what came with it, however long
            raise ForgedFormError

    def asker(self, request: Request) -> Ask:
        """Return how this caller may ask: in his own name, and a screen only for what it is there for."""
        visitor: Visitor = request.state.visitor

        async def ask(command: Command, lane: Lane) -> dict[str, Any]:
            answer = await answered(self._parts.desk, as_visitor(command, visitor), lane)
            if isinstance(command, Press | GiveReason):
                # Whose rating it was is nobody's business at a screen.
                return {key: answer[key] for key in ("seq", "kind")}
            return answer

        return ask

    def teller(self, request: Request) -> Told:
        """Return what the stream of events tells this caller.

        Nobody who serves at a counter, and nobody who leads them, learns what one citizen pressed. The ids of
        requests are their makers' own: who sent a kiosk's once more would be led to that citizen's ticket.
        """
        may_follow = still_is(request.state.visitor, self._parts.accounts)
        return Told(hides=("rating.",), leaves_out=frozenset({"request"}), may_follow=may_follow)


def as_visitor(command: Command, visitor: Visitor) -> Command:
    """Return a command as this caller may give it.

    Raises:
        AnotherOfficerError: it names somebody else.
        AnotherCounterError: the screen is there for something else.
    """
    if isinstance(command, Press):
        check_purpose(visitor, f"rate:{command.counter}")
        return replace(command, source="web", ticket=None)
    if isinstance(command, GiveReason):
        check_purpose(visitor, "rate:")
        # A screen explains what was pressed on it, and nothing of another counter.
        own = (visitor.purpose or "").partition(":")[2]
        return replace(command, counter=own) if own else command
    named: str | None = getattr(command, "officer", None)
    if named is not None and named != visitor.officer:
        raise AnotherOfficerError(officer=named)
    if isinstance(command, IssueTicket):
        if visitor.officer is None:
            check_purpose(visitor, "kiosk")
            return replace(command, source="kiosk")
        return replace(command, source="staff", officer=visitor.officer)
    if any(field.name == "officer" for field in fields(command)):
        named_now: dict[str, Any] = {"officer": visitor.officer}
        return replace(command, **named_now)
    return command


def check_purpose(visitor: Visitor, purpose: str) -> None:
    """Raise unless this caller's screen is there for ``purpose``, or a purpose that begins with it.

    Raises:
        AnotherCounterError: it is not.
    """
    own = visitor.purpose or ""
    is_kind_of = purpose.endswith(":") and own.startswith(purpose)
    if own in {BOX, purpose} or is_kind_of:
        return
    raise AnotherCounterError(purpose=own or visitor.who.value)
