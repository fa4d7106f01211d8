"""What the portal's forms ask of the gate: agreeing, taking a consent back, leaving; each form once."""

import asyncio
from typing import Final

from fastapi import Request
from starlette.datastructures import FormData

from appliance.httpd import forms
from appliance.public.errors import ForeignFormError, GateAwayError, RefusedError, TermsChangedError
from appliance.public.portal_pages import CLOSE, OPEN, WITHDRAW, Pages, address_of
from appliance.public.standings import Standing, Standings

MOST_FIELDS: Final = 16
SAID: Final = (ForeignFormError, TermsChangedError, RefusedError, GateAwayError)
"""What may go wrong, for the page that the form was on to say."""


class Forms:
    """See the module; each method raises one of :data:`SAID` when nothing was done.

    Args:
        ui: the pages that the forms are on.
        standings: how devices stand at the gate.
    """

    def __init__(self, ui: Pages, standings: Standings) -> None:
        self._ui = ui
        self._standings = standings

    async def agree(self, request: Request) -> None:
        """Let the device through: its owner agrees to the terms that he was shown."""
        portal, form = self._ui.portal(), await _fields(request)
        version = str(form.get("terms", ""))
        is_first = self._is_first(request, form, f"{OPEN} {version}")
        if version != portal.terms.version:
            raise TermsChangedError
        given = {str(each) for each in form.getlist("consent")}
        if not given <= {each.key for each in portal.purposes}:
            raise ForeignFormError
        if is_first:
            await self._standings.open(address_of(request), version, sorted(given))

    async def take_back(self, request: Request, standing: Standing) -> None:
        """Take back what the owner of the device allowed besides.

        Args:
            request: the form.
            standing: how the device stands; what is given no more is no error, the page may be of before.
        """
        form = await _fields(request)
        is_first = self._is_first(request, form, WITHDRAW)
        taken = {str(each) for each in form.getlist("consent")}
        if not taken:
            raise ForeignFormError
        if is_first and (known := sorted(taken & set(standing.consents))):
            await self._standings.withdraw(address_of(request), known)

    async def leave(self, request: Request) -> None:
        """End the session of the device."""
        if self._is_first(request, await _fields(request), CLOSE):
            await self._standings.close(address_of(request))

    def _is_first(self, request: Request, form: FormData, about: str) -> bool:
        shown, now_s = str(form.get("pass", "")), asyncio.get_running_loop().time()
        return self._ui.passes.take(shown, address_of(request), about, now_s)


async def _fields(request: Request) -> FormData:
    if not request.headers.get("content-type", "").startswith(forms.FORM):
        raise ForeignFormError
    return await request.form(max_files=0, max_fields=MOST_FIELDS)
