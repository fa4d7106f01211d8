"""radvd's configuration: the router of guests' IPv6, as long as there is a way out."""

from collections.abc import Iterator
from typing import Final

from appliance.hotspot.policy.plan import Plan

LIFETIME_S: Final = 300
NAMES_S: Final = 180
"""Twice the longest interval: more than that and a resolver that is gone would be asked too long."""
PREFIX_S: Final = 3600


def radvd_conf(plan: Plan) -> str:
    """Return the configuration; the plan has a ``prefix6``."""
    return "\n".join((*_lines(plan), ""))


def _lines(plan: Plan) -> Iterator[str]:
    yield f"interface {plan.guest} {{"
    yield "  AdvSendAdvert on;"
    yield "  MinRtrAdvInterval 30;"
    yield "  MaxRtrAdvInterval 90;"
    # Without a way out phones must not wait for IPv6 before they try IPv4.
    yield f"  AdvDefaultLifetime {LIFETIME_S if plan.surroundings.has_ipv6 else 0};"
    yield "  AdvSourceLLAddress on;"
    if plan.api_url is not None:
        yield "  AdvOtherConfigFlag on;"
        if plan.abilities.announces_portal:
            yield f'  AdvCaptivePortalAPI "{plan.api_url}";'
    yield f"  prefix {plan.prefix6} {{"
    # Not on the link for anybody but us: a guest who looks for another one asks the gate, which says no.
    yield "    AdvOnLink off;"
    yield "    AdvAutonomous on;"
    yield f"    AdvValidLifetime {PREFIX_S};"
    yield f"    AdvPreferredLifetime {PREFIX_S // 2};"
    yield "  };"
    yield f"  RDNSS {plan.gateway6} {{"
    yield f"    AdvRDNSSLifetime {NAMES_S};"
    yield "  };"
    yield "};"
