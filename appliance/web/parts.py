"""What the staff app stands on; the composition root puts it together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance.accounts.accounts import Accounts
from appliance.clock import Clock
from appliance.config import Settings
from appliance.desk.desk import Desk
from appliance.desk.state import State
from appliance.pages.assets import Assets
from appliance.pages.rendering import Renderer
from appliance.queueing import tokens
from appliance.queueing.ticket import Ticket
from appliance.web.api import Views
from appliance.web.bench import Bench
from appliance.web.configuration import Configuration
from appliance.web.examiner import Examiner
from appliance.web.figures import Figures
from appliance.web.handover import Handover
from appliance.web.live import Hub
from appliance.web.wifi import Link, Wifi
from appliance.wire.moment import Now


@dataclass(frozen=True, slots=True)
class Box:
    """Where staff find this box.

    Args:
        addresses: its addresses on the office LAN.
        urls: the staff app's, most useful first.
        fingerprint: SHA-256 of its certificate, ``AB:CD:…``; empty without TLS.
        public_url: what the address in a ticket's QR code begins with, or None.
    """

    addresses: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    fingerprint: str = ""
    public_url: str | None = None


@dataclass(frozen=True, slots=True)
class Secrets:
    """Secrets of this box that never leave it; each 32 bytes.

    Args:
        forms: behind the tokens of forms.
        tickets: behind the tokens of tickets.
    """

    forms: bytes
    tickets: bytes


@dataclass(frozen=True, slots=True)
class Parts:
    """See the module.

    Args:
        desk: where commands go.
        views: hall, health, uplink.
        accounts: staff and sessions.
        clock: the box's.
        settings: returns those in force.
        configuration: changes them.
        figures: today's, and those of earlier days.
        bench: the buttons and signs as a person sees and presses them, or None where nothing is to be seen.
        box: returns where staff find this box.
        secrets: see there.
        renderer: of pages.
        assets: the files beside them.
        hub: pushes what happens.
        folder: the data directory.
        handover: of this box, or None where nothing is handed over.
        examiner: the doctor, or None where the office was started without one.
        wifi: the gate of the public WiFi, or None where there cannot be any.
        links: returns the network interfaces that the box has; none where that cannot be told.
    """

    desk: Desk
    views: Views
    accounts: Accounts
    clock: Clock
    settings: Callable[[], Settings]
    configuration: Configuration
    figures: Figures
    bench: Bench | None
    box: Callable[[], Box]
    secrets: Secrets
    renderer: Renderer
    assets: Assets
    hub: Hub
    folder: Path
    handover: Handover | None = None
    examiner: Examiner | None = None
    wifi: Wifi | None = None
    links: Callable[[], Sequence[Link]] = tuple

    @property
    def has_hall(self) -> bool:
        """Whether numbers are given out and called here."""
        return self.settings().office.has_hall

    @property
    def has_wifi(self) -> bool:
        """Whether there is public WiFi to be seen on pages."""
        return self.wifi is not None and self.settings().hotspot.enabled

    def now(self, state: State) -> Now:
        """Return the moment and its place on a state's timeline."""
        moment = self.clock.now()
        return Now(moment, state.timeline.at(moment.boot, moment.up_ms))

    def token_of(self, ticket: str) -> str:
        """Return the token of a ticket's key."""
        return tokens.token_of(self.secrets.tickets, ticket)

    def ticket_of(self, token: str) -> Ticket | None:
        """Return the ticket of a token, or None when it is none of today's."""
        hall = self.desk.state.hall
        return tokens.ticket_of(self.secrets.tickets, token, hall.tickets, hall.day)

    def ticket_url(self, ticket: str) -> str | None:
        """Return the address for a ticket's QR code, or None when phones cannot follow."""
        base = self.box().public_url
        return None if base is None else f"{base}/t/{self.token_of(ticket)}"
