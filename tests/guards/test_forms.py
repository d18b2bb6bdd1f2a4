"""Whatever is sent to any form: never a 5xx, nothing half-done, and people read what is wrong in their language."""

import io
import logging
import re
from contextlib import contextmanager
from html import unescape

import pytest
from sqlalchemy import text, update

from blueprints.fields import clean
from blueprints.guard import permission_of
from daigou.accounts.sessions.models import Session
from daigou.core import clock
from daigou.core.access import Actor, can
from daigou.core.db import db, transaction
from daigou.logs import JsonLines
from tests import factories
from tests.accounts.people import PASSWORD
from tests.conftest import rolled_back, signed_in

from .conftest import beside
from .world import FORMS, HOOKS, KEPT, build

ODD = {
    "missing": None,
    "empty": "",
    "long": "x" * 10_000,
    "negative": "-1",
    "zero": "0",
    "huge": "9" * 5_000,
    "word": "twelve",
    "currency": "$12.50",
    "emoji": "\U0001f9f8\U0001f1ef\U0001f1f5",
    "reversed": "\u202egnp.exe",
    "control": "a\x00b\x01\x7f\x1b[31m",
    "html": "<script>alert(1)</script>'\"--",
    "not utf-8": b"\xed\xa0\x80\xff\xfe",
    "exponent": "1e400",
    "infinite": "Infinity",
    "other digits": "\u0661\u0662",
    "superscript": "\u00b2",
}
FILES = {
    "empty": (b"", "empty.pdf"),
    "wrong type": (b"MZ\x90\x00" + b"\0" * 200, "paper.pdf"),
    "double extension": (b"<?php echo 1;", "photo.jpg.php"),
    "bomb": (b"%PDF-1.7\n" + b"\0" * 1000, "a.pdf"),
    "odd name": (b"x", "../../\u202egnp\x00.pdf"),
}
NOT_COMPARED = {
    "audit_entries", "audit_streams", "alembic_version", "duty_rules", "fees", "exchange_rates",
    # What being signed in, and trying in vain, leave behind on purpose.
    "account_sessions", "account_devices", "account_codes", "sign_in_locks",
}  # fmt: skip
# Keeps what was typed even where it is wrong with it, or photos before the rest is complete.
KEEPS = {"/merchant/apply/<step>", "/warehouse/inspections/<ref>"}
# The page that says what is wrong shows a sealed account again, and that it was seen is written down.
SIGHT = {
    "/officer/books/refunds/<ref>/paid": {"refunds", "log"},
    "/officer/books/refunds/<ref>/propose": {"refunds", "log"},
}
# Business answers of something that is not there in a test: no checkpoint of the log was signed yet.
# A passkey or certificate that no test here has; and answers that are no page to go to.
AWAY = {
    ("/account/passkeys", 422), ("/account/step-up/passkey", 422), ("/sign-in/passkey", 422),
    ("/account/authenticator", 422), ("/account/certificates", 409), ("/account/recovery-codes", 200),
    ("/merchant/listings/bulk", 422),  # what is sent here is no table
    ("/account/passkeys/options", 200), ("/sign-in/passkey/options", 200), ("/officer/exports", 503),
    ("/officer/audit/things/<ref>/people", 200), ("/officer/suspicions/<ref>/file", 200),
}  # fmt: skip
# Nothing is written by these, or nothing was there to be changed.
IDLE = {
    "/account/authenticator", "/account/certificates", "/account/passkeys", "/account/passkeys/options",
    "/account/step-up/passkey", "/sign-in/passkey", "/sign-in/passkey/options",
    "/account/linked/<name>", "/account/step-up", "/account/phone/remove", "/sign-in/second-step",
    "/sign-in/with/<name>", "/account/sessions/<uuid:session_id>/end",
    "/merchant/listings/bulk",
    "/account/notices/read", "/cart/remove", "/cart/update", "/merchant/listings/<ref>/photos/remove",
    "/officer/exports", "/officer/searches/alerts/seen", "/sign-out",
}  # fmt: skip
PARTS = 8  # of the longest sweep, so that workers share it
BY_RULE = {form.rule: form for form in FORMS}


