"""Whether the portal's https works as a phone would find it: only then the captive portal API is announced.

A phone that is told of an API and cannot use it shows no portal at all, so everything is tried that it will
try: the name in the certificate, a chain to a root that everybody knows, dates by a clock that is believed,
and an answer of RFC 8908.
"""

import asyncio
import json
import ssl
from typing import Final

import structlog

from appliance.hotspot.policy.plan import API_PATH, Plan

log = structlog.get_logger(__name__)

PORT: Final = 443
TIMEOUT_S: Final = 5.0
MOST_BYTES: Final = 16_384
TYPE: Final = "application/captive+json"


async def portal_is_secure(plan: Plan, roots: ssl.SSLContext | None = None, port: int = PORT) -> bool:
    """Ask the portal's API as a phone does.

    Args:
        plan: what is wanted; without a certificate in it nobody is asked.
        roots: whom phones trust; None is this system's.
        port: of https.
    """
    if not plan.has_certificate:
        return False
    host = str(plan.gateway4)
    try:
        answer = await asyncio.wait_for(_asked(host, port, plan.portal_name, roots), TIMEOUT_S)
        reason = _wrong(answer)
    except (OSError, ssl.SSLError, ValueError, TimeoutError) as error:
        reason = str(error) or type(error).__name__
    if reason:
        log.info("portal.not_announced", reason=reason)
    return not reason


async def _asked(host: str, port: int, name: str, roots: ssl.SSLContext | None) -> bytes:
    context = roots or ssl.create_default_context()
    reader, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname=name)
    try:
        request = f"GET {API_PATH} HTTP/1.1\r\nHost: {name}\r\nAccept: {TYPE}\r\nConnection: close\r\n\r\n"
        writer.write(request.encode("ascii"))
        return await reader.read(MOST_BYTES) + (await reader.read(MOST_BYTES))
    finally:
        writer.transport.abort()


def _wrong(answer: bytes) -> str:
    """Return what is wrong with an answer, nothing if it is one of RFC 8908."""
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").lower().split("\r\n")
    if " 200" not in lines[0]:
        return f"the API answers {lines[0][:40]!r}"
    if not any(line.startswith("content-type:") and TYPE in line for line in lines):
        return f"the API does not answer {TYPE}"
    if "transfer-encoding: chunked" in lines:
        return "the API answers in chunks"
    said = json.loads(body)
    if not isinstance(said, dict) or not isinstance(said.get("captive"), bool):
        return "the API does not say whether the phone is captive"
    return ""
