from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.audit import merkle
from tests.compliance.audit import naive

LEAVES = [merkle.leaf_hash(str(i).encode()) for i in range(300)]
sizes = st.integers(0, 130)


def getter(leaves):
    return lambda nodes: [naive.node(level, index, leaves) for level, index in nodes]


def test_the_known_answers_of_certificate_transparency():
    data = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
    leaves = [merkle.leaf_hash(bytes.fromhex(d)) for d in data]
    assert merkle.root(leaves[:1]).hex().startswith("6e340b9cffb37a98")
    assert merkle.root(leaves).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    assert merkle.root([]) == sha256(b"").digest()


@given(sizes)
def test_the_root_is_the_recursive_one(size):
    assert merkle.root(LEAVES[:size]) == naive.mth(LEAVES[:size])
    assert merkle.tree_root(size, getter(LEAVES)) == naive.mth(LEAVES[:size])


@given(st.data())
def test_a_compact_range_holds_the_largest_subtrees_and_merges(data):
    a, b, c, size = sorted(data.draw(st.tuples(sizes, sizes, sizes, sizes)))
    parts = [
        merkle.CompactRange(x, y, getter(LEAVES)(merkle.span_nodes(x, y)))
        for x, y in [(0, a), (a, b), (b, c), (c, size)]
    ]
    whole = parts[0]
    for part in parts[1:]:
        whole.extend(part)
    assert whole.hashes == getter(LEAVES)(merkle.span_nodes(0, size))
    assert whole.root() == naive.mth(LEAVES[:size])


@given(st.integers(0, 130), st.integers(0, 130))
def test_appending_one_by_one_or_many_is_the_same(begin, more):
    one, many = (
        merkle.CompactRange(begin, begin, []),
        merkle.CompactRange(begin, begin, []),
    )
    for leaf in LEAVES[begin : begin + more]:
        one.append(leaf)
    many.extend_leaves(LEAVES[begin : begin + more])
    assert one == many
    assert one.hashes == getter(LEAVES)(merkle.span_nodes(begin, begin + more))


@given(st.integers(0, 130), st.integers(0, 130))
def test_growing_yields_every_new_perfect_subtree_once(size, more):
    tree = merkle.CompactRange(0, size, getter(LEAVES)(merkle.span_nodes(0, size)))
    new = {}
    for level, first, hashes in merkle.grow(tree, LEAVES[size : size + more]):
        new.update({(level, first + i): h for i, h in enumerate(hashes)})
    end = size + more
    expected = {
        (level, index): naive.node(level, index, LEAVES)
        for level in range(1, 9)
        for index in range(size >> level, end >> level)
    }
    assert new == expected


@given(st.data())
def test_inclusion_proofs_are_the_recursive_ones_and_verify(data):
    size = data.draw(st.integers(1, 130))
    index = data.draw(st.integers(0, size - 1))
    proof = merkle.inclusion_proof(index, size, getter(LEAVES))
    assert proof == naive.path(index, LEAVES[:size])
    root = naive.mth(LEAVES[:size])
    assert merkle.verify_inclusion(index, size, LEAVES[index], proof, root)
    assert not merkle.verify_inclusion(index, size, LEAVES[index + 1], proof, root)
    assert not merkle.verify_inclusion(index, size, LEAVES[index], [*proof, root], root)
    if proof:
        assert not merkle.verify_inclusion(index, size, LEAVES[index], proof[:-1], root)
        wrong = data.draw(st.integers(0, len(proof) - 1))
        proof[wrong] = LEAVES[299]
        assert not merkle.verify_inclusion(index, size, LEAVES[index], proof, root)


@given(st.data())
def test_consistency_proofs_are_the_recursive_ones_and_verify(data):
    new = data.draw(st.integers(1, 130))
    old = data.draw(st.integers(1, new))
    proof = merkle.consistency_proof(old, new, getter(LEAVES))
    assert proof == naive.subproof(old, LEAVES[:new], True)
    roots = naive.mth(LEAVES[:old]), naive.mth(LEAVES[:new])
    assert merkle.verify_consistency(old, new, *roots, proof)
    assert not merkle.verify_consistency(old, new, LEAVES[299], roots[1], proof)
    assert not merkle.verify_consistency(old, new, roots[0], LEAVES[299], proof)
    assert not merkle.verify_consistency(old, new, *roots, [*proof, roots[0]])
    if proof:
        assert not merkle.verify_consistency(old, new, *roots, proof[:-1])


def test_every_tree_continues_the_empty_one():
    root = merkle.root(LEAVES[:5])
    assert merkle.verify_consistency(0, 5, merkle.EMPTY_ROOT, root, [])
    assert not merkle.verify_consistency(0, 5, root, root, [])
    assert not merkle.verify_consistency(0, 5, merkle.EMPTY_ROOT, root, [root])
    assert merkle.consistency_proof(0, 5, getter(LEAVES)) == []


def test_a_tree_can_not_shrink():
    root = merkle.root(LEAVES[:5])
    assert not merkle.verify_consistency(6, 5, root, root, [])
    with pytest.raises(ValueError):
        merkle.consistency_spans(6, 5)


def test_wrong_questions_are_refused():
    with pytest.raises(ValueError):
        merkle.inclusion_spans(5, 5)
    with pytest.raises(ValueError):
        merkle.span_nodes(3, 2)
    with pytest.raises(ValueError):
        merkle.CompactRange(0, 2, [b"short"])
    with pytest.raises(ValueError):
        merkle.CompactRange(0, 2, [bytes(32)]).extend(merkle.CompactRange(3, 3, []))
    with pytest.raises(ValueError):
        merkle.CompactRange(2, 3, [bytes(32)]).root()
    assert not merkle.verify_inclusion(1, 1, LEAVES[0], [], LEAVES[0])
