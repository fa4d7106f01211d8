import hashlib
from typing import Any

import orjson
import pytest
from wire_forge import KEY, STRANGER, b64, unb64

from appliance.wire import jws
from appliance.wire.errors import WireError
from appliance.wire.keys import PublicKey, SigningKey

JWK = KEY.public.jwk()


def test_a_key_is_named_by_its_thumbprint() -> None:
    # RFC 7638 over the members RFC 8037 requires, in their order; computed by hand.
    text = f'{{"crv":"Ed25519","kty":"OKP","x":"{JWK["x"]}"}}'
    assert KEY.kid == KEY.public.kid == b64(hashlib.sha256(text.encode()).digest())


def test_the_thumbprint_is_that_of_rfc8037() -> None:
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    assert PublicKey.from_jwk(jwk).kid == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_a_public_jwk_reads_back_and_holds_nothing_private() -> None:
    assert JWK.keys() == {"crv", "kty", "x"}
    assert PublicKey.from_jwk(JWK).jwk() == JWK
    assert PublicKey.from_jwk({**JWK, "use": "sig", "kid": "any"}).kid == KEY.kid


def test_a_private_key_reads_back() -> None:
    again = SigningKey.from_bytes(KEY.to_bytes())
    assert again.to_bytes() == KEY.to_bytes()
    assert jws.sign({"a": 1}, again, "t") == jws.sign({"a": 1}, KEY, "t")


def test_new_keys_differ_and_work() -> None:
    one, other = SigningKey.generate(), SigningKey.generate()
    assert one.kid != other.kid
    token = jws.sign({"a": 1}, one, "t")
    assert jws.verify(token, "t", lambda _kid, _payload: one.public) == {"a": 1}


@pytest.mark.parametrize(
    "changes",
    [
        {"kty": "EC"},
        {"kty": None},
        {"crv": "Ed448"},
        {"crv": "X25519"},
        {"crv": []},
        {"x": None},
        {"x": 5},
        {"x": ""},
        {"x": []},
        {"x": "é"},
        {"x": JWK["x"] + "="},
        {"x": JWK["x"][:-1]},
        {"x": JWK["x"] + "A"},
        {"x": JWK["x"] + "\n"},
        {"x": JWK["x"][:-1] + "h"},
        {"x": b64(bytes(31))},
        {"x": b64(bytes(33))},
        {"d": orjson.loads(KEY.to_bytes())["d"]},
    ],
)
def test_what_is_no_public_key(changes: dict[str, Any]) -> None:
    with pytest.raises(WireError):
        PublicKey.from_jwk({**JWK, **changes})


@pytest.mark.parametrize("jwk", [None, [], "x", 5, {}, {"kty": "OKP", "crv": "Ed25519"}])
def test_what_is_no_jwk(jwk: object) -> None:
    with pytest.raises(WireError):
        PublicKey.from_jwk(jwk)


def test_stray_bits_would_have_been_a_second_name_of_one_key() -> None:
    assert unb64(JWK["x"][:-1] + "h") == unb64(JWK["x"])


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"null", b"5", b"\xff", b'{"d":1,"x":2}', KEY.to_bytes()[:-1]]
)
def test_what_is_no_stored_key(data: bytes) -> None:
    with pytest.raises(WireError):
        SigningKey.from_bytes(data)


@pytest.mark.parametrize("part", ["x", "d"])
def test_a_stored_key_of_two_halves_is_refused(part: str) -> None:
    jwk = {**orjson.loads(KEY.to_bytes()), part: orjson.loads(STRANGER.to_bytes())[part]}
    with pytest.raises(WireError, match="not that of its private part"):
        SigningKey.from_bytes(orjson.dumps(jwk))
