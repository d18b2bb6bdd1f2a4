"""Paths of the pages."""

from daigou.sandbox.carrier.documents import pdf_of
from daigou.sandbox.pages import authorize, challenge, checkout, identity, onboarding, plain
from daigou.sandbox.pages.draw import message
from daigou.sandbox.people import breaches, openid, sms
from daigou.sandbox.store import Store
from daigou.sandbox.wire import Request, Response, Route, find


def answer(store: Store, request: Request) -> Response:
    found = find(ROUTES, request.method, request.path)
    if found is None:
        return message("Not found", "There is no such page in this sandbox.", 404)
    route, ids = found
    answered: Response = route.handler(store, request, **ids)
    return answered


def _document(store: Store, _request: Request, id: str, name: str) -> Response:
    shipment = store.collection("shipment").rows.get(id)
    if shipment is None or not shipment["tracking_code"] or not name.endswith(".pdf"):
        return message("Not found", "There is no such document.", 404)
    return Response(200, pdf_of(shipment, name.removesuffix(".pdf")), {"Content-Type": "application/pdf"})


ROUTES = (
    *checkout.ROUTES,
    *challenge.ROUTES,
    *authorize.ROUTES,
    *onboarding.ROUTES,
    *identity.ROUTES,
    *plain.ROUTES,
    *openid.ROUTES,
    *sms.ROUTES,
    *breaches.ROUTES,
    Route("GET", "/documents/<id>/<name>", _document),
)
