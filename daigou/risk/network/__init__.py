"""Accounts that share something: a card, a bank account, an address, a phone, a browser. Keyed hashes, no values."""
