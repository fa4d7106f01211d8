"""The kernel's packet filter, through libnftables: a transaction or nothing."""

import ctypes
import json
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, Self

from appliance.hotspot.errors import RulesRefusedError
from appliance.hotspot.policy.ruleset import TABLE
from appliance.hotspot.policy.sessions import LetThrough

LIBRARY: Final = "libnftables.so.1"
_JSON: Final = 1 << 4
"""``NFT_CTX_OUTPUT_JSON`` (nftables/libnftables.h)."""
_NUMERIC: Final = 1 << 7
"""``NFT_CTX_OUTPUT_NUMERIC_PRIO`` up to all of them: nobody's name is looked up."""
_MOST_REASON: Final = 300


@dataclass(frozen=True, slots=True)
class Counted:
    """What the kernel counted since the elements were made, bytes by mark: from devices, and to them."""

    up: dict[int, int] = field(default_factory=dict)
    down: dict[int, int] = field(default_factory=dict)


class Firewall(Protocol):
    """What the gate asks of the kernel."""

    def apply(self, text: str) -> None:
        """Carry out the lines, all or none.

        Raises:
            RulesRefusedError: none.
        """
        ...

    def counted(self) -> Counted:
        """Return what the sessions' elements counted.

        Raises:
            RulesRefusedError: there is no gate.
        """
        ...

    def sessions(self) -> dict[str, LetThrough]:
        """Return the sessions that are let through, by hardware address.

        Raises:
            RulesRefusedError: there is no gate.
        """
        ...

    def owners6(self) -> list[tuple[int, str]]:
        """Return the IPv6 addresses in use as numbers, and the hardware address of who uses each.

        Raises:
            RulesRefusedError: there is no gate.
        """
        ...

    def woken4(self) -> list[tuple[str, str]]:
        """Return the IPv4 addresses in use without a lease, and the hardware address of who uses each.

        Raises:
            RulesRefusedError: there is no gate.
        """
        ...


class NftFirewall:
    """libnftables in this process: 0.1 ms for a session, where a program would take twenty times that.

    Make it with :meth:`open`.
    """

    def __init__(self, library: Any, context: int) -> None:  # noqa: ANN401 - ctypes
        self._library = library
        self._context = context

    @classmethod
    def open(cls) -> Self:
        """Load the library.

        Raises:
            RulesRefusedError: it is not installed.
        """
        try:
            library = ctypes.CDLL(LIBRARY)
        except OSError as error:
            raise RulesRefusedError(reason=f"{error}; install libnftables1") from None
        library.nft_ctx_new.restype = ctypes.c_void_p
        library.nft_ctx_new.argtypes = [ctypes.c_uint32]
        for name in ("nft_ctx_free", "nft_ctx_buffer_output", "nft_ctx_buffer_error"):
            getattr(library, name).argtypes = [ctypes.c_void_p]
        for name in ("nft_ctx_get_output_buffer", "nft_ctx_get_error_buffer"):
            getattr(library, name).argtypes = [ctypes.c_void_p]
            getattr(library, name).restype = ctypes.c_char_p
        library.nft_ctx_output_set_flags.argtypes = [ctypes.c_void_p, ctypes.c_uint]
        library.nft_run_cmd_from_buffer.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
        context = library.nft_ctx_new(0)
        library.nft_ctx_buffer_output(context)
        library.nft_ctx_buffer_error(context)
        library.nft_ctx_output_set_flags(context, _JSON | _NUMERIC)
        return cls(library, context)

    def apply(self, text: str) -> None:
        self._run(text)

    def counted(self) -> Counted:
        found = Counted()
        for name, counts in (("sent", found.up), ("live", found.down)):
            for element in self._elements(name):
                counts[element["val"]] = element["counter"]["bytes"]
        return found

    def sessions(self) -> dict[str, LetThrough]:
        counted = self.counted()
        return {
            element["elem"]["val"]: LetThrough(mark, counted.up.get(mark, 0), counted.down.get(mark, 0))
            for element, mark in self._listed("map", "sessions")
        }

    def owners6(self) -> list[tuple[int, str]]:
        found = []
        for element in self._elements("owners6"):
            number, mac = element["val"]["concat"]
            # What is too large for the library's integers comes as text.
            found.append((number if isinstance(number, int) else int(number, 0), mac))
        return found

    def woken4(self) -> list[tuple[str, str]]:
        return [
            (address, mac) for mac, address in (each["val"]["concat"] for each in self._elements("woken"))
        ]

    def chains(self, family: str, table: str) -> dict[str, list[str]]:
        """Return the chains of a table: their hook and policy, then their rules, as the kernel lists them.

        Raises:
            RulesRefusedError: there is no such table.
        """
        found: dict[str, list[str]] = {}
        for each in json.loads(self._run(f"list table {family} {table}"))["nftables"]:
            if "chain" in each:
                chain = each["chain"]
                base = {key: chain[key] for key in ("type", "hook", "prio", "policy") if key in chain}
                found.setdefault(chain["name"], []).insert(0, json.dumps(base, sort_keys=True))
            elif "rule" in each:
                rule = each["rule"]
                found.setdefault(rule["chain"], []).append(json.dumps(rule["expr"], sort_keys=True))
        return found

    def close(self) -> None:
        """Let the library go; idempotent."""
        if self._context:
            self._library.nft_ctx_free(self._context)
            self._context = 0

    def _elements(self, name: str) -> list[dict[str, Any]]:
        """Return the elements of a set."""
        return [each["elem"] for each in self._listed("set", name)]

    def _listed(self, kind: str, name: str) -> list[Any]:
        answer = json.loads(self._run(f"list {kind} inet {TABLE} {name}"))
        (listed,) = [each[kind] for each in answer["nftables"] if kind in each]
        return list(listed.get("elem", ()))

    def _run(self, text: str) -> str:
        refused = self._library.nft_run_cmd_from_buffer(self._context, text.encode())
        said = self._library.nft_ctx_get_output_buffer(self._context) or b""
        complaint = self._library.nft_ctx_get_error_buffer(self._context) or b""
        if refused:
            reason = " ".join(complaint.decode(errors="replace").split())
            raise RulesRefusedError(reason=reason[:_MOST_REASON] or "no reason given")
        return str(said.decode())
