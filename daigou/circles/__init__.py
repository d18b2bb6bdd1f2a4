"""Circles of interest: people who like the same things talk in public, and tell what is genuine (S95)."""
