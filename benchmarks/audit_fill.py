"""Fills a log with believable entries, fast: for benchmarks and for tests of size."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from compliance.audit import entry, merkle

START = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
KINDS = ("order:created", "order:paid", "item:verifying", "item:purchased", "item:received", "parcel:shipped")
_COPY = """COPY audit_entries (id, created_at, at, kind, stream, stream_no, prev_hash, actor, body, leaf_hash,
    subject, order_ref, merchant_ref, outcome) FROM STDIN (FORMAT BINARY)"""
_TYPES = "uuid timestamptz timestamptz varchar varchar int8 bytea varchar bytea bytea" + " varchar" * 4


def uuid7(at: datetime, number: int) -> UUID:
    """A UUIDv7 of that time whose random part is a counter: benchmarks must be repeatable."""
    milliseconds = int(at.timestamp() * 1000)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | 0b10 << 62 | number)


def rows(count: int, first: int = 0, per_stream: int = 10):
    """`count` rows of audit_entries, one a second from START, `per_stream` to each order."""
    heads: dict[int, bytes] = {}
    for number in range(first, first + count):
        order, at = number // per_stream, START + timedelta(seconds=number)
        facets = {
            "subject": f"sub_{order % 1000:024x}",
            "order_ref": f"ORD-{order:010d}",
            "merchant_ref": f"MER-{order % 50:010d}",
            "outcome": "done",
        }
        fields = {
            "nonce": number.to_bytes(16, "big"),
            "at": at,
            "kind": KINDS[number % len(KINDS)],
            "stream": f"order/{uuid7(START, order)}",
            "no": number % per_stream + 1,
            "prev": heads.pop(order, entry.GENESIS),
            "actor": facets["subject"],
            "facts": {"from": "payment_pending", "to": "paid", "total_minor": number, "currency": "JPY"},
        }
        body = entry.encode({**fields, **facets})
        heads[order] = leaf = merkle.leaf_hash(body)
        if fields["no"] == per_stream:
            del heads[order]
        yield (
            *(uuid7(at, number), at, at, fields["kind"], fields["stream"], fields["no"], fields["prev"]),
            *(fields["actor"], body, leaf, *facets.values()),
        )


def fill(connection, count: int, first: int = 0, per_stream: int = 10) -> None:
    """Copy `count` entries in and commit."""
    with connection.transaction(), connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.set_types(_TYPES.split())
        for row in rows(count, first, per_stream):
            copy.write_row(row)
