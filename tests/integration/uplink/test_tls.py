"""While the clock is a guess, dates do not count; chain and name always do."""

import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
from authority import DAY, NOW, VALID, Authority, Span
from scripted_http import Response, ScriptedHttpCenter
from sim_uplink import DEVICE, fresh_epoch

from appliance.clock import KernelTime, ScriptedTime
from appliance.uplink.answers import Stored, Unclear
from appliance.uplink.center import HttpCenter
from appliance.uplink.errors import CaFileError
from appliance.uplink.tls import Dates, ca_file_error, dates_for
from appliance.wire.batch import Header
from appliance.wire.moment import Moment, Quality, microseconds

pytestmark = pytest.mark.integration

HEADER = Header(DEVICE, fresh_epoch(), 3, 5, "a" * 64, "b" * 64, "2026-11-23T08:00:00.000000Z", "0.1.0")
EXPIRED = (NOW - 300 * DAY, NOW - 100 * DAY)
FUTURE = (NOW + 100 * DAY, NOW + 300 * DAY)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "province")


def moment(quality: Quality, at: datetime = NOW) -> Moment:
    return Moment(microseconds(at), quality, KernelTime().boot_id(), 0)


def is_taken(context: ssl.SSLContext, ca_file: Path, believed: Moment, *, system_at: datetime = NOW) -> bool:
    """Return whether a box that believes ``believed`` talks to a server with this certificate."""
    with ScriptedHttpCenter(lambda _request: Response(), context) as scripted:
        subject = HttpCenter(
            scripted.url,
            timeout_s=30,
            moment=lambda: believed,
            software="0.1.0",
            ca_file=ca_file,
            system=ScriptedTime(microseconds(system_at)),
        )
        try:
            answer = subject.send(b"batch", HEADER)
        finally:
            subject.close()
        assert isinstance(answer, Stored | Unclear)
        assert bool(scripted.requests) is isinstance(answer, Stored)
        return isinstance(answer, Stored)


@pytest.mark.parametrize("quality", list(Quality))
def test_a_valid_certificate_is_taken(authority: Authority, quality: Quality) -> None:
    assert is_taken(authority.server(VALID), authority.file, moment(quality))


@pytest.mark.parametrize("span", [EXPIRED, FUTURE])
def test_dates_count_when_the_clock_is_trusted_and_only_then(authority: Authority, span: Span) -> None:
    context = authority.server(span)
    assert not is_taken(context, authority.file, moment(Quality.SYNCED))
    assert not is_taken(context, authority.file, moment(Quality.RTC))
    assert is_taken(context, authority.file, moment(Quality.UNSYNCED))


@pytest.mark.parametrize("quality", list(Quality))
@pytest.mark.parametrize("span", [VALID, EXPIRED, FUTURE])
def test_a_wrong_name_is_refused_whatever_the_clock(
    authority: Authority, quality: Quality, span: Span
) -> None:
    context = authority.server(span, host="another.example")
    assert not is_taken(context, authority.file, moment(quality))


@pytest.mark.parametrize("quality", list(Quality))
@pytest.mark.parametrize("span", [VALID, EXPIRED, FUTURE])
def test_an_unknown_authority_is_refused_whatever_the_clock(
    authority: Authority, tmp_path: Path, quality: Quality, span: Span
) -> None:
    context = Authority(tmp_path, "impostor").server(span)
    assert not is_taken(context, authority.file, moment(quality))


def test_the_systems_authorities_do_not_include_ours(authority: Authority) -> None:
    with ScriptedHttpCenter(lambda _request: Response(), authority.server(VALID)) as scripted:
        subject = HttpCenter(
            scripted.url, timeout_s=30, moment=lambda: moment(Quality.UNSYNCED), software="0.1.0"
        )
        assert isinstance(subject.send(b"batch", HEADER), Unclear)
        subject.close()


@pytest.mark.parametrize("span", [EXPIRED, FUTURE])
def test_a_time_told_by_an_officer_counts_although_the_system_lives_in_the_past(
    authority: Authority, span: Span
) -> None:
    woke_up_at = datetime(1970, 1, 1, tzinfo=UTC)
    told = moment(Quality.SYNCED)
    assert is_taken(authority.server(VALID), authority.file, told, system_at=woke_up_at)
    assert not is_taken(authority.server(span), authority.file, told, system_at=woke_up_at)


def test_when_trust_comes_the_connection_without_dates_is_given_up(authority: Authority) -> None:
    believed = moment(Quality.UNSYNCED)
    with ScriptedHttpCenter(lambda _request: Response(), authority.server(EXPIRED)) as scripted:
        subject = HttpCenter(
            scripted.url,
            timeout_s=30,
            moment=lambda: believed,
            software="0.1.0",
            ca_file=authority.file,
            system=ScriptedTime(microseconds(NOW)),
        )
        assert isinstance(subject.send(b"batch", HEADER), Stored)
        believed = moment(Quality.SYNCED)
        assert isinstance(subject.send(b"batch", HEADER), Unclear)
        subject.close()


def test_who_checks_dates_follows_the_clock() -> None:
    now_us = microseconds(NOW)
    far_us = now_us - 2 * 86_400_000_000
    assert dates_for(moment(Quality.UNSYNCED), now_us) is Dates.NONE
    assert dates_for(moment(Quality.SYNCED), now_us) is Dates.SYSTEM
    assert dates_for(moment(Quality.RTC), now_us) is Dates.SYSTEM
    assert dates_for(moment(Quality.SYNCED), far_us) is Dates.BELIEVED


def test_a_file_that_is_not_there_yet_needs_no_restart(authority: Authority, tmp_path: Path) -> None:
    later = tmp_path / "center-ca.pem"
    with ScriptedHttpCenter(lambda _request: Response(), authority.server(VALID)) as scripted:
        subject = HttpCenter(
            scripted.url,
            timeout_s=30,
            moment=lambda: moment(Quality.UNSYNCED),
            software="0.1.0",
            ca_file=later,
        )
        answer = subject.send(b"batch", HEADER)
        assert isinstance(answer, Unclear)
        assert f'uplink.ca_file = "{later}" cannot be used' in answer.reason
        later.write_bytes(authority.file.read_bytes())
        assert isinstance(subject.send(b"batch", HEADER), Stored)
        subject.close()


def test_what_is_wrong_with_the_file_is_said_with_its_name(authority: Authority, tmp_path: Path) -> None:
    assert ca_file_error(None) is None
    assert ca_file_error(authority.file) is None
    missing, empty = tmp_path / "missing.pem", tmp_path / "empty.pem"
    empty.write_text("none here\n")
    for path, reason, reason_vi in (
        (missing, "No such file or directory", "No such file or directory"),
        (empty, "it holds no certificate in PEM form", "tệp không có chứng thư dạng PEM"),
    ):
        error = ca_file_error(path)
        assert isinstance(error, CaFileError)
        assert f'uplink.ca_file = "{path}" cannot be used: {reason};' in str(error)
        assert f'uplink.ca_file = "{path}" không dùng được: {reason_vi}.' in error.vi()
