"""Callers, tickets kept, the notice, faces: the small parts of the strangers' app."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from memory_office import KNOWN, OTHER, TOKEN, InMemoryOffice, like

from appliance.pages.palette import ink_on
from appliance.public import callers
from appliance.public.callers import Callers, key_of
from appliance.public.errors import NoTicketError, OfficeAwayError, RefusedError, TooOftenError, refusal
from appliance.public.notice import Notice
from appliance.public.phones import MOST_PER_ADDRESS, MOST_PER_TICKET, Phones, Piece
from appliance.public.tickets import FRESH_S, Tickets
from appliance.public.ui import faces
from appliance.sockets.door import Refused, View
from appliance.sockets.known import FILE

ROOT = Path(__file__).parents[3]
Work = Callable[[], Coroutine[Any, Any, None]]


def run(work: Work) -> None:
    asyncio.run(asyncio.wait_for(work(), 30))


def tickets_of(office: InMemoryOffice) -> Tickets:
    return Tickets(office, Callers(), lambda: office.is_up)


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("10.77.0.9", "10.77.0.9"),
        ("::ffff:10.77.0.9", "10.77.0.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%wlan0", "fe80::/64"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_an_address_stands_for_a_subscriber(address, key):
    assert key_of(address) == key


def test_one_who_asks_too_often_is_told_for_how_long():
    subject = Callers()
    for _ in range(callers.CHANGES.burst):
        subject.change("a", 0.0)
    with pytest.raises(TooOftenError) as told:
        subject.change("a", 0.0)
    assert told.value.fields["retry_s"] == 2
    subject.change("b", 0.0)
    subject.change("a", 1.1)


def test_all_together_stay_below_what_the_office_takes():
    assert callers.ALL_CHANGES.burst + callers.ALL_CHANGES.per_s <= 20


def test_a_ticket_is_asked_for_once_in_a_moment_and_kept_when_the_office_goes():
    async def work() -> None:
        office = InMemoryOffice()
        subject = tickets_of(office)
        first, again = await subject.see(TOKEN), await subject.see(TOKEN)
        assert first.view == again.view == office.views[TOKEN]
        assert len(office.looked) == 1
        office.is_up = False  # also in that moment
        assert (await subject.see(TOKEN)).is_stale
        with pytest.raises(OfficeAwayError):
            await subject.now(TOKEN)
        with pytest.raises(OfficeAwayError):
            await subject.see(OTHER)

    run(work)


def test_an_office_that_seems_to_be_there_and_does_not_answer_is_away_as_well():
    async def work() -> None:
        office = InMemoryOffice()
        subject = Tickets(office, Callers(), lambda: True)
        await subject.see(TOKEN)
        office.is_up = False
        await asyncio.sleep(FRESH_S + 0.1)
        assert (await subject.see(TOKEN)).is_stale
        with pytest.raises(OfficeAwayError):
            await subject.now(TOKEN)

    run(work)


def test_a_token_that_is_none_is_asked_for_once():
    async def work() -> None:
        office = InMemoryOffice()
        subject = tickets_of(office)
        for _ in range(3):
            with pytest.raises(NoTicketError):
                await subject.see(OTHER)
            with pytest.raises(NoTicketError):
                await subject.see("A0012-x")
        assert office.looked == [(OTHER,)]

    run(work)


def test_guesses_end_before_the_office_hears_of_them():
    async def work() -> None:
        office = InMemoryOffice()
        subject = tickets_of(office)
        refused = 0
        for number in range(1, 200):
            try:
                await subject.see(f"A{number}-{'x' * 16}")
            except NoTicketError:
                continue
            except TooOftenError:
                refused += 1
        assert refused > 50

    run(work)


def test_what_the_office_says_no_to_keeps_its_reason():
    told = Refused(id=1, key="rating.closed", en="not now", vi="chưa được", is_transient=False)
    error = refusal(told)
    assert isinstance(error, RefusedError)
    assert (error.reason, str(error), error.vi()) == ("rating.closed", "not now", "chưa được")
    assert isinstance(refusal(told.model_copy(update={"is_transient": True})), OfficeAwayError)
    assert isinstance(refusal(told.model_copy(update={"key": "phone.busy"})), TooOftenError)


def test_the_notice_is_read_again_when_it_is_another_file(tmp_path):
    subject = Notice(tmp_path)
    assert subject.known() is None
    assert subject.office("vi") == "Bộ phận Một cửa"
    (tmp_path / FILE).write_bytes(KNOWN.line())
    assert subject.known() == KNOWN
    assert subject.known() is subject.known()
    assert subject.office("en") == "Pa Ham Commune"
    (tmp_path / FILE).write_bytes(b"{broken")
    assert subject.known() == KNOWN
    (tmp_path / FILE).unlink()
    assert subject.known() == KNOWN


def test_faces_go_from_sad_to_happy_and_their_lines_are_seen():
    drawn = faces(KNOWN, "en")
    assert [(face.level, face.name, face.mood) for face in drawn] == [
        (1, "Not satisfied", 0.0),
        (2, "Satisfied", 0.5),
        (3, "Very satisfied", 1.0),
    ]
    assert [ink_on(color) for color in ("#ffffff", "#f9a825", "#c62828", "#000000")] == [
        "#000",
        "#000",
        "#fff",
        "#fff",
    ]


# --- phones that follow


def draw(view: View | None) -> Any:
    key = None if view is None else (view.state, view.ahead)
    return {"now": Piece(key, lambda: f"<b>{key}</b>")}, {"state": "GONE" if view is None else view.state}


async def part(stream: Any) -> bytes:
    return bytes(await asyncio.wait_for(anext(stream), 20))


def test_a_phone_gets_a_snapshot_then_what_changes_and_hears_of_an_office_that_is_away():
    async def work() -> None:
        office = InMemoryOffice()
        tickets = tickets_of(office)
        subject = Phones(office, tickets, lambda: office.is_up)
        stream = subject.follow(TOKEN, await tickets.now(TOKEN), "a", draw)
        assert (await part(stream)).startswith(b"retry:")
        assert b"WAITING" in await part(stream)
        office.views[TOKEN] = like(ahead=2)
        subject.changed()
        assert b"('WAITING', 2)" in await part(stream)
        office.is_up = False
        subject.changed()
        assert b"event: away" in await part(stream)
        office.is_up = True
        subject.changed()
        assert b"event: beat" in await part(stream)
        del office.views[TOKEN]
        subject.changed()
        assert b"GONE" in await part(stream)
        assert len(subject) == 1
        await stream.aclose()
        assert len(subject) == 0

    run(work)


def test_many_phones_are_looked_at_together():
    async def work() -> None:
        office = InMemoryOffice()
        office.views = {f"A{number}-{'x' * 16}": like(ahead=number) for number in range(1, 81)}
        tickets = tickets_of(office)
        subject = Phones(office, tickets, lambda: True)
        streams = [subject.follow(token, view, token, draw) for token, view in office.views.items()]
        for stream in streams:
            await part(stream)
            await part(stream)
        await asyncio.sleep(1.0)
        office.looked.clear()
        office.views = {token: like(ahead=99) for token in office.views}
        subject.changed()
        for stream in streams:
            assert b"99" in await part(stream)
        assert [len(tokens) for tokens in office.looked[:3]] == [32, 32, 16]
        for stream in streams:
            await stream.aclose()

    run(work)


def test_one_address_cannot_take_every_place():
    async def work() -> None:
        office = InMemoryOffice()
        tickets = tickets_of(office)
        subject = Phones(office, tickets, lambda: True)
        view = await tickets.now(TOKEN)
        streams = [
            subject.follow(f"A{1 + number}-{'x' * 16}", view, "a", draw) for number in range(MOST_PER_ADDRESS)
        ]
        for stream in streams:
            await part(stream)
        with pytest.raises(TooOftenError):
            subject.check_room("a", "A2-" + "x" * 16)
        subject.check_room("b", "A2-" + "x" * 16)
        for stream in streams:
            await stream.aclose()

    run(work)


def test_one_ticket_cannot_take_every_place():
    async def work() -> None:
        office = InMemoryOffice()
        tickets = tickets_of(office)
        subject = Phones(office, tickets, lambda: True)
        view = await tickets.now(TOKEN)
        streams = [subject.follow(TOKEN, view, f"10.0.0.{n}", draw) for n in range(MOST_PER_TICKET)]
        for stream in streams:
            await part(stream)
        with pytest.raises(TooOftenError):
            subject.check_room("10.0.0.99", TOKEN)
        subject.check_room("10.0.0.99", "A2-" + "x" * 16)
        for stream in streams:
            await stream.aclose()

    run(work)


# --- the unit


def test_the_unit_can_do_nothing_but_serve():
    unit = (ROOT / "systemd" / "motcua-public.service").read_text("utf-8").splitlines()
    for line in (
        "User=motcua-public",
        "CapabilityBoundingSet=",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "InaccessiblePaths=-/var/lib/motcua -/etc/motcua -/media/motcua",
        "RestrictAddressFamilies=AF_UNIX",
        "MemoryMax=128M",
    ):
        assert line in unit
    assert not [line for line in unit if line.startswith(("ReadWritePaths", "StateDirectory", "DeviceAllow"))]
