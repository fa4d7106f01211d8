from provisioning.demo.agenda import Agenda


class Watch:
    """A clock that moves when told to."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_what_is_due_is_done_in_order() -> None:
    watch, done = Watch(), []
    agenda = Agenda(watch)
    agenda.after(2.0, lambda: done.append("late"))
    agenda.after(1.0, lambda: done.append("early"))
    agenda.after(1.0, lambda: done.append("second"))
    agenda.run_due()
    assert done == []
    assert agenda.wait_s(10.0) == 1.0
    watch.now_s += 2.0
    agenda.run_due()
    assert done == ["early", "second", "late"]
    assert agenda.wait_s(10.0) == 10.0


def test_a_pause_leaves_everything_as_far_away_as_it_was() -> None:
    watch, done = Watch(), []
    agenda = Agenda(watch)
    agenda.after(2.0, lambda: done.append("done"))
    watch.now_s += 1.0
    agenda.toggle()
    assert agenda.is_paused
    watch.now_s += 50.0
    agenda.run_due()
    assert done == []
    assert agenda.wait_s(0.25) == 0.25
    agenda.toggle()
    assert agenda.wait_s(10.0) == 1.0
    watch.now_s += 1.0
    agenda.run_due()
    assert done == ["done"]


def test_an_action_may_plan_the_next() -> None:
    watch, done = Watch(), []
    agenda = Agenda(watch)
    agenda.after(0.0, lambda: agenda.after(0.0, lambda: done.append("second")))
    agenda.run_due()
    assert done == ["second"]
