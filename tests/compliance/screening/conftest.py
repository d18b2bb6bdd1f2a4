from pathlib import Path

import pytest

from compliance.screening import importing
from daigou.core.access import system
from daigou.core.db import transaction
from daigou.pricing import board
from tests import factories

LISTS = Path(__file__).parent / "lists"


@pytest.fixture
def lists(app):
    """The invented OFAC list is in force."""
    importing.load(
        system("screening"), "ofac-sdn", importing.Source(LISTS / "sdn.csv", LISTS / "alt.csv", LISTS / "add.csv")
    )


@pytest.fixture
def market(app):
    board.forget()
    factories.rates()
    shop, _ = factories.merchant()
    yield shop
    board.forget()


@pytest.fixture
def called(app):
    """An account of somebody who is called so."""

    def make(name, *roles, **more):
        row = factories.account(*roles, **more)
        with transaction():
            row.name = name
        return row

    return make
