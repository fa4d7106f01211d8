"""Who is at the other end of a Unix socket, as the kernel says (unix(7), ``SO_PEERCRED``)."""

import asyncio
import pwd
import socket
import struct
from typing import Final

_CREDENTIALS: Final = struct.Struct("3i")


def peer_uid(writer: asyncio.StreamWriter) -> int:
    """Return the uid of the process that connected.

    Raises:
        OSError: the connection is gone.
    """
    peer = writer.get_extra_info("socket")
    _, uid, _ = _CREDENTIALS.unpack(peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))
    return int(uid)


def uid_of(user: str) -> int | None:
    """Return the uid of a Unix user; None if there is no such user."""
    try:
        return pwd.getpwnam(user).pw_uid
    except KeyError:
        return None
