"""Who works here: an id that stands in events, a name that never leaves the box, a role."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from appliance.accounts.errors import BadNameError, BadOfficerError

MOST_NAME = 60
_OFFICER = re.compile(r"[A-Za-z0-9_-]{1,32}", re.ASCII)


class Role(StrEnum):
    """What somebody signed in as."""

    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    TECHNICIAN = "technician"
    SCREEN = "screen"
    """A paired kiosk, display or rating screen; of sessions only, no person has it."""


@dataclass(frozen=True, slots=True)
class Person:
    """One account.

    Args:
        officer: its id, as it stands in events; never given to somebody else.
        name: what is shown, 1 to 60 characters, NFC.
        role: officer, supervisor or technician.
        is_active: whether it may sign in.
    """

    officer: str
    name: str
    role: Role
    is_active: bool = True


def officer_id(text: str) -> str:
    """Return an id as it was chosen.

    Raises:
        BadOfficerError: it could not stand in an event.
    """
    text = text.strip()
    if _OFFICER.fullmatch(text) is None:
        raise BadOfficerError
    return text


def fold_id(text: str) -> str:
    """Return what two spellings of one id have in common; what is no id gives some other text."""
    return text[:200].strip().lower()[:64]


def display_name(text: str) -> str:
    """Return a name in NFC, with single spaces.

    Raises:
        BadNameError: nothing is left, it is too long, or it holds what cannot be shown.
    """
    name = unicodedata.normalize("NFC", " ".join(text.split()))
    if not 1 <= len(name) <= MOST_NAME or not name.isprintable():
        raise BadNameError(most=MOST_NAME)
    return name
