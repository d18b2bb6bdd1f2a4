import io
import re
import zipfile
from datetime import timedelta
from hashlib import sha256

import pyrage
import pytest
from sqlalchemy import select

from compliance.audit import building, door, exports, service, wishes
from compliance.audit.bundle import Filter
from compliance.audit.models import Entry, Export, Proposal
from compliance.audit.verify import verify_bundle
from daigou.core import clock
from daigou.core.crypto import vault
from daigou.core.db import db, transaction
from daigou.core.errors import Refusal
from daigou.core.outbox import OutboxRow
from daigou.documents import service as documents
from tests import factories
from tests.documents import samples
from tests.officer.conftest import PASSWORD

ASKED = {"order_ref": "ORD-7K3M9Q2XW4", "reason": "The yearly audit by the tax office", "locale": "en"}
ONCE = "a-form-number-of-its-own"


def ask(desk, **more):
    return desk.post("/officer/exports", data={**ASKED, "password": PASSWORD, "once": ONCE, **more})


def the_export():
    db.session.expire_all()
    return db.session.execute(select(Export)).scalar_one()


def kinds():
    db.session.rollback()
    return list(db.session.execute(select(Entry.kind).order_by(Entry.at, Entry.id)).scalars())


def fetched(desk, path):
    row = the_export()
    answer = desk.get(f"/officer/exports/{row.ref}/bundle.zip")
    assert answer.status_code == 200
    path.write_bytes(answer.data)
    return answer


def test_an_export_of_real_entries_verifies_against_the_public_key(desk, happen, work, tmp_path, client_on):
    happen(4)
    answer = ask(desk)
    assert answer.status_code == 303
    page = desk.get(answer.headers["Location"])
    assert "Waiting for its turn" in page.text
    assert "data-poll" in page.text
    work()
    ready = desk.get(answer.headers["Location"]).text
    assert "Ready to fetch" in ready
    assert "data-poll" not in ready
    assert the_export().sha256 in ready
    file = tmp_path / "trail.zip"
    sent = fetched(desk, file)
    assert sent.headers["Content-Disposition"].endswith(f"{the_export().ref}.zip")
    assert sent.headers["Cache-Control"] == "no-store"
    vkey = client_on.get("/log/vkey").text
    report = verify_bundle(file, vkey)
    assert report.lines()[-1] == "verdict: whole and authenticated"
    assert report.facts["entries"] == 4
    assert zipfile.ZipFile(file).namelist().count("COVER.pdf") == 1


def test_an_open_page_hears_of_the_end_and_then_stops_asking(desk, happen, work):
    happen(1)
    address = ask(desk).headers["Location"]
    poll = {"X-Requested-With": "poll"}
    assert "Waiting for its turn" in desk.get(address, headers=poll).text
    work()
    assert "Ready to fetch" in desk.get(address, headers=poll).text
    with clock.use(clock.FixedClock(clock.now() + timedelta(minutes=1))):
        assert desk.get(address, headers=poll).status_code == 204
        assert desk.get(address).status_code == 200


def test_a_changed_byte_shows(desk, happen, work, tmp_path, client_on):
    happen(4)
    ask(desk)
    work()
    file = tmp_path / "trail.zip"
    fetched(desk, file)
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    assert verify_bundle(file, client_on.get("/log/vkey").text).exit_code in (1, 2)


def test_asking_building_and_fetching_stand_in_the_log(desk, happen, work, tmp_path):
    happen(2)
    ask(desk)
    work()
    fetched(desk, tmp_path / "trail.zip")
    assert [k for k in kinds() if k.startswith("export:")] == [
        "export:created",
        "export:build",
        "export:finish",
        "export:fetched",
    ]


def test_the_reason_itself_is_kept_out_of_the_log(desk, happen):
    happen(1)
    ask(desk, reason="Mara Vogel asked for her own papers")
    bodies = b"".join(db.session.execute(select(Entry.body)).scalars())
    assert b"Mara Vogel" not in bodies
    assert the_export().reason == "Mara Vogel asked for her own papers"


