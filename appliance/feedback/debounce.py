"""Edges of one key to presses, from timestamps alone.

A press is reported at its leading edge, so that nothing waits for a contact to calm down. A key must then
have been up for ``debounce_ms`` before its next press: whatever edges come between are chatter of the same
press. A key held for ``stuck_ms`` is stuck, and so is one that was down at the start: that is no press. A
stuck key stays suspect until it has been up for ``stuck_ms``; its presses in between are reported as such,
never dropped.

Times are milliseconds of any clock that does not go back. Two edges in the same direction mean that one was
lost; the second changes nothing.
"""

from dataclasses import dataclass, replace

from appliance.feedback.rules import RatingRules


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """A key was pressed; ``is_suspect`` when it was stuck shortly before."""

    at_ms: int
    is_suspect: bool


@dataclass(frozen=True, slots=True)
class KeyStuck:
    """A key has been held too long; reported once."""

    since_ms: int


@dataclass(frozen=True, slots=True)
class KeyFreed:
    """A key that was stuck works again; reported once."""

    at_ms: int


KeyReport = KeyPressed | KeyStuck | KeyFreed


@dataclass(frozen=True, slots=True)
class Key:
    """The state of one key.

    Args:
        is_down: as the last edge left it.
        edge_ms: time of the last edge that changed it.
        held_ms: when the press began that has not been settled by a rest of ``debounce_ms``.
        is_stuck: reported as stuck and not yet as freed.
    """

    is_down: bool
    edge_ms: int
    held_ms: int
    is_stuck: bool = False


def watch(*, is_down: bool, at_ms: int, rules: RatingRules) -> tuple[Key, KeyStuck | None]:
    """Return a key as it is found when watching begins; one that is down is stuck."""
    # A key found up has rested: the first edge is a press however soon it comes.
    edge_ms = at_ms if is_down else at_ms - rules.debounce_ms
    return Key(is_down, edge_ms, at_ms, is_stuck=is_down), KeyStuck(at_ms) if is_down else None


def edge(key: Key, *, is_down: bool, at_ms: int, rules: RatingRules) -> tuple[Key, KeyPressed | None]:
    """Return the key after an edge, and the press if it began one."""
    at_ms = max(at_ms, key.edge_ms)
    if is_down == key.is_down:
        return key, None
    if not is_down:
        return replace(key, is_down=False, edge_ms=at_ms), None
    if at_ms - key.edge_ms < rules.debounce_ms:
        return replace(key, is_down=True, edge_ms=at_ms), None
    return replace(key, is_down=True, edge_ms=at_ms, held_ms=at_ms), KeyPressed(at_ms, key.is_stuck)


def due(key: Key, now_ms: int, rules: RatingRules) -> tuple[Key, KeyStuck | KeyFreed | None]:
    """Return what time alone has brought: the key is stuck, or free again. Poll it about once a second."""
    if key.is_down and not key.is_stuck and now_ms - key.held_ms >= rules.stuck_ms:
        return replace(key, is_stuck=True), KeyStuck(key.held_ms)
    if not key.is_down and key.is_stuck and now_ms - key.edge_ms >= rules.stuck_ms:
        return replace(key, is_stuck=False), KeyFreed(key.edge_ms)
    return key, None
