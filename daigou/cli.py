"""The ``daigou`` command. Each room's commands stand in a file of their own under daigou/commands."""

from __future__ import annotations

import click

from daigou.commands import COMMANDS


@click.group()
def main() -> None:
    """A cross-border proxy-buying platform that a company hosts itself."""


for command in COMMANDS:
    main.add_command(command)

if __name__ == "__main__":
    main()
