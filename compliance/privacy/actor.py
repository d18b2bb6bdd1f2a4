"""Who signs what this room does by itself."""

from daigou.core.access import system

SYSTEM = system("privacy")
