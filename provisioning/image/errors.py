"""What can keep an image from being built."""

from appliance.errors import MotcuaError


class ImageError(MotcuaError):
    """Error raised when an image cannot be built."""

    key = "image.failed"


class ToolsMissingError(ImageError):
    """Error raised when programs of Debian are missing on this machine."""

    key = "image.tools_missing"
    template = "programs are missing:  sudo apt-get install -y --no-install-recommends {packages}"
    template_vi = "thiếu chương trình:  sudo apt-get install -y --no-install-recommends {packages}"


class NotRootError(ImageError, PermissionError):
    """Error raised when the builder is not run as root: it makes files of other users and changes root."""

    key = "image.not_root"
    template = "an image is built as root: run the same command with sudo"
    template_vi = "phải dựng ảnh đĩa bằng quyền root: chạy lại lệnh này với sudo"


class NoSourceError(ImageError):
    """Error raised when motcua was installed as a package: an image is built from a source tree."""

    key = "image.no_source"
    template = "{root} is not a source tree of motcua: build from a checkout"
    template_vi = "{root} không phải thư mục mã nguồn của motcua: hãy dựng từ bản mã nguồn"


class NoEmulationError(ImageError):
    """Error raised when this machine cannot run programs of arm64."""

    key = "image.no_emulation"
    template = "programs of arm64 do not run here: {reason}"
    template_vi = "máy này không chạy được chương trình arm64: {reason}"


class MirrorUnknownError(ImageError):
    """Error raised when neither this machine's apt sources nor an option name a Debian mirror."""

    key = "image.mirror_unknown"
    template = "no Debian mirror in the apt sources of this machine: give --mirror URL"
    template_vi = "không tìm thấy kho Debian trong cấu hình apt của máy này: hãy ghi --mirror URL"


class StepFailedError(ImageError):
    """Error raised when a program that the builder started failed."""

    key = "image.step_failed"
    template = "{step}: {program} failed with status {status}; the log is {log}. Its last line: {last}"
    template_vi = "{step}: {program} báo lỗi {status}; nhật ký: {log}. Dòng cuối: {last}"


class DoesNotFitError(ImageError):
    """Error raised when the files outgrew their partition."""

    key = "image.does_not_fit"
    template = "the system takes {used_mib} MiB and its partition has {size_mib} MiB"
    template_vi = "hệ thống cần {used_mib} MiB nhưng phân vùng chỉ có {size_mib} MiB"
