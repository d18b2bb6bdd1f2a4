"""Keeping a deployment: its keys, its backups, its restores. Stands above the rooms, below the commands."""
