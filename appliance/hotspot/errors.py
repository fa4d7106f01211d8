"""What can go wrong at the gate."""

from typing import Self

from appliance.errors import DomainError, MotcuaError, TransientError


class RadioCannotError(MotcuaError, ValueError):
    """Error raised when the settings promise what the radio cannot keep."""

    key = "hotspot.radio_cannot"
    template = "{interface} cannot do {wanted}; choose another security, or another radio"
    template_vi = "{interface} không hỗ trợ {wanted}; hãy chọn kiểu bảo mật khác, hoặc bộ phát khác"


class RulesRefusedError(MotcuaError, RuntimeError):
    """Error raised when the kernel does not take the gate's rules: then no guest gets through."""

    key = "hotspot.rules_refused"
    template = "the kernel does not take the rules of the gate: {reason}"
    # The kernel's own words are English: they stay in the log.
    template_vi = "Nhân hệ thống không nhận quy tắc của cổng WiFi; chi tiết có trong nhật ký"


class LinkError(TransientError, OSError):
    """Error raised when an interface of the hotspot is missing or cannot be set up."""

    key = "hotspot.link"
    template = "interface {interface} cannot be used: {reason}"
    template_vi = "Không dùng được giao diện mạng {interface}; hãy kiểm tra bộ phát, dây và cài đặt"


class EngineError(TransientError, RuntimeError):
    """Error raised when a program that the hotspot needs does not start or does not answer."""

    key = "hotspot.engine"
    template = "{engine} does not work: {reason}"
    template_vi = "{engine} không hoạt động: {reason}"


class NotAGuestError(DomainError, LookupError):
    """Error raised when no device on the guests' network has an address."""

    key = "hotspot.not_a_guest"
    template = "no device of the hotspot has this address; join the WiFi first"
    template_vi = "Máy này không ở trong mạng WiFi công cộng; hãy vào mạng WiFi trước"


class QuotaSpentError(DomainError, RuntimeError):
    """Error raised when a device has used up its quota of the day."""

    key = "hotspot.quota_spent"
    template = "the {quota_mib} MiB of today are used up; come back tomorrow"
    template_vi = "Máy này đã dùng hết {quota_mib} MiB của hôm nay; mời quay lại ngày mai"


class OutsideHoursError(DomainError, RuntimeError):
    """Error raised when somebody wants to be online outside the hours."""

    key = "hotspot.outside_hours"
    template = "the WiFi is closed at this hour"
    template_vi = "WiFi đang ngoài giờ phục vụ"


class DeviceBlockedError(DomainError, PermissionError):
    """Error raised when a device was blocked by the staff."""

    key = "hotspot.blocked"
    template = "this device was blocked by the office; ask at the counter"
    template_vi = "Máy này đã bị chặn; mời hỏi tại quầy"


class HotspotFullError(TransientError, RuntimeError):
    """Error raised when as many devices are online as may be."""

    key = "hotspot.full"
    template = "{limit} devices are online, more cannot be; try again in a few minutes"
    template_vi = "Đã có {limit} máy đang dùng, hết chỗ; mời thử lại sau vài phút"


class GateShutError(TransientError, RuntimeError):
    """Error raised when the gate cannot let anybody through."""

    key = "hotspot.shut"
    template = "the WiFi does not work at the moment: {reason}"
    template_vi = "WiFi tạm thời không dùng được: {reason_vi}"

    @classmethod
    def by(cls, fault: MotcuaError) -> Self:
        """Return the error for a fault that shuts the gate."""
        return cls(reason=str(fault), reason_vi=fault.vi())


class StartingError(TransientError, RuntimeError):
    """Error raised when the gate has only been started and lets nobody through yet."""

    key = "hotspot.starting"
    template = "it is being started"
    template_vi = "đang khởi động"


class NoSuchHandleError(DomainError, LookupError):
    """Error raised when a handle names no device that is known to the gate."""

    key = "hotspot.no_such_handle"
    template = "no device has the handle {handle}; look at the list again"
    template_vi = "Không có máy nào mang mã {handle}; hãy xem lại danh sách"


class BadTransitionError(MotcuaError, RuntimeError):
    """Error raised when something befalls a device that cannot befall it: a fault of ours."""

    key = "hotspot.bad_transition"
    template = "a device that is {state} cannot {happening}"
    template_vi = "Máy đang ở trạng thái {state} không thể {happening}"


class GateBusyError(TransientError, RuntimeError):
    """Error raised when more is asked of the gate than it answers."""

    key = "hotspot.busy"
    template = "too many questions at once; try again in a moment"
    template_vi = "Quá nhiều yêu cầu cùng lúc; mời thử lại sau giây lát"


class RulesMissingError(MotcuaError, OSError):
    """Error raised when the settings that the office writes for the gate cannot be read."""

    key = "hotspot.no_settings"
    template = "{path} cannot be read: {reason}; is the office running?"
    template_vi = "Không đọc được {path}: {reason}; chương trình văn phòng có đang chạy không?"


class RecordsFullError(MotcuaError, OSError):
    """Error raised when the records of sessions take as much room as they may."""

    key = "hotspot.records_full"
    template = "the records take their {limit} MiB; export and remove them, or raise hotspot.retention_mib"
    template_vi = (
        "Bản ghi đã chiếm hết {limit} MiB; hãy xuất và xóa bớt, hoặc tăng hotspot.retention_mib trong cài đặt"
    )
