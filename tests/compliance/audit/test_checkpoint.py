import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.audit import checkpoint, note
from compliance.audit.checkpoint import Checkpoint, Keyring

# The example of golang.org/x/mod/sumdb/note: code that we did not write signed it.
GO_SKEY = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
GO_NOTE = (
    GO_TEXT
    + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSN"
    + "XgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
ORIGIN = "example.com/log"


@pytest.fixture(scope="module")
def keys():
    return [note.generate(ORIGIN) for _ in range(3)]


def test_a_note_signed_by_go_is_ours():
    vkey = note.parse_vkey(GO_VKEY)
    assert str(vkey) == GO_VKEY
    assert note.parse(GO_NOTE).signed_by(vkey)
    signer = note.parse_signer(GO_SKEY)
    assert str(signer.vkey) == GO_VKEY
    assert signer.secret() == GO_SKEY
    assert note.make(GO_TEXT, [signer]) == GO_NOTE


def test_a_checkpoint_says_what_it_was_given(keys):
    given_checkpoint = Checkpoint(ORIGIN, 7, bytes(range(32)))
    text = checkpoint.make(given_checkpoint, keys[:1])
    assert text.split("\n")[:4] == [ORIGIN, "7", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", ""]
    assert checkpoint.verify(text.encode(), ORIGIN, [keys[0].vkey]) == given_checkpoint


def test_extension_lines_are_kept(keys):
    text = checkpoint.make(Checkpoint(ORIGIN, 7, bytes(32), ("more", "lines")), keys[:1])
    assert checkpoint.parse(text)[0].extensions == ("more", "lines")


def test_another_log_and_another_key_are_refused(keys):
    text = checkpoint.make(Checkpoint(ORIGIN, 7, bytes(32)), keys[:1])
    with pytest.raises(note.NoteError, match="another log"):
        checkpoint.verify(text, "example.org/log", [keys[0].vkey])
    with pytest.raises(note.NoteError, match="no key"):
        checkpoint.verify(text, ORIGIN, [keys[1].vkey])


def test_several_keys_can_sign_and_one_is_enough(keys):
    text = checkpoint.make(Checkpoint(ORIGIN, 7, bytes(32)), keys[:2])
    assert checkpoint.verify(text, ORIGIN, [keys[1].vkey]).size == 7
    assert note.parse(text).signers(k.vkey for k in keys) == [keys[0].vkey, keys[1].vkey]


@given(st.data())
def test_no_changed_byte_passes(data):
    signer = note.parse_signer(GO_SKEY)
    text = bytearray(checkpoint.make(Checkpoint(ORIGIN, 1234, bytes(range(32))), [signer]).encode())
    place = data.draw(st.integers(0, len(text) - 1))
    text[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(note.NoteError):
        checkpoint.verify(bytes(text), ORIGIN, [signer.vkey])


@given(st.binary(max_size=200))
def test_rubbish_is_refused_without_a_traceback(data):
    for reader in (note.parse, checkpoint.parse, lambda d: note.parse_vkeys(d.decode("latin-1"))):
        with pytest.raises(note.NoteError):
            reader(data)


@pytest.mark.parametrize("origin", ["", "two words", "sha256:00", checkpoint.HANDOVER, "a\nb"])
def test_an_origin_can_not_pass_for_something_else(origin, keys):
    with pytest.raises(note.NoteError):
        checkpoint.make(Checkpoint(origin, 1, bytes(32)), keys[:1])


@pytest.mark.parametrize("size", ["-1", "01", "1.0", "", "9" * 30, "١"])
def test_a_size_has_one_spelling(size, keys):
    text = note.make(f"{ORIGIN}\n{size}\n{'A' * 43}=\n", keys[:1])
    with pytest.raises(note.NoteError):
        checkpoint.parse(text)


def test_the_key_file_is_private_and_never_overwritten(tmp_path):
    path = tmp_path / "log.key"
    os.umask(os.umask(0))
    signer = note.create_key_file(path, ORIGIN)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert note.load_key_file(path).vkey == signer.vkey
    with pytest.raises(note.KeyFileError, match="never overwritten"):
        note.create_key_file(path, ORIGIN)
    path.chmod(0o640)
    with pytest.raises(note.KeyFileError, match="chmod 600"):
        note.load_key_file(path)
    with pytest.raises(note.KeyFileError, match="can't be read"):
        note.load_key_file(tmp_path / "none")


def test_a_key_does_not_show_itself():
    signer = note.generate(ORIGIN)
    assert signer.secret().split("+", 4)[-1] not in repr(signer)


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "name",
        GO_VKEY.replace("c74f20a3", "c74f20a4"),
        GO_VKEY.replace("c74f20a3", "C74F20A3"),
        GO_VKEY.replace("Peter", "Paul"),
        GO_VKEY[:-4],
        "a b+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)
def test_a_bad_verifier_key_is_refused(bad):
    with pytest.raises(note.NoteError):
        note.parse_vkey(bad)


def test_a_vkey_file_has_comments_and_several_keys(keys):
    text = f"# the log\n{keys[0].vkey}\n\n{keys[1].vkey}\n"
    assert note.parse_vkeys(text) == [keys[0].vkey, keys[1].vkey]


def test_the_new_key_is_trusted_through_the_old_one(keys):
    old, new, stranger = keys
    handover = checkpoint.verify_handover(checkpoint.make_handover(ORIGIN, 10, old, new), ORIGIN)
    ring = Keyring.trusting([old.vkey]).follow([handover])
    at = {size: note.parse(checkpoint.make(Checkpoint(ORIGIN, size, bytes(32)), [new])) for size in (9, 10)}
    assert ring.signer_of(at[10], 10) == new.vkey
    assert ring.signer_of(at[9], 9) is None
    assert Keyring.trusting([stranger.vkey]).follow([handover]).vkeys == [stranger.vkey]


def test_the_old_key_is_trusted_through_the_new_one_for_what_was_before(keys):
    old, new, _ = keys
    handover = checkpoint.verify_handover(checkpoint.make_handover(ORIGIN, 10, old, new), ORIGIN)
    ring = Keyring.trusting([new.vkey]).follow([handover])
    at = {size: note.parse(checkpoint.make(Checkpoint(ORIGIN, size, bytes(32)), [old])) for size in (10, 11)}
    assert ring.signer_of(at[10], 10) == old.vkey
    assert ring.signer_of(at[11], 11) is None


def test_a_hand_over_needs_both_signatures(keys):
    old, new, stranger = keys
    text = checkpoint.Handover(ORIGIN, 10, old.vkey, new.vkey).text()
    for signers in ([old], [new], [old, stranger]):
        with pytest.raises(note.NoteError, match="signed by the old key"):
            checkpoint.verify_handover(note.make(text, signers), ORIGIN)
    with pytest.raises(note.NoteError, match="not a hand-over"):
        checkpoint.verify_handover(note.make(text, [old, new]), "example.org/log")
