"""Why the staff app refuses."""

from appliance.errors import DomainError, MotcuaError


class UnlistedRouteError(MotcuaError, LookupError):
    """Error raised when a route has no row in the table of access, or a row no route."""

    key = "access.unlisted"
    template = "the table of access and the routes differ: {routes}"
    template_vi = "Bảng phân quyền và các địa chỉ không khớp: {routes}"


class SignInNeededError(DomainError, PermissionError):
    """Error raised when somebody who has not signed in asks for what staff may do."""

    key = "access.sign_in"
    template = "sign in first"
    template_vi = "Xin đăng nhập trước"


class ForbiddenError(DomainError, PermissionError):
    """Error raised when the caller's role may not do this."""

    key = "access.forbidden"
    template = (
        "a {who} may not do this; sign in with an account that may, or ask your supervisor or technician"
    )
    template_vi = (
        "Tài khoản hoặc màn hình này không được làm việc này. "
        "Hãy đăng nhập bằng tài khoản có quyền, hoặc hỏi lãnh đạo, kỹ thuật viên."
    )


class ForgedFormError(DomainError, PermissionError):
    """Error raised when a change does not come from one of our own pages in the same browser."""

    key = "access.forged"
    template = "this form has expired or did not come from this box; load the page again"
    template_vi = "Trang này đã cũ hoặc không phải do thiết bị này gửi. Xin tải lại trang rồi thử lại."


class AnotherOfficerError(DomainError, PermissionError):
    """Error raised when somebody commands in another officer's name."""

    key = "access.another_officer"
    template = "{officer} is not who is signed in"
    template_vi = "Cán bộ {officer} không phải là người đang đăng nhập"


class AnotherCounterError(DomainError, PermissionError):
    """Error raised when a screen that was paired for one purpose is used for another."""

    key = "access.another_screen"
    template = "this screen was paired as {purpose}"
    template_vi = "Màn hình này chỉ dùng cho: {purpose}"


class CrowdedError(DomainError):
    """Error raised when more screens follow the hall than the box can serve."""

    key = "live.crowded"
    template = "{most} pages follow the hall already; close one"
    template_vi = "Đã có {most} màn hình đang theo dõi. Xin đóng bớt."
