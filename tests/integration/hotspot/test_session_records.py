"""A session in a real gate leaves exactly one record, for the province's key alone; without a policy none."""

import shutil
from contextlib import closing
from ipaddress import ip_address

import pytest
from policies import policy_text
from town import NOBODY, WEB4, WEB6, until

from appliance.records.errors import SealedForAnotherError
from appliance.records.files import Verified, month_files, read
from appliance.records.keys import OpeningKey
from appliance.sockets import gate as messages

KEY, OTHER = OpeningKey.generate(), OpeningKey.generate()
POLICY = policy_text(KEY.public, valid_from="2020-01-01", valid_until="2099-12-31")
TERMS = "ab" * 32


class Scene:
    """A town with two phones, and its records."""

    def __init__(self, town):
        self.town = town
        self.plain = town.config.read_text(encoding="utf-8")
        self.policy = town.folder / "retention.toml"
        self.phone, self.other = town.guest("a", 1, ("v4", "v6")), town.guest("b", 2, ("v4",))

    @property
    def folder(self):
        return self.town.folder / "state" / "records"

    def start(self, policy):
        more = ""
        if policy is not None:
            self.policy.write_text(policy, encoding="utf-8")
            more = f'retention_file = "{self.policy}"\n'
        text = self.plain.replace("quota_mib = 10\n", f"quota_mib = 10\n{more}")
        self.town.config.write_text(text, encoding="utf-8")
        self.town.start()
        for guest in (self.phone, self.other):
            guest.join()

    def agree(self, guest):
        assert self.town.agree(guest.address).state == "open"

    def counts(self):
        with closing(self.town.line()) as line:
            return line.ask(messages.CountsNow)

    def turn(self, kind, **fields):
        with closing(self.town.line()) as line:
            for each in line.ask(messages.ClientsNow).clients:
                assert isinstance(line.ask(kind, handle=each.handle, **fields), messages.Done)

    def lines(self):
        found = Verified()
        return [line for _, _, line in read([each.path for each in month_files(self.folder)], found)]

    def records(self):
        return [each.open(KEY) for each in self.lines()]


@pytest.fixture(scope="module")
def shared(build):
    return Scene(build(is_started=False))


@pytest.fixture
def scene(shared):
    """The town with a gate that has never run."""
    shutil.rmtree(shared.town.folder / "state", ignore_errors=True)
    yield shared
    shared.town.stop()


def written(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_by_the_policy_and_not_without_one(scene):
    phone, town = scene.phone, scene.town

    # Without a policy a session leaves nothing at all.
    scene.start(None)
    scene.agree(phone)
    assert phone.do("tcp", host=WEB4, port=80) == "internet"
    assert scene.counts().retention == "off"
    scene.turn(messages.Block, minutes=5)
    town.stop()
    assert written(town.folder / "state") == ["sessions"]
    (town.folder / "state" / "sessions").unlink()

    # With one it leaves one record.
    scene.start(POLICY)
    assert scene.counts().retention == "on"
    scene.agree(phone)
    late = phone.add6("77:77:77:77")
    until(
        lambda: phone.do("tcp", host=WEB6, port=80, source=late) == "internet", "the late address is through"
    )
    assert phone.do("tcp", host=WEB4, port=80) == "internet"
    assert scene.lines() == []
    scene.turn(messages.Block, minutes=5)
    until(scene.lines, "the record is there")
    scene.turn(messages.Unblock)
    [line], [record] = scene.lines(), scene.records()
    assert (record.mac, record.ipv4, record.reason, record.terms) == (
        phone.mac, (phone.address4,), "blocked", TERMS,
    )  # fmt: skip
    assert record.ipv6 == (str(ip_address(late)),)
    assert min(record.bytes_up, record.bytes_down) > 0
    assert record.start < record.end
    raw = b"".join(path.read_bytes() for path in scene.folder.iterdir())
    assert not any(told.encode() in raw for told in (phone.mac, phone.address4, WEB4, WEB6, TERMS))
    with pytest.raises(SealedForAnotherError):
        line.open(OTHER)
    assert all(path.stat().st_mode & 0o077 == 0 for path in (scene.folder, *scene.folder.iterdir()))

    # The plug is pulled with a session open: it goes on, and is recorded as taken over when the gate stops.
    scene.agree(scene.other)
    town.stop(kill=True)
    scene.start(POLICY)
    assert len(scene.lines()) == 1
    assert town.status(scene.other.address).state == "open"
    town.stop()
    told = [(each.mac, each.reason, each.is_resumed) for each in scene.records()]
    assert told == [(phone.mac, "blocked", False), (scene.other.mac, "stopped", True)]


def test_by_a_policy_with_a_mistake_nothing_is_recorded_and_the_wifi_goes_on(scene):
    scene.start(POLICY.replace("months = 12", "months = 99"))
    assert scene.counts().retention == "faulty"
    assert [each for each in scene.town.logged("retention.faulty") if "must be at most 24" in each]
    scene.agree(scene.phone)
    assert scene.phone.do("tcp", host=WEB4, port=80) == "internet"
    scene.town.stop()
    assert written(scene.town.folder / "state") == ["sessions"]


def test_where_records_cannot_be_written_the_wifi_goes_on_and_it_is_said(scene):
    scene.folder.parent.mkdir()
    scene.folder.touch()  # in the way of the folder
    shutil.chown(scene.folder.parent, NOBODY, NOBODY)
    scene.start(POLICY)
    assert scene.counts().retention == "faulty"
    scene.agree(scene.phone)
    assert scene.phone.do("tcp", host=WEB4, port=80) == "internet"
    scene.turn(messages.Block, minutes=1)
    scene.town.stop()
    assert scene.folder.read_bytes() == b""
