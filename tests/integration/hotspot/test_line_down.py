"""The real gate and the real portal: guests agree, take back, leave; what they get while the line is down."""

import re
import sys
from pathlib import Path

import pytest
from town import GATE4, GATE6, WEB4, WEB6, until

sys.path.insert(0, str(Path(__file__).parents[2] / "unit" / "public"))

from memory_office import KNOWN
from sim_guest_gate import NAME, PORTAL, STATS, TERMS

from appliance.sockets.known import FILE
from appliance.sockets.probes import PROBES

PORT = 8083
HOME = f"http://{NAME}/wifi"
OFFLINE = "Mất kết nối Internet"
PROBE = PROBES[0].hosts[0]
NOT_OURS = {"silent", "refused"}
"""What 443 is without a line: never the portal's answer in another's name."""


@pytest.fixture(scope="module")
def town(build):
    """A town whose portal is the real one; ``four`` and ``dual`` have agreed there, ``shy`` has not."""
    town = build(f"session_min = 60\n[portal]\nport = {PORT}\n", is_started=False)
    (town.folder / FILE).write_bytes(
        KNOWN.model_copy(update={"portal": PORTAL.model_copy(update={"purposes": (STATS,)})}).line()
    )
    town.start()
    town.start_portal(PORT)
    for name, number, families in (("four", 1, ("v4",)), ("dual", 2, ("v4", "v6")), ("shy", 3, ("v4", "v6"))):
        town.guest(name, number, families).join()
    for name in ("four", "dual"):
        agree(town.guests[name])
    return town


def get(guest, path, gate=GATE4, **more):
    return guest.do("http", host=gate, name=NAME, path=path, **more)


def form_of(page):
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', page))


def agree(guest, consents=("khao-sat",), gate=GATE4):
    form = form_of(get(guest, "/wifi", gate)["page"]) | {"consent": list(consents)}
    said = get(guest, "/wifi/open", gate, form=form)
    assert (said["status"], said["to"]) == (303, "/wifi?lang=vi"), said


def ways(guest):
    """The web server and the gate, by the families that a guest has."""
    return [(WEB4, GATE4), (WEB6, GATE6)][: len(guest.families)]


def is_online(guest):
    return all(guest.do("tcp", host=web, port=443) == "internet" for web, _ in ways(guest))


def leads_to_portal(guest):
    """Whether a probe by its maker's name ends at our page, in each family, and the name itself here."""
    found = [guest.do("http", host=web, name=PROBE, path="/hotspot-detect.html") for web, _ in ways(guest)]
    named = [guest.do("names", host=gate, name=PROBE).get("address") for _, gate in ways(guest)]
    return all((each["status"], each["to"]) == (302, HOME) for each in found) and set(named) == {GATE4}


def is_left_alone(guest):
    """Whether a probe reaches its maker, and so does his name."""
    found = [guest.do("http", host=web, name=PROBE, path="/hotspot-detect.html") for web, _ in ways(guest)]
    named = [guest.do("names", host=gate, name=PROBE).get("address") for _, gate in ways(guest)]
    return all(each["page"] == "internet" for each in found) and set(named) == {WEB4}


def carrier(town):
    """The cable is pulled at the other end, and put in again."""
    town.internet.sysctl("ipv6/conf/lan/keep_addr_on_down", 1)
    town.internet.ip("link", "set", "lan", "down")
    yield
    town.internet.ip("link", "set", "lan", "up")
    for family in ("-4", "-6"):
        until(lambda family=family: town.box.ip(family, "route", "show", "default"), "there are routes")


def routes(town):
    """The provider's router is gone: no default route in either family, and then there is."""
    for family in ("-4", "-6"):
        town.box.ip(family, "route", "del", "default")
    yield
    town.box.ip("route", "add", "default", "via", "192.168.1.1")
    town.box.ip("-6", "route", "add", "default", "via", "2a00:1:1::1")


def beyond(town):
    """The provider's router is there and says nothing: the fiber behind it is cut."""
    chain = "chain in { type filter hook input priority 0; policy drop; icmpv6 type "
    chain += "{ nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit } accept; }"
    town.internet.run("nft", f"table inet cut {{ {chain}; }}")
    yield
    town.internet.run("nft", "delete", "table", "inet", "cut")


