"""Keeps the queues of the line as the plan wants them, and fits the gate's rules to what stands."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Final, Protocol, TypeVar

import structlog

from appliance.hotspot.engines import Engine, Standing
from appliance.hotspot.errors import ShapingError
from appliance.hotspot.policy.elements import policing
from appliance.hotspot.policy.plan import Plan
from appliance.hotspot.policy.shaping import Kernel, Tree, trees

log = structlog.get_logger(__name__)

NAME: Final = "shaper"
"""What the queues are called beside the engines."""
T = TypeVar("T")


class Shaper(Protocol):
    """What is asked of the kernel; :mod:`appliance.hotspot.shaper` is one."""

    def probe(self) -> Kernel:
        """Return what the kernel can."""
        ...

    def lay(self, tree: Tree) -> bool:
        """Have a tree stand on its interface; return whether anything had to be done."""
        ...

    def keep_only(self, interfaces: Collection[str]) -> None:
        """Take our trees away from all other interfaces."""
        ...


class Sharing:
    """See the module. Trouble with queues is told and tried again; it never keeps anybody out.

    Args:
        shaper: the kernel; None for none: then the rules drop what guests have too much.
    """

    def __init__(self, shaper: Shaper | None) -> None:
        self._shaper = shaper
        self._kernel: Kernel | None = None
        self._queued = (False, False)
        self.standing: Standing = "off"
        """``off`` where the kernel cannot hold anybody to a rate."""
        self.restarts = 0
        """How often a tree that had stood was found to be gone."""
        self._stood: frozenset[Tree] = frozenset()

    async def follow(self, plan: Plan, *, are_rules_new: bool = False) -> list[str]:
        """Have the queues stand; return the lines that make the rules fit them.

        Args:
            plan: what is wanted.
            are_rules_new: the gate's rules were just made, and drop what is too much.
        """
        if self._shaper is None:
            return []
        if are_rules_new:
            self._queued = (False, False)
        errors: list[ShapingError] = []
        limited = await self._lay(self._shaper, plan, errors)
        standing: Standing = "failed" if errors else "running" if limited else "off"
        if standing != self.standing:
            if errors:
                log.warning("queues.not_set", reason=str(errors[0]))
            else:
                log.info("queues.set", standing=standing, kernel=self._kernel)
        self.standing = standing
        queued = plan.wan in limited, plan.guest in limited
        if queued == self._queued:
            return []
        self._queued = queued
        return policing(plan, is_up_queued=queued[0], is_down_queued=queued[1])

    async def _lay(self, shaper: Shaper, plan: Plan, errors: list[ShapingError]) -> set[str]:
        """Have each tree stand that can; return the interfaces on which guests are held to a rate."""
        limited, stood = set(), set()
        try:
            if self._kernel is None:
                self._kernel = await self._ask(shaper.probe)
            wanted = trees(plan, self._kernel)
            await self._ask(partial(shaper.keep_only, {tree.interface for tree in wanted}))
        except ShapingError as error:
            errors.append(error)
            return set()
        for tree in wanted:
            try:
                was_missing = await self._ask(partial(shaper.lay, tree))
            except ShapingError as error:
                errors.append(error)
                continue
            self.restarts += was_missing and tree in self._stood
            stood.add(tree)
            if tree.shares:
                limited.add(tree.interface)
        self._stood = frozenset(stood)
        return limited

    async def end(self) -> None:
        """Take the queues away: there shall be no WiFi."""
        if self._shaper is None:
            return
        try:
            await self._ask(partial(self._shaper.keep_only, ()))
        except ShapingError as error:
            log.warning("queues.not_taken_away", reason=str(error))
        self.standing = "off"

    def beside(self, engines: Mapping[str, Engine]) -> "dict[str, Engine | Sharing]":
        """Return what has to run for guests by name: the engines, and the queues if the kernel has any."""
        found: dict[str, Engine | Sharing] = {**engines}
        if self.standing != "off":
            found[NAME] = self
        return found

    async def _ask(self, call: Callable[[], T]) -> T:
        try:
            return await asyncio.to_thread(call)
        except ShapingError:
            raise
        except Exception as error:
            # A thread's boundary: what the library makes of some kernel's queues must not end the gate.
            if self.standing != "failed":
                log.exception("queues.not_understood")
            raise ShapingError(interface="*", reason=repr(error)) from error
