import io
import tracemalloc

import pytest
from PIL import Image
from sqlalchemy import select

from compliance.audit.models import Entry
from daigou.core.access import ANONYMOUS, system
from daigou.core.db import db, transaction
from daigou.core.errors import Invalid, NotFound, Unavailable
from daigou.core.ids import new_subject
from daigou.documents import access, inspection, sealing, service
from daigou.documents.models import StoredFile
from daigou.providers import storage
from tests import factories

from . import samples


def keep(data, limit=5_000_000, allowed=inspection.PAPERS, public=False, kind="paper", subject=None, about="test/1"):
    return service.store(
        system("test"), about, subject or new_subject(), "identity", kind, io.BytesIO(data),
        allowed=allowed, limit=limit, public=public,
    )  # fmt: skip


def stored_keys(app):
    root = app.extensions["storage"].root
    return {p for p in root.rglob("*") if p.is_file()}


def test_a_paper_lies_sealed_and_reads_as_it_was(app):
    data = samples.pdf()
    file = keep(data)
    assert (file.media_type, file.size) == ("application/pdf", len(data))
    assert service.read(file) == data
    raw = b"".join(app.extensions["storage"].open(file.storage_key))
    assert raw.startswith(sealing.MAGIC)
    assert b"%PDF" not in raw


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_drawn_anew_and_says_nothing_about_its_maker(app, kind):
    file = keep(samples.image(kind))
    assert Image.open(io.BytesIO(service.read(file))).size == (60, 40)


def test_metadata_does_not_survive(app):
    kept = service.read(keep(samples.photo_with_place()))
    assert b"SecretCameraMaker" not in kept
    assert b"harbour" not in kept
    assert not Image.open(io.BytesIO(kept)).getexif()


