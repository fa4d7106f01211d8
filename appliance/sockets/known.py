"""What the strangers' app may know of the settings: one file that the office writes and the app reads."""

from typing import Annotated, Final, Self

from pydantic import Field, StringConstraints

from appliance.sockets.door import VERSION, Named
from appliance.sockets.lines import Key, Message
from appliance.sockets.portal import Portal

FILE: Final = "public.json"
MOST_BYTES: Final = 65_536

Color = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]


class Rung(Message):
    """One level of the scale."""

    name: Named
    color: Color


class Choice(Message):
    """One reason, or one service, by its key."""

    key: Key
    name: Named


class Known(Message):
    """See the module.

    Args:
        version: of this form.
        office: its name.
        levels: worst first.
        reasons: offered after a rating, in order.
        services: in order.
        correction_s: seconds during which a rating may be corrected.
        portal: of the public WiFi; None where there is none.
    """

    version: int = VERSION
    office: Named
    levels: Annotated[tuple[Rung, ...], Field(min_length=2, max_length=5, strict=False)]
    reasons: Annotated[tuple[Choice, ...], Field(max_length=12, strict=False)]
    services: Annotated[tuple[Choice, ...], Field(max_length=26, strict=False)]
    correction_s: Annotated[int, Field(ge=0, le=60)]
    portal: Portal | None = None

    @classmethod
    def of_file(cls, content: bytes) -> Self:
        """Return what a file says; other than a line it may be up to :data:`MOST_BYTES` long.

        Raises:
            BadLineError: it is none of these.
        """
        return cls.of_content(content, MOST_BYTES, FILE)
