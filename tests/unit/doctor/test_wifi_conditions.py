"""Every condition of the public WiFi, well and not, on a machine made of files and with a scripted gate."""

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from planted import Planted
from planted_wifi import COUNTS, DEFAULT, PHY, ROUTES, WLAN, PlantedWifi

from appliance.doctor import wifi
from appliance.doctor.checks import wifi_certificate
from appliance.doctor.examination import CHECKS, examine, exit_code
from appliance.doctor.finding import Finding, Level
from appliance.httpd import tls
from appliance.sockets import gate
from appliance.wire.moment import Moment, Quality

BY_KEY = {check.CONDITION.key: check for check in CHECKS if check.CONDITION.key.startswith("wifi_")}
NAME = "wifi.motcua.internal"
W, WARN, BAD, UNKNOWN, SKIPPED = Level.WELL, Level.WARNING, Level.BROKEN, Level.UNKNOWN, Level.SKIPPED
CERTIFIED = 'certificate = "{folder}/web-certificate.pem"\nkey = "{folder}/web-key.pem"\n'


@pytest.fixture
def subject(planted: Planted) -> PlantedWifi:
    return PlantedWifi(planted)


def found(subject: PlantedWifi, key: str) -> Finding:
    [finding] = examine(subject.planted.box(), [BY_KEY[key]])
    assert finding.key == key
    assert finding.said.vi
    if finding.level in {WARN, BAD}:
        assert finding.todo is not None
        assert finding.todo.vi != finding.todo.en
    return finding


def certified(subject: PlantedWifi, name: str = NAME, more: str = "") -> Path:
    """Let the portal have a certificate for a name, made here."""
    tls.own(subject.planted.data, "portal", [name], [])
    subject.wanted(CERTIFIED.format(folder=subject.planted.data) + more)
    return subject.planted.data / tls.CERTIFICATE


def nothing(_subject: PlantedWifi) -> None:
    pass


def wanted(more: str = "", most: int | None = 8) -> Callable[[PlantedWifi], None]:
    return lambda subject: subject.wanted(more, most=most)


def radio(old: str, new: str, driver: str = "mt76x2u") -> Callable[[PlantedWifi], None]:
    return lambda subject: subject.radio(PHY.replace(old, new), driver)


def says(program: str, text: str | None) -> Callable[[PlantedWifi], None]:
    def plant(subject: PlantedWifi) -> None:
        if text is None:
            del subject.planted.programs.answers[program]
        else:
            subject.planted.programs.answers[program] = text

    return plant


def file_says(path: str, text: str) -> Callable[[PlantedWifi], None]:
    return lambda subject: (subject.planted.write(path, text), None)[1]


def no_file(path: str) -> Callable[[PlantedWifi], None]:
    return lambda subject: subject.planted.remove(path)


def no_folder(path: str) -> Callable[[PlantedWifi], None]:
    return lambda subject: shutil.rmtree(subject.planted.root / path.lstrip("/"))


def networks(*those: str) -> Callable[[PlantedWifi], None]:
    return lambda subject: setattr(subject, "networks", those)


EXTERNAL = 'radio = "external"\n'
RATES = "line_down_kbps = 90000\nline_up_kbps = 36000\n"


