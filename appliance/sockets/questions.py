"""Questions on a line between two units, by number, and who waits for their answers."""

import asyncio
from collections.abc import Callable, Iterable
from itertools import count, islice
from typing import Final, Generic, TypeVar

MOST_NUMBER: Final = 2**31
"""Numbers begin anew after it; the messages allow no other."""

Answer = TypeVar("Answer")
Part = TypeVar("Part")


class Questions(Generic[Answer]):
    """See the module; everything belongs to one event loop.

    Args:
        answer_s: how long an answer may take.
        away: makes the error for whoever asks while nobody answers.
        most: without an answer; more are not asked.
    """

    def __init__(self, answer_s: float, away: Callable[[], Exception], most: int = 256) -> None:
        self._answer_s, self._away, self._most = answer_s, away, most
        self._numbers = count(1)
        self._open: dict[int, asyncio.Future[Answer]] = {}

    async def ask(self, say: Callable[[int], None]) -> Answer:
        """Return the answer to a question.

        Args:
            say: says it, under its number.

        Raises:
            Exception: that of ``away`` when none comes, or what :meth:`fail` was given.
        """
        if len(self._open) >= self._most:
            raise self._away()
        number = next(self._numbers) % MOST_NUMBER
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._open[number] = answer
        try:
            say(number)
            # Not wait_for: up to Python 3.11 it may swallow that whoever asks is cancelled.
            async with asyncio.timeout(self._answer_s):
                return await answer
        except TimeoutError:
            raise self._away() from None
        finally:
            del self._open[number]

    def __contains__(self, number: object) -> bool:
        """Whether somebody waits for the answer to a question."""
        return number in self._open

    def end(self, number: int, answer: Answer) -> None:
        """Give the answer to whoever asked."""
        waiting = self._open.get(number)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)

    def fail(self, number: int, error: Exception) -> None:
        """Give an error to whoever asked."""
        waiting = self._open.get(number)
        if waiting is not None and not waiting.done():
            waiting.set_exception(error)

    def lose(self) -> None:
        """Tell everybody who waits that nobody answers any more."""
        for number in tuple(self._open):
            self.fail(number, self._away())


class Parts(Generic[Part]):
    """Answers that come in parts, several lines each.

    Args:
        questions: which they answer.
        end: gives a whole answer to whoever asked.
        most: items of one answer; what comes after them is left out.
    """

    def __init__(
        self, questions: Questions[Answer], end: Callable[[int, list[Part]], None], most: int = 4096
    ) -> None:
        self._is_asked, self._end, self._most = questions.__contains__, end, most
        self._so_far: dict[int, list[Part]] = {}

    def take(self, number: int, part: Iterable[Part], *, is_last: bool) -> None:
        """Add a part; what nobody waits for any more is let go of."""
        for given_up in [each for each in self._so_far if not self._is_asked(each)]:
            del self._so_far[given_up]
        if not self._is_asked(number):
            return
        so_far = self._so_far.setdefault(number, [])
        so_far += islice(part, self._most - len(so_far))
        if is_last:
            self._end(number, self._so_far.pop(number))
