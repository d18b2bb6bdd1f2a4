"""A time-stamping service of our own on loopback (RFC 3161 over HTTP), its DER written by hand."""

import threading
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SIGNED_DATA, TST_INFO = "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
CONTENT_TYPE, DIGEST, CERTIFICATE = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4", "1.2.840.113549.1.9.16.2.47"
SHA256, ECDSA = "2.16.840.1.101.3.4.2.1", "1.2.840.10045.4.3.2"
INT, OCTETS, SEQ, SET, TIME = 0x02, 0x04, 0x30, 0x31, 0x18


def der(tag, *parts):
    body = b"".join(parts)
    size = len(body)
    length = (
        bytes([size])
        if size < 128
        else bytes([0x80 + (size.bit_length() + 7) // 8]) + size.to_bytes((size.bit_length() + 7) // 8, "big")
    )
    return bytes([tag]) + length + body


def oid(text):
    first, second, *rest = map(int, text.split("."))
    out = [first * 40 + second]
    for number in rest:
        digits = [number & 0x7F]
        while number := number >> 7:
            digits.append(0x80 | number & 0x7F)
        out += digits[::-1]
    return der(0x06, bytes(out))


def integer(value):
    return der(INT, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def parts_of(data):
    """The TLVs of a constructed one: (tag, whole bytes)."""
    _, place, end = _head(data, 0)
    while place < end:
        tag, _start, after = _head(data, place)
        yield tag, data[place:after]
        place = after


def _head(data, at):
    size, place = data[at + 1], at + 2
    if size & 0x80:
        place += size & 0x7F
        size = int.from_bytes(data[at + 2 : place], "big")
    return data[at], place, place + size


def _certificate(name, issuer, key, signer, *, ca):
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=3650))
        .not_valid_after(now + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca, None), critical=True)
    )
    if ca:
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    else:
        usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
        built = built.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return built.add_extension(usage, critical=True).sign(signer, hashes.SHA256())


class LoopbackTsa:
    """`now` is what its clock says; `roots` the PEM that trusts it."""

    def __init__(self):
        root_key, self.key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        root = _certificate("Root", "Root", root_key, root_key, ca=True)
        self.certificate = _certificate("Time", "Root", self.key, root_key, ca=False)
        self.roots, self.now, self.fault, self.serial = root.public_bytes(Encoding.PEM).decode(), None, None, 0
        tsa = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                answer = tsa.answer(body) if tsa.fault is None else b"out of order"
                self.send_response(tsa.fault or 200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/tsr"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, request):
        fields = list(parts_of(request))
        nonce = b"".join(whole for tag, whole in fields[2:] if tag == INT)
        self.serial += 1
        time = (self.now or datetime.now(UTC)).strftime("%Y%m%d%H%M%SZ").encode()
        info = der(SEQ, integer(1), oid("1.2.3.4"), fields[1][1], integer(self.serial), der(TIME, time), nonce)
        return der(SEQ, der(SEQ, integer(0)), der(SEQ, oid(SIGNED_DATA), der(0xA0, self._signed(info))))

    def _signed(self, info):
        certificate = self.certificate.public_bytes(Encoding.DER)
        algorithm = der(SEQ, oid(SHA256))
        attributes = sorted(
            der(SEQ, oid(name), der(SET, value))
            for name, value in (
                (CONTENT_TYPE, oid(TST_INFO)),
                (DIGEST, der(OCTETS, sha256(info).digest())),
                (CERTIFICATE, der(SEQ, der(SEQ, der(SEQ, der(OCTETS, sha256(certificate).digest()))))),
            )
        )
        signature = self.key.sign(der(SET, *attributes), ec.ECDSA(hashes.SHA256()))
        who = der(SEQ, self.certificate.issuer.public_bytes(), integer(self.certificate.serial_number))
        signer = der(
            SEQ, integer(1), who, algorithm, der(0xA0, *attributes), der(SEQ, oid(ECDSA)), der(OCTETS, signature)
        )
        content = der(SEQ, oid(TST_INFO), der(0xA0, der(OCTETS, info)))
        return der(SEQ, integer(3), der(SET, algorithm), content, der(0xA0, certificate), der(SET, signer))
