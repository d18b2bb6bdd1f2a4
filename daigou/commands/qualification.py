"""`daigou qualification queue`."""

from __future__ import annotations

import json

import click

from .context import with_app


@click.group()
def qualification() -> None:
    """Applications of merchants."""


@qualification.command()
@click.option("--state", default="submitted", type=click.Choice(["submitted", "in_review", "more_information"]))
@click.option("--json", "as_json", is_flag=True, help="For other programs.")
@with_app
def queue(state: str, as_json: bool) -> None:
    """The first applications of the queue, as officers see it: late ones, then by risk, then by age. No names."""
    from compliance.qualification import reviewing
    from daigou.core.access import Actor

    page = reviewing.queue(Actor("system:cli", roles=frozenset({"officer"})), state, None)
    rows = [
        {
            "ref": row.ref, "purpose": row.purpose, "kind": row.kind, "country": row.country, "state": row.state,
            "rank": row.rank, "risk": row.risk, "why": [reason["code"] for reason in row.risk_reasons],
            "submitted_at": row.submitted_at.isoformat(),
            "due_at": row.due_at.isoformat() if row.due_at else None,
        }
        for row in page
    ]  # fmt: skip
    if as_json:
        click.echo(json.dumps({"queue": rows, "more": page.next is not None}))
        return
    for row in rows:
        click.echo(f"{row['ref']}  risk {row['risk']:3}  {row['kind']}, {row['country']}  {', '.join(row['why'])}")
    if not rows:
        click.echo("Nothing waits.")
