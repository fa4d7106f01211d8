from dataclasses import replace
from typing import Any

import pytest
from wire_forge import CENTER_KEY, KEY, STRANGER, forge, golden, register

from appliance.wire.canonical import canonical
from appliance.wire.errors import AlteredError, UnknownKeyError, WireError
from appliance.wire.keys import PublicKey
from appliance.wire.receipt import RECEIPT_TYPE, Receipt, parse_receipt_name

STRANGE: tuple[Any, ...] = (None, True, -1, [], {}, "a b")
STORED, NOTHING = golden.receipts()
FIND = register(CENTER_KEY.public)
HEADER = {"alg": "Ed25519", "kid": CENTER_KEY.kid, "typ": RECEIPT_TYPE}


def signed(**changes: Any) -> str:
    return forge(HEADER, canonical({**STORED.to_json(), **changes}), CENTER_KEY)


@pytest.mark.parametrize("receipt", [STORED, NOTHING])
def test_a_receipt_reads_back(receipt: Receipt) -> None:
    assert Receipt.verify(receipt.sign(CENTER_KEY), FIND) == receipt


def test_members_it_does_not_know_are_ignored() -> None:
    assert Receipt.verify(signed(zz_newer={"than": "we"}), FIND) == STORED


@pytest.mark.parametrize("member", STORED.to_json())
def test_names_the_member_that_is_missing(member: str) -> None:
    value = {name: held for name, held in STORED.to_json().items() if name != member}
    with pytest.raises(WireError, match=member):
        Receipt.verify(forge(HEADER, canonical(value), CENTER_KEY), FIND)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        *[(member, wrong) for member in STORED.to_json() for wrong in STRANGE],
        ("upto", 0),
        ("head", ""),
        ("head", "0" * 63),
        ("head", "F" * 64),
        ("at", "2026-11-23T00:36:00Z"),
        ("at", "2026-02-30T00:36:00.000000Z"),
        ("epoch", "01a205cf-4740-4001-8203-040506070809"),
        ("device", "a" * 33),
        ("center", ""),
        ("next_after_s", "600"),
        ("desired", "7"),
    ],
)
def test_names_the_member_that_is_wrong(member: str, value: object) -> None:
    with pytest.raises(WireError, match="head" if member == "upto" and value == 0 else member):
        Receipt.verify(signed(**{member: value}), FIND)


def test_nothing_stored_has_no_head() -> None:
    assert (NOTHING.upto, NOTHING.head) == (0, "")
    with pytest.raises(WireError, match="head"):
        Receipt.verify(signed(upto=0, head="0" * 64), FIND)


def test_only_a_known_key_of_a_center_signs() -> None:
    for key in (STRANGER, KEY):
        with pytest.raises(UnknownKeyError):
            Receipt.verify(STORED.sign(key), FIND)
    with pytest.raises(AlteredError):
        Receipt.verify(forge(HEADER, canonical(STORED.to_json()), STRANGER), FIND)


def test_a_batch_is_no_receipt() -> None:
    with pytest.raises(WireError, match="typ"):
        Receipt.verify(
            forge({**HEADER, "typ": "motcua-batch+jws"}, canonical(STORED.to_json()), CENTER_KEY), FIND
        )


def test_the_register_is_asked_only_about_a_receipt_that_is_one() -> None:
    def find(_kid: str, payload: dict[str, Any]) -> PublicKey:
        assert isinstance(payload["center"], str)
        return CENTER_KEY.public

    strange: tuple[Any, ...] = ([], {}, None, 5)
    for center in strange:
        with pytest.raises(WireError, match="center"):
            Receipt.verify(signed(center=center), find)


def test_any_flipped_byte_is_refused() -> None:
    token = STORED.sign(CENTER_KEY)
    for at in range(len(token)):
        altered = token[:at] + chr(ord(token[at]) ^ 1) + token[at + 1 :]
        with pytest.raises(WireError):
            Receipt.verify(altered, FIND)


def test_the_file_name_reads_back() -> None:
    assert STORED.file_name == f"{golden.DEVICE}-{golden.EPOCH}-{STORED.upto}.receipt"
    for receipt in (STORED, NOTHING, replace(STORED, device="-0-", upto=2**53 - 1)):
        assert parse_receipt_name(receipt.file_name) == (receipt.device, receipt.epoch, receipt.upto)


@pytest.mark.parametrize("upto", ["", "-1", "01", "1.0", "\u0661", "9" * 5000, "1\n"])
def test_what_is_no_file_name(upto: str) -> None:
    assert parse_receipt_name(f"a-{golden.EPOCH}-{upto}.receipt") is None
