"""What a check found, for people and for programs. Pure."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

WHOLE: Final = 0
WRONG: Final = 1
UNREADABLE: Final = 2
SELF_CONSISTENT: Final = 3

_EXAMPLES: Final = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: `code` for programs, `message` for people, the leaf `index` if it has one."""

    code: str
    message: str
    index: int | None = None


@dataclass
class Report:
    """Findings, with at most 20 examples of each code, and what was looked at."""

    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    authenticated: bool = False
    readable: bool = True

    def add(self, code: str, message: str, index: int | None = None) -> None:
        """Something is wrong."""
        self.counts[code] += 1
        if self.counts[code] <= _EXAMPLES:
            self.findings.append(Finding(code, message, index))

    @property
    def codes(self) -> set[str]:
        return set(self.counts)

    @property
    def exit_code(self) -> int:
        """0 whole and authenticated, 1 something is wrong, 2 unreadable, 3 self-consistent only."""
        if not self.readable:
            return UNREADABLE
        if self.findings:
            return WRONG
        return WHOLE if self.authenticated else SELF_CONSISTENT

    @property
    def verdict(self) -> str:
        return {
            WHOLE: "whole and authenticated",
            WRONG: "something is wrong",
            UNREADABLE: "unreadable",
            SELF_CONSISTENT: "self-consistent only: without the log's key nobody knows who made it",
        }[self.exit_code]

    def lines(self) -> list[str]:
        """For a terminal. Control characters of a hostile file are made visible."""
        shown = [f"{name}: {value}" for name, value in self.facts.items()]
        shown += [f"WRONG {f.code}: {f.message}" for f in self.findings]
        more = {code: count - _EXAMPLES for code, count in self.counts.items() if count > _EXAMPLES}
        shown += [f"WRONG {code}: and {count} more" for code, count in more.items()]
        shown += [f"note: {text}" for text in self.notes]
        return [_printable(line) for line in (*shown, f"verdict: {self.verdict}")]

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        found = [{"code": f.code, "message": f.message, "index": f.index} for f in self.findings]
        return {
            "verdict": self.verdict,
            "exit_code": self.exit_code,
            "authenticated": self.authenticated,
            "findings": found,
            "counts": dict(self.counts),
            "notes": self.notes,
            **self.facts,
        }


def _printable(line: str) -> str:
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in line)
