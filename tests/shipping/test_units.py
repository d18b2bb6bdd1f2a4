from hypothesis import given
from hypothesis import strategies as st

from daigou.providers.easypost import GRAMS_PER_OUNCE, MM_PER_INCH, inches, ounces


@given(st.integers(10, 100_000))
def test_ounces_never_make_a_parcel_heavier_than_it_is(grams):
    there = ounces(grams) * GRAMS_PER_OUNCE
    assert grams - 0.5 <= there <= grams + 1e-6


@given(st.integers(10, 3_000))
def test_inches_never_make_a_parcel_larger_than_it_is(millimetres):
    there = inches(millimetres) * MM_PER_INCH
    assert millimetres - 0.5 <= there <= millimetres + 1e-6


@given(st.lists(st.integers(10, 30_000), min_size=1, max_size=20))
def test_the_contents_never_weigh_more_than_the_parcel(weights):
    assert sum(ounces(w) for w in weights) <= ounces(sum(weights) + 1) + 0.01
