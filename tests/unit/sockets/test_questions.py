"""Questions on a line: who asks gets his answer, his error, or learns that nobody answers."""

import asyncio

import pytest

from appliance.sockets.questions import Parts, Questions


class AwayError(Exception):
    pass


def play(act, answer_s=20.0, most=256):
    said = []

    async def run():
        questions = Questions(answer_s, AwayError, most)
        return await act(questions, said)

    return asyncio.run(run())


async def ask(questions, said, how_many=1):
    """Ask, and wait until all is said."""
    asking = [asyncio.create_task(questions.ask(said.append)) for _ in range(how_many)]
    await asyncio.sleep(0)  # each begins, says his question and waits
    assert len(said) == how_many
    return asking


def test_each_gets_the_answer_to_his_own_question():
    async def act(questions, said):
        asking = await ask(questions, said, 3)
        for number in reversed(said):
            questions.end(number, f"answer {number}")
        assert await asyncio.gather(*asking) == [f"answer {number}" for number in said]
        assert not any(number in questions for number in said)

    play(act)


def test_an_answer_that_nobody_asked_for_and_a_second_one_are_passed_over():
    async def act(questions, said):
        questions.end(99, "nobody's")
        questions.fail(99, ValueError("nobody's"))
        [asking] = await ask(questions, said)
        questions.end(said[0], "first")
        questions.end(said[0], "second")
        questions.fail(said[0], ValueError("third"))
        assert await asking == "first"

    play(act)


def test_an_error_goes_to_who_asked():
    async def act(questions, said):
        [asking] = await ask(questions, said)
        questions.fail(said[0], ValueError("no"))
        with pytest.raises(ValueError, match="no"):
            await asking

    play(act)


def test_who_waits_learns_that_the_line_is_lost():
    async def act(questions, said):
        asking = await ask(questions, said, 2)
        questions.lose()
        assert [type(each) for each in await asyncio.gather(*asking, return_exceptions=True)] == [
            AwayError
        ] * 2

    play(act)


def test_an_answer_that_does_not_come_is_given_up():
    async def act(questions, said):
        with pytest.raises(AwayError):
            await questions.ask(said.append)
        assert said[0] not in questions

    play(act, answer_s=0.01)


def test_more_than_may_be_open_are_not_asked():
    async def act(questions, said):
        asking = await ask(questions, said, 2)
        with pytest.raises(AwayError):
            await questions.ask(said.append)
        assert len(said) == 2
        questions.lose()
        await asyncio.gather(*asking, return_exceptions=True)

    play(act, most=2)


def test_what_cannot_be_said_is_not_waited_for():
    async def act(questions, said):
        def refuse(_number):
            raise OSError("the line is gone")

        with pytest.raises(OSError, match="gone"):
            await questions.ask(refuse)
        assert 1 not in questions

    play(act)


def test_parts_become_one_answer_as_long_as_may_be():
    async def act(questions, said):
        parts = Parts(questions, questions.end, most=3)
        [asking] = await ask(questions, said)
        parts.take(said[0], [1, 2], is_last=False)
        parts.take(said[0], [3, 4], is_last=True)
        assert await asking == [1, 2, 3]

    play(act)


def test_parts_that_nobody_waits_for_are_let_go_of():
    async def act(questions, said):
        parts = Parts(questions, questions.end)
        [first] = await ask(questions, said)
        parts.take(said[0], [1], is_last=False)
        questions.lose()
        with pytest.raises(AwayError):
            await first
        parts.take(said[0], [2], is_last=True)
        assert parts._so_far == {}

    play(act)
