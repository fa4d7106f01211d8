"""The settings of the box itself: who it is, where it uploads, what it keeps."""

from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, ValidationInfo, field_validator

from appliance.config.fields import (
    AbsolutePath,
    CenterUrl,
    Id,
    Name,
    OctalMode,
    Section,
    SocketPath,
    Thumbprint,
    refuse,
)
from appliance.config.schedule import Cron

DEFAULT_INTERVAL_S: Final = 300


class Office(Section):
    """Who and where this box is."""

    name: Name = Field(description="The office's name as citizens read it, in Vietnamese.")
    name_en: Name | None = Field(
        default=None, description="The office's name in English. Without it the Vietnamese name is shown."
    )
    device: Id = Field(description="This box's id at the center; part of the claim it was provisioned with.")
    site: Id = Field(description="The office's id at the center; a site has one `office` box.")
    role: Literal["office", "hotspot", "display"] = Field(
        default="office",
        description="What the box is for. Only an `office` box runs a hall and needs services and counters.",
    )
    data_dir: AbsolutePath = Field(
        default=Path("/var/lib/motcua"),
        description="Directory of the journal, receipts and keys, on the data partition.",
    )

    @property
    def has_hall(self) -> bool:
        """Whether numbers are given out and called here."""
        return self.role == "office"


class Uplink(Section):
    """Where and when events are delivered. Give `interval_s` or `cron`, not both."""

    center: CenterUrl = Field(
        description="Address of the provincial center. `http://` is accepted only for this machine itself."
    )
    center_id: Id = Field(description="The center's id, as its receipts name it.")
    root_key_thumbprint: Thumbprint = Field(
        description="RFC 7638 SHA-256 thumbprint of the center's root key, base64url without padding. "
        "The box trusts no center but this one."
    )
    ca_file: AbsolutePath | None = Field(
        default=None,
        description="File of the PEM certificates that the center's TLS is checked against, instead of the "
        "public ones. While it cannot be read nothing is delivered, and health says so.",
    )
    cron: Cron | None = Field(
        default=None,
        description="Upload at these local times (Asia/Ho_Chi_Minh) instead of at an interval: minute, hour, "
        "day, month, weekday. A day must match both the day of the month and the weekday; weekdays are "
        "written `mon` to `sun`.",
    )
    interval_s: Annotated[int, Field(ge=30, le=86_400)] | None = Field(
        default=None,
        validate_default=True,
        description=f"Seconds from one upload to the next; {DEFAULT_INTERVAL_S} unless `cron` is given. "
        "A receipt may ask for another time.",
    )
    jitter_s: int = Field(
        default=30,
        ge=0,
        le=3600,
        description="The box's first upload after a start, or each one by calendar, is put off by its own "
        "part of so many seconds, so that a province's boxes do not call together. At most half of "
        "`interval_s`.",
    )
    timeout_s: int = Field(
        default=30, ge=5, le=600, description="Seconds without progress after which an upload is given up."
    )
    batch_events: int = Field(
        default=1000, ge=1, le=5000, description="Most events in one batch; the wire format allows 5,000."
    )
    usb_dir: AbsolutePath | None = Field(
        default=None,
        description="Directory where a USB stick is mounted. When given, batches can also travel by stick.",
    )

    @field_validator("interval_s")
    @classmethod
    def _one_schedule(cls, value: int | None, info: ValidationInfo) -> int | None:
        # A refused cron is absent from info.data: then it was given, and its own problem is reported.
        has_cron = info.data.get("cron", "refused") is not None
        if value is not None and has_cron:
            raise refuse("schedule.both")
        return DEFAULT_INTERVAL_S if value is None and not has_cron else value

    @field_validator("jitter_s")
    @classmethod
    def _jitter_below_interval(cls, value: int, info: ValidationInfo) -> int:
        interval_s = info.data.get("interval_s")
        if interval_s is not None and 2 * value > interval_s:
            raise refuse("schedule.jitter", interval_s=interval_s)
        return value


class Backup(Section):
    """The stick that receives every event a few seconds later, for the day when this box dies."""

    dir: AbsolutePath | None = Field(
        default=None,
        description="Directory where the backup stick is mounted. Without it there is no backup.",
    )
    mounted: bool = Field(
        default=True,
        description="Whether `dir` counts only while something is mounted there. `false` for a directory "
        "that is always there, on another disk than the data.",
    )
    expected: bool = Field(
        default=True,
        description="Whether health misses a stick that was never there. With `false`, which a box made from "
        "a card has, it is missed only after it was plugged in once.",
    )


class Journal(Section):
    """What the journal keeps and when it warns."""

    retention_days: int = Field(
        default=400,
        ge=30,
        le=3650,
        description="Days that a receipted event stays on the box. Events without a receipt always stay.",
    )
    max_mib: int = Field(
        default=4096,
        ge=64,
        le=1_048_576,
        description="Size in MiB above which health warns that the journal outgrows its card.",
    )
    warn_free_mib: int = Field(
        default=512,
        ge=16,
        le=1_048_576,
        description="Free space in MiB on the data partition below which health warns.",
    )


class Api(Section):
    """The socket on which the office answers the other units of this box."""

    socket: SocketPath = Field(
        default=Path("/run/motcua/office.sock"), description="Path of the Unix socket."
    )
    mode: OctalMode = Field(
        default="660", description="Permissions of the socket; others than owner and group have none."
    )

    @property
    def permissions(self) -> int:
        """``mode`` as ``os.chmod`` takes it."""
        return int(self.mode, 8)


class Clock(Section):
    """What the box may believe about time. The time zone is Asia/Ho_Chi_Minh and not a setting."""

    rtc: bool = Field(
        default=False,
        description="`true` when a battery-backed clock is fitted; its time is then used before NTP answers.",
    )
    tolerance_s: int = Field(
        default=2,
        ge=1,
        le=300,
        description="Seconds by which wall clock and uptime may drift apart before a step of the clock is "
        "recorded.",
    )
