"""The settings of the hall: services, counters, priorities, opening hours, ratings."""

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from appliance.config.fields import Color, Id, Ids, Name, Prefix, Section, ShortName, refuse
from appliance.config.hours import DayHours, Span
from appliance.config.wiring import Keypad, Panel

NO_PRIORITY: Final = "none"
WORKDAY: Final = (Span(7 * 60 + 30, 11 * 60 + 30), Span(13 * 60 + 30, 17 * 60))

# Worst first, as the levels count. Three levels are what offices usually have.
LABELS: Final = {
    2: ("Không hài lòng", "Hài lòng"),
    3: ("Không hài lòng", "Hài lòng", "Rất hài lòng"),
    4: ("Không hài lòng", "Bình thường", "Hài lòng", "Rất hài lòng"),
    5: ("Rất không hài lòng", "Không hài lòng", "Bình thường", "Hài lòng", "Rất hài lòng"),
}
LABELS_EN: Final = {
    2: ("Not satisfied", "Satisfied"),
    3: ("Not satisfied", "Satisfied", "Very satisfied"),
    4: ("Not satisfied", "Neutral", "Satisfied", "Very satisfied"),
    5: ("Very dissatisfied", "Not satisfied", "Neutral", "Satisfied", "Very satisfied"),
}
COLORS: Final = {
    2: ("#c62828", "#2e7d32"),
    3: ("#c62828", "#f9a825", "#2e7d32"),
    4: ("#c62828", "#ef6c00", "#9e9d24", "#2e7d32"),
    5: ("#c62828", "#ef6c00", "#f9a825", "#9e9d24", "#2e7d32"),
}


class Hours(Section):
    """Opening hours by weekday, local time. An empty text is a closed day."""

    mon: DayHours = Field(default=WORKDAY, description="Monday.")
    tue: DayHours = Field(default=WORKDAY, description="Tuesday.")
    wed: DayHours = Field(default=WORKDAY, description="Wednesday.")
    thu: DayHours = Field(default=WORKDAY, description="Thursday.")
    fri: DayHours = Field(default=WORKDAY, description="Friday.")
    sat: DayHours = Field(default=(), description="Saturday.")
    sun: DayHours = Field(default=(), description="Sunday.")

    def week(self) -> tuple[tuple[Span, ...], ...]:
        """Return the seven days from Monday, as ``date.weekday()`` counts."""
        return (self.mon, self.tue, self.wed, self.thu, self.fri, self.sat, self.sun)


class Hall(Section):
    """How tickets wait and are called."""

    min_service_s: int = Field(
        default=45,
        ge=0,
        le=600,
        description="Calling the next number closes the ticket at the counter: as served when it was started "
        "or called at least this many seconds ago, else as a no-show.",
    )
    late_tolerance_min: int = Field(
        default=15,
        ge=0,
        le=1440,
        description="Minutes after a no-show within which the person may still return to the line; 1440 is "
        "the whole day.",
    )
    late_position: Literal["front", "back", "after_n"] = Field(
        default="after_n",
        description="Where a late person returns to: `front` and `back` of the line, or `after_n` people.",
    )
    late_places: int = Field(
        default=3, ge=1, le=50, description="How many people go first when `late_position` is `after_n`."
    )
    ratio: int = Field(
        default=2,
        ge=0,
        le=20,
        description="How many calls in a row may overtake the ticket that has stood longest in its line; "
        "0 serves everybody in turn.",
    )
    ageing_min: int = Field(
        default=30,
        ge=1,
        le=480,
        description="Minutes of waiting from which a service gets its turn whatever the counter prefers, "
        "and at most every other call overtakes.",
    )
    max_waiting: int = Field(
        default=300,
        ge=1,
        le=5000,
        description="People waiting in the whole hall above which no number is given out.",
    )
    holidays: Annotated[tuple[date, ...], Field(max_length=400)] = Field(
        default=(), description="Dates on which the office is closed, each as `2026-09-02` without quotes."
    )
    extra_days: Annotated[tuple[date, ...], Field(max_length=400)] = Field(
        default=(),
        description="Dates on which the office works although the weekday is free; Monday's hours apply.",
    )
    hours: Hours = Field(default_factory=Hours, description="Opening hours by weekday.")

    @field_validator("extra_days")
    @classmethod
    def _no_holiday(cls, value: tuple[date, ...], info: ValidationInfo) -> tuple[date, ...]:
        for day in value:
            if day in info.data.get("holidays", ()):
                raise refuse("days.both", day=day.isoformat())
        return value


class Service(Section):
    """A group of procedures with one line and one series of numbers."""

    id: Id = Field(description="The service's id in events and reports. Never give it to another service.")
    name: Name = Field(description="The service's name in Vietnamese.")
    name_en: Name | None = Field(
        default=None, description="The service's name in English. Without it the Vietnamese name is shown."
    )
    prefix: Prefix = Field(description="The letter ahead of the number on tickets; each service has its own.")
    stage: Literal["receive", "return"] | None = Field(
        default=None,
        description="What happens at the counter: `receive` applications or `return` results. Without it "
        "reports make no difference.",
    )
    daily_limit: Annotated[int, Field(ge=1, le=9999)] | None = Field(
        default=None, description="Most numbers given out in a day. Without it there is no limit."
    )


