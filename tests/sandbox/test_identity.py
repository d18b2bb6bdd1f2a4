"""Identity checks and card set-ups in the sandbox, through Stripe's own library."""

import httpx
import pytest
import stripe


@pytest.fixture
def sessions(sandbox):
    return sandbox.stripe().identity.verification_sessions


def begin(sessions):
    return sessions.create({"type": "document", "return_url": "http://shop.test/back", "metadata": {"check_id": "1"}})


def answer(session, outcome, **form):
    return httpx.post(session.url, data={"outcome": outcome, **form})


EXPAND = {"expand": ["verified_outputs", "last_verification_report.document.expiration_date"]}


def test_a_verified_session_shows_its_outputs_only_when_asked(sessions):
    made = begin(sessions)
    assert (made.status, made.last_error) == ("requires_input", None)
    assert answer(made, "verify", first_name="Mara", last_name="Vogel").headers["location"] == "http://shop.test/back"
    plain = sessions.retrieve(made.id).to_dict()
    assert (plain["status"], plain["url"], plain.get("verified_outputs")) == ("verified", None, None)
    full = sessions.retrieve(made.id, EXPAND).to_dict()
    assert full["verified_outputs"]["last_name"] == "Vogel"
    assert full["last_verification_report"]["document"]["expiration_date"]["year"] == 2035


def test_a_refusal_leaves_the_same_page_open(sessions):
    made = begin(sessions)
    answer(made, "selfie_mismatch")
    seen = sessions.retrieve(made.id)
    assert seen.status == "requires_input"
    assert seen.last_error.code == "selfie_face_mismatch"
    assert seen.url == made.url


def test_what_is_redacted_is_gone_and_asking_again_is_no_error(sessions):
    made = begin(sessions)
    answer(made, "verify")
    for _ in range(2):
        assert sessions.redact(made.id).redaction.status == "redacted"
    full = sessions.retrieve(made.id, EXPAND).to_dict()
    assert full["verified_outputs"] is None
    assert full["last_verification_report"]["document"]["first_name"] is None


def test_only_an_open_session_can_be_cancelled(sessions):
    made = begin(sessions)
    assert sessions.cancel(made.id).status == "canceled"
    with pytest.raises(stripe.InvalidRequestError):
        sessions.cancel(made.id)
    answer(made, "verify")
    assert sessions.retrieve(made.id).status == "canceled"


def test_what_stripe_does_not_know_is_refused(sessions):
    for wrong in ({}, {"type": "face"}, {"type": "document", "colour": "red"}):
        with pytest.raises(stripe.InvalidRequestError):
            sessions.create(wrong)


def test_a_card_is_set_up_without_a_charge(sandbox):
    api = sandbox.stripe()
    page = {"mode": "setup", "currency": "eur", "success_url": "http://shop.test/", "payment_method_types": ["card"]}
    made = api.checkout.sessions.create(page)
    assert httpx.post(made.url, data={"outcome": "decline"}).status_code == 400
    assert httpx.post(made.url, data={"outcome": "succeed", "funding": "debit"}).status_code == 303
    seen = api.checkout.sessions.retrieve(made.id, {"expand": ["setup_intent.payment_method"]}).to_dict()
    assert (seen["status"], seen["payment_status"]) == ("complete", "no_payment_required")
    assert seen["setup_intent"]["payment_method"]["card"]["funding"] == "debit"
    with pytest.raises(stripe.InvalidRequestError):
        api.checkout.sessions.create({**page, "line_items": [{"quantity": 1}]})
