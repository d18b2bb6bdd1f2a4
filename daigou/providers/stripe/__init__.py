"""Stripe. The one package that imports its library."""
