"""Why the desk did not take a command."""

from appliance.errors import DomainError, TransientError


class DeskBusyError(TransientError):
    """Error raised when a lane of the desk is full; the command was not taken."""

    key = "desk.busy"
    template = "the office is busy ({waiting} commands waiting in lane {lane}); try again"
    template_vi = "Hệ thống đang bận ({waiting} lệnh đang chờ); xin thử lại"


class DeskClosedError(TransientError):
    """Error raised when the office is shutting down; the command was not taken."""

    key = "desk.closed"
    template = "the office is shutting down; try again when it is back"
    template_vi = "Hệ thống đang khởi động lại; xin thử lại sau"


class RequestReusedError(DomainError, ValueError):
    """Error raised when a request id comes back with another verb."""

    key = "request.reused"
    template = "request id {request} already named a {kind}; use a new id for another command"
    template_vi = "Mã yêu cầu {request} đã dùng cho lệnh khác ({kind}); hãy dùng mã mới"
