"""The text of a Modbus digit panel that keeps one ASCII code per register (DM56A04 and its kin).

Registers 0 to 5 hold the characters from the left, one per digit; they are written together by function 16.
Source: the product's register table at lamaplc.com (registers 6 and 7, sign and plain number, are not used
here). The product has no blink. Seven segments draw some letters roughly (K, M, V, W, X): choose the
letters of the services accordingly.
"""

import string
from dataclasses import dataclass
from typing import Self

from hardware.codecs.modbus_rtu import WriteRegisters
from hardware.errors import PanelTextError

FIRST_REGISTER = 0
MIN_DIGITS, MAX_DIGITS = 4, 6
SHOWABLE = string.digits + string.ascii_uppercase + "- "
LABEL_WIDTH = 4  # A012


@dataclass(frozen=True, slots=True)
class DigitPanelText:
    """What a panel shows, one character per digit.

    Args:
        text: exactly ``digits`` characters of 0-9, A-Z, hyphen and blank.
        digits: the panel's width, 4 to 6.

    Raises:
        PanelTextError: the width is not 4 to 6, the text does not fit, or it has another character.
    """

    text: str
    digits: int

    def __post_init__(self) -> None:
        if not MIN_DIGITS <= self.digits <= MAX_DIGITS:
            self._refuse("no such panel", f"{MIN_DIGITS} to {MAX_DIGITS} digits")
        if len(self.text) != self.digits:
            self._refuse(f"it has {len(self.text)} characters", f"{self.digits} characters, blanks included")
        strange = [char for char in self.text if char not in SHOWABLE]
        if strange:
            self._refuse(f"it has the character {strange[0]!r}", "0-9, A-Z, hyphen or blank")

    def _refuse(self, reason: str, remedy: str) -> None:
        raise PanelTextError(digits=self.digits, text=self.text, reason=reason, remedy=remedy)

    @classmethod
    def left(cls, text: str, digits: int) -> Self:
        """Put ``text`` at the left and blanks after it.

        Raises:
            PanelTextError: the text is too long or cannot be shown.
        """
        return cls(text.ljust(digits), digits)

    @classmethod
    def blank(cls, digits: int) -> Self:
        """Return a dark panel.

        Raises:
            PanelTextError: the width is not 4 to 6.
        """
        return cls(" " * digits, digits)

    @classmethod
    def call(cls, label: str, counter: int, digits: int) -> Self:
        """Show a call: the label at the left and, on six digits, the counter right-aligned in the last two.

        A panel of four or five digits shows the label alone (it hangs above its own counter): with no room
        for a gap, a counter's digit would read as part of the number.

        Args:
            label: as printed on the ticket, such as ``A012``; at most four characters on six digits.
            counter: 1 to 99.
            digits: the panel's width, 4 to 6.

        Raises:
            PanelTextError: the label or the counter does not fit, or the label cannot be shown.
        """
        if digits < MAX_DIGITS:
            return cls.left(label, digits)
        width = digits - LABEL_WIDTH
        if counter < 1 or len(str(counter)) > width or len(label) > LABEL_WIDTH:
            raise PanelTextError(
                digits=digits,
                text=f"{label} {counter}",
                reason=f"it needs {LABEL_WIDTH} characters for the label and {width} for the counter",
                remedy="a label such as A012 and a counter of 1 to 99",
            )
        return cls(label.ljust(LABEL_WIDTH) + str(counter).rjust(width), digits)

    @property
    def registers(self) -> tuple[int, ...]:
        """One ASCII code per digit, leftmost first."""
        return tuple(self.text.encode("ascii"))

    def to_request(self, unit: int) -> WriteRegisters:
        """Return the request that shows this on panel ``unit`` (1 to 247).

        Raises:
            OutOfRangeError: ``unit`` is out of its range.
        """
        return WriteRegisters(unit, FIRST_REGISTER, self.registers)
