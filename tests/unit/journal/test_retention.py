from appliance.journal.aside import asides, evidence_was_sent
from appliance.journal.journal import Mark
from appliance.journal.retention import prune_asides

FAR, NEAR = "2099-01-01T00:00:00.000000Z", "2001-01-01T00:00:00.000000Z"


def rolled_back(box):
    """Return the mark of an epoch that was set aside with a branch beyond it."""
    box.open()
    box.fill(20)
    real = box.mark(10)
    box.close()
    box.open((Mark(real.epoch, 10, "f" * 64),))
    return real


def test_a_set_aside_epoch_stays_until_it_is_delivered_its_branch_kept_and_it_is_old(box):
    mark = rolled_back(box)
    assert prune_asides(box.folder, [], FAR) == []
    assert prune_asides(box.folder, [mark], FAR) == []  # its branch is not yet evidence
    (aside,) = asides(box.folder)
    evidence_was_sent(box.folder, aside)
    assert prune_asides(box.folder, [mark], NEAR) == []
    assert prune_asides(box.folder, [mark], FAR) == [mark.epoch]
    assert asides(box.folder) == []
    assert not list((box.folder / "aside").glob(f"{mark.epoch}*"))


def test_what_cannot_be_read_is_kept(box):
    mark = rolled_back(box)
    (aside,) = asides(box.folder)
    evidence_was_sent(box.folder, aside)
    (box.folder / "aside" / aside.moved).write_bytes(b"gone")
    assert prune_asides(box.folder, [mark], FAR) == []
