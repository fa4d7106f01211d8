"""What only a technician changes: what is fitted to the box and to its counters."""

from appliance.config import Counter, Settings
from appliance.web.configuration import NotYourSettingsError
from appliance.web.pages_settings_wifi import is_fitted


def check_rights(before: Settings, after: Settings, *, is_technician: bool) -> None:
    """Raise if somebody who is no technician changes what is fitted.

    Raises:
        NotYourSettingsError: he does.
    """
    if is_technician:
        return
    # Who removes a service frees the button on the wall that gave out its numbers.
    services = {each.id for each in after.services}
    buttons = {name: own for name, own in before.hardware.issue_buttons.items() if own in services}
    fitted = before.hardware.model_copy(update={"issue_buttons": buttons})
    keys = ["hardware"] if after.hardware not in (before.hardware, fitted) else []
    old, new = ({each.id: _fitted(each) for each in settings.counters} for settings in (before, after))
    nothing = (None, None, None)
    keys += [key for key in sorted(old.keys() | new.keys()) if old.get(key, nothing) != new.get(key, nothing)]
    if is_fitted(before, after):
        keys.append("hotspot")
    if keys:
        raise NotYourSettingsError(keys=", ".join(keys))


def _fitted(counter: Counter) -> tuple[object, object, object]:
    return counter.rating_buttons, counter.keypad, counter.panel
