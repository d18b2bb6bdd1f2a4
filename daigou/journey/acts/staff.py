"""Our own people come in."""

from __future__ import annotations

from ..stage import Stage, refused

NAMES = {"officer": "Olga Ortiz", "inspector": "Ken Ito", "support": "Sam Sutter"}


def come_in(stage: Stage) -> None:
    """The first admin by the command line's invitation, the others by the admin's."""
    with stage.story.step("the first admin takes the invitation of the command line"):
        stage.browsers["admin"] = stage.cast.invited("admin", "Ada Admin", stage.admin_invitation)
    for role, name in NAMES.items():
        with stage.story.step(f"the admin invites {role}, who sets a password and signs in"):
            form = {"email": stage.cast.address(role), "role": role}
            stage["admin"].open("/officer/staff").send(r"/officer/staff$", form)
            invitation = stage.cast.mailed_link(role, r"/account/invite/")
            stage.browsers[role] = stage.cast.invited(role, name, invitation)
    with stage.story.step("nobody of them may do another's work"):
        refused(stage["inspector"], "/officer/audit", 403)
        refused(stage["support"], "/warehouse/arrivals", 403)
        refused(stage["officer"], "/officer/staff", 403)
