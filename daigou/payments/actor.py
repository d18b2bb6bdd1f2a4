"""Who signs what these rooms do by themselves."""

from daigou.core.access import system

SYSTEM = system("payments")
