from appliance.config import Span, changed_keys, example, loads
from appliance.config.hall import COLORS, LABELS, LABELS_EN


def test_the_shipped_example_is_an_office_of_three_counters_and_five_services() -> None:
    settings = loads(example())

    assert [each.prefix for each in settings.services] == ["A", "B", "C", "D", "E"]
    assert [each.services for each in settings.counters] == [
        ("ho-tich", "tra-ket-qua"),
        ("dat-dai", "tra-ket-qua"),
        ("bao-tro", "cu-tru"),
    ]
    assert [each.id for each in settings.priorities] == [
        "elderly",
        "disabled",
        "pregnant",
        "merit",
        "appointment",
    ]
    assert settings.uplink.interval_s == 300
    assert settings.hall.hours.mon == (Span(450, 690), Span(810, 1020))
    assert settings.hall.hours.sun == ()
    assert dict(settings.hardware.issue_buttons) == {
        "issue.1": "ho-tich",
        "issue.2": "dat-dai",
        "issue.3": "bao-tro",
        "issue.4": "cu-tru",
    }


def test_the_example_speaks_vietnamese_and_english() -> None:
    settings = loads(example())

    assert all(each.name_en for each in settings.services)
    assert "Văn phòng / The office" in example()


def test_every_table_of_the_settings_is_in_the_example_or_named_by_it() -> None:
    text = example()

    for table in ("[office]", "[uplink]", "[journal]", "[hall]", "[hall.hours]", "[[services]]", "[clock]"):
        assert f"\n{table}" in text
    for table in ("[[counters]]", "[ratings]", "[[ratings.reasons]]", "[hardware]", "[[hardware.buses]]"):
        assert f"\n{table}" in text
    assert "[[priorities]]" in text


def test_commented_out_settings_of_the_example_are_valid_too() -> None:
    text = example().replace("interval_s = 300 ", "# ").replace("# cron", "cron")
    text = text.replace("# ca_file", "ca_file")
    text = text.replace("# usb_dir", "usb_dir").replace("# extra_days", "extra_days")
    text = (
        text.replace("# [backup]", "[backup]").replace("# dir =", "dir =").replace("# expected", "expected")
    )

    settings = loads(text)

    assert settings.uplink.cron == "15 */2 * * mon-fri"
    assert settings.uplink.interval_s is None
    assert set(changed_keys(loads(example()), settings)) == {
        "backup.dir",
        "backup.expected",
        "hall.extra_days",
        "uplink.ca_file",
        "uplink.cron",
        "uplink.interval_s",
        "uplink.usb_dir",
    }


def test_every_number_of_levels_has_usual_words() -> None:
    for levels in range(2, 6):
        start, _, end = example().partition("levels = 3")
        rest = end.partition("window_s")[2]
        ratings = loads(f"{start}levels = {levels}\nwindow_s{rest}").ratings

        assert ratings.labels == LABELS[levels]
        assert ratings.labels_en == LABELS_EN[levels]
        assert ratings.colors == COLORS[levels]
        assert len(ratings.labels) == len(ratings.labels_en) == len(ratings.colors) == levels
