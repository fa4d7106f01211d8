"""The root of the hardware errors and every error of this package.

Each has a stable ``key`` for screens and logs, ``template`` in English and ``template_vi`` in Vietnamese,
takes only keyword fields and keeps them in ``fields``. Retryable is a type: ``TransientHardwareError``.
"""

from typing import ClassVar


class HardwareError(Exception):
    """Error raised by the hardware package; give every field of the template as a keyword."""

    key: ClassVar[str] = "hardware.error"
    template: ClassVar[str] = "{detail}"
    template_vi: ClassVar[str] = "{detail}"

    def __init__(self, **fields: object) -> None:
        self.fields: dict[str, object] = fields
        super().__init__(self.template.format(**fields))

    def vi(self) -> str:
        """Return the sentence in Vietnamese, for screens."""
        return self.template_vi.format(**self.fields)


class TransientHardwareError(HardwareError):
    """Error raised when the same thing will likely succeed in the near future."""

    key = "hardware.transient"


# --- frames and settings ------------------------------------------------------------------------------------


class OutOfRangeError(HardwareError, ValueError):
    """Error raised when a frame or a setting has a field out of its range."""

    key = "hardware.out_of_range"
    template = "{what}: {field} is {value}; {remedy}"
    template_vi = "{what}: {field} là {value}; {remedy}"


class PanelTextError(HardwareError, ValueError):
    """Error raised when a text cannot be shown on a digit panel."""

    key = "hardware.panel_text"
    template = "the panel of {digits} digits cannot show {text!r}: {reason}; use {remedy}"
    template_vi = "bảng {digits} chữ số không hiển thị được {text!r}: {reason}; hãy dùng {remedy}"


class ModbusRefusedError(HardwareError):
    """Error raised when a Modbus device answered with an exception response."""

    key = "hardware.modbus_refused"
    template = (
        "Modbus unit {unit} refused function {function} with exception {code} ({meaning}); check {remedy}"
    )
    template_vi = (
        "thiết bị Modbus {unit} từ chối lệnh {function}, mã lỗi {code} ({meaning}); hãy kiểm tra {remedy}"
    )


# --- serial buses -------------------------------------------------------------------------------------------


class PortUnavailableError(TransientHardwareError, OSError):
    """Error raised when a serial port is absent, in use, or went away."""

    key = "hardware.port_unavailable"
    template = (
        "serial port {port} is not available: {reason}; check the cable and that nothing else uses the port"
    )
    template_vi = (
        "cổng nối tiếp {port} không dùng được: {reason}; hãy kiểm tra dây và chương trình khác đang dùng cổng"
    )


class NoAnswerError(TransientHardwareError, TimeoutError):
    """Error raised when a device on a bus did not answer in time."""

    key = "hardware.no_answer"
    template = (
        "no answer on {port} from {device} within {timeout_ms} ms (sent {tries} times); "
        "check its power, address and baud rate"
    )
    template_vi = (
        "{device} trên {port} không trả lời trong {timeout_ms} ms (đã gửi {tries} lần); "
        "hãy kiểm tra nguồn, địa chỉ và tốc độ baud"
    )


class BusFullError(TransientHardwareError):
    """Error raised when a bus has more frames waiting than it may hold."""

    key = "hardware.bus_full"
    template = "{port} already has {limit} frames waiting; send less often or raise the baud rate"
    template_vi = "{port} đã có {limit} khung đang chờ; hãy gửi thưa hơn hoặc tăng tốc độ baud"


class BusClosedError(HardwareError, RuntimeError):
    """Error raised when a closed bus is asked to send."""

    key = "hardware.bus_closed"
    template = "the bus on {port} is closed; open a new one"
    template_vi = "đường truyền {port} đã đóng; hãy mở lại"


class FrameDroppedError(TransientHardwareError):
    """Error reported when a frame that only makes sense now met a bus that is offline."""

    key = "hardware.frame_dropped"
    template = "a frame was dropped because {port} is offline; the device will ask again"
    template_vi = "một khung bị bỏ vì {port} đang mất kết nối; thiết bị sẽ gửi lại"


# --- pins ---------------------------------------------------------------------------------------------------


class PinFactoryUnknownError(HardwareError, ValueError):
    """Error raised when the configuration names a pin factory that does not exist."""

    key = "hardware.pin_factory_unknown"
    template = "pin factory is {value!r}; write one of {known}"
    template_vi = "bộ điều khiển chân là {value!r}; hãy ghi một trong {known}"


