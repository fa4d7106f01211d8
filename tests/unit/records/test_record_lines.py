"""Sealed lines and their chain: only the province's key opens one, and only in its own place."""

import json
from dataclasses import replace

import orjson
import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.hmac import HMAC
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.records.errors import RecordKeyError, RecordsError, SealedForAnotherError
from appliance.records.keys import OpeningKey, RecordKey, from_base64url, to_base64url
from appliance.records.lines import MOST_LINE, Line, Link, line_hash, sealed
from appliance.records.record import FIELDS, MOST_ADDRESSES, PAD, Record

KEY, OTHER = OpeningKey.generate(), OpeningKey.generate()
START = Link.start("0123456789abcdef", "xa-01")
RECORD = Record(
    start="2026-11-23T05:00:00.000000Z",
    end="2026-11-23T05:30:00.000000Z",
    is_clock_trusted=True,
    is_resumed=False,
    reason="idle",
    mac="02:00:00:00:00:01",
    ipv4=("10.77.0.23",),
    ipv6=("fd77:6d63:7561::1",),
    bytes_up=1_000,
    bytes_down=20_000,
    terms="ab" * 32,
)


def chain(count, key=KEY):
    link, lines = START, []
    for number in range(count):
        lines.append(sealed(replace(RECORD, bytes_up=number), key.public, link))
        link = lines[-1].after()
    return lines


def test_only_the_key_that_it_was_sealed_to_opens_a_line():
    line = Line.of(sealed(RECORD, KEY.public, START).to_bytes())

    assert line.open(KEY) == RECORD
    with pytest.raises(SealedForAnotherError):
        line.open(OTHER)
    # Nor does another key that claims to be the one that is named.
    forged = replace(line, key=OTHER.public.kid)
    with pytest.raises(RecordsError, match="altered"):
        forged.open(OTHER)


def test_a_line_holds_nothing_of_its_record_in_the_clear():
    raw = sealed(RECORD, KEY.public, START).to_bytes()
    for told in (RECORD.mac, RECORD.ipv4[0], RECORD.ipv6[0], RECORD.terms, "idle", "2026-11-23"):
        assert told.encode() not in raw
    assert set(orjson.loads(raw)) == {"chain", "device", "key", "missed", "prev", "sealed", "seq"}


def test_the_length_does_not_tell_how_many_addresses_there_were():
    one = sealed(RECORD, KEY.public, START)
    none = sealed(replace(RECORD, ipv6=()), KEY.public, START)
    assert len(RECORD.to_bytes()) % PAD == 0
    assert len(one.to_bytes()) == len(none.to_bytes())


def test_the_same_record_twice_is_two_different_lines():
    assert sealed(RECORD, KEY.public, START).sealed != sealed(RECORD, KEY.public, START).sealed


def test_a_record_with_every_address_fits_a_line():
    full = replace(RECORD, ipv4=("255.255.255.255",) * MOST_ADDRESSES, ipv6=("f" * 39,) * MOST_ADDRESSES)
    assert len(sealed(full, KEY.public, START, missed=10**9).to_bytes()) < MOST_LINE


def test_a_line_is_canonical_json():
    raw = sealed(RECORD, KEY.public, START).to_bytes()
    assert rfc8785.dumps(json.loads(raw)) == raw


def extract(salt, key):
    made = HMAC(salt, SHA256())
    made.update(key)
    return made.finalize()


def expand(key, info, size):
    out, block, number = b"", b"", 1
    while len(out) < size:
        made = HMAC(key, SHA256())
        made.update(block + info + bytes([number]))
        block, number = made.finalize(), number + 1
        out += block
    return out[:size]


def test_what_is_sealed_is_hpke_base_mode_as_rfc_9180_writes_it():
    """The RFC's own steps, written out: the province may open records with any implementation of it."""
    line = sealed(RECORD, KEY.public, START, missed=3)
    around = {k: v for k, v in json.loads(line.to_bytes()).items() if k != "sealed"}
    info = rfc8785.dumps(around)
    enc, ciphertext = line.sealed[:32], line.sealed[32:]
    kem, suite = b"KEM" + (0x20).to_bytes(2), b"HPKE" + b"".join(n.to_bytes(2) for n in (0x20, 1, 3))

    def labeled_extract(suite_id, salt, label, ikm):
        return extract(salt or bytes(32), b"HPKE-v1" + suite_id + label + ikm)

    def labeled_expand(suite_id, prk, label, given, size):
        return expand(prk, size.to_bytes(2) + b"HPKE-v1" + suite_id + label + given, size)

    dh = KEY.key.exchange(X25519PublicKey.from_public_bytes(enc))
    prk = labeled_extract(kem, b"", b"eae_prk", dh)
    shared = labeled_expand(kem, prk, b"shared_secret", enc + KEY.public.raw, 32)
    context = b"\0" + labeled_extract(suite, b"", b"psk_id_hash", b"")
    context += labeled_extract(suite, b"", b"info_hash", info)
    secret = labeled_extract(suite, shared, b"secret", b"")
    key = labeled_expand(suite, secret, b"key", context, 32)
    nonce = labeled_expand(suite, secret, b"base_nonce", context, 12)

    assert Record.from_bytes(ChaCha20Poly1305(key).decrypt(nonce, ciphertext, b"")) == RECORD


