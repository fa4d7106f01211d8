"""What the settings pages need to change an office.toml that is in use; the composition root provides it."""

import hashlib
from collections.abc import Sequence
from typing import Protocol

from appliance.config import Settings
from appliance.config.history import Version
from appliance.errors import DomainError, TransientError


class Configuration(Protocol):
    """The office.toml and its history. All methods read or write files: call them in a worker thread."""

    def text(self) -> str:
        """Return the office.toml, byte for byte.

        Raises:
            ConfigError: it cannot be read.
            NoConfigurationError: this office has none to change.
        """
        ...

    def check(self, text: str) -> Settings:
        """Return the settings in a text that could be applied now; nothing is changed.

        Raises:
            ConfigError: the text has problems.
            RestartNeededError: it changes what a running office cannot change.
            DomainError: the hall in use does not allow it at the moment.
        """
        ...

    def apply(self, text: str, officer: str | None, base: str | None = None) -> Settings:
        """Take another office.toml into use, keep the one before; return the settings now in force.

        Blocks until the change is recorded.

        Args:
            text: the whole office.toml.
            officer: who wants it, or None.
            base: see :func:`base_of`, of the text that was changed; None changes whatever is there.

        Raises:
            ConfigError: the text has problems; nothing was changed.
            ChangedMeanwhileError: the file is not the one that was changed; nothing was changed.
            RestartNeededError: it changes what a running office cannot change; nothing was changed.
            DomainError: the hall in use does not allow it; nothing was changed.
            NotKeptError: it is in force, and the file could not be written.
            DevicesNotOpenedError: it is in force, and a device could not be opened again.
            TransientError: it could not be recorded; nothing was changed.
        """
        ...

    def undo(self, officer: str | None, base: str | None = None, number: int | None = None) -> Settings:
        """Take an earlier version into use again, as a new version; the same errors as :meth:`apply`.

        Args:
            officer: who wants it, or None.
            base: as for :meth:`apply`.
            number: of the version; None for the one before the newest.

        Raises:
            NoVersionError: there is no such version any more.
        """
        ...

    def versions(self) -> Sequence[Version]:
        """Return what was in use, the newest first."""
        ...

    def version_text(self, number: int) -> str:
        """Return the office.toml of a version, byte for byte.

        Raises:
            NoVersionError: there is no such version any more.
        """
        ...

    def used_ids(self, kind: str) -> frozenset[str]:
        """Return every id ever used for ``services``, ``counters``, ``priorities`` or ``reasons``."""
        ...


def base_of(text: str) -> str:
    """Return what a form carries to say which office.toml it shows."""
    return hashlib.sha256(text.encode()).hexdigest()


class NoConfigurationError(DomainError, FileNotFoundError):
    """Error raised when this office runs without an office.toml that could be changed."""

    key = "config.no_file"
    template = "this office runs without an office.toml of its own, so there is nothing to change"
    template_vi = "Văn phòng này không có tệp cấu hình để sửa."


class ChangedMeanwhileError(DomainError):
    """Error raised when office.toml is no longer the one that a form was made from."""

    key = "config.changed_meanwhile"
    template = "somebody else changed the settings meanwhile; look at what would change now, and apply again"
    template_vi = "Có người khác vừa đổi cài đặt. Xin xem lại những gì sẽ thay đổi rồi áp dụng lần nữa."


class RestartNeededError(DomainError):
    """Error raised when a change touches settings that only a restart of the office takes over."""

    key = "config.restart_needed"
    template = "{keys} cannot change while the office runs; it needs a restart by a technician"
    template_vi = "Không đổi được {keys} khi hệ thống đang chạy; cần kỹ thuật viên khởi động lại."


class NotYourSettingsError(DomainError, PermissionError):
    """Error raised when somebody who is no technician changes what is fitted to the box."""

    key = "config.technician_only"
    template = "only a technician changes {keys}"
    template_vi = "Chỉ kỹ thuật viên được đổi {keys}."


class NoVersionError(DomainError, LookupError):
    """Error raised when an earlier version of the settings is not kept."""

    key = "config.no_version"
    template = "there is no such earlier version"
    template_vi = "Không có phiên bản trước như vậy."


class NotKeptError(TransientError, OSError):
    """Error raised when settings are in force whose file could not be written."""

    key = "config.not_written"
    template = (
        "the change is in force, and could not be written to the card ({reason}): after a restart the "
        "earlier settings apply. Apply it again when health says that the card is in order."
    )
    template_vi = (
        "Thay đổi đã có hiệu lực nhưng chưa ghi được vào thẻ nhớ ({reason}): nếu khởi động lại, cài đặt "
        "cũ sẽ dùng trở lại. Xin áp dụng lại khi thẻ nhớ hoạt động bình thường."
    )


class DevicesNotOpenedError(TransientError, OSError):
    """Error raised when settings are in force and written, and a device could not be opened under them."""

    key = "config.devices_not_opened"
    template = (
        "the change is in force, but not every device could be opened again: {reason}; see the bench page"
    )
    template_vi = (
        "Thay đổi đã có hiệu lực nhưng có thiết bị chưa mở lại được: {reason}. Xin xem trang thử thiết bị."
    )