@pytest.fixture(scope="module")
def app(shared_app, sandbox):
    """One for the module: its world takes seconds to build, and what each case does is undone."""
    with rolled_back(shared_app), beside(sandbox, shared_app):
        yield shared_app


@pytest.fixture(scope="module")
def world(app):
    made = build(lambda account: signed_in(app, account))
    people = {name: who for name, who in vars(made).items() if hasattr(who, "session_epoch")}
    made.sessions = {name: factories.session_of(who) for name, who in people.items()}
    db.session.remove()
    made.before = state()
    return made


@pytest.fixture
def browse(app, world):
    """A window of somebody of the world. Each signed in once, and has just proved who they are."""
    now = clock.now()
    with transaction() as session:
        session.execute(update(Session).values(last_seen_at=now, stepped_up_at=now, factored_at=now))

    def open_window(who):
        browser = app.test_client()
        if who != "nobody":
            with browser.session_transaction() as session:
                session.update(world.sessions[who])
        return browser

    return open_window


@contextmanager
def apart():
    """What happens inside is undone."""
    connection = db.engines[None]
    db.session.remove()
    place = connection.begin_nested()
    _begun.update(_seen)
    try:
        yield
    finally:
        db.session.remove()
        if place.is_active:
            place.rollback()


# Writes by table, as the last look saw them, and as the last look before this block did. What was undone in between is
# looked at once more: it is as it was.
_seen, _begun = {}, {}
WRITTEN = text(
    "SELECT relname, pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid)"
    " + pg_stat_get_xact_tuples_deleted(oid) FROM pg_class"
    " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
)


def written():
    """Writes of this transaction by table, undone ones too: what has none since the block began is as it was."""
    _seen.update(tuple(row) for row in db.session.execute(WRITTEN))
    return _seen


def tables(names=None):
    names = [t for t in names or db.metadata.tables if t not in NOT_COMPARED]
    return " UNION ALL ".join(
        f"SELECT '{n}' AS t, count(*) AS n, coalesce(sum(hashtext(r::text)::bigint), 0) AS h FROM {n} r" for n in names
    )


def state():
    found = {name: (rows, mark) for name, rows, mark in db.session.execute(text(tables()))}
    found["log"] = log()
    return found


def log():
    return db.session.execute(text("SELECT count(*) FROM audit_entries WHERE outcome = 'done'")).scalar_one()


def changed(before):
    touched = [t for t, n in written().items() if n != _begun.get(t, 0) and t in before]
    after = {"log": log()}
    if touched:
        after |= {name: (rows, mark) for name, rows, mark in db.session.execute(text(tables(touched)))}
    return {k for k in after if before[k] != after[k]}


def send(browser, address, data, files=None, **more):
    plain = {k: v for k, v in data.items() if v is not None}
    if files or any(isinstance(v, bytes) for v in plain.values()):
        for name, (content, title) in (files or {}).items():
            plain[name] = (io.BytesIO(content), title)
        body = {k: v.decode("latin-1") if isinstance(v, bytes) else v for k, v in plain.items()}
        if files:
            return browser.post(address, data=body, content_type="multipart/form-data", **more)
        from urllib.parse import quote_from_bytes

        raw = "&".join(
            f"{k}={quote_from_bytes(v if isinstance(v, bytes) else str(v).encode())}" for k, v in plain.items()
        )
        return browser.post(address, data=raw, content_type="application/x-www-form-urlencoded", **more)
    return browser.post(address, data=plain, **more)


