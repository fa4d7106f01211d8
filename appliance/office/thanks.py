"""The acknowledgement of a press: after it is durable, the same for every level."""

from collections.abc import Mapping

from hardware.drivers.lamps import Buzzer, Lamp

LAMP_MS = 1_000
BEEP_MS = 80


class Thanks:
    """Lamps and the buzzer of one box.

    Args:
        lamps: by counter id.
        buzzer: the box's one, or None.
    """

    def __init__(self, lamps: Mapping[str, Lamp], buzzer: Buzzer | None) -> None:
        self._lamps = lamps
        self._buzzer = buzzer

    def for_rating(self, counter: str) -> None:
        """Thank for a press at a counter; which key it was does not show."""
        lamp = self._lamps.get(counter)
        if lamp is not None:
            lamp.pulse(LAMP_MS)
        self.for_number()

    def for_number(self) -> None:
        """Confirm that a number was given out."""
        if self._buzzer is not None:
            self._buzzer.beep(BEEP_MS)
