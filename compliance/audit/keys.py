"""The log's verifier keys in the order in which they signed, and the notes by which each handed over to the next.

They stand in the database, so that a process without the signing key can show them. Nobody trusts a key because it
stands there: an auditor starts from the key that came by another way, and follows the hand-overs.
"""

from dataclasses import dataclass

from compliance.audit import checkpoint, note
from compliance.audit.checkpoint import Handover, Keyring
from compliance.audit.log import Db, LogDamaged
from compliance.audit.note import Signer, Vkey
from daigou.core import clock

_KEYS = "SELECT vkey, from_size, handover FROM audit_keys ORDER BY from_size, at"
_ENROLL = """
    INSERT INTO audit_keys (key_id, vkey, from_size, handover, at) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (key_id) DO NOTHING"""


@dataclass(frozen=True, slots=True)
class LogKey:
    """A key that signs from `size` leaves on; the first one has no hand-over."""

    vkey: Vkey
    size: int
    handover: str | None


def history(connection: Db) -> list[LogKey]:
    """Oldest first; empty before the first checkpoint."""
    return [LogKey(note.parse_vkey(vkey), size, text) for vkey, size, text in connection.execute(_KEYS).fetchall()]


def check_signs(connection: Db, signers: list[Signer]) -> None:
    """Raises LogDamaged unless the newest key is among `signers`. The first key ever seen is written down.

    A worker may have read its key just before a hand-over; what it would sign, nobody would trust.
    """
    known = history(connection)
    if not known:
        connection.execute(_ENROLL, (signers[0].vkey.key_id.hex(), str(signers[0].vkey), 0, None, clock.now()))
    elif known[-1].vkey not in [signer.vkey for signer in signers]:
        newest = known[-1].vkey
        raise LogDamaged(f"the log is signed with {newest.key_id.hex()}; another key takes over by `audit rotate-key`")


def hand_over(connection: Db, origin: str, size: int, old: Signer, new: Signer) -> Handover:
    """`new` signs from `size` leaves on, by a note that both keys sign. Safe to run twice."""
    text = checkpoint.make_handover(origin, size, old, new)
    connection.execute(_ENROLL, (new.vkey.key_id.hex(), str(new.vkey), size, text, clock.now()))
    stored = next(known for known in history(connection) if known.vkey == new.vkey)
    return checkpoint.verify_handover(stored.handover or "", origin)


def ring(connection: Db, origin: str, trusted: Vkey) -> Keyring:
    """The key that is trusted here, and all that the stored hand-overs lead to from it."""
    notes = [known.handover for known in history(connection) if known.handover]
    return Keyring.trusting([trusted]).follow([checkpoint.verify_handover(text, origin) for text in notes])
