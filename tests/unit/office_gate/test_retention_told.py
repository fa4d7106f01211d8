"""What gate and citizens are told of the policy by which sessions are recorded: the same, or nothing."""

from pathlib import Path

import pytest
from policies import policy_text
from sim_gate import office_text

from appliance.config import Settings, loads
from appliance.config.portal import MAX_TERMS
from appliance.config.retention import MAX_CITATION, policy_of
from appliance.hotspot.running import wanted
from appliance.office.gate_rules import publish
from appliance.office.portal import portal_of
from appliance.office.portal_terms import recorded
from appliance.records.keys import OpeningKey
from appliance.records.record import FIELDS
from appliance.sockets import gate
from appliance.sockets.portal import Terms

POLICY = policy_text(
    OpeningKey.generate().public,
    citation='"Quyết định 12/2026/QĐ-UBND, Điều 7"',
    citation_en='"Decision 12/2026/QD-UBND, article 7"',
    fields='["mac", "bytes"]',
)


class Office:
    """Settings with a policy's file beside them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.policy = folder / "retention.toml"

    def settings(self, more: str = "", *, enabled: bool = True) -> Settings:
        text = office_text(self.folder, enabled=enabled)
        return loads(f'{text}retention_file = "{self.policy}"\n{more}')

    def terms(self, more: str = "") -> Terms:
        portal = portal_of(self.settings(more), has_wan=True)
        assert portal is not None
        return portal.terms


@pytest.fixture
def office(tmp_path: Path) -> Office:
    made = Office(tmp_path)
    made.policy.write_text(POLICY, "utf-8")
    return made


def test_the_gate_is_told_the_policy_the_box_and_the_terms_that_say_so(office: Office) -> None:
    publish(office.settings())
    found = wanted(office.folder / gate.FILE)
    assert found is not None
    assert found.retention is not None
    assert (found.retention.device, found.retention.text) == ("mau-01", POLICY)
    assert (found.retention.terms, found.retention.most_mib) == (office.terms().version, 256)
    left = office.folder / gate.RETENTION_FILE
    assert left.stat().st_mode & 0o777 == 0o640


def test_without_a_policy_the_gate_is_told_of_none_and_an_old_one_goes(office: Office) -> None:
    publish(office.settings())
    plain = loads(office_text(office.folder))
    publish(plain)
    assert not (office.folder / gate.RETENTION_FILE).exists()
    found = wanted(office.folder / gate.FILE)
    assert found is not None
    assert found.retention is None


def test_where_there_shall_be_no_wifi_the_policy_goes_too(office: Office) -> None:
    publish(office.settings())
    publish(office.settings(enabled=False))
    assert not (office.folder / gate.RETENTION_FILE).exists()


@pytest.mark.parametrize("content", [None, b"months = 12", b"\xff\xfe", b"#" * 9_000])
def test_of_a_policy_that_cannot_be_used_citizens_are_told_nothing_and_the_gate_that_it_is_so(
    office: Office, content: bytes | None
) -> None:
    office.policy.unlink()
    if content is not None:
        office.policy.write_bytes(content)
    assert "chỉ giữ địa chỉ phần cứng" in office.terms().vi
    publish(office.settings())
    found = wanted(office.folder / gate.FILE)
    assert found is not None
    assert found.retention is not None
    assert found.retention.text == (content.decode() if content == b"months = 12" else None)


def test_a_gate_that_finds_no_policy_though_there_should_be_one_knows_it(office: Office) -> None:
    publish(office.settings())
    (office.folder / gate.RETENTION_FILE).unlink()
    found = wanted(office.folder / gate.FILE)
    assert found is not None
    assert found.retention is not None
    assert found.retention.text is None


def test_citizens_are_told_by_which_law_what_and_how_long_in_both_languages(office: Office) -> None:
    terms = office.terms()
    for words in (
        "Theo Quyết định 12/2026/QĐ-UBND, Điều 7 (UBND tỉnh Lào Cai), từ 01/07/2026 đến 30/06/2028",
        "địa chỉ phần cứng (MAC) của máy, dung lượng đã dùng.",
        "hủy sau 12 tháng",
    ):
        assert words in terms.vi
    for words in (
        "By Decision 12/2026/QD-UBND, article 7 (UBND tỉnh Lào Cai), from 2026-07-01 until 2028-06-30",
        "the device's hardware address (MAC), how much data it used.",
        "destroyed 12 months after",
    ):
        assert words in terms.en
    assert "IPv4" not in terms.vi
    # It is not promised any more that nothing else is kept.
    assert "chỉ giữ" not in terms.vi
    assert "keeps only" not in terms.en


def test_offices_with_terms_of_their_own_tell_it_too(office: Office) -> None:
    own = '[portal]\nterms = "Một."\nterms_en = "One."\n'
    terms = office.terms(own)
    assert terms.vi.startswith("Một.\nTheo Quyết định")
    assert terms.en.startswith("One.\nBy Decision")


def test_the_longest_policy_has_room_behind_the_longest_terms_of_an_office() -> None:
    text = POLICY.replace("Quyết định 12/2026/QĐ-UBND, Điều 7", "Đ" * MAX_CITATION)
    text = text.replace("Decision 12/2026/QD-UBND, article 7", "D" * MAX_CITATION)
    text = text.replace("UBND tỉnh Lào Cai", "U" * 120).replace('["mac", "bytes"]', str(list(FIELDS)))
    longest = recorded(Terms(vi="ậ" * MAX_TERMS, en="a" * MAX_TERMS), policy_of(text))
    assert len(longest.vi) > MAX_TERMS + MAX_CITATION


def test_other_words_are_other_terms(office: Office) -> None:
    before = office.terms().version
    office.policy.write_text(POLICY.replace("months = 12", "months = 6"), "utf-8")
    assert office.terms().version != before
