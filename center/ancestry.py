"""The order of a device's epochs: each after the one it follows, and by age where nothing else decides."""

from collections.abc import Iterable, Iterator
from heapq import heapify, heappop, heappush

from center.store.port import Store
from center.store.records import Epoch


def by_ancestry(epochs: Iterable[Epoch]) -> list[Epoch]:
    """Return epochs so that none comes before the one it follows (UUIDv7s order the rest by time)."""
    known = {epoch.epoch: epoch for epoch in epochs}
    children: dict[str, list[str]] = {}
    ready: list[str] = []
    for name, epoch in known.items():
        if epoch.after is not None and epoch.after.epoch in known:
            children.setdefault(epoch.after.epoch, []).append(name)
        else:
            ready.append(name)
    heapify(ready)
    ordered: list[Epoch] = []
    while ready:
        name = heappop(ready)
        ordered.append(known.pop(name))
        for child in children.get(name, []):
            heappush(ready, child)
    # A circle cannot come from honest hashes; were there one, nothing may be left out of an export.
    return ordered + [known[name] for name in sorted(known)]


def export_lines(store: Store, device: str, epoch: str | None = None) -> Iterator[bytes]:
    """Yield the stored lines as they came, each with its newline, epoch after epoch.

    Args:
        store: what is kept.
        device: whose.
        epoch: only this one.
    """
    for stored in by_ancestry(store.epochs(device)):
        if epoch is None or stored.epoch == epoch:
            for line in store.lines(device, stored.epoch):
                yield line.line + b"\n"
