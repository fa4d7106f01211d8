"""What differs between two office.toml in words: for the preview, and for who changed what when."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from appliance.config import Counter, Settings, changed_keys
from appliance.config.hours import hours_text
from appliance.errors import MotcuaError
from appliance.pages.texts import N_, Texts
from appliance.queueing.errors import CounterInUseError, ServiceInUseError
from appliance.web.names import spoken
from appliance.web.pages_settings_wifi_words import is_ours, wifi_changes

DAYS: Final[Mapping[str, str]] = {
    "mon": N_("Monday"),
    "tue": N_("Tuesday"),
    "wed": N_("Wednesday"),
    "thu": N_("Thursday"),
    "fri": N_("Friday"),
    "sat": N_("Saturday"),
    "sun": N_("Sunday"),
}
STAGES: Final = {"receive": N_("Receiving applications"), "return": N_("Returning results")}
POSITIONS: Final = {
    "front": N_("At the front"),
    "back": N_("At the back"),
    "after_n": N_("After some people"),
}
RULES: Final[Mapping[str, str]] = {
    "ratio": N_("Calls in a row that may overtake"),
    "ageing_min": N_("Minutes of waiting from which a service gets its turn"),
    "late_tolerance_min": N_("Minutes within which a late person may return"),
    "late_position": N_("Where a late person returns to"),
    "late_places": N_("People who go ahead of a late person"),
    "min_service_s": N_("Seconds from which a call counts as served"),
    "max_waiting": N_("Most people waiting in the hall"),
}
_FIELDS: Final[Mapping[str, str]] = {
    "name": N_("Vietnamese name"),
    "name_en": N_("English name"),
    "label": N_("Vietnamese words"),
    "label_en": N_("English words"),
    "prefix": N_("Letter"),
    "stage": N_("What happens there"),
    "daily_limit": N_("Most numbers a day"),
    "rating_buttons": N_("Set of rating buttons"),
    "keypad": N_("Call keypad"),
    "panel": N_("LED panel"),
}
_LISTS: Final = (
    ("services", N_("Service"), N_("New service"), N_("Service removed"), N_("Order of the services")),
    ("counters", "", N_("New counter"), N_("Counter removed"), N_("Order of the counters")),
    (
        "priorities",
        N_("Priority class"),
        N_("New priority class"),
        N_("Priority class removed"),
        N_("Order of the priority classes"),
    ),
    ("reasons", N_("Reason"), N_("New reason"), N_("Reason removed"), N_("Order of the reasons")),
)
_SAID: Final = ("services", "counters", "priorities", "ratings", "hall")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Args:
        section: the page it belongs to; ``other`` for what no page changes.
        what: what changes, in words.
        before: how it was; empty when it is new.
        after: how it is to be; empty when it goes.
    """

    section: str
    what: str
    before: str
    after: str


def changes(before: Settings, after: Settings, words: Texts) -> list[Change]:
    """Return everything that differs, in the order of the pages."""
    say = words.gettext
    found: list[Change] = []
    for kind, one, new, gone, order in _LISTS:
        section = "ratings" if kind == "reasons" else kind
        titles = one and say(one), say(new), say(gone)
        old_rows, new_rows = _rows(before, kind), _rows(after, kind)
        found += _rows_changed(kind, titles, before, after, words)
        kept = [each for each in old_rows if each in new_rows]
        if kept != [each for each in new_rows if each in old_rows]:
            names = [" · ".join(_name(row, words) for row in rows.values()) for rows in (old_rows, new_rows)]
            found.append(Change(section, say(order), *names))
    for button, service in before.hardware.issue_buttons.items():
        wanted = after.hardware.issue_buttons.get(button)
        what = words.gettext("Take-a-number button %(number)s") % {"number": button.rpartition(".")[2]}
        names = [
            service_names(each, [own] if own else [], words) or say("none")
            for each, own in ((before, service), (after, wanted))
        ]
        found += _pair("services", what, *names)
    for day, name in DAYS.items():
        spans = [
            hours_text(getattr(each.hall.hours, day)) or say("Closed all day") for each in (before, after)
        ]
        found += _pair("hours", say(name), *spans)
    found += _dates(before.hall.holidays, after.hall.holidays, say("Day off"), words)
    found += _dates(before.hall.extra_days, after.hall.extra_days, say("Extra working day"), words)
    found += _ratings(before, after, words)
    for field, name in RULES.items():
        if field == "late_places" and after.hall.late_position != "after_n":
            continue
        values = [_rule(each, field, words) for each in (before, after)]
        found += _pair("priorities", say(name), *values)
    found += [Change("wifi", *each) for each in wifi_changes(before, after, DAYS, words)]
    other = [key for key in changed_keys(before, after) if not _is_said(key, before)]
    found += [Change("other", say("Technical setting"), "", key) for key in other]
    return found


