"""Whether somebody is there beyond the router: counted over rounds, and asked of a real resolver's socket."""

import asyncio
import socket
import struct
import threading
from contextlib import contextmanager

import pytest

from appliance.hotspot import line
from appliance.hotspot.line import CHECK_MS, MISSES, ROUNDS, SOON_MS, Line, knows
from appliance.sockets.gate import LineQuality

NAMES, RESOLVERS = ("a.example", "b.example"), ("192.0.2.1", "192.0.2.2")


class Beyond:
    """Resolvers that answer or do not, and remember what they were asked."""

    def __init__(self):
        self.answers = dict.fromkeys(RESOLVERS, True)
        self.asked = []

    async def ask(self, resolver, name):
        self.asked.append((resolver, name))
        return self.answers[resolver]


def others():
    return asyncio.all_tasks() - {asyncio.current_task()}


async def turned(subject, now_ms, names=NAMES, resolvers=RESOLVERS):
    subject.turn(names, resolvers, now_ms)
    await asyncio.gather(*others())


def run(story):
    asyncio.run(story())


def test_one_resolver_that_knows_is_enough_and_it_is_asked_now_and_then():
    async def story():
        beyond = Beyond()
        subject = Line(beyond.ask)
        beyond.answers["192.0.2.1"] = False
        for now_ms in (0, 1, CHECK_MS - 1, CHECK_MS, CHECK_MS + SOON_MS):
            await turned(subject, now_ms)
        assert beyond.asked == [
            *(("192.0.2.1", "b.example"), ("192.0.2.2", "b.example")),
            *(("192.0.2.1", "a.example"), ("192.0.2.2", "a.example")),
        ]
        assert not subject.is_dead

    run(story)


def test_nobody_who_answers_is_believed_after_a_few_times_and_the_first_answer_at_once():
    async def story():
        beyond = Beyond()
        subject = Line(beyond.ask)
        beyond.answers = dict.fromkeys(RESOLVERS, False)
        for number in range(MISSES):
            assert not subject.is_dead
            await turned(subject, number * SOON_MS)
        assert subject.is_dead
        assert len(beyond.asked) == MISSES * len(RESOLVERS)
        beyond.answers["192.0.2.2"] = True
        await turned(subject, MISSES * SOON_MS - 1)
        assert subject.is_dead
        await turned(subject, MISSES * SOON_MS)
        assert not subject.is_dead

    run(story)


def test_how_the_line_answered_lately_is_the_first_answer_of_each_round():
    async def story():
        beyond, at_s = Beyond(), [100.0]
        takes_s = {}

        async def ask(resolver, name):
            at_s[0] += takes_s[resolver]
            return await beyond.ask(resolver, name)

        subject = Line(ask, lambda: at_s[0])
        assert subject.quality is None
        for number, took_s in enumerate((0.010, 0.250, 0.020)):
            takes_s.update({"192.0.2.1": took_s, "192.0.2.2": 1.0})
            await turned(subject, number * CHECK_MS)
        beyond.answers = dict.fromkeys(RESOLVERS, False)
        await turned(subject, 3 * CHECK_MS)
        assert subject.quality == LineQuality(rounds=4, unanswered=1, usual_ms=20, worst_ms=250)
        for number in range(ROUNDS):
            await turned(subject, (4 + number) * CHECK_MS)
        assert subject.quality == LineQuality(rounds=ROUNDS, unanswered=ROUNDS, usual_ms=None, worst_ms=None)
        subject.forget()
        assert subject.quality is None

    run(story)


@pytest.mark.parametrize(("names", "resolvers"), [((), RESOLVERS), (NAMES, ())])
def test_without_somebody_to_ask_nothing_is_claimed(names, resolvers):
    async def story():
        beyond = Beyond()
        subject = Line(beyond.ask)
        beyond.answers = dict.fromkeys(RESOLVERS, False)
        for number in range(MISSES):
            await turned(subject, number * SOON_MS)
        assert subject.is_dead
        await turned(subject, 0, names, resolvers)
        assert not subject.is_dead
        # Who comes after is asked at once.
        await turned(subject, 1)
        assert len(beyond.asked) == (MISSES + 1) * len(RESOLVERS)

    run(story)


def test_a_round_that_is_not_over_is_the_only_one_and_can_be_forgotten():
    async def story():
        asked = 0

        async def ask(_resolver, _name):
            nonlocal asked
            asked += 1
            await asyncio.Event().wait()

        subject = Line(ask)
        for now_ms in (0, CHECK_MS, 2 * CHECK_MS):
            subject.turn(NAMES, RESOLVERS, now_ms)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        assert asked == len(RESOLVERS)
        subject.forget()
        await asyncio.gather(*others(), return_exceptions=True)
        assert others() == set()

    run(story)


@contextmanager
def resolver(reply):
    """A resolver on loopback that answers a question as told; returns its port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as place:
        place.bind(("127.0.0.1", 0))
        place.settimeout(30)

        def serve():
            question, who = place.recvfrom(2_000)
            for each in reply(question):
                place.sendto(each, who)

        thread = threading.Thread(target=serve)
        thread.start()
        yield place.getsockname()[1]
        thread.join()


def answer(question, code, flags=0x8180, number=None):
    sent = struct.unpack_from(">H", question)[0] if number is None else number
    return struct.pack(">6H", sent, flags | code, 1, 0, 0, 0) + question[12:]


@pytest.mark.parametrize(
    ("code", "is_known"), [(0, True), (3, True), (1, False), (2, False), (4, False), (5, False)]
)
def test_who_says_that_there_is_no_such_name_knows_and_who_failed_does_not(code, is_known):
    asked = []

    def reply(question):
        asked.append(question)
        yield answer(question, code)

    with resolver(reply) as port:
        assert asyncio.run(knows("127.0.0.1", "dichvucong.gov.vn", port)) is is_known
    (question,) = asked
    assert question[2:] == (b"\x01\x00\0\1\0\0\0\0\0\0" + b"\x0adichvucong\x03gov\x02vn\0" + b"\0\1\0\1")


def test_what_is_no_answer_to_the_question_is_passed_over():
    def reply(question):
        yield b"short"
        yield answer(question, 0, number=(struct.unpack_from(">H", question)[0] + 1) % 65_536)
        yield answer(question, 0, flags=0x0100)
        yield answer(question, 2)
        yield answer(question, 0)

    with resolver(reply) as port:
        assert asyncio.run(knows("127.0.0.1", "a.vn", port)) is False


def test_nobody_and_silence_are_no_answer(monkeypatch):
    monkeypatch.setattr(line, "ANSWER_S", 0.05)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as place:
        place.bind(("127.0.0.1", 0))
        port = place.getsockname()[1]
        assert asyncio.run(knows("127.0.0.1", "a.vn", port)) is False
    assert asyncio.run(knows("127.0.0.1", "a.vn", port)) is False
    assert asyncio.run(knows("fe80::1", "a.vn", port)) is False
