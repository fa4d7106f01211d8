"""The certificates of the province's own CA: a PEM file beside motcua.toml, and the copy that a box keeps."""

import ssl
from dataclasses import replace
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificates

from appliance.config.problem import shown
from appliance.firstboot.card import MAX_BYTES, Card, CardError, read_bytes
from appliance.firstboot.sentences import trouble

FILE_NAME: Final = "center-ca.pem"
"""What the copy is called, beside office.toml, and the file on a card that ``motcua provision`` makes."""
_KEY: Final = "center.ca"
_PRIVATE: Final = b"PRIVATE KEY-----"


def authority_of(card: Card, folder: Path) -> bytes | None:
    """Return what a box keeps of the file that a card names; None when it names none.

    Args:
        card: what the card says.
        folder: the card.

    Raises:
        CardError: the file is missing, or holds something else than certificates.
    """
    name = card.center.ca
    if name is None:
        return None
    try:
        raw = read_bytes(folder / name)
    except CardError as error:
        problems = [replace(each, key=_KEY, value=shown(name)) for each in error.problems]
        raise CardError(problems=problems) from error
    return certificates(raw, name)


def certificates(raw: bytes, name: str) -> bytes:
    """Return the certificates of a PEM file, and nothing of what else it holds.

    Args:
        raw: its bytes.
        name: of the file, for the problem.

    Raises:
        CardError: it is too large, or holds none, one that cannot be read, or a private key.
    """
    if len(raw) > MAX_BYTES:
        limit = MAX_BYTES // 1024
        raise CardError(problems=[trouble("card.too_large", _KEY, shown(name), limit=limit)])
    if _PRIVATE in raw:
        raise CardError(problems=[trouble("card.ca_private", _KEY, shown(name))])
    try:
        found = load_pem_x509_certificates(raw)
        kept = b"".join(each.public_bytes(Encoding.PEM) for each in found)
        # What reads them on the box is OpenSSL, and it has a mind of its own.
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=kept.decode("ascii"))
    except (ValueError, ssl.SSLError):
        raise CardError(problems=[trouble("card.ca", _KEY, shown(name))]) from None
    return kept
