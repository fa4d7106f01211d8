"""The kernel's queues, through pyroute2: laid on an interface, looked at, taken away.

A tree is tried on an interface of nobody's before it is laid on one that carries something. A new root lets
packets pass while it is filled, rates are changed in place, and what cannot be laid after all is taken away,
so that the kernel's own queue is back: an interface never goes down for this.
"""

import logging
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import structlog
from pyroute2 import IPRoute
from pyroute2.netlink.exceptions import NetlinkError

from appliance.hotspot.errors import ShapingError
from appliance.hotspot.policy.shaping import (
    GUESTWARDS,
    KERNELS,
    PLAIN,
    QUANTUM,
    ROOT,
    UPWARDS,
    Kernel,
    Queue,
    Share,
    Tree,
    sample,
)

log = structlog.get_logger(__name__)

SCRATCH: Final = ("motcua-tc0", "motcua-tc1")
"""A pair of interfaces of nobody's; gone again as soon as something was tried on it."""
_OURS: Final = frozenset({UPWARDS, GUESTWARDS})
_MAJOR: Final = 0xFFFF_0000
_EPERM: Final = 1

# It says at each use that the names of its parameters will change: the version is pinned.
logging.getLogger("pyroute2.netlink.rtnl.tcmsg.sched_fq_codel").setLevel(logging.ERROR)


def probe() -> Kernel:
    """Return what the kernel can, by trying it where it hurts nobody; the kernel loads modules on its own.

    Raises:
        ShapingError: it cannot be tried.
    """
    try:
        with IPRoute() as netlink, _scratch(netlink) as index:
            for kernel in KERNELS:
                try:
                    _lay(netlink, index, sample(kernel))
                except NetlinkError as error:
                    if error.code == _EPERM:
                        raise
                else:
                    return kernel
                finally:
                    with suppress(NetlinkError):
                        _remove(netlink, index, UPWARDS)
    except (NetlinkError, OSError) as error:
        raise ShapingError(interface=SCRATCH[0], reason=_reason(error)) from None
    return PLAIN


def lay(tree: Tree) -> bool:
    """Have a tree stand on its interface; return whether anything had to be done.

    Raises:
        ShapingError: it does not; what was there before stays, or the kernel's own queue is back.
    """
    try:
        with IPRoute() as netlink:
            found = netlink.link_lookup(ifname=tree.interface)
            if not found:
                raise ShapingError(interface=tree.interface, reason="there is no such interface")
            index = int(found[0])
            standing = _standing(netlink, index, tree.root.handle)
            if standing == _wanted(tree):
                return False
            with _scratch(netlink) as aside:
                _lay(netlink, aside, tree)
            try:
                if _shape(standing) != _shape(_wanted(tree)):
                    _remove_ours(netlink, index)
                _lay(netlink, index, tree)
            except (NetlinkError, OSError):
                with suppress(NetlinkError):
                    _remove_ours(netlink, index)
                raise
    except (NetlinkError, OSError) as error:
        raise ShapingError(interface=tree.interface, reason=_reason(error)) from None
    return True


def keep_only(interfaces: Collection[str]) -> None:
    """Take our trees away from all other interfaces, whoever laid them; the kernel's own queue is back there.

    Raises:
        ShapingError: the kernel does not do it.
    """
    name = "all"
    try:
        with IPRoute() as netlink:
            names = {int(link["index"]): str(link.get_attr("IFLA_IFNAME")) for link in netlink.get_links()}
            for queue in netlink.get_qdiscs():
                name = names.get(queue["index"], "")
                if queue["handle"] in _OURS and queue["parent"] == ROOT and name not in interfaces:
                    _remove(netlink, queue["index"], queue["handle"])
                    log.info("queues.taken_away", interface=name)
    except (NetlinkError, OSError) as error:
        raise ShapingError(interface=name, reason=_reason(error)) from None


def _reason(error: NetlinkError | OSError) -> str:
    return os.strerror(error.code) if isinstance(error, NetlinkError) else str(error)