@pytest.mark.parametrize(
    ("key", "plant", "level", "words"),
    [
        ("wifi_radio", nothing, W, "wlan0, brcmfmac"),
        ("wifi_radio", no_folder(WLAN), BAD, "there is no wlan0"),
        ("wifi_radio", no_folder(f"{WLAN}/phy80211"), BAD, "is no radio"),
        ("wifi_radio", radio("\t\t * AP\n", ""), BAD, "mt76x2u can be no access point"),
        ("wifi_radio", says("iw phy phy0 info", None), UNKNOWN, "does not say"),
        ("wifi_radio", wanted(EXTERNAL), W, "access points"),
        ("wifi_country", nothing, W, "VN, channel 6"),
        ("wifi_country", no_file("/lib/firmware/regulatory.db"), WARN, "missing"),
        ("wifi_country", says("iw reg get", "global\ncountry 00: DFS-UNSET\n"), WARN, "00 is in force"),
        ("wifi_country", says("iw reg get", None), UNKNOWN, "does not say"),
        ("wifi_country", wanted("channel = 13\n"), BAD, "channel 13 is forbidden (disabled)"),
        ("wifi_country", wanted("channel = 12\n"), BAD, "channel 12 is forbidden (no IR)"),
        ("wifi_country", wanted("channel = 1\n"), W, ""),
        ("wifi_country", wanted(EXTERNAL), SKIPPED, "access points"),
        ("wifi_clients", nothing, W, "up to 8"),
        ("wifi_clients", wanted(most=None), W, "up to 8"),
        ("wifi_clients", wanted(most=9), WARN, "want 9, the radio takes 8"),
        ("wifi_clients", radio("x", "x"), UNKNOWN, "does not say"),
        (
            "wifi_clients",
            radio("\tBand 1:", "\tMaximum associated stations in AP mode: 64\n\tBand 1:"),
            W,
            "up to 8",
        ),
        ("wifi_clients", wanted(EXTERNAL, most=500), SKIPPED, "access points"),
        ("wifi_gate", nothing, BAD, "does not run"),
        ("wifi_engines", nothing, SKIPPED, "does not answer"),
        ("wifi_networks", nothing, W, "guests' only"),
        ("wifi_networks", networks("10.0.0.0/8"), BAD, "hotspot.subnet is also the office's"),
        ("wifi_networks", networks("10.77.3.0/24"), BAD, "hotspot.subnet"),
        ("wifi_networks", networks("fd77:6d63::/32"), BAD, "hotspot.prefix6"),
        (
            "wifi_networks",
            lambda subject: (subject.wanted('ipv6 = "off"\n'), networks("fd77:6d63::/32")(subject))[1],
            W,
            "",
        ),
        ("wifi_internet", nothing, W, "by eth0"),
        ("wifi_internet", file_says("/sys/class/net/eth0/carrier", "0\n"), WARN, "none by eth0"),
        ("wifi_internet", file_says("/proc/self/net/route", ROUTES), WARN, "none by eth0"),
        ("wifi_internet", wanted('wan = "eth1"\n'), WARN, "none by eth1"),
        (
            "wifi_internet",
            lambda subject: (
                subject.wanted('wan = "eth1"\n'),
                subject.planted.write("/sys/class/net/eth1/carrier", "1"),
                subject.planted.write("/proc/self/net/route", ROUTES + DEFAULT.replace("eth0", "eth1")),
                None,
            )[3],
            W,
            "by eth1",
        ),
        ("wifi_line_rate", nothing, WARN, "may fill the line"),
        ("wifi_line_rate", wanted("line_down_kbps = 90000\n"), WARN, "fill the line upwards"),
        ("wifi_line_rate", wanted("all_up_kbps = 5000\n"), WARN, "fill the line downwards"),
        ("wifi_line_rate", wanted(RATES), W, "guests get 45000 kbit/s down, 18000 kbit/s up at most"),
        ("wifi_line_rate", wanted(f"{RATES}all_down_kbps = 9000\n"), W, "9000 kbit/s down"),
        ("wifi_certificate", nothing, SKIPPED, "none is given"),
        ("wifi_announced", nothing, SKIPPED, "off without"),
    ],
)
def test_a_condition_is_seen(
    subject: PlantedWifi, key: str, plant: Callable[[PlantedWifi], None], level: Level, words: str
) -> None:
    plant(subject)
    finding = found(subject, key)
    assert finding.level is level, finding
    assert words in finding.said.en


def test_why_nobody_is_let_in_is_said_in_either_language(subject: PlantedWifi) -> None:
    fault = {"fault": "no rules", "fault_vi": "không có quy tắc"}
    with subject.gate(COUNTS.model_copy(update=fault)):
        said = found(subject, "wifi_gate").said
    assert ("no rules" in said.en, "không có quy tắc" in said.vi) == (True, True)


def engine(**fields: object) -> gate.Counts:
    changed = COUNTS.engines[0].model_copy(update=fields)
    return COUNTS.model_copy(update={"engines": [changed, *COUNTS.engines[1:]]})


