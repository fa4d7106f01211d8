"""A box without settings: instead of the office, one page that says what is wrong with its card.

No journal, no desk, no pins and no serial lines: which of them are fitted is what the missing settings would
say, so panels and lamps stay dark. A root of its own, in the process of the office.
"""

from appliance.setup_mode.running import SetupMode

__all__ = ["SetupMode"]
