"""The policy by which sessions of the public WiFi are recorded: a file of its own, from the province.

Without one nothing is recorded. It says which law or decision asks for it, for how long, what, and to whose
key the records are sealed; with a mistake in it nothing is recorded either.
"""

import stat
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails

from appliance.config.explain import explain
from appliance.config.fields import Form, Name, Section, Thumbprint, one_line, refuse
from appliance.config.problem import ConfigError, Problem, join_key, problem, shown
from appliance.records.errors import RecordKeyError
from appliance.records.keys import RecordKey
from appliance.records.record import FIELDS

MAX_BYTES: Final = 8_192
MAX_LINE: Final = 1_000
MOST_MONTHS: Final = 24
MAX_CITATION: Final = 300
DEFAULT_NAME: Final = "retention.toml"

Citation = Annotated[
    str, Field(max_length=MAX_CITATION), AfterValidator(one_line), Form("text of 1–300 characters")
]
RecordField = Literal["mac", "ipv4", "ipv6", "bytes", "terms"]


class ProvinceKey(Section):
    """The public part of the province's key: a JWK as `motcua center wifi-records keygen` prints it."""

    kty: Literal["OKP"] = Field(description="Always `OKP`.")
    crv: Literal["X25519"] = Field(description="Always `X25519`.")
    x: str = Field(max_length=64, description="The key, base64url.")
    kid: Thumbprint = Field(description="Its RFC 7638 thumbprint: a key with a typing error is found by it.")

    @field_validator("x")
    @classmethod
    def _is_a_key(cls, value: str) -> str:
        try:
            RecordKey.from_x(value)
        except RecordKeyError as error:
            raise refuse("retention.key", detail=error.fields["reason"]) from None
        return value

    @field_validator("kid")
    @classmethod
    def _names_it(cls, value: str, info: ValidationInfo) -> str:
        x = info.data.get("x")
        if x is not None and RecordKey.from_x(x).kid != value:
            raise refuse("retention.kid", right=RecordKey.from_x(x).kid)
        return value


class Policy(Section):
    """See the module."""

    citation: Citation = Field(description="The law or decision that asks for the records, as it is cited.")
    citation_en: Citation | None = Field(default=None, description="The same in English.")
    issued_by: Name = Field(description="Who issued this policy.")
    issued_by_en: Name | None = Field(default=None, description="The same in English.")
    months: int = Field(
        ge=1, le=MOST_MONTHS, description="Months after whose end the records of a month are destroyed."
    )
    valid_from: date = Field(description="First day on which sessions are recorded.")
    valid_until: date = Field(description="Last day on which sessions are recorded.")
    fields: Annotated[tuple[RecordField, ...], Field(min_length=1, max_length=len(FIELDS))] = Field(
        description="What is recorded of a session beside when it began and ended, and why."
    )
    key: ProvinceKey = Field(description="Whom the records are sealed for.")

    @field_validator("fields")
    @classmethod
    def _each_once(cls, value: tuple[RecordField, ...]) -> tuple[RecordField, ...]:
        if len(set(value)) != len(value):
            raise refuse("form.repeated")
        return value

    @field_validator("valid_until")
    @classmethod
    def _in_order(cls, value: date, info: ValidationInfo) -> date:
        begins = info.data.get("valid_from")
        if begins is not None and value < begins:
            raise refuse("retention.until", begins=begins.isoformat())
        return value

    def record_key(self) -> RecordKey:
        """Return whom the records are sealed for."""
        return RecordKey.from_x(self.key.x)

    def is_in_force(self, day: str, *, is_trusted: bool) -> bool:
        """Whether sessions that end on a day are recorded.

        Args:
            day: ISO.
            is_trusted: whether that day is known. If it is not, it is never later than the true one: then an
                end that has passed has passed, and nobody can say whether the beginning has.
        """
        if day > self.valid_until.isoformat():
            return False
        return not is_trusted or day >= self.valid_from.isoformat()

    def is_over(self, day: str) -> bool:
        """Whether its last day is before ``day``, ISO."""
        return day > self.valid_until.isoformat()


def policy_of(text: str, name: str = DEFAULT_NAME) -> Policy:
    """Return the policy of a TOML text.

    Raises:
        ConfigError: it has problems; all of them are in ``problems``.
    """
    if len(text.encode(errors="replace")) > MAX_BYTES:
        raise _refused(name, "retention.too_large", limit=MAX_BYTES // 1024)
    if any(len(line) > MAX_LINE for line in text.split("\n")):
        raise _refused(name, "toml.long_line", limit=MAX_LINE)
    try:
        data = tomllib.loads(text.removeprefix("\ufeff"))
    except RecursionError:
        raise _refused(name, "toml.depth", limit=2) from None
    except ValueError as error:
        raise _refused(name, "toml.syntax", detail=str(error)) from None
    try:
        return Policy.model_validate(
            {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}
        )
    except ValidationError as error:
        raise ConfigError(name=name, problems=list(_explained(error))) from None


def read_policy(path: Path) -> str:
    """Return the text of a policy's file.

    Raises:
        ConfigError: it is missing, no file, too large or not UTF-8.
    """
    try:
        # Asked before opening: opening a pipe would wait for its other end.
        if not stat.S_ISREG(path.stat().st_mode):
            raise _refused(path.name, "retention.not_a_file")
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise _refused(path.name, "retention.missing") from None
    except OSError as error:
        raise _refused(path.name, "file.unreadable", detail=error.strerror or str(error)) from None
    if len(raw) > MAX_BYTES:
        raise _refused(path.name, "retention.too_large", limit=MAX_BYTES // 1024)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused(path.name, "file.encoding") from None


def load_policy(path: Path) -> Policy:
    """Return the policy of a file.

    Raises:
        ConfigError: see :func:`read_policy` and :func:`policy_of`.
    """
    return policy_of(read_policy(path), path.name)


def _refused(name: str, rule: str, **fields: object) -> ConfigError:
    return ConfigError(name=name, problems=[problem(rule, "", None, **fields)])


def _explained(error: ValidationError) -> Iterator[Problem]:
    foreign = [each for each in error.errors(include_url=False) if each["type"] == "extra_forbidden"]
    # What a key was meant to be is looked up among those of office.toml: not for this file.
    yield from (_unknown(each) for each in foreign)
    if len(foreign) < error.error_count():
        yield from (each for each in explain(error) if each.rule not in {"key.unknown", "key.misspelled"})


def _unknown(details: ErrorDetails) -> Problem:
    return problem("key.unknown", join_key(details["loc"]), shown(details["input"]))
