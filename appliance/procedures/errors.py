"""What can go wrong with the catalog."""

from appliance.errors import MotcuaError, TransientError


class BadCatalogError(MotcuaError, ValueError):
    """Error raised when a list of procedures cannot be taken over; nothing of it was."""

    key = "procedures.bad_list"
    template = "problems in the list: {count}; the first: {first}"
    template_vi = "Danh sách có {count} lỗi; lỗi đầu tiên: {first_vi}"


class CatalogUnavailableError(TransientError, OSError):
    """Error raised when local.db cannot be read or written."""

    key = "procedures.unavailable"
    template = "the catalog cannot be used: {reason}"
    template_vi = "Không dùng được danh mục thủ tục: {reason}"
