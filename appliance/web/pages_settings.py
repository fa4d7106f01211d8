"""The settings pages: what is set, each section as a form with a preview, the history and undo."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException

from appliance.config import ConfigError, Settings, loads
from appliance.errors import MotcuaError
from appliance.pages.texts import Texts
from appliance.web.access import Who
from appliance.web.configuration import (
    ChangedMeanwhileError,
    DevicesNotOpenedError,
    NoConfigurationError,
    NotKeptError,
    base_of,
)
from appliance.web.pages_settings_forms import Editing, FieldErrors, Filled, read
from appliance.web.pages_settings_history import entries
from appliance.web.pages_settings_problems import beside_fields, said
from appliance.web.pages_settings_rights import check_rights
from appliance.web.pages_settings_sections import SECTIONS, RatingScale, Section
from appliance.web.pages_settings_words import DAYS, POSITIONS, RULES, STAGES, changes
from appliance.web.typed import Once, refused
from appliance.web.ui import Ui

LATEST: Final = 3
_REQUEST_BYTES: Final = 12
_OURS: Final = frozenset({"csrf", "request", "do", "base"})


@dataclass(frozen=True, slots=True)
class _Form:
    """A form of one section as it came, or as it is first shown.

    Args:
        name: of the section.
        section: itself.
        filled: what is in it.
        base: of the office.toml that it was made from.
        pairs: its fields as they came.
        do: the button that was pressed.
        request: its id.
        errors: sentences by field.
        others: sentences that belong to no field.
        added: the list that a row was added to, moved or removed from.
    """

    name: str
    section: Section
    filled: Filled
    base: str
    pairs: tuple[tuple[str, str], ...] = ()
    do: str = ""
    request: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    others: Sequence[str] = ()
    notice: str = ""
    added: str = ""


def add(app: FastAPI, ui: Ui) -> None:
    """Add them."""
    pages, once = _Pages(ui), Once()

    @app.get("/settings", response_class=HTMLResponse, include_in_schema=False)
    async def overview(request: Request, done: str = "") -> Response:
        return _answer(await ui.in_worker(pages.overview, request, done))

    @app.get("/settings/history", response_class=HTMLResponse, include_in_schema=False)
    async def history(request: Request, before: str = "", done: str = "") -> Response:
        number = int(before) if before.isascii() and before.isdecimal() and len(before) < 9 else None  # noqa: PLR2004
        return _answer(await ui.in_worker(pages.history, request, number, done))

    @app.post("/settings/undo", response_class=HTMLResponse, include_in_schema=False)
    async def undo(request: Request) -> Response:
        form = {key: value for key, value in (await request.form()).items() if isinstance(value, str)}
        work = _work(ui, pages.undo, request, form)
        return _answer(await once.do(ui.visitor(request).visit, form.get("request", ""), work))

    @app.get("/settings/{section}", response_class=HTMLResponse, include_in_schema=False)
    async def section_page(request: Request, section: str) -> Response:
        return _answer(await ui.in_worker(pages.section, request, _section(section)))

    @app.post("/settings/{section}", response_class=HTMLResponse, include_in_schema=False)
    async def edit(request: Request, section: str) -> Response:
        form = await _read(request, _section(section))
        return _answer(await ui.in_worker(pages.edit, request, form))

    @app.post("/settings/{section}/apply", response_class=HTMLResponse, include_in_schema=False)
    async def apply(request: Request, section: str) -> Response:
        form = await _read(request, _section(section))
        return _answer(
            await once.do(ui.visitor(request).visit, form.request, _work(ui, pages.apply, request, form))
        )


def _answer(found: Any) -> Response:  # noqa: ANN401 - what a worker thread brings back
    assert isinstance(found, Response)  # noqa: S101 - every page here returns one
    return found


def _work(ui: Ui, *call: Any) -> Callable[[], Any]:  # noqa: ANN401 - a function and its arguments
    return lambda: ui.in_worker(*call)


def _section(name: str) -> str:
    if name not in SECTIONS:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return name


async def _read(request: Request, name: str) -> _Form:
    items = (await request.form()).multi_items()
    fields = {key: value for key, value in items if isinstance(value, str) and key in _OURS}
    pairs = tuple((key, value) for key, value in items if isinstance(value, str) and key not in _OURS)
    section = SECTIONS[name]
    filled = read(pairs, section.lists)
    base, do = fields.get("base", ""), fields.get("do", "")
    return _Form(name, section, filled, base, pairs, do, fields.get("request", ""))


class _Pages:
    """Everything that looks at the file; all of it blocks, so it runs in worker threads."""

    def __init__(self, ui: Ui) -> None:
        self._ui = ui
        self._configuration = ui.parts.configuration

    def overview(self, request: Request, done: str, error: MotcuaError | None = None) -> Response:
        """Show what is set."""
        text, settings, problems = self._current(request)
        latest, _ = self._entries(request, text, most=LATEST)
        return self._page(
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
        text, _, problems = self._current(request)
        found, more = self._entries(request, text, before)
        return self._page(
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

    def section(self, request: Request, name: str, error: MotcuaError | None = None) -> Response:
        """Show the form of a section."""
        text, settings, _ = self._current(request)
        if settings is None or not text:
            return self.overview(request, "", error)
        section = SECTIONS[name]
        return self._form(
            request, _Form(name, section, section.shown(settings), base_of(text)), settings, error
        )

    def edit(self, request: Request, form: _Form) -> Response:
        """Do what a button of the form says: change its rows, or show what would change."""
        text, settings, _ = self._current(request)
        if settings is None or not text:
            return self.overview(request, "")
        if form.do in {"edit", "more"}:
            return self._form(request, replace(form, base=form.base or base_of(text)), settings)
        if isinstance(form.section, RatingScale) and form.section.fit(form.filled):
            return self._form(request, replace(form, notice="levels"), settings)
        changed = form.filled.act(form.do, lambda name: form.section.row(name, settings))
        if changed is not None:
            return self._form(request, replace(form, added=changed), settings)
        return self._preview(request, form, text, settings)

    def apply(self, request: Request, form: _Form) -> Response:
        """Take what the form says into use."""
        text, settings, _ = self._current(request)
        if settings is None or not text:
            return self.overview(request, "")
        wanted = self._checked(request, form, text, settings)
        if isinstance(wanted, Response):
            return wanted
        try:
            self._configuration.apply(wanted, self._ui.visitor(request).officer, form.base)
        except (DevicesNotOpenedError, NotKeptError) as error:
            return self.overview(request, "", error)
        except MotcuaError as error:
            base = base_of(text) if isinstance(error, ChangedMeanwhileError) else form.base
            return self._form(request, replace(form, base=base), settings, error)
        return self._ui.go("/settings?done=applied")

    def undo(self, request: Request, form: dict[str, str]) -> Response:
        """Take an earlier version into use."""
        visitor, number = self._ui.visitor(request), form.get("number", "")
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
            check_rights(self._ui.parts.settings(), wanted, is_technician=self._is_technician(request))
            self._configuration.undo(visitor.officer, form.get("base") or None, chosen)
        except MotcuaError as error:
            return self.history(request, None, "", error)
        return self._ui.go("/settings?done=undone")

    def _preview(self, request: Request, form: _Form, text: str, settings: Settings) -> Response:
        """Show exactly what would change, and what stands in the way."""
        if form.base != base_of(text):
            return self._form(request, replace(form, base=base_of(text)), settings, ChangedMeanwhileError())
        wanted = self._checked(request, form, text, settings)
        if isinstance(wanted, Response):
            return wanted
        running, after = self._ui.parts.settings(), loads(wanted)
        obstacle: MotcuaError | None = None
        try:
            self._configuration.check(wanted)
        except MotcuaError as error:
            obstacle = error
        return self._page(
            request,
            "settings/preview.html",
            section=form.name,
            changes=changes(running, after, self._ui.texts(request)),
            obstacle="" if obstacle is None else self._ui.say(request, obstacle),
            busy=self._busy(running, after),
            pairs=form.pairs,
            base=form.base,
        )

    def _checked(self, request: Request, form: _Form, text: str, settings: Settings) -> str | Response:
        """Return the office.toml that a form wants, or the form again with what is wrong."""
        is_technician, words = self._is_technician(request), self._ui.texts(request)
        editing = Editing(text, settings, self._configuration.used_ids, is_technician)
        errors: dict[str, str] = {}
        others: list[str] = []
        try:
            wanted = form.section.text(form.filled, editing)
            check_rights(self._ui.parts.settings(), loads(wanted), is_technician=is_technician)
        except FieldErrors as error:
            errors = {name: words.gettext(msgid) for name, msgid in error.fields.items()}
        except ConfigError as error:
            errors, others = beside_fields(error, form.filled, words)
        except MotcuaError as error:
            return self._form(request, form, settings, error)
        else:
            return wanted
        return self._form(request, replace(form, errors=errors, others=others), settings, is_refused=True)

    def _form(
        self,
        request: Request,
        form: _Form,
        settings: Settings,
        error: MotcuaError | None = None,
        *,
        is_refused: bool = False,
    ) -> Response:
        lang = self._ui.visitor(request).lang
        names = [
            {each.id: each.name if lang == "vi" else each.name_en or each.name for each in rows}
            for rows in (settings.services, settings.counters)
        ]
        return self._page(
            request,
            f"settings/{form.name}.html",
            error,
            is_refused=is_refused,
            section=form.name,
            values=form.filled.values,
            rows=form.filled.rows,
            errors=form.errors,
            others=form.others,
            notice=form.notice,
            added=form.added,
            base=form.base,
            services=names[0],
            counters=names[1],
            buses=[each.id for each in settings.hardware.buses],
            is_technician=self._is_technician(request),
        )

    def _page(
        self,
        request: Request,
        template: str,
        error: MotcuaError | None = None,
        *,
        is_refused: bool = False,
        **context: object,
    ) -> HTMLResponse:
        status = HTTPStatus.UNPROCESSABLE_ENTITY if is_refused else HTTPStatus.OK
        if error is not None:
            status = HTTPStatus.CONFLICT if isinstance(error, ChangedMeanwhileError) else refused(error)
        more: dict[str, Any] = {
            "error": "" if error is None else self._ui.say(request, error),
            "request_id": secrets.token_urlsafe(_REQUEST_BYTES),
            "sections": tuple(SECTIONS),
            "days": DAYS,
            "rules": RULES,
            "stages": STAGES,
            "positions": POSITIONS,
        }
        return self._ui.page(request, template, status, **{**more, **context})

    def _current(self, request: Request) -> tuple[str, Settings | None, list[str]]:
        """Return the file, what it says, and what is wrong with it."""
        try:
            text = self._configuration.text()
            return text, loads(text), []
        except NoConfigurationError as error:
            return "", None, [self._ui.say(request, error)]
        except ConfigError as error:
            words: Texts = self._ui.texts(request)
            told = [
                f"{each.key}: {said(each, words)}" if each.key else said(each, words)
                for each in error.problems
            ]
            return self._unreadable(), None, told

    def _unreadable(self) -> str:
        try:
            return self._configuration.text()
        except MotcuaError:
            return ""

    def _entries(
        self, request: Request, text: str, before: int | None = None, most: int = 20
    ) -> tuple[Sequence[Any], int | None]:
        accounts = self._ui.parts.accounts

        def name_of(officer: str) -> str:
            person = accounts.person(officer)
            return officer if person is None else person.name

        return entries(self._configuration, text, self._ui.texts(request), name_of, before=before, most=most)

    def _busy(self, before: Settings, after: Settings) -> list[str]:
        """Return the names of counters that are staffed now and would serve something else."""
        posts = self._ui.parts.desk.state.hall.posts
        old = {each.id: each.services for each in before.counters}
        return [
            each.name
            for each in after.counters
            if each.id in posts and old.get(each.id, each.services) != each.services
        ]

    def _is_technician(self, request: Request) -> bool:
        return self._ui.visitor(request).is_any(Who.TECHNICIAN)
