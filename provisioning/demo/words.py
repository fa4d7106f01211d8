"""Events and issues in plain words: Vietnamese, and a few English ones."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from appliance.config import Settings
from appliance.queueing.ticket import new_label
from appliance.wire.event import Event
from appliance.wire.moment import HANOI, parse_wire_time
from provisioning.demo.picture import News

_Data = Mapping[str, Any]

ISSUES: Mapping[str, tuple[str, str]] = {
    "bus_offline": ("mất đường truyền", "serial line unplugged"),
    "panel_offline": ("bảng LED không trả lời", "panel does not answer"),
    "button_stuck": ("nút bị kẹt", "button stuck"),
    "recording_stopped": ("ngừng ghi sổ", "recording stopped"),
    "disk_space": ("thẻ nhớ sắp đầy", "card nearly full"),
    "journal_size": ("sổ quá lớn", "journal too large"),
    "clock_untrusted": ("đồng hồ chưa tin được", "clock not trusted"),
    "uplink_late": ("lâu chưa có biên nhận", "no receipt for long"),
    "key_refused": ("tỉnh không nhận khóa", "key refused"),
    "batch_refused": ("tỉnh từ chối gói", "batch refused"),
    "center_rewound": ("tỉnh lùi về bản cũ", "center rewound"),
    "history_unreadable": ("sổ cũ không đọc được", "history unreadable"),
    "pages_unserved": ("trang web không mở được", "pages not served"),
    "backup_behind": ("chưa sao lưu được ra USB", "backup stick not written"),
    "center_ca": ("thiếu chứng thư CA của tỉnh", "certificates of the CA missing"),
    "hotspot_silent": ("WiFi công cộng không trả lời", "public WiFi silent"),
    "hotspot_closed": ("WiFi công cộng không cho ai vào", "public WiFi closed"),
    "hotspot_engine": ("chương trình WiFi hay lỗi", "WiFi program failing"),
    "hotspot_conflict": ("hai máy WiFi trùng địa chỉ", "WiFi address used twice"),
    "not_enrolled": ("chưa đăng ký với tỉnh", "not enrolled"),
}
FLAG_WORDS: Mapping[str, tuple[str, str]] = {
    "unbound": ("chưa gắn", "unbound"),
    "repeat": ("lặp", "repeat"),
    "burst": ("dồn", "burst"),
    "stuck": ("kẹt", "stuck"),
    "corrected": ("sửa", "corrects"),
}


@dataclass(frozen=True, slots=True)
class Names:
    """What things are called here.

    Args:
        counters: by id.
        services: by id.
        levels: of the rating scale, worst first.
    """

    counters: Mapping[str, str]
    services: Mapping[str, str]
    levels: tuple[str, ...]

    @classmethod
    def of(cls, settings: Settings) -> "Names":
        """Return the names of the settings."""
        return cls(
            {one.id: one.name for one in settings.counters},
            {one.id: one.name for one in settings.services},
            settings.ratings.labels,
        )

    def counter(self, data: _Data) -> str:
        """Return the name of the counter an event is about; its id when it is not configured."""
        return self.counters.get(data["counter"], str(data["counter"]))

    def service(self, service: str) -> str:
        """Return the name of a service; its id when it is not configured."""
        return self.services.get(service, service)


def news_of(event: Event, names: Names) -> News:
    """Return what an event means; an unknown kind is called by its own name."""
    at = parse_wire_time(event.at).astimezone(HANOI).strftime("%H:%M:%S")
    speak = _SPEAK.get(event.kind)
    if speak is None:
        return News(at, event.kind, event.kind)
    vi, en, tone = speak(event.data, names)
    return News(at, vi, en, tone)


def issue_words(issue: str, subject: str | None) -> str:
    """Return what is wrong and with what, Vietnamese first."""
    vi, en = ISSUES.get(issue, (issue, ""))
    about = f" ({subject})" if subject else ""
    return f"{vi}{about} · {en}" if en else f"{vi}{about}"


def duration(seconds: int) -> str:
    """Return minutes and seconds, ``3:07``; with hours from one on, ``1:02:03``."""
    minutes, rest = divmod(max(0, seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def ticket_label(key: str) -> str:
    """Return the label of a ticket's key: ``A012`` of ``2026-11-23/A/12``."""
    _, series, number = key.split("/")
    return new_label(series, int(number))


_Spoken = tuple[str, str, str]


def _issued(data: _Data, names: Names) -> _Spoken:
    return (f"{data['label']} lấy số: {names.service(data['service'])}", "took a number", "ticket")


def _verb(vi: str, en: str, tone: str = "plain") -> Callable[[_Data, Names], _Spoken]:
    """Return what speaks of a ticket and the counter it is at, if any."""

    def speak(data: _Data, names: Names) -> _Spoken:
        place = names.counter(data) if data["counter"] is not None else ""
        return (vi.format(label=ticket_label(data["ticket"]), counter=place).rstrip(), en, tone)

    return speak


