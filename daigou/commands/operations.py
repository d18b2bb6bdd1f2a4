"""`daigou run`, `daigou migrate` and `daigou doctor`."""

from __future__ import annotations

import sys

import click

from .context import with_app


@click.command()
def run() -> None:
    """Start everything on this machine (what `make run` does after its set-up)."""
    from daigou.embedded.__main__ import main

    sys.exit(main())


@click.command()
def migrate() -> None:
    """Bring the database to this version. Needs DATABASE_OWNER_URL."""
    import os

    from daigou.core.config import Config, ConfigError
    from daigou.embedded.home import environment
    from daigou.migrate import upgrade

    try:
        upgrade(Config.from_env({**environment(), **os.environ}))
    except ConfigError as error:
        raise click.ClickException(str(error)) from error
    click.echo("The database is at this version.")


@click.command()
@click.option("--smoke", is_flag=True, help="only the read-only check of a live deployment, over HTTP")
@click.option("--base-url", help="which deployment; BASE_URL if left out")
def doctor(smoke: bool, base_url: str | None) -> None:
    """Say what is wrong with a deployment and how to mend it."""
    if smoke and base_url:
        _report_smoke(base_url)
    else:
        _examine(smoke, base_url)


@with_app
def _examine(smoke: bool, base_url: str | None) -> None:
    from flask import current_app

    from daigou.doctor import checks

    if smoke:
        _report_smoke(base_url or current_app.extensions["config"].base_url)
    else:
        _report(checks.run(checks.CHECKS))


def _report_smoke(base_url: str) -> None:
    from daigou.doctor.smoke import smoke

    _report(list(smoke(base_url)))


def _report(findings: list) -> None:  # type: ignore[type-arg]
    for finding in findings:
        click.echo(finding.line())
    bad = sum(finding.level == "wrong" for finding in findings)
    click.echo(f"\n{bad} to mend" if bad else "\nAll well.")
    sys.exit(1 if bad else 0)
