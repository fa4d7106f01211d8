"""What a form carries: the proof that one of our own pages was filled in, and what tells two forms apart."""

import secrets

from starlette.requests import Request

from appliance.httpd import csrf

FORM = "application/x-www-form-urlencoded"
FORM_WITH_FILE = "multipart/form-data"
_REQUEST_BYTES = 12
_VISIT_BYTES = 18


def new_request() -> str:
    """Return a fresh request id for one form: sent twice, it gets the first answer."""
    return secrets.token_urlsafe(_REQUEST_BYTES)


def new_visit() -> str:
    """Return a fresh cookie for a browser, to which the tokens of its forms belong."""
    return secrets.token_urlsafe(_VISIT_BYTES)


async def is_meant(
    request: Request, secret: bytes, visit: str | None, *, kinds: tuple[str, ...] = (FORM,)
) -> bool:
    """Whether a change was asked for by a page that we gave to the same browser.

    Args:
        request: the change.
        secret: behind the tokens of forms.
        visit: the browser's cookie.
        kinds: of forms that are read.
    """
    if not csrf.is_same_origin(request.headers):
        return False
    token = request.headers.get(csrf.HEADER)
    if token is None and request.headers.get("content-type", "").startswith(kinds):
        token = str((await request.form()).get(csrf.FIELD, ""))
    return csrf.is_valid(secret, visit, token)
