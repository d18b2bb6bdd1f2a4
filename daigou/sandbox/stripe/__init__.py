"""Stripe's v1 API as the official library speaks it."""
