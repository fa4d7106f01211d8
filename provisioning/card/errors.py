"""Why a card could not be made."""

from appliance.errors import MotcuaError


class ProvisioningError(MotcuaError):
    """Error raised by the technician's tools."""

    key = "provisioning.error"


class ToolMissingError(ProvisioningError, FileNotFoundError):
    """Error raised when a program that is needed is not installed."""

    key = "provisioning.tool_missing"
    template = "{program} is missing: sudo apt-get install -y {package}"
    template_vi = "Thiếu chương trình {program}: sudo apt-get install -y {package}"


class ImageUnusableError(ProvisioningError, ValueError):
    """Error raised when an image has not the form that cards are made from."""

    key = "provisioning.image"
    template = "{path}: {reason}; {remedy}"
    template_vi = "{path}: {reason_vi}; {remedy_vi}"


class AuthorityError(ProvisioningError, ValueError):
    """Error raised when the file of ``--ca`` is not what a box can check a center against."""

    key = "provisioning.ca"
    template = "--ca {path}: {reason}"
    template_vi = "--ca {path}: {reason_vi}"


class DiskRefusedError(ProvisioningError, PermissionError):
    """Error raised when a disk is not, or not certainly, a card that may be overwritten."""

    key = "provisioning.disk_refused"
    template = "{device} is not written: {reason}"
    template_vi = "Không ghi lên {device}: {reason_vi}"


class CardUnverifiedError(ProvisioningError, OSError):
    """Error raised when what was read back from a card is not what was written."""

    key = "provisioning.card_unverified"
    template = "{target} does not hold what was written to it ({reason}); use another card"
    template_vi = "{target} không giữ đúng những gì đã ghi ({reason}); hãy dùng thẻ khác"


class CardUnwritableError(ProvisioningError, OSError):
    """Error raised when a card or a file cannot be written."""

    key = "provisioning.card_unwritable"
    template = "{target} cannot be written: {reason}"
    template_vi = "Không ghi được {target}: {reason}"


class ChoiceError(ProvisioningError, ValueError):
    """Error raised when the options of a command do not fit each other or the list."""

    key = "provisioning.choice"
    template = "{reason}"
    template_vi = "{reason_vi}"
