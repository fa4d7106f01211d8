"""How people reach a demo's pages: addresses that are free, accounts to sign in with, the strangers' app."""

import errno
import fcntl
import ipaddress
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from appliance.accounts.accounts import Accounts
from appliance.accounts.person import Role
from appliance.accounts.setup_code import new_code
from provisioning.demo.picture import Door, Doors, Login

STAFF_PORT, LAN_PORT, PHONE_PORT = 8080, 8443, 8081
LOOPBACKS = ("127.0.0.1", "::1")
HERE = "127.0.0.1"
ANY = "::"
_TRIES = 20
CLOSED_TOML = """\
[web]
listen = "off"
[public]
listen = "off"
"""
OPEN_TOML = """\
[web]
listen = "{listen}"
port = {lan}
loopback_port = {staff}
names = [{names}]
[public]
port = {phone}
url = "{url}"
link_dir = "{link}"
"""
PEOPLE = (
    (Role.TECHNICIAN, "tuan", "Lò Văn Tuấn", "kỹ thuật viên · technician"),
    (Role.SUPERVISOR, "minh", "Vàng Thị Minh", "lãnh đạo · supervisor"),
    (Role.OFFICER, "lan", "Lý Thị Lan", "cán bộ · officer"),
)


@dataclass(frozen=True, slots=True)
class Places:
    """Where the pages of one demo are.

    Args:
        host: an address or name of this machine for phones and other computers; None for this machine alone.
        staff: the port on loopback.
        lan: the port for other computers.
        phone: the port of the strangers' app.
        link: the directory between office and strangers' app.
    """

    host: str | None
    staff: int
    lan: int
    phone: int
    link: Path

    @classmethod
    def find(cls, host: str | None, link: Path) -> "Places":
        """Take the usual ports where they are free, others where not."""
        taken: set[int] = set()
        hosts = LOOPBACKS if host is None else ("::", "0.0.0.0")  # noqa: S104 - looked at, not served
        staff = _free(STAFF_PORT, LOOPBACKS, taken)
        lan = _free(LAN_PORT, hosts, taken)
        phone = _free(PHONE_PORT, hosts, taken)
        return cls(host, staff, lan, phone, link)

    def toml(self) -> str:
        """Return the tables of an office.toml."""
        return OPEN_TOML.format(
            listen="loopback" if self.host is None else "lan",
            lan=self.lan,
            staff=self.staff,
            names="" if self.host is None or _is_address(self.host) else f'"{self.host}"',
            phone=self.phone,
            url=self.phone_url,
            link=self.link,
        )

    @property
    def phone_url(self) -> str:
        """What a ticket's QR code begins with."""
        return f"http://{_in_url(self.host or HERE)}:{self.phone}"

    @property
    def phone_hosts(self) -> tuple[str, ...]:
        """Where the strangers' app is bound."""
        return LOOPBACKS if self.host is None else (ANY,)

    def doors(self, accounts: Accounts, fingerprint: str) -> Doors:
        """Make the accounts, and return all that people need to come in.

        Args:
            accounts: of an office without any.
            fingerprint: of the certificate for other computers.

        Raises:
            MotcuaError: they could not be made.
        """
        code = accounts.set_setup_code()
        logins = []
        first = None
        for role, officer, name, words in PEOPLE:
            password = new_code().lower()
            if first is None:
                first = accounts.create_first(code, "demo", officer, name, password)
            else:
                accounts.create(first, officer, name, role, password)
            logins.append(Login(words, officer, password))
        staff = f"http://{HERE}:{self.staff}"
        found = [
            Door("cán bộ · staff", staff),
            Door("điện thoại · phones", self.phone_url),
            Door("bàn thử · bench", f"{staff}/bench"),
        ]
        if self.host is not None:
            found.insert(1, Door("máy khác · LAN", f"https://{_in_url(self.host)}:{self.lan}"))
        return Doors(tuple(found), tuple(logins), code, fingerprint if self.host is not None else "")


@contextmanager
def finding() -> Iterator[None]:
    """Let demos that start at the same time find their ports one after the other.

    A port is free until somebody listens: hold this until the demo does.
    """
    path = Path(tempfile.gettempdir()) / f"motcua-demo-{os.getuid()}.lock"
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _free(wanted: int, hosts: tuple[str, ...], taken: set[int]) -> int:
    """Return a port that nobody listens on at any of these hosts."""
    port = wanted
    for _ in range(_TRIES):
        if port not in taken and _is_free(port, hosts):
            break
        with socket.socket() as probe:
            probe.bind((HERE, 0))
            port = int(probe.getsockname()[1])
    taken.add(port)
    return port  # if it is taken after all, the office tells that it could not open it


def _is_free(port: int, hosts: tuple[str, ...]) -> bool:
    for host in hosts:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with suppress(OSError), socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try:
                probe.bind((host, port))
                probe.listen(1)
            except OSError as error:
                if family == socket.AF_INET or error.errno != errno.EADDRNOTAVAIL:
                    return False
    return True


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
