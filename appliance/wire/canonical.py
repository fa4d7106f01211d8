"""RFC 8785 canonical JSON, restricted to what the wire allows.

Keys are ASCII ``[a-z0-9_]``, strings NFC, numbers integers within ±(2^53−1). With these limits sorted,
space-free JSON from orjson gives the same bytes as RFC 8785 (the tests use rfc8785 as the oracle).
"""

import re
import unicodedata
from typing import Any

import orjson

from appliance.wire.errors import BadEventError

MAX_INTEGER = 2**53 - 1
MAX_DEPTH = 32  # nothing of ours nests deeper than 4; a hostile line must not exhaust the stack

_KEY = re.compile(r"[a-z0-9_]+")
_FOREIGN_KEY = re.compile(r"[ -~]+")  # sorting by UTF-8 and by UTF-16 (RFC 8785) agree on ASCII
_OPTIONS = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_STRICT_INTEGER
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
)


def canonical(value: Any) -> bytes:  # noqa: ANN401 - any JSON value
    """Return the canonical bytes of a JSON value made of dicts, lists, strings, ints, bools and None.

    The limits of the wire are :func:`parse`'s to hold: what is written here is read back before it counts.

    Raises:
        BadEventError: an integer out of range, an unpaired surrogate or a type JSON does not have is in it.
    """
    try:
        return orjson.dumps(value, option=_OPTIONS)
    except TypeError as error:  # orjson's EncodeError is a TypeError
        raise BadEventError(field="$", reason=str(error)) from error


def parse(data: bytes, *, check_keys: bool = True) -> dict[str, Any]:
    """Return the object whose canonical form is exactly ``data``.

    Args:
        data: the bytes of one JSON object.
        check_keys: off for foreign objects such as JWKs, whose keys may be any printable ASCII.

    Raises:
        BadEventError: not JSON, not an object, not canonical, or outside the limits above.
    """
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BadEventError(field="$", reason=f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise BadEventError(field="$", reason="not an object", value=value)
    check_value(value, "$", check_keys=check_keys)
    # One comparison catches spaces, key order, repeated keys, escapes and number spellings.
    if canonical(value) != data:
        raise BadEventError(field="$", reason="not in canonical form (RFC 8785)")
    return value


def check_value(value: Any, field: str, *, depth: int = 0, check_keys: bool = True) -> None:  # noqa: ANN401
    """Check one value, as read from JSON, against the limits of the wire.

    Raises:
        BadEventError: names the field that breaks a limit.
    """
    kind = type(value)
    if kind is dict or kind is list:
        if depth >= MAX_DEPTH:
            raise BadEventError(field=field, reason=f"nested deeper than {MAX_DEPTH}")
        if kind is dict:
            _check_keys(value, field, _KEY if check_keys else _FOREIGN_KEY)
        for key, item in value.items() if kind is dict else enumerate(value):
            # Most members are plain: they pass here without the cost of spelling their path.
            if (type(item) is str and item.isascii()) or (type(item) is int and abs(item) <= MAX_INTEGER):
                continue
            path = f"{field}.{key}" if kind is dict else f"{field}[{key}]"
            check_value(item, path, depth=depth + 1, check_keys=check_keys)
    elif kind is str:
        if not value.isascii() and not unicodedata.is_normalized("NFC", value):
            raise BadEventError(field=field, reason="not NFC", value=value)
    elif kind is int:
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise BadEventError(field=field, reason="outside ±(2^53−1)", value=value)
    elif kind is not bool and value is not None:
        raise BadEventError(field=field, reason=f"{kind.__name__} is not allowed; integers only", value=value)


def _check_keys(value: dict[str, Any], field: str, allowed: re.Pattern[str]) -> None:
    if "" not in value and allowed.fullmatch("".join(value)):
        return  # all at once: both patterns look at single characters
    for key in value:
        if not allowed.fullmatch(key):
            raise BadEventError(field=field, reason=f"a key must match {allowed.pattern}", value=key)
