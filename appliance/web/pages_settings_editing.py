"""One section of the settings at work: its form, the preview of what it changes, and applying it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from fastapi import Request
from fastapi.responses import Response

from appliance.config import ConfigError, Settings, loads
from appliance.errors import MotcuaError
from appliance.web.configuration import (
    ChangedMeanwhileError,
    DevicesNotOpenedError,
    NotKeptError,
    base_of,
)
from appliance.web.names import names_by_id
from appliance.web.pages_settings_forms import Editing, FieldErrors, Filled
from appliance.web.pages_settings_overview import Overview
from appliance.web.pages_settings_problems import beside_fields, said
from appliance.web.pages_settings_rights import check_rights
from appliance.web.pages_settings_sections import SECTIONS, RatingScale, Section
from appliance.web.pages_settings_wifi_notes import notes
from appliance.web.pages_settings_words import changes, in_words
from appliance.web.ui import Ui


@dataclass(frozen=True, slots=True)
class Form:
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


class Editor:
    """The forms of all sections. Every method looks at files and blocks: call them in a worker thread.

    Args:
        ui: answers.
        overview: where a form goes that nothing can be changed with.
    """

    def __init__(self, ui: Ui, overview: Overview) -> None:
        self._ui = ui
        self._overview = overview
        self._configuration = ui.parts.configuration

    def section(self, request: Request, name: str, error: MotcuaError | None = None) -> Response:
        """Show the form of a section."""
        text, settings, _ = self._overview.current(request)
        if settings is None or not text:
            return self._overview.overview(request, "", error)
        section = SECTIONS[name]
        return self._form(
            request, Form(name, section, section.shown(settings), base_of(text)), settings, error
        )

    def edit(self, request: Request, form: Form) -> Response:
        """Do what a button of the form says: change its rows, or show what would change."""
        text, settings, _ = self._overview.current(request)
        if settings is None or not text:
            return self._overview.overview(request, "")
        if form.do in {"edit", "more"}:
            return self._form(request, replace(form, base=form.base or base_of(text)), settings)
        if isinstance(form.section, RatingScale) and form.section.fit(form.filled):
            return self._form(request, replace(form, notice="levels"), settings)
        changed = form.filled.act(form.do, lambda name: form.section.row(name, settings))
        if changed is not None:
            return self._form(request, replace(form, added=changed), settings)
        return self._preview(request, form, text, settings)

    def apply(self, request: Request, form: Form) -> Response:
        """Take what the form says into use."""
        text, settings, _ = self._overview.current(request)
        if settings is None or not text:
            return self._overview.overview(request, "")
        wanted = self._checked(request, form, text, settings)
        if isinstance(wanted, Response):
            return wanted
        was_on = self._ui.parts.settings().hotspot.enabled
        try:
            self._configuration.apply(wanted, self._ui.visitor(request).officer, form.base)
        except (DevicesNotOpenedError, NotKeptError) as error:
            return self._overview.overview(request, "", error)
        except MotcuaError as error:
            base = base_of(text) if isinstance(error, ChangedMeanwhileError) else form.base
            said_so = in_words(error, self._ui.parts.settings(), self._ui.texts(request))
            return self._form(request, replace(form, base=base), settings, said_so)
        done, is_on = "applied", self._ui.parts.settings().hotspot.enabled
        if is_on != was_on:
            done = "wifi-on" if is_on else "wifi-off"
        return self._ui.go(f"/settings?done={done}")

    def _preview(self, request: Request, form: Form, text: str, settings: Settings) -> Response:
        """Show exactly what would change, and what stands in the way."""
        if form.base != base_of(text):
            return self._form(request, replace(form, base=base_of(text)), settings, ChangedMeanwhileError())
        wanted = self._checked(request, form, text, settings)
        if isinstance(wanted, Response):
            return wanted
        running, after = self._ui.parts.settings(), loads(wanted)
        obstacle, may_help = "", True
        try:
            self._configuration.check(wanted)
        except ConfigError as error:
            words = self._ui.texts(request)
            obstacle = " ".join(dict.fromkeys(said(each, words) for each in error.problems))
            may_help = False
        except MotcuaError as error:
            obstacle = self._ui.say(request, in_words(error, running, self._ui.texts(request)))
        return self._overview.page(
            request,
            "settings/preview.html",
            section=form.name,
            changes=changes(running, after, self._ui.texts(request)),
            obstacle=obstacle,
            may_help=may_help,
            busy=self._busy(running, after),
            notes=tuple(
                notes(running, after, self._ui.parts.links(), self._online(), self._ui.texts(request))
            ),
            pairs=form.pairs,
            base=form.base,
        )

    def _checked(self, request: Request, form: Form, text: str, settings: Settings) -> str | Response:
        """Return the office.toml that a form wants, or the form again with what is wrong."""
        is_technician, words = self._overview.is_technician(request), self._ui.texts(request)
        editing = Editing(text, settings, self._configuration.used_ids, is_technician, self._ui.parts.links())
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
        form: Form,
        settings: Settings,
        error: MotcuaError | None = None,
        *,
        is_refused: bool = False,
    ) -> Response:
        lang = self._ui.visitor(request).lang
        return self._overview.page(
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
            services=names_by_id(settings.services, lang),
            counters=names_by_id(settings.counters, lang),
            buses=[each.id for each in settings.hardware.buses],
            is_technician=self._overview.is_technician(request),
            links=self._ui.parts.links(),
            hotspot=settings.hotspot,
        )

    def _online(self) -> int | None:
        """Return how many devices are online by the public WiFi, as far as that is known."""
        wifi = self._ui.parts.wifi
        counts = None if wifi is None else wifi.look().counts
        return None if counts is None else counts.open

    def _busy(self, before: Settings, after: Settings) -> list[str]:
        """Return the names of counters that are staffed now and would serve something else."""
        posts = self._ui.parts.desk.state.hall.posts
        old = {each.id: each.services for each in before.counters}
        return [
            each.name
            for each in after.counters
            if each.id in posts and old.get(each.id, each.services) != each.services
        ]
