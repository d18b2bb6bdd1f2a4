"""A C2SP tlog-witness of our own on loopback: written from the standard alone, nothing of the product in it."""

import base64
import threading
import time
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


def consistent(old, new, old_root, new_root, proof):
    """RFC 9162 section 2.1.4.2."""
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    if not path:
        return False
    first = second = path[0]
    for step in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            first, second = sha256(b"\1" + step + first).digest(), sha256(b"\1" + step + second).digest()
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            second = sha256(b"\1" + second + step).digest()
        place, last = place >> 1, last >> 1
    return last == 0 and (first, second) == (old_root, new_root)


class LoopbackWitness:
    """Knows one log by its verifier key; `seen` is (size, root). `fault` is a status to answer with once."""

    def __init__(self, vkey, name="witness.example/w1"):
        self.log_name, self.log_id, raw = vkey.split("+", 2)
        self.log_key = Ed25519PublicKey.from_public_bytes(base64.b64decode(raw)[1:])
        self.name, self.key, self.seen, self.fault, self.asked = name, Ed25519PrivateKey.generate(), (0, b""), None, 0
        witness = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                known = self.path == "/w1/add-checkpoint"
                status, text, kind = witness.add(body) if known else (404, "no such page\n", "text/plain")
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/w1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    @property
    def key_id(self):
        return sha256(self.name.encode() + b"\n\x04" + self.key.public_key().public_bytes_raw()).digest()[:4]

    @property
    def vkey(self):
        raw = base64.b64encode(b"\x04" + self.key.public_key().public_bytes_raw()).decode()
        return f"{self.name}+{self.key_id.hex()}+{raw}"

    def add(self, body):
        self.asked += 1
        if self.fault:
            status, self.fault = self.fault, None
            return status, "out of order\n", "text/plain"
        head, _, note = body.partition("\n\n")
        text = note.rpartition("\n\n")[0] + "\n"
        lines = head.split("\n")
        origin, size, root = text.split("\n")[:3]
        old, size, root = int(lines[0].removeprefix("old ")), int(size), base64.b64decode(root)
        proof = [base64.b64decode(line) for line in lines[1:]]
        if origin != self.log_name:
            return 404, "unknown log\n", "text/plain"
        if not self._is_signed(text, note):
            return 403, "no signature of the log\n", "text/plain"
        if old > size:
            return 400, "old size beyond the checkpoint\n", "text/plain"
        if old != self.seen[0] or (old == size and root != self.seen[1]):
            return 409, f"{self.seen[0]}\n", "text/x.tlog.size"
        if 0 < old < size and not consistent(old, size, self.seen[1], root, proof):
            return 422, "not consistent\n", "text/plain"
        self.seen = (size, root)
        return 200, self._cosignature(text), "text/plain"

    def _is_signed(self, text, note):
        for line in note.rpartition("\n\n")[2].splitlines():
            _, name, encoded = line.split(" ")
            raw = base64.b64decode(encoded)
            if (name, raw[:4].hex()) == (self.log_name, self.log_id):
                try:
                    self.log_key.verify(raw[4:], text.encode())
                except InvalidSignature:
                    return False
                return True
        return False

    def _cosignature(self, text):
        now = int(time.time())
        signature = self.key.sign(f"cosignature/v1\ntime {now}\n{text}".encode())
        raw = self.key_id + now.to_bytes(8, "big") + signature
        return f"— {self.name} {base64.b64encode(raw).decode()}\n"
