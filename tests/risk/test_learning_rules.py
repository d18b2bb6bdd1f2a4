"""The small model: what it learns, how it is measured, and that nothing in it is chance."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from daigou.risk.learning import rules
from daigou.risk.learning.rules import Example, Weights

DAY = datetime(2026, 1, 1, tzinfo=UTC)


def examples(count=200, seed=1):
    """The first sign tells what is wrong, with noise; the second one tells nothing."""
    chance = random.Random(seed)
    for number in range(count):
        first, second = chance.random(), chance.random()
        yield Example(DAY + timedelta(hours=number), (first, second), chance.random() < first**2)


def test_a_sign_that_tells_gets_a_weight_and_one_that_does_not_gets_hardly_any():
    telling, idle = rules.learn(list(examples())).by_sign
    assert telling > 1 > abs(idle)


def test_the_same_examples_in_any_order_make_the_same_weights():
    found = list(examples())
    taught, held_out = rules.parted(found)
    again, rest = rules.parted(found[::-1])
    assert rules.learn(taught) == rules.learn(again)
    assert held_out == rest


def test_no_step_away_from_the_weights_makes_the_loss_smaller():
    found = list(examples())
    weights = rules.learn(found)
    best = rules.log_loss(weights, found)
    for change in (-0.01, 0.01):
        assert rules.log_loss(Weights(weights.intercept + change, weights.by_sign), found) > best
        for place in range(2):
            moved = [w + change * (place == at) for at, w in enumerate(weights.by_sign)]
            assert rules.log_loss(Weights(weights.intercept, tuple(moved)), found) > best


def test_signs_that_part_the_examples_wholly_still_have_finite_weights():
    found = [Example(DAY, (float(wrong),), wrong) for wrong in [True, False] * 50]
    (weight,) = rules.learn(found).by_sign
    assert 2 < weight < 20


def test_it_is_measured_on_the_newest_alone():
    taught, held_out = rules.parted(list(examples(40)))
    assert len(held_out) == 10
    assert max(e.at for e in taught) < min(e.at for e in held_out)


def test_figures_of_a_model_that_is_always_right():
    held_out = [Example(DAY, (float(wrong),), wrong) for wrong in [True] * 4 + [False] * 16]
    found = rules.measure(Weights(-10.0, (20.0,)), held_out)
    assert (found.precision, found.recall, found.ranking) == (1.0, 1.0, 1.0)
    assert found.brier == pytest.approx(0, abs=1e-6)
    assert sum(each.count for each in found.bins) == found.examples == 20
    assert found.bins[-1].was == 1.0


def test_a_model_that_says_the_same_to_everything_ranks_by_chance():
    assert rules.measure(Weights(0.0, (0.0,)), [Example(DAY, (0.0,), n < 3) for n in range(9)]).ranking == 0.5


def test_without_anything_held_out_no_figure_is_made_up():
    found = rules.measure(Weights(0.0, ()), [])
    assert (found.precision, found.recall, found.ranking, found.brier, found.bins) == (None,) * 4 + ((),)


@pytest.mark.parametrize(("wrong", "right", "is_enough"), [(19, 500, False), (20, 59, False), (20, 60, True)])
def test_nothing_is_learned_from_too_few(wrong, right, is_enough):
    assert rules.enough([Example(DAY, (), n < wrong) for n in range(wrong + right)]) is is_enough
