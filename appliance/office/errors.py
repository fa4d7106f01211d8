"""Why the office refuses what strangers ask for."""

from appliance.errors import DomainError, TransientError


class NoSuchTokenError(DomainError, LookupError):
    """Error raised when a token belongs to none of today's tickets."""

    key = "phone.unknown_ticket"
    template = "this ticket is none of today's"
    template_vi = "Không tìm thấy số thứ tự này trong ngày hôm nay."


class AlreadyRatedError(DomainError):
    """Error raised when a ticket was rated and the time to correct that is over."""

    key = "phone.already_rated"
    template = "ticket {label} has been rated already"
    template_vi = "Số {label} đã được đánh giá. Xin cảm ơn quý vị."


class NoRatingError(DomainError, LookupError):
    """Error raised when a reason is given without a rating by the same phone, or a second time."""

    key = "phone.no_rating"
    template = "there is no rating that a reason could be added to"
    template_vi = "Không có lượt đánh giá nào để bổ sung lý do, hoặc lý do đã được ghi nhận."


class DoorBusyError(TransientError):
    """Error raised when phones ask for more than the office answers them at the moment."""

    key = "phone.busy"
    template = "many phones ask at the moment; try again shortly"
    template_vi = "Đang có nhiều người truy cập. Xin quý vị thử lại sau giây lát."
