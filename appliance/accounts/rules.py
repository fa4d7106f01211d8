"""Who may manage whom: the one table, and the one rule about the last who may."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from appliance.accounts.errors import LastLeaderError, NotAllowedError
from appliance.accounts.person import Person, Role

MANAGES: Mapping[Role, frozenset[Role]] = MappingProxyType(
    {
        Role.TECHNICIAN: frozenset({Role.TECHNICIAN, Role.SUPERVISOR, Role.OFFICER}),
        Role.SUPERVISOR: frozenset({Role.OFFICER}),
        Role.OFFICER: frozenset(),
        Role.SCREEN: frozenset(),
    }
)
"""By role: the roles whose accounts it may make, rename, change, deactivate and give a password."""

LEADERS = frozenset(role for role, managed in MANAGES.items() if managed)
"""Who may manage anybody. At least one of them is always active."""


def check_may_manage(by: Role, *others: Role) -> None:
    """Check that a role may manage accounts of other roles.

    Raises:
        NotAllowedError: it may not.
    """
    for other in others:
        if other not in MANAGES[by]:
            raise NotAllowedError(role=by.value, other=other.value)


def check_may_pair(by: Role) -> None:
    """Check that a role may pair a screen or revoke one.

    Raises:
        NotAllowedError: it may not.
    """
    if by not in LEADERS:
        raise NotAllowedError(role=by.value, other=Role.SCREEN.value)


def has_leader(people: Iterable[Person]) -> bool:
    """Whether somebody is active who may manage accounts."""
    return any(person.is_active and person.role in LEADERS for person in people)


def check_leader_left(people: Iterable[Person], changed: Person) -> None:
    """Check that a change leaves somebody who may manage accounts.

    Args:
        people: everybody, before the change.
        changed: one of them, after it.

    Raises:
        LastLeaderError: nobody would be left.
    """
    after = [changed if person.officer == changed.officer else person for person in people]
    if not has_leader(after):
        raise LastLeaderError(officer=changed.officer)
