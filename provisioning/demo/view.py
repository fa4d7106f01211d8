"""Draws a picture: pure, from plain values to what rich prints. The essential fits on 80 by 24 characters."""

from rich.align import Align
from rich.console import Group, RenderableType
from rich.layout import Layout
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from provisioning.demo import glyphs
from provisioning.demo.picture import FLAGS, CounterCard, Devices, Doors, Lamp, Picture, Record
from provisioning.demo.words import FLAG_WORDS, duration

LEAST_WIDTH, LEAST_HEIGHT = 60, 20
WIDE, TALL = 110, 34
"""From this width and height on there is room for more."""
HEAD_CHARS = 8
NAME_CHARS = 8
ENGLISH_CHARS = 15
COUNTERS_ROWS, MIDDLE_ROWS, FOOTER_ROWS = 6, 8, 2

_LED = "bold #ff5a36 on #1c0503"
_QUIET = "grey62"
_TITLE = "bold cyan"
_STATES = {
    "CALLED": ("mời đến", "called", "bold yellow"),
    "SERVING": ("đang làm", "serving", "bold green"),
}
_COUNTER_STATES = {
    "open": "sẵn sàng · open",
    "paused": "tạm nghỉ · paused",
    "closed": "đóng · closed",
}
_QUALITIES = {"synced": "giờ chuẩn", "rtc": "đồng hồ máy", "unsynced": "giờ chưa tin được"}
_CENTER = {
    "up": ("● nối tỉnh", "green"),
    "stopping": ("◌ đang cắt tỉnh", "yellow"),
    "down": ("○ mất đường lên tỉnh", "bold red"),
    "starting": ("◌ đang nối tỉnh", "yellow"),
}
_TONES = {
    "ticket": "white",
    "call": "bold yellow",
    "rating": "bold magenta",
    "receipt": "cyan",
    "fault": "bold red",
}


def draw(picture: Picture, width: int, height: int) -> RenderableType:
    """Return a whole screen.

    Args:
        picture: what to show.
        width: columns.
        height: rows.
    """
    if width < LEAST_WIDTH or height < LEAST_HEIGHT:
        return Text(f"Cửa sổ quá nhỏ: cần 80×24, đang {width}×{height} · window too small")
    is_wide, is_tall = width >= WIDE, height >= TALL
    screen = Layout()
    body = Layout(name="body")
    footer = Layout(_footer(picture, width), size=FOOTER_ROWS)
    doors = [] if picture.doors is None else [Layout(_addresses(picture.doors, width), size=1)]
    screen.split_column(Layout(_header(picture), size=1), *doors, body, footer)
    if picture.is_doors_open:
        body.update(_doors(picture.doors))
        return screen
    if picture.is_help_open:
        body.update(_help(picture))
        return screen
    middle, bottom = Layout(size=MIDDLE_ROWS), Layout()
    body.split_column(
        Layout(_counters(picture, is_tall=is_tall), size=COUNTERS_ROWS + is_tall), middle, bottom
    )
    rest = width - 27
    middle.split_row(
        Layout(_waiting(picture, is_wide=is_wide), size=rest - _ratings_width(picture, is_wide=is_wide)),
        Layout(_devices(picture.devices), size=27),
        Layout(_ratings(picture, is_wide=is_wide), size=_ratings_width(picture, is_wide=is_wide)),
    )
    bottom.split_row(
        Layout(_news(picture, is_wide=is_wide), ratio=1),
        Layout(_record(picture, is_tall=is_tall), size=44 if is_wide else 33),
    )
    return screen


def _header(picture: Picture) -> RenderableType:
    row = Table.grid(expand=True)
    row.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    row.add_column(justify="right", no_wrap=True)
    left = Text.assemble((" motcua ", "bold white on blue"), " ", (picture.office, "bold"))
    center, style = _CENTER[picture.record.center]
    quality = _QUALITIES.get(picture.quality, picture.quality)
    right = Text.assemble((center, style), "  ", (picture.clock, "bold"), (f" {quality} ", _QUIET))
    row.add_row(left, right)
    return row


def _addresses(doors: Doors, width: int) -> RenderableType:
    row = Text(" ", no_wrap=True, overflow="ellipsis")
    for door in doors.doors:
        words = Text.assemble(
            (door.words.partition(" · ")[0], _QUIET), " ", (door.url, "bold bright_blue"), "  "
        )
        if row.cell_len + words.cell_len <= width:
            row.append_text(words)
    hint = Text.assemble((" t ", "#000000 on #b0b0b0"), (" mật khẩu", _QUIET))
    if row.cell_len + hint.cell_len <= width:
        row.append_text(hint)
    return row


