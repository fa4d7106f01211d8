"""Nothing that was planted in the box is in its bundle."""

import base64
import hashlib
import json
import tarfile
from pathlib import Path

import pytest
from planted import Planted
from sim_uplink import DEVICE_KEY, RECORD, SimOffice

from appliance.accounts import database
from appliance.accounts.database import Account, AccountsFile, Screen
from appliance.accounts.person import Person, Role
from appliance.config import loads
from appliance.doctor.bundle.writing import LOG_LINES, write_bundle
from appliance.doctor.errors import BundleNotWrittenError
from appliance.doctor.examination import examine
from appliance.uplink.identity import CENTER_NAME, KEY_NAME

CLAIM = "BOX-1.c1aimSecretOfTheProvince0001"
SESSION = "sEssi0nTokenThatABrowserHolds_AAAAAAAAAAAAAA"
DIGEST = hashlib.sha256(SESSION.encode()).hexdigest()
HASH = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$cGFzc3dvcmRoYXNo"
SETUP = "$argon2id$v=19$m=19456,t=2,p=1$c2V0dXBzYWx0$c2V0dXBoYXNoc2V0dXA"
TICKETS = bytes(range(200, 232))
NAME, OFFICER = "Lò Thị Lan", "lan-officer-07"
MAC, IPV4, IPV6 = "dc:a6:32:0a:0b:0c", "203.0.113.77", "2001:db8:77::9"
CITIZEN, CITIZEN_VI = "muon khieu nai ong Tam", "Tôi muốn khiếu nại ông Tám"
TICKET = "A12-Zm9vYmFyYmF6cXV4"
COMMENT = "mat khau wifi: conmeoden99"
PEM = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\n-----END PRIVATE KEY-----\n"
D = str(json.loads(DEVICE_KEY.to_bytes())["d"])
CANARIES = [
    *(
        CLAIM,
        CLAIM.partition(".")[2],
        SESSION,
        DIGEST,
        HASH,
        "cGFzc3dvcmRoYXNo",
        SETUP,
        "c2V0dXBoYXNoc2V0dXA",
    ),
    *(TICKETS.hex(), base64.b64encode(TICKETS).decode().rstrip("="), NAME, OFFICER, MAC, "dca6320a0b0c"),
    *(
        IPV4,
        IPV6,
        CITIZEN,
        CITIZEN_VI,
        "khieu nai",
        "Tám",
        TICKET,
        "Zm9vYmFyYmF6cXV4",
        COMMENT,
        "conmeoden99",
    ),
    *("MIGHAgEAMBMGByqGSM49", D, "don-khieu-nai"),
]
SECRETS = (CLAIM, SESSION, DIGEST, HASH, SETUP, TICKETS.hex(), NAME, MAC, IPV4, IPV6, CITIZEN_VI, TICKET, D)


def fields(text: str) -> str:
    return f'level=error event=some.thing reason="it was \\"{text}\\"" value={text.replace(" ", "_")}'


@pytest.fixture
def full(planted: Planted) -> Planted:
    """A box with a canary in every place from which the bundle is made."""
    planted.data.rmdir()
    SimOffice.begin(planted.data).grow(5, issue="canary_issue").close()
    put = {
        "claim": CLAIM.encode(),
        CENTER_NAME: RECORD.to_bytes(),
        KEY_NAME: DEVICE_KEY.to_bytes(),
        "device.jwk.next": DEVICE_KEY.to_bytes(),
        "tickets.secret": TICKETS,
        "setup-code": SETUP.encode(),
        "web-key.pem": PEM.encode(),
        "don-khieu-nai-cua-ong-Tam.doc": b"x" * 100,
    }
    for name, content in put.items():
        (planted.data / name).write_bytes(content)
    (planted.data / "config").mkdir()
    (planted.data / "config" / f"00000001-20261125T011502Z-1a2b3c4d-{OFFICER}.toml").write_text(COMMENT)
    file = AccountsFile.open(planted.data)
    screen = Screen("screen-1", "kiosk", OFFICER, 1, hashlib.sha256(b"screen").hexdigest())
    account = Account(Person(OFFICER, NAME, Role.SUPERVISOR), HASH)
    file.commit([database.put_account(account), database.put_screen(screen)])
    file.close()

    said = [*SECRETS, CITIZEN, f"{OFFICER} signed in"]
    lines = [*map(fields, said), f"level=info event=config.applied officer={OFFICER} keys=['hall.ratio']"]
    lines += [
        f'INFO: {IPV4}:5555 - "GET /t/{TICKET}?x={SESSION} HTTP/1.1" 200',
        f"comment '{CITIZEN}' refused",
    ]
    lines += [CITIZEN_VI, *PEM.splitlines(), *map(str, range(2 * LOG_LINES))][-LOG_LINES:] + lines
    planted.programs.answers["journalctl -u"] = "\n".join(lines)
    planted.programs.answers["journalctl -k"] = (
        f"eth0: link up {MAC}\nenxdca6320a0b0c: renamed\nnft drop SRC={IPV4} DST={IPV6}\n"
    )
    planted.write("/sys/class/net/eth0/address", MAC)
    planted.write("/sys/class/net/eth0/operstate", "up")
    planted.write("/sys/block/mmcblk0/device/cid", "0353445343333247")
    planted.addresses = (IPV4, IPV6)
    planted.more += f'[public]\nurl = "http://{IPV4}"\n# {COMMENT}\n'
    return planted


