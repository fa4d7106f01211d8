"""Why the doctor could not do what was asked."""

from appliance.errors import MotcuaError


class StorageNotMeasuredError(MotcuaError, OSError):
    """Error raised when the storage below a directory could not be measured; nothing was left there."""

    key = "storage.not_measured"
    template = "the storage of {folder} was not measured: {reason}"
    template_vi = "Không đo được thẻ nhớ ở {folder}: {reason}"


class BundleNotWrittenError(MotcuaError, OSError):
    """Error raised when a support bundle cannot be written; a file of that name is as it was."""

    key = "bundle.not_written"
    template = "the support bundle {path} was not written: {reason}"
    template_vi = "Không ghi được gói hỗ trợ {path}: {reason}"
