import gzip

import orjson
from sim_center import Center, kind
from sim_center_device import SimDevice, SimEpoch

from appliance.wire import batch


def forked(center: Center, box: SimDevice) -> SimEpoch:
    """Return another history of an epoch that is stored up to 6; they part after 3."""
    epoch = box.epoch(events=6)
    center.send(epoch, 1, 6)
    return epoch.copy(3).grow(5, mark="b")


def contents(center: Center) -> list[bytes]:
    rows = center.store._db.rows("SELECT content FROM evidence ORDER BY received_at")
    return [gzip.decompress(row[0]) for row in rows]


def test_a_forked_branch_is_set_aside_and_never_merged(center: Center, box: SimDevice) -> None:
    branch = forked(center, box)
    before = center.held(branch)
    reply = center.reception.take_evidence(branch.sealed(4, 8))
    assert reply.status == 200
    assert orjson.loads(reply.body) == {
        "device": "BOX-1",
        "epoch": branch.epoch,
        "first": 4,
        "last": 8,
        "head": branch.hash_at(8),
    }
    assert center.held(branch) == before
    [item] = center.store.evidence("BOX-1")
    assert (item.first, item.last, item.head, item.kid) == (4, 8, branch.hash_at(8), box.key.kid)
    # Kept as it was signed: an auditor can verify it without us.
    [content] = contents(center)
    assert batch.open_batch(content, lambda _kid, _payload: box.key.public).lines == tuple(branch.lines[3:])


def test_the_same_branch_again_is_kept_once_and_answered_alike(center: Center, box: SimDevice) -> None:
    branch = forked(center, box)
    replies = []
    for _ in range(3):
        replies.append(center.reception.take_evidence(branch.sealed(4, 8)))
        center.restart()
    assert len({reply.body for reply in replies}) == 1
    assert len(center.store.evidence("BOX-1")) == 1


def test_evidence_is_verified_like_a_batch(center: Center, box: SimDevice) -> None:
    branch = forked(center, box)
    stranger = SimDevice("BOX-1")
    altered = batch.compress(branch.plain(4, 8).replace(b"testb.6", b"testb.9"))
    assert kind(center.reception.take_evidence(altered)) == "bad-signature"
    assert kind(center.reception.take_evidence(branch.copy(8, stranger.key).sealed(4, 8))) == "unknown-key"
    assert kind(center.reception.take_evidence(b"")) == "malformed"
    assert center.store.evidence("BOX-1") == []


def test_evidence_needs_no_place_in_what_is_stored(center: Center, box: SimDevice) -> None:
    epoch = box.epoch(events=9)
    assert center.reception.take_evidence(epoch.sealed(5, 9)).status == 200
    assert center.store.epochs("BOX-1") == []
    [audit] = center.audit().epochs
    assert (audit.epoch, audit.upto, audit.evidence_events) == (epoch.epoch, 0, 5)
    assert audit.sentence() == "nothing held; forked: 1 batches with 5 events set aside"
