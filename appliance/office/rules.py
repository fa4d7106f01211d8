"""From office.toml to the rules of the hall and of the ratings. Only the composition root imports this.

The settings do not know the rules and the rules do not know the settings; this is where they meet, and where
minutes and seconds become milliseconds.
"""

from collections.abc import Collection, Iterator

from appliance.config import Problem, Settings
from appliance.config.problem import problem, shown
from appliance.feedback.rules import RatingRules
from appliance.queueing.rules import Counter, HallRules, Hours, PriorityClass, Service

_SECOND_MS = 1000
_MINUTE_MS = 60_000


def hall_rules(settings: Settings) -> HallRules:
    """Return the rules of the hall.

    Raises:
        HallRulesError: The rules refuse what the settings accept; that is a bug of one of the two.
    """
    hall = settings.hall
    return HallRules(
        services=tuple(
            Service(
                id=service.id,
                name=service.name,
                name_en=service.name_en or service.name,
                series=service.prefix,
                daily_limit=service.daily_limit,
            )
            for service in settings.services
        ),
        counters=tuple(
            Counter(id=counter.id, name=counter.name, services=counter.services)
            for counter in settings.counters
        ),
        priorities=tuple(PriorityClass(id=each.id, name=each.name) for each in settings.priorities),
        ratio=hall.ratio,
        ageing_ms=hall.ageing_min * _MINUTE_MS,
        min_service_ms=hall.min_service_s * _SECOND_MS,
        late_tolerance_ms=hall.late_tolerance_min * _MINUTE_MS,
        late_position=_late_position(settings),
        max_waiting=hall.max_waiting,
        hours=_hours(settings),
    )


def rating_rules(settings: Settings) -> RatingRules:
    """Return the rules of the ratings.

    Raises:
        RatingRulesError: The rules refuse what the settings accept; that is a bug of one of the two.
    """
    ratings = settings.ratings
    return RatingRules(
        levels=ratings.levels,
        window_ms=ratings.window_s * _SECOND_MS,
        takeover_ms=ratings.takeover_s * _SECOND_MS,
        correction_ms=ratings.correction_s * _SECOND_MS,
        burst_count=ratings.burst_count,
        burst_ms=ratings.burst_s * _SECOND_MS,
        stuck_ms=ratings.stuck_s * _SECOND_MS,
        debounce_ms=ratings.debounce_ms,
        counters=frozenset(counter.id for counter in settings.counters),
        reasons=tuple(reason.key for reason in ratings.reasons),
    )


def board_problems(settings: Settings, buttons: Collection[str]) -> list[Problem]:
    """Return which configured buttons the board lacks.

    Args:
        settings: The office's settings.
        buttons: The names of the board profile's buttons, such as ``issue.1`` and ``rating.2.3``.
    """
    return list(_absent(settings, buttons))


def _absent(settings: Settings, buttons: Collection[str]) -> Iterator[Problem]:
    board, known = settings.hardware.board, ", ".join(sorted(buttons)) or "-"
    for button in settings.hardware.issue_buttons:
        if button not in buttons:
            key = f"hardware.issue_buttons.{shown(button)}"
            yield problem("button.absent", key, board=board, button=button, known=known)
    for index, counter in enumerate(settings.counters):
        if counter.rating_buttons is None:
            continue
        for level in range(1, settings.ratings.levels + 1):
            button = f"rating.{counter.rating_buttons}.{level}"
            if button not in buttons:
                key, value = f"counters[{index}].rating_buttons", shown(counter.rating_buttons)
                yield problem("button.absent", key, value, board=board, button=button, known=known)


def _late_position(settings: Settings) -> int | None:
    match settings.hall.late_position:
        case "front":
            return 0
        case "back":
            return None
        case "after_n":
            return settings.hall.late_places


def _hours(settings: Settings) -> Hours:
    hall = settings.hall
    return Hours(
        weekly=tuple(
            tuple((span.opens_min, span.closes_min) for span in spans) for spans in hall.hours.week()
        ),
        days_off=frozenset(day.isoformat() for day in hall.holidays),
        extra_days=frozenset(day.isoformat() for day in hall.extra_days),
    )
