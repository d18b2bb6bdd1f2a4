"""A real clamd with one signature, that of the EICAR test file; or a stand-in that answers as it would."""

import os
import shutil
import signal
import socket
import socketserver
import struct
import subprocess
import threading
import time

# Written in two parts, so that no scanner takes this file for the test file.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}" + rb"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
PROGRAM = shutil.which("clamd") or ("/usr/sbin/clamd" if os.path.exists("/usr/sbin/clamd") else None)


class RealClamd:
    """``clamd`` in the foreground on a Unix socket below ``folder``, with a local signature and no others."""

    def __init__(self, folder):
        self.socket = str(folder / "clamd.sock")
        signatures = folder / "signatures"
        signatures.mkdir()
        (signatures / "local.ndb").write_text(f"Local.EICAR:0:*:{EICAR.hex()}\n")
        config = folder / "clamd.conf"
        config.write_text(
            f"Foreground yes\nLocalSocket {self.socket}\nDatabaseDirectory {signatures}\n"
            "MaxThreads 2\nStreamMaxLength 20M\nSelfCheck 0\n"
        )
        self.url = f"clamd://{self.socket}"
        self.process = subprocess.Popen(
            [PROGRAM, "--config-file", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._wait()

    def _wait(self):
        until = time.time() + 30
        while time.time() < until and self.process.poll() is None:
            with socket.socket(socket.AF_UNIX) as probe:
                if probe.connect_ex(self.socket) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError("clamd did not start")

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)


class StandIn(socketserver.ThreadingTCPServer):
    """Speaks INSTREAM on loopback; ``says`` overrides what it answers, ``None`` hangs up without a word."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Answer)
        self.says = ""
        self.seen = 0
        self.url = f"clamd://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def close(self):
        self.shutdown()
        self.server_close()


class _Answer(socketserver.StreamRequestHandler):
    def handle(self):
        assert self.rfile.read(10) == b"zINSTREAM\0"
        content = b""
        while length := struct.unpack("!I", self.rfile.read(4))[0]:
            content += self.rfile.read(length)
        self.server.seen = len(content)
        if self.server.says is None:
            return
        said = self.server.says or ("stream: Local.EICAR.UNOFFICIAL FOUND" if EICAR in content else "stream: OK")
        self.wfile.write(said.encode() + b"\0")
