import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import recompute
from audit_jws import read_keys
from hand_made import (
    BOX,
    DEVICE,
    EPOCH,
    NEXT_EPOCH,
    OTHER_BOX,
    PROVINCE,
    RECEIPT_TYP,
    THIRD_EPOCH,
    Run,
    canon,
    changed,
    digest,
    events,
    genesis,
    header,
)


def test_sound_batches_in_any_order_with_overlap_give_one_summary(run: Run) -> None:
    lines = events(6, genesis())
    files = [run.seal(lines[2:5]), run.seal(lines[:3]), run.seal(lines), run.seal(lines[5:])]
    status, summaries, problems = run(*files)
    assert (status, problems) == (0, [])
    assert summaries == [
        {
            "epoch": EPOCH,
            "first": 1,
            "last": 6,
            "head": digest(lines[-1]),
            "events": 6,
            "batches": 4,
            "kinds": {"rating.reason": 6},
        }
    ]


def test_it_runs_as_a_program_from_anywhere(run: Run, tmp_path: Path) -> None:
    lines = events(2, genesis())
    file = run.seal(lines)
    program = Path(__file__).parents[2] / "audit" / "recompute.py"
    command = [sys.executable, str(program), "--jwk", "device.jwk.json", Path(file).name]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["last"] == 2


def test_every_flipped_bit_of_an_event_line_is_seen(run: Run) -> None:
    lines = events(3, genesis())
    jws = BOX.seal(canon(header(lines)))
    for position in range(len(lines[1])):
        flipped = bytearray(lines[1])
        flipped[position] ^= 1 << position % 8
        audit = recompute.Audit(read_keys(str(run.folder / "device.jwk.json")), check_names=False)
        content = b"\n".join([jws, lines[0], bytes(flipped), lines[2], b""])
        audit.add_batch("f", gzip.compress(content, 1))
        audit.finish()
        assert (4, "prev") in {(p.line, p.rule) for p in audit.problems} or b"\n" in flipped, position
        assert audit.problems, position


def test_a_flipped_last_line_does_not_match_the_signed_head(run: Run) -> None:
    lines = events(2, genesis())
    jws = BOX.seal(canon(header(lines)))
    file = run.batch(jws, [lines[0], lines[1].replace(b'"up_ms":2000', b'"up_ms":2001')])
    assert run.lines_and_rules(file) == {(1, "head")}


def test_every_flipped_bit_of_the_seal_is_seen(run: Run) -> None:
    lines = events(1, genesis())
    jws = BOX.seal(canon(header(lines)))
    keys = list(read_keys(str(run.folder / "device.jwk.json")))
    for position in range(len(jws)):
        flipped = bytearray(jws)
        flipped[position] ^= 1 << position % 7
        audit = recompute.Audit(keys, check_names=False)
        audit.add_batch("f", gzip.compress(b"\n".join([bytes(flipped), lines[0], b""]), 1))
        assert any(problem.line == 1 for problem in audit.problems), position


def test_swapped_lines_are_named(run: Run) -> None:
    lines = events(4, genesis())
    file = run.batch(BOX.seal(canon(header(lines))), [lines[0], lines[2], lines[1], lines[3]])
    found = run.lines_and_rules(file)
    assert found == {(3, "seq"), (4, "seq"), (3, "prev"), (4, "prev"), (5, "prev"), (4, "at")}


def test_a_dropped_line_is_named(run: Run) -> None:
    lines = events(4, genesis())
    file = run.batch(BOX.seal(canon(header(lines))), [lines[0], lines[2], lines[3]])
    assert run.lines_and_rules(file) == {(1, "count"), (3, "seq"), (4, "seq"), (3, "prev")}


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"alg": "EdDSA"}, "alg"),
        ({"alg": "none"}, "alg"),
        ({"typ": "JWT"}, "typ"),
        ({"typ": RECEIPT_TYP}, "typ"),
        ({"kid": OTHER_BOX.kid}, "kid"),
        ({"kid": None}, "kid"),
        ({"crit": ["b64"]}, "jws-member"),
        ({"jwk": BOX.jwk}, "jws-member"),
        ({"kid": PROVINCE.kid}, "signature"),
    ],
)
def test_other_protected_headers_are_named(run: Run, changes: dict[str, Any], rule: str) -> None:
    lines = events(1, genesis())
    file = run.batch(BOX.seal(canon(header(lines)), **changes), lines)
    assert run.lines_and_rules(file) == {(1, rule)}


def test_a_signature_of_another_key_is_named(run: Run) -> None:
    lines = events(1, genesis())
    file = run.batch(OTHER_BOX.seal(canon(header(lines)), kid=BOX.kid), lines)
    assert run.lines_and_rules(file) == {(1, "signature")}