def _transferred(data: _Data, names: Names) -> _Spoken:
    target = data.get("to_counter") or data.get("to_service", "")
    name = names.counters.get(target) or names.service(target)
    return (f"{ticket_label(data['ticket'])} chuyển sang {name}", "transferred", "plain")


def _printed(data: _Data, _names: Names) -> _Spoken:
    return (f"{ticket_label(data['ticket'])} in phiếu: {data['result']}", "printed", "plain")


def _rated(data: _Data, names: Names) -> _Spoken:
    level, levels = data["level"], data["levels"]
    word = names.levels[level - 1] if levels == len(names.levels) else f"mức {level}"
    about = "" if data["ticket"] is None else f" ({ticket_label(data['ticket'])})"
    flags = [*data["flags"], *(["corrected"] if data["corrects"] is not None else [])]
    noted = "".join(f", {FLAG_WORDS[flag][0] if flag in FLAG_WORDS else flag}" for flag in flags)
    noted_en = "".join(f", {FLAG_WORDS[flag][1] if flag in FLAG_WORDS else flag}" for flag in flags)
    return (f"{names.counter(data)}: {word}{about}{noted}", f"rated {level}/{levels}{noted_en}", "rating")


def _staffed(vi: str, en: str) -> Callable[[_Data, Names], _Spoken]:
    return lambda data, names: (f"{names.counter(data)} {vi}", en, "plain")


def _staff(vi: str, en: str) -> Callable[[_Data, Names], _Spoken]:
    return lambda data, _: (vi.format(officer=data["officer"] or "?"), en, "plain")


def _fault(data: _Data, _names: Names) -> _Spoken:
    vi, _, en = issue_words(data["issue"], data["subject"]).partition(" · ")
    return (f"Lỗi: {vi}", en or "fault", "fault")


def _cleared(data: _Data, _names: Names) -> _Spoken:
    vi, _, _ = issue_words(data["issue"], data["subject"]).partition(" · ")
    return (f"Hết lỗi: {vi}", "cleared", "plain")


_SPEAK: Mapping[str, Callable[[_Data, Names], _Spoken]] = {
    "ticket.issued": _issued,
    "ticket.carried": _verb("{label} được chuyển sang ngày mới", "carried over"),
    "ticket.called": _verb("{label} được gọi đến {counter}", "called", "call"),
    "ticket.recalled": _verb("{label} được gọi lại đến {counter}", "called again", "call"),
    "ticket.started": _verb("{label} bắt đầu làm việc ở {counter}", "started"),
    "ticket.held": _verb("{label} tạm dừng ở {counter}", "on hold"),
    "ticket.resumed": _verb("{label} được phục vụ tiếp ở {counter}", "resumed"),
    "ticket.served": _verb("{label} hoàn tất ở {counter}", "served"),
    "ticket.no_show": _verb("{label} gọi mà vắng mặt {counter}", "no-show"),
    "ticket.returned": _verb("{label} trở lại hàng chờ", "back in line", "ticket"),
    "ticket.cancelled": _verb("{label} bị hủy", "canceled"),
    "ticket.transferred": _transferred,
    "ticket.printed": _printed,
    "rating.given": _rated,
    "rating.reason": lambda data, _: (f"Lý do đánh giá: {data['reason']}", "reason", "rating"),
    "counter.opened": _staffed("mở quầy", "opened"),
    "counter.paused": _staffed("tạm nghỉ", "paused"),
    "counter.closed": _staffed("đóng quầy", "closed"),
    "day.opened": lambda data, _: (f"Mở ngày làm việc {data['day']}", "day opened", "plain"),
    "day.closed": lambda data, _: (f"Kết thúc ngày {data['day']}", "day closed", "plain"),
    "device.started": lambda data, _: (f"Thiết bị khởi động ({data['reason']})", "box started", "plain"),
    "device.fault": _fault,
    "device.cleared": _cleared,
    "clock.stepped": lambda data, _: (f"Đồng hồ được chỉnh ({data['source']})", "clock stepped", "plain"),
    "config.applied": lambda data, _: (f"Áp dụng cấu hình {data['sha256'][:8]}", "settings applied", "plain"),
    "hardware.tested": lambda data, _: (f"Thử thiết bị {data['subject']}", "hardware tested", "plain"),
    "staff.signed_in": _staff("{officer} đăng nhập", "signed in"),
    "staff.signed_out": _staff("{officer} đăng xuất", "signed out"),
    "staff.refused": _staff("Từ chối đăng nhập {officer}", "sign-in refused"),
    "journal.pruned": lambda data, _: (f"Sổ bỏ bớt đến #{data['upto']}", "journal pruned", "plain"),
    "journal.salvaged": lambda data, _: (f"Sổ mới sau #{data['upto']}", "journal salvaged", "fault"),
}