@pytest.mark.parametrize("member", ["chain", "device", "missed", "prev", "seq", "sealed"])
def test_a_line_does_not_open_once_any_of_it_was_altered(member):
    line = sealed(RECORD, KEY.public, START)
    other = {
        "chain": "f" * 16,
        "device": "xa-02",
        "missed": 7,
        "prev": "0" * 64,
        "seq": 2,
        "sealed": line.sealed[:-1] + bytes([line.sealed[-1] ^ 1]),
    }[member]
    with pytest.raises(RecordsError, match="altered"):
        replace(line, **{member: other}).open(KEY)


def problem(lines, link=START):
    """Why some lines are no chain, or None."""
    for raw in lines:
        try:
            line = Line.of(raw)
        except RecordsError as error:
            return str(error)
        wrong = line.follows(link)
        if wrong is not None:
            return wrong
        link = line.after()
    return None


def test_a_chain_that_nobody_touched_is_whole():
    assert problem([each.to_bytes() for each in chain(5)]) is None


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_lines_that_were_altered_reordered_dropped_or_repeated_are_no_chain(data):
    lines = [each.to_bytes() for each in CHAIN]
    how = data.draw(st.sampled_from(["alter", "swap", "drop", "repeat", "cut"]))
    at = data.draw(st.integers(0, len(lines) - 2))
    if how == "alter":
        byte = data.draw(st.integers(0, len(lines[at]) - 1))
        bit = 1 << data.draw(st.integers(0, 7))
        lines[at] = lines[at][:byte] + bytes([lines[at][byte] ^ bit]) + lines[at][byte + 1 :]
    elif how == "swap":
        to = data.draw(st.integers(at + 1, len(lines) - 1))
        lines[at], lines[to] = lines[to], lines[at]
    elif how == "drop":
        del lines[at]
    elif how == "repeat":
        lines.insert(at, lines[at])
    else:
        lines[at] = lines[at][: data.draw(st.integers(0, len(lines[at]) - 1))]

    assert problem(lines) is not None


CHAIN = chain(6)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=100).map(str.encode))
def test_bytes_that_are_no_line_are_refused_by_name(data):
    with pytest.raises(RecordsError):
        Line.of(data)


@settings(max_examples=100, deadline=None)
@given(
    st.frozensets(st.sampled_from(FIELDS)),
    st.lists(st.ip_addresses(v=4).map(str), max_size=MOST_ADDRESSES),
    st.lists(st.ip_addresses(v=6).map(str), max_size=MOST_ADDRESSES),
    st.integers(0, 2**53 - 1),
    st.sampled_from(["time", "power"]),
)
def test_what_was_sealed_comes_back_with_what_the_policy_asks_for_and_nothing_else(
    fields, ipv4, ipv6, used, reason
):
    whole = replace(RECORD, ipv4=tuple(ipv4), ipv6=tuple(ipv6), bytes_up=used, reason=reason)
    kept = whole.only(fields)

    opened = Line.of(sealed(kept, KEY.public, START).to_bytes()).open(KEY)

    assert opened == kept
    asked = {"mac": "mac", "ipv4": "ipv4", "ipv6": "ipv6", "bytes_up": "bytes", "terms": "terms"}
    for name, wanted in asked.items():
        assert (getattr(opened, name) is None) == (wanted not in fields)


def test_the_genesis_is_a_hash_that_anybody_can_compute():
    assert START.head == line_hash(b'{"chain":"0123456789abcdef","device":"xa-01"}')


def test_a_key_is_named_by_its_thumbprint_as_rfc_7638_says():
    jwk = KEY.public.jwk()
    digest = Hash(SHA256())
    digest.update(rfc8785.dumps({name: jwk[name] for name in ("crv", "kty", "x")}))
    assert jwk["kid"] == to_base64url(digest.finalize())
    assert RecordKey.from_x(jwk["x"]).kid == jwk["kid"]


@pytest.mark.parametrize(
    ("x", "reason"),
    [
        (None, "not base64url"),
        ("*" * 43, "not base64url"),
        (to_base64url(bytes(31)), "31 bytes"),
        (to_base64url(bytes(32)), "low order"),
        (to_base64url(b"\1" + bytes(31)), "low order"),
        (to_base64url(bytes(31) + b"\2")[:-1] + "J", "not base64url"),
    ],
)
def test_what_is_no_key_or_one_that_everybody_opens_is_refused(x, reason):
    with pytest.raises(RecordKeyError, match=reason):
        RecordKey.from_x(x)


def test_a_private_key_comes_back_from_its_file_and_half_of_one_does_not():
    again = OpeningKey.from_bytes(KEY.to_bytes())
    assert again.public.kid == KEY.public.kid
    assert sealed(RECORD, KEY.public, START).open(again) == RECORD

    jwk = orjson.loads(KEY.to_bytes())
    for broken in (
        b"nothing",
        orjson.dumps(KEY.public.jwk()),
        orjson.dumps({**jwk, "x": OTHER.public.jwk()["x"]}),
        orjson.dumps({**jwk, "crv": "Ed25519"}),
        orjson.dumps({**jwk, "d": "AA"}),
    ):
        with pytest.raises(RecordKeyError):
            OpeningKey.from_bytes(broken)


@given(st.binary(max_size=64))
def test_base64url_has_one_spelling(data):
    assert from_base64url(to_base64url(data)) == data


def test_each_line_has_a_key_of_its_own():
    """The encapsulated key is another X25519 point each time."""
    points = {each.sealed[:32] for each in CHAIN}
    assert len(points) == len(CHAIN)
    for point in points:
        X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(point))
