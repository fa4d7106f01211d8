"""office.toml -> frozen, validated settings.

``load`` reads the file, ``check`` only lists what is wrong with it. Everything that is wrong is found in one
go and carried by one ``ConfigError``. What the settings mean for the hall or the pins is not known here.
"""

from appliance.config.hall import (
    Counter,
    Hall,
    Hours,
    Priority,
    Ratings,
    Reason,
    Service,
)
from appliance.config.hotspot import Hotspot, Tariff
from appliance.config.hours import Span
from appliance.config.machine import Api, Clock, Journal, Office, Uplink
from appliance.config.portal import Portal
from appliance.config.problem import ConfigError, Problem
from appliance.config.settings import Settings, changed_keys
from appliance.config.source import build, check, example, load, loads
from appliance.config.web import Display, Public, Web
from appliance.config.wiring import Bus, Hardware, Keypad, Panel

__all__ = [
    "Api",
    "Bus",
    "Clock",
    "ConfigError",
    "Counter",
    "Display",
    "Hall",
    "Hardware",
    "Hotspot",
    "Hours",
    "Journal",
    "Keypad",
    "Office",
    "Panel",
    "Portal",
    "Priority",
    "Problem",
    "Public",
    "Ratings",
    "Reason",
    "Service",
    "Settings",
    "Span",
    "Tariff",
    "Uplink",
    "Web",
    "build",
    "changed_keys",
    "check",
    "example",
    "load",
    "loads",
]
