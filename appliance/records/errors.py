"""What can be wrong with records and with the keys they are sealed to."""

from pathlib import Path

from appliance.errors import MotcuaError


class RecordsError(MotcuaError, ValueError):
    """Error raised when records of WiFi sessions, or a key for them, cannot be used."""

    key = "records.unusable"
    template = "{reason}"
    template_vi = "Không dùng được: {reason}"


class RecordKeyError(RecordsError):
    """Error raised when a key for records is none."""

    key = "records.key"
    template = (
        "not a key for WiFi records: {reason}; take the JWK that `motcua center wifi-records keygen` made"
    )
    template_vi = (
        "Không phải khóa của bản ghi WiFi: {reason}; hãy dùng khóa do "
        "`motcua center wifi-records keygen` tạo ra"
    )


class BrokenChainError(RecordsError):
    """Error raised when a line of records is damaged, missing, foreign or out of its place."""

    key = "records.broken"
    template = "{file} line {line}: {reason}"
    template_vi = "{file} dòng {line}: {reason}"

    def __init__(self, *, file: str, line: int, reason: str) -> None:
        super().__init__(file=file, line=line, reason=reason)


class SealedForAnotherError(RecordsError):
    """Error raised when a record does not open with a key."""

    key = "records.another_key"
    template = "does not open with this key"
    template_vi = "không mở được bằng khóa này"


class RecordsFolderError(MotcuaError, OSError):
    """Error raised when a folder of records cannot be read or written."""

    key = "records.folder"
    template = "{path}: {reason}"
    template_vi = "{path}: {reason}"

    def __init__(self, *, path: Path | str, reason: str) -> None:
        super().__init__(path=path, reason=reason)
