"""The staff app of one office: what it stands on, and where it is served."""

import os
import socket
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import structlog

from appliance.accounts.accounts import Accounts
from appliance.accounts.person import Person
from appliance.clock import Clock, entropy
from appliance.config import Settings
from appliance.desk.commands import Record
from appliance.desk.desk import Desk
from appliance.errors import MotcuaError
from appliance.health.links import addresses, in_url
from appliance.httpd import tls
from appliance.httpd.server import Listener, tcp_socket
from appliance.journal.journal import write_durably
from appliance.office.figures import DayFigures
from appliance.office.links import links_of
from appliance.pages.assets import Assets
from appliance.pages.rendering import Renderer
from appliance.web.api import Views
from appliance.web.bench import Bench
from appliance.web.configuration import Configuration
from appliance.web.examiner import Examiner
from appliance.web.handover import Handover
from appliance.web.live import Hub
from appliance.web.parts import Box, Parts, Secrets
from appliance.web.staff import create_staff_app
from appliance.web.wifi import Wifi
from appliance.wire.event import Draft

log = structlog.get_logger(__name__)

SECRET_BYTES = 32
ANY = "::"
LOOPBACKS = ("127.0.0.1", "::1")


class JournalWitness:
    """Tells the journal who signed in, out, or was refused.

    Args:
        desk: records it.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def signed_in(self, person: Person) -> None:
        self._record("staff.signed_in", person.officer, person.role.value)

    def signed_out(self, person: Person) -> None:
        self._record("staff.signed_out", person.officer, person.role.value)

    def refused(self, officer: str | None, role: str) -> None:
        self._record("staff.refused", officer, role)

    def _record(self, kind: str, officer: str | None, role: str) -> None:
        try:
            self._desk.post(Record(Draft(kind, {"officer": officer, "role": role})))
        except MotcuaError as error:
            log.warning("staff.not_recorded", kind=kind, reason=str(error))


@dataclass(frozen=True, slots=True)
class Around:
    """What the office already has when the staff app is opened.

    Args:
        folder: the data directory.
        desk: the running desk.
        clock: the box's.
        views: hall, health, uplink.
        settings: returns those in force.
        configuration: changes them.
        bench: the devices as a person sees them, or None.
        handover: of this box, or None.
        examiner: the doctor, or None.
        wifi: the gate of the public WiFi, or None.
    """

    folder: Path
    desk: Desk
    clock: Clock
    views: Views
    settings: Callable[[], Settings]
    configuration: Configuration
    bench: Bench | None
    handover: Handover | None = None
    examiner: Examiner | None = None
    wifi: Wifi | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """The staff app, ready to be served.

    Args:
        parts: what it stands on.
        listeners: where it is served.
        unserved: what could not be opened, and why.
    """

    parts: Parts
    listeners: tuple[Listener, ...]
    unserved: tuple[str, ...]


def open_web(around: Around, stack: ExitStack) -> Opened:
    """Open what the staff app stands on, and its sockets; ``stack`` closes the former.

    A port that is taken is a fault to be told, never a reason to keep the counters closed.

    Raises:
        AccountsUnavailableError, OSError: the data directory cannot be written to.
    """
    settings = around.settings()
    desk = around.desk
    accounts = Accounts.open(around.folder, around.clock, JournalWitness(desk))
    stack.callback(accounts.close)
    figures = DayFigures.open(around.folder, desk.listen)
    stack.callback(figures.close)
    hub = Hub(lambda: desk.state, lambda: (desk.recording_stopped, _pulse(around)))
    stack.callback(desk.listen(hub.on_commit))
    sockets = _Sockets(settings, around.folder)
    parts = Parts(
        desk=desk,
        views=around.views,
        accounts=accounts,
        clock=around.clock,
        settings=around.settings,
        configuration=around.configuration,
        figures=figures,
        bench=around.bench,
        box=sockets.box,
        secrets=Secrets(secret(around.folder, "forms"), secret(around.folder, "tickets")),
        renderer=Renderer.open(),
        assets=Assets.open(),
        hub=hub,
        folder=around.folder,
        handover=around.handover,
        examiner=around.examiner,
        wifi=around.wifi,
        links=links_of,
    )
    listeners = sockets.serve(parts)
    return Opened(parts, listeners, tuple(sockets.unserved))


def _pulse(around: Around) -> object:
    """Return what pages show of the public WiFi at once; how fast the line is follows by and by."""
    if around.wifi is None or not around.settings().hotspot.enabled:
        return None
    look = around.wifi.look()
    counts = look.counts
    still = (
        None if counts is None else (counts.open, counts.joined, counts.blocked, counts.engines, counts.fault)
    )
    return look.is_up, still, look.refusal


class _Sockets:
    """Where the staff app is served, and how staff find it."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings = settings
        self.unserved: list[str] = []
        self._identity = self._proof(folder)
        self._port = settings.web.port

    def serve(self, parts: Parts) -> tuple[Listener, ...]:
        web = self._settings.web
        app = create_staff_app(parts)
        listeners: list[Listener] = []
        for host in LOOPBACKS:
            bound = self._bind(host, web.loopback_port) if web.listen != "off" else None
            if bound is not None:
                listeners.append(Listener(app, bound))
        lan = self._bind(ANY, web.port) if web.listen == "lan" else None
        if lan is not None:
            self._port = int(lan.getsockname()[1])
            listeners.append(Listener(app, lan, None if self._identity is None else self._identity.context))
        return tuple(listeners)

    def box(self) -> Box:
        """Return where staff find this box."""
        settings, found = self._settings, addresses()
        scheme = "http" if self._identity is None else "https"
        hosts = (*settings.web.names, *found) if settings.web.listen == "lan" else ()
        return Box(
            addresses=found,
            urls=tuple(f"{scheme}://{in_url(host)}:{self._port}" for host in hosts),
            fingerprint="" if self._identity is None else self._identity.fingerprint,
            public_url=_public_url(settings, found),
        )

    def _bind(self, host: str, port: int) -> socket.socket | None:
        if host == LOOPBACKS[1] and not socket.has_dualstack_ipv6():
            return None  # a machine without IPv6 lacks nothing
        try:
            return tcp_socket(host, port)
        except OSError as error:
            log.warning("web.not_served", host=host, port=port, reason=str(error))
            self.unserved.append(f"{in_url(host)}:{port}: {error.strerror}")
            return None

    def _proof(self, folder: Path) -> tls.Identity | None:
        """Return the certificate to serve with; a bad one given is replaced by the box's own, and told."""
        web = self._settings.web
        if web.listen != "lan" or web.tls == "none":
            return None
        if web.tls == "file" and web.certificate is not None and web.key is not None:
            try:
                return tls.from_files(web.certificate, web.key)
            except (OSError, ValueError) as error:
                log.warning("web.certificate_unusable", path=str(web.certificate), reason=str(error))
                self.unserved.append(f"{web.certificate.name}: {error}")
        return tls.own(folder, self._settings.office.device, web.names, addresses())


def _public_url(settings: Settings, found: tuple[str, ...]) -> str | None:
    public = settings.public
    if public.listen == "off":
        return None
    if public.url is not None:
        return public.url
    return f"http://{in_url(found[0])}:{public.port}" if found else None


def secret(folder: Path, name: str) -> bytes:
    """Return a secret of this box, made at its first use.

    Raises:
        OSError: it can be neither read nor written.
    """
    path = folder / f"{name}.secret"
    try:
        kept = path.read_bytes()
    except FileNotFoundError:
        kept = b""
    if len(kept) != SECRET_BYTES:  # cut short by a power cut: what stood behind it is void
        kept = entropy(SECRET_BYTES)
        write_durably(path, kept, 0o600)
        os.chmod(path, 0o600)  # noqa: PTH101 - also where an older file was readable
    return kept
