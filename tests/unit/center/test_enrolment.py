from datetime import timedelta

import orjson
import pytest
from sim_center import URL, Center, kind, problem
from sim_center_device import SimDevice

from appliance.wire import enrolment, jws
from appliance.wire.enrolment import Enrolled
from center import register
from center.errors import RegisterError
from center.register import Place
from center.settings import Settings


def confirming(center: Center) -> Center:
    center.settings = Settings(url=URL, confirm=True)
    center.restart()
    return center


def test_a_good_claim_lets_the_key_in_and_names_the_box(center: Center) -> None:
    box = SimDevice("BOX-7")
    reply = center.enrol(box, center.claim("BOX-7", "site-3", "hotspot"))
    assert (reply.status, reply.media_type) == (201, "application/jose")
    enrolled = Enrolled.verify(reply.body.decode(), center.keys.root_thumbprint)
    assert (enrolled.device, enrolled.site, enrolled.role) == ("BOX-7", "site-3", "hotspot")
    assert [key.kid for key in enrolled.center_keys] == [center.keys.root.kid, center.keys.receipts.kid]
    assert center.keys.root.kid != center.keys.receipts.kid
    assert kind(center.send(box.epoch(events=1), 1, 1)) == "receipt"


def test_the_same_key_and_claim_again_gets_the_same_answer_even_later(center: Center) -> None:
    box = SimDevice()
    claim = center.claim(days=1)
    first = center.enrol(box, claim)
    center.restart()
    center.clock.at += timedelta(days=400)
    assert center.enrol(box, claim) == first


def test_another_key_finds_the_claim_used(center: Center) -> None:
    claim = center.claim()
    box, thief = SimDevice(), SimDevice()
    center.enrol(box, claim)
    reply = center.enrol(thief, claim)
    assert (reply.status, kind(reply)) == (409, "claim-used")
    assert kind(center.send(thief.epoch(events=1), 1, 1)) == "unknown-key"
    assert kind(center.send(box.epoch(events=1), 1, 1)) == "receipt"


def test_an_expired_claim_is_refused(center: Center) -> None:
    claim = center.claim(days=3)
    center.clock.at += timedelta(days=3)
    box = SimDevice()
    center.clock.at += timedelta(microseconds=1)
    reply = center.enrol(box, claim)
    assert (reply.status, kind(reply)) == (401, "bad-claim")
    assert "expired" in problem(reply)["detail"]
    center.clock.at -= timedelta(microseconds=1)
    assert center.enrol(box, claim).status == 201


@pytest.mark.parametrize("claim", ["BOX-1.wrong", "BOX-2.wrong", "NOBODY.x"])
def test_an_unknown_claim_is_refused_in_the_same_words(center: Center, claim: str) -> None:
    center.claim()
    reply = center.enrol(SimDevice(), claim)
    assert (reply.status, kind(reply)) == (401, "bad-claim")
    assert problem(reply)["detail"] == f"claim refused: not a claim of {claim.partition('.')[0]}"


def test_the_secret_of_one_device_is_no_claim_of_another(center: Center) -> None:
    secret = center.claim().partition(".")[2]
    center.claim("BOX-2", "site-2")
    assert kind(center.enrol(SimDevice("BOX-2"), f"BOX-2.{secret}")) == "bad-claim"


def test_only_a_hash_of_the_secret_is_kept(center: Center) -> None:
    secret = center.claim().partition(".")[2]
    center.restart()
    kept = b"".join(path.read_bytes() for path in center.folder.iterdir())
    assert secret.encode() not in kept
    assert len(center.store.claims("BOX-1")[0].secret_hash) == 64


@pytest.mark.parametrize(
    ("url", "status"),
    [(URL, 201), (f"{URL}/", 201), ("https://other.example", 401), (f"{URL}:8700", 401)],
)
def test_a_request_is_good_at_the_center_it_is_meant_for_only(center: Center, url: str, status: int) -> None:
    assert center.enrol(SimDevice(), center.claim(), url).status == status


def test_what_is_no_enrolment_is_malformed_and_an_altered_one_a_bad_signature(center: Center) -> None:
    box = SimDevice()
    token = box.enrolment(URL, center.claim())
    head, payload, signature = token.split(".")
    other = box.enrolment(URL, center.claim()).split(".")[1]
    for bad in ("", "a.b", "a.b.c", "đ.đ.đ", f"{head}.{payload}", token + "."):
        assert kind(center.reception.enrol(bad.encode())) == "malformed"
    assert kind(center.reception.enrol(f"{head}.{other}.{signature}".encode())) == "bad-signature"
    wrong_type = jws.sign({"claim": "x.y"}, box.key, "motcua-batch+jws")
    assert kind(center.reception.enrol(wrong_type.encode())) == "malformed"
    assert center.store.devices() == []
    assert center.reception.enrol(f"{token}\n".encode()).status == 201


def test_a_request_must_be_signed_by_the_key_it_carries(center: Center) -> None:
    box, other = SimDevice(), SimDevice()
    request = enrolment.EnrolmentRequest(
        center=URL,
        claim=enrolment.Claim.parse(center.claim()),
        key=other.key.public,
        serial="s",
        board="b",
        software="1",
    )
    assert kind(center.reception.enrol(request.sign(box.key).encode())) == "bad-signature"


