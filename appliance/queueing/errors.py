"""Every way in which the hall refuses a command."""

from typing import ClassVar, Self

from appliance.errors import DomainError, MotcuaError


class HallRulesError(MotcuaError, ValueError):
    """Error raised when the rules of a hall contradict themselves."""

    key = "hall.bad_rules"
    template = "{field} is {value!r}: {remedy}"
    template_vi = "Cấu hình chưa hợp lệ: {field} = {value!r}. Xin sửa lại ({remedy})."


class QueueingError(DomainError):
    """Error raised when a rule of the hall refuses a command."""

    key = "hall.refused"


class BadFieldError(QueueingError, ValueError):
    """Error raised when a field of a command could not be recorded."""

    key = "command.bad_field"
    template = "{field} is {value!r}: it must be {remedy}"
    template_vi = "Thông tin {field} chưa hợp lệ ({value!r}). Xin kiểm tra lại."


class DayClosedError(QueueingError):
    """Error raised when the business day is closed."""

    key = "day.closed"
    template = "the business day {day} is closed; open it first"
    template_vi = "Ngày làm việc {day} đã kết thúc. Xin mở lại ngày làm việc trước."


class DayOpenError(QueueingError):
    """Error raised when the business day that should be opened is open."""

    key = "day.already_open"
    template = "the business day {day} is open already"
    template_vi = "Ngày làm việc {day} đang mở, không cần mở lại."


class NumbersGivenError(QueueingError, ValueError):
    """Error raised when a day should be resumed behind a number that was given out here already."""

    key = "day.numbers_given"
    template = "{label} has been given already; the next number here is {next}, and numbers never go back"
    template_vi = "Số {label} đã được cấp. Số tiếp theo là {next}; số thứ tự không bao giờ lùi lại."


class OutsideHoursError(QueueingError):
    """Error raised when a ticket is asked for outside the opening hours."""

    key = "hall.outside_hours"
    template = "tickets are not issued at {time}; opening hours of {day}: {hours}"
    template_vi = "Hiện chưa đến giờ tiếp nhận. Giờ làm việc ngày {day}: {hours}. Xin quý vị quay lại sau."


class HolidayError(QueueingError):
    """Error raised when a ticket is asked for on a day off."""

    key = "hall.day_off"
    template = "the office is closed on {day}"
    template_vi = "Ngày {day} bộ phận một cửa nghỉ. Xin quý vị quay lại vào ngày làm việc."


class DailyLimitError(QueueingError):
    """Error raised when a service has issued all its tickets of the day."""

    key = "service.daily_limit"
    template = "service {service} has issued its {limit} tickets of today"
    template_vi = "Dịch vụ {name} đã phát hết {limit} số hôm nay. Xin quý vị quay lại vào ngày làm việc tới."


class HallFullError(QueueingError):
    """Error raised when as many people wait as the office allows."""

    key = "hall.full"
    template = "{limit} people are waiting already"
    template_vi = "Đã có {limit} người đang chờ. Xin quý vị vui lòng lấy số sau ít phút."


class NobodyWaitingError(QueueingError, LookupError):
    """Error raised when there is nobody to call and nothing to close."""

    key = "hall.nobody_waiting"
    template = "nobody waits for counter {counter}"
    template_vi = "Hiện không có ai đang chờ quầy {counter}."


class UnknownTicketError(QueueingError, LookupError):
    """Error raised when no ticket of the day has this key."""

    key = "ticket.unknown"
    template = "there is no ticket {ticket} today"
    template_vi = "Không tìm thấy số {ticket} trong ngày hôm nay."


class TooLateError(QueueingError):
    """Error raised when somebody who missed the call comes back too late."""

    key = "ticket.too_late"
    template = "ticket {label} missed its call more than {minutes} minutes ago; issue a new one"
    template_vi = "Số {label} đã quá {minutes} phút kể từ khi được gọi. Xin quý vị vui lòng lấy số mới."


