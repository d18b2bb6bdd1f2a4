"""Every route has a permission, and who may pass which gate is one readable table: tests/guards/routes.txt.

After a change of routes: DAIGOU_WRITE_ROUTES=1 pytest tests/guards, and read the difference like code.
"""

import os
import re
from pathlib import Path

from blueprints.guard import permission_of
from daigou.core.access import ANONYMOUS, PERMISSIONS, ROLES, Actor, can

TABLE = Path(__file__).parent / "routes.txt"
ACTORS = {"nobody": ANONYMOUS} | {role: Actor(role, roles=frozenset({role})) for role in ROLES}


def rules(app):
    return sorted(app.url_map.iter_rules(), key=lambda r: (r.rule, sorted(r.methods)))


def matrix(app):
    for rule in rules(app):
        permission = permission_of(app, rule.endpoint)
        passes = [name for name, actor in ACTORS.items() if permission and can(actor, permission)]
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield f"{method:4} {rule.rule}  {permission}  {' '.join(passes)}"


def test_every_route_has_a_permission_of_the_table(app):
    unlisted = [r.rule for r in rules(app) if permission_of(app, r.endpoint) not in PERMISSIONS]
    assert unlisted == []


def test_who_passes_which_gate_is_what_the_table_says(app):
    found = list(matrix(app))
    if os.environ.get("DAIGOU_WRITE_ROUTES"):
        TABLE.write_text("\n".join(found) + "\n")
    assert TABLE.read_text().splitlines() == found


def test_nobody_changes_anything_without_signing_in(app, client):
    """Every POST that is not public sends people who are not signed in to the sign-in page, whatever they send."""
    for rule in rules(app):
        if "POST" not in rule.methods or can(ANONYMOUS, permission_of(app, rule.endpoint)):
            continue
        address = re.sub(r"<uuid:\w+>", "00000000-0000-0000-0000-000000000000", rule.rule)
        address = re.sub(r"<[^>]+>", "1", address)
        answer = client.post(address)
        assert (address, answer.status_code) == (address, 303)
        assert "/sign-in" in answer.headers["Location"]
