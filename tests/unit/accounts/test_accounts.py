import contextlib
import stat
import threading
from dataclasses import replace

import pytest
from sim_accounts import MINUTE_MS, PASSWORD, PC, CountingHasher, SimStaff

from appliance.accounts import errors
from appliance.accounts.passwords import Argon2Hasher, Passwords
from appliance.accounts.person import Role
from appliance.accounts.setup_code import normal_code

NEW = "ba con gà vàng"


def test_the_first_account_needs_the_setup_code_and_is_a_technician(empty):
    accounts = empty.accounts
    assert accounts.needs_first
    assert not accounts.has_setup_code
    with pytest.raises(errors.NoSetupCodeError):
        accounts.create_first("7K3M-Q9TX-2FWD", PC, "kt", "Kỹ", PASSWORD)
    code = accounts.set_setup_code()
    assert accounts.has_setup_code
    with pytest.raises(errors.SetupCodeRefusedError):
        accounts.create_first("7K3M-Q9TX-2FWD", PC, "kt", "Kỹ", PASSWORD)
    person = accounts.create_first(code.lower().replace("-", " "), PC, "kt", "Kỹ", PASSWORD)
    assert person.role is Role.TECHNICIAN
    assert not accounts.needs_first
    with pytest.raises(errors.FirstAccountExistsError):
        accounts.create_first(code, PC, "kt2", "Kỹ", PASSWORD)
    assert empty.reopen().people() == (person,)


def test_a_code_from_provisioning_or_the_command_line_counts_at_once(empty):
    old = empty.accounts.set_setup_code()
    empty.accounts.take_setup_hash(Argon2Hasher(8, 1).hash(normal_code("7K3M-Q9TX-2FWD")) + "\n")
    empty.accounts.check_setup_code("7k3mq9tx2fwd", PC)
    with pytest.raises(errors.SetupCodeRefusedError):
        empty.accounts.check_setup_code(old, PC)


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "7K3MQ9TX2FWD",
        "$argon2i$v=19$m=8,t=1,p=1$c29tZXNhbHQ$eHh4eHh4eHh4eHh4eHh4eA",
        "$argon2id$v=19$m=4000000,t=1,p=1$c29tZXNhbHQ$eHh4eHh4eHh4eHh4eHh4eA",
        "$argon2id$v=19$m=8,t=999,p=1$c29tZXNhbHQ$eHh4eHh4eHh4eHh4eHh4eA",
    ],
)
def test_a_setup_hash_that_this_box_cannot_check_is_refused(empty, stored):
    with pytest.raises(errors.BadSetupHashError):
        empty.accounts.take_setup_hash(stored)
    assert not empty.accounts.has_setup_code


def test_a_damaged_setup_code_is_none_and_can_be_made_again(empty, logs):
    empty.accounts.set_setup_code()
    (empty.folder / "setup-code").write_bytes(b"\xff\x00" * 2000)
    assert not empty.accounts.has_setup_code
    assert logs[-1]["event"] == "accounts.setup_code_unreadable"
    empty.accounts.check_setup_code(empty.accounts.set_setup_code(), PC)


def test_the_setup_code_is_throttled_over_all_addresses_and_a_new_one_starts_again(empty):
    empty.accounts.set_setup_code()
    for n in range(20):
        with pytest.raises(errors.SetupCodeRefusedError):
            empty.accounts.check_setup_code("0000-0000-0000", f"10.0.0.{n}")
    with pytest.raises(errors.TooManyTriesError) as caught:
        empty.accounts.check_setup_code("0000-0000-0000", "10.0.1.1")
    assert caught.value.retry_s == 3600
    empty.accounts.check_setup_code(empty.accounts.set_setup_code(), "10.0.1.1")
    assert empty.witness.told == [("refused", None, "")] * 20