def faults(form, case, answer, before, sent=None, broken=None):
    """What is wrong with an answer, in words."""
    where = f"POST {form.rule} [{case}] -> {answer.status_code}"
    if (answer.status_code >= 500 and (form.rule, answer.status_code) not in AWAY) or "Traceback" in answer.text:
        yield f"{where}: {re.sub('<[^>]+>', '', answer.text)[:200].strip()}"
    if answer.status_code >= 400:
        if form.rule not in KEEPS and (moved := changed(before) - SIGHT.get(form.rule, set())):
            yield f"{where}: changed {moved}"
        if answer.text and not re.search(r'role="alert"|class="[^"]*(?:error|notice|flash)|<h1', answer.text):
            yield f"{where}: says nothing"
    if answer.status_code == 422 and sent and answer.text:
        for name, value in sent.items():
            if name != broken and value == KEPT and clean(KEPT) not in unescape(answer.text):
                yield f"{where}: lost what was typed in {name}"


def sweep(world, browse, forms, values, files):
    found = []
    for form in forms:
        browser = browse(form.who)
        for name in (*form.data, *form.files):
            odd = files if name in form.files else values
            for case, value in odd.items():
                with apart():
                    before = world.before
                    sent = form.sent(world)
                    if name in form.files:
                        answer = send(browser, form.address(world), sent, {name: value})
                    else:
                        answer = send(browser, form.address(world), sent | {name: value})
                    found += faults(form, f"{name}: {case}", answer, before, sent, name)
    return "\n".join(sorted(set(found)))


def test_the_table_has_every_form(app):
    rules = {r.rule for r in app.url_map.iter_rules() if "POST" in r.methods and not r.rule.startswith("/sandbox")}
    assert rules == {form.rule for form in FORMS} | HOOKS


def test_the_world_is_real(world, browse):
    """Each form as it stands goes through, so that what is refused below is refused for its oddity."""
    from tests.documents import samples
    from tests.payments.test_bank_files import report
    from tests.warehouse import bench

    wrong = []
    for form in (f for f in FORMS if f.rule != "/warehouse/inspections/<ref>"):
        with apart():
            files = {}
            for name in form.files:
                picture = (bench.photo(1).read(), "a.jpg")
                files[name] = picture if name in ("photos", "document", "face") else (samples.pdf(), "a.pdf")
            if form.rule == "/officer/payouts/import":
                files = {"file": (report(), "camt.xml")}
            if "witness_file" in files:
                files = {}
            before = world.before
            answer = send(browse(form.who), form.address(world), form.sent(world), files)
            if answer.status_code not in (204, 302, 303) and (form.rule, answer.status_code) not in AWAY:
                wrong.append((form.rule, answer.status_code, re.sub(r"<[^>]+>|\s+", " ", answer.text)[-600:]))
            elif form.rule not in IDLE and not changed(before):
                wrong.append((form.rule, "changed nothing"))
    assert not wrong, "\n".join(map(str, wrong))


def test_a_form_of_odd_values_alone_is_answered(world, browse):
    found = []
    for form in (f for f in FORMS if f.data):
        browser = browse(form.who)
        for case in ("missing", "long", "huge", "control", "not utf-8"):
            with apart():
                before = world.before
                answer = send(browser, form.address(world), form.sent(world) | dict.fromkeys(form.data, ODD[case]))
                found += faults(form, case, answer, before)
    assert "\n".join(found) == ""


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_every_odd_value_of_every_field_is_answered(world, browse, part):
    assert sweep(world, browse, FORMS[part::PARTS], ODD, FILES) == ""


def test_a_foreign_thing_is_not_there_and_the_attempt_is_logged(world, browse):
    """With the role, but without the thing: 404 in one's own language, a denied entry, and nothing changed."""
    wrong = []
    for form in (f for f in FORMS if f.foreign):
        with apart():
            before, denied = world.before, count_denied()
            browser = browse(form.foreign)
            browser.set_cookie("locale", "zh_Hans")
            answer = send(browser, form.address(world), form.sent(world))
            told = count_denied() - denied
            if (answer.status_code, told, changed(before)) != (404, 1, set()) or 'lang="zh' not in answer.text:
                wrong.append((form.rule, answer.status_code, told, changed(before)))
    assert not wrong, "\n".join(map(str, wrong))


