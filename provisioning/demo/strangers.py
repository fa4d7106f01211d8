"""The strangers' app of a demo: a process of its own, as on a box, that ends with the demo.

It is given its listening sockets as systemd would give them, so that a demo on loopback stays there. Run as a
module this is the child: ``python -m provisioning.demo.strangers <fd>,<fd> public run …``.
"""

import ctypes
import fcntl
import os
import runpy
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from appliance.httpd.server import tcp_socket

LOG = "public.log"
FIRST_FD = 3
HIGH_FD = 32
"""Sockets travel up here, so that none is overwritten on its way down."""
STOP_S = 10.0
_PR_SET_PDEATHSIG = 1


class Strangers:
    """See the module; make it with :meth:`start`.

    Args:
        process: the child.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    @classmethod
    def start(cls, hosts: tuple[str, ...], port: int, link: Path, folder: Path) -> "Strangers":
        """Bind the sockets and start the child; whoever connects before it is ready waits.

        Args:
            hosts: addresses to serve at; those that this machine lacks are left out.
            port: everywhere the same.
            link: the directory between office and strangers' app.
            folder: where its log is kept.

        Raises:
            OSError: no socket can be bound, or the child cannot be started.
        """
        with ExitStack() as stack:
            fds = []
            for bound in _bound(hosts, port):
                stack.callback(bound.close)
                fds.append(fcntl.fcntl(bound.fileno(), fcntl.F_DUPFD_CLOEXEC, HIGH_FD))
                stack.callback(os.close, fds[-1])
            log = stack.enter_context((folder / LOG).open("ab"))
            command = [sys.executable, "-m", __name__, ",".join(map(str, fds)), "public", "run"]
            process = subprocess.Popen(
                [*command, "--link-dir", str(link), "--port", str(port), "--log", "warning"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=fds,
                start_new_session=True,  # a Ctrl-C at the terminal is the demo's, which ends this in order
            )
        return cls(process)

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    def stop(self) -> None:
        """End the child; idempotent."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.wait()


def _bound(hosts: tuple[str, ...], port: int) -> list[socket.socket]:
    found, failed = [], None
    for host in hosts:
        try:
            found.append(tcp_socket(host, port))
        except OSError as error:
            failed = error
    if not found and failed is not None:
        raise failed
    return found


def main() -> None:
    """Take the sockets to where systemd puts them, and become the app."""
    # Also when the demo is killed and can end nobody.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    fds = [int(each) for each in sys.argv.pop(1).split(",")]
    for number, fd in enumerate(fds):
        os.dup2(fd, FIRST_FD + number)
        os.close(fd)
    os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": str(len(fds))}
    runpy.run_module("appliance", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
