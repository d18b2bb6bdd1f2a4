"""What a proof searched, found, and left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Finding:
    """``what`` says which word by its number, and in which shape."""

    place: str
    what: str


@dataclass
class Report:
    """``searched`` says how much, place by place; ``kept`` what the law still keeps sealed; ``left_out`` what nobody
    looked into, with the reason."""

    searched: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        return 1 if self.findings else 0

    def lines(self) -> Iterator[str]:
        for place, amount in self.searched.items():
            yield f"searched  {place}: {amount}"
        for place, why in self.left_out.items():
            yield f"left out  {place}: {why}"
        yield from (f"kept      {line}" for line in self.kept)
        yield from (f"FOUND     {finding.place}: {finding.what}" for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Known:
    """Whom the proof is about: the words to look for, and the erased subject where it is known; ``kept`` is what the
    law still keeps of it, by purpose."""

    words: tuple[str, ...]
    subject: str | None
    kept: dict[str, tuple[date, str]] = field(default_factory=dict)
