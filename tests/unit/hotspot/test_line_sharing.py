"""How the line is shared: whose share is how large, and what the rules do where queues do not."""

import asyncio

import pytest
from queues_in_memory import KINDS, InMemoryShaper

from appliance.config.hotspot import Hotspot
from appliance.hotspot.policy.plan import planned
from appliance.hotspot.policy.shaping import (
    GUESTS,
    GUESTWARDS,
    KERNELS,
    LINE,
    NEAR,
    OFFICE,
    PLAIN,
    UPWARDS,
    sample,
    trees,
)
from appliance.hotspot.sharing import Sharing

RATES = {"all_up_kbps": 8_000, "all_down_kbps": 20_000}
UP = "add rule inet motcua_hotspot all_up limit rate over 1000000 bytes/second burst 250000 bytes drop"
DOWN = "add rule inet motcua_hotspot all_down limit rate over 2500000 bytes/second burst 625000 bytes drop"
FLUSHED = [f"flush chain inet motcua_hotspot all_{way}" for way in ("up", "down")]


def plan_of(**settings):
    return planned(Hotspot.model_validate({"enabled": True, **settings}, strict=False), 8081)


def shares(tree):
    return {share.handle - tree.root.handle: share for share in tree.shares}


@pytest.mark.parametrize(
    ("settings", "up", "down"),
    [
        ({}, None, None),
        (RATES, 1_000_000, 2_500_000),
        ({"line_up_kbps": 10_000, "line_down_kbps": 50_000}, 625_000, 3_125_000),
        ({"line_up_kbps": 10_000, "office_share_percent": 90}, 125_000, None),
        ({**RATES, "line_up_kbps": 10_000, "line_down_kbps": 100_000}, 625_000, 2_500_000),
    ],
    ids=["nothing said", "ceilings", "half of the line", "a tenth", "the smaller of both"],
)
def test_guests_together_get_the_least_of_what_is_said(settings, up, down):
    plan = plan_of(**settings)
    assert (plan.all_up, plan.all_down) == (up, down)


@pytest.mark.parametrize("kernel", [each for each in KERNELS if each.has_htb])
@pytest.mark.parametrize("settings", [{}, RATES, {"line_up_kbps": 1_000}, {**RATES, "line_up_kbps": 4_000}])
def test_the_office_goes_first_and_keeps_what_guests_may_not_have(kernel, settings):
    plan = plan_of(**settings)
    up, down = trees(plan, kernel)
    found = shares(up)
    office, guests, line = found[OFFICE], found[GUESTS], found[LINE]
    assert office.priority < guests.priority
    assert guests.ceil == min(plan.all_up or line.ceil, line.ceil)
    assert 0 < guests.rate <= guests.ceil
    # Nobody is promised what another one was promised, too.
    assert office.rate + guests.rate == line.rate == office.ceil
    assert {share.handle for share in up.shares} >= {share.parent for share in up.shares} - {up.root.handle}
    assert shares(down)[GUESTS].ceil == (plan.all_down or shares(down)[NEAR].ceil)
    assert [tree.interface for tree in (up, down)] == ["eth0", "wlan0"]
    assert [tree.root.handle for tree in (up, down)] == [UPWARDS, GUESTWARDS]


def test_the_office_s_own_network_is_not_as_slow_as_the_line():
    up, _ = trees(plan_of(line_up_kbps=2_000), KERNELS[0])
    near, line = shares(up)[NEAR], shares(up)[LINE]
    assert near.parent == up.root.handle
    assert near.ceil > 1000 * line.ceil
    assert dict(up.root.options) == {"default": NEAR}


def test_a_slow_line_is_not_called_full_when_one_packet_is_on_it():
    for kernel in KERNELS[:2]:
        up, _ = trees(plan_of(all_up_kbps=256), kernel)
        options = dict(shares(up)[GUESTS].leaf.options)
        target_us = options.get("target", options.get("fqc_target"))
        assert target_us > 1_514 * 8 * 1_000 // 256


def test_a_kernel_without_a_queue_is_left_alone_and_one_without_classes_is_fair():
    assert trees(plan_of(), PLAIN) == ()
    for kernel in KERNELS:
        if not kernel.has_htb:
            assert [tree.shares for tree in trees(plan_of(), kernel)] == [(), ()]
        assert sample(kernel).root.kind == ("htb" if kernel.has_htb else kernel.leaf)


def follow(subject, plan, **more):
    return asyncio.run(subject.follow(plan, **more))


