"""Payments against the habits of whoever pays: asked before the provider's page opens, and after each refused try."""
