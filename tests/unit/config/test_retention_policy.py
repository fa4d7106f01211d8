"""The province's policy on records of WiFi sessions: every mistake named with field, value and remedy."""

import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from policies import policy_text

from appliance.config import ConfigError, loads
from appliance.config.retention import MAX_BYTES, load_policy, policy_of
from appliance.records.keys import OpeningKey, to_base64url

# Always the same: they are in the tests' names.
KEY, OTHER_KEY = (OpeningKey(X25519PrivateKey.from_private_bytes(bytes([n] * 32))).public for n in (1, 2))
JWK, OTHER = KEY.jwk(), OTHER_KEY.jwk()
POLICY = policy_text(KEY)
BASE = (Path(__file__).parent / "base.toml").read_text(encoding="utf-8")


def test_a_whole_policy_is_taken() -> None:
    policy = policy_of("\ufeff" + POLICY)

    assert (policy.months, policy.fields[0]) == (12, "mac")
    assert policy.record_key().kid == JWK["kid"]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('citation = "Quyết định số 12/2026/QĐ-UBND, Điều 7"\n', "", "citation: is required"),
        ("Quyết định số 12/2026/QĐ-UBND, Điều 7", " ", 'citation = " ": '),
        ("months = 12", "months = 0", "months = 0: must be at least 1"),
        ("months = 12", "months = 25", "months = 25: must be at most 24"),
        ("months = 12", 'months = "12"', 'months = "12": must be a whole number'),
        ("2028-06-30", "2026-06-30", "valid_until = 2026-06-30: before valid_from = 2026-07-01"),
        ("2028-06-30", '"30/06/2028"', 'valid_until = "30/06/2028": must be a date'),
        ('["mac"', '["url"', 'fields[0] = "url": use one of: "mac", "ipv4", "ipv6", "bytes", "terms"'),
        ('["mac"', '["ipv4"', 'fields = ["ipv4", "ipv4", "ipv6", "bytes", "terms"]: '),
        ('["mac", "ipv4", "ipv6", "bytes", "terms"]', "[]", "fields = []: must have at least 1"),
        ('"X25519"', '"Ed25519"', 'key.crv = "Ed25519": use one of: "X25519"'),
        (JWK["x"], JWK["x"][:-3], f'key.x = "{JWK["x"][:-3]}": not the province\'s key'),
        (JWK["x"], to_base64url(bytes(32)), "low order"),
        (JWK["kid"], OTHER["kid"], f"the thumbprint of x, which is {JWK['kid']}"),
        ("months = 12", "months = 12\nmoths = 3", "moths = 3: unknown key; remove it"),
        ("months = 12", "months = ", "not TOML"),
        ("months = 12", f'months = 12\nx = "{"a" * 1200}"', "longer than 1000 characters"),
        (
            "months = 12",
            "# " + "\n# ".join("a" * 900 for _ in range(10)),
            f"larger than {MAX_BYTES >> 10} KiB",
        ),
    ],
)
def test_a_mistake_is_named_with_field_value_and_remedy(old: str, new: str, line: str) -> None:
    assert old in POLICY
    with pytest.raises(ConfigError) as caught:
        policy_of(POLICY.replace(old, new, 1))

    assert line in str(caught.value)
    assert str(caught.value).startswith("retention.toml: ")
    assert caught.value.vi() != str(caught.value)


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(POLICY.encode("utf-16"))
    (tmp_path / "large.toml").write_bytes(b"#" * (MAX_BYTES + 1))
    os.mkfifo(tmp_path / "pipe.toml")
    for name, word in (
        ("none.toml", "retention_file out of office.toml"),
        ("latin.toml", "not UTF-8"),
        ("large.toml", "larger than"),
        ("pipe.toml", "not a regular file"),
    ):
        with pytest.raises(ConfigError, match=word):
            load_policy(tmp_path / name)


@pytest.mark.parametrize(
    ("day", "is_trusted", "is_in_force"),
    [
        ("2026-06-30", True, False),
        ("2026-07-01", True, True),
        ("2028-06-30", True, True),
        ("2028-07-01", True, False),
        # Of an untrusted clock no day is later than the true one.
        ("2025-12-01", False, True),
        ("2028-07-01", False, False),
    ],
)
def test_a_policy_holds_from_its_first_day_to_its_last(day: str, is_trusted: bool, is_in_force: bool) -> None:
    policy = policy_of(POLICY)
    assert policy.is_in_force(day, is_trusted=is_trusted) is is_in_force
    assert policy.is_over(day) is (day > "2028-06-30")


def test_no_policy_is_the_default() -> None:
    assert loads(BASE).hotspot.retention_file is None
