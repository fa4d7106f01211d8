"""What of a guest's tries is a hole, with a guest whose findings are written down."""

from typing import Any

import pytest

from appliance.config.hotspot import Hotspot
from appliance.doctor.gate_test import tries
from appliance.doctor.gate_test.tries import Ours
from appliance.hotspot.policy.plan import planned

OURS = Ours(planned(Hotspot(enabled=True), 8082))
ONLY_V4 = Ours(planned(Hotspot(enabled=True, ipv6="off"), 8082))
GATE4, GATE6 = OURS.gateways
PAGE = {"status": 302, "location": "http://wifi.motcua.internal/", "body": "x"}


class ScriptedGuest:
    """A guest behind a gate that stands, but for what a test writes down."""

    def __init__(self, **found: Any) -> None:
        self.found = found
        self.asked: list[tuple[str, str]] = []

    def __call__(self, command: str, host: str, **more: Any) -> Any:
        self.asked.append((command, host))
        key = "_".join((command, *(str(more[each]) for each in ("port", "kind") if each in more)))
        if key in self.found:
            return self.found[key]
        if command in self.found:
            return self.found[command]
        match command:
            case "udp":
                return {"said": "prohibited", "who": GATE6 if ":" in host else GATE4}
            case "tcp":
                return "reset"
            case "page":
                return PAGE
            case _:
                return self._names(more["name"], more["kind"])

    @staticmethod
    def _names(name: str, kind: int) -> dict[str, Any]:
        if name == tries.STRANGE_NAME:
            return {"code": 5, "records": 0, "addresses": []}
        address = {tries.A: [GATE4], tries.AAAA: [GATE6]}.get(kind, [])
        return {"code": 0, "records": len(address), "addresses": address}


def test_a_gate_that_stands_has_no_holes() -> None:
    guest = ScriptedGuest()
    assert tries.not_refused(guest, tries.WEB, (443, 853), OURS.speakers) == []
    assert tries.wrong_pages(guest, OURS) == []
    assert tries.wrong_names(guest, OURS) == []
    assert {host for _, host in guest.asked} >= {GATE4, GATE6, *tries.WEB, *tries.RESOLVERS}


def test_without_ipv6_it_is_not_tried() -> None:
    guest = ScriptedGuest()
    assert tries.wrong_pages(guest, ONLY_V4) == tries.wrong_names(guest, ONLY_V4) == []
    assert not any(":" in host for _, host in guest.asked)


@pytest.mark.parametrize(
    ("found", "wrong"),
    [
        ({"tcp_443": "open"}, ["1.1.1.1 443: open"]),
        ({"tcp_443": "silent"}, ["1.1.1.1 443: silent"]),
        # A host that is reached may reset as the gate does; a packet shows who spoke.
        ({"udp": {"said": "other", "who": "1.1.1.1"}}, ["1.1.1.1 udp: other"]),
        ({"udp": {"said": "answer", "who": "1.1.1.1"}}, ["1.1.1.1 udp: answer"]),
        ({"udp": {"said": "prohibited", "who": "192.168.1.1"}}, ["1.1.1.1 udp: prohibited"]),
        ({"udp": {"said": "silent", "who": ""}}, ["1.1.1.1 udp: silent"]),
        ({"udp": {"said": "prohibited", "who": GATE4}}, []),
    ],
)
def test_what_the_gate_did_not_refuse_itself_is_a_hole(found: dict[str, Any], wrong: list[str]) -> None:
    assert tries.not_refused(ScriptedGuest(**found), ["1.1.1.1"], (443,), OURS.speakers) == wrong


def test_only_the_boxs_own_word_says_that_there_is_no_way() -> None:
    for who, is_away in ((GATE4, True), ("192.168.1.1", False)):
        guest = ScriptedGuest(udp={"said": "no way", "who": who})
        assert tries.has_no_way(guest, "1.1.1.1", OURS.speakers) is is_away
    assert not tries.has_no_way(ScriptedGuest(), "1.1.1.1", OURS.speakers)


@pytest.mark.parametrize("answer", [None, {**PAGE, "status": 502}])
def test_a_portal_that_does_not_answer_is_a_hole(answer: object) -> None:
    assert tries.wrong_pages(ScriptedGuest(page=answer), OURS) == [f"{GATE4} 80", f"{GATE6} 80"]


def test_a_page_of_somebody_else_is_a_hole() -> None:
    def guest(command: str, host: str, **more: Any) -> Any:
        return {**PAGE, "body": host} if host in tries.WEB else ScriptedGuest()(command, host, **more)

    assert tries.wrong_pages(guest, OURS) == [f"{host} 80" for host in tries.WEB]


def test_a_resolver_that_knows_more_is_a_hole_and_a_silent_one_is_asked_once() -> None:
    known = {"code": 0, "records": 1, "addresses": []}
    wrong = tries.wrong_names(ScriptedGuest(names_16=known), ONLY_V4)
    assert wrong == [
        f"{host} {name} TXT"
        for host in (GATE4, tries.RESOLVERS[0])
        for name in (tries.STRANGE_NAME, tries.PAGE[0])
    ]
    silent = ScriptedGuest(names={"code": None, "records": 0, "addresses": []})
    assert tries.wrong_names(silent, ONLY_V4) == [
        f"{GATE4} wifi.motcua.internal",
        f"{tries.RESOLVERS[0]} wifi.motcua.internal",
    ]
    assert len(silent.asked) == 2


def test_a_host_of_each_network_is_tried_that_is_not_the_box() -> None:
    networks = ("192.168.1.0/24", "10.1.0.4/30", "10.9.9.9/32", "2a00:1:1::/64")
    own = frozenset({"192.168.1.1", "10.1.0.5", "10.1.0.6"})
    assert list(tries.office_hosts(networks, own)) == ["192.168.1.2", "2a00:1:1::1"]


def test_the_boxs_own_addresses_in_the_offices_networks_are_tried_too() -> None:
    own = frozenset({"192.168.1.2", "127.0.0.1", "2a00:1:1::2", "fe80::1"})
    assert tries.own_hosts(["192.168.1.0/24", "2a00:1:1::/64"], own) == ["192.168.1.2", "2a00:1:1::2"]


def test_a_chain_that_changed_is_named() -> None:
    wanted = {"up": ["a", "b"], "down": ["c"]}
    assert tries.differences(wanted, dict(wanted)) == []
    assert tries.differences(wanted, {"up": ["a"], "down": ["c"], "more": []}) == ["more", "up"]


def test_how_fast_all_together_are_may_change_while_the_gate_stands_but_lets_nobody_in() -> None:
    wanted = {"all_up": ["{}", '[{"limit": 1}]']}
    assert tries.differences(wanted, {"all_up": ["{}"]}) == []
    assert tries.differences(wanted, {"all_up": ["{}", '[{"accept": null}]']}) == ["all_up"]
    assert tries.differences(wanted, {}) == ["all_up"]
