"""What a scan answers."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class Weakness:
    """One thing found: where, what it is, and what to do. In English, as the tools say it."""

    where: str
    what: str
    remedy: str = ""

    def as_row(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Result:
    """``looked_at`` says what was examined, so that an empty list is no empty promise."""

    looked_at: str
    weaknesses: list[Weakness] = field(default_factory=list)


class NotScanned(RuntimeError):
    """The scan could not be made; its words say what is missing."""
