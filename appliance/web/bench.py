"""What the bench page needs of the box's devices; the composition root provides it."""

from typing import Any, Protocol


class Bench(Protocol):
    """The buttons, lamps, panels and keypads of one box, real or emulated."""

    def look(self) -> dict[str, Any]:
        """Return what is to be seen now, JSON values; returns at once."""
        ...

    def press(self, device: str, held_ms: int) -> None:
        """Press a button or key by its name on the page, for so many milliseconds; returns at once.

        Raises:
            DomainError: there is no such thing, or it can only be pressed by hand.
        """
        ...
