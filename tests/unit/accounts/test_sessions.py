import pytest
from sim_accounts import BOOTS, HOUR_MS, MINUTE_MS, PASSWORD, PC, START_US, YEAR_US

from appliance.accounts import errors
from appliance.accounts.person import Role
from appliance.accounts.sessions import MOST_EACH


def test_a_session_knows_the_person_and_when_it_ends(staff):
    session = staff.accounts.sign_in("LAN ", PASSWORD, PC)
    assert (session.person, session.role) == (staff.lan, Role.OFFICER)
    assert session.left_ms == 2 * HOUR_MS
    assert session.expires_at_us == staff.clock.now().at_us + 2 * HOUR_MS * 1000
    assert staff.accounts.session(session.token) == session
    assert session.token not in repr(session)


@pytest.mark.parametrize("token", ["", "x" * 43, "x", "é" * 43, "\ud800", "x" * 100_000])
def test_a_token_that_nobody_gave_out_opens_nothing(staff, token):
    staff.sign_in()
    assert staff.accounts.session(token) is None
    staff.accounts.sign_out(token)


def test_sessions_survive_a_restart_of_the_program_and_of_the_box(staff):
    token = staff.sign_in()
    assert staff.reopen().session(token).person == staff.lan
    assert staff.reboot(off_ms=MINUTE_MS).session(token).person == staff.lan


def test_it_survives_a_power_cut(staff):
    token = staff.sign_in()
    staff.time.advance(3 * MINUTE_MS)
    assert staff.accounts.session(token) is not None
    assert staff.reboot(off_ms=MINUTE_MS, cut=True).session(token) is not None


def test_no_token_is_stored_in_clear(staff):
    tokens = [staff.sign_in(), staff.accounts.pair_screen(staff.tech, "kiosk")]
    everywhere = staff.files()
    staff.close()
    everywhere += staff.files()
    staff.open()
    assert all(token.encode() not in everywhere for token in tokens)
    assert PASSWORD.encode() not in everywhere
    assert b"$argon2id$" in everywhere


def test_unused_for_two_hours_it_ends(staff):
    token = staff.sign_in()
    staff.time.advance(2 * HOUR_MS - 1)
    assert staff.accounts.session(token) is not None
    staff.time.advance(2 * HOUR_MS)
    assert staff.accounts.session(token) is None


def test_what_a_page_does_by_itself_keeps_no_session_alive(staff):
    token = staff.sign_in()
    for _ in range(12):
        staff.time.advance(10 * MINUTE_MS)
        session = staff.accounts.session(token, is_use=False)
    assert session is None


def test_after_twelve_hours_it_ends(staff):
    token = staff.sign_in()
    for _ in range(11):
        staff.time.advance(HOUR_MS)
        session = staff.accounts.session(token)
    assert session.left_ms == HOUR_MS
    staff.time.advance(HOUR_MS)
    assert staff.accounts.session(token) is None
    staff.time.set_wall(START_US)
    assert staff.reopen().session(token) is None


def test_ntp_arriving_a_year_later_signs_nobody_out_who_signed_in_on_this_boot(staff):
    staff.close()
    staff.time.reboot(BOOTS[1], wall_us=START_US - YEAR_US)
    staff.time.synced = False
    staff.open(floor_us=START_US - YEAR_US)
    token = staff.sign_in()
    staff.time.synced = True
    staff.time.set_wall(START_US + YEAR_US)
    staff.clock.observe()
    assert staff.accounts.session(token).left_ms == 2 * HOUR_MS
    assert staff.reopen().session(token) is not None


def test_a_wall_clock_that_goes_back_revives_nothing_and_extends_nothing(staff):
    token = staff.sign_in()
    staff.time.advance(3 * HOUR_MS)
    staff.accounts.tick()  # it ended here, and nobody asked for it
    staff.close()
    staff.time.reboot(BOOTS[1], wall_us=START_US - YEAR_US)
    staff.time.synced = False
    staff.open(floor_us=START_US - YEAR_US)
    assert staff.accounts.session(token) is None


def test_rebooting_into_the_past_for_ever_does_not_keep_a_session(staff):
    token, count = staff.sign_in(), 0
    staff.time.synced = False
    while staff.accounts.session(token) is not None:
        count += 1
        staff.close()
        staff.time.reboot(f"{BOOTS[0][:-3]}{count:03d}", wall_us=START_US)
        staff.open()
    assert count <= 12 * 12


def test_a_night_without_power_ends_it_on_a_box_that_knows_the_time(staff):
    token = staff.sign_in()
    assert staff.reboot(off_ms=14 * HOUR_MS).session(token) is None
    assert staff.reopen().session(token) is None


def test_signing_out_ends_one_or_all(staff):
    first, second = staff.sign_in(), staff.sign_in()
    staff.accounts.sign_out(first)
    assert staff.reopen().session(first) is None
    assert staff.accounts.session(second) is not None
    staff.accounts.sign_out_everywhere("lan")
    assert staff.reopen().session(second) is None
    assert staff.witness.told[-2:] == [("out", "lan", "officer")] * 2
    staff.accounts.sign_out(first)
    assert len(staff.witness.told) == 4


def test_a_person_has_ten_sessions_and_the_one_unused_for_longest_goes(staff):
    tokens = []
    for _ in range(MOST_EACH):
        tokens.append(staff.sign_in())
        staff.time.advance(1000)
    staff.accounts.session(tokens[0])
    staff.sign_in()
    living = [token for token in tokens if staff.accounts.session(token) is not None]
    assert living == [tokens[0], *tokens[2:]]


def test_a_screen_lives_until_it_is_unpaired(staff):
    token = staff.accounts.pair_screen(staff.lead, "rate:quay-1")
    session = staff.reboot(off_ms=300 * 24 * HOUR_MS).session(token)
    assert (session.role, session.purpose, session.person) == (Role.SCREEN, "rate:quay-1", None)
    (screen,) = staff.accounts.screens()
    assert (screen.purpose, screen.paired_by) == ("rate:quay-1", "phutrach")
    staff.accounts.unpair(staff.tech, screen.id)
    assert staff.accounts.session(token) is None
    assert staff.reopen().session(token) is None
    with pytest.raises(errors.UnknownScreenError):
        staff.accounts.unpair(staff.tech, screen.id)


@pytest.mark.parametrize("purpose", ["", "phone", "rate:", "rate:a b", "kiosk\n", "rate:" + "x" * 33])
def test_a_screen_for_nothing_is_refused(staff, purpose):
    with pytest.raises(errors.BadPurposeError):
        staff.accounts.pair_screen(staff.tech, purpose)


def test_an_officer_pairs_no_screen_and_unpairs_none(staff):
    staff.accounts.pair_screen(staff.tech, "display")
    with pytest.raises(errors.NotAllowedError):
        staff.accounts.pair_screen(staff.lan, "display")
    with pytest.raises(errors.NotAllowedError):
        staff.accounts.unpair(staff.lan, staff.accounts.screens()[0].id)
