"""A data directory that is not there, or that the doctor may not read."""

import os

from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding

CONDITION = Condition("data_folder", "data directory", "thư mục dữ liệu")


def check(box: Box) -> Finding:
    """Look whether the data directory is there and may be read."""
    if not box.folder.is_dir():
        return CONDITION.broken(
            Both(f"{box.folder} does not exist", f"không có thư mục {box.folder}"),
            Both(
                "is the data partition mounted? If the box is new, start motcua-office once",
                "kiểm tra phân vùng dữ liệu đã được gắn chưa; máy mới thì khởi động motcua-office một lần",
            ),
        )
    if not os.access(box.folder, os.R_OK | os.X_OK):
        return CONDITION.unseen(
            f"{box.folder}: permission denied",
            Both("run it again with sudo", "chạy lại lệnh với sudo"),
        )
    return CONDITION.well(Both(f"{box.folder} is there", f"có thư mục {box.folder}"))
