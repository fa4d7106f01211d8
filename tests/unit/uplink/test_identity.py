import stat
from pathlib import Path

import orjson
import pytest
from sim_uplink import CENTER, DEVICE, RECEIPT_KEY, ROOT_KEY, STRANGER_KEY, SimCenter

from appliance.uplink.answers import (
    Admitted,
    Busy,
    ClaimRefused,
    ClaimUsed,
    EnrolAnswer,
    Unclear,
    Waiting,
)
from appliance.uplink.enrol import Order, enrol
from appliance.uplink.errors import (
    ClaimRefusedError,
    ClaimUsedError,
    IdentityDamagedError,
    NotEnrolledError,
    NotKeptError,
    UnclearError,
    UnconfirmedError,
)
from appliance.uplink.identity import CenterRecord, IdentityFolder
from appliance.wire.enrolment import Claim, Enrolled, EnrolmentRequest
from appliance.wire.keys import SigningKey

ENROLLED = Enrolled(DEVICE, "site-1", "office", (ROOT_KEY.public, RECEIPT_KEY.public))


def order(word: str = "first") -> Order:
    return Order(
        claim=Claim(DEVICE, word),
        center=CENTER,
        url="https://center.example",
        root=ROOT_KEY.kid,
        serial="10000000abcdef01",
        board="Raspberry Pi 4 Model B",
        software="0.1.0",
    )


class ScriptedDoor(SimCenter):
    """A center that answers enrolments from a list and remembers the requests."""

    def __init__(self, *answers: EnrolAnswer) -> None:
        super().__init__()
        self.answers = list(answers)
        self.requests: list[EnrolmentRequest] = []

    def enrol(self, request: str) -> EnrolAnswer:
        self.requests.append(EnrolmentRequest.verify(request))
        return self.answers.pop(0)


def admitted(enrolled: Enrolled = ENROLLED, root: SigningKey = ROOT_KEY) -> Admitted:
    return Admitted(enrolled.sign(root))


@pytest.fixture
def subject(tmp_path: Path) -> IdentityFolder:
    return IdentityFolder(tmp_path)


def test_a_claim_makes_the_box_known(subject: IdentityFolder, tmp_path: Path) -> None:
    door = ScriptedDoor(admitted())
    made = enrol(subject, door, order())
    assert made.device == DEVICE
    loaded = IdentityFolder(tmp_path).load()
    assert loaded.key.kid == made.key.kid
    assert loaded.center.to_bytes() == made.center.to_bytes()
    assert (loaded.center.site, loaded.center.role, loaded.center.center) == ("site-1", "office", CENTER)
    assert loaded.center.url == "https://center.example"
    assert [key.kid for key in loaded.center.keys] == [ROOT_KEY.kid, RECEIPT_KEY.kid]
    request = door.requests[0]
    assert (request.center, request.claim, request.serial) == (
        "https://center.example",
        order().claim,
        "10000000abcdef01",
    )


def test_the_key_is_for_the_office_only_and_the_public_one_for_all(
    subject: IdentityFolder, tmp_path: Path
) -> None:
    made = enrol(subject, ScriptedDoor(admitted()), order())
    assert stat.S_IMODE((tmp_path / "device.jwk").stat().st_mode) == 0o600
    public = orjson.loads((tmp_path / "device.jwk.json").read_bytes())
    assert public == made.key.public.jwk()
    assert "d" not in public
    assert b"first" not in (tmp_path / "center.json").read_bytes()


def test_a_key_that_others_could_read_is_guarded_again(subject: IdentityFolder, tmp_path: Path) -> None:
    enrol(subject, ScriptedDoor(admitted()), order())
    (tmp_path / "device.jwk").chmod(0o644)
    subject.load()
    assert stat.S_IMODE((tmp_path / "device.jwk").stat().st_mode) == 0o600


def test_a_lost_answer_is_asked_for_again_with_the_same_key(subject: IdentityFolder) -> None:
    door = ScriptedDoor(Unclear("time-out"), admitted())
    with pytest.raises(UnclearError):
        enrol(subject, door, order())
    enrol(subject, door, order())
    assert door.requests[0].key.kid == door.requests[1].key.kid


def test_a_used_claim_is_not_asked_for_again(subject: IdentityFolder) -> None:
    made = enrol(subject, ScriptedDoor(admitted()), order())
    assert enrol(subject, ScriptedDoor(), order()).key.kid == made.key.kid


