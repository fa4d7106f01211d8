"""Why an account, a session or a screen could not be had."""

from appliance.errors import DomainError, MotcuaError, TransientError


class AccountsUnavailableError(TransientError, OSError):
    """Error raised when a change of an account could not be made durable; nothing was changed."""

    key = "accounts.unavailable"
    template = "accounts cannot be written: {reason}; check the data partition of this card"
    template_vi = "Chưa lưu được tài khoản: {reason}. Hãy kiểm tra thẻ nhớ (phân vùng dữ liệu)."


class AccountsUnreadableError(MotcuaError, OSError):
    """Error raised when accounts were to be listed and there are none, or the file is damaged."""

    key = "accounts.unreadable"
    template = "{path} cannot be read: {reason}"
    template_vi = "Không đọc được {path}: {reason}"


class SignInRefusedError(DomainError, PermissionError):
    """Error raised when name and password do not fit; it never says which of the two."""

    key = "accounts.sign_in_refused"
    template = "the name or the password is wrong"
    template_vi = "Mã cán bộ hoặc mật khẩu không đúng."


class TooManyTriesError(DomainError, PermissionError):
    """Error raised when too many tries failed; nothing was compared."""

    key = "accounts.too_many_tries"
    template = "too many tries; try again in {retry_s} s"
    template_vi = "Quá nhiều lần thử. Hãy thử lại sau {retry_s} giây."

    @property
    def retry_s(self) -> int:
        """When the next try is taken, seconds from now."""
        return int(str(self.fields["retry_s"]))


class PasswordRefusedError(DomainError, ValueError):
    """Error raised when a new password can be guessed, is too short or too long."""

    key = "accounts.password_refused"
    template = "this password is not accepted: {why}"
    template_vi = "Mật khẩu này không dùng được: {why_vi}"


class SetupCodeRefusedError(DomainError, PermissionError):
    """Error raised when the setup code is wrong."""

    key = "accounts.setup_code_refused"
    template = "the setup code is wrong; it is on the label of the box"
    template_vi = "Mã cài đặt không đúng. Mã được in trên nhãn dán của thiết bị."


class NoSetupCodeError(DomainError, LookupError):
    """Error raised when this box has no setup code."""

    key = "accounts.no_setup_code"
    template = "this box has no setup code; make one with motcua accounts setup-code"
    template_vi = "Thiết bị chưa có mã cài đặt; hãy tạo bằng lệnh motcua accounts setup-code trên thiết bị."


class BadSetupHashError(DomainError, ValueError):
    """Error raised when what was provisioned is no Argon2id hash that this box can check."""

    key = "accounts.bad_setup_hash"
    template = "the setup code's hash is no Argon2id hash of at most {memory_mib} MiB"
    template_vi = "Giá trị băm của mã cài đặt không phải Argon2id với tối đa {memory_mib} MiB."


class FirstAccountExistsError(DomainError, PermissionError):
    """Error raised when the setup code is used for a first account and there is one already."""

    key = "accounts.first_exists"
    template = "there is an account already; sign in with it, or reset its password with the setup code"
    template_vi = "Thiết bị đã có tài khoản. Hãy đăng nhập, hoặc đặt lại mật khẩu bằng mã cài đặt."


class NotAllowedError(DomainError, PermissionError):
    """Error raised when a role may not manage another one."""

    key = "accounts.not_allowed"
    template = "the role {role} may not manage accounts of the role {other}"
    template_vi = "Người thuộc nhóm {role} không được quản lý tài khoản thuộc nhóm {other}."


class LastLeaderError(DomainError, ValueError):
    """Error raised when nobody would be left who may manage accounts."""

    key = "accounts.last_leader"
    template = "{officer} is the last active supervisor or technician; make another one first"
    template_vi = (
        "{officer} là lãnh đạo hoặc kỹ thuật viên cuối cùng đang hoạt động; hãy thêm người khác trước."
    )


class UnknownOfficerError(DomainError, LookupError):
    """Error raised when no account has this id."""

    key = "accounts.unknown_officer"
    template = "there is no active account {officer}"
    template_vi = "Không có tài khoản {officer} đang hoạt động."


class OfficerExistsError(DomainError, ValueError):
    """Error raised when an id is taken; capitals do not make another one."""

    key = "accounts.officer_exists"
    template = "the account {officer} exists already; an id is never given to somebody else"
    template_vi = "Tài khoản {officer} đã có; mã cán bộ không được cấp lại cho người khác."


class BadOfficerError(DomainError, ValueError):
    """Error raised when an id has another form than those in events."""

    key = "accounts.bad_officer"
    template = "an id is 1 to 32 of the letters a-z and A-Z, digits, - and _"
    template_vi = "Mã cán bộ gồm 1 đến 32 ký tự: chữ không dấu, chữ số, dấu - và dấu _."


class BadNameError(DomainError, ValueError):
    """Error raised when a name is empty, too long or holds what cannot be shown."""

    key = "accounts.bad_name"
    template = "a name is 1 to {most} characters that can be shown"
    template_vi = "Họ tên gồm 1 đến {most} ký tự hiển thị được."


class BadPurposeError(DomainError, ValueError):
    """Error raised when a screen is paired for nothing that a screen can be."""

    key = "accounts.bad_purpose"
    template = "a screen is a kiosk, a display or rate:COUNTER, not {purpose}"
    template_vi = "Màn hình chỉ có thể là kiosk, display hoặc rate:QUẦY, không phải {purpose}."


class UnknownScreenError(DomainError, LookupError):
    """Error raised when no paired screen has this id."""

    key = "accounts.unknown_screen"
    template = "there is no paired screen {screen}"
    template_vi = "Không có màn hình {screen} đã ghép nối."
