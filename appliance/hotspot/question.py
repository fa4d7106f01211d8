"""A question to a resolver, as bytes (RFC 1035, 4.1)."""

import struct
from typing import Final

HEADER: Final = struct.Struct(">6H")
_RECURSION_DESIRED: Final = 0x0100
_INTERNET: Final = 1


def question(name: str, kind: int, number: int) -> bytes:
    """Return a question for the records of a name.

    Args:
        name: of a host, without a dot at its end.
        kind: of the records; 1 is an IPv4 address.
        number: by which the answer is known.
    """
    labels = b"".join(bytes([len(part)]) + part for part in name.encode("ascii").split(b"."))
    return HEADER.pack(number, _RECURSION_DESIRED, 1, 0, 0, 0) + labels + struct.pack(">x2H", kind, _INTERNET)
