import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.codecs.digit_panel import SHOWABLE, DigitPanelText
from hardware.errors import PanelTextError


def test_call_on_six_digits_has_the_golden_bytes() -> None:
    request = DigitPanelText.call("A012", 3, 6).to_request(1)
    assert request.to_bytes() == bytes.fromhex(
        "01 10 00 00 00 06 0C 00 41 00 30 00 31 00 32 00 20 00 33 57 33"
    )


@pytest.mark.parametrize(
    ("label", "counter", "digits", "text"),
    [
        ("A012", 3, 6, "A012 3"),
        ("A012", 12, 6, "A01212"),
        ("B7", 1, 6, "B7   1"),
        ("A012", 3, 5, "A012 "),
        ("A012", 3, 4, "A012"),
        ("A0123", 3, 5, "A0123"),
    ],
)
def test_call_is_laid_out_by_width(label: str, counter: int, digits: int, text: str) -> None:
    shown = DigitPanelText.call(label, counter, digits)
    assert shown.text == text
    assert len(shown.registers) == digits


def test_blank_panel_is_all_spaces() -> None:
    assert DigitPanelText.blank(4).registers == (32, 32, 32, 32)


@given(st.integers(4, 6).flatmap(lambda n: st.text(SHOWABLE, min_size=n, max_size=n)))
def test_registers_read_back_as_the_text(text: str) -> None:
    assert bytes(DigitPanelText(text, len(text)).registers).decode("ascii") == text


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (
            lambda: DigitPanelText("AB", 4),
            "the panel of 4 digits cannot show 'AB': it has 2 characters; use 4 characters, blanks included",
        ),
        (
            lambda: DigitPanelText.left("Ấ012", 4),
            (
                "the panel of 4 digits cannot show 'Ấ012': it has the character 'Ấ'; "
                "use 0-9, A-Z, hyphen or blank"
            ),
        ),
        (
            lambda: DigitPanelText.blank(7),
            "the panel of 7 digits cannot show '       ': no such panel; use 4 to 6 digits",
        ),
        (
            lambda: DigitPanelText.call("A0123", 3, 6),
            (
                "the panel of 6 digits cannot show 'A0123 3': it needs 4 characters for the label and 2 for "
                "the counter; use a label such as A012 and a counter of 1 to 99"
            ),
        ),
        (
            lambda: DigitPanelText.call("A012", 100, 6),
            (
                "the panel of 6 digits cannot show 'A012 100': it needs 4 characters for the label and 2 for "
                "the counter; use a label such as A012 and a counter of 1 to 99"
            ),
        ),
    ],
)
def test_text_that_does_not_fit_is_refused(build: object, message: str) -> None:
    assert callable(build)
    with pytest.raises(PanelTextError) as raised:
        build()
    assert str(raised.value) == message
    assert isinstance(raised.value, ValueError)
