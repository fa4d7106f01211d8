"""One visit of a stick: receipts before batches, one time for all, and nothing begun that nobody awaits."""

from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace

import pytest

from appliance.office.stick import exchange
from appliance.uplink.errors import NoStickError, StickBusyError, StickError, StickSlowError
from appliance.uplink.stick import Exported, Imported

FOLDER = Path("/media/motcua")


class FakeUplink:
    """Answers with futures that the test made."""

    def __init__(self, imported=None, exported=None):
        self.imported = imported or done(Imported())
        self.exported = exported or done(Exported())
        self.asked = []

    def import_receipts(self, folder):
        self.asked.append(("import", folder))
        return self.imported

    def export(self, folder):
        self.asked.append(("export", folder))
        return self.exported

    def status(self):
        return SimpleNamespace(unreceipted=7)


def done(result):
    future = Future()
    future.set_result(result)
    return future


def failed(error):
    future = Future()
    future.set_exception(error)
    return future


def test_receipts_come_first_and_everything_is_counted_and_named():
    uplink = FakeUplink(
        done(Imported(accepted=["a"], known=["b", "c"], refused={"d": "why"}, lost_tail=True)),
        done(Exported(written=["e"], present=["f"], conflicts=["g"], unreadable=["h"])),
    )
    assert exchange(uplink, FOLDER) == {
        "written": ["e"],
        "present": ["f"],
        "conflicts": ["g"],
        "unreadable": ["h"],
        "accepted": ["a"],
        "known": ["b", "c"],
        "refused": {"d": "why"},
        "lost_tail": True,
        "counts": {
            "written": 1,
            "present": 1,
            "conflicts": 1,
            "unreadable": 1,
            "accepted": 1,
            "known": 2,
            "refused": 1,
        },
        "unreceipted": 7,
    }
    assert uplink.asked == [("import", FOLDER), ("export", FOLDER)]


def test_without_a_folder_nothing_is_asked():
    uplink = FakeUplink()
    with pytest.raises(NoStickError):
        exchange(uplink, None)
    assert uplink.asked == []


def test_a_stick_that_cannot_be_read_is_not_written_either():
    uplink = FakeUplink(failed(StickError(path=FOLDER, reason="Not a directory")))
    with pytest.raises(StickError, match="Not a directory"):
        exchange(uplink, FOLDER)
    assert uplink.asked == [("import", FOLDER)]


def test_what_did_not_begin_in_time_never_begins():
    uplink = FakeUplink(Future())
    with pytest.raises(StickBusyError):
        exchange(uplink, FOLDER, wait_s=0.01)
    assert not uplink.imported.set_running_or_notify_cancel()


def test_what_goes_on_after_the_time_says_to_leave_the_stick_in():
    running = Future()
    running.set_running_or_notify_cancel()
    with pytest.raises(StickSlowError, match="leave it in"):
        exchange(FakeUplink(exported=running), FOLDER, wait_s=0.01)


def test_a_time_out_of_the_work_itself_is_not_taken_for_ours():
    with pytest.raises(TimeoutError, match="of the disk"):
        exchange(FakeUplink(failed(TimeoutError("of the disk"))), FOLDER)
