"""Identifiers in the providers' own shapes, so that code which looks at a prefix works unchanged."""

import secrets
import string

_ALPHABET = string.ascii_letters + string.digits


def stripe_id(prefix: str) -> str:
    """`pi` gives `pi_` and 24 characters; ids of checkout sessions (`cs_test`) are longer."""
    length = 58 if prefix.startswith("cs_") else 24
    return f"{prefix}_{''.join(secrets.choice(_ALPHABET) for _ in range(length))}"


def account_id() -> str:
    """Connected accounts have sixteen characters after `acct_`."""
    return f"acct_{''.join(secrets.choice(_ALPHABET) for _ in range(16))}"


def easypost_id(prefix: str) -> str:
    """EasyPost writes a prefix and 32 hexadecimal digits."""
    return f"{prefix}_{secrets.token_hex(16)}"
