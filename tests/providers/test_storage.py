import resource
import signal
import socket
from contextlib import closing

import pytest

from daigou.providers import storage

CONTENT = [b"a" * 100_000, b"b" * 5, b"c" * 9_000_000]


@pytest.fixture(scope="session")
def s3():
    from moto.server import ThreadedMotoServer

    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    yield f"http://127.0.0.1:{port}"
    server.stop()


@pytest.fixture(params=["folder", "bucket"])
def place(request, tmp_path, monkeypatch):
    if request.param == "folder":
        return storage.from_url(tmp_path.as_uri())
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    made = storage.from_url(f"s3://papers/main?endpoint={request.getfixturevalue('s3')}&region=eu-central-1")
    if not made.client.list_buckets()["Buckets"]:
        made.client.create_bucket(Bucket="papers", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    return made


def test_what_was_put_is_there_and_can_go(place):
    assert place.put("files/ab/one", iter(CONTENT)) == 9_100_005
    assert b"".join(place.open("files/ab/one")) == b"".join(CONTENT)
    assert place.exists("files/ab/one")
    place.delete("files/ab/one")
    place.delete("files/ab/one")
    assert not place.exists("files/ab/one")
    with pytest.raises(storage.Missing):
        place.open("files/ab/one")


def test_an_empty_file_is_a_file(place):
    assert place.put("empty", []) == 0
    assert b"".join(place.open("empty")) == b""


def test_nothing_is_kept_of_what_breaks_half_way(place):
    def breaks():
        yield b"x" * 9_000_000
        raise OSError("the sender went away")

    with pytest.raises(OSError, match="went away"):
        place.put("files/half", breaks())
    assert not place.exists("files/half")


@pytest.mark.parametrize("key", ["../up", "/etc/passwd", "a//b", "", "A", "a/.hidden", "a/\0", "a\n", "x" * 200])
def test_only_our_own_kind_of_key_is_taken(tmp_path, key):
    place = storage.Folder(tmp_path)
    for method in (place.open, place.exists, place.delete, lambda k: place.put(k, [b"x"])):
        with pytest.raises(ValueError, match="not a storage key"):
            method(key)


def test_a_folder_keeps_its_files_to_its_owner_and_no_drafts(tmp_path):
    place = storage.Folder(tmp_path / "kept")
    place.put("files/one", [b"x"])
    (only,) = [p for p in (tmp_path / "kept").rglob("*") if p.is_file()]
    assert only.stat().st_mode & 0o077 == 0


def test_a_disk_that_is_full_or_gone_is_away_and_keeps_nothing(tmp_path):
    """A file stands where the folder should be; then no file may grow beyond a few bytes (what a full disk does)."""
    (tmp_path / "gone").write_text("")
    gone = storage.from_url((tmp_path / "gone").as_uri())
    for ask in (lambda: gone.put("files/one", CONTENT), lambda: gone.open("files/one")):
        with pytest.raises(storage.Away):
            ask()
    full = storage.from_url((tmp_path / "full").as_uri())
    limits, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, limits[1]))
    try:
        with pytest.raises(storage.Away, match="File too large"):
            full.put("files/one", CONTENT)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert not [path for path in (tmp_path / "full").rglob("*") if path.is_file()]
    assert full.put("files/one", [b"there is room again"]) == 19


def test_a_bucket_that_nobody_answers_for_is_away(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    nobody = storage.from_url("s3://papers?endpoint=http://127.0.0.1:9&region=eu-central-1")
    for ask in (lambda: nobody.put("one", [b"x"]), lambda: nobody.open("one"), lambda: nobody.exists("one")):
        with pytest.raises(storage.Away):
            ask()
