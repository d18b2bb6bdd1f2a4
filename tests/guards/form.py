"""One POST route with real values: what the adversaries of this folder send, bend and repeat."""

import secrets
from dataclasses import dataclass, field

KEPT = "Typed <b>& kept</b> \U0001f9f8"


@dataclass(frozen=True)
class Form:
    """One POST route with real values. ``of`` makes the address of it for a thing of the world; ``who`` sends it."""

    rule: str
    who: str
    of: dict[str, str] = field(default_factory=dict)
    data: dict[str, object] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    once: bool = False
    foreign: str = ""  # who has the role but not the thing
    again: bool = False  # whether sending it again is right too

    def address(self, world):
        found = self.rule
        for name, path in self.of.items():
            value = world
            for part in path.split("."):
                value = getattr(value, part)
            found = found.replace(f"<{name}>", str(value))
        return found

    def sent(self, world):
        plain = {k: getattr(world, v[1:]) if str(v).startswith("=") else v for k, v in self.data.items()}
        return plain | ({"once": secrets.token_urlsafe(18)} if self.once else {})
