"""Data directories of earlier releases, opened by this one, twice."""

import shutil
import stat
from pathlib import Path

import pytest

from appliance.clock import ScriptedTime
from appliance.config import loads
from appliance.desk.state import replay
from appliance.journal.audit import audit
from appliance.journal.epochs import open_journal
from appliance.office.root import Office, Surroundings
from appliance.queueing.commands import IssueTicket
from appliance.uplink.identity import IdentityFolder
from appliance.uplink.receipts import ReceiptFile
from center.audit import audit_device
from center.store.sqlite import SqliteStore

RELEASES = sorted(path.name for path in (Path(__file__).parents[2] / "upgrades").iterdir() if path.is_dir())

pytestmark = pytest.mark.integration

AFTER_US = 1_795_485_600_000_000
"""A morning after every release's last event, microseconds since 1970."""
TOML = """\
[office]
name = "Văn phòng"
device = "{device}"
site = "{site}"
data_dir = "{data}"
[uplink]
center = "http://127.0.0.1:9"
center_id = "center"
root_key_thumbprint = "{root}"
[[services]]
id = "ho-tich"
name = "Hộ tịch"
prefix = "A"
[[services]]
id = "dat-dai"
name = "Đất đai"
prefix = "B"
[[counters]]
id = "quay-1"
name = "Quầy 1"
services = ["ho-tich", "dat-dai"]
[hardware]
board = "none"
pin_factory = "none"
[api]
socket = "{run}/office.sock"
[web]
listen = "off"
[public]
link_dir = "{run}/link"
"""
SECRET_FILES = ("accounts.db", "forms.secret", "tickets.secret")


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
def test_an_office_of_a_release_gets_accounts_and_secrets_and_keeps_them(release, tmp_path, root):
    folder = tmp_path / "data"
    shutil.copytree(root / "tests/upgrades" / release, folder)
    record = IdentityFolder(folder).record()
    assert record is not None
    text = TOML.format(
        device=record.device, site=record.site, root=record.root, data=folder, run=tmp_path / "run"
    )
    kept, urls = [], []
    for life in range(2):
        office = Office.open(loads(text), text.encode(), Surroundings(system=ScriptedTime(AFTER_US)))
        try:
            assert office.web is not None
            assert office.health()["recording_stopped"] is None
            answer = office.desk.ask(IssueTicket(service="ho-tich", request="the-same"))
            urls.append(office.web.token_of(answer.result["ticket"]))
            assert office.web.accounts.needs_first
        finally:
            office.close()
        kept.append([(folder / name).read_bytes() for name in SECRET_FILES[1:]])
        assert [stat.S_IMODE((folder / name).stat().st_mode) for name in SECRET_FILES] == [0o600] * 3, life
    assert kept[0] == kept[1]
    assert urls[0] == urls[1]


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