@contextmanager
def _scratch(netlink: Any) -> Iterator[int]:  # noqa: ANN401 - untyped library
    _drop(netlink)  # after a crash
    netlink.link("add", ifname=SCRATCH[0], kind="veth", peer={"ifname": SCRATCH[1]})
    try:
        yield int(netlink.link_lookup(ifname=SCRATCH[0])[0])
    finally:
        _drop(netlink)


def _drop(netlink: Any) -> None:  # noqa: ANN401 - untyped library
    for index in netlink.link_lookup(ifname=SCRATCH[0]):
        netlink.link("del", index=index)


def _lay(netlink: Any, index: int, tree: Tree) -> None:  # noqa: ANN401 - untyped library
    """Make a tree, or change one of the same shape in place, parents first."""
    # HTB's own options cannot be changed, and never are.
    if not tree.shares or tree.root.handle not in _roots(netlink, index):
        _queue(netlink, index, tree.root)
    for share in tree.shares:
        burst = {"burst": share.burst, "cburst": share.burst, "quantum": QUANTUM, "prio": share.priority}
        at = {"index": index, "handle": share.handle, "parent": share.parent}
        netlink.tc("replace-class", "htb", **at, rate=share.rate, ceil=share.ceil, **burst)
        if share.leaf is not None:
            _queue(netlink, index, share.leaf)


def _queue(netlink: Any, index: int, queue: Queue) -> None:  # noqa: ANN401 - untyped library
    netlink.tc(
        "replace", queue.kind, index=index, handle=queue.handle, parent=queue.parent, **dict(queue.options)
    )


def _roots(netlink: Any, index: int) -> set[int]:  # noqa: ANN401 - untyped library
    return {each["handle"] for each in netlink.get_qdiscs(index=index) if each["parent"] == ROOT}


def _remove_ours(netlink: Any, index: int) -> None:  # noqa: ANN401 - untyped library
    for handle in _roots(netlink, index) & _OURS:
        _remove(netlink, index, handle)


def _remove(netlink: Any, index: int, handle: int) -> None:  # noqa: ANN401 - untyped library
    netlink.tc("del", index=index, handle=handle, parent=ROOT)


_Nodes = frozenset[tuple[int, int, str, int, int]]
"""Handle, parent, kind, and the rates of classes."""


def _standing(netlink: Any, index: int, root: int) -> _Nodes:  # noqa: ANN401 - untyped library
    """Return what stands on an interface, if its root is ours."""
    if root not in _roots(netlink, index):
        return frozenset()
    queues = {
        (each["handle"], each["parent"], str(each.get_attr("TCA_KIND")), 0, 0)
        for each in netlink.get_qdiscs(index=index)
        if each["handle"] == root or each["parent"] & _MAJOR == root
    }
    classes = {_rated(each, root) for each in netlink.get_classes(index=index) if _is_htb(each)}
    return frozenset(queues | classes)


def _is_htb(found: Any) -> bool:  # noqa: ANN401 - untyped library
    return bool(found.get_attr("TCA_KIND") == "htb")


def _rated(found: Any, root: int) -> tuple[int, int, str, int, int]:  # noqa: ANN401 - untyped library
    told = found.get_attr("TCA_OPTIONS").get_attr("TCA_HTB_PARMS")
    parent = root if found["parent"] == ROOT else found["parent"]
    return found["handle"], parent, "class", told["rate"], told["ceil"]


def _wanted(tree: Tree) -> _Nodes:
    queues = [tree.root, *(share.leaf for share in tree.shares if share.leaf is not None)]
    nodes = {(each.handle, each.parent, each.kind, 0, 0) for each in queues}
    return frozenset(nodes | {_told(share) for share in tree.shares})


def _told(share: Share) -> tuple[int, int, str, int, int]:
    return share.handle, share.parent, "class", share.rate, share.ceil


def _shape(nodes: _Nodes) -> frozenset[tuple[int, int, str]]:
    return frozenset(each[:3] for each in nodes)
