"""What is before the pages: entrance, static files, refusals in the form that suits the caller."""

from sim_staff import SimStaff

from appliance.httpd.headers import POLICY


def test_every_answer_carries_the_policy(staff: SimStaff) -> None:
    for path in ("/design", "/static/base.css", "/nowhere", "/api/v1/hall"):
        response = staff.client().get(path)
        assert response.headers["content-security-policy"] == POLICY
        assert response.headers["x-content-type-options"] == "nosniff"


def test_the_design_page_uses_the_real_templates(staff: SimStaff) -> None:
    assert "A012" in staff.client().page("/design")


def test_static_files_are_cached_under_their_own_version_only(staff: SimStaff) -> None:
    caller = staff.client()
    url = staff.parts.assets.url("base.css")
    assert "immutable" in caller.get(url).headers["cache-control"]
    assert caller.get("/static/base.css?v=00000000").headers["cache-control"] == "no-cache"
    assert caller.get("/static/nothing.css").status_code == 404


def test_a_foreign_name_is_not_answered(staff: SimStaff) -> None:
    response = staff.client().http.get("/design", headers={"host": "evil.example"})
    assert response.status_code == 421
    assert response.json()["title"] == "host.unknown"


def test_a_program_is_told_by_a_problem_and_a_person_by_a_page(staff: SimStaff) -> None:
    program = staff.client().http.get("/api/v1/hall")
    assert (program.status_code, program.json()["title"]) == (401, "access.sign_in")
    person = staff.client().get("/nowhere")
    assert person.status_code == 404
    assert person.headers["content-type"].startswith("text/html")
