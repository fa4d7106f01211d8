"""What the box's own HDMI screen shows: one address that leads to the page of the settings."""

from fastapi import FastAPI
from fastapi.responses import Response

from appliance.config import Settings
from appliance.web.screens import OF_THE_BOX
from appliance.web.ui import Ui

MARK = "#screen"
"""Tells the page's script that this browser came by here, and comes again when the settings have changed."""


def page_of(settings: Settings) -> str:
    """Return the address of the page to show; without a hall, the box itself."""
    if not settings.office.has_hall:
        return OF_THE_BOX
    display = settings.display
    match display.page:
        case "hall":
            return f"/display{MARK}"
        case "kiosk":
            return f"/kiosk{MARK}"
        case "rating":
            return f"/rate/{display.counter}{MARK}"


def add(app: FastAPI, ui: Ui) -> None:
    """Add it."""

    @app.get("/screen", include_in_schema=False)
    async def screen() -> Response:
        return ui.go(page_of(ui.parts.settings()))
