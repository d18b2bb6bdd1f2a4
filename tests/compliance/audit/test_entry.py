import base64
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.audit import entry

FIELDS = {
    "nonce": bytes(range(16)),
    "at": datetime(2026, 11, 21, 8, 0, 0, 5, tzinfo=UTC),
    "kind": "order:paid",
    "stream": "order/0199a0c0-0000-7000-8000-000000000001",
    "no": 1,
    "prev": entry.GENESIS,
    "actor": "sub_abc",
    "facts": {"to": "paid", "minor": 1250, "ok": True, "tags": ["a", 1]},
}


def test_the_encoding_is_canonical_and_stable():
    assert entry.encode(FIELDS) == (
        b'{"actor":"sub_abc","at":"2026-11-21T08:00:00.000005Z","facts":{"minor":1250,"ok":true,"tags":["a",1],'
        b'"to":"paid"},"kind":"order:paid","no":1,"nonce":"AAECAwQFBgcICQoLDA0ODw==","prev":"' + b"0" * 64 + b'",'
        b'"stream":"order/0199a0c0-0000-7000-8000-000000000001","v":1}'
    )


def test_the_nonce_is_random_when_left_out():
    fields = {k: v for k, v in FIELDS.items() if k != "nonce"}
    assert entry.encode(fields) != entry.encode(fields)


def test_facets_stand_among_the_facts():
    body = entry.decode(entry.encode({**FIELDS, "order_ref": "ORD-1", "subject": None, "outcome": "done"}))
    assert body["facts"]["order_ref"] == "ORD-1"
    assert body["facts"]["outcome"] == "done"
    assert "subject" not in body["facts"]


def test_a_facet_can_not_contradict_a_fact():
    with pytest.raises(entry.EntryError, match="order_ref"):
        entry.encode({**FIELDS, "facts": {"order_ref": "ORD-2"}, "order_ref": "ORD-1"})


def test_times_are_written_in_utc_and_read_back():
    at = datetime(2026, 1, 1, 1, 0, tzinfo=timezone(timedelta(hours=9)))
    assert entry.stamp(at) == "2025-12-31T16:00:00.000000Z"
    assert entry.moment(entry.stamp(at)) == at


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("at", datetime(2026, 1, 1)),
        ("kind", "paid"),
        ("kind", "order:päid"),
        ("stream", "order"),
        ("no", 0),
        ("no", True),
        ("prev", bytes(31)),
        ("nonce", bytes(15)),
        ("actor", ""),
        ("facts", {"x": 1.5}),
        ("facts", {"x": None}),
        ("facts", {"x": {"y": 1}}),
        ("facts", {"X": 1}),
        ("facts", {"x": 2**53}),
        ("facts", {"x": "\ud800"}),
        ("facts", {"x": "y" * 70_000}),
        ("facts", {"x": [[[[1]]]]}),
        ("mood", "good"),
    ],
)
def test_what_an_entry_can_not_carry_is_refused(name, value):
    with pytest.raises(entry.EntryError):
        entry.encode({**FIELDS, name: value})


def test_a_missing_field_is_named():
    with pytest.raises(entry.EntryError, match="stream"):
        entry.encode({k: v for k, v in FIELDS.items() if k != "stream"})


@pytest.mark.parametrize(
    "change",
    [
        lambda b: b + b" ",
        lambda b: b.replace(b'"v":1', b'"v":2'),
        lambda b: b.replace(b'"v":1', b'"v":1,"w":1'),
        lambda b: b.replace(b'"ok":true', b'"ok":true,"ok":true'),
        lambda b: b.replace(b'"ok":true', b'"ok":NaN'),
        lambda b: b.replace(b"2026-11-21", b"2026-13-21"),
        lambda b: b.replace(b"paid", b"p\\u0061id"),
        lambda b: b[:-1],
        lambda b: b"[" * 60_000,
        lambda b: b"\xff",
        lambda b: b"[]",
        lambda b: b"x" * 70_000,
        lambda b: b.replace(b"sub_abc", "e\u0301".encode()),
    ],
)
def test_bytes_that_are_not_the_canonical_form_are_refused(change):
    with pytest.raises(entry.EntryError):
        entry.decode(change(entry.encode(FIELDS)))


facts = st.dictionaries(
    st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True),
    st.one_of(
        st.text(st.characters(exclude_categories=["Cs"])),
        st.integers(-entry.MAX_INT, entry.MAX_INT),
        st.booleans(),
        st.lists(st.booleans()),
    ),
    max_size=5,
)


@given(facts)
def test_what_is_encoded_is_decoded(given_facts):
    body = entry.decode(entry.encode({**FIELDS, "facts": given_facts}))
    assert set(body["facts"]) == set(given_facts)
    assert base64.b64decode(body["nonce"]) == FIELDS["nonce"]
    again = entry.encode({**FIELDS, "facts": body["facts"]})
    assert entry.decode(again) == body
