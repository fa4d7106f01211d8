"""The kernel's queues without a kernel; it passes the tests of the real ones (``test_line_queues.py``)."""

from appliance.hotspot.errors import ShapingError
from appliance.hotspot.policy.shaping import KERNELS, PLAIN

KINDS = frozenset({"htb", "cake", "fq_codel", "sfq", "pfifo"})


class InMemoryShaper:
    """Trees by interface.

    Args:
        interfaces: those that there are.
        kinds: queues that this kernel has.
    """

    def __init__(self, interfaces, kinds=KINDS):
        self.interfaces, self.kinds = set(interfaces), kinds
        self.trees = {}
        self.refuses = set()
        self.is_garbled = False

    def probe(self):
        self._refuse("probe")
        fit = [
            each for each in KERNELS if each.leaf in self.kinds and (not each.has_htb or "htb" in self.kinds)
        ]
        return fit[0] if fit else PLAIN

    def lay(self, tree):
        self._refuse(tree.interface)
        used = {tree.root.kind, *(each.leaf.kind for each in tree.shares if each.leaf is not None)}
        if tree.interface not in self.interfaces or not used <= self.kinds:
            raise ShapingError(interface=tree.interface, reason="scripted")
        if self.trees.get(tree.interface) == tree:
            return False
        self.trees[tree.interface] = tree
        return True

    def keep_only(self, interfaces):
        self._refuse("keep_only")
        self.trees = {name: tree for name, tree in self.trees.items() if name in interfaces}

    def _refuse(self, what):
        if self.is_garbled:
            raise ValueError("scripted")
        if what in self.refuses:
            raise ShapingError(interface=what, reason="scripted")