def _doors(doors: Doors | None) -> RenderableType:
    if doors is None:
        return _panel(Text("Không mở trang nào · no pages are served", style=_QUIET), "Trang web · pages")
    addresses = Table.grid(padding=(0, 2))
    for door in doors.doors:
        addresses.add_row(Text(door.words, style=_QUIET), Text(door.url, style="bold bright_blue"))
    logins = Table.grid(padding=(0, 2))
    for login in doors.logins:
        logins.add_row(
            Text(login.words, style=_QUIET),
            Text(login.officer, style="bold"),
            Text(login.password, style="bold yellow"),
        )
    logins.add_row(
        Text("mã cài đặt · setup code", style=_QUIET), Text(""), Text(doors.setup_code, style="bold yellow")
    )
    parts: list[RenderableType] = [addresses, Text(""), Text("Đăng nhập · sign in", style=_TITLE), logins]
    if doors.fingerprint:
        parts += [Text("Vân tay chứng thư · fingerprint", style=_TITLE), Text(doors.fingerprint)]
    return _panel(Group(*parts), "Trang web · pages")


def _counters(picture: Picture, *, is_tall: bool) -> RenderableType:
    row = Table.grid(expand=True)
    for _ in picture.counters:
        row.add_column(ratio=1)
    row.add_row(*(_counter(card, is_tall=is_tall) for card in picture.counters))
    return row


def _counter(card: CounterCard, *, is_tall: bool) -> RenderableType:
    vi, en, style = _STATES.get(card.ticket_state or "", ("", "", _QUIET))
    if card.label is None:
        lines = [Text(line, style="grey30") for line in glyphs.big("----")]
        status = Text(_COUNTER_STATES.get(card.state, card.state), style=_QUIET)
    else:
        lines = [Text(line, style=style) for line in glyphs.big(card.label)]
        status = Text.assemble((f"{vi} · {en} ", style), (duration(card.since_s or 0), "bold"))
    if is_tall:
        lines.append(Text(card.service or " ", style=_QUIET))
    status.no_wrap, status.overflow = True, "ellipsis"
    rows = [Align.center(line) for line in (*lines, status)]
    return Panel(
        Group(*rows),
        title=Text(card.name, style="bold"),
        border_style=style if card.label else "grey50",
        padding=0,
    )


def _waiting(picture: Picture, *, is_wide: bool) -> RenderableType:
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(width=1, style="bold")
    table.add_column(no_wrap=True, overflow="ellipsis", width=NAME_CHARS * (2 if is_wide else 1))
    table.add_column(justify="right", width=2, style="bold")
    table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    for line in picture.lines:
        count = len(line.labels)
        labels = Text(" ".join(line.labels), style="yellow" if count else _QUIET)
        table.add_row(line.series, line.name, str(count) if count else "·", labels)
    waiting = sum(len(line.labels) for line in picture.lines)
    issued = sum(line.issued for line in picture.lines)
    return _panel(
        Group(table, Text(f"{waiting} chờ / {issued} số đã lấy", style=_QUIET, no_wrap=True)),
        "Hàng chờ · waiting",
    )


def _devices(devices: Devices) -> RenderableType:
    plug = Text(
        " cắm" if devices.panel_plugged else " RÚT DÂY",
        style="green" if devices.panel_plugged else "bold red",
    )
    led = [Align.center(Text(f" {line} ", style=_LED)) for line in glyphs.big(devices.panel)]
    keypad = Text.assemble(
        ("Phím ", _QUIET),
        (f"{devices.keypad_waiting}│{devices.keypad_ticket}", "bold green on grey11"),
        (f" nhận {devices.keypad_acks}", _QUIET),
    )
    lamps = Text("Đèn ", style=_QUIET, no_wrap=True, overflow="ellipsis")
    for lamp in devices.lamps:
        lamps.append_text(_lamp(lamp, "●", "○")).append(" ")
    beeps = Text.assemble(_lamp(devices.buzzer, "♪", "·"), (f" {devices.beeps}", _QUIET))
    title = Text.assemble(("LED", _TITLE), plug)
    return Panel(Group(*led, keypad, lamps, beeps), title=title, border_style="grey50", padding=0)


def _lamp(lamp: Lamp, lit: str, dark: str) -> Text:
    return Text(
        f"{lamp.name} {lit if lamp.is_on else dark}", style="bold #000000 on yellow" if lamp.is_on else _QUIET
    )


def _ratings_width(picture: Picture, *, is_wide: bool) -> int:
    if not is_wide:
        return 26
    return 10 + 5 * len(picture.levels) + sum(len(FLAG_WORDS[flag][0]) + 1 for flag in FLAGS)


def _ratings(picture: Picture, *, is_wide: bool) -> RenderableType:
    table = Table.grid(padding=(0, 1, 0, 0), expand=False)
    table.add_column(min_width=7, no_wrap=True)
    heads = [Text("")]
    for number, level in enumerate(picture.levels, 1):
        table.add_column(justify="right", min_width=4)
        heads.append(Text(f"{number}■", style=level.color))
    if is_wide:
        for flag in FLAGS:
            table.add_column(justify="right")
            heads.append(Text(FLAG_WORDS[flag][0], style=_QUIET))
    table.add_row(*heads)
    for row in picture.ratings:
        cells = [Text(row.counter, style="bold #000000 on magenta" if row.is_fresh else "")]
        cells += [Text(str(count), style="bold" if count else _QUIET) for count in row.counts]
        if is_wide:
            cells += [Text(str(row.flags.get(flag, 0)), style=_QUIET) for flag in FLAGS]
        table.add_row(*cells)
    return _panel(Group(table, *_rating_notes(picture, is_wide=is_wide)), "Đánh giá · ratings")


