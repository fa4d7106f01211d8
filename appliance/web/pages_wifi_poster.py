"""The poster of the public WiFi, to be printed and hung up: a QR code that joins, in two languages."""

from http import HTTPStatus
from typing import Final

import segno
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup
from segno import helpers
from starlette.exceptions import HTTPException

from appliance.config.hotspot import Hotspot
from appliance.pages import texts
from appliance.pages.texts import N_
from appliance.web.ui import Ui

SIZES: Final = ("a4", "a6")
LINES: Final = {
    "title": N_("Free WiFi"),
    "network": N_("Network"),
    "passphrase": N_("WiFi passphrase"),
    "none": N_("no passphrase needed"),
    "scan": N_("Scan the code with the camera and join the network."),
    "agree": N_("Read the page that opens and press the button."),
    "portal": N_("No page opens? Go to"),
}


def add(app: FastAPI, ui: Ui) -> None:
    """Add it."""

    @app.get("/wifi/poster", response_class=HTMLResponse, include_in_schema=False)
    async def poster(request: Request, size: str = "") -> Response:
        if not ui.parts.has_wifi:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        settings = ui.parts.settings()
        hotspot = settings.hotspot
        said = {
            lang: {name: texts.of(lang).gettext(line) for name, line in LINES.items()} for lang in texts.LANGS
        }
        return ui.page(
            request,
            "wifi/poster.html",
            vi=said["vi"],
            en=said["en"],
            names={"vi": settings.office.name, "en": settings.office.name_en or ""},
            size=size if size in SIZES else SIZES[0],
            hotspot=hotspot,
            has_passphrase=_passphrase(hotspot) is not None,
            qr=qr(wifi_text(hotspot.ssid, _passphrase(hotspot))),
        )


def wifi_text(ssid: str, passphrase: str | None) -> str:
    """Return what a phone's camera reads to join a network.

    Special characters stand behind a backslash. Without a passphrase, also with OWE, the type is ``nopass``:
    the phone sees by itself what the network offers.

    Args:
        ssid: the network's name.
        passphrase: None without one.
    """
    # Nothing is put in quotation marks, as some do with what looks like hexadecimal digits: iOS would take
    # them for part of the name, and no phone of today needs them.
    security = "nopass" if passphrase is None else "WPA"
    return helpers.make_wifi_data(ssid, passphrase, security)


def qr(text: str) -> Markup:
    """Return a text as a QR code, black on white; names are read as UTF-8, as they are sent over the air."""
    code = segno.make(text, error="q", micro=False, encoding="utf-8")
    drawn = code.svg_inline(border=4, omitsize=True, dark="#000", light="#fff")
    return Markup(drawn)  # noqa: S704 - drawn by us, holds no text


def _passphrase(hotspot: Hotspot) -> str | None:
    """Return the passphrase, or None where nobody needs one; access points may have their own."""
    return hotspot.passphrase if hotspot.security == "psk" else None
