"""What the gate asks of interfaces; :mod:`appliance.hotspot.links` is one that answers."""

from typing import Protocol

from appliance.hotspot.policy.plan import Plan


class Links(Protocol):
    """See the module."""

    def prepare(self, plan: Plan) -> None:
        """Make guests' interface ready."""
        ...

    def put_down(self, guest: str) -> None:
        """Take guests' interface off the air."""
        ...

    def office_networks(self, plan: Plan) -> tuple[str, ...]:
        """Return the networks on the office's own links."""
        ...

    def has_ipv6(self, plan: Plan) -> bool:
        """Whether there is a way to the IPv6 Internet."""
        ...

    def has_wan(self, plan: Plan) -> bool:
        """Whether there is a way to the Internet at all; answers at once."""
        ...
