"""The hash tree, against the known answers of Certificate Transparency and against the definition in RFC 6962."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from carebase.audit.merkle import Frontier, hash_leaf, inclusion_path, root_from_path, root_of

DATA = [bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
DATA.append(bytes.fromhex("606162636465666768696a6b6c6d6e6f"))
LEAVES = [hash_leaf(data) for data in DATA]
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
SIZES = st.integers(1, 20)


def defined_root(leaves: list[bytes]) -> bytes:
    """The definition of section 2.1, word for word."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"").digest()
    split = max(2**power for power in range(10) if 2**power < len(leaves))
    return sha256(b"\x01" + defined_root(leaves[:split]) + defined_root(leaves[split:])).digest()


def numbered(size: int) -> list[bytes]:
    return [hash_leaf(bytes([number])) for number in range(size)]


def test_the_roots_are_the_known_answers():
    assert [root_of(LEAVES[:size]).hex() for size in range(9)] == list(ROOTS)


def test_the_path_of_a_leaf_is_the_known_answer():
    assert [step.hex() for step in inclusion_path(5, LEAVES)] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


@given(st.lists(st.integers(0, 9), max_size=8))
def test_a_tree_that_grows_and_is_laid_away_meanwhile_has_the_root_of_the_definition(steps):
    leaves, frontier = numbered(sum(steps)), Frontier()
    for step in steps:
        frontier.extend(leaves[frontier.size : frontier.size + step])
        frontier = Frontier(frontier.size, frontier.peaks)
    assert frontier.root == defined_root(leaves)


@given(SIZES.flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1))))
def test_every_leaf_of_every_tree_is_proven_and_no_other(case):
    size, index = case
    leaves = numbered(size)
    path, root = inclusion_path(index, leaves), root_of(leaves)
    assert root_from_path(leaves[index], index, size, path) == root
    assert root_from_path(hash_leaf(b"other"), index, size, path) != root
    for other in set(range(-1, size + 1)) - {index}:
        assert root_from_path(leaves[index], other, size, path) != root
    assert root_from_path(leaves[index], index, size, [*path, root]) is None
    if path:
        assert root_from_path(leaves[index], index, size, path[:-1]) != root
