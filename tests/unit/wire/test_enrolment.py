from dataclasses import replace
from typing import Any

import pytest
from wire_forge import CENTER_KEY, KEY, ROOT_KEY, STRANGER, forge, golden

from appliance.wire.canonical import canonical
from appliance.wire.enrolment import ENROLLED_TYPE, ENROLMENT_TYPE, ROLES, Claim, Enrolled, EnrolmentRequest
from appliance.wire.errors import AlteredError, UnknownKeyError, WireError
from appliance.wire.keys import SigningKey

CLAIM = Claim("tan-thanh-01", "K7QF-2MXR-9TPD-VW4H")
REQUEST = EnrolmentRequest(
    center="https://center.example.vn/v1",
    claim=CLAIM,
    key=KEY.public,
    serial="10000000abcdef01",
    board="Raspberry Pi 4 Model B",
    software="motcua 0.1.0",
)
PAYLOAD = {
    "center": REQUEST.center,
    "claim": str(CLAIM),
    "key": KEY.public.jwk(),
    "serial": REQUEST.serial,
    "board": REQUEST.board,
    "software": REQUEST.software,
}
ANSWER = Enrolled("tan-thanh-01", "xa-tan-thanh", "office", (ROOT_KEY.public, CENTER_KEY.public))
ANSWERED = {
    "device": ANSWER.device,
    "site": ANSWER.site,
    "role": ANSWER.role,
    "center_keys": [ROOT_KEY.public.jwk(), CENTER_KEY.public.jwk()],
}


def request(payload: dict[str, Any], key: SigningKey = KEY, **header: str) -> str:
    protected = {"alg": "Ed25519", "kid": key.kid, "typ": ENROLMENT_TYPE, **header}
    return forge(protected, canonical(payload), key)


def answer(payload: dict[str, Any], key: SigningKey = ROOT_KEY, **header: str) -> str:
    protected = {"alg": "Ed25519", "kid": key.kid, "typ": ENROLLED_TYPE, **header}
    return forge(protected, canonical(payload), key)


def test_a_request_reads_back() -> None:
    token = REQUEST.sign(KEY)
    assert token == request(PAYLOAD)
    got = EnrolmentRequest.verify(token)
    assert replace(got, key=REQUEST.key) == REQUEST
    assert got.key.jwk() == KEY.public.jwk()


def test_a_request_is_signed_by_the_key_it_carries() -> None:
    with pytest.raises(AlteredError):
        EnrolmentRequest.verify(request(PAYLOAD, STRANGER))
    with pytest.raises(AlteredError):
        EnrolmentRequest.verify(request(PAYLOAD, STRANGER, kid=KEY.kid))
    with pytest.raises(AlteredError):
        EnrolmentRequest.verify(request(PAYLOAD, KEY, kid=STRANGER.kid))


@pytest.mark.parametrize("member", PAYLOAD)
@pytest.mark.parametrize("wrong", [None, 5, "", [], {}, "x" * 400])
def test_a_member_of_a_wrong_type_is_refused(member: str, wrong: object) -> None:
    with pytest.raises(WireError):
        EnrolmentRequest.verify(request({**PAYLOAD, member: wrong}))


@pytest.mark.parametrize("member", PAYLOAD)
def test_a_missing_member_is_refused(member: str) -> None:
    with pytest.raises(WireError):
        EnrolmentRequest.verify(request({name: value for name, value in PAYLOAD.items() if name != member}))


def test_a_request_has_no_other_member() -> None:
    with pytest.raises(WireError, match="device"):
        EnrolmentRequest.verify(request({**PAYLOAD, "device": "tan-thanh-01"}))


def test_a_request_never_carries_a_private_key() -> None:
    with pytest.raises(WireError, match="private"):
        EnrolmentRequest.verify(request({**PAYLOAD, "key": {**KEY.public.jwk(), "d": "AAAA"}}))


def test_an_answer_is_no_request() -> None:
    with pytest.raises(WireError, match="typ"):
        EnrolmentRequest.verify(request(PAYLOAD, typ=ENROLLED_TYPE))


