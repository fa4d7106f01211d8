"""Who looks at a page: language, and the browser's own cookie to which its forms belong."""

from dataclasses import dataclass
from typing import Final

from fastapi import Request
from fastapi.responses import Response

from appliance.httpd import csrf, forms
from appliance.pages import texts

VISIT: Final = "motcua-visit"
PREFERENCE_S: Final = 400 * 86_400
_LONGEST_VISIT: Final = 64


@dataclass(frozen=True, slots=True)
class Visitor:
    """One browser.

    Args:
        lang: to speak.
        visit: its cookie.
        csrf: the token of its forms.
        address: where it calls from.
    """

    lang: str
    visit: str
    csrf: str
    address: str


def visitor_of(request: Request, secret: bytes) -> Visitor:
    """Return who calls."""
    visit = request.cookies.get(VISIT, "")
    if not 0 < len(visit) <= _LONGEST_VISIT:
        visit = forms.new_visit()
    lang = request.query_params.get("lang") or request.cookies.get("lang")
    return Visitor(
        lang=texts.best(request.headers.get("accept-language"), lang),
        visit=visit,
        csrf=csrf.token_of(secret, visit),
        address=request.client.host if request.client else "",
    )


def remember(request: Request, response: Response, visitor: Visitor) -> None:
    """Set the cookies that a page's forms and its language need."""
    # Lax: whoever opens the address from a camera, a message or a portal keeps the cookie of before.
    if request.cookies.get(VISIT) != visitor.visit:
        response.set_cookie(VISIT, visitor.visit, path="/", httponly=True, samesite="lax")
    if request.query_params.get("lang") == visitor.lang and request.cookies.get("lang") != visitor.lang:
        response.set_cookie("lang", visitor.lang, max_age=PREFERENCE_S, path="/", samesite="lax")


async def is_meant(request: Request, secret: bytes) -> bool:
    """Whether a change was asked for by a page that we gave to the same browser."""
    return await forms.is_meant(request, secret, request.cookies.get(VISIT))
