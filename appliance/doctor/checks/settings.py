"""An office.toml that the office cannot start with."""

import os

from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding

CONDITION = Condition("settings", "settings", "cài đặt")


def check(box: Box) -> Finding:
    """Look whether office.toml can be used."""
    if box.config.exists() and not os.access(box.config, os.R_OK):
        return CONDITION.unseen(
            f"{box.config}: permission denied", Both("run it again with sudo", "chạy lại lệnh với sudo")
        )
    if box.config_error is not None:
        problems = box.config_error.problems
        where = problems[0].key if problems else ""
        return CONDITION.broken(
            Both(
                f"{box.config}: problems {len(problems)}, the first at {where or 'the file itself'}",
                f"{box.config}: có {len(problems)} lỗi, lỗi đầu ở {where or 'chính tệp này'}",
            ),
            Both(
                f"run: motcua check {box.config}, correct what it names, restart motcua-office",
                f"chạy: motcua check {box.config}, sửa chỗ được nêu rồi khởi động lại motcua-office",
            ),
        )
    return CONDITION.well(Both(f"{box.config} can be used", f"dùng được {box.config}"))
