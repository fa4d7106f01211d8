from typing import Any

import pytest
from hand_made import (
    BATCH_TYP,
    BOX,
    DEVICE,
    EPOCH,
    NEXT_EPOCH,
    OTHER_BOX,
    PROVINCE,
    RECEIPT_TYP,
    Run,
    events,
    genesis,
    receipt,
)


def test_receipts_that_fit_pass(run: Run) -> None:
    lines = events(3, genesis())
    arguments = [run.seal(lines)]
    for upto in (0, 2, 3):
        jws = PROVINCE.seal(receipt(lines, upto), RECEIPT_TYP)
        arguments += ["--receipts", run.write(f"{DEVICE}-{EPOCH}-{upto}.receipt", jws + b"\n" * (upto % 2))]
    kept = b"".join(PROVINCE.seal(receipt(lines, upto), RECEIPT_TYP) + b"\n" for upto in (1, 2))
    arguments += ["--receipts", run.write("receipts", kept)]
    assert run(*arguments)[::2] == (0, [])


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"upto": 3}, "receipt-upto"),
        ({"head": "0" * 64}, "receipt-head"),
        ({"epoch": NEXT_EPOCH}, "receipt-epoch"),
        ({"device": "hn-002"}, "receipt-device"),
        ({"upto": -1}, "receipt"),
        ({"upto": 0}, "receipt"),
        ({"head": ""}, "receipt"),
        ({"next_after_s": -1}, "receipt"),
        ({"desired": None}, "receipt"),
        ({"at": 7}, "receipt"),
        ({"extra": 7}, "receipt"),
        ({"center": ""}, "receipt"),
    ],
)
def test_receipts_that_do_not_fit_are_named(run: Run, changes: dict[str, Any], rule: str) -> None:
    lines = events(2, genesis())
    jws = PROVINCE.seal(receipt(lines, 2, **changes), RECEIPT_TYP)
    file = run.write("kept", jws)
    found = run.rules(run.seal(lines), "--receipts", file)
    assert {(name, line, rule) for name, line, rule in found if rule != "key-owner"} == {("kept", 1, rule)}


def test_receipts_under_another_name_key_or_typ_are_named(run: Run) -> None:
    lines = events(2, genesis())
    batch, good = run.seal(lines), receipt(lines, 2)
    name = f"{DEVICE}-{EPOCH}-1.receipt"
    for jws, rule in (
        (PROVINCE.seal(good, RECEIPT_TYP), "file-name"),
        (PROVINCE.seal(good, BATCH_TYP), "typ"),
        (BOX.seal(good, RECEIPT_TYP), "key-owner"),
        (OTHER_BOX.seal(good, RECEIPT_TYP), "kid"),
        (PROVINCE.seal(b"no", RECEIPT_TYP), "json"),
        (b"no", "jws"),
    ):
        assert (name, 1, rule) in run.rules(batch, "--receipts", run.write(name, jws))
    jws = PROVINCE.seal(good, RECEIPT_TYP)
    assert run.rules(batch, "--any-name", "--receipts", run.write(name, jws)) == set()
