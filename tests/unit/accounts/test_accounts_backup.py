import orjson
import pytest
from sim_accounts import SimStaff

from appliance.accounts.backup import restore_staff, staff_of
from appliance.accounts.errors import AccountsUnreadableError


def test_staff_signs_in_on_another_box_and_no_session_came_along(tmp_path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    old = SimStaff(tmp_path / "old")
    old.open()
    old.populate()
    token = old.sign_in()
    content = staff_of(old.folder)
    assert {"officer", "name", "role", "is_active", "hash"} == set(orjson.loads(content)[0])

    assert restore_staff(tmp_path / "new", content) == 3
    new = SimStaff(tmp_path / "new")
    new.open()
    assert new.accounts.session(token) is None
    assert new.accounts.session(new.sign_in()).person == new.lan
    old.close()
    new.close()


def test_what_is_no_list_of_accounts_is_refused(tmp_path) -> None:
    for content in (b"", b"{}x", b'[{"officer": "lan"}]', b"[3]"):
        with pytest.raises(AccountsUnreadableError):
            restore_staff(tmp_path, content)


def test_without_accounts_there_is_nothing_to_back_up(tmp_path) -> None:
    with pytest.raises(AccountsUnreadableError):
        staff_of(tmp_path)
