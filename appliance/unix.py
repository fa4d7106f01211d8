"""Unix sockets as the units bind them."""

import os
import socket
from pathlib import Path
from typing import Final

BACKLOG: Final = 512


def unix_socket(path: Path, mode: int = 0o660) -> socket.socket:
    """Bind a Unix socket and listen; a stale one is replaced.

    The mask is the whole process's: nothing is awaited under it, or a child that is started then inherits it.

    Args:
        path: where.
        mode: its permissions.

    Raises:
        OSError: it cannot be bound.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o777 & ~mode)
    try:
        listening.bind(str(path))
    except OSError:
        listening.close()
        raise
    finally:
        os.umask(before)
    listening.listen(BACKLOG)
    return listening