@pytest.mark.parametrize("loss", [carrier, routes, beyond], ids=lambda each: each.__name__)
def test_without_a_line_who_is_through_gets_the_local_page_and_no_silence(town, loss):
    four, dual, shy = (town.guests[name] for name in ("four", "dual", "shy"))
    for guest in (four, dual):
        assert is_left_alone(guest)
        assert is_online(guest)
    assert town.status(dual.address).wan is True
    before = len(town.logged("line.is_down"))
    lost = loss(town)
    next(lost)
    try:
        for guest in (four, dual, shy):
            until(lambda guest=guest: leads_to_portal(guest), f"{guest.name} is led to the portal")
            for web, gate in ways(guest):
                assert OFFLINE in get(guest, "/wifi", gate)["page"]
                # What the office has itself goes on.
                assert get(guest, "/wifi/tickets", gate)["status"] == 200
                assert (
                    guest.do("http", host=gate, name=gate if gate == GATE4 else f"[{gate}]")["status"] == 200
                )
                if guest is not shy:
                    assert guest.do("tcp", host=web, port=443) in NOT_OURS
        told = town.status(dual.address)
        assert (told.state, told.wan) == ("open", False)
        assert len(town.logged("line.is_down")) == before + 1, "it is said once"
        # A gate that starts while the line is down knows it from the first packet on, or asks.
        town.stop(kill=True)
        town.start()
        until(lambda: leads_to_portal(four), "the gate knows it, too")
    finally:
        next(lost, None)
    for guest in (four, dual):
        until(lambda guest=guest: is_left_alone(guest), f"{guest.name} is left alone again")
        until(lambda guest=guest: is_online(guest), f"{guest.name} is online again")
        assert town.status(guest.address).state == "open"
    assert leads_to_portal(shy), "who has not agreed is led as ever"
    assert OFFLINE not in get(shy, "/wifi")["page"]


@pytest.mark.parametrize("gate", [GATE4, GATE6], ids=["IPv4", "IPv6"])
def test_a_guest_sees_what_he_agreed_to_takes_it_back_and_leaves_on_the_next_packet(town, gate):
    dual, file = town.guests["dual"], town.folder / "state" / "sessions"
    page = get(dual, "/wifi/consents", gate)["page"]
    assert STATS.name.vi in page
    assert TERMS.version[:12] in page
    assert f"{dual.mac} " in file.read_text()
    kept = next(line for line in file.read_text().splitlines() if line.startswith(dual.mac))
    assert kept.endswith(f" {TERMS.version} khao-sat")
    said = get(dual, "/wifi/consents", gate, form=form_of(page) | {"consent": "khao-sat"})
    assert said["status"] == 303
    assert STATS.name.vi not in get(dual, "/wifi/consents", gate)["page"]
    kept = next(line for line in file.read_text().splitlines() if line.startswith(dual.mac))
    assert kept.endswith(f" {TERMS.version} .")
    assert is_online(dual)
    said = get(dual, "/wifi/close", gate, form=form_of(get(dual, "/wifi", gate)["page"]))
    assert (said["status"], said["to"]) == (303, "/wifi?left=1&lang=vi")
    assert [dual.do("tcp", host=web, port=443) for web in (WEB4, WEB6)] == ["reset", "reset"]
    assert dual.mac not in file.read_text()
    assert town.status(dual.address).state == "new"
    assert is_online(town.guests["four"]), "and nobody else is"
    agree(dual, gate=gate)
    assert is_online(dual)


def test_nobody_takes_back_or_ends_what_is_anothers(town):
    four, dual = town.guests["four"], town.guests["dual"]
    forms = {
        path: form_of(get(dual, "/wifi/consents" if "consents" in path else "/wifi")["page"])
        for path in ("/wifi/consents", "/wifi/close")
    }
    for path, form in forms.items():
        assert get(four, path, form=form | {"consent": "khao-sat"})["status"] == 403
    assert town.status(dual.address).consents == ["khao-sat"]
    assert is_online(dual)
