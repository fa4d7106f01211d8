"""A member of staff with a browser on the office LAN, as a program."""

import itertools
import re
import ssl
import time
from typing import Any

import httpx2
from sim_form import fields_of

_PASSWORD = "Nui-cao-rung-xanh-7"  # noqa: S105 - of nobody
_TOKEN = re.compile(r'name="csrf" value="([^"]+)"')
_PATIENCE_S = 120.0


class Staff:
    """See the module; close it.

    Args:
        port: of loopback, where the staff app of a machine is found.
        officer: who it is.
    """

    def __init__(self, port: int, officer: str = "tuan") -> None:
        self.officer = officer
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        self._http = httpx2.Client(base_url=f"https://127.0.0.1:{port}", verify=trusting, timeout=60)
        self._requests = (f"{officer}-{port}-{number}" for number in itertools.count())
        self._csrf = ""

    def set_up(self, code: str) -> None:
        """Make the first account with the code of the label, and be signed in."""
        page = self._wait_for("/setup")
        fields = {
            "code": code,
            "officer": self.officer,
            "name": "Phạm Tuấn",
            "password": _PASSWORD,
            "again": _PASSWORD,
        }
        self._post_form("/setup", page, fields)

    def add_officer(self, officer: str) -> None:
        """Make an account for somebody at a counter."""
        page = self._http.get("/accounts").text
        found = re.search(r'name="request" value="([^"]+)"', page)
        assert found is not None, page[:2000]
        words = {"officer": officer, "name": "Lò Thị Lan", "role": "officer", "request": found[1]}
        self._post_form("/accounts", page, {**words, "password": _PASSWORD, "again": _PASSWORD})

    def sign_in(self) -> None:
        """Sign in again, as after the power came back."""
        page = self._wait_for("/sign-in")
        self._post_form("/sign-in", page, {"officer": self.officer, "password": _PASSWORD})

    def get(self, path: str) -> Any:
        """Return what the API says."""
        answer = self._http.get(f"/api/v1/{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def do(self, path: str, **body: object) -> dict[str, Any]:
        """Post a change; return the answer."""
        content = {"request": next(self._requests), **body}
        answer = self._http.post(f"/api/v1/{path}", json=content, headers={"x-csrf-token": self._csrf})
        assert answer.status_code < 300, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def first_page(self) -> str:
        """Return what the box shows to whoever comes first, waiting for it."""
        return self._wait_for("/")

    def page(self, path: str) -> str:
        """Return a page of the staff app as text."""
        return self._http.get(path).text

    def press(self, path: str) -> None:
        """Press the button of a page that has one."""
        self._post_form(path, self.page(path), {})

    def change(self, section: str, **values: str) -> None:
        """Change values of a section of the settings: fill in its form, look at what changes, apply."""
        path = f"/settings/{section}"
        fields = dict(fields_of(self.page(path)))
        assert values.keys() <= fields.keys(), sorted(fields)
        preview = self._http.post(path, data={**fields, **values, "do": "preview"})
        assert preview.status_code == 200, preview.text[:3000]
        applied = self._http.post(f"{path}/apply", data=dict(fields_of(preview.text)))
        assert applied.status_code == 303, applied.text[:6000]

    def close(self) -> None:
        """Go away."""
        self._http.close()

    def _wait_for(self, path: str) -> str:
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            try:
                return self._http.get(path).text
            except httpx2.HTTPError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)

    def _post_form(self, path: str, page: str, fields: dict[str, str]) -> None:
        found = _TOKEN.search(page)
        assert found is not None, page[:2000]
        answer = self._http.post(path, data={"csrf": found[1], **fields})
        assert answer.status_code == 303, answer.text[:3000]
        landed = self._http.get(answer.headers["location"]).text
        found = _TOKEN.search(landed)
        assert found is not None, landed[:2000]
        self._csrf = found[1]