class IllegalTransitionError(QueueingError):
    """Error raised when the table of states does not allow a verb."""

    key = "ticket.wrong_state"
    template = "ticket {label} is {state}: cannot {verb}"
    template_vi = "Số {label} {state_vi}, không thể {verb_vi}."

    STATES_VI: ClassVar[dict[str, str]] = {
        "WAITING": "đang chờ",
        "CALLED": "đã được gọi",
        "SERVING": "đang được phục vụ",
        "ON_HOLD": "đang tạm dừng",
        "NO_SHOW": "đã vắng mặt khi gọi",
        "SERVED": "đã hoàn tất",
        "CANCELLED": "đã hủy",
    }
    VERBS_VI: ClassVar[dict[str, str]] = {
        "call": "gọi",
        "recall": "gọi lại",
        "start": "bắt đầu phục vụ",
        "complete": "hoàn tất",
        "no-show": "ghi vắng mặt",
        "return": "đưa trở lại hàng chờ",
        "recycle": "trả về hàng chờ",
        "hold": "tạm dừng",
        "resume": "tiếp tục phục vụ",
        "transfer": "chuyển",
        "cancel": "hủy",
        "day end": "kết thúc ngày",
    }

    @classmethod
    def of(cls, label: str, state: str, verb: str) -> Self:
        """Return the error of a ticket's label, a state's and a verb's code."""
        return cls(
            label=label, state=str(state), verb=str(verb),
            state_vi=cls.STATES_VI[state], verb_vi=cls.VERBS_VI[verb],
        )  # fmt: skip


class UnknownServiceError(QueueingError, LookupError):
    """Error raised when a service is not configured."""

    key = "service.unknown"
    template = "there is no service {service}"
    template_vi = "Không có dịch vụ {service} tại cơ quan này."


class UnknownPriorityError(QueueingError, LookupError):
    """Error raised when a priority class is not configured."""

    key = "priority.unknown"
    template = "there is no priority class {priority}"
    template_vi = "Không có diện ưu tiên {priority}."


class UnknownStageError(QueueingError, ValueError):
    """Error raised when a stage is neither receiving nor returning."""

    key = "stage.unknown"
    template = "stage is {stage!r}: it must be receive or return"
    template_vi = "Bước {stage!r} không hợp lệ. Xin chọn tiếp nhận hoặc trả kết quả."


class UnknownCounterError(QueueingError, LookupError):
    """Error raised when a counter is not configured."""

    key = "counter.unknown"
    template = "there is no counter {counter}"
    template_vi = "Không có quầy {counter}."


class CounterClosedError(QueueingError):
    """Error raised when a counter that is closed should act."""

    key = "counter.closed"
    template = "counter {counter} is closed; open it first"
    template_vi = "Quầy {counter} đang đóng. Xin mở quầy trước."


class CounterPausedError(QueueingError):
    """Error raised when a counter that is paused should act."""

    key = "counter.paused"
    template = "counter {counter} is paused; open it again first"
    template_vi = "Quầy {counter} đang tạm nghỉ. Xin mở lại quầy trước."


class NoTicketAtCounterError(QueueingError, LookupError):
    """Error raised when a verb needs the ticket at the counter and there is none."""

    key = "counter.no_ticket"
    template = "nobody is at counter {counter}: call a ticket first"
    template_vi = "Quầy {counter} hiện chưa có số nào. Xin gọi số trước."


class NotServingError(QueueingError):
    """Error raised when a counter does not serve a service."""

    key = "counter.not_serving"
    template = "counter {counter} does not serve {service}"
    template_vi = "Quầy {counter} không phục vụ dịch vụ {service}. Xin chuyển số sang quầy phù hợp."


class TransferTargetError(QueueingError, ValueError):
    """Error raised when a transfer does not name exactly one target."""

    key = "transfer.target"
    template = "a transfer of {label} needs either a service or a counter"
    template_vi = "Để chuyển số {label}, xin chọn một dịch vụ hoặc một quầy."


class ServiceInUseError(QueueingError):
    """Error raised when a change of the settings would strand people who wait for a service."""

    key = "service.in_use"
    template = "{people} people wait for service {service}; serve or transfer them before it is taken away"
    template_vi = "Còn {people} người đang chờ dịch vụ {service}. Xin phục vụ hoặc chuyển họ trước khi bỏ."


class CounterInUseError(QueueingError):
    """Error raised when a change of the settings would take a staffed counter away."""

    key = "counter.in_use"
    template = "{counter} is staffed; close it before it is taken away"
    template_vi = "{counter} đang có cán bộ. Xin đóng quầy trước khi bỏ quầy này."
