"""How services, counters and whatever else has a name are called in one language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from appliance.accounts.person import Person
from appliance.config import Settings
from appliance.pages import texts


class Named(Protocol):
    """Something with a Vietnamese name and perhaps an English one."""

    @property
    def name(self) -> str:
        """In Vietnamese."""
        ...

    @property
    def name_en(self) -> str | None:
        """In English."""
        ...


class Identified(Named, Protocol):
    """The same with an id."""

    @property
    def id(self) -> str:
        """Of it."""
        ...


class Name(NamedTuple):
    """A name as a page writes it.

    Args:
        text: the name.
        lang: its language when that is not the page's, else None.
    """

    text: str
    lang: str | None


def spoken(vi: str, en: str | None, lang: str) -> Name:
    """Return a text in a language; the Vietnamese one where there is no other."""
    if lang == texts.DEFAULT or not en:
        return Name(vi, None if lang == texts.DEFAULT else texts.DEFAULT)
    return Name(en, None)


def name_of(named: Named, lang: str) -> Name:
    """Return a name in a language; the Vietnamese one where there is no other."""
    return spoken(named.name, named.name_en, lang)


def names_by_id(items: Iterable[Identified], lang: str) -> dict[str, str]:
    """Return the names of some things by their ids."""
    return {item.id: name_of(item, lang).text for item in items}


@dataclass(frozen=True, slots=True)
class Names:
    """Names by id; what nobody knows any more is called by its id."""

    services: Mapping[str, str]
    counters: Mapping[str, str]
    priorities: Mapping[str, str]
    stages: Mapping[str, str | None]
    officers: Mapping[str, str]

    @classmethod
    def of(cls, settings: Settings, lang: str, people: Iterable[Person] = ()) -> "Names":
        """Return the names of these settings in a language, and those of the staff."""
        return cls(
            names_by_id(settings.services, lang),
            names_by_id(settings.counters, lang),
            names_by_id(settings.priorities, lang),
            {service.id: service.stage for service in settings.services},
            {person.officer: person.name for person in people},
        )

    def service(self, service: str) -> str:
        """Return the name of a service."""
        return self.services.get(service, service)

    def counter(self, counter: str) -> str:
        """Return the name of a counter."""
        return self.counters.get(counter, counter)

    def officer(self, officer: str | None) -> str | None:
        """Return how colleagues call an officer; None for nobody."""
        return None if officer is None else self.officers.get(officer, officer)

    def priority(self, priority: str) -> str:
        """Return the name of a class; empty for none."""
        return "" if priority == "none" else self.priorities.get(priority, priority)

    def stage(self, service: str) -> str | None:
        """Return the stage of a service."""
        return self.stages.get(service)
