"""A form's token belongs to one browser; what a browser says of the origin is believed first."""

import pytest

from appliance.httpd import csrf

SECRET = b"s" * 32


def test_a_token_fits_its_own_cookie_only() -> None:
    token = csrf.token_of(SECRET, "browser-1")
    assert csrf.is_valid(SECRET, "browser-1", token)
    assert not csrf.is_valid(SECRET, "browser-2", token)
    assert not csrf.is_valid(b"x" * 32, "browser-1", token)


@pytest.mark.parametrize("token", [None, "", "x", "\ud800", "ä" * 24])
def test_no_other_text_is_a_token(token: str | None) -> None:
    assert not csrf.is_valid(SECRET, "browser-1", token)
    assert not csrf.is_valid(SECRET, None, csrf.token_of(SECRET, ""))


@pytest.mark.parametrize(
    ("headers", "is_ours"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site", "origin": "https://box", "host": "box"}, False),
        ({"origin": "https://192.168.1.2:8443", "host": "192.168.1.2:8443"}, True),
        ({"origin": "https://evil.example", "host": "192.168.1.2:8443"}, False),
        ({"origin": "null", "host": "192.168.1.2:8443"}, False),
        ({"host": "192.168.1.2"}, True),
        ({}, True),
    ],
)
def test_origin(headers: dict[str, str], is_ours: bool) -> None:
    assert csrf.is_same_origin(headers) is is_ours