def test_spellings_of_base64url_are_named(run: Run) -> None:
    lines = events(1, genesis())
    jws = BOX.seal(canon(header(lines)))
    head, payload, signature = jws.split(b".")
    assert signature[-1:] in b"AQgw"  # 64 bytes leave four spare bits in the last letter
    loose = signature[:-1] + bytes([signature[-1] + 1])
    for spelling in (jws + b"==", head + b"." + payload + b"." + loose):
        assert run.lines_and_rules(run.batch(spelling, lines)) == {(1, "base64url")}
    for broken, rule in ((b"..", "json"), (head + b"." + payload, "jws"), (b"\xff" + jws, "jws")):
        assert run.lines_and_rules(run.batch(broken, lines)) == {(1, rule)}


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({"count": 3}, {"count"}),
        ({"last": 3}, {"count", "file-name"}),
        ({"head": "0" * 64}, {"head"}),
        ({"prev": "0" * 64}, {"prev", "genesis"}),
        ({"wire": 2}, {"header"}),
        ({"wire": True}, {"header"}),
        ({"device": "hn 001"}, {"header"}),
        ({"epoch": "x"}, {"header"}),
        ({"sealed_at": "2026-11-23T02:00:00Z"}, {"header"}),
        ({"software": ""}, {"header"}),
        ({"note": "x"}, {"header"}),
        ({"after": {"epoch": NEXT_EPOCH, "hash": "0" * 64, "seq": 1}}, {"genesis"}),
        ({"after": None}, {"header"}),
        ({"after": {"epoch": EPOCH, "hash": "0" * 64, "seq": 1}}, {"header"}),
        ({"epoch": NEXT_EPOCH}, {"epoch", "genesis", "file-name"}),
        ({"device": "hn-002"}, {"genesis", "file-name"}),
    ],
)
def test_headers_that_do_not_fit_are_named(run: Run, changes: dict[str, Any], rules: set[str]) -> None:
    lines = events(2, genesis())
    name = f"{DEVICE}-{EPOCH}-1-2.ndjson.gz"
    file = run.batch(BOX.seal(canon(header(lines) | changes)), lines, name)
    assert {rule for _, rule in run.lines_and_rules(file)} == rules


def test_a_header_in_another_spelling_is_named(run: Run) -> None:
    lines = events(1, genesis())
    file = run.batch(BOX.seal(json.dumps(header(lines)).encode()), lines)
    assert run.lines_and_rules(file) == {(1, "canonical")}


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (b'"rating":2', b'"rating":2.0', "float"),
        (b'"rating":2', b'"rating": 2', "canonical"),
        (b'"rating":2', b'"rating":2,"rating":2', "duplicate-key"),
        ("chậm".encode(), "cha\u0323\u0302m".encode(), "nfc"),
        (b'"reason"', b'"Reason"', "key"),
        (b'"reason"', b'"reasons"', "data"),
        (b'"rating":2', b'"rating":"2"', "data"),
        (b'"clock":"synced"', b'"clock":"ntp"', "event-value"),
        (b'"boot":', b'"boots":', "event-key"),
        ("chậm".encode(), b"x" * 16384, "line-size"),
        (b'"seq":2', b'"seq":3', "seq"),
    ],
)
def test_lines_the_wire_forbids_are_named_though_soundly_signed(
    run: Run, old: bytes, new: bytes, rule: str
) -> None:
    lines = events(2, genesis())
    assert lines[1].count(old) == 1
    lines[1] = lines[1].replace(old, new)
    file = run.batch(BOX.seal(canon(header(lines))), lines, f"{DEVICE}-{EPOCH}-1-2.ndjson.gz")
    assert (3, rule) in run.lines_and_rules(file)
    assert {line for line, _ in run.lines_and_rules(file)} == {3}


def test_time_may_stand_still_but_not_go_back(run: Run) -> None:
    stands = events(3, genesis(), _3="2026-11-23T01:00:02.000000Z")
    assert run.lines_and_rules(run.seal(stands)) == set()
    back = events(3, genesis(), _3="2026-11-23T01:00:01.999999Z")
    assert run.lines_and_rules(run.seal(back)) == {(4, "at")}
    halves = [run.seal(back[2:]), run.seal(back[:2])]
    assert run.rules(*halves) == {(Path(halves[0]).name, 2, "at")}


