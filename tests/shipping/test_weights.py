from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daigou.core.money import Money
from daigou.shipping import rules
from daigou.shipping.rules import Size, boxed, chargeable_g, freight_minor, volumetric_g

sides = st.integers(1, 2_000)
sizes = st.builds(Size, st.integers(1, 30_000), sides, sides, sides)
divisors = st.sampled_from([None, 5000, 6000])


def test_volume_counts_by_the_lines_divisor():
    box = Size(1_000, 400, 300, 250)  # 30 litres
    assert volumetric_g(box, 5000) == 6_000
    assert volumetric_g(box, 6000) == 5_000
    assert chargeable_g(box, 5000) == 6_000


def test_a_postal_line_goes_by_the_scale_alone():
    assert chargeable_g(Size(1_000, 400, 300, 250), None) == 1_000


@given(sizes, divisors)
def test_the_chargeable_weight_is_never_below_the_scale_nor_the_volume(size, divisor):
    weight = chargeable_g(size, divisor)
    assert weight >= size.weight_g
    assert weight >= volumetric_g(size, divisor)
    assert weight in (size.weight_g, volumetric_g(size, divisor))


@given(sizes)
def test_a_smaller_divisor_never_makes_it_lighter(size):
    assert chargeable_g(size, 5000) >= chargeable_g(size, 6000) >= chargeable_g(size, None)


@given(st.lists(sizes, min_size=1, max_size=6))
def test_the_carton_holds_every_piece_and_weighs_more_than_all(pieces):
    box = boxed(pieces)
    assert box.weight_g > sum(p.weight_g for p in pieces)
    assert box.volume_mm3 > sum(p.volume_mm3 for p in pieces)
    for piece in pieces:
        inner = sorted((piece.length_mm, piece.width_mm, piece.height_mm))
        outer = sorted((box.length_mm, box.width_mm, box.height_mm))
        assert all(i < o for i, o in zip(inner, outer, strict=True))


def test_the_step_that_holds_the_weight_is_charged():
    steps = [{"up_to_g": 500, "minor": 3150}, {"up_to_g": 1000, "minor": 4400}]
    assert freight_minor(steps, 500) == 3150
    assert freight_minor(steps, 501) == 4400
    assert freight_minor(steps, 1001) is None


def test_insurance_is_a_share_of_the_value_but_not_less_than_its_minimum():
    assert rules.premium(Money(10_000, "EUR"), Fraction(25), Money(150, "EUR")) == Money(250, "EUR")
    assert rules.premium(Money(1_000, "EUR"), Fraction(25), Money(150, "EUR")) == Money(150, "EUR")


@pytest.mark.parametrize(("packed", "heavy"), [(1_000, False), (1_100, False), (1_101, True), (900, False)])
def test_the_scale_may_differ_by_the_wrapping_only(packed, heavy):
    assert rules.is_too_heavy(packed, 1_000) is heavy
