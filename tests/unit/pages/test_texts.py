import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.pages import texts


def test_vietnamese_says_what_the_catalogs_say():
    assert texts.of("vi").gettext("Waiting") == "Đang chờ"


def test_english_needs_no_catalog():
    assert texts.of("en").gettext("Waiting") == "Waiting"


def test_a_text_no_catalog_knows_is_said_as_it_is():
    assert texts.of("vi").gettext("never translated") == "never translated"
    assert texts.of("vi").pgettext("button", "never translated") == "never translated"


def test_an_unknown_language_is_vietnamese():
    assert texts.of("de").lang == "vi"


def test_a_mark_changes_nothing():
    assert texts.N_("Waiting") == "Waiting"


@pytest.mark.parametrize(
    ("header", "cookie", "lang"),
    [
        (None, None, "vi"),
        ("", "", "vi"),
        ("en-US,en;q=0.9", None, "en"),
        ("en-US,en;q=0.9", "vi", "vi"),
        ("vi", "en", "en"),
        ("vi", "de", "vi"),
        ("fr, de;q=0.9", None, "vi"),
        ("en;q=0.4, vi;q=0.6", None, "vi"),
        ("en;q=0", None, "vi"),
        ("en;q=oops", None, "vi"),
        ("EN-gb ; q = 0.7", None, "en"),
    ],
)
def test_the_language_is_chosen_before_it_is_guessed(header, cookie, lang):
    assert texts.best(header, cookie) == lang


@given(st.text(max_size=2000), st.text(max_size=20))
def test_no_header_breaks_the_choice(header, cookie):
    assert texts.best(header, cookie) in texts.LANGS
