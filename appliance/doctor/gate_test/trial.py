"""Tries the gate of the public WiFi as it stands, and says what was proven; guests do not notice."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from appliance.doctor import wifi
from appliance.doctor.finding import Both, Condition, Finding
from appliance.doctor.gate_test import tries
from appliance.doctor.gate_test.path import OurGuest, own_addresses
from appliance.doctor.gate_test.tries import Ours
from appliance.errors import MotcuaError
from appliance.hotspot import links
from appliance.hotspot.capabilities import radio
from appliance.hotspot.errors import EngineError, RulesRefusedError
from appliance.hotspot.firewall import NftFirewall
from appliance.hotspot.gate import Wanted
from appliance.hotspot.policy.plan import Abilities, Plan, planned
from appliance.hotspot.policy.ruleset import TABLE, ruleset
from appliance.hotspot.programs import Places
from appliance.sockets.gate import SOCKET

GATE = Condition("gate", "gate", "bộ phận canh cổng")
RULES = Condition("rules", "rules in force", "quy tắc đang chạy")
BOX_RULES = Condition("box_rules", "the box's own rules", "tường lửa của thiết bị")
INTERNET = Condition("internet", "Internet before agreeing", "Internet khi chưa đồng ý")
PORTAL = Condition("portal", "portal", "trang chào")
NAMES = Condition("names", "names before agreeing", "tên miền khi chưa đồng ý")
STAFF = Condition("staff", "staff app", "trang cán bộ")
OFFICE = Condition("office", "office LAN", "mạng văn phòng")
OTHERS = Condition("others", "other guests, by the box", "máy khách khác, qua thiết bị")
AIR = Condition("air", "other guests, over the air", "máy khách khác, qua sóng")
CONDITIONS: Final = (GATE, RULES, BOX_RULES, INTERNET, PORTAL, NAMES, STAFF, OFFICE, OTHERS, AIR)

BOX_TABLE: Final = "motcua"
MOST_TOLD: Final = 3
_WELL = Both("as it must be, in every family there is", "đúng như phải có, ở mọi họ địa chỉ đang dùng")
_CLOSE = Both(
    "turn the public WiFi off until it is repaired, and send in a support bundle",
    "tắt WiFi công cộng cho đến khi sửa xong, và gửi gói hỗ trợ về tỉnh",
)
_MAKE_ANEW = Both(
    "sudo systemctl restart nftables motcua-hotspot; then test again",
    "sudo systemctl restart nftables motcua-hotspot; rồi thử lại",
)
_TWO_PHONES = Both(
    "try it with two phones: join both, look up one's address in its WiFi settings, and ping it from the "
    "other. If it answers, they are not kept apart",
    "tự thử bằng hai điện thoại: nối cả hai vào WiFi, xem địa chỉ IP của một máy, dùng ứng dụng ping trên "
    "máy kia gọi đến đó. Có trả lời là hai máy chưa được tách",
)


@dataclass(frozen=True, slots=True)
class Subject:
    """The gate that is tried.

    Args:
        wanted: its settings.
        places: of its files.
    """

    wanted: Wanted
    places: Places


def examine(subject: Subject) -> list[Finding]:
    """Try everything; takes some seconds, half a minute where much is silent.

    Raises:
        MotcuaError: nothing could be tried.
    """
    # What the radio can do changes how many may join, and no rule.
    plan = planned(subject.wanted.hotspot, subject.wanted.portal_port, Abilities(owe=True))
    gate = _gate(subject)
    with closing(OurGuest.open(plan, subject.places.leases)) as guest:
        ours, do = Ours(plan), guest.do
        return [
            gate,
            _rules(plan, do),
            _box_rules(),
            _internet(ours, do),
            _judged(PORTAL, tries.wrong_pages(do, ours), _MAKE_ANEW),
            _judged(NAMES, tries.wrong_names(do, ours)),
            _staff(ours, do, subject.wanted.staff_port),
            _office(ours, do, subject.wanted.staff_port),
            _others(ours, guest),
            _air(plan, subject.places),
        ]


def _gate(subject: Subject) -> Finding:
    counts = wifi.counts(subject.places.run / SOCKET)
    if counts is None:
        return GATE.broken(Both("it does not answer", "không trả lời"), _MAKE_ANEW)
    if counts.fault is not None:
        return GATE.broken(Both(counts.fault, counts.fault), _MAKE_ANEW)
    return GATE.well(Both("answers", "trả lời"))


def _rules(plan: Plan, do: tries.Guest) -> Finding:
    """Compare the kernel's rules, chain by chain, with those that the settings make."""
    wanted = do("reference", text=ruleset(plan))
    try:
        found = _listed("inet", TABLE)
    except RulesRefusedError as error:
        return RULES.broken(Both(str(error), error.vi()), _MAKE_ANEW)
    wrong = tries.differences(wanted, found)
    count = sum(map(len, wanted.values())) - len(wanted)
    return _judged(
        RULES, wrong, well=Both(f"{count} rules, as they must be", f"{count} quy tắc, đúng như phải có")
    )


