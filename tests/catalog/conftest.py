import pytest

from blueprints.public import cards
from daigou.pricing import board
from tests import factories


@pytest.fixture
def shop(app):
    """Rates of today and a merchant with its owner."""
    board.forget()
    cards.forget()
    factories.rates()
    yield factories.merchant()
    board.forget()
    cards.forget()
