"""Why the uplink could not do what was asked; a line that is down is not an error, it is the normal case."""

from appliance.errors import MotcuaError, TransientError


class UplinkError(MotcuaError):
    """Error raised by the uplink."""

    key = "uplink.error"


class CaFileError(UplinkError, OSError):
    """Error raised when the certificates that the center is checked against cannot be had."""

    key = "uplink.ca_file"
    template = (
        'uplink.ca_file = "{path}" cannot be used: {reason}; '
        "put the PEM certificates of the province's CA there, nothing need be restarted"
    )
    template_vi = (
        'uplink.ca_file = "{path}" không dùng được: {reason_vi}. '
        "Hãy chép chứng thư PEM của CA tỉnh vào đó, không cần khởi động lại"
    )


class NotEnrolledError(UplinkError):
    """Error raised when the center does not know this box yet; it records all the same."""

    key = "uplink.not_enrolled"
    template = "this box is not enrolled: {reason}"
    template_vi = "Thiết bị chưa được đăng ký với trung tâm: {reason}"


class UnconfirmedError(UplinkError, TransientError):
    """Error raised while an operator at the center must confirm the enrolment."""

    key = "uplink.unconfirmed"
    template = "an operator at the center must confirm {device}"
    template_vi = "Trung tâm chưa xác nhận thiết bị {device}"

    def __init__(self, *, device: str, wait_s: int | None) -> None:
        super().__init__(device=device)
        self.wait_s = wait_s


class ClaimRefusedError(UplinkError, PermissionError):
    """Error raised when the center does not take the claim: unknown, expired, or meant for another center."""

    key = "uplink.claim_refused"
    template = "the center refuses the claim of {device}: {reason}; ask the province for a new claim"
    template_vi = "Trung tâm từ chối mã đăng ký của {device}: {reason}. Hãy xin mã mới."


class ClaimUsedError(UplinkError, PermissionError):
    """Error raised when another key used the claim before: somebody else has this box's paper."""

    key = "uplink.claim_used"
    template = "the claim of {device} was used by another key; tell the province and ask for a new claim"
    template_vi = "Mã đăng ký của {device} đã bị một khóa khác sử dụng. Hãy báo tỉnh và xin mã mới."


class UnclearError(UplinkError, TransientError):
    """Error raised when what came back is no answer of the center."""

    key = "uplink.unclear"
    template = "no usable answer from the center: {reason}"
    template_vi = "Chưa nhận được trả lời hợp lệ từ trung tâm: {reason}"


class BusyError(UplinkError, TransientError):
    """Error reported while the center asks to wait."""

    key = "uplink.busy"
    template = "the center is busy"
    template_vi = "Trung tâm đang bận"


class KeyRefusedError(UplinkError, PermissionError):
    """Error reported when the center does not take this box's key: retired, quarantined or never enrolled."""

    key = "uplink.key_refused"
    template = "the center refuses the key of this box: {detail}; the office goes on, ask the province"
    template_vi = "Trung tâm từ chối khóa của thiết bị: {detail}. Quầy vẫn hoạt động; hãy liên hệ tỉnh."


class BatchRefusedError(UplinkError, ValueError):
    """Error reported when the center refuses a range twice; nothing of it is skipped."""

    key = "uplink.batch_refused"
    template = "the center refuses events {first}..{last} of epoch {epoch}: {detail}"
    template_vi = "Trung tâm từ chối sự kiện {first}..{last} của nhật ký {epoch}: {detail}"


class ReceiptRefusedError(UplinkError, TransientError, ValueError):
    """Error reported when an answer carries a receipt that this box does not accept."""

    key = "uplink.receipt_refused"
    template = "the answer carries a receipt that does not count: {reason}"
    template_vi = "Biên nhận trong câu trả lời không được chấp nhận: {reason}"


class RewoundError(UplinkError, TransientError):
    """Error reported when the center sends this box back again and again."""

    key = "uplink.rewound"
    template = "the center loses what it receipted, again and again (epoch {epoch})"
    template_vi = "Trung tâm liên tục mất dữ liệu đã xác nhận (nhật ký {epoch})"


class BranchClosedError(UplinkError):
    """Error reported when a set-aside epoch has events that the center can take as evidence only."""

    key = "uplink.branch_closed"
    template = "the center holds another branch of epoch {epoch}; what follows event {upto} is not taken"
    template_vi = "Trung tâm giữ nhánh khác của nhật ký {epoch}; không nhận sự kiện sau {upto}"


class IdentityDamagedError(UplinkError, ValueError):
    """Error raised when a key or enrolment file cannot be used; a new claim makes new ones."""

    key = "uplink.identity_damaged"
    template = "{path} cannot be used: {reason}; enrol this box again with a new claim"
    template_vi = "Không dùng được {path}: {reason}. Hãy đăng ký lại thiết bị bằng mã mới."


class NotKeptError(UplinkError, TransientError, OSError):
    """Error raised when a receipt or an identity file could not be made durable; nothing was acted upon."""

    key = "uplink.not_kept"
    template = "{path} cannot be written: {reason}; check the data partition of this card"
    template_vi = "Không ghi được {path}: {reason}. Hãy kiểm tra thẻ nhớ (phân vùng dữ liệu)."


class NotHeldError(UplinkError, LookupError):
    """Error raised when events that the center lacks are not in this box's journal."""

    key = "uplink.not_held"
    template = "event {seq} of epoch {epoch} is not held here"
    template_vi = "Không có sự kiện {seq} của nhật ký {epoch} trên thiết bị"


class StickError(UplinkError, OSError):
    """Error raised when a USB stick cannot be read or written."""

    key = "uplink.stick"
    template = "{path}: {reason}; try another stick"
    template_vi = "{path}: {reason}. Hãy thử USB khác."


class NoStickError(UplinkError):
    """Error raised when a stick is asked for and the settings name no folder for one."""

    key = "uplink.no_stick"
    template = "there is no folder for USB sticks; set uplink.usb_dir in office.toml and restart the office"
    template_vi = "Chưa cấu hình thư mục USB: đặt uplink.usb_dir trong office.toml rồi khởi động lại"


class StickNotEnrolledError(NotEnrolledError):
    """Error raised when a stick is asked for before the first enrolment, which needs a line."""

    key = "uplink.stick_not_enrolled"
    template = (
        "this box must be enrolled once over a line before a USB stick can deliver; it records meanwhile"
    )
    template_vi = (
        "Thiết bị phải đăng ký với trung tâm một lần qua mạng rồi mới gửi được bằng USB; quầy vẫn ghi nhận"
    )


class StickBusyError(UplinkError, TransientError):
    """Error raised when the stick's turn does not come, the line keeps the uplink; nothing began."""

    key = "uplink.stick_busy"
    template = "the uplink was busy with the line for {seconds} s, the stick was not touched; ask again"
    template_vi = "Thiết bị bận gửi qua mạng trong {seconds} giây, chưa ghi gì vào USB; hãy thử lại"


class StickSlowError(UplinkError, TransientError):
    """Error raised when the stick is still being read or written after a long time; that goes on."""

    key = "uplink.stick_slow"
    template = "the stick is still in use after {seconds} s; leave it in and ask again"
    template_vi = "USB vẫn đang được đọc ghi sau {seconds} giây; đừng rút ra, hãy thử lại"


class UplinkClosedError(UplinkError, RuntimeError):
    """Error raised to whoever waits for a delivery of an uplink that was closed."""

    key = "uplink.closed"
    template = "the uplink was closed"
    template_vi = "Đường truyền đã dừng"
