import pytest

from daigou.pricing import board
from tests import factories


@pytest.fixture
def market(app):
    board.forget()
    factories.rates()
    shop, owner = factories.merchant()
    yield shop, owner, factories.account()
    board.forget()
