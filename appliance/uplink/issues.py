"""Which issues stand; the office hears of changes only."""

from appliance.uplink.port import Issue, Office

SUBJECT = "center"


class Issues:
    """The uplink's issues, each with the subject ``center``.

    What stood before a restart is not known here: the first :meth:`lower` of an issue is always told.

    Args:
        office: who hears of changes.
    """

    def __init__(self, office: Office) -> None:
        self._office = office
        self._told: dict[Issue, bool] = {}

    def lift(self, issue: Issue) -> None:
        """Raise an issue, once."""
        self._tell(issue, raised=True)

    def lower(self, *issues: Issue) -> None:
        """Clear issues that stand or may stand from before a restart."""
        for issue in issues:
            self._tell(issue, raised=False)

    def _tell(self, issue: Issue, *, raised: bool) -> None:
        if self._told.get(issue) is not raised:
            self._office.issue(issue.value, SUBJECT, raised=raised)
            self._told[issue] = raised
