"""What a stranger wishes to have done with a ticket, as commands to the desk: leave, rate once, say why."""

import asyncio
import hashlib

from appliance.desk.commands import Command
from appliance.desk.lanes import Lane
from appliance.feedback.rating import PHONE, GiveReason, Press
from appliance.office.errors import AlreadyRatedError, NoRatingError, NoSuchTokenError
from appliance.office.public_views import Given, Ratings, Views, evaluation_of
from appliance.queueing.commands import LeaveQueue
from appliance.sockets import door
from appliance.web.parts import Parts

Wish = door.Leave | door.Rate | door.Reason


class Wishes:
    """Puts them to the desk's lower lane.

    Args:
        parts: what the staff app stands on.
        views: tickets as strangers see them.
        ratings: given by phones.
    """

    def __init__(self, parts: Parts, views: Views, ratings: Ratings) -> None:
        self._parts = parts
        self._views = views
        self._ratings = ratings

    async def fulfill(self, asked: Wish) -> door.View | None:
        """Do what is asked for and return how the ticket stands then.

        Raises:
            NoSuchTokenError: the token is none of today's.
            AlreadyRatedError: the rating stands for good.
            NoRatingError: nothing was rated with this token.
            MotcuaError: the desk refuses it, or it could not be recorded.
        """
        future = self._parts.desk.post(self._command(asked), Lane.PUBLIC)
        answer = await asyncio.wrap_future(future)
        if answer.seq is not None and not isinstance(asked, door.Leave):
            epoch = self._parts.desk.state.epoch
            before = self._ratings.of(asked.token)
            seq = answer.seq if isinstance(asked, door.Rate) or before is None else before.seq
            given = Given(epoch, seq, is_explained=isinstance(asked, door.Reason))
            self._ratings.remember(asked.token, given)
        return self._views.of(asked.token)

    def _command(self, asked: Wish) -> Command:
        """Return what a wish means to the desk."""
        ticket = self._parts.ticket_of(asked.token)
        if ticket is None:
            raise NoSuchTokenError
        request = _own_request(asked)
        state = self._parts.desk.state
        is_repeated = state.answer_to(request) is not None
        match asked:
            case door.Leave():
                return LeaveQueue(ticket=ticket.key, request=request)
            case door.Rate(level=level):
                view = self._views.of(asked.token)
                is_over = evaluation_of(state, ticket) and view is not None and not view.can_rate
                if is_over and not is_repeated:
                    raise AlreadyRatedError(label=ticket.label)
                return Press(None, level, PHONE, ticket=ticket.key, request=request)
            case door.Reason(reason=reason):
                given = self._ratings.of(asked.token)
                if given is None or given.epoch != state.epoch or (given.is_explained and not is_repeated):
                    raise NoRatingError
                return GiveReason(given.seq, reason, request)


def _own_request(asked: Wish) -> str:
    """Return a request id that no stranger can make equal to somebody else's."""
    text = f"{asked.op}\n{asked.token}\n{asked.request}"
    return f"phone.{hashlib.sha256(text.encode()).hexdigest()[:32]}"
