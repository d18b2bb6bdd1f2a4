"""Commands load what they need when they run: `daigou audit verify` works on a machine with nothing but the package."""

import click

from compliance.audit import cli as audit

from .admin import admin
from .backups import backup, restore
from .context import with_app
from .journey import journey
from .keys import keys
from .ledger import ledger
from .operations import doctor, migrate, run
from .privacy import privacy
from .qualification import qualification
from .rates import rates
from .reconcile import reconcile
from .scan import scan
from .screening import screening

# fmt: off
COMMANDS: list[click.Command] = [
    admin,
    audit.mounted(with_app),
    backup,
    doctor,
    journey,
    keys,
    ledger,
    migrate,
    qualification,
    privacy,
    rates,
    reconcile,
    restore,
    run,
    scan,
    screening,
]
# fmt: on
