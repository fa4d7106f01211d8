"""A clock that nobody vouches for."""

from appliance.health.facts import Facts, Issue
from appliance.wire.moment import Quality


def check(facts: Facts) -> Issue | None:
    """Return an issue while the clock is a guess."""
    if facts.clock is not Quality.UNSYNCED:
        return None
    return Issue(
        "clock_untrusted",
        "",
        "date and time are a guess: connect the line (NTP) or let an officer confirm them",
        "Ngày giờ chưa được xác nhận: hãy nối mạng để đồng bộ hoặc để cán bộ xác nhận ngày giờ",
        recorded=False,
    )
