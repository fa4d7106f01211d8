import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire_forge import KEY, STRANGER, b64, forge, unb64

from appliance.wire import jws
from appliance.wire.canonical import canonical
from appliance.wire.errors import AlteredError, BadEventError, UnknownKeyError, WireError
from appliance.wire.keys import PublicKey

TYP = "motcua-test+jws"
PAYLOAD = {"device": "tan-thanh-01", "text": "Xã Tân Thành"}
GOOD = {"alg": "Ed25519", "kid": KEY.kid, "typ": TYP}
TOKEN = jws.sign(PAYLOAD, KEY, TYP)
HEADER, BODY, SIGNATURE = TOKEN.split(".")


def find(kid: str, _payload: dict[str, Any]) -> PublicKey:
    for key in (KEY, STRANGER):
        if key.kid == kid:
            return key.public
    raise UnknownKeyError(kid=kid, reason="not in this register")


def test_a_token_is_these_three_parts() -> None:
    assert json.loads(unb64(HEADER)) == GOOD
    assert unb64(BODY) == canonical(PAYLOAD)
    assert len(unb64(SIGNATURE)) == 64
    assert jws.verify(TOKEN, TYP, find) == PAYLOAD
    assert forge(GOOD, canonical(PAYLOAD)) == TOKEN


def test_signing_is_deterministic() -> None:
    assert jws.sign(PAYLOAD, KEY, TYP) == TOKEN


@pytest.mark.parametrize(
    "alg",
    ["EdDSA", "none", "None", "", "HS256", "Ed448", "ed25519", "RS256", "ES256", None, 1, ["Ed25519"], {}],
)
def test_no_other_algorithm(alg: object) -> None:
    with pytest.raises(WireError, match="alg"):
        jws.verify(forge({**GOOD, "alg": alg}, canonical(PAYLOAD)), TYP, find)


def test_hmac_with_the_public_key_is_refused() -> None:
    import hashlib
    import hmac

    head = b64(json.dumps({**GOOD, "alg": "HS256"}).encode())
    signed = f"{head}.{BODY}"
    mac = hmac.new(unb64(KEY.public.jwk()["x"]), signed.encode(), hashlib.sha256).digest()
    with pytest.raises(WireError, match="alg"):
        jws.verify(f"{signed}.{b64(mac)}", TYP, find)


@pytest.mark.parametrize("alg", ["none", "Ed25519"])
def test_an_empty_signature_is_refused(alg: str) -> None:
    head = b64(json.dumps({**GOOD, "alg": alg}).encode())
    with pytest.raises(WireError):
        jws.verify(f"{head}.{BODY}.", TYP, find)


@pytest.mark.parametrize(
    "more",
    [
        {"crit": ["exp"]},
        {"crit": []},
        {"jwk": STRANGER.public.jwk()},
        {"jku": "https://center.example.vn"},
        {"x5c": []},
        {"b64": False},
        {"b64": True},
        {"b64": False, "crit": ["b64"]},
        {"cty": "json"},
        {"exp": 1},
        {"": 1},
        {"ALG": "Ed25519"},
    ],
)
def test_no_other_member(more: dict[str, Any]) -> None:
    with pytest.raises(WireError, match="exactly"):
        jws.verify(forge({**GOOD, **more}, canonical(PAYLOAD)), TYP, find)


@pytest.mark.parametrize("member", ["alg", "kid", "typ"])
def test_no_member_less(member: str) -> None:
    header = {name: value for name, value in GOOD.items() if name != member}
    with pytest.raises(WireError, match="exactly"):
        jws.verify(forge(header, canonical(PAYLOAD)), TYP, find)


@pytest.mark.parametrize("member", ["alg", "kid", "typ"])
def test_no_repeated_member(member: str) -> None:
    raw = json.dumps(GOOD).encode()
    repeated = raw[:-1] + b"," + json.dumps({member: GOOD[member]}).encode()[1:]
    with pytest.raises(WireError, match="repeats"):
        jws.verify(forge(repeated, canonical(PAYLOAD)), TYP, find)


@pytest.mark.parametrize(
    "typ", ["motcua-batch+jws", "MOTCUA-TEST+JWS", "application/motcua-test+jws", "", None, 5]
)
def test_no_other_type(typ: object) -> None:
    with pytest.raises(WireError, match="typ"):
        jws.verify(forge({**GOOD, "typ": typ}, canonical(PAYLOAD)), TYP, find)


@pytest.mark.parametrize(
    "kid", ["", "x", None, 5, [], KEY.kid + "=", KEY.kid[:-1], KEY.kid + "A", "\ud800" * 43, "é" * 43]
)
def test_a_kid_is_a_thumbprint(kid: object) -> None:
    with pytest.raises(WireError, match="kid"):
        jws.verify(forge({**GOOD, "kid": kid}, canonical(PAYLOAD)), TYP, find)


def test_the_signature_of_another_key_is_altered() -> None:
    with pytest.raises(AlteredError):
        jws.verify(forge({**GOOD, "kid": STRANGER.kid}, canonical(PAYLOAD), KEY), TYP, find)
    with pytest.raises(AlteredError):
        jws.verify(forge(GOOD, canonical(PAYLOAD), STRANGER), TYP, find)


def test_a_register_that_finds_another_key_is_not_believed() -> None:
    with pytest.raises(AlteredError, match="named"):
        jws.verify(TOKEN, TYP, lambda _kid, _payload: STRANGER.public)


