"""`daigou ledger check`."""

from __future__ import annotations

import sys

import click

from .context import with_app


@click.group()
def ledger() -> None:
    """The books."""


@ledger.command()
@click.option("--verbose", is_flag=True, help="Say what was looked at, not only what is wrong.")
@with_app
def check(verbose: bool) -> None:
    """Prove the books: sums, balances, escrow against orders, clearing against the provider. Ends with 1 when not."""
    from daigou.payments.books import check_all

    report = check_all()
    if verbose:
        for name, value in report.figures:
            click.echo(f"  {name}: {value}")
    for note in report.notes:
        click.echo(f"note: {note}")
    for fault in report.faults:
        click.echo(f"fault: {fault}", err=True)
    if not report.holds:
        click.echo(f"The books do NOT hold: {len(report.faults)} faults.", err=True)
        sys.exit(1)
    click.echo("The books hold.")
