"""What a ticket's token looks like: what cannot be one is refused before anybody is asked."""

import re
from typing import Final

PATTERN: Final = r"^[A-Z]{1,3}[1-9][0-9]{0,8}-[A-Za-z0-9_-]{16}$"
"""The same form as in :mod:`appliance.queueing.tokens`, which may not be imported here; a test compares."""
EXAMPLE: Final = "A12-Zk3vY0bqTn1xW9aD"

_FORM: Final = re.compile(PATTERN, re.ASCII)


def is_token(text: str) -> bool:
    """Whether a text can be a token; whether it is one only the office knows."""
    return _FORM.fullmatch(text) is not None
