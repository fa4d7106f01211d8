"""The settings of the pages: where the staff app and the strangers' app are served."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from appliance.config.fields import AbsolutePath, HostName, Id, PageUrl, Section, refuse

Port = Annotated[int, Field(ge=0, le=65_535)]


class Web(Section):
    """The staff app: kiosk, counters, hall display, supervisor, settings."""

    listen: Literal["lan", "loopback", "off"] = Field(
        default="lan",
        description="Who reaches the staff app: the office LAN (and the box's own screen), only the box "
        "itself, or nobody.",
    )
    port: Port = Field(default=8443, description="Port of the office LAN; 0 takes any free one.")
    loopback_port: Port = Field(
        default=8080,
        description="Port for the box's own screen, plain HTTP, on loopback only. "
        "The browser on HDMI looks at 8080: with another port it shows nothing.",
    )
    tls: Literal["self", "file", "none"] = Field(
        default="self",
        description="The certificate: made by the box itself, from `certificate` and `key`, or `none` for "
        "plain HTTP on a LAN that is protected otherwise.",
    )
    certificate: AbsolutePath | None = Field(
        default=None, validate_default=True, description='PEM certificate chain, with `tls = "file"`.'
    )
    key: AbsolutePath | None = Field(
        default=None, validate_default=True, description='PEM private key, with `tls = "file"`.'
    )
    names: Annotated[tuple[HostName, ...], Field(max_length=16)] = Field(
        default=(),
        description="Host names by which staff reach the box; addresses and `localhost` are always taken.",
    )

    @field_validator("certificate", "key")
    @classmethod
    def _with_file(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        if info.data.get("tls") == "file" and value is None:
            raise refuse("web.certificate")
        return value


class Display(Section):
    """The screen on the box's own HDMI."""

    page: Literal["hall", "kiosk", "rating"] = Field(
        default="hall",
        description="What it shows: `hall` who is called where, `kiosk` the services to take a number for, "
        "`rating` the satisfaction levels of one counter; the last two on a touch screen.",
    )
    counter: Id | None = Field(
        default=None,
        validate_default=True,
        description='Id of the counter that is rated there, with `page = "rating"`.',
    )

    @field_validator("counter")
    @classmethod
    def _with_rating(cls, value: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("page") == "rating" and value is None:
            raise refuse("display.counter")
        return value


class Public(Section):
    """The strangers' app: a citizen's ticket on a citizen's phone."""

    listen: Literal["on", "off"] = Field(
        default="on", description="Whether phones can follow their ticket; `off` prints no QR code."
    )
    port: Port = Field(
        default=8081,
        description="Port of the strangers' app, on every address; where systemd hands over a socket, that "
        "one is used instead.",
    )
    url: PageUrl | None = Field(
        default=None,
        description="Address that the QR code on a ticket begins with, such as `http://10.77.0.1`. Without "
        "it the box's own address and `port`.",
    )
    link_dir: AbsolutePath = Field(
        default=Path("/run/motcua-link"),
        description="Directory of the socket between office and strangers' app, and of what the latter may "
        "know of the settings.",
    )
    user: Id = Field(
        default="motcua-public", description="The Unix user of the strangers' app, whom the office answers."
    )
