import shutil

import pytest
from babel.messages.pofile import read_po

from provisioning import catalogs
from provisioning.catalogs import Tree

PO = """msgid ""
msgstr ""
"Language: vi\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""
TEMPLATE = """{{ _("Take a number") }}{{ _("Counter %(name)s", name=x) }}
{{ ngettext("%(num)s person", "%(num)s people", n) }}{{ pgettext("verb", "Call") }}
{% trans %}Two
   lines{% endtrans %}"""
GOOD = """msgid "Take a number"
msgstr "Lấy số"

msgid "Counter %(name)s"
msgstr "Quầy %(name)s"

msgid "%(num)s person"
msgid_plural "%(num)s people"
msgstr[0] "%(num)s người"

msgctxt "verb"
msgid "Call"
msgstr "Gọi"

msgid "Two lines"
msgstr "Hai dòng"

"""


@pytest.fixture
def tree(tmp_path):
    pages = tmp_path / "appliance" / "pages"
    (pages / "templates" / "kiosk").mkdir(parents=True)
    (pages / "locales" / "vi").mkdir(parents=True)
    (tmp_path / "appliance" / "web").mkdir()
    (pages / "templates" / "kiosk" / "index.html").write_text(TEMPLATE, encoding="utf-8")
    return Tree(tmp_path)


def put(tree, text, area="kiosk"):
    """Write a catalog as a translator leaves it and compile it."""
    path = tree.po("vi", area)
    path.write_text(PO + text.strip() + "\n", encoding="utf-8")
    path.with_suffix(".mo").write_bytes(catalogs.mo_bytes(catalogs.read(path, "vi"), "vi"))
    return path


def said(tree):
    return [(complaint.what, complaint.msgid) for complaint in catalogs.complaints(tree, "vi")]


def test_the_catalogs_of_the_pages_are_complete_and_compiled():
    assert [str(complaint) for complaint in catalogs.complaints(Tree(), "vi")] == []


def test_every_catalog_of_the_pages_has_the_plurals_of_vietnamese():
    for path in Tree().pages.glob("locales/vi/*.po"):
        with path.open("rb") as file:
            assert read_po(file).num_plurals == 1


def test_a_complete_catalog_is_not_complained_about(tree):
    put(tree, GOOD)
    assert said(tree) == []


def test_writing_what_is_complete_changes_nothing(tree):
    path = put(tree, GOOD)
    catalogs.write(tree, "vi")
    before = path.read_bytes(), path.with_suffix(".mo").read_bytes()
    assert catalogs.write(tree, "vi") == []
    assert (path.read_bytes(), path.with_suffix(".mo").read_bytes()) == before


def test_a_missing_catalog_is_written_empty_and_in_order(tree):
    assert len(catalogs.write(tree, "vi")) == 2
    text = tree.po("vi", "kiosk").read_text(encoding="utf-8")
    assert text.startswith(PO)
    assert (
        text.index("Take a number") < text.index("Counter") < text.index("people") < text.index("Two lines")
    )
    assert {what for what, _ in said(tree)} == {"empty"}
    assert catalogs.write(tree, "vi") == []


def test_translations_survive_and_what_nobody_uses_goes(tree):
    path = put(tree, 'msgid "Old"\nmsgstr "Cũ"\n\nmsgid "Take a number"\nmsgstr "Lấy số"\n')
    catalogs.write(tree, "vi")
    text = path.read_text(encoding="utf-8")
    assert "Lấy số" in text
    assert "Old" not in text


@pytest.mark.parametrize(
    ("old", "new", "what", "msgid"),
    [
        ('msgid "Take a number"\nmsgstr "Lấy số"\n', "", "missing", "Take a number"),
        ("Lấy số", "", "empty", "Take a number"),
        ('msgid "Take', '#, fuzzy\nmsgid "Take', "fuzzy", "Take a number"),
        ("Quầy %(name)s", "Quầy %(nam)s", "placeholders", "Counter %(name)s"),
        ("Quầy %(name)s", "Quầy", "placeholders", "Counter %(name)s"),
        ("%(num)s người", "người", "placeholders", "%(num)s person"),
        ("Lấy số", "Lấy 90 % số", "a lone %", "Take a number"),
        ('msgid "Two lines"', 'msgid "Three lines"', "stale", "Three lines"),
    ],
)
def test_each_fault_is_named_with_its_message(tree, old, new, what, msgid):
    assert old in GOOD
    put(tree, GOOD.replace(old, new))
    assert any(found.startswith(what) and of == msgid for found, of in said(tree))


def test_a_catalog_that_was_not_compiled_is_noticed(tree):
    path = put(tree, GOOD)
    path.write_text(PO + GOOD.replace("Hai dòng", "2 dòng"), encoding="utf-8")
    assert [what for what, _ in said(tree)] == ["not compiled from its catalog; run --write"]


def test_a_wrong_plural_header_is_noticed(tree):
    path = put(tree, GOOD)
    path.write_text(
        path.read_text("utf-8").replace("nplurals=1; plural=0", "nplurals=2; plural=(n != 1)"), "utf-8"
    )
    assert any(what.startswith("the header does not say") for what, _ in said(tree))


def test_two_areas_that_translate_one_text_in_two_ways_are_noticed(tree):
    put(tree, GOOD)
    shutil.copytree(tree.pages / "templates" / "kiosk", tree.pages / "templates" / "rate")
    put(tree, GOOD.replace("Lấy số", "Bấm số"), area="rate")
    (found,) = [what for what, _ in said(tree)]
    assert found.startswith("says something else than appliance/pages/locales/vi/kiosk.po")


def test_only_the_areas_asked_for_are_written(tree):
    shutil.copytree(tree.pages / "templates" / "kiosk", tree.pages / "templates" / "rate")
    catalogs.write(tree, "vi", ["rate"])
    assert not tree.po("vi", "kiosk").exists()
    assert tree.po("vi", "rate").exists()


def test_python_speaks_for_its_area(tree):
    web = tree.root / "appliance" / "web"
    (web / "pages_kiosk.py").write_text('A = N_("From Python")\nB = gettext("Also")\n', encoding="utf-8")
    public = tree.root / "appliance" / "public"
    public.mkdir()
    (public / "page.py").write_text('C = N_("On the phone")\n', encoding="utf-8")
    (tree.pages / "templates" / "phone").mkdir()
    assert [message.id for message in catalogs.wanted(tree, "kiosk") if message.id][-2:] == [
        "From Python",
        "Also",
    ]
    assert [message.id for message in catalogs.wanted(tree, "phone") if message.id] == ["On the phone"]


def test_the_command_fails_when_it_has_to_complain(capsys):
    assert catalogs.main(["--check"]) == int(bool(capsys.readouterr().out))