PAGES = {
    "stranger": (
        ("/addresses/{}", "address"), ("/bills/{}", "bill"), ("/payments/{}/return", "bill"),
        ("/payments/{}/status", "bill"), ("/orders/{}", "order"), ("/orders/{}/record", "order"),
        ("/orders/items/{}/report", "inspected"), ("/orders/items/{}/return", "stocked"), ("/parcels/{}", "draft"),
        ("/parcels/{}", "arrived"), ("/quotes/{}", "quote"), ("/returns/{}", "case"), ("/sourcing/{}", "wish"),
    ),
    "rival": (
        ("/merchant/listings/{}/edit", "listing"), ("/merchant/orders/{}", "paid"),
        ("/merchant/orders/{}/record", "paid"), ("/merchant/sourcing/{}", "wish"), ("/orders/{}/record", "order"),
        ("/orders/{}", "order"), ("/orders/items/{}/report", "inspected"), ("/parcels/{}", "draft"),
    ),
}  # fmt: skip


def test_a_foreign_page_is_not_there_and_the_attempt_is_logged(world, browse):
    wrong = []
    for who, pages in PAGES.items():
        for page, name in pages:
            with apart():
                denied = count_denied()
                answer = browse(who).get(page.format(getattr(world, name).ref))
                if (answer.status_code, count_denied() - denied) != (404, 1):
                    wrong.append((who, page, answer.status_code, count_denied() - denied))
    assert not wrong, "\n".join(map(str, wrong))


def test_no_document_is_given_to_those_it_is_not_for(world, browse):
    """Every sealed file of the world, to people who have nothing to do with it."""
    files = db.session.execute(text("SELECT ref, kind FROM stored_files WHERE data_key_id IS NOT NULL")).all()
    assert len(files) >= 12
    for who in ("stranger", "rival", "newcomer", "admin"):
        for ref, kind in files:
            with apart():
                assert (browse(who).get(f"/documents/{ref}").status_code, who, kind) in (
                    (403, who, kind),
                    (404, who, kind),
                )
                assert browse(who).get(f"/files/{ref}").status_code == 404


def test_nothing_secret_stands_in_a_log_line(world, browse):
    """Keys, addresses, passwords and link tokens of everything that was sent stay out of what is logged."""
    lines, handler = [], logging.Handler()
    handler.setFormatter(JsonLines())
    handler.emit = lambda record: lines.append(handler.format(record))
    logging.getLogger().addHandler(handler)
    try:
        for form in (f for f in FORMS if not f.files):
            with apart():
                send(browse(form.who), form.address(world), form.sent(world))
        db_app().logger.error("sk_test_abcdefgh whsec_abcdefgh a@example.test\nforged", extra={"to": "b@example.test"})
    finally:
        logging.getLogger().removeHandler(handler)
    said = "\n".join(lines)
    config = db_app().extensions["config"]
    secrets = [PASSWORD, world.email, world.new_email, world.confirm_token, world.invite_token, world.password_token]
    secrets += [config.stripe_key, config.stripe_webhook_secret, config.secret_key, "@example.test", "Mara Vogel"]
    assert [s for s in secrets if s in said] == []
    assert len(lines) == said.count("\n") + 1


def count_denied():
    return db.session.execute(text("SELECT count(*) FROM audit_entries WHERE outcome = 'denied'")).scalar_one()


@pytest.mark.parametrize(
    "ref", ["ORD-0000000000", "x", "0", "-1", "%00", "..%2f..", "%F0%9F%A7%B8", "%ED%A0%80", "9" * 2000, "a b'\"<"]
)
def test_a_reference_that_never_was_is_not_found(world, browse, ref):
    wrong = []
    for form in (f for f in FORMS if f.of):
        with apart():
            before = world.before
            address = re.sub(r"<\w+>", lambda found: ref, form.rule)
            answer = send(browse(form.who), address, form.sent(world))
            known = {409} if "token" in form.of else {404}
            if answer.status_code not in known | {404} or changed(before) or "<h1" not in answer.text:
                wrong.append((form.rule, answer.status_code, changed(before)))
    assert not wrong, "\n".join(map(str, wrong))