@pytest.mark.parametrize("source", ["ntp", "receipt", "officer", "rtc"])
def test_only_a_step_from_outside_may_take_time_back(run: Run, source: str) -> None:
    early = "2020-01-01T00:00:00.000000Z"

    def step(event: dict[str, Any]) -> None:
        event |= {
            "kind": "clock.stepped",
            "at": early,
            "data": {"was": early, "now": early, "source": source},
        }

    lines = changed(events(3, genesis()), 1, step)
    assert run.lines_and_rules(run.seal(lines)) == ({(3, "at")} if source == "rtc" else set())


def test_a_hole_between_batches_is_named(run: Run) -> None:
    lines = events(6, genesis())
    files = [run.seal(lines[:2]), run.seal(lines[4:])]
    _, summaries, problems = run(*files)
    assert problems == [f"{Path(files[1]).name}:2: gap: seq 3 to 4 are in no file"]
    assert [summaries[0][key] for key in ("first", "last", "events")] == [1, 6, 4]


def test_a_batch_that_does_not_continue_the_one_before_is_named(run: Run) -> None:
    files = [run.seal(events(2, genesis())), run.seal(events(2, "0" * 64, first=3))]
    assert run.rules(*files) == {(Path(files[1]).name, 2, "prev")}


def test_two_histories_of_one_seq_are_named(run: Run) -> None:
    lines = events(3, genesis())
    other = changed(lines, 1, lambda event: event.update(up_ms=1))
    files = [run.seal(lines), run.seal(other[1:])]
    name = Path(files[1]).name
    assert run.rules(*files) == {(name, 2, "fork"), (name, 3, "fork")}


def test_an_epoch_that_follows_another_is_checked_against_it(run: Run) -> None:
    old = events(3, genesis())
    after = {"epoch": EPOCH, "hash": digest(old[1]), "seq": 2}
    new = events(2, genesis(NEXT_EPOCH, after), epoch=NEXT_EPOCH)
    files = [run.seal(new[:1], after=after), run.seal(new[1:]), run.seal(old)]
    status, summaries, problems = run(*files)
    assert (status, problems, [summary["last"] for summary in summaries]) == (0, [], [3, 2])

    assert run.lines_and_rules(files[2], run.seal(new[:1])) == {(1, "genesis"), (2, "genesis")}
    assert run.lines_and_rules(files[2], run.seal(new[1:], after=after)) == {(1, "after")}

    wrong = {"epoch": EPOCH, "hash": digest(old[0]), "seq": 2}
    lines = events(1, genesis(NEXT_EPOCH, wrong), epoch=NEXT_EPOCH)
    assert run.lines_and_rules(files[2], run.seal(lines, after=wrong)) == {(1, "after")}

    third = events(1, genesis(THIRD_EPOCH, after), epoch=THIRD_EPOCH)
    files = [run.seal(new[:1], after=after), files[2], run.seal(third, after=after)]
    assert run.rules(*files) == {(Path(files[2]).name, 1, "clone")}


def test_a_key_is_of_one_device_only(run: Run) -> None:
    lines = events(2, genesis())
    files = [run.seal(lines[:1]), run.seal(lines[1:], device="hn-002")]
    assert {rule for _, rule in run.lines_and_rules("--any-name", *files)} == {"key-owner", "device"}
    assert recompute.main(["--jwk", f"hn-009={run.folder}/device.jwk.json", files[0]]) == 1
    assert "is the key of hn-009, not of hn-001" in run.capture.readouterr().err


def test_damaged_and_oversized_containers_are_named(run: Run) -> None:
    lines = events(2, genesis())
    file = Path(run.seal(lines))
    whole = file.read_bytes()
    plain = gzip.decompress(whole)
    jws = BOX.seal(canon(header(lines)))
    for data, rule in (
        (whole[:-3], (0, "gzip")),
        (whole + b"x", (0, "gzip")),
        (whole + whole, (0, "gzip")),
        (plain, (0, "gzip")),
        (gzip.compress(b""), (1, "empty")),
        (gzip.compress(plain[:-1]), (1, "newline")),
        (gzip.compress(bytes(4 * 1024 * 1024 + 1)), (0, "batch-size")),
        (gzip.compress(plain.replace(b"\n", b"\r\n")), (2, "canonical")),
        (gzip.compress(plain + b"\n"), (4, "json")),
        (gzip.compress(jws + b"\n"), (1, "count")),
    ):
        file.write_bytes(data)
        assert rule in run.lines_and_rules(str(file)), rule


def test_more_events_than_a_batch_may_hold_are_named(run: Run) -> None:
    lines: list[bytes] = []
    prev = genesis()
    for seq in range(1, 5002):
        lines.append(canon({**json.loads(events(1, prev)[0]), "seq": seq}))
        prev = digest(lines[-1])
    assert run.lines_and_rules(run.seal(lines[:5000])) == set()
    assert run.lines_and_rules(run.seal(lines)) == {(1, "count")}
