"""Bundles for one reader only: age (https://age-encryption.org/v1) to the public key of whoever asked. Streams."""

from typing import IO, Final

HEADERS: Final = (b"age-encryption.org/", b"-----BEGIN AGE ENCRYPTED")
"""What an encrypted file begins with, as bytes or armoured."""


class WrongKey(ValueError):
    """No age key, or not the one that this was encrypted to, or the file was changed."""


def check_recipient(text: str) -> str:
    """The public key `age1…` in a form that age takes; raises WrongKey."""
    _recipient(text)
    return text.strip()


def seal(plain: IO[bytes], out: IO[bytes], recipient: str) -> None:
    """Encrypt what `plain` holds to that public key. Raises WrongKey for what is none."""
    import pyrage

    pyrage.encrypt_io(plain, out, [_recipient(recipient)])


def unseal(sealed: IO[bytes], out: IO[bytes], identity: str) -> None:
    """Decrypt with the secret key in the text of a key file (`AGE-SECRET-KEY-1…`); raises WrongKey."""
    import pyrage

    lines = [line.strip() for line in identity.splitlines() if line.strip() and not line.startswith("#")]
    try:
        keys = [pyrage.x25519.Identity.from_str(line) for line in lines]
        pyrage.decrypt_io(sealed, out, keys)
    except (pyrage.IdentityError, pyrage.DecryptError) as error:
        raise WrongKey(f"not with this key ({error})") from None


def _recipient(text: str) -> object:
    import pyrage

    try:
        return pyrage.x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError:
        raise WrongKey("not an age public key: it looks like age1… and has 62 characters") from None
