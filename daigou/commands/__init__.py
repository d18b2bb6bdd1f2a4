"""Commands load what they need when they run: `daigou audit verify` works on a machine with nothing but the package."""

import click

from .ledger import ledger
from .operations import doctor, migrate, run
from .rates import rates

COMMANDS: list[click.Command] = [doctor, ledger, migrate, rates, run]