REFUSED = {
    "empty": b"",
    "an svg": samples.SVG,
    "a web page": samples.HTML,
    "an archive": samples.archive(),
    "a program": b"MZ" + b"\0" * 500,
    "words": b"just text",
    "a gif": samples.image("GIF"),
    "a picture cut off": samples.image(size=(800, 800))[:-900],
    "a picture of too many pixels": samples.png_of(60_000, 60_000),
    "a picture with a wrong picture inside": samples.png_of(600, 600),
    "a picture with an archive behind it": samples.image() + samples.archive(),
    "a picture with a web page behind it": samples.image() + samples.HTML,
    "a picture with a pdf at its start": samples.image(comment=b"%PDF-1.4"),
    "a pdf with an archive behind it": samples.pdf() + samples.archive(),
    "a pdf behind other bytes": b"junk\n" + samples.pdf(),
    "a pdf cut off": samples.pdf()[:60],
    "a locked pdf": samples.locked_pdf(),
    "a pdf with a script": samples.pdf(samples.with_script),
    "a pdf with a script far down": samples.pdf(samples.with_nested_script),
    "a pdf that starts a program": samples.pdf(samples.with_launch),
    "a pdf with a file in it": samples.pdf(samples.with_attachment),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_may_not_be_kept_is_refused_in_words_and_leaves_nothing(app, name):
    before = stored_keys(app)
    with pytest.raises(Invalid) as refusal:
        keep(REFUSED[name])
    assert str(refusal.value.fields["file"]).endswith(".")
    assert stored_keys(app) == before
    assert not db.session.execute(select(StoredFile).filter_by(about="test/1")).first()


def test_the_reasons_are_told_apart(app):
    def code(data, **more):
        with pytest.raises(Invalid) as refusal:
            keep(data, **more)
        return refusal.value.code

    assert code(samples.locked_pdf()) == "document.encrypted"
    assert code(samples.pdf(samples.with_script)) == "document.active"
    assert code(samples.png_of(60_000, 60_000)) == "document.pixels"
    assert code(samples.image() + samples.archive()) == "document.ambiguous"
    assert code(samples.image(), limit=100) == "document.too_big"
    assert code(samples.pdf(), allowed=inspection.IMAGES) == "document.type"


def test_a_pdf_that_only_opens_at_a_page_is_taken(app):
    assert keep(samples.pdf(samples.opening_at_a_page)).media_type == "application/pdf"


def test_no_more_than_the_limit_is_read(app):
    class Endless(io.RawIOBase):
        taken = 0

        def read(self, amount=-1):
            self.taken += amount
            return b"x" * amount

    source = Endless()
    with pytest.raises(Invalid):
        service.check(source, allowed=inspection.IMAGES, limit=1_000_000)
    assert source.taken < 1_200_000


@pytest.mark.parametrize("megabytes", [1, 100])
def test_memory_does_not_grow_with_the_file(app, megabytes):
    body = b"%PDF-1.4\n" + b"0" * (megabytes * 1_000_000)
    content = io.BytesIO(body)
    checked = inspection.Checked(content, "application/pdf", len(body), "0" * 64)
    tracemalloc.start()
    try:
        file = service.store(
            system("test"), "test/2", new_subject(), "identity", "paper", checked, allowed=inspection.PAPERS, limit=1
        )
        for _ in service.open_stream(file):
            pass
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


def test_when_the_use_case_fails_its_bytes_go_too(app):
    before = stored_keys(app)

    def fails_later():
        with transaction():
            keep(samples.pdf())
            raise RuntimeError("later step failed")

    with pytest.raises(RuntimeError):
        fails_later()
    assert stored_keys(app) == before


def test_erasing_the_key_erases_the_file(app):
    subject = new_subject()
    file = keep(samples.pdf(), subject=subject)
    app.extensions["vault"].keys.destroy(subject, "identity", "test")
    with pytest.raises(NotFound):
        service.open_stream(file)


def test_a_public_picture_is_cached_for_a_year_and_asked_for_once(app, client):
    file = keep(samples.image(), public=True, kind="listing_photo", allowed=inspection.IMAGES)
    first = client.get(f"/files/{file.ref}")
    assert first.status_code == 200
    assert first.data == service.read(file)
    assert "max-age=31536000" in first.headers["Cache-Control"]
    assert first.headers["X-Content-Type-Options"] == "nosniff"
    again = client.get(f"/files/{file.ref}", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_sealed_file_is_no_public_picture(app, client):
    assert client.get(f"/files/{keep(samples.pdf()).ref}").status_code == 404
    assert client.get("/files/DOC-0000000000").status_code == 404


def test_a_document_is_given_to_whom_its_room_allows_and_the_log_knows(app, client_of, monkeypatch):
    reader, other = factories.account(), factories.account()

    def only_reader(actor, file):
        if actor.account_id != reader.id:
            raise NotFound("x", "no")

    monkeypatch.setitem(access.by_kind, "paper", only_reader)
    file = keep(samples.pdf())
    answer = client_of(reader).get(f"/documents/{file.ref}")
    assert answer.data == service.read(file)
    assert answer.headers["Content-Disposition"] == f"attachment; filename={file.ref}.pdf"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    entries = db.session.execute(select(Entry.kind, Entry.actor).filter_by(stream=service.stream(file))).all()
    assert ("document:viewed", reader.subject) in entries
    assert client_of(other).get(f"/documents/{file.ref}").status_code == 404
    assert app.test_client().get(f"/documents/{file.ref}").status_code == 303


def test_a_kind_without_a_rule_is_nobodys(app):
    with pytest.raises(NotFound):
        service.view(ANONYMOUS, keep(samples.pdf(), kind="no_such_kind").ref)


def test_files_about_many_things_are_one_answer(app):
    first, second = keep(samples.image(), about="item/a"), keep(samples.image(), about="item/b")
    found = service.files_about_each(["item/a", "item/b", "item/c"], "paper")
    assert found == {"item/a": [first], "item/b": [second]}
    assert service.files_about("item/c", "paper") == []


def test_while_the_storage_is_away_nothing_is_kept_and_the_answer_is_to_try_again(app, tmp_path):
    (tmp_path / "gone").write_text("")
    kept, before = keep(samples.image("PNG")), app.extensions["storage"]
    app.extensions["storage"] = storage.from_url((tmp_path / "gone").as_uri())
    try:
        for ask in (lambda: keep(samples.pdf()), lambda: service.read(kept)):
            with pytest.raises(Unavailable):
                ask()
    finally:
        app.extensions["storage"] = before
    assert db.session.scalars(select(StoredFile.id)).all() == [kept.id]
    assert service.read(kept)
