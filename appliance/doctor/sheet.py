"""The findings as a sheet: one line each, words beside the signs, so that a photograph of it can be read."""

import unicodedata
from collections.abc import Sequence
from typing import Any, Literal

from appliance import __version__
from appliance.doctor.examination import exit_code, todo_first
from appliance.doctor.finding import Both, Finding, Level

Lang = Literal["vi", "en"]
MARKS = {
    Level.WELL: ("✓", Both("good", "tốt")),
    Level.WARNING: ("!", Both("warning", "lưu ý")),
    Level.BROKEN: ("✗", Both("BROKEN", "HỎNG")),
    Level.UNKNOWN: ("?", Both("unknown", "không rõ")),
    Level.SKIPPED: ("-", Both("skipped", "bỏ qua")),
    Level.UNSEEN: ("#", Both("NOT SEEN", "KHÔNG XEM")),
}
VERDICTS = (
    Both("All is well.", "Thiết bị tốt."),
    Both("It works; see to the warnings.", "Thiết bị chạy được; hãy xem các lưu ý."),
    Both("Something is broken.", "Có chỗ hỏng."),
    Both("The doctor could not look at everything.", "Không kiểm tra được hết."),
)
"""By exit code."""


def sheet(findings: Sequence[Finding], name: str, lang: Lang, program: str = "motcua doctor") -> str:
    """Return the sheet.

    Args:
        findings: in their order.
        name: of the box, or an empty text.
        lang: ``vi`` or ``en``.
        program: whose it is.
    """
    wide = max(_width(_in(finding.title, lang)) for finding in findings)
    most = max(_width(_in(word, lang)) for _, word in MARKS.values())
    lines = [f"{program} {__version__} {name}".rstrip(), ""]
    for finding in findings:
        sign, word = MARKS[finding.level]
        lines.append(
            f"{sign} {_filled(_in(word, lang), most)}  {_filled(_in(finding.title, lang), wide)}"
            f"  {_in(finding.said, lang)}"
        )
    todos = [finding for finding in todo_first(findings) if finding.level is not Level.UNKNOWN]
    maybe = [finding for finding in todo_first(findings) if finding.level is Level.UNKNOWN]
    lines += ["", _in(VERDICTS[exit_code(findings)], lang)]
    if todos:
        lines += ["", _in(Both("DO FIRST:", "VIỆC CẦN LÀM TRƯỚC:"), lang)]
        lines += [f"{number}. {_task(finding, lang)}" for number, finding in enumerate(todos, 1)]
    if maybe:
        lines += ["", _in(Both("LOOK YOURSELF:", "HÃY TỰ XEM:"), lang)]
        lines += [f"- {_task(finding, lang)}" for finding in maybe]
    return "\n".join(lines) + "\n"


def as_json(findings: Sequence[Finding]) -> dict[str, Any]:
    """Return the findings for programs, in both languages."""
    return {
        "software": __version__,
        "exit": exit_code(findings),
        "findings": [
            {
                "key": finding.key,
                "level": finding.level.value,
                "en": finding.said.en,
                "vi": finding.said.vi,
                "todo_en": None if finding.todo is None else finding.todo.en,
                "todo_vi": None if finding.todo is None else finding.todo.vi,
            }
            for finding in findings
        ],
    }


def _task(finding: Finding, lang: Lang) -> str:
    return f"{_in(finding.title, lang)}: {_in(finding.todo or finding.said, lang)}"


def _in(both: Both, lang: Lang) -> str:
    return both.vi if lang == "vi" else both.en


def _width(text: str) -> int:
    return len(unicodedata.normalize("NFC", text))


def _filled(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