def test_a_password_is_reset_with_the_code(staff):
    code = staff.accounts.set_setup_code()
    token = staff.sign_in("kt")
    staff.accounts.reset_password_with_code(code, PC, "kt", NEW)
    assert staff.accounts.session(token) is None
    assert staff.reopen().sign_in("kt", NEW, PC).person == staff.tech
    with pytest.raises(errors.UnknownOfficerError):
        staff.accounts.reset_password_with_code(code, PC, "ai-do", NEW)


def test_files_belong_to_the_office_alone(staff):
    staff.sign_in()
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in staff.folder.iterdir()}
    assert set(modes) == {"accounts.db", "accounts.db-wal", "accounts.db-shm", "setup-code"}
    assert set(modes.values()) == {0o600}


def test_every_commit_is_flushed(staff):
    db = staff.accounts._store._file._db
    assert db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert db.execute("PRAGMA synchronous").fetchone()[0] == 2


def test_a_supervisor_manages_officers_only(staff):
    accounts = staff.accounts
    hoa = accounts.create(staff.lead, "hoa", "Hoa", Role.OFFICER, PASSWORD)
    assert accounts.rename(staff.lead, "hoa", "Hoa  Lê").name == "Hoa Lê"
    accounts.set_password(staff.lead, "hoa", NEW)
    assert staff.sign_in("hoa", NEW)
    for refused in (
        lambda: accounts.create(staff.lead, "moi", "Mới", Role.SUPERVISOR, PASSWORD),
        lambda: accounts.change_role(staff.lead, "hoa", Role.SUPERVISOR),
        lambda: accounts.set_password(staff.lead, "kt", NEW),
        lambda: accounts.deactivate(staff.lead, "kt"),
        lambda: accounts.rename(staff.lead, "phutrach", "Tên khác"),
        lambda: accounts.create(staff.lan, "moi", "Mới", Role.OFFICER, PASSWORD),
        lambda: accounts.create(staff.tech, "moi", "Mới", Role.SCREEN, PASSWORD),
    ):
        with pytest.raises(errors.NotAllowedError):
            refused()
    assert accounts.change_role(staff.tech, hoa.officer, Role.SUPERVISOR).role is Role.SUPERVISOR


def test_a_role_counts_as_it_is_now_also_in_open_sessions(staff):
    token = staff.sign_in("phutrach")
    staff.accounts.change_role(staff.tech, "phutrach", Role.OFFICER)
    assert staff.accounts.session(token).role is Role.OFFICER
    with pytest.raises(errors.NotAllowedError):  # what the caller holds is old
        staff.accounts.create(staff.lead, "moi", "Mới", Role.OFFICER, PASSWORD)


def test_who_left_has_no_session_no_sign_in_and_keeps_the_id(staff):
    token = staff.sign_in()
    staff.accounts.deactivate(staff.lead, "LAN")
    assert staff.accounts.session(token) is None
    assert staff.witness.told[-1] == ("out", "lan", "officer")
    with pytest.raises(errors.SignInRefusedError):
        staff.sign_in()
    with pytest.raises(errors.OfficerExistsError):
        staff.accounts.create(staff.tech, "Lan", "Lan khác", Role.OFFICER, PASSWORD)
    assert not staff.reopen().person("lan").is_active
    staff.accounts.reactivate(staff.lead, "lan")
    assert staff.sign_in()


def test_the_last_leader_stays(staff):
    staff.accounts.deactivate(staff.tech, "phutrach")
    with pytest.raises(errors.LastLeaderError):
        staff.accounts.deactivate(staff.tech, "kt")
    with pytest.raises(errors.LastLeaderError):
        staff.accounts.change_role(staff.tech, "kt", Role.OFFICER)
    assert staff.reopen().person("kt") == staff.tech


def test_who_left_manages_nobody(staff):
    staff.accounts.deactivate(staff.tech, "phutrach")
    with pytest.raises(errors.UnknownOfficerError):
        staff.accounts.rename(staff.lead, "lan", "Lan")


