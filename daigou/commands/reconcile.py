"""`daigou reconcile`: both books of a day beside each other."""

from __future__ import annotations

import sys
from datetime import date, timedelta

import click

from .context import with_app


class DayOrYesterday(click.ParamType):
    name = "day"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        from daigou.core import clock

        if isinstance(value, date):
            return value
        try:
            return clock.today() - timedelta(days=1) if value == "yesterday" else date.fromisoformat(str(value))
        except ValueError:
            self.fail("write yesterday, or a day such as 2026-11-20", param, ctx)


@click.command()
@click.option("--date", "day", type=DayOrYesterday(), default="yesterday", show_default=True, help="a UTC day")
@with_app
def reconcile(day: date) -> None:
    """Put a day of our books beside the provider's, and name every difference. Ends with 1 when a fault is open."""
    from daigou.core import clock
    from daigou.providers.payment import Trouble
    from daigou.reconciliation.running import reconcile as run

    if day > clock.today():
        raise click.ClickException("This day has not come yet.")
    try:
        outcome = run(day)
    except Trouble as trouble:
        raise click.ClickException(f"The provider does not answer ({trouble.code}). Run it again later.") from trouble
    click.echo(f"{day}: {outcome.theirs} lines of the provider, {outcome.matched} match")
    for (kind, code), count in sorted(outcome.found.items()):
        click.echo(f"  {kind}: {code.replace('_', ' ')}: {count}")
    if outcome.open:
        click.echo(f"{outcome.open} faults wait for a person: see /officer/reconciliation/{day}", err=True)
        sys.exit(1)
    click.echo("Every difference is explained." if outcome.found else "No difference.")
