"""The forms of text: addresses, hours, schedules, names."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from appliance.config import ConfigError, Span, loads
from appliance.config.hours import hours_text, parse_hours
from appliance.config.schedule import check_cron

BASE = (Path(__file__).parent / "base.toml").read_text(encoding="utf-8")
ADDRESS = "https://center.example.vn"


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://center.example.vn/", "https://center.example.vn"),
        ("HTTPS://Center.Example.vn:8443/motcua/", "https://center.example.vn:8443/motcua"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("https://10.0.0.1", "https://10.0.0.1"),
    ],
)
def test_an_address_of_the_center_is_accepted_in_one_spelling(address: str, kept: str) -> None:
    assert loads(BASE.replace(ADDRESS, address)).uplink.center == kept


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://",
        "https:///path",
        "ftp://center.example.vn",
        "https://user@center.example.vn",
        "https://user:secret@center.example.vn",
        "https://center.example.vn?x=1",
        "https://center.example.vn?",
        "https://center.example.vn#x",
        "https://center.example.vn:99999",
        "https://center.example.vn:0",
        "https://center example.vn",
        "https://tỉnh.vn",
        "https://[::1",
        "https://a\\\\b",
        "http://localhost.example.vn",
        "http://127.0.0.1.example.vn",
        "http://10.0.0.1",
    ],
)
def test_other_addresses_are_refused(address: str) -> None:
    with pytest.raises(ConfigError) as caught:
        loads(BASE.replace(ADDRESS, address))

    assert [each.key for each in caught.value.problems] == ["uplink.center"]
    assert caught.value.problems[0].rule in {"url.form", "url.insecure"}


def test_names_are_composed_so_that_equal_text_is_equal() -> None:
    decomposed = "Xa\u0303 Ma\u0302\u0303u"

    assert loads(BASE.replace("Xã Mẫu", decomposed)).office.name == "Xã Mẫu"


@pytest.mark.parametrize("text", ["", " ", "a\\nb", "a\\u202eb", "\\u200b", "a\\tb"])
def test_invisible_text_is_no_name(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        loads(BASE.replace("Xã Mẫu", text))

    assert [each.rule for each in caught.value.problems] == ["form.text"]


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("", ()),
        ("  ", ()),
        ("07:30-11:30", (Span(450, 690),)),
        ("07:30 – 11:30,13:30-17:00", (Span(450, 690), Span(810, 1020))),
        ("00:00-24:00", (Span(0, 1440),)),
        ("07:30-11:30, 11:30-12:00", (Span(450, 690), Span(690, 720))),
    ],
)
def test_hours_are_read(text: str, spans: tuple[Span, ...]) -> None:
    assert parse_hours(text) == spans


@pytest.mark.parametrize(
    "text",
    [
        "7:30-11:30",
        "07:60-11:30",
        "07:30",
        "07:30-",
        "07:30-24:01",
        "24:00-24:00",
        "07:30-11:30,",
        "07:30-11:30; 13:30-17:00",
        "٠٧:٣٠-١١:٣٠",
        "07:30-07:30",
        "13:30-17:00, 07:30-11:30",
        ", ".join(["07:30-11:30"] * 7),
        450,
        None,
    ],
)
def test_other_hours_are_refused(text: object) -> None:
    with pytest.raises(PydanticCustomError):
        parse_hours(text)


@given(st.lists(st.integers(0, 1440), unique=True, min_size=0, max_size=12).map(sorted))
def test_hours_written_are_read_back(minutes: list[int]) -> None:
    spans = tuple(Span(*pair) for pair in zip(minutes[::2], minutes[1::2], strict=False))

    assert parse_hours(hours_text(spans)) == spans


@pytest.mark.parametrize(
    ("cron", "kept"),
    [
        ("  0  *  * * * ", "0 * * * *"),
        ("15 */2 * * mon-fri", "15 */2 * * mon-fri"),
        ("0 11,16 * * MON,wed", "0 11,16 * * MON,wed"),
        ("0 0 29 2 *", "0 0 29 2 *"),
        ("0 6 last jan-jun *", "0 6 last jan-jun *"),
    ],
)
def test_a_schedule_that_fires_is_kept(cron: str, kept: str) -> None:
    assert check_cron(cron) == kept


@pytest.mark.parametrize(
    ("cron", "rule"),
    [
        ("", "schedule.cron"),
        ("* * * *", "schedule.cron"),
        ("* * * * * *", "schedule.cron"),
        ("60 * * * *", "schedule.cron"),
        ("*/0 * * * *", "schedule.cron"),
        ("5-1 * * * *", "schedule.cron"),
        ("@daily x x x x", "schedule.cron"),
        ("0 0 * * monday", "schedule.cron"),
        ("0 0 * * fri-mon", "schedule.cron"),
        ("0 0 * * mon/2", "schedule.cron"),
        ("0 0 * jan/2 *", "schedule.cron"),
        ("¹ * * * *", "schedule.cron"),
        ("0 0 * * 1-5", "schedule.weekday"),
        ("0 0 * * 0,6", "schedule.weekday"),
        ("0 0 31 2,4,6 *", "schedule.never"),
    ],
)
def test_other_schedules_are_refused(cron: str, rule: str) -> None:
    with pytest.raises(PydanticCustomError) as caught:
        check_cron(cron)

    assert caught.value.type == rule


def test_a_refused_cron_does_not_also_complain_about_the_interval() -> None:
    with pytest.raises(ConfigError) as caught:
        loads(BASE.replace("[hall]\n", 'cron = "x"\n[hall]\n'))

    assert [each.key for each in caught.value.problems] == ["uplink.cron"]


def test_without_a_schedule_the_interval_is_five_minutes() -> None:
    assert loads(BASE).uplink.interval_s == 300


def test_the_mode_of_the_socket_is_octal() -> None:
    assert loads(BASE).api.permissions == 0o660
