"""Takes secrets, addresses and what people wrote out of texts. What is in doubt goes.

Three layers: the secrets that this box knows, by their spelling; what looks like a secret or an address; and
in logs only the fields that are known to hold nothing else, without quoted phrases and any Vietnamese.
"""

import ipaddress
import re
from collections.abc import Iterable

KEPT_FIELDS = frozenset(
    {
        "accepted",
        "after",
        "attempt",
        "board",
        "boot",
        "bus",
        "cause",
        "check",
        "command",
        "commands",
        "count",
        "counter",
        "detail",
        "device",
        "epoch",
        "error",
        "event",
        "first",
        "frozen",
        "issue",
        "key",
        "keys",
        "kind",
        "last",
        "late_s",
        "level",
        "line",
        "listener",
        "mark",
        "moved",
        "path",
        "port",
        "present",
        "quality",
        "reason",
        "refused",
        "role",
        "seconds",
        "seq",
        "service",
        "site",
        "slots",
        "software",
        "status",
        "subject",
        "suggestion",
        "table",
        "took_s",
        "uid",
        "unit",
        "upto",
        "written",
    }
)
"""Fields of our log that hold words of the program, not of people."""
MOST_CHARACTERS = 4_000
"""Of one line of a log."""
MASKED, TEXT = "<masked>", "<text>"

_PEM = re.compile(r"-----BEGIN [^-]+-----.*?(-----END [^-]+-----|\Z)", re.DOTALL)
_ARGON = re.compile(r"\$argon2\w*\$[^\s\"']+")
_JWS = re.compile(r"eyJ[\w-]+\.[\w-]*\.?[\w-]*", re.ASCII)
_MAC = re.compile(r"\b[0-9a-fA-F]{2}(?:[:-][0-9a-fA-F]{2}){5,}\b")
_MAC_NAME = re.compile(r"\b(enx|wlx)[0-9a-f]{12}\b")
_IPV4 = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]*\w)")
_IPV6 = re.compile(r"(?<![\w:])(?=[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:)[0-9A-Fa-f:.]{2,45}(?![\w:])")
_TICKET = re.compile(r"\b[A-Z]{1,3}[1-9]\d{0,8}-[A-Za-z0-9_-]{16}(?![\w-])", re.ASCII)
_PAGE = re.compile(r"/t/[^\s\"'?]+")
_QUERY = re.compile(r"\?[^\s\"']+")
_WORD = re.compile(r"[A-Za-z0-9_+-]{20,}={0,2}", re.ASCII)
_HEX = re.compile(r"\b[0-9a-f]{32,}\b")
_SERIAL = re.compile(r"(Serial ?Number: *|serial=|Serial: *)[^\s\"',]+", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# A quote ends where no letter follows: there may be an apostrophe in it. One that does not end goes on.
_PHRASE = re.compile(r"(?<!\w)(['\"`])(?=(?:(?!\1(?!\w)).)*\s)(?:(?!\1(?!\w)).)*(?:\1|$)")
_VALUE = re.compile(r"(input_value=|value ?[=:]? ?)(['\"`]).*?(\2|$)")
_PAIR = re.compile(r"(?<!\S)([A-Za-z_][\w.]*)=(\"(?:[^\"\\]|\\.)*\"?|\S*)")
_FRAME = re.compile(r"File \"[^\"]+\", line \d+, in [\w<>.]+")
_RAISED = re.compile(r"^[\w.]*(?:Error|Exception|Exit|Interrupt|Warning)\b", re.MULTILINE)
_HARMLESS = frozenset({"127.0.0.1", "0.0.0.0", "::1", "::"})  # noqa: S104 - not bound to
_LONG = 32


class Scrubber:
    """Takes out what must not leave the box.

    Args:
        known: secrets and names as they are spelled, the longest first.
    """

    def __init__(self, known: Iterable[str]) -> None:
        self._known = tuple(known)

    def known(self, text: str) -> str:
        """Return a text without the secrets that are known: the last gate of everything."""
        for secret in self._known:
            text = text.replace(secret, MASKED)
        return text

    def plain(self, text: str) -> str:
        """Return a text of our own making without secrets and addresses."""
        text = self.known(text)
        for pattern in (_PEM, _ARGON, _JWS):
            text = pattern.sub(MASKED, text)
        text = _MAC_NAME.sub(r"\1<mac>", _MAC.sub("<mac>", text))
        text = _IPV6.sub(lambda found: _address(found.group(), "<ipv6>"), text)
        return _IPV4.sub(lambda found: _address(found.group(), "<ipv4>"), text)

    def text(self, text: str) -> str:
        """Return a text of some program without what looks like a token, too."""
        text = _PAGE.sub("/t/<token>", _TICKET.sub("<token>", self.plain(text)))
        text = _SERIAL.sub(r"\1<serial>", _QUERY.sub("?<query>", text))
        return _HEX.sub("<hex>", _WORD.sub(lambda found: _token(found.group()), text))

    def log(self, text: str) -> str:
        """Return a unit's log, line by line."""
        return "\n".join(self._line(line) for line in _PEM.sub(MASKED, self.known(text)).splitlines()) + "\n"

    def _line(self, line: str) -> str:
        line = line[:MOST_CHARACTERS]
        pairs = list(_PAIR.finditer(line))
        if not any(pair.group(1) == "event" for pair in pairs):
            return self._free(line)
        kept = [f"{pair.group(1)}={self._field(pair.group(1), pair.group(2))}" for pair in pairs]
        return " ".join([self.text(line[: pairs[0].start()]).strip(), *kept]).strip()

    def _field(self, name: str, value: str) -> str:
        if name in {"exception", "stack"}:
            plain = value.replace('\\"', '"').replace("\\n", "\n")
            return f'"{" | ".join([*_FRAME.findall(plain), *_RAISED.findall(plain)[-1:]])}"'.replace(
                "\n", " "
            )
        if name not in KEPT_FIELDS:
            return MASKED
        if value.startswith('"'):
            inner = value[1:-1] if value.endswith('"') and len(value) > 1 else value[1:]
            words = self._free(inner.replace('\\"', '"')).replace('"', "'")
            return f'"{words}"'
        return self._free(value)

    def _free(self, text: str) -> str:
        """Return words of a program, without what it quotes of people."""
        frame = _FRAME.search(text)
        if frame is not None:
            return self.text(frame.group())
        text = _PHRASE.sub(TEXT, _VALUE.sub(rf"\1{TEXT}", text))
        # Our programs log in English: what is not ASCII was written by somebody.
        return self.text(text) if text.isascii() else TEXT


def _address(text: str, mask: str) -> str:
    bare = text.rstrip(".:") if text not in _HARMLESS else text
    try:
        ipaddress.ip_address(bare)
    except ValueError:
        return text
    return text if bare in _HARMLESS else mask + text[len(bare) :]


def _token(word: str) -> str:
    if _UUID.fullmatch(word):
        return word
    has_upper, has_lower = any(map(str.isupper, word)), any(map(str.islower, word))
    has_digit = any(map(str.isdigit, word))
    is_token = has_upper and has_lower and (has_digit or len(word) >= _LONG)
    return "<token>" if is_token else word
