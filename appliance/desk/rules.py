"""Everything configuration says about deciding."""

from dataclasses import dataclass

from appliance.feedback.rules import RatingRules
from appliance.queueing.rules import HallRules


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of the hall and of the ratings."""

    hall: HallRules
    ratings: RatingRules
