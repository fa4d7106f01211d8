"""How services, counters and priority classes are called in one language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from appliance.config import Settings


class _Named(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def name_en(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Names:
    """Names by id; what the settings no longer know is called by its id."""

    services: Mapping[str, str]
    counters: Mapping[str, str]
    priorities: Mapping[str, str]
    stages: Mapping[str, str | None]

    @classmethod
    def of(cls, settings: Settings, lang: str) -> "Names":
        """Return the names of these settings in a language."""
        return cls(
            _named(settings.services, lang),
            _named(settings.counters, lang),
            _named(settings.priorities, lang),
            {service.id: service.stage for service in settings.services},
        )

    def service(self, service: str) -> str:
        """Return the name of a service."""
        return self.services.get(service, service)

    def counter(self, counter: str) -> str:
        """Return the name of a counter."""
        return self.counters.get(counter, counter)

    def priority(self, priority: str) -> str:
        """Return the name of a class; empty for none."""
        return "" if priority == "none" else self.priorities.get(priority, priority)

    def stage(self, service: str) -> str | None:
        """Return the stage of a service."""
        return self.stages.get(service)


def _named(items: Iterable[_Named], lang: str) -> dict[str, str]:
    return {item.id: item.name if lang == "vi" else item.name_en or item.name for item in items}
