"""A large upload: sealed on its way, and never whole in memory."""

import io
import os
import tracemalloc

from django.core.files.uploadedfile import UploadedFile

from core.files import store
from core.files.attaching import measured
from core.files.sealing import new_key
from core.files.uploads import SealedTemporary, SealedUploadHandler

MEGABYTE = 1024 * 1024


def uploaded(pieces):
    handler = SealedUploadHandler()
    handler.new_file("file", "Photo.heic", "image/heic", None)
    size = 0
    for piece in pieces:
        handler.receive_data_chunk(piece, size)
        size += len(piece)
    return handler, handler.file_complete(size)


def test_an_upload_reads_as_it_was_sent_from_anywhere():
    content = os.urandom(200_000)
    _handler, file = uploaded([content[:70_000], content[70_000:70_001], content[70_001:]])
    file.seek(65_530)
    assert (file.read(12), file.size) == (content[65_530:65_542], 200_000)
    file.seek(-5, io.SEEK_END)
    assert file.read() == content[-5:]
    assert b"".join(file.chunks()) == content


def test_the_disk_sees_an_upload_only_sealed():
    handler, _file = uploaded([b"Canary of the shut-off notice " * 10_000])
    handle = handler.file._file.fileno()
    assert b"Canary" not in os.pread(handle, 400_000, 0)


def test_a_large_file_is_never_whole_in_memory(db):
    """A control: read at once, the same file is."""
    size = 25 * MEGABYTE
    piece = os.urandom(64 * 1024)

    def peak_of(work):
        tracemalloc.start()
        work()
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    def through():
        _handler, file = uploaded(piece for _ in range(size // len(piece)))
        assert isinstance(file, UploadedFile)
        assert measured(file)[0] == size
        file.seek(0)
        key = store.put(file, size, file_key=b"k" * 32)
        assert sum(map(len, store.read(key, size, file_key=b"k" * 32))) == size
        store.forget(key)

    assert peak_of(through) < 4 * MEGABYTE
    assert peak_of(lambda: bytes(size)) >= size


def test_what_was_interrupted_is_closed():
    handler = SealedUploadHandler()
    handler.new_file("file", "Photo.heic", "image/heic", None)
    handler.upload_interrupted()
    assert handler.file.closed


def test_a_key_is_made_anew_for_each_file():
    assert len({new_key() for _ in range(10)}) == 10


def test_an_empty_upload_is_empty():
    assert SealedTemporary().finish() == 0
