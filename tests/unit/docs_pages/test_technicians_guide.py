"""docs/vi/huong-dan-ky-thuat.md: what it quotes is what the code has.

Its commands are run by ``tests/integration/guide``.
"""

import ast
import re
import tomllib

import pytest
from guide_text import FILES, PAGE, PLACES, ROOT, TEXT, blocks, commands, table

from appliance.config.keys import known_keys, tables
from appliance.firstboot.report import FILE_NAME
from appliance.office import bench, thanks
from appliance.pages.rendering import Renderer
from appliance.web.access import TABLE
from hardware.boards.loader import BUZZER, HEADER, PIS, load_board
from hardware.codecs import digit_panel, ff68
from hardware.codecs.ff68 import Key, OkDigit
from provisioning.card.disks import MOST_BYTES
from provisioning.image import layout, texts, tree
from provisioning.image.packages import TOOLS

PRESETS = sorted((ROOT / "appliance" / "firstboot" / "presets").glob("*.toml"))
HERE = frozenset({"/dev/serial/by-id/", "/dev/sdX", "/media/motcua", "/media/the"})
"""Places of a file system, not of the staff app."""
INLINE = re.compile(r"`([^`\n]+)`")
QUOTE = re.compile(r"“([^”]+)”")
PROSE = re.sub(r"^```.*?^```$", "", TEXT, flags=re.MULTILINE | re.DOTALL)
QUOTED = sorted(set(INLINE.findall(PROSE)))


def urls():
    found = {word for word in QUOTED if re.fullmatch(r"/[\w/.?=-]*", word)}
    return {word.partition("?")[0] for word in found - HERE}


def settings_named():
    """Whatever looks like a setting and not like a file, a button or a lamp."""
    dotted = {word for word in QUOTED if re.fullmatch(r"[a-z]+\.[a-z_]+", word)}
    return {word for word in dotted if word.rpartition(".")[2] not in {"toml", "csv", "img", "txt"}}


def sources():
    """All that the software of a box and its pages say."""
    suffixes = {".py", ".html", ".po"}
    found = [path for path in (ROOT / "appliance").rglob("*") if path.suffix in suffixes]
    return "\n".join(path.read_text("utf-8") for path in found)


@pytest.fixture(scope="module")
def words_of_the_code():
    return sources()


def ms(value):
    return f"{value // 1000} giây" if value % 1000 == 0 else f"{value} ms"


def test_every_block_is_of_a_kind_that_is_run_or_checked():
    known = {*FILES, *(f"sh {place}" for place in PLACES)}
    assert [kind for kind, _ in blocks() if kind not in known] == []
    assert {kind for kind, _ in blocks()} == known


def test_no_command_hides_outside_of_a_block():
    hidden = [line for line in TEXT.splitlines() if re.match(r"\s+(sudo |\.venv/bin/)?motcua ", line)]
    assert hidden == []


def test_the_packages_are_those_that_the_builder_asks_for():
    [install] = [each for each in commands() if each.words[0] == "apt-get"]
    assert list(install.words[3:]) == sorted(set(TOOLS.values()))


def test_the_image_is_called_what_the_builder_calls_it():
    [build] = [each for each in commands() if each.names == ("motcua", "image", "build")]
    image = f"{build.words[build.words.index('--out') + 1]}/motcua-office.img"
    named = [each.words[each.words.index("--image") + 1] for each in commands() if "--image" in each.words]
    assert set(named) == {image}
    source = (ROOT / "provisioning" / "image" / "builder.py").read_text("utf-8")
    assert 'name = f"motcua-{profile}"' in source
    assert 'out / f"{name}.img"' in source
    assert '.sha256"' in source
    assert {f"`{image}`", f"`{image}.sha256`"} <= {f"`{word}`" for word in QUOTED}


@pytest.mark.parametrize("url", sorted(urls()))
def test_every_page_is_one_of_the_staff_app(url):
    assert ("GET", url) in TABLE


def test_many_pages_are_quoted():
    assert {"/health", "/bench/handover", "/health/numbers", "/setup/reset", "/kiosk"} <= urls()


def test_every_setting_exists():
    assert settings_named() - set(known_keys()) == set()
    assert len(settings_named()) >= 5


@pytest.mark.parametrize("words", sorted(set(QUOTE.findall(PROSE))))
def test_every_word_of_a_page_is_on_one(words, words_of_the_code):
    assert words in words_of_the_code


def test_the_results_are_those_of_the_code():
    source = (ROOT / "appliance" / "firstboot" / "report.py").read_text("utf-8")
    heads = set(re.findall(r'"(KẾT QUẢ: [^"]+)"', source))
    told = {cell.strip("“”") for cell, _ in table(f"dòng đầu của `{FILE_NAME}`")}
    assert len(heads) == 3
    assert heads <= told


def test_every_issue_is_explained_under_the_words_of_the_page():
    operations = (ROOT / "docs" / "operations.md").read_text("utf-8")
    section = operations.partition("\n### What is wrong\n")[2].partition("\n### ")[0]
    keys = re.findall(r"^\| `(\w+)`", section, re.MULTILINE)
    pages = Renderer.open()
    rows = table("khóa")
    assert [key.strip("`") for key, *_ in rows] == keys
    for key, title, meaning, remedy in rows:
        word = str(pages.macro("supervisor/state.html", "fault_word", "vi", key.strip("`"))).strip()
        assert title == f"“{word}”"
        assert meaning.endswith(".")
        assert remedy.endswith(".")


