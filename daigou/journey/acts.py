"""The acts of the journey: who does what, through which pages. Each raises Astray at the first thing that does not hold."""

from __future__ import annotations

from dataclasses import dataclass, field

from .browser import Browser
from .people import Cast
from .story import Story


@dataclass
class Stage:
    """What the acts hand on to each other."""

    cast: Cast
    story: Story
    admin_invitation: str
    browsers: dict[str, Browser] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, who: str) -> Browser:
        return self.browsers[who]


def staff_come_in(stage: Stage) -> None:
    """The first admin by the command line's invitation, the others by the admin's."""
    with stage.story.step("the first admin takes the invitation"):
        stage.browsers["admin"] = stage.cast.invited("admin", "Ada Admin", stage.admin_invitation)
    for role, name in (("officer", "Olga Ortiz"), ("inspector", "Ken Ito"), ("support", "Sam Sutter")):
        with stage.story.step(f"the admin invites {role}, who sets a password and signs in"):
            stage["admin"].open("/officer/staff").send(
                r"/officer/staff", {"email": stage.cast.address(role), "role": role}
            )
            invitation = stage.cast.mailed_link(role, r"/account/invite/")
            stage.browsers[role] = stage.cast.invited(role, name, invitation)
