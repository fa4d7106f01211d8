"""One line of the wire, read from its published description alone.

An own RFC 8785 writer for the types the wire allows (objects, arrays, strings, integers, booleans, null), an
own strict reader, and the shape of an event. Nothing here is shared with the product: a fault made twice in
the same way would otherwise agree with itself.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime
from typing import TypeAlias

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"

LINE_BYTES_MAX = 16 * 1024
INTEGER_MAX = 2**53 - 1
INTEGER_DIGITS_MAX = len(str(INTEGER_MAX))

KEY = re.compile(r"[a-z0-9_]+")
LOCAL_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
HEX_SHA256 = re.compile(r"[0-9a-f]{64}")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
UUID_V7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

EVENT_KEYS = frozenset({"seq", "epoch", "kind", "at", "clock", "boot", "up_ms", "data", "prev"})
CLOCKS = frozenset({"synced", "rtc", "unsynced"})
STEPS_THAT_MAY_GO_BACK = frozenset({"ntp", "receipt", "officer"})

# RFC 8785, 3.2.2.2: these seven have a short escape, the other controls are \u00xx in lower case.
ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
ESCAPES |= {chr(c): f"\\u{c:04x}" for c in range(0x20) if chr(c) not in ESCAPES}


class RefusedError(ValueError):
    """Bytes that the wire's description does not allow.

    Args:
        key: Short stable name of the rule that was broken.
        reason: What was found, and where inside the line.
    """

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"{key}: {reason}")
        self.key = key
        self.reason = reason


def sha256(line: bytes) -> str:
    """Lower-case hex SHA-256 of a line without its newline."""
    return hashlib.sha256(line).hexdigest()


def _write_string(text: str) -> str:
    return '"' + "".join(ESCAPES.get(c, c) for c in text) + '"'


def _write(value: Json) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _write_string(value)
    if isinstance(value, list):
        return "[" + ",".join(_write(item) for item in value) + "]"
    # RFC 8785 sorts by UTF-16 code units; for other keys than ASCII code points would give another order.
    keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
    return "{" + ",".join(f"{_write_string(key)}:{_write(value[key])}" for key in keys) + "}"


def canonical(value: Json) -> bytes:
    """The RFC 8785 form of a value of the restricted types, in UTF-8."""
    return _write(value).encode()


def _refuse_float(literal: str) -> int:
    raise RefusedError("float", f"{literal[:40]} is not an integer")


def _read_integer(literal: str) -> int:
    digits = literal.removeprefix("-")
    if len(digits) > INTEGER_DIGITS_MAX or int(digits) > INTEGER_MAX:
        raise RefusedError("integer-range", f"{literal[:40]} is outside ±(2^53-1)")
    return int(literal)


def _read_object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    read: dict[str, Json] = {}
    for key, value in pairs:
        if key in read:
            raise RefusedError("duplicate-key", f"{key!r} occurs twice in one object")
        read[key] = value
    return read


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise RefusedError("surrogate", f"{text[:40]!r} holds half a surrogate pair") from None
    if not unicodedata.is_normalized("NFC", text):
        raise RefusedError("nfc", f"{text[:40]!r} is not in normalization form C")


def _check_texts(value: Json) -> None:
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, list):
        for item in value:
            _check_texts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if not KEY.fullmatch(key):
                raise RefusedError("key", f"{key[:40]!r} is not of [a-z0-9_]")
            _check_texts(item)


def read_object(text: bytes) -> dict[str, Json]:
    """Reads one JSON object of the restricted types; white space and order of keys are free.

    Raises:
        RefusedError: with the key of the broken rule.
    """
    try:
        value: Json = json.loads(
            text.decode(),
            object_pairs_hook=_read_object,
            parse_float=_refuse_float,
            parse_constant=_refuse_float,
            parse_int=_read_integer,
        )
        _check_texts(value)
    except RefusedError:
        raise
    except UnicodeDecodeError as error:
        raise RefusedError("utf8", f"byte {error.start}: {error.reason}") from None
    except json.JSONDecodeError as error:
        raise RefusedError("json", f"character {error.pos}: {error.msg}") from None
    except RecursionError:
        raise RefusedError("depth", "nested too deeply to be read") from None
    if not isinstance(value, dict):
        raise RefusedError("json", "the line is not an object")
    return value


def read_canonical(text: bytes) -> dict[str, Json]:
    """Reads one object and demands that its bytes are its RFC 8785 form.

    Raises:
        RefusedError: as `read_object`, or `canonical` when the bytes differ from the recomputed ones.
    """
    value = read_object(text)
    try:
        expected = canonical(value)
    except RecursionError:
        raise RefusedError("depth", "nested too deeply to be written") from None
    if expected != text:
        at = next((i for i, (a, b) in enumerate(zip(text, expected, strict=False)) if a != b), len(expected))
        raise RefusedError("canonical", f"byte {at} differs from the RFC 8785 form")
    return value


def read_line(line: bytes) -> dict[str, Json]:
    """Reads the line of an event, given without its newline.

    Raises:
        RefusedError: as `read_canonical`, or `line-size` above 16 KiB.
    """
    if len(line) > LINE_BYTES_MAX:
        raise RefusedError("line-size", f"{len(line)} bytes, at most {LINE_BYTES_MAX}")
    return read_canonical(line)


def genesis(device: str, epoch: str, after: dict[str, Json] | None) -> str:
    """Hash of the line that `seq` 1 of an epoch follows.

    Args:
        device: Id of the device.
        epoch: The epoch that begins.
        after: `{"epoch", "hash", "seq"}` of the device's event that this epoch follows, or None.
    """
    line: dict[str, Json] = {"device": device, "epoch": epoch, "wire": 1}
    if after is not None:
        line["after"] = after
    return sha256(canonical(line))


def is_integer(value: object, least: int) -> bool:
    """True for an int (a bool is none) of at least `least`."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def is_match(value: object, pattern: re.Pattern[str]) -> bool:
    """True for a string that the pattern matches as a whole."""
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def is_instant(value: object) -> bool:
    """True for RFC 3339 UTC with exactly six decimals and `Z`, a moment the calendar has."""
    if not isinstance(value, str) or not INSTANT.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def is_day(value: object) -> bool:
    """True for `YYYY-MM-DD`, a day the calendar has."""
    if not isinstance(value, str) or not DAY.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def event_faults(event: dict[str, Json]) -> Iterator[tuple[str, str]]:
    """What is wrong with the nine keys of an event, as (rule, reason); `data` is only an object here."""
    for key in sorted(EVENT_KEYS - event.keys()):
        yield "event-key", f"{key} is missing"
    for key in sorted(event.keys() - EVENT_KEYS):
        yield "event-key", f"{key} is not a key of an event"
    sound = {
        "seq": is_integer(event.get("seq"), 1),
        "epoch": is_match(event.get("epoch"), UUID_V7),
        "kind": isinstance(event.get("kind"), str) and event.get("kind") != "",
        "at": is_instant(event.get("at")),
        "clock": event.get("clock") in CLOCKS if isinstance(event.get("clock"), str) else False,
        "boot": is_match(event.get("boot"), UUID),
        "up_ms": is_integer(event.get("up_ms"), 0),
        "data": isinstance(event.get("data"), dict),
        "prev": is_match(event.get("prev"), HEX_SHA256),
    }
    for key, is_sound in sound.items():
        if key in event and not is_sound:
            yield "event-value", f"{key} is {str(event[key])[:60]!r}"


def may_step_back(event: dict[str, Json]) -> bool:
    """True for the one event whose `at` may be less than its predecessor's."""
    data = event.get("data")
    if event.get("kind") != "clock.stepped" or not isinstance(data, dict):
        return False
    source = data.get("source")
    return isinstance(source, str) and source in STEPS_THAT_MAY_GO_BACK
