"""The forms that text in office.toml may have: ids, names, paths, addresses."""

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

MAX_SOCKET_PATH: Final = 107
"""Bytes of ``sun_path`` without its closing zero (unix(7))."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,32}\Z")
_PREFIX = re.compile(r"[A-Z]\Z")
_ISSUE_BUTTON = re.compile(r"issue\.[1-9][0-9]?\Z")
_MODE = re.compile(r"[0-7]{2}0\Z")
_COLOR = re.compile(r"#[0-9A-Fa-f]{6}\Z")
# 32 bytes are 42 2/3 characters: the last one carries four bits, so only sixteen of the 64 can stand there.
_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]\Z")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?\Z")


class Section(BaseModel):
    """A table of office.toml: frozen, no unknown keys, no guessing of types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


@dataclass(frozen=True, slots=True)
class Form:
    """What docs/settings.md says about a form of text; carries no check itself."""

    words: str


def refuse(rule: str, **fields: object) -> PydanticCustomError:
    """Return the error for a rule of ``SENTENCES``; its sentence is put together where it is reported."""
    return PydanticCustomError(rule, "{rule}", {"rule": rule, **fields})


def _id(value: str) -> str:
    if not _ID.match(value):
        raise refuse("form.id")
    return value


def _prefix(value: str) -> str:
    if not _PREFIX.match(value):
        raise refuse("form.prefix")
    return value


def one_line(value: str) -> str:
    """Return visible text on one line, composed."""
    # Pages, panels and the journal compare text byte by byte, and macOS keyboards type decomposed accents.
    text = unicodedata.normalize("NFC", value).strip()
    if not text or not text.isprintable():
        raise refuse("form.text")
    return text


def _path(value: Path) -> Path:
    pure = PurePosixPath(value)
    if not pure.is_absolute() or ".." in pure.parts or not str(value).isprintable():
        raise refuse("form.path", example="/var/lib/motcua")
    return value


def _socket(value: Path) -> Path:
    if len(str(value).encode()) > MAX_SOCKET_PATH:
        raise refuse("form.socket", limit=MAX_SOCKET_PATH)
    return value


def _issue_button(value: str) -> str:
    if not _ISSUE_BUTTON.match(value):
        raise refuse("button.name")
    return value


def _mode(value: str) -> str:
    if not _MODE.match(value):
        raise refuse("form.mode")
    return value


def _color(value: str) -> str:
    if not _COLOR.match(value):
        raise refuse("form.color")
    return value.lower()


def _thumbprint(value: str) -> str:
    if not _THUMBPRINT.match(value):
        raise refuse("form.thumbprint")
    return value


def _distinct(value: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(value)) != len(value):
        raise refuse("form.repeated")
    return value


def _url(value: str) -> str:
    try:
        parts = urlsplit(value)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise refuse("url.form") from None
    plain = value.isascii() and value.isprintable() and " " not in value and "\\" not in value
    extras = parts.username or parts.password or parts.query or parts.fragment or "#" in value or "?" in value
    if not plain or extras or host is None or port == 0 or not _is_host(host):
        raise refuse("url.form")
    if parts.scheme not in {"http", "https"}:
        raise refuse("url.form")
    if parts.scheme == "http" and not _is_loopback(host):
        raise refuse("url.insecure")
    # The enrolment names the center by this text, so one address must have one spelling.
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}"


def _page_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise refuse("url.page") from None
    plain = value.isascii() and value.isprintable() and " " not in value and "\\" not in value
    extras = parts.username or parts.query or parts.fragment or "#" in value or "?" in value
    if not plain or extras or host is None or port == 0 or not _is_host(host):
        raise refuse("url.page")
    if parts.scheme not in {"http", "https"}:
        raise refuse("url.page")
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}"


def _host_name(value: str) -> str:
    if not _HOST.match(value):
        raise refuse("form.host")
    return value.lower()


def _is_host(host: str) -> bool:
    return bool(_HOST.match(host)) or _address(host) is not None


def _is_loopback(host: str) -> bool:
    address = _address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


Id = Annotated[str, AfterValidator(_id), Form("id: 1–32 of `A–Z a–z 0–9 _ -`")]
Ids = Annotated[tuple[Id, ...], AfterValidator(_distinct)]
Prefix = Annotated[str, AfterValidator(_prefix), Form("one letter `A`–`Z`")]
Name = Annotated[str, Field(max_length=120), AfterValidator(one_line), Form("text of 1–120 characters")]
ShortName = Annotated[str, Field(max_length=40), AfterValidator(one_line), Form("text of 1–40 characters")]
AbsolutePath = Annotated[Path, Field(strict=False), AfterValidator(_path), Form("absolute path")]
SocketPath = Annotated[AbsolutePath, AfterValidator(_socket), Form("absolute path of at most 107 bytes")]
IssueButton = Annotated[str, AfterValidator(_issue_button)]
OctalMode = Annotated[str, AfterValidator(_mode), Form("three octal digits, the last 0")]
Color = Annotated[str, AfterValidator(_color), Form("`#rrggbb`")]
Thumbprint = Annotated[str, AfterValidator(_thumbprint), Form("43 base64url characters")]
HostName = Annotated[str, AfterValidator(_host_name), Form("host name")]
PageUrl = Annotated[str, Field(max_length=200), AfterValidator(_page_url), Form("http or https address")]
CenterUrl = Annotated[str, Field(max_length=200), AfterValidator(_url), Form("https address")]
