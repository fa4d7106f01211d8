"""Two bounded lanes: what people press and staff command goes before what strangers ask."""

import threading
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import Enum

from appliance.desk.commands import Command
from appliance.desk.errors import DeskBusyError, DeskClosedError
from appliance.desk.state import Answer


class Lane(Enum):
    """Where a command waits; the value is how many may wait there."""

    OFFICE = 1024
    """Pins, serial lines, staff and the box itself."""
    PUBLIC = 256
    """Everything a stranger's phone can cause."""


@dataclass(slots=True)
class Post:
    """A command and the caller's place to wait."""

    command: Command
    reply: Future[Answer] = field(default_factory=Future)


class Lanes:
    """Where callers of any thread leave commands for the desk."""

    def __init__(self) -> None:
        self._ready = threading.Condition()
        self._lanes: dict[Lane, deque[Post]] = {lane: deque() for lane in Lane}
        self._closed = False

    def put(self, command: Command, lane: Lane) -> Future[Answer]:
        """Leave a command.

        Raises:
            DeskBusyError: the lane is full.
            DeskClosedError: the desk takes nothing more.
        """
        post = Post(command)
        with self._ready:
            if self._closed:
                raise DeskClosedError
            waiting = self._lanes[lane]
            if len(waiting) >= lane.value:
                raise DeskBusyError(waiting=len(waiting), lane=lane.name.lower())
            waiting.append(post)
            self._ready.notify()
        return post.reply

    def take(self, most: int, timeout_s: float) -> list[Post]:
        """Return up to ``most`` commands, office before public; an empty list after ``timeout_s`` seconds.

        A command whose caller gave up meanwhile is dropped; from here on nobody can.
        """
        with self._ready:
            self._ready.wait_for(lambda: self._closed or any(self._lanes.values()), timeout_s)
            taken: list[Post] = []
            for lane in Lane:
                waiting = self._lanes[lane]
                while waiting and len(taken) < most:
                    post = waiting.popleft()
                    if post.reply.set_running_or_notify_cancel():
                        taken.append(post)
            return taken

    def close(self) -> list[Post]:
        """Take nothing more; return what nobody will answer."""
        with self._ready:
            self._closed = True
            waiting_posts = (post for lane in Lane for post in self._lanes[lane])
            left = [post for post in waiting_posts if post.reply.set_running_or_notify_cancel()]
            for waiting in self._lanes.values():
                waiting.clear()
            self._ready.notify_all()
            return left

    @property
    def closed(self) -> bool:
        """Whether :meth:`close` was called."""
        return self._closed