def test_every_role_but_the_right_ones_is_denied(world, browse):
    """403 with words, logged, nothing changed; before any field was looked at."""
    wrong = []
    for form in (f for f in FORMS if f.who in ("shopper", "merchant", "inspector", "support", "officer", "admin")):
        permission = permission_of(db_app(), rule_of(form).endpoint)
        for role in ("stranger", "inspector", "support", "officer", "admin"):
            who = "shopper" if role == "stranger" else role
            if can(Actor(who, roles=frozenset({who})), permission):
                continue
            with apart():
                before = world.before
                answer = send(browse(role), form.address(world), form.sent(world))
                if answer.status_code != 403 or changed(before) or "<h1" not in answer.text:
                    wrong.append((form.rule, role, answer.status_code, changed(before)))
    assert not wrong, "\n".join(map(str, wrong))


def db_app():
    from flask import current_app

    return current_app


def rule_of(form):
    return next(r for r in db_app().url_map.iter_rules() if r.rule == form.rule and "POST" in r.methods)


@pytest.mark.parametrize("number", [None, "", "short", "x" * 5_000, "<script>alert(1)</script>", "\x00" * 20])
def test_a_form_with_an_odd_number_changes_nothing(world, browse, number):
    wrong = []
    for form in (f for f in FORMS if f.once):
        with apart():
            before = world.before
            answer = send(browse(form.who), form.address(world), form.sent(world) | {"once": number})
            wrong += faults(form, f"once={number!r:.20}", answer, before)
            if answer.status_code < 400 and changed(before):
                wrong.append(f"{form.rule}: done without a number")
    assert not wrong, "\n".join(wrong)


def test_a_form_sent_twice_is_done_once(world, browse):
    """With its number: the second sending is led to where the first one went, and changes nothing."""
    wrong = []
    for form in (f for f in FORMS if f.once and not f.files):
        with apart():
            browser, sent = browse(form.who), form.sent(world)
            first = send(browser, form.address(world), sent)
            before = state()
            second = send(browser, form.address(world), sent)
            if (first.status_code, second.status_code) != (303, 303) or first.location != second.location:
                wrong.append((form.rule, first.status_code, second.status_code))
            if changed(before):
                wrong.append((form.rule, "second", changed(before)))
    assert not wrong, "\n".join(map(str, wrong))


def test_what_moved_on_is_not_moved_again(world, browse):
    """The same form from a second window: refused with words, and nothing changes."""
    wrong = []
    for form in (f for f in FORMS if not f.again and not f.files and f.rule != "/officer/exports"):
        with apart():
            browser = browse(form.who)
            send(browser, form.address(world), form.sent(world))
            before = state()
            answer = send(browser, form.address(world), form.sent(world))
            wrong += faults(form, "again", answer, before)
            if answer.status_code < 400 and changed(before) - {"submissions", "log"}:
                wrong.append(f"{form.rule} [again]: changed {changed(before)}")
    assert not wrong, "\n".join(wrong)


def test_without_its_token_no_form_is_taken(world, browse):
    app, wrong = db_app(), []
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        for form in FORMS:
            for token in (None,) if form.data else ("x",):
                with apart():
                    before = world.before
                    answer = send(browse(form.who), form.address(world), form.sent(world) | {"csrf_token": token})
                    if answer.status_code != 400 or changed(before) or "<h1" not in answer.text:
                        wrong.append((form.rule, token, answer.status_code, changed(before)))
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    assert not wrong, "\n".join(map(str, wrong))


def test_a_listing_saved_on_an_old_version_is_refused_with_what_was_typed(world, browse):
    form = BY_RULE["/merchant/listings/<ref>/edit"]
    for version in ("0", "999", "-1", "x"):
        with apart():
            before = world.before
            answer = send(browse("merchant"), form.address(world), form.sent(world) | {"version": version})
            assert answer.status_code == 422
            assert not changed(before)
            assert KEPT in unescape(answer.text)
