import string

from provisioning.demo import glyphs


def test_big_letters_are_three_rows_of_equal_width() -> None:
    for char in string.ascii_uppercase + string.digits + " -?":
        rows = glyphs.big(char)
        assert [len(row) for row in rows] == [3] * glyphs.ROWS


def test_every_letter_and_digit_looks_different() -> None:
    drawn = {tuple(glyphs.big(char)) for char in string.digits + string.ascii_uppercase}
    assert (
        len(drawn) == len(string.digits + string.ascii_uppercase) - 2
    )  # 0 and O, 5 and S, as on real panels


def test_text_is_drawn_with_a_column_between() -> None:
    assert glyphs.big("A1") == ["█▀█ ▄█ ", "█▀█  █ ", "▀ ▀ ▀▀▀"]


def test_strangers_are_question_marks() -> None:
    assert glyphs.big("?") == glyphs.big("*")
