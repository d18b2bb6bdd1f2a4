"""DAIGOU_HOME: the one folder of the one-machine default, its layout, its secrets and its lock."""

import base64
import contextlib
import fcntl
import hashlib
import json
import os
import pwd
import secrets
import stat
import tempfile
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

UNPRIVILEGED = "nobody"  # whom root lets PostgreSQL run as
CHECKOUT = Path(__file__).resolve().parents[2]


class CannotStart(Exception):
    """Said to the person in plain words; never a stack trace."""


class Home:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.postgres = folder / "postgres"
        self.redis = folder / "redis"
        self.sandbox = folder / "sandbox"
        self.files = folder / "files"
        self.logs = folder / "logs"
        self.private = folder / "secrets"
        self.env_file = folder / "env.json"
        self.logins_file = folder / "demo-logins.json"
        self.sandbox_config = self.private / "sandbox.json"

    @classmethod
    def at(cls, environ: Mapping[str, str] = os.environ) -> "Home":
        return cls(Path(environ.get("DAIGOU_HOME") or CHECKOUT / ".home").expanduser().absolute())

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(os.fsencode(self.folder.resolve())).hexdigest()[:12]

    @cached_property
    def sockets(self) -> Path:
        """Short by law: a socket's whole path may have about 100 bytes, wherever DAIGOU_HOME is."""
        name = f"daigou-{os.getuid()}-{self.digest}"
        usual = Path(tempfile.gettempdir()) / name
        return usual if len(os.fsencode(usual)) <= 80 else Path("/tmp") / name  # noqa: S108  claim() refuses a planted one

    def prepare(self) -> None:
        # A root-started PostgreSQL runs as another user, who must be able to pass through (not to look).
        make_folder(self.folder, 0o711 if os.getuid() == 0 else 0o700)
        for folder in (self.redis, self.sandbox, self.files, self.logs, self.private):
            make_folder(folder, 0o700)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Held as long as the supervisor lives, and given back by the kernel however it dies."""
        with open(self.folder / "lock", "a+") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as busy:
                handle.seek(0)
                who = handle.read().strip() or "unknown"
                raise CannotStart(
                    f"It already runs from {self.folder} (process {who}).\n"
                    "Stop that one, or choose another folder and port: DAIGOU_HOME=… PORT=… make run"
                ) from busy
            handle.truncate(0)
            handle.write(str(os.getpid()))
            handle.flush()
            yield

    def is_running(self) -> bool:
        try:
            with open(self.folder / "lock") as handle:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except OSError:
            return True
        return False

    def secrets(self) -> dict[str, str]:
        """What was made at random at the first start. Kept in files that only the owner reads."""
        kept = self.private / "made-once.json"
        if kept.exists():
            return dict(read_json(kept))
        if (self.postgres / "PG_VERSION").exists():
            raise CannotStart(
                f"{kept} is gone, but {self.postgres} holds data that was encrypted with its keys.\n"
                "Bring the secrets folder back, or start afresh in another DAIGOU_HOME."
            )
        write_private(self.private / "kek", f"k1:{random_key()}\n")
        write_private(self.private / "blind-index-key", random_key() + "\n")
        made = {
            "SECRET_KEY": secrets.token_urlsafe(48),
            "AUDIT_ORIGIN": f"daigou.localhost/{secrets.token_hex(4)}",
            "STRIPE_SECRET_KEY": f"sk_test_sandbox{secrets.token_hex(16)}",
            "STRIPE_WEBHOOK_SECRET": f"whsec_{secrets.token_hex(16)}",
            "EASYPOST_API_KEY": f"EZTKsandbox{secrets.token_hex(16)}",
            "EASYPOST_WEBHOOK_SECRET": secrets.token_hex(24),
        }
        make_log_key(self.private / "audit.key", made["AUDIT_ORIGIN"])
        write_private(kept, json.dumps(made, indent=1))
        return made


def environment(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The settings of the stack in DAIGOU_HOME, for commands beside it; empty when there never was one."""
    try:
        return dict(read_json(Home.at(environ).env_file))
    except (FileNotFoundError, PermissionError):
        return {}


def make_folder(folder: Path, mode: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if stat.S_IMODE(folder.stat().st_mode) != mode:
        folder.chmod(mode)


def claim(folder: Path) -> None:
    """Make it, for its owner only. One that somebody else made at this name is refused, not used."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        allowed = {os.getuid()} | ({pwd.getpwnam(UNPRIVILEGED).pw_uid} if os.getuid() == 0 else set())
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in allowed:
            raise CannotStart(f"{folder} belongs to somebody else. Have it removed.") from None
    folder.chmod(0o700)


def make_log_key(path: Path, origin: str) -> None:
    """The key that signs the audit log's checkpoints. One that a start made and did not live to use is made again."""
    from compliance.audit.note import create_key_file  # cryptography is loaded at the first start only

    path.unlink(missing_ok=True)
    create_key_file(path, origin)


def write_private(path: Path, text: str) -> None:
    """Whole or not at all, and never readable by others, not even for a moment."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(path)


def read_json(path: Path) -> Any:
    return json.loads(path.read_text())


def random_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
