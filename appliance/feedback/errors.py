"""Every way in which a rating is refused. A button is refused only when its wiring is wrong."""

from appliance.errors import DomainError, MotcuaError


class RatingRulesError(MotcuaError, ValueError):
    """Error raised when the rules of ratings are out of range."""

    key = "rating.bad_rules"
    template = "{field} is {value!r}: {remedy}"
    template_vi = "Cấu hình đánh giá chưa hợp lệ: {field} = {value!r}. Xin sửa lại ({remedy})."


class RatingError(DomainError):
    """Error raised when a rating cannot be taken."""

    key = "rating.refused"


class RatingFieldError(RatingError, ValueError):
    """Error raised when a field of a press could not be recorded."""

    key = "rating.bad_field"
    template = "{field} is {value!r}: it must be {remedy}"
    template_vi = "Thông tin {field} chưa hợp lệ ({value!r}). Xin kiểm tra lại."


class LevelError(RatingError, ValueError):
    """Error raised when a level is not on the scale."""

    key = "rating.bad_level"
    template = "level is {level}: it must be from 1 to {levels}"
    template_vi = "Mức đánh giá {level} không hợp lệ. Xin chọn từ 1 đến {levels}."


class RatingCounterError(RatingError, LookupError):
    """Error raised when a press names a counter that is not configured."""

    key = "rating.unknown_counter"
    template = "there is no counter {counter}; check the wiring of the buttons in the settings"
    template_vi = "Không có quầy {counter}. Xin kiểm tra cấu hình nút bấm."


class RatingClosedError(RatingError):
    """Error raised when the time for rating a ticket is over, or has not begun."""

    key = "rating.closed"
    template = (
        "ticket {ticket} cannot be rated now: only from its call until shortly after it left the counter"
    )
    template_vi = (
        "Hiện không thể đánh giá số {label}. Quý vị có thể đánh giá từ khi được gọi "
        "đến ít phút sau khi xong việc. Xin cảm ơn quý vị."
    )


class UnknownRatingError(RatingError, LookupError):
    """Error raised when a reason names a rating that is not known, or no longer."""

    key = "rating.unknown"
    template = "there is no recent rating {rating}"
    template_vi = "Không tìm thấy lượt đánh giá, hoặc đã quá thời gian bổ sung lý do."


class UnknownReasonError(RatingError, LookupError):
    """Error raised when a reason is not configured."""

    key = "rating.unknown_reason"
    template = "there is no reason {reason}"
    template_vi = "Không có lý do {reason} trong danh sách."