@pytest.mark.parametrize(
    ("key", "answers", "level", "words"),
    [
        ("wifi_gate", (COUNTS,), W, "online: 3, joined: 5"),
        ("wifi_gate", (gate.Beat(), COUNTS), W, ""),
        (
            "wifi_gate",
            (COUNTS.model_copy(update={"fault": "no rules"}),),
            BAD,
            "no guest is let in: no rules",
        ),
        ("wifi_gate", (gate.Beat(), gate.Beat()), BAD, "does not answer"),
        (
            "wifi_gate",
            (gate.Refused(id=1, key="hotspot.busy", en="x", vi="x", is_transient=True),),
            BAD,
            "does not answer",
        ),
        ("wifi_gate", (), BAD, "does not answer"),
        ("wifi_engines", (COUNTS,), W, "2 running"),
        ("wifi_engines", (engine(standing="failed"),), BAD, "not running: dnsmasq-guests"),
        ("wifi_engines", (engine(standing="restarting"),), WARN, "dnsmasq-guests (0)"),
        ("wifi_engines", (engine(restarts=3),), WARN, "dnsmasq-guests (3)"),
        ("wifi_engines", (engine(restarts=2),), W, ""),
        ("wifi_engines", (COUNTS.model_copy(update={"engines": []}),), SKIPPED, "none"),
    ],
)
def test_what_the_gate_says_is_judged(
    subject: PlantedWifi, key: str, answers: tuple[gate.Counts, ...], level: Level, words: str
) -> None:
    with subject.gate(*answers):
        finding = found(subject, key)
    assert finding.level is level, finding
    assert words in finding.said.en


def test_a_gate_that_answers_others_only_is_no_gate_that_is_down(
    subject: PlantedWifi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    assert found(subject, "wifi_gate").level is BAD
    with subject.gate(COUNTS):
        finding = found(subject, "wifi_gate")
    assert finding.level is Level.UNSEEN
    assert finding.todo is not None
    assert "sudo" in finding.todo.vi
    assert wifi.may_ask(4711)


def test_a_certificate_that_phones_accept_is_well(subject: PlantedWifi) -> None:
    certified(subject)
    assert found(subject, "wifi_certificate").level is W
    assert [each.portal_name for each in subject.asked] == [NAME]
    subject.is_secure = False
    refused = found(subject, "wifi_certificate")
    assert (refused.level, refused.said.en) == (WARN, "phones do not accept the portal's https")
    assert found(subject, "wifi_announced").level is W


def test_a_certificate_of_another_name_or_torn_is_broken_and_nobody_is_asked(subject: PlantedWifi) -> None:
    path = certified(subject, "wifi.example.vn")
    assert found(subject, "wifi_certificate").said.en == f"it is not for {NAME}"
    subject.wanted(CERTIFIED.format(folder=subject.planted.data) + 'portal_name = "wifi.example.vn"\n')
    assert found(subject, "wifi_certificate").level is W
    path.write_text("torn")
    assert found(subject, "wifi_certificate").level is BAD
    assert len(subject.asked) == 1


def test_a_certificate_for_a_whole_domain_is_for_a_name_in_it(subject: PlantedWifi) -> None:
    certified(subject, "*.motcua.internal")
    assert found(subject, "wifi_certificate").level is W


def test_a_clock_that_is_a_guess_keeps_the_portal_from_being_announced(subject: PlantedWifi) -> None:
    certified(subject)
    subject.planted.time.synced = False
    announced, certificate = (found(subject, key) for key in ("wifi_announced", "wifi_certificate"))
    assert (announced.level, certificate.level) == (WARN, UNKNOWN)
    assert "the clock is a guess" in announced.said.en
    assert subject.asked == []


def test_a_certificate_that_ends_is_to_be_renewed_at_the_portal(subject: PlantedWifi) -> None:
    certified(subject)
    at = int(datetime(2049, 12, 20, tzinfo=UTC).timestamp()) * 1_000_000
    box = subject.planted.box()
    box.__dict__["moment"] = Moment(at, Quality.SYNCED, "boot", 1)  # what the property would have kept
    finding = wifi_certificate.check(box)
    assert (finding.level, finding.said.en) == (WARN, "ends in 12 days")
    assert finding.todo is not None
    assert "motcua-office" in finding.todo.vi


def test_a_box_without_public_wifi_is_asked_nothing(planted: Planted) -> None:
    findings = examine(planted.box(), BY_KEY.values())
    assert len(findings) == 10
    assert {finding.level for finding in findings} == {SKIPPED}
    assert exit_code(findings) == 0
    assert not any("iw" in line for line in planted.programs.asked)


def test_a_gate_that_is_down_makes_the_box_broken(subject: PlantedWifi) -> None:
    findings = examine(subject.planted.box(), BY_KEY.values())
    assert exit_code(findings) == 2
    assert Level.UNSEEN not in {finding.level for finding in findings}
