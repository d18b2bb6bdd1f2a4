"""What a check answers: fine, worth knowing, or wrong, and then how to mend it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """``level`` is ok, note or wrong; ``mend`` says what to do."""

    level: str
    name: str
    text: str
    mend: str = ""

    def line(self) -> str:
        sign = {"ok": "✓", "note": "·", "wrong": "✗"}[self.level]
        mend = f"\n    {self.mend}" if self.mend else ""
        return f"{sign} {self.name}: {self.text}{mend}"


def ok(name: str, text: str) -> Finding:
    return Finding("ok", name, text)


def note(name: str, text: str, mend: str = "") -> Finding:
    return Finding("note", name, text, mend)


def wrong(name: str, text: str, mend: str) -> Finding:
    return Finding("wrong", name, text, mend)
