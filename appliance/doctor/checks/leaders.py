"""Nobody who could manage accounts."""

from appliance.accounts.database import FILE_NAME
from appliance.accounts.errors import AccountsUnreadableError
from appliance.accounts.rules import has_leader
from appliance.accounts.store import read_people
from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding

CONDITION = Condition("leaders", "accounts", "tài khoản")
_FIRST = Both(
    "make the first account on the sign-in page with the setup code of the label",
    "tạo tài khoản đầu tiên ở trang đăng nhập bằng mã cài đặt trên nhãn",
)


def check(box: Box) -> Finding:
    """Look whether somebody active may manage accounts."""
    box.must_read()
    if not (box.folder / FILE_NAME).exists():
        return CONDITION.warning(Both("there is none yet", "chưa có tài khoản nào"), _FIRST)
    try:
        people = read_people(box.folder)
    except AccountsUnreadableError:
        return CONDITION.broken(
            Both("accounts.db cannot be read", "không đọc được accounts.db"),
            Both(
                "restart motcua-office: it sets the file aside; then " + _FIRST.en,
                "khởi động lại motcua-office để cất tệp hỏng; rồi " + _FIRST.vi,
            ),
        )
    if not has_leader(people):
        return CONDITION.warning(
            Both("nobody may manage accounts", "không ai được quản lý tài khoản"), _FIRST
        )
    active = sum(person.is_active for person in people)
    return CONDITION.well(Both(f"{active} active", f"{active} tài khoản đang dùng"))
