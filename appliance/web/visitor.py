"""Who calls: from the cookies and the connection to roles, language and the token of forms."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response

from appliance.accounts.accounts import Accounts
from appliance.accounts.sessions import Session
from appliance.httpd import csrf, forms
from appliance.httpd.headers import is_loopback
from appliance.pages import rendering, texts
from appliance.web.access import Who

PREFERENCE_S = 400 * 86_400
"""The longest life that browsers allow a cookie."""
BOX = "box"
"""What the box's own screen is for: everything."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """One caller.

    Args:
        roles: everything this caller is; never empty.
        officer: the id of who signed in, or None.
        name: how that person is called on pages.
        purpose: what a paired screen is for; ``box`` for the box's own.
        lang: the language to speak.
        theme: the colors chosen.
        visit: the browser's own cookie, to which the tokens of forms belong.
        csrf: the token for this browser's forms.
        token: of the session, to end it.
    """

    roles: frozenset[Who]
    officer: str | None
    name: str
    purpose: str | None
    lang: str
    theme: str
    visit: str
    csrf: str
    token: str | None

    @property
    def who(self) -> Who:
        """The most telling of the roles."""
        return max(self.roles, key=list(Who).index)

    def is_any(self, *roles: Who) -> bool:
        """Whether this caller is one of these."""
        return bool(self.roles & set(roles))


def visitor_of(request: Request, accounts: Accounts, secret: bytes) -> Visitor:
    """Return who calls; a cookie that means nothing counts for nothing."""
    cookies = request.cookies
    token = cookies.get(session_cookie(request))
    # A page that only follows the hall is no use of the session: an office that left goes to sleep.
    session = accounts.session(token, is_use=not request.url.path.endswith("/live")) if token else None
    visit = cookies.get(visit_cookie(request)) or forms.new_visit()
    theme = request.query_params.get("theme") or cookies.get("theme") or ""
    lang = request.query_params.get("lang") or cookies.get("lang")
    person = None if session is None else session.person
    return Visitor(
        roles=_roles(session, is_own_screen=is_loopback(request.scope)),
        officer=None if person is None else person.officer,
        name="" if person is None else person.name,
        purpose=_purpose(session, is_own_screen=is_loopback(request.scope)),
        lang=texts.best(request.headers.get("accept-language"), lang),
        theme=theme if theme in rendering.THEMES else rendering.THEMES[0],
        visit=visit,
        csrf=csrf.token_of(secret, visit),
        token=token if session is not None else None,
    )


def still_is(visitor: Visitor, accounts: Accounts) -> Callable[[], bool]:
    """Return what tells, as long as a stream is open, whether its caller still is who he was.

    Whoever signs out, is deactivated, unpaired or given another role follows no more.
    """

    def may_follow() -> bool:
        if visitor.token is None:
            return True
        session = accounts.session(visitor.token, is_use=False)
        return session is not None and Who(session.role.value) in visitor.roles

    return may_follow


def _roles(session: Session | None, *, is_own_screen: bool) -> frozenset[Who]:
    own = {Who.SCREEN} if is_own_screen else set()
    if session is not None:
        return frozenset(own | {Who(session.role.value)})
    return frozenset(own or {Who.NOBODY})


def _purpose(session: Session | None, *, is_own_screen: bool) -> str | None:
    if is_own_screen:
        return BOX
    return None if session is None else session.purpose


def session_cookie(request: Request) -> str:
    """Return the name of the session's cookie; over TLS one that no other host or plain page can set."""
    return "__Host-motcua" if request.url.scheme == "https" else "motcua"


def visit_cookie(request: Request) -> str:
    """Return the name of the browser's own cookie."""
    return "__Host-motcua-visit" if request.url.scheme == "https" else "motcua-visit"


def remember(request: Request, response: Response, visitor: Visitor) -> None:
    """Set the cookies that a page's forms and preferences need."""
    if request.cookies.get(visit_cookie(request)) != visitor.visit:
        _set(request, response, visit_cookie(request), visitor.visit)
    for name, value in (("lang", visitor.lang), ("theme", visitor.theme)):
        if request.query_params.get(name) == value and request.cookies.get(name) != value:
            response.set_cookie(name, value, max_age=PREFERENCE_S, path="/", samesite="lax")


def begin_session(request: Request, response: Response, token: str, *, lasts_s: int | None = None) -> None:
    """Give the browser a session, and a new cookie for its forms: what was planted before counts for nothing.

    Args:
        request: the one that signed in.
        response: its answer.
        token: of the session.
        lasts_s: seconds a screen keeps it; None until the browser closes or the session ends.
    """
    _set(request, response, session_cookie(request), token, lasts_s)
    _set(request, response, visit_cookie(request), forms.new_visit(), lasts_s)


def end_session(request: Request, response: Response) -> None:
    """Take the session from the browser."""
    is_secure = request.url.scheme == "https"
    response.delete_cookie(
        session_cookie(request), path="/", secure=is_secure, httponly=True, samesite="strict"
    )


def _set(request: Request, response: Response, name: str, value: str, lasts_s: int | None = None) -> None:
    response.set_cookie(
        name,
        value,
        max_age=lasts_s,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        # Strict: no other site's link or form ever carries it.
        samesite="strict",
    )
