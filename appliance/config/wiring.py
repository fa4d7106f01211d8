"""The settings of pins and serial lines: which board, which buses, what is on them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, PlainSerializer, ValidationInfo, field_validator

from appliance.config.fields import AbsolutePath, Id, IssueButton, Section, SocketPath, refuse

Baud = Literal[1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200]


class Keypad(Section):
    """A call keypad on a bus of kind `ff68`."""

    bus: Id = Field(description="Id of the bus the keypad is on; it must be of kind `ff68`.")
    address: int = Field(ge=0, le=255, description="The keypad's address on that bus.")


class Panel(Section):
    """An LED panel on a serial bus."""

    bus: Id = Field(description="Id of the bus the panel is on.")
    unit: int = Field(
        ge=0, le=255, description="The panel's address on that bus; on a `modbus` bus 1 to 247."
    )
    digits: int = Field(default=4, ge=2, le=6, description="How many characters the panel shows.")


class Bus(Section):
    """A serial line with devices on it."""

    id: Id = Field(description="The bus's id, for keypads and panels to refer to.")
    port: AbsolutePath = Field(
        description="Device file of the line, best by its stable name under `/dev/serial/by-id/`."
    )
    kind: Literal["ff68", "modbus"] = Field(
        description="What is spoken on it: `ff68` (call keypads, their panels) or `modbus` (RTU LED panels)."
    )
    baud: Baud = Field(default=9600, description="Bits per second, always 8N1.")
    gap_ms: int = Field(
        default=50,
        ge=0,
        le=1000,
        description="Milliseconds of silence kept between two frames; slow panels need 300.",
    )


def _read_only(value: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(value))


class Hardware(Section):
    """Pins and serial lines."""

    board: Literal["pi4", "pi3", "zero2w", "virt", "none"] = Field(
        default="pi4",
        description="The Pi model, which names the pin map; `virt` in QEMU, `none` without pins.",
    )
    pin_factory: Literal["lgpio", "mock", "none"] = Field(
        default="lgpio",
        validate_default=True,
        description="How pins are reached: `lgpio` on a Pi, `mock` for simulated presses, or `none`.",
    )
    pins_socket: SocketPath | None = Field(
        default=None,
        description="Unix socket through which simulated presses arrive; only with `pin_factory` `mock`.",
    )
    issue_buttons: Annotated[
        Mapping[IssueButton, Id], Field(max_length=32), AfterValidator(_read_only), PlainSerializer(dict)
    ] = Field(
        default_factory=lambda: _read_only({}),
        description="Buttons that give out a number: the board's name of the button, in quotes, and a "
        'service\'s id, such as `"issue.1" = "ho-tich"`.',
    )
    buses: Annotated[tuple[Bus, ...], Field(max_length=8)] = Field(
        default=(), description="The serial lines."
    )

    @field_validator("pin_factory")
    @classmethod
    def _needs_board(cls, value: str, info: ValidationInfo) -> str:
        if value != "none" and info.data.get("board") == "none":
            raise refuse("pins.board")
        return value

    @field_validator("pins_socket")
    @classmethod
    def _needs_mock(cls, value: object, info: ValidationInfo) -> object:
        if value is not None and info.data.get("pin_factory", "mock") != "mock":
            raise refuse("pins.socket")
        return value

    @field_validator("issue_buttons", mode="before")
    @classmethod
    def _quoted_names(cls, value: object) -> object:
        # Without quotes TOML reads issue.1 = "x" as a table called issue.
        if isinstance(value, Mapping) and any(isinstance(inner, Mapping) for inner in value.values()):
            raise refuse("button.quotes")
        return value

    @field_validator("issue_buttons")
    @classmethod
    def _needs_pins(cls, value: Mapping[str, str], info: ValidationInfo) -> Mapping[str, str]:
        if value and info.data.get("pin_factory") == "none":
            raise refuse("pins.none")
        return value
