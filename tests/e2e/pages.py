"""Every page that a person meets: who looks at it, where, and what must have happened before."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from house import House

from appliance.doctor.finding import Both
from appliance.doctor.gate_test import leaving
from appliance.doctor.gate_test.trial import AIR, GATE, OFFICE, RULES
from appliance.pages.formats import HANOI
from appliance.sockets import abilities, gate, gate_test


@dataclass(frozen=True, slots=True)
class Shown:
    """One page.

    Args:
        name: of its screenshots.
        path: its address; ``{ticket}``, ``{called}``, ``{served}`` are tokens of tickets in that state.
        who: ``own`` (the box's own screen), ``phone``, or the id of who signs in.
        until: a selector that tells that the page is there.
    """

    name: str
    path: str
    who: str = "own"
    until: str = "main"


PRIORITY = "elderly"
RADIO = abilities.Capabilities(
    at="2026-11-23T01:00:00.000000Z",
    radio="builtin",
    interface="wlan0",
    driver="brcmfmac",
    firmware="01-996384e2",
    is_there=True,
    has_ap=True,
    most_clients=8,
    bands=("2.4", "5"),
    isolation=None,
    wpa3=False,
    owe=False,
    shaper="cake",
    announces_portal=True,
    notes=(
        abilities.Note(
            en="Whether guests are kept apart only a test with two phones can tell.",
            vi="Hai máy khách có thấy nhau không thì phải thử bằng hai điện thoại.",
        ),
    ),
)

PAGES = (
    Shown("entrance", "/"),
    Shown("sign-in", "/sign-in"),
    Shown("setup", "/setup"),
    Shown("box", "/box"),
    Shown("design", "/design"),
    Shown("kiosk", "/kiosk"),
    Shown("kiosk-ticket", "/kiosk/tickets/{ticket}"),
    Shown("display", "/display"),
    Shown("rate", "/rate/quay-3"),
    Shown("counter", "/counters?c=quay-1", "lan"),
    Shown("counters", "/counters?c=quay-1&c=quay-2", "lan"),
    Shown("me", "/me", "lan"),
    Shown("clock", "/clock", "lan"),
    Shown("supervisor", "/supervisor", "minh"),
    Shown("health", "/health", "tuan"),
    Shown("numbers", "/health/numbers", "tuan"),
    Shown("accounts", "/accounts", "tuan"),
    Shown("settings", "/settings", "tuan"),
    Shown("settings-services", "/settings/services", "tuan"),
    Shown("settings-counters", "/settings/counters", "tuan"),
    Shown("settings-hours", "/settings/hours", "tuan"),
    Shown("settings-holidays", "/settings/holidays", "tuan"),
    Shown("settings-ratings", "/settings/ratings", "tuan"),
    Shown("settings-priorities", "/settings/priorities", "tuan"),
    Shown("settings-wifi", "/settings/wifi", "tuan"),
    Shown("settings-procedures", "/settings/procedures", "tuan"),
    Shown("settings-history", "/settings/history", "tuan"),
    Shown("wifi", "/wifi", "minh", ".hours"),
    Shown("wifi-devices", "/wifi/devices", "tuan", ".devices"),
    Shown("wifi-capabilities", "/wifi/capabilities", "tuan", ".able"),
    Shown("wifi-test", "/wifi/test", "tuan", ".hint"),
    Shown("wifi-poster", "/wifi/poster", "minh"),
    Shown("wifi-poster-a6", "/wifi/poster?size=a6", "minh"),
    Shown("bench", "/bench", "tuan"),
    Shown("doctor", "/bench/doctor", "tuan"),
    Shown("handover", "/bench/handover", "tuan"),
    Shown("handover-sheet", "/bench/handover/sheet", "tuan"),
    Shown("phone-waiting", "/t/{ticket}", "phone"),
    Shown("phone-called", "/t/{called}", "phone"),
    Shown("phone-rate", "/t/{served}", "phone"),
    Shown("phone-start", "/", "phone"),
    Shown("phone-unknown", "/t/A999-AAAAAAAAAAAAAAAA", "phone"),
    Shown("not-found", "/nowhere"),
)


def morning(house: House) -> dict[str, str]:
    """Let a morning pass in the hall; return the tokens of a waiting, a called and a served ticket.

    Every state of a ticket and of a counter is there to be seen.
    """
    ask, request = house.ask, _requests()
    _wifi(house)
    for counter, officer in (("quay-1", "lan"), ("quay-2", "hoa"), ("quay-3", "nam")):
        ask(f"counters/{counter}/open", officer=officer, request=request())
    served = house.take("dat-dai")
    for service in (
        "dat-dai",
        "ho-tich",
        "ho-tich",
        "bao-tro",
        "cu-tru",
        "ho-tich",
        "tra-ket-qua",
        "dat-dai",
    ):
        ask("tickets", service=service, request=request())
    ask("tickets", service="bao-tro", priority=PRIORITY, request=request())
    for verb in ("call-next", "start", "complete"):
        ask(f"counters/quay-2/{verb}", request=request())
    ask("counters/quay-2/call-next", request=request())
    ask("counters/quay-2/start", request=request())
    ask("counters/quay-2/hold", request=request())
    ask("counters/quay-1/call-next", request=request())
    ask("counters/quay-1/no-show", request=request())
    ask("counters/quay-3/call-next", request=request())
    ask("counters/quay-3/start", request=request())
    called = house.take("tra-ket-qua")
    house.call(called, "quay-1")
    waiting = house.take("ho-tich")
    return {"ticket": waiting.token, "called": called.token, "served": served.token}


TESTED = (
    GATE.well(Both("answers", "trả lời")),
    RULES.well(Both("61 rules, as they must be", "61 quy tắc, đúng như phải có")),
    OFFICE.broken(
        Both("NOT as it must be: 192.168.1.20 443: open", "KHÔNG đúng như phải có: 192.168.1.20 443: mở"),
        Both("turn the public WiFi off until it is repaired", "tắt WiFi công cộng cho đến khi sửa xong"),
    ),
    AIR.unknown(
        Both("the radio does not say", "bộ phát không cho biết"),
        Both("try it with two phones", "tự thử bằng hai điện thoại"),
    ),
)


def _wifi(house: House) -> None:
    """Let the gate have looked at its radio, and tell of the hours of this day."""
    path = house.gate.folder / abilities.FILE
    path.write_bytes(RADIO.line())
    leaving.leave(leaving.told(TESTED, RADIO.at), path.with_name(gate_test.FILE))
    now = datetime.now(HANOI)
    for hour in range(now.hour + 1):
        text = f"{now:%Y-%m-%d}T{hour:02d}"
        usage = gate.Usage(hour=text, suppressed=True)
        if hour not in {1, 2, 3}:
            usage = gate.Usage(
                hour=text, sessions=9 + hour, peak_clients=5 + hour // 2, refused=hour % 4,
                bytes_down=(310 + 61 * hour) * 1_048_576, bytes_up=(12 + 5 * hour) * 1_048_576,
            )  # fmt: skip
        house.gate.tell(usage)
    house.gate.until(lambda it: len(it.taken) == now.hour + 1)


def _requests() -> Callable[[], str]:
    numbers = iter(range(1, 1_000_000))
    return lambda: f"morning-{next(numbers)}"
