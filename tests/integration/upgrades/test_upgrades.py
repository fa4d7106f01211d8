"""Data directories of earlier releases, opened by this one, twice."""

import shutil
from pathlib import Path

import pytest

from appliance.desk.state import replay
from appliance.journal.audit import audit
from appliance.journal.epochs import open_journal
from appliance.uplink.identity import IdentityFolder
from appliance.uplink.receipts import ReceiptFile
from center.audit import audit_device
from center.store.sqlite import SqliteStore

RELEASES = sorted(path.name for path in (Path(__file__).parents[2] / "upgrades").iterdir() if path.is_dir())

pytestmark = pytest.mark.integration


def never() -> str:
    raise AssertionError("an upgrade is no reason for a new epoch")


@pytest.mark.parametrize("release", RELEASES)
def test_an_office_of_a_release_opens_and_goes_on(release, tmp_path, root):
    folder = tmp_path / "data"
    shutil.copytree(root / "tests/upgrades" / release, folder)
    record = IdentityFolder(folder).record()
    assert record is not None
    marks = ReceiptFile.of(folder).marks(record.find_kept_key)
    heads = []
    for _ in range(2):
        opened = open_journal(folder, record.device, marks, never)
        state = replay(opened.journal.events_since_day())
        heads.append((opened.journal.chain, state.hall.numbers))
        opened.journal.close()
    assert heads[0] == heads[1]
    assert marks[-1].upto == heads[0][0].seq
    (report,) = audit(folder)
    assert report.damage is None
    assert state.hall.tickets


@pytest.mark.parametrize("release", RELEASES)
def test_a_center_of_a_release_opens_and_audits(release, tmp_path, root):
    db = tmp_path / "center.db"
    shutil.copy(root / "tests/upgrades" / release / "center.db", db)
    for _ in range(2):
        store = SqliteStore.open(db)
        verdicts = [audit_device(store, device) for device in store.devices()]
        store.close()
        assert verdicts
        assert all(verdict.is_complete for verdict in verdicts)
