"""Commands that need the application get it by a decorator; what is wrong with the settings is said in words."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

C = TypeVar("C", bound=Callable[..., Any])


def with_app(command: C) -> C:
    """Run inside the application's context; where there is one already (a test, a shell), in that."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        from flask import has_app_context

        if has_app_context():
            return command(*args, **kwargs)
        from daigou.app import create_app
        from daigou.core.config import ConfigError

        try:
            app = create_app()
        except ConfigError as error:
            click.echo("The settings are not complete:", err=True)
            for problem in error.problems:
                click.echo(f"  {problem}", err=True)
            click.echo(
                "Beside `make run` on this machine nothing needs to be set; see README.md, Configuration.", err=True
            )
            sys.exit(2)
        with app.app_context():
            return command(*args, **kwargs)

    return run  # type: ignore[return-value]
