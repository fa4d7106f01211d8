import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.accounts import errors
from appliance.accounts.passwords import COMMON, accepted, normal, plain
from appliance.accounts.person import Person, Role, display_name, fold_id, officer_id
from appliance.accounts.rules import MANAGES, check_leader_left, check_may_manage, check_may_pair
from appliance.accounts.setup_code import ALPHABET, new_code, normal_code

O, S, T = Role.OFFICER, Role.SUPERVISOR, Role.TECHNICIAN  # noqa: E741


@pytest.mark.parametrize(("by", "other"), list(itertools.product(Role, Role)))
def test_a_technician_manages_everybody_a_supervisor_officers_nobody_else_anybody(by, other):
    allowed = (by is T and other is not Role.SCREEN) or (by is S and other is O)
    assert (other in MANAGES[by]) is allowed
    if allowed:
        check_may_manage(by, other)
    else:
        with pytest.raises(errors.NotAllowedError):
            check_may_manage(by, other)


@pytest.mark.parametrize("by", Role)
def test_screens_are_paired_by_those_who_lead(by):
    if by in {S, T}:
        check_may_pair(by)
    else:
        with pytest.raises(errors.NotAllowedError):
            check_may_pair(by)


def people(*roles, inactive=()):
    return [Person(str(n), str(n), role, n not in inactive) for n, role in enumerate(roles)]


LAST = [
    # who is there, who of them is not active, which one changes, to what, is it allowed
    ((T,), (), 0, "role", O, False),
    ((T,), (), 0, "role", S, True),
    ((T,), (), 0, "leave", None, False),
    ((T, O), (), 0, "leave", None, False),
    ((T, O), (), 1, "leave", None, True),
    ((T, S), (), 0, "leave", None, True),
    ((T, S), (1,), 0, "leave", None, False),
    ((T, S), (1,), 0, "role", O, False),
    ((S, S, O), (0,), 1, "role", O, False),
    ((S, T, T), (), 2, "role", O, True),
]


@pytest.mark.parametrize(("roles", "inactive", "index", "what", "role", "allowed"), LAST)
def test_the_last_who_may_manage_accounts_stays(  # noqa: PLR0917
    roles, inactive, index, what, role, allowed
):
    before = people(*roles, inactive=inactive)
    was = before[index]
    changed = Person(was.officer, was.name, role or was.role, what != "leave")
    if allowed:
        check_leader_left(before, changed)
    else:
        with pytest.raises(errors.LastLeaderError):
            check_leader_left(before, changed)


@pytest.mark.parametrize("text", ["", " ", "a b", "x" * 33, "lân", "a/b", "lan\n1", "ｌａｎ"])
def test_an_id_that_could_not_stand_in_an_event_is_refused(text):
    with pytest.raises(errors.BadOfficerError):
        officer_id(text)


def test_an_id_is_kept_as_chosen_and_found_whatever_the_capitals():
    assert officer_id(" Lan_01 ") == "Lan_01"
    assert fold_id(" LAN_01") == fold_id("lan_01")


@pytest.mark.parametrize("text", ["", "  ", "x" * 61, "a\x00b", "a\u202eb", "\ud800"])
def test_a_name_that_cannot_be_shown_is_refused(text):
    with pytest.raises(errors.BadNameError):
        display_name(text)


def test_a_name_is_composed_and_has_single_spaces():
    assert display_name("  Nguye\u0302\u0303n   Lan ") == "Nguyễn Lan"


@pytest.mark.parametrize(
    "secret",
    [
        "1234567",
        "x" * 129,
        "12345678",
        "Mật Khẩu 1",
        "mật khẩu",
        "motcua2026",
        "MotCua 2026",
        "aaaaaaaaaaaa",
        "Nguyễn Thị Lan",
        "nguyenthilan",
        "canbo-lan",
    ],
)
def test_a_password_that_everybody_tries_is_refused(secret):
    with pytest.raises(errors.PasswordRefusedError) as caught:
        accepted(secret, "canbo-lan", "Nguyễn Thị Lan")
    assert "{" not in str(caught.value) + caught.value.vi()


@pytest.mark.parametrize("secret", ["bốn con mèo đen", "x8" * 4, "ab" * 64, "🐈🐕🐈🐕🐈🐕🐈🐕"])
def test_other_passwords_are_accepted_composed(secret):
    assert accepted(secret, "lan", "Lan") == normal(secret)


def test_the_common_ones_are_written_as_they_are_compared():
    assert {plain(word) for word in COMMON} == COMMON
    assert all(len(word) >= 6 for word in COMMON)


@given(st.text(max_size=700))
def test_any_text_can_be_a_tried_password(text):
    assert len(normal(text).encode()) <= 4 * 129
    assert normal(normal(text)) == normal(text)


def test_a_setup_code_has_sixty_bits_and_no_letter_that_looks_like_another():
    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200
    assert all(re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}", code) for code in codes)
    assert len(ALPHABET) == 32
    assert not set("ILOU") & set(ALPHABET)


def test_a_setup_code_is_read_however_it_is_typed():
    assert normal_code("7K3M-Q9TX-2F01") == normal_code(" 7k3m q9tx  2foi ") == "7K3MQ9TX2F01"
    assert normal_code("7k3mq9tx2f0l") == "7K3MQ9TX2F01"
