import gzip
import json

import pytest
import recompute
from hand_made import (
    BOX,
    DEVICE,
    EPOCH,
    NEXT_EPOCH,
    PROVINCE,
    Run,
    canon,
    digest,
    events,
    genesis,
    header,
)


def test_a_plain_export_is_checked_by_epoch(run: Run) -> None:
    old = events(3, genesis())
    after = {"epoch": EPOCH, "hash": digest(old[2]), "seq": 3}
    new = events(2, genesis(NEXT_EPOCH, after), epoch=NEXT_EPOCH)
    content = b"".join(line + b"\n" for line in old + new)
    export = run.write("export.ndjson", content)
    status, summaries, problems = run("--plain", export, "--device", DEVICE)
    assert (status, problems) == (0, [])
    assert [(s["epoch"], s["last"], s["batches"]) for s in summaries] == [(EPOCH, 3, 0), (NEXT_EPOCH, 2, 0)]
    assert run("--plain", run.write("export.gz", gzip.compress(content)))[0] == 0
    assert run.lines_and_rules("--plain", export, "--device", "hn-002") == {(1, "genesis"), (4, "genesis")}
    assert run.rules(run.seal(old), "--plain", export) == set()


@pytest.mark.parametrize(
    ("order", "rules"),
    [
        ([0, 2, 3], {(2, "seq"), (2, "gap")}),
        ([0, 2, 1, 3], {(2, "seq"), (3, "seq"), (4, "seq")}),
        ([0, 1, 1, 2], {(3, "seq")}),
        ([1, 2, 3], set()),
        ([0, 4, 1], {(3, "grouping")}),
    ],
)
def test_a_plain_export_out_of_order_is_named(
    run: Run, order: list[int], rules: set[tuple[int, str]]
) -> None:
    lines = [*events(4, genesis()), *events(1, genesis(NEXT_EPOCH), epoch=NEXT_EPOCH)]
    export = run.write("export.ndjson", b"".join(lines[index] + b"\n" for index in order))
    assert run.lines_and_rules("--plain", export) == rules


def test_a_plain_export_without_its_last_newline_is_named(run: Run) -> None:
    assert run.lines_and_rules("--plain", run.write("e", b"".join(events(1, genesis())))) == {(0, "newline")}


def test_unreadable_lines_of_a_plain_export_keep_their_place(run: Run) -> None:
    lines = events(3, genesis())
    export = run.write("e", b"\n".join([lines[0], b"{}x", lines[2], b""]))
    assert run.lines_and_rules("--plain", export) == {(2, "json"), (3, "prev")}


def test_the_first_problem_alone_can_be_asked_for(run: Run) -> None:
    lines = events(4, genesis())
    file = run.batch(BOX.seal(canon(header(lines))), [lines[0], lines[2], lines[1], lines[3]])
    assert len(run("--first", file)[2]) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{}", "not an OKP key"),
        ("no", "jwk"),
        (json.dumps({**BOX.jwk, "d": "x"}), "private"),
        (json.dumps({**BOX.jwk, "x": "AA"}), "x:"),
        (json.dumps({"kty": "OKP", "crv": "Ed25519"}), "has no x"),
    ],
)
def test_unusable_keys_end_the_run(run: Run, content: str, said: str) -> None:
    (run.folder / "device.jwk.json").write_text(content)
    with pytest.raises(SystemExit) as ended:
        run("whatever")
    assert ended.value.code == 2
    assert said in run.capture.readouterr().err


def test_key_sets_are_read_and_missing_files_end_the_run(run: Run) -> None:
    file = run.seal(events(1, genesis()))
    keys = run.write("keys.json", json.dumps({"keys": [BOX.jwk, PROVINCE.jwk]}).encode())
    assert recompute.main(["--jwk", keys, file]) == 0
    for arguments in ([], ["--jwk", keys], ["--jwk", "absent", file], ["--jwk", keys, "absent"]):
        with pytest.raises(SystemExit) as ended:
            recompute.main(arguments)
        assert ended.value.code == 2
