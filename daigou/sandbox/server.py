"""HTTP/1.1 on the loopback address, one thread per connection."""

import logging
import socket
import struct
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from daigou.sandbox.app import Sandbox
from daigou.sandbox.wire import Hang, Request, Response, as_json

log = logging.getLogger("daigou.sandbox")
BODY_LIMIT = 10 * 2**20
LOOPBACK = "127.0.0.1"


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    sandbox: Sandbox

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is its own business."""
        log.debug("connection ended", exc_info=True)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "daigou-sandbox"
    disable_nagle_algorithm = True
    server: Server

    def _serve(self) -> None:
        request = self._read()
        if request is None:
            return
        try:
            answer = self._checked(request)
        except Hang as hang:
            self._drop(hang)
            return
        except Exception:
            log.exception("%s %s failed", request.method, request.path)
            answer = as_json({"error": {"message": "The sandbox has a defect.", "type": "api_error"}}, 500)
        self._write(answer)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve

    def _read(self) -> Request | None:
        length = max(int(self.headers.get("Content-Length") or 0), 0)
        if length > BODY_LIMIT:
            self.close_connection = True
            self._write(as_json({"error": {"message": "The body is too large."}}, 413))
            return None
        body = self.rfile.read(length) if length else b""
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Request(self.command, unquote(parts.path), parts.query, headers, body)

    def _checked(self, request: Request) -> Response:
        """Loopback is reachable from any web page in the same browser, so names and origins are looked at."""
        host = request.headers.get("host", "")
        known = {urlsplit(self.server.sandbox.settings.public_url).netloc}
        known |= {f"{name}:{self.server.server_port}" for name in (LOOPBACK, "localhost")}
        origin = request.headers.get("origin")
        foreign = origin is not None and urlsplit(origin).netloc not in known
        if host not in known or (foreign and request.method != "GET"):
            return as_json({"error": {"message": "This sandbox answers to its own address only."}}, 403)
        return self.server.sandbox.respond(request)

    def _write(self, answer: Response) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers_with(answer.body)

    def end_headers_with(self, body: bytes) -> None:
        """Head and body in one packet: two small ones would wait for each other's acknowledgement."""
        self._headers_buffer.append(b"\r\n" + body)  # type: ignore[attr-defined]
        self.flush_headers()

    def _drop(self, hang: Hang) -> None:
        time.sleep(hang.seconds)
        if hang.reset:
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        log.debug(format, *args)


def listen(port: int) -> Server:
    """Bind now, so that the port is known before the sandbox is made; serve later."""
    return Server((LOOPBACK, port), Handler)
