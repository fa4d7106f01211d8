"""What people typed into forms, and how a form is answered that was refused."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Self

from fastapi import Request

from appliance.accounts.errors import NotAllowedError, PasswordRefusedError, TooManyTriesError
from appliance.errors import MotcuaError, TransientError

MOST_REMEMBERED = 64


@dataclass(frozen=True, slots=True)
class Typed:
    """The fields of a form; one that is missing is empty."""

    fields: dict[str, str]

    @classmethod
    async def read(cls, request: Request) -> Self:
        """Read the form of a request; a file is no text and counts as missing."""
        form = await request.form()
        return cls({name: value for name, value in form.items() if isinstance(value, str)})

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")

    def new_password(self) -> str:
        """Return the password that was typed twice.

        Raises:
            PasswordRefusedError: the two differ.
        """
        if self["password"] != self["again"]:
            raise PasswordRefusedError(
                why="the two that were typed differ", why_vi="hai lần nhập không giống nhau."
            )
        return self["password"]


class Once:
    """Does the same thing once: a form that is sent twice gets the first answer.

    Args:
        most: answers that are remembered.
    """

    def __init__(self, most: int = MOST_REMEMBERED) -> None:
        self._most = most
        self._tasks: OrderedDict[tuple[str, str], asyncio.Future[Any]] = OrderedDict()

    async def do(self, visit: str, request: str, work: Callable[[], Awaitable[Any]]) -> Any:  # noqa: ANN401
        """Do some work for a browser's form, or return what it gave the first time.

        Args:
            visit: the browser's cookie.
            request: the form's id; without one the work is done each time.
            work: what to do.
        """
        key = (visit, request)
        if not request or key not in self._tasks:
            self._tasks[key] = asyncio.ensure_future(work())
            if len(self._tasks) > self._most:
                self._tasks.popitem(last=False)
        return await asyncio.shield(self._tasks[key])


def address_of(request: Request) -> str:
    """Return where a request comes from, for the throttle."""
    return request.client.host if request.client else ""


def refused(error: MotcuaError) -> HTTPStatus:
    """Return the status of a form that is shown again with a sentence."""
    if isinstance(error, TooManyTriesError):
        return HTTPStatus.TOO_MANY_REQUESTS
    if isinstance(error, TransientError):
        return HTTPStatus.SERVICE_UNAVAILABLE
    return HTTPStatus.FORBIDDEN if isinstance(error, NotAllowedError) else HTTPStatus.UNPROCESSABLE_ENTITY
