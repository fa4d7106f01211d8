"""Tokens that prove a form came from a page we served to the same browser.

The token is an HMAC of the browser's own cookie, so nothing is stored. ``Sec-Fetch-Site`` and ``Origin`` are
looked at first: every browser of the last years sends one of them with a POST, and no page can forge them.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping

FIELD = "csrf"
HEADER = "x-csrf-token"
_TOKEN_BYTES = 18


def token_of(secret: bytes, cookie: str) -> str:
    """Return the token that belongs to a browser's cookie."""
    digest = hmac.digest(secret, f"csrf:{cookie}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest[:_TOKEN_BYTES]).decode()


def is_valid(secret: bytes, cookie: str | None, token: str | None) -> bool:
    """Whether a token belongs to a cookie."""
    if not cookie or not token:
        return False
    return hmac.compare_digest(token_of(secret, cookie).encode(), token.encode("utf-8", "replace"))


def is_same_origin(headers: Mapping[str, str]) -> bool:
    """Whether the browser says that the request was made by one of our own pages.

    A client that sends neither header is no browser, or a very old one: the token decides alone.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = headers.get("origin")
    if origin is None or not headers.get("host"):
        return origin is None
    return origin.partition("://")[2].lower() == headers["host"].lower()