def test_a_new_claim_replaces_the_key_when_the_center_takes_it(
    subject: IdentityFolder, tmp_path: Path
) -> None:
    old = enrol(subject, ScriptedDoor(admitted()), order())
    door = ScriptedDoor(Waiting(60), admitted())
    with pytest.raises(UnconfirmedError):
        enrol(subject, door, order("second"))
    assert subject.load().key.kid == old.key.kid
    new = enrol(subject, door, order("second"))
    assert new.key.kid == door.requests[0].key.kid == door.requests[1].key.kid != old.key.kid
    assert subject.load().key.kid == new.key.kid
    assert not (tmp_path / "device.jwk.next").exists()
    assert orjson.loads((tmp_path / "device.jwk.json").read_bytes()) == new.key.public.jwk()


def test_a_power_cut_in_the_middle_of_a_replacement_is_finished_at_the_next_start(
    subject: IdentityFolder, tmp_path: Path
) -> None:
    enrol(subject, ScriptedDoor(admitted()), order())
    old_key = (tmp_path / "device.jwk").read_bytes()
    new = enrol(subject, ScriptedDoor(admitted()), order("second"))
    (tmp_path / "device.jwk").rename(tmp_path / "device.jwk.next")
    (tmp_path / "device.jwk").write_bytes(old_key)
    assert subject.load().key.kid == new.key.kid


def test_waiting_says_when_to_ask_again(subject: IdentityFolder) -> None:
    with pytest.raises(UnconfirmedError) as caught:
        enrol(subject, ScriptedDoor(Waiting(60)), order())
    assert caught.value.wait_s == 60


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (ClaimUsed("x"), ClaimUsedError),
        (ClaimRefused("expired"), ClaimRefusedError),
        (Busy(5), UnclearError),
        (Unclear("portal"), UnclearError),
        (admitted(root=STRANGER_KEY), UnclearError),
        (admitted(Enrolled("BOX-2", "site-1", "office", ENROLLED.center_keys)), UnclearError),
        (Admitted("a.b.c"), UnclearError),
    ],
)
def test_nothing_is_trusted_that_the_pinned_root_key_did_not_sign(
    subject: IdentityFolder, answer: EnrolAnswer, error: type[Exception]
) -> None:
    with pytest.raises(error):
        enrol(subject, ScriptedDoor(answer), order())
    with pytest.raises(NotEnrolledError):
        subject.load()


def test_a_stranger_among_the_keys_does_not_help(subject: IdentityFolder) -> None:
    forged = Enrolled(DEVICE, "site-1", "office", (ROOT_KEY.public, STRANGER_KEY.public))
    with pytest.raises(UnclearError, match="pinned"):
        enrol(subject, ScriptedDoor(Admitted(forged.sign(STRANGER_KEY))), order())


def test_a_restored_backup_without_its_key_is_not_enrolled(subject: IdentityFolder, tmp_path: Path) -> None:
    enrol(subject, ScriptedDoor(admitted()), order())
    (tmp_path / "device.jwk").unlink()
    with pytest.raises(NotEnrolledError, match="not on this card"):
        subject.load()


@pytest.mark.parametrize("name", ["device.jwk", "center.json"])
@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}"])
def test_damaged_files_are_named(subject: IdentityFolder, tmp_path: Path, name: str, content: bytes) -> None:
    enrol(subject, ScriptedDoor(admitted()), order())
    (tmp_path / name).write_bytes(content)
    with pytest.raises(IdentityDamagedError, match=name):
        subject.load()


def test_a_key_that_cannot_be_written_is_a_named_error(tmp_path: Path) -> None:
    with pytest.raises(NotKeptError):
        enrol(IdentityFolder(tmp_path / "absent"), ScriptedDoor(admitted()), order())


def test_a_record_survives_its_file() -> None:
    record = CenterRecord(
        device=DEVICE,
        site="site-1",
        role="office",
        center=CENTER,
        url="https://center.example",
        root=ROOT_KEY.kid,
        keys=(ROOT_KEY.public, RECEIPT_KEY.public),
        retired=(),
        kid="k",
        claim="c",
    ).with_keys([ROOT_KEY.public])
    again = CenterRecord.from_bytes(record.to_bytes())
    assert [key.kid for key in again.keys] == [ROOT_KEY.kid]
    assert [key.kid for key in again.retired] == [RECEIPT_KEY.kid]
    assert again.to_bytes() == record.to_bytes()
