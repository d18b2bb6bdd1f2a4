"""`daigou screening import`, `check` and `lists`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from .context import with_app

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def screening() -> None:
    """Sanctions lists: import them, ask them."""


@screening.command("import")
@click.option("--list", "code", required=True, help="ofac-sdn, un or eu.")
@click.option("--file", required=True, type=FILE, help="SDN.CSV, the UN's XML or the EU's CSV.")
@click.option("--alt", type=FILE, help="OFAC's ALT.CSV: the aliases.")
@click.option("--add", type=FILE, help="OFAC's ADD.CSV: the addresses.")
@click.option("--force", default="", metavar="REASON", help="Take a version that lost many entries, and say why.")
@with_app
def import_list(code: str, file: Path, alt: Path | None, add: Path | None, force: str) -> None:
    """Make these files the current version of a list. Ends with 1 when they are damaged or lost too much."""
    from compliance.screening import importing
    from daigou.core.access import system
    from daigou.core.errors import Invalid

    try:
        done = importing.load(system("screening"), code, importing.Source(file, alt, add), force)
    except Invalid as refusal:
        click.echo("\n".join(str(words) for words in refusal.fields.values()), err=True)
        sys.exit(1)
    if done.changed:
        click.echo(f"{code}: {done.entries} entries, {done.before} before; version {done.version[:12]}.")
    else:
        click.echo(f"{code}: these files are the current version already ({done.entries} entries).")


@screening.command()
@click.argument("name")
@click.option("--country", help="ISO 3166 code of two letters; it weighs.")
@click.option("--born", type=int, help="Year of birth; it weighs.")
@click.option("--json", "as_json", is_flag=True, help="For other programs.")
@with_app
def check(name: str, country: str | None, born: int | None, as_json: bool) -> None:
    """Ask the lists about a name."""
    from compliance.screening.lists import in_force
    from compliance.screening.scoring import Claim

    now = in_force()
    hits = now.index.search(Claim(name, country.upper() if country else None, born), now.threshold(""))
    if as_json:
        click.echo(json.dumps({"hits": [hit.to_json() for hit in hits]}, ensure_ascii=False))
        return
    for hit in hits:
        code, number = hit.entry.key
        click.echo(f"{hit.score:5.1f}  {code} {number}  {hit.name}  ({', '.join(hit.why)})")
    if not hits:
        click.echo(f"No hit among {len(now.index)} entries.")


@screening.command()
@with_app
def lists() -> None:
    """Which version of which list is current."""
    from sqlalchemy import select

    from compliance.screening.models import ListVersion
    from daigou.core.db import db

    for row in db.session.execute(select(ListVersion).filter_by(current=True).order_by(ListVersion.code)).scalars():
        click.echo(
            f"{row.code}  {row.version[:12]}  {row.entries} entries, imported {row.created_at:%Y-%m-%d %H:%M} UTC"
        )
