"""Messages as lines: one JSON object each, at most :data:`MOST_LINE` bytes with its newline."""

from functools import cache
from typing import Annotated, Any, ClassVar, Final, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError

from appliance.sockets.errors import BadLineError

MOST_LINE: Final = 16_384
"""Bytes. Who sends more is cut off."""

Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,32}$")]
Text = Annotated[str, StringConstraints(max_length=400)]


class Message(BaseModel):
    """One message; anything that is not agreed makes it none."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True, strict=True)

    def line(self) -> bytes:
        """Return it as a line."""
        return self.model_dump_json().encode() + b"\n"

    @classmethod
    def of(cls, line: bytes) -> Self:
        """Return the message of a line.

        Raises:
            BadLineError: it is none of this kind.
        """
        found: Self = parsed(cls, line)
        return found

    @classmethod
    def of_content(cls, content: bytes, most: int, name: str) -> Self:
        """Return the message that is a file's content, and may be longer than a line.

        Args:
            content: of the file.
            most: bytes that it may have.
            name: of the file, for the error.

        Raises:
            BadLineError: it is none of this kind.
        """
        if len(content) > most:
            raise BadLineError(reason=f"longer than {most} bytes")
        try:
            return cls.model_validate_json(content)
        except ValidationError as error:
            raise BadLineError(reason=f"{error.error_count()} errors in {name}") from None


def parsed(kinds: Any, line: bytes) -> Any:  # noqa: ANN401 - any union of messages
    """Return the message in a line, of one of ``kinds``.

    Raises:
        BadLineError: too long, no JSON, or none of these.
    """
    if len(line) > MOST_LINE:
        raise BadLineError(reason=f"longer than {MOST_LINE} bytes")
    try:
        return _adapter(kinds).validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(part)[:40] for part in first["loc"])
        raise BadLineError(reason=f"{place}: {first['msg'][:120]}" if place else first["msg"][:120]) from None


@cache
def _adapter(kinds: Any) -> TypeAdapter[Any]:  # noqa: ANN401 - as above
    return TypeAdapter(kinds)
