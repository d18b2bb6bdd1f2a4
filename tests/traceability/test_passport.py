import hashlib
import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import text

from daigou.core.db import db, transaction
from daigou.core.errors import NotFound
from traceability.passport import rules, service

DIGEST = hashlib.sha256(b"receipt").hexdigest()


def opened(**more):
    with transaction():
        return service.open_passport(more.get("item_id", uuid4()), "Moon Courier Rin", "Hoshino", "JP")


def stamped(passport, step="receiving", disposition="in_progress", **more):
    with transaction():
        return service.record(
            passport.item_id, step, disposition, "Osaka, JP", "Warehouse OSA1", more.pop("evidence", {}), **more
        )


def test_an_item_has_one_passport_however_often_it_is_opened(app):
    item = uuid4()
    assert opened(item_id=item).ref == opened(item_id=item).ref


def test_a_stamp_is_an_epcis_object_event(app):
    passport = opened()
    event = stamped(passport, "accepting", "active", evidence={"receipt": DIGEST, "weight_g": 612})
    document = event.document
    assert document["type"] == "ObjectEvent"
    assert document["epcList"] == [passport.uri]
    assert document["eventID"] == f"urn:uuid:{event.id}"
    assert document["bizTransactionList"] == [{"type": "po", "bizTransaction": rules.digest_uri(DIGEST)}]


def test_packing_is_an_aggregation_whose_container_is_nobody_elses(app):
    parcel = uuid4()
    one, two = (stamped(opened(), "packing", "in_progress", parent_id=parcel).document for _ in "ab")
    assert one["type"] == "AggregationEvent"
    assert one["action"] == "ADD"
    assert one["parentID"] != two["parentID"]


@pytest.mark.parametrize(
    ("step", "disposition", "evidence"),
    [
        ("customs", "in_progress", {}),
        ("receiving", "fine", {}),
        (
            "receiving",
            "active",
            {"name": "Mara Vogel, Karl-Liebknecht-Straße 1, 04107 Leipzig, telephone and so on, far too long"},
        ),
        ("receiving", "active", {"address": {"street": "x"}}),
    ],
)
def test_words_outside_the_vocabulary_and_evidence_that_could_be_personal_are_refused(app, step, disposition, evidence):
    with pytest.raises(rules.NotAllowed):
        stamped(opened(), step, disposition, evidence=evidence)


def test_a_stamp_without_a_passport_is_refused(app):
    with pytest.raises(NotFound), transaction():
        service.record(uuid4(), "receiving", "in_progress", "Osaka, JP", "Warehouse", {})


def test_the_digest_of_each_stamp_is_in_the_log(app):
    passport = opened()
    event = stamped(passport)
    body = db.session.execute(
        text("SELECT body FROM audit_entries WHERE stream = :s"), {"s": f"passport/{passport.id}"}
    ).scalar_one()
    assert rules.digest(event.document).encode() in bytes(body)


def test_the_digest_survives_the_database(app):
    event = stamped(opened(), evidence={"photos": [DIGEST], "weight_g": 5})
    digest = rules.digest(event.document)
    db.session.expire_all()
    assert rules.digest(db.session.get(type(event), event.id).document) == digest


def test_everybody_may_read_the_page_and_its_document(app, client):
    passport = opened()
    stamped(passport, "accepting", "active", at=datetime(2026, 11, 2, 9, tzinfo=UTC), evidence={"receipt": DIGEST})
    stamped(passport, "inspecting", "conformant", at=datetime(2026, 11, 5, 9, tzinfo=UTC))
    page = client.get(f"/passport/{passport.ref}")
    assert page.status_code == 200
    assert DIGEST in page.text
    assert page.text.index("Bought from the seller") < page.text.index("as described")
    answer = client.get(f"/passport/{passport.ref}.json")
    assert answer.mimetype == "application/ld+json"
    document = json.loads(answer.text)
    assert [e["bizStep"] for e in document["epcisBody"]["eventList"]] == ["accepting", "inspecting"]


def test_an_unknown_passport_is_not_found(client):
    assert client.get("/passport/PAS-0000000000").status_code == 404
    assert client.get("/passport/PAS-0000000000.json").status_code == 404
