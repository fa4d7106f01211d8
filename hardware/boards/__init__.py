"""Board profiles: which button, lamp and line is wired to which pin, per Raspberry Pi model."""

from hardware.boards.loader import BoardProfile, ButtonPin, OutputPin, Uart, load_board, load_board_file
from hardware.boards.wiring import wiring_table

__all__ = ["BoardProfile", "ButtonPin", "OutputPin", "Uart", "load_board", "load_board_file", "wiring_table"]