class PinFactoryUnavailableError(HardwareError, OSError):
    """Error raised when the named pin factory cannot run on this machine."""

    key = "hardware.pin_factory_unavailable"
    template = (
        "pin factory {value!r} cannot be used here: {reason}; "
        "on a Pi check /dev/gpiochip0, elsewhere write 'mock'"
    )
    template_vi = (
        "không dùng được bộ điều khiển chân {value!r}: {reason}; "
        "trên Pi hãy kiểm tra /dev/gpiochip0, nơi khác ghi 'mock'"
    )


class PinUnavailableError(HardwareError, OSError):
    """Error raised when a pin cannot be taken, such as when something else holds it."""

    key = "hardware.pin_unavailable"
    template = "{name} cannot use pin {pin}: {reason}; free the pin or change the board profile"
    template_vi = "{name} không dùng được chân {pin}: {reason}; hãy giải phóng chân hoặc sửa hồ sơ bo mạch"


class PinsConnectionError(TransientHardwareError, ConnectionError):
    """Error raised when the process whose mock pins are pressed from outside is not there."""

    key = "hardware.pins_connection"
    template = "no answer from the mock pins at {path}: {reason}; start the office with mock pins"
    template_vi = (
        "không kết nối được chân giả lập tại {path}: {reason}; hãy khởi động chương trình với chân giả lập"
    )


# --- board profiles -----------------------------------------------------------------------------------------


class BoardError(HardwareError, ValueError):
    """Error raised when a board profile is wrong; nothing was opened."""

    key = "hardware.board"


class BoardUnknownError(BoardError):
    """Error raised when no shipped profile has that name."""

    key = "hardware.board_unknown"
    template = "board is {value!r}; write one of {known} or give the path of a profile"
    template_vi = "bo mạch là {value!r}; hãy ghi một trong {known} hoặc đường dẫn tới hồ sơ"


class BoardUnreadableError(BoardError):
    """Error raised when a profile is absent or is not TOML."""

    key = "hardware.board_unreadable"
    template = "board profile {profile} cannot be read: {reason}; correct the file or choose a shipped board"
    template_vi = "không đọc được hồ sơ bo mạch {profile}: {reason}; hãy sửa tệp hoặc chọn bo mạch có sẵn"


class BoardKeyUnknownError(BoardError):
    """Error raised when a profile has a key that the loader does not know."""

    key = "hardware.board_key_unknown"
    template = "board profile {profile}: unknown key {value!r} in {table}; write {known}"
    template_vi = "hồ sơ bo mạch {profile}: khóa {value!r} trong {table} không hợp lệ; hãy ghi {known}"


class BoardFieldError(BoardError):
    """Error raised when a value in a profile is missing, of the wrong type, or contradicts another."""

    key = "hardware.board_field"
    template = "board profile {profile}: {field} is {value!r}; {remedy}"
    template_vi = "hồ sơ bo mạch {profile}: {field} là {value!r}; {remedy}"


class PinNotOnHeaderError(BoardError):
    """Error raised when a profile names a pin that the 40-pin header does not offer."""

    key = "hardware.pin_not_on_header"
    template = (
        "board profile {profile}: {user} uses pin {pin}, which is not free on the 40-pin header; "
        "use BCM 2 to 27"
    )
    template_vi = (
        "hồ sơ bo mạch {profile}: {user} dùng chân {pin} không có trên đầu nối 40 chân; hãy dùng BCM 2 đến 27"
    )


class PinConflictError(BoardError):
    """Error raised when a profile gives one pin to two users."""

    key = "hardware.pin_conflict"
    template = (
        "board profile {profile}: pin {pin} is used by both {first} and {second}; "
        "move one to a free pin ({free})"
    )
    template_vi = (
        "hồ sơ bo mạch {profile}: chân {pin} bị dùng cho cả {first} và {second}; "
        "hãy chuyển sang chân trống ({free})"
    )


class PinPullFixedError(BoardError):
    """Error raised when a button on pin 2 or 3 asks for another pull than the one soldered there."""

    key = "hardware.pin_pull_fixed"
    template = (
        "board profile {profile}: {user} wants pull {pull!r} on pin {pin}, which has a fixed I2C pull-up; "
        "use pull = 'up' or another pin"
    )
    template_vi = (
        "hồ sơ bo mạch {profile}: {user} cần kéo {pull!r} ở chân {pin} vốn có điện trở kéo lên I2C cố định; "
        "hãy dùng pull = 'up' hoặc chân khác"
    )
