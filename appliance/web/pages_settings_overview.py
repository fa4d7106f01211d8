"""The overview of the settings and their history: what is set, who changed it, and back."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from appliance.config import ConfigError, Settings, loads
from appliance.errors import MotcuaError
from appliance.httpd import forms
from appliance.web.access import Who
from appliance.web.configuration import ChangedMeanwhileError, NoConfigurationError, base_of
from appliance.web.pages_settings_history import A_PAGE, Entry, entries
from appliance.web.pages_settings_problems import said
from appliance.web.pages_settings_rights import check_rights
from appliance.web.pages_settings_sections import SECTIONS
from appliance.web.pages_settings_wifi_words import RADIOS, SECURITY
from appliance.web.pages_settings_words import DAYS, POSITIONS, RULES, STAGES
from appliance.web.typed import Typed, refused
from appliance.web.ui import Ui

LATEST: Final = 3


class Overview:
    """What is set, and its history. Every method looks at files and blocks: call them in a worker thread.

    Args:
        ui: answers.
    """

    def __init__(self, ui: Ui) -> None:
        self._ui = ui
        self._configuration = ui.parts.configuration

    def overview(self, request: Request, done: str, error: MotcuaError | None = None) -> Response:
        """Show what is set."""
        text, settings, problems = self.current(request)
        latest, _ = self._entries(request, text, most=LATEST)
        return self.page(
            request,
            "settings/settings.html",
            error,
            settings=settings or self._ui.parts.settings(),
            problems=problems,
            is_by_hand=settings is not None and settings.sha256 != self._ui.parts.settings().sha256,
            is_file=text != "",
            latest=latest,
            base=base_of(text),
            done=done,
        )

    def history(
        self, request: Request, before: int | None, done: str, error: MotcuaError | None = None
    ) -> Response:
        """Show who changed what when."""
        text, _, problems = self.current(request)
        found, more = self._entries(request, text, before)
        return self.page(
            request,
            "settings/history.html",
            error,
            entries=found,
            more=more,
            before=before,
            problems=problems,
            base=base_of(text),
            done=done,
        )

    def undo(self, request: Request, typed: Typed) -> Response:
        """Take an earlier version into use."""
        visitor, number = self._ui.visitor(request), typed["number"]
        chosen = int(number) if number.isascii() and number.isdecimal() else None
        try:
            text = self._configuration.text()
            if chosen is None:
                others = (
                    each.number
                    for each in self._configuration.versions()
                    if self._configuration.version_text(each.number) != text
                )
                chosen = next(others, 0)
            wanted = loads(self._configuration.version_text(chosen))
            check_rights(self._ui.parts.settings(), wanted, is_technician=self.is_technician(request))
            self._configuration.undo(visitor.officer, typed["base"] or None, chosen)
        except MotcuaError as error:
            return self.history(request, None, "", error)
        return self._ui.go("/settings?done=undone")

    def page(
        self,
        request: Request,
        template: str,
        error: MotcuaError | None = None,
        *,
        is_refused: bool = False,
        **context: object,
    ) -> HTMLResponse:
        """Return a page of the settings."""
        status = HTTPStatus.UNPROCESSABLE_ENTITY if is_refused else HTTPStatus.OK
        if error is not None:
            status = HTTPStatus.CONFLICT if isinstance(error, ChangedMeanwhileError) else refused(error)
        more: dict[str, Any] = {
            "error": "" if error is None else self._ui.say(request, error),
            "request_id": forms.new_request(),
            "sections": tuple(SECTIONS),
            "days": DAYS,
            "rules": RULES,
            "stages": STAGES,
            "positions": POSITIONS,
            "security": SECURITY,
            "radios": RADIOS,
        }
        return self._ui.page(request, template, status, **{**more, **context})

    def current(self, request: Request) -> tuple[str, Settings | None, list[str]]:
        """Return the file, what it says, and what is wrong with it."""
        try:
            text = self._configuration.text()
            return text, loads(text), []
        except NoConfigurationError as error:
            return "", None, [self._ui.say(request, error)]
        except ConfigError as error:
            words = self._ui.texts(request)
            told = [
                f"{each.key}: {said(each, words)}" if each.key else said(each, words)
                for each in error.problems
            ]
            return self._unreadable(), None, told

    def is_technician(self, request: Request) -> bool:
        """Whether who asks may change what is fitted."""
        return self._ui.visitor(request).is_any(Who.TECHNICIAN)

    def _unreadable(self) -> str:
        try:
            return self._configuration.text()
        except MotcuaError:
            return ""

    def _entries(
        self, request: Request, text: str, before: int | None = None, most: int = A_PAGE
    ) -> tuple[Sequence[Entry], int | None]:
        accounts = self._ui.parts.accounts

        def name_of(officer: str) -> str:
            person = accounts.person(officer)
            return officer if person is None else person.name

        return entries(self._configuration, text, self._ui.texts(request), name_of, before=before, most=most)