def test_a_checkpoint_kept_outside_is_proved_to_be_the_past(desk, happen, work, tmp_path, client_on):
    happen(3)
    kept = client_on.get("/log/checkpoint").text
    happen(3)
    answer = ask(desk, witness=kept.replace("\n", "\r\n"))
    assert answer.status_code == 303
    work()
    fetched(desk, tmp_path / "trail.zip")
    report = verify_bundle(tmp_path / "trail.zip", client_on.get("/log/vkey").text, kept)
    assert report.exit_code == 0


@pytest.mark.parametrize(
    ("witness", "words"),
    [
        ("nonsense", "This is no checkpoint"),
        ("other.example/log\n5\n" + "A" * 43 + "=\n\n— x AAAAAAAA\n", "another log"),
    ],
)
def test_a_checkpoint_that_does_not_fit_is_refused_and_kept_in_the_form(desk, happen, witness, words):
    happen(1)
    answer = ask(desk, witness=witness)
    assert answer.status_code == 422
    assert words in answer.text
    assert witness.split("\n")[0] in answer.text
    assert db.session.query(Export).count() == 0


def test_a_wrong_password_changes_nothing_and_keeps_everything(desk, happen):
    happen(1)
    answer = ask(desk, password="not it", kind="order:paid")
    assert answer.status_code == 422
    assert "This is not your password." in answer.text
    assert ASKED["reason"] in answer.text
    assert 'value="order:paid"' in answer.text
    assert "not it" not in answer.text
    assert db.session.query(Export).count() == 0
    assert kinds()[-1] == "session:step_up_failed"


def test_guessing_the_password_ends_after_five(desk, happen):
    happen(1)
    for number in range(5):
        assert ask(desk, password=f"guess {number}").status_code == 422
    answer = ask(desk)
    assert answer.status_code == 409
    assert "wrong too often" in answer.text
    assert db.session.query(Export).count() == 0


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"reason": "short"}, "at least 10 characters"),
        ({"reason": ""}, "This is needed."),
        ({"reason": "x" * 501}, "At most 500 characters."),
        ({"since": "yesterday"}, "year-month-day"),
        ({"since": "2026-03-02", "until": "2026-03-01"}, "This day is before the first one."),
        ({"order_ref": "ORD-0000000000"}, "The log holds no entry of this choice."),
        ({"since": "2019-01-01", "until": "2019-12-31"}, "The log holds no entry of this choice."),
        ({"kind": "k" * 81}, "At most 80 characters."),
        ({"locale": "tlh"}, "Not a valid choice."),
        ({"password": ""}, "This is needed."),
        ({"once": "1"}, "This page is too old."),
    ],
)
def test_what_can_not_be_exported_is_said_at_its_field(desk, happen, wrong, words):
    happen(1)
    answer = ask(desk, **wrong)
    assert answer.status_code == 422
    assert words in answer.text
    assert db.session.query(Export).count() == 0


def test_unseen_marks_and_emoji_do_no_harm(desk, happen, work):
    happen(1)
    answer = ask(desk, order_ref="\u202eORD-7K3M9Q2XW4\u2069 ", reason="Für die Prüfung 🔍\u202e im März\x00")
    assert answer.status_code == 303
    assert the_export().filter == {"order_ref": "ORD-7K3M9Q2XW4"}
    assert the_export().reason == "Für die Prüfung 🔍 im März"


def test_the_same_form_sent_twice_makes_one_export(desk, happen):
    happen(1)
    first, second = ask(desk), ask(desk)
    assert first.headers["Location"] == second.headers["Location"]
    assert db.session.query(Export).count() == 1


def test_an_officer_has_ten_an_hour(desk, happen):
    happen(1)
    for number in range(exports.HOURLY):
        assert ask(desk, once=f"a-form-number-{number:04}").status_code == 303
    answer = ask(desk, once="a-form-number-too-many")
    assert answer.status_code == 409
    assert "10 exports within an hour" in answer.text


@pytest.mark.parametrize("role", ["shopper", "merchant", "inspector", "support", "admin"])
def test_nobody_else_may_see_ask_or_fetch(desk, browser_of, happen, work, role):
    happen(1)
    ask(desk)
    work()
    other = browser_of(factories.account(role))
    ref = the_export().ref
    for address in ("/officer/exports", f"/officer/exports/{ref}", f"/officer/exports/{ref}/bundle.zip"):
        assert other.get(address).status_code == 403
    assert ask(other, once="another-form-number").status_code == 403


