"""Why the journal could not do what was asked."""

from appliance.errors import MotcuaError, TransientError


class JournalUnavailableError(TransientError, OSError):
    """Error raised when an append could not be made durable; nothing of it was recorded."""

    key = "journal.unavailable"
    template = "recording has stopped: {reason}; check the data partition of this card"
    template_vi = "Hệ thống tạm ngừng ghi nhận: {reason}. Hãy kiểm tra thẻ nhớ (phân vùng dữ liệu)."


class JournalDamagedError(MotcuaError, OSError):
    """Error raised when stored bytes are not those that were written: set the file aside, start an epoch."""

    key = "journal.damaged"
    template = "{path} is damaged after event {upto}: {reason}"
    template_vi = "Tệp nhật ký {path} bị hỏng sau sự kiện {upto}: {reason}"


class JournalInUseError(MotcuaError, OSError):
    """Error raised when another process holds the journal."""

    key = "journal.in_use"
    template = "{path} is in use by another process; stop motcua-office first"
    template_vi = "Nhật ký {path} đang được tiến trình khác sử dụng; hãy dừng motcua-office trước"


class JournalRangeError(MotcuaError, LookupError):
    """Error raised when events were asked for that this file does not hold."""

    key = "journal.range"
    template = "events {first}..{last} are not all in {path} (it holds {held_first}..{held_last})"
    template_vi = "Không đủ sự kiện {first}..{last} trong {path} (chỉ có {held_first}..{held_last})"


class JournalMovedError(TransientError):
    """Error raised when an epoch's file was set aside while it was being read; look again."""

    key = "journal.moved"
    template = "epoch {epoch} was set aside in the middle of reading it"
    template_vi = "Nhật ký {epoch} vừa được tách riêng trong khi đang đọc"
