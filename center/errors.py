"""What can go wrong at the center beside the bytes themselves."""

from appliance.errors import MotcuaError, TransientError
from appliance.wire.errors import TooLargeError


class CenterError(MotcuaError):
    """Error raised by the center."""

    key = "center.error"


class StoreUnavailableError(CenterError, TransientError):
    """Error raised when the store cannot read or write for now: busy, full, or its disk is failing."""

    key = "center.store_unavailable"
    template = "the store cannot be used now: {reason}"
    template_vi = "Kho dữ liệu tạm thời không dùng được: {reason}"


class StoreDamagedError(CenterError):
    """Error raised when the store's file is no database or is corrupt."""

    key = "center.store_damaged"
    template = (
        "the store {path} is damaged ({reason}); restore it from a backup, the boxes send the rest again"
    )
    template_vi = "Kho dữ liệu {path} bị hỏng ({reason}); hãy khôi phục từ bản sao lưu"


class StoreMissingError(CenterError, FileNotFoundError):
    """Error raised when a store is to be read that does not exist."""

    key = "center.store_missing"
    template = "there is no store at {path}; check --db"
    template_vi = "Không có kho dữ liệu ở {path}; hãy kiểm tra --db"


class KeyFileError(CenterError, ValueError):
    """Error raised when the center's own keys cannot be used as they are."""

    key = "center.key_file"
    template = "{path}: {reason}; {remedy}"
    template_vi = "{path}: {reason}; {remedy}"


class RegisterError(CenterError, ValueError):
    """Error raised when an operator's wish does not fit the register."""

    key = "center.register"
    template = "{field} {value}: {reason}; {remedy}"
    template_vi = "{field} {value}: {reason}; {remedy}"


class ClaimRefusedError(CenterError, PermissionError):
    """Error raised when an enrolment's claim does not open the door; nothing was recorded."""

    key = "center.claim_refused"
    template = "claim refused: {reason}"
    template_vi = "Mã đăng ký bị từ chối: {reason}"


class ClaimUsedError(CenterError, PermissionError):
    """Error raised when another key used the claim before."""

    key = "center.claim_used"
    template = "another key used the claim of {device}; make a new claim and find out who used this one"
    template_vi = "Mã đăng ký của {device} đã được dùng bởi một khóa khác; hãy tạo mã mới"


class EndlessBodyError(CenterError, TooLargeError):
    """Error raised when a body is so large that reading on to its end makes no sense."""


class SlowBodyError(CenterError, TimeoutError):
    """Error raised when a request's body does not arrive in time."""

    key = "center.slow_body"
    template = "the body did not arrive within {seconds} s"
    template_vi = "Nội dung không đến trong {seconds} giây"


class DigestError(CenterError, ValueError):
    """Error raised when Content-Digest is missing, malformed or not that of the bytes that came."""

    key = "center.bad_digest"
    template = "Content-Digest: {reason}"
    template_vi = "Content-Digest: {reason}"
