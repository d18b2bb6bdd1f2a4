"""`daigou admin create`: the first administrator of a new deployment, who then invites everybody else."""

from __future__ import annotations

import sys

import click

from .context import with_app


@click.group()
def admin() -> None:
    """Administrators."""


@admin.command()
@click.option("--email", required=True, help="the address to sign in with")
@click.option("--name", default="Administrator", show_default=True)
@click.option("--password-stdin", is_flag=True, help="read the password from standard input instead of printing a link")
@with_app
def create(email: str, name: str, password_stdin: bool) -> None:
    """Make an administrator; prints a link, good for seven days, on which the password is chosen."""
    from flask import current_app

    from daigou.accounts import staff
    from daigou.core.access import Actor
    from daigou.core.errors import Refusal

    # Whoever may run commands on this machine holds its keys anyway.
    operator = Actor("system:command", roles=frozenset({"system", "admin"}), name="command")
    try:
        path = staff.invite(operator, email, "admin", "en", current_app.extensions["config"].platform_country)
        if password_stdin:
            staff.accept(path.rsplit("/", 1)[1], name, sys.stdin.readline().rstrip("\n"))
    except Refusal as refusal:
        raise click.ClickException(words(refusal)) from refusal
    if password_stdin:
        click.echo(f"{email} may sign in now.")
    else:
        click.echo(f"{current_app.extensions['config'].base_url}{path}")


@admin.command("reset-factors")
@click.option("--email", required=True, help="whose second factors were lost")
@with_app
def reset_factors(email: str) -> None:
    """Take away the second factors of somebody who has lost them. Check who they are first."""
    from daigou.accounts import directory
    from daigou.accounts.factors import service
    from daigou.core.access import Actor

    account = directory.by_email(email)
    if account is None:
        raise click.ClickException("nobody has this address")
    service.reset(Actor("system:command", roles=frozenset({"system", "admin"}), name="command"), account.subject)
    click.echo("Their second factors are gone, and they are signed out everywhere.")


def words(refusal: Exception) -> str:
    """What a refusal says, on one line."""
    fields = getattr(refusal, "fields", {})
    return " ".join(str(message) for message in fields.values()) or str(getattr(refusal, "message", refusal))
