"""The first start of a box: from ``motcua.toml`` on its card to an office that is set up.

The card's file is read, checked as a whole, taken over step by step so that a power cut at any point is made
good by the next start, and its secrets are erased. A file that is wrong or missing leaves the box in setup
mode, with everything that is wrong in a list.
"""

from appliance.firstboot.card import Card, CardError, load, loads
from appliance.firstboot.places import Places
from appliance.firstboot.steps import FirstBoot, Outcome

__all__ = ["Card", "CardError", "FirstBoot", "Outcome", "Places", "load", "loads"]
