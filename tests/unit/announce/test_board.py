from pathlib import Path

import pytest
from sim_desk import SimBox

from appliance.announce.board import Face, faces
from appliance.desk.commands import Command
from appliance.queueing import commands as hall
from appliance.queueing.commands import IssueTicket

OPEN = hall.OpenCounter(counter="q1")
CIVIL, LAND = IssueTicket(service="ho-tich"), IssueTicket(service="dat-dai")


@pytest.mark.parametrize(
    ("commands", "q1", "q2"),
    [
        ([], Face(), Face()),
        ([CIVIL, CIVIL, LAND], Face(waiting=2), Face(waiting=3)),
        ([CIVIL, CIVIL, OPEN, hall.CallNext(counter="q1")], Face("A001", 1, 1), Face(waiting=1)),
        (
            [CIVIL, CIVIL, OPEN, hall.CallNext(counter="q1"), hall.Start(counter="q1")],
            Face("A001", 1, 1),
            Face(waiting=1),
        ),
        ([CIVIL, OPEN, hall.CallNext(counter="q1"), hall.MarkNoShow(counter="q1")], Face(), Face()),
        ([CIVIL, OPEN, hall.CloseCounter(counter="q1")], Face(waiting=1), Face(waiting=1)),
        (
            [CIVIL, LAND, hall.OpenCounter(counter="q2", services=("dat-dai",))],
            Face(waiting=1),
            Face(waiting=1),
        ),
    ],
)
def test_signs_show_who_was_called_and_how_many_wait(
    tmp_path: Path, commands: list[Command], q1: Face, q2: Face
) -> None:
    box = SimBox(tmp_path)
    box.start()
    for command in commands:
        box.ask(command)
    assert faces(box.desk.state.hall, box.rules.hall) == {"q1": q1, "q2": q2}
    box.stop()
