"""What a citizen's phone is told when something does not work."""

from appliance.errors import DomainError, TransientError
from appliance.sockets import door, gate


class OfficeAwayError(TransientError):
    """Error raised when the office does not answer at the moment."""

    key = "phone.office_away"
    template = "the office cannot be reached at the moment; nothing was changed, try again shortly"
    template_vi = "Hiện chưa kết nối được với bộ phận một cửa. Chưa có gì thay đổi, xin quý vị thử lại sau."


class GateAwayError(TransientError):
    """Error raised when the gate of the public WiFi does not answer at the moment."""

    key = "phone.gate_away"
    template = "the WiFi does not work at the moment; try again shortly"
    template_vi = "WiFi hiện chưa hoạt động. Xin quý vị thử lại sau."


class TermsChangedError(DomainError):
    """Error raised when a guest agrees to other terms than those of now."""

    key = "phone.terms_changed"
    template = "the terms have changed meanwhile; please look at them again"
    template_vi = "Điều khoản vừa được thay đổi. Xin quý vị xem lại rồi đồng ý."


class NoTicketError(DomainError, LookupError):
    """Error raised when an address belongs to no ticket of today."""

    key = "phone.no_ticket"
    template = "this ticket is none of today's; take a new number at the office"
    template_vi = (
        "Không tìm thấy số thứ tự này trong ngày hôm nay. Xin quý vị lấy số mới tại bộ phận một cửa."
    )


class TooOftenError(TransientError):
    """Error raised when one address, or all of them together, ask too often."""

    key = "phone.too_often"
    template = "too many requests at the moment; wait {retry_s} s and try again"
    template_vi = "Có quá nhiều lượt truy cập. Xin quý vị chờ {retry_s} giây rồi thử lại."


class ForeignFormError(DomainError, PermissionError):
    """Error raised when a change does not come from a page that this app gave to the same phone."""

    key = "phone.foreign_form"
    template = "this page has expired; open it again"
    template_vi = "Trang này đã cũ. Xin quý vị mở lại rồi thử lại."


class RefusedError(DomainError):
    """Error raised when the office says no; ``reason`` is the key of its own error."""

    key = "phone.refused"
    template = "{en}"
    template_vi = "{vi}"

    @property
    def reason(self) -> str:
        """The key of the office's error."""
        return str(self.fields["reason"])


def refusal_of_gate(told: gate.Refused) -> RefusedError | GateAwayError:
    """Return the error for what the gate told."""
    if told.is_transient:
        return GateAwayError()
    return RefusedError(reason=told.key, en=told.en, vi=told.vi)


def refusal(told: door.Refused) -> RefusedError | OfficeAwayError | TooOftenError:
    """Return the error for what the office told."""
    if told.key == "phone.busy":
        return TooOftenError(retry_s=2)
    if told.is_transient:
        return OfficeAwayError()
    return RefusedError(reason=told.key, en=told.en, vi=told.vi)
