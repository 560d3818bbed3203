"""The hash tree of RFC 6962 (Certificate Transparency), section 2.1."""

from collections.abc import Sequence
from hashlib import sha256
from itertools import count

HASH_SIZE = 32


def hash_leaf(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def hash_pair(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """A tree that grows to the right: only the roots of its full subtrees are kept, one for each bit of its size."""

    def __init__(self, size: int = 0, peaks: bytes = b""):
        """`peaks` as of `self.peaks` at that size."""
        self.size = size
        heights = [height for height in range(size.bit_length()) if size >> height & 1]
        starts = range(0, len(peaks), HASH_SIZE)
        self.nodes = {height: peaks[i : i + HASH_SIZE] for height, i in zip(heights, starts, strict=True)}

    def extend(self, leaves: Sequence[bytes]) -> "Frontier":
        """Add leaves, level by level: a hash for each pair of neighbours."""
        self.size += len(leaves)
        for height in count():
            if height in self.nodes:
                leaves = [self.nodes.pop(height), *leaves]
            if len(leaves) % 2:
                self.nodes[height], leaves = leaves[-1], leaves[:-1]
            if not leaves:
                return self
            pairs = zip(leaves[::2], leaves[1::2], strict=True)
            leaves = [sha256(b"\x01" + left + right).digest() for left, right in pairs]  # no call: they are many

    @property
    def peaks(self) -> bytes:
        """The roots of the full subtrees, the smallest first."""
        return b"".join(self.nodes[height] for height in sorted(self.nodes))

    @property
    def root(self) -> bytes:
        heights = sorted(self.nodes)
        if not heights:
            return sha256(b"").digest()
        root = self.nodes[heights[0]]
        for height in heights[1:]:
            root = hash_pair(self.nodes[height], root)
        return root


def root_of(leaves: Sequence[bytes]) -> bytes:
    return Frontier().extend(leaves).root


def inclusion_path(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Return the hashes that lead from the leaf at `index` to the root, the lowest first."""
    if len(leaves) == 1:
        return []
    split = 1 << (len(leaves) - 1).bit_length() - 1  # the largest power of two below the number of leaves
    left, right = leaves[:split], leaves[split:]
    if index < split:
        return [*inclusion_path(index, left), root_of(right)]
    return [*inclusion_path(index - split, right), root_of(left)]


def root_from_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Return the root that the path leads to, or None if it is no path of a leaf at `index` in a tree of `size`.

    As in RFC 9162, section 2.1.3.2.
    """
    node, last, root = index, size - 1, leaf
    if not 0 <= index < size:
        return None
    for step in path:
        if not last:
            return None
        if node % 2 or node == last:
            root = hash_pair(step, root)
            while not node % 2 and node:
                node, last = node >> 1, last >> 1
        else:
            root = hash_pair(root, step)
        node, last = node >> 1, last >> 1
    return root if not last else None
