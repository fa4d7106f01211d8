import pytest
from sim_uplink import DEVICE, DEVICE_KEY, SimOffice, fresh_epoch

from appliance.journal.errors import JournalDamagedError, JournalMovedError
from appliance.journal.journal import Mark
from appliance.uplink.errors import NotHeldError
from appliance.uplink.history import History
from appliance.uplink.seal import HEADER_BYTES, Limits, Sealer
from appliance.wire.batch import decompress, open_batch
from appliance.wire.chain import After
from appliance.wire.event import Draft

AT = "2026-11-23T09:00:00.000000Z"


@pytest.fixture
def subject() -> Sealer:
    return Sealer(DEVICE_KEY, "0.1.0")


def test_a_sealed_range_is_what_the_center_expects(subject: Sealer, office: SimOffice) -> None:
    office.grow(10)
    sealed = subject.seal(office.history(), 3, 10, Limits(), AT)
    batch = open_batch(decompress([sealed.content]), lambda _kid, _payload: DEVICE_KEY.public)
    assert batch.header == sealed.header
    assert (batch.header.first, batch.header.last, batch.header.device) == (3, 10, DEVICE)
    assert batch.header.prev == office.hash_at(2)
    assert batch.header.head == office.hash_at(10)
    assert (batch.header.sealed_at, batch.header.software) == (AT, "0.1.0")


def test_the_first_range_says_what_its_epoch_follows(subject: Sealer, office: SimOffice) -> None:
    office.grow(5)
    mark = Mark(office.epoch, 3, office.hash_at(3))
    office.new_epoch(mark)
    office.grow(2)
    first = subject.seal(office.history(), 1, office.last, Limits(), AT)
    assert first.header.after == After(mark.epoch, 3, mark.head)
    assert subject.seal(office.history(), 2, office.last, Limits(), AT).header.after is None


def test_ranges_are_cut_by_number(subject: Sealer, office: SimOffice) -> None:
    office.grow(10)
    sealed = subject.seal(office.history(), 2, 10, Limits(events=4), AT)
    assert (sealed.header.first, sealed.header.last) == (2, 5)


def test_ranges_are_cut_by_bytes(subject: Sealer, office: SimOffice) -> None:
    for _ in range(60):
        office.append(Draft("device.cleared", {"issue": "i" * 200, "subject": "s" * 200}))
    limits = Limits(max_bytes=HEADER_BYTES + 17_000)
    sealed = subject.seal(office.history(), 1, 60, limits, AT)
    content = decompress([sealed.content])
    assert len(content) <= limits.max_bytes
    assert 1 < sealed.header.count < 60
    following = subject.seal(office.history(), sealed.header.last + 1, 60, limits, AT)
    assert following.header.first == sealed.header.last + 1


def test_after_pruning_the_rest_is_still_sealed(subject: Sealer, office: SimOffice) -> None:
    office.grow(5)
    office.open_day()
    mark = Mark(office.epoch, 5, office.hash_at(5))
    office.journal.prune(mark, "2027-01-01T00:00:00.000000Z")
    first = office.history().first()
    assert first > 1
    sealed = subject.seal(office.history(), first, office.last, Limits(), AT)
    assert sealed.header.first == first
    with pytest.raises(NotHeldError):
        subject.seal(office.history(), first - 1, office.last, Limits(), AT)


def test_another_epoch_under_the_same_name_is_noticed(office: SimOffice) -> None:
    office.grow(5)
    history = office.history()
    office.new_epoch(Mark(office.epoch, 3, office.hash_at(3)))
    office.grow(9)
    for look in (
        history.last,
        history.first,
        lambda: history.hash_at(4),
        lambda: history.lines(1, 4),
        lambda: history.lines(1, 40),
    ):
        with pytest.raises(JournalMovedError):
            look()


def test_a_missing_file_is_damage(office: SimOffice) -> None:
    from appliance.journal.source import Source
    from appliance.wire.chain import Genesis

    gone = Source(office.folder / "gone.db", Genesis(DEVICE, fresh_epoch()), 5)
    with pytest.raises(JournalDamagedError):
        History(gone).last()