def test_a_second_officer_may_fetch_it_and_that_is_noted(desk, browser_of, happen, work):
    happen(1)
    ask(desk)
    work()
    second = factories.account("officer")
    assert browser_of(second).get(f"/officer/exports/{the_export().ref}/bundle.zip").status_code == 200
    last = db.session.execute(select(Entry).where(Entry.kind == "export:fetched")).scalar_one()
    assert last.actor == second.subject


def test_it_can_not_be_fetched_before_it_is_ready(desk, happen):
    happen(1)
    ask(desk)
    assert desk.get(f"/officer/exports/{the_export().ref}/bundle.zip").status_code == 409
    assert "export:fetched" not in kinds()


def test_a_bundle_that_is_gone_is_404(house, desk, happen, work):
    happen(1)
    ask(desk)
    work()
    house.extensions["storage"].delete(the_export().storage_key)
    assert desk.get(f"/officer/exports/{the_export().ref}/bundle.zip").status_code == 404


def test_building_twice_changes_nothing(desk, happen, work):
    happen(1)
    ask(desk)
    work()
    before = (the_export().sha256, the_export().stream_no)
    building.build(the_export().id)
    assert (the_export().sha256, the_export().stream_no) == before


def test_a_build_that_died_half_way_is_finished_by_the_next(desk, happen):
    happen(1)
    ask(desk)
    building._begin(the_export().id)
    building.build(the_export().id)
    assert the_export().state == "ready"


def test_while_one_is_built_the_next_waits(desk, happen, work):
    happen(1)
    ask(desk)
    with building._alone() as alone:
        assert alone
        work()
        assert the_export().state == "requested"
        waiting = db.session.query(OutboxRow).filter_by(topic="export.build", done_at=None).one()
        assert waiting.due_at > waiting.created_at
    building.build(the_export().id)
    assert the_export().state == "ready"


def test_a_log_that_contradicts_itself_fails_in_words(desk, happen, stack, house):
    import psycopg

    happen(3)
    ask(desk)
    name = db.engine.url.database
    with psycopg.connect(stack.url(name), autocommit=True) as root:
        root.execute("DELETE FROM audit_leaves WHERE leaf_index = 2")
    building.build(the_export().id)
    assert the_export().state == "failed"
    assert "The log contradicts itself" in desk.get(f"/officer/exports/{the_export().ref}").text


def test_without_any_checkpoint_one_is_asked_to_wait(desk, happen):
    happen(1, sign=False)
    answer = ask(desk)
    assert answer.status_code == 503
    assert "not been signed yet" in answer.text


