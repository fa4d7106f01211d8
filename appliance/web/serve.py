"""uvicorn in a thread of the office, on a Unix socket that only the right group may open."""

import os
import socket
import threading
from pathlib import Path

import uvicorn
from fastapi import FastAPI

STOP_S = 5


class ApiServer:
    """Serves an app until closed.

    Args:
        server: the uvicorn server.
        listening: the bound socket.
        path: where it is bound.
    """

    def __init__(self, server: uvicorn.Server, listening: socket.socket, path: Path) -> None:
        self._server = server
        self._listening = listening
        self._path = path
        self._thread = threading.Thread(target=self._run, name="office-api", daemon=True)

    @classmethod
    def open(cls, app: FastAPI, path: Path, mode: int = 0o660) -> "ApiServer":
        """Bind and serve; returns when requests are answered.

        Args:
            app: what to serve.
            path: the Unix socket; a stale one is replaced.
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
        listening.listen(512)
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
            timeout_keep_alive=30,
            limit_concurrency=512,
        )
        server = cls(uvicorn.Server(config), listening, path)
        server._thread.start()
        return server

    def _run(self) -> None:
        self._server.run(sockets=[self._listening])

    def close(self) -> None:
        """Stop serving; open streams end within a second or two."""
        self._server.should_exit = True
        self._thread.join(STOP_S)
        self._listening.close()
        self._path.unlink(missing_ok=True)
