"""``POST /v1/uplink/stick``: the answer as it is, and every error a problem with a stable key."""

import pytest
from starlette.testclient import TestClient

from appliance.uplink.errors import (
    IdentityDamagedError,
    NotKeptError,
    StickBusyError,
    StickError,
    StickNotEnrolledError,
    StickSlowError,
)
from appliance.web.api import Views
from appliance.web.local import create_app

ANSWER = {"written": ["a"], "refused": {"b": "why"}, "counts": {"written": 1, "refused": 1}}


def post(stick=None):
    """Ask an API whose desk is never needed."""
    views = {"hall": dict, "health": dict, "deliver": list, **({} if stick is None else {"stick": stick})}
    with TestClient(create_app(None, Views(**views)), base_url="http://office") as client:
        return client.post("/v1/uplink/stick")


def test_the_answer_is_what_the_exchange_says_and_no_body_is_needed():
    answer = post(lambda: ANSWER)
    assert (answer.status_code, answer.json()) == (200, ANSWER)


def test_without_a_folder_it_is_told_which_setting_to_make():
    answer = post()
    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    assert answer.json()["title"] == "uplink.no_stick"
    assert "uplink.usb_dir" in answer.json()["detail"]
    assert "uplink.usb_dir" in answer.json()["detail_vi"]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (StickError(path="/media/x", reason="No space left on device"), 409),
        (StickNotEnrolledError(reason="center.json does not exist"), 409),
        (IdentityDamagedError(path="/data/device.jwk", reason="no key"), 409),
        (NotKeptError(path="/data/receipts.jws", reason="Read-only file system"), 503),
        (StickBusyError(seconds=120), 503),
        (StickSlowError(seconds=120), 503),
    ],
    ids=lambda value: getattr(value, "key", None),
)
def test_what_goes_wrong_is_a_problem_in_both_languages(error, status):
    def fail():
        raise error

    answer = post(fail)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    document = answer.json()
    assert (document["title"], document["detail"], document["detail_vi"]) == (
        error.key,
        str(error),
        error.vi(),
    )


def test_before_the_first_enrolment_both_sentences_name_the_line():
    error = StickNotEnrolledError(reason="center.json does not exist")
    assert "enrolled once over a line" in str(error)
    assert "đăng ký với trung tâm một lần qua mạng" in error.vi()
