"""What `make run` runs: take the folder, mend what a killed start left, start everything, say where it is."""

import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping

from daigou.embedded.home import CannotStart, Home, read_json, write_private
from daigou.embedded.parts import GENTLY, parts_of
from daigou.embedded.plan import MAILBOX, Plan, check_settings, make_plan, port_of, refuse_taken
from daigou.embedded.status import Status
from daigou.embedded.supervisor import Part, Supervisor
from daigou.embedded.sweep import Trace


def main(environ: Mapping[str, str] = os.environ, make_parts: Callable[[Plan], list[Part]] = parts_of) -> int:
    """The exit code: 0 when it was asked to stop, 1 when it can't run."""
    home = Home.at(environ)
    try:
        home.prepare()
        with home.locked():
            return run(home, environ, make_parts)
    except CannotStart as refused:
        print(f"daigou can't start. {refused}", file=sys.stderr)
    except PermissionError as refused:
        print(f"daigou can't start. No permission: {refused.filename}", file=sys.stderr)
    return 1


def run(home: Home, environ: Mapping[str, str], make_parts: Callable[[Plan], list[Part]]) -> int:
    trace = Trace(home.digest, home.folder / "children.json")
    if count := trace.sweep(GENTLY):
        print(f"Ended {count} process(es) that an earlier start had left.", flush=True)
    refuse_taken(port_of(environ))
    plan = make_plan(home, environ)
    check_settings({**environ, **plan.environ})
    write_private(home.env_file, json.dumps(plan.environ, indent=1))
    parts = make_parts(plan)
    status = Status([part.name for part in parts])
    status.say(f"Starting daigou in {home.folder}")
    try:
        return Supervisor(parts, trace, status).run(lambda took: welcome(plan, status, took))
    finally:
        shutil.rmtree(home.sockets, ignore_errors=True)


def welcome(plan: Plan, status: Status, took: float) -> None:
    lines = [f"\nReady in {took:.1f} s", f"  Shop      {plan.environ['BASE_URL']}/"]
    if plan.sandbox_port:
        lines.append(f"  Mailbox   {plan.environ['BASE_URL']}{MAILBOX}")
        lines.append(f"  Sandbox   {plan.sandbox_address}/   (providers are imitated: no real money moves)")
    if plan.home.logins_file.exists():
        lines += ["  Demo logins", *(f"    {line}" for line in logins(read_json(plan.home.logins_file)))]
    lines.append(f"  Logs in {plan.home.logs}. Ctrl-C stops everything.\n")
    status.say("\n".join(lines))


def logins(kept: list[dict[str, str]]) -> list[str]:
    rows = [tuple(str(one.get(key, "")) for key in ("role", "email", "password", "totp")) for one in kept]
    widths = [max(len(row[column]) for row in rows) for column in range(4)] if rows else []
    padded = ([f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)] for row in rows)
    return ["  ".join(cells).rstrip() for cells in padded]
