from pathlib import Path

import pytest

from appliance.config.keys import known_keys, tables
from appliance.config.sentences import SENTENCES
from appliance.errors import MotcuaError
from provisioning.docs import PAGES, ROOT, catalog, main, settings_page, stale, write


def test_the_settings_page_is_what_the_code_says() -> None:
    assert "docs/settings.md" not in stale(ROOT)


def test_the_errors_page_is_what_the_code_says() -> None:
    assert "docs/errors.md" not in stale(ROOT)


@pytest.mark.parametrize("key", known_keys())
def test_every_setting_is_on_the_settings_page(key: str) -> None:
    assert f"| `{key}` |" in (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


def test_every_setting_has_a_description_that_ends() -> None:
    for table in tables():
        assert table.description.endswith(".")
        for setting in table.settings:
            assert setting.description.endswith("."), setting.key


@pytest.mark.parametrize(
    ("unit", "words"),
    [
        ("_s", ("econds", "wall clock")),
        ("_ms", ("illiseconds",)),
        ("_min", ("inutes",)),
        ("_mib", ("MiB",)),
        ("_days", ("ays", "ates")),
    ],
)
def test_a_setting_with_a_unit_in_its_name_has_it_in_its_description(
    unit: str, words: tuple[str, ...]
) -> None:
    named = [each for table in tables() for each in table.settings if each.key.endswith(unit)]

    assert named
    for setting in named:
        assert any(word in setting.description for word in words) or setting.key == "hall.min_service_s"


def test_every_sentence_of_check_is_on_the_settings_page() -> None:
    page = settings_page()

    assert all(f"| `{rule}` |" in page for rule in SENTENCES)


def test_every_error_is_in_the_catalog_once_with_both_sentences() -> None:
    entries, _ = catalog()

    keys = [entry.key for entry in entries]
    assert len(keys) == len(set(keys))
    assert {"motcua.error", "office.refused", "config.invalid", "wire.malformed"} <= set(keys)
    for entry in entries:
        assert entry.english, entry.name
        assert entry.vietnamese, entry.name
        assert entry.when, entry.name


def test_an_error_defined_elsewhere_is_not_ours() -> None:
    class StrangerError(MotcuaError):
        """Error raised when a test needs one."""

        key = "stranger.error"

    entries, _ = catalog()

    assert StrangerError.key not in [entry.key for entry in entries]


def test_pages_are_stale_until_they_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert stale(tmp_path) == list(PAGES)

    write(tmp_path)

    assert stale(tmp_path) == []
    (tmp_path / "docs" / "settings.md").write_text("old\n", encoding="utf-8")
    assert main(["--check", "--root", str(tmp_path)]) == 1
    assert "docs/settings.md is stale: run python -m provisioning.docs --write" in capsys.readouterr().err
