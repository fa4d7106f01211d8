"""The secrets and names that a data directory holds, to be recognized wherever they turn up."""

import base64
import json
from contextlib import suppress
from pathlib import Path

from appliance.accounts.errors import AccountsUnreadableError
from appliance.accounts.setup_code import FILE_NAME as SETUP_CODE
from appliance.accounts.store import read_private
from appliance.office.enrolment import CLAIM
from appliance.uplink.identity import KEY_NAME, NEXT_KEY_NAME

SHORTEST = 6
"""A shorter text would be found in everything."""
_MOST_BYTES = 65_536


def known_secrets(folder: Path) -> list[str]:
    """Return every text that must not be in a bundle, the longest first."""
    found: set[str] = set()
    claim = _text(folder / CLAIM)
    found |= {claim, claim.partition(".")[2]}
    for name in (KEY_NAME, NEXT_KEY_NAME):
        found |= _of_jwk(_text(folder / name))
    for path in folder.glob("*.secret"):
        found |= _spellings(_bytes(path))
    found.add(_text(folder / SETUP_CODE))
    with suppress(AccountsUnreadableError):  # what cannot be read cannot be told either
        found.update(read_private(folder))
    return sorted((text for text in found if len(text) >= SHORTEST), key=len, reverse=True)


def _of_jwk(text: str) -> set[str]:
    try:
        value = json.loads(text or "{}")
    except ValueError:
        return {text}
    secret = str(value.get("d", "")) if isinstance(value, dict) else ""
    return {text, secret}


def _spellings(secret: bytes) -> set[str]:
    spelled = {secret.hex(), base64.b64encode(secret).decode(), base64.urlsafe_b64encode(secret).decode()}
    return spelled | {text.rstrip("=") for text in spelled}


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_MOST_BYTES)
    except FileNotFoundError:
        return b""


def _text(path: Path) -> str:
    return _bytes(path).decode("utf-8", "replace").strip()
