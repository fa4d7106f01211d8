"""What the pages need of the day's figures; the composition root provides it."""

from typing import Protocol

from appliance.figures.pace import Pace
from appliance.figures.totals import Totals


class Figures(Protocol):
    """Counts and spans, folded from the journal; for any thread."""

    def today(self) -> Totals:
        """Return the figures of the running business day."""
        ...

    def pace(self, service: str) -> Pace:
        """Return how fast a service has gone lately."""
        ...

    def of_days(self, first: str, last: str) -> list[Totals]:
        """Return the figures of each business day in a range; reads the journal, so call it in a worker."""
        ...
