"""The hall's part of what ``day.opened`` carries over, written and read.

Lists, because ids are no wire keys::

    {"counters": [{counter, officer, reason, services, state}], "issued": [[service, count]],
     "next": [[series, number]], "spent": [[day, [[series, number]]]]}

Any object is a valid ``carries``: what has another shape was written by other software and is passed over.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from immutables import Map

from appliance.queueing.ticket import Post, PostState

Numbers = Map[str, int]
Spent = tuple[tuple[str, Numbers], ...]


def write(posts: Iterable[Post], issued: Numbers, numbers: Numbers, spent: Spent) -> dict[str, Any]:
    """Return the members."""
    return {
        "counters": [
            {
                "counter": post.counter,
                "officer": post.officer,
                "reason": post.reason,
                "services": list(post.services),
                "state": post.state.value,
            }
            for post in sorted(posts)
        ],
        "issued": _pairs(issued),
        "next": _pairs(numbers),
        "spent": [[day, _pairs(of_day)] for day, of_day in spent],
    }


def read_posts(carries: Mapping[str, Any]) -> Map[str, Post]:
    """Return the staffed counters, without their tickets."""
    posts: dict[str, Post] = {}
    for one in _list(carries.get("counters")):
        match one:
            case {
                "counter": str(counter),
                "officer": str() | None as officer,
                "reason": str() | None as reason,
                "services": list(services),
                "state": "open" | "paused" as state,
            }:
                names = tuple(name for name in services if isinstance(name, str))
                posts[counter] = Post(counter, PostState(state), officer, names, reason, None)
            case _:
                pass
    return Map(posts)


def read_numbers(pairs: object) -> Numbers:
    """Return the numbers of a list of pairs."""
    found: dict[str, int] = {}
    for pair in _list(pairs):
        match pair:
            case [str(name), int(number)]:
                found[name] = number
            case _:
                pass
    return Map(found)


def read_spent(carries: Mapping[str, Any]) -> Spent:
    """Return the next numbers of other days, latest last."""
    found: list[tuple[str, Numbers]] = []
    for pair in _list(carries.get("spent")):
        match pair:
            case [str(day), list(numbers)]:
                found.append((day, read_numbers(numbers)))
            case _:
                pass
    return tuple(found)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _pairs(numbers: Numbers) -> list[list[Any]]:
    return [list(pair) for pair in sorted(numbers.items())]
