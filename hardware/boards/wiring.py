"""The wiring document's tables, made from the profiles so that paper and software cannot disagree.

``python -m hardware.boards docs/wiring.md`` writes them anew between the document's marks.
"""

from hardware.boards.loader import BUZZER, HEADER, PIS, BoardProfile, load_board

BEGIN = "<!-- wiring table: begin (made by python -m hardware.boards docs/wiring.md) -->"
END = "<!-- wiring table: end -->"


def wiring_table() -> str:
    """Return one Markdown table per model of the Pi, in the order of the profile."""
    return "\n\n".join(_board_table(load_board(name)) for name in PIS)


def refreshed(document: str) -> str:
    """Return ``document`` with the tables between its marks made anew.

    Raises:
        ValueError: the marks are missing.
    """
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the document lacks the marks {BEGIN!r} and {END!r}; put them around the tables")
    return f"{before}{BEGIN}\n\n{wiring_table()}\n\n{END}{after}"


def _board_table(board: BoardProfile) -> str:
    rows = [
        (name, pin.pin, f"nút bấm / button, pull {pin.pull}, active {pin.active}")
        for name, pin in board.buttons.items()
    ]
    rows += [(name, pin.pin, f"đèn / lamp, active {pin.active}") for name, pin in board.lamps.items()]
    if board.buzzer:
        rows.append((BUZZER, board.buzzer.pin, f"còi / buzzer, active {board.buzzer.active}"))
    for name, uart in board.uarts.items():
        rows += [(f"uart {name}", pin, f"cổng nối tiếp / serial port {uart.device}") for pin in uart.pins]
    for name, pins in board.reserved.items():
        rows += [(name, pin, "để dành / reserved") for pin in pins]
    lines = [
        f"### {board.name}: {board.model}",
        "",
        "| Tên / name | BCM | Chân trên đầu nối / header pin | Loại / kind |",
        "|---|---|---|---|",
        *(f"| `{name}` | {pin} | {HEADER[pin]} | {kind} |" for name, pin, kind in rows),
    ]
    return "\n".join(lines)
