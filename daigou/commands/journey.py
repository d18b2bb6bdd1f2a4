"""`daigou journey`: one order's whole life, through the pages that people use."""

from __future__ import annotations

import sys

import click

from .context import with_app


@click.command()
@click.option("--base-url", required=True, help="the deployment, such as http://127.0.0.1:8000")
@with_app
def journey(base_url: str) -> None:
    """Drive one order from a shopper's wish to an officer's proof; ends non-zero at the first step that does not hold.

    Makes people of its own, and runs only where every provider is the sandbox.
    """
    from flask import current_app

    from daigou.accounts import staff
    from daigou.core.access import Actor
    from daigou.journey.browser import Astray
    from daigou.journey.run import run

    if not current_app.extensions["config"].is_sandbox:
        raise click.ClickException("A provider is real: the journey runs beside the sandbox only.")
    operator = Actor("system:journey", roles=frozenset({"system", "admin"}), name="journey")
    try:
        run(base_url.rstrip("/"), click.echo, lambda email: staff.invite(operator, email, "admin", "en", "JP"))
    except (Astray, AssertionError) as astray:
        click.echo(f"\nThe journey ends here: {astray}", err=True)
        sys.exit(1)