def test_the_history_is_paged_by_key(house, desk, officer, happen):
    happen(1)
    actor = factories.actor(officer)
    for number in range(25):
        with transaction():
            row = exports._row(actor, wishes.Wanted(Filter(kind=f"k{number}:x"), "reason enough", "en"))
            door.created(actor, row)
    first = desk.get("/officer/exports").text
    older = re.search(r'rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")
    second = desk.get(older).text
    shown = [re.findall(r"EXP-[0-9A-Z]{10}(?=</b>)", page) for page in (first, second)]
    assert [len(part) for part in shown] == [20, 5]
    assert len(set(shown[0] + shown[1])) == 25


def test_a_search_becomes_an_export_with_its_conditions(desk, happen):
    happen(1)
    page = desk.get("/officer/exports?order_ref=ORD-7K3M9Q2XW4&since=2026-01-01").text
    assert 'value="ORD-7K3M9Q2XW4"' in page
    assert 'value="2026-01-01"' in page


def test_the_service_asks_for_permission_itself(happen):
    actor = happen(1)
    with pytest.raises(Refusal):
        exports.ask(actor, wishes.Wanted(Filter(), "reason enough", "en"))
    assert service.config() is not None


# documents and a reader of one's own


@pytest.fixture
def paper(house):
    """A sealed file of somebody, with its entry."""
    person = factories.account()
    actor = factories.actor(person)
    file = documents.store(
        actor, "item/1", actor.subject, "transaction", "receipt", io.BytesIO(samples.pdf()),
        allowed=documents.PAPERS, limit=10**6,
    )  # fmt: skip
    service.sequence()
    return file


def approve(browser):
    ref = db.session.query(Proposal).one().ref
    return browser.post(f"/officer/proposals/{ref}/approve", data={"note": ""})


def test_documents_wait_for_a_second_person_and_prove_themselves(desk, browser_of, work, paper, tmp_path, client_on):
    page = desk.get(ask(desk, documents="y", order_ref="").headers["Location"])
    assert "Waiting for a second person" in page.text
    work()
    building.build(the_export().id)
    assert the_export().state == "requested", "not before somebody agreed, whoever calls the job"
    assert approve(desk).status_code in (403, 422)
    work()
    assert the_export().state == "requested", "not by one's own approval"
    assert approve(browser_of(factories.account("officer"))).status_code == 303
    work()
    file = tmp_path / "trail.zip"
    fetched(desk, file)
    report = verify_bundle(file, client_on.get("/log/vkey").text)
    assert report.findings == []
    with zipfile.ZipFile(file) as bundle:
        assert sha256(bundle.read(f"documents/{paper.sha256}")).hexdigest() == paper.sha256
    assert "document:exported" in kinds()
    assert "export:approved" in kinds()


def test_what_nobody_agreed_to_is_never_made(desk, browser_of, work, paper):
    address = ask(desk, documents="y", order_ref="").headers["Location"]
    ref = db.session.query(Proposal).one().ref
    other = browser_of(factories.account("officer"))
    other.post(f"/officer/proposals/{ref}/decline", data={"note": "No need to hand out receipts."})
    work()
    building.build(the_export().id)
    assert the_export().state == "requested"
    assert "Not agreed to" in desk.get(address).text


def test_a_document_whose_key_was_destroyed_is_left_out_and_the_bundle_is_whole(
    desk, browser_of, work, paper, tmp_path, client_on
):
    vault().keys.destroy(paper.subject, paper.purpose, "asked for")
    ask(desk, documents="y", order_ref="")
    approve(browser_of(factories.account("officer")))
    work()
    file = tmp_path / "trail.zip"
    fetched(desk, file)
    assert verify_bundle(file, client_on.get("/log/vkey").text).findings == []
    assert not [n for n in zipfile.ZipFile(file).namelist() if n.startswith("documents/")]


def test_a_bundle_for_one_reader_is_encrypted_where_it_lies(desk, happen, work, tmp_path):
    happen(2)
    reader = pyrage.x25519.Identity.generate()
    assert ask(desk, recipient="age1nonsense").status_code == 422
    ask(desk, recipient=str(reader.to_public()))
    work()
    sent = fetched(desk, tmp_path / "x.age")
    assert sent.headers["Content-Disposition"].endswith(".zip.age")
    assert verify_bundle(tmp_path / "x.age").codes == {"encrypted"}
    (tmp_path / "x.zip").write_bytes(pyrage.decrypt(sent.data, [reader]))
    assert verify_bundle(tmp_path / "x.zip").exit_code == 3


def test_one_thing_alone_is_exported_by_its_reference_and_nothing_of_it_can_be_hidden(
    desk, happen, work, tmp_path, client_on
):
    happen(2)
    ask(desk, order_ref="")
    work()
    ref = the_export().ref
    service.sequence()
    answer = ask(desk, order_ref="", about=ref.lower(), once="a-form-number-of-another")
    assert answer.status_code == 303
    work()
    row = db.session.execute(select(Export).where(Export.ref != ref)).scalar_one()
    path = tmp_path / "one.zip"
    path.write_bytes(desk.get(f"/officer/exports/{row.ref}/bundle.zip").data)
    report = verify_bundle(path, client_on.get("/log/vkey").text)
    assert (report.findings, report.facts["entries"]) == ([], 3)
    assert "One thing alone" in desk.get(f"/officer/exports/{row.ref}").text
    assert ask(desk, about="RET-0000000000", once="a-form-number-of-a-third").status_code in (404, 422)
