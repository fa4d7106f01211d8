"""What can be wrong with bytes that claim to be ours."""

from appliance.errors import MotcuaError

_SHOWN = 80  # characters of a refused value that go into a message: enough to find it, bounded for the log


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


class WireError(MotcuaError, ValueError):
    """Error raised when bytes do not follow the wire format."""

    key = "wire.malformed"
    template = "malformed: {reason}"
    template_vi = "Dữ liệu không đúng định dạng: {reason}"


class BadEventError(WireError):
    """Error raised when one event's line is refused; the journal refuses what the center would."""

    key = "wire.bad_event"
    template = "event refused at {field}: {reason} (value {value})"
    template_vi = "Sự kiện bị từ chối ở {field}: {reason} (giá trị {value})"

    def __init__(self, *, field: str, reason: str, value: object = None) -> None:
        super().__init__(field=_short(field), reason=reason, value=_short(repr(value)))


class BadLineError(BadEventError):
    """Error raised when a line of a batch is refused; ``line`` counts from 1, the header's line."""

    key = "wire.bad_line"

    def __init__(self, *, line: int, cause: BadEventError) -> None:
        MotcuaError.__init__(self, **cause.fields)
        self.line = line


class AlteredError(WireError):
    """Error raised when a signature does not cover the bytes it came with."""

    key = "wire.altered"
    template = "the signature does not cover this content: {reason}"
    template_vi = "Chữ ký không khớp với nội dung: {reason}"


class UnknownKeyError(WireError):
    """Error raised when the verifier's register has no usable key of that thumbprint for that owner."""

    key = "wire.unknown_key"
    template = "no usable key {kid}: {reason}"
    template_vi = "Không có khóa {kid} dùng được: {reason}"


class TooLargeError(WireError):
    """Error raised when a batch exceeds what a receiver takes."""

    key = "wire.too_large"
    template = "larger than {max_bytes} bytes"
    template_vi = "Lớn hơn {max_bytes} byte"