def test_rules_stop_dropping_where_a_queue_holds_back_and_begin_again_with_new_rules():
    shaper = InMemoryShaper({"eth0", "wlan0"})
    subject, plan = Sharing(shaper), plan_of(**RATES)
    assert follow(subject, plan, are_rules_new=True) == FLUSHED
    assert (subject.standing, subject.restarts) == ("running", 0)
    assert set(shaper.trees) == {"eth0", "wlan0"}
    assert follow(subject, plan) == []
    assert follow(subject, plan, are_rules_new=True) == FLUSHED


def test_another_plan_changes_what_stands_and_leaves_nothing_on_the_interface_before():
    shaper = InMemoryShaper({"eth0", "wlan0", "wlan1"})
    subject = Sharing(shaper)
    follow(subject, plan_of(**RATES), are_rules_new=True)
    plan = plan_of(interface="wlan1", radio="usb", all_up_kbps=2_000)
    assert follow(subject, plan, are_rules_new=True) == FLUSHED
    assert shares(shaper.trees["eth0"])[GUESTS].ceil == 250_000
    assert set(shaper.trees) == {"eth0", "wlan1"}
    assert subject.restarts == 0


def test_where_a_queue_cannot_be_the_rules_go_on_dropping_and_it_is_told_and_tried_again():
    shaper = InMemoryShaper({"eth0", "wlan0"})
    subject, plan = Sharing(shaper), plan_of(**RATES)
    shaper.refuses = {"eth0"}
    assert follow(subject, plan, are_rules_new=True) == [FLUSHED[0], UP, FLUSHED[1]]
    assert subject.standing == "failed"
    assert set(shaper.trees) == {"wlan0"}
    shaper.refuses = set()
    assert follow(subject, plan) == FLUSHED
    assert subject.standing == "running"


@pytest.mark.parametrize("broken", ["probe", "keep_only"])
def test_a_kernel_that_answers_nothing_leaves_all_of_it_to_the_rules(broken):
    shaper = InMemoryShaper({"eth0", "wlan0"})
    subject, plan = Sharing(shaper), plan_of(**RATES)
    shaper.refuses = {broken}
    assert follow(subject, plan, are_rules_new=True) == []
    assert subject.standing == "failed"
    shaper.refuses = set()
    follow(subject, plan)
    shaper.refuses = {"keep_only"}
    assert follow(subject, plan) == [FLUSHED[0], UP, FLUSHED[1], DOWN]
    asyncio.run(subject.end())  # which only says that it could not
    assert subject.standing == "off"


def test_an_answer_that_nobody_understands_is_trouble_with_queues_and_no_more():
    shaper = InMemoryShaper({"eth0", "wlan0"})
    subject, plan = Sharing(shaper), plan_of(**RATES)
    follow(subject, plan, are_rules_new=True)
    shaper.is_garbled = True
    assert follow(subject, plan) == [FLUSHED[0], UP, FLUSHED[1], DOWN]
    assert subject.standing == "failed"
    asyncio.run(subject.end())


def test_a_queue_that_somebody_took_away_is_laid_again_and_counted():
    shaper = InMemoryShaper({"eth0", "wlan0"})
    subject, plan = Sharing(shaper), plan_of()
    follow(subject, plan, are_rules_new=True)
    del shaper.trees["eth0"]
    assert follow(subject, plan) == []
    assert (subject.standing, subject.restarts, set(shaper.trees)) == ("running", 1, {"eth0", "wlan0"})


@pytest.mark.parametrize(
    ("kinds", "shaper", "standing", "laid"),
    [
        (KINDS, "cake", "running", 2),
        (KINDS - {"cake"}, "fq_codel", "running", 2),
        ({"htb", "sfq", "pfifo"}, "sfq", "running", 2),
        ({"htb", "pfifo"}, "htb", "running", 2),
        ({"fq_codel", "pfifo"}, "fq_codel", "off", 2),
        ({"pfifo"}, "none", "off", 0),
    ],
)
def test_what_the_kernel_has_is_used_and_named(kinds, shaper, standing, laid):
    kernel = InMemoryShaper({"eth0", "wlan0"}, kinds)
    subject = Sharing(kernel)
    lines = follow(subject, plan_of(**RATES), are_rules_new=True)
    assert kernel.probe().shaper == shaper
    assert (subject.standing, len(kernel.trees)) == (standing, laid)
    assert lines == (FLUSHED if standing == "running" else [])


def test_what_was_laid_is_taken_away_at_the_end():
    shaper = InMemoryShaper({"eth0", "wlan0"})
    subject = Sharing(shaper)
    follow(subject, plan_of(), are_rules_new=True)
    asyncio.run(subject.end())
    assert (shaper.trees, subject.standing) == ({}, "off")


def test_without_a_shaper_nothing_is_done_and_nothing_is_told():
    subject = Sharing(None)
    assert follow(subject, plan_of(**RATES), are_rules_new=True) == []
    asyncio.run(subject.end())
    assert subject.beside({}) == {}
