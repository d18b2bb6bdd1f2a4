"""Scans find what is wrong, and say so when they could not look."""

import json
import socket
import ssl
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from compliance.oversight import scanning
from compliance.oversight.scans import advisories, headers, static, tls
from compliance.oversight.scans.form import NotScanned
from tests import factories

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_our_own_pages_have_nothing_to_find(app, client):
    for page in headers.PAGES:
        answer = client.get(page)
        assert list(headers.faults(httpx.Headers(list(answer.headers)), secure=False)) == []


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"X-Frame-Options": "SAMEORIGIN"}, "X-Frame-Options"),
        ({"Content-Security-Policy": "default-src 'self' 'unsafe-inline'"}, "unsafe-inline"),
        ({"Set-Cookie": "session=x; Path=/"}, "scripts"),
        ({"Set-Cookie": "session=x; HttpOnly; SameSite=Lax"}, "without encryption"),
        ({"Strict-Transport-Security": "max-age=60"}, "half a year"),
        ({"Server": "Werkzeug/3"}, "development server"),
    ],
)
def test_a_header_that_was_weakened_is_found(app, client, changed, word):
    answer = {**dict(client.get("/sign-in").headers), **changed}
    assert any(word in what for what, _remedy in headers.faults(httpx.Headers(answer), secure=True))


OSV = {
    "id": "GHSA-1",
    "summary": "Reads too much",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "Some_Package"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "1.2"}, {"fixed": "1.4.1"}]}],
        }
    ],
}


@pytest.mark.parametrize(
    ("version", "hit"),
    [("1.1", False), ("1.2", True), ("1.4.0", True), ("1.4.1", False), ("2.0", False), ("odd!", True)],
)
def test_a_package_is_named_when_its_version_lies_in_the_span(version, hit):
    assert bool(list(advisories.compare({"some-package": version}, [OSV]))) is hit


def test_withdrawn_records_and_other_ecosystems_do_not_count():
    other = json.loads(json.dumps(OSV).replace("PyPI", "npm"))
    assert list(advisories.compare({"some-package": "1.3"}, [{**OSV, "withdrawn": "2026-01-01"}, other])) == []


@pytest.mark.parametrize("content", [None, "", "{}", "[]", "no json"])
def test_a_file_that_says_nothing_is_no_health(tmp_path, content):
    file = tmp_path / "osv.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(NotScanned):
        advisories.scan(str(file))


def test_a_sarif_report_is_read_and_others_are_refused():
    place = {"physicalLocation": {"artifactLocation": {"uri": "a.py"}, "region": {"startLine": 3}}}
    result = {"ruleId": "S608", "message": {"text": "SQL"}, "locations": [place]}
    report = {"runs": [{"tool": {"driver": {"name": "ruff"}}, "results": [result]}]}
    found = static.read(json.dumps(report))
    assert [(w.where, w.what) for w in found.weaknesses] == [("a.py:3", "S608: SQL")]
    for odd in ("", "[]", "{}", '{"runs": []}', '{"runs": [{}]}'):
        with pytest.raises(NotScanned):
            static.read(odd)


def test_a_scan_that_could_not_be_made_is_shown_as_such(app, client_of):
    officer = factories.account("officer")
    assert scanning.run(factories.actor(officer), "tls").outcome == "failed"
    page = client_of(officer).get("/officer/scans").text
    assert "Could not be made" in page
    assert "BASE_URL has no TLS" in page


@contextmanager
def serving(days, oldest):
    """A TLS server with a certificate of so many days; answers its port and a context that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False).sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    yield from _serve(pem, secret, oldest)


def _serve(pem, secret, oldest):
    import tempfile

    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:
        file.write(secret + pem)
        file.flush()
        server.load_cert_chain(file.name)
    server.set_ciphers("ALL:@SECLEVEL=0")
    server.minimum_version = oldest
    door = socket.create_server(("127.0.0.1", 0))
    open_for_business = threading.Event()
    open_for_business.set()

    def answer():
        while open_for_business.is_set():
            try:
                caller, _address = door.accept()
                with server.wrap_socket(caller, server_side=True):
                    pass
            except OSError:
                continue

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    trusting = ssl.create_default_context(cadata=pem.decode())
    try:
        yield f"https://localhost:{door.getsockname()[1]}", trusting
    finally:
        open_for_business.clear()
        socket.create_connection(door.getsockname()).close()
        thread.join(5)
        door.close()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize(
    ("days", "oldest", "found"),
    [
        (90, ssl.TLSVersion.TLSv1_2, []),
        (5, ssl.TLSVersion.TLSv1_2, ["the certificate ends on"]),
        (90, ssl.TLSVersion.TLSv1, ["TLSv1 is still accepted", "TLSv1_1 is still accepted"]),
    ],
)
def test_old_versions_and_certificates_that_end_are_found(days, oldest, found):
    with serving(days, oldest) as (url, trusting):
        result = tls.scan(url, datetime.now(UTC), trusting)
    assert [w.what[: len(word)] for w, word in zip(result.weaknesses, found, strict=True)] == found


def test_a_certificate_nobody_trusts_is_found():
    with serving(90, ssl.TLSVersion.TLSv1_2) as (url, _trusting):
        result = tls.scan(url, datetime.now(UTC))
    assert "not trusted" in result.weaknesses[0].what
