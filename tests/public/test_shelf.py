"""Drawn pieces are kept within a number of bytes."""

import sys

from hypothesis import given
from hypothesis import strategies as st

from blueprints.public.shelf import Shelf, weight

WORDS = st.text(max_size=400)


@given(st.lists(st.tuples(st.integers(0, 30), WORDS), max_size=80), st.integers(600, 6_000))
def test_a_shelf_never_holds_more_than_it_may(pieces, most):
    shelf, seen = Shelf(most), {}
    for key, text in pieces:
        shelf.keep({key: text})
        seen.setdefault(key, []).append(text)
        held = shelf.find(range(31))
        assert sum(map(weight, held.values())) <= most
        assert all(held[k] in seen[k] for k in held)


def test_what_is_asked_for_outlives_what_is_not():
    shelf = Shelf(weight("x") * 3)
    shelf.keep({"a": "x", "b": "x", "c": "x"})
    shelf.find(["a"])
    shelf.keep({"d": "x"})
    assert set(shelf.find("abcd")) == {"a", "c", "d"}


def test_a_piece_of_several_texts_weighs_them_all():
    texts = {"title": "漢字" * 100, "offer": "y" * 1000}
    assert weight(texts) >= sum(map(sys.getsizeof, texts.values()))
