"""The settings of the public WiFi's portal: where it is served, what guests agree to."""

import unicodedata
from typing import Annotated, Final

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from appliance.config.fields import Form, Id, Name, Section, refuse
from appliance.config.web import Port

MAX_TERMS: Final = 4_000
"""Characters; the page that shows them stays below 30 kB."""


def _terms(value: str) -> str:
    text = unicodedata.normalize("NFC", value).strip()
    if not text or not all(line.isprintable() for line in text.split("\n")):
        raise refuse("portal.terms")
    return text


Terms = Annotated[
    str, Field(max_length=MAX_TERMS), AfterValidator(_terms), Form("text of 1–4,000 characters, with lines")
]


class Purpose(Section):
    """Something that guests may allow besides, or not."""

    id: Id = Field(description="The purpose's id.")
    name: Name = Field(description="What is allowed, in a few words.")
    name_en: Name | None = Field(default=None, description="The same in English.")


class Portal(Section):
    """The portal of the public WiFi."""

    port: Port = Field(
        default=8082,
        description="Port of the portal, to which the gate leads guests' port 80; where systemd hands over a "
        "socket, that one is used instead.",
    )
    https_port: Port = Field(
        default=443,
        description="The same over https; without `hotspot.certificate` nobody is answered there.",
    )
    terms: Terms | None = Field(
        default=None, description="What guests agree to. Without it the terms that come with the box."
    )
    terms_en: Terms | None = Field(default=None, validate_default=True, description="The same in English.")
    purposes: Annotated[tuple[Purpose, ...], Field(max_length=8)] = Field(
        default=(),
        description="What guests may allow besides the terms, each for itself; nothing is ticked beforehand, "
        "and everything can be withdrawn.",
    )

    @field_validator("terms_en")
    @classmethod
    def _both(cls, value: str | None, info: ValidationInfo) -> str | None:
        # Whoever reads English would agree to something else.
        if "terms" in info.data and (value is None) != (info.data["terms"] is None):
            raise refuse("portal.both")
        return value

    @field_validator("purposes")
    @classmethod
    def _own_ids(cls, value: tuple[Purpose, ...]) -> tuple[Purpose, ...]:
        ids = [each.id for each in value]
        if len(set(ids)) != len(ids):
            raise refuse("form.repeated")
        return value