def test_an_unknown_key_stays_unknown() -> None:
    with pytest.raises(UnknownKeyError):
        jws.verify(forge({**GOOD, "kid": "A" * 43}, canonical(PAYLOAD)), TYP, find)


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "...",
        TOKEN + ".",
        "." + TOKEN,
        TOKEN + "\n",
        " " + TOKEN,
        TOKEN.replace(".", "..", 1),
        f"{HEADER}.{BODY}",
        f"{HEADER}..{SIGNATURE}",
        f"{HEADER}=.{BODY}.{SIGNATURE}",
        f"{HEADER}.{BODY}.{SIGNATURE}==",
        f"{HEADER}.{BODY}=.{SIGNATURE}",
        f"{HEADER}.{BODY}.{SIGNATURE}A",
        f"{HEADER}.{BODY}.{SIGNATURE[:-2]}",
        f"{HEADER}.{BODY} .{SIGNATURE}",
        f"{HEADER}.{BODY}.{SIGNATURE[:5]}\n{SIGNATURE[5:]}",
        f"{HEADER}.{BODY}.é",
        f"{HEADER}.{BODY}.\ud800",
        "é.é.é",
        "A" * 100_000,
        json.dumps({"payload": BODY, "protected": HEADER, "signature": SIGNATURE}),
    ],
)
def test_what_is_no_compact_jws(token: str) -> None:
    with pytest.raises(WireError):
        jws.verify(token, TYP, find)


@pytest.mark.parametrize("part", range(3))
def test_only_the_one_spelling_of_base64url(part: int) -> None:
    parts = TOKEN.split(".")
    spare = -len(parts[part]) % 4  # 1 or 2 characters short of a group: 2 or 4 bits are spare
    if spare:
        last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".index(parts[part][-1])
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        stray = [*parts]
        stray[part] = parts[part][:-1] + alphabet[last ^ 1]
        assert unb64(stray[part]) == unb64(parts[part])
        with pytest.raises(WireError):
            jws.verify(".".join(stray), TYP, find)
    plain = [*parts]
    plain[part] = base64.b64encode(unb64(parts[part])).decode().rstrip("=")
    if plain != parts:
        with pytest.raises(WireError):
            jws.verify(".".join(plain), TYP, find)


def test_the_standard_alphabet_is_refused() -> None:
    tokens = (jws.sign({"n": number}, KEY, TYP) for number in range(100))
    token = next(token for token in tokens if {"-", "_"} & set(token.split(".")[2]))
    with pytest.raises(WireError):
        jws.verify(token.replace("-", "+").replace("_", "/"), TYP, find)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b"1",
        b"null",
        b'"a"',
        b'{"a": 1}',
        b'{"a":1,"a":1}',
        b'{"a":1.5}',
        b'{"a":"\xff"}',
        b'{"a":9007199254740992}',
        b'{"a":"\\u0041"}',
        '{"a":"e\u0301"}'.encode(),
        '{"é":1}'.encode(),
        b'{"b":1,"a":1}',
        b"{}\n",
        b'{"a":' * 200 + b"1" + b"}" * 200,
    ],
)
def test_a_payload_is_a_canonical_object(payload: bytes) -> None:
    with pytest.raises(WireError, match="payload"):
        jws.verify(forge(GOOD, payload), TYP, find)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-8-sig"])
def test_a_header_is_utf8(encoding: str) -> None:
    with pytest.raises(WireError, match="header"):
        jws.verify(forge(json.dumps(GOOD).encode(encoding), canonical(PAYLOAD)), TYP, find)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b'"alg"',
        b"5",
        b"[" * 5000,
        b'{"alg":' + b"9" * 5000 + b"}",
        b"\xff",
        b'{"alg":"Ed25519"}x',
    ],
)
def test_what_is_no_header(raw: bytes) -> None:
    with pytest.raises(WireError, match="header"):
        jws.verify(forge(raw, canonical(PAYLOAD)), TYP, find)


def test_a_token_is_bounded() -> None:
    long = jws.sign({"a": "x" * 40_000}, KEY, TYP)
    assert jws.verify(long, TYP, find) == {"a": "x" * 40_000}
    with pytest.raises(WireError, match="at most"):
        jws.verify(jws.sign({"a": "x" * 60_000}, KEY, TYP), TYP, find)


@given(st.integers(0, len(TOKEN) - 1), st.characters(exclude_categories=["Cs"]))
def test_no_other_character_is_accepted(at: int, character: str) -> None:
    altered = TOKEN[:at] + character + TOKEN[at + 1 :]
    if altered != TOKEN:
        with pytest.raises(WireError):
            jws.verify(altered, TYP, find)


@given(
    st.dictionaries(
        st.sampled_from(["alg", "kid", "typ", "x"]), st.sampled_from(["Ed25519", KEY.kid, TYP, 1])
    )
)
def test_a_header_is_accepted_only_when_it_is_the_one(header: dict[str, Any]) -> None:
    token = forge(header, canonical(PAYLOAD))
    if header == GOOD:
        assert jws.verify(token, TYP, find) == PAYLOAD
    else:
        with pytest.raises(WireError):
            jws.verify(token, TYP, find)


@pytest.mark.parametrize("payload", [{"a": 1.5}, {"a": "e\u0301"}, {"a": 2**53}, {"é": 1}, {"a": {1, 2}}])
def test_never_signs_what_no_verifier_takes(payload: dict[str, Any]) -> None:
    with pytest.raises(BadEventError):
        jws.sign(payload, KEY, TYP)


def test_an_unverified_payload_is_only_read() -> None:
    assert jws.unverified_payload(TOKEN) == PAYLOAD
    assert jws.unverified_payload(f"{HEADER}.{BODY}.AAAA") == PAYLOAD


@pytest.mark.parametrize(
    "token", ["", "a.b", f".{b64(b'[]')}.", ".é.", "..", ".\ud800.", f".{b64(b'{')}.", "a.b=.c"]
)
def test_what_has_no_payload(token: str) -> None:
    with pytest.raises(WireError):
        jws.unverified_payload(token)