@pytest.mark.parametrize("claim", ["a.b", "tan-thanh-01.K7QF", "a.b.c", "-.~!", f"{'a' * 32}.{'b' * 128}"])
def test_a_claim_reads_back(claim: str) -> None:
    assert str(Claim.parse(claim)) == claim


@pytest.mark.parametrize(
    "claim",
    [
        None,
        5,
        [],
        "",
        "a",
        ".",
        "a.",
        ".b",
        "a b.c",
        "á.b",
        f"{'a' * 33}.b",
        f"a.{'b' * 129}",
        "a.b c",
        "a.b\n",
        "a.\x00",
        "a.é",
    ],
)
def test_what_is_no_claim(claim: object) -> None:
    with pytest.raises(WireError, match="claim"):
        Claim.parse(claim)


def test_an_answer_reads_back() -> None:
    token = ANSWER.sign(ROOT_KEY)
    assert token == answer(ANSWERED)
    got = Enrolled.verify(token, ROOT_KEY.kid)
    assert replace(got, center_keys=ANSWER.center_keys) == ANSWER
    assert [key.kid for key in got.center_keys] == [ROOT_KEY.kid, CENTER_KEY.kid]


@pytest.mark.parametrize("role", sorted(ROLES))
def test_every_role_is_taken(role: str) -> None:
    assert Enrolled.verify(answer({**ANSWERED, "role": role}), ROOT_KEY.kid).role == role


def test_only_the_pinned_root_key_signs() -> None:
    rogue = {**ANSWERED, "center_keys": [STRANGER.public.jwk()]}
    with pytest.raises(UnknownKeyError):
        Enrolled.verify(answer(rogue, STRANGER), ROOT_KEY.kid)
    with_both = {**ANSWERED, "center_keys": [ROOT_KEY.public.jwk(), STRANGER.public.jwk()]}
    with pytest.raises(UnknownKeyError):
        Enrolled.verify(answer(with_both, STRANGER), ROOT_KEY.kid)
    with pytest.raises(AlteredError):
        Enrolled.verify(answer(with_both, STRANGER, kid=ROOT_KEY.kid), ROOT_KEY.kid)
    with pytest.raises(UnknownKeyError):
        Enrolled.verify(answer(ANSWERED, CENTER_KEY), ROOT_KEY.kid)
    with pytest.raises(UnknownKeyError):
        Enrolled.verify(answer(ANSWERED), STRANGER.kid)


@pytest.mark.parametrize("keys", [None, [], {}, "x", [None], [{}], [CENTER_KEY.public.jwk()], [ROOT_KEY.kid]])
def test_the_root_key_is_among_the_center_keys(keys: object) -> None:
    with pytest.raises(WireError):
        Enrolled.verify(answer({**ANSWERED, "center_keys": keys}), ROOT_KEY.kid)


def test_every_center_key_is_a_key() -> None:
    keys = [ROOT_KEY.public.jwk(), {"kty": "OKP", "crv": "Ed448", "x": "AAAA"}]
    with pytest.raises(WireError):
        Enrolled.verify(answer({**ANSWERED, "center_keys": keys}), ROOT_KEY.kid)


@pytest.mark.parametrize("member", ["device", "site", "role"])
@pytest.mark.parametrize("wrong", [None, 5, "", [], {}, "a b", "center"])
def test_a_wrong_member_of_an_answer_is_refused(member: str, wrong: object) -> None:
    if wrong == "center" and member != "role":  # an id like any other
        Enrolled.verify(answer({**ANSWERED, member: wrong}), ROOT_KEY.kid)
        return
    with pytest.raises(WireError):
        Enrolled.verify(answer({**ANSWERED, member: wrong}), ROOT_KEY.kid)


def test_the_golden_tokens_verify() -> None:
    tokens = golden.enrolments()
    assert str(EnrolmentRequest.verify(tokens["enrolment.jws"]).claim) == tokens["claim.txt"]
    assert Enrolled.verify(tokens["enrolled.jws"], ROOT_KEY.kid).site == golden.SITE
