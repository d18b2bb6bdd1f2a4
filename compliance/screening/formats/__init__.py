"""Readers of the published lists. Each takes open binary files and gives ``Read`` entries, one after another."""

from .entry import Damaged, Read

__all__ = ["Damaged", "Read"]
