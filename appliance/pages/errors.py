"""Errors of the pages."""

from appliance.errors import MotcuaError


class NoSuchAssetError(MotcuaError, LookupError):
    """Error raised when a template names a static file that is not there."""

    key = "pages.no_such_asset"
    template = "No static file is called {name}"
    template_vi = "Không có tệp tĩnh nào tên là {name}"
