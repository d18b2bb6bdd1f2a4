"""Cells of files that people open as spreadsheets (ASVS 5.0, 1.2.10: formula injection)."""

from __future__ import annotations

from typing import Final

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would run."""


def harmless(text: str) -> str:
    """A cell that would be taken for a formula is kept from being one."""
    return f"'{text}" if text.startswith(FORMULA) else text
