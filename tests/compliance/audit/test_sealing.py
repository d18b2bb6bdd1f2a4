"""Bundles for one reader only."""

import pyrage
import pytest
from click.testing import CliRunner

from compliance.audit import cli, service
from compliance.audit.verify import verify_bundle
from tests import factories


@pytest.fixture
def reader():
    return pyrage.x25519.Identity.generate()


@pytest.fixture
def sealed(committed_app, reader, tmp_path):
    """A bundle that was written for this reader, by the command."""
    factories.merchant()
    service.sequence()
    path = tmp_path / "trail.zip.age"
    done = CliRunner().invoke(cli.audit, ["export", "--recipient", str(reader.to_public()), "--out", str(path)])
    assert done.exit_code == 0, done.output
    return path


def verify(path, *more):
    return CliRunner().invoke(cli.audit, ["verify", str(path), *map(str, more)])


def test_only_the_reader_can_open_it(sealed, reader, tmp_path):
    mine, others, vkey = tmp_path / "my.key", tmp_path / "other.key", tmp_path / "vkey"
    mine.write_text(f"# made today\n{reader}\n")
    others.write_text(str(pyrage.x25519.Identity.generate()))
    vkey.write_text(str(service.signer().vkey))
    assert verify(sealed, "--identity", mine, "--vkey", vkey).exit_code == 0
    wrong = verify(sealed, "--identity", others)
    assert wrong.exit_code == 2
    assert "can't be decrypted" in wrong.output
    assert verify(sealed, "--identity", vkey).exit_code == 2, "no age key at all"


def test_without_its_key_it_is_named_as_what_it_is(sealed):
    report = verify_bundle(sealed)
    assert report.codes == {"encrypted"}
    assert report.exit_code == 2


def test_one_that_was_changed_or_cut_does_not_open(sealed, reader, tmp_path):
    key, raw = tmp_path / "my.key", sealed.read_bytes()
    key.write_text(str(reader))
    for changed in (raw[:-1], raw[: len(raw) // 2], raw[:-5] + bytes([raw[-5] ^ 1]) + raw[-4:], b"", b"x" * 99):
        sealed.write_bytes(changed)
        done = verify(sealed, "--identity", key)
        assert done.exit_code == 2
        assert isinstance(done.exception, SystemExit)


def test_what_is_no_public_key_writes_nothing(committed_app, tmp_path, reader):
    factories.merchant()
    service.sequence()
    for wrong in ("age1xyz", str(reader), ""):
        done = CliRunner().invoke(cli.audit, ["export", "--recipient", wrong, "--out", str(tmp_path / "x")])
        assert done.exit_code == 1
        assert "age public key" in done.output
    assert list(tmp_path.iterdir()) == []
