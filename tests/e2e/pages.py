"""Every page that a person meets: who looks at it, where, and what must have happened before."""

from collections.abc import Callable
from dataclasses import dataclass

from house import House


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
    Shown("settings-history", "/settings/history", "tuan"),
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


def _requests() -> Callable[[], str]:
    numbers = iter(range(1, 1_000_000))
    return lambda: f"morning-{next(numbers)}"
