"""The upload schedule: five cron fields, read by the same library that will run them."""

import re
from datetime import datetime
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from appliance.config.fields import Form, refuse

FIELDS: Final = 5
_WEEKDAY: Final = 4
_NUMBERED = re.compile(r"[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*\Z")
_NAMED = re.compile(r"(\*|[a-z]{3}(-[a-z]{3})?(,[a-z]{3}(-[a-z]{3})?)*)\Z", re.IGNORECASE)
# apscheduler would silently read ``jan/2`` as ``jan``.
_NAME_WITH_STEP = re.compile(r"[a-z]/", re.IGNORECASE)
# Any fixed instant serves: a schedule that never fires after it never fires at all.
_REFERENCE: Final = (2026, 1, 1)


def check_cron(value: str) -> str:
    """Return five cron fields with single spaces between them.

    apscheduler reads the fields, so its rules hold: local time, and a day must match *both* the day of the
    month and the weekday. It counts weekdays from Monday = 0 where cron(8) counts from Sunday = 0, therefore
    numbers are refused in that field.

    Raises:
        PydanticCustomError: The text has another form, or names a date that does not exist.
    """
    from apscheduler.triggers.cron import CronTrigger

    fields = value.split()
    if len(fields) != FIELDS or not value.isascii():
        raise refuse("schedule.cron", detail=f"{len(fields)} fields instead of {FIELDS}")
    if _NUMBERED.match(fields[_WEEKDAY]):
        raise refuse("schedule.weekday")
    if not _NAMED.match(fields[_WEEKDAY]) or _NAME_WITH_STEP.search(value):
        raise refuse("schedule.cron", detail="a name takes no step, a weekday is *, mon or mon-fri")
    zone = ZoneInfo("Asia/Ho_Chi_Minh")
    try:
        trigger = CronTrigger.from_crontab(" ".join(fields), zone)
    except ValueError as error:
        raise refuse("schedule.cron", detail=str(error)) from None
    if trigger.get_next_fire_time(None, datetime(*_REFERENCE, tzinfo=zone)) is None:
        raise refuse("schedule.never")
    return " ".join(fields)


Cron = Annotated[
    str,
    Field(max_length=100),
    AfterValidator(check_cron),
    Form("five cron fields: minute hour day month weekday, weekdays `mon`–`sun`"),
]
