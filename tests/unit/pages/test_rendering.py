import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

from appliance.pages import palette, rendering
from appliance.pages.assets import Assets
from appliance.pages.errors import NoSuchAssetError

TEMPLATES = Path(__file__).parents[3] / "appliance" / "pages" / "templates"
COMPONENTS = "design/components.html"


@pytest.fixture(scope="module")
def subject():
    return rendering.Renderer.open(Assets.open())


@pytest.mark.parametrize(("lang", "title"), [("vi", "Hệ thống thiết kế"), ("en", "Design system")])
def test_a_page_speaks_the_language_asked_for(subject, lang, title):
    page = subject.page("design/index.html", lang, office="Yên Bình")
    assert page.startswith("<!doctype html>")
    assert f'<html lang="{lang}" data-theme="auto">' in page
    assert f"<title>{title}</title>" in page
    assert "Yên Bình" in page


def test_an_unknown_language_is_answered_in_vietnamese(subject):
    assert subject.page("design/base.html", "de") == subject.page("design/base.html", "vi")


def test_a_page_has_what_every_page_needs(subject):
    page = subject.page("design/index.html", "vi", theme="dark")
    for needed in (
        'data-theme="dark"',
        '<main id="main"',
        'id="stale"',
        'class="skip" href="#main"',
        "base.css?v=",
    ):
        assert needed in page
    assert 'name="theme" value="dark" aria-current="true"' in page


def test_who_signed_in_can_sign_out(subject):
    class Visitor:
        name = "Lan <b>"

    page = subject.page("design/base.html", "en", visitor=Visitor, csrf="t0ken")
    assert "Lan &lt;b&gt;" in page
    assert 'action="/sign-out"' in page
    assert '<input type="hidden" name="csrf" value="t0ken">' in page
    assert 'action="/sign-out"' not in subject.page("design/base.html", "en")


def test_values_are_escaped_and_markup_is_not(subject):
    macro = subject.macro(COMPONENTS, "banner", "en", "bad", "<x>", Markup("<em>y</em>"))
    assert "&lt;x&gt;" in macro
    assert "<em>y</em>" in macro


def test_a_value_that_is_not_there_is_an_error(subject):
    with pytest.raises(UndefinedError):
        subject.macro(COMPONENTS, "age", "en")


@pytest.mark.parametrize("state", [name.upper().replace("-", "_") for name in palette.STATES])
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_state_has_a_color_a_sign_and_a_word(subject, state, lang):
    badge = subject.macro(COMPONENTS, "badge", lang, state)
    assert f"is-{state.lower().replace('_', '-')}" in badge
    assert '<path d="M' in badge
    assert re.search(r"<span>[^<]{4,}</span>", badge)


def test_states_have_words_of_their_own(subject):
    words = {str(subject.macro(COMPONENTS, "state_word", "vi", state)) for state in palette.STATES}
    assert len(words) == len(palette.STATES)


def test_formats_follow_the_language(subject):
    assert "12 phút" in subject.macro(COMPONENTS, "age", "vi", 734_000)
    assert "12 min" in subject.macro(COMPONENTS, "age", "en", 734_000)
    assert 'data-age-ms="734000"' in subject.macro(COMPONENTS, "age", "en", 734_000.4)


def test_a_button_is_a_button_or_a_link(subject):
    button = subject.macro(COMPONENTS, "button", "en", "Go", name="verb", value="call", key="F2", icon="play")
    assert re.fullmatch(
        r'<button class="btn btn-primary" type="submit" name="verb" value="call".*</button>', button
    )
    assert '<kbd aria-hidden="true">F2</kbd>' in button
    link = subject.macro(COMPONENTS, "button", "en", "Go", href="/x?a=1&b=2", kind="plain", size="big")
    assert link == '<a class="btn btn-plain btn-big" href="/x?a=1&amp;b=2"><span>Go</span></a>'


def test_a_field_with_an_error_says_so_to_everybody(subject):
    field = subject.macro(
        COMPONENTS, "field", "en", "letter", "Letter", "AA", error="One letter", hint="A to Z"
    )
    assert 'aria-invalid="true"' in field
    assert 'aria-describedby="f-letter-hint f-letter-error"' in field
    assert '<label for="f-letter">' in field


def test_a_select_keeps_what_was_chosen(subject):
    options = (("1", "one"), ("2", "two"))
    field = subject.macro(COMPONENTS, "field", "en", "n", "N", 2, type="select", options=options)
    assert '<option value="2" selected>two</option>' in field
    assert '<option value="1">one</option>' in field


def test_a_block_comes_without_its_page(subject):
    block = subject.block("design/index.html", "title", "en")
    assert block == "Design system"
    assert isinstance(block, Markup)


def test_tags_for_the_head_are_versioned(subject):
    tags = subject._of("vi").globals["asset_tags"]("base.css", "live.js")
    assert re.search(r'<link rel="stylesheet" href="/static/base\.css\?v=[0-9a-f]{8}">', tags)
    assert re.search(r'<script src="/static/live\.js\?v=[0-9a-f]{8}" defer></script>', tags)
    with pytest.raises(NoSuchAssetError):
        subject._of("vi").globals["asset_tags"]("icon.svg")


def test_many_threads_get_their_own_pages():
    fresh = rendering.Renderer.open()
    with ThreadPoolExecutor(8) as pool:
        pages = list(
            pool.map(lambda n: fresh.page("design/index.html", ("vi", "en")[n % 2], office=str(n)), range(40))
        )
    for n, page in enumerate(pages):
        assert f'<html lang="{("vi", "en")[n % 2]}"' in page
        assert f"<span>{n}</span>" in page


def test_every_template_compiles(subject):
    for name in subject.templates():
        subject._of("vi").get_template(name)


@pytest.mark.parametrize(
    "path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_no_template_needs_what_the_content_policy_forbids(path):
    source = path.read_text(encoding="utf-8")
    assert not re.search(
        r"<style|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:|<script(?![^>]*\ssrc=)", source
    )
