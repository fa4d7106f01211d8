"""What the tests of the wire share: the golden writer, key registers, and bytes no honest writer makes."""

import base64
import importlib.util
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.wire.batch import BATCH_TYPE, Header
from appliance.wire.canonical import canonical
from appliance.wire.chain import Chain
from appliance.wire.errors import BadEventError, UnknownKeyError
from appliance.wire.event import Event, check_line, line_hash
from appliance.wire.jws import KeyFinder
from appliance.wire.keys import PublicKey, SigningKey

GOLDEN_FOLDER = Path(__file__).parents[2] / "golden" / "wire"
DOCS = Path(__file__).parents[3] / "docs"


def _load_writer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("golden_wire_make", GOLDEN_FOLDER / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


golden = _load_writer()
GENESIS, LINES = golden.journal()
KEY: SigningKey = golden.DEVICE_KEY
CENTER_KEY: SigningKey = golden.CENTER_KEY
ROOT_KEY: SigningKey = golden.ROOT_KEY
STRANGER = SigningKey.from_seed(b"\x7f" * 32)


def register(key: PublicKey = KEY.public, *, device: str = golden.DEVICE) -> KeyFinder:
    """Return a register with one key of one device."""

    def find(kid: str, payload: dict[str, Any]) -> PublicKey:
        if kid == key.kid and payload["device"] == device:
            return key
        raise UnknownKeyError(kid=kid, reason="not in this register")

    return find


def b64(data: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """Return the bytes of base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def forge(header: dict[str, Any] | bytes, payload: bytes, key: SigningKey = KEY) -> str:
    """Return a compact JWS with a right signature over whatever is given."""
    raw = header if isinstance(header, bytes) else json.dumps(header, separators=(",", ":")).encode()
    private = key.okp.private_key
    assert isinstance(private, Ed25519PrivateKey)
    signed = f"{b64(raw)}.{b64(payload)}"
    return f"{signed}.{b64(private.sign(signed.encode()))}"


def event_json(number: int = 9, **changes: Any) -> dict[str, Any]:
    """Return the object of a golden event with some members changed."""
    return {**orjson.loads(LINES[number]), **changes}


def changed(number: int = 9, **changes: Any) -> bytes:
    """Return a golden event's line with some members changed."""
    return canonical(event_json(number, **changes))


def rechained(lines: Sequence[bytes], prev: str, first: int = 1) -> tuple[bytes, ...]:
    """Return the lines' events numbered and linked anew."""
    out: list[bytes] = []
    for seq, line in enumerate(lines, first):
        out.append(canonical({**orjson.loads(line), "seq": seq, "prev": prev}))
        prev = line_hash(out[-1])
    return tuple(out)


def header_of(lines: Sequence[bytes], **changes: Any) -> dict[str, Any]:
    """Return the header of a batch of the golden epoch's first lines, with some members changed."""
    header = Header(
        device=golden.DEVICE,
        epoch=golden.EPOCH,
        first=1,
        last=len(lines),
        prev=GENESIS.hash(),
        head=line_hash(lines[-1]),
        sealed_at="2026-11-23T00:35:00.000000Z",
        software=golden.SOFTWARE,
        after=GENESIS.after,
    ).to_json()
    return {**header, **changes}


def forged_batch(lines: Sequence[bytes], key: SigningKey = KEY, **changes: Any) -> bytes:
    """Return a batch whose signature is right, whatever it says."""
    protected = {"alg": "Ed25519", "kid": key.kid, "typ": BATCH_TYPE}
    header = {name: value for name, value in header_of(lines, **changes).items() if value is not None}
    return b"\n".join([forge(protected, canonical(header), key).encode(), *lines, b""])


def parsed(lines: Sequence[bytes]) -> tuple[Event, ...]:
    """Return the events of lines."""
    return tuple(map(check_line, lines))


def run(lines: Sequence[bytes]) -> Chain:
    """Return the chain of the golden epoch after these lines."""
    chain = Chain.start(GENESIS)
    for line in lines:
        chain, _ = chain.extend(line)
    return chain


@contextmanager
def refused(field: str) -> Iterator[None]:
    """Expect a BadEventError that names ``field``."""
    with pytest.raises(BadEventError) as caught:
        yield
    assert caught.value.fields["field"] == field, str(caught.value)
