"""A box without a setup code: nobody could make the first account or reset a password."""

from appliance.accounts.setup_code import SetupFile
from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding

CONDITION = Condition("setup_code", "setup code", "mã cài đặt")


def check(box: Box) -> Finding:
    """Look whether there is a code to check."""
    box.must_read()
    if SetupFile(box.folder).read() is None:
        return CONDITION.warning(
            Both("there is none", "chưa có"),
            Both(
                "sudo -u motcua motcua accounts setup-code, and write it on the label",
                "chạy sudo -u motcua motcua accounts setup-code rồi ghi lên nhãn",
            ),
        )
    return CONDITION.well(Both("is there", "có"))
