"""``daigou scan``: look for weaknesses now, or hand in what CI found."""

from __future__ import annotations

import sys
from typing import IO

import click

from .context import with_app


@click.group()
def scan() -> None:
    """Headers, TLS, known weaknesses, static analysis."""


@scan.command("run")
@click.argument("kinds", nargs=-1, type=click.Choice(["headers", "tls", "advisories"]))
@with_app
def run(kinds: tuple[str, ...]) -> None:
    """Make these scans now; all of them if none is named. Exit 1 when something was found or could not be looked at."""
    from compliance.oversight import scanning
    from daigou.core.access import system

    made = [scanning.run(system("oversight"), kind) for kind in kinds or scanning.HERE]
    for row in made:
        click.echo(f"{row.kind}: {row.outcome} ({row.looked_at})")
        for found in row.findings:
            click.echo(f"  {found['where']}: {found['what']} {found['remedy']}")
    sys.exit(int(any(row.outcome != "clean" for row in made)))


@scan.command("record")
@click.argument("report", type=click.File())
@with_app
def record(report: IO[str]) -> None:
    """Keep a SARIF report of a static analysis, such as CI's ``ruff check --select S --output-format sarif``."""
    from compliance.oversight import scanning
    from daigou.core.access import system

    row = scanning.record_report(system("oversight"), report.read())
    click.echo(f"{row.kind}: {row.outcome} ({row.looked_at}), {len(row.findings)} findings")
    sys.exit(int(row.outcome == "failed"))
