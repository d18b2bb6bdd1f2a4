"""Oversight and privacy: their forms, and one of each of their things."""

from compliance.oversight import auditing, findings, laws
from compliance.oversight.laws import News
from compliance.privacy import breaches, holds, regulators, requests, subject
from compliance.privacy.breaches import Notice
from compliance.privacy.regulators import Letter
from daigou.core import clock
from tests import factories

from .form import KEPT, Form


def ref(name):
    return {"ref": f"{name}.ref"}


ANSWER = {"verdict": "partly", "severity": "low", "remark": KEPT}
LAW = {"jurisdiction": "EU", "title": KEPT, "source": KEPT, "in_force_on": "2099-01-01"}
LEAK = {"noticed_at": "2026-01-02T10:00", "what": KEPT, "kinds": "account", "people": "12"}
LETTER = {"authority": KEPT, "reference": "7/26", "about": KEPT, "received_on": "=today", "due_on": ""}
HOLD = {"hold_ref": "legal_hold.ref"}
POINT = {"ref": "running_audit.ref", "code": "point_code"}

FORMS = (
    Form("/account/privacy/consents/<kind>", "shopper", {"kind": "consent_kind"}, {"given": "yes"}, again=True),
    Form("/account/privacy/copies", "newcomer", once=True),
    Form("/account/privacy/correction", "newcomer", data={"words": KEPT}, once=True),
    Form("/account/privacy/erasure", "newcomer", once=True),
    Form("/account/privacy/requests/<ref>/withdraw", "leaver", ref("leaving"), foreign="stranger"),
    Form("/officer/privacy-requests/<ref>/take", "officer", ref("correction")),
    Form("/officer/privacy-requests/<ref>/answer", "officer", ref("correction"), {"answer": KEPT}),
    Form("/officer/privacy-requests/<ref>/refuse", "officer", ref("correction"), {"answer": KEPT}),
    Form(
        "/officer/privacy-requests/<ref>/hold", "officer", ref("leaving"), {"purpose": "account", "reason": KEPT},
        once=True, again=True,
    ),
    Form("/officer/privacy-requests/<ref>/holds/<hold_ref>/release", "officer", ref("leaving") | HOLD),
    Form("/officer/audits", "officer", data={"standard": "gdpr_30", "due_on": "2099-02-03"}, once=True),
    Form("/officer/audits/<ref>/start", "officer", ref("planned_audit")),
    Form("/officer/audits/<ref>/drop", "officer", ref("planned_audit")),
    Form("/officer/audits/<ref>/points/<code>", "officer", POINT, ANSWER, again=True),
    Form("/officer/audits/<ref>/close", "officer", ref("walked_audit"), {"conclusion": KEPT}),
    Form("/officer/findings", "officer", data={"what": KEPT, "severity": "low"}, once=True, again=True),
    Form("/officer/findings/<ref>/<move>", "officer", ref("finding") | {"move": "mend_move"}, {"words": KEPT}),
    Form("/officer/laws", "officer", data=LAW, once=True, again=True),
    Form("/officer/laws/<ref>/<move>", "officer", ref("law") | {"move": "assess_move"}, {"words": KEPT}),
    Form("/officer/laws/<ref>/rows", "officer", ref("law"), {"row": "=rule_row"}, again=True),
    Form("/officer/laws/<ref>/apply", "officer", ref("tied_law")),
    Form("/officer/scans/<kind>/run", "officer", {"kind": "scan_kind"}, again=True),
    Form("/officer/breaches", "officer", data=LEAK, once=True, again=True),
    Form(
        "/officer/breaches/<ref>/assess", "officer", ref("breach"),
        {"risk": "none", "consequences": KEPT, "measures": KEPT}, again=True,
    ),
    Form("/officer/breaches/<ref>/report", "officer", ref("breach"), {"authority": KEPT, "why_late": KEPT}),
    Form("/officer/breaches/<ref>/told", "officer", ref("breach"), again=True),
    Form("/officer/breaches/<ref>/close", "officer", ref("harmless")),
    Form("/officer/regulators", "officer", data=LETTER, once=True, again=True),
    Form("/officer/regulators/<ref>/take", "officer", ref("regulator")),
    Form("/officer/regulators/<ref>/answer", "officer", ref("regulator"), {"answer": KEPT}),
)  # fmt: skip


def build(w):
    officer = factories.actor(w.officer)
    w.mend_move, w.assess_move, w.scan_kind, w.consent_kind = "mend", "assess", "advisories", "news"
    w.point_code = "59"
    _audits(w, officer)
    _laws(w, officer)
    _requests(w, officer)
    now = clock.now()
    w.breach = breaches.notice(officer, Notice(now, KEPT, ["account"], None))
    w.harmless = breaches.notice(officer, Notice(now, KEPT, ["account"], None))
    breaches.assess(officer, w.harmless.ref, breaches.Assessment("none", KEPT, KEPT))
    w.regulator = regulators.enter(officer, Letter("BfDI", "", KEPT, clock.today()))


def _requests(w, officer):
    w.leaver = factories.account()
    who, person = factories.actor(w.leaver), subject.person_with(w.leaver.id)
    w.copy_wanted = requests.ask_copy(who, person)
    w.correction = requests.ask_correction(who, person, KEPT)
    w.leaving = requests.ask_erasure(who, person)
    w.legal_hold = holds.place(officer, person.subject, ["identity"], KEPT)


def _audits(w, officer):
    today = clock.today()
    w.planned_audit = auditing.plan(officer, "pci_saq_a", today)
    w.running_audit = auditing.plan(officer, "ecommerce_law", today)
    w.walked_audit = auditing.plan(officer, "gdpr_30", today)
    for audit in (w.running_audit, w.walked_audit):
        auditing.start(officer, audit.ref)
    for point in auditing.points_of(w.walked_audit):
        auditing.answer(officer, w.walked_audit.ref, point.code, auditing.Answer("met", ""))
    w.finding = findings.report(officer, "low", KEPT)


def _laws(w, officer):
    row = laws.rows_of(officer, "duty_rules")[0]
    w.rule_row = f"duty_rules:{row.id}"
    for name in ("law", "tied_law"):
        setattr(w, name, laws.notice(officer, News("EU", KEPT, "OJ L", clock.today())))
    laws.assess(officer, w.tied_law.ref, KEPT)
    laws.tie(officer, w.tied_law.ref, "duty_rules", row.id)
