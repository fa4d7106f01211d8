"""What is wrong with a message."""

from appliance.errors import MotcuaError


class BadLineError(MotcuaError, ValueError):
    """Error raised when a line between two units is too long or not one of the agreed messages."""

    key = "link.bad_line"
    template = "not a message of this link: {reason}"
    template_vi = "Thông điệp giữa các phần của thiết bị không đúng quy định: {reason}"
