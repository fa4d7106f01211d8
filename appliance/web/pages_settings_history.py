"""Who changed which settings when, and back to an earlier version."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from appliance.config import ConfigError, Settings, loads
from appliance.config.history import Version
from appliance.pages.texts import Texts
from appliance.web.configuration import Configuration, NoVersionError
from appliance.web.pages_settings_words import Change, changes

A_PAGE = 20


@dataclass(frozen=True, slots=True)
class Entry:
    """One version as it is told.

    Args:
        number: of the version.
        at: when it came into use.
        who: the name of who wanted it; None for one that was found in place.
        changes: what differs from the version before it; None when nobody can tell.
        is_first: whether no version before it is kept.
        is_current: whether it is what the file says now.
    """

    number: int
    at: datetime
    who: str | None
    changes: Sequence[Change] | None
    is_first: bool
    is_current: bool


def entries(
    configuration: Configuration,
    current: str,
    words: Texts,
    name_of: Callable[[str], str],
    *,
    before: int | None = None,
    most: int = A_PAGE,
) -> tuple[list[Entry], int | None]:
    """Return the newest versions, and the number to go on before, or None when that is all.

    Args:
        configuration: whose versions.
        current: the file as it is.
        words: the language to tell them in.
        name_of: from an officer's id to a name.
        before: only versions with a smaller number.
        most: how many.
    """
    versions = [each for each in configuration.versions() if before is None or each.number < before]
    texts = [_text(configuration, each) for each in versions[: most + 1]]
    settings = [_settings(text) for text in texts]
    found: list[Entry] = []
    is_current_seen = False
    for index, version in enumerate(versions[:most]):
        older = settings[index + 1] if index + 1 < len(settings) else None
        newer = settings[index]
        is_current = texts[index] == current and not is_current_seen and before is None
        is_current_seen |= is_current
        found.append(
            Entry(
                version.number,
                datetime.strptime(version.at, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC),
                None if version.officer is None else name_of(version.officer),
                None if older is None or newer is None else changes(older, newer, words),
                is_first=index == len(versions) - 1,
                is_current=is_current,
            )
        )
    return found, found[-1].number if len(versions) > most else None


def _text(configuration: Configuration, version: Version) -> str | None:
    try:
        return configuration.version_text(version.number)
    except NoVersionError:
        return None


def _settings(text: str | None) -> Settings | None:
    try:
        return None if text is None else loads(text)
    except ConfigError:
        return None
