"""The seal by itself: lengths at the edges of a chunk, and what it refuses to open."""

import io
import os

import pytest

from core.crypto import DecryptionError
from core.files.sealing import CHUNK, Seal, Sealing, new_key, opened, place_of, sealed_size

KEY = new_key()
SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7]


def sealed(content, name="one", key=KEY):
    return Sealing(io.BytesIO(content), len(content), Seal(key, name)).readall()


def plain(data, size, name="one", key=KEY):
    return b"".join(opened([data], Seal(key, name), size, 0, size))


@pytest.mark.parametrize("size", SIZES)
def test_what_was_sealed_opens_as_it_was(size):
    content = os.urandom(size)
    assert plain(sealed(content), size) == content


@pytest.mark.parametrize("size", SIZES)
def test_the_length_of_what_is_sealed_is_known_before(size):
    assert len(sealed(bytes(size))) == sealed_size(size)


@pytest.mark.parametrize("size", SIZES)
def test_all_of_it_stands_from_its_beginning_to_its_end(size):
    assert place_of(size, 0, size) == (0, sealed_size(size))


def test_the_same_content_under_another_name_or_key_is_not_opened():
    data = sealed(b"Rent due")
    for name, key in (("two", KEY), ("one", new_key())):
        with pytest.raises(DecryptionError):
            plain(data, 8, name, key)


@pytest.mark.parametrize("size", [0, CHUNK, 2 * CHUNK])
def test_what_was_cut_off_is_not_opened_as_a_shorter_file(size):
    data = sealed(bytes(2 * CHUNK + 5))[: sealed_size(size)]
    with pytest.raises(DecryptionError):
        plain(data, size)


def test_a_stream_that_is_shorter_than_was_said_is_not_sealed():
    with pytest.raises(OSError, match="shorter"):
        Sealing(io.BytesIO(b"short"), 10, Seal(KEY, "one")).readall()


def test_the_same_content_never_looks_the_same():
    assert sealed(b"Rent due", key=new_key()) != sealed(b"Rent due", key=new_key())