class Counter(Section):
    """A staffed position, with what is fitted there."""

    id: Id = Field(description="The counter's id in events and reports.")
    name: ShortName = Field(description="The counter's name as it is shown and spoken, such as `Quầy 1`.")
    name_en: ShortName | None = Field(
        default=None, description="The counter's name in English. Without it the Vietnamese name is shown."
    )
    services: Annotated[Ids, Field(min_length=1, max_length=26)] = Field(
        description="Ids of the services this counter may call, the preferred one first."
    )
    rating_buttons: Annotated[int, Field(ge=1, le=99)] | None = Field(
        default=None,
        description="The board's set of rating buttons at this counter: `2` means `rating.2.1` (the worst) "
        "and up, and the lamp `thanks.2`. Without it the counter is rated by other means.",
    )
    keypad: Keypad | None = Field(default=None, description="The officer's call keypad on a serial bus.")
    panel: Panel | None = Field(default=None, description="The LED panel above the counter.")


def _not_reserved(value: str) -> str:
    if value == NO_PRIORITY:
        raise refuse("priority.reserved")
    return value


class Priority(Section):
    """A group of people who are called ahead of their turn."""

    id: Annotated[Id, AfterValidator(_not_reserved)] = Field(
        description="The class's id in events and reports; `none` is taken."
    )
    name: ShortName = Field(description="The class's name in Vietnamese.")
    name_en: ShortName | None = Field(
        default=None, description="The class's name in English. Without it the Vietnamese name is shown."
    )


PRIORITIES: Final = (
    Priority(id="elderly", name="Người cao tuổi", name_en="Elderly"),
    Priority(id="disabled", name="Người khuyết tật", name_en="Disabled"),
    Priority(id="pregnant", name="Phụ nữ mang thai", name_en="Pregnant"),
    Priority(id="merit", name="Người có công", name_en="People with merit"),
    Priority(id="appointment", name="Có lịch hẹn", name_en="By appointment"),
)


class Reason(Section):
    """An answer to the question why."""

    key: Id = Field(description="The reason's key in events and reports.")
    label: ShortName = Field(description="The reason in Vietnamese.")
    label_en: ShortName | None = Field(
        default=None, description="The reason in English. Without it the Vietnamese text is shown."
    )


class Ratings(Section):
    """How presses of the satisfaction buttons become ratings."""

    levels: int = Field(default=3, ge=2, le=5, description="Levels of satisfaction; 1 is the worst.")
    labels: tuple[ShortName, ...] = Field(
        default=(),
        validate_default=True,
        description="The levels in Vietnamese, worst first. Without it the usual words for 2 to 5 levels.",
    )
    labels_en: tuple[ShortName, ...] = Field(
        default=(),
        validate_default=True,
        description="The levels in English, worst first. Without it the usual words for 2 to 5 levels.",
    )
    colors: tuple[Color, ...] = Field(
        default=(),
        validate_default=True,
        description="The levels' colors on screens, worst first. Without it red to green.",
    )
    window_s: int = Field(
        default=120,
        ge=10,
        le=900,
        description="Seconds after a ticket left the counter during which a press still belongs to it.",
    )
    takeover_s: int = Field(
        default=20,
        ge=0,
        le=600,
        description="Seconds after its call from which a ticket that was not started takes the presses.",
    )
    correction_s: int = Field(
        default=5,
        ge=0,
        le=60,
        description="Seconds from the first press during which another press corrects it.",
    )
    debounce_ms: int = Field(
        default=50,
        ge=5,
        le=500,
        description="Milliseconds for which a button must be up before its next press counts.",
    )
    stuck_s: int = Field(
        default=10,
        ge=2,
        le=300,
        description="Seconds of being held down after which a button is flagged stuck.",
    )
    burst_count: int = Field(
        default=5,
        ge=1,
        le=32,
        description="Presses at one counter within `burst_s` that are not yet flagged as a burst.",
    )
    burst_s: int = Field(default=10, ge=1, le=600, description="Seconds over which a burst is counted.")
    reasons: Annotated[tuple[Reason, ...], Field(max_length=12)] = Field(
        default=(),
        description="Reasons offered after a rating, in order. Without any the question is not asked.",
    )

    @field_validator("labels", "labels_en", "colors")
    @classmethod
    def _one_for_each_level(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        levels = info.data.get("levels")
        usual = {"labels": LABELS, "labels_en": LABELS_EN, "colors": COLORS}
        if levels is None or info.field_name is None:
            return value
        if not value:
            return usual[info.field_name][levels]
        if len(value) != levels:
            raise refuse("labels.count", count=len(value), levels=levels)
        return value
