"""The box that is looked over: machine, settings, data directory, office. Each is asked at most once."""

import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import httpx2

from appliance.clock import BelievedClock, KernelTime, SystemTime
from appliance.config import Settings, load
from appliance.config.problem import ConfigError
from appliance.doctor import line
from appliance.doctor.machine import Disk, Machine, Mount
from appliance.doctor.service_user import ServiceUser
from appliance.doctor.wifi import AroundWifi, PublicWifi, may_ask
from appliance.health.links import addresses
from appliance.office import holdings
from appliance.office.enrolment import floor_us
from appliance.uplink.identity import IdentityFolder
from appliance.uplink.receipts import ReceiptFile
from appliance.wire.moment import Moment, microseconds, parse_wire_time

CONFIG = Path("/etc/motcua/office.toml")
DATA = Path("/var/lib/motcua")
SOCKET = Path("/run/motcua/office.sock")
ANSWER_S = 10.0


@dataclass(frozen=True, slots=True)
class Around:
    """What a doctor finds around the box; tests bring their own.

    Args:
        machine: what the kernel shows.
        time: the machine's time.
        service: the user the office runs as.
        addresses: tells the box's addresses.
        ca_file: PEM certificates of the center's TLS, instead of those of the settings.
        endurance_bytes: what may be written to the card in its life, or None for an estimate.
        wifi: what is asked around the public WiFi.
    """

    machine: Machine = field(default_factory=Machine)
    time: SystemTime = field(default_factory=KernelTime)
    service: ServiceUser = field(default_factory=ServiceUser.here)
    addresses: Callable[[], tuple[str, ...]] = addresses
    ca_file: Path | None = None
    endurance_bytes: int | None = None
    wifi: AroundWifi = field(default_factory=AroundWifi)


@dataclass(frozen=True)
class Box:
    """One box; make it with :meth:`find`.

    Args:
        config: the office.toml.
        settings: what it says, or None when it cannot be used.
        config_error: why not: a ConfigError for its content.
        folder: the data directory.
        socket: the office's Unix socket.
        around: the rest of the world.
    """

    config: Path
    settings: Settings | None
    config_error: ConfigError | None
    folder: Path
    socket: Path
    around: Around

    @classmethod
    def find(
        cls,
        config: Path = CONFIG,
        folder: Path | None = None,
        office_socket: Path | None = None,
        around: Around | None = None,
    ) -> Self:
        """Return the box of an office.toml; what is not given is as that file says, or as usual."""
        settings, error = None, None
        try:
            settings = load(config)
        except ConfigError as caught:
            error = caught
        return cls(
            config=config,
            settings=settings,
            config_error=error,
            folder=folder or (settings.office.data_dir if settings else DATA),
            socket=office_socket or (settings.api.socket if settings else SOCKET),
            around=around or Around(),
        )

    @property
    def machine(self) -> Machine:
        """What the kernel shows."""
        return self.around.machine

    def must_read(self) -> None:
        """Return if the data directory may be read or is not there: what is closed must not look empty.

        Raises:
            PermissionError: it may not be read.
        """
        if self.folder.is_dir():
            next(self.folder.iterdir(), None)

    @cached_property
    def holdings(self) -> holdings.Holdings:
        """What the data directory holds.

        Raises:
            PermissionError: it may not be read.
        """
        self.must_read()
        return holdings.look(self.folder)

    @cached_property
    def moment(self) -> Moment:
        """The moment as an office started now would believe it.

        Raises:
            PermissionError: the data directory may not be read, which has the floor of the clock.
        """
        self.must_read()
        has_rtc = self.settings is not None and self.settings.clock.rtc
        floor = floor_us(IdentityFolder(self.folder), ReceiptFile.of(self.folder))
        clock = BelievedClock(self.around.time, floor_us=floor, has_rtc=has_rtc)
        clock.observe()
        return clock.now()

    @cached_property
    def line(self) -> line.Line | None:
        """How far the line to the center goes; None without settings."""
        if self.settings is None:
            return None
        return line.look(self.settings.uplink.center, self.moment, self.around.time.wall_us(), self.ca_file)

    @property
    def ca_file(self) -> Path | None:
        """What the center's certificate is checked against; None for the public certificates."""
        if self.around.ca_file is not None or self.settings is None:
            return self.around.ca_file
        return self.settings.uplink.ca_file

    @cached_property
    def office(self) -> dict[str, Any] | None:
        """What the running office says of its health, or None when none answers."""
        if not _listens(self.socket):  # httpx leaves the socket open when it cannot connect
            return None
        transport = httpx2.HTTPTransport(uds=str(self.socket))
        try:
            with httpx2.Client(transport=transport, timeout=ANSWER_S) as client:
                answer = client.get("http://office/v1/health")
                value = answer.json() if answer.is_success else None
        except (httpx2.HTTPError, ValueError):
            return None
        return value if isinstance(value, dict) else None

    @cached_property
    def wifi(self) -> PublicWifi | None:
        """The public WiFi; None where the settings want none."""
        if self.settings is None or not self.settings.hotspot.enabled:
            return None
        return PublicWifi(self.settings, self.machine, may_ask(self.around.service.uid), self.around.wifi)

    @cached_property
    def mount(self) -> Mount | None:
        """What the data directory is mounted from."""
        return self.machine.mount_of(self.folder)

    @cached_property
    def disk(self) -> Disk | None:
        """The card of the data directory; None when it is no block device."""
        return None if self.mount is None else self.machine.disk_of(self.mount)

    def age_ms(self, wire_at: str) -> int:
        """Return how long ago a wire time was, milliseconds; less than nothing on a clock that is behind."""
        return (self.moment.at_us - microseconds(parse_wire_time(wire_at))) // 1000


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True
