import inspect
import string

import pytest

from hardware import errors
from hardware.errors import HardwareError, TransientHardwareError

ERRORS = [
    error for _, error in inspect.getmembers(errors, inspect.isclass) if issubclass(error, HardwareError)
]


def fields_of(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
def test_error_speaks_both_languages_with_the_same_fields(error: type[HardwareError]) -> None:
    fields = fields_of(error.template)
    assert fields
    assert fields == fields_of(error.template_vi)
    values = dict.fromkeys(fields, "x")
    raised = error(**values)
    assert str(raised) == error.template.format(**values)
    assert raised.vi() == error.template_vi.format(**values)
    assert raised.fields == values


def test_keys_are_unique_and_ours() -> None:
    keys = [error.key for error in ERRORS]
    assert len(set(keys)) == len(keys)
    assert all(key.startswith("hardware.") for key in keys)


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (errors.OutOfRangeError, ValueError),
        (errors.PortUnavailableError, OSError),
        (errors.NoAnswerError, TimeoutError),
        (errors.BusClosedError, RuntimeError),
        (errors.PinFactoryUnavailableError, OSError),
        (errors.PinsConnectionError, ConnectionError),
        (errors.BoardError, ValueError),
    ],
)
def test_error_is_also_the_natural_builtin(error: type[HardwareError], builtin: type[Exception]) -> None:
    assert issubclass(error, builtin)


def test_what_will_likely_pass_is_transient_by_type() -> None:
    transient = {error.__name__ for error in ERRORS if issubclass(error, TransientHardwareError)}
    assert transient == {
        "BusFullError",
        "FrameDroppedError",
        "NoAnswerError",
        "PinsConnectionError",
        "PortUnavailableError",
        "TransientHardwareError",
    }
