"""The quick way of reading a line says what the slow one says, or nothing."""

from datetime import UTC, datetime

from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchmarks import audit_fill
from compliance.audit import bundle, entry, merkle, quick

WORDS = st.one_of(
    st.sampled_from(
        ["done", "denied", "", "=1+1", "-x", "%s", "%(a)s", 'say "x"', "a\\b", "<actor>", "é", "\u0000", "{}", ","]
    ),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12),
)
VALUES = st.one_of(
    WORDS, st.booleans(), st.integers(-entry.MAX_INT, entry.MAX_INT), st.lists(st.integers(0, 9), max_size=2)
)
FACTS = st.dictionaries(st.sampled_from(["subject", "order_ref", "outcome", "to", "a", "zz_1"]), VALUES)
KINDS = ["order:paid", "signin:failed", "session:opened", "document:viewed", "a.b:c:d"]
TIMES = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))


def same(index, raw):
    body = entry.decode(raw)
    line = bundle.entry_line(index, raw, body)[:-1]
    plain = quick.read(line)
    if plain is not None:
        assert (plain.index, plain.raw, plain.leaf) == (index, raw, merkle.leaf_hash(raw))
        assert (plain.stream, plain.no, plain.prev.hex()) == (body["stream"], body["no"], body["prev"])
        assert plain.csv.encode() == bundle.csv_line(index, raw, body)
        assert plain.ocsf.encode() == bundle.ocsf_line(index, raw, body)
    return plain


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 2**40), TIMES, st.sampled_from(KINDS), WORDS.filter(bool), FACTS, st.integers(1, 2**53 - 1))
@example(0, datetime(2026, 1, 1, tzinfo=UTC), "order:paid", "sub_1", {"outcome": True}, 1)
def test_it_says_what_the_slow_way_says(index, at, kind, actor, facts, number):
    fields = {
        "at": at,
        "kind": kind,
        "stream": "order/7",
        "no": number,
        "prev": b"\7" * 32,
        "actor": actor,
        "facts": facts,
    }
    try:
        raw = entry.encode(fields)
    except entry.EntryError:
        return
    same(index, raw)


def test_ordinary_entries_are_plain():
    assert all(same(number, row[8]) is not None for number, row in enumerate(audit_fill.rows(50)))


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_what_it_reads_out_of_a_changed_line_is_what_the_line_says(data):
    """One byte another: either the slow way must decide, or the line is again one that the slow way would write."""
    raw = next(iter(audit_fill.rows(1)))[8]
    line = bytearray(bundle.entry_line(5, raw, entry.decode(raw))[:-1])
    line[data.draw(st.integers(0, len(line) - 1))] = data.draw(st.integers(0, 255))
    plain = quick.read(bytes(line))
    if plain is not None:
        assert bundle.entry_line(plain.index, plain.raw, entry.decode(plain.raw)) == bytes(line) + b"\n"


def test_names_out_of_order_or_twice_are_not_plain():
    raw = next(iter(audit_fill.rows(1)))[8]
    for old, new in ((b'"from":', b'"zzzz":'), (b'"currency":"JPY"', b'"from":"x","from":"x"')):
        changed = raw.replace(old, new)
        assert changed != raw
        import base64
        import json

        body = json.loads(raw)
        text = (
            bundle.entry_line(0, raw, body)
            .decode()
            .replace(base64.b64encode(raw).decode(), base64.b64encode(changed).decode())
        )
        assert quick.read(text.replace(old.decode(), new.decode()).strip().encode()) is None
