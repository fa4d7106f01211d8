"""What can be wrong with motcua.toml: rule -> (English, Vietnamese).

Rules that office.toml has too are in ``appliance.config.sentences``.
"""

from collections.abc import Mapping
from typing import Final

from appliance.config.problem import Problem
from appliance.config.sentences import SENTENCES as OFFICE

_WITHOUT: Final = 'To begin without it, with number 1, write from = "nothing"'
_WITHOUT_VI: Final = 'Muốn mở mà không có USB, số thứ tự đi từ 1, ghi from = "nothing"'

SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "card.missing": (
        "no such file on the card; copy it to the card's first partition, next to config.txt",
        "không có tệp này trên thẻ; hãy chép vào phân vùng đầu tiên của thẻ, cùng chỗ với config.txt",
    ),
    "card.named": (
        "no such file on the card, but there is {found}; rename it to motcua.toml",
        "không có tệp này trên thẻ, nhưng có {found}; hãy đổi tên thành motcua.toml",
    ),
    "card.too_large": (
        "larger than {limit} KiB; this is another file",
        "lớn hơn {limit} KiB; đây là tệp khác",
    ),
    "card.commune": (
        "no such commune; use the five-digit code that is valid since 1 July 2025, in quotes",
        "không có xã, phường này; hãy dùng mã 5 chữ số có hiệu lực từ 01/7/2025, trong dấu nháy",
    ),
    "card.claim": (
        "not a claim; copy it whole from the file of `motcua center claim`",
        "không phải mã đăng ký; hãy chép nguyên văn từ tệp của `motcua center claim`",
    ),
    "card.claim_device": (
        "the claim is for {device}, but device.id is {own}; use the claim of this box",
        "mã đăng ký là của {device}, nhưng device.id là {own}; hãy dùng mã của đúng thiết bị này",
    ),
    "card.code_hash": (
        "no Argon2id hash that a box can check; make the file with `motcua provision card`",
        "không phải giá trị băm Argon2id mà thiết bị kiểm tra được; hãy tạo tệp bằng `motcua provision card`",
    ),
    "card.address": (
        'must be an address with its prefix such as "192.168.1.20/24"',
        'phải là địa chỉ kèm độ dài mạng, ví dụ "192.168.1.20/24"',
    ),
    "card.host": ('must be an address such as "192.168.1.1"', 'phải là địa chỉ, ví dụ "192.168.1.1"'),
    "card.gateway": (
        "is outside of the network {network}; correct one of the two",
        "không nằm trong mạng {network}; hãy sửa một trong hai",
    ),
    "card.static": (
        'mode = "static" needs it; add it, or choose mode = "dhcp"',
        'mode = "static" cần mục này; hãy thêm vào, hoặc chọn mode = "dhcp"',
    ),
    "card.dhcp": (
        'has no effect with mode = "dhcp"; remove it, or choose mode = "static"',
        'không có tác dụng khi mode = "dhcp"; hãy xóa đi, hoặc chọn mode = "static"',
    ),
    "card.ssid": ("must have 1 to 32 bytes", "phải có từ 1 đến 32 byte"),
    "card.password": (
        "must have 8 to 63 letters without accents, digits or signs",
        "phải có từ 8 đến 63 chữ cái không dấu, chữ số hoặc ký hiệu",
    ),
    "card.wifi": ("needs wifi_ssid, too; add it", "cần có cả wifi_ssid; hãy thêm vào"),
    "card.file": (
        "must be the name of a file on the card, next to motcua.toml",
        "phải là tên một tệp trên thẻ, cùng chỗ với motcua.toml",
    ),
    "card.ca": (
        "holds no certificates in PEM form (-----BEGIN CERTIFICATE-----); ask the province for its CA's file",
        "không có chứng thư dạng PEM (-----BEGIN CERTIFICATE-----); hãy xin tỉnh tệp chứng thư của CA",
    ),
    "card.ca_private": (
        "holds a private key, which must not be on a card; take a file with certificates only",
        "chứa khóa bí mật, không được để trên thẻ; hãy dùng tệp chỉ có chứng thư",
    ),
    "card.form": (
        "is written in a form that cannot be completed here: {detail}",
        "ghi theo cách không bổ sung được ở đây: {detail}",
    ),
    "reset.empty": (
        "names no device; write the id that is on the label into its first line",
        "chưa ghi mã thiết bị; hãy ghi mã thiết bị in trên nhãn vào dòng đầu tiên",
    ),
    "reset.other": (
        "nothing was reset: this box is {own}; write that id into the first line, or delete the file",
        "chưa đặt lại gì: thiết bị này là {own}; hãy ghi đúng mã đó vào dòng đầu tiên, hoặc xóa tệp",
    ),
    "reset.unknown": (
        "nothing was reset: the box no longer knows its own id; write the card anew",
        "chưa đặt lại gì: thiết bị không còn biết mã của chính nó; hãy ghi lại thẻ từ đầu",
    ),
    "reset.line": (
        "nothing was reset: after the id there can be only one line, erase; delete this one or correct it",
        "chưa đặt lại gì: sau mã thiết bị chỉ được có một dòng xoa-het; hãy xóa hoặc sửa dòng này",
    ),
    "reset.rename": (
        "nothing was reset: the file could not be renamed on the card ({detail}); use another card",
        "chưa đặt lại gì: không đổi tên được tệp trên thẻ ({detail}); hãy dùng thẻ khác",
    ),
    "card.restore_claim": (
        'from = "usb" needs a new claim for this device; ask the province for one',
        'from = "usb" cần mã đăng ký mới của thiết bị này; hãy xin tỉnh',
    ),
    "restore.no_stick": (
        "no stick is plugged in whose label is MOTCUA; plug in the backup stick, switch the box on again. "
        + _WITHOUT,
        "chưa thấy USB nhãn MOTCUA; hãy cắm USB sao lưu rồi bật lại thiết bị. " + _WITHOUT_VI,
    ),
    "restore.no_copy": (
        "the stick holds no backup of {device} (found: {found}); plug in the right one, switch it on again. "
        + _WITHOUT,
        "trên USB không có bản sao lưu của {device} (hiện có: {found}); hãy cắm đúng USB rồi bật lại. "
        + _WITHOUT_VI,
    ),
    "restore.empty": (
        "nothing of the backup on the stick can be verified; plug in another one, switch the box on again. "
        + _WITHOUT,
        "bản sao lưu trên USB không có phần nào hợp lệ; hãy cắm USB khác rồi bật lại. " + _WITHOUT_VI,
    ),
    "restore.claim": (
        "center.claim enrolled the box that died; ask the province for a new claim that names {device}",
        "center.claim là mã của thiết bị cũ, đã dùng rồi; hãy xin tỉnh mã mới cho {device}",
    ),
    "restore.used": (
        "this box was already in use; reset it first (motcua-reset.txt), or remove [restore]",
        "thiết bị này đã được dùng; hãy đặt lại trước (motcua-reset.txt), hoặc xóa mục [restore]",
    ),
    "restore.failed": (
        "the backup could not be restored: {detail}; look at stick and card, and switch the box on again",
        "chưa khôi phục được: {detail}; hãy kiểm tra USB và thẻ nhớ rồi bật lại",
    ),
    "box.other": (
        "this box is already set up as {own}; use the card that was made for it, or a new card",
        "thiết bị này đã được thiết lập là {own}; hãy dùng đúng thẻ của nó, hoặc ghi thẻ mới",
    ),
    "box.erase": (
        "the secrets could not be erased from the card ({detail}); delete motcua.toml by hand",
        "chưa xóa được thông tin bí mật trên thẻ ({detail}); hãy tự xóa tệp motcua.toml",
    ),
    "box.write": (
        "the box could not be set up: {detail}; change the card",
        "chưa thiết lập được thiết bị: {detail}; hãy thay thẻ nhớ",
    ),
}


def trouble(rule: str, key: str, value: str | None = None, **fields: object) -> Problem:
    """Build a problem from the sentence of its rule; ``value`` is already shown and never a secret."""
    english, vietnamese = SENTENCES[rule] if rule in SENTENCES else OFFICE[rule]
    return Problem(key, rule, value, english.format(**fields), vietnamese.format(**fields))
