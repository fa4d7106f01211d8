"""Every answer of the sending table that the rules give; those of HTTP are integration tests."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sim_center import Center, kind, problem
from sim_center_device import SimDevice, SimEpoch, epoch_id, wire_at

from appliance.wire import batch, jws
from appliance.wire.keys import SigningKey
from appliance.wire.problems import STATUS, ProblemType
from center import register


def test_a_batch_is_answered_with_a_receipt_for_everything_stored(center: Center, box: SimDevice) -> None:
    epoch = box.epoch(events=10)
    reply = center.send(epoch, 1, 4)
    assert kind(reply) == "receipt"
    receipt = center.receipt(reply)
    assert (receipt.device, receipt.epoch) == ("BOX-1", epoch.epoch)
    assert (receipt.upto, receipt.head) == (4, epoch.hash_at(4))
    assert (receipt.center, receipt.at) == ("center", "2026-11-23T09:00:00.000000Z")
    assert receipt.desired == 0
    assert 225 <= receipt.next_after_s <= 375
    assert center.receipt(center.send(epoch, 5, 10)).upto == 10
    assert center.held(epoch) == epoch.lines


def test_a_gap_carries_a_receipt_for_what_is_there(center: Center, box: SimDevice) -> None:
    epoch = box.epoch(events=10)
    center.send(epoch, 1, 4)
    reply = center.send(epoch, 6, 8)
    assert (reply.status, kind(reply)) == (409, "gap")
    receipt = center.receipt(reply)
    assert (receipt.upto, receipt.head) == (4, epoch.hash_at(4))
    assert center.held(epoch) == epoch.lines[:4]


def test_an_unknown_epoch_that_does_not_begin_with_one_is_a_gap_from_nothing(
    center: Center, box: SimDevice
) -> None:
    epoch = box.epoch(events=5)
    reply = center.send(epoch, 2, 5)
    assert kind(reply) == "gap"
    assert (center.receipt(reply).upto, center.receipt(reply).head) == (0, "")
    assert center.store.epochs("BOX-1") == []


@pytest.mark.parametrize(("first", "last"), [(1, 8), (3, 8), (3, 3), (5, 6), (4, 8), (1, 5)])
def test_a_fork_carries_a_receipt_for_the_stored_branch(
    center: Center, box: SimDevice, first: int, last: int
) -> None:
    epoch = box.epoch(events=6)
    center.send(epoch, 1, 6)
    other = epoch.copy(2).grow(6, mark="b")
    reply = center.send(other, first, last)
    assert (reply.status, kind(reply)) == (409, "fork")
    receipt = center.receipt(reply)
    assert (receipt.epoch, receipt.upto, receipt.head) == (epoch.epoch, 6, epoch.hash_at(6))
    assert center.held(epoch) == epoch.lines


def test_another_genesis_of_the_same_epoch_is_a_fork(center: Center, box: SimDevice) -> None:
    epoch = box.epoch(events=3)
    center.send(epoch, 1, 3)
    earlier = box.epoch(0, events=2)
    other = SimEpoch(box.device, box.key, epoch.epoch, earlier.point(2)).grow(5)
    assert kind(center.send(other, 1, 5)) == "fork"


def test_what_is_at_or_below_the_mark_is_answered_and_not_stored_again(
    center: Center, box: SimDevice
) -> None:
    epoch = box.epoch(events=9)
    center.send(epoch, 1, 9)
    for first, last in [(1, 9), (1, 1), (3, 7), (9, 9)]:
        assert center.receipt(center.send(epoch, first, last)).upto == 9
    entry = center.store.last_batch("BOX-1", epoch.epoch)
    assert entry is not None
    assert (entry.first, entry.last, entry.stored_from) == (1, 9, 1)


def test_the_ledger_keeps_the_signed_header_of_what_brought_something_new(
    center: Center, box: SimDevice
) -> None:
    epoch = box.epoch(events=9)
    center.send(epoch, 1, 4)
    center.send(epoch, 3, 9)
    entry = center.store.last_batch("BOX-1", epoch.epoch)
    assert entry is not None
    assert (entry.first, entry.last, entry.stored_from, entry.kid) == (3, 9, 5, box.key.kid)
    payload = jws.verify(entry.token, batch.BATCH_TYPE, lambda _kid, _payload: box.key.public)
    assert payload["head"] == epoch.hash_at(9)


def _time_goes_back(epoch: SimEpoch) -> None:
    epoch.append(at=wire_at(0))


def _rtc_steps_back(epoch: SimEpoch) -> None:
    epoch.append(at=wire_at(0), kind="clock.stepped", was=wire_at(9), now=wire_at(0), source="rtc")


@pytest.mark.parametrize("spoil", [_time_goes_back, _rtc_steps_back])
def test_time_that_goes_back_between_batches_is_a_bad_event_on_line_2(
    center: Center, box: SimDevice, spoil: Callable[[SimEpoch], None]
) -> None:
    epoch = box.epoch(events=8)
    center.send(epoch, 1, 8)
    spoil(epoch)
    epoch.append(at=wire_at(50))
    reply = center.send(epoch, 9, 10)
    assert (reply.status, kind(reply)) == (422, "bad-event")
    assert (problem(reply)["line"], problem(reply)["field"]) == (2, "at")
    assert len(center.held(epoch)) == 8


def test_time_that_goes_back_inside_a_batch_is_a_bad_event_on_the_line_before(
    center: Center, box: SimDevice
) -> None:
    epoch = box.epoch(events=8)
    _time_goes_back(epoch)
    reply = center.send(epoch, 7, 9)
    assert kind(reply) == "bad-event"
    center.send(epoch, 1, 8)
    # As an overlap, the same lines are judged inside the batch.
    assert kind(center.send(epoch, 7, 9)) == "bad-event"


@pytest.mark.parametrize("source", ["ntp", "receipt", "officer"])
def test_a_named_step_may_go_back_between_batches(center: Center, box: SimDevice, source: str) -> None:
    epoch = box.epoch(events=8)
    center.send(epoch, 1, 8)
    epoch.append(at=wire_at(0), kind="clock.stepped", was=wire_at(9), now=wire_at(0), source=source)
    assert center.receipt(center.send(epoch, 9, 9)).upto == 9


def test_unknown_kinds_and_keys_are_stored_as_they_are(center: Center, box: SimDevice) -> None:
    epoch = box.epoch()
    epoch.append(kind="robot.danced", steps=7, partner=None)
    epoch.append(kind="rating.reason", rating=1, reason="slow", newer_key=[1, "đ"])
    assert center.receipt(center.send(epoch, 1, 2)).upto == 2
    assert center.held(epoch) == epoch.lines


def test_a_wrong_event_is_refused_with_its_line_and_nothing_stays(center: Center, box: SimDevice) -> None:
    epoch = box.epoch(events=3)
    epoch.append(kind="rating.given", level=9)
    epoch.grow(2)
    reply = center.send(epoch, 1, 6)
    assert (reply.status, kind(reply), problem(reply)["line"]) == (422, "bad-event", 5)
    assert center.store.epochs("BOX-1") == []


def test_a_key_nobody_enrolled_is_unknown(center: Center) -> None:
    reply = center.send(SimDevice("BOX-9").epoch(events=1), 1, 1)
    assert (reply.status, kind(reply)) == (401, "unknown-key")


def test_a_key_of_another_device_is_unknown(center: Center, box: SimDevice) -> None:
    center.enrolled("BOX-2", "site-2")
    assert kind(center.send(SimDevice("BOX-2", box.key).epoch(events=1), 1, 1)) == "unknown-key"


def test_a_retired_key_is_unknown_with_the_time_and_the_reason(center: Center, box: SimDevice) -> None:
    with center.store.transaction():
        register.retire_key(center.store, box.key.kid, "stolen", center.clock.now())
    reply = center.send(box.epoch(events=1), 1, 1)
    assert kind(reply) == "unknown-key"
    assert "2026-11-23T09:00:00.000000Z: stolen" in problem(reply)["detail"]


def _altered_line(epoch: SimEpoch) -> bytes:
    return epoch.plain(1, 4).replace(b"test.3", b"test.7")


def _altered_header(epoch: SimEpoch) -> bytes:
    token, _, rest = epoch.plain(1, 4).partition(b"\n")
    head, _, signature = token.split(b".")
    other = batch.Header.from_json(epoch.header(1, 3))
    payload = jws.sign(other.to_json(), epoch.key, batch.BATCH_TYPE).encode().split(b".")[1]
    return b".".join([head, payload, signature]) + b"\n" + rest


def _other_signer(epoch: SimEpoch) -> bytes:
    """Return a batch that names the enrolled key and was signed by another."""
    good = epoch.plain(1, 4)
    other = SimEpoch(epoch.device, SigningKey.generate(), epoch.epoch, None, epoch.lines).plain(1, 4)
    head, payload, _ = good.partition(b"\n")[0].split(b".")
    signature = other.partition(b"\n")[0].split(b".")[2]
    return b".".join([head, payload, signature]) + b"\n" + good.partition(b"\n")[2]


def _line_too_few(epoch: SimEpoch) -> bytes:
    return b"\n".join(epoch.plain(1, 4).split(b"\n")[:-2]) + b"\n"


def _lines_swapped(epoch: SimEpoch) -> bytes:
    lines = epoch.plain(1, 4).split(b"\n")
    lines[2], lines[3] = lines[3], lines[2]
    return b"\n".join(lines)


@pytest.mark.parametrize(
    "alter", [_altered_line, _altered_header, _other_signer, _line_too_few, _lines_swapped]
)
def test_altered_content_is_a_bad_signature(
    center: Center, box: SimDevice, alter: Callable[[SimEpoch], bytes]
) -> None:
    reply = center.reception.take_batch(batch.compress(alter(box.epoch(events=4))))
    assert (reply.status, kind(reply)) == (401, "bad-signature")
    assert center.store.epochs("BOX-1") == []


def _token(epoch: SimEpoch, member: str, value: str) -> bytes:
    """Return a batch whose JWS header has another value, signed over it all the same."""
    import base64
    import json

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    def encoded(raw: bytes) -> bytes:
        return base64.urlsafe_b64encode(raw).rstrip(b"=")

    seed = json.loads(epoch.key.to_bytes())["d"]
    private = Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(seed + "="))
    token, _, lines = epoch.plain(1, 2).partition(b"\n")
    header = {"alg": "Ed25519", "kid": epoch.key.kid, "typ": batch.BATCH_TYPE, member: value}
    signed = encoded(json.dumps(header).encode()) + b"." + token.split(b".")[1]
    return signed + b"." + encoded(private.sign(signed)) + b"\n" + lines


@pytest.mark.parametrize(
    ("member", "value", "expected"),
    [
        ("alg", "EdDSA", "malformed"),
        ("alg", "none", "malformed"),
        ("alg", "HS256", "malformed"),
        ("typ", "motcua-receipt+jws", "malformed"),
        ("typ", "JWT", "malformed"),
        ("crit", "b64", "malformed"),
        ("kid", "someone-else", "malformed"),
        ("kid", "", "malformed"),
        ("kid", "A" * 43, "unknown-key"),
    ],
)
def test_any_other_jws_header_is_refused(
    center: Center, box: SimDevice, member: str, value: str, expected: str
) -> None:
    body = batch.compress(_token(box.epoch(events=2), member, value))
    assert kind(center.reception.take_batch(body)) == expected


def test_the_forger_of_headers_makes_a_good_one(center: Center, box: SimDevice) -> None:
    body = batch.compress(_token(box.epoch(events=2), "typ", batch.BATCH_TYPE))
    assert kind(center.reception.take_batch(body)) == "receipt"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not gzip",
        batch.compress(b""),
        batch.compress(b"\n"),
        batch.compress(b"no jws\n"),
        batch.compress(b"a.b.c\n{}\n"),
        batch.compress(b"\xff\xfe\n"),
        batch.compress(b"x" * 100),
        batch.compress(b"x\n") + b"more",
        batch.compress(b"x\n") + batch.compress(b"y\n"),
    ],
)
def test_what_is_no_batch_is_malformed(center: Center, body: bytes) -> None:
    reply = center.reception.take_batch(body)
    assert (reply.status, kind(reply)) == (400, "malformed")


@pytest.mark.parametrize("cut", [1, 4, 8, 10, 40, 200])
def test_a_truncated_gzip_is_malformed(center: Center, box: SimDevice, cut: int) -> None:
    body = box.epoch(events=20).sealed(1, 20)
    assert kind(center.reception.take_batch(body[:-cut])) == "malformed"
    assert center.store.epochs("BOX-1") == []


@pytest.mark.parametrize(
    "change",
    [
        {"count": 3},
        {"last": 4},
        {"prev": "0" * 64},
        {"wire": 2},
        {"extra": 1},
        {"software": ""},
        {"sealed_at": "yesterday"},
        {"device": "no id"},
        {"epoch": "6f9619ff-8b86-d011-b42d-00c04fc964ff"},
        {"after": {"epoch": epoch_id(0), "hash": "0" * 64, "seq": 0}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_header_that_contradicts_itself_is_malformed(
    center: Center, box: SimDevice, change: dict[str, object]
) -> None:
    epoch = box.epoch(events=2)
    token = jws.sign(epoch.header(1, 2, **change), box.key, batch.BATCH_TYPE)
    reply = center.reception.take_batch(batch.compress(batch.assemble(token, epoch.lines)))
    assert (reply.status, kind(reply)) == (400, "malformed")


def test_a_bomb_is_too_large_and_says_how_much_is_taken(center: Center) -> None:
    bomb = batch.compress(b"\0" * (batch.MAX_BYTES * 16))
    assert len(bomb) < 100_000
    reply = center.reception.take_batch(bomb)
    assert (reply.status, kind(reply)) == (413, "too-large")
    assert problem(reply)["max_bytes"] == batch.MAX_BYTES


def test_an_epoch_cannot_follow_itself(center: Center, box: SimDevice) -> None:
    epoch = box.epoch(events=1)
    own = SimEpoch(box.device, box.key, epoch.epoch, epoch.point(1)).grow(2)
    token = jws.sign(own.header(1, 2), box.key, batch.BATCH_TYPE)
    assert kind(center.reception.take_batch(batch.compress(batch.assemble(token, own.lines)))) == "malformed"


def test_a_busy_store_is_503_with_retry_after_and_nothing_is_stored(center: Center, box: SimDevice) -> None:
    epoch = box.epoch(events=3)
    other = type(center.store).open(center.db)
    with other.transaction():
        reply = center.send(epoch, 1, 3)
    other.close()
    assert (reply.status, kind(reply)) == (503, "busy")
    assert reply.headers == {"Retry-After": "30"}
    assert center.store.epochs("BOX-1") == []
    assert kind(center.send(epoch, 1, 3)) == "receipt"


def test_a_full_disk_is_503_and_nothing_is_stored(center: Center, box: SimDevice) -> None:
    epoch = box.epoch(events=2_000)
    center.send(epoch, 1, 10)
    connection = center.store._db._db.conn
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages + 5}")
    reply = center.send(epoch, 11, 2_000)
    assert (reply.status, kind(reply)) == (503, "busy")
    assert center.held(epoch) == epoch.lines[:10]
    assert center.audit().is_complete
    connection.execute("PRAGMA max_page_count = 1000000")
    assert center.receipt(center.send(epoch, 11, 2_000)).upto == 2_000


def test_everything_survives_a_restart_between_batches(center: Center, box: SimDevice) -> None:
    epoch = box.epoch(events=9)
    center.send(epoch, 1, 4)
    center.restart()
    assert kind(center.send(epoch, 6, 9)) == "gap"
    center.restart()
    assert center.receipt(center.send(epoch, 2, 9)).upto == 9
    center.restart()
    assert kind(center.send(epoch.copy(8).grow(1, mark="b"), 1, 9)) == "fork"
    assert center.held(epoch) == epoch.lines


def test_a_key_that_was_retired_while_its_batch_was_verified_is_refused(
    center: Center, box: SimDevice
) -> None:
    received, kid = center.reception._verify(box.epoch(events=2).sealed(1, 2))
    with center.store.transaction():
        register.retire_key(center.store, kid, "stolen", center.clock.now() + timedelta(seconds=1))
    with pytest.raises(Exception, match="stolen"):
        center.reception._store_new(received, kid)
    assert center.store.epochs("BOX-1") == []


def test_every_problem_type_has_the_status_of_the_wire() -> None:
    assert {kind: int(STATUS[kind]) for kind in ProblemType} == {
        ProblemType.GAP: 409,
        ProblemType.FORK: 409,
        ProblemType.UNKNOWN_KEY: 401,
        ProblemType.BAD_SIGNATURE: 401,
        ProblemType.BAD_DIGEST: 400,
        ProblemType.MALFORMED: 400,
        ProblemType.BAD_EVENT: 422,
        ProblemType.TOO_LARGE: 413,
        ProblemType.CLAIM_USED: 409,
        ProblemType.BAD_CLAIM: 401,
        ProblemType.BUSY: 503,
    }