def unpacked(path: Path) -> dict[str, str]:
    with tarfile.open(path) as archive:
        return {
            member.name.partition("/")[2]: (archive.extractfile(member) or path.open("rb")).read().decode()
            for member in archive
        }


def bundled(planted: Planted, tmp_path: Path) -> dict[str, str]:
    out = tmp_path / "support.tar.gz"
    box = planted.box()
    names = write_bundle(box, examine(box), out)
    pieces = unpacked(out)
    assert sorted(pieces) == names
    assert out.stat().st_mode & 0o777 == 0o600
    return pieces


def test_no_canary_is_in_the_bundle(full: Planted, tmp_path: Path) -> None:
    pieces = bundled(full, tmp_path)
    found = {(name, canary) for name, text in pieces.items() for canary in CANARIES if canary in text}
    assert found == set()


def test_the_canaries_were_where_the_bundle_is_made_from(full: Planted) -> None:
    told = "\n".join(full.programs.answers.values())
    held = b"".join(path.read_bytes() for path in full.data.glob("*") if path.is_file())
    named = "".join(str(path) for path in full.data.rglob("*"))
    full.box()
    everywhere = (
        told + held.decode("latin-1") + held.decode("utf-8", "replace") + named + full.config.read_text()
    )
    spelled = {TICKETS.hex(), base64.b64encode(TICKETS).decode().rstrip("=")}
    assert {canary for canary in CANARIES if canary not in everywhere} <= spelled


def test_the_bundle_says_what_helps(full: Planted, tmp_path: Path) -> None:
    pieces = bundled(full, tmp_path)
    journal = json.loads(pieces["journal.json"])
    assert journal["epochs"][0]["last"] == 5
    assert len(journal["epochs"][0]["head"]) == 64
    assert journal["last_kinds"] == {"device.cleared": 5}
    assert "canary_issue" not in "".join(pieces.values())
    assert json.loads(pieces["doctor.json"])["findings"]
    assert json.loads(pieces["links.json"])["addresses"] == {"ipv4": 1, "ipv6": 1}
    assert json.loads(pieces["links.json"])["links"]["eth0"]["operstate"] == "up"
    sizes = json.loads(pieces["sizes.json"])
    assert sizes["foreign"] == {"bytes": 100, "files": 1}
    assert sizes["files"]["claim"]["bytes"] == len(CLAIM)
    assert sizes["files"]["config"]["files"] == 1
    assert json.loads(pieces["versions.json"])["model"].startswith("Raspberry Pi 4")
    assert json.loads(pieces["units.json"])["motcua-office.service"]["ActiveState"] == "active"
    assert "event=some.thing" in pieces["logs/motcua-office.service.log"]
    assert len(pieces["logs/motcua-office.service.log"].splitlines()) <= LOG_LINES
    assert json.loads(pieces["health.json"]) == {}


def test_the_settings_in_it_are_settings(full: Planted, tmp_path: Path) -> None:
    text = bundled(full, tmp_path)["office.toml"]
    assert "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs" in text
    assert 'url = "http://<ipv4>"' in text
    assert loads(text.replace("<ipv4>", "10.0.0.1")).office.device == "BOX-1"


def test_of_settings_that_cannot_be_used_only_the_places_are_told(full: Planted, tmp_path: Path) -> None:
    full.more += f'[hall]\nratio = "{COMMENT}"\n'
    assert "hall.ratio" in bundled(full, tmp_path)["office.toml"]
    assert "conmeoden99" not in "".join(bundled(full, tmp_path).values())


def test_a_box_without_anything_has_a_bundle_all_the_same(planted: Planted, tmp_path: Path) -> None:
    planted.programs.answers.clear()
    planted.data.rmdir()
    pieces = bundled(planted, tmp_path)
    assert pieces["kernel.log"] == "not available\n"
    assert json.loads(pieces["sizes.json"])["files"] == {}


def test_a_bundle_that_cannot_be_written_is_said(planted: Planted, tmp_path: Path) -> None:
    with pytest.raises(BundleNotWrittenError) as caught:
        write_bundle(planted.box(), [], tmp_path / "gone" / "x.tar.gz")
    assert "gói hỗ trợ" in caught.value.vi()


def test_records_of_wifi_sessions_are_in_no_bundle(full: Planted, tmp_path: Path) -> None:
    """They have a directory of their own; should somebody put it here, they are counted and nothing else."""
    for folder in (full.data, full.data / "records"):
        folder.mkdir(exist_ok=True)
        (folder / "000001-2026-11.records").write_bytes(b'{"sealed":"c2VhbGVkLWNhbmFyeQ"}\n')
        (folder / "000001-2026-11.torn").write_bytes(b"c2VhbGVkLWNhbmFyeQ")

    pieces = bundled(full, tmp_path)

    text = "".join(pieces) + "".join(pieces.values())
    assert "c2VhbGVkLWNhbmFyeQ" not in text
    assert ".records" not in text
    assert ".torn" not in text