def test_ones_own_password_needs_the_old_one_and_ends_all_sessions(staff):
    token = staff.sign_in()
    with pytest.raises(errors.SignInRefusedError):
        staff.accounts.change_own_password("lan", "sai rồi nhé", NEW, PC)
    with pytest.raises(errors.PasswordRefusedError):
        staff.accounts.change_own_password("lan", PASSWORD, "12345678", PC)
    assert staff.accounts.session(token) is not None
    staff.accounts.change_own_password("lan", PASSWORD, NEW, PC)
    assert staff.accounts.session(token) is None
    assert staff.sign_in("lan", NEW)


def test_nobody_gives_a_password_to_whom_he_may_not_manage_any_more(staff):
    def promote():
        staff.accounts.change_role(staff.tech, "lan", Role.TECHNICIAN)

    staff.hasher.meanwhile = promote
    with pytest.raises(errors.NotAllowedError):
        staff.accounts.set_password(staff.lead, "lan", "một mật khẩu khác")
    staff.accounts.sign_in("lan", PASSWORD, PC)


def test_an_old_password_does_not_win_over_one_that_was_given_meanwhile(staff):
    given = staff.hasher.hash(NEW)
    store = staff.accounts._store

    def give():
        store.put_account(replace(store.accounts["lan"], hash=given))

    staff.hasher.meanwhile = give
    with pytest.raises(errors.SignInRefusedError):
        staff.accounts.change_own_password("lan", PASSWORD, "mật khẩu của kẻ trộm", PC)
    staff.accounts.sign_in("lan", NEW, PC)


def test_a_password_fits_however_the_keyboard_composed_it(staff):
    decomposed = "bo\u0302\u0301n con me\u0300o \u0111en"
    assert staff.sign_in("lan", decomposed)


def test_an_unknown_name_is_compared_too_and_never_passed_on(staff, logs):
    staff.hasher.compared.clear()
    for officer in ("mat-khau-cua-toi", "lan", "\ud800", "x" * 10_000):
        with pytest.raises(errors.SignInRefusedError) as caught:
            staff.sign_in(officer, "sai mất rồi")
        assert caught.value.fields == {}
    unknown, known, *others = staff.hasher.compared
    assert unknown != known
    assert others == [unknown, unknown]
    assert unknown.split("$")[:4] == known.split("$")[:4]  # the same cost
    assert staff.witness.told == [
        ("refused", None, ""),
        ("refused", "lan", "officer"),
        ("refused", None, ""),
        ("refused", None, ""),
    ]
    assert "mat-khau" not in str(logs)


def test_who_left_is_compared_with_the_same_as_nobody(staff):
    staff.accounts.deactivate(staff.tech, "lan")
    staff.hasher.compared.clear()
    for officer in ("lan", "nobody"):
        with pytest.raises(errors.SignInRefusedError):
            staff.sign_in(officer)
    assert len(set(staff.hasher.compared)) == 1


def test_an_address_is_refused_after_ten_failures_and_nothing_is_compared(staff):
    for n in range(10):
        with pytest.raises(errors.SignInRefusedError):
            staff.sign_in(f"ten{n}", "sai mất rồi")
    staff.hasher.compared.clear()
    with pytest.raises(errors.TooManyTriesError) as caught:
        staff.sign_in()
    assert caught.value.retry_s == 300
    assert "300" in caught.value.vi()
    assert staff.hasher.compared == []
    staff.time.advance(5 * MINUTE_MS)
    assert staff.sign_in()


def test_an_officer_is_delayed_and_never_locked_out(staff):
    for n in range(50):
        try:
            staff.sign_in("lan", "sai mất rồi", f"10.0.0.{n}")
        except errors.TooManyTriesError as error:
            staff.time.advance(error.retry_s * 1000)
        except errors.SignInRefusedError:
            pass
    staff.time.advance(MINUTE_MS)
    assert staff.sign_in()


