"""The last results of the scans, and making one now."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from blueprints.guard import actor, guarded
from compliance.oversight import scanning as service
from daigou.core.i18n import _, lazy

from . import bp

KINDS = {
    "headers": (lazy("Headers of our pages"), lazy("Each day: what browsers are told to enforce for us.")),
    "tls": (
        lazy("Encryption of the connection"),
        lazy("Each day: versions that are taken, and the certificate’s last day."),
    ),
    "advisories": (
        lazy("Known weaknesses of packages"),
        lazy("Each day: what is installed, against a file of advisories."),
    ),
    "static": (
        lazy("Static analysis of the code"),
        lazy("By CI, which hands its report in with “daigou scan record”."),
    ),
}
OUTCOMES = {
    "clean": (lazy("Nothing found"), "success"),
    "found": (lazy("Something found"), "error"),
    "failed": (lazy("Could not be made"), "warning"),
}


@bp.get("/scans")
@guarded("oversight.view")
def scans() -> str:
    found = service.latest(actor())
    return render_template(
        "officer/scans.html", console=True, kinds=KINDS, latest=found, outcomes=OUTCOMES, here=service.HERE
    )


@bp.post("/scans/<kind>/run")
@guarded("oversight.keep")
def run_scan(kind: str) -> ResponseReturnValue:
    if kind not in service.HERE:
        raise NotFound
    service.run(actor(), kind)
    flash(_("The scan was made. Its result stands below."), "info")
    return redirect(url_for(".scans"), 303)
