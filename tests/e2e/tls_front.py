"""What stands before a center and speaks TLS for it, as a province's proxy does."""

import socket
import ssl
import threading
from typing import Self
from urllib.parse import urlsplit

SAFETY_S = 60.0


class TlsFront:
    """Listens on a free port and passes what it decrypts on to a center.

    Args:
        context: of the server, with its certificate.
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        self.behind = ""
        self._context = context
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.url = f"https://localhost:{self.port}"
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(SAFETY_S)

    def _serve(self) -> None:
        while True:
            try:
                taken, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._pass, args=(taken,), daemon=True).start()

    def _pass(self, taken: socket.socket) -> None:
        taken.settimeout(SAFETY_S)
        parts = urlsplit(self.behind)
        try:
            with (
                self._context.wrap_socket(taken, server_side=True) as outer,
                socket.create_connection((parts.hostname, parts.port), SAFETY_S) as inner,
            ):
                back = threading.Thread(target=_copy, args=(inner, outer), daemon=True)
                back.start()
                _copy(outer, inner)
                back.join(SAFETY_S)
        except OSError:  # a client that does not believe us
            return


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass
