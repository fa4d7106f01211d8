"""The root of our errors: every one has a stable key, fields, and a sentence for people.

Logs keep English; screens translate by key and fall back on ``template_vi``. Fields, not sentences, are
what code may look at.
"""

from typing import ClassVar


class MotcuaError(Exception):
    """Error raised by motcua itself; give every field of the template as a keyword."""

    key: ClassVar[str] = "motcua.error"
    template: ClassVar[str] = "{detail}"
    template_vi: ClassVar[str] = "{detail}"

    def __init__(self, **fields: object) -> None:
        self.fields: dict[str, object] = fields
        super().__init__(self.template.format(**fields))

    def vi(self) -> str:
        """Return the sentence in Vietnamese, for screens."""
        return self.template_vi.format(**self.fields)


class DomainError(MotcuaError):
    """Error raised when a rule of the office refuses a command; nothing was recorded."""

    key = "office.refused"


class TransientError(MotcuaError):
    """Error raised when the same thing will likely succeed in the near future."""

    key = "office.transient"