def test_refusals_told_are_bounded_and_the_rest_is_counted(staff, logs):
    def refuse(times):
        for n in range(times):
            with pytest.raises(errors.SignInRefusedError):
                staff.sign_in(f"ten{n}", "sai mất rồi", f"10.0.0.{n}")

    refuse(45)
    assert len(staff.witness.told) == 30
    staff.time.advance(60 * MINUTE_MS)
    refuse(1)
    assert len(staff.witness.told) == 31
    assert [line["count"] for line in logs if line["event"] == "accounts.refusals_untold"] == [1, 10, 15]


def test_a_witness_that_cannot_record_keeps_nobody_out(staff, logs):
    def stopped(person):
        raise errors.AccountsUnavailableError(reason="recording has stopped")

    staff.witness.signed_in = stopped
    assert staff.sign_in()
    assert logs[-1]["event"] == "accounts.not_witnessed"


def test_a_hash_with_old_parameters_is_made_again_at_sign_in(staff):
    staff.close()
    staff.hasher = CountingHasher(passes=2)
    staff.open()
    staff.sign_in()
    staff.sign_in()
    old, new = staff.hasher.compared
    assert ("t=1" in old, "t=2" in new) == (True, True)
    assert "t=2" in staff.reopen()._store.accounts["lan"].hash


def test_the_parameters_are_those_of_owasp():
    assert Argon2Hasher().hash("x").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_stored_hash_that_is_none_fits_nothing(staff):
    assert not Argon2Hasher(8, 1).verify("damaged", PASSWORD)


class SlowHasher(CountingHasher):
    """Compares when told."""

    def __init__(self):
        super().__init__()
        self.entered, self.go = threading.Semaphore(0), threading.Event()
        self.at_once = self.most = 0

    def verify(self, stored, secret):
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        self.entered.release()
        assert self.go.wait(60)
        self.at_once -= 1
        return super().verify(stored, secret)


def test_one_hash_at_a_time_and_few_wait():
    hasher = SlowHasher()
    subject = Passwords(hasher, most_waiting=2)
    stored, answers = hasher.hash("x"), []
    threads = [threading.Thread(target=lambda: answers.append(subject.verify(stored, "x"))) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert hasher.entered.acquire(timeout=60)
    while subject._places._value:  # the other two are about to wait
        threading.Event().wait(0.001)
    with pytest.raises(errors.TooManyTriesError):
        subject.verify(stored, "x")
    hasher.go.set()
    for thread in threads:
        thread.join(60)
    assert answers == [True] * 3
    assert hasher.most == 1


def test_many_threads_get_what_one_would(staff):
    failures = []

    def work(officer):
        try:
            for n in range(15):
                token = staff.sign_in(officer, address=f"{officer}{n}")
                assert staff.accounts.session(token).person.officer == officer
                staff.accounts.rename(staff.tech, officer, f"Tên {n}")
                staff.accounts.sign_out(token)
                assert staff.accounts.session(token) is None
        except Exception as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=work, args=(officer,)) for officer in ("lan", "phutrach", "kt")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert {person.name for person in staff.reopen().people()} == {"Tên 14"}


def test_two_who_race_for_the_first_account_make_one(tmp_path):
    box = SimStaff(tmp_path)
    with box.open() as accounts:
        code, done = accounts.set_setup_code(), []

        def make(officer):
            with contextlib.suppress(errors.FirstAccountExistsError):
                done.append(accounts.create_first(code, PC, officer, "Kỹ", PASSWORD))

        threads = [threading.Thread(target=make, args=(f"kt{n}",)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert accounts.people() == tuple(done)
        assert len(done) == 1


def test_every_error_speaks_both_languages(staff):
    for error in (
        errors.AccountsUnavailableError(reason="x"),
        errors.NotAllowedError(role="officer", other="officer"),
        errors.LastLeaderError(officer="lan"),
        errors.UnknownScreenError(screen="1"),
    ):
        assert str(error) != error.vi()