def test_the_pins_are_those_of_the_board():
    board = load_board("pi4")
    pins = {**board.buttons, **board.lamps, BUZZER: board.buzzer}
    told = {name.strip("`"): int(place) for _, name, place in table("nối gì")}
    assert told == {name: HEADER[pin.pin] for name, pin in pins.items()}
    assert {pin.active for name, pin in pins.items() if name not in board.buttons} == {"high"}
    assert "kích mức cao" in TEXT


def test_the_boards_are_all_named():
    assert {f"`{name}`" for name in PIS} <= {f"`{word}`" for word in QUOTED}


def test_lamps_and_beeps_last_as_long_as_they_say():
    told = "\n".join(seen for seen, _ in table("thấy, nghe gì"))
    assert f"({ms(thanks.BEEP_MS)})" in told
    assert f"Đèn cảm ơn sáng {ms(thanks.LAMP_MS)}" in told
    assert f"Đèn sáng {ms(bench.TEST_MS)} hoặc còi kêu {ms(bench.BEEP_MS)}" in told
    assert f"số 8 ở mọi ô trong {ms(bench.PANEL_MS)}" in told
    meanings = "\n".join(meaning for _, meaning in table("thấy, nghe gì"))
    assert f"nhiều nhất {ff68.MAX_NUMBER}" in meanings


def test_nothing_else_lights_or_sounds():
    """A new pattern anywhere in the box's software needs a row in the guide's table of lamps and beeps."""
    found = set()
    for path in (ROOT / "appliance").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if node.func.attr in {"pulse", "beep", "acknowledge", "start_rating", "light_up", "on", "off"}:
                found.add((path.relative_to(ROOT / "appliance").as_posix(), node.func.attr))
    assert found == {
        ("office/thanks.py", "pulse"),
        ("office/thanks.py", "beep"),
        ("office/bench.py", "pulse"),
        ("office/bench.py", "beep"),
        ("office/bench.py", "light_up"),
        ("office/keypads.py", "acknowledge"),
        ("office/keypads.py", "start_rating"),
    }


def test_the_keys_of_a_keypad_are_those_of_the_code():
    codes = {code.strip("`"): (name, what) for name, code, what in table("phím")}
    assert {int(code, 16) for code in codes} == set(Key) - {Key.CANCEL, Key.ONE_METER_LINE}
    _, confirmed = codes[f"{Key.OK:02X}"]
    assert {int(digit) for digit in re.findall(r"`(\d)` rồi OK", confirmed)} == set(OkDigit)


def test_cards_are_of_a_size_that_fits_and_may_be_written():
    used = layout.offset_mib(layout.DATA) + layout.DATA.size_mib
    smallest, largest = map(int, re.search(r"nhỏ nhất (\d+) GB, lớn nhất (\d+) GB", TEXT).groups())
    assert used * layout.MIB < smallest * 10**9
    assert largest * 10**9 == MOST_BYTES
    wanted = int(re.search(r"từ (\d+) GB", TEXT).group(1)) * 10**9
    journal = next(
        int(setting.default)
        for each in tables()
        for setting in each.settings
        if setting.key == "journal.max_mib"
    )
    assert (used + journal) * layout.MIB < wanted


def test_labels_and_names_are_those_of_the_image():
    assert f"`{layout.BOOT_LABEL}`" in TEXT
    assert f"tên là `{tree.HOST}`" in TEXT
    [rule] = (ROOT / "systemd" / "udev" / "rules.d").glob("*stick.rules")
    assert 'ENV{ID_FS_LABEL}=="MOTCUA"' in rule.read_text("utf-8")
    assert 'ENV{ID_FS_TYPE}=="vfat|exfat"' in rule.read_text("utf-8")
    assert "FAT32 hoặc exFAT, đặt nhãn `MOTCUA`" in TEXT
    assert {"getty@.service", "serial-getty@.service"} <= set(tree.MASKED)
    assert "config.txt" in TEXT
    assert "kernel=" in texts.firmware_config()


def test_times_are_those_of_the_code():
    unit = (ROOT / "systemd" / "motcua-firstboot.service").read_text("utf-8")
    longest = re.search(r"TimeoutStartSec=(\d+)", unit).group(1)
    assert f"lâu nhất {longest} giây" in TEXT
    script = (ROOT / "appliance" / "pages" / "static" / "setup_mode.js").read_text("utf-8")
    assert "EVERY_MS = 4000" in script
    assert "xem lại cứ bốn giây một lần" in TEXT
    defaults = {setting.key: setting.default for each in tables() for setting in each.settings}
    assert f"`ratings.stuck_s` ({defaults['ratings.stuck_s']} giây)" in TEXT
    assert f"`journal.warn_free_mib` ({defaults['journal.warn_free_mib']} MiB)" in TEXT
    every_s = {tomllib.loads(path.read_text("utf-8"))["uplink"]["interval_s"] for path in PRESETS}
    assert every_s == {300}
    assert "cứ 5 phút gửi một lần" in TEXT
    assert digit_panel.MIN_DIGITS == 4
    assert f"{digit_panel.MIN_DIGITS} đến {digit_panel.MAX_DIGITS} chữ số" in TEXT


def test_the_port_is_that_of_the_staff_app():
    [table_of_web] = [each for each in tables() if each.header == "[web]"]
    port = next(setting.default for setting in table_of_web.settings if setting.key == "web.port")
    assert set(re.findall(r"ĐỊA_CHỈ:(\d+)", TEXT)) == {port}


def test_both_languages_of_the_readme_lead_to_it():
    text = (ROOT / "README.md").read_text("utf-8")
    for language in text.split("\n## ")[1:]:
        assert f"({PAGE.relative_to(ROOT)})" in language
