"""Why the stick does not take what it should, or a backup cannot be used."""

from appliance.errors import MotcuaError, TransientError


class StickTroubleError(TransientError, OSError):
    """Error raised when the backup stick cannot be written; the office goes on, the stick catches up."""

    key = "backup.trouble"
    template = "the backup stick at {path} is not written: {word} ({reason})"
    template_vi = "Chưa ghi được vào USB sao lưu tại {path}: {word} ({reason})"


class NoBackupError(MotcuaError, LookupError):
    """Error raised when a stick holds no backup of this device."""

    key = "backup.none"
    template = "there is no backup of {device} under {path}; backups here: {found}"
    template_vi = "Không có bản sao lưu của {device} trong {path}; hiện có: {found}"


class BackupEmptyError(MotcuaError, ValueError):
    """Error raised when nothing of a backup's journal can be verified."""

    key = "backup.empty"
    template = "no event in {path} can be verified; use `motcua day resume` on a box set up anew"
    template_vi = "Không có sự kiện nào hợp lệ trong {path}; hãy cài đặt mới rồi dùng `motcua day resume`"


class DataInTheWayError(MotcuaError, FileExistsError):
    """Error raised when a backup should be restored over data."""

    key = "restore.not_empty"
    template = "{path} is not empty ({names}); restore onto a box that has never been used, or move them away"
    template_vi = (
        "{path} đã có dữ liệu ({names}); chỉ khôi phục lên thiết bị chưa dùng, hoặc chuyển dữ liệu đi"
    )


class RestoreUnfinishedError(MotcuaError):
    """Error raised when a power cut came while a backup was being restored."""

    key = "restore.unfinished"
    template = "a restore into {path} was not finished; run `motcua restore` again"
    template_vi = "Việc khôi phục vào {path} chưa xong; hãy chạy lại `motcua restore`"


class ClaimSpentError(MotcuaError, PermissionError):
    """Error raised when a backup is restored with the claim that enrolled the box before."""

    key = "restore.claim_used"
    template = "this claim enrolled the box before; ask the province for a new one that names {device}"
    template_vi = "Mã đăng ký này đã được dùng; hãy xin tỉnh mã mới cho {device}"
