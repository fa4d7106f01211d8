"""Every route of the strangers' app, with tokens that are none and with one's own: only that opens."""

import re
from pathlib import Path

import pytest
from sim_phone import SimPhone

from appliance.public.access import TABLE, Needs
from appliance.public.app import create
from appliance.public.link import OfficeLink
from appliance.public.notice import Notice
from appliance.sockets.procedures import FILE, Catalog, Procedure
from appliance.web.access import routes_of

pytestmark = pytest.mark.integration

WRONG = "A1-AAAAAAAAAAAAAAAA"
CODE = "1.001193"
NONSENSE = "..%2f..%2fetc%2fpasswd"
BODIES = {
    "leave": {"request": "r1"},
    "rate": {"request": "r1", "level": 3},
    "reason": {"request": "r1", "reason": "cho-lau"},
}
OPENED = {200, 303, 307}
REFUSED = {403, 404, 422}
"""403: no form token; 404: no such ticket; 422: not even the form of one."""


def ask(subject: SimPhone, route: tuple[str, str], token: str, *, with_form: bool) -> int:
    method, path = route
    browser = subject.browser()
    page = (
        browser.get(f"/t/{token}/leave" if path.endswith("leave") else f"/t/{token}") if with_form else None
    )
    found = re.search(r'name="csrf" value="([^"]+)"', page.text) if page is not None else None
    form = "" if found is None else found[1]
    address = path.replace("{token}", token).replace("{name:path}", "base.css").replace("{code}", CODE)
    if method == "GET":
        if path.endswith("/live"):
            with browser.http.stream("GET", address) as stream:
                return stream.status_code
        return browser.get(address, follow_redirects=False).status_code
    body = BODIES[path.rpartition("/")[2]]
    if path.startswith("/api/"):
        return browser.http.post(address, json=body, headers={"x-csrf-token": form}).status_code
    return browser.http.post(address, data={**body, "csrf": form}).status_code


def test_the_table_knows_every_route(tmp_path: Path) -> None:
    link = OfficeLink(tmp_path / "nobody.sock")
    public = create(link, lambda: False, Notice(tmp_path), b"s" * 32)
    assert set(routes_of(public.inner)) == set(TABLE)


@pytest.mark.parametrize("route", TABLE, ids=" ".join)
def test_only_what_the_table_asks_for_opens(subject: SimPhone, route: tuple[str, str]) -> None:
    catalog = Catalog(procedures=(Procedure(code=CODE, name="Khai sinh"),))
    (subject.link_dir / FILE).write_bytes(catalog.line())
    _, token = subject.served() if "leave" not in route[1] else subject.ticket()
    before = len(subject.staff.box.events())
    needs = TABLE[route]
    for shown in (WRONG, NONSENSE):
        status = ask(subject, route, shown, with_form=False)
        assert status in (OPENED | {404} if needs is Needs.NOTHING else REFUSED), (shown, status)
    without_form = ask(subject, route, token, with_form=False)
    assert without_form == 403 if needs is Needs.FORM else without_form in OPENED, without_form
    assert len(subject.staff.box.events()) == before, "nothing of this changed anything"
    if needs is Needs.FORM and not route[1].endswith("reason"):
        assert ask(subject, route, token, with_form=True) in OPENED
        assert len(subject.staff.box.events()) == before + 1