def in_words(error: MotcuaError, settings: Settings, words: Texts) -> MotcuaError:
    """Return a refusal that calls the service or the counter it speaks of by its name."""
    if isinstance(error, ServiceInUseError):
        service = service_names(settings, [str(error.fields["service"])], words)
        return ServiceInUseError(**{**error.fields, "service": service})
    if isinstance(error, CounterInUseError):
        names = {each.id: _name(each, words) for each in settings.counters}
        counter = str(error.fields["counter"])
        return CounterInUseError(counter=names.get(counter, counter))
    return error


def _is_said(key: str, before: Settings) -> bool:
    """Return whether a changed setting has been put into words: a new button is a technician's own affair."""
    if is_ours(key):
        return True
    table, _, name = key.rpartition("issue_buttons.")
    return key.partition(".")[0] in _SAID or bool(table and name.strip('"') in before.hardware.issue_buttons)


def service_names(settings: Settings, ids: Sequence[str], words: Texts) -> str:
    """Return the names of services, one after the other."""
    names = {each.id: _name(each, words) for each in settings.services}
    return ", ".join(names.get(each, each) for each in ids)


def _rows(settings: Settings, kind: str) -> dict[str, Any]:
    if kind == "reasons":
        return {each.key: each for each in settings.ratings.reasons}
    return {each.id: each for each in getattr(settings, kind)}


def _rows_changed(
    kind: str, titles: tuple[str, str, str], before: Settings, after: Settings, words: Texts
) -> Iterator[Change]:
    one, added, gone = titles
    section = "ratings" if kind == "reasons" else kind
    old, new = _rows(before, kind), _rows(after, kind)
    for key, row in old.items():
        if key not in new:
            yield Change(section, gone, _name(row, words), "")
    for key, row in new.items():
        if key not in old:
            yield Change(section, added, "", _described(row, after, words))
            continue
        subject = _name(row, words) if kind == "counters" else f"{one} {_name(row, words)}"
        for field, label in _FIELDS.items():
            if hasattr(row, field):
                what = f"{subject}: {words.gettext(label)}"
                values = [_field(getattr(each, field), field, words) for each in (old[key], row)]
                yield from _pair(section, what, *values)
        if isinstance(row, Counter) and row.services != old[key].services:
            what = f"{subject}: {words.gettext('Services, the preferred one first')}"
            served = (
                service_names(before, old[key].services, words),
                service_names(after, row.services, words),
            )
            yield Change(section, what, *served)


def _described(row: Any, settings: Settings, words: Texts) -> str:  # noqa: ANN401 - any of the four rows
    said = [_name(row, words)]
    if hasattr(row, "prefix"):
        said.append(f"{words.gettext('Letter')} {row.prefix}")
    if isinstance(row, Counter):
        said.append(service_names(settings, row.services, words))
    return ", ".join(said)


def _name(row: Any, words: Texts) -> str:  # noqa: ANN401 - any of the four rows
    name, english = (row.label, row.label_en) if hasattr(row, "label") else (row.name, row.name_en)
    return spoken(name, english, words.lang).text


def _field(value: Any, field: str, words: Texts) -> str:  # noqa: ANN401 - any value of a row
    if value is None:
        return words.gettext("none")
    if field == "stage":
        return words.gettext(STAGES[value])
    if field in {"keypad", "panel"}:
        return " ".join(str(each) for each in value.model_dump().values())
    return str(value)


def _rule(settings: Settings, field: str, words: Texts) -> str:
    value = getattr(settings.hall, field)
    return words.gettext(POSITIONS[value]) if field == "late_position" else words.number(value)


def _ratings(before: Settings, after: Settings, words: Texts) -> Iterator[Change]:
    say = words.gettext
    old, new = before.ratings, after.ratings
    yield from _pair("ratings", say("Levels of satisfaction"), str(old.levels), str(new.levels))
    lists: tuple[tuple[str, Callable[[Any], Sequence[str]]], ...] = (
        (say("Words of the levels, Vietnamese"), lambda each: each.labels),
        (say("Words of the levels, English"), lambda each: each.labels_en),
        (say("Colors of the levels"), lambda each: each.colors),
    )
    for what, of in lists:
        yield from _pair("ratings", what, " · ".join(of(old)), " · ".join(of(new)))
    for field in type(old).model_fields:
        value, wanted = getattr(old, field), getattr(new, field)
        if isinstance(value, int) and field != "levels" and value != wanted:
            yield Change("other", say("Technical setting"), str(value), f"ratings.{field} = {wanted}")


def _dates(old: Sequence[date], new: Sequence[date], what: str, words: Texts) -> Iterator[Change]:
    for day in sorted(set(old) ^ set(new)):
        said = words.date(day)
        yield Change("holidays", what, said if day in old else "", said if day in new else "")


def _pair(section: str, what: str, old: str, new: str) -> Iterator[Change]:
    if old != new:
        yield Change(section, what, old, new)
