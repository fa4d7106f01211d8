"""Goes through every check; whatever a check stumbles over is a finding, not the end."""

from collections.abc import Iterable
from typing import Protocol

import structlog

from appliance.doctor.box import Box
from appliance.doctor.checks import (
    board,
    card_errors,
    card_life,
    card_wear,
    center_certificate,
    center_name,
    center_port,
    clock,
    clock_chip,
    data_folder,
    enrolled,
    file_system_errors,
    free_space,
    journal,
    journal_growth,
    leaders,
    memory,
    network,
    office_answers,
    office_issues,
    page_certificate,
    page_ports,
    pins,
    power,
    read_only,
    receipts,
    serial_lines,
    set_up,
    settings,
    setup_code,
    temperature,
    units,
    wifi_announced,
    wifi_certificate,
    wifi_clients,
    wifi_country,
    wifi_engines,
    wifi_gate,
    wifi_internet,
    wifi_line_rate,
    wifi_networks,
    wifi_radio,
)
from appliance.doctor.finding import Both, Condition, Finding, Level

log = structlog.get_logger(__name__)

WELL, WARNINGS, BROKEN, NOT_LOOKED = 0, 1, 2, 3
"""Exit codes."""


class Check(Protocol):
    """A module that looks at one condition."""

    @property
    def CONDITION(self) -> Condition:  # noqa: N802 - modules are the checks
        """What it looks at."""
        ...

    def check(self, box: Box, /) -> Finding:
        """Look; an OSError means that it could not."""
        ...


CHECKS: tuple[Check, ...] = (
    power,
    temperature,
    memory,
    data_folder,
    read_only,
    card_errors,
    file_system_errors,
    free_space,
    card_life,
    card_wear,
    set_up,
    settings,
    units,
    office_answers,
    office_issues,
    journal,
    journal_growth,
    clock,
    clock_chip,
    board,
    pins,
    serial_lines,
    network,
    center_name,
    center_port,
    center_certificate,
    enrolled,
    receipts,
    page_certificate,
    page_ports,
    setup_code,
    leaders,
    wifi_radio,
    wifi_country,
    wifi_clients,
    wifi_gate,
    wifi_engines,
    wifi_networks,
    wifi_internet,
    wifi_line_rate,
    wifi_announced,
    wifi_certificate,
)
"""In the order of the sheet: what causes others comes before them."""


def examine(box: Box, checks: Iterable[Check] = CHECKS) -> list[Finding]:
    """Return a finding for every check, in order."""
    return [_look(check, box) for check in checks]


def exit_code(findings: Iterable[Finding]) -> int:
    """Return 0 for all is well, 1 for warnings, 2 for something broken, 3 when a look was not possible."""
    levels = {finding.level for finding in findings}
    if Level.BROKEN in levels:
        return BROKEN
    if Level.UNSEEN in levels:
        return NOT_LOOKED
    return WARNINGS if Level.WARNING in levels else WELL


def todo_first(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings with something to do, what is broken first."""
    order = (Level.BROKEN, Level.UNSEEN, Level.WARNING, Level.UNKNOWN)
    doing = [finding for finding in findings if finding.todo is not None]
    return sorted(doing, key=lambda finding: order.index(finding.level))


def _look(check: Check, box: Box) -> Finding:
    try:
        return check.check(box)
    except PermissionError:
        return check.CONDITION.unseen(
            "permission denied", Both("run it again with sudo", "chạy lại lệnh với sudo")
        )
    except OSError as error:
        return check.CONDITION.unseen(error.strerror or str(error))
    except Exception as error:
        log.exception("doctor.check_failed", check=check.CONDITION.key)
        return check.CONDITION.unseen(type(error).__name__)
