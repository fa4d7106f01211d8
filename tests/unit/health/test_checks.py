import ipaddress
from collections.abc import Callable
from dataclasses import replace

import pytest
from well_box import HOUR_MS, WELL

from appliance.health.checks import (
    backup_behind,
    card_refused,
    center_ca,
    clock_untrusted,
    disk_space,
    hotspot_closed,
    hotspot_conflict,
    hotspot_engine,
    hotspot_records,
    hotspot_silent,
    journal_size,
    pages_unserved,
    recording_stopped,
    uplink_late,
)
from appliance.health.facts import MIB, Facts, Issue, WifiFacts
from appliance.health.links import _local, addresses
from appliance.health.rounds import CHECKS, RECORDED, examine
from appliance.setup_notice import Mistake
from appliance.uplink.errors import CaFileError
from appliance.wire.moment import Quality

Check = Callable[[Facts], Issue | None]
MISTAKES = tuple(Mistake(f"motcua.toml: k{number}", "wrong", "sai") for number in range(1, 6))
NO_CA = CaFileError(path="/etc/motcua/center-ca.pem", reason="No such file", reason_vi="không có tệp")


@pytest.mark.parametrize(
    "check",
    [hotspot_silent, hotspot_closed, hotspot_engine, hotspot_conflict, hotspot_records],
    ids=lambda it: it.__name__.rpartition(".")[2],
)
def test_without_public_wifi_nothing_of_it_is_wrong(check) -> None:
    assert WELL.wifi is None
    assert check.check(WELL) is None


def test_healthy_box_has_no_issue() -> None:
    assert examine(WELL) == []


