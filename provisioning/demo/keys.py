"""What each key does, and how keys are read from the bytes of a terminal."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from appliance.config import Settings
from provisioning.demo.picture import Hint


@dataclass(frozen=True, slots=True)
class TakeNumber:
    """Press the take-a-number button of this place on the wall, from 1."""

    place: int


@dataclass(frozen=True, slots=True)
class Rate:
    """Press a satisfaction button; ``buttons`` is the set, ``level`` 1 the worst."""

    buttons: int
    level: int


@dataclass(frozen=True, slots=True)
class CallNext:
    """Press the keypad's call key."""


@dataclass(frozen=True, slots=True)
class Recall:
    """Press the keypad's recall key."""


@dataclass(frozen=True, slots=True)
class Evaluate:
    """Press the evaluator's best key."""


@dataclass(frozen=True, slots=True)
class TogglePanel:
    """Unplug the panel's line, or plug it in again."""


@dataclass(frozen=True, slots=True)
class ToggleCenter:
    """Take the province away, or bring it back."""


@dataclass(frozen=True, slots=True)
class TogglePause:
    """Pause the script, or go on."""


@dataclass(frozen=True, slots=True)
class ToggleHelp:
    """Show the keys, or the hall again."""


@dataclass(frozen=True, slots=True)
class ToggleDoors:
    """Show the addresses of the pages and who may sign in, or the hall again."""


@dataclass(frozen=True, slots=True)
class Quit:
    """End the demo."""


Action = (
    TakeNumber
    | Rate
    | CallNext
    | Recall
    | Evaluate
    | TogglePanel
    | ToggleCenter
    | TogglePause
    | ToggleHelp
    | ToggleDoors
    | Quit
)

KEYS: Mapping[str, Action] = {
    **{str(place): TakeNumber(place) for place in range(1, 5)},
    **{key: Rate(1, level) for level, key in enumerate("qwe", 1)},
    **{key: Rate(2, level) for level, key in enumerate("asd", 1)},
    "c": CallNext(),
    "r": Recall(),
    "f": Evaluate(),
    "u": TogglePanel(),
    "k": ToggleCenter(),
    "p": TogglePause(),
    "t": ToggleDoors(),
    "?": ToggleHelp(),
    "x": Quit(),
    "\x03": Quit(),
}

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|.)?", re.DOTALL)


def actions_in(data: bytes) -> list[Action]:
    """Return the actions of what a terminal sent; arrows, function keys and unknown keys mean nothing."""
    text = _ESCAPES.sub("", data.decode("utf-8", errors="ignore")).lower()
    return [KEYS[char] for char in text if char in KEYS]


def hints(settings: Settings) -> tuple[Hint, ...]:
    """Return what the keys do in this office."""
    by_buttons = {one.rating_buttons: one.name for one in settings.counters if one.rating_buttons}
    keypad = next((one.name for one in settings.counters if one.keypad is not None), "")
    best = settings.ratings.labels[-1].lower()
    worst = settings.ratings.labels[0].lower()
    rate = [
        Hint(
            keys,
            f"chấm {by_buttons[number]}",
            f"bấm nút đánh giá ở {by_buttons[number]}: {worst} … {best}",
            "rate",
        )
        for number, keys in ((1, "q/w/e"), (2, "a/s/d"))
        if number in by_buttons
    ]
    return (
        Hint("1–4", "lấy số", "bấm nút lấy số của từng lĩnh vực", "take a number"),
        *rate,
        Hint("c", "gọi số", f"gọi số tiếp theo ở {keypad} (bàn phím của cán bộ)", "call next"),
        Hint("r", "gọi lại", f"gọi lại số đang ở {keypad}", "recall"),
        Hint("f", best, f"bấm {best} trên máy đánh giá ở {keypad}", "evaluator"),
        Hint("u", "dây LED", "rút hoặc cắm dây của bảng LED", "panel cable"),
        Hint("k", "mạng", "cắt hoặc nối lại đường lên tỉnh", "uplink"),
        Hint("p", "dừng", "tạm dừng hoặc chạy tiếp kịch bản", "pause"),
        Hint("t", "trang", "địa chỉ các trang và ai đăng nhập bằng gì", "pages, passwords"),
        Hint("?", "giúp", "mở hoặc đóng trang này", "help"),
        Hint("x", "thoát", "thoát (cũng như Ctrl-C)", "quit"),
    )
