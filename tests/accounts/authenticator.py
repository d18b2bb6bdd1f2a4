"""A passkey in software: what a security key would answer, byte by byte (WebAuthn level 2, sections 6 and 7)."""

import base64
import hashlib
import json
import secrets
import struct

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def b64(octets):
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Key:
    """One credential. ``count`` is its signature counter, ``verified`` whether it asks for a PIN."""

    def __init__(self, origin, rp_id):
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.id, self.origin, self.rp_id = secrets.token_bytes(32), origin, rp_id
        self.count, self.verified, self.user = 0, True, b""

    def create(self, options, **changes):
        self.user = unb64(options["user"]["id"])
        numbers = self.private.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + struct.pack(">H", len(self.id)) + self.id + cbor2.dumps(public)
        data = self._data(ATTESTED) + attested
        response = {
            "clientDataJSON": b64(self._client("webauthn.create", options, **changes)),
            "attestationObject": b64(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
            "transports": ["internal"],
        }
        return self._credential(response)

    def get(self, options, **changes):
        self.count += 1
        data, client = self._data(), self._client("webauthn.get", options, **changes)
        signature = self.private.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature),
            "userHandle": b64(self.user),
        }  # fmt: skip
        return self._credential(response)

    def _data(self, flags=0):
        flags |= PRESENT | (VERIFIED if self.verified else 0)
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + struct.pack(">I", self.count)

    def _client(self, kind, options, **changes):
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False, **changes}
        return json.dumps(said).encode()

    def _credential(self, response):
        found = {"id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "clientExtensionResults": {}}
        return json.dumps({**found, "response": response})
