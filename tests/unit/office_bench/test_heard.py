"""What the box heard: presses by their edges, keys by their frames, and what became of them."""

from sim_bench import SimBench

from appliance.office.heard import GLOW_MS, KEPT, Heard
from appliance.queueing.commands import IssueTicket
from appliance.web.bench import MEANINGLESS, REFUSED, TAKEN


def test_a_press_that_gives_a_number_tells_its_label_and_how_long_it_was_held(bench: SimBench) -> None:
    bench.click("issue.1", ms=130)
    heard = bench.latest()
    assert (heard.device, heard.result, heard.said) == ("button:issue.1", TAKEN, "A001")
    assert (heard.edges, heard.held_ms) == (2, 130)


def test_a_contact_that_bounces_is_one_press_with_more_edges(bench: SimBench) -> None:
    for _ in range(3):
        bench.down("rating.1.3")
        bench.pass_time(4)
        bench.up("rating.1.3")
        bench.pass_time(4)
    look = bench.look()
    assert [(one.device, one.edges) for one in look.heard] == [("button:rating.1.3", 6)]
    assert len(bench.recorded("rating.given")) == 1


def test_two_presses_are_two(bench: SimBench) -> None:
    bench.click("rating.1.3")
    bench.click("rating.1.1")
    bench.click("rating.1.1")
    assert [one.device for one in bench.look().heard] == [
        "button:rating.1.1",
        "button:rating.1.1",
        "button:rating.1.3",
    ]


def test_a_refused_press_says_why_in_both_languages(bench: SimBench) -> None:
    for _ in range(bench.settings.hall.max_waiting):
        bench.box.ask(IssueTicket(service="dat-dai", source="kiosk"))
    bench.click("issue.1")
    heard = bench.latest()
    assert heard.result == REFUSED
    assert heard.said
    assert heard.said_vi
    assert heard.said != heard.said_vi


def test_a_press_that_cannot_be_recorded_says_so(bench: SimBench) -> None:
    bench.box.stop()
    bench.click("issue.1")
    heard = bench.bench.look().heard[0]
    assert heard.result == REFUSED
    assert heard.said


def test_only_the_latest_are_kept(bench: SimBench) -> None:
    for _ in range(KEPT + 3):
        bench.heard.key("keypad:q1:call")
        bench.heard.meaningless("keypad:q1:call")
    looks = bench.heard.looks()
    assert len(looks) == KEPT
    assert {one.result for one in looks} == {MEANINGLESS}


def test_a_late_answer_belongs_to_the_latest_press_without_one(bench: SimBench) -> None:
    bench.heard.settled("keypad:q1:call", TAKEN, "A001", "A001")
    assert bench.heard.looks() == ()


def test_what_was_lit_glows_on_and_is_looked_at_again(bench: SimBench) -> None:
    later: list[int] = []
    heard = Heard(bench.box.clock, bench.clock)
    heard.begin(lambda ms, _action: later.append(ms), rest_ms=50)
    heard.lit("lamp:buzzer", is_lit=True)
    heard.lit("lamp:buzzer", is_lit=False)
    assert heard.is_glowing("lamp:buzzer")
    assert later == [GLOW_MS + 1]
    bench.clock.advance(GLOW_MS)
    assert not heard.is_glowing("lamp:buzzer")
    assert heard.times("lamp:buzzer") == 1


def test_the_last_key_is_known_by_its_keypad(bench: SimBench) -> None:
    bench.heard.key("keypad:q1:call")
    bench.pass_time(10)
    bench.heard.key("keypad:q1:recall")
    assert bench.heard.last_of("keypad:q1:") == ("keypad:q1:recall", bench.box.clock.now().at)
    assert bench.heard.last_of("keypad:q2:") is None