def _rating_notes(picture: Picture, *, is_wide: bool) -> list[Text]:
    if is_wide:
        legend = Text(no_wrap=True, overflow="ellipsis")
        for number, level in enumerate(picture.levels, 1):
            legend.append(f"{number}■ {level.label} ", style=level.color)
        return [legend]
    sums = {flag: sum(row.flags.get(flag, 0) for row in picture.ratings) for flag in FLAGS}
    words = [f"{FLAG_WORDS[flag][0]} {sums[flag]}" for flag in FLAGS]
    return [Text(" ".join(part), style=_QUIET, no_wrap=True) for part in (words[:3], words[3:])]


def _news(picture: Picture, *, is_wide: bool) -> RenderableType:
    rows = Table.grid(padding=(0, 1), expand=True)
    rows.add_column(style=_QUIET, no_wrap=True)
    rows.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    if is_wide:
        rows.add_column(style=_QUIET, no_wrap=True, overflow="ellipsis", max_width=ENGLISH_CHARS)
    for news in reversed(picture.news):
        cells = [Text(news.at), Text(news.vi, style=_TONES.get(news.tone, ""))]
        rows.add_row(*cells, *([Text(news.en)] if is_wide else []))
    note = Text(picture.note, style="bold yellow")
    if picture.is_paused:
        note = Text.assemble((" TẠM DỪNG · paused ", "bold #000000 on yellow"))
    panel = _panel(rows, "Vừa xảy ra · events")
    panel.subtitle = note or None
    return panel


def _record(picture: Picture, *, is_tall: bool) -> RenderableType:
    record = picture.record
    chain = Text.assemble(
        ("Sổ ", _QUIET),
        (f"#{record.seq}", "bold"),
        (" đầu ", _QUIET),
        (record.head[:HEAD_CHARS], "bold green"),
        (f" {record.epoch[:HEAD_CHARS]}…", _QUIET),
    )
    lines = [chain, *_receipt_lines(record)]
    if record.recording_stopped is not None:
        lines.insert(0, Text(f"NGỪNG GHI SỔ: {record.recording_stopped}", style="bold white on red"))
    lines += [Text(f"! {issue}", style="bold red") for issue in picture.issues] or [
        Text("Không có sự cố · no issues", style="green")
    ]
    if is_tall:
        lines.append(Text("Biên nhận của tỉnh · receipts", style=_TITLE))
        lines += [
            Text.assemble((f"{one.at} ", _QUIET), (f"đến #{one.upto}", "bold cyan"), f" (+{one.events})")
            for one in record.receipts
        ]
    for line in lines:
        line.no_wrap, line.overflow = True, "ellipsis"
    return _panel(Group(*lines), "Sổ và biên nhận · journal")


def _receipt_lines(record: Record) -> list[Text]:
    if not record.enrolled:
        return [Text("Đang đăng ký với tỉnh… · enrolling", style="yellow")]
    waiting = "?" if record.unreceipted is None else str(record.unreceipted)
    behind = "bold yellow" if record.unreceipted else "bold green"
    receipted = Text.assemble(
        ("Tỉnh đã nhận ", _QUIET), (f"#{record.mark}", "bold cyan"), (" còn ", _QUIET), (waiting, behind)
    )
    age = "–" if record.receipt_age_s is None else duration(record.receipt_age_s)
    coming = "–" if record.next_s is None else f"{record.next_s}s"
    times = Text.assemble(("Nhận cách đây ", _QUIET), age, (", gửi sau ", _QUIET), coming)
    # That the center is away is said at the top already.
    error = record.error if record.center == "up" else None
    return [receipted, times, *([Text(error, style="yellow")] if error else [])]


def _footer(picture: Picture, width: int) -> RenderableType:
    rows = [Text(no_wrap=True)]
    for hint in picture.hints:
        words = Text.assemble((f" {hint.keys} ", "#000000 on #b0b0b0"), (f" {hint.vi} ", _QUIET))
        if rows[-1].cell_len + words.cell_len > width:
            rows.append(Text(no_wrap=True))
        rows[-1].append_text(words)
    return Group(*rows)


def _help(picture: Picture) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    for hint in picture.hints:
        table.add_row(Text(hint.keys, style="bold yellow"), Text(hint.long_vi), Text(hint.en, style=_QUIET))
    about = Text(
        "Mọi thứ trên màn hình đến từ một văn phòng và một máy chủ tỉnh đang chạy; "
        "chỉ phần cứng là giả lập. · "
        "All of it comes from a running office and center; only the hardware is emulated.",
        style=_QUIET,
    )
    return _panel(Group(table, Text(""), about), "Trợ giúp · help")


def _panel(content: RenderableType, title: str) -> Panel:
    return Panel(
        content, title=Text(title, style=_TITLE), title_align="left", border_style="grey50", padding=0
    )
