import pytest

from appliance.doctor.examination import exit_code, todo_first
from appliance.doctor.finding import Both, Condition, Level
from appliance.doctor.sheet import as_json, sheet

HOT = Condition("temperature", "temperature", "nhiệt độ").warning(
    Both("78 °C", "78 °C"), Both("cool it", "làm mát")
)
OLD = Condition("card_errors", "card errors", "lỗi thẻ nhớ").broken(
    Both("7 errors", "7 lỗi"), Both("change it", "thay thẻ")
)
DIM = Condition("power", "power", "nguồn điện").unknown(Both("?", "?"), Both("look at the lamp", "nhìn đèn"))
FINE = Condition("network", "network", "mạng").well(Both("2 addresses", "có 2 địa chỉ"))
SHUT = Condition("journal", "journal", "nhật ký").unseen("permission denied", Both("sudo", "dùng sudo"))
NONE = Condition("pins", "pins", "chân GPIO").skipped(Both("not used", "không dùng"))


@pytest.mark.parametrize(
    ("findings", "code"),
    [([FINE, NONE, DIM], 0), ([FINE, HOT], 1), ([HOT, OLD, SHUT], 2), ([HOT, SHUT], 3)],
)
def test_the_exit_code_says_the_worst(findings, code):
    assert exit_code(findings) == code


def test_what_is_broken_is_done_first():
    assert todo_first([DIM, HOT, FINE, SHUT, OLD]) == [OLD, SHUT, HOT, DIM]


def test_the_sheet_has_one_line_each_with_words_and_then_what_to_do():
    assert sheet([FINE, HOT, OLD, NONE, DIM], "xa-01", "vi").splitlines()[1:] == [
        "",
        "✓ tốt        mạng         có 2 địa chỉ",
        "! lưu ý      nhiệt độ     78 °C",
        "✗ HỎNG       lỗi thẻ nhớ  7 lỗi",
        "- bỏ qua     chân GPIO    không dùng",
        "? không rõ   nguồn điện   ?",
        "",
        "Có chỗ hỏng.",
        "",
        "VIỆC CẦN LÀM TRƯỚC:",
        "1. lỗi thẻ nhớ: thay thẻ",
        "2. nhiệt độ: làm mát",
        "",
        "HÃY TỰ XEM:",
        "- nguồn điện: nhìn đèn",
    ]


def test_a_well_box_has_nothing_to_do_in_english_either():
    assert sheet([FINE], "xa-01", "en").splitlines()[2:] == [
        "✓ good      network  2 addresses",
        "",
        "All is well.",
    ]


def test_json_has_both_languages():
    told = as_json([HOT, FINE])
    assert told["exit"] == 1
    assert told["findings"][0] == {
        "key": "temperature",
        "level": "warning",
        "en": "78 °C",
        "vi": "78 °C",
        "todo_en": "cool it",
        "todo_vi": "làm mát",
    }
    assert told["findings"][1]["level"] == Level.WELL.value
    assert told["findings"][1]["todo_vi"] is None
