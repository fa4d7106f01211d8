"""The catalog of administrative procedures, as strangers may read it: one file beside the app's settings."""

from typing import Annotated, Final, Self

from pydantic import Field, StringConstraints

from appliance.sockets.lines import Message

FILE: Final = "procedures.json"
VERSION: Final = 1
MOST_BYTES: Final = 2_097_152
MOST: Final = 600
"""Procedures; a commune has three to four hundred."""
MOST_DOCUMENTS: Final = 30

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$")]
Words = Annotated[str, StringConstraints(max_length=300)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Link = Annotated[str, StringConstraints(pattern=r"^https?://[!-~]{1,290}$")]


class Procedure(Message):
    """One procedure, in the words of whoever publishes it.

    Args:
        code: by which it is known, such as ``1.001193``.
        name: of it.
        documents: that are to be brought, one each.
        fee: and how it is paid.
        time: until it is settled.
        where: it is handed in.
        link: to its page on the Internet, or None.
    """

    code: Code
    name: Name
    documents: Annotated[tuple[Name, ...], Field(max_length=MOST_DOCUMENTS, strict=False)] = ()
    fee: Words = ""
    time: Words = ""
    where: Words = ""
    link: Link | None = None


class Catalog(Message):
    """All of them, in the order of the list that was taken over."""

    version: int = VERSION
    procedures: Annotated[tuple[Procedure, ...], Field(max_length=MOST, strict=False)] = ()

    @classmethod
    def of_file(cls, content: bytes) -> Self:
        """Return what a file says.

        Raises:
            BadLineError: it is none of these.
        """
        return cls.of_content(content, MOST_BYTES, FILE)