def test_a_newer_claim_retires_the_key_it_replaces(center: Center, box: SimDevice) -> None:
    epoch = box.epoch(events=4)
    center.send(epoch, 1, 2)
    renewed = center.enrolled()
    reply = center.send(epoch, 3, 4)
    assert kind(reply) == "unknown-key"
    assert "replaced" in problem(reply)["detail"]
    assert kind(center.send(epoch.copy(4, renewed.key), 3, 4)) == "receipt"
    assert center.audit().is_complete


def test_a_retired_key_cannot_come_back_by_a_claim(center: Center, box: SimDevice) -> None:
    center.enrolled()
    reply = center.enrol(box, center.claim())
    assert kind(reply) == "bad-claim"
    assert "make a new key" in problem(reply)["detail"]


def test_a_key_belongs_to_one_device(center: Center, box: SimDevice) -> None:
    other = SimDevice("BOX-2", box.key)
    assert kind(center.enrol(other, center.claim("BOX-2", "site-2"))) == "bad-claim"


def test_an_active_key_may_use_a_newer_claim_of_its_device(center: Center, box: SimDevice) -> None:
    assert center.enrol(box, center.claim()).status == 201
    assert kind(center.send(box.epoch(events=1), 1, 1)) == "receipt"


def test_a_key_waits_until_an_operator_confirms_it(center: Center) -> None:
    confirming(center)
    box, thief = SimDevice(), SimDevice()
    claim = center.claim(days=9)
    for _ in range(2):
        reply = center.enrol(box, claim)
        assert (reply.status, reply.headers) == (202, {"Retry-After": "60"})
        assert orjson.loads(reply.body)["kid"] == box.key.kid
    assert kind(center.send(box.epoch(events=1), 1, 1)) == "unknown-key"
    assert kind(center.enrol(thief, claim)) == "claim-used"
    with center.store.transaction():
        register.confirm(center.store, "BOX-1", box.key.kid, center.clock.now())
    assert center.enrol(box, claim).status == 201
    assert kind(center.send(box.epoch(events=1), 1, 1)) == "receipt"


def test_a_claim_that_expires_while_it_waits_is_refused(center: Center) -> None:
    confirming(center)
    box = SimDevice()
    claim = center.claim(days=1)
    assert center.enrol(box, claim).status == 202
    center.clock.at += timedelta(days=2)
    assert kind(center.enrol(box, claim)) == "bad-claim"


def test_only_a_key_that_waits_can_be_confirmed(center: Center, box: SimDevice) -> None:
    for kid in (box.key.kid, "unknown"):
        with center.store.transaction(), pytest.raises(RegisterError, match="no key"):
            register.confirm(center.store, "BOX-1", kid, center.clock.now())


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (Place("no id", "s", "office"), "device no id"),
        (Place("B", "", "office"), "site"),
        (Place("B", "s", "boss"), "no such role"),
        (Place("BOX-1", "site-2", "office"), "office device of site site-1"),
        (Place("BOX-1", "site-1", "display"), "office device of site site-1"),
        (Place("BOX-2", "site-1", "office"), "active office device, BOX-1"),
    ],
)
def test_a_claim_that_contradicts_the_register_is_not_made(
    center: Center, box: SimDevice, place: Place, said: str
) -> None:
    with center.store.transaction(), pytest.raises(RegisterError, match=said):
        register.make_claim(center.store, place, center.clock.now(), timedelta(days=1))
    assert len(center.store.claims()) == 1


def test_a_site_has_one_active_office_device_and_any_number_of_others(center: Center) -> None:
    first, second = center.claim("A", "s"), center.claim("B", "s")
    assert center.enrol(SimDevice("A"), first).status == 201
    assert kind(center.enrol(SimDevice("B"), second)) == "bad-claim"
    for name in ("H1", "H2"):
        assert center.enrol(SimDevice(name), center.claim(name, "s", "hotspot")).status == 201
    [key] = center.store.keys("A")
    with center.store.transaction():
        register.retire_key(center.store, key.kid, "moved", center.clock.now())
    assert center.enrol(SimDevice("B"), second).status == 201


def test_of_two_claims_for_different_places_the_first_used_decides(center: Center) -> None:
    first, second = center.claim("A", "s1"), center.claim("A", "s2")
    assert center.enrol(SimDevice("A"), first).status == 201
    assert kind(center.enrol(SimDevice("A"), second)) == "bad-claim"
    assert center.store.devices()[0].site == "s1"


def test_retiring_again_keeps_the_first_time_and_an_unknown_key_is_an_error(
    center: Center, box: SimDevice
) -> None:
    with center.store.transaction():
        first = register.retire_key(center.store, box.key.kid, "stolen", center.clock.now())
        later = center.clock.now() + timedelta(days=1)
        again = register.retire_key(center.store, box.key.kid, "other", later)
        assert (again.retired_at, again.retired_because) == (first.retired_at, "stolen")
        with pytest.raises(RegisterError, match="not in the register"):
            register.retire_key(center.store, "none", "", later)
