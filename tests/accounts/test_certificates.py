"""Client certificates through a trusted proxy's header, as one more factor for staff."""

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from daigou.accounts import passwords
from daigou.accounts.factors import certificates
from daigou.core import clock
from daigou.core.config import Config, ConfigError
from tests import factories

from .people import PASSWORD, sign_in
from .test_factors import code, with_app

HEADER = "X-Client-Certificate"
PROXY = {"REMOTE_ADDR": "10.1.2.3"}


def certificate(days=30):
    key, now = ec.generate_private_key(ec.SECP256R1()), clock.now()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "officer")])
    until = now + timedelta(days)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, until)
    return quote(made.sign(key, SHA256()).public_bytes(Encoding.PEM).decode())


@pytest.fixture
def behind_proxy(app):
    """The setting switched on, the proxy's network named."""
    kept = app.extensions["config"]
    app.extensions["config"] = replace(
        kept, trusted_proxies=1, proxy_networks=(ip_network("10.0.0.0/8"),), certificate_header=HEADER
    )
    yield
    app.extensions["config"] = kept


@pytest.fixture
def officer(app):
    account = factories.account("officer", password_hash=passwords.hashed(PASSWORD))
    with_app(account)
    return account


def enter(app, officer, shown="", place=PROXY, step=0):
    browser = app.test_client()
    more = {"headers": {HEADER: shown} if shown else {}, "environ_base": place}
    browser.post("/sign-in", data={"email": officer.email, "password": PASSWORD}, **more)
    return browser.post("/sign-in/second-step", data={"code": code(step=step)}, **more).status_code


def test_a_bound_certificate_is_needed_to_sign_in(app, behind_proxy, officer, client_of):
    mine, other = certificate(), certificate()
    desk = client_of(officer)
    assert desk.post("/account/certificates", headers={HEADER: mine}, environ_base=PROXY).status_code == 303
    assert len(certificates.of(officer)) == 1
    assert enter(app, officer, "", step=-1) == 422
    assert enter(app, officer, other, step=0) == 422
    assert enter(app, officer, mine, step=1) == 303


def test_the_header_counts_from_the_proxy_alone(app, behind_proxy, officer, client_of):
    desk, mine = client_of(officer), certificate()
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    assert desk.post("/account/certificates", headers={HEADER: mine}, environ_base=elsewhere).status_code == 409
    desk.post("/account/certificates", headers={HEADER: mine}, environ_base=PROXY)
    assert enter(app, officer, mine, elsewhere) == 422


def test_the_header_counts_for_nothing_unless_it_is_set_up(app, officer, client_of):
    answer = client_of(officer).post("/account/certificates", headers={HEADER: certificate()}, environ_base=PROXY)
    assert answer.status_code == 409


@pytest.mark.parametrize("shown", ["", "x", "%00", "-----BEGIN CERTIFICATE-----", "A" * 20_000])
def test_what_is_no_certificate_binds_nothing(app, behind_proxy, officer, client_of, shown):
    answer = client_of(officer).post("/account/certificates", headers={HEADER: shown}, environ_base=PROXY)
    assert answer.status_code == 409


def test_an_expired_one_opens_nothing(app, behind_proxy, officer, client_of):
    mine = certificate(days=1)
    client_of(officer).post("/account/certificates", headers={HEADER: mine}, environ_base=PROXY)
    with clock.use(clock.FixedClock(clock.now() + timedelta(days=2))):
        assert enter(app, officer, mine) == 422


def test_shoppers_bind_none(behind_proxy, client_of):
    browser = client_of(factories.account())
    assert browser.post("/account/certificates", headers={HEADER: certificate()}, environ_base=PROXY).status_code == 403


def test_unbinding_lets_in_without(app, behind_proxy, officer, client_of):
    desk = client_of(officer)
    desk.post("/account/certificates", headers={HEADER: certificate()}, environ_base=PROXY)
    desk.post(f"/account/certificates/{certificates.of(officer)[0].id}/unbind", environ_base=PROXY)
    assert enter(app, officer) == 303


def test_the_setting_needs_a_trusted_proxy(stack):
    with pytest.raises(ConfigError, match="anybody could send it"):
        Config.from_env(stack.environment | {"CLIENT_CERTIFICATE_HEADER": HEADER})


def test_other_people_sign_in_as_ever(behind_proxy, client):
    account = factories.account(password_hash=passwords.hashed(PASSWORD))
    assert sign_in(client, account.email).status_code == 303
