"""What the gate found that this box's radio and kernel can do: a file that it leaves beside its socket.

``motcua hotspot capabilities`` shows the same. What the hardware does not say is None: nothing is promised
that was not seen.
"""

from typing import Annotated, Final, Literal, Self

from pydantic import Field, StringConstraints

from appliance.sockets.lines import Message, Text

VERSION: Final = 1
FILE: Final = "capabilities.json"
MOST_NOTES: Final = 12

Count = Annotated[int, Field(ge=0, le=100_000)]
Moment = Annotated[
    str,
    StringConstraints(
        pattern=r"^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z$"
    ),
]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,40}$")]


class Note(Message):
    """A remark for the technician, in both languages."""

    en: Text
    vi: Text


class Capabilities(Message):
    """See the module; as long as a line may be."""

    version: Literal[1] = VERSION
    at: Moment = Field(description="when it was looked at, UTC")
    radio: Literal["builtin", "usb", "external"] = Field(description="of the settings that were in force")
    interface: Name
    driver: Name | None = Field(description="of the kernel; None for a wired port or a radio that is missing")
    firmware: Name | None = Field(None, description="what the driver calls the radio's firmware")
    is_there: bool = Field(description="whether the interface exists")
    has_ap: bool | None = Field(description="whether the radio can be an access point; None for a wired port")
    most_clients: Count | None = Field(description="stations that the radio takes at once")
    bands: Annotated[tuple[Literal["2.4", "5", "6"], ...], Field(max_length=3, strict=False)] = Field(
        description="GHz; none if it does not say"
    )
    isolation: bool | None = Field(description="whether the radio keeps guests apart")
    wpa3: bool | None = Field(description="whether a passphrase may be WPA3's")
    owe: bool | None = Field(description="whether it can encrypt without a passphrase")
    shaper: Literal["cake", "fq_codel", "sfq", "htb", "none"] | None = Field(
        description="what the kernel shares the line with"
    )
    announces_portal: bool = Field(description="whether radvd can tell phones where the portal is")
    notes: Annotated[tuple[Note, ...], Field(max_length=MOST_NOTES, strict=False)] = ()

    @classmethod
    def of_file(cls, content: bytes) -> Self:
        """Return what the file says.

        Raises:
            BadLineError: it is none of these.
        """
        return cls.of(content)
