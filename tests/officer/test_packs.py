"""A legal pack: everything of one case in a file whose manifest the log's key signed, and two people for names."""

import csv
import io
import json
import zipfile
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import func, select

from compliance.audit import checkpoint, door, note
from compliance.audit.models import Entry, Proposal
from compliance.audit.verify import verify_bundle
from daigou.casework.models import LegalPack
from daigou.core import clock
from daigou.core.access import system
from daigou.core.db import db, transaction
from daigou.documents import service as documents
from tests import factories
from tests.documents import samples
from tests.officer.conftest import PASSWORD

REASON = "Ordered by the district court of Leipzig"
ONCE = "a-form-number-of-its-own"


@pytest.fixture
def shopper(house):
    return factories.account()


@pytest.fixture
def order(house, shopper):
    factories.rates()
    shop, owner = factories.merchant()
    placed = factories.paid_order(shopper, factories.listing(shop))
    item = factories.items_of(placed)[0]
    documents.store(
        factories.actor(owner), item.stream, shopper.subject, "transaction", "receipt", io.BytesIO(samples.pdf()),
        allowed=documents.PAPERS, limit=1_000_000,
    )  # fmt: skip
    return placed


def ask(desk, about, **more):
    given = {"about": about, "reason": REASON, "locale": "en", "once": ONCE, "proof": PASSWORD} | more
    return desk.post("/officer/packs", data=given)


def the_pack():
    db.session.expire_all()
    return db.session.execute(select(LegalPack)).scalar_one()


def fetched(desk):
    answer = desk.get(f"/officer/packs/{the_pack().ref}/pack.zip")
    assert answer.status_code == 200
    assert sha256(answer.data).hexdigest() == the_pack().sha256
    return zipfile.ZipFile(io.BytesIO(answer.data))


def checked(pack, vkey):
    """The manifest, after every file was compared with it and its signature with the key."""
    raw = pack.read("manifest.json")
    signed = note.parse(pack.read("manifest.note"))
    assert signed.text == checkpoint.manifest_text(sha256(raw).digest())
    assert signed.signers(note.parse_vkeys(vkey))
    manifest = json.loads(raw)
    assert set(pack.namelist()) == {*manifest["files"], "manifest.json", "manifest.note"}
    for name, said in manifest["files"].items():
        assert sha256(pack.read(name)).hexdigest() == said["sha256"]
    return manifest


def test_a_pack_without_people_is_made_at_once_and_proves_itself(desk, order, shopper, work, client_on, tmp_path):
    answer = ask(desk, order.ref)
    assert answer.status_code == 303
    assert "Waiting for its turn" in desk.get(answer.headers["Location"]).text
    work()
    assert "Ready to fetch" in desk.get(answer.headers["Location"]).text
    pack, vkey = fetched(desk), client_on.get("/log/vkey").text
    manifest = checked(pack, vkey)
    assert set(manifest["files"]) == {"COVER.pdf", "timeline.json", "money.csv", "trail.zip"}
    assert "order:created" in {row["kind"] for row in json.loads(pack.read("timeline.json"))}
    (tmp_path / "trail.zip").write_bytes(pack.read("trail.zip"))
    assert verify_bundle(tmp_path / "trail.zip", vkey).exit_code == 0
    everything = b"".join(pack.read(name) for name in manifest["files"] if not name.endswith((".pdf", ".zip")))
    assert b"Mara Vogel" not in everything
    assert next(csv.reader(io.StringIO(pack.read("money.csv").decode("utf-8-sig"))))[0] == "time"


def test_a_long_case_is_told_to_its_end(desk, order, work, client_on):
    """Longer than a page of entries, several times: nothing is cut, and nothing told twice."""
    item = factories.items_of(order)[0]
    with transaction():
        for number in range(1_300):
            door.record(system("test"), item, "noted", number=number)
    ask(desk, order.ref)
    work()
    pack = fetched(desk)
    told = json.loads(pack.read("timeline.json"))
    assert len(told) == len({(line["stream"], line["no"]) for line in told})
    assert [line["facts"]["number"] for line in told if line["kind"] == "item:noted"] == list(range(1_300))
    mine = select(func.count()).select_from(Entry).where(Entry.order_ref == order.ref)
    assert len(told) == db.session.execute(mine).scalar_one()


def test_with_people_a_second_officer_agrees_first(desk, browser_of, order, work, client_on, officer):
    ask(desk, order.ref, people="1")
    work()
    assert the_pack().is_("requested")
    proposal = db.session.execute(select(Proposal)).scalar_one()
    assert desk.post(f"/officer/proposals/{proposal.ref}/approve").status_code == 403
    browser_of(factories.account("officer")).post(f"/officer/proposals/{proposal.ref}/approve")
    work()
    pack = fetched(desk)
    manifest = checked(pack, client_on.get("/log/vkey").text)
    papers = [name for name in manifest["files"] if name.startswith("documents/receipt-")]
    assert pack.read(papers[0]).startswith(b"%PDF")
    assert {"tracking.json", "messages.json"} <= set(manifest["files"])
    wanted = ("document:exported", "legal_pack:approved")
    assert sorted(db.session.scalars(select(Entry.kind).where(Entry.kind.in_(wanted)))) == sorted(wanted)


def test_each_step_and_each_fetching_stands_in_the_log_and_the_reason_does_not(desk, order, work):
    ask(desk, order.ref)
    work()
    fetched(desk)
    rows = db.session.scalars(select(Entry).where(Entry.stream == the_pack().stream).order_by(Entry.stream_no)).all()
    assert [e.kind for e in rows] == [f"legal_pack:{k}" for k in ("created", "build", "finish", "fetched")]
    assert not any(REASON.encode() in e.body or e.order_ref for e in rows)


def test_without_saying_who_it_is_nothing_is_made(desk, order):
    with clock.use(clock.FixedClock(clock.now() + timedelta(minutes=11))):
        answer = ask(desk, order.ref, proof="not the password")
    assert answer.status_code == 422
    assert db.session.query(LegalPack).count() == 0


@pytest.mark.parametrize(
    ("about", "reason"), [("ORD-0000000000", REASON), ("nonsense", REASON), ("", REASON), (None, "x")]
)
def test_nonsense_is_refused_and_kept_in_the_form(desk, order, about, reason):
    answer = ask(desk, order.ref if about is None else about, reason=reason)
    assert answer.status_code == 422
    assert reason in answer.text
    assert db.session.query(LegalPack).count() == 0


def test_what_lies_in_storage_is_sealed(desk, order, shopper, work):
    ask(desk, order.ref)
    work()
    stored = b"".join(documents.storage().open(the_pack().storage_key))
    assert b"PK\x03\x04" not in stored[:200]
    assert stored[:4] == b"DGF1"


@pytest.mark.parametrize("role", ["shopper", "merchant", "inspector", "support", "admin"])
def test_it_is_for_officers_only(browser_of, order, role):
    browser = browser_of(factories.account(role))
    assert browser.get("/officer/packs").status_code == 403
    assert ask(browser, order.ref).status_code == 403