def _box_rules() -> Finding:
    """Look whether the box's own table drops what nobody let in."""
    try:
        found = _listed("inet", BOX_TABLE)
    except RulesRefusedError as error:
        return BOX_RULES.broken(Both(str(error), error.vi()), _MAKE_ANEW)
    wrong = [
        name
        for name in ("input", "forward")
        if json.loads(found.get(name, ["{}"])[0]).get("policy") != "drop"
    ]
    return _judged(BOX_RULES, wrong, _MAKE_ANEW)


def _internet(ours: Ours, do: tries.Guest) -> Finding:
    """Try somebody on the Internet, in the families by which there is a way to it."""
    away = {host for host in ours.of(tries.WEB) if tries.has_no_way(do, host, ours.speakers)}
    left = [host for host in ours.of(tries.WEB) if host not in away]
    if not left:
        return INTERNET.unknown(
            Both("there is no way to the Internet: not tried", "không có đường ra Internet: chưa thử"),
            Both("plug the line in and test again", "nối đường truyền rồi thử lại"),
        )
    family = "IPv6" if any(":" in host for host in away) else "IPv4"
    well = Both(
        f"as it must be; no way to the Internet by {family}: not tried",
        f"đúng như phải có; không có đường ra Internet bằng {family}: chưa thử",
    )
    wrong = tries.not_refused(do, left, tries.REFUSED_PORTS, ours.speakers)
    return _judged(INTERNET, wrong, well=well if away else _WELL)


def _staff(ours: Ours, do: tries.Guest, port: int) -> Finding:
    """Try the staff app at every address of the box that a guest could think of."""
    hosts = [*ours.gateways, *tries.own_hosts(_office_networks(ours), own_addresses())]
    return _judged(STAFF, tries.not_refused(do, hosts, (port,), ours.speakers))


def _office(ours: Ours, do: tries.Guest, port: int) -> Finding:
    """Try a host of each network of the office."""
    hosts = list(tries.office_hosts(_office_networks(ours), own_addresses()))
    if not hosts:
        return OFFICE.unknown(
            Both("the cable is not plugged in: not tried", "chưa cắm dây mạng văn phòng: chưa thử"),
            Both("plug it in and test again", "cắm dây rồi thử lại"),
        )
    return _judged(OFFICE, tries.not_refused(do, hosts, (443, port), ours.speakers))


def _office_networks(ours: Ours) -> list[str]:
    """Return those of the families that guests have."""
    marks = (".", ":")[: len(ours.gateways)]
    return [each for each in links.office_networks(ours.plan) if any(mark in each for mark in marks)]


def _others(ours: Ours, guest: OurGuest) -> Finding:
    plan = ours.plan
    hosts = [str(plan.pool[0] if plan.pool[0] != guest.who.address4 else plan.pool[1])]
    if plan.prefix6 is not None:
        hosts.append(str(plan.prefix6[1 << 33]))
    for host, gateway in zip(hosts, ours.gateways, strict=True):
        guest.do("by_gate", host=host, gateway=gateway)
    return _judged(OTHERS, tries.not_refused(guest.do, hosts, (443,), ours.speakers))


def _air(plan: Plan, places: Places) -> Finding:
    """Say what is known of frames that the box never sees."""
    if plan.radio == "external":
        return AIR.unknown(
            Both(
                "the access points decide: turn on client isolation",
                "do điểm phát riêng: hãy bật cách ly máy khách",
            ),
            _TWO_PHONES,
        )
    try:
        isolates = asyncio.run(radio(plan.guest)).isolates
        is_asked = "ap_isolate=1" in (places.run / "hostapd.conf").read_text("utf-8").splitlines()
    except (EngineError, OSError):
        isolates, is_asked = None, True
    if not is_asked:
        return AIR.broken(
            Both("hostapd was not told to", "hostapd chưa được yêu cầu tách máy khách"), _MAKE_ANEW
        )
    if isolates is None:
        return AIR.unknown(Both("this radio does not tell", "bộ phát này không cho biết"), _TWO_PHONES)
    return AIR.well(Both("hostapd and the kernel keep them apart", "hostapd và nhân hệ thống tách từng máy"))


def _judged(
    condition: Condition,
    wrong: Sequence[str],
    todo: Both = _CLOSE,
    well: Both = _WELL,
) -> Finding:
    if not wrong:
        return condition.well(well)
    listed = "; ".join(wrong[:MOST_TOLD]) + (" …" if len(wrong) > MOST_TOLD else "")
    return condition.broken(Both(f"NOT as it must be: {listed}", f"KHÔNG đúng: {listed}"), todo)


def _listed(family: str, table: str) -> dict[str, list[str]]:
    firewall = NftFirewall.open()
    try:
        return firewall.chains(family, table)
    finally:
        firewall.close()


def not_tried(error: MotcuaError) -> list[Finding]:
    """Return the findings of a test that could not be made."""
    return [
        GATE.unseen(str(error), Both("run it with sudo, on the box", "chạy lại bằng sudo, trên thiết bị"))
    ]
