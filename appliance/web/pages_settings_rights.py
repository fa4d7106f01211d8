"""What only a technician changes: what is fitted to the box and to its counters."""

from appliance.config import Counter, Settings
from appliance.web.configuration import NotYourSettingsError


def check_rights(before: Settings, after: Settings, *, is_technician: bool) -> None:
    """Raise if somebody who is no technician changes what is fitted.

    Raises:
        NotYourSettingsError: he does.
    """
    if is_technician:
        return
    keys = ["hardware"] if before.hardware != after.hardware else []
    old, new = ({each.id: _fitted(each) for each in settings.counters} for settings in (before, after))
    nothing = (None, None, None)
    keys += [key for key in sorted(old.keys() | new.keys()) if old.get(key, nothing) != new.get(key, nothing)]
    if keys:
        raise NotYourSettingsError(keys=", ".join(keys))


def _fitted(counter: Counter) -> tuple[object, object, object]:
    return counter.rating_buttons, counter.keypad, counter.panel