@pytest.mark.parametrize(
    ("check", "change", "subject", "words"),
    [
        (recording_stopped.check, {"recording_stopped": "the disk is full"}, "", "the disk is full"),
        (backup_behind.check, {"backup_trouble": "absent", "backup_silent_s": 59.0}, None, ""),
        (backup_behind.check, {"backup_trouble": "absent", "backup_silent_s": 60.0}, "absent", "plug the"),
        (backup_behind.check, {"backup_trouble": "full", "backup_silent_s": 60.0}, "full", "larger one"),
        (backup_behind.check, {"backup_trouble": "readonly", "backup_silent_s": 60.0}, "readonly", "lock"),
        (backup_behind.check, {"backup_trouble": "failing", "backup_silent_s": 60.0}, "failing", "fails"),
        (backup_behind.check, {"backup_trouble": "", "backup_silent_s": 60.0}, "slow", "hangs"),
        (card_refused.check, {}, None, ""),
        (card_refused.check, {"mistakes": MISTAKES[:1]}, "", "motcua.toml: k1: wrong): correct the card"),
        (card_refused.check, {"mistakes": MISTAKES}, "", "k3: wrong; and 2 more"),
        (disk_space.check, {"free_bytes": 100 * MIB}, None, ""),
        (disk_space.check, {"free_bytes": 100 * MIB - 1}, "", "only 99 MiB"),
        (disk_space.check, {"free_bytes": 0}, "", "only 0 MiB"),
        (disk_space.check, {"free_bytes": None}, None, ""),
        (journal_size.check, {"journal_bytes": 800 * MIB - 1}, None, ""),
        (journal_size.check, {"journal_bytes": 800 * MIB}, "", "800 of 1000 MiB"),
        (clock_untrusted.check, {"clock": Quality.RTC}, None, ""),
        (clock_untrusted.check, {"clock": Quality.UNSYNCED}, "", "a guess"),
        (uplink_late.check, {"unreceipted": 0, "silent_ms": 99 * HOUR_MS}, None, ""),
        (uplink_late.check, {"unreceipted": 7, "silent_ms": HOUR_MS - 1}, None, ""),
        (
            uplink_late.check,
            {"unreceipted": 7, "silent_ms": HOUR_MS},
            "",
            "7 events wait, no receipt for 1 h",
        ),
        (
            uplink_late.check,
            {"unreceipted": 7, "silent_ms": 5 * HOUR_MS, "interval_ms": 2 * HOUR_MS},
            None,
            "",
        ),
        (
            uplink_late.check,
            {"unreceipted": 7, "silent_ms": 6 * HOUR_MS, "interval_ms": 2 * HOUR_MS},
            "",
            "6 h",
        ),
        (uplink_late.check, {"unreceipted": 7, "silent_ms": HOUR_MS, "interval_ms": 0}, "", "7 events"),
        (uplink_late.check, {"unreceipted": 7, "silent_ms": HOUR_MS, "addresses": ()}, "no_address", "cable"),
        (center_ca.check, {"ca_error": NO_CA}, "", 'uplink.ca_file = "/etc/motcua/center-ca.pem"'),
        (pages_unserved.check, {"unserved": ("[::]:8443: taken",)}, "", "8443: taken"),
        (hotspot_silent.check, {"wifi": WifiFacts(silent_s=59.9)}, None, ""),
        (hotspot_silent.check, {"wifi": WifiFacts(silent_s=60.0)}, "", "does not answer"),
        (hotspot_closed.check, {"wifi": WifiFacts()}, None, ""),
        (hotspot_closed.check, {"wifi": WifiFacts(fault="no rules", fault_vi="-")}, "", "(no rules)"),
        (hotspot_engine.check, {"wifi": WifiFacts(deaths={"hostapd": 2})}, None, ""),
        (hotspot_engine.check, {"wifi": WifiFacts(deaths={"a": 3, "radvd": 4})}, "radvd", "again 4 times"),
        (hotspot_engine.check, {"wifi": WifiFacts(failed=("hostapd",))}, "hostapd", "does not start"),
        (hotspot_conflict.check, {"wifi": WifiFacts()}, None, ""),
        (hotspot_conflict.check, {"wifi": WifiFacts(conflicts=1)}, "", "set a passphrase"),
        (hotspot_records.check, {"wifi": WifiFacts()}, None, ""),
        (hotspot_records.check, {"wifi": WifiFacts(is_record_faulty=True)}, "", "not recorded"),
    ],
)
def test_check_sees_its_one_condition(
    check: Check, change: dict[str, object], subject: str | None, words: str
) -> None:
    facts = replace(WELL, **change)  # type: ignore[arg-type]
    issue = check(facts)
    assert examine(facts) == ([] if issue is None else [issue])
    if subject is None:
        assert issue is None
        return
    assert issue is not None
    assert check.__module__.endswith(issue.key)  # the file is named after its issue
    assert issue.subject == subject
    assert words in issue.suggestion
    assert issue.suggestion_vi
    assert issue.suggestion_vi != issue.suggestion
    assert (issue.key in RECORDED) is issue.recorded


def test_worst_issue_comes_first() -> None:
    facts = replace(
        WELL,
        recording_stopped="full",
        free_bytes=0,
        journal_bytes=1000 * MIB,
        clock=Quality.UNSYNCED,
        unreceipted=1,
        silent_ms=HOUR_MS,
        unserved=("port 8443",),
        backup_trouble="full",
        backup_silent_s=61.0,
        mistakes=MISTAKES,
        ca_error=NO_CA,
        wifi=WifiFacts(
            silent_s=60.0,
            failed=("hostapd",),
            fault="no rules",
            fault_vi="-",
            conflicts=1,
            is_record_faulty=True,
        ),
    )
    assert [issue.key for issue in examine(facts)] == [
        check.__module__.rpartition(".")[2] for check in CHECKS
    ]
    assert examine(facts)[0].key == "recording_stopped"


def test_addresses_reach_beyond_their_own_link() -> None:
    for text in addresses():
        found = ipaddress.ip_address(text)
        assert not found.is_loopback
        assert not found.is_link_local
    assert list(addresses()) == sorted(addresses())


@pytest.mark.parametrize(
    ("text", "is_local"),
    [("127.0.0.1", True), ("169.254.3.4", True), ("::1", True), ("fe80::1", True), ("10.0.0.4", False)],
)
def test_local_addresses_do_not_count(text: str, is_local: bool) -> None:
    assert _local(text) is is_local
