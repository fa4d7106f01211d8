"""What the settings pages need to change an office.toml that is in use; the composition root provides it."""

from typing import Protocol

from appliance.config import Settings


class Configuration(Protocol):
    """The office.toml and its history."""

    def text(self) -> str:
        """Return the file as it is."""
        ...

    def apply(self, text: str, officer: str | None) -> Settings:
        """Take another office.toml into use, keep the one before; return the settings now in force.

        Blocks until the change is recorded.

        Raises:
            ConfigError: the text has problems; nothing was changed.
            DomainError: the hall in use does not allow it, or it needs a restart by a technician.
            TransientError: it could not be recorded.
        """
        ...
