"""The file of the province's own certificates is not there, or holds none: nothing can be delivered."""

from appliance.health.facts import Facts, Issue


def check(facts: Facts) -> Issue | None:
    """Return an issue when the file that the settings name cannot be used."""
    error = facts.ca_error
    return None if error is None else Issue("center_ca", "", str(error), error.vi())
