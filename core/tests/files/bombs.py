"""Small files that would become very large."""

import io
import struct
import zlib

from core.tests.files.hostile import archive, png_of
from core.tests.files.samples import office

MEGABYTE = 1024 * 1024
NAME = b"[Content_Types].xml"


def many_parts(count=1_000_000, *, large=False):
    """An archive of so many empty parts. `large`: the directory says its size in the way of archives above 4 GB."""
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 0, 0, 0, 0, 0, 0, len(NAME), 0) + NAME
    entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, len(NAME), 0, 0, 0, 0, 0, 0) + NAME
    length, start = len(entry) * count, len(local)
    size = 0 if large else length
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1 if large else count % 65536, 1, size, start, 0)
    more = b""
    if large:
        more = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, length, start)
        more += struct.pack("<4sLQL", b"PK\x06\x07", 0, start + length, 1)
    return io.BytesIO(local + entry * count + more + end)


def zeros(megabytes):
    """A document whose text is nothing but zeros."""
    return io.BytesIO(office(body=bytes(megabytes * MEGABYTE)))


def lying(megabytes=20):
    """A document that says its text is short; it goes on and on."""
    data = bytearray(office(body=bytes(megabytes * MEGABYTE)))
    real, said = struct.pack("<L", megabytes * MEGABYTE), struct.pack("<L", 500)
    at = data.find(real)
    while at >= 0:
        data[at : at + 4] = said
        at = data.find(real, at + 4)
    return io.BytesIO(bytes(data))


def entities():
    levels = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    return io.BytesIO(office(body=f'<!DOCTYPE d [<!ENTITY a0 "ha">{levels}]><d>&a9;</d>'.encode()))


def nested(levels=6):
    data = archive(**{"a.bin": bytes(10 * MEGABYTE)})
    for level in range(levels):
        data = archive(**{f"{level}-{copy}.zip": data for copy in range(16)})
    return io.BytesIO(data)


def zipped_zeros():
    """Ten gigabytes of zeros, as members of twenty megabytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    piece = bytes(MEGABYTE)
    member = b"".join(packer.compress(piece) for _ in range(20)) + packer.flush()
    return io.BytesIO(member * 500)


def wide_tiff():
    """The head of a picture of 60,000 × 60,000."""
    tags = [(256, 4, 60_000), (257, 4, 60_000), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 8), (278, 4, 60_000)]
    entries = b"".join(struct.pack("<2HLL", tag, kind, 1, value) for tag, kind, value in [*tags, (279, 4, 100)])
    return io.BytesIO(b"II*\x00\x08\x00\x00\x00" + struct.pack("<H", len(tags) + 1) + entries + bytes(4))


BOMBS = {
    "a million parts": many_parts,
    "a million parts, said elsewhere": lambda: many_parts(large=True),
    "zeros": lambda: zeros(110),
    "zeros that unpack suspiciously far": lambda: zeros(40),
    "a part longer than it says": lying,
    "a billion laughs": entities,
    "archives in archives": nested,
    "ten gigabytes in a gzip": zipped_zeros,
    "50,000 × 50,000 PNG": lambda: io.BytesIO(png_of(50_000, 50_000)),
    "60,000 × 60,000 TIFF": wide_tiff,
}
